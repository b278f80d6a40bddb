package policy_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// TestThePageAboutReadinessIsTrue reads its example as a policy, and looks for each
// item of the checklist in its table.
func TestThePageAboutReadinessIsTrue(t *testing.T) {
	t.Parallel()
	text := string(read(t, "../../docs/readiness.md"))
	blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(text, -1)
	if len(blocks) != 1 {
		t.Fatalf("found %d examples, expected one", len(blocks))
	}
	if _, err := policy.Parse(".github/stageward.yml", []byte(blocks[0][1]), gate.All()); err != nil {
		t.Errorf("%v, of:\n%s", err, blocks[0][1])
	}
	for _, item := range gate.SetupItem("").Values() {
		if !strings.Contains(text, "\n| `"+item+"` |") {
			t.Errorf("the table has no %q", item)
		}
	}
}
