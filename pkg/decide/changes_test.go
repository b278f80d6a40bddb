package decide_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

func ranged(of fact.Known[fact.Range]) func(*fact.Set) {
	return func(set *fact.Set) {
		set.Ranges = map[string]fact.Known[fact.Range]{fact.RangeFrom{Workflow: job.Workflow, Job: job.Job}.Need().Key: of}
	}
}

// What would be deployed is shown, and decides nothing.
func TestWhatWouldBeDeployed(t *testing.T) {
	t.Parallel()
	second, first := fact.SHA("2"), fact.SHA("1")
	merged := fact.Pull{Number: 9, Title: "Add", Author: &olga, MergedBy: &olga, Merged: true, MergeCommit: second}
	earlier := fact.Pull{Number: 4, Title: "Mend", Merged: true, MergeCommit: first}
	last := fact.DeploymentRun{Workflow: job.Workflow, Job: job.Job, Head: other}
	span := fact.Range{Base: fact.RangeCommit{Commit: fact.Commit{SHA: other}}, Run: &last, Commits: []fact.RangeCommit{
		{Commit: fact.Commit{SHA: first, Headline: "Mend", CommittedAt: noon, Author: fact.Identity{Account: &olga}}, Pulls: []fact.Pull{merged, earlier, {Number: 5}}},
		{
			Commit: fact.Commit{
				SHA: second, Headline: "Add", CommittedAt: noon.Add(time.Hour),
				Signature: fact.Signature{Class: fact.PersonSignature, Verified: true, State: fact.SignatureValid, Signer: &olga},
			},
			Pulls: []fact.Pull{merged},
		},
	}}
	want := &verdict.Changes{
		Since: other, Run: &last,
		Commits: []verdict.Change{
			{SHA: second, Headline: "Add", At: noon.Add(time.Hour), Signed: fact.PersonSignature, Signer: "olga", Pull: 9},
			{SHA: first, Headline: "Mend", At: noon, Author: "olga", Pull: 4},
		},
		Pulls: []verdict.ChangePull{{Number: 4, Title: "Mend"}, {Number: 9, Title: "Add", Author: "olga", MergedBy: "olga"}},
	}
	result := run(t, laned(t, deployed), going("refs/heads/main", ranged(fact.Of(span, source))))
	if diff := cmp.Diff(want, result.Changes); diff != "" || result.Decision != verdict.Allowed {
		t.Errorf("%s (-want +got):\n%s", result.Decision, diff)
	}

	lost := run(t, laned(t, deployed), going("refs/heads/main", ranged(fact.Lost[fact.Range](fact.Missing{Reason: fact.Unavailable, Detail: "502"}))))
	if diff := cmp.Diff(&verdict.Changes{Unknown: "unavailable: 502", Commits: []verdict.Change{}, Pulls: []verdict.ChangePull{}}, lost.Changes); diff != "" || lost.Decision != verdict.Allowed {
		t.Errorf("%s (-want +got):\n%s", lost.Decision, diff)
	}
	if none := run(t, laned(t), going("refs/heads/main", ranged(fact.Of(span, source)))); none.Changes != nil {
		t.Errorf("where the policy names no job: %+v", none.Changes)
	}
}

// A pull request that was never merged brought nothing, whatever commit GitHub made
// to try its merge; one that was merged elsewhere in the range is that of its parts.
func TestOnlyMergedPullRequestsBroughtChanges(t *testing.T) {
	t.Parallel()
	merge, part := fact.SHA("3"), fact.SHA("4")
	merged := fact.Pull{Number: 9, Title: "Add", Merged: true, MergeCommit: merge}
	tried := fact.Pull{Number: 5, Title: "Try", MergeCommit: merge}
	before := fact.Pull{Number: 2, Title: "Long ago", Merged: true, MergeCommit: other}
	after := fact.Pull{Number: 11, Title: "Later", Merged: true, MergeCommit: other}
	span := fact.Range{Base: fact.RangeCommit{Commit: fact.Commit{SHA: other}}, Commits: []fact.RangeCommit{
		{Commit: fact.Commit{SHA: merge, CommittedAt: noon}, Pulls: []fact.Pull{tried, before, merged, after}},
		{Commit: fact.Commit{SHA: part, CommittedAt: noon}, Pulls: []fact.Pull{tried, merged, after}},
		{Commit: fact.Commit{SHA: "5", CommittedAt: noon}, Pulls: []fact.Pull{{Number: 6}}},
	}}
	result := run(t, laned(t, deployed), going("refs/heads/main", ranged(fact.Of(span, source))))
	want := &verdict.Changes{
		Since: other,
		Commits: []verdict.Change{
			{SHA: merge, At: noon, Pull: 9}, {SHA: part, At: noon, Pull: 9}, {SHA: "5", At: noon},
		},
		Pulls: []verdict.ChangePull{{Number: 9, Title: "Add"}},
	}
	if diff := cmp.Diff(want, result.Changes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
