package cli_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/githubtest"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/redact"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

// In the run of every story, redacted facts say gate by gate what the real ones say,
// and nobody who took part is in them.
func TestRedactedFactsSayTheSame(t *testing.T) {
	t.Parallel()
	scenes, err := storyScenes()
	if err != nil {
		t.Fatal(err)
	}
	step := 7
	if thrift > 1 {
		step *= 5
	}
	if everything {
		step = 1
	}
	played := 0
	for i := 0; i < len(scenes); i += step {
		each := scenes[i]
		each.inputs = maps.Clone(each.inputs)
		each.inputs["INPUT_SAVE-FACTS"] = "facts.json"
		told, err := each.read()
		if err != nil {
			t.Fatal(err)
		}
		p, err := build(told)
		if err != nil {
			continue // an event that the double does not make
		}
		stored := p.act(t, nil).facts
		if stored == "" {
			continue
		}
		played++
		t.Run(fmt.Sprintf("%d %s", i, each.name), func(t *testing.T) { recordScene(t, told.world, stored) })
	}
	if played < 20/thrift+1 {
		t.Errorf("only %d scenes saved facts", played)
	}
}

// recordScene redacts the facts of a run. Where a signature was bad in a way that the key
// of a stand-in cannot be, the decision may differ: then nothing is recorded.
func recordScene(t *testing.T, world githubtest.World, stored string) {
	t.Helper()
	facts, err := fact.Unmarshal([]byte(stored))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Load(facts.Policy, gate.All())
	if err != nil {
		return
	}
	keep := redact.KeepOf(rules)
	facts = neededBy(rules, facts)
	redacted, report, err := redact.Redact(facts, keep)
	if err != nil {
		t.Fatal(err)
	}
	before, after := summary(whatif.Decide(rules, facts)), summary(whatif.Decide(rules, redacted))
	if before != after && len(report.Unlike) == 0 {
		t.Errorf("decided\n%s\nand without people\n%s\n%v", before, after, report)
	}
	data := marshalled(t, redacted)
	for _, word := range leftOf(world, keep, string(data)) {
		t.Errorf("%q is still there:\n%.3000s", word, lineWith(string(data), word))
	}
	for _, each := range []string{"@example.com", "users.noreply.github.com"} {
		if strings.Contains(string(data), each) && !slices.ContainsFunc(keep.Words, func(word string) bool { return strings.Contains(word, each) }) {
			t.Errorf("%q is still there:\n%.3000s", each, lineWith(string(data), each))
		}
	}
	texts := keep
	texts.Texts = true
	if kept, _, err := redact.Redact(facts, texts); err != nil || summary(whatif.Decide(rules, kept)) != before && len(report.Unlike) == 0 {
		t.Errorf("with its texts it is decided otherwise (%v):\n%s", err, summary(whatif.Decide(rules, kept)))
	}
	twice, _, err := redact.Redact(redacted, keep)
	if err != nil {
		t.Fatal(err)
	}
	if again := marshalled(t, twice); !bytes.Equal(data, again) {
		t.Errorf("redacted twice, something changes: %s", firstDifference(data, again))
	}
	if same, _, err := redact.Redact(facts, keep); err != nil || !bytes.Equal(data, marshalled(t, same)) {
		t.Errorf("the same facts give other bytes (%v)", err)
	}
}

func neededBy(rules policy.Policy, facts fact.Set) fact.Set {
	needed := facts.Only(decide.NewPlan(rules, facts).Needs())
	needed.Policy = facts.Policy
	return needed
}

func summary(v verdict.Verdict) string {
	lines := []string{fmt.Sprintf("%s %s", v.Decision, v.Code)}
	for _, each := range v.Findings {
		lines = append(lines, fmt.Sprintf("%s %s %s", each.Gate, each.Outcome, each.ReasonCode()))
	}
	return strings.Join(lines, "\n")
}

func marshalled(t *testing.T, facts fact.Set) []byte {
	t.Helper()
	data, err := facts.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// leftOf returns the people of a world who are in a text although the policy does not
// name them: as whole texts, or as words of one.
func leftOf(world githubtest.World, keep redact.Keep, data string) []string {
	named := map[string]bool{}
	for _, each := range keep.Logins {
		named[strings.ToLower(each)] = true
	}
	for _, each := range keep.Words {
		for word := range strings.FieldsFuncSeq(strings.ToLower(each), notOfLogin) {
			named[word] = true
		}
	}
	there := map[string]bool{}
	for word := range strings.FieldsFuncSeq(strings.ToLower(data), notOfLogin) {
		there[word] = true
	}
	var left []string
	for _, login := range slices.Sorted(maps.Keys(world.People)) {
		if low := strings.ToLower(login); there[low] && !named[low] && low != "web-flow" {
			left = append(left, login)
		}
	}
	return left
}

func notOfLogin(char rune) bool {
	return (char < 'a' || char > 'z') && (char < '0' || char > '9') && char != '-'
}

func lineWith(text, word string) string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.Contains(strings.ToLower(line), strings.ToLower(word)) {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}

func firstDifference(a, b []byte) string {
	before, after := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			return before[i] + " / " + after[i]
		}
	}
	return "the length"
}
