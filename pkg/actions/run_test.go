package actions_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
)

const (
	commitSHA = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"
	otherSHA  = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
	zeroSHA   = "0000000000000000000000000000000000000000"
	token     = "ghs_exampleTokenForTests"
)

// vars are environment variables; "" stands for unset.
type vars map[string]string

// with returns the variables with some changed.
func (v vars) with(changes vars) vars {
	changed := maps.Clone(v)
	maps.Copy(changed, changes)
	return changed
}

func (v vars) env(name string) string { return v[name] }

// branchRun is the environment of a push to the branch main.
func branchRun() vars {
	return vars{
		"GITHUB_ACTIONS":          "true",
		"GITHUB_ACTOR":            "octocat",
		"GITHUB_API_URL":          "https://api.github.com",
		"GITHUB_EVENT_NAME":       "push",
		"GITHUB_EVENT_PATH":       "/github/workflow/event.json",
		"GITHUB_GRAPHQL_URL":      "https://api.github.com/graphql",
		"GITHUB_REF":              "refs/heads/main",
		"GITHUB_REPOSITORY":       "acme/shop",
		"GITHUB_REPOSITORY_ID":    "4711",
		"GITHUB_RUN_ATTEMPT":      "1",
		"GITHUB_RUN_ID":           "1658821493",
		"GITHUB_SERVER_URL":       "https://github.com",
		"GITHUB_SHA":              commitSHA,
		"GITHUB_TRIGGERING_ACTOR": "octocat",
		"GITHUB_WORKFLOW_REF":     "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
		"GITHUB_WORKSPACE":        "/github/workspace",
		"INPUT_FAIL-ON":           "wait",
		"INPUT_POLICY":            ".github/stageward.yml",
		"INPUT_TOKEN":             token,
	}
}

func tagRun() vars { return branchRun().with(vars{"GITHUB_REF": "refs/tags/v1.2.3"}) }

func releaseRun() vars { return tagRun().with(vars{"GITHUB_EVENT_NAME": "release"}) }

func dispatchRun() vars { return branchRun().with(vars{"GITHUB_EVENT_NAME": "workflow_dispatch"}) }

const repositoryField = `"repository": {"id": 4711, "full_name": "acme/shop"}`

func pushEvent(ref, after string) string {
	return fmt.Sprintf(`{"ref": %q, "after": %q, "deleted": false, %s}`, ref, after, repositoryField)
}

func releaseEvent(action, tag, draft string) string {
	return fmt.Sprintf(`{"action": %q, "release": {"tag_name": %q, "draft": %s, "target_commitish": "main"}, %s}`, action, tag, draft, repositoryField)
}

// eventFile is the only file there is.
func eventFile(text string) actions.ReadFile {
	return func(name string, _ int64) ([]byte, error) {
		if name != "/github/workflow/event.json" {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}
}

// wantRefusal fails the test unless err is an *actions.Error with the code
// whose text holds all the words, and nothing but the trigger was returned.
func wantRefusal(t *testing.T, run actions.Run, err error, code actions.Code, words ...string) {
	t.Helper()
	var refusal *actions.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("Read returned %v, want an *actions.Error", err)
	}
	if refusal.Code != code {
		t.Errorf("code is %q, want %q (%v)", refusal.Code, code, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error is %q, want it to hold %q", err, word)
		}
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, refusal, refusal), token) {
		t.Errorf("error shows the token: %v", err)
	}
	known := actions.Run{Trigger: run.Trigger, Workspace: run.Workspace, Inputs: actions.Inputs{FailOn: run.Inputs.FailOn, ConfigFile: run.Inputs.ConfigFile}}
	if diff := cmp.Diff(known, run); diff != "" {
		t.Errorf("run beside an error (-want +got):\n%s", diff)
	}
}

func TestReadRefusesWhatTheRunnerCannotMean(t *testing.T) {
	t.Parallel()
	good := pushEvent("refs/heads/main", commitSHA)
	for _, test := range []struct {
		name  string
		vars  vars
		code  actions.Code
		words string
	}{
		{"no event name", vars{"GITHUB_EVENT_NAME": ""}, actions.RunnerInvalid, "GITHUB_EVENT_NAME"},
		// REF-15
		{"no reference", vars{"GITHUB_REF": ""}, actions.RefInvalid, "GITHUB_REF"},
		{"an empty namespace as reference", vars{"GITHUB_REF": "refs/"}, actions.RefInvalid, "GITHUB_REF"},
		{"a branch without a name", vars{"GITHUB_REF": "refs/heads/"}, actions.RefInvalid, "empty"},
		{"two slashes as reference", vars{"GITHUB_REF": "refs//main"}, actions.RefInvalid, "GITHUB_REF"},
		{"a short reference", vars{"GITHUB_REF": "main"}, actions.RefInvalid, "full name"},
		{"a pull request's reference", vars{"GITHUB_REF": "refs/pull/1/merge"}, actions.RefInvalid, "refs/pull/1/merge"},
		{"no commit", vars{"GITHUB_SHA": ""}, actions.RefInvalid, "GITHUB_SHA"},
		{"a short commit", vars{"GITHUB_SHA": commitSHA[:7]}, actions.RefInvalid, "7 characters"},
		{"a commit in upper case", vars{"GITHUB_SHA": strings.ToUpper(commitSHA)}, actions.RefInvalid, "lower-case"},
		{"no repository", vars{"GITHUB_REPOSITORY": ""}, actions.RunnerInvalid, "owner/name"},
		{"three parts in the repository", vars{"GITHUB_REPOSITORY": "a/b/c"}, actions.RunnerInvalid, "a/b/c"},
		{"a parent folder as owner", vars{"GITHUB_REPOSITORY": "../x"}, actions.RunnerInvalid, "../x"},
		{"a parent folder as name", vars{"GITHUB_REPOSITORY": "acme/.."}, actions.RunnerInvalid, "acme/.."},
		{"an escaped slash in the repository", vars{"GITHUB_REPOSITORY": "a%2Fb"}, actions.RunnerInvalid, "a%2Fb"},
		{"a line break after the repository", vars{"GITHUB_REPOSITORY": "acme/shop\n"}, actions.RunnerInvalid, "owner/name"},
		{"no run", vars{"GITHUB_RUN_ID": ""}, actions.RunnerInvalid, "GITHUB_RUN_ID"},
		{"a negative run", vars{"GITHUB_RUN_ID": "-1"}, actions.RunnerInvalid, "GITHUB_RUN_ID"},
		{"a run that is not a number", vars{"GITHUB_RUN_ID": "10abc"}, actions.RunnerInvalid, "10abc"},
		{"a hexadecimal run", vars{"GITHUB_RUN_ID": "0x10"}, actions.RunnerInvalid, "0x10"},
		{"attempt zero", vars{"GITHUB_RUN_ATTEMPT": "0"}, actions.RunnerInvalid, "GITHUB_RUN_ATTEMPT"},
		{"an attempt with an exponent", vars{"GITHUB_RUN_ATTEMPT": "1e3"}, actions.RunnerInvalid, "1e3"},
		{"no server", vars{"GITHUB_SERVER_URL": ""}, actions.RunnerInvalid, "GITHUB_SERVER_URL"},
		{"no API of the server", vars{"GITHUB_API_URL": ""}, actions.RunnerInvalid, "GITHUB_API_URL"},
		{"no GraphQL of the server", vars{"GITHUB_GRAPHQL_URL": ""}, actions.RunnerInvalid, "GITHUB_GRAPHQL_URL"},
		{"a file as API", vars{"GITHUB_API_URL": "file:///etc/passwd"}, actions.RunnerInvalid, "GITHUB_API_URL"},
		{"an API without a host", vars{"GITHUB_API_URL": "https:///api"}, actions.RunnerInvalid, "GITHUB_API_URL"},
		{"a user name before the host", vars{"GITHUB_API_URL": "https://api.github.com@evil.example"}, actions.RunnerInvalid, "user name"},
		{"a query in the address", vars{"GITHUB_API_URL": "https://evil.example/?api.github.com"}, actions.RunnerInvalid, "nothing more"},
		{"markup in the address", vars{"GITHUB_SERVER_URL": "https://github.com/)[x"}, actions.RunnerInvalid, "nothing more"},
		{"no address at all", vars{"GITHUB_SERVER_URL": "https://[::1"}, actions.RunnerInvalid, "not an address"},
		{"a relative workspace", vars{"GITHUB_WORKSPACE": "work"}, actions.RunnerInvalid, "GITHUB_WORKSPACE"},
		{"no event file", vars{"GITHUB_EVENT_PATH": ""}, actions.RefInvalid, "GITHUB_EVENT_PATH"},
		{"an event file that is not there", vars{"GITHUB_EVENT_PATH": "/gone"}, actions.RefInvalid, "read event file"},
		{"a repository number that is none", vars{"GITHUB_REPOSITORY_ID": "4711x"}, actions.RunnerInvalid, "4711x"},
		{"a repository number with a sign", vars{"GITHUB_REPOSITORY_ID": "+4711"}, actions.RunnerInvalid, "+4711"},
		{"the repository number zero", vars{"GITHUB_REPOSITORY_ID": "0"}, actions.RunnerInvalid, "GITHUB_REPOSITORY_ID"},
		{"another repository number", vars{"GITHUB_REPOSITORY_ID": "4712"}, actions.RefInvalid, "4711"},
		{"another repository name", vars{"GITHUB_REPOSITORY": "acme/other"}, actions.RefInvalid, "acme/shop"},
		{"another case of the repository name", vars{"GITHUB_REPOSITORY": "Acme/shop"}, actions.RefInvalid, "acme/shop"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run, err := actions.Read(branchRun().with(test.vars).env, eventFile(good))
			wantRefusal(t, run, err, test.code, test.words)
		})
	}
}

func TestReadReturnsTheWholeRun(t *testing.T) {
	t.Parallel()
	environment := branchRun().with(vars{
		"GITHUB_RUN_ATTEMPT":      "3",
		"GITHUB_TRIGGERING_ACTOR": "hubot",
		"INPUT_STAGE":             " staging ",
		"RUNNER_DEBUG":            "1",
	})
	got, err := actions.Read(environment.env, eventFile(pushEvent("refs/heads/main", commitSHA)))
	if err != nil {
		t.Fatal(err)
	}
	want := actions.Run{
		RepositoryID: 4711,
		Subject:      fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: commitSHA},
		Trigger: fact.Trigger{
			Event: "push", Actor: "octocat", TriggeringActor: "hubot", Stage: "staging",
			RunID: 1658821493, RunAttempt: 3,
			RunURL:      "https://github.com/acme/shop/actions/runs/1658821493/attempts/3",
			WorkflowRef: "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
			RunRef:      "refs/heads/main", RunSHA: got.Subject.SHA,
		},
		ServerURL: "https://github.com", APIURL: "https://api.github.com", GraphQLURL: "https://api.github.com/graphql",
		Workspace: "/github/workspace", Debug: true,
		Inputs: actions.Inputs{Policy: ".github/stageward.yml", Stage: "staging", Token: token, FailOn: actions.FailOnWait},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Read (-want +got):\n%s", diff)
	}
}

func TestReadOfAnOlderServer(t *testing.T) {
	t.Parallel()
	environment := branchRun().with(vars{
		"GITHUB_RUN_ATTEMPT": "", "GITHUB_REPOSITORY_ID": "", "GITHUB_TRIGGERING_ACTOR": "", "GITHUB_WORKFLOW_REF": "",
		"GITHUB_SERVER_URL": "https://github.acme.example:8443/", "GITHUB_API_URL": "https://github.acme.example:8443/api/v3/",
	})
	got, err := actions.Read(environment.env, eventFile(pushEvent("refs/heads/main", commitSHA)))
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://github.acme.example:8443/acme/shop/actions/runs/1658821493"; got.Trigger.RunURL != want {
		t.Errorf("RunURL is %q, want %q", got.Trigger.RunURL, want)
	}
	if want := "https://github.acme.example:8443/api/v3"; got.APIURL != want {
		t.Errorf("APIURL is %q, want %q", got.APIURL, want)
	}
	if got.RepositoryID != 0 {
		t.Errorf("RepositoryID is guessed: %d", got.RepositoryID)
	}
	if got.Trigger.TriggeringActor != "" {
		t.Errorf("TriggeringActor is guessed: %q", got.Trigger.TriggeringActor)
	}
}

func TestReadNoticesWhatAnEarlierStepCanSet(t *testing.T) {
	t.Parallel()
	names := []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GODEBUG"}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const value = "http://user:password@proxy.example"
			got, err := actions.Read(branchRun().with(vars{name: value}).env, eventFile(pushEvent("refs/heads/main", commitSHA)))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Notices) != 1 || !strings.HasPrefix(got.Notices[0], name+" is set") {
				t.Errorf("notices are %q, want one about %s", got.Notices, name)
			}
			if strings.Contains(strings.Join(got.Notices, ""), "password") {
				t.Errorf("a notice shows the value: %q", got.Notices)
			}
		})
	}
}

func TestARunDoesNotShowItsToken(t *testing.T) {
	t.Parallel()
	got, err := actions.Read(branchRun().env, eventFile(pushEvent("refs/heads/main", commitSHA)))
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %s %q", got, got, got, got.Inputs.Token, got.Inputs.Token) + string(encoded)
	if strings.Contains(shown, token) {
		t.Errorf("the token is shown: %s", shown)
	}
	if empty := actions.Secret(""); empty.String() != "" {
		t.Errorf("no token is shown as %q, as if there were one", empty)
	}
	if got.Inputs.Token.Reveal() != token {
		t.Errorf("Reveal returns %q", got.Inputs.Token.Reveal())
	}
}
