package lint

import (
	"fmt"
	"time"

	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

// A freeze without an end closes a stage as surely as closings that cover a week, of
// which the gate itself tells.
var _ = register("calendar-long-shut", func(in subject) []Warning {
	var found []Warning
	for _, s := range in.rules.Stages {
		for _, each := range s.Gates {
			name, asks := gate.CalendarOf(each.Check)
			if !asks || each.Mode == verdict.Off {
				continue
			}
			asked, err := in.rules.Terms.Calendars.Lookup(name)
			if err != nil || asked.NeverOpens() {
				continue
			}
			if _, opens := asked.Opens(in.beside.Now); !opens {
				found = append(found, Warning{
					Stage: s.Name, Gate: each.Check.ID, Where: each.Origin,
					Text: fmt.Sprintf("the calendar %s does not open in the next %d days: look at the ends of its freezes", name, int(calendar.Horizon/(24*time.Hour))),
					Fix:  "Correct the end of the freeze; to stop deployments for as long as it takes, there is the gate not-locked.",
				})
			}
		}
	}
	return found
})

// longWaiver is how far ahead a waiver may end before it looks as if nobody meant
// it to.
const longWaiver = 366 * 24 * time.Hour

// A waiver that has ended covers nothing, and reads as if it did.
var _ = register("waiver-ended", func(in subject) []Warning {
	return in.waivers("has ended and does not count any more; remove it", func(until time.Time) bool { return !in.beside.Now.Before(until) })
})

// A waiver that never ends is a gate that is off, said less plainly.
var _ = register("waiver-long", func(in subject) []Warning {
	return in.waivers("ends more than a year from now; to do without the gate, take it out", func(until time.Time) bool { return until.Sub(in.beside.Now) > longWaiver })
})

func (in subject) waivers(what string, is func(until time.Time) bool) []Warning {
	var found []Warning
	for _, s := range in.rules.Stages {
		for _, asked := range s.Gates {
			if asked.Waiver == nil || !is(asked.Waiver.Until) {
				continue
			}
			found = append(found, Warning{
				Stage: s.Name, Gate: asked.Check.ID, Where: asked.Origin,
				Text: fmt.Sprintf("the waiver by @%s (until %s) %s", asked.Waiver.By, asked.Waiver.Until.Format(time.DateOnly), what),
			})
		}
	}
	return found
}
