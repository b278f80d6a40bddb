package actions_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
)

func recordRun() vars {
	return branchRun().with(vars{"INPUT_COMMAND": "record", "INPUT_STATE": "success", "INPUT_RECEIPT": "{}", "GITHUB_RUN_ATTEMPT": "2"})
}

func TestReadRecordRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		vars  vars
		code  actions.Code
		words string
	}{
		{"no token", vars{"INPUT_TOKEN": ""}, actions.Unauthorized, "empty"},
		{"no state", vars{"INPUT_STATE": ""}, actions.InputInvalid, "in_progress, success, failure, error, cancelled"},
		{"a state that jobs do not have", vars{"INPUT_STATE": "skipped"}, actions.InputInvalid, `"skipped"`},
		{"a state of which GitHub decides", vars{"INPUT_STATE": "inactive"}, actions.InputInvalid, `"inactive"`},
		{"a state in upper case", vars{"INPUT_STATE": "Success"}, actions.InputInvalid, `"Success"`},
		{"a commit that is none", vars{"INPUT_SHA": "main"}, actions.RefInvalid, "input sha"},
		{"a short reference", vars{"INPUT_REF": "main"}, actions.RefInvalid, "input ref"},
		{"a check run that is none", vars{"INPUT_CHECK-RUN-ID": "x"}, actions.InputInvalid, "number of a check run"},
		{"no run", vars{"GITHUB_RUN_ID": "0"}, actions.RunnerInvalid, "GITHUB_RUN_ID"},
		{"no attempt", vars{"GITHUB_RUN_ATTEMPT": ""}, actions.RunnerInvalid, "GITHUB_RUN_ATTEMPT"},
		{"no repository", vars{"GITHUB_REPOSITORY": ""}, actions.RunnerInvalid, "GITHUB_REPOSITORY"},
		{"no server", vars{"GITHUB_API_URL": ""}, actions.RunnerInvalid, "GITHUB_API_URL"},
		{"a run that is no number", vars{"GITHUB_RUN_ID": "x"}, actions.RunnerInvalid, "numbers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := actions.ReadRecord(recordRun().with(test.vars).env)
			var refused *actions.Error
			if !errors.As(err, &refused) || refused.Code != test.code || !strings.Contains(err.Error(), test.words) {
				t.Errorf("the error is %v, want %s: …%s…", err, test.code, test.words)
			}
			if diff := cmp.Diff(actions.Record{}, got); diff != "" {
				t.Errorf("something was read: %s", diff)
			}
		})
	}
}

func TestReadRecord(t *testing.T) {
	t.Parallel()
	want := actions.Record{
		Repository: "acme/shop", ServerURL: "https://github.com", APIURL: "https://api.github.com", GraphQLURL: "https://api.github.com/graphql",
		RunID: 1658821493, RunAttempt: 2, RunURL: "https://github.com/acme/shop/actions/runs/1658821493/attempts/2",
		Token: token, State: actions.StateSuccess, Receipt: "{}",
	}
	got, err := actions.ReadRecord(recordRun().env)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// The status of a job that was cancelled is no state of a deployment. What is
	// wrong with the gate's own inputs, or with the event, is not looked at.
	want.State, want.Receipt, want.CheckRun, want.Stage, want.Environment = actions.StateError, "", 7, "prod", "production"
	want.SHA, want.Ref = otherSHA, "refs/tags/v1"
	got, err = actions.ReadRecord(recordRun().with(vars{
		"INPUT_STATE": " cancelled\n", "INPUT_RECEIPT": "", "INPUT_CHECK-RUN-ID": "7", "INPUT_STAGE": "prod", "INPUT_ENVIRONMENT": "production",
		"INPUT_SHA": otherSHA, "INPUT_REF": "refs/tags/v1", "INPUT_POLICY": "", "INPUT_FAIL-ON": "x", "GITHUB_EVENT_NAME": "issue_comment",
	}).env)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestACommandIsKnownOrRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		vars  vars
		words string // of the refusal; "" for a gate
	}{
		{"a misspelt command", vars{"INPUT_COMMAND": "recrod"}, "want gate, record or audit"},
		{"a command in upper case", vars{"INPUT_COMMAND": "Record"}, "want gate, record or audit"},
		{"the other command", vars{"INPUT_COMMAND": "record"}, "want gate, record or audit"},
		{"a state for a gate", vars{"INPUT_STATE": "success"}, "input state is for the command record"},
		{"a receipt for a gate", vars{"INPUT_RECEIPT": "{}", "INPUT_COMMAND": "gate"}, "input receipt is for the command record"},
		{"a severity for a gate", vars{"INPUT_AUDIT-SEVERITY": "low"}, "input audit-severity is for the command audit"},
		{"nothing said", vars{}, ""},
		{"the severity that the runner passes by itself", vars{"INPUT_AUDIT-SEVERITY": "high"}, ""},
		{"a gate", vars{"INPUT_COMMAND": "gate"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run, err := actions.Read(branchRun().with(test.vars).env, eventFile(pushEvent("refs/heads/main", commitSHA)))
			if test.words == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantRefusal(t, run, err, actions.InputInvalid, test.words)
		})
	}
	for command, want := range map[string]bool{"": false, "gate": false, "Record": false, "record": true, " record\n": true} {
		if got := actions.WantsRecord(vars{"INPUT_COMMAND": command}.env); got != want {
			t.Errorf("%q wants a record: %t", command, got)
		}
	}
}
