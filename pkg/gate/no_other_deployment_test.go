package gate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// busy is a record to production that run 501 began half an hour ago.
func busy(id int64, changes ...func(*fact.OpenDeployment)) fact.OpenDeployment {
	open := fact.OpenDeployment{
		ID: id, Environment: "production", SHA: otherSHA, Creator: carol, CreatedAt: noon.Add(-40 * time.Minute), State: "in_progress",
		Since: noon.Add(-30 * time.Minute), Began: noon.Add(-30 * time.Minute), URL: "https://github.com/acme/shop/deployments/production",
	}
	openRun(501, "in_progress", "")(&open)
	for _, change := range changes {
		change(&open)
	}
	return open
}

// openRun makes a record name a run.
func openRun(id int64, status, conclusion string) func(*fact.OpenDeployment) {
	return func(open *fact.OpenDeployment) {
		open.RunID = id
		open.Run = fact.Of(fact.RunState{
			ID: id, Status: status, Conclusion: conclusion, UpdatedAt: noon, URL: fmt.Sprintf("https://github.com/acme/shop/actions/runs/%d", id),
		}, fact.Source{})
	}
}

func nameless(open *fact.OpenDeployment) {
	open.RunID, open.Run = 0, fact.Lost[fact.RunState](fact.Missing{Reason: fact.NotFound})
}

func runLost(reason fact.Reason) func(*fact.OpenDeployment) {
	return func(open *fact.OpenDeployment) { open.Run = fact.Lost[fact.RunState](fact.Missing{Reason: reason}) }
}

// began sets when a record came to be in progress, in minutes before noon.
func beganBefore(minutes int) func(*fact.OpenDeployment) {
	return func(open *fact.OpenDeployment) {
		open.Began = noon.Add(-time.Duration(minutes) * time.Minute)
		open.Since = open.Began
	}
}

// notYet is a record that nobody has begun.
func notYet(state string) func(*fact.OpenDeployment) {
	return func(open *fact.OpenDeployment) { open.State, open.Began = state, time.Time{} }
}

// old makes a record of which nothing was said for a time.
func old(age time.Duration) func(*fact.OpenDeployment) {
	return func(open *fact.OpenDeployment) {
		open.CreatedAt, open.Since, open.Began = noon.Add(-age), noon.Add(-age), noon.Add(-age)
	}
}

// secondAttempt makes the asking run a second attempt, which began in these minutes before
// noon, or nobody says when.
func secondAttempt(minutes int) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Trigger.RunAttempt = 2
		open := facts.OpenDeployments["production"].OrZero()
		for i := range open {
			run := open[i].Run.OrZero()
			if minutes > 0 && open[i].RunID == ownRun {
				run.StartedAt = noon.Add(-time.Duration(minutes) * time.Minute)
				open[i].Run = fact.Of(run, fact.Source{})
			}
		}
	}
}

func mine(open *fact.OpenDeployment) { openRun(ownRun, "in_progress", "")(open) }

// deploying answers what is being deployed to production.
func deploying(open ...fact.OpenDeployment) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.OpenDeployments = map[string]fact.Known[[]fact.OpenDeployment]{"production": fact.Of(open, fact.Source{})}
	}
}

var _ = rows("no-other-deployment",
	row{
		name: "another run is deploying", facts: onTag(deploying(busy(7))), want: verdict.Wait, code: "running",
		says: []string{"https://github.com/acme/shop/actions/runs/501", "deployment 7 of ccccccc by @carol", `"in_progress" since 2026-11-20T11:30:00Z`, "has ended, or cancel it"},
	},
	row{name: "another run is about to", facts: onTag(deploying(busy(7, notYet("queued")))), want: verdict.Wait, code: "running"},
	row{name: "a record without a status", facts: onTag(deploying(busy(7, notYet("")))), want: verdict.Wait, code: "running", says: []string{"has no status"}},
	row{
		name: "nobody runs here, and another run is deploying", want: verdict.Wait, code: "running",
		facts: onTag(deploying(busy(7, nameless, openRun(501, "queued", ""))), func(facts *fact.Set) { facts.Trigger.RunID = 0 }),
	},
	row{name: "another run that came first", facts: onTag(deploying(busy(7), busy(9, mine))), want: verdict.Wait, code: "running"},
	row{
		name: "another run that came later, and began first because we waited for reviewers", want: verdict.Wait, code: "running",
		facts: onTag(deploying(busy(9, beganBefore(20)), busy(7, mine, beganBefore(10)))),
	},
	row{
		name: "another run began, and ours is queued", want: verdict.Wait, code: "running",
		facts: onTag(deploying(busy(9), busy(7, mine, notYet("queued")))),
	},
	row{
		name: "another run is in progress we know not since when", want: verdict.Wait, code: "running",
		facts: onTag(deploying(busy(9, func(open *fact.OpenDeployment) { open.Began = time.Time{} }), busy(7, mine))),
	},
	row{
		name: "another run is in a state that nobody knows", want: verdict.Wait, code: "running",
		facts: onTag(deploying(busy(9, notYet("rolling")), busy(7, mine))),
	},
	row{
		name: "another run that came before both of ours", want: verdict.Wait, code: "running",
		facts: onTag(deploying(busy(6), busy(7, mine), busy(9, mine))),
	},
	row{
		name: "an earlier attempt of ours left a record open, and another run began since", want: verdict.Wait, code: "running",
		facts: onTag(deploying(busy(7, mine, old(3*time.Hour)), busy(9)), secondAttempt(5)),
	},
	row{
		name: "an attempt of which nobody says when it began", want: verdict.Wait, code: "running",
		facts: onTag(deploying(busy(7, mine), busy(9)), secondAttempt(0)),
	},
	row{
		name: "nobody runs here, and a record names no run", want: verdict.Wait, code: "unknown-run",
		facts: onTag(deploying(busy(7, nameless)), func(facts *fact.Set) { facts.Trigger.RunID = 0 }),
	},
	row{
		name: "a record that names no run, and is young", facts: onTag(deploying(busy(7, nameless))), want: verdict.Wait, code: "unknown-run",
		says: []string{"names no workflow run", "`gh api --method POST repos/acme/shop/deployments/7/statuses -f state=error`", "until 2026-11-21T11:30:00Z"},
	},
	row{
		name: "a record of a run that is not there", facts: onTag(deploying(busy(7, runLost(fact.NotFound)))), want: verdict.Wait, code: "unknown-run",
		says: []string{"names workflow run 501, which is not there", "deployments/7/statuses"},
	},
	row{name: "a nameless record at the end of its time", facts: onTag(deploying(busy(7, nameless, old(24*time.Hour)))), want: verdict.Wait, code: "unknown-run"},
	row{
		name: "a nameless record that was made long ago and spoke lately", want: verdict.Wait, code: "unknown-run",
		facts: onTag(deploying(busy(7, nameless, func(open *fact.OpenDeployment) { open.CreatedAt = noon.Add(-100 * time.Hour) }))),
	},
	row{
		name: "an account that is gone", facts: onTag(deploying(busy(7, func(open *fact.OpenDeployment) { open.Creator = nil }))),
		want: verdict.Wait, code: "running", says: []string{"somebody whose account is gone"},
	},
	row{name: "one that runs beside one that ended", facts: onTag(deploying(busy(6, openRun(500, "completed", "failure")), busy(7))), want: verdict.Wait, code: "running"},
	row{name: "the time is not known", facts: onTag(deploying(busy(7, nameless, old(48*time.Hour))), withoutTime), want: verdict.Unknown, code: string(fact.Incomplete)},
	row{
		name: "the time is empty", facts: onTag(deploying(busy(7, nameless)), func(facts *fact.Set) { facts.At = fact.Of(time.Time{}, fact.Source{}) }),
		want: verdict.Unknown, code: string(fact.Incomplete),
	},
	row{name: "the run cannot be read", facts: onTag(deploying(busy(7, runLost(fact.Forbidden)))), want: verdict.Unknown, code: string(fact.Forbidden)},
	row{name: "the run was not asked for", facts: onTag(deploying(busy(7, runLost(fact.NotAsked)))), want: verdict.Unknown, code: string(fact.NotAsked)},
	row{
		name: "an answer about another run", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(deploying(busy(7, openRun(502, "completed", "success"), func(open *fact.OpenDeployment) { open.RunID = 501 }))),
	},
	row{name: "a run without a status", facts: onTag(deploying(busy(7, openRun(501, "", "")))), want: verdict.Unknown, code: string(fact.Inconsistent)},
	row{
		name: "a record of another environment", facts: onTag(deploying(busy(7, func(open *fact.OpenDeployment) { open.Environment = "staging" }))),
		want: verdict.Unknown, code: string(fact.Inconsistent),
	},
	row{
		name: "a record without a time", facts: onTag(deploying(busy(7, nameless, func(open *fact.OpenDeployment) { open.CreatedAt = time.Time{} }))),
		want: verdict.Unknown, code: string(fact.Inconsistent),
	},
	row{name: "a record without a number", facts: onTag(deploying(busy(0))), want: verdict.Unknown, code: string(fact.Inconsistent)},
	row{
		name: "the records cannot be read", want: verdict.Unknown, code: string(fact.Forbidden), says: []string{"who is deploying to production"},
		facts: onTag(func(facts *fact.Set) {
			facts.OpenDeployments = map[string]fact.Known[[]fact.OpenDeployment]{"production": fact.Lost[[]fact.OpenDeployment](fact.Missing{Reason: fact.Forbidden})}
		}),
	},
	row{name: "another run that came later", facts: onTag(deploying(busy(7, mine), busy(9))), want: verdict.Pass},
	row{name: "another run that came later than our second attempt", facts: onTag(deploying(busy(7, mine), busy(9)), secondAttempt(60)), want: verdict.Pass},
	row{name: "our second attempt, and what the first left open", facts: onTag(deploying(busy(7, mine, old(3*time.Hour))), secondAttempt(5)), want: verdict.Pass},
	row{name: "another run that came later and is queued", facts: onTag(deploying(busy(7, mine), busy(9, notYet("queued")))), want: verdict.Pass},
	row{name: "both are queued, and ours came first", facts: onTag(deploying(busy(7, mine, notYet("queued")), busy(9, notYet("pending")))), want: verdict.Pass},
	row{name: "another run between two records of ours: the first counts", facts: onTag(deploying(busy(7, mine), busy(8), busy(9, mine))), want: verdict.Pass},
	row{name: "our own run", facts: onTag(deploying(busy(7, mine), busy(9, mine))), want: verdict.Pass},
	row{
		name: "another record in capitals whose run has ended", want: verdict.Pass,
		facts: onTag(deploying(busy(7, openRun(501, "completed", "cancelled"), func(open *fact.OpenDeployment) { open.Environment = "Production" }))),
	},
	row{name: "a nameless record that was abandoned", facts: onTag(deploying(busy(7, nameless, old(24*time.Hour+time.Second)))), want: verdict.Pass},
	row{name: "nameless for longer than the policy says", params: "abandoned-after: 20m", facts: onTag(deploying(busy(7, nameless))), want: verdict.Pass},
	row{name: "nobody", facts: onTag(deploying()), want: verdict.Pass, says: []string{"nobody else is deploying to production"}},
)

func TestNoOtherDeployment(t *testing.T) {
	t.Parallel()
	testRows(t, "no-other-deployment")
	testRefusals(t, "no-other-deployment", map[string]string{
		"abandoned-after: 0": "abandoned-after:", "abandoned-after: 2": "abandoned-after:", `abandoned-after: ""`: "abandoned-after:",
	})
}

func TestNoOtherDeploymentNamesWhatWasLeftOpen(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		open []fact.OpenDeployment
		says []string
	}{
		{"an orphan", []fact.OpenDeployment{busy(7, openRun(501, "completed", "cancelled"))}, []string{"deployment 7", "runs/501 has ended (\"cancelled\")", "`gh api --method POST repos/acme/shop/deployments/7/statuses -f state=error`"}},
		{"abandoned", []fact.OpenDeployment{busy(8, nameless, old(48*time.Hour))}, []string{"deployment 8", "for 2d, so it counts as abandoned", "deployments/8/statuses"}},
		{"beside one that runs", []fact.OpenDeployment{busy(6), busy(7, openRun(501, "completed", "failure"))}, []string{"deployment 7"}},
	}
	for _, each := range rows {
		got := bind(t, "no-other-deployment", row{}).Ask(onTag(deploying(each.open...)), row{}.terms())
		if len(got.Warnings) != 1 {
			t.Fatalf("%s: warnings %q", each.name, got.Warnings)
		}
		for _, text := range each.says {
			if !strings.Contains(got.Warnings[0], text) {
				t.Errorf("%s: it does not say %q: %s", each.name, text, got.Warnings[0])
			}
		}
	}
}

// Of two runs whose records are both in progress exactly one goes on, whichever
// began first.
func TestTwoRunsDoNotBothGiveUpNorBothGoOn(t *testing.T) {
	t.Parallel()
	for _, began := range [][2]int{{10, 10}, {10, 9}} { // in minutes before; the smaller number first
		met := 0
		for _, own := range []int64{501, 502} {
			facts := onTag(deploying(busy(7, openRun(501, "in_progress", ""), beganBefore(began[0])), busy(9, openRun(502, "in_progress", ""), beganBefore(began[1]))))
			facts.Trigger.RunID = own
			if got := bind(t, "no-other-deployment", row{}).Ask(facts, row{}.terms()); got.Outcome == verdict.Pass {
				met++
			}
		}
		if met != 1 {
			t.Errorf("%v: %d of two runs go on", began, met)
		}
	}
}
