package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/githubtest"
)

// stock are the scenes that worlds are drawn from.
type stock struct{ scenes []scene }

func newStock(t *testing.T) *stock {
	t.Helper()
	release := demo(t, "release.yml")
	s := &stock{scenes: append(allowedScenes(t), refusedScenes(t)...)}
	for range 150 { // the richest world is drawn as often as all small ones of a topic
		s.scenes = append(s.scenes, scene{name: richest, world: release, event: githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}})
	}
	return s
}

// draw returns a scene in which up to two things are worse than somebody made
// them, under the policy that was made for it or, where it asks for everything,
// under a part of that.
func (s *stock) draw(rt *rapid.T) (scene, string) {
	drawn, err := rapid.SampledFrom(s.scenes).Draw(rt, "scene").read()
	if err != nil {
		rt.Fatal(err)
	}
	if drawn.name == richest {
		drawn.world = lesser(rt, drawn.world)
	}
	commit := subjectOf(drawn)
	for range max(0, rapid.IntRange(-3, 2).Draw(rt, "losses")) { // most worlds as they are: something has to be allowed
		drawn = worsened(rt, drawn, commit)
	}
	return drawn, commit
}

// worsened draws a loss.
func worsened(rt *rapid.T, from scene, commit string) scene {
	made := from
	for range 6 { // not every world has what each loss is about
		each := rapid.SampledFrom(losses()).Draw(rt, "loss")
		if each.apply(rt, &made.world, commit) {
			made.name += "; " + each.name
			break
		}
		made = from
	}
	return placed(made)
}

// placed has the faults that a loss brought move the branch or tag of the run.
func placed(made scene) scene {
	made.world.Faults = slices.Clone(made.world.Faults)
	for i, fault := range made.world.Faults {
		if fault.MoveRef != nil && fault.MoveRef.Ref == subjectRef {
			made.world.Faults[i].MoveRef = &githubtest.MoveRef{Ref: made.event.Ref, Commit: fault.MoveRef.Commit}
		}
	}
	return made
}

// lesser takes some gates out of the policy of a world.
func lesser(rt *rapid.T, world githubtest.World) githubtest.World {
	const path = ".github/stageward.yml"
	var rules map[string]any
	if err := yaml.Unmarshal([]byte(world.Commits[0].Files[path].Text), &rules); err != nil {
		rt.Fatal(err)
	}
	for _, stage := range rules["stages"].([]any) { //nolint:forcetypeassert // a slip in this file
		gates, ok := stage.(map[string]any)["gates"].(map[string]any)
		if !ok {
			continue
		}
		for _, id := range sortedKeys(gates) {
			if rapid.IntRange(0, 2).Draw(rt, id) == 0 {
				delete(gates, id)
			}
		}
	}
	text, err := yaml.Marshal(rules)
	if err != nil {
		rt.Fatal(err)
	}
	world.Commits = slices.Clone(world.Commits)
	files := map[string]*githubtest.File{}
	for name, file := range world.Commits[0].Files {
		files[name] = file
	}
	files[path] = &githubtest.File{Text: string(text)}
	world.Commits[0].Files = files
	return world
}

func sortedKeys[T any](from map[string]T) []string {
	var all []string
	for key := range from {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}

// subjectOf returns the name of the commit that a scene is about.
func subjectOf(s scene) string {
	p, err := build(s)
	if err != nil {
		return ""
	}
	for _, each := range s.world.Commits {
		if p.server.SHA(each.Name) == p.env["GITHUB_SHA"] {
			return each.Name
		}
	}
	return ""
}

// chosen reports whether the world with a number is played: with everything each is,
// and otherwise one in a few, since rapid does not make fewer than a hundred.
func chosen(number int) bool { return everything || number%(2*thrift) == 0 }

// TestALossOnlyMovesAwayFromAllow draws a world and makes it worse by one thing.
func TestALossOnlyMovesAwayFromAllow(t *testing.T) {
	t.Parallel()
	all := newStock(t)
	moved, allowed, number := map[string]int{}, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		if number++; !chosen(number) {
			return
		}
		drawn, commit := all.draw(rt)
		worse := worsened(rt, drawn, commit)
		if worse.name == drawn.name {
			return // nothing there to lose
		}
		before, err := build(drawn)
		if err != nil {
			return // a world that cannot be: a loss took what something else names
		}
		after, err := build(worse)
		if err != nil {
			return
		}
		one, other := before.act(t, nil), after.act(t, nil)
		moved[fmt.Sprintf("%s -> %s", one.outputs["decision"], other.outputs["decision"])]++
		if one.allowed() {
			allowed++
		}
		if other.allowed() && !one.allowed() {
			rt.Fatalf("%s: allowed, before it was %s\n%s", strings.TrimPrefix(worse.name, "; "), one.reason(), other.log)
		}
	})
	t.Logf("from -> to: %v", moved)
	if allowed == 0 {
		t.Error("no world was allowed to begin with: this proves nothing")
	}
}

// TestDrawnWorldsAreJudgedInOneWay draws worlds and holds them to everything else:
// what must not matter, and who has to agree.
func TestDrawnWorldsAreJudgedInOneWay(t *testing.T) {
	t.Parallel()
	all, number := newStock(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		if number++; !chosen(number) {
			return
		}
		drawn, _ := all.draw(rt)
		p, err := build(drawn)
		if err != nil || len(drawn.world.Faults) > 0 {
			return
		}
		p = p.paged(t, 100).saving() // the largest pages hide least
		right := p.act(t, nil)
		if rapid.Bool().Draw(rt, "on the command line") {
			if diff := p.disagreement(t, right); diff != "" {
				rt.Fatalf("%s: the action (-) and the command line (+) disagree:\n%s", drawn.name, diff)
			}
			return
		}
		vary := rapid.SampledFrom(variations()).Draw(rt, "variation")
		if wrong := vary.check(t, p, right, rapid.Uint64Range(0, 1000).Draw(rt, "seed")); wrong != "" {
			rt.Fatalf("%s, %s: %s", drawn.name, vary.name, wrong)
		}
	})
}
