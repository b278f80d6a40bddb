package gate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

const restoreFile = ".github/workflows/restore-test.yml"

// Parameters about one item each.
const (
	monitored  = "{ items: [monitoring], attested: [{ item: monitoring, by: carol, evidence: 'https://example.org/monitoring', until: 2027-03-01 }] }"
	restored   = "{ items: [backup], checked: [{ item: backup, workflow: .github/workflows/restore-test.yml, within: 30d }] }"
	rehearsed  = "{ items: [pipeline-tested], checked: [{ item: pipeline-tested, deployed: staging, within: 7d }] }"
	documented = "{ items: [documentation], checked: [{ item: documentation, file: docs/operations.md }] }"
)

// until is monitored with another end.
func until(end string) string { return strings.Replace(monitored, "2027-03-01", end, 1) }

// allItems says something of each item of the checklist but for those named.
func allItems(without ...string) string {
	said := []string{}
	for _, item := range gate.SetupItem("").Values() {
		if !strings.Contains(strings.Join(without, " "), item) {
			said = append(said, fmt.Sprintf("{ item: %s, by: carol, evidence: 'https://example.org/%s', until: 2027-03-01 }", item, item))
		}
	}
	return "attested: [" + strings.Join(said, ", ") + "]"
}

func restoreRan(changes ...func(*fact.RecentRun)) func(*fact.Set) {
	run := ran(1, 3*day, append([]func(*fact.RecentRun){func(run *fact.RecentRun) { run.Workflow = restoreFile }}, changes...)...)
	return runsOf(fact.RunsOf{Workflow: restoreFile}, run)
}

var stagedBy = fact.JobOf{Workflow: ".github/workflows/deploy.yml", Job: "deploy-staging"}

var deployerOfStaging = map[string]fact.JobOf{"staging": stagedBy}

// deployedLast is what the last deployment to staging was; made two days ago
// where nothing is changed.
func deployedLast(changes ...func(*fact.DeploymentRun)) func(*fact.Set) {
	run := fact.DeploymentRun{
		ID: 801, Attempt: 1, Workflow: stagedBy.Workflow, Job: stagedBy.Job, Event: "push", Branch: "main", Head: otherSHA,
		At: noon.Add(-2 * day), URL: "https://github.com/acme/shop/actions/runs/801",
	}
	for _, change := range changes {
		change(&run)
	}
	return lastDeployment(fact.Of(fact.LastDeployment{Run: &run}, fact.Source{}))
}

func lastDeployment(known fact.Known[fact.LastDeployment]) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.LastDeployments = map[string]fact.Known[fact.LastDeployment]{stagedBy.Need().Key: known}
	}
}

func operations(change func(*fact.SourceFile)) func(*fact.Set) {
	return func(facts *fact.Set) {
		file := fact.SourceFile{Path: "docs/operations.md", Commit: headSHA, Exists: true, Blob: otherSHA, Text: "# Operations\n", URL: "https://github.com/acme/shop/blob/x"}
		change(&file)
		facts.Sources = map[string]fact.Known[fact.SourceFile]{"docs/operations.md": fact.Of(file, fact.Source{})}
	}
}

func asIs[T any](*T) {}

var _ = rows("setup-complete",
	row{
		name: "nothing is said of anything", facts: onTag(), want: verdict.Fail, code: "not-attested",
		says: []string{"8 of 8 items of prod not ready", "infrastructure, security-groups, monitoring, backup, access-control, pipeline-tested, documentation, rollback-exercised", "attested (by, evidence, until)"},
	},
	row{name: "one item is forgotten", params: allItems("rollback-exercised"), facts: onTag(), want: verdict.Fail, code: "not-attested", says: []string{"1 of 8 items", "neither attested nor checked: rollback-exercised"}, hides: []string{"monitoring"}},
	row{name: "an attestation ended yesterday", params: until("2026-11-19"), facts: onTag(), want: verdict.Fail, code: "expired", says: []string{"@carol attested of monitoring", "ended at 2026-11-20T00:00:00Z"}},
	row{name: "an attestation ends at this moment", params: until("2026-11-20T12:00"), facts: onTag(), want: verdict.Fail, code: "expired"},
	row{name: "an attestation for ever", params: until("2036-11-20"), facts: onTag(), want: verdict.Fail, code: "too-far", says: []string{"at most 400d"}},
	row{name: "an attestation a minute too long", params: until("2027-12-25T12:01"), facts: onTag(), want: verdict.Fail, code: "too-far"},
	row{name: "whoever attested it left", params: monitored, facts: onTag(allow(carol, fact.NoPermission)), want: verdict.Fail, code: "no-owner", says: []string{"nobody answers for monitoring", "@carol has none, needs write"}},
	row{name: "whoever attested it may only read", params: monitored, facts: onTag(allow(carol, fact.TriagePermission)), want: verdict.Fail, code: "no-owner"},
	row{
		name: "a program attested it", params: strings.Replace(monitored, "carol", "hubot", 1), facts: onTag(), want: verdict.Fail, code: "no-owner", says: []string{"not a person's account"},
	},
	row{name: "whether whoever attested it is there is not known", params: monitored, facts: onTag(lose(carol)), want: verdict.Unknown, code: "forbidden"},
	row{name: "GitHub answers about another account", params: monitored, facts: onTag(func(f *fact.Set) { f.Access["carol"] = f.Access["bob"] }), want: verdict.Unknown, code: "incomplete"},
	row{
		name: "GitHub does not say which account attested it", params: monitored, want: verdict.Unknown, code: "incomplete",
		facts: onTag(func(f *fact.Set) {
			f.Access["carol"] = fact.Of(fact.Access{Person: fact.Person{Login: "carol", Kind: fact.User}, Permission: fact.WritePermission}, fact.Source{})
		}),
	},
	row{name: "what time it is is not known", params: monitored, facts: onTag(func(f *fact.Set) { f.At = fact.Known[time.Time]{} }), want: verdict.Unknown, code: "not-asked"},

	row{name: "the workflow never ran", params: restored, facts: onTag(runsOf(fact.RunsOf{Workflow: restoreFile})), want: verdict.Wait, code: "never", says: []string{"1 of 1 item of prod", "backup", restoreFile}},
	row{name: "the workflow ran too long ago", params: restored, facts: onTag(restoreRan(func(run *fact.RecentRun) { run.CreatedAt, run.StartedAt = noon.Add(-31*day), noon.Add(-31*day) })), want: verdict.Wait, code: "stale"},
	row{name: "the workflow failed", params: restored, facts: onTag(restoreRan(ends("failure"))), want: verdict.Wait, code: "failed"},
	row{name: "the workflow is being run again", params: restored, facts: onTag(restoreRan(unfinished, attempt(2, time.Minute))), want: verdict.Wait, code: "running"},
	row{
		name: "the workflow ran on another branch", params: strings.Replace(restored, "within", "branch: ops, within", 1), want: verdict.Wait, code: "never",
		facts: onTag(runsOf(fact.RunsOf{Workflow: restoreFile, Branch: "ops"}, ran(1, day, func(run *fact.RecentRun) { run.Workflow = restoreFile }))),
	},

	row{
		name: "nothing was ever deployed", params: rehearsed, deployedBy: deployerOfStaging, want: verdict.Wait, code: "never", says: []string{"Deploy to staging"},
		facts: onTag(lastDeployment(fact.Of(fact.LastDeployment{}, fact.Source{}))),
	},
	row{name: "what was deployed last is old", params: rehearsed, deployedBy: deployerOfStaging, facts: onTag(deployedLast(func(run *fact.DeploymentRun) { run.At = noon.Add(-8 * day) })), want: verdict.Wait, code: "stale", says: []string{"8d ago"}},
	row{name: "what was deployed last is of a branch that the stage does not accept", params: rehearsed, deployedBy: deployerOfStaging, facts: onTag(deployedLast(func(run *fact.DeploymentRun) { run.Branch = "topic" })), want: verdict.Wait, code: "untrusted", says: []string{`"topic"`}},
	row{name: "an answer about another job", params: rehearsed, deployedBy: deployerOfStaging, facts: onTag(deployedLast(func(run *fact.DeploymentRun) { run.Job = "build" })), want: verdict.Unknown, code: "inconsistent"},
	row{name: "an answer about another workflow", params: rehearsed, deployedBy: deployerOfStaging, facts: onTag(deployedLast(func(run *fact.DeploymentRun) { run.Workflow = restoreFile })), want: verdict.Unknown, code: "inconsistent"},
	row{name: "a deployment of tomorrow", params: rehearsed, deployedBy: deployerOfStaging, facts: onTag(deployedLast(func(run *fact.DeploymentRun) { run.At = noon.Add(day) })), want: verdict.Unknown, code: "inconsistent"},
	row{name: "a deployment at no time", params: rehearsed, deployedBy: deployerOfStaging, facts: onTag(deployedLast(func(run *fact.DeploymentRun) { run.At = time.Time{} })), want: verdict.Unknown, code: "inconsistent"},
	row{
		name: "a deployment, and the default branch is not known", params: rehearsed, deployedBy: deployerOfStaging, want: verdict.Unknown, code: "incomplete",
		facts: onTag(deployedLast(), func(f *fact.Set) { f.Repository = fact.Of(fact.Repository{ID: 1}, fact.Source{}) }),
	},

	row{name: "there is no documentation", params: documented, facts: onTag(operations(func(file *fact.SourceFile) { file.Exists, file.Text = false, "" })), want: verdict.Fail, code: "no-file", says: []string{"docs/operations.md"}},
	row{name: "the documentation is empty", params: documented, facts: onTag(operations(func(file *fact.SourceFile) { file.Text = " \n" })), want: verdict.Fail, code: "no-file"},
	row{name: "the documentation of another commit", params: documented, facts: onTag(operations(func(file *fact.SourceFile) { file.Commit = otherSHA })), want: verdict.Unknown, code: "inconsistent"},

	row{
		name: "several things are wrong, and the worst comes first", want: verdict.Unknown, code: "forbidden", facts: onTag(lose(bob), restoreRan(ends("failure"))),
		params: "{ items: [backup, monitoring, documentation, infrastructure, access-control], checked: [{ item: backup, workflow: .github/workflows/restore-test.yml, within: 30d }]," +
			" attested: [{ item: monitoring, by: carol, evidence: 'https://example.org/m', until: 2026-01-01 }, { item: infrastructure, by: bob, evidence: 'https://example.org/i', until: 2027-01-01 }," +
			" { item: access-control, by: carol, evidence: 'https://example.org/a', until: 2027-01-01 }] }",
		says:  []string{"4 of 5 items of prod not ready: whether @bob, who answers for infrastructure", "; what @carol attested of monitoring ended", "; neither attested nor checked: documentation; the newest run of backup", "does not ask for security-groups, pipeline-tested, rollback-exercised"},
		hides: []string{"access-control"},
	},

	row{name: "attested up to a day that has not ended", params: until("2026-11-20"), facts: onTag(), want: verdict.Pass, says: []string{"attested by @carol until 2026-11-20)"}},
	row{name: "attested for as long as can be", params: until("2027-12-25T12:00"), facts: onTag(), want: verdict.Pass},
	row{name: "attested by somebody in capitals", params: strings.Replace(monitored, "carol", "Carol", 1), facts: onTag(), want: verdict.Pass},
	row{name: "everything is attested", params: allItems(), facts: onTag(), want: verdict.Pass, says: []string{"8 items of prod ready: infrastructure (attested by @carol"}, hides: []string{"does not ask"}},
	row{name: "a backup was restored", params: restored, facts: onTag(restoreRan()), want: verdict.Pass, says: []string{"1 item of prod ready", "3d ago", "does not ask for infrastructure, security-groups, monitoring, access-control"}},
	row{name: "staging was deployed to", params: rehearsed, deployedBy: deployerOfStaging, facts: onTag(deployedLast()), want: verdict.Pass, says: []string{"2d ago"}},
	row{name: "staging was deployed to just in time", params: rehearsed, deployedBy: deployerOfStaging, facts: onTag(deployedLast(func(run *fact.DeploymentRun) { run.At = noon.Add(-7 * day) })), want: verdict.Pass},
	row{name: "the documentation is there", params: documented, facts: onTag(operations(asIs)), want: verdict.Pass, says: []string{"docs/operations.md"}},
)

func TestSetupComplete(t *testing.T) {
	t.Parallel()
	testRows(t, "setup-complete")
}

func TestSetupCompleteShowsTheEvidence(t *testing.T) {
	t.Parallel()
	for params, says := range map[string]string{monitored: "https://example.org/monitoring", until("2026-01-01"): "https://example.org/monitoring", until("2036-01-01"): "https://example.org/monitoring"} {
		got := bind(t, "setup-complete", row{params: params}).Ask(onTag(), row{}.terms())
		if len(got.Evidence) != 1 || got.Evidence[0].URL != says {
			t.Errorf("%s: the evidence is %+v, want %s", params, got.Evidence, says)
		}
	}
}

func TestSetupCompleteWarnsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	for end, warned := range map[string]bool{"2026-12-04T12:00": true, "2026-12-04T12:01": false} {
		params := strings.Replace(until(end), "items: [monitoring]", "items: [backup, monitoring], checked: [{ item: backup, workflow: .github/workflows/restore-test.yml, within: 30d }]", 1)
		got := bind(t, "setup-complete", row{params: params}).Ask(onTag(restoreRan()), row{}.terms())
		if got.Outcome != verdict.Pass || (len(got.Warnings) == 1) != warned {
			t.Errorf("until %s: %s with warnings %q, want one: %t", end, got.Outcome, got.Warnings, warned)
		}
		if alone := bind(t, "setup-complete", row{params: until(end)}).Ask(onTag(), row{}.terms()); (len(alone.Warnings) == 1) != warned {
			t.Errorf("until %s, and nothing else is asked for: warnings %q, want one: %t", end, alone.Warnings, warned)
		}
	}
}

func TestSetupCompleteNotesWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	for params, says := range map[string]string{
		restored:  "leaves out infrastructure, security-groups, monitoring, access-control, pipeline-tested, documentation, rollback-exercised: nobody",
		monitored: "a claim",
		"{ items: [pipeline-tested], checked: [{ item: pipeline-tested, deployed: prod, within: 7d }] }": "cannot be met before the first",
	} {
		r := row{params: params, deployedBy: map[string]fact.JobOf{"prod": {Workflow: ".github/workflows/deploy.yml", Job: "deploy-prod"}}}
		if notes := noted(bind(t, "setup-complete", r).Notes); !strings.Contains(notes, says) {
			t.Errorf("%s: the notes do not say %q:\n%s", params, says, notes)
		}
	}
	if notes := bind(t, "setup-complete", row{}).Notes; len(notes) != 0 {
		t.Errorf("where all is asked for and nothing said, there are notes: %q", notes)
	}
}

func TestSetupCompleteRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	attested := func(change, to string) string { return strings.Replace(monitored, change, to, 1) }
	checked := func(change, to string) string { return strings.Replace(restored, change, to, 1) }
	testRefusals(t, "setup-complete", map[string]string{
		"items: []":               "items: the list is empty",
		"items: [backups]":        `item "backups": expected one of`,
		"items: [backup, backup]": "there twice",
		attested("items: [monitoring]", "items: [backup]"):          "is not in items",
		attested("item: monitoring", "item: monitor"):               "expected one of",
		attested("by: carol, ", ""):                                 "by:",
		attested("carol", "'renovate[bot]'"):                        "by:",
		attested("'https://example.org/monitoring'", "''"):          "evidence:",
		attested("https://", "http://"):                             "evidence:",
		attested("https://example.org", "https://a:b@example.org"):  "evidence:",
		attested("https://example.org/monitoring", "https://:443/"): "evidence:",
		attested(", until: 2027-03-01", ""):                         "until: say when",
		attested("2027-03-01", "2027-02-30"):                        "until:",
		attested("2027-03-01", "next year"):                         "until:",
		attested("attested: [", "attested: [{ item: monitoring, by: bob, evidence: 'https://example.org', until: 2027-03-01 }, "): "said twice",
		attested("attested:", "checked: [{ item: monitoring, workflow: .github/workflows/x.yml, within: 7d }], attested:"):        "said twice",
		checked("workflow: .github/workflows/restore-test.yml, ", ""):                                                             "one of workflow, deployed and file",
		checked("workflow:", "file: docs/a.md, workflow:"):                                                                        "one of workflow, deployed and file",
		checked(".github/workflows/restore-test.yml", "restore.yml"):                                                              "expected a path",
		checked(", within: 30d", ""): "within",
		checked("30d", "30"):         "within",
		checked("workflow: .github/workflows/restore-test.yml", "file: docs/backup.md"): "shows nothing but documentation",
		rehearsed: `there is no stage "staging"`,
		strings.Replace(documented, "docs/operations.md", "../x.md", 1):                 "file:",
		strings.Replace(documented, "docs/operations.md", "'docs/{tag}.md'", 1):         "file:",
		strings.Replace(documented, "docs/operations.md", "docs/x.md, within: 7d", 1):   "within:",
		strings.Replace(documented, "docs/operations.md", "docs/x.md, branch: main", 1): "branch:",
	})
}

func TestSetupCompleteRefusesDeploymentsOfNoKnownJob(t *testing.T) {
	t.Parallel()
	for params, says := range map[string]string{
		rehearsed: "does not say which job deploys to staging",
		strings.Replace(rehearsed, "staging", "stage", 1): `there is no stage "stage"`,
	} {
		if _, err := find(t, "setup-complete").Bind(decode(params), row{}.terms()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got error %v, want one that says %q", params, err, says)
		}
	}
	for _, params := range []string{strings.Replace(rehearsed, ", within: 7d", "", 1), strings.Replace(rehearsed, "7d", "7", 1)} {
		if _, err := find(t, "setup-complete").Bind(decode(params), row{deployedBy: deployerOfStaging}.terms()); err == nil || !strings.Contains(err.Error(), "within:") {
			t.Errorf("%s: got error %v, want one about within", params, err)
		}
	}
}
