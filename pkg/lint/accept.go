package lint

import (
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/internal/strict"
	"github.com/stageward/stageward/pkg/policy"
)

// The warnings about acceptances themselves, which nobody can accept.
const (
	acceptanceUnknown = "acceptance-unknown"
	acceptanceUnused  = "acceptance-unused"
	acceptanceEnded   = "acceptance-ended"
)

var aboutAcceptances = []string{acceptanceUnknown, acceptanceUnused, acceptanceEnded}

// acceptAll marks the warnings that the policy accepts, and returns what is to be said
// of the acceptances. The first that meets a warning has it.
func acceptAll(found []Warning, rules policy.Policy, now time.Time) []Warning {
	accepts, stages := saidIn(rules)
	met := make([]bool, len(accepts))
	for i := range found {
		for j, each := range accepts {
			if !meets(each, found[i]) {
				continue
			}
			met[j] = true
			if each.Holds(now) {
				found[i].Accepted = &each
				break
			}
		}
	}
	var more []Warning
	for j, each := range accepts {
		if warning, wrong := judge(each, met[j], stages, now); wrong {
			more = append(more, warning)
		}
	}
	return more
}

// saidIn returns the acceptances and the stages of all projects, each once.
func saidIn(rules policy.Policy) (accepts []policy.Acceptance, stages []string) {
	for _, project := range rules.All() {
		for _, each := range project.Accepts {
			if !slices.Contains(accepts, each) {
				accepts = append(accepts, each)
			}
		}
		for _, each := range project.Stages {
			if !slices.Contains(stages, each.Name) {
				stages = append(stages, each.Name)
			}
		}
	}
	return accepts, stages
}

// meets reports whether an acceptance is of a warning, whether it has ended or not.
func meets(accepted policy.Acceptance, warning Warning) bool {
	return accepted.Warning == warning.ID && (accepted.Stage == "" || accepted.Stage == warning.Stage)
}

// judge says what is wrong with an acceptance. met is true where there is a warning
// that it is of, stages are those that there are.
func judge(accepted policy.Acceptance, met bool, stages []string, now time.Time) (warning Warning, wrong bool) {
	warning = Warning{Where: accepted.Origin}
	can := slices.DeleteFunc(IDs(), func(id string) bool { return slices.Contains(aboutAcceptances, id) })
	switch {
	case slices.Contains(aboutAcceptances, accepted.Warning):
		warning.ID, warning.Text = acceptanceUnknown, fmt.Sprintf("the warning %s is about acceptances, and nobody can accept it", accepted.Warning)
		warning.Fix = "Mend or remove the acceptance that it is about."
	case !slices.Contains(can, accepted.Warning):
		warning.ID, warning.Text = acceptanceUnknown, fmt.Sprintf("there is no warning %s", strict.Quote(accepted.Warning))
		warning.Fix = "Write the id that stands in brackets behind the warning" + meant(accepted.Warning, can)
	case accepted.Stage != "" && !slices.Contains(stages, accepted.Stage):
		warning.ID, warning.Text = acceptanceUnused, fmt.Sprintf("%s is accepted for the stage %s, and there is none", accepted.Warning, strict.Quote(accepted.Stage))
		warning.Fix = "Name the stage" + meant(accepted.Stage, stages)
	case !accepted.Holds(now):
		warning.ID, warning.Text = acceptanceEnded, fmt.Sprintf("the acceptance of %s%s has ended (%s UTC)", accepted.Warning, forStage(accepted.Stage), accepted.Until.Format("2006-01-02 15:04"))
		warning.Fix = "Look again whether it is still meant: remove it, or give it another until."
	case !met:
		warning.ID, warning.Text = acceptanceUnused, fmt.Sprintf("%s is accepted%s, and there is no such warning any more", accepted.Warning, forStage(accepted.Stage))
		warning.Fix = "Remove it, so that the warning shows when it comes back."
	default:
		return warning, false
	}
	return warning, true
}

func forStage(name string) string {
	if name == "" {
		return ""
	}
	return " for the stage " + name
}

// meant ends a sentence with the word that is most likely meant, if any is.
func meant(word string, allowed []string) string {
	if near := strict.Nearest(word, allowed); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "."
}
