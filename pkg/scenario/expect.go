package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// Difference is one thing that is not as expected.
type Difference struct {
	// What is decision, stage, reason, or the id of a gate.
	What string `json:"what"`
	// Want and Got are what was expected and what is there, "" for nothing.
	Want string `json:"want"`
	Got  string `json:"got"`
	// Why is what the gate says, or "". It may hold text from outside.
	Why string `json:"why,omitempty"`
}

// compare holds a verdict against what is expected. What is not said is not compared.
func (e Expect) compare(v verdict.Verdict) []Difference {
	var found []Difference
	if v.Decision != e.Decision {
		found = append(found, Difference{What: "decision", Want: e.Decision.String(), Got: v.Decision.String(), Why: v.Reason})
	}
	if got := StageOf(v); e.Stage != "" && got != e.Stage && (v.Stage == nil || v.Stage.Name != e.Stage) {
		found = append(found, Difference{What: "stage", Want: e.Stage, Got: got, Why: v.Reason})
	}
	if e.Reasons != nil || e.Decision == verdict.Allowed && v.Decision != verdict.Allowed {
		found = append(found, e.compareReasons(v)...)
	}
	for _, each := range e.Gates {
		found = append(found, each.compare(v)...)
	}
	return found
}

// names returns the gates of which something is expected.
func (e Expect) names() map[string]bool {
	names := map[string]bool{}
	for _, each := range e.Reasons {
		gate, _, _ := strings.Cut(each, ".")
		names[gate] = true
	}
	for _, each := range e.Gates {
		names[each.Gate] = true
	}
	return names
}

func (e Expect) compareReasons(v verdict.Verdict) []Difference {
	var found []Difference
	said := Reasons(v)
	for _, want := range e.Reasons {
		if !slices.ContainsFunc(said, func(each Reason) bool { return each.Code == want }) {
			found = append(found, Difference{What: "reason", Want: want, Why: standing(v, want)})
		}
	}
	for _, got := range said {
		if !slices.Contains(e.Reasons, got.Code) {
			found = append(found, Difference{What: "reason", Got: got.Code, Why: got.Text})
		}
	}
	return found
}

// standing says how the gate of a reason code stands.
func standing(v verdict.Verdict, code string) string {
	for _, each := range v.Findings {
		if gate := each.Gate + "."; len(code) > len(gate) && code[:len(gate)] == gate {
			return fmt.Sprintf("%s is %s: %s", each.Gate, each.Outcome, each.Reason)
		}
	}
	return "the run is not asked for that"
}

func (g GateState) compare(v verdict.Verdict) []Difference {
	at := slices.IndexFunc(v.Findings, func(each verdict.Finding) bool { return each.Gate == g.Gate })
	switch {
	case at < 0:
		return []Difference{{What: g.Gate, Want: g.Outcome.String(), Why: "the run is not asked for that"}}
	case v.Findings[at].Outcome != g.Outcome:
		return []Difference{{What: g.Gate, Want: g.Outcome.String(), Got: v.Findings[at].Outcome.String(), Why: v.Findings[at].Reason}}
	}
	return nil
}

// Reason is one thing that is in the way of a run.
type Reason struct{ Code, Text string }

// Reasons returns everything that is in the way, gate by gate, or why there is no
// stage or nothing was decided; none where the run is allowed.
func Reasons(v verdict.Verdict) []Reason {
	reasons := []Reason{}
	if v.Decision == verdict.Allowed {
		return reasons
	}
	for _, each := range v.Findings {
		if each.Blocks() {
			reasons = append(reasons, Reason{each.ReasonCode(), each.Reason})
		}
	}
	if len(reasons) == 0 {
		reasons = append(reasons, Reason{v.Code, v.Reason})
	}
	return reasons
}

// StageOf returns the section of the policy by which a run was decided: its stage, or
// the hotfix lane that it goes by; "" where there is none.
func StageOf(v verdict.Verdict) string {
	switch {
	case v.Stage == nil:
		return ""
	case v.Way != nil && v.Way.Section != "":
		return v.Way.Section
	}
	return v.Stage.Name
}
