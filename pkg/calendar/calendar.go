package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/order"
)

// Freeze is a stretch of time that comes once: from From, until To excluded.
type Freeze struct {
	Name string
	// Reason says why, for readers; it may be "".
	Reason   string
	From, To Wall
}

// Check refuses a freeze that is empty or that ends before it begins.
func (f Freeze) Check() error {
	switch {
	case f.To.Equal(f.From.Time):
		return fmt.Errorf("it begins and ends at %s", f.From)
	case f.To.Before(f.From.Time):
		return fmt.Errorf("it ends at %s, before it begins at %s", f.To, f.From)
	}
	return nil
}

func (f Freeze) has(wall Wall) bool { return !wall.Before(f.From.Time) && wall.Before(f.To.Time) }

// Spec is what a calendar is made of.
type Spec struct {
	// Zone is the name of the time zone; "" stands for UTC.
	Zone string
	// Open are the openings; without any it is open except for the others.
	Open, Closed []Window
	Freezes      []Freeze
}

// Calendar says when something is open. The zero Calendar never is.
type Calendar struct {
	zone    *time.Location
	windows []Window // those that close
	open    week
	closed  week
	freezes []Freeze
}

// New makes a calendar. The error names what is wrong with its parts.
func New(spec Spec) (Calendar, error) {
	zone, err := LoadZone(cmp.Or(spec.Zone, "UTC"))
	if err != nil {
		return Calendar{}, err
	}
	if len(spec.Open)+len(spec.Closed)+len(spec.Freezes) == 0 {
		return Calendar{}, errors.New("the calendar has neither openings nor closings nor freezes")
	}
	made := Calendar{zone: zone, windows: slices.Clone(spec.Closed), freezes: slices.Clone(spec.Freezes)}
	if made.open, err = union(spec.Open); err != nil {
		return Calendar{}, fmt.Errorf("open: %w", err)
	}
	if made.closed, err = union(spec.Closed); err != nil {
		return Calendar{}, fmt.Errorf("closed: %w", err)
	}
	for _, each := range spec.Freezes {
		if err := each.Check(); err != nil {
			return Calendar{}, fmt.Errorf("freeze %q: %w", each.Name, err)
		}
	}
	if len(spec.Open) == 0 {
		made.open = week{{0, secondsOfWeek}}
	}
	order.By(made.freezes, func(a, b Freeze) int {
		return cmp.Or(a.From.Compare(b.From.Time), a.To.Compare(b.To.Time), strings.Compare(a.Name, b.Name))
	})
	return made, nil
}

// Zone returns the time zone; nil for the zero Calendar.
func (c Calendar) Zone() *time.Location { return c.zone }

// WithoutFreezes returns the calendar as it would be without its freezes.
func (c Calendar) WithoutFreezes() Calendar {
	c.freezes = nil
	return c
}

// NeverOpens reports whether the closings cover every opening, in every week.
func (c Calendar) NeverOpens() bool { return !c.closed.leaves(c.open) }

// State is what a calendar says of a moment.
type State struct {
	Open bool
	// Freezes are those that hold then.
	Freezes []Freeze
	// Closed are the closings that hold then.
	Closed []Window
	// Between is true where the clocks change, so that the moment has more than
	// one reading.
	Between bool
}

// At says what holds at a moment.
func (c Calendar) At(at time.Time) State {
	if c.zone == nil {
		return State{}
	}
	offsets, _ := clocks(c.zone, at)
	state := State{Open: true, Between: len(offsets) > 1}
	var readings []Wall
	for _, each := range offsets {
		wall := shown(at, each)
		readings = append(readings, wall)
		state.Open = state.Open && c.open.has(wall) && !c.closed.has(wall)
	}
	for _, each := range c.freezes {
		if slices.ContainsFunc(readings, each.has) {
			state.Open = false
			state.Freezes = append(state.Freezes, each)
		}
	}
	for _, each := range c.windows {
		if slices.ContainsFunc(readings, each.has) {
			state.Closed = append(state.Closed, each)
		}
	}
	return state
}

// has reports whether a clock shows a time in the window. A window of a
// calendar has been checked.
func (w Window) has(wall Wall) bool {
	own, err := union([]Window{w})
	return err == nil && own.has(wall)
}

// HasFreezes reports whether there is any freeze, past ones included.
func (c Calendar) HasFreezes() bool { return len(c.freezes) > 0 }
