package github

import (
	"cmp"
	"context"
	_ "embed" // the query
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

//go:embed open_deployments.graphql
var openDeploymentsQuery string

const (
	openDeploymentsSource = "graphql and GET /repos/{owner}/{repo}/actions/runs/{run_id}"
	// newestDeployments is how many records of an environment are looked at.
	newestDeployments = 100

	stateInProgress = "in_progress"
)

// notOpen are the states of a deployment that has ended, or deploys nothing yet:
// one that waits has its reviewers before it. A state that GitHub may add counts
// as open.
var notOpen = []string{"error", "failure", "inactive", "success", "waiting"}

// openDeploymentNode is a record with what was said of it.
type openDeploymentNode struct {
	ID          int64                          `json:"databaseId"`
	Commit      string                         `json:"commitOid"`
	Environment string                         `json:"environment"`
	CreatedAt   time.Time                      `json:"createdAt"`
	Payload     string                         `json:"payload"`
	Creator     *actorNode                     `json:"creator"`
	Latest      answered[deploymentStatusNode] `json:"latestStatus"`
	// Statuses are the first hundred, in an order that GitHub does not tell.
	Statuses *connection[deploymentStatusNode] `json:"statuses"`
}

// OpenDeployments reads which deployments to an environment have begun and not
// ended, out of its newest hundred records, by their numbers; how the workflow run
// stands that each names; and nothing of those that wait for a review. Names of
// environments are compared without case, as GitHub does.
//
// A run is named by the page of its log in the newest status, if that is a page of
// this repository, else by "run_id" in the payload. Whoever may write deployments
// can name any run. A run that is not there is NotFound.
//
// Requests: one, with GraphQL, and one at the same time for each run.
func (r *Reader) OpenDeployments(ctx context.Context, environment string) fact.Known[[]fact.OpenDeployment] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[[]fact.OpenDeployment](*missing)
	}
	if environment == "" {
		return fact.Lost[[]fact.OpenDeployment](fact.Missing{Reason: fact.NotFound, Detail: "the stage has no environment, so nothing says what is deployed to it"})
	}
	var nodes []*openDeploymentNode
	err := twice(func(int) (err error) {
		nodes, err = r.newestDeployments(ctx, environment)
		return err
	})
	if err != nil {
		return fact.Lost[[]fact.OpenDeployment](*r.missing("POST graphql", err, fact.NeedOpenDeployments.TokenPermission()))
	}
	open := []fact.OpenDeployment{}
	for _, node := range nodes {
		if strings.EqualFold(node.Environment, environment) && !slices.Contains(notOpen, node.state()) {
			open = append(open, r.openDeployment(node))
		}
	}
	order.By(open, func(a, b fact.OpenDeployment) int { return cmp.Compare(a.ID, b.ID) })
	r.fillRuns(ctx, open)
	page := r.session().set.Repository.OrZero().URL + "/deployments/" + url.PathEscape(environment)
	return fact.Of(open, fact.Source{From: openDeploymentsSource, URL: page})
}

// newestDeployments reads the newest records, newest first. Servers may make pages
// smaller than asked for.
func (r *Reader) newestDeployments(ctx context.Context, environment string) ([]*openDeploymentNode, error) {
	return graphList[openDeploymentNode]{
		name: "POST graphql: the deployments to " + environment, most: 1 << 30, enough: newestDeployments,
		key: (*openDeploymentNode).key,
		fetch: func(after string) (*graphPage[openDeploymentNode], error) {
			page, missing := r.deploymentsPage(ctx, environment, after)
			if missing != nil {
				return nil, missing
			}
			return page, nil
		},
	}.read()
}

// deploymentsPage reads a page of records.
func (r *Reader) deploymentsPage(ctx context.Context, environment, after string) (*graphPage[openDeploymentNode], *fact.Missing) {
	lower := strings.ToLower(environment)
	variables := map[string]string{
		"owner": r.owner, "name": r.name,
		"written": environment, "lower": lower, "upper": strings.ToUpper(environment), "title": capitalized(lower),
	}
	if after != "" {
		variables["after"] = after
	}
	answer, missing := ask[aliasAnswer](ctx, r, openDeploymentsQuery+accountFragment, variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedOpenDeployments.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameAliases(answer.Data.Repository)
	}
	if missing != nil {
		return nil, missing
	}
	var page *graphPage[openDeploymentNode]
	if err := json.Unmarshal(answer.Data.Repository["deployments"], &page); err != nil {
		return nil, incomplete("POST graphql: the answer does not hold the deployments in the shape GitHub documents")
	}
	return page, nil
}

// capitalized returns a text with a capital in front.
func capitalized(text string) string {
	runes := []rune(text)
	return strings.ToUpper(string(runes[:1])) + string(runes[1:])
}

// key tells records apart; "" for one of which something is left out.
func (n *openDeploymentNode) key() string {
	latest := n.Latest.value
	whole := shaOf(n.Commit) != "" && n.Environment != "" && !n.CreatedAt.IsZero() && n.Latest.here && n.Statuses.total() >= 0 &&
		(latest == nil || latest.State != "" && !latest.CreatedAt.IsZero())
	if !whole {
		return ""
	}
	return numberKey("deployment", n.ID)
}

// state is the newest status in lower case, "" where there is none.
func (n *openDeploymentNode) state() string {
	if n.Latest.value == nil {
		return ""
	}
	return strings.ToLower(n.Latest.value.State)
}

// openDeployment reads a record, but for its run.
func (r *Reader) openDeployment(node *openDeploymentNode) fact.OpenDeployment {
	page := r.session().set.Repository.OrZero().URL
	open := fact.OpenDeployment{
		ID: node.ID, Environment: node.Environment, SHA: fact.SHA(node.Commit), Creator: node.Creator.living(),
		CreatedAt: node.CreatedAt.UTC(), State: node.state(), Began: node.began(), URL: page + "/deployments/" + url.PathEscape(node.Environment),
	}
	if latest := node.Latest.value; latest != nil {
		open.Since, open.RunID = latest.CreatedAt.UTC(), runOfPage(page, latest.LogURL)
	}
	if open.RunID == 0 {
		open.RunID = runOfPayload(node.Payload)
	}
	return open
}

// began is when it was first said to be in progress.
func (n *openDeploymentNode) began() time.Time {
	var first time.Time
	if !n.Statuses.whole() {
		return first
	}
	for _, status := range n.Statuses.Nodes {
		at := status.CreatedAt.UTC()
		if strings.EqualFold(status.State, stateInProgress) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// runOfPage returns the run whose page, or whose job's page, an address of the
// repository is; 0 for every other.
func runOfPage(repository, address string) int64 {
	below := repository + "/actions/runs/"
	if repository == "" || len(address) <= len(below) || !strings.EqualFold(address[:len(below)], below) {
		return 0
	}
	number, _, _ := strings.Cut(address[len(below):], "/")
	return runNumber(number)
}

// runOfPayload returns the "run_id" of a payload, which is an object or the text
// of one; 0 where there is none.
func runOfPayload(payload string) int64 {
	var text string
	if json.Unmarshal([]byte(payload), &text) == nil {
		payload = text
	}
	var said struct {
		RunID json.RawMessage `json:"run_id"`
	}
	if json.Unmarshal([]byte(payload), &said) != nil {
		return 0
	}
	return runNumber(strings.Trim(string(said.RunID), `"`))
}

// runNumber reads the number of a run; 0 for what is none.
func runNumber(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0
	}
	return id
}

// fillRuns reads, at once, how the runs stand that records name.
func (r *Reader) fillRuns(ctx context.Context, open []fact.OpenDeployment) {
	states := map[int64]*fact.Known[fact.RunState]{}
	var jobs []func()
	for _, each := range open {
		if each.RunID == 0 || states[each.RunID] != nil {
			continue
		}
		into := &fact.Known[fact.RunState]{}
		states[each.RunID] = into
		jobs = append(jobs, func() { *into = r.runState(ctx, each.RunID) })
	}
	together(jobs)
	for i, each := range open {
		if state := states[each.RunID]; state != nil {
			open[i].Run = *state
			continue
		}
		open[i].Run = fact.Lost[fact.RunState](fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("deployment %d names no workflow run", each.ID)})
	}
}

// runState reads how a run stands.
func (r *Reader) runState(ctx context.Context, id int64) fact.Known[fact.RunState] {
	asked := fmt.Sprintf("repos/%s/%s/actions/runs/%d", r.owner, r.name, id)
	var run recentRunNode
	resp, err := r.get(ctx, asked+"?exclude_pull_requests=true", &run)
	if err == nil {
		err = r.sameRepository(asked, resp)
	}
	if err == nil {
		err = run.isRun(id, r.session().repository)
	}
	if err != nil {
		return fact.Lost[fact.RunState](*r.missing("GET /"+asked, err, jobsPermission))
	}
	return fact.Of(fact.RunState{
		ID: run.ID, Status: strings.ToLower(run.Status), Conclusion: strings.ToLower(run.Conclusion), URL: run.URL,
		UpdatedAt: run.UpdatedAt.UTC(), StartedAt: run.StartedAt.UTC(),
	}, fact.Source{From: openDeploymentsSource, URL: run.URL})
}

// isRun checks that an answer is about a run of this repository, and whole.
func (n recentRunNode) isRun(id, repository int64) error {
	ended := strings.EqualFold(n.Status, runCompleted)
	switch {
	case n.Status == "" || ended && n.Conclusion == "" || n.UpdatedAt.IsZero() || n.URL == "" || n.Repository == nil:
		return incomplete(fmt.Sprintf("the answer does not hold all of workflow run %d", id))
	case n.ID != id || n.Repository.ID != repository:
		return inconsistent(fmt.Sprintf("asked for workflow run %d of repository %d, the answer is about %d of %d", id, repository, n.ID, n.Repository.ID))
	}
	return nil
}
