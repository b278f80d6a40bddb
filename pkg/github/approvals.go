package github

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"path"
	"strconv"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

// approvalNode is a run of the workflow by which people approve.
type approvalNode struct {
	workflowRun
	Title   *string `json:"display_title"`
	Attempt int64   `json:"run_attempt"`
	// The actors are null when the account is gone.
	Actor           answered[gh.User] `json:"actor"`
	TriggeringActor answered[gh.User] `json:"triggering_actor"`
}

// ApprovalRuns reads the runs of a workflow that people started by hand on the
// default branch, newest first by the time of their creation. workflow is the
// path of its file. Kept are the runs of just this file, in this repository and
// at a commit of it, by GitHub's numbers.
//
// GitHub lists 1,000 runs at most. Where there are more, nothing is known: a
// rejection blocks whoever else approves, until the same person takes it back.
// One that is older than the newest 1,000 would be lost with the rest, and
// whoever may start the workflow could bury it below runs of their own.
//
// Requests: the first page, then all others at once; then one for each 25
// commits other than the tip of the default branch at which approvals of the
// subject's commit were started, if there are any.
func (r *Reader) ApprovalRuns(ctx context.Context, workflow string) fact.Known[[]fact.ApprovalRun] {
	known := r.approvalRuns(ctx, workflow)
	r.remember(func(seen *session) {
		seen.set.ApprovalRuns = extended(seen.set.ApprovalRuns, workflow, known)
	})
	return known
}

func (r *Reader) approvalRuns(ctx context.Context, workflow string) fact.Known[[]fact.ApprovalRun] {
	if !isWorkflow(workflow) {
		return fact.Lost[[]fact.ApprovalRun](fact.Missing{
			Reason: fact.NotFound, Detail: fmt.Sprintf("%q is not the path of a workflow", workflow),
			Fix: "Name a file directly below " + workflowFolder + ".",
		})
	}
	if missing := r.unread(); missing != nil {
		return fact.Lost[[]fact.ApprovalRun](*missing)
	}
	listed, missing := r.listApprovals(ctx, workflow)
	if missing != nil {
		return fact.Lost[[]fact.ApprovalRun](*missing)
	}
	here := r.session().repository
	runs := []fact.ApprovalRun{}
	for _, run := range listed {
		if run.Path == workflow && run.Repository.ID == here && run.HeadRepository != nil && run.HeadRepository.ID == here {
			runs = append(runs, run.approval())
		}
	}
	order.By(runs, func(a, b fact.ApprovalRun) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	if missing := r.findOrigins(ctx, workflow, runs); missing != nil {
		return fact.Lost[[]fact.ApprovalRun](*missing)
	}
	page := fmt.Sprintf("%s/actions/workflows/%s", r.session().set.Repository.OrZero().URL, path.Base(workflow))
	return fact.Of(runs, fact.Source{From: workflowRunsSource, URL: page})
}

// listApprovals reads the list as GitHub gives it.
func (r *Reader) listApprovals(ctx context.Context, workflow string) ([]approvalNode, *fact.Missing) {
	branch := r.session().set.Repository.OrZero().DefaultBranch
	if branch == "" {
		return nil, &fact.Missing{Reason: fact.NotFound, Detail: "the repository has no default branch, so nothing could be approved on it"}
	}
	runs := list[approvalNode]{
		name: "GET /" + r.runsAddress(workflow),
		key:  func(run approvalNode) string { return strconv.FormatInt(run.ID, 10) },
		fetch: func(ctx context.Context, number int) (page[approvalNode], error) {
			filter := url.Values{"event": {"workflow_dispatch"}, "branch": {branch}}
			read, err := workflowRunPage(ctx, r, workflow, filter, number, approvalNode.check)
			if err == nil && read.total > runCap {
				err = tooManyApprovals(workflow, read.total)
			}
			return read, err
		},
	}
	var found []approvalNode
	err := twice(func(int) (err error) {
		found, err = runs.read(ctx, 0)
		return err
	})
	if err != nil {
		missing := r.missing(runs.name, err, fact.NeedApprovals.TokenPermission())
		if missing.Reason == fact.NotFound {
			missing.Fix = fmt.Sprintf("Add the workflow by which people approve to the branch %s as %s; examples has approve.yml and exception.yml. %s",
				branch, workflow, grant(fact.NeedApprovals.TokenPermission()))
		}
		return nil, missing
	}
	return found, nil
}

func tooManyApprovals(workflow string, total int) *fact.Missing {
	missing := incomplete(fmt.Sprintf("%s was started %d times; GitHub lists %d runs at most, and a rejection could be among the others", workflow, total, runCap))
	missing.Fix = "Delete runs of it about commits that were deployed long ago, or name a new workflow in the policy."
	return missing
}

// check refuses a run of which the answer leaves something out.
func (n approvalNode) check() *fact.Missing {
	missing := checkDeployment(n.workflowRun)
	if missing == nil && (n.Title == nil || n.Attempt <= 0 || n.Branch == "" || n.CreatedAt.IsZero() || n.URL == "" ||
		!whole(n.Actor) || !whole(n.TriggeringActor)) {
		missing = incomplete(fmt.Sprintf("the answer does not hold all of workflow run %d", n.ID))
	}
	return missing
}

// whole reports whether an answer names an account, or says that it is gone.
func whole(user answered[gh.User]) bool {
	if user.value == nil {
		return user.here
	}
	return user.value.GetID() > 0 && user.value.GetLogin() != "" && user.value.GetType() != ""
}

func (n approvalNode) approval() fact.ApprovalRun {
	return fact.ApprovalRun{
		ID: n.ID, Title: *n.Title, Event: n.Event, Branch: n.Branch, Head: shaOf(n.HeadSHA), Attempt: n.Attempt,
		Actor: restPerson(n.Actor.value), TriggeringActor: restPerson(n.TriggeringActor.value), At: n.CreatedAt.UTC(), URL: n.URL,
	}
}

const runReviewsSource = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals"

// runReviewNode is an entry of the review history of a run. The client library
// does not have it.
type runReviewNode struct {
	State        string             `json:"state"`
	Comment      *string            `json:"comment"`
	User         answered[gh.User]  `json:"user"` // null when the account is gone
	Environments []*environmentNode `json:"environments"`
}

type environmentNode struct {
	Name string `json:"name"`
}

// RunReviews reads what was said of the environments for which a workflow run
// waited, in GitHub's order. runID is 0 for what is not a workflow run, of which
// there are none to read. The answer does not name the run; it is tied to it by
// its address.
func (r *Reader) RunReviews(ctx context.Context, runID int64) fact.Known[[]fact.RunReview] {
	known := r.runReviews(ctx, runID)
	r.remember(func(seen *session) { seen.set.RunReviews = known })
	return known
}

func (r *Reader) runReviews(ctx context.Context, runID int64) fact.Known[[]fact.RunReview] {
	if runID <= 0 {
		return fact.Lost[[]fact.RunReview](fact.Missing{
			Reason: fact.NotFound, Detail: "this is not a workflow run, so nobody could review an environment for it",
			Fix: "Ask in a job of a workflow that has the environment.",
		})
	}
	asked := fmt.Sprintf("repos/%s/%s/actions/runs/%d/approvals", r.owner, r.name, runID)
	var answer []*runReviewNode
	resp, err := r.get(ctx, asked, &answer)
	if err == nil {
		err = r.sameRepository(asked, resp)
	}
	reviews := make([]fact.RunReview, len(answer))
	for i, node := range answer {
		if err != nil {
			break
		}
		reviews[i], err = node.review()
	}
	if err != nil {
		return fact.Lost[[]fact.RunReview](*r.missing("GET /"+asked, err, fact.NeedRunReviews.TokenPermission()))
	}
	page := fmt.Sprintf("%s/actions/runs/%d", r.session().set.Repository.OrZero().URL, runID)
	return fact.Of(reviews, fact.Source{From: runReviewsSource, URL: page})
}

func (n *runReviewNode) review() (fact.RunReview, error) {
	lacking := incomplete("the answer does not hold all of a review")
	if n == nil || n.State == "" || n.Comment == nil || !whole(n.User) || n.Environments == nil {
		return fact.RunReview{}, lacking
	}
	names := make([]string, len(n.Environments))
	for i, environment := range n.Environments {
		if environment == nil || environment.Name == "" {
			return fact.RunReview{}, lacking
		}
		names[i] = environment.Name
	}
	return fact.RunReview{State: n.State, User: restPerson(n.User.value), Environments: names, Comment: *n.Comment}, nil
}
