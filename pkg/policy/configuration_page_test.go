package policy_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/configfile"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// TestThePageAboutConfigurationIsTrue reads its policies, compares the errors
// that it shows with those of the one before, and writes the files of its first policy.
func TestThePageAboutConfigurationIsTrue(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?ms)^```(yaml|yaml wrong|text|dotenv|json|yaml file)\n(.*?)^```$").FindAllStringSubmatch(string(read(t, "../../docs/configuration.md")), -1)
	if len(blocks) != 7 {
		t.Fatalf("found %d examples", len(blocks))
	}
	first, err := policy.Parse(".github/stageward.yml", []byte(blocks[0][2]), gate.All())
	if err != nil {
		t.Fatal(err)
	}
	dev, _ := first.Stage("dev")
	shown := ""
	for _, block := range blocks {
		kind, text := block[1], block[2]
		switch kind {
		case "yaml", "yaml wrong":
			_, err := policy.Parse(".github/stageward.yml", []byte(text), gate.All())
			if wrong := kind == "yaml wrong"; wrong != (err != nil) {
				t.Errorf("wrong is %t, the error is %v, of:\n%s", wrong, err, text)
			}
			if err != nil {
				shown = err.Error() + "\n"
			}
		case "text":
			if diff := cmp.Diff(text, shown); diff != "" {
				t.Errorf("the page shows another error (-page +real):\n%s", diff)
			}
		default:
			format := configfile.Format(strings.TrimSuffix(kind, " file"))
			file, err := configfile.Write(dev.Config, format)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text, string(file)); diff != "" {
				t.Errorf("the page shows another file of %s (-page +real):\n%s", format, diff)
			}
		}
	}
}
