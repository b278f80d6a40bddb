package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// stagesAlike compares what the policy says of the configuration of the stages. A
// policy in which they differ cannot be read, but for what it lists itself
// (config-may-differ): that is a decision, and is told.
func (r review) stagesAlike() verdict.Answer {
	const fix = "Give every stage a config with the same keys, of the same types."
	if len(r.stages) < 2 {
		return oneStage()
	}
	var without, differences []string
	first := r.stages[0]
	expected := shapeOf(first.Config)
	for _, s := range r.stages {
		if s.Config == nil {
			without = append(without, s.Name)
			continue
		}
		differences = append(differences, differing(first.Name, expected, s.Name, shapeOf(s.Config))...)
	}
	if len(without) > 0 {
		return cannotKnow("the policy gives no config for "+strings.Join(without, ", "), fix)
	}
	reason := "the config of " + strings.Join(names(r.stages), ", ") + " has the same keys of the same types"
	if len(differences) > 0 {
		reason += ", but for what config-may-differ lists: " + strings.Join(differences, ", ")
	}
	return yes(reason + "; what the policy does not hold is not compared")
}

// shapeOf returns the kind of each value of a configuration by the path of its
// keys. A list is one value: what is in it differs by nature.
func shapeOf(config json.RawMessage) map[string]string {
	shape := map[string]string{}
	var value any
	if json.Unmarshal(config, &value) == nil {
		addShape(shape, "", value)
	}
	return shape
}

func addShape(shape map[string]string, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		if path != "" {
			shape[path] = "a map"
			path += "."
		}
		for key, each := range value {
			addShape(shape, path+key, each)
		}
	case []any:
		shape[path] = "a list"
	case string:
		shape[path] = "a text"
	case bool:
		shape[path] = "true or false"
	default:
		shape[path] = "a number"
	}
}

// differing says in which keys two configurations are not alike.
func differing(a string, of map[string]string, b string, other map[string]string) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(of)) {
		switch kind, there := other[key]; {
		case !there:
			found = append(found, fmt.Sprintf("%q is in %s and not in %s", key, a, b))
		case kind != of[key]:
			found = append(found, fmt.Sprintf("%q is %s in %s and %s in %s", key, of[key], a, kind, b))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(other)) {
		if _, there := of[key]; !there {
			found = append(found, fmt.Sprintf("%q is in %s and not in %s", key, b, a))
		}
	}
	return found
}

func names(stages []policy.Stage) []string {
	var list []string
	for _, s := range stages {
		list = append(list, s.Name)
	}
	return list
}

// dataBefore goes by what the policy says. Nobody looks into a database.
func (r review) dataBefore() verdict.Answer {
	if len(r.stages) < 2 {
		return oneStage()
	}
	var parts []verdict.Answer
	for _, s := range r.stages[:len(r.stages)-1] {
		fix := fmt.Sprintf("Say in the policy which data %s holds (data: synthetic or anonymized), and see to it that it does.", s.Name)
		switch s.Data {
		case "synthetic", "anonymized":
			parts = append(parts, yes(fmt.Sprintf("the policy says that the data of %s is %s", s.Name, s.Data)))
		case "":
			parts = append(parts, cannotKnow("the policy does not say which data "+s.Name+" holds", fix))
		default:
			parts = append(parts, no(fmt.Sprintf("the policy says that the data of %s is %s", s.Name, s.Data), fix))
		}
	}
	return allOf(parts...)
}

// secretsPerStage compares the names of secrets. Values are never shown, so two
// environments may still hold one and the same.
func (r review) secretsPerStage() verdict.Answer {
	asking := r.asking()
	if len(asking) < 2 {
		return cannotKnow("fewer than two stages ask for something, so there are no two to keep apart", "Let the stages before the last one ask for something, too.")
	}
	shared, missing := r.facts.Secrets[""].Get()
	if missing != nil {
		return unseen("which secrets the repository has", missing)
	}
	if len(shared) > 0 {
		return no("every workflow of the repository can read "+listOf(shared), "Move them into the environments, each with a value of its own, and delete those of the repository.")
	}
	var parts []verdict.Answer
	var first []string
	for i, s := range asking {
		own, missing := r.facts.Secrets[s.Environment].Get()
		if missing != nil {
			return unseen(fmt.Sprintf("which secrets the environment %q has", s.Environment), missing)
		}
		own = slices.Sorted(slices.Values(own))
		if i == 0 {
			first = own
		}
		if !slices.Equal(own, first) {
			parts = append(parts, no(fmt.Sprintf("%s has the secrets %s, and %s has %s", asking[0].Name, listOf(first), s.Name, listOf(own)),
				"Give each environment the same names with values of its own."))
		}
	}
	switch {
	case len(parts) > 0:
		return allOf(parts...)
	case len(first) == 0:
		return cannotKnow("neither the repository nor the environments have secrets; whether those of the organisation are used is not shown here", "If the stages have secrets, keep them in their environments.")
	}
	return yes(fmt.Sprintf("each of %s has %s, and the repository has none; that the values differ is not shown", strings.Join(names(asking), ", "), listOf(first)))
}

func unseen(what string, missing *fact.Missing) verdict.Answer {
	point := about{}.unknown(what, missing, adminToken)
	return cannotKnow(point.Reason, point.Fix)
}

// listOf lists names from outside, at most ten of them.
func listOf(list []string) string {
	const most = 10
	if len(list) == 0 {
		return "none"
	}
	sorted := slices.Sorted(slices.Values(list))
	shown := make([]string, 0, most)
	for _, each := range sorted[:min(most, len(sorted))] {
		shown = append(shown, fmt.Sprintf("%q", each))
	}
	text := strings.Join(shown, ", ")
	if more := len(sorted) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// refreshed asks the gate fresh of the stage before the last one, whatever its
// mode: it is about what was done, not about what is asked for.
func (r review) refreshed() verdict.Answer {
	before, _, ok := r.lastTwo()
	if !ok {
		return oneStage()
	}
	check, found := asked(before, gate.Fresh.ID)
	if !found {
		return cannotKnow(before.Name+" does not ask for "+gate.Fresh.ID+", so nothing shows when it was refreshed",
			fmt.Sprintf("Refresh it by a workflow with a schedule, and name that workflow in the gate fresh of %s.", before.Name))
	}
	return told(check.Ask(r.facts, r.rules.TermsOf(before)))
}
