package policy_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

const page = "../../docs/policy.md"

// TestTheExamplesOfThePageAreTrue reads each example as a policy. One that is
// marked wrong has to give exactly the text that follows it.
func TestTheExamplesOfThePageAreTrue(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?ms)^```(yaml|yaml wrong|text)\n(.*?)^```$").FindAllStringSubmatch(string(read(t, page)), -1)
	if len(blocks) < 5 {
		t.Fatalf("found %d examples", len(blocks))
	}
	shown := ""
	for _, block := range blocks {
		kind, text := block[1], block[2]
		if kind == "text" {
			if diff := cmp.Diff(text, shown); diff != "" {
				t.Errorf("the page shows another error (-page +real):\n%s", diff)
			}
			continue
		}
		_, err := policy.Parse(".github/stageward.yml", []byte(text), gate.All())
		if wrong := kind == "yaml wrong"; wrong != (err != nil) {
			t.Errorf("wrong is %t, the error is %v, of:\n%s", wrong, err, text)
		}
		if err != nil {
			shown = err.Error() + "\n"
		}
	}
}

// TestThePageAboutApprovalsIsTrue reads its examples as policies. The first is
// that of a story, which shows what the page says of it.
func TestThePageAboutApprovalsIsTrue(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(read(t, "../../docs/approvals.md")), -1)
	if len(blocks) < 5 {
		t.Fatalf("found %d examples", len(blocks))
	}
	for _, block := range blocks {
		if _, err := policy.Parse(".github/stageward.yml", []byte(block[1]), gate.All()); err != nil {
			t.Errorf("%v, of:\n%s", err, block[1])
		}
	}
	const indent = "\n        "
	first := indent + strings.ReplaceAll(strings.TrimSpace(blocks[0][1]), "\n", indent) + "\n"
	if !strings.Contains(string(read(t, "../../testdata/script/approvals-release.txtar")), first) {
		t.Errorf("the story has another policy than the page:\n%s", first)
	}
}

// TestThePageAboutLanesIsTrue reads its examples as policies, each of which has to
// open or wave through what its part is about.
func TestThePageAboutLanesIsTrue(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(read(t, "../../docs/lanes.md")), -1)
	if len(blocks) != 4 {
		t.Fatalf("found %d examples", len(blocks))
	}
	shows := []func(prod policy.Stage, names []string) bool{
		func(prod policy.Stage, _ []string) bool {
			return slices.Equal(prod.Lanes[verdict.Rollback].Keeps, []string{"checks-passed"})
		},
		func(_ policy.Stage, names []string) bool {
			return slices.Equal(names, []string{"dev", "staging", "prod"})
		},
		func(prod policy.Stage, _ []string) bool {
			return slices.ContainsFunc(prod.Gates, func(g policy.Gate) bool { return g.Waiver != nil })
		},
		func(prod policy.Stage, _ []string) bool {
			return prod.Lanes[verdict.BreakGlass].Check.ID == "emergency-declared"
		},
	}
	for i, block := range blocks {
		rules, err := policy.Parse(".github/stageward.yml", []byte(block[1]), gate.All())
		if err != nil {
			t.Errorf("%v, of:\n%s", err, block[1])
			continue
		}
		if prod, _ := rules.Stage("prod"); !shows[i](prod, rules.Names()) {
			t.Errorf("example %d does not show its way", i+1)
		}
	}
}

// TestTheListsOfGatesAreWhole looks for a link to the page of each gate where
// readers look for gates.
func TestTheListsOfGatesAreWhole(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"../../README.md", "../../docs/README.md"} {
		text := string(read(t, list))
		for _, each := range gate.All() {
			if link := "pkg/gate/" + strings.ReplaceAll(each.ID, "-", "_") + ".md)"; !strings.Contains(text, link) {
				t.Errorf("%s does not list %q", list, each.ID)
			}
		}
	}
}

func TestThePageHasEveryKey(t *testing.T) {
	t.Parallel()
	schema, err := policy.Schema(gate.All())
	if err != nil {
		t.Fatal(err)
	}
	var root any
	if err := json.Unmarshal(schema, &root); err != nil {
		t.Fatal(err)
	}
	text := string(read(t, page))
	for _, key := range keysOf(root) {
		if !strings.Contains(text, "`"+key+"`") {
			t.Errorf("the page does not explain the key %q", key)
		}
	}
}

// keysOf returns the keys of the format, without those of gates, which have
// pages of their own.
func keysOf(schema any) []string {
	var keys []string
	switch typed := schema.(type) {
	case map[string]any:
		properties, _ := typed["properties"].(map[string]any)
		for key, value := range properties {
			keys = append(keys, key)
			if key != "gates" {
				keys = append(keys, keysOf(value)...)
			}
		}
		for _, below := range []string{"items", "additionalProperties"} {
			keys = append(keys, keysOf(typed[below])...)
		}
	}
	return keys
}
