package scenario

import (
	"embed"
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/policy"
)

//go:embed presets/*.yml
var presets embed.FS

// Preset returns the scenarios of a preset, which come with this program. The error is
// that of a name of which there is none.
func Preset(name string) (File, error) {
	source, err := presets.ReadFile("presets/" + name + ".test.yml")
	if err != nil {
		return File{}, fmt.Errorf("there are no scenarios of a preset %q; expected one of %s", name, strings.Join(policy.PresetNames(), ", "))
	}
	return Parse("preset "+name, source)
}
