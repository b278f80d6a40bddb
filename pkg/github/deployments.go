package github

import (
	"cmp"
	"context"
	_ "embed" // the query
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

//go:embed deployments.graphql
var deploymentsQuery string

const (
	// maxDeployments is how many records of one commit are read, maxStatuses how
	// many statuses of one record. Anyone who may write deployments can make more.
	maxDeployments = 1000
	maxStatuses    = 1000
	maxSuiteRuns   = 10000
	// ghostLogin is the account that GitHub shows for one that is gone.
	ghostLogin = "ghost"
)

// deployedNode is a commit with what was deployed of it.
type deployedNode struct {
	OID         string                     `json:"oid"`
	Deployments *graphPage[deploymentNode] `json:"deployments"`
	Suites      *graphPage[suiteLinks]     `json:"checkSuites"`
}

type deploymentNode struct {
	ID          int64                            `json:"databaseId"`
	Commit      string                           `json:"commitOid"`
	Environment string                           `json:"originalEnvironment"`
	CreatedAt   time.Time                        `json:"createdAt"`
	Task        string                           `json:"task"`
	Payload     string                           `json:"payload"`
	Creator     *actorNode                       `json:"creator"`
	Statuses    *graphPage[deploymentStatusNode] `json:"statuses"`
}

type deploymentStatusNode struct {
	ID        string     `json:"id"`
	State     string     `json:"state"`
	CreatedAt time.Time  `json:"createdAt"`
	LogURL    string     `json:"logUrl"`
	Creator   *actorNode `json:"creator"`
}

// suiteLinks is a check suite with the records of its jobs.
type suiteLinks struct {
	ID   int64               `json:"databaseId"`
	Runs *graphPage[jobLink] `json:"checkRuns"`
}

// jobLink is a check run, and the record that GitHub made for it; null for one
// that has none.
type jobLink struct {
	ID     int64 `json:"databaseId"`
	Record answered[struct {
		ID     int64  `json:"databaseId"`
		Commit string `json:"commitOid"`
	}] `json:"deployment"`
}

// deploymentCursors say where the pages of the lists begin; "" is the beginning.
type deploymentCursors struct{ deployments, statuses, suites, runs string }

// deploymentLists reads the lists of one commit. The first answer has the
// beginning of all of them.
type deploymentLists struct {
	reader *Reader
	first  *deployedNode
}

// Deployments reads every record of a deployment of the subject's commit with all
// its statuses, by their numbers, and which job GitHub itself made it for. GitHub
// tells that of the job and not of the record, so the check runs of the commit are
// looked through until every record has its job, or to the end.
//
// A record of another commit is Inconsistent, and so is one that GitHub says it
// made for two jobs. A job whose record is not listed was begun meanwhile, or the
// list is not whole: it is asked for twice, then Incomplete. A job whose record is
// of another commit, as that of a pull request's merge can be, links nothing.
//
// Requests: one, with GraphQL; one more for every further page of a list.
func (r *Reader) Deployments(ctx context.Context) fact.Known[[]fact.Deployment] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[[]fact.Deployment](*missing)
	}
	var found []fact.Deployment
	err := twice(func(int) (err error) {
		lists := deploymentLists{reader: r}
		found, err = lists.read(ctx)
		return err
	})
	if err != nil {
		return fact.Lost[[]fact.Deployment](*r.missing("POST graphql", err, fact.NeedDeployments.TokenPermission()))
	}
	return fact.Of(found, fact.Source{From: graphSource, URL: r.session().set.Repository.OrZero().URL + "/deployments"})
}

func (l *deploymentLists) read(ctx context.Context) ([]fact.Deployment, error) {
	nodes, err := l.records(ctx)
	if err != nil {
		return nil, err
	}
	records := make([]fact.Deployment, len(nodes))
	at := map[int64]*fact.Deployment{}
	for i, node := range nodes {
		if records[i], err = l.record(node); err != nil {
			return nil, err
		}
		at[records[i].ID] = &records[i]
	}
	links, err := l.links(ctx, at)
	if err != nil {
		return nil, err
	}
	for _, each := range links {
		if err := l.link(at, each); err != nil {
			return nil, err
		}
	}
	order.By(records, func(a, b fact.Deployment) int { return cmp.Compare(a.ID, b.ID) })
	return records, nil
}

// link gives a record the job that GitHub made it for.
func (l *deploymentLists) link(records map[int64]*fact.Deployment, job *jobLink) error {
	made := job.Record.value
	switch {
	case made == nil:
		return nil
	case made.ID <= 0 || shaOf(made.Commit) == "":
		return incomplete(fmt.Sprintf("POST graphql: the answer does not hold all of the deployment of job %d", job.ID))
	case made.Commit != string(l.reader.subject.SHA):
		return nil
	case records[made.ID] == nil:
		return &changedError{fmt.Sprintf("POST graphql: job %d has deployment %d, which is not listed", job.ID, made.ID)}
	case records[made.ID].Job != 0:
		return inconsistent(fmt.Sprintf("POST graphql: deployment %d is that of the jobs %d and %d", made.ID, records[made.ID].Job, job.ID))
	}
	records[made.ID].Job = job.ID
	return nil
}

// record checks a record and reads its statuses.
func (l *deploymentLists) record(node *deploymentNode) (fact.Deployment, error) {
	name := fmt.Sprintf("deployment %d", node.ID)
	switch {
	case node.Environment == "" || node.CreatedAt.IsZero():
		return fact.Deployment{}, incomplete("POST graphql: the answer does not hold all of " + name)
	case node.Commit != string(l.reader.subject.SHA):
		return fact.Deployment{}, inconsistent(fmt.Sprintf("POST graphql: asked for deployments of %s, %s is of %q", l.reader.subject.SHA, name, node.Commit))
	}
	made := fact.Deployment{
		ID: node.ID, Environment: node.Environment, Creator: node.Creator.living(), CreatedAt: node.CreatedAt.UTC(),
		Task: node.Task, Payload: node.Payload, Statuses: []fact.DeploymentStatus{},
	}
	for _, each := range node.Statuses.Nodes {
		if each.State == "" || each.CreatedAt.IsZero() {
			return fact.Deployment{}, incomplete("POST graphql: the answer does not hold all of a status of " + name)
		}
		made.Statuses = append(made.Statuses, fact.DeploymentStatus{
			State: strings.ToLower(each.State), At: each.CreatedAt.UTC(), Creator: each.Creator.living(), LogURL: each.LogURL,
		})
	}
	order.By(made.Statuses, func(a, b fact.DeploymentStatus) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.State, b.State))
	})
	return made, nil
}

// living is person, but nil for the account that stands for those that are gone.
func (a *actorNode) living() *fact.Person {
	if person := a.person(); person != nil && person.Login != ghostLogin {
		return person
	}
	return nil
}

// page reads the pages that begin at the cursors.
func (l *deploymentLists) page(ctx context.Context, at deploymentCursors) (*deployedNode, error) {
	if at == (deploymentCursors{}) && l.first != nil {
		return l.first, nil
	}
	r := l.reader
	variables := map[string]string{"owner": r.owner, "name": r.name, "sha": string(r.subject.SHA)}
	for name, cursor := range map[string]string{"deployments": at.deployments, "statuses": at.statuses, "suites": at.suites, "runs": at.runs} {
		if cursor != "" {
			variables[name] = cursor
		}
	}
	answer, missing := ask[aliasAnswer](ctx, r, deploymentsQuery+accountFragment, variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedDeployments.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameAliases(answer.Data.Repository)
	}
	if missing != nil {
		return nil, missing
	}
	var node *deployedNode
	if err := json.Unmarshal(answer.Data.Repository["object"], &node); err != nil || node == nil {
		return nil, incomplete("POST graphql: the answer does not hold the commit in the shape GitHub documents")
	}
	if node.OID != string(r.subject.SHA) {
		return nil, inconsistent(fmt.Sprintf("POST graphql: asked for %s, the answer is %q", r.subject.SHA, node.OID))
	}
	if at == (deploymentCursors{}) {
		l.first = node
	}
	return node, nil
}

// records reads all records, each with all its statuses.
func (l *deploymentLists) records(ctx context.Context) ([]*deploymentNode, error) {
	begins := map[int64]string{} // the cursor of the page that a record is on
	nodes, err := graphList[deploymentNode]{
		name: "POST graphql: the deployments", most: maxDeployments, key: func(n *deploymentNode) string { return numberKey("deployment", n.ID) },
		fetch: func(after string) (*graphPage[deploymentNode], error) {
			node, err := l.page(ctx, deploymentCursors{deployments: after})
			if err != nil {
				return nil, err
			}
			node.Deployments.each(func(n *deploymentNode) { begins[n.ID] = after })
			return node.Deployments, nil
		},
	}.read()
	if err != nil {
		return nil, err
	}
	for _, node := range nodes {
		statuses, err := graphList[deploymentStatusNode]{
			name: fmt.Sprintf("POST graphql: the statuses of deployment %d", node.ID), most: maxStatuses, key: func(n *deploymentStatusNode) string { return n.ID },
			fetch: func(after string) (*graphPage[deploymentStatusNode], error) {
				return l.statuses(ctx, node, deploymentCursors{deployments: begins[node.ID], statuses: after})
			},
		}.read()
		if err != nil {
			return nil, err
		}
		node.Statuses.Nodes = statuses
	}
	return nodes, nil
}

// statuses reads a page of the statuses of a record.
func (l *deploymentLists) statuses(ctx context.Context, of *deploymentNode, at deploymentCursors) (*graphPage[deploymentStatusNode], error) {
	if at.statuses == "" {
		return of.Statuses, nil
	}
	node, err := l.page(ctx, at)
	if err != nil {
		return nil, err
	}
	var found *graphPage[deploymentStatusNode]
	node.Deployments.each(func(n *deploymentNode) {
		if n.ID == of.ID {
			found = n.Statuses
		}
	})
	return found, nil // nil is refused: the list is not there
}

// links reads the check runs of the commit. A suite that goes on behind its first
// page is read on only while a record has no job yet: a commit can have thousands
// of checks, and a record that was posted has none at all.
func (l *deploymentLists) links(ctx context.Context, records map[int64]*fact.Deployment) ([]*jobLink, error) {
	begins := map[int64]string{}
	suites, err := graphList[suiteLinks]{
		name: "POST graphql: the check suites", most: suiteCap, key: func(n *suiteLinks) string { return numberKey("check suite", n.ID) },
		fetch: func(after string) (*graphPage[suiteLinks], error) {
			node, err := l.page(ctx, deploymentCursors{suites: after})
			if err != nil {
				return nil, err
			}
			node.Suites.each(func(n *suiteLinks) { begins[n.ID] = after })
			return node.Suites, nil
		},
	}.read()
	if err != nil {
		return nil, err
	}
	var all []*jobLink
	for _, suite := range suites {
		suite.Runs.each(func(job *jobLink) { all = append(all, job) })
	}
	if jobless(records, all) == 0 {
		return all, nil
	}
	all = nil
	for _, suite := range suites {
		runs, err := graphList[jobLink]{
			name: fmt.Sprintf("POST graphql: the check runs of suite %d", suite.ID), most: maxSuiteRuns, key: (*jobLink).key,
			fetch: func(after string) (*graphPage[jobLink], error) {
				return l.suiteRuns(ctx, suite, deploymentCursors{suites: begins[suite.ID], runs: after})
			},
		}.read()
		if err != nil {
			return nil, err
		}
		all = append(all, runs...)
	}
	return all, nil
}

// jobless counts the records that none of the check runs is linked to.
func jobless(records map[int64]*fact.Deployment, links []*jobLink) int {
	linked := map[int64]bool{}
	for _, each := range links {
		if made := each.Record.value; made != nil && records[made.ID] != nil {
			linked[made.ID] = true
		}
	}
	return len(records) - len(linked)
}

// suiteRuns reads a page of the check runs of a suite.
func (l *deploymentLists) suiteRuns(ctx context.Context, of *suiteLinks, at deploymentCursors) (*graphPage[jobLink], error) {
	if at.runs == "" {
		return of.Runs, nil
	}
	node, err := l.page(ctx, at)
	if err != nil {
		return nil, err
	}
	var found *graphPage[jobLink]
	node.Suites.each(func(n *suiteLinks) {
		if n.ID == of.ID {
			found = n.Runs
		}
	})
	return found, nil
}

// key tells check runs apart; "" where the answer leaves out whether there is a
// record.
func (j *jobLink) key() string {
	if !j.Record.here {
		return ""
	}
	return numberKey("check run", j.ID)
}

// numberKey is the key of something with a number; "" where it has none.
func numberKey(what string, number int64) string {
	if number <= 0 {
		return ""
	}
	return what + " " + strconv.FormatInt(number, 10)
}

// each visits the nodes that are there. Whether all are, read sees to.
func (p *graphPage[T]) each(visit func(*T)) {
	if p == nil {
		return
	}
	for _, node := range p.Nodes {
		if node != nil {
			visit(node)
		}
	}
}
