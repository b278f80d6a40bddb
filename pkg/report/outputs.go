package report

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/stageward/stageward/pkg/verdict"
)

// Output is one output of the step.
type Output struct{ Name, Value string }

// OutputNames returns the names of the outputs in the order in which they are
// written: allowed is last, so that a run that is cut short has not set it.
func OutputNames() []string {
	return []string{
		"stage", "environment", "environment-url", "sha", "ref", "version", "prerelease", "data", "config",
		"lane", "changes", "matrix",
		"unmet", "result", "receipt", "deployment-id", "audit", "reason-code", "decision", "allowed",
	}
}

// Outputs returns the outputs of the step in the order of OutputNames.
//
// What describes the run is given whenever it is known, whatever the decision;
// "" says that it is not. So sha, environment and config are there on a deny
// too: only allowed says that they may be used. It is "true" on a verdict that
// allows, and "false" otherwise. config is "{}" when there is none, so that
// fromJSON can always read it; so is changes where nobody asked, and unmet is
// then "[]". lane is "" on the ordinary way. matrix has the stage if the verdict
// allows, and is {"include":[]} otherwise.
//
// receipt is "" unless the verdict allows; see Receipt. deployment-id is for whoever
// records a deployment, audit for whoever audits; they are "" here.
//
// A replayed verdict that allows has the decision "error" and the reason code
// "replayed" here: a workflow that tests the wrong output must not deploy
// either.
//
// The error is that of Result.
func Outputs(v verdict.Verdict) ([]Output, error) {
	result, err := Result(v)
	if err != nil {
		return nil, err
	}
	return outputs(v, []verdict.Verdict{v}, result)
}

// outputs returns the outputs for a verdict, out of one or more decided ones, and
// the bytes of the output result.
func outputs(v verdict.Verdict, decided []verdict.Verdict, result []byte) ([]Output, error) {
	unmet, err := unmetJSON(decided)
	if err != nil {
		return nil, fmt.Errorf("write unmet: %w", err)
	}
	stage := verdict.Stage{}
	if v.Stage != nil {
		stage = *v.Stage
	}
	config, err := configJSON(stage.Config)
	if err != nil {
		return nil, fmt.Errorf("write config: %w", err)
	}
	receipt, err := receiptOf(v, result)
	if err != nil {
		return nil, fmt.Errorf("write receipt: %w", err)
	}
	changes, err := changesJSON(v)
	if err != nil {
		return nil, fmt.Errorf("write changes: %w", err)
	}
	matrix, err := matrixJSON(decided)
	if err != nil {
		return nil, fmt.Errorf("write matrix: %w", err)
	}
	decision, code := effective(v)
	values := []string{
		stage.Name, stage.Environment, stage.EnvironmentURL, string(v.Subject.SHA), string(v.Subject.Ref),
		v.Version, strconv.FormatBool(v.Prerelease), stage.Data, config,
		lane(v), string(changes), matrix,
		string(unmet), string(result), receipt, "", "", code, decision.String(), strconv.FormatBool(v.Allows()),
	}
	all := make([]Output, len(values))
	for i, name := range OutputNames() {
		all[i] = Output{Name: name, Value: values[i]}
	}
	return all, nil
}

// effective returns the decision that a workflow may act on.
func effective(v verdict.Verdict) (verdict.Decision, string) {
	if v.Decision == verdict.Allowed && !v.Allows() {
		return verdict.Errored, "replayed"
	}
	return v.Decision, v.Code
}

func configJSON(config json.RawMessage) (string, error) {
	if len(config) == 0 || string(config) == "null" {
		return "{}", nil
	}
	data, err := encode(config)
	return string(data), err
}

func lane(v verdict.Verdict) string {
	if v.Way == nil {
		return ""
	}
	return string(v.Way.Lane)
}

// maxChanges is the size in bytes above which the output changes is cut.
const maxChanges = 150_000

// changesJSON returns what would be deployed. It is "{}" where nobody asked. A
// list too large for an output is cut as in Result, and then has "truncated":
// true.
func changesJSON(v verdict.Verdict) ([]byte, error) {
	if v.Changes == nil {
		return []byte("{}"), nil
	}
	all := *public(v).Changes
	data, err := encode(all)
	for _, size := range []cut{{400, 300}, {100, 200}, {20, 60}} {
		if err != nil || len(data) <= maxChanges {
			break
		}
		data, err = encode(struct {
			verdict.Changes
			Truncated bool `json:"truncated"`
		}{size.changes(all), true})
	}
	return data, err
}

// unmetItem is one entry of the output unmet.
type unmetItem struct {
	Project string          `json:"project,omitempty"`
	Gate    string          `json:"gate"`
	Outcome verdict.Outcome `json:"outcome"`
	Code    string          `json:"code"`
	Reason  string          `json:"reason"`
	Fix     string          `json:"fix"`
	Who     string          `json:"who"`
	Mode    verdict.Mode    `json:"mode"`
}

// maxUnmetBytes is the size above which the output unmet is cut further.
const maxUnmetBytes = 100_000

// unmetJSON lists the findings that are not met, project by project, of each those
// that block first. A list too large for an output is cut as in Result.
func unmetJSON(decided []verdict.Verdict) ([]byte, error) {
	of := cut{2, 40}.findings
	for _, each := range []func(verdict.Verdict) []verdict.Finding{verdict.Verdict.Unmet, cut{maxUnmet, maxReason}.findings, cut{maxUnmet, 60}.findings, cut{10, 60}.findings} {
		if fits(maxUnmetBytes, decided, func(v verdict.Verdict) any { return unmetItems([]verdict.Verdict{v}, each) }) {
			of = each
			break
		}
	}
	return encode(unmetItems(decided, of))
}

func unmetItems(decided []verdict.Verdict, of func(verdict.Verdict) []verdict.Finding) []unmetItem {
	items := []unmetItem{}
	for _, v := range decided {
		for _, finding := range of(v) {
			if finding.Unmet() {
				items = append(items, unmetItem{
					Project: v.Project, Gate: finding.Gate, Outcome: finding.Outcome, Code: finding.Code,
					Reason: finding.Reason, Fix: finding.Fix, Who: finding.Who, Mode: finding.Mode,
				})
			}
		}
	}
	return items
}
