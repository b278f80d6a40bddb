package audit_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/audit"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// goodPolicy is one of which every question of a review is answered with yes,
// given goodFacts and goodAudit.
const goodPolicy = `version: 1
stages:
  - name: staging
    from: { branches: [$default-branch] }
    deployed-by: { workflow: .github/workflows/deploy.yml, job: deploy-staging }
    data: anonymized
    config: { debug: false, db: { pool: 5 }, hosts: [a, b] }
    gates:
      checks-passed:
        checks:
          - { name: tests, class: tests, workflow: .github/workflows/ci.yml, within: 10m }
          - { name: local-setup, workflow: .github/workflows/ci.yml, within: 10m }
      fresh:
        workflows: [{ name: refresh, workflow: .github/workflows/refresh.yml, within: 7d }]
  - name: prod
    environment: production
    from: { tags: ["v*"], versions: release }
    deployed-by: { workflow: .github/workflows/deploy.yml, job: deploy-prod }
    data: production
    config: { debug: true, db: { pool: 50 }, hosts: [c] }
    rollback: { keeps: [approved] }
    break-glass: { by: maintain, keeps: [promoted], approvals: [{ name: oncall, by: write }] }
    gates:
      checks-passed: { all: true }
      promoted: {}
      approved: { approvals: [{ name: owner, by: write }] }
      setup-complete:
        items: [rollback-exercised]
        attested: [{ item: rollback-exercised, by: olga, evidence: "https://example.org/drill", until: 2027-03-01 }]
  - name: hotfix
    hotfix-for: prod
    from: { branches: ["hotfix/*"] }
    gates:
      promoted: {}
      approved: { approvals: [{ name: owner, by: write }] }
`

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const refresh = ".github/workflows/refresh.yml"

// deployFile has the jobs that deploy.
const deployFile = `on: push
jobs:
  deploy-staging:
    environment: staging
    runs-on: ubuntu-24.04
    steps: [{ run: ./deploy }]
  deploy-prod:
    environment: production
    runs-on: ubuntu-24.04
    steps: [{ run: ./deploy }]
`

func goodFacts() fact.Set {
	secrets := func(names ...string) fact.Known[[]string] { return fact.Of(names, fact.Source{}) }
	return fact.Set{
		Version: fact.SchemaVersion, Subject: fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: fact.SHA(strings.Repeat("a", 40))},
		At:         fact.Of(noon, fact.Source{}),
		Repository: fact.Of(fact.Repository{ID: 1, Name: "acme/shop", DefaultBranch: "main"}, fact.Source{}),
		Access: map[string]fact.Known[fact.Access]{
			"olga": fact.Of(fact.Access{Person: fact.Person{ID: 1, Login: "olga", Kind: fact.User}, Permission: fact.MaintainPermission}, fact.Source{}),
		},
		RecentRuns: map[string]fact.Known[[]fact.RecentRun]{fact.RunsOf{Workflow: refresh}.Need().Key: fact.Of([]fact.RecentRun{{
			ID: 7, Attempt: 1, Workflow: refresh, Event: "schedule", Branch: "main", Status: "completed", Conclusion: "success",
			CreatedAt: noon.Add(-24 * time.Hour), StartedAt: noon.Add(-24 * time.Hour),
		}}, fact.Source{})},
		Secrets: map[string]fact.Known[[]string]{"": secrets(), "staging": secrets("DB", "API"), "production": secrets("API", "DB")},
		Environments: map[string]fact.Known[fact.Environment]{
			"staging": fact.Of(fact.Environment{Name: "staging", Exists: true}, fact.Source{}),
		},
		Workflows: fact.Of([]fact.WorkflowFile{{Path: ".github/workflows/deploy.yml", Text: deployFile}}, fact.Source{}),
	}
}

func goodAudit() verdict.Audit {
	fine := func(check, stage string) verdict.Point {
		return verdict.Point{Check: check, Stage: stage, Outcome: verdict.Pass, Reason: check + " is fine"}
	}
	return verdict.Audit{Points: []verdict.Point{
		fine("gate-in-place", "staging"), fine("gate-in-place", "prod"),
		fine("policy-owned", ""), fine("branches-guarded", ""), fine("guards-bind-all", ""),
		{Check: "branches-guarded", Stage: "prod", Outcome: verdict.Fail, Reason: "hotfix/* is not guarded"},
	}}
}

// point replaces what a check said about a stage.
func point(check, stage string, outcome verdict.Outcome) func(*verdict.Audit) {
	return func(found *verdict.Audit) {
		for i := range found.Points {
			if each := &found.Points[i]; each.Check == check && each.Stage == stage {
				each.Outcome, each.Reason, each.Fix = outcome, check+" found something", "mend it"
			}
		}
	}
}

func forget(check string) func(*verdict.Audit) {
	return func(found *verdict.Audit) {
		found.Points = slices.DeleteFunc(found.Points, func(each verdict.Point) bool { return each.Check == check })
	}
}

func environment(change func(*fact.Environment)) func(*fact.Set) {
	return func(facts *fact.Set) {
		own := fact.Environment{
			Name: "production", Exists: true, URL: "https://github.com/acme/shop/settings/environments",
			Reviewers: []fact.EnvironmentReviewer{{Kind: "user", ID: 1, Name: "olga"}}, PreventSelfReview: true, AdminsBypass: new(bool),
		}
		change(&own)
		facts.Environments["production"] = fact.Of(own, fact.Source{})
	}
}

func secretsOf(environment string, names ...string) func(*fact.Set) {
	return func(facts *fact.Set) { facts.Secrets[environment] = fact.Of(names, fact.Source{}) }
}

func noClock(facts *fact.Set) { facts.At = fact.Known[time.Time]{} }

// question is one case of a question: what is changed of what is good.
type question struct {
	id, name string
	// change are pairs of texts of the policy: what is replaced, and by what.
	change []string
	facts  func(*fact.Set)
	found  func(*verdict.Audit)
	want   verdict.Outcome
	says   string
}

const (
	approvals     = "      approved: { approvals: [{ name: owner, by: write }] }\n"
	anyoneApprove = "      approved: { approvals: [{ name: owner, by: write, not: [nobody] }] }\n"
	hotfixGates   = "    from: { branches: [\"hotfix/*\"] }\n    gates:\n      promoted: {}\n"
	waived        = "waiver: { by: olga, reason: moving house, until: 2026-12-20 }"
)

// onlyStaging takes the last stage and its lane away.
func onlyStaging() []string {
	return []string{goodPolicy[strings.Index(goodPolicy, "  - name: prod"):], ""}
}

// openStages asks for nothing anywhere.
func openStages() []string {
	return []string{goodPolicy[strings.Index(goodPolicy, "stages:"):], "stages:\n  - { name: a, from: { branches: [a] }, unrestricted: true }\n  - { name: b, from: { branches: [b] }, unrestricted: true }\n"}
}

// openFirst puts a stage before all others, which asks for nothing.
func openFirst() []string {
	return []string{"stages:\n", "stages:\n  - { name: dev, from: { branches: [d] }, unrestricted: true, data: synthetic, config: { debug: false, db: { pool: 5 }, hosts: [a] }, deployed-by: { workflow: .github/workflows/deploy.yml, job: d } }\n"}
}

// openLast lets the last stage ask for nothing.
func openLast() []string {
	return []string{goodPolicy[strings.Index(goodPolicy, "    rollback: { keeps"):], "    unrestricted: true\n"}
}

func questionsOfGates() []question {
	return []question{
		{id: "local-setup", name: "no check of the name", change: []string{"name: local-setup", "name: lint"}, want: verdict.Unknown, says: "nobody records"},
		{id: "local-setup", name: "it may take as long as it likes", change: []string{"name: local-setup, workflow: .github/workflows/ci.yml, within: 10m", "name: local-setup"}, want: verdict.Unknown, says: "holds the check local-setup of staging to a time"},
		{id: "local-setup", name: "a slow one only warns", change: []string{"name: local-setup, workflow: .github/workflows/ci.yml,", "name: local-setup, slow: warn,"}, want: verdict.Unknown},
		{id: "local-setup", name: "it may take too long", change: []string{"name: local-setup, workflow: .github/workflows/ci.yml, within: 10m", "name: local-setup, within: 31m"}, want: verdict.Fail, says: "may take 31m"},
		{id: "local-setup", name: "the gate is waived", change: []string{"      checks-passed:\n", "      checks-passed:\n        " + waived + "\n"}, want: verdict.Unknown, says: "waived"},
		{id: "local-setup", name: "half an hour", change: []string{"name: local-setup, workflow: .github/workflows/ci.yml, within: 10m", "name: local-setup, within: 30m"}, want: verdict.Pass, says: "30m"},

		{id: "local-setup", name: "a job does not ask the gate", found: point("gate-in-place", "staging", verdict.Fail), want: verdict.Fail},
		{id: "fast-feedback", name: "whether the jobs ask the gate is not known", found: forget("gate-in-place"), want: verdict.Unknown, says: "does not say whether the jobs"},
		{id: "fast-feedback", name: "a check without a budget", change: []string{"ci.yml, within: 10m }\n      fresh", "ci.yml }\n      fresh"}, want: verdict.Unknown, says: `"local-setup" of staging`},
		{id: "fast-feedback", name: "every check counts", change: []string{"checks-passed:\n", "checks-passed:\n        all: true\n"}, want: verdict.Unknown, says: "every check that is not named"},
		{id: "fast-feedback", name: "no stage asks for anything", change: openStages(), want: verdict.Unknown},
		{id: "fast-feedback", name: "the gate only warns", change: []string{"checks-passed:\n", "checks-passed:\n        mode: warn\n"}, want: verdict.Unknown, says: "mode of checks-passed on staging is warn"},
		{id: "fast-feedback", name: "a slow one only warns", change: []string{"class: tests,", "class: tests, slow: warn,"}, want: verdict.Unknown},
		{id: "fast-feedback", name: "eleven minutes", change: []string{"within: 10m }\n          - { name: local", "within: 11m }\n          - { name: local"}, want: verdict.Fail, says: `"tests" may take 11m`},

		{id: "tests-before-promotion", name: "the tests are not named", change: []string{"class: tests, ", ""}, want: verdict.Unknown, says: "of none the policy says that it is the tests"},
		{id: "tests-before-promotion", name: "a stage does not ask for checks", change: []string{"      checks-passed: { all: true }\n", ""}, want: verdict.Fail, says: "prod does not ask for checks-passed"},
		{id: "tests-before-promotion", name: "a stage takes what was nowhere", change: []string{"      checks-passed: { all: true }\n      promoted: {}\n", "      checks-passed: { all: true }\n", ", keeps: [promoted]", ""}, want: verdict.Fail, says: "prod does not ask for promoted"},
		{id: "tests-before-promotion", name: "no stage asks for anything", change: openStages(), want: verdict.Fail},
		{id: "tests-before-promotion", name: "a lane asks neither for tests nor for the stage before", change: []string{hotfixGates, strings.Replace(hotfixGates, "      promoted: {}\n", "", 1)}, want: verdict.Fail, says: "hotfix does not ask for checks-passed"},
		{id: "tests-before-promotion", name: "a lane takes what was on a stage that asks for nothing", change: append(openFirst(), hotfixGates, strings.Replace(hotfixGates, "promoted: {}", "promoted: { from: dev }", 1)), want: verdict.Fail, says: "hotfix does not ask for checks-passed"},
		{id: "tests-before-promotion", name: "a lane asks for the tests", change: []string{hotfixGates, strings.Replace(hotfixGates, "promoted: {}", "checks-passed: { all: true }", 1)}, want: verdict.Pass},
		{id: "tests-before-promotion", name: "an emergency skips them", change: []string{", keeps: [promoted]", ""}, want: verdict.Fail, says: "break-glass to prod keeps neither"},
		{id: "tests-before-promotion", name: "an emergency keeps them", change: []string{"keeps: [promoted]", "keeps: [checks-passed]"}, want: verdict.Pass},
		{id: "tests-before-promotion", name: "the last stage asks for nothing", change: openLast(), want: verdict.Fail, says: "prod does not ask for checks-passed"},
		{id: "tests-before-promotion", name: "the first stage asks for nothing", change: openFirst(), want: verdict.Pass},
		{id: "tests-before-promotion", name: "the checks are waived", change: []string{"checks-passed: { all: true }", "checks-passed: { all: true, " + waived + " }"}, want: verdict.Fail, says: "waived until 2026-12-21T00:00:00Z by @olga"},
		{id: "tests-before-promotion", name: "the waiver has ended", change: []string{"checks-passed: { all: true }", "checks-passed: { all: true, " + strings.Replace(waived, "12-20", "11-19", 1) + " }"}, want: verdict.Pass},
		{id: "tests-before-promotion", name: "a waiver, and nobody knows the time", change: []string{"checks-passed: { all: true }", "checks-passed: { all: true, " + waived + " }"}, facts: noClock, want: verdict.Unknown, says: "what time it is"},
		{id: "tests-before-promotion", name: "a waiver, and the time is none", change: []string{"checks-passed: { all: true }", "checks-passed: { all: true, " + waived + " }"}, facts: func(f *fact.Set) { f.At = fact.Of(time.Time{}, fact.Source{}) }, want: verdict.Unknown, says: "what time it is"},
		{id: "tests-before-promotion", name: "a job does not ask the gate", found: point("gate-in-place", "staging", verdict.Fail), want: verdict.Fail, says: "gate-in-place found something"},
		{id: "tests-before-promotion", name: "whether the jobs ask the gate is not known", found: forget("gate-in-place"), want: verdict.Unknown, says: "does not say whether the jobs"},

		{id: "reproducible-before-production", name: "one stage", change: onlyStaging(), want: verdict.Unknown},
		{id: "reproducible-before-production", name: "promoted only warns", change: []string{"promoted: {}\n      approved: { approvals: [{ name: owner, by: write }] }\n      setup", "promoted: { mode: warn }\n      approved: { approvals: [{ name: owner, by: write }] }\n      setup"}, want: verdict.Fail},
		{id: "reproducible-before-production", name: "no rollback to the stage before", change: []string{"data: anonymized", "data: anonymized\n    rollback: { mode: off }"}, want: verdict.Fail, says: "there is no rollback to staging"},
		{id: "reproducible-before-production", name: "promoted from an earlier stage", change: []string{"stages:\n", "stages:\n  - { name: test, from: { branches: [t] }, unrestricted: true, config: { debug: false, db: { pool: 5 }, hosts: [a] }, deployed-by: { workflow: .github/workflows/deploy.yml, job: t } }\n", "promoted: {}\n      approved: { approvals: [{ name: owner, by: write }] }\n      setup", "promoted: { from: test }\n      approved: { approvals: [{ name: owner, by: write }] }\n      setup"}, want: verdict.Fail, says: "a deployment to test, not to staging"},
		{id: "reproducible-before-production", name: "the stage before takes any commit", change: []string{goodPolicy[strings.Index(goodPolicy, "    gates:\n      checks-passed:\n"):strings.Index(goodPolicy, "  - name: prod")], "    unrestricted: true\n"}, want: verdict.Pass, says: "any commit can be deployed to staging"},
		{id: "reproducible-before-production", name: "a job does not ask the gate", found: point("gate-in-place", "prod", verdict.Fail), want: verdict.Fail},

		{id: "definition-of-ready", name: "no gate says so", change: []string{goodPolicy[strings.Index(goodPolicy, "      setup-complete:"):strings.Index(goodPolicy, "  - name: hotfix")], ""}, want: verdict.Fail, says: "none of setup-complete"},
		{id: "definition-of-ready", name: "it only warns", change: []string{"setup-complete:\n", "setup-complete:\n        mode: warn\n"}, want: verdict.Fail},
		{id: "definition-of-ready", name: "it is waived, and nobody knows the time", change: []string{"setup-complete:\n", "setup-complete:\n        " + waived + "\n"}, facts: noClock, want: verdict.Unknown},
		{id: "definition-of-ready", name: "a deployment plan", change: []string{goodPolicy[strings.Index(goodPolicy, "      setup-complete:"):strings.Index(goodPolicy, "  - name: hotfix")], "      deployment-plan: {}\n"}, want: verdict.Pass, says: "prod asks for deployment-plan"},
	}
}

func questionsOfStages() []question {
	return []question{
		{id: "stages-alike", name: "one stage", change: onlyStaging(), want: verdict.Unknown},
		{id: "stages-alike", name: "no configuration", change: []string{"    config: { debug: false, db: { pool: 5 }, hosts: [a, b] }\n", "", "    config: { debug: true, db: { pool: 50 }, hosts: [c] }\n", ""}, want: verdict.Unknown, says: "no config for staging, prod"},
		{id: "stages-alike", name: "one stage may do without", change: []string{"stages:\n", "config-may-differ: [debug, db, hosts]\nstages:\n", "    config: { debug: false, db: { pool: 5 }, hosts: [a, b] }\n", ""}, want: verdict.Unknown, says: "no config for staging"},
		{
			id: "stages-alike", name: "what may differ does", change: []string{"stages:\n", "config-may-differ: [debug, extra, db, hosts]\nstages:\n", "debug: true, db: { pool: 50 }, hosts", "debug: 1, db: 5, extra: x, hosts"}, want: verdict.Pass,
			says: `config-may-differ lists: "db" is a map in staging and a number in prod, "db.pool" is in staging and not in prod, "debug" is true or false in staging and a number in prod, "extra" is in prod and not in staging`,
		},

		{id: "data-before-production", name: "nobody says which", change: []string{"    data: anonymized\n", ""}, want: verdict.Unknown, says: "does not say which data staging holds"},
		{id: "data-before-production", name: "one stage", change: onlyStaging(), want: verdict.Unknown},
		{id: "data-before-production", name: "synthetic", change: []string{"data: anonymized", "data: synthetic"}, want: verdict.Pass, says: "staging is synthetic"},

		{id: "secrets-per-stage", name: "those of the repository are not shown", facts: func(f *fact.Set) { f.Secrets[""] = fact.Lost[[]string](fact.Missing{Reason: fact.Forbidden}) }, want: verdict.Unknown, says: "which secrets the repository has"},
		{id: "secrets-per-stage", name: "those of an environment are not shown", facts: func(f *fact.Set) { delete(f.Secrets, "production") }, want: verdict.Unknown, says: `"production"`},
		{id: "secrets-per-stage", name: "no secrets anywhere", facts: func(f *fact.Set) { secretsOf("staging")(f); secretsOf("production")(f) }, want: verdict.Unknown, says: "organisation"},
		{id: "secrets-per-stage", name: "one stage", change: onlyStaging(), want: verdict.Unknown},
		{id: "secrets-per-stage", name: "the repository has one", facts: secretsOf("", "DB"), want: verdict.Fail, says: `"DB"`},
		{id: "secrets-per-stage", name: "a stage lacks one", facts: secretsOf("staging", "DB"), want: verdict.Fail, says: `staging has the secrets "DB", and prod has "API", "DB"`},
		{id: "secrets-per-stage", name: "many names", facts: secretsOf("", strings.Split("a b c d e f g h i j k", " ")...), want: verdict.Fail, says: `"j" and 1 more`},

		{id: "data-refreshed", name: "nothing shows it", change: []string{"      fresh:\n        workflows: [{ name: refresh, workflow: .github/workflows/refresh.yml, within: 7d }]\n", ""}, want: verdict.Unknown, says: "does not ask for fresh"},
		{id: "data-refreshed", name: "it is turned off", change: []string{"      fresh:\n", "      fresh:\n        mode: off\n"}, want: verdict.Unknown, says: "does not ask for fresh"},
		{id: "data-refreshed", name: "one stage", change: onlyStaging(), want: verdict.Unknown},
		{id: "data-refreshed", name: "the runs cannot be read", facts: func(f *fact.Set) { f.RecentRuns = nil }, want: verdict.Unknown},
		{id: "data-refreshed", name: "long ago", facts: func(f *fact.Set) { f.At = fact.Of(noon.AddDate(0, 1, 0), fact.Source{}) }, want: verdict.Fail, says: "7d old"},
		{id: "data-refreshed", name: "the gate only warns", change: []string{"      fresh:\n", "      fresh:\n        mode: warn\n"}, want: verdict.Pass},
	}
}

func questionsOfWays() []question {
	noGate := []string{approvals + "      setup", "      setup", "rollback: { keeps: [approved] }", "rollback: {}"}
	return []question{
		{id: "way-back", name: "the checklist leaves it out", change: []string{"items: [rollback-exercised]", "items: [backup]", "item: rollback-exercised", "item: backup"}, want: verdict.Unknown, says: "nothing shows"},
		{id: "way-back", name: "whoever says so is not known", facts: func(f *fact.Set) { f.Access = nil }, want: verdict.Unknown},
		{id: "way-back", name: "too long ago", facts: func(f *fact.Set) { f.At = fact.Of(noon.AddDate(1, 0, 0), fact.Source{}) }, want: verdict.Fail, says: "ended at"},
		{id: "way-back", name: "closed", change: []string{"rollback: { keeps: [approved] }", "rollback: { mode: off }"}, want: verdict.Fail, says: "there is no rollback to prod"},

		{id: "person-asked", name: "nobody is asked, and the environment is not known", change: noGate, want: verdict.Unknown, says: "prod does not ask for approved"},
		{id: "person-asked", name: "nobody is asked", change: noGate, facts: environment(func(e *fact.Environment) { e.Reviewers = nil }), want: verdict.Fail, says: "no required reviewers"},
		{id: "person-asked", name: "there is no environment", change: noGate, facts: environment(func(e *fact.Environment) { e.Exists = false }), want: verdict.Fail},
		{id: "person-asked", name: "not for a rollback", change: []string{"rollback: { keeps: [approved] }", "rollback: {}"}, facts: environment(func(e *fact.Environment) { e.Reviewers = nil }), want: verdict.Fail, says: "rollback to prod does not keep approved"},
		{id: "person-asked", name: "the gate only warns", change: []string{"by: write }] }\n      setup", "by: write }], mode: warn }\n      setup"}, facts: environment(func(e *fact.Environment) { e.Reviewers = nil }), want: verdict.Fail, says: "mode of approved on prod is warn"},
		{id: "person-asked", name: "not for a hotfix", change: []string{hotfixGates + approvals, hotfixGates}, facts: environment(func(e *fact.Environment) { e.Reviewers = nil }), want: verdict.Fail, says: "hotfix does not ask for approved"},
		{id: "person-asked", name: "a job does not ask the gate", found: point("gate-in-place", "prod", verdict.Fail), want: verdict.Fail},
		{id: "person-asked", name: "a workflow elsewhere is not seen", found: func(found *verdict.Audit) {
			found.Points = append(found.Points, verdict.Point{Check: "gate-in-place", Outcome: verdict.Unknown, Reason: "what the called workflow does", Fix: "look there"})
		}, want: verdict.Unknown, says: "called workflow"},
		{id: "person-asked", name: "by the environment, for a job that has none", change: noGate, facts: func(f *fact.Set) {
			environment(func(*fact.Environment) {})(f)
			f.Workflows = fact.Of([]fact.WorkflowFile{{Path: ".github/workflows/deploy.yml", Text: strings.Replace(deployFile, "    environment: production\n", "", 1)}}, fact.Source{})
		}, want: verdict.Unknown, says: `the job "deploy-prod" of .github/workflows/deploy.yml has no environment`},
		{id: "person-asked", name: "by the environment, and nobody sees what deploys", change: noGate, facts: func(f *fact.Set) {
			environment(func(*fact.Environment) {})(f)
			f.Workflows = fact.Of([]fact.WorkflowFile{}, fact.Source{})
		}, want: verdict.Unknown, says: "no job of the default branch does"},
		{id: "person-asked", name: "by the environment, and the workflows cannot be read", change: noGate, facts: func(f *fact.Set) {
			environment(func(*fact.Environment) {})(f)
			f.Workflows = fact.Known[[]fact.WorkflowFile]{}
		}, want: verdict.Unknown},
		{id: "person-asked", name: "by the environment", change: noGate, facts: environment(func(e *fact.Environment) { e.PreventSelfReview, e.AdminsBypass = false, nil }), want: verdict.Pass, says: `reviewer of the environment "production"`},

		{id: "hotfix-not-bypassing", name: "one stage", change: onlyStaging(), want: verdict.Unknown},
		{id: "hotfix-not-bypassing", name: "a lane does", change: []string{"    gates:\n      promoted: {}\n" + approvals, "    gates:\n" + approvals}, want: verdict.Fail, says: "hotfix does not ask for promoted"},
		{id: "hotfix-not-bypassing", name: "a lane takes what was only on an earlier stage", change: append(openFirst(), hotfixGates, strings.Replace(hotfixGates, "promoted: {}", "promoted: { from: dev }", 1)), want: verdict.Fail, says: "hotfix asks for a deployment to dev, not to staging"},
		{id: "hotfix-not-bypassing", name: "the stage itself takes what was only on an earlier stage", change: append(openFirst(), "promoted: {}\n"+approvals+"      setup", "promoted: { from: dev }\n"+approvals+"      setup"), want: verdict.Fail, says: "prod asks for a deployment to dev, not to staging"},
		{id: "hotfix-not-bypassing", name: "an emergency does", change: []string{", keeps: [promoted]", ""}, want: verdict.Fail, says: "break-glass to prod does not keep promoted"},
		{id: "hotfix-not-bypassing", name: "the stage itself does", change: []string{"      promoted: {}\n" + approvals + "      setup", "      promoted: { mode: warn }\n" + approvals + "      setup"}, want: verdict.Fail},
		{id: "hotfix-not-bypassing", name: "whether the jobs ask the gate is not known", found: forget("gate-in-place"), want: verdict.Unknown},

		{id: "nobody-alone", name: "whoever wrote it may approve", change: []string{approvals + "      setup", anyoneApprove + "      setup"}, facts: environment(func(e *fact.Environment) { e.Reviewers = nil }), want: verdict.Fail, says: "can approve and deploy it to prod alone"},
		{id: "nobody-alone", name: "whoever wrote it may approve a hotfix", change: []string{hotfixGates + approvals, hotfixGates + anyoneApprove}, facts: environment(func(e *fact.Environment) { e.Reviewers = nil }), want: verdict.Fail, says: "hotfix alone"},
		{id: "nobody-alone", name: "whoever started the emergency may approve it", change: []string{"name: oncall, by: write", "name: oncall, by: write, not: [nobody]"}, facts: environment(func(e *fact.Environment) { e.Reviewers = nil }), want: verdict.Fail, says: "break-glass to prod does not keep approved"},
		{id: "nobody-alone", name: "whoever starts the run reviews it", change: noGate, facts: environment(func(e *fact.Environment) { e.PreventSelfReview = false }), want: verdict.Fail, says: "whoever starts a run can review it"},
		{id: "nobody-alone", name: "an administrator needs nobody", change: noGate, facts: environment(func(e *fact.Environment) { e.AdminsBypass = nil }), want: verdict.Fail, says: "an administrator may"},
		{id: "nobody-alone", name: "an administrator gets past", change: noGate, facts: environment(func(e *fact.Environment) { *e.AdminsBypass = true }), want: verdict.Fail, says: "an administrator may"},
		{id: "nobody-alone", name: "a job does not ask the gate", found: point("gate-in-place", "prod", verdict.Fail), want: verdict.Fail, says: "gate-in-place found something"},
		{id: "nobody-alone", name: "the environment is not known", change: noGate, want: verdict.Unknown},
		{id: "nobody-alone", name: "two others approve", change: []string{approvals + "      setup", "      approved: { approvals: [{ name: owner, by: write, not: [nobody], count: 2 }] }\n      setup"}, want: verdict.Pass},
		{id: "nobody-alone", name: "whoever deploys may not approve", change: []string{approvals + "      setup", "      approved: { approvals: [{ name: owner, by: write, not: [deployer] }] }\n      setup"}, want: verdict.Pass},
		{id: "nobody-alone", name: "only the author may not approve, who need not be who wrote it", change: []string{approvals + "      setup", "      approved: { approvals: [{ name: owner, by: write, not: [author] }] }\n      setup"}, facts: environment(func(e *fact.Environment) { e.Reviewers = nil }), want: verdict.Fail},
		{id: "nobody-alone", name: "by the environment", change: noGate, facts: environment(func(*fact.Environment) {}), want: verdict.Pass},

		{id: "policy-protected", name: "it has no owners", found: point("policy-owned", "", verdict.Fail), want: verdict.Fail, says: "policy-owned found something"},
		{id: "policy-protected", name: "it has no owners yet", found: point("policy-owned", "", verdict.Wait), want: verdict.Fail, says: "policy-owned found something"},
		{id: "policy-protected", name: "the branch can be rewritten, and who may is not known", found: func(found *verdict.Audit) {
			point("branches-guarded", "", verdict.Fail)(found)
			point("guards-bind-all", "", verdict.Unknown)(found)
		}, want: verdict.Fail, says: "branches-guarded found something"},
		{id: "policy-protected", name: "who gets past is not known", found: point("guards-bind-all", "", verdict.Unknown), want: verdict.Unknown},
		{id: "policy-protected", name: "nothing was looked at", found: func(found *verdict.Audit) { *found = verdict.Audit{} }, want: verdict.Unknown},
		{id: "policy-protected", name: "the owners were not looked at", found: forget("policy-owned"), want: verdict.Unknown, says: "nothing about policy-owned"},
		{id: "policy-protected", name: "it does not apply", found: point("policy-owned", "", verdict.Skip), want: verdict.Unknown},
	}
}

func (q question) rules(t *testing.T) policy.Policy {
	t.Helper()
	text := goodPolicy
	for i := 0; i+1 < len(q.change); i += 2 {
		if !strings.Contains(text, q.change[i]) {
			t.Fatalf("the policy does not have\n%s", q.change[i])
		}
		text = strings.Replace(text, q.change[i], q.change[i+1], 1)
	}
	rules, err := policy.Parse(fact.PolicyPath, []byte(text), gate.All())
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return rules
}

func (q question) answers(t *testing.T) []verdict.Answer {
	t.Helper()
	return q.answersTo(q.rules(t))
}

func (q question) answersTo(rules policy.Policy) []verdict.Answer {
	facts, found := goodFacts(), goodAudit()
	if q.facts != nil {
		q.facts(&facts)
	}
	if q.found != nil {
		q.found(&found)
	}
	return audit.Review(rules, facts.Only(audit.Needs(rules)), found)
}

func TestReview(t *testing.T) {
	t.Parallel()
	for _, each := range slices.Concat(questionsOfGates(), questionsOfStages(), questionsOfWays()) {
		t.Run(each.id+": "+each.name, func(t *testing.T) {
			t.Parallel()
			answers := each.answers(t)
			at := slices.IndexFunc(answers, func(answer verdict.Answer) bool { return answer.ID == each.id })
			if at < 0 {
				t.Fatalf("there is no question %q", each.id)
			}
			got := answers[at]
			if got.Outcome != each.want || !strings.Contains(got.Reason, each.says) {
				t.Errorf("got %s (%s), want %s that says %q", got.Outcome, got.Reason, each.want, each.says)
			}
			if (got.Fix == "") != (got.Outcome == verdict.Pass) {
				t.Errorf("%s with the remedy %q", got.Outcome, got.Fix)
			}
		})
	}
}

// TestReviewOfWhatIsGood wants each question answered with yes where nothing is
// wrong, in the fixed order.
func TestReviewOfWhatIsGood(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, answer := range (question{}).answers(t) {
		ids = append(ids, answer.ID)
		if answer.Outcome != verdict.Pass || answer.Reason == "" || answer.Question == "" || answer.Fix != "" {
			t.Errorf("%s: %s: %s (%s)", answer.ID, answer.Outcome, answer.Reason, answer.Fix)
		}
	}
	want := []string{
		"local-setup", "fast-feedback", "stages-alike", "data-before-production", "secrets-per-stage", "tests-before-promotion",
		"reproducible-before-production", "definition-of-ready", "data-refreshed", "way-back", "person-asked", "hotfix-not-bypassing", "nobody-alone", "policy-protected",
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("the questions (-want +got):\n%s", diff)
	}
}

// TestThePageExplainsTheReview looks for each question in the page about it.
func TestThePageExplainsTheReview(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/readiness.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range (question{}).answers(t) {
		if row := "\n| `" + answer.ID + "` | " + answer.Question + " |"; !strings.Contains(string(page), row) {
			t.Errorf("the page has no row %q", row)
		}
	}
}

// TestAReviewAsksNothingForWhatIsOff wants no fact for a gate that is turned off.
func TestAReviewAsksNothingForWhatIsOff(t *testing.T) {
	t.Parallel()
	runs := fact.RunsOf{Workflow: refresh}.Need()
	for mode, want := range map[string]bool{"": true, "        mode: warn\n": true, "        mode: off\n": false} {
		asked := audit.Needs(question{change: []string{"      fresh:\n", "      fresh:\n" + mode}}.rules(t))
		if slices.Contains(asked, runs) != want {
			t.Errorf("%q: the needs are %v, with %s: %t", mode, asked, runs, want)
		}
	}
}

// TestReviewOfNothing asks with no fact and no policy: nothing is answered with yes.
func TestReviewOfNothing(t *testing.T) {
	t.Parallel()
	for _, answer := range audit.Review(policy.Policy{}, fact.Set{}, verdict.Audit{}) {
		if answer.Outcome == verdict.Pass || answer.Reason == "" || answer.Fix == "" {
			t.Errorf("%s: %s: %s (%s)", answer.ID, answer.Outcome, answer.Reason, answer.Fix)
		}
	}
}

// TestReviewNeverGainsFromALoss takes away one fact at a time: no answer becomes a
// yes by it.
func TestReviewNeverGainsFromALoss(t *testing.T) {
	t.Parallel()
	for _, each := range slices.Concat(questionsOfGates(), questionsOfStages(), questionsOfWays()) {
		rules := each.rules(t)
		before := each.answersTo(rules)
		for _, need := range audit.Needs(rules) {
			lost := each
			lost.facts = func(facts *fact.Set) {
				if each.facts != nil {
					each.facts(facts)
				}
				*facts = facts.Without(need)
			}
			for i, after := range lost.answersTo(rules) {
				if after.Outcome == verdict.Pass && before[i].Outcome != verdict.Pass {
					t.Errorf("%s: %s: without %s it becomes a yes: %s", each.name, after.ID, need, after.Reason)
				}
			}
		}
	}
}
