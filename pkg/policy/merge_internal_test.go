package policy

import (
	"slices"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
)

// No preset of this program names its events, so this one is made here.
const presetWithEvents = `
version: 1
stages:
  - { name: prod, from: { tags: ["v*"], versions: release, events: [workflow_dispatch] }, unrestricted: true }
`

func TestEventsOfAPresetStayUnlessTheFileGivesThem(t *testing.T) {
	t.Parallel()
	for from, want := range map[string][]string{
		`{ branches: [main] }`:                   {"workflow_dispatch"},
		`{ tags: ["r*"] }`:                       {"workflow_dispatch"},
		`{ tags: ["r*"], versions: any }`:        {"workflow_dispatch"},
		`{ tags: ["r*"], events: [push] }`:       {"push"},
		`{ tags: ["r*"], events: [schedule] }`:   {"schedule"},
		`{ branches: [main], events: [create] }`: {"create"},
	} {
		preset, usable := readLayer("preset test", []byte(presetWithEvents))
		if !usable {
			t.Fatalf("read the preset: %v", problemsOf(preset))
		}
		file, usable := readLayer("policy.yml", []byte("version: 1\nstages: [{ name: prod, from: "+from+" }]\n"))
		if !usable {
			t.Fatalf("read %s: %v", from, problemsOf(file))
		}
		got, err := build("test", []*layer{preset, file}, gate.All())
		if err != nil {
			t.Fatalf("%s: %v", from, err)
		}
		if events := got.Stages[0].Rule.Events; !slices.Equal(events, want) {
			t.Errorf("%s: got the events %q, want %q", from, events, want)
		}
	}
}
