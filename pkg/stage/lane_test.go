package stage_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
)

// Whoever picks a stage means its hotfix lanes, too; the stage itself comes first.
func TestPickingAStageMeansItsLanes(t *testing.T) {
	t.Parallel()
	all := append(rules(t),
		stage.Rule{Stage: "urgent", For: "prod", Branches: patterns(t, "hotfix/*", "both/*"), Events: []string{"push"}},
		stage.Rule{Stage: "patch", For: "prod", Branches: patterns(t, "patch/*", "both/*"), Tags: patterns(t, "v*"), Versions: stage.Releases, Events: stage.DefaultEvents()},
		stage.Rule{Stage: "calm", For: "staging", Branches: patterns(t, "hotfix/*"), Events: []string{"workflow_dispatch"}},
	)
	for name, row := range map[string]struct {
		ref         fact.Ref
		event, pick string
		want        string // stage or problem
	}{
		"one lane, nothing picked":              {"refs/heads/hotfix/1", "push", "", "urgent"},
		"one lane, its stage picked":            {"refs/heads/hotfix/1", "push", "prod", "urgent"},
		"one lane, the lane picked":             {"refs/heads/hotfix/1", "push", "urgent", "urgent"},
		"a lane of another stage":               {"refs/heads/hotfix/1", "push", "staging", "ref.event-not-allowed"},
		"the same, by an event it accepts":      {"refs/heads/hotfix/1", "workflow_dispatch", "staging", "calm"},
		"a lane that is for no such thing":      {"refs/heads/hotfix/1", "push", "patch", "stage.not-picked"},
		"a stage that has no lanes":             {"refs/heads/hotfix/1", "push", "dev", "stage.not-picked"},
		"two lanes, nothing picked":             {"refs/heads/both/1", "push", "", "ref.ambiguous"},
		"two lanes, their stage picked":         {"refs/heads/both/1", "push", "prod", "ref.ambiguous"},
		"two lanes, one picked":                 {"refs/heads/both/1", "push", "patch", "patch"},
		"the stage and a lane, nothing picked":  {"refs/tags/v1.0.0", "push", "", "ref.ambiguous"},
		"the stage and a lane, the first wins":  {"refs/tags/v1.0.0", "push", "prod", "prod"},
		"a stage that there is not":             {"refs/heads/hotfix/1", "push", "hotfix", "stage.unknown"},
		"a branch that no lane of it accepts":   {"refs/heads/other", "push", "prod", "ref.unmatched"},
		"an event that the lane does not take":  {"refs/heads/hotfix/1", "release", "prod", "ref.event-not-allowed"},
		"the same, and nothing picked":          {"refs/heads/hotfix/1", "release", "", "ref.event-not-allowed"},
		"the default branch, the lane's target": {"refs/heads/main", "push", "prod", "stage.not-picked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			match := stage.Resolve(all, stage.Query{Ref: row.ref, DefaultBranch: "main", Event: row.event, Pick: row.pick})
			if got := match.Stage + string(match.Problem); got != row.want {
				t.Errorf("got %s (%s), want %s", got, match.Reason, row.want)
			}
			if strings.Contains(name, "their stage") && !strings.Contains(match.Reason, `"urgent" and "patch"`) {
				t.Errorf("the lanes are not named: %s", match.Reason)
			}
		})
	}
}

func TestAPatternWithoutWildcardsStandsForOneName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"main": true, "release/1": true, stage.DefaultBranch: true, "v*": false, "dev/**": false, "**": false} {
		if got := patterns(t, text)[0].Literal(); got != want {
			t.Errorf("%s is literal: %t", text, got)
		}
	}
}
