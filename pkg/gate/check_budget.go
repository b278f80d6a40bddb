package gate

import (
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// clock is what GitHub recorded about when an attempt ran; a zero time is one
// that is not known.
type clock struct {
	run          int64     // the workflow run behind it, or 0
	asked        time.Time // when the workflow run was created
	began, ended time.Time // of this attempt
}

// clockOf reads the times of a check run. What a check of another app says
// about itself is all there is.
func (j judge) clockOf(run fact.CheckRun) clock {
	return clock{run: run.RunID, asked: j.workflows[run.RunID].CreatedAt, began: run.StartedAt, ended: run.CompletedAt}
}

// inTime holds a check that passed to the time that the policy gives it.
// attempts are all of this check.
func (c namedCheck) inTime(passed result, attempts []attempt) result {
	if c.Within == "" || passed.outcome != verdict.Pass {
		return passed
	}
	took, since, odd := passed.feedback(attempts)
	switch {
	case odd != "":
		passed.outcome, passed.says = verdict.Unknown, passed.says+", but whether within "+string(c.Within)+" is not known: "+odd
	case took <= c.Within.Length():
	case c.Slow == slowWarns:
		passed.warning = fmt.Sprintf("%s took %s %s; it should take at most %s", passed.name(), formatLength(took), since, c.Within)
	default:
		passed.outcome, passed.code = verdict.Fail, "slow"
		passed.says += fmt.Sprintf(", but took %s %s; it may take at most %s", formatLength(took), since, c.Within)
	}
	return passed
}

// feedback returns how long people waited for the check, and since when. The
// first attempt of a job is counted from the moment when its workflow run was
// created, so with the time in which it waited for a machine or for other jobs.
// What was started again, and what no workflow made, is counted from its own
// beginning. odd says why the time is not known, or is "".
func (a attempt) feedback(attempts []attempt) (took time.Duration, since, odd string) {
	begin, since := a.clock.began, "from its beginning"
	if a.clock.run != 0 && !slices.ContainsFunc(attempts, a.follows) {
		begin, since = a.clock.asked, "from the creation of its workflow run"
	}
	switch {
	case a.clock.ended.IsZero():
		return 0, since, "GitHub does not say when it ended"
	case begin.IsZero():
		return 0, since, "GitHub does not say when it began"
	case a.clock.ended.Before(begin):
		return 0, since, "GitHub says that it ended before it began"
	}
	return a.clock.ended.Sub(begin), since, ""
}

// follows reports whether another attempt of the same workflow run came first.
func (a attempt) follows(other attempt) bool {
	return other.clock.run == a.clock.run && other.number < a.number
}
