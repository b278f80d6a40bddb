package actions_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
)

func TestReadRefusesInputs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		vars  vars
		code  actions.Code
		words string
	}{
		{"no token", vars{"INPUT_TOKEN": ""}, actions.Unauthorized, "empty"},
		{"white space as token", vars{"INPUT_TOKEN": " \t"}, actions.Unauthorized, "white space"},
		{"a token with a line break at its end", vars{"INPUT_TOKEN": token + "\n"}, actions.Unauthorized, "white space"},
		{"a token with a header after it", vars{"INPUT_TOKEN": token + "\r\nX-Evil: 1"}, actions.Unauthorized, "white space"},
		{"a token that is not ASCII", vars{"INPUT_TOKEN": token + "é"}, actions.Unauthorized, "no token has"},
		{"a misspelt fail-on", vars{"INPUT_FAIL-ON": "nevr"}, actions.InputInvalid, "wait, deny, never"},
		{"fail-on in upper case", vars{"INPUT_FAIL-ON": "Never"}, actions.InputInvalid, "wait, deny, never"},
		{"a check run that is not a number", vars{"INPUT_CHECK-RUN-ID": "12x"}, actions.InputInvalid, "number of a check run"},
		{"a check run below one", vars{"INPUT_CHECK-RUN-ID": "-3"}, actions.InputInvalid, "number of a check run"},
		{"a short sha", vars{"INPUT_SHA": otherSHA[:7]}, actions.RefInvalid, "7 characters"},
		{"a sha with one digit too many", vars{"INPUT_SHA": otherSHA + "0"}, actions.RefInvalid, "41 characters"},
		{"a sha in upper case", vars{"INPUT_SHA": strings.ToUpper(otherSHA)}, actions.RefInvalid, "lower-case"},
		{"no object as sha", vars{"INPUT_SHA": zeroSHA}, actions.RefInvalid, "no object"},
		{"a branch name as sha", vars{"INPUT_SHA": "main"}, actions.RefInvalid, "input sha"},
		{"a short ref", vars{"INPUT_REF": "main", "INPUT_SHA": otherSHA}, actions.RefInvalid, "full name"},
		{"a pull request as ref", vars{"INPUT_REF": "refs/pull/1/head", "INPUT_SHA": otherSHA}, actions.RefInvalid, "input ref"},
		{"another ref without its commit", vars{"INPUT_REF": "refs/tags/v1"}, actions.RefInvalid, "input sha"},
		{"an absolute policy", vars{"INPUT_POLICY": "/etc/passwd"}, actions.InputInvalid, "input policy"},
		{"a policy outside", vars{"INPUT_POLICY": ".github/../../x.yml"}, actions.InputInvalid, "input policy"},
		{"a folder as policy", vars{"INPUT_POLICY": ".github/"}, actions.InputInvalid, "input policy"},
		{"a policy with a control character", vars{"INPUT_POLICY": "a\nb"}, actions.InputInvalid, "input policy"},
		{"a policy with backslashes", vars{"INPUT_POLICY": `.github\..\x.yml`}, actions.InputInvalid, "input policy"},
		{"absolute save-facts", vars{"INPUT_SAVE-FACTS": "/github/file_commands/x"}, actions.InputInvalid, "input save-facts"},
		{"save-facts outside", vars{"INPUT_SAVE-FACTS": "../facts.json"}, actions.InputInvalid, "input save-facts"},
		{"save-facts outside in a roundabout way", vars{"INPUT_SAVE-FACTS": "a/../../facts.json"}, actions.InputInvalid, "input save-facts"},
		{"the workspace itself as save-facts", vars{"INPUT_SAVE-FACTS": "."}, actions.InputInvalid, "input save-facts"},
		{"save-facts without a workspace", vars{"INPUT_SAVE-FACTS": "facts.json", "GITHUB_WORKSPACE": ""}, actions.InputInvalid, "GITHUB_WORKSPACE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run, err := actions.Read(branchRun().with(test.vars).env, eventFile(pushEvent("refs/heads/main", commitSHA)))
			wantRefusal(t, run, err, test.code, test.words)
		})
	}
}

func TestReadUnderstandsInputs(t *testing.T) {
	t.Parallel()
	defaults := actions.Inputs{Policy: ".github/stageward.yml", Token: token, FailOn: actions.FailOnWait}
	with := func(change func(*actions.Inputs)) actions.Inputs {
		inputs := defaults
		change(&inputs)
		return inputs
	}
	for _, test := range []struct {
		name string
		vars vars
		want actions.Inputs
	}{
		{"nothing said", vars{"INPUT_FAIL-ON": "", "INPUT_POLICY": ""}, defaults},
		{"the check run of the job", vars{"INPUT_CHECK-RUN-ID": "300001"}, with(func(i *actions.Inputs) { i.CheckRun = 300001 })},
		{"fail-on deny", vars{"INPUT_FAIL-ON": "deny"}, with(func(i *actions.Inputs) { i.FailOn = actions.FailOnDeny })},
		{"fail-on never", vars{"INPUT_FAIL-ON": "never"}, with(func(i *actions.Inputs) { i.FailOn = actions.FailOnNever })},
		{"another policy", vars{"INPUT_POLICY": "deploy/gate.yml"}, with(func(i *actions.Inputs) { i.Policy = "deploy/gate.yml" })},
		{"save-facts", vars{"INPUT_SAVE-FACTS": "out/facts.json"}, with(func(i *actions.Inputs) { i.SaveFacts = "out/facts.json" })},
		{"a stage that nobody has heard of", vars{"INPUT_STAGE": "::x"}, with(func(i *actions.Inputs) { i.Stage = "::x" })},
		{"an input with an underscore is not ours", vars{"INPUT_SAVE_FACTS": "/x", "INPUT_FAIL_ON": "never"}, defaults},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run, err := actions.Read(branchRun().with(test.vars).env, eventFile(pushEvent("refs/heads/main", commitSHA)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, run.Inputs); diff != "" {
				t.Errorf("inputs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInputsStandInForTheCommitOfTheRun(t *testing.T) {
	t.Parallel()
	const third = "1111111111111111111111111111111111111111"
	annotated := pushEvent("refs/tags/v1.2.3", otherSHA)
	for _, test := range []struct {
		name string
		vars vars
		want fact.Subject
	}{
		{"neither", vars{}, fact.Subject{Ref: "refs/tags/v1.2.3", SHA: commitSHA, TagObject: otherSHA}},
		{"the run's own", vars{"INPUT_SHA": commitSHA, "INPUT_REF": "refs/tags/v1.2.3"}, fact.Subject{Ref: "refs/tags/v1.2.3", SHA: commitSHA, TagObject: otherSHA}},
		{"another commit", vars{"INPUT_SHA": third}, fact.Subject{Ref: "refs/tags/v1.2.3", SHA: third, Chosen: true}},
		{"another reference to the same commit", vars{"INPUT_SHA": commitSHA, "INPUT_REF": "refs/heads/main"}, fact.Subject{Ref: "refs/heads/main", SHA: commitSHA, Chosen: true}},
		{"another reference and commit", vars{"INPUT_SHA": third, "INPUT_REF": "refs/tags/v9"}, fact.Subject{Ref: "refs/tags/v9", SHA: third, Chosen: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run, err := actions.Read(tagRun().with(test.vars).env, eventFile(annotated))
			if err != nil {
				t.Fatal(err)
			}
			test.want.Repository = "acme/shop"
			if diff := cmp.Diff(test.want, run.Subject); diff != "" {
				t.Errorf("subject (-want +got):\n%s", diff)
			}
		})
	}
}
