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
		{"white space as people token", vars{"INPUT_PEOPLE-TOKEN": " "}, actions.Unauthorized, "input people-token holds white space"},
		{"a people token with a line break at its end", vars{"INPUT_PEOPLE-TOKEN": token + "\n"}, actions.Unauthorized, "input people-token holds white space"},
		{"a people token with a header after it", vars{"INPUT_PEOPLE-TOKEN": token + "\r\nX-Evil: 1"}, actions.Unauthorized, "input people-token holds white space"},
		{"a deploying job that passes on a deny", vars{"INPUT_ENVIRONMENT": "production", "INPUT_FAIL-ON": "never"}, actions.InputInvalid, "counts as a deployment"},
		{"a deploying job that passes on a wait", vars{"INPUT_ENVIRONMENT": "production", "INPUT_FAIL-ON": "deny"}, actions.InputInvalid, "counts as a deployment"},
		{"a rollback that is neither yes nor no", vars{"INPUT_ROLLBACK": "yes"}, actions.InputInvalid, "want true or false"},
		{"a rollback in upper case", vars{"INPUT_ROLLBACK": "True"}, actions.InputInvalid, "want true or false"},
		{"a reason that is a document", vars{"INPUT_BREAK-GLASS": strings.Repeat("a", 501)}, actions.InputInvalid, "501 bytes; want 500"},
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
		{"absolute config-file", vars{"INPUT_CONFIG-FILE": "/github/file_commands/x.env"}, actions.InputInvalid, "input config-file"},
		{"config-file outside", vars{"INPUT_CONFIG-FILE": "../stage.env"}, actions.InputInvalid, "input config-file"},
		{"config-file outside in a roundabout way", vars{"INPUT_CONFIG-FILE": "a/../../stage.env"}, actions.InputInvalid, "input config-file"},
		{"config-file with a line break", vars{"INPUT_CONFIG-FILE": "a\nb.env"}, actions.InputInvalid, "input config-file"},
		{"config-file of no format", vars{"INPUT_CONFIG-FILE": "stage"}, actions.InputInvalid, "ends with .env, .json, .yml or .yaml"},
		{"config-file of an unknown format", vars{"INPUT_CONFIG-FILE": "stage.toml"}, actions.InputInvalid, "ends with .env, .json, .yml or .yaml"},
		{"config-file without a workspace", vars{"INPUT_CONFIG-FILE": "stage.env", "GITHUB_WORKSPACE": ""}, actions.InputInvalid, "GITHUB_WORKSPACE"},
		{"config-file and save-facts in one", vars{"INPUT_CONFIG-FILE": "a.json", "INPUT_SAVE-FACTS": "a.json"}, actions.InputInvalid, "are one file"},
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

// POL-03. The fix has to say what to write.
func TestAPolicyPathIsWrittenInOneWay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, path, words string }{
		{"an absolute path", "/etc/p", "slash at either end"},
		{"a parent folder", "../p", `".."`},
		{"a parent folder in a roundabout way", ".github/../../x.yml", `".."`},
		{"a dot as part", "a/./b", `"."`},
		{"a dot alone", ".", `"."`},
		{"an empty part", "a//b", "two in a row"},
		{"backslashes", `a\b`, "letters, digits"},
		{"a parent folder with backslashes", `.github\..\x.yml`, "letters, digits"},
		{"an escaped parent folder", "%2e%2e/p", "letters, digits"},
		{"a folder", ".github/", "slash at either end"},
		{"nothing", "", "is empty"},
		{"a control character", "a\nb", "letters, digits"},
		{"a space", "a b", "letters, digits"},
		{"a letter that looks like another", "р.yml", "letters, digits"},
		{"bytes that are not UTF-8", "a\xffb", "letters, digits"},
		{"a colon, which git takes for the end of a revision", "main:p", "letters, digits"},
		{"a path that no file has", strings.Repeat("a", 256), "256 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			words := []string{test.words, "such as .github/stageward.yml"}
			run, err := actions.Read(branchRun().with(vars{"INPUT_POLICY": test.path}).env, eventFile(pushEvent("refs/heads/main", commitSHA)))
			wantRefusal(t, run, err, actions.InputInvalid, append(words, "input policy")...)
			wantRefusal(t, actions.Run{}, actions.CheckPolicyPath("--policy", test.path), actions.InputInvalid, append(words, "--policy")...)
		})
	}
	for _, path := range []string{".github/stageward.yml", "p", "a/b-c_d/.e..f", strings.Repeat("a", 255)} {
		if err := actions.CheckPolicyPath("--policy", path); err != nil {
			t.Error(err)
		}
	}
}

// The exit code of a refusal depends on fail-on, so it is known beside one.
func TestARefusalComesWithFailOn(t *testing.T) {
	t.Parallel()
	fork := vars{"GITHUB_EVENT_NAME": "issue_comment", "INPUT_TOKEN": ""}
	event := eventFile(pushEvent("refs/heads/main", commitSHA))
	for text, want := range map[string]actions.FailOn{"": actions.FailOnWait, "wait": actions.FailOnWait, "deny": actions.FailOnDeny, "never": actions.FailOnNever} {
		run, err := actions.Read(branchRun().with(fork).with(vars{"INPUT_FAIL-ON": text}).env, event)
		wantRefusal(t, run, err, actions.EventUnsupported, "issue_comment")
		if run.Inputs.FailOn != want {
			t.Errorf("%q: fail-on is %q, want %q", text, run.Inputs.FailOn, want)
		}
	}
	run, err := actions.Read(branchRun().with(fork).with(vars{"INPUT_FAIL-ON": "nevr"}).env, event)
	wantRefusal(t, run, err, actions.InputInvalid, "wait, deny, never")
	if run.Inputs.FailOn != "" {
		t.Errorf("fail-on that nobody understands is %q", run.Inputs.FailOn)
	}
}

func TestOnlyANoThatIsUnderstoodIsOne(t *testing.T) {
	t.Parallel()
	for code, want := range map[actions.Code]bool{
		"": false, actions.RunnerInvalid: false, actions.RefInvalid: false, actions.InputInvalid: false, actions.Unauthorized: false, actions.OutputFailed: false,
		actions.EventUnsupported: true, actions.Fork: true,
	} {
		if got := (&actions.Error{Code: code}).Understood(); got != want {
			t.Errorf("%q is understood: %t", code, got)
		}
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
		{"nothing said", vars{"INPUT_FAIL-ON": ""}, defaults},
		{"white space around", vars{"INPUT_FAIL-ON": " wait\n", "INPUT_POLICY": " .github/stageward.yml\n"}, defaults},
		{"the environment of the job", vars{"INPUT_ENVIRONMENT": "Production"}, with(func(i *actions.Inputs) { i.Environment = "Production" })},
		{"a rollback", vars{"INPUT_ROLLBACK": "true"}, with(func(i *actions.Inputs) { i.Rollback = true })},
		{"no rollback", vars{"INPUT_ROLLBACK": "false"}, defaults},
		{"an emergency", vars{"INPUT_BREAK-GLASS": " the database is down \n"}, with(func(i *actions.Inputs) { i.BreakGlass = "the database is down" })},
		{"an emergency of nothing but blanks", vars{"INPUT_BREAK-GLASS": " \n\t"}, defaults},
		{"the check run of the job", vars{"INPUT_CHECK-RUN-ID": "300001"}, with(func(i *actions.Inputs) { i.CheckRun = 300001 })},
		{"a token for people", vars{"INPUT_PEOPLE-TOKEN": "ghs_people"}, with(func(i *actions.Inputs) { i.PeopleToken = "ghs_people" })},
		{"an empty token for people", vars{"INPUT_PEOPLE-TOKEN": ""}, defaults},
		{"fail-on deny", vars{"INPUT_FAIL-ON": "deny"}, with(func(i *actions.Inputs) { i.FailOn = actions.FailOnDeny })},
		{"fail-on never", vars{"INPUT_FAIL-ON": "never"}, with(func(i *actions.Inputs) { i.FailOn = actions.FailOnNever })},
		{"another policy", vars{"INPUT_POLICY": "deploy/gate.yml"}, with(func(i *actions.Inputs) { i.Policy = "deploy/gate.yml" })},
		{"save-facts", vars{"INPUT_SAVE-FACTS": "out/facts.json"}, with(func(i *actions.Inputs) { i.SaveFacts = "out/facts.json" })},
		{"a file for the configuration", vars{"INPUT_CONFIG-FILE": "out/stage.env"}, with(func(i *actions.Inputs) { i.ConfigFile = "out/stage.env" })},
		{"a hidden file for the configuration", vars{"INPUT_CONFIG-FILE": ".env"}, with(func(i *actions.Inputs) { i.ConfigFile = ".env" })},
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

// They are known however wrong the rest is: they are masked before it is read.
func TestSecretsAreKnownBeforeTheInputsAreRead(t *testing.T) {
	t.Parallel()
	env := vars{"INPUT_TOKEN": token + "\n", "INPUT_PEOPLE-TOKEN": "ghs_people"}.env
	if diff := cmp.Diff([]actions.Secret{token + "\n", "ghs_people"}, actions.Secrets(env)); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
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
