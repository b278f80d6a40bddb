package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// errReported says that the decoder has reported what is wrong.
var errReported = errors.New("reported")

// buildGate binds a gate to its parameters.
func (b *builder) buildGate(d draftGate, terms gate.Terms) (Gate, bool) {
	found, ok := b.gate(d)
	if !ok {
		return Gate{}, false
	}
	var shared common
	check, err := found.Bind(func(into any) error {
		if !d.layer.decoder.Decode(d.params, into, &shared) {
			return errReported
		}
		return nil
	}, terms)
	if off := shared.Mode.Given && shared.Mode.Value == "off"; off && err != nil && !errors.Is(err, errReported) {
		// What is not asked need not make sense: this is how a policy says that it
		// does without.
		check, err = gate.Check{ID: found.ID, Title: found.Title}, nil
	}
	if err != nil {
		if !errors.Is(err, errReported) {
			d.layer.report(d.blame(err), fmt.Sprintf("%s: %s", strict.Quote(d.id), strict.Escape(err.Error())), "")
		}
		return Gate{}, false
	}
	asked := Gate{Check: check, Origin: d.origin(), Params: paramsOf(d, found.Defaults, check)}
	asked.Waiver = b.buildWaiver(d, shared.Waiver)
	if shared.Mode.Given {
		err = asked.Mode.UnmarshalText([]byte(shared.Mode.Value))
	}
	return asked, err == nil
}

// checkRanges holds the deployments that a gate counts from to checkDeployer.
func (b *builder) checkRanges(d draftGate, stage string, check gate.Check) {
	for _, need := range check.Needs {
		if from, err := fact.ParseRangeFrom(need.Key); err == nil && need.Kind == fact.NeedRange {
			b.checkDeployer(d.layer, d.blame(errDeployer), stage, fact.JobOf{Workflow: from.Workflow, Job: from.Job})
		}
	}
}

// checkDeployer keeps the deployments of stages apart. Where one job deploys to
// two, what went to the one would count as deployed to the other, and what came
// in since then would be next to nothing.
func (b *builder) checkDeployer(layer *layer, at strict.Position, stage string, by fact.JobOf) {
	hint := "give the job a name for each stage, such as name: deploy-${{ needs.gate.outputs.stage }}, and name deploy-prod here"
	if b.project != "" {
		stage += fmt.Sprintf(" of the project %q", b.project)
		hint = `give the job a name for each project and stage, such as name: deploy-${{ matrix.project }}-${{ matrix.stage }}, and name "deploy-{project}-prod" here`
	}
	before, known := b.deployers[by]
	if known && before != stage {
		layer.report(at, fmt.Sprintf("%s and %s name one job in deployed-by, %s of %s, so a deployment to one would pass for one to the other", before, stage, strict.Quote(by.Job), by.Workflow), hint)
		return
	}
	b.deployers[by] = stage
}

var errDeployer = errors.New("deployed-by: of another stage")

// gate finds the gate that is asked for.
func (b *builder) gate(d draftGate) (gate.Gate, bool) {
	var ids []string
	for _, each := range b.gates {
		switch {
		case each.ID == d.id && each.Always:
			d.layer.report(d.at, fmt.Sprintf("the gate %q is always on, and a policy cannot change it", d.id), "remove the key")
			return gate.Gate{}, false
		case each.ID == d.id && each.Lane != "":
			d.layer.report(d.at, fmt.Sprintf("the gate %q belongs to a way of its own and cannot stand here", d.id), fmt.Sprintf("write its parameters below the stage's key %q", each.Lane))
			return gate.Gate{}, false
		case each.ID == d.id:
			return each, true
		case !each.Always && each.Lane == "":
			ids = append(ids, each.ID)
		}
	}
	d.layer.report(d.at, fmt.Sprintf("there is no gate %s", strict.Quote(d.id)), strict.Alternatives(d.id, ids))
	return gate.Gate{}, false
}

// blame finds the place of an error of the gate's own check. By convention
// such an error begins with the name of the parameter it is about.
func (d draftGate) blame(err error) strict.Position {
	word, _, _ := strings.Cut(err.Error(), " ")
	if at, ok := d.params.Child(strings.Trim(word, `":`)); ok {
		return at
	}
	return d.at
}

func (d draftGate) origin() string { return origin(d.layer, d.at) }

// origin says where a policy says something, such as "preset three-stage" or
// ".github/stageward.yml:31".
func origin(of *layer, at strict.Position) string {
	if of.preset {
		return of.name
	}
	return fmt.Sprintf("%s:%d", of.name, at.Line)
}
