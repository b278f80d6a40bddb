package cli_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/githubtest"
)

// TestEachLossMatters makes one thing worse in worlds whose policy asks for it. That
// a loss never helps would hold for a program that looks at nothing, too.
func TestEachLossMatters(t *testing.T) {
	t.Parallel()
	release := scene{name: richest, world: demo(t, "release.yml"), event: githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}}
	merge := scene{name: "a merge", world: world(3, 2), event: githubtest.Event{Ref: "refs/heads/main", Actor: "olga"}}
	merge.world.Statuses = []githubtest.Status{{Commit: "merge", Context: "legacy", By: "ben"}}
	merge.world.Checks = slices.DeleteFunc(merge.world.Checks, func(each githubtest.Check) bool { return each.Environment != "" }) // no gate but that of the checks sees them
	bare := scene{name: "a tag of which nothing is asked", world: ruled(world(1, 2), "deployer-allowed: { by: maintain }"), event: release.event}
	for _, base := range []struct {
		scene
		about func(name string) bool
	}{
		{release, func(name string) bool { return !slices.Contains(elsewhere, name) && !slices.Contains(ofMerges, name) }},
		{merge, func(name string) bool {
			return slices.Contains(ofMerges, name) || strings.HasPrefix(name, "a check ends") || strings.HasPrefix(name, "an approval") && !strings.Contains(name, "by hand")
		}},
		{bare, func(name string) bool { return name == "the branch or tag moves" }},
	} {
		t.Run(base.name, func(t *testing.T) {
			t.Parallel()
			if right := mustBuild(t, base.scene).act(t, nil); !right.allowed() {
				t.Fatal(right.log)
			}
			for _, each := range losses() {
				if base.about(each.name) && someOf(1, 1, each.name) && !noticed(t, base.scene, each) {
					t.Errorf("%s: the run is allowed all the same", each.name)
				}
			}
		})
	}
}

// noticed draws what the loss is about until the run is not allowed, a dozen times
// at most: not everything in a world is asked for.
func noticed(t *testing.T, base scene, each loss) bool {
	t.Helper()
	for seed := range 12 {
		applied := false
		drawn := rapid.Custom(func(rt *rapid.T) scene {
			rapid.Bool().Draw(rt, "a generator has to draw something")
			made := base
			applied = each.apply(rt, &made.world, "merge")
			return placed(made)
		}).Example(seed)
		if p, err := build(drawn); applied && err == nil && !p.act(t, nil).allowed() {
			return true
		}
	}
	return false
}

// ruled gives a world a policy whose only stage takes tags.
func ruled(made githubtest.World, gates string) githubtest.World {
	made.Commits[0].Files = map[string]*githubtest.File{".github/stageward.yml": {Text: "version: 1\nstages:\n  - name: prod\n    environment: production\n    from: { tags: [\"v*\"] }\n    gates: { " + gates + " }\n"}}
	return made
}

// ofMerges are losses that the preset notices at a merge, and the policy of the
// release does not ask about.
var ofMerges = []string{"a status fails", "another check fails", "a pull request is gone", "a commit is not signed", "a commit is not what was signed"}

// elsewhere are losses that neither of the two policies is about. Stories are; what
// they lose TestALossOnlyMovesAwayFromAllow draws.
var elsewhere = []string{
	"a review of the environment is gone", "a review of the environment says no", "nobody is in a team",
	"a record of a deployment is gone", "an environment takes everything",
}
