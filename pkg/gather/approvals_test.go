package gather_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gather"
)

func approvalNeeds() []fact.Need {
	return []fact.Need{
		{Kind: fact.NeedApprovals, Key: ".github/workflows/approve.yml"},
		{Kind: fact.NeedRunReviews},
		{Kind: fact.NeedTeam, Key: "acme/quality"},
		{Kind: fact.NeedApprovals, Key: ".github/workflows/approve.yml"},
		{Kind: fact.NeedRunReviews},
		{Kind: fact.NeedTeam, Key: "Acme/quality"},
		{Kind: fact.NeedApprovals, Key: ".github/workflows/other.yml"},
	}
}

// What those may do who approve costs a third round, and only where it is asked for.
func TestApproversAreAskedAboutOnceTheyAreKnown(t *testing.T) {
	t.Parallel()
	first := []string{
		"approvals .github/workflows/approve.yml", "approvals .github/workflows/other.yml", "reviews of run 9001", "team acme/quality",
	}
	trigger := fact.Trigger{Event: "push", RunID: 9001}
	for name, row := range map[string]struct {
		positions []fact.Need
		late      []string
	}{
		"a role of users and teams costs none": {nil, nil},
		"a role with a permission":             {[]fact.Need{fact.Permissible(fact.Approvers), fact.Permissible(fact.RunReviewers)}, []string{"access Gina", "access Iris"}},
		"the same twice":                       {[]fact.Need{fact.Permissible(fact.Approvers), fact.Permissible(fact.Approvers)}, []string{"access Gina"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{overview: complete()}
			facts := gather.Rest(t.Context(), w, gather.First(t.Context(), w, subject, trigger), append(row.positions, approvalNeeds()...))
			slices.Sort(w.calls[1:5])
			slices.Sort(w.calls[5:])
			if diff := cmp.Diff(slices.Concat([]string{"overview"}, first, row.late), w.calls); diff != "" {
				t.Error(diff)
			}
			if runs, missing := facts.ApprovalRuns[".github/workflows/other.yml"].Get(); missing != nil || len(runs) != 2 {
				t.Errorf("approvals %+v, %v", runs, missing)
			}
			if reviews, missing := facts.RunReviews.Get(); missing != nil || len(reviews) != 2 {
				t.Errorf("reviews %+v, %v", reviews, missing)
			}
			if team, missing := facts.TeamOf("ACME/Quality").Get(); missing != nil || team.Slug != "acme/quality" {
				t.Errorf("team %+v, %v", team, missing)
			}
		})
	}
}

func TestApprovalsOutsideOfARunAreAskedForRunZero(t *testing.T) {
	t.Parallel()
	w := &world{overview: complete()}
	run(t, w, []fact.Need{{Kind: fact.NeedRunReviews}})
	if !slices.Contains(w.calls, "reviews of run 0") {
		t.Errorf("calls %v", w.calls)
	}
}

func TestApprovalsLeaveTheFirstWaveAlone(t *testing.T) {
	t.Parallel()
	w := &world{overview: complete()}
	facts := gather.First(t.Context(), w, subject, fact.Trigger{Actor: "bob"})
	facts.ApprovalRuns, facts.Teams = map[string]fact.Known[[]fact.ApprovalRun]{}, map[string]fact.Known[fact.Team]{}
	gather.Rest(t.Context(), w, facts, approvalNeeds())
	if len(facts.ApprovalRuns) > 0 || len(facts.Teams) > 0 {
		t.Error("the facts of the first wave were changed")
	}
}
