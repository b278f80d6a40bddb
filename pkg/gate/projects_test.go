package gate_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// ofProject are the terms of prod in one of several projects.
func ofProject(t *testing.T, project string, roles gate.Roles, tags ...string) gate.Terms {
	t.Helper()
	terms := row{roles: roles}.terms()
	for i := range terms.Stages {
		terms.Stages[i].Project, terms.Stages[i].Rule.Project = project, project
	}
	prod := &terms.Stages[len(terms.Stages)-1]
	prod.Rule.Tags = nil
	for _, each := range tags {
		parsed, err := stage.ParsePattern(each)
		if err != nil {
			t.Fatal(err)
		}
		prod.Rule.Tags = append(prod.Rule.Tags, parsed)
	}
	terms.Stage = *prod
	return terms
}

// No tag of one project has a say in the versions of another, and no other prefix
// begins a line of its own.
func TestVersionsOfProjects(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		project, accepts, tag string
		others                []string
		want                  string // the code, or "" where it is met
		says                  string
	}{
		"an old release of the project":                      {"api", "api/v*", "api/v1.0.0", []string{"api/v2.0.0"}, "not-higher", "api/v1.0.0 is lower than api/v2.0.0"},
		"the same with another separator":                    {"api", "api/v*", "api/v1.0.0", []string{"api@2.0.0"}, "not-higher", "lower than api@2.0.0"},
		"the same version with another separator":            {"api", "api/v*", "api/v1.0.0", []string{"api-v1.0.0"}, "same-version", "api-v1.0.0"},
		"the tag of another project":                         {"api", "**/v*", "web/v9.9.9", nil, "not-a-version", "of api"},
		"a prefix that is no project":                        {"api", "**/v*", "x/v9.9.9", nil, "not-a-version", "of api"},
		"no project, and a prefix":                           {"", "**/v*", "x/v9.9.9", nil, "not-a-version", ""},
		"a bare tag that the stage would take":               {"api", "**/v*", "api/v1.0.0", []string{"v2.0.0"}, "not-higher", "lower than v2.0.0"},
		"a bare tag by a pattern that takes both":            {"api", "*", "v1.0.0", []string{"api@2.0.0"}, "not-higher", "lower than api@2.0.0"},
		"a new name for an old commit, where both are taken": {"api", "*", "api@1.0.0", []string{"v2.0.0"}, "not-higher", "lower than v2.0.0"},
		"a higher version of another project":                {"api", "api/v*", "api/v1.0.0", []string{"web/v9.9.9", "apiX/v9.9.9", "api-gateway/v9.9.9"}, "", "no other version"},
		"a higher version of a project that begins alike":    {"api-gateway", "api-gateway/v*", "api-gateway/v1.0.0", []string{"api/v9.9.9"}, "", "no other version"},
		"a higher version of the whole repository":           {"api", "api/v*", "api/v1.0.0", []string{"v9.9.9"}, "", "no other version"},
		"a higher version of the project for a bare tag":     {"api", "v*", "v1.0.0", []string{"api/v9.9.9"}, "", "no other version"},
		"the next version":                                   {"api", "api/v*", "api/v1.1.0", []string{"api/v1.0.0", "web/v2.0.0"}, "", "higher than api/v1.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terms := ofProject(t, row.project, nil, row.accepts)
			check, err := find(t, "version-increases").Bind(nil, terms)
			if err != nil {
				t.Fatal(err)
			}
			got := check.Ask(released(row.tag, row.others...), terms)
			if met := got.Outcome == verdict.Pass; met != (row.want == "") || got.Code != row.want || !strings.Contains(got.Reason, row.says) {
				t.Errorf("%s %s: %s", got.Outcome, got.Code, got.Reason)
			}
		})
	}
}

// What people approved for one project is not said of another.
func TestApprovalsOfProjects(t *testing.T) {
	t.Parallel()
	terms := ofProject(t, "api", roster, "api/v*")
	check, err := find(t, "approved").Bind(decode(qaOnly), terms)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		titles []string
		want   verdict.Outcome
		says   string
	}{
		"nothing":                             {nil, verdict.Wait, "-f stage=api/prod -f approval=qa"},
		"another project":                     {[]string{"Approve SHA for web/prod as qa"}, verdict.Wait, ""},
		"no project":                          {[]string{"Approve SHA for prod as qa"}, verdict.Wait, ""},
		"another stage of it":                 {[]string{"Approve SHA for api/staging as qa"}, verdict.Wait, ""},
		"two projects":                        {[]string{"Approve SHA for web/api/prod as qa"}, verdict.Wait, "not of the form"},
		"capitals":                            {[]string{"Approve SHA for API/prod as qa"}, verdict.Wait, "not of the form"},
		"taken back for all projects":         {[]string{"Approve SHA for api/prod as qa", "Reject SHA for prod as qa"}, verdict.Fail, ""},
		"taken back":                          {[]string{"Approve SHA for api/prod as qa", "Reject SHA for api/prod as qa"}, verdict.Fail, ""},
		"taken back for another project":      {[]string{"Approve SHA for api/prod as qa", "Reject SHA for web/prod as qa"}, verdict.Pass, ""},
		"the project, the stage and the name": {[]string{"Approve SHA for api/prod as qa"}, verdict.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var runs []fact.ApprovalRun
			for i, title := range row.titles {
				runs = append(runs, approval(int64(i+1), quinn, title))
			}
			got := check.Ask(shipped(said(runs...)), terms)
			if got.Outcome != row.want || !strings.Contains(got.Reason+got.Fix, row.says) {
				t.Errorf("%s: %s %s", got.Outcome, got.Reason, got.Fix)
			}
		})
	}
}

// A rejection that names a stage as this policy names none is lost to nobody: its giver
// may mean this one. One for another stage, or another project, is about that.
func TestRejectionsThatNameNoStageAreTold(t *testing.T) {
	t.Parallel()
	one := row{stage: "prod", roles: roster}.terms()
	several := ofProject(t, "api", roster, "api/v*")
	for name, row := range map[string]struct {
		terms    gate.Terms
		yes, no  string
		isTold   bool
		rejected bool
	}{
		"a project, where there are none":   {one, "prod", "api/prod", true, false},
		"another stage, where there are":    {one, "prod", "staging", false, false},
		"the stage, where there are none":   {one, "prod", "prod", false, true},
		"the project alone":                 {several, "api/prod", "api", true, false},
		"the project and stage by a hyphen": {several, "api/prod", "api-prod", true, false},
		"another project":                   {several, "api/prod", "web/prod", false, false},
		"the stage of all projects":         {several, "api/prod", "prod", false, true},
	} {
		check, err := find(t, "approved").Bind(decode(qaOnly), row.terms)
		if err != nil {
			t.Fatal(err)
		}
		got := check.Ask(shipped(said(approval(1, quinn, "Approve SHA for "+row.yes+" as qa"), approval(2, quinn, "Reject SHA for "+row.no))), row.terms)
		if told := strings.Contains(got.Reason, "which does not say that it is for"); told != row.isTold || (got.Outcome == verdict.Fail) != row.rejected {
			t.Errorf("%s: %s, told %t: %s", name, got.Outcome, told, got.Reason)
		}
	}
}

// The job that deploys another project is no check of this one.
func TestDeploymentsOfOtherProjectsAreNoChecks(t *testing.T) {
	t.Parallel()
	facts := checked(runs(run(1, "tests", "success"), run(2, "deploy", "failure", from(".github/workflows/deploy.yml"))))
	for job, want := range map[string]verdict.Outcome{"": verdict.Fail, "other": verdict.Fail, "deploy": verdict.Pass} {
		terms := ofProject(t, "api", nil, "api/v*")
		terms.Others = []gate.Stage{{Project: "web", Name: "prod", DeployedBy: fact.JobOf{Workflow: ".github/workflows/deploy.yml", Job: job}}}
		check, err := find(t, "checks-passed").Bind(decode("all: true"), terms)
		if err != nil {
			t.Fatal(err)
		}
		if got := check.Ask(facts, terms); got.Outcome != want {
			t.Errorf("with the job %q of another project: %s %s", job, got.Outcome, got.Reason)
		}
	}
}
