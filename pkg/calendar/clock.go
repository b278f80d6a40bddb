package calendar

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Clock is a time of day in minutes after midnight, from 0 to 1440. The last,
// 24:00, is the end of a day and not the start of anything.
type Clock int

const endOfDay Clock = 24 * 60

// The forms of a time of day, and of a date with or without one. Both are
// anchored, and read alike by Go and by JSON Schema.
const (
	ClockPattern  = `^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`
	MomentPattern = `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T(([01][0-9]|2[0-3]):[0-5][0-9]|24:00))?$`
)

var (
	clockForm  = regexp.MustCompile(ClockPattern)
	momentForm = regexp.MustCompile(MomentPattern)
)

// ParseClock reads a time of day such as 09:00, up to 24:00.
func ParseClock(text string) (Clock, error) {
	if !clockForm.MatchString(text) {
		return 0, fmt.Errorf("%q is not a time of day such as 09:00 or 17:30, up to 24:00", text)
	}
	hours, err := strconv.Atoi(text[:2])
	if err != nil {
		return 0, fmt.Errorf("read the hour of %q: %w", text, err)
	}
	minutes, err := strconv.Atoi(text[3:])
	if err != nil {
		return 0, fmt.Errorf("read the minute of %q: %w", text, err)
	}
	return Clock(hours*60 + minutes), nil
}

// String returns the time of day as ParseClock reads it.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// Wall is what a clock on a wall shows: a date and a time of day without a
// zone. It is kept as the time of UTC that looks the same.
type Wall struct{ time.Time }

// ParseStart reads a date such as 2026-12-20, which is its first moment, or a
// date and time such as 2026-12-20T18:00.
func ParseStart(text string) (Wall, error) { return parseWall(text, 0) }

// ParseEnd reads the same for an end. A date alone means to the end of that
// day: whoever writes "to 4 January" may mean the whole of it, and the longer
// reading is the one that keeps closed.
func ParseEnd(text string) (Wall, error) { return parseWall(text, endOfDay) }

func parseWall(text string, without Clock) (Wall, error) {
	if !momentForm.MatchString(text) {
		return Wall{}, fmt.Errorf("%q is not a date such as 2026-12-20, or a date and time such as 2026-12-20T18:00", text)
	}
	date, clock, timed := strings.Cut(text, "T")
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return Wall{}, fmt.Errorf("%q: there is no such day", date)
	}
	at := without
	if timed {
		if at, err = ParseClock(clock); err != nil {
			return Wall{}, err
		}
	}
	return Wall{day.Add(time.Duration(at) * time.Minute)}, nil
}

// String returns the day of the week, the date and the time of day.
func (w Wall) String() string { return w.Format("Mon 2006-01-02 15:04") }

// Day is a day of the week: one of Days.
type Day string

// Days returns the days of the week in order, Monday first.
func Days() []Day { return []Day{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// index returns how many days the day comes after Monday, or -1.
func (d Day) index() int { return slices.Index(Days(), d) }
