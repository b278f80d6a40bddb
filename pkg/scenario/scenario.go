package scenario

import (
	"encoding/json"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

// File is a file of scenarios that was read.
type File struct {
	// Name is the name that it was read under, Policy the path of the policy, from
	// the folder of the file.
	Name, Policy string
	Scenarios    []Scenario

	repository, branch string
	around             time.Time
	bases              map[string]Run
	order              []string
}

// Recorded returns the paths of the files of facts that scenarios begin with, each
// once, in the order of the file.
func (f File) Recorded() []string {
	var paths []string
	seen := map[string]bool{}
	for _, name := range f.order {
		if path := f.bases[name].facts; path != "" && !seen[path] {
			seen[path] = true
			paths = append(paths, path)
		}
	}
	return paths
}

// Has reports whether there is a run of this name.
func (f File) Has(base string) bool {
	_, known := f.bases[base]
	return known
}

// Scenario is a run, and what should be decided about it.
type Scenario struct {
	Name string
	// Line is where its name stands in the file.
	Line int

	base    string
	differs Run
	expect  Expect
}

// Run is what a run is about, and what is supposed of it. What is zero is not said.
type Run struct {
	facts          string
	ref            fact.Ref
	event          string
	actor, author  string
	stage, project string
	people         []person
	at             time.Time
	rollback       *bool // nil where it is not said
	breakGlass     string
	edits          []whatif.Edit
	change         json.RawMessage
}

type person struct {
	login      string
	permission fact.Permission
}

// Expect is what should be decided.
type Expect struct {
	Decision verdict.Decision
	// Stage is "" where it is not said; Reasons are nil then, and Gates.
	Stage   string
	Reasons []string
	Gates   []GateState
}

// GateState is how one gate stands.
type GateState struct {
	Gate    string
	Outcome verdict.Outcome
}
