package decide_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// accepted waives the gate "no-blockers" until a moment, in a mode.
func accepted(until time.Time, mode verdict.Mode) func(*policy.Stage) {
	return func(s *policy.Stage) {
		s.Gates[1].Mode = mode
		s.Gates[1].Waiver = &policy.Waiver{By: "ben", Reason: "the vendor mends it", Until: until}
	}
}

func TestWaivers(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Minute)
	type changes = []func(*fact.Set)
	timeless := func(set *fact.Set) { set.At = fact.Known[time.Time]{} }
	epoch := func(set *fact.Set) { set.At = fact.Of(time.Time{}, source) }
	for name, row := range map[string]struct {
		until    time.Time
		mode     verdict.Mode
		changes  changes
		decision verdict.Decision
		outcome  verdict.Outcome
		code     string
		warns    string
	}{
		"it covers nothing that could not be found out": {later, verdict.Enforce, changes{unread}, verdict.Errored, verdict.Unknown, "forbidden", "does not cover what could not be found out"},
		"it ends at its end":                            {noon, verdict.Enforce, changes{blocked}, verdict.Waiting, verdict.Wait, "open", "@ben ended at 2026-11-20 12:00 UTC and does not count"},
		"it ended":                                      {noon.Add(-time.Hour), verdict.Enforce, changes{noLabel}, verdict.Denied, verdict.Fail, "no-label", "ended at 2026-11-20 11:00 UTC"},
		"it ended, and nobody could find out":           {noon, verdict.Enforce, changes{unread}, verdict.Errored, verdict.Unknown, "forbidden", "ended"},
		"nobody knows what time it is":                  {later, verdict.Enforce, changes{blocked, timeless}, verdict.Waiting, verdict.Wait, "open", "not known what time it is"},
		"the time is empty":                             {later, verdict.Enforce, changes{blocked, epoch}, verdict.Waiting, verdict.Wait, "open", "not known what time it is"},
		"it is not another gate's":                      {later, verdict.Enforce, changes{elsewhere}, verdict.Denied, verdict.Pass, "", ""},
		"it covers what waits":                          {later, verdict.Enforce, changes{blocked}, verdict.Allowed, verdict.Waived, "waiver", ""},
		"it covers what fails":                          {later, verdict.Enforce, changes{noLabel}, verdict.Allowed, verdict.Waived, "waiver", ""},
		"it covers what would only warn":                {later, verdict.Warn, changes{noLabel}, verdict.Allowed, verdict.Waived, "waiver", ""},
		"a gate that is met needs none":                 {later, verdict.Enforce, nil, verdict.Allowed, verdict.Pass, "", ""},
		"a gate that is met needs none that ended":      {noon, verdict.Enforce, nil, verdict.Allowed, verdict.Pass, "", ""},
		"a gate that is off needs none":                 {later, verdict.Off, changes{noLabel}, verdict.Allowed, verdict.Skip, "off", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := run(t, laned(t, accepted(row.until, row.mode)), going("refs/heads/main", row.changes...))
			last := result.Findings[len(result.Findings)-1]
			if result.Decision != row.decision || last.Gate != "no-blockers" || last.Outcome != row.outcome || last.Code != row.code {
				t.Errorf("got %s; %s %s %s", result.Decision, last.Gate, last.Outcome, last.Code)
			}
			if said := strings.Join(last.Warnings, " "); (row.warns == "") != (said == "") || !strings.Contains(said, row.warns) {
				t.Errorf("warnings %q, want %q", said, row.warns)
			}
			if row.outcome == verdict.Waived && !strings.HasPrefix(last.Reason, "not met, and accepted by @ben until 2026-11-20 12:01 UTC (the vendor mends it): ") {
				t.Errorf("reason %q", last.Reason)
			}
		})
	}
}

// A waiver and another way do not get into each other's way.
func TestWaiversOnOtherWays(t *testing.T) {
	t.Parallel()
	later := accepted(noon.Add(time.Hour), verdict.Enforce)
	for name, row := range map[string]struct {
		change func(*fact.Set)
		keeps  []string
		lane   func(*fact.Set)
		want   string
	}{
		"a broken glass":                  {blocked, nil, glass, "no-blockers waived waiver"},
		"a broken glass that keeps it":    {blocked, []string{"no-blockers"}, glass, "no-blockers waived waiver"},
		"a broken glass that nobody asks": {unread, nil, glass, "no-blockers waived break-glass"},
		"a rollback":                      {blocked, nil, back, "no-blockers skip rollback"},
		"a rollback that keeps it":        {blocked, []string{"no-blockers"}, back, "no-blockers waived waiver"},
	} {
		rules := laned(t, later, keeping(verdict.BreakGlass, row.keeps...), keeping(verdict.Rollback, row.keeps...))
		if got := outcomes(run(t, rules, going("refs/heads/main", row.lane, row.change))); !strings.HasSuffix(got, row.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
