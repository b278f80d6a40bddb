package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

const (
	recentRunsSource = workflowRunsSource + " and " + compareSource
	runCompleted     = "completed"
	// maxImpostors is how many runs are looked at whose commit was never the
	// branch's tip.
	maxImpostors = 10
)

// branchOnly are the events that have no reference of their own: GitHub runs
// them at the tip of the default branch. Source: "Events that trigger
// workflows", the column GITHUB_REF.
var branchOnly = []string{"schedule", "repository_dispatch"}

// branchOrTag are the events that are of a branch, or of a tag that may have the
// branch's name. A release is always of a tag.
var branchOrTag = []string{"push", "workflow_dispatch"}

// recentRunNode is a run of a workflow that is to be fresh.
type recentRunNode struct {
	workflowRun
	Attempt   int64     `json:"run_attempt"`
	UpdatedAt time.Time `json:"updated_at"`
}

// recentSearch looks through the runs of a workflow on a branch, newest first.
type recentSearch struct {
	reader *Reader
	of     fact.RunsOf
	branch string  // name
	line   *Reader // about the branch's tip; nil until it is needed
	seen   map[int64]bool
	found  []fact.RecentRun
	listed int // runs on the pages that were read
	// impostors is how many ended runs are not of the branch.
	impostors int
}

// RecentRuns reads the runs of a workflow on a branch, the last made first, down
// to the first that has ended. Kept are the runs of just this file, in this
// repository and at a commit of it, by an event of its own, not by a pull
// request.
//
// A tag may have the name of the branch, and whoever may push can give it a
// commit in which the workflow does nothing. So what has ended counts only at a
// commit that was once the branch's own tip, by the line of first parents, or
// by an event that only branches have. Whatever cannot be read is a missing fact
// and never stands for "no run".
//
// Requests: mostly one; one more for each commit that has to be found on the
// branch, and one for the tip of a branch that is not the default one.
func (r *Reader) RecentRuns(ctx context.Context, of fact.RunsOf) fact.Known[[]fact.RecentRun] {
	if !isWorkflow(of.Workflow) {
		return fact.Lost[[]fact.RecentRun](fact.Missing{
			Reason: fact.NotFound, Detail: fmt.Sprintf("%q is not the path of a workflow", of.Workflow),
			Fix: "Name a file directly below " + workflowFolder + ".",
		})
	}
	if missing := r.unread(); missing != nil {
		return fact.Lost[[]fact.RecentRun](*missing)
	}
	repository := r.session().set.Repository.OrZero()
	search := recentSearch{reader: r, of: of, branch: cmp.Or(of.Branch, repository.DefaultBranch), seen: map[int64]bool{}, found: []fact.RecentRun{}}
	if _, err := fact.ParseRef(string(fact.BranchRef(search.branch))); err != nil {
		return fact.Lost[[]fact.RecentRun](fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("%q is not a branch: %v", search.branch, err)})
	}
	if err := search.read(ctx); err != nil {
		return fact.Lost[[]fact.RecentRun](*r.missing("runs of "+of.Workflow, err, fact.NeedRecentRuns.TokenPermission()))
	}
	page := fmt.Sprintf("%s/actions/workflows/%s", repository.URL, path.Base(of.Workflow))
	return fact.Of(search.found, fact.Source{From: recentRunsSource, URL: page})
}

// read reads pages until a run has ended.
func (s *recentSearch) read(ctx context.Context) error {
	for number := 1; ; number++ {
		listed, err := workflowRunPage(ctx, s.reader, s.of.Workflow, url.Values{"branch": {s.branch}}, number, recentRunNode.check)
		var missing *fact.Missing
		if errors.As(err, &missing) && missing.Reason == fact.NotFound {
			missing.Fix = fmt.Sprintf("Is the path %s right? %s", s.of.Workflow, missing.Fix)
		}
		if err == nil {
			err = s.whole(listed)
		}
		if err != nil {
			return err
		}
		ended, err := s.take(ctx, listed.items)
		if err != nil || ended {
			return err
		}
		if more, missing := s.more(listed, number); missing != nil {
			return missing
		} else if !more {
			return nil
		}
	}
}

// whole refuses the end of a list that is not all there: the run that is not in it
// could be the newest.
func (s *recentSearch) whole(listed page[recentRunNode]) error {
	s.listed += len(listed.items)
	if listed.next == 0 && s.listed < min(listed.total, runCap) {
		return incomplete(fmt.Sprintf("GET /%s: got %d of %d", s.reader.runsAddress(s.of.Workflow), s.listed, listed.total))
	}
	return nil
}

// more reports whether another page follows. Where none does, all runs have to
// have been listed.
func (s *recentSearch) more(listed page[recentRunNode], number int) (bool, *fact.Missing) {
	ends := listed.next == 0 || len(listed.items) == 0
	name := "GET /" + s.reader.runsAddress(s.of.Workflow)
	switch {
	case ends && len(s.seen) >= listed.total:
		return false, nil
	case listed.total > runCap && ends, !ends && number*len(listed.items) >= runCap:
		missing := incomplete(fmt.Sprintf("%s: there are %d runs, of which GitHub lists %d; none of those has ended on the branch %s itself", name, listed.total, runCap, s.branch))
		missing.Fix = "Start the workflow once by hand on the branch, or name a workflow that does not run for pull requests."
		return false, missing
	case ends:
		return false, incomplete(fmt.Sprintf("%s: got %d of %d", name, len(s.seen), listed.total))
	}
	return true, nil
}

// take keeps the runs of a page, and reports whether one of them has ended.
func (s *recentSearch) take(ctx context.Context, listed []recentRunNode) (bool, error) {
	listed = slices.Clone(listed)
	order.By(listed, func(a, b recentRunNode) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID)) })
	for _, run := range listed {
		known := s.seen[run.ID]
		s.seen[run.ID] = true
		if known || !s.counts(run) {
			continue
		}
		ended := strings.EqualFold(run.Status, runCompleted)
		if ended {
			own, err := s.ofBranch(ctx, run)
			if err != nil {
				return false, err
			}
			if !own {
				continue
			}
		}
		s.found = append(s.found, run.recent())
		if ended {
			return true, nil
		}
	}
	return false, nil
}

// counts reports whether a run could be of the branch.
func (s *recentSearch) counts(run recentRunNode) bool {
	here := s.reader.session().repository
	return run.Path == s.of.Workflow && run.Branch == s.branch && run.Repository.ID == here &&
		run.HeadRepository != nil && run.HeadRepository.ID == here &&
		(slices.Contains(branchOnly, run.Event) || slices.Contains(branchOrTag, run.Event))
}

// ofBranch reports whether a run is of the branch, and not of a tag of its name.
func (s *recentSearch) ofBranch(ctx context.Context, run recentRunNode) (bool, error) {
	if slices.Contains(branchOnly, run.Event) {
		return true, nil
	}
	head := fact.SHA(run.HeadSHA)
	if s.line == nil {
		line, err := s.reader.atTip(ctx, s.branch)
		if err != nil {
			return false, err
		}
		s.line = line
	}
	if head == s.line.subject.SHA {
		return true, nil
	}
	own, err := s.line.wasTip(ctx, head, "Start the workflow on the branch again.")
	if err == nil && !own {
		s.impostors++
	}
	if s.impostors > maxImpostors {
		missing := incomplete(fmt.Sprintf("the newest %d runs of %s that have ended are at commits that were never the tip of the branch %s, and the search ends there", s.impostors, s.of.Workflow, s.branch))
		missing.Fix = fmt.Sprintf("Is there a tag that is called %s? Remove it, and start the workflow on the branch.", s.branch)
		return false, missing
	}
	return own, err
}

// atTip returns a reader about the tip of a branch.
func (r *Reader) atTip(ctx context.Context, branch string) (*Reader, error) {
	seen := r.session()
	repository := seen.set.Repository.OrZero()
	subject := fact.Subject{Repository: r.subject.Repository, Ref: fact.BranchRef(branch), SHA: repository.DefaultCommit}
	other := &Reader{
		client: r.client, graphQL: r.graphQL, host: r.host, secrets: r.secrets, owner: r.owner, name: r.name, number: r.number,
		subject: subject, policyPath: r.policyPath, seen: seen,
	}
	if branch == repository.DefaultBranch && repository.DefaultCommit != "" {
		return other, nil
	}
	target, missing := other.RefTarget(ctx).Get()
	if missing != nil {
		return nil, missing
	}
	if !target.Exists {
		return nil, &fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("there is no branch %q", branch), Fix: "Correct the name of the branch in the policy."}
	}
	other.subject.SHA = target.Commit
	return other, nil
}

// wasTip reports whether a commit is on the subject's line of first parents. fix
// says what to do about one that is too far back.
func (r *Reader) wasTip(ctx context.Context, head fact.SHA, fix string) (bool, error) {
	seen := r.compare(ctx, head)
	if seen.err != nil || !seen.ancestor {
		return false, seen.err
	}
	between, err := r.stretch(ctx, seen, fix)
	return err == nil && between.onFirstParents(r.subject.SHA), err
}

// check refuses a run of which the answer leaves something out.
func (n recentRunNode) check() *fact.Missing {
	missing := checkDeployment(n.workflowRun)
	ended := strings.EqualFold(n.Status, runCompleted)
	if missing == nil && (n.Attempt <= 0 || n.Status == "" || ended && n.Conclusion == "" || n.CreatedAt.IsZero() || n.StartedAt.IsZero() || n.UpdatedAt.IsZero() || n.URL == "") {
		missing = incomplete(fmt.Sprintf("the answer does not hold all of workflow run %d", n.ID))
	}
	return missing
}

func (n recentRunNode) recent() fact.RecentRun {
	return fact.RecentRun{
		ID: n.ID, Attempt: n.Attempt, Workflow: n.Path, Event: n.Event, Branch: n.Branch, Head: fact.SHA(n.HeadSHA),
		Status: strings.ToLower(n.Status), Conclusion: strings.ToLower(n.Conclusion),
		CreatedAt: n.CreatedAt.UTC(), StartedAt: n.StartedAt.UTC(), UpdatedAt: n.UpdatedAt.UTC(), URL: n.URL,
	}
}
