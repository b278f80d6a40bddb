package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
	"github.com/stageward/stageward/pkg/verdict"
)

// Lane is another way to a stage than the ordinary one, as the policy opens it.
type Lane struct {
	// Check is what is asked of a run that goes this way, beside the gates that
	// hold.
	Check gate.Check
	// Keeps are ids of gates that hold on this way although they are not firm.
	Keeps []string
	// Opened is true where the policy says so, and false where the way is open by
	// itself. Origin says where, as in Gate.
	Opened bool
	Origin string
}

// OpenLane is a lane with its name.
type OpenLane struct {
	Name verdict.Lane
	Lane
}

// OpenLanes returns the other ways to the stage that are open, in the order of
// their names.
func (s Stage) OpenLanes() []OpenLane {
	var open []OpenLane
	for _, name := range slices.Sorted(maps.Keys(s.Lanes)) {
		open = append(open, OpenLane{name, s.Lanes[name]})
	}
	return open
}

// deployer is the job that deploys to a stage.
type deployer struct {
	Workflow strict.At[workflowFile] `yaml:"workflow,required" doc:"The path of the workflow file, such as .github/workflows/deploy.yml."`
	Job      strict.At[string]       `yaml:"job,required" doc:"The name of the job in it, as GitHub shows it, such as deploy-prod."`
}

func (d deployer) jobOf() fact.JobOf {
	return fact.JobOf{Workflow: string(d.Workflow.Value), Job: d.Job.Value}
}

type workflowFile string

// Pattern returns the form of the path of a workflow file.
func (workflowFile) Pattern() (expression, words string) {
	return `^\.github/workflows/[A-Za-z0-9._-]+\.ya?ml$`, "a path such as .github/workflows/deploy.yml"
}

// laneCommon is what both lanes may say beside the parameters of their gate.
type laneCommon struct {
	Mode  strict.At[laneMode]            `yaml:"mode" doc:"off closes the way. Without it, it is open."`
	Keeps strict.At[[]strict.At[string]] `yaml:"keeps" doc:"Ids of gates that hold on this way, too, beside those that always do."`
}

type laneMode string

// Values returns the modes of a lane.
func (laneMode) Values() []string { return []string{verdict.Enforce.String(), verdict.Off.String()} }

// buildLanes opens the ways to a stage. A rollback is open on every stage that
// asks for something, breaking the glass only where the policy says so. A hotfix
// lane has neither: it is a way of its own.
func (b *builder) buildLanes(d *draft, built *Stage, terms gate.Terms) {
	if built.Unrestricted || built.HotfixFor != "" {
		for _, given := range []held[strict.Node]{d.rollback, d.breakGlass} {
			if given.Given {
				given.layer.report(given.Position, d.title()+" has no other way: it asks for nothing, or is a hotfix lane itself", "remove the key")
			}
		}
		return
	}
	built.Lanes, built.Shut = make(map[verdict.Lane]Lane), make(map[verdict.Lane]string)
	for _, each := range b.gates {
		switch each.Lane {
		case verdict.Rollback:
			b.openLane(built, each, d.rollback, d, terms)
		case verdict.BreakGlass:
			if d.breakGlass.Given {
				b.openLane(built, each, d.breakGlass, d, terms)
			}
		case verdict.Hotfix:
		}
	}
}

// openLane binds the gate of a lane to what the policy says of it. One that the
// policy does not mention is shut where its gate cannot do without being told.
func (b *builder) openLane(built *Stage, asked gate.Gate, given held[strict.Node], d *draft, terms gate.Terms) {
	if !given.Given {
		check, err := asked.Bind(nil, terms)
		if err != nil {
			built.Shut[asked.Lane] = err.Error()
			return
		}
		built.Lanes[asked.Lane] = Lane{Check: check, Origin: "always open"}
		return
	}
	var shared laneCommon
	check, err := asked.Bind(func(into any) error {
		if !given.layer.decoder.Decode(given.Value, into, &shared) {
			return errReported
		}
		return nil
	}, terms)
	as := draftGate{id: string(asked.Lane), at: given.Position, params: given.Value, layer: given.layer}
	lane := Lane{Check: check, Keeps: b.keeps(d, as, shared, *built), Opened: true, Origin: as.origin()}
	switch {
	case shared.Mode.Value == laneMode(verdict.Off.String()):
		built.Shut[asked.Lane] = "the policy turns it off (" + lane.Origin + ")"
	case err == nil:
		b.checkApart(as, check, *built)
		built.Lanes[asked.Lane] = lane
	case !errors.Is(err, errReported):
		given.layer.report(as.blame(err), fmt.Sprintf("%s: %s", strict.Quote(as.id), strict.Escape(err.Error())), "")
	}
}

// keeps returns the ids of the gates that a lane keeps. One that the stage does
// not ask for, or turns off, would keep nothing, and its author would not learn of
// it.
func (b *builder) keeps(d *draft, lane draftGate, shared laneCommon, built Stage) []string {
	var ids []string
	for _, each := range shared.Keeps.Value {
		if !each.OK {
			continue
		}
		if _, ok := b.gate(draftGate{id: each.Value, at: each.Position, layer: lane.layer}); !ok {
			continue
		}
		switch {
		case slices.ContainsFunc(built.Gates, func(asked Gate) bool { return asked.Check.ID == each.Value && asked.Mode == verdict.Off }):
			lane.layer.report(each.Position, fmt.Sprintf("keeps: %s turns the gate %q off, so %s would keep nothing", d.title(), each.Value, strict.Quote(lane.id)), "turn the gate on, or remove it here")
		case !slices.ContainsFunc(d.gates, func(asked draftGate) bool { return asked.id == each.Value }):
			lane.layer.report(each.Position, fmt.Sprintf("keeps: %s has no gate %q that %s could keep", d.title(), each.Value, strict.Quote(lane.id)), "add the gate below gates, or remove it here")
		}
		ids = append(ids, each.Value)
	}
	return ids
}

// checkApart keeps approvals of a lane apart from those of the stage's gates: what
// people said of an ordinary deployment is not said of an emergency.
func (b *builder) checkApart(lane draftGate, check gate.Check, built Stage) {
	for _, need := range check.Needs {
		if need.Kind != fact.NeedApprovals {
			continue
		}
		for _, each := range built.Gates {
			if slices.Contains(each.Check.Needs, need) {
				lane.layer.report(lane.blame(errWorkflow), fmt.Sprintf("%s and the gate %q have one workflow for approvals, %s, so an approval for the one would pass for the other", strict.Quote(lane.id), each.Check.ID, strict.Quote(need.Key)),
					"give the emergency a workflow of its own, such as .github/workflows/emergency.yml")
			}
		}
	}
}

var errWorkflow = errors.New("workflow: of a gate")

// checkHotfixApart is checkApart for a hotfix lane and the stage that it leads to:
// what people approve is for the stage, whichever way they meant.
func (b *builder) checkHotfixApart(d *draft, lane Stage, policy Policy) {
	target, ok := policy.Stage(lane.HotfixFor)
	if !ok || lane.HotfixFor == "" {
		return
	}
	for _, way := range target.OpenLanes() {
		for _, each := range d.gates {
			if need, shared := sharedApprovals(each.id, lane, way.Check); shared {
				each.layer.report(each.blame(errWorkflow), fmt.Sprintf("the gate %q of %s and %s of the stage %q have one workflow for approvals, %s, so an approval for the one would pass for the other", each.id, d.title(), strict.Quote(string(way.Name)), target.Name, strict.Quote(need.Key)),
					"name another workflow here, such as .github/workflows/approve.yml")
			}
		}
	}
}

// sharedApprovals returns the approvals that both a gate of a stage and another check
// ask for.
func sharedApprovals(id string, s Stage, other gate.Check) (need fact.Need, shared bool) {
	for _, each := range s.Gates {
		for _, need := range each.Check.Needs {
			if each.Check.ID == id && need.Kind == fact.NeedApprovals && slices.Contains(other.Needs, need) {
				return need, true
			}
		}
	}
	return need, false
}

// checkHotfix holds a hotfix lane to the stage that it leads to: what is there is
// said once, at the stage.
func (b *builder) checkHotfix(d *draft, drafts []*draft) {
	given := d.hotfixFor
	if !given.Given || !given.OK {
		return
	}
	target := findDraft(drafts, string(given.Value))
	switch {
	case target == nil:
		given.layer.report(given.Position, fmt.Sprintf("there is no stage %s", strict.Quote(string(given.Value))), "name the stage that the hotfixes go to")
	case target == d || target.hotfixFor.Given:
		given.layer.report(given.Position, fmt.Sprintf("%s cannot be a hotfix lane for %s", d.title(), target.title()), "name a stage that is no hotfix lane")
	case d.environment.Given || d.url.Given || d.data.Given || d.config.Given || d.deployedBy.Given:
		given.layer.report(given.Position, fmt.Sprintf("%s is a hotfix lane for %s, which says what its environment, url, data, config and deployed-by are", d.title(), target.title()), "remove those keys here")
	case d.unrestricted.Value:
		given.layer.report(given.Position, d.title()+" is a hotfix lane that asks for nothing", "say what has to be true of a hotfix, below gates")
	}
}

// ordered returns the drafts that are stages of the progression, without the
// hotfix lanes.
func ordered(drafts []*draft) []*draft {
	return slices.DeleteFunc(slices.Clone(drafts), func(d *draft) bool { return d.hotfixFor.Given })
}
