package policy

import (
	"embed"
	"slices"
)

//go:embed presets/*.yml
var presets embed.FS

// PresetNames returns the names of the presets, the one with fewest stages
// first.
func PresetNames() []string { return []string{DefaultPreset, "four-stage"} }

// PresetSource returns the text of a preset, a policy file with comments for
// people; nil when there is none of that name.
func PresetSource(name string) []byte {
	if !slices.Contains(PresetNames(), name) {
		return nil
	}
	source, err := presets.ReadFile("presets/" + name + ".yml")
	if err != nil {
		return nil // TestPresets fails on a name without a file
	}
	return source
}
