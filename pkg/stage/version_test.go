package stage_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
)

func TestTheVersionOfAProject(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ why, project, tag, want string }{
		{"another project", "api", "web/v1.2.3", ""},
		{"a name that begins alike", "api", "apiX/v1.2.3", ""},
		{"a name that begins alike and goes on with a hyphen", "api", "api-gateway/v1.2.3", ""},
		{"the same with a hyphen before the version", "api", "api-gateway-v1.2.3", ""},
		{"nothing between the two", "api", "apiv1.2.3", ""},
		{"another case", "api", "API/v1.2.3", ""},
		{"the name alone", "api", "api", ""},
		{"no version behind it", "api", "api/", ""},
		{"half a version", "api", "api/v1.2", ""},
		{"two separators", "api", "api//v1.2.3", ""},
		{"two names", "api", "api/api/v1.2.3", ""},
		{"a name before it", "api", "old/api/v1.2.3", ""},
		{"a separator that is none", "api", "api.v1.2.3", ""},
		{"a letter that looks alike", "api", "\u0430pi/v1.2.3", ""},
		{"no project", "", "api/v1.2.3", ""},
		{"no project, and nothing before the separator", "", "/v1.2.3", ""},
		{"a slash", "api", "api/v1.2.3", "1.2.3"},
		{"an at sign", "api", "api@1.2.3-rc.1", "1.2.3-rc.1"},
		{"a hyphen", "api-gateway", "api-gateway-v1.2.3", "1.2.3"},
		{"a tag of the whole repository", "api", "v1.2.3", "1.2.3"},
		{"no project, a bare version", "", "v1.2.3", "1.2.3"},
	} {
		version, prerelease, ok := stage.VersionIn(row.project, row.tag)
		if version != row.want || ok != (row.want != "") || prerelease != (row.want == "1.2.3-rc.1") {
			t.Errorf("%s: %s of %q has the version %q, prerelease %t, %t", row.why, row.tag, row.project, version, prerelease, ok)
		}
	}
}

// A stage takes releases of its own project and of no other, whatever its patterns
// would match.
func TestReleasesOfAProject(t *testing.T) {
	t.Parallel()
	wide := []stage.Rule{{Stage: "prod", Project: "api", Tags: patterns(t, "*/*", "*"), Versions: stage.Releases, Events: []string{"push"}}}
	for tag, want := range map[fact.Ref]string{
		"refs/tags/web/v1.0.0": "", "refs/tags/apiX/v1.0.0": "", "refs/tags/api/v1.0.0-rc.1": "", "refs/tags/api/nightly": "",
		"refs/tags/api/v1.0.0": "prod", "refs/tags/v1.0.0": "prod",
	} {
		if match := stage.Resolve(wide, stage.Query{Ref: tag, Event: "push"}); match.Stage != want {
			t.Errorf("%s goes to %q: %s", tag, match.Stage, match.Reason)
		}
	}
}
