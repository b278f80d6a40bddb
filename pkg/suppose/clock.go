package suppose

import (
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// WaitUntil lets it be no earlier than this. Where nobody knows what time it is,
// that stays so.
func (w *World) WaitUntil(at time.Time) {
	now := w.Now()
	if now.IsZero() || !now.Before(at) {
		return
	}
	w.Facts.At = fact.Of(at.UTC(), Source())
	for key, known := range w.Facts.RecentRuns {
		if known.Source() == Source() {
			w.Facts.RecentRuns[key] = fact.Of(later(known.OrZero(), at.Sub(now)), Source())
		}
	}
}

// later are runs that came so much later. What runs regularly goes on running while
// time passes, if it was made up that it does. Recorded runs grow old.
func later(runs []fact.RecentRun, by time.Duration) []fact.RecentRun {
	runs = slices.Clone(runs)
	for i := range runs {
		each := &runs[i]
		each.CreatedAt, each.StartedAt, each.UpdatedAt = each.CreatedAt.Add(by), each.StartedAt.Add(by), each.UpdatedAt.Add(by)
	}
	return runs
}

// After returns a time after the commit was written and after all of these: halfway
// to now, where that is later.
func (w *World) After(times ...time.Time) time.Time {
	latest := w.Written()
	for _, each := range times {
		if each.After(latest) {
			latest = each
		}
	}
	if half := (w.Now().Sub(latest) / 2).Truncate(time.Second); half > 0 {
		return latest.Add(half)
	}
	return latest.Add(time.Second)
}
