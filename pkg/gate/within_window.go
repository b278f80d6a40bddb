package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// WithinWindow holds while a calendar of the policy is open. The time is the
// server's: the clock of the machine that runs the gate has no part in it.
var WithinWindow = register(Spec[withinWindow]{
	ID:        "within-window",
	Title:     "It is a time to deploy",
	Since:     "0.1.0",
	Configure: "within-window: { calendar: office } # and at the top of the file, calendars: { office: { open: [{ days: [mon, tue, wed, thu], from: \"09:00\", to: \"16:00\" }] } }",
	Validate:  withinWindow.validate,
	Needs:     withinWindow.needs,
	Notes:     withinWindow.notes,
	Suppose:   supposesWindow,
	Check:     checkWithinWindow,
})

type withinWindow struct {
	Calendar  CalendarName `yaml:"calendar" doc:"The calendar of the policy that has to be open."`
	Exception exception    `yaml:"exception" doc:"Who may open the stage in a freeze; nobody where nothing is said."`
}

// CalendarName is a parameter that names a calendar of the policy.
type CalendarName string

// Calendars are the calendars of a policy by name.
type Calendars map[string]calendar.Calendar

// Lookup returns the calendar of a name. The error lists the names there are.
func (c Calendars) Lookup(name CalendarName) (calendar.Calendar, error) {
	if found, ok := c[string(name)]; ok {
		return found, nil
	}
	if len(c) == 0 {
		return calendar.Calendar{}, fmt.Errorf("calendar %q is not defined; the policy has no calendars", name)
	}
	return calendar.Calendar{}, fmt.Errorf("calendar %q is not defined; expected one of %s", name, strings.Join(slices.Sorted(maps.Keys(c)), ", "))
}

// CalendarOf returns which calendar a check asks for; ok is false when it asks
// for none.
func CalendarOf(check Check) (name CalendarName, ok bool) {
	params, ok := check.Params.(withinWindow)
	return params.Calendar, ok
}

func (p withinWindow) validate(terms Terms) error {
	if p.Calendar == "" {
		return fmt.Errorf("calendar: name one of those below calendars, such as { calendar: office }")
	}
	if _, err := terms.Calendars.Lookup(p.Calendar); err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	return p.Exception.validate(terms)
}

func (p withinWindow) needs(terms Terms) []fact.Need {
	if !p.Exception.given() {
		return nil
	}
	return p.Exception.asApproved().needs(terms)
}

// What a calendar can never do.
var (
	calendarNeverOpens    = newNote("calendar-never-opens")
	exceptionOpensNothing = newNote("exception-opens-nothing")
)

func (p withinWindow) notes(terms Terms) []Note {
	var notes []Note
	found, err := terms.Calendars.Lookup(p.Calendar)
	if err == nil && found.NeverOpens() {
		notes = append(notes, calendarNeverOpens.of("the calendar %s never opens: its closings cover all that is open, so nothing can be deployed", p.Calendar))
	}
	if p.Exception.given() && err == nil && !found.HasFreezes() {
		notes = append(notes, exceptionOpensNothing.of("the calendar %s has no freezes, and an exception opens nothing else", p.Calendar))
	}
	return notes
}

func checkWithinWindow(params withinWindow, in Input) verdict.Finding {
	at, missing := in.Facts.At.Get()
	if missing == nil && at.IsZero() {
		missing = &fact.Missing{Reason: fact.Incomplete, Detail: "the server's time is empty"}
	}
	if missing != nil {
		return verdict.Lacking("what time it is", missing)
	}
	found, err := in.Terms.Calendars.Lookup(params.Calendar)
	if err != nil {
		return verdict.Lacking("the calendar", &fact.Missing{Reason: fact.Inconsistent, Detail: err.Error()})
	}
	look := watch{withinWindow: params, calendar: found, at: at, stage: in.Terms.Stage.Name}
	state := found.At(at)
	switch {
	case state.Open:
		return verdict.Passed(fmt.Sprintf("the calendar %s is open %s", params.Calendar, look.until(found)))
	case len(state.Freezes) == 0:
		return look.shut(found, state, "")
	case !params.Exception.given():
		return look.frozen(state, "")
	}
	return look.except(in, state)
}

// watch is a look at a calendar at a moment.
type watch struct {
	withinWindow
	calendar calendar.Calendar
	at       time.Time
	stage    string
}

// until says until when an open calendar stays open.
func (w watch) until(open calendar.Calendar) string {
	closes, ok := open.Closes(w.at)
	if !ok {
		return fmt.Sprintf("for at least %d days", int(calendar.Horizon/(24*time.Hour)))
	}
	return "until " + w.when(closes)
}

// shut is the finding about a moment outside all windows. by is the calendar by
// which it is judged, before what is said first.
func (w watch) shut(by calendar.Calendar, state calendar.State, before string) verdict.Finding {
	reason := fmt.Sprintf("%sit is %s, and the calendar %s is closed", before, w.when(w.at), w.Calendar)
	if named := closings(state.Closed); named != "" {
		reason += " for " + named
	}
	if state.Between {
		reason += "; the clocks change here, and it would have to be open by the old clock and by the new one"
	}
	return w.waits("closed", reason, by)
}

// frozen is the finding about a moment in a freeze; more is what else there is
// to say.
func (w watch) frozen(state calendar.State, more string) verdict.Finding {
	texts := make([]string, len(state.Freezes))
	for i, each := range state.Freezes {
		text := fmt.Sprintf("%q", cut(each.Name))
		if each.Reason != "" {
			text += fmt.Sprintf(" (%q)", cut(each.Reason))
		}
		texts[i] = fmt.Sprintf("%s from %s until %s in %s", text, each.From, each.To, w.calendar.Zone())
	}
	reason := fmt.Sprintf("it is %s, and the calendar %s is frozen: %s", w.when(w.at), w.Calendar, listed(texts, "; ", 5))
	return w.waits("frozen", reason+more, w.calendar)
}

// waits says when it opens. What does not open for longer than anybody waits is
// a no.
func (w watch) waits(code, reason string, by calendar.Calendar) verdict.Finding {
	show := "`stageward windows --stage " + w.stage + "` shows the calendar."
	opens, ok := by.Opens(w.at)
	if !ok {
		return verdict.Failed("no-opening", fmt.Sprintf("%s; it does not open within %d days", reason, int(calendar.Horizon/(24*time.Hour)))).
			Because("Change the calendar in the policy, if that is not meant. "+show, "whoever maintains the policy")
	}
	return verdict.Waits(code, fmt.Sprintf("%s; it opens next on %s", reason, w.when(opens))).
		Because("Run the gate again then: re-run the failed jobs, or start a new run. "+show, "whoever starts the run")
}

// when writes a moment as the clock in the calendar's zone shows it, and in
// UTC.
func (w watch) when(at time.Time) string {
	const form = "Mon 2006-01-02 15:04"
	utc := at.UTC().Format(form) + " UTC"
	zone := w.calendar.Zone()
	if zone == nil || zone.String() == time.UTC.String() {
		return utc
	}
	return fmt.Sprintf("%s in %s (%s)", at.In(zone).Format(form), zone, utc)
}

// closings names the closings that hold.
func closings(windows []calendar.Window) string {
	var all []string
	for _, each := range windows {
		if each.Name != "" {
			all = append(all, fmt.Sprintf("%q", cut(each.Name)))
		}
	}
	return listed(all, ", ", 5)
}
