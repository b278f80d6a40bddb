package lazy_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/lazy"
)

// What package regexp says is what is said here, whoever asks first.
func TestItIsTheStandardLibrarys(t *testing.T) {
	t.Parallel()
	const text = `(a+)|b(c?)`
	want := regexp.MustCompile(text)
	rapid.Check(t, func(t *rapid.T) {
		got, in := lazy.New(text), rapid.StringMatching(`[abc-]{0,12}`).Draw(t, "in")
		for name, pair := range map[string][2]any{
			"match":   {got.MatchString(in), want.MatchString(in)},
			"find":    {got.FindString(in), want.FindString(in)},
			"groups":  {got.FindStringSubmatch(in), want.FindStringSubmatch(in)},
			"all":     {got.FindAllString(in, 2), want.FindAllString(in, 2)},
			"every":   {got.FindAllStringSubmatch(in, -1), want.FindAllStringSubmatch(in, -1)},
			"replace": {got.ReplaceAllString(in, "<$1>"), want.ReplaceAllString(in, "<$1>")},
			"change":  {got.ReplaceAllStringFunc(in, strings.ToUpper), want.ReplaceAllStringFunc(in, strings.ToUpper)},
		} {
			if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
				t.Errorf("%s of %q (-regexp +lazy):\n%s", name, in, diff)
			}
		}
	})
}
