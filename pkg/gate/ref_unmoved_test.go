package gate_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

func pointsAt(object, commit fact.SHA) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.RefTarget = fact.Of(fact.RefTarget{Exists: true, Object: object, Commit: commit}, fact.Source{})
	}
}

func startedWith(object fact.SHA) func(*fact.Set) {
	return func(facts *fact.Set) { facts.Subject.TagObject = object }
}

// inRunOf makes the run one of a reference and commit of its own.
func inRunOf(ref fact.Ref, sha fact.SHA, event string) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Trigger.RunRef, facts.Trigger.RunSHA, facts.Trigger.Event = ref, sha, event
	}
}

func goingBack(facts *fact.Set) { facts.Trigger.Rollback = true }

var _ = rows("ref-unmoved",
	row{
		name: "a branch that was pushed to in between has moved", facts: onMain(pointsAt(otherSHA, otherSHA)),
		want: verdict.Fail, code: "moved", says: []string{string(otherSHA), string(headSHA)},
	},
	row{
		name: "a reference that was deleted is gone", want: verdict.Fail, code: "gone",
		facts: onMain(func(f *fact.Set) { f.RefTarget = fact.Of(fact.RefTarget{}, fact.Source{}) }),
	},
	row{
		name: "another tag object on the same commit has moved", want: verdict.Fail, code: "moved",
		facts: onTag(startedWith(tagObject), pointsAt(otherSHA, headSHA)), says: []string{"replaced"},
	},
	row{
		name: "where it points could not be read", want: verdict.Unknown, code: string(fact.NotAsked), facts: onMain(),
	},
	row{
		name: "a rollback to a commit of a branch that is gone", want: verdict.Fail, code: "gone",
		facts: onMain(goingBack, func(f *fact.Set) { f.RefTarget = fact.Of(fact.RefTarget{}, fact.Source{}) }),
	},
	row{
		name: "a rollback to where a tag was before it moved", want: verdict.Fail, code: "moved",
		facts: onTag(goingBack, pointsAt(otherSHA, otherSHA)),
	},
	row{
		name: "a rollback of a tag to another tag object", want: verdict.Fail, code: "moved",
		facts: onTag(goingBack, startedWith(tagObject), pointsAt(otherSHA, headSHA)),
	},
	row{
		name: "a rollback, and where the branch points could not be read", want: verdict.Unknown, code: string(fact.NotAsked), facts: onMain(goingBack),
	},
	row{
		name: "a run of a tag that the stage takes, asked to deploy another one", want: verdict.Fail, code: "not-of-run",
		facts: onTag(pointsAt(tagObject, headSHA), inRunOf("refs/tags/v9.0.0", otherSHA, "workflow_dispatch")), says: []string{otherSHA.Short(), headSHA.Short(), "--ref NAME"},
	},
	row{
		name: "a rollback by a run of a tag that the stage takes", want: verdict.Fail, code: "not-of-run",
		facts: onTag(goingBack, pointsAt(tagObject, headSHA), inRunOf("refs/tags/v9.0.0", otherSHA, "push")),
	},
	row{
		name: "a run of a branch that the stage does not take", want: verdict.Pass,
		facts: onTag(pointsAt(tagObject, headSHA), inRunOf("refs/heads/main", otherSHA, "workflow_dispatch")),
	},
	row{
		name: "a run whose jobs count for nothing", want: verdict.Pass,
		facts: onTag(pointsAt(tagObject, headSHA), inRunOf("refs/tags/v9.0.0", otherSHA, "workflow_run")),
	},
	row{
		name: "a run of the very commit", want: verdict.Pass,
		facts: onTag(pointsAt(tagObject, headSHA), inRunOf("refs/tags/v9.0.0", headSHA, "workflow_dispatch")),
	},
	row{name: "a rollback to a commit from which the branch has moved on", facts: onMain(goingBack, pointsAt(otherSHA, otherSHA)), want: verdict.Pass, says: []string{"has moved on", "deployed-before"}},
	row{name: "a rollback of a tag", facts: onTag(goingBack, startedWith(tagObject), pointsAt(tagObject, headSHA)), want: verdict.Pass},
	row{name: "a branch that stayed where it was", facts: onMain(pointsAt(headSHA, headSHA)), want: verdict.Pass},
	row{name: "a tag that is the same object", facts: onTag(startedWith(tagObject), pointsAt(tagObject, headSHA)), want: verdict.Pass},
)

func TestRefUnmoved(t *testing.T) {
	t.Parallel()
	testRows(t, "ref-unmoved")
}

// A hotfix lane takes other names than its stage; a record at either is evidence.
func TestARunOfTheStageItselfCannotDeployAHotfix(t *testing.T) {
	t.Parallel()
	hotfix, err := stage.ParsePattern("hotfix/*")
	if err != nil {
		t.Fatal(err)
	}
	terms := row{}.terms()
	terms.Stage.Rule = stage.Rule{Stage: "hotfix", For: "prod", Branches: []stage.Pattern{hotfix}}
	check, err := find(t, "ref-unmoved").Bind(nil, terms)
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[fact.Ref]verdict.Outcome{
		"refs/tags/v9.0.0": verdict.Fail, "refs/heads/hotfix/2": verdict.Fail, "refs/heads/main": verdict.Pass,
	} {
		facts := onMain(func(f *fact.Set) { f.Subject.Ref = "refs/heads/hotfix/1" }, pointsAt(headSHA, headSHA), inRunOf(ref, otherSHA, "workflow_dispatch"))
		if got := check.Ask(facts, terms); got.Outcome != want {
			t.Errorf("a run of %s: %s (%s), want %s", ref, got.Outcome, got.Reason, want)
		}
	}
}
