package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

const refreshFile = ".github/workflows/refresh.yml"

const weekly = "workflows: [{ name: refresh, workflow: .github/workflows/refresh.yml, within: 7d }]"

// ran is a scheduled run on main that began some time before noon.
func ran(id int64, ago time.Duration, changes ...func(*fact.RecentRun)) fact.RecentRun {
	run := fact.RecentRun{
		ID: id, Attempt: 1, Workflow: refreshFile, Event: "schedule", Branch: "main", Head: otherSHA, Status: "completed", Conclusion: "success",
		CreatedAt: noon.Add(-ago), StartedAt: noon.Add(-ago), UpdatedAt: noon, URL: "https://github.com/acme/shop/actions/runs/1",
	}
	for _, change := range changes {
		change(&run)
	}
	return run
}

func ends(conclusion string) func(*fact.RecentRun) {
	return func(run *fact.RecentRun) { run.Conclusion = conclusion }
}

func unfinished(run *fact.RecentRun) { run.Status, run.Conclusion = "in_progress", "" }

func attempt(number int64, ago time.Duration) func(*fact.RecentRun) {
	return func(run *fact.RecentRun) { run.Attempt, run.StartedAt = number, noon.Add(-ago) }
}

func runsOf(of fact.RunsOf, runs ...fact.RecentRun) func(*fact.Set) {
	return func(facts *fact.Set) {
		if facts.RecentRuns == nil {
			facts.RecentRuns = map[string]fact.Known[[]fact.RecentRun]{}
		}
		facts.RecentRuns[of.Need().Key] = fact.Of(runs, fact.Source{})
	}
}

func refreshed(runs ...fact.RecentRun) func(*fact.Set) {
	return runsOf(fact.RunsOf{Workflow: refreshFile}, runs...)
}

const day = 24 * time.Hour

var _ = rows("fresh",
	row{name: "no run", params: weekly, facts: onMain(refreshed()), want: verdict.Wait, code: "never", says: []string{"refresh", refreshFile, "gh workflow run refresh.yml --ref main"}},
	row{name: "a run that has not ended", params: weekly, facts: onMain(refreshed(ran(1, time.Hour, unfinished))), want: verdict.Wait, code: "never", says: []string{"1 newer run has not ended"}},
	row{name: "a run too long ago", params: weekly, facts: onMain(refreshed(ran(1, 7*day+time.Second))), want: verdict.Wait, code: "stale", says: []string{"7d1s ago", "7d old"}},
	row{name: "a run too long ago that is shown as changed just now", params: weekly, facts: onMain(refreshed(ran(1, 30*day))), want: verdict.Wait, code: "stale"},
	row{
		name: "an old run of which a job was run again", params: weekly, want: verdict.Wait, code: "stale", says: []string{"was made 29d ago", "run again", "Start the workflow on main"},
		facts: onMain(refreshed(ran(1, 29*day, attempt(2, time.Hour)))),
	},
	row{
		name: "a run that was run again, made nobody knows when", params: weekly, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(refreshed(ran(1, 2*day, attempt(2, time.Hour), func(run *fact.RecentRun) { run.CreatedAt = time.Time{} }))),
	},
	row{name: "an old run, and a newer one that has not ended", params: weekly, facts: onMain(refreshed(ran(1, 8*day), ran(2, time.Hour, unfinished))), want: verdict.Wait, code: "stale", says: []string{"1 newer run"}},
	row{name: "the newest run failed", params: weekly, facts: onMain(refreshed(ran(1, 2*day), ran(2, day, ends("failure")))), want: verdict.Wait, code: "failed", says: []string{`"failure"`, "Find out why"}},
	row{name: "the newest run was cancelled", params: weekly, facts: onMain(refreshed(ran(1, 2*day), ran(2, day, ends("cancelled")))), want: verdict.Wait, code: "failed"},
	row{name: "the newest run did nothing", params: weekly, facts: onMain(refreshed(ran(2, day, ends("skipped")))), want: verdict.Wait, code: "failed"},
	row{name: "the newest run says nothing of its end", params: weekly, facts: onMain(refreshed(ran(2, day, ends("")))), want: verdict.Wait, code: "failed"},
	row{name: "the newest run is old and failed", params: weekly, facts: onMain(refreshed(ran(2, 10*day, ends("failure")))), want: verdict.Wait, code: "failed"},
	row{
		name: "an older run that was started again after the newest failed", params: weekly, want: verdict.Wait, code: "failed",
		facts: onMain(refreshed(ran(1, 3*day, attempt(2, time.Minute)), ran(2, day, ends("failure")))),
	},
	row{
		name: "two runs of one moment, of which the later failed", params: weekly, want: verdict.Wait, code: "failed",
		facts: onMain(refreshed(ran(1, day), ran(2, day, ends("failure")))),
	},
	row{
		name: "a failed run that is being run again", params: weekly, want: verdict.Wait, code: "running",
		facts: onMain(refreshed(ran(1, 2*day), ran(2, day, unfinished, attempt(2, time.Minute)))),
	},
	row{
		name: "a run that is being run again, of which the number of attempts is not known", params: weekly, want: verdict.Wait, code: "running",
		facts: onMain(refreshed(ran(1, 2*day), ran(2, day, unfinished, attempt(0, time.Minute)))),
	},
	row{name: "a run on another branch", params: weekly, facts: onMain(refreshed(ran(1, day, func(r *fact.RecentRun) { r.Branch = "Main" }))), want: verdict.Wait, code: "never"},
	row{name: "a run of another file", params: weekly, facts: onMain(refreshed(ran(1, day, func(r *fact.RecentRun) { r.Workflow = ".github/workflows/Refresh.yml" }))), want: verdict.Wait, code: "never"},
	row{name: "a run for a pull request", params: weekly, facts: onMain(refreshed(ran(1, day, func(r *fact.RecentRun) { r.Event = "pull_request" }))), want: verdict.Wait, code: "never"},
	row{name: "a run for a pull request with privileges", params: weekly, facts: onMain(refreshed(ran(1, day, func(r *fact.RecentRun) { r.Event = "pull_request_target" }))), want: verdict.Wait, code: "never"},
	row{name: "a run for a release, which is of a tag", params: weekly, facts: onMain(refreshed(ran(1, day, func(r *fact.RecentRun) { r.Event = "release" }))), want: verdict.Wait, code: "never"},
	row{name: "a run that began at no time", params: weekly, facts: onMain(refreshed(ran(1, day, func(r *fact.RecentRun) { r.StartedAt = time.Time{} }))), want: verdict.Unknown, code: "inconsistent"},
	row{name: "a run that begins tomorrow", params: weekly, facts: onMain(refreshed(ran(1, -day))), want: verdict.Unknown, code: "inconsistent"},
	row{
		name: "the runs cannot be read", params: weekly, want: verdict.Unknown, code: "forbidden",
		facts: onMain(func(f *fact.Set) {
			f.RecentRuns = map[string]fact.Known[[]fact.RecentRun]{fact.RunsOf{Workflow: refreshFile}.Need().Key: fact.Lost[[]fact.RecentRun](fact.Missing{Reason: fact.Forbidden})}
		}),
	},
	row{name: "what time it is is not known", params: weekly, facts: onMain(refreshed(ran(1, day)), func(f *fact.Set) { f.At = fact.Known[time.Time]{} }), want: verdict.Unknown, code: "not-asked"},
	row{
		name: "the default branch is not known", params: weekly, facts: onMain(refreshed(ran(1, day)), func(f *fact.Set) { f.Repository = fact.Of(fact.Repository{ID: 1}, fact.Source{}) }),
		want: verdict.Unknown, code: "incomplete",
	},
	row{
		name: "one of two workflows is stale", want: verdict.Wait, code: "stale", says: []string{"backup"}, hides: []string{"refresh ("},
		params: "workflows: [{ name: refresh, workflow: .github/workflows/refresh.yml, within: 7d }, { name: backup, workflow: .github/workflows/backup.yml, branch: ops, within: 24h }]",
		facts: onMain(refreshed(ran(1, day)), runsOf(fact.RunsOf{Workflow: ".github/workflows/backup.yml", Branch: "ops"}, ran(9, 25*time.Hour, func(r *fact.RecentRun) {
			r.Workflow, r.Branch = ".github/workflows/backup.yml", "ops"
		}))),
	},
	row{name: "a run just in time", params: weekly, facts: onMain(refreshed(ran(1, 7*day))), want: verdict.Pass, says: []string{"7d ago"}},
	row{name: "a run that began after the clock was read", params: weekly, facts: onMain(refreshed(ran(1, -time.Minute))), want: verdict.Pass, says: []string{"0s ago"}},
	row{
		name: "a good run after a failed one, and one that has not ended", params: weekly, want: verdict.Pass, says: []string{"1 newer run has not ended"},
		facts: onMain(refreshed(ran(1, 3*day, ends("failure")), ran(2, day, func(r *fact.RecentRun) { r.Event = "workflow_dispatch" }), ran(3, time.Hour, unfinished))),
	},
	row{
		name: "a run that was started again and succeeded", params: weekly, want: verdict.Pass, says: []string{"was run again and was made 3d ago"},
		facts: onMain(refreshed(ran(1, 3*day, attempt(2, time.Hour)))),
	},
	row{
		name: "a run on the branch that the policy names", params: "workflows: [{ name: refresh, workflow: .github/workflows/refresh.yml, branch: ops/eu, within: 90m }]", want: verdict.Pass,
		facts: onTag(runsOf(fact.RunsOf{Workflow: refreshFile, Branch: "ops/eu"}, ran(1, time.Hour, func(r *fact.RecentRun) { r.Branch, r.Event = "ops/eu", "push" }))),
	},
)

func TestFresh(t *testing.T) {
	t.Parallel()
	testRows(t, "fresh")
}

func TestFreshRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	one := func(rest string) string {
		return "workflows: [{ name: refresh, workflow: .github/workflows/refresh.yml" + rest + " }]"
	}
	testRefusals(t, "fresh", map[string]string{
		"{}":                             "name at least one",
		"workflows: []":                  "name at least one",
		one(""):                          "within",
		one(", within: 0h"):              "within",
		one(", within: 7"):               "within",
		one(", within: -7d"):             "within",
		one(", within: 168h0m1s"):        "within",
		one(", within: 7d, branch: ' '"): "branch",
		one(", within: 7d, branch: refs/heads/main"):                                            "the name alone",
		"workflows: [{ name: ' ', workflow: .github/workflows/refresh.yml, within: 7d }]":       "no name",
		"workflows: [{ name: a, workflow: refresh.yml, within: 7d }]":                           "expected a path",
		"workflows: [{ name: a, workflow: .github/workflows/../x.yml, within: 7d }]":            "expected a path",
		strings.Replace(one(", within: 7d")+"]", "}]]", "}, { name: refresh, within: 7d }]", 1): "twice",
	})
}
