package gate

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
)

// trust says why a run of a branch or tag does not count; "" when it does. GitHub
// says the name, and not which of the two has it. Anyone who may push can give a
// tag the name of a branch, so a branch that the stage names has to have had the
// commit as its tip. byName is true where nothing but the name speaks for it.
func (h *history) trust(run fact.WorkflowRun, name string) (why string, byName bool, missing *fact.Missing) {
	rule := h.stage.Rule
	defaultName, unknownName := "", (*fact.Missing)(nil)
	if slices.ContainsFunc(rule.Branches, func(p stage.Pattern) bool { return p.String() == stage.DefaultBranch }) {
		defaultName, unknownName = h.in.defaultBranch()
	}
	if unknownName != nil {
		return "", false, unknownName
	}
	impostor := ""
	var untold *fact.Missing
	for _, pattern := range rule.Branches {
		if name == "" || !pattern.Match(name, defaultName) {
			continue
		}
		if !pattern.Literal() {
			byName = true
			continue
		}
		tip, missing := h.in.Facts.TipOf(pattern.String()).Get()
		switch {
		case missing == nil && tip.Branch != name:
			untold = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked about the branch %q, the answer is about %q", name, tip.Branch)}
		case missing != nil:
			untold = missing
		case tip.Was:
			return "", false, nil
		default:
			impostor = fmt.Sprintf("is of %s, of which the commit never was the tip; a tag can have the name of a branch", shown(name))
		}
	}
	byName = byName || acceptsTag(rule, name, run.Event)
	switch {
	case untold != nil:
		return "", false, &fact.Missing{Reason: untold.Reason, Detail: fmt.Sprintf("whether the commit was the tip of %q: %s", name, untold.Error()), Fix: untold.Fix}
	case byName:
		return "", true, nil
	case impostor != "":
		return impostor, false, nil
	}
	return fmt.Sprintf("is of %s, which %s does not accept", shown(name), h.stage.Name), false, nil
}

func acceptsTag(rule stage.Rule, name, event string) bool {
	tags := stage.Rule{Stage: "tags", Project: rule.Project, Tags: rule.Tags, Versions: rule.Versions, Events: []string{event}}
	return name != "" && stage.Resolve([]stage.Rule{tags}, stage.Query{Ref: fact.Ref("refs/tags/" + name), Event: event}).Stage != ""
}

// apart refuses the job of another stage: what was deployed there would count as
// deployed here. Without a record of GitHub's own, nothing else could tell.
func (d deployed) apart(terms Terms) error {
	for _, other := range terms.Stages {
		if other.Name != d.stage.Name && other.DeployedBy == fact.JobOf(d.by) {
			return fmt.Errorf("deployed-by: the job %q of %s deploys to %s, as the policy says there; name the job that deploys to %s", d.by.Job, d.by.Workflow, other.Name, d.stage.Name)
		}
	}
	return nil
}

// here reports whether a record is of the stage's environment, of which GitHub
// does not tell upper and lower case apart.
func (h *history) here(record fact.Deployment) bool {
	return h.stage.Environment != "" && fact.LoginKey(record.Environment) == fact.LoginKey(h.stage.Environment)
}

// recordsOf returns the records of the environment that stand beside a job, in the
// order of their numbers.
func (h *history) recordsOf(run fact.WorkflowRun, job fact.Job) []fact.Deployment {
	var found []fact.Deployment
	for _, record := range h.records {
		beside := job.ID != 0 && record.Job == job.ID
		if h.record == recordOfStageward {
			id, attempt := ownPayload(record.Payload)
			beside = record.Job == 0 && id != 0 && id == run.ID && attempt == job.Attempt
		}
		if beside && h.here(record) {
			found = append(found, record)
		}
	}
	if kept := slices.DeleteFunc(slices.Clone(found), isPutAside); h.record == recordOfStageward && len(kept) > 0 {
		return kept
	}
	return found
}

// isPutAside reports whether a record is what `command: record` makes of one that
// GitHub made twice: nothing came of it, and then it was marked as inactive.
func isPutAside(record fact.Deployment) bool {
	var began, aside time.Time
	for _, status := range record.Statuses {
		switch {
		case status.State == "inactive" && status.At.After(aside):
			aside = status.At
		case status.State == "in_progress" && status.At.After(began):
			began = status.At
		case status.State != "inactive" && status.State != "in_progress":
			return false
		}
	}
	return !aside.IsZero() && !aside.Before(began)
}

// foreignRecord returns the record that GitHub made for a job of another
// environment, or nil.
func (h *history) foreignRecord(job fact.Job) *fact.Deployment {
	for _, record := range h.records {
		if h.record == recordOfEnvironment && job.ID != 0 && record.Job == job.ID && !h.here(record) {
			return &record
		}
	}
	return nil
}

// elsewhere says to which other environment a job deployed; "" where it is none.
func (h *history) elsewhere(job deployJob) string {
	if record := h.foreignRecord(job.Job); len(job.records) == 0 && record != nil {
		return fmt.Sprintf("deployed to the environment %s (deployment %d); %s is %s", shown(record.Environment), record.ID, h.stage.Name, shown(h.stage.Environment))
	}
	return ""
}

// ownPayload reads the run and its attempt out of the payload of a record that
// `command: record` made; 0 where it is none. GitHub may show a payload as text
// in JSON.
func ownPayload(payload string) (run, attempt int64) {
	var text string
	if json.Unmarshal([]byte(payload), &text) == nil {
		payload = text
	}
	var read struct {
		Form    int   `json:"stageward"`
		Run     int64 `json:"run_id"`
		Attempt int64 `json:"run_attempt"`
	}
	if err := json.Unmarshal([]byte(payload), &read); err != nil || read.Form != 1 {
		return 0, 0
	}
	return read.Run, read.Attempt
}
