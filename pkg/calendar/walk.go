package calendar

import "time"

// Horizon is how far ahead an opening is looked for.
const Horizon = 400 * 24 * time.Hour

// edge returns the first moment after at, two days ahead at most, at which
// what the calendar says can become something else. Until then it is the same.
func (c Calendar) edge(at time.Time) time.Time {
	offsets, edge := clocks(c.zone, at)
	sooner := func(next time.Time) {
		if next.After(at) && next.Before(edge) {
			edge = next
		}
	}
	for _, ahead := range offsets {
		wall := shown(at, ahead)
		for _, each := range []week{c.open, c.closed} {
			if length, ok := each.next(wall); ok {
				sooner(at.Add(length))
			}
		}
		for _, freeze := range c.freezes {
			sooner(freeze.From.Add(-ahead))
			sooner(freeze.To.Add(-ahead))
		}
	}
	return edge.UTC()
}

// Opens returns the first moment, at or after at, at which the calendar is
// open; ok is false when there is none within the Horizon.
func (c Calendar) Opens(at time.Time) (opens time.Time, ok bool) { return c.find(at, true) }

// Closes returns the first moment, at or after at, at which it is not open; ok
// is false when there is none within the Horizon.
func (c Calendar) Closes(at time.Time) (closes time.Time, ok bool) { return c.find(at, false) }

func (c Calendar) find(at time.Time, open bool) (time.Time, bool) {
	if c.zone == nil {
		return at, !open
	}
	for last := at.Add(Horizon); !at.After(last); at = c.edge(at) {
		if c.openAt(at) == open {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// openAt is At(at).Open, without what is only for readers.
func (c Calendar) openAt(at time.Time) bool {
	offsets, _ := clocks(c.zone, at)
	for _, ahead := range offsets {
		wall := shown(at, ahead)
		if !c.open.has(wall) || c.closed.has(wall) {
			return false
		}
		for _, freeze := range c.freezes {
			if freeze.has(wall) {
				return false
			}
		}
	}
	return true
}

// Stretch is a time from From, until To excluded, in which one thing holds.
type Stretch struct {
	From, To time.Time // UTC
	State
}

// Stretches returns what holds from one moment until another, excluded: without
// gaps, in order, and each as long as it is open or closed for the same reasons.
func (c Calendar) Stretches(from, to time.Time) []Stretch {
	if c.zone == nil {
		return nil
	}
	var found []Stretch
	for at := from.UTC(); at.Before(to); at = c.edge(at) {
		state := c.At(at)
		if last := len(found) - 1; last >= 0 {
			if same(found[last].State, state) {
				continue
			}
			found[last].To = at
		}
		found = append(found, Stretch{From: at, To: to.UTC(), State: state})
	}
	return found
}

// same reports whether two states are the same to a reader: of what is frozen
// or open it does not matter what else holds.
func same(a, b State) bool {
	if a.Open != b.Open || len(a.Freezes) != len(b.Freezes) {
		return false
	}
	for i := range a.Freezes {
		if a.Freezes[i] != b.Freezes[i] {
			return false
		}
	}
	if a.Open || len(a.Freezes) > 0 {
		return true
	}
	return names(a.Closed) == names(b.Closed)
}

func names(windows []Window) string {
	all := ""
	for _, each := range windows {
		all += each.Name + "\n"
	}
	return all
}
