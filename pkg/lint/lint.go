package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// Warning is one thing that the writer of a policy may not mean.
type Warning struct {
	// ID names its kind in kebab-case. It is stable: policies accept a warning by it.
	ID string
	// Stage is the stage that it is about, or "". Gate is the gate that says it, or "".
	Stage, Gate string
	// Project is the only project of the policy of which it is so; "" where it is so
	// of several, or where there are none.
	Project string
	// Where is the place as "file:line", "preset <name>" where the preset says it, or "".
	Where string
	// Text says what is so, in a sentence; Fix what to do, or "" where Text says it.
	// They can hold names out of the policy, which are not escaped.
	Text, Fix string
	// Accepted is the acceptance of the policy that the warning meets, or nil.
	Accepted *policy.Acceptance
}

// Beside is what else is known where the policy is.
type Beside struct {
	// Workflows are the texts of the workflow files by their paths.
	Workflows map[string]string
	// DefaultBranch is the name of the default branch, or "" where nobody says it.
	DefaultBranch string
	// Now is the moment at which waivers, calendars and acceptances are looked at.
	Now time.Time
}

// rule is one thing that is looked for.
type rule struct {
	id string
	// check returns the warnings. It leaves out their ids.
	check func(subject) []Warning
}

// registry is filled by the rules' own files while the package is initialised and
// never changes afterwards.
var registry = map[string]rule{}

// register makes a rule known. It panics when two claim one id, which any test run
// shows.
func register(id string, check func(subject) []Warning) rule { //nolint:unparam // a file registers with a variable; there is no init()
	if _, taken := registry[id]; taken {
		panic(fmt.Sprintf("two rules are called %q", id)) //nolint:forbidigo // stops the program when it starts
	}
	registry[id] = rule{id, check}
	return registry[id]
}

// IDs returns the ids of all warnings that there can be, in order.
func IDs() []string {
	ids := append(gate.NoteIDs(), aboutAcceptances...)
	for id := range registry {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Look returns the warnings about a policy: by the order of its stages, those about
// no stage last. What is accepted is among them.
func Look(rules policy.Policy, beside Beside) []Warning {
	var all []Warning
	for _, project := range rules.All() {
		all = merge(all, lookAt(newSubject(project, beside)))
	}
	return append(all, acceptAll(all, rules, beside.Now)...)
}

// lookAt returns the warnings about one project, in order.
func lookAt(in subject) []Warning {
	found := in.notes()
	for _, each := range registry {
		for _, warning := range each.check(in) {
			warning.ID = each.id
			found = append(found, warning)
		}
	}
	place := map[string]int{}
	for i, each := range in.rules.Stages {
		place[each.Name] = i - len(in.rules.Stages)
	}
	order.By(found, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(place[a.Stage], place[b.Stage]), strings.Compare(a.ID, b.ID), strings.Compare(a.Gate, b.Gate),
			strings.Compare(a.Where, b.Where), strings.Compare(a.Text, b.Text), strings.Compare(a.Fix, b.Fix))
	})
	for i := range found {
		found[i].Project = in.rules.Project
	}
	return found
}

// merge adds the warnings about one more project, each once. One that was there
// before is of several.
func merge(all, more []Warning) []Warning {
	for _, each := range more {
		same := slices.IndexFunc(all, func(other Warning) bool {
			other.Project = each.Project
			return other == each
		})
		if same < 0 {
			all = append(all, each)
		} else if all[same].Project != each.Project {
			all[same].Project = ""
		}
	}
	return all
}

// notes returns what the gates say themselves. One that is off says nothing.
func (in subject) notes() []Warning {
	var found []Warning
	for _, s := range in.rules.Stages {
		for _, each := range s.Gates {
			if each.Mode != verdict.Off {
				found = append(found, notesOf(s, each.Check, each.Origin)...)
			}
		}
		for _, lane := range s.OpenLanes() {
			if lane.Opened {
				found = append(found, notesOf(s, lane.Check, lane.Origin)...)
			}
		}
	}
	return found
}

func notesOf(s policy.Stage, check gate.Check, origin string) []Warning {
	var found []Warning
	for _, note := range check.Notes {
		found = append(found, Warning{ID: note.ID, Stage: s.Name, Gate: check.ID, Where: origin, Text: note.Text, Fix: note.Fix})
	}
	return found
}
