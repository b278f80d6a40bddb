package calendar

import (
	"cmp"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/order"
)

// maxShift is longer than any change of a clock. The longest skipped or repeated
// a whole day, when a country changed sides of the date line.
const maxShift = 48 * time.Hour

// shift is a change of the clocks: from one offset to another.
type shift struct {
	at          time.Time
	before, now time.Duration // what the clock is ahead of UTC
}

// around returns the first and the last moment, itself excluded, at which both
// clocks of the change are read.
func (s shift) around() (from, to time.Time) {
	length := (s.now - s.before).Abs()
	return s.at.Add(-length), s.at.Add(length)
}

// shifts returns the changes of the clocks after from and not after to, in
// order.
func shifts(zone *time.Location, from, to time.Time) []shift {
	var found []shift
	for at := from.In(zone); ; {
		_, end := at.ZoneBounds()
		switch {
		case end.IsZero() || end.After(to):
			return found
		case !end.After(at):
			// A boundary that is not one: the package time makes some up at the
			// end of a year.
			at = at.Add(time.Hour)
			if at.After(to) {
				return found
			}
			continue
		}
		before, now := offset(zone, end.Add(-time.Second)), offset(zone, end)
		if before != now {
			found = append(found, shift{at: end, before: before, now: now})
		}
		at = end
	}
}

// offset returns what the clock of a zone is ahead of UTC.
func offset(zone *time.Location, at time.Time) time.Duration {
	_, seconds := at.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// clocks returns the offsets by which a moment is read, in order, and when the
// next change can be that makes them others.
func clocks(zone *time.Location, at time.Time) (offsets []time.Duration, until time.Time) {
	offsets, until = []time.Duration{offset(zone, at)}, at.Add(maxShift)
	sooner := func(edge time.Time) {
		if edge.After(at) && edge.Before(until) {
			until = edge
		}
	}
	// At the change itself nothing becomes another: both clocks are read before
	// and after it.
	for _, each := range shifts(zone, at.Add(-maxShift), at.Add(2*maxShift)) {
		from, to := each.around()
		if !at.Before(from) && at.Before(to) {
			offsets = append(offsets, each.before, each.now)
		}
		sooner(from)
		sooner(to)
	}
	order.By(offsets, func(a, b time.Duration) int { return cmp.Compare(a, b) })
	return slices.Compact(offsets), until
}

// shown returns what a clock shows that is so far ahead of UTC.
func shown(at time.Time, ahead time.Duration) Wall { return Wall{at.UTC().Add(ahead)} }
