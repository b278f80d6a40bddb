package policy

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// builder checks what the layers say together and makes the policy. Problems
// are reported to the layer they belong to.
type builder struct {
	layers []*layer
	gates  []gate.Gate
	terms  gate.Terms
	// project is the project that the layers are about, or "".
	project string
	// deployers has the stage whose deployments are those of a job, over all
	// projects.
	deployers map[fact.JobOf]string
	drafts    []*draft
}

func newBuilder(layers []*layer, gates []gate.Gate) *builder {
	return &builder{layers: layers, gates: gates, deployers: map[fact.JobOf]string{}, terms: gate.Terms{Roles: gate.Roles{}}}
}

func (b *builder) build() Policy {
	b.buildRoles()
	b.buildSigners()
	b.buildCalendars()
	drafts := merge(b.layers)
	last := b.layers[len(b.layers)-1]
	if stages := last.document.Stages; b.project == "" && len(b.layers) == 1 && !stages.Given {
		last.report(strict.Position{Line: 1, Column: 1}, `the file has neither "preset" nor "stages"`, "write preset: three-stage to begin with, or list the stages")
	}
	b.drafts = drafts
	policy := Policy{Project: b.project, Terms: b.terms, Accepts: b.buildAccepts()}
	for _, each := range drafts {
		policy.Stages = append(policy.Stages, b.buildPlace(each))
	}
	for i, each := range drafts {
		b.checkHotfix(each, drafts)
		b.inherit(&policy.Stages[i], policy)
	}
	for i, each := range drafts { // gates know all stages
		b.buildGates(each, &policy.Stages[i], policy.TermsOf(policy.Stages[i]))
	}
	for i, each := range drafts {
		b.checkHotfixApart(each, policy.Stages[i], policy)
	}
	b.checkConfigs(drafts, policy.Stages)
	stages := ordered(drafts)
	for i, each := range stages {
		b.checkEnvironment(each, stages[:i])
	}
	b.checkData(stages)
	return policy
}

// buildRoles collects the roles; a later layer's role replaces an earlier one
// of its name. A role that is wrong is kept, so that its users are not
// reported as well.
func (b *builder) buildRoles() {
	known := true
	for _, layer := range b.layers {
		given := layer.document.Roles
		known = known && (!given.Given || given.OK || len(given.Value) > 0)
		for _, entry := range given.Value {
			built := buildRole(layer, entry)
			if entry.Key != "" {
				b.terms.Roles[string(entry.Key)] = built
			}
		}
	}
	if !known {
		return
	}
	for _, layer := range b.layers {
		layer.decoder.Checks[reflect.TypeFor[gate.RoleName]()] = b.badRole
	}
}

func buildRole(layer *layer, entry strict.Entry[name, role]) gate.Role {
	given := entry.Value
	built := gate.Role{Permission: fact.Permission(given.Permission.Value)}
	first := map[string]login{}
	for _, user := range given.Users.Value {
		key := fact.LoginKey(string(user.Value))
		if before, twice := first[key]; !twice {
			first[key] = user.Value
		} else if before != user.Value {
			layer.report(user.Position, fmt.Sprintf("%q and %q are one account; GitHub does not tell case apart", before, user.Value), "keep one of the two")
		}
		built.Users = append(built.Users, string(user.Value))
	}
	for _, each := range given.Teams.Value {
		built.Teams = append(built.Teams, string(each.Value))
	}
	if isPermission(entry.Key) {
		layer.report(entry.At, fmt.Sprintf("a role cannot be called %q, which is a permission already", entry.Key), "choose another name")
	}
	if !given.Permission.Given && !given.Users.Given && !given.Teams.Given && entry.OK {
		layer.report(entry.At, fmt.Sprintf("the role %q says nobody", entry.Key), "give it a permission, users or teams; who satisfies one of them holds the role")
	}
	return built
}

// badRole says what is wrong with the name of a role in a gate's parameters.
func (b *builder) badRole(text string) (message, hint string) {
	if _, err := b.terms.Roles.Lookup(gate.RoleName(text)); err == nil {
		return "", ""
	}
	return fmt.Sprintf("the role %s is not defined", strict.Quote(text)), strict.Alternatives(text, b.roleNames()) + `; or define it below "roles"`
}

// roleNames returns every name that a gate's parameter can have.
func (b *builder) roleNames() []string {
	return append(slices.Sorted(maps.Keys(b.terms.Roles)), permission("").Values()...)
}
