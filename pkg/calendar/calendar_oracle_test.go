package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/calendar"
)

// oddZones are zones whose clocks do what few others do, and two years of it.
var oddZones = []struct {
	zone string
	year int // the first of the two
	why  string
}{
	{"Europe/Berlin", 2026, "an hour at 02:00"},
	{"Australia/Lord_Howe", 2026, "half an hour"},
	{"America/St_Johns", 2010, "at one minute past midnight"},
	{"America/Sao_Paulo", 2018, "at midnight, and then never again"},
	{"Africa/Casablanca", 2026, "back for Ramadan"},
	{"Asia/Kathmandu", 1985, "a quarter of an hour, once"},
	{"Pacific/Apia", 2011, "a day that never was"},
	{"Pacific/Kwajalein", 1993, "a day that never was, in August"},
	{"Antarctica/Troll", 2026, "two hours"},
	{"America/Juneau", 1983, "two hours back, to another zone"},
	{"Asia/Pyongyang", 2015, "half an hour, and back"},
	{"UTC", 2027, "nothing"},
}

// weekOf is what the two years are judged by: windows and closings across the
// hours at which clocks change, across midnight and across the week's end.
func weekOf(year int) calendar.Spec {
	freeze := func(month time.Month, day, hour, minute int, length time.Duration) calendar.Freeze {
		at := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
		return calendar.Freeze{Name: "f", From: calendar.Wall{Time: at}, To: calendar.Wall{Time: at.Add(length)}}
	}
	return calendar.Spec{
		Open: []calendar.Window{
			{Days: []calendar.Day{"mon", "tue", "wed", "thu"}, From: 9 * 60, To: 17*60 + 30},
			{Days: []calendar.Day{"fri"}, From: 9 * 60, To: 2*60 + 40, Until: "sun"},
			{Days: []calendar.Day{"sun"}, From: 2*60 + 45, To: 30, Until: calendar.NextDay},
			{From: 23 * 60, To: 1 * 60, Until: calendar.NextDay},
		},
		Closed: []calendar.Window{
			{Name: "night", Days: []calendar.Day{"sat"}, From: 23*60 + 50, To: 2*60 + 10, Until: calendar.NextDay},
			{Name: "lunch", From: 12 * 60, To: 12*60 + 45},
			{Days: []calendar.Day{"fri"}, From: 0, To: 1},
		},
		Freezes: []calendar.Freeze{
			freeze(time.March, 29, 2, 15, 30*time.Minute), freeze(time.October, 25, 2, 0, time.Hour),
			freeze(time.December, 20, 0, 0, 15*24*time.Hour), freeze(time.December, 30, 12, 0, time.Hour),
		},
	}
}

// TestTwoYearsMinuteByMinute compares every minute of two years with the
// oracle, and from some of them what comes next.
func TestTwoYearsMinuteByMinute(t *testing.T) {
	t.Parallel()
	for _, each := range oddZones {
		t.Run(fmt.Sprintf("%s has %s", each.zone, each.why), func(t *testing.T) {
			t.Parallel()
			spec := weekOf(each.year)
			spec.Zone = each.zone
			from := time.Date(each.year, 1, 1, 0, 0, 0, 0, time.UTC)
			to := from.AddDate(2, 0, 0)
			made := create(t, spec)
			slow := newOracle(t, spec, from, to)
			if len(slow.changes) == 0 && each.zone != "UTC" {
				t.Fatal("the clocks never change, so this shows nothing")
			}
			compareStretches(t, made, slow, from, to)
			compareNext(t, made, slow, from, to)
		})
	}
}

func compareStretches(t *testing.T, made calendar.Calendar, slow *oracle, from, to time.Time) {
	t.Helper()
	at := from
	for _, stretch := range made.Stretches(from, to) {
		if !stretch.From.Equal(at) || !stretch.To.After(at) {
			t.Fatalf("a gap: %s begins where %s was expected", stretch.From, at)
		}
		for minute := minuteOf(stretch.From); minute < minuteOf(stretch.To); minute++ {
			if want := slow.open(minute); stretch.Open != want {
				t.Fatalf("%s: open is %t, the oracle says %t", time.Unix(int64(minute)*60, 0).UTC(), stretch.Open, want)
			}
		}
		if stretch.From.Second() != 0 {
			t.Fatalf("a stretch begins within a minute: %s", stretch.From)
		}
		at = stretch.To
	}
	if !at.Equal(to) {
		t.Fatalf("the stretches end at %s, not at %s", at, to)
	}
}

// compareNext asks from a minute of every third day, and from those around the
// changes of the clocks, when it opens and closes.
func compareNext(t *testing.T, made calendar.Calendar, slow *oracle, from, to time.Time) {
	t.Helper()
	minutes := []int{}
	for minute := minuteOf(from); minute < minuteOf(to)-90*minutesOfDay; minute += 61*60 + 7 {
		minutes = append(minutes, minute)
	}
	for _, change := range slow.changes {
		for minute := slow.from + change - 150; minute < slow.from+change+150; minute += 15 {
			if minute >= minuteOf(from) && minute < minuteOf(to)-90*minutesOfDay {
				minutes = append(minutes, minute)
			}
		}
	}
	for _, minute := range minutes {
		at := time.Unix(int64(minute)*60+30, 5) // within the minute
		if got, want := made.At(at).Open, slow.open(minute); got != want {
			t.Fatalf("%s: open is %t, the oracle says %t", at.UTC(), got, want)
		}
		for _, open := range []bool{true, false} {
			want := minute
			for slow.open(want) != open {
				want++
			}
			find := made.Closes
			if open {
				find = made.Opens
			}
			got, ok := find(at)
			whole := got.Equal(at) || got.Equal(got.Truncate(time.Minute))
			if !ok || !whole || got.Before(at) || minuteOf(got) != want {
				t.Fatalf("from %s the next moment with open %t is %s (%t), the oracle says %s", at.UTC(), open, got, ok, time.Unix(int64(want)*60, 0).UTC())
			}
		}
	}
}

// TestAnyCalendarNearAChange makes up calendars, most of them with little in
// them, and asks about minutes around the changes of the clocks, and what comes
// next there.
func TestAnyCalendarNearAChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		each := rapid.SampledFrom(oddZones[:len(oddZones)-1]).Draw(t, "zone")
		zone, err := calendar.LoadZone(each.zone)
		if err != nil {
			t.Fatal(err)
		}
		_, change := time.Date(each.year, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, rapid.IntRange(0, 10).Draw(t, "month"), 0).In(zone).ZoneBounds()
		if change.IsZero() {
			change = time.Date(each.year, 6, 1, 0, 0, 0, 0, time.UTC)
		}
		spec := calendar.Spec{
			Zone: each.zone, Open: anyWindows(t, "open", 0, 3), Closed: anyWindows(t, "closed", 0, 2),
			Freezes: anyFreezes(t, change),
		}
		made, err := calendar.New(spec)
		if err != nil {
			return // nothing in it, or a window that is empty
		}
		at := minuteOf(change) + rapid.IntRange(-25*60, 25*60).Draw(t, "minutes after the change")
		moment := time.Unix(int64(at)*60, 0)
		slow := newOracle(t, spec, moment, moment)
		if got, want := made.At(moment).Open, slow.open(at); got != want {
			t.Fatalf("%s: open is %t, the oracle says %t: %+v", moment.UTC(), got, want, spec)
		}
		want := at + 1
		for want < at+30*60 && slow.open(want) == slow.open(at) {
			want++
		}
		find := made.Opens
		if slow.open(at) {
			find = made.Closes
		}
		got, ok := find(moment)
		if sooner := ok && minuteOf(got) < want; sooner || want < at+30*60 && minuteOf(got) != want {
			t.Fatalf("%s: the next change is %s (%t), the oracle says %s: %+v", moment.UTC(), got, ok, time.Unix(int64(want)*60, 0).UTC(), spec)
		}
	})
}

func anyWindows(t *rapid.T, what string, least, most int) []calendar.Window {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) calendar.Window {
		days := append(calendar.Days(), "")
		return calendar.Window{
			Name: what,
			Days: rapid.SliceOfN(rapid.SampledFrom(calendar.Days()), 0, 7).Draw(t, "days"),
			From: calendar.Clock(rapid.IntRange(0, 1439).Draw(t, "from")), To: calendar.Clock(rapid.IntRange(0, 1440).Draw(t, "to")),
			Until: rapid.SampledFrom(append(days, calendar.NextDay)).Draw(t, "until"),
		}
	}), least, most).Draw(t, what)
}

func anyFreezes(t *rapid.T, around time.Time) []calendar.Freeze {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) calendar.Freeze {
		from := around.UTC().Truncate(time.Minute).Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "from")) * time.Minute)
		length := time.Duration(rapid.IntRange(1, 3000).Draw(t, "length")) * time.Minute
		return calendar.Freeze{Name: "f", From: calendar.Wall{Time: from}, To: calendar.Wall{Time: from.Add(length)}}
	}), 0, 2).Draw(t, "freezes")
}

func create(tb testing.TB, spec calendar.Spec) calendar.Calendar {
	tb.Helper()
	made, err := calendar.New(spec)
	if err != nil {
		tb.Fatal(err)
	}
	return made
}
