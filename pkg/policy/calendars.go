package policy

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// calendarSection is one calendar.
type calendarSection struct {
	Zone    strict.At[zone]                `yaml:"zone" doc:"The time zone by its IANA name, such as Europe/Berlin. Without it, UTC."`
	Open    strict.At[[]strict.At[window]] `yaml:"open" doc:"When it is open, every week; several windows are a union. Without it, always, except for closed and freezes."`
	Closed  strict.At[[]strict.At[window]] `yaml:"closed" doc:"When it is closed, every week, even where open says otherwise."`
	Freezes strict.At[[]strict.At[freeze]] `yaml:"freezes" doc:"When it is closed once, even where open says otherwise."`
}

// window is a stretch of time that comes every week.
type window struct {
	Name     strict.At[string]               `yaml:"name" doc:"What readers are told the window is."`
	Days     strict.At[[]strict.At[weekday]] `yaml:"days" doc:"The days on which it begins. Without it, every day."`
	From     strict.At[clock]                `yaml:"from,required" doc:"When it begins, such as \"09:00\"."`
	To       strict.At[clock]                `yaml:"to,required" doc:"When it ends, such as \"17:00\", up to \"24:00\". The minute itself does not belong to it."`
	UntilDay strict.At[untilDay]             `yaml:"until-day" doc:"The day on which it ends: next for the day after it began, or a day of the week. Without it, the day on which it began."`
}

// freeze is a stretch of time that comes once.
type freeze struct {
	Name   strict.At[string] `yaml:"name,required" doc:"What readers are told the freeze is."`
	From   strict.At[moment] `yaml:"from,required" doc:"When it begins: a date such as 2026-12-20, which is its first minute, or a date and time such as 2026-12-20T18:00."`
	To     strict.At[moment] `yaml:"to,required" doc:"When it ends: a date, which belongs to it as a whole, or a date and time, which does not."`
	Reason strict.At[string] `yaml:"reason" doc:"What readers are told the freeze is for."`
}

type zone string

// Pattern returns the form of the name of a zone.
func (zone) Pattern() (expression, words string) {
	return `^[A-Za-z0-9+_/-]{1,64}$`, "the name of a time zone such as Europe/Berlin"
}

type clock string

// Pattern returns the form of a time of day.
func (clock) Pattern() (expression, words string) {
	return calendar.ClockPattern, `a time of day such as "09:00" or "17:30", up to "24:00"`
}

type moment string

// Pattern returns the form of a date with or without a time of day.
func (moment) Pattern() (expression, words string) {
	return calendar.MomentPattern, "a date such as 2026-12-20, or a date and time such as 2026-12-20T18:00"
}

type weekday string

// Values returns the days of the week.
func (weekday) Values() []string { return dayNames() }

type untilDay string

// Values returns the days on which a window can end.
func (untilDay) Values() []string { return append(dayNames(), string(calendar.NextDay)) }

func dayNames() []string {
	var names []string
	for _, day := range calendar.Days() {
		names = append(names, string(day))
	}
	return names
}

// badZone says what is wrong with a name that has the right form.
func badZone(text string) (message, hint string) {
	if _, err := calendar.LoadZone(text); err == nil {
		return "", ""
	}
	hint = "write a name of the IANA database, such as Europe/Berlin or UTC"
	if names, err := calendar.ZoneNames(); err == nil {
		if near := strict.Nearest(text, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
	}
	return fmt.Sprintf("there is no time zone %s", strict.Quote(text)), hint
}

// badMoment says what is wrong with a date that has the right form.
func badMoment(text string) (message, hint string) {
	if _, err := calendar.ParseEnd(text); err != nil {
		return strict.Escape(err.Error()), ""
	}
	return "", ""
}

// buildCalendars collects the calendars; a later layer's calendar replaces an
// earlier one of its name. One that is wrong is kept, so that the gates that
// name it are not reported as well; there is no policy then.
func (b *builder) buildCalendars() {
	known := true
	for _, layer := range b.layers {
		given := layer.document.Calendars
		known = known && (!given.Given || given.OK || len(given.Value) > 0)
		for _, entry := range given.Value {
			if entry.Key == "" {
				continue
			}
			if b.terms.Calendars == nil {
				b.terms.Calendars = gate.Calendars{}
			}
			b.terms.Calendars[string(entry.Key)] = buildCalendar(layer, entry)
		}
	}
	if !known {
		return
	}
	for _, layer := range b.layers {
		layer.decoder.Checks[reflect.TypeFor[gate.CalendarName]()] = b.badCalendar
	}
}

func buildCalendar(layer *layer, entry strict.Entry[name, calendarSection]) calendar.Calendar {
	given := entry.Value
	spec := calendar.Spec{
		Zone: string(given.Zone.Value), Open: buildWindows(layer, given.Open), Closed: buildWindows(layer, given.Closed),
		Freezes: buildFreezes(layer, given.Freezes),
	}
	if entry.OK && !given.Open.Given && !given.Closed.Given && !given.Freezes.Given {
		layer.report(entry.At, fmt.Sprintf("the calendar %q says nothing", entry.Key), "say when it is open, when it is closed, or which freezes there are")
		return calendar.Calendar{}
	}
	made, err := calendar.New(spec)
	if err != nil && entry.OK && layer.sound() {
		layer.report(entry.At, strict.Escape(err.Error()), "")
	}
	return made
}

func buildWindows(layer *layer, given strict.At[[]strict.At[window]]) []calendar.Window {
	var windows []calendar.Window
	for _, each := range given.Value {
		if !each.OK {
			continue
		}
		made, err := buildWindow(each.Value)
		if err != nil {
			layer.report(each.Value.To.Position, "the window makes no sense: "+strict.Escape(err.Error()), hintWindow(made))
			continue
		}
		windows = append(windows, made)
	}
	return windows
}

func buildWindow(given window) (calendar.Window, error) {
	made := calendar.Window{Name: given.Name.Value, Until: calendar.Day(given.UntilDay.Value)}
	for _, day := range given.Days.Value {
		made.Days = append(made.Days, calendar.Day(day.Value))
	}
	var err error
	if made.From, err = calendar.ParseClock(string(given.From.Value)); err != nil {
		return made, err
	}
	if made.To, err = calendar.ParseClock(string(given.To.Value)); err != nil {
		return made, err
	}
	return made, made.Check()
}

// hintWindow says what is meant by most people who write such a window.
func hintWindow(wrong calendar.Window) string {
	switch {
	case wrong.From > wrong.To && wrong.Until == "":
		return "if it ends on another day, say so: until-day: next, or until-day: mon"
	case wrong.From == wrong.To:
		return `for a whole day, write from: "00:00", to: "24:00"`
	}
	return ""
}

func buildFreezes(layer *layer, given strict.At[[]strict.At[freeze]]) []calendar.Freeze {
	var freezes []calendar.Freeze
	for _, each := range given.Value {
		if !each.OK {
			continue
		}
		made, err := buildFreeze(each.Value)
		if err != nil {
			layer.report(each.Value.To.Position, "the freeze makes no sense: "+strict.Escape(err.Error()), "a date alone as end belongs to the freeze as a whole")
			continue
		}
		freezes = append(freezes, made)
	}
	return freezes
}

func buildFreeze(given freeze) (calendar.Freeze, error) {
	made := calendar.Freeze{Name: given.Name.Value, Reason: given.Reason.Value}
	var err error
	if made.From, err = calendar.ParseStart(string(given.From.Value)); err != nil {
		return made, err
	}
	if made.To, err = calendar.ParseEnd(string(given.To.Value)); err != nil {
		return made, err
	}
	return made, made.Check()
}

// badCalendar says what is wrong with the name of a calendar in a gate's
// parameters.
func (b *builder) badCalendar(text string) (message, hint string) {
	if _, ok := b.terms.Calendars[text]; ok {
		return "", ""
	}
	names := slices.Sorted(maps.Keys(b.terms.Calendars))
	hint = `define it below "calendars"`
	if len(names) > 0 {
		hint = strict.Alternatives(text, names) + "; or " + hint
	}
	return fmt.Sprintf("the calendar %s is not defined", strict.Quote(text)), hint
}
