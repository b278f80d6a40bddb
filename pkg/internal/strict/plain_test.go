package strict_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/internal/strict"
)

// What is written is read as the same text by every reader: alone, in a list in one
// line, and as a value in a map in one line.
func TestPlainIsReadAsItself(t *testing.T) {
	t.Parallel()
	words := []string{"true", "No", "null", "~", "", " ", "1.5", "0x1", "1e5", "12:30:45", "24h", "2026-12-24", "- a", "a: b", "a #b", "a:b", "check:release / rebuild", "*alias", "&a", "!t", "%a", "@a", "`a`", "$default-branch", ".inf", "a,b", "a]b", "a'b", `a"b`, `a\b`, "a\nb", "\u202e", "é", "=", "<<", "y", "a b ", "a  b"}
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom(words), rapid.StringMatching(`[a-zA-Z0-9:./$*@+ ,\[\]{}#&!'"-]{0,12}`)).Draw(r, "text")
		written := strict.Plain(text)
		if strings.ContainsAny(written, "\n\r") {
			r.Fatalf("%q has more than one line", written)
		}
		var read struct {
			Alone string
			List  []string
			Map   map[string]string
		}
		if err := yaml.Unmarshal([]byte("alone: "+written+"\nlist: ["+written+", x]\nmap: { a: "+written+" }\n"), &read); err != nil {
			r.Fatalf("%s: %v", written, err)
		}
		if read.Alone != text || read.List[0] != text || read.Map["a"] != text {
			r.Fatalf("%s is read as %q, %q, %q; want %q", written, read.Alone, read.List[0], read.Map["a"], text)
		}
		var typed map[string]any
		if err := yaml.Unmarshal([]byte("a: "+written), &typed); err != nil || typed["a"] != text {
			r.Fatalf("%s is read as %T %v (%v)", written, typed["a"], typed["a"], err)
		}
	})
}
