package policy_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// TestThePageAboutWindowsIsTrue reads its example as a policy.
func TestThePageAboutWindowsIsTrue(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(read(t, "../../docs/windows.md")), -1)
	if len(blocks) == 0 {
		t.Fatal("no example")
	}
	for _, block := range blocks {
		if _, err := policy.Parse(".github/stageward.yml", []byte(block[1]), gate.All()); err != nil {
			t.Errorf("%v, of:\n%s", err, block[1])
		}
	}
}

// TestDatesNeedNoQuotes shows that of a date only its characters
// count, with quotes and without.
func TestDatesNeedNoQuotes(t *testing.T) {
	t.Parallel()
	const text = `version: 1
calendars:
  c: { freezes: [{ name: f, from: FROM, to: TO }] }
stages:
  - { name: prod, from: { tags: ["v*"] }, gates: { within-window: { calendar: c } } }
`
	seen := map[string]bool{}
	for _, quote := range []string{"", `"`, "'"} {
		for _, dates := range [][2]string{{"2026-12-18", "2026-12-18"}, {"2026-12-18T00:00", "2026-12-18T24:00"}} {
			source := strings.NewReplacer("FROM", quote+dates[0]+quote, "TO", quote+dates[1]+quote).Replace(text)
			got, err := policy.Parse("policy.yml", []byte(source), gate.All())
			if err != nil {
				t.Fatalf("%v, of:\n%s", err, source)
			}
			seen[summary(got)] = true
		}
	}
	if len(seen) != 1 {
		t.Errorf("they are read in %d ways: %v", len(seen), seen)
	}
	for what := range seen {
		if !strings.Contains(what, "from 2026-12-18 00:00:00 open false, 1 freezes") {
			t.Errorf("the day is not frozen:\n%s", what)
		}
	}
}
