package verdict

// Combine returns the decision that the findings amount to, and the reason
// code of the first finding that made it so. Error beats deny beats wait beats
// allow. At least one enforced gate has to pass: "nothing was asked" is a
// deny, never an allow.
func Combine(findings []Finding) (Decision, string) {
	decision, code, proven := Allowed, "ready", false
	for _, finding := range findings {
		if finding.Mode == Enforce && (finding.Outcome == Pass || finding.Outcome == Waived) {
			proven = true
		}
		if !finding.Blocks() {
			continue
		}
		if asked := asDecision(finding.Outcome); severity(asked) > severity(decision) {
			decision, code = asked, finding.ReasonCode()
		}
	}
	if decision == Allowed && !proven {
		return Denied, "gates.none-applied"
	}
	return decision, code
}

func asDecision(outcome Outcome) Decision {
	switch outcome {
	case Pass, Skip, Waived:
		return Allowed
	case Wait:
		return Waiting
	case Fail:
		return Denied
	case Unknown:
		return Errored
	}
	return Errored
}

// severity orders the decisions; an unknown one is the worst.
func severity(decision Decision) int {
	switch decision {
	case Allowed:
		return 0
	case Waiting:
		return 1
	case Denied:
		return 2
	case Errored:
		return 3
	}
	return 3
}
