package calendar

import (
	"cmp"
	"fmt"
	"sort"
	"time"

	"github.com/stageward/stageward/pkg/order"
)

// NextDay as the end of a window is the day after the one on which it begins.
const NextDay Day = "next"

// Window is a stretch of time that comes every week.
type Window struct {
	// Name is for readers; it may be "".
	Name string
	// Days are the days on which it begins; none stands for every day.
	Days []Day
	// From is when it begins, To when it ends.
	From, To Clock
	// Until is the day on which it ends: "" for the day on which it begins,
	// NextDay, or a day of the week. It then ends at the first To of such a
	// day after it began.
	Until Day
}

// span is a stretch of the week in seconds after Monday, 00:00. It begins in
// the week and may end in the next one.
type span struct{ from, to int }

const (
	secondsOfDay  = 24 * 60 * 60
	secondsOfWeek = 7 * secondsOfDay
)

// Check refuses a window that is empty or that ends before it begins.
func (w Window) Check() error {
	_, err := w.spans()
	return err
}

// spans returns the window once for each of its days.
func (w Window) spans() ([]span, error) {
	days := w.Days
	if len(days) == 0 {
		days = Days()
	}
	if w.From < 0 || w.From >= endOfDay || w.To < 0 || w.To > endOfDay {
		return nil, fmt.Errorf("it goes from %s to %s; a window begins from 00:00 to 23:59 and ends by 24:00", w.From, w.To)
	}
	var spans []span
	for _, day := range days {
		begin, end, err := w.on(day)
		if err != nil {
			return nil, err
		}
		spans = append(spans, span{from: begin * 60, to: end * 60})
	}
	return spans, nil
}

// on returns the window that begins on a day, in minutes of the week.
func (w Window) on(day Day) (begin, end int, err error) {
	const week = 7 * int(endOfDay)
	index := day.index()
	if index < 0 {
		return 0, 0, fmt.Errorf("%q is not a day; expected one of %q", day, Days())
	}
	begin = index*int(endOfDay) + int(w.From)
	end = index*int(endOfDay) + int(w.To)
	switch last := w.Until.index(); {
	case w.Until == NextDay:
		end += int(endOfDay)
	case w.Until != "" && last < 0:
		return 0, 0, fmt.Errorf("%q is not a day; expected one of %q, or %q", w.Until, Days(), NextDay)
	case w.Until != "":
		end = last*int(endOfDay) + int(w.To)
		if end < begin {
			end += week
		}
	case end < begin:
		return 0, 0, fmt.Errorf("it ends at %s, before it begins at %s", w.To, w.From)
	}
	if end == begin {
		return 0, 0, fmt.Errorf("it begins and ends at %s", w.From)
	}
	return begin, end, nil
}

// week is a set of stretches of the week: in order, apart from one another,
// and none of them beyond the end of the week.
type week []span

// union returns the week of several windows.
func union(windows []Window) (week, error) {
	var all []span
	for _, window := range windows {
		spans, err := window.spans()
		if err != nil {
			return nil, err
		}
		for _, each := range spans {
			if each.to > secondsOfWeek {
				all = append(all, span{0, each.to - secondsOfWeek})
				each.to = secondsOfWeek
			}
			all = append(all, each)
		}
	}
	order.By(all, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var merged week
	for _, each := range all {
		if last := len(merged) - 1; last >= 0 && each.from <= merged[last].to {
			merged[last].to = max(merged[last].to, each.to)
			continue
		}
		merged = append(merged, each)
	}
	return merged, nil
}

// secondOfWeek returns how many seconds the clock has shown since Monday,
// 00:00, and the fraction that is left.
func secondOfWeek(wall Wall) int {
	day := (int(wall.Weekday()) + 6) % 7
	hour, minute, second := wall.Clock()
	return day*secondsOfDay + hour*3600 + minute*60 + second
}

// has reports whether the week has what a clock shows.
func (w week) has(wall Wall) bool {
	second := secondOfWeek(wall)
	after := sort.Search(len(w), func(i int) bool { return w[i].from > second })
	return after > 0 && second < w[after-1].to
}

// next returns how long after what a clock shows the next stretch begins or
// ends; ok is false when there is none.
func (w week) next(wall Wall) (length time.Duration, ok bool) {
	second := secondOfWeek(wall)
	best := 0
	for _, each := range w {
		for _, edge := range []int{each.from, each.to} {
			ahead := edge - second
			if ahead <= 0 {
				ahead += secondsOfWeek
			}
			if ahead > 0 && (best == 0 || ahead < best) {
				best = ahead
			}
		}
	}
	return time.Duration(best)*time.Second - time.Duration(wall.Nanosecond()), best > 0
}

// leaves reports whether a closed week leaves anything of an open one.
func (w week) leaves(open week) bool {
	for _, each := range open {
		at := each.from
		for _, closed := range w {
			if closed.from <= at {
				at = max(at, closed.to)
			}
		}
		if at < each.to {
			return true
		}
	}
	return false
}
