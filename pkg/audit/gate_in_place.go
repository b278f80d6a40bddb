package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/workflow"
)

// GateInPlace holds where no job gets the environment of a stage, and with it the
// stage's secrets, without the gate having said yes in that very job.
var GateInPlace = register(Check{
	ID:       "gate-in-place",
	Title:    "Every job that deploys asks the gate first",
	Why:      "Nothing makes a job ask the gate but the job itself: one that does not, or that goes on whatever the answer, deploys past every rule of the policy.",
	Severity: verdict.Critical,
	Needs:    needsWorkflows,
	Ask: func(in Input) []verdict.Point {
		files, missing := in.workflows()
		var points []verdict.Point
		for _, each := range in.Rules.Progression() {
			about := about{stage: each.Name, severity: verdict.Critical}
			switch {
			case each.Unrestricted:
				points = append(points, about.beside("the policy asks for nothing"))
			case missing != nil:
				points = append(points, about.unknown("which jobs deploy", missing, workflowsToken))
			default:
				points = append(points, in.gatesOf(each, files)...)
			}
		}
		if missing == nil {
			points = append(points, in.uncalled(files)...)
		}
		return points
	},
})

// flaw is why a gate in a job does not hold it.
type flaw struct {
	severity          verdict.Severity
	code, reason, fix string
}

// gatesOf answers for one stage.
func (in Input) gatesOf(s policy.Stage, files []workflowFile) []verdict.Point {
	jobs := in.deploying(s, files)
	about := about{stage: s.Name, severity: verdict.Critical}
	var points []verdict.Point
	var held []string
	for _, each := range jobs {
		flaws := in.flaws(each)
		for _, flaw := range flaws {
			about.severity = flaw.severity
			reason := fmt.Sprintf("%s has %s, and %s", each, each.environment(s), flaw.reason)
			points = append(points, each.see(about.wrong(flaw.code, reason, flaw.fix)))
		}
		if len(flaws) == 0 {
			held = append(held, each.String())
		}
	}
	about.severity = verdict.Critical
	lost := unreadable(files)
	switch {
	case len(points) > 0:
		return points
	case lost != nil:
		return []verdict.Point{about.unknown("whether every job asks the gate", lost, "Correct the file: see workflows-read.")}
	case len(jobs) == 0:
		point := verdict.Point{
			Stage: s.Name, Severity: verdict.Low, Outcome: verdict.Unknown, Code: "nothing-deploys",
			Reason: fmt.Sprintf("no job of the default branch has the environment %q, so nothing that could be looked at deploys to the stage", s.Environment),
			Fix:    "Give the job that deploys `environment:`, with the gate as its first step. Where another repository or system deploys, look there.",
		}
		return []verdict.Point{point}
	}
	return []verdict.Point{about.fine("the gate comes first and holds in " + strings.Join(held, ", "))}
}

// deploying returns the jobs that have the environment of a stage, and those that
// the policy names for it.
func (in Input) deploying(s policy.Stage, files []workflowFile) []placedJob {
	named, _ := in.jobsNamed(files, s.DeployedBy)
	return slices.DeleteFunc(jobsOf(files), func(each placedJob) bool {
		isNamed := slices.ContainsFunc(named, func(other placedJob) bool {
			return other.file.Path == each.file.Path && other.job.ID == each.job.ID
		})
		return !isNamed && !each.hasStage(s)
	})
}

// environment says in words which environment the job has.
func (p placedJob) environment(s policy.Stage) string {
	switch name := p.job.Environment.Name; {
	case name == "":
		return "the name by which the policy knows what deploys to the stage"
	case workflow.HasExpression(name):
		return fmt.Sprintf("the environment %q, which can be %q", name, s.Environment)
	}
	return fmt.Sprintf("the environment %q", p.job.Environment.Name)
}

// flaws returns why the gate does not hold a job; none where it does.
func (in Input) flaws(p placedJob) []flaw {
	at := in.gateOf(p.job)
	if at < 0 {
		return []flaw{{
			verdict.Critical, "no-gate", "no step of it is the gate",
			"Make the gate the first step of the job, with the inputs stage and environment; examples/gated-deploy.yml shows it.",
		}}
	}
	gate := p.job.Steps[at]
	flaws := slices.Concat(contained(p.job), early(p.job.Steps[:at], gate), inputs(p.job, gate), in.otherPolicy(gate))
	return append(flaws, unguarded(p.job.Steps[at+1:], gate)...)
}

// contained returns that containers, which GitHub starts before the first step, have
// a secret.
func contained(job workflow.Job) []flaw {
	if !slices.ContainsFunc(job.Containers, mentionsSecret) {
		return nil
	}
	return []flaw{{
		verdict.Critical, "not-first", "its container or services get a secret, and run before the gate",
		"Give secrets to the steps after the gate alone, below env: of each.",
	}}
}

// early returns what runs before the gate has said anything.
func early(before []workflow.Step, gate workflow.Step) []flaw {
	for _, each := range before {
		if prepares(each, gate) {
			continue
		}
		severity := verdict.High
		if each.Run != "" {
			severity = verdict.Critical
		}
		return []flaw{{
			severity, "not-first", fmt.Sprintf("%s runs before the gate, with the secrets of the environment", stepName(each)),
			"Make the gate the first step. Only the step that gets its people-token may stand before it.",
		}}
	}
	return nil
}

// inputs returns what the gate is not told, or told otherwise: without the
// environment it answers about the stage of the branch or tag, whatever the
// environment of the job.
func inputs(job workflow.Job, gate workflow.Step) []flaw {
	const fix = "Give the gate the inputs stage and environment, with the environment that the job has."
	var flaws []flaw
	told, _ := gate.With.Get("environment")
	switch own := job.Environment.Name; {
	case own == "":
	case told == "":
		flaws = append(flaws, flaw{verdict.Critical, "no-environment", "its gate is not told the environment: it can allow one stage, and the job has the secrets of another", fix})
	case !strings.EqualFold(expressionless(told), expressionless(own)):
		flaws = append(flaws, flaw{verdict.Critical, "other-environment", fmt.Sprintf("its gate is told the environment %q", told), fix})
	}
	if told, _ := gate.With.Get("stage"); told == "" && job.Environment.Name != "" {
		flaws = append(flaws, flaw{verdict.Low, "no-stage", "its gate is not told the stage, so a branch or tag that fits two stages is refused", fix})
	}
	return flaws
}

// otherPolicy returns that the gate goes by another policy than the one that the
// repository is held against.
func (in Input) otherPolicy(gate workflow.Step) []flaw {
	told, _ := gate.With.Get("policy")
	told = cmp.Or(told, fact.PolicyPath)
	if in.PolicyPath == "" || told == in.PolicyPath {
		return nil
	}
	return []flaw{{
		verdict.High, "other-policy", fmt.Sprintf("its gate goes by the policy %s, and this audit is of %s", cited(told), cited(in.PolicyPath)),
		"Have one policy, and remove the input policy from the gate; or audit the other one, too, with --policy.",
	}}
}

// expressionless returns a value with the space in its expressions taken out.
func expressionless(value string) string {
	for _, each := range workflow.Expressions(value) {
		value = strings.Replace(value, each, strings.Join(strings.Fields(each), ""), 1)
	}
	return strings.NewReplacer("${{ ", "${{", " }}", "}}").Replace(strings.TrimSpace(value))
}

// unguarded returns the first step that runs although the gate does not allow.
func unguarded(after []workflow.Step, gate workflow.Step) []flaw {
	goesOn := endsJob(gate)
	for _, each := range after {
		condition := workflow.ConditionOf(each.If)
		switch {
		case demandsAllow(condition, gate):
		case goesOn != "":
			return []flaw{{
				verdict.Critical, "unguarded", fmt.Sprintf("%s runs whatever the gate says: %s", stepName(each), goesOn),
				"Let the gate fail the step: remove fail-on, continue-on-error and if from it. Or give every step after it the condition steps.gate.outputs.allowed == 'true', and the gate `id: gate`.",
			}}
		case condition.OutlivesFailure():
			return []flaw{{
				verdict.High, "runs-anyway", fmt.Sprintf("%s has if: %s, so it runs, with the secrets of the environment, also where the gate does not allow", stepName(each), cited(each.If)),
				"Let the condition ask for steps.gate.outputs.allowed == 'true' as well, and give the gate `id: gate`.",
			}}
		}
	}
	return nil
}

// uncalled names the jobs that call a workflow which was not read: it can have jobs
// with any environment of this repository.
func (in Input) uncalled(files []workflowFile) []verdict.Point {
	var points []verdict.Point
	about := about{severity: verdict.Low}
	for _, each := range jobsOf(files) {
		if each.job.Uses == "" {
			continue
		}
		if _, why := in.called(files, each.job.Uses); why != "" {
			missing := &fact.Missing{Reason: fact.Incomplete, Detail: why}
			points = append(points, each.see(about.unknown(fmt.Sprintf("what %s does", each), missing, "Look there whether a job of it has an environment of this repository.")))
		}
	}
	return points
}

// stepName names a step for a reason.
func stepName(step workflow.Step) string {
	switch {
	case step.Name != "":
		return "the step " + cited(step.Name)
	case step.Uses != "":
		return "the step that uses " + cited(step.Uses)
	}
	return fmt.Sprintf("the step of line %d", step.Line)
}

// cited returns a short piece of a text from outside in quotes.
func cited(text string) string {
	const most = 80
	if chars := []rune(text); len(chars) > most {
		text = string(chars[:most]) + "..."
	}
	return strconv.Quote(text)
}
