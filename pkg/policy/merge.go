package policy

import (
	"fmt"

	"github.com/stageward/stageward/pkg/internal/strict"
)

// draft is one stage as the layers describe it together, not yet checked.
type draft struct {
	name string // "" when it is not well-formed
	// layer and at are the last place that speaks about the stage.
	layer *layer
	at    strict.Position

	environment  held[string]
	url          held[address]
	from         held[from]
	unrestricted held[bool]
	data         held[dataClass]
	config       held[strict.JSON]
	deployedBy   held[deployer]
	hotfixFor    held[name]
	rollback     held[strict.Node]
	breakGlass   held[strict.Node]
	gates        []draftGate
	advised      held[[]strict.At[string]]
	// gatesBroken is true when gates were given that could not be read.
	gatesBroken bool
}

// draftGate is what a layer says about one gate.
type draftGate struct {
	id     string
	at     strict.Position
	params strict.Node
	layer  *layer
}

// held is a value with the layer it comes from.
type held[T any] struct {
	strict.At[T]
	layer *layer
}

// take replaces the value if the layer gives one.
func (h *held[T]) take(value strict.At[T], layer *layer) {
	if value.Given {
		*h = held[T]{value, layer}
	}
}

// merge puts the layers on top of each other, stage by stage. A stage that an
// earlier layer does not have comes after those it has.
func merge(layers []*layer) []*draft {
	var drafts []*draft
	for _, layer := range layers {
		lines := map[string]int{}
		for _, section := range layer.document.Stages.Value {
			if !section.Value.Name.Given {
				continue // not a stage at all, and reported as such
			}
			given := section.Value.Name
			name := string(given.Value)
			if line, twice := lines[name]; twice && given.OK {
				layer.report(given.Position, fmt.Sprintf("the stage %q is already in line %d", name, line), "say everything about a stage in one place")
				continue
			}
			lines[name] = given.Line
			target := findDraft(drafts, name)
			if target == nil {
				target = &draft{name: name}
				drafts = append(drafts, target)
			}
			target.take(section.Value, layer)
		}
	}
	return drafts
}

func findDraft(drafts []*draft, name string) *draft {
	for _, each := range drafts {
		if each.name == name && name != "" {
			return each
		}
	}
	return nil
}

// title names the stage in a message.
func (d *draft) title() string {
	if d.name == "" {
		return "the stage"
	}
	return fmt.Sprintf("the stage %q", d.name)
}

// take puts one layer's section on top.
func (d *draft) take(given section, layer *layer) {
	d.layer, d.at = layer, given.Name.Position
	d.environment.take(given.Environment, layer)
	d.url.take(given.URL, layer)
	d.takeFrom(given.From, layer)
	d.data.take(given.Data, layer)
	d.config.take(given.Config, layer)
	d.advised.take(given.Advised, layer)
	d.deployedBy.take(given.DeployedBy, layer)
	d.hotfixFor.take(given.HotfixFor, layer)
	d.rollback.take(given.Rollback, layer)
	d.breakGlass.take(given.BreakGlass, layer)

	// Whether a stage is unrestricted and which gates it has is one question:
	// who answers it either way has answered it.
	switch {
	case given.Unrestricted.Given:
		d.unrestricted.take(given.Unrestricted, layer)
		if given.Unrestricted.Value {
			d.gates = nil
		}
	case given.Gates.Given:
		d.unrestricted = held[bool]{}
	}
	d.gatesBroken = given.Gates.Given && !given.Gates.OK
	for _, entry := range given.Gates.Value {
		d.setGate(draftGate{id: entry.Key, at: entry.At, params: entry.Value, layer: layer})
	}
}

// takeFrom replaces what the stage accepts. Which versions it takes stays as it
// was when the new tags do not say: who widens a pattern does not mean to let
// pre-releases into production. The same goes for the events.
func (d *draft) takeFrom(given strict.At[from], layer *layer) {
	before := d.from.Value
	d.from.take(given, layer)
	if given.Given && given.Value.Tags.Given && !given.Value.Versions.Given {
		d.from.Value.Versions = before.Versions
	}
	if given.Given && !given.Value.Events.Given {
		d.from.Value.Events = before.Events
	}
}

// setGate replaces what an earlier layer says about a gate as a whole, so that
// a reader need not know what the preset would have left over.
func (d *draft) setGate(given draftGate) {
	for i, each := range d.gates {
		if each.id == given.id {
			d.gates[i] = given
			return
		}
	}
	d.gates = append(d.gates, given)
}
