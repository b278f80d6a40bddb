package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

const (
	office     = "calendar: office"
	emergency  = "{calendar: office, exception: {by: maintain, workflow: .github/workflows/approve.yml}}"
	emergency2 = "{calendar: office, exception: {by: maintain, count: 2, workflow: .github/workflows/approve.yml}}"
	because    = "exception: payments fail"
)

// exampleCalendars are those that the pages of gates name.
var exampleCalendars = gate.Calendars{"office": made(calendar.Spec{Open: []calendar.Window{{From: 9 * 60, To: 17 * 60}}})}

// made makes a calendar of the tables. One that is wrong never opens, and the
// rows that pass notice it.
func made(spec calendar.Spec) calendar.Calendar {
	result, err := calendar.New(spec)
	if err != nil {
		return calendar.Calendar{}
	}
	return result
}

// opened is the calendar "office" of Berlin: open on working days from 09:00
// until 17:00, and at noon of the tests, a Friday, until changed.
func opened(changes ...func(*calendar.Spec)) gate.Calendars {
	spec := calendar.Spec{
		Zone: "Europe/Berlin",
		Open: []calendar.Window{{Days: []calendar.Day{"mon", "tue", "wed", "thu", "fri"}, From: 9 * 60, To: 17 * 60}},
	}
	for _, change := range changes {
		change(&spec)
	}
	return gate.Calendars{"office": made(spec)}
}

func at(day, hour, minute int) func(*fact.Set) {
	return func(f *fact.Set) {
		f.At = fact.Of(time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC), fact.Source{})
	}
}

// freezes adds a freeze of days of November, the last one included.
func freezes(name, reason string, first, last int) func(*calendar.Spec) {
	return func(s *calendar.Spec) {
		day := func(day int) calendar.Wall {
			return calendar.Wall{Time: time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC)}
		}
		s.Freezes = append(s.Freezes, calendar.Freeze{Name: name, Reason: reason, From: day(first), To: day(last + 1)})
	}
}

func closes(name string) func(*calendar.Spec) {
	return func(s *calendar.Spec) {
		s.Closed = append(s.Closed, calendar.Window{Name: name, From: 12 * 60, To: 14 * 60})
	}
}

func decades(s *calendar.Spec) {
	s.Freezes = []calendar.Freeze{{Name: "for good", From: calendar.Wall{Time: noon.AddDate(-1, 0, 0)}, To: calendar.Wall{Time: noon.AddDate(30, 0, 0)}}}
}

// hotfix is about a commit of a merged pull request in a freeze.
func hotfix(runs ...fact.ApprovalRun) fact.Set { return shipped(said(runs...)) }

var inFreeze = opened(freezes("year end", "the shop must not stop", 19, 23))

var _ = rows("within-window",
	row{name: "before it opens", params: office, calendars: opened(), facts: onMain(at(20, 7, 59)), want: verdict.Wait, code: "closed", says: []string{"it is Fri 2026-11-20 08:59 in Europe/Berlin (Fri 2026-11-20 07:59 UTC)", "opens next on Fri 2026-11-20 09:00 in Europe/Berlin (Fri 2026-11-20 08:00 UTC)", "stageward windows --stage prod"}},
	row{name: "when it ends", params: office, calendars: opened(), facts: onMain(at(20, 16, 0)), want: verdict.Wait, code: "closed", says: []string{"opens next on Mon 2026-11-23 09:00"}},
	row{name: "a closing beats an opening, and has a name", params: office, calendars: opened(closes("lunch")), facts: onMain(), want: verdict.Wait, code: "closed", says: []string{`closed for "lunch"`, "14:00 in Europe/Berlin"}},
	row{name: "a closing without a name", params: office, calendars: opened(closes("")), facts: onMain(), want: verdict.Wait, code: "closed", hides: []string{" for "}},
	row{name: "TIM-01: in a freeze", params: office, calendars: inFreeze, facts: onMain(), want: verdict.Wait, code: "frozen", says: []string{`frozen: "year end" ("the shop must not stop") from Thu 2026-11-19 00:00 until Tue 2026-11-24 00:00 in Europe/Berlin`, "opens next on Tue 2026-11-24 09:00 in Europe/Berlin (Tue 2026-11-24 08:00 UTC)"}},
	row{name: "TIM-01: in a freeze with an approval, where the policy knows no exceptions", params: office, calendars: inFreeze, facts: hotfix(yes(1, olga, because)), want: verdict.Wait, code: "frozen", hides: []string{"exception"}},
	row{name: "in a freeze and outside the hours", params: office, calendars: inFreeze, facts: onMain(at(20, 20, 0)), want: verdict.Wait, code: "frozen"},
	row{name: "in two freezes", params: office, calendars: opened(freezes("first", "", 19, 20), freezes("second", "", 20, 24)), facts: onMain(), want: verdict.Wait, code: "frozen", says: []string{`"first" from`, `"second" from`, "opens next on Wed 2026-11-25 09:00"}},
	row{name: "a freeze of decades", params: office, calendars: opened(decades), facts: onMain(), want: verdict.Fail, code: "no-opening", says: []string{"does not open within 400 days", `"for good"`}},
	row{name: "closed for ever", params: office, calendars: opened(func(s *calendar.Spec) { s.Closed = []calendar.Window{{To: 24 * 60}} }), facts: onMain(), want: verdict.Fail, code: "no-opening"},
	row{
		name: "TIM-03: where the clocks change", params: office, want: verdict.Wait, code: "closed", says: []string{"the clocks change here"},
		calendars: opened(func(s *calendar.Spec) { s.Open = []calendar.Window{{From: 2 * 60, To: 4 * 60}} }),
		facts:     onMain(func(f *fact.Set) { f.At = fact.Of(time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), fact.Source{}) }),
	},
	row{name: "a time that is not known", params: office, calendars: opened(), want: verdict.Unknown, code: string(fact.Unavailable), facts: onMain(func(f *fact.Set) {
		f.At = fact.Lost[time.Time](fact.Missing{Reason: fact.Unavailable})
	})},
	row{name: "a time that is empty", params: office, calendars: opened(decades), want: verdict.Unknown, code: string(fact.Incomplete), facts: onMain(func(f *fact.Set) {
		f.At = fact.Of(time.Time{}, fact.Source{})
	})},

	row{name: "no exception yet", params: emergency, calendars: inFreeze, facts: hotfix(), want: verdict.Wait, code: "frozen", says: []string{"exception 0 of 1", "-f reason='WHY'", "-f sha=" + string(headSHA)}},
	row{name: "an exception by another workflow than the one for exceptions", params: "{calendar: office, exception: {by: maintain}}", calendars: inFreeze, facts: hotfix(yes(1, olga, because)), want: verdict.Unknown, code: "not-asked"},
	row{name: "an exception without a reason", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, "exception")), want: verdict.Wait, code: "frozen", says: []string{"run 1 by @olga gives no reason"}},
	row{name: "an exception with an empty reason", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, "exception:  ")), want: verdict.Wait, code: "frozen", says: []string{"gives no reason"}},
	row{name: "an exception with a dot for a reason", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, "exception: .")), want: verdict.Wait, code: "frozen", says: []string{"gives no reason"}},
	row{name: "an exception with a reason that nobody sees", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, "exception: \u3164\uffa0")), want: verdict.Wait, code: "frozen", says: []string{"gives no reason"}},
	row{name: "an approval of any name is no exception", params: emergency, calendars: inFreeze, facts: hotfix(approval(1, olga, "Approve SHA for prod")), want: verdict.Wait, code: "frozen"},
	row{name: "another approval with a reason is no exception", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, "qa: payments fail")), want: verdict.Wait, code: "frozen"},
	row{name: "an exception for another commit", params: emergency, calendars: inFreeze, facts: hotfix(approval(1, olga, "Approve "+string(otherSHA)+" for prod as "+because)), want: verdict.Wait, code: "frozen", says: []string{"exception 0 of 1"}},
	row{name: "an exception for the beginning of the commit's id", params: emergency, calendars: inFreeze, facts: hotfix(approval(1, olga, "Approve "+string(headSHA[:12])+" for prod as "+because)), want: verdict.Wait, code: "frozen"},
	row{name: "an exception for another stage", params: emergency, calendars: inFreeze, facts: hotfix(approval(1, olga, "Approve SHA for staging as "+because)), want: verdict.Wait, code: "frozen"},
	row{name: "an exception by somebody without the role", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, carol, because)), want: verdict.Wait, code: "frozen", says: []string{"@carol has write, needs maintain"}},
	row{name: "an exception by whoever wrote it", params: "{calendar: office, exception: {by: write, workflow: .github/workflows/approve.yml}}", calendars: inFreeze, facts: hotfix(yes(1, alice, because)), want: verdict.Wait, code: "frozen", says: []string{"@alice opened the pull request"}},
	row{name: "an exception by a bot", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, hubot, because)), want: verdict.Wait, code: "frozen"},
	row{name: "an exception by one of two", params: emergency2, calendars: inFreeze, facts: hotfix(yes(1, olga, because), yes(2, olga, "exception: again")), want: verdict.Wait, code: "frozen", says: []string{"exception 1 of 2"}},
	row{name: "an exception that was started again", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because, func(r *fact.ApprovalRun) { r.Attempt = 2 })), want: verdict.Wait, code: "frozen", says: []string{"started again"}},
	row{name: "an exception that somebody else continued", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because, func(r *fact.ApprovalRun) { r.TriggeringActor = mallory })), want: verdict.Wait, code: "frozen"},
	row{name: "an exception of another branch", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because, func(r *fact.ApprovalRun) { r.Branch = "mine" })), want: verdict.Wait, code: "frozen", says: []string{`is of "mine"`}},
	row{name: "an exception that another event started", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because, func(r *fact.ApprovalRun) { r.Event = "push" })), want: verdict.Wait, code: "frozen"},
	row{name: "an exception that was made before the freeze", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because, func(r *fact.ApprovalRun) { r.At = noon.AddDate(0, 0, -2) })), want: verdict.Wait, code: "frozen", says: []string{`when the freeze "year end" did not hold`}},
	row{
		name: "an exception that was made in one of two freezes", params: emergency, want: verdict.Wait, code: "frozen", says: []string{`when the freeze "second" did not hold`},
		calendars: opened(freezes("first", "", 17, 23), freezes("second", "", 20, 24)),
		facts:     hotfix(yes(1, olga, because, func(r *fact.ApprovalRun) { r.At = noon.AddDate(0, 0, -1) })),
	},
	row{name: "an exception without a time", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because, func(r *fact.ApprovalRun) { r.At = time.Time{} })), want: verdict.Wait, code: "frozen"},
	row{name: "an exception that was rejected", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because), no(2, bob, "exception: too risky")), want: verdict.Wait, code: "frozen", says: []string{"rejected by @bob"}},
	row{name: "an exception, and a rejection of everything", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because), approval(2, bob, "Reject SHA for prod")), want: verdict.Wait, code: "frozen", says: []string{"rejected by @bob"}},
	row{name: "an exception, and a rejection in capitals", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because), approval(2, bob, "REJECT SHA for prod as exception")), want: verdict.Wait, code: "frozen", says: []string{"rejected by @bob"}},
	row{name: "a rejection that another approval does not take back", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because), approval(2, bob, "Reject SHA for prod"), yes(3, bob, "qa")), want: verdict.Wait, code: "frozen", says: []string{"rejected by @bob"}},
	row{name: "an exception outside the hours", params: emergency, calendars: inFreeze, facts: shipped(said(yes(1, olga, because)), at(20, 20, 0)), want: verdict.Wait, code: "closed", says: []string{"the freeze is lifted by exception by @olga", "opens next on Mon 2026-11-23 09:00"}},
	row{name: "outside the hours and outside a freeze, an exception opens nothing", params: emergency, calendars: opened(), facts: shipped(said(yes(1, olga, because)), at(20, 20, 0)), want: verdict.Wait, code: "closed", hides: []string{"exception"}},
	row{name: "exceptions that cannot be read", params: emergency, calendars: inFreeze, want: verdict.Unknown, code: string(fact.Forbidden), facts: shipped(func(f *fact.Set) {
		f.ApprovalRuns[approveFile] = fact.Lost[[]fact.ApprovalRun](fact.Missing{Reason: fact.Forbidden})
	})},
	row{name: "work that is linked to nobody", params: emergency, calendars: inFreeze, want: verdict.Wait, code: "frozen", facts: shipped(said(yes(1, olga, because)), pulls(merged(func(p *fact.Pull) { p.Author = nil })))},

	row{name: "when it opens", params: office, calendars: opened(), facts: onMain(at(20, 8, 0)), want: verdict.Pass, says: []string{"open until Fri 2026-11-20 17:00 in Europe/Berlin (Fri 2026-11-20 16:00 UTC)"}},
	row{name: "the minute before it ends", params: office, calendars: opened(), facts: onMain(at(20, 15, 59)), want: verdict.Pass},
	row{
		name: "a calendar that never closes again", params: office, facts: onMain(), want: verdict.Pass, says: []string{"for at least 400 days"},
		calendars: opened(func(s *calendar.Spec) { s.Open = nil; freezes("past", "", 1, 2)(s) }),
	},
	row{name: "by UTC", params: office, calendars: exampleCalendars, facts: onMain(), want: verdict.Pass, says: []string{"until Fri 2026-11-20 17:00 UTC"}, hides: []string{"("}},
	row{name: "until a freeze begins", params: office, calendars: opened(func(s *calendar.Spec) { s.Open = nil }, freezes("weekend", "", 21, 22)), facts: onMain(), want: verdict.Pass, says: []string{"until Sat 2026-11-21 00:00"}},
	row{name: "an exception", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because)), want: verdict.Pass, says: []string{`FROZEN and open only by exception by @olga (run 1, because "payments fail")`}},
	row{name: "an exception by two", params: emergency2, calendars: inFreeze, facts: hotfix(yes(1, olga, because), yes(2, bob, "exception: I agree")), want: verdict.Pass, says: []string{`because "I agree"`, `because "payments fail"`}},
	row{name: "an exception, and a rejection of another approval", params: emergency, calendars: inFreeze, facts: hotfix(yes(1, olga, because), no(2, bob, "qa")), want: verdict.Pass},
	row{name: "an exception that was rejected and then made", params: emergency, calendars: inFreeze, facts: hotfix(no(1, olga, "exception"), yes(2, olga, because)), want: verdict.Pass},
	row{name: "an exception that is not needed", params: emergency, calendars: opened(), facts: hotfix(), want: verdict.Pass, hides: []string{"exception"}},
)

func TestWithinWindow(t *testing.T) {
	t.Parallel()
	testRows(t, "within-window")
}

func TestWithinWindowRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	for params, says := range map[string]string{
		"":                   "calendar: name one",
		"calendar: holidays": `calendar: calendar "holidays" is not defined; expected one of office`,
		"{calendar: office, exception: {count: 2}}":                            "exception: say by whom",
		"{calendar: office, exception: {workflow: .github/workflows/a.yml}}":   "exception: say by whom",
		"{calendar: office, exception: {by: nobody}}":                          `role "nobody" is not defined`,
		"{calendar: office, exception: {by: admin, count: -1}}":                "expected 1 or more",
		"{calendar: office, exception: {by: admin, workflow: ../approve.yml}}": "workflow",
	} {
		_, err := find(t, "within-window").Bind(decode(params), gate.Terms{Calendars: exampleCalendars})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one that says %q", params, err, says)
		}
	}
	if _, err := find(t, "within-window").Bind(decode(office), gate.Terms{}); err == nil || !strings.Contains(err.Error(), "the policy has no calendars") {
		t.Errorf("without calendars: error %v", err)
	}
}

func TestWithinWindowNotes(t *testing.T) {
	t.Parallel()
	for _, each := range []struct {
		name, params string
		calendars    gate.Calendars
		says         string
	}{
		{"never open", office, opened(func(s *calendar.Spec) { s.Closed = []calendar.Window{{To: 24 * 60}} }), "never opens"},
		{"an exception from nothing", emergency, opened(), "has no freezes"},
		{"nothing to say", emergency, inFreeze, ""},
	} {
		check, err := find(t, "within-window").Bind(decode(each.params), gate.Terms{Calendars: each.calendars})
		if err != nil {
			t.Fatal(err)
		}
		said := len(check.Notes) > 0
		if said != (each.says != "") || said && !strings.Contains(check.Notes[0].Text, each.says) {
			t.Errorf("%s: notes %q", each.name, check.Notes)
		}
	}
}

func TestCalendarOf(t *testing.T) {
	t.Parallel()
	check, err := find(t, "within-window").Bind(decode(office), gate.Terms{Calendars: exampleCalendars})
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := gate.CalendarOf(check); !ok || name != "office" {
		t.Errorf("%q %t", name, ok)
	}
	other, err := find(t, "signed-tag").Bind(nil, gate.Terms{})
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := gate.CalendarOf(other); ok {
		t.Errorf("signed-tag has the calendar %q", name)
	}
}
