package policy_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// TestThePageAboutQualityIsTrue reads its example as a policy. What a table of
// the page says a stage asks for is what that stage of the example asks for.
func TestThePageAboutQualityIsTrue(t *testing.T) {
	t.Parallel()
	text := string(read(t, "../../docs/quality.md"))
	blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(text, -1)
	if len(blocks) != 1 {
		t.Fatalf("found %d examples, expected one whole policy", len(blocks))
	}
	rules, err := policy.Parse(".github/stageward.yml", []byte(blocks[0][1]), gate.All())
	if err != nil {
		t.Fatal(err)
	}
	for heading, name := range map[string]string{"Before staging": "staging", "Before production": "prod"} {
		stage, ok := rules.Stage(name)
		if !ok {
			t.Fatalf("the example has no stage %q", name)
		}
		asked := gatesOf(stage)
		named := gatesOfTable(t, text, heading)
		for _, id := range named {
			if !slices.Contains(asked, id) {
				t.Errorf("%s: %q is in the table, and the example does not ask for it", heading, id)
			}
		}
		for _, id := range asked {
			if !slices.Contains(named, id) {
				t.Errorf("%s: the example asks for %q, which is not in the table", heading, id)
			}
		}
	}
}

// gatesOf returns the ids of what a stage asks for, with what is always asked.
func gatesOf(stage policy.Stage) []string {
	var ids []string
	for _, each := range gate.All() {
		if each.Always {
			ids = append(ids, each.ID)
		}
	}
	for _, each := range stage.Gates {
		ids = append(ids, each.Check.ID)
	}
	return ids
}

// gatesOfTable returns the gates in the second column of the table below a
// heading.
func gatesOfTable(t *testing.T, page, heading string) []string {
	t.Helper()
	_, section, found := strings.Cut(page, "\n## "+heading+"\n")
	if !found {
		t.Fatalf("the page has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var ids []string
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, match := range regexp.MustCompile("\\[`([a-z-]+)`\\]").FindAllStringSubmatch(cells[2], -1) {
			ids = append(ids, match[1])
		}
	}
	return ids
}
