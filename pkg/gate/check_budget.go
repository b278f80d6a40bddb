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

// budget is how long a check may take, and what it does when it took longer.
type budget struct {
	within Duration // "" is no limit
	slow   Slow
}

func validateBudget(within Duration, slow Slow) error {
	switch {
	case slow != "" && !slices.Contains(slow.Values(), string(slow)):
		return fmt.Errorf("slow %q: expected one of %q", slow, slow.Values())
	case slow != "" && within == "":
		return fmt.Errorf("slow says what happens after the time in within, and there is none")
	}
	if err := within.validate(); err != nil {
		return fmt.Errorf("within: %w", err)
	}
	return nil
}

func (p checksPassed) budget() budget { return budget{p.Within, p.Slow} }

func (c namedCheck) budget() budget { return budget{c.Within, c.Slow} }

// orWithin is the check with a budget of all where it has none of its own.
func (c namedCheck) orWithin(all budget) namedCheck {
	if c.Within == "" {
		c.Within, c.Slow = all.within, all.slow
	}
	return c
}

// hold holds a check that passed to its budget. attempts are all of this check. A
// budget that only warns keeps nobody, also where GitHub does not say how long it
// took.
func (b budget) hold(passed result, attempts []attempt) result {
	if b.within == "" || passed.outcome != verdict.Pass || passed.id.status || passed.silent {
		return passed
	}
	took, since, odd := passed.feedback(attempts)
	switch {
	case odd != "" && b.slow == slowWarns:
		passed.warning = fmt.Sprintf("whether %s took at most %s is not known: %s", passed.name(), b.within, odd)
	case odd != "":
		passed.outcome, passed.says = verdict.Unknown, passed.says+", but whether within "+string(b.within)+" is not known: "+odd
	case took <= b.within.Length():
	case b.slow == slowWarns:
		passed.warning = fmt.Sprintf("%s took %s %s; it should take at most %s", passed.name(), formatLength(took), since, b.within)
	default:
		passed.outcome, passed.code = verdict.Fail, "slow"
		passed.says += fmt.Sprintf(", but took %s %s; it may take at most %s", formatLength(took), since, b.within)
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
