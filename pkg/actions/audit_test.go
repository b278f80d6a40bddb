package actions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
)

// auditRun is the environment of a step that audits.
func auditRun() vars {
	return branchRun().with(vars{"INPUT_COMMAND": "audit", "INPUT_AUDIT-SEVERITY": "high"})
}

func TestReadAuditRefusesWhatIsNotMeant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		vars  vars
		code  actions.Code
		words string
	}{
		{"a stage, which only a gate has", vars{"INPUT_STAGE": "prod"}, actions.InputInvalid, "input stage is not for the command audit"},
		{"an environment", vars{"INPUT_ENVIRONMENT": "production"}, actions.InputInvalid, "input environment is not for the command audit"},
		{"a commit", vars{"INPUT_SHA": otherSHA}, actions.InputInvalid, "input sha is not for the command audit"},
		{"a receipt", vars{"INPUT_RECEIPT": "{}"}, actions.InputInvalid, "input receipt is not for the command audit"},
		{"a broken glass", vars{"INPUT_BREAK-GLASS": "fire"}, actions.InputInvalid, "input break-glass is not for the command audit"},
		{"a severity that there is not", vars{"INPUT_AUDIT-SEVERITY": "grave"}, actions.InputInvalid, `input audit-severity is "grave"; want one of critical, high, medium, low, never`},
		{"a policy that leaves the repository", vars{"INPUT_POLICY": "../x.yml"}, actions.InputInvalid, "input policy"},
		{"an empty policy", vars{"INPUT_POLICY": ""}, actions.InputInvalid, "input policy is empty"},
		{"no token", vars{"INPUT_TOKEN": ""}, actions.Unauthorized, "input token is empty"},
		{"a token with a line break", vars{"INPUT_TOKEN": "a\nb"}, actions.Unauthorized, "white space"},
		{"a people token with a line break", vars{"INPUT_PEOPLE-TOKEN": "a\nb"}, actions.Unauthorized, "white space"},
		{"facts saved elsewhere", vars{"INPUT_SAVE-FACTS": "../x"}, actions.InputInvalid, "input save-facts"},
		{"no repository", vars{"GITHUB_REPOSITORY": ""}, actions.RunnerInvalid, "GITHUB_REPOSITORY"},
		{"a repository number that is none", vars{"GITHUB_REPOSITORY_ID": "x"}, actions.RunnerInvalid, "GITHUB_REPOSITORY_ID"},
		{"no server", vars{"GITHUB_API_URL": ""}, actions.RunnerInvalid, "GITHUB_API_URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := actions.ReadAudit(auditRun().with(test.vars).env)
			wantRefusal(t, actions.Run{}, err, test.code, test.words)
		})
	}
}

func TestReadAudit(t *testing.T) {
	t.Parallel()
	// What started the run does not matter, and neither do the gate's own inputs.
	got, err := actions.ReadAudit(auditRun().with(vars{"GITHUB_EVENT_NAME": "issue_comment", "INPUT_FAIL-ON": "x", "INPUT_AUDIT-SEVERITY": "", "INPUT_PEOPLE-TOKEN": "p"}).env)
	if err != nil {
		t.Fatal(err)
	}
	run := branchRun()
	want := actions.Audit{
		Repository: run["GITHUB_REPOSITORY"], RepositoryID: 4711, ServerURL: run["GITHUB_SERVER_URL"], APIURL: run["GITHUB_API_URL"], GraphQLURL: run["GITHUB_GRAPHQL_URL"],
		Policy: run["INPUT_POLICY"], Token: actions.Secret(run["INPUT_TOKEN"]), PeopleToken: "p", Severity: "high", Workspace: run["GITHUB_WORKSPACE"],
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for command, want := range map[string]bool{"": false, "gate": false, "Audit": false, "audit": true, " audit\n": true} {
		if got := actions.WantsAudit(vars{"INPUT_COMMAND": command}.env); got != want {
			t.Errorf("%q wants an audit: %t", command, got)
		}
	}
}
