package github

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
)

const rangeSource = workflowRunsSource + ", " + jobsSource + ", " + compareSource + " and " + graphSource

// Range reads every commit that is reachable from the subject's and not from
// where from says. It begins at a deployment: a run of the workflow in which the
// job succeeded, at an earlier commit on the subject's line of first parents.
// Where GitHub lists no such run, it begins at the baseline, and also where that
// leaves fewer commits: somebody who may change the policy has checked the ones
// before by hand. Whatever cannot be read is a missing fact and never stands for "no run" or "no commit".
//
// The line of first parents is what a branch itself was, merge by merge. A
// commit that came in by a merge was never the branch's tip: whoever made it
// chose what its workflow did, and a run there would vouch for itself.
//
// The run that asks needs no special case. Its own job has not succeeded yet;
// if it did in an earlier attempt, the commit was deployed and nothing is new.
//
// Requests: a page of runs; for up to three runs at once their jobs, and the
// comparison of each commit once; one for each further page of the comparison
// chosen; one for every 50 commits, the base counted. One after the other: runs,
// jobs beside comparisons, further pages if any, commits. The first two repeat
// while no run will do, as often as maxRuns and maxStrangers allow.
func (r *Reader) Range(ctx context.Context, from fact.RangeFrom) fact.Known[fact.Range] {
	known := r.span(ctx, from)
	r.remember(func(seen *session) {
		seen.set.Ranges = extended(seen.set.Ranges, from.Need().Key, known)
	})
	return known
}

func (r *Reader) span(ctx context.Context, from fact.RangeFrom) fact.Known[fact.Range] {
	if missing := r.checkRange(from); missing != nil {
		return fact.Lost[fact.Range](*missing)
	}
	begins, err := r.beginning(ctx, from)
	if err != nil {
		return fact.Lost[fact.Range](*r.missing("range of commits", err, fact.NeedRange.TokenPermission()))
	}
	commits, missing := r.commitsOnce(ctx, begins.between)
	if missing != nil {
		return fact.Lost[fact.Range](*missing)
	}
	span := fact.Range{Base: commits[0], Run: begins.run, LastRun: begins.lastRun, Commits: slices.Clone(commits[1:]), Files: begins.between.files}
	return fact.Of(span, fact.Source{From: rangeSource, URL: begins.between.url})
}

// checkRange refuses what would not name a workflow, and a reader that does not
// know which repository it reads.
func (r *Reader) checkRange(from fact.RangeFrom) *fact.Missing {
	_, badBaseline := fact.ParseSHA(string(from.Baseline))
	switch {
	case !isWorkflow(from.Workflow) || from.Job == "":
		return &fact.Missing{
			Reason: fact.NotFound, Detail: fmt.Sprintf("%q with the job %q is not a workflow and a job in it", from.Workflow, from.Job),
			Fix: "Name a file directly below " + workflowFolder + " and a job in it.",
		}
	case from.Baseline != "" && badBaseline != nil:
		return &fact.Missing{Reason: fact.NotFound, Detail: "the baseline: " + badBaseline.Error()}
	}
	return r.unread()
}

// begun is where a range begins, and what lies between there and the subject.
type begun struct {
	run, lastRun *fact.DeploymentRun // as in fact.Range
	between      stretch
}

// beginning finds where the range begins.
func (r *Reader) beginning(ctx context.Context, from fact.RangeFrom) (begun, error) {
	search := deploymentSearch{reader: r, from: from, compared: map[fact.SHA]*compared{}, seen: map[int64]bool{}}
	found, err := search.newest(ctx)
	if err != nil {
		return begun{}, err
	}
	switch {
	case found == nil && from.Baseline == "":
		return begun{}, search.none()
	case found != nil && from.Baseline == "":
		return begun{run: found.run, between: found.between}, nil
	}
	between, err := r.sinceBaseline(ctx, from.Baseline)
	var missing *fact.Missing
	past := errors.As(err, &missing) && missing.Reason == fact.Inconsistent
	switch {
	case found != nil && past:
		return begun{run: found.run, between: found.between}, nil // as when an older commit is deployed again
	case err != nil:
		return begun{}, err
	case found == nil:
		return begun{between: between}, nil
	case len(found.between.links) <= len(between.links):
		return begun{run: found.run, between: found.between}, nil
	}
	return begun{lastRun: found.run, between: between}, nil
}

// none says that there is no deployment: an answer, and no error of reading.
func (s *deploymentSearch) none() *fact.Missing {
	where := "the repository"
	if ref := s.reader.subject.Ref; ref.Kind() == fact.Branch {
		where = "the branch " + ref.Name()
	}
	return &fact.Missing{
		Reason: fact.NotFound,
		Detail: fmt.Sprintf("no run of %s in which the job %q succeeded is on an ancestor of the commit, along first parents (runs that GitHub lists for %s: %d; of these could count: %d)",
			s.from.Workflow, s.from.Job, where, s.listed, s.counted),
		Fix: "Write the commit up to which everything was checked down as baseline in the policy, or correct the workflow and the job in deployed-by.",
	}
}

// sinceBaseline returns what lies between the baseline and the subject.
func (r *Reader) sinceBaseline(ctx context.Context, baseline fact.SHA) (stretch, error) {
	const fix = "Write a commit down as baseline that the commit to be deployed descends from."
	seen := r.compare(ctx, baseline)
	switch {
	case seen.err != nil:
		missing := r.missing("the baseline", seen.err, fact.NeedRange.TokenPermission())
		if missing.Reason == fact.NotFound {
			missing.Detail, missing.Fix = fmt.Sprintf("the baseline %s: %s", baseline, missing.Detail), fix
		}
		return stretch{}, missing
	case !seen.ancestor:
		missing := inconsistent(fmt.Sprintf("the baseline %s is not an ancestor of the commit %s: compared with it, the commit is %s", baseline, r.subject.SHA, seen.status))
		missing.Fix = fix
		return stretch{}, missing
	}
	return r.stretch(ctx, seen, "Write a newer commit down as baseline, up to which everything was checked.")
}
