package gather_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gather"
)

func (w *world) Release(context.Context) fact.Known[fact.Release] {
	w.called("release")
	return fact.Of(fact.Release{Exists: true, Tag: "v1.0.0"}, source)
}

func (w *world) Versions(context.Context) fact.Known[[]fact.VersionTag] {
	w.called("versions")
	return fact.Of([]fact.VersionTag{{Name: "v1.0.0", Object: object}}, source)
}

func (w *world) Source(_ context.Context, path string) fact.Known[fact.SourceFile] {
	w.called("source %s", path)
	return fact.Of(fact.SourceFile{Path: path, Commit: sha, Exists: true}, source)
}

// PullPapers link an issue that Jack labelled.
func (w *world) PullPapers(_ context.Context, pull fact.Pull) fact.Known[fact.PullPapers] {
	w.called("papers of %d", pull.Number)
	label := fact.IssueLabel{Name: "approved", By: &fact.Person{ID: 41, Login: "Jack"}}
	return fact.Of(fact.PullPapers{Number: pull.Number, Issues: []fact.Issue{{Number: 3, Labels: []fact.IssueLabel{label}}}}, source)
}

func (w *world) OpenIssues(_ context.Context, label string) fact.Known[fact.OpenIssues] {
	w.called("open issues %s", label)
	return fact.Of(fact.OpenIssues{Label: label, LabelExists: true}, source)
}

func (w *world) Milestone(_ context.Context, title string) fact.Known[fact.Milestone] {
	w.called("milestone %s", title)
	return fact.Of(fact.Milestone{Title: title, Exists: true}, source)
}

func (w *world) CodeAlerts(context.Context) fact.Known[fact.Alerts] {
	w.called("code alerts")
	return fact.Of(fact.Alerts{Enabled: true}, source)
}

func (w *world) DependencyAlerts(context.Context) fact.Known[fact.Alerts] {
	w.called("dependency alerts")
	return fact.Of(fact.Alerts{Enabled: true}, source)
}

func (w *world) RecentRuns(_ context.Context, of fact.RunsOf) fact.Known[[]fact.RecentRun] {
	w.called("runs of %s on %s", of.Workflow, of.Branch)
	return fact.Of([]fact.RecentRun{{ID: 1, Workflow: of.Workflow}}, source)
}

// Ownership gives every pull request to a team and to a person.
func (w *world) Ownership(_ context.Context, pull fact.Pull) fact.Known[fact.Ownership] {
	w.called("owners of %d", pull.Number)
	return fact.Of(fact.Ownership{Number: pull.Number, Files: []fact.OwnedFile{{Path: "a", Owners: []string{"@acme/Core", "@kate", "x@example.com"}}}}, source)
}

// RangeReviews find one pull request, which Liam reviewed.
func (w *world) RangeReviews(_ context.Context, span fact.Range) fact.Known[fact.RangeReviews] {
	w.called("range reviews of %d commits", len(span.Commits))
	review := fact.Review{ID: 1, State: fact.Approved, Author: &fact.Person{ID: 51, Login: "Liam"}}
	return fact.Of(fact.RangeReviews{Pulls: []fact.Pull{{Number: 8, Merged: true, Reviews: fact.Of([]fact.Review{review}, source)}}}, source)
}

func (w *world) Deployments(context.Context) fact.Known[[]fact.Deployment] {
	w.called("deployments")
	return fact.Of([]fact.Deployment{{ID: 1, Environment: "staging"}}, source)
}

func (w *world) Tip(_ context.Context, branch string) fact.Known[fact.Tip] {
	w.called("tip of %s", branch)
	return fact.Of(fact.Tip{Branch: branch, Was: true}, source)
}

func (w *world) Locks(_ context.Context, environment string) fact.Known[[]fact.Lock] {
	w.called("locks of %s", environment)
	return fact.Of([]fact.Lock{}, source)
}

func (w *world) OpenDeployments(_ context.Context, environment string) fact.Known[[]fact.OpenDeployment] {
	w.called("open deployments to %s", environment)
	return fact.Of([]fact.OpenDeployment{}, source)
}

func (w *world) LastDeployment(_ context.Context, by fact.JobOf) fact.Known[fact.LastDeployment] {
	w.called("last deployment by %s of %s", by.Job, by.Workflow)
	return fact.Of(fact.LastDeployment{}, source)
}

func (w *world) Environment(_ context.Context, name string) fact.Known[fact.Environment] {
	w.called("environment %s", name)
	return fact.Of(fact.Environment{Name: name, Exists: true}, source)
}

func (w *world) Secrets(_ context.Context, environment string) fact.Known[[]string] {
	w.called("secrets of %q", environment)
	return fact.Of([]string{"DEPLOY_KEY"}, source)
}

func (w *world) Settings(context.Context) fact.Known[fact.Settings] {
	w.called("settings")
	return fact.Of(fact.Settings{Visibility: "public"}, source)
}

func (w *world) Rulesets(context.Context) fact.Known[[]fact.Ruleset] {
	w.called("rulesets")
	return fact.Of([]fact.Ruleset{}, source)
}

func (w *world) Branch(_ context.Context, name string) fact.Known[fact.BranchGuard] {
	w.called("guard of %s", name)
	return fact.Of(fact.BranchGuard{Name: name, Exists: true}, source)
}

func (w *world) Workflows(context.Context) fact.Known[[]fact.WorkflowFile] {
	w.called("workflows")
	return fact.Of([]fact.WorkflowFile{}, source)
}

func (w *world) Collaborators(context.Context) fact.Known[[]fact.Collaborator] {
	w.called("collaborators")
	return fact.Of([]fact.Collaborator{}, source)
}

// keyOf is a key that a need of a kind could have.
func keyOf(kind fact.Kind) string {
	from := fact.RangeFrom{Workflow: ".github/workflows/d.yml", Job: "d"}
	switch kind {
	case fact.NeedContainment:
		return "release"
	case fact.NeedPermission, fact.NeedKeys:
		return string(fact.TagSigner)
	case fact.NeedTeam:
		return "acme/quality"
	case fact.NeedTip, fact.NeedBranch:
		return gather.DefaultBranch
	case fact.NeedLocks, fact.NeedOpenDeployments, fact.NeedEnvironment, fact.NeedSecrets:
		return "staging"
	case fact.NeedLastDeployment:
		return fact.JobOf{Workflow: from.Workflow, Job: from.Job}.Need().Key
	case fact.NeedRange, fact.NeedRangeReviews:
		return from.Need().Key
	case fact.NeedRecentRuns:
		return fact.RunsOf{Workflow: "w.yml"}.Need().Key
	case fact.NeedSource, fact.NeedMilestone, fact.NeedOpenIssues, fact.NeedFile, fact.NeedApprovals:
		return "{tag}"
	}
	return ""
}

// A kind that nobody asks for would be missing for ever.
func TestEveryKindIsAskedFor(t *testing.T) {
	t.Parallel()
	merged := []fact.Pull{{Number: 7, Merged: true, MergeCommit: sha}}
	for _, kind := range fact.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			need := fact.Need{Kind: kind, Key: keyOf(kind)}
			needs := []fact.Need{need}
			switch kind {
			case fact.NeedCommit:
				return // complete after the first wave
			case fact.NeedRangeReviews:
				needs = append(needs, fact.Need{Kind: fact.NeedRange, Key: need.Key})
			case fact.NeedOwnerTeams:
				needs = append(needs, fact.Need{Kind: fact.NeedOwnership})
			}
			asked := &world{pulls: fact.Of(merged, source)}
			known := fact.Set{
				Subject: subject, Repository: fact.Of(fact.Repository{DefaultBranch: "main"}, source),
				Tag:   fact.Of(fact.Tag{Annotated: true, Object: object, Tagger: fact.Identity{Account: tagger}}, source),
				Pulls: fact.Of(merged, source), Checks: fact.Lost[fact.Checks](fact.Missing{Reason: fact.Incomplete}),
			}
			if kind == fact.NeedPulls {
				known.Pulls = fact.Lost[[]fact.Pull](fact.Missing{Reason: fact.Incomplete})
			}
			got := gather.Rest(t.Context(), asked, known, needs)
			if len(asked.calls) < len(needs) {
				t.Fatalf("asked %q", asked.calls)
			}
			if diff := cmp.Diff(mustMarshal(t, known), mustMarshal(t, got)); diff == "" {
				t.Error("the answer is nowhere in the facts")
			}
			if taken := got.Without(need); mustMarshal(t, taken) == mustMarshal(t, got) {
				t.Error("taking the answer away changes nothing")
			}
		})
	}
}

// What is asked depends on what was answered: a range brings pull requests,
// those have reviewers and owners, and owners are teams.
func TestWhatFollowsFromAnswersIsAskedInLaterRounds(t *testing.T) {
	t.Parallel()
	span := fact.RangeFrom{Workflow: ".github/workflows/d.yml", Job: "d"}
	asked := &world{}
	facts := gather.Rest(t.Context(), asked, fact.Set{Subject: subject}, []fact.Need{
		{Kind: fact.NeedOwnerTeams},
		{Kind: fact.NeedOwnership},
		{Kind: fact.NeedPullPapers},
		span.Need(),
		{Kind: fact.NeedRangeReviews, Key: span.Need().Key},
		fact.Permissible(fact.RangeReviewers), fact.Permissible(fact.Labelers),
	})
	calls := asked.calls
	slices.Sort(calls)
	want := []string{
		"access Jack", "access Liam", "owners of 8", "papers of 8", "range .github/workflows/d.yml d ", "range reviews of 2 commits", "team acme/Core",
	}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
	if _, missing := facts.TeamOf("acme/core").Get(); missing != nil {
		t.Error(missing)
	}
}

func TestATemplateIsFilledInOrNotAsked(t *testing.T) {
	t.Parallel()
	need := fact.Need{Kind: fact.NeedSource, Key: "plans/{version}.md"}
	asked := &world{}
	facts := gather.Rest(t.Context(), asked, fact.Set{Subject: subject}, []fact.Need{need})
	if file, missing := facts.SourceAt(need.Key).Get(); missing != nil || file.Path != "plans/1.0.0.md" {
		t.Errorf("got %q, %v", file.Path, missing)
	}
	branch := fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: sha}
	asked = &world{}
	facts = gather.Rest(t.Context(), asked, fact.Set{Subject: branch}, []fact.Need{need})
	if _, missing := facts.SourceAt(need.Key).Get(); missing == nil || !strings.Contains(missing.Detail, "no tag") {
		t.Errorf("got %v", missing)
	}
	if len(asked.calls) > 0 {
		t.Errorf("asked %q", asked.calls)
	}
}

func mustMarshal(t *testing.T, facts fact.Set) string {
	t.Helper()
	data, err := facts.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
