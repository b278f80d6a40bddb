package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/workflow"
)

// ScriptInjection holds where no script of a job that deploys is made of text that
// somebody outside of the file wrote.
var ScriptInjection = register(Check{
	ID:       "script-injection",
	Title:    "No script of a deploying job is made of foreign text",
	Why:      "An expression inside of a script becomes part of the program: a branch called `$(…)`, or a title with a quote in it, runs with the secrets of the environment.",
	Severity: verdict.Medium,
	Needs:    needsWorkflows,
	Ask: func(in Input) []verdict.Point {
		return in.eachDeploying(about{severity: verdict.Medium}, "the scripts of the jobs that deploy hold no foreign text", func(about about, p placedJob) []verdict.Point {
			var points []verdict.Point
			for _, step := range p.job.Steps {
				for _, expression := range workflow.Expressions(scriptOf(step)) {
					if what := in.outside(p, expression, []workflow.Entries{step.Env, p.job.Env, p.file.read.Env}); what != "" {
						point := about.wrong("script-injection", fmt.Sprintf("%s of %s holds ${{ %s }}, %s", stepName(step), p, shortened(expression), what),
							"Put the expression below env: of the step, and use the variable in the script, in quotes.")
						points = append(points, p.file.see(point, step.Line))
					}
				}
			}
			return points
		})
	},
})

// eachDeploying asks about every job that can have the environment of a stage that
// asks for something, or that the policy names for it.
func (in Input) eachDeploying(about about, fine string, ask func(about, placedJob) []verdict.Point) []verdict.Point {
	files, missing := in.workflows()
	if missing != nil {
		return []verdict.Point{about.unknown("which jobs deploy", missing, workflowsToken)}
	}
	var points []verdict.Point
	jobs := 0
	for _, s := range in.Rules.Progression() {
		if s.Unrestricted {
			continue
		}
		for _, each := range in.deploying(s, files) {
			jobs++
			points = append(points, ask(about, each)...)
		}
	}
	lost := unreadable(files)
	switch {
	case len(points) > 0:
		return distinct(points)
	case lost != nil:
		return []verdict.Point{about.unknown("what every job that deploys does", lost, "Correct the file: see workflows-read.")}
	case jobs == 0:
		return []verdict.Point{about.beside("no job of the default branch has the environment of a restricted stage")}
	}
	return []verdict.Point{about.fine(fine)}
}

// scriptOf returns the programs that a step holds: that of run, and those that an
// action is given, by the names that actions have for them.
func scriptOf(step workflow.Step) string {
	text := step.Run
	for _, name := range []string{"script", "inlineScript", "run", "command", "cmd"} {
		script, _ := step.With.Get(name)
		text += "\n" + script
	}
	return text
}

// yields are the functions that come to a text of their argument. The others come
// to true, false, or a digest.
var (
	yields = lazy.New(`^(?:tojson|fromjson|format|join)\(`)
	calls  = lazy.New(`[a-z0-9_]\(`)
)

// outside says what in the value of an expression somebody outside of the file
// chose; "" where that is nothing, or cannot hold a program. env are the variables
// that it can name, those of the step first.
func (in Input) outside(p placedJob, expression string, env []workflow.Entries) string {
	for _, operand := range workflow.Results(expression) {
		bare := strings.ToLower(workflow.Unquoted(dotted(operand)))
		if !yields.MatchString(bare) && (strings.ContainsAny(bare, "=<>!") || calls.MatchString(bare)) {
			continue // true or false
		}
		for _, name := range reference.FindAllString(bare, -1) {
			if why := cmp.Or(in.outsider(p, name), in.ofVariable(p, name, env)); why != "" {
				return why
			}
		}
	}
	return ""
}

// ofVariable is outside for what a variable stands for. What is below env: of a step
// is made of the variables of the job, never of its own.
func (in Input) ofVariable(p placedJob, name string, env []workflow.Entries) string {
	variable, ok := strings.CutPrefix(name, "env.")
	for i, each := range env {
		if value, found := each.Get(variable); ok && found {
			for _, expression := range workflow.Expressions(value) {
				if why := in.outside(p, expression, env[i+1:]); why != "" {
					return why
				}
			}
			return ""
		}
	}
	return ""
}

var reference = lazy.New(`[a-z_][a-z0-9_-]*(?:\.[a-z0-9_*-]+|\['?[^\]]*\])+|[a-z_][a-z0-9_-]*`)

// harmless is how the names of values end that GitHub makes itself, or that have
// no room for a program.
var harmless = lazy.New(`(?:^|\.)(?:id|node_id|number|sha|before|after|run_number|run_id|run_attempt|created_at|updated_at|draft|merged|deleted|forced|created|commits_count)$`)

// outsider says who chooses a value, by its name in lower case.
func (in Input) outsider(p placedJob, name string) string {
	switch {
	case name == "github" || name == "github.event" || strings.HasPrefix(name, "github.event.inputs"), name == "inputs":
		return in.typed(p, strings.TrimPrefix(name, "github.event."))
	case strings.HasPrefix(name, "inputs."):
		return in.typed(p, name)
	case harmless.MatchString(name) && !strings.Contains(name, "payload."): // which is whatever its sender likes
		return ""
	case strings.HasPrefix(name, "github.event."), strings.HasPrefix(name, "github.event["):
		return "what whoever caused the event wrote"
	case slices.Contains([]string{"github.head_ref", "github.ref_name", "github.ref", "github.base_ref", "github.workflow_ref"}, name),
		name == "github.*", strings.HasPrefix(name, "github["):
		return "a name that whoever made the branch or tag chose"
	}
	return in.relayed(p, name)
}

// typed says that an input is free text; "" where it is one of a choice.
func (in Input) typed(p placedJob, name string) string {
	input := strings.TrimPrefix(name, "inputs.")
	declared := false
	for _, event := range p.file.read.Events {
		for _, each := range event.Inputs {
			if !strings.EqualFold(each.Name, input) {
				continue
			}
			declared = true
			if !slices.Contains([]string{"boolean", "number", "choice"}, each.Type) {
				return "what whoever started or called the workflow typed"
			}
		}
	}
	if declared {
		return ""
	}
	return "what whoever started or called the workflow typed"
}

// told are the outputs of the gate that hold names and texts of others. What is
// not among them is an id, a word of Stageward's, or what the policy says.
var relays = lazy.New(`^(steps|needs)\.([a-z0-9_-]+)\.outputs\.(ref|changes|unmet|result|receipt)$`)

// allOutputs are names of many outputs at once.
var allOutputs = lazy.New(`^(?:steps|needs)(?:\.[a-z0-9_*-]+(?:\.outputs(?:\.\*)?)?)?$`)

// relayed says that an output of the gate holds foreign text.
func (in Input) relayed(p placedJob, name string) string {
	if allOutputs.MatchString(name) {
		return "all outputs at once, and with those of the gate names of others"
	}
	words := relays.FindStringSubmatch(name)
	if words == nil {
		return ""
	}
	steps := p.job.Steps
	if words[1] == "needs" {
		before, _ := p.file.read.Job(words[2])
		output, _ := before.Outputs.Get(words[3])
		inner := relays.FindStringSubmatch(strings.Join(workflow.Results(strings.Join(workflow.Expressions(output), "")), ""))
		if inner == nil {
			return ""
		}
		steps, words = before.Steps, inner
	}
	if slices.ContainsFunc(steps, func(each workflow.Step) bool { return strings.EqualFold(each.ID, words[2]) && in.isGate(each) }) {
		return "an output of the gate that holds names of others"
	}
	return ""
}

// shortened cuts a text that would fill the page.
func shortened(text string) string { return strings.Trim(cited(text), `"`) }
