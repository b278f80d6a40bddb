package calendar_test

import (
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/calendar"
)

// oracle is a slow second reading of the definition in doc.go. It works minute
// by minute on whole numbers, looks at offsets only, and shares no code with
// the package. All its times are minutes after 1970, 00:00, of UTC or of a
// clock.
type oracle struct {
	spec    calendar.Spec
	from    int                    // the first minute
	ahead   []int                  // what the clock is ahead of UTC, minute by minute
	weekly  [7 * minutesOfDay]bool // whether windows open a minute of the week, which begins on Thursday
	changes []int                  // indexes into ahead where it is another than a minute before
}

const minutesOfDay = 24 * 60

func minuteOf(at time.Time) int { return int(at.Unix() / 60) }

// failing is what a test and a property have in common.
type failing interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// newOracle knows the clocks from two days before until two days after, which
// is longer than any change of them reaches.
func newOracle(tb failing, spec calendar.Spec, from, to time.Time) *oracle {
	tb.Helper()
	zone, err := calendar.LoadZone(spec.Zone)
	if err != nil {
		tb.Fatal(err)
	}
	o := &oracle{spec: spec, from: minuteOf(from) - 2*minutesOfDay}
	ahead := func(minute int) int {
		_, seconds := time.Unix(int64(minute)*60, 0).In(zone).Zone()
		if seconds%60 != 0 {
			tb.Fatalf("%s is not ahead by whole minutes at %d", spec.Zone, minute)
		}
		return seconds / 60
	}
	for hour := o.from; hour < minuteOf(to)+2*minutesOfDay; hour += 60 {
		first := ahead(hour)
		same := first == ahead(hour+60) // no clock changes twice in an hour
		for minute := hour; minute < hour+60; minute++ {
			known := first
			if !same {
				known = ahead(minute)
			}
			o.ahead = append(o.ahead, known)
			if last := len(o.ahead) - 1; last > 0 && o.ahead[last] != o.ahead[last-1] {
				o.changes = append(o.changes, last)
			}
		}
	}
	for wall := range o.weekly {
		inAny := func(windows []calendar.Window) bool {
			return slices.ContainsFunc(windows, func(w calendar.Window) bool { return inWindow(w, wall+len(o.weekly)) })
		}
		o.weekly[wall] = (len(spec.Open) == 0 || inAny(spec.Open)) && !inAny(spec.Closed)
	}
	return o
}

// readings returns what the clocks show at a minute.
func (o *oracle) readings(minute int) []int {
	index := minute - o.from
	shown := []int{minute + o.ahead[index]}
	for _, change := range o.changes {
		before, now := o.ahead[change-1], o.ahead[change]
		length := max(now-before, before-now)
		if index >= change-length && index < change+length {
			shown = append(shown, minute+before, minute+now)
		}
	}
	return shown
}

func (o *oracle) open(minute int) bool {
	for _, wall := range o.readings(minute) {
		if !o.weekly[wall%len(o.weekly)] || o.frozen(wall) {
			return false
		}
	}
	return true
}

func (o *oracle) frozen(wall int) bool {
	return slices.ContainsFunc(o.spec.Freezes, func(f calendar.Freeze) bool {
		return minuteOf(f.From.Time) <= wall && wall < minuteOf(f.To.Time)
	})
}

// inWindow tries every day of the last week as the one on which the window
// began, and looks for its end day by day.
func inWindow(window calendar.Window, wall int) bool {
	today := wall / minutesOfDay
	for begun := today - 7; begun <= today; begun++ {
		if len(window.Days) > 0 && !slices.Contains(window.Days, dayName(begun)) {
			continue
		}
		start := begun*minutesOfDay + int(window.From)
		end := begun
		switch window.Until {
		case "":
		case calendar.NextDay:
			end++
		default:
			for dayName(end) != window.Until || end*minutesOfDay+int(window.To) <= start {
				end++
			}
		}
		if start <= wall && wall < end*minutesOfDay+int(window.To) {
			return true
		}
	}
	return false
}

// dayName is the weekday of a day after 1970-01-01, which was a Thursday.
func dayName(day int) calendar.Day {
	return []calendar.Day{"thu", "fri", "sat", "sun", "mon", "tue", "wed"}[day%7]
}
