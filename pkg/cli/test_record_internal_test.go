package cli

import (
	"fmt"
	"testing"

	"go.yaml.in/yaml/v4"
)

// The name of a run is a key of YAML, and has to be a text to whoever reads it.
func TestSlugsAreTexts(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"true": "run-true", "False": "run-false", "No": "run-no", "yes!": "run-yes", "on": "run-on", "OFF": "run-off",
		"null": "run-null", "y": "run-y", "N": "run-n", "~": "run", "12": "run-12", "2026-01-13": "run-2026-01-13", "1e3": "run-1e3",
		"": "run", "the release of 1.4.0": "the-release-of-1-4-0", "no review": "no-review", "nan": "nan",
	} {
		if got := slug(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
		var read map[string]map[any]any
		if err := yaml.Unmarshal(fmt.Appendf(nil, "bases:\n  %s: {}\n", slug(name)), &read); err != nil {
			t.Fatal(err)
		}
		for key := range read["bases"] {
			if _, isText := key.(string); !isText {
				t.Errorf("%q is read as %T", slug(name), key)
			}
		}
	}
}
