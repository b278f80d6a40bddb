package gather_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gather"
)

var (
	sha     = fact.SHA(strings.Repeat("c1", 20))
	object  = fact.SHA(strings.Repeat("7a", 20))
	source  = fact.Source{From: "test"}
	subject = fact.Subject{Repository: "acme/shop", Ref: "refs/tags/v1.0.0", SHA: sha}
	tagger  = &fact.Person{ID: 14, Login: "octocat", Kind: fact.User}
)

// world is a Source that records what it was asked and in which round.
type world struct {
	overview fact.Set
	pulls    fact.Known[[]fact.Pull]

	mu    sync.Mutex
	calls []string
}

func (w *world) called(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, fmt.Sprintf(format, args...))
}

func (w *world) Overview(context.Context) fact.Set { w.called("overview"); return w.overview }

func (w *world) RefTarget(context.Context) fact.Known[fact.RefTarget] {
	w.called("ref")
	return fact.Of(fact.RefTarget{Exists: true, Object: object, Commit: sha}, source)
}

func (w *world) Tag(_ context.Context, asked fact.SHA) fact.Known[fact.Tag] {
	w.called("tag %s", asked.Short())
	return fact.Of(fact.Tag{Annotated: true, Object: asked, Signature: fact.Signature{Class: fact.PersonSignature, Signer: tagger}}, source)
}

func (w *world) Containment(_ context.Context, branch string) fact.Known[fact.Containment] {
	w.called("containment %s", branch)
	return fact.Of(fact.Containment{Branch: branch, Contained: true}, source)
}

func (w *world) Access(_ context.Context, login string) fact.Known[fact.Access] {
	w.called("access %s", login)
	return fact.Of(fact.Access{Person: fact.Person{Login: login}}, source)
}

func (w *world) Keys(_ context.Context, login string) fact.Known[fact.AccountKeys] {
	w.called("keys %s", login)
	return fact.Of(fact.AccountKeys{Login: login}, source)
}

func (w *world) Files(_ context.Context, paths []string) map[string]fact.Known[fact.File] {
	w.called("files %s", strings.Join(paths, " "))
	files := map[string]fact.Known[fact.File]{}
	for _, path := range paths {
		files[path] = fact.Of(fact.File{Path: path, Commit: sha}, source)
	}
	return files
}

func (w *world) Range(_ context.Context, from fact.RangeFrom) fact.Known[fact.Range] {
	w.called("range %s %s %s", from.Workflow, from.Job, from.Baseline)
	merged := fact.RangeCommit{
		Commit: fact.Commit{SHA: object, Signature: fact.Signature{Signer: &fact.Person{ID: 21, Login: "Erin"}}},
		Pulls:  []fact.Pull{{Number: 1, Merged: true, MergeCommit: object, MergedBy: &fact.Person{ID: 22, Login: "Frank"}}},
	}
	signed := fact.RangeCommit{Commit: fact.Commit{SHA: sha, Signature: fact.Signature{Signer: tagger}}}
	return fact.Of(fact.Range{Commits: []fact.RangeCommit{merged, signed}}, source)
}

// ApprovalRuns are one by Gina about the subject's commit, and one by Hugo about
// another.
func (w *world) ApprovalRuns(_ context.Context, workflow string) fact.Known[[]fact.ApprovalRun] {
	w.called("approvals %s", workflow)
	return fact.Of([]fact.ApprovalRun{
		{ID: 1, Title: "approve " + string(sha), Actor: &fact.Person{ID: 31, Login: "Gina"}},
		{ID: 2, Title: "approve " + string(object), Actor: &fact.Person{ID: 32, Login: "Hugo"}},
	}, source)
}

func (w *world) RunReviews(_ context.Context, runID int64) fact.Known[[]fact.RunReview] {
	w.called("reviews of run %d", runID)
	return fact.Of([]fact.RunReview{{State: "approved", User: &fact.Person{ID: 33, Login: "Iris"}}, {State: "approved"}}, source)
}

func (w *world) Team(_ context.Context, slug string) fact.Known[fact.Team] {
	w.called("team %s", slug)
	return fact.Of(fact.Team{Slug: slug}, source)
}

func (w *world) Checks(context.Context) fact.Known[fact.Checks] {
	w.called("checks")
	return fact.Of(fact.Checks{}, source)
}

func (w *world) Pulls(context.Context) fact.Known[[]fact.Pull] {
	w.called("pulls")
	return w.pulls
}

func everything() []fact.Need {
	return []fact.Need{
		{Kind: fact.NeedRefTarget},
		{Kind: fact.NeedCommit},
		{Kind: fact.NeedTag},
		{Kind: fact.NeedPulls},
		{Kind: fact.NeedChecks},
		{Kind: fact.NeedContainment, Key: gather.DefaultBranch},
		{Kind: fact.NeedContainment, Key: "release"},
		fact.Permissible(fact.Actor), fact.Permissible(fact.TriggeringActor), fact.Permissible(fact.TagSigner), fact.Permissible(fact.Reviewers),
		keysOf(fact.TagSigner), keysOf(fact.CommitSigner), keysOf(fact.Reviewers),
		{Kind: fact.NeedFile, Key: "b.asc"},
		{Kind: fact.NeedFile, Key: "a.pub"},
		{Kind: fact.NeedFile, Key: "b.asc"},
	}
}

func keysOf(position fact.Position) fact.Need {
	return fact.Need{Kind: fact.NeedKeys, Key: string(position)}
}

func complete() fact.Set {
	return fact.Set{
		Policy:      fact.Of(fact.PolicyFile{Commit: sha}, source),
		Commit:      fact.Of(fact.Commit{SHA: sha, Signature: fact.Signature{Signer: &fact.Person{ID: 3, Login: "Ben"}}}, source),
		Repository:  fact.Of(fact.Repository{Name: "acme/shop", DefaultBranch: "main"}, source),
		Tag:         fact.Of(fact.Tag{Annotated: true, Object: object, Tagger: fact.Identity{Account: tagger}}, source),
		Pulls:       fact.Of([]fact.Pull{}, source),
		Checks:      fact.Of(fact.Checks{}, source),
		Containment: map[string]fact.Known[fact.Containment]{"main": fact.Of(fact.Containment{Branch: "main", Contained: true}, source)},
	}
}

func run(t *testing.T, w *world, needs []fact.Need) fact.Set {
	t.Helper()
	trigger := fact.Trigger{Event: "push", Actor: "Bob", TriggeringActor: "bob"}
	facts := gather.First(t.Context(), w, subject, trigger)
	return gather.Rest(t.Context(), w, facts, needs)
}

func TestNothingIsAskedThatNobodyNeeds(t *testing.T) {
	t.Parallel()
	w := &world{overview: complete()}
	run(t, w, nil)
	if diff := cmp.Diff([]string{"overview"}, w.calls); diff != "" {
		t.Error(diff)
	}
}

func TestASecondWaveAsksEachThingOnce(t *testing.T) {
	t.Parallel()
	w := &world{overview: complete()}
	facts := run(t, w, everything())
	slices.Sort(w.calls)
	want := []string{"access Bob", "access octocat", "containment release", "files b.asc a.pub", "keys Ben", "keys octocat", "overview", "ref", "tag " + object.Short()}
	if diff := cmp.Diff(want, w.calls); diff != "" {
		t.Error(diff)
	}
	if contained, missing := facts.Contains(gather.DefaultBranch).Get(); missing != nil || contained.Branch != "main" {
		t.Errorf("the default branch has no containment: %v", missing)
	}
	if tag, _ := facts.Tag.Get(); tag.Signature.Class != fact.PersonSignature {
		t.Errorf("the tag's signature was not read: %+v", tag)
	}
	if keys, missing := facts.KeysOf(fact.Person{Login: "ben"}).Get(); missing != nil || keys.Login != "Ben" {
		t.Errorf("the keys of the commit's signer: %+v, %v", keys, missing)
	}
	for _, path := range []string{"a.pub", "b.asc"} {
		if _, missing := facts.FileAt(path).Get(); missing != nil {
			t.Errorf("%s: %v", path, missing)
		}
	}
	if facts.Subject != subject || facts.Version != fact.SchemaVersion {
		t.Errorf("the set does not say what it is about: %+v", facts.Subject)
	}
}

// An account whose signature is not known before the second wave is asked about
// after it, and nobody is asked about twice.
func TestASignerWhomTheSecondWaveNamesIsAskedAboutLater(t *testing.T) {
	t.Parallel()
	overview := complete()
	overview.Tag = fact.Of(fact.Tag{Annotated: true, Object: object}, source) // GitHub links the tagger's address to nobody
	w := &world{overview: overview}
	run(t, w, []fact.Need{{Kind: fact.NeedTag}, keysOf(fact.TagSigner), keysOf("@Octocat"), fact.PermissibleLogin("root")})
	want := []string{"access root", "keys Octocat", "overview", "tag " + object.Short()}
	slices.Sort(w.calls)
	if diff := cmp.Diff(want, w.calls); diff != "" {
		t.Error(diff)
	}
	w = &world{overview: overview}
	facts := run(t, w, []fact.Need{{Kind: fact.NeedTag}, keysOf(fact.TagSigner)})
	if diff := cmp.Diff([]string{"overview", "tag " + object.Short(), "keys octocat"}, w.calls); diff != "" {
		t.Error(diff)
	}
	if _, missing := facts.KeysOf(*tagger).Get(); missing != nil {
		t.Errorf("the keys of the tag's signer: %v", missing)
	}
}

func TestListsThatDidNotFitAreReadInFull(t *testing.T) {
	t.Parallel()
	partial := fact.Pull{Number: 7, Merged: true, MergeCommit: sha, Commits: fact.Of([]fact.PullCommit{}, source), Reviews: fact.Lost[[]fact.Review](fact.Missing{Reason: fact.Incomplete})}
	whole := partial
	whole.Reviews = fact.Of([]fact.Review{{ID: 1, Author: &fact.Person{ID: 9, Login: "late"}}}, source)
	overview := complete()
	overview.Pulls = fact.Of([]fact.Pull{partial}, source)
	overview.Checks = fact.Lost[fact.Checks](fact.Missing{Reason: fact.Incomplete})
	w := &world{overview: overview, pulls: fact.Of([]fact.Pull{whole}, source)}

	facts := run(t, w, everything())
	for _, call := range []string{"pulls", "checks", "access late", "keys late"} {
		if !slices.Contains(w.calls, call) {
			t.Errorf("%q was not asked: %v", call, w.calls)
		}
	}
	if _, missing := facts.AccessOf(fact.Person{Login: "late"}).Get(); missing != nil {
		t.Errorf("a reviewer the second wave named has no permission: %v", missing)
	}
	if _, missing := facts.Checks.Get(); missing != nil {
		t.Errorf("the checks stayed incomplete: %v", missing)
	}
}

func TestTheJobsOfWorkflowRunsAreAsked(t *testing.T) {
	t.Parallel()
	overview := complete()
	overview.Checks = fact.Of(fact.Checks{Workflows: []fact.WorkflowRun{{ID: 1, Jobs: fact.Lost[[]fact.Job](fact.Missing{Reason: fact.Incomplete})}}}, source)
	w := &world{overview: overview}
	run(t, w, everything())
	if !slices.Contains(w.calls, "checks") {
		t.Errorf("the jobs were not asked for: %v", w.calls)
	}
}

func TestWhatIsForbiddenIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	overview := complete()
	overview.Checks = fact.Lost[fact.Checks](fact.Missing{Reason: fact.Forbidden})
	overview.Pulls = fact.Lost[[]fact.Pull](fact.Missing{Reason: fact.Forbidden})
	overview.Tag = fact.Lost[fact.Tag](fact.Missing{Reason: fact.Unavailable})
	w := &world{overview: overview}
	facts := run(t, w, everything())
	for _, call := range []string{"pulls", "checks", "tag " + object.Short()} {
		if slices.Contains(w.calls, call) {
			t.Errorf("%q was asked although the first wave was refused", call)
		}
	}
	if _, missing := facts.Checks.Get(); missing == nil || missing.Reason != fact.Forbidden {
		t.Errorf("the reason was lost: %v", missing)
	}
}

func TestTheDefaultBranchIsComparedOnceMore(t *testing.T) {
	t.Parallel()
	overview := complete()
	overview.Containment["main"] = fact.Lost[fact.Containment](fact.Missing{Reason: fact.NotFound})
	w := &world{overview: overview}
	facts := run(t, w, everything())
	if !slices.Contains(w.calls, "containment main") {
		t.Errorf("the branch was not compared again: %v", w.calls)
	}
	if contained, missing := facts.Contains(gather.DefaultBranch).Get(); missing != nil || contained.Branch != "main" {
		t.Errorf("got %+v, %v", contained, missing)
	}
}

func TestRestLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	w := &world{overview: complete()}
	facts := gather.First(t.Context(), w, subject, fact.Trigger{Actor: "bob"})
	gather.Rest(t.Context(), w, facts, everything())
	if _, asked := facts.Containment["release"]; asked || facts.Access != nil || facts.Keys != nil || facts.Files != nil {
		t.Error("the facts of the first wave were changed")
	}
}

func TestThePeopleOfARangeAreAskedAboutAfterIt(t *testing.T) {
	t.Parallel()
	from := fact.RangeFrom{Workflow: ".github/workflows/deploy.yml", Job: "deploy", Baseline: sha}
	other := fact.RangeFrom{Workflow: ".github/workflows/other.yml", Job: "deploy"}
	w := &world{overview: complete()}
	facts := run(t, w, []fact.Need{
		fact.Permissible(fact.RangeSigners), fact.Permissible(fact.RangeMergers), keysOf(fact.RangeSigners), keysOf(fact.RangeMergers), fact.Permissible(fact.TagSigner),
		from.Need(), other.Need(), from.Need(),
	})
	for _, round := range [][]string{w.calls[1:4], w.calls[4:]} {
		slices.Sort(round)
	}
	want := []string{
		"overview",
		"access octocat", "range .github/workflows/deploy.yml deploy " + string(sha), "range .github/workflows/other.yml deploy ",
		"access Erin", "access Frank", "keys Erin", "keys Frank", "keys octocat",
	}
	if diff := cmp.Diff(want, w.calls); diff != "" {
		t.Error(diff)
	}
	for _, from := range []fact.RangeFrom{from, other} {
		if span, missing := facts.RangeSince(from).Get(); missing != nil || len(span.Commits) != 2 {
			t.Errorf("range %+v, %v", span, missing)
		}
	}
	if access, missing := facts.AccessOf(fact.Person{Login: "frank"}).Get(); missing != nil || access.Person.Login != "Frank" {
		t.Errorf("access %+v, %v", access, missing)
	}
}

func TestARangeThatIsNotOneIsMissing(t *testing.T) {
	t.Parallel()
	w := &world{overview: complete()}
	facts := run(t, w, []fact.Need{{Kind: fact.NeedRange, Key: "deploy"}})
	if _, missing := facts.Ranges["deploy"].Get(); missing == nil || missing.Reason != fact.Inconsistent {
		t.Errorf("missing %v", missing)
	}
	if len(w.calls) != 1 {
		t.Errorf("calls %v", w.calls)
	}
}
