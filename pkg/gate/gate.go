package gate

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// Spec describes one gate; P is the struct of its parameters. The fields of P
// carry `yaml:"name"` and `doc:"one sentence"` tags, from which the policy
// reader, the JSON Schema and the gate's reference table are made.
type Spec[P any] struct {
	// ID is the gate's name in policies: a statement in kebab-case.
	ID string
	// Title is the statement in words, as it is shown beside the outcome.
	Title string
	// Since is the version of Stageward that brought the gate.
	Since string
	// Always marks a gate that holds on every restricted stage and cannot be
	// named in a policy.
	Always bool
	// Firm marks a gate that a rollback asks like any other run, and that no
	// broken glass gets past: who signed, who deploys, whether the line is stopped.
	Firm bool
	// Lane is set for a gate that is asked only where the run asks for that lane.
	// A stage has its parameters under the key of that name, not below "gates:".
	Lane verdict.Lane
	// Configure is how a policy asks for the gate: a few lines of YAML that a
	// reader can put below "gates:" and adapt. Optional.
	Configure string
	// Fill puts what the policy says of the stage where the parameters say
	// nothing. Optional.
	Fill func(params P, terms Terms) P
	// Defaults are the parameters where the policy says nothing. Whoever
	// decodes over them replaces their lists and does not write into them.
	Defaults P
	// Validate refuses parameters that are well-formed but make no sense; the
	// error says what is expected. Optional.
	Validate func(params P, terms Terms) error
	// Needs names the facts that Check reads. It is given no others.
	Needs func(params P, terms Terms) []fact.Need
	// Notes say what a writer of these parameters should know although they are
	// right, one sentence each. Optional.
	Notes func(params P, terms Terms) []Note
	// Suppose is how its evidence is made up, for tests of policies.
	Suppose Supposing[P]
	// Check answers. It must return an Unknown finding when a fact it needs is
	// missing, and decide what an empty list means.
	Check func(params P, in Input) verdict.Finding
}

// Input is what a gate may look at.
type Input struct {
	// Facts holds the subject, the trigger, and the facts the gate needs.
	Facts fact.Set
	// Terms are what the policy says for all gates.
	Terms Terms

	// rings keeps key rings that a gate would make again for each commit; nil
	// where it makes one.
	rings map[string]ringOf
}

// commit returns the commit that would be deployed. An answer about another one
// is none.
func (in Input) commit() (fact.Commit, *fact.Missing) {
	commit, missing := in.Facts.Commit.Get()
	if want := in.Facts.Subject.SHA; missing == nil && commit.SHA != want {
		missing = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked for %s, the answer is about %s", want, commit.SHA)}
	}
	return commit, missing
}

// Gate is a Spec whose parameters are not bound yet.
type Gate struct {
	ID     string
	Title  string
	Since  string
	Always bool
	Lane   verdict.Lane
	// Configure is an example for a policy, below "gates:"; "" where there is none.
	Configure string
	// Params is the type of the parameter struct, Defaults its default value.
	Params   reflect.Type
	Defaults any

	bind func(decode func(into any) error, terms Terms) (Check, error)
}

// Check is a gate with its parameters: ready to be asked.
type Check struct {
	ID     string
	Title  string
	Needs  []fact.Need
	Notes  []Note
	Params any
	// Firm is as in Spec.
	Firm bool
	// Supposition is how its evidence is made up, for tests of policies.
	Supposition Supposition

	ask func(Input) verdict.Finding
}

// Bind reads the parameters with decode, which fills the struct it is given,
// and checks them. decode may be nil: then the defaults hold.
func (g Gate) Bind(decode func(into any) error, terms Terms) (Check, error) {
	return g.bind(decode, terms)
}

// Ask evaluates the gate on the facts it needs and on no others.
func (c Check) Ask(facts fact.Set, terms Terms) verdict.Finding {
	finding := c.ask(Input{Facts: facts.Only(c.Needs), Terms: terms})
	finding.Gate, finding.Title = c.ID, c.Title
	return finding
}

// registry is filled by the gates' own files while the package is initialised
// and never changes afterwards.
var registry = map[string]Gate{}

// All returns every gate, ordered by id.
func All() []Gate {
	gates := make([]Gate, 0, len(registry))
	for _, gate := range registry {
		gates = append(gates, gate)
	}
	order.By(gates, func(a, b Gate) int { return strings.Compare(a.ID, b.ID) })
	return gates
}

// register makes a gate known under its id and returns it. It panics when two
// gates claim one id, which any test run shows.
func register[P any](spec Spec[P]) Gate {
	if _, taken := registry[spec.ID]; taken {
		panic(fmt.Sprintf("two gates are called %q", spec.ID)) //nolint:forbidigo // stops the program when it starts, before any decision
	}
	gate := Gate{
		ID: spec.ID, Title: spec.Title, Since: spec.Since, Always: spec.Always, Lane: spec.Lane, Configure: spec.Configure,
		Params: reflect.TypeFor[P](), Defaults: spec.Defaults,
		bind: spec.bindTo,
	}
	registry[spec.ID] = gate
	return gate
}

func (s Spec[P]) bindTo(decode func(into any) error, terms Terms) (Check, error) {
	params := s.Defaults
	if decode != nil {
		if err := decode(&params); err != nil {
			return Check{}, err
		}
	}
	if s.Fill != nil {
		params = s.Fill(params, terms)
	}
	if s.Validate != nil {
		if err := s.Validate(params, terms); err != nil {
			return Check{}, err
		}
	}
	var notes []Note
	if s.Notes != nil {
		notes = s.Notes(params, terms)
	}
	check := Check{
		ID: s.ID, Notes: notes, Title: s.Title, Params: params, Firm: s.Firm || s.Always,
		Needs:       s.Needs(params, terms),
		Supposition: s.supposition(params, terms),
		ask:         func(in Input) verdict.Finding { return s.Check(params, in) },
	}
	check.Supposition.ask, check.Supposition.needs = check.ask, check.Needs
	return check, nil
}
