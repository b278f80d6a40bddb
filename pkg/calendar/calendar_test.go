package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/calendar"
)

var workdays = []calendar.Day{"mon", "tue", "wed", "thu", "fri"}

// window reads two times of day.
func window(t *testing.T, from, to string, until calendar.Day, days ...calendar.Day) calendar.Window {
	t.Helper()
	begin, err := calendar.ParseClock(from)
	if err != nil {
		t.Fatal(err)
	}
	end, err := calendar.ParseClock(to)
	if err != nil {
		t.Fatal(err)
	}
	return calendar.Window{Days: days, From: begin, To: end, Until: until}
}

func freeze(t *testing.T, name, from, to string) calendar.Freeze {
	t.Helper()
	begin, err := calendar.ParseStart(from)
	if err != nil {
		t.Fatal(err)
	}
	end, err := calendar.ParseEnd(to)
	if err != nil {
		t.Fatal(err)
	}
	return calendar.Freeze{Name: name, From: begin, To: end}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05Z", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestMoments(t *testing.T) {
	t.Parallel()
	berlin := func(change func(*calendar.Spec)) calendar.Spec {
		spec := calendar.Spec{Zone: "Europe/Berlin"}
		change(&spec)
		return spec
	}
	office := berlin(func(s *calendar.Spec) { s.Open = []calendar.Window{window(t, "09:00", "17:00", "", workdays...)} })
	weekend := berlin(func(s *calendar.Spec) { s.Closed = []calendar.Window{window(t, "18:00", "08:00", "mon", "fri")} })
	skipped := berlin(func(s *calendar.Spec) {
		s.Freezes = []calendar.Freeze{freeze(t, "skipped", "2026-03-29T02:15", "2026-03-29T02:45")}
	})
	repeated := berlin(func(s *calendar.Spec) {
		s.Freezes = []calendar.Freeze{freeze(t, "twice", "2026-10-25T02:00", "2026-10-25T03:00")}
	})
	openRepeated := berlin(func(s *calendar.Spec) { s.Open = []calendar.Window{window(t, "02:00", "04:30", "")} })
	openSkipped := berlin(func(s *calendar.Spec) { s.Open = []calendar.Window{window(t, "02:15", "02:45", "")} })
	year := berlin(func(s *calendar.Spec) {
		s.Freezes = []calendar.Freeze{freeze(t, "year end", "2026-12-20", "2027-01-04"), freeze(t, "other", "2027-02-01T18:00", "2027-02-01T24:00")}
	})
	both := berlin(func(s *calendar.Spec) {
		s.Open = []calendar.Window{window(t, "09:00", "17:00", "")}
		s.Closed = []calendar.Window{window(t, "12:00", "13:00", "", "mon")}
	})
	night := berlin(func(s *calendar.Spec) {
		s.Open = []calendar.Window{window(t, "22:00", "24:00", ""), window(t, "00:00", "06:00", "")}
	})
	for _, row := range []struct {
		name string
		spec calendar.Spec
		at   string
		open bool
	}{
		{"a second before it opens", office, "2026-11-20T07:59:59Z", false},
		{"when it opens", office, "2026-11-20T08:00:00Z", true},
		{"a second before it ends", office, "2026-11-20T15:59:59Z", true},
		{"when it ends", office, "2026-11-20T16:00:00Z", false},
		{"on another day", office, "2026-11-21T10:00:00Z", false},
		{"by the time of summer", office, "2026-07-01T07:00:00Z", true},

		{"TIM-07: before the weekend", weekend, "2026-11-20T16:59:59Z", true},
		{"TIM-07: when the weekend begins", weekend, "2026-11-20T17:00:00Z", false},
		{"TIM-07: on Sunday, across the end of the week", weekend, "2026-11-22T12:00:00Z", false},
		{"TIM-07: early on Monday", weekend, "2026-11-23T06:59:59Z", false},
		{"TIM-07: when the weekend ends", weekend, "2026-11-23T07:00:00Z", true},

		{"TIM-03: before a skipped closing, by the new clock", skipped, "2026-03-29T00:14:59Z", true},
		{"TIM-03: in a skipped closing, by the new clock", skipped, "2026-03-29T00:15:00Z", false},
		{"TIM-03: at the change, in it by no clock", skipped, "2026-03-29T01:00:00Z", true},
		{"TIM-03: in a skipped closing, by the old clock", skipped, "2026-03-29T01:20:00Z", false},
		{"TIM-03: after a skipped closing, by the old clock", skipped, "2026-03-29T01:50:00Z", true},

		{"TIM-04: before a repeated closing", repeated, "2026-10-24T23:59:59Z", true},
		{"TIM-04: the first time round", repeated, "2026-10-25T00:30:00Z", false},
		{"TIM-04: the second time round", repeated, "2026-10-25T01:30:00Z", false},
		{"TIM-04: after a repeated closing", repeated, "2026-10-25T02:00:00Z", true},

		{"an opening that begins in a repeated hour, the first time round", openRepeated, "2026-10-25T00:30:00Z", false},
		{"an opening that begins in a repeated hour, the second time round", openRepeated, "2026-10-25T01:30:00Z", true},
		{"an opening that begins in a repeated hour, after it", openRepeated, "2026-10-25T03:00:00Z", true},
		{"an opening that was skipped, by the old clock", openSkipped, "2026-03-29T01:30:00Z", false},
		{"an opening that was skipped, by the new clock", openSkipped, "2026-03-29T00:30:00Z", false},
		{"the same opening a day later", openSkipped, "2026-03-30T00:30:00Z", true},

		{"TIM-02: a second before a freeze", year, "2026-12-19T22:59:59Z", true},
		{"TIM-02: when a freeze begins", year, "2026-12-19T23:00:00Z", false},
		{"TIM-02: on the last day of a freeze, which belongs to it", year, "2027-01-04T22:59:59Z", false},
		{"TIM-02: when a freeze ends", year, "2027-01-04T23:00:00Z", true},
		{"in a freeze until midnight", year, "2027-02-01T22:59:59Z", false},
		{"after a freeze until midnight", year, "2027-02-01T23:00:00Z", true},

		{"a closing beats an opening", both, "2026-11-23T11:00:00Z", false},
		{"a closing of another day", both, "2026-11-24T11:00:00Z", true},
		{"midnight between two openings", night, "2026-11-23T23:00:00Z", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := create(t, row.spec).At(moment(t, row.at)); got.Open != row.open {
				t.Errorf("%s: %+v, want open %t", row.at, got, row.open)
			}
		})
	}
}

func TestWhatIsSaidOfAMoment(t *testing.T) {
	t.Parallel()
	lunch := window(t, "12:00", "13:00", "")
	lunch.Name = "lunch"
	made := create(t, calendar.Spec{Zone: "Europe/Berlin", Closed: []calendar.Window{lunch}, Freezes: []calendar.Freeze{
		freeze(t, "later", "2026-12-21", "2026-12-22"), freeze(t, "first", "2026-12-20", "2026-12-23"), freeze(t, "other", "2026-12-24", "2026-12-24"),
	}})
	got := made.At(moment(t, "2026-12-21T11:30:00Z"))
	if got.Open || len(got.Freezes) != 2 || got.Freezes[0].Name != "first" || got.Freezes[1].Name != "later" || len(got.Closed) != 1 || got.Closed[0].Name != "lunch" || got.Between {
		t.Errorf("got %+v", got)
	}
	if got := made.WithoutFreezes().At(moment(t, "2026-12-21T13:00:00Z")); !got.Open {
		t.Errorf("without freezes: %+v", got)
	}
	if got := made.At(moment(t, "2026-03-29T00:30:00Z")); !got.Between || !got.Open {
		t.Errorf("between two clocks: %+v", got)
	}
}

func TestTheZeroCalendarNeverOpens(t *testing.T) {
	t.Parallel()
	var none calendar.Calendar
	at := moment(t, "2026-11-20T12:00:00Z")
	if none.At(at).Open {
		t.Error("it is open")
	}
	if opens, ok := none.Opens(at); ok {
		t.Errorf("it opens at %s", opens)
	}
	if closes, ok := none.Closes(at); !ok || !closes.Equal(at) {
		t.Errorf("it closes at %s (%t)", closes, ok)
	}
	if stretches := none.Stretches(at, at.AddDate(0, 0, 1)); len(stretches) > 0 {
		t.Errorf("stretches %+v", stretches)
	}
}

func TestHowFarAheadIsLooked(t *testing.T) {
	t.Parallel()
	frozen := func(until string) calendar.Calendar {
		return create(t, calendar.Spec{Freezes: []calendar.Freeze{freeze(t, "long", "2026-01-01", until)}})
	}
	at := moment(t, "2026-01-01T00:00:00Z")
	if opens, ok := frozen("2027-02-04T24:00").Opens(at); !ok || !opens.Equal(at.Add(calendar.Horizon)) {
		t.Errorf("at the horizon: %s %t", opens, ok)
	}
	if opens, ok := frozen("2027-02-05T00:01").Opens(at); ok {
		t.Errorf("a minute behind the horizon: %s", opens)
	}
	if closes, ok := frozen("2026-01-02").Closes(moment(t, "2026-01-03T00:00:00Z")); ok {
		t.Errorf("it closes at %s, although nothing closes it any more", closes)
	}
}

func TestStretches(t *testing.T) {
	t.Parallel()
	lunch := window(t, "12:00", "13:00", "")
	lunch.Name = "lunch"
	cleaning := window(t, "21:00", "22:00", "")
	cleaning.Name = "cleaning"
	made := create(t, calendar.Spec{
		Zone: "Europe/Berlin", Open: []calendar.Window{window(t, "09:00", "17:00", "", workdays...)},
		Closed: []calendar.Window{lunch, cleaning}, Freezes: []calendar.Freeze{freeze(t, "f", "2026-11-20T16:00", "2026-11-20T20:00")},
	})
	var got []string
	for _, each := range made.Stretches(moment(t, "2026-11-20T00:00:00Z"), moment(t, "2026-11-21T00:00:00Z")) {
		what := "closed"
		if each.Open {
			what = "open"
		}
		for _, window := range each.Closed {
			what += " " + window.Name
		}
		for _, freeze := range each.Freezes {
			what += " " + freeze.Name
		}
		got = append(got, each.From.Format("15:04 ")+what)
	}
	want := []string{"00:00 closed", "08:00 open", "11:00 closed lunch", "12:00 open", "15:00 closed f", "19:00 closed", "20:00 closed cleaning", "21:00 closed"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCalendarsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		spec calendar.Spec
		says string
	}{
		"nothing":                        {calendar.Spec{Zone: "UTC"}, "neither openings"},
		"TIM-05: a zone that is none":    {calendar.Spec{Zone: "Europe/Berln"}, `no such name`},
		"TIM-08: start and end are one":  {calendar.Spec{Open: []calendar.Window{{From: 60, To: 60}}}, "open: it begins and ends at 01:00"},
		"TIM-08: the same a week later":  {calendar.Spec{Open: []calendar.Window{{Days: []calendar.Day{"fri"}, From: 60, To: 60, Until: "fri"}}}, "begins and ends at 01:00"},
		"TIM-08: the end before":         {calendar.Spec{Closed: []calendar.Window{{From: 60, To: 30}}}, "closed: it ends at 00:30, before it begins at 01:00"},
		"TIM-08: after the day":          {calendar.Spec{Open: []calendar.Window{{From: 60, To: 24*60 + 30}}}, "24:30"},
		"a start at the end of the day":  {calendar.Spec{Open: []calendar.Window{{From: 24 * 60, To: 60, Until: calendar.NextDay}}}, "24:00"},
		"a time before the day":          {calendar.Spec{Open: []calendar.Window{{From: -1, To: 60}}}, "begins from 00:00"},
		"a day that is none":             {calendar.Spec{Open: []calendar.Window{{Days: []calendar.Day{"mo"}, To: 60}}}, `"mo" is not a day`},
		"a day to end on that is none":   {calendar.Spec{Open: []calendar.Window{{To: 60, Until: "mo"}}}, `"mo" is not a day`},
		"a freeze without length":        {calendar.Spec{Freezes: []calendar.Freeze{freeze(t, "x", "2026-12-20T10:00", "2026-12-20T10:00")}}, `freeze "x": it begins and ends`},
		"a freeze that ends before":      {calendar.Spec{Freezes: []calendar.Freeze{freeze(t, "x", "2026-12-20", "2026-12-18")}}, `freeze "x": it ends at Sat 2026-12-19 00:00, before`},
		"an opening that is none at all": {calendar.Spec{Open: []calendar.Window{{}}}, "begins and ends at 00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := calendar.New(row.spec)
			if err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("error %v, want one that says %q", err, row.says)
			}
			if made.At(moment(t, "2026-11-20T12:00:00Z")).Open {
				t.Error("what cannot be used is open")
			}
		})
	}
}

func TestWhetherItEverOpens(t *testing.T) {
	t.Parallel()
	always := window(t, "00:00", "24:00", "")
	for _, row := range []struct {
		name  string
		spec  calendar.Spec
		never bool
	}{
		{"all closed", calendar.Spec{Closed: []calendar.Window{always}}, true},
		{"what is open is closed", calendar.Spec{Open: []calendar.Window{window(t, "09:00", "17:00", "", "mon")}, Closed: []calendar.Window{window(t, "08:00", "12:00", ""), window(t, "12:00", "18:00", "", "mon")}}, true},
		{"a minute is left", calendar.Spec{Open: []calendar.Window{window(t, "09:00", "17:00", "", "mon")}, Closed: []calendar.Window{window(t, "08:00", "12:00", ""), window(t, "12:01", "18:00", "", "mon")}}, false},
		{"a minute is left at the end", calendar.Spec{Open: []calendar.Window{window(t, "09:00", "17:00", "", "mon")}, Closed: []calendar.Window{window(t, "08:00", "16:59", "")}}, false},
		{"frozen for a while", calendar.Spec{Freezes: []calendar.Freeze{freeze(t, "x", "2026-01-01", "2026-12-31")}}, false},
	} {
		if got := create(t, row.spec).NeverOpens(); got != row.never {
			t.Errorf("%s: %t", row.name, got)
		}
	}
}

func TestTimesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "9:00", "24:30", "24:01", "25:00", "12:60", "12", "12:0", "09:00 ", "09.00", "-1:00", "09:00:00", "١٢:٠٠"} {
		if got, err := calendar.ParseClock(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
	for _, text := range []string{"", "2026-02-30", "2026-13-01", "2026-1-1", "20-12-2026", "2026-12-20 18:00", "2026-12-20T18", "2026-12-20T24:30", "2026-12-20T18:00Z", "2026-12-20T18:00+01:00", "2026-00-10"} {
		if got, err := calendar.ParseEnd(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}

func TestTimesAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]calendar.Clock{"00:00": 0, "09:05": 545, "23:59": 1439, "24:00": 1440} {
		if got, err := calendar.ParseClock(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s is %d, written %s (%v)", text, got, got, err)
		}
	}
	for text, want := range map[string]string{"2026-12-20": "Sun 2026-12-20 00:00", "2026-12-20T18:30": "Sun 2026-12-20 18:30"} {
		if got, err := calendar.ParseStart(text); err != nil || got.String() != want {
			t.Errorf("%s is %s (%v)", text, got, err)
		}
	}
	for text, want := range map[string]string{"2026-12-20": "Mon 2026-12-21 00:00", "2026-12-20T24:00": "Mon 2026-12-21 00:00", "2026-12-20T18:30": "Sun 2026-12-20 18:30"} {
		if got, err := calendar.ParseEnd(text); err != nil || got.String() != want {
			t.Errorf("the end %s is %s (%v)", text, got, err)
		}
	}
}

// FuzzTimes holds the readers to what they write.
func FuzzTimes(f *testing.F) {
	for _, seed := range []string{"09:00", "24:00", "2026-12-20", "2026-12-20T18:00", "2024-02-29T24:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if clock, err := calendar.ParseClock(text); err == nil && clock.String() != text {
			t.Errorf("%q is written %q", text, clock)
		}
		start, err := calendar.ParseStart(text)
		end, errEnd := calendar.ParseEnd(text)
		if (err == nil) != (errEnd == nil) {
			t.Fatalf("%q is one of start and end: %v, %v", text, err, errEnd)
		}
		if err == nil && end.Before(start.Time) {
			t.Errorf("%q ends at %s, before it begins", text, end)
		}
	})
}
