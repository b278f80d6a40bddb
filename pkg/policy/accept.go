package policy

import (
	"fmt"
	"time"

	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// Acceptance is somebody's word that a warning about the policy is known and meant.
// It hides nothing and decides nothing.
type Acceptance struct {
	// Warning is the id of the warning. Whether there is one of that id is for
	// whoever warns to say: an older program must be able to decide by the policy.
	Warning string
	// Stage is the stage that it is about, or "" for all.
	Stage string
	// Because says why it is accepted.
	Because string
	// Until is when it ends: it holds before that moment and not from then on. The
	// zero time is never.
	Until time.Time
	// Origin says where the policy has it, as in Gate.
	Origin string
}

// Holds reports whether it has not ended.
func (a Acceptance) Holds(now time.Time) bool { return a.Until.IsZero() || now.Before(a.Until) }

// acceptance is an acceptance as a policy writes it.
type acceptance struct {
	Warning strict.At[warningID] `yaml:"warning,required" doc:"The id of the warning, as stageward lint shows it in brackets."`
	Stage   strict.At[name]      `yaml:"stage" doc:"The stage that the warning is about. Without it, it is accepted for all."`
	Because strict.At[string]    `yaml:"because,required" doc:"Why it is accepted."`
	Until   strict.At[moment]    `yaml:"until" doc:"When that ends, in UTC: a date such as 2027-01-01, which belongs to it as a whole, or a date and time such as 2027-01-01T18:00. Without it, never."`
}

type warningID string

// Pattern returns the form of the id of a warning.
func (warningID) Pattern() (expression, words string) {
	return `^[a-z]+(-[a-z]+)*$`, "the id of a warning such as one-person-alone"
}

// buildAccepts collects what is accepted in all layers.
func (b *builder) buildAccepts() []Acceptance {
	var accepts []Acceptance
	for _, layer := range b.layers {
		for _, each := range layer.document.Accepts.Value {
			built := Acceptance{
				Warning: string(each.Value.Warning.Value), Stage: string(each.Value.Stage.Value), Because: each.Value.Because.Value,
				Origin: origin(layer, each.Position),
			}
			if until := each.Value.Until; until.Given && until.OK {
				end, err := calendar.ParseEnd(string(until.Value))
				if err != nil {
					layer.report(until.Position, strict.Escape(fmt.Sprintf("until: %v", err)), "")
					continue
				}
				built.Until = end.UTC()
			}
			accepts = append(accepts, built)
		}
	}
	return accepts
}
