package policy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy/internal/strict"
	"github.com/stageward/stageward/pkg/verdict"
)

// Lane is another way to a stage than the ordinary one, as the policy opens it.
type Lane struct {
	// Check is what is asked of a run that goes this way, beside the gates that
	// hold.
	Check gate.Check
	// Keeps are ids of gates that hold on this way although they are not firm.
	Keeps []string
	// Origin says where the policy opens it, as in Gate.
	Origin string
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
func (b *builder) buildLanes(d *draft, built Stage, terms gate.Terms) map[verdict.Lane]Lane {
	for _, given := range []held[strict.Node]{d.rollback, d.breakGlass} {
		if given.Given && (built.Unrestricted || built.HotfixFor != "") {
			given.layer.report(given.Position, d.title()+" has no other way: it asks for nothing, or is a hotfix lane itself", "remove the key")
		}
	}
	if built.Unrestricted || built.HotfixFor != "" {
		return nil
	}
	lanes := map[verdict.Lane]Lane{}
	for _, each := range b.gates {
		switch each.Lane {
		case verdict.Rollback:
			b.openLane(lanes, each, d.rollback, d, terms)
		case verdict.BreakGlass:
			if d.breakGlass.Given {
				b.openLane(lanes, each, d.breakGlass, d, terms)
			}
		case verdict.Hotfix:
		}
	}
	return lanes
}

// openLane binds the gate of a lane to what the policy says of it.
func (b *builder) openLane(lanes map[verdict.Lane]Lane, asked gate.Gate, given held[strict.Node], d *draft, terms gate.Terms) {
	var shared laneCommon
	decode := func(into any) error {
		if !given.layer.decoder.Decode(given.Value, into, &shared) {
			return errReported
		}
		return nil
	}
	lane := Lane{Origin: "always open"}
	if given.Given {
		lane.Origin = draftGate{layer: given.layer, at: given.Position}.origin()
	} else {
		decode = nil
	}
	check, err := asked.Bind(decode, terms)
	closed := shared.Mode.Value == laneMode(verdict.Off.String())
	if err != nil && !closed && !errors.Is(err, errReported) {
		at := d.at
		if given.Given {
			at = draftGate{params: given.Value, at: given.Position}.blame(err)
		}
		d.layer.report(at, fmt.Sprintf("%s: %s", strict.Quote(string(asked.Lane)), strict.Escape(err.Error())), "")
	}
	for _, each := range shared.Keeps.Value {
		if _, ok := b.gate(draftGate{id: each.Value, at: each.Position, layer: given.layer}); ok && each.OK {
			lane.Keeps = append(lane.Keeps, each.Value)
		}
	}
	if err == nil && !closed {
		lane.Check = check
		lanes[asked.Lane] = lane
	}
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
