package verdict

import "github.com/stageward/stageward/pkg/fact"

// Finding is what one gate says.
type Finding struct {
	// Gate is the gate's id, Title the statement it stands for. Whoever asks
	// the gate fills them in, and Mode.
	Gate  string `json:"gate"`
	Title string `json:"title"`
	Mode  Mode   `json:"mode"`

	Outcome Outcome `json:"outcome"`
	// Code is a stable word for machines, such as "unsigned"; "" on a pass.
	Code string `json:"code,omitempty"`
	// Reason says what was found and what was expected. It may hold text from
	// outside and is made inert only where it is shown.
	Reason string `json:"reason"`
	// Fix says how the gate can be met, Who can do it. Empty on a pass.
	Fix string `json:"fix,omitempty"`
	Who string `json:"who,omitempty"`
	// Evidence is what a reader can look at to check the reason.
	Evidence []Evidence `json:"evidence"`
	// Warnings are what a reader has to know although it does not change the
	// outcome, one sentence each. Like Reason, they may hold text from outside.
	Warnings []string `json:"warnings,omitempty"`
}

// Evidence is one thing the outcome rests on. URL may be empty.
type Evidence struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
}

// Passed returns a finding that the statement is true.
func Passed(reason string) Finding { return Finding{Outcome: Pass, Reason: reason} }

// Failed returns a finding that the statement is false.
func Failed(code, reason string) Finding {
	return Finding{Outcome: Fail, Code: code, Reason: reason}
}

// Waits returns a finding that the statement is not true yet, but can become
// true for the same commit.
func Waits(code, reason string) Finding {
	return Finding{Outcome: Wait, Code: code, Reason: reason}
}

// Skipped returns a finding that the gate was not asked.
func Skipped(code, reason string) Finding {
	return Finding{Outcome: Skip, Code: code, Reason: reason}
}

// Lacking returns a finding that a fact the gate needs is missing.
func Lacking(what string, missing *fact.Missing) Finding {
	reason := what + " is not known (" + string(missing.Reason) + ")"
	if missing.Detail != "" {
		reason += ": " + missing.Detail
	}
	fix := missing.Fix
	if fix == "" {
		fix = "Run the job again. If it says the same again, this is a fault of the set-up or of Stageward; the reason names it."
	}
	return Finding{Outcome: Unknown, Code: string(missing.Reason), Reason: reason, Fix: fix, Who: "whoever maintains the workflow"}
}

// Because adds what to do and who can do it.
func (f Finding) Because(fix, who string) Finding {
	f.Fix, f.Who = fix, who
	return f
}

// See adds evidence.
func (f Finding) See(text, url string) Finding {
	f.Evidence = append(f.Evidence[:len(f.Evidence):len(f.Evidence)], Evidence{Text: text, URL: url})
	return f
}

// Warn adds a warning. It never changes the outcome.
func (f Finding) Warn(text string) Finding {
	f.Warnings = append(f.Warnings[:len(f.Warnings):len(f.Warnings)], text)
	return f
}

// Unmet reports whether the finding keeps its gate from being met.
func (f Finding) Unmet() bool {
	switch f.Outcome {
	case Pass, Waived, Skip:
		return false
	case Unknown, Fail, Wait:
		return true
	}
	return true
}

// Blocks reports whether the finding keeps the run from being allowed.
func (f Finding) Blocks() bool { return f.Unmet() && f.Mode != Warn }

// ReasonCode returns "gate.code", or "" where the finding has no code.
func (f Finding) ReasonCode() string {
	if f.Code == "" {
		return ""
	}
	return f.Gate + "." + f.Code
}
