package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// A tag of one project releases no other one, also where their names begin alike.
func TestTagsOfProjectsAreApart(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		projects, from string
		refused        bool
	}{
		"a hyphen, and any tag":              {"api: {}, api-web: {}", `tags: ["{project}-*"]`, true},
		"the longer one first":               {"api-web: {}, api: {}", `tags: ["{project}-*"]`, true},
		"everything":                         {"api: {}, api-web: {}", `tags: ["**"]`, true},
		"releases alone":                     {"api: {}, api-web: {}", `tags: ["{project}-*"], versions: release`, false},
		"a slash":                            {"api: {}, api-web: {}", `tags: ["{project}/v*"]`, false},
		"names that do not begin alike":      {"api: {}, web: {}", `tags: ["{project}-*"]`, false},
		"a name that goes on without hyphen": {"api: {}, apis: {}", `tags: ["{project}-*"]`, false},
	} {
		text := fmt.Sprintf("version: 1\nprojects: { %s }\nstages: [{ name: prod, environment: \"{project}-production\", data: production, from: { %s }, gates: { on-branch: {} } }]\n", row.projects, row.from)
		_, err := policy.Parse("policy.yml", []byte(text), gate.All())
		if (err != nil) != row.refused || err != nil && !strings.Contains(err.Error(), `takes tags of the project "api-web"`) {
			t.Errorf("%s: got %v, want it refused: %t", name, err, row.refused)
		}
	}
}
