package policy

import (
	"fmt"
	"time"

	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// Waiver is somebody's word that a gate need not be met for a time.
type Waiver struct {
	// By is the login of whoever accepts it, Reason why.
	By, Reason string
	// Until is when it ends: it holds before that moment and not from then on.
	Until time.Time
}

// waiver is a waiver as a policy writes it.
type waiver struct {
	By     strict.At[login]  `yaml:"by,required" doc:"The login of whoever accepts that the gate is not met."`
	Reason strict.At[string] `yaml:"reason,required" doc:"Why it is accepted."`
	Until  strict.At[moment] `yaml:"until,required" doc:"When the waiver ends, in UTC: a date such as 2026-12-20, which belongs to it as a whole, or a date and time such as 2026-12-20T18:00."`
}

// buildWaiver returns the waiver of a gate, or nil.
func (b *builder) buildWaiver(d draftGate, given strict.At[waiver]) *Waiver {
	if !given.Given || !given.OK {
		return nil
	}
	end, err := calendar.ParseEnd(string(given.Value.Until.Value))
	if err != nil {
		d.layer.report(given.Value.Until.Position, strict.Escape(fmt.Sprintf("waiver: %v", err)), "")
		return nil
	}
	return &Waiver{By: string(given.Value.By.Value), Reason: given.Value.Reason.Value, Until: end.UTC()}
}
