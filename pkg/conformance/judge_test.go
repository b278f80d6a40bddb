package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/conformance"
)

const (
	smallWorld = "repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npeople: { olga: { permission: maintain } }\ncommits: [{ name: c1, by: olga }]\n"
	smallCase  = "It is about nothing.\n-- case.json --\n{\"world\": \"small\", \"event\": {\"ref\": \"refs/heads/main\", \"actor\": \"olga\"}}\n"
	allowing   = "-- expect.json --\n{\"exit\": 0, \"decision\": \"allow\", \"reason_code\": \"ready\", \"commit\": \"c1\", \"stage\": \"staging\", \"unmet\": [], \"gates\": {\"fresh\": {\"outcome\": \"pass\"}}, \"names\": [\"said\"], \"never\": {\"said\": [\"secret\"]}}\n"
	denying    = "-- expect.json --\n{\"exit\": 1, \"decision\": \"deny\", \"reason_code\": \"fresh.never\", \"commit\": \"c1\", \"stage\": \"staging\", \"unmet\": [\"fresh\"]}\n"
)

func packOf(text string) fstest.MapFS {
	return fstest.MapFS{"worlds/small.yml": {Data: []byte(smallWorld)}, "cases/gate/one.txtar": {Data: []byte(text)}}
}

// build is a subject that answers by heart, rightly but for one thing.
type build struct {
	code            int
	outputs         map[string]string
	result          map[string]any
	stdout, summary string
	extra           string // at the end of the file of outputs
	ask             bool   // it writes to GitHub
}

// right is what a build that is right says in the case that is allowed.
func right(sha string) build {
	outputs := map[string]string{}
	for name := range declared() {
		outputs[name] = ""
	}
	maps.Copy(outputs, map[string]string{"decision": "allow", "allowed": "true", "reason-code": "ready", "stage": "staging", "sha": sha, "receipt": "{}"})
	return build{outputs: outputs, stdout: "::add-mask::<token>\nsaid\n", summary: "said\n", result: map[string]any{
		"schema_version": 1, "decision": "allow", "reason_code": "ready", "subject": map[string]any{"sha": sha}, "stage": map[string]any{"name": "staging"},
		"findings": []any{map[string]any{"gate": "fresh", "mode": "enforce", "outcome": "pass"}},
	}}
}

func (b build) run(ctx context.Context, call conformance.Call) (conformance.Ended, error) {
	env := call.Local()
	result, err := json.Marshal(b.result)
	if err != nil {
		return conformance.Ended{}, err
	}
	b.outputs["result"] = string(result)
	var file strings.Builder
	for _, name := range slices.Sorted(maps.Keys(b.outputs)) {
		fmt.Fprintf(&file, "%s<<end\n%s\nend\n", name, b.outputs[name])
	}
	if err := os.WriteFile(env["GITHUB_OUTPUT"], []byte(file.String()+b.extra), 0o600); err != nil {
		return conformance.Ended{}, err
	}
	if err := os.WriteFile(env["GITHUB_STEP_SUMMARY"], []byte(b.summary), 0o600); err != nil {
		return conformance.Ended{}, err
	}
	if b.ask {
		request, err := http.NewRequestWithContext(ctx, http.MethodDelete, env["GITHUB_API_URL"]+"/repos/acme/shop", nil)
		if err != nil {
			return conformance.Ended{}, err
		}
		answer, err := trusting(env["SSL_CERT_FILE"]).Do(request)
		if err != nil {
			return conformance.Ended{}, err
		}
		answer.Body.Close()
	}
	return conformance.Ended{Code: b.code, Stdout: strings.ReplaceAll(b.stdout, "<token>", env["INPUT_TOKEN"])}, nil
}

func trusting(authority string) *http.Client {
	transport, err := trust(authority)
	if err != nil {
		return http.DefaultClient
	}
	return &http.Client{Transport: transport}
}

// declared are the outputs of action.yml.
func declared() map[string]any {
	var action struct{ Outputs map[string]any }
	if text, err := os.ReadFile("../../action.yml"); err == nil {
		_ = yaml.Unmarshal(text, &action)
	}
	return action.Outputs
}

func TestABuildThatIsWrongFails(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		expect string
		spoil  func(*build)
		want   string // part of a difference
	}{
		{"it allows what is denied", denying, func(*build) {}, "a later step would deploy"},
		{"it says another decision", allowing, func(b *build) { b.outputs["decision"] = "deny" }, `output decision: got "deny", want "allow"`},
		{"it allows and says no commit", allowing, func(b *build) { b.outputs["sha"] = "" }, "output sha"},
		{"it allows another commit", allowing, func(b *build) { b.result["subject"] = map[string]any{"sha": "1"} }, "commit c1"},
		{"it sets no receipt", allowing, func(b *build) { b.outputs["receipt"] = "" }, "receipt"},
		{"it leaves an output out", allowing, func(b *build) { delete(b.outputs, "stage") }, "output stage is not set"},
		{"it ends with another code", allowing, func(b *build) { b.code = 1 }, "exit code: got 1, want 0"},
		{"it says another reason", allowing, func(b *build) { b.outputs["reason-code"] = "ok" }, "output reason-code"},
		{"the JSON says another reason", allowing, func(b *build) { b.result["reason_code"] = "ok" }, "reason_code"},
		{"the JSON says another stage", allowing, func(b *build) { b.result["stage"] = nil }, "stage"},
		{"a gate says something else", allowing, func(b *build) {
			b.result["findings"] = []any{map[string]any{"gate": "fresh", "mode": "warn", "outcome": "pass"}}
		}, "gate fresh: got pass  (warn), want pass  (enforce)"},
		{"a gate is not asked", allowing, func(b *build) { b.result["findings"] = nil }, "gate fresh: got nothing"},
		{"another gate is in the way", allowing, func(b *build) {
			b.result["findings"] = []any{map[string]any{"gate": "promoted", "mode": "enforce", "outcome": "unknown"}}
		}, `unmet gates: got "promoted", want ""`},
		{"there is no JSON", allowing, func(b *build) { b.result = nil }, "schema_version"},
		{"it sets an output that nobody declared", allowing, func(b *build) { b.outputs["deploy"] = "yes" }, `"deploy"`},
		{"it sets an output twice", allowing, func(b *build) { b.extra = "sha=1\n" }, "sha is set twice"},
		{"its file cannot be read", allowing, func(b *build) { b.extra = "x<<y\n" }, "delimiter is missing"},
		{"it shows the token", allowing, func(b *build) { b.stdout += "<token>\n" }, "a token is shown"},
		{"it does not hide the token", allowing, func(b *build) { b.stdout = "said\n" }, "not hidden"},
		{"it gives the runner a command", allowing, func(b *build) { b.stdout += "::set-output name=allowed::true\n" }, `"set-output"`},
		{"it gives the runner an old command", allowing, func(b *build) { b.stdout += "x ##[add-path]/evil\n" }, `"add-path"`},
		{"it says what it must not", allowing, func(b *build) { b.summary += "secret" }, `it says "secret"`},
		{"it does not say what it has to", allowing, func(b *build) { b.stdout, b.summary = "", "" }, `nobody is told of "said"`},
		{"its summary is dropped", allowing, func(b *build) { b.summary += strings.Repeat("x", 1<<20) }, "a runner drops it"},
		{"it changes something at GitHub", allowing, func(b *build) { b.ask = true }, "a decision changes nothing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			cases, err := conformance.Load(packOf(smallCase + row.expect))
			if err != nil {
				t.Fatal(err)
			}
			result := conformance.Play(t.Context(), cases[0], conformance.ModeAction, func(ctx context.Context, call conformance.Call) (conformance.Ended, error) {
				made := right(call.Env["GITHUB_SHA"])
				row.spoil(&made)
				return made.run(ctx, call)
			}, t.TempDir())
			if result.Passed() || !strings.Contains(strings.Join(result.Differences, "\n"), row.want) {
				t.Errorf("differences %q, want one with %q", result.Differences, row.want)
			}
		})
	}
	// It sets everything that action.yml declares, so the pack knows all of it.
	t.Run("a build that is right passes", func(t *testing.T) {
		t.Parallel()
		cases, err := conformance.Load(packOf(smallCase + allowing))
		if err != nil {
			t.Fatal(err)
		}
		result := conformance.Play(t.Context(), cases[0], conformance.ModeAction, func(ctx context.Context, call conformance.Call) (conformance.Ended, error) {
			return right(call.Env["GITHUB_SHA"]).run(ctx, call)
		}, t.TempDir())
		if !result.Passed() {
			t.Errorf("differences: %q", result.Differences)
		}
	})
}

func TestPacksThatAreNotRead(t *testing.T) {
	t.Parallel()
	const silent = "-- expect.json --\n{\"exit\": 3, \"silent\": true, \"commit\": \"\", \"stage\": \"\", \"unmet\": []}\n"
	for _, row := range []struct{ name, text, want string }{
		{"a case that says not what it is about", strings.TrimPrefix(smallCase, "It is about nothing.\n") + allowing, "what it is about"},
		{"a case that expects nothing", smallCase, "want case.json and expect.json"},
		{"a field that nobody reads", smallCase + strings.Replace(allowing, `"exit"`, `"exits"`, 1), "exits"},
		{"two documents", smallCase + allowing + "{}\n", "one JSON document"},
		{"a file twice", smallCase + allowing + allowing, "expect.json is there twice"},
		{"a file that nobody reads", smallCase + allowing + "-- wrold.yml --\n", "wrold.yml"},
		{"a file that leaves the workspace", smallCase + allowing + "-- workspace/../x --\n", "workspace/../x"},
		{"a world that is not there", strings.Replace(smallCase, "small", "large", 1) + allowing, "large.yml"},
		{"a world with a misspelt key", smallCase + allowing + "-- world.yml --\nchekcs: []\n", "chekcs"},
		{"a world that is a list", smallCase + allowing + "-- world.yml --\n- a\n", "want a mapping"},
		{"a policy in two places", smallCase + allowing + "-- world.yml --\ncommits: [{ name: c1, by: olga, files: { .github/stageward.yml: x } }]\n-- policy.yml --\nx\n", "a policy already"},
		{"a policy for no commit", smallCase + allowing + "-- world.yml --\ncommits: []\n-- policy.yml --\nx\n", "no commit"},
		{"an allow that fails", smallCase + strings.Replace(allowing, `"exit": 0`, `"exit": 1`, 1), "an allow has"},
		{"an allow with a gate that is not met", smallCase + strings.Replace(allowing, `"unmet": []`, `"unmet": ["fresh"]`, 1), "an allow has"},
		{"an error that fails like a deny", smallCase + strings.Replace(denying, `"deny"`, `"error"`, 1), "2 or 3"},
		{"a decision that there is not", smallCase + strings.Replace(denying, `"deny"`, `"no"`, 1), "want decision"},
		{"a silent case for the command line", smallCase + silent, "only a runner"},
		{"an event that the command line has not", strings.Replace(smallCase, `"actor"`, `"attempt": 2, "actor"`, 1) + denying, "only a runner"},
		{"an input that the command line has not", strings.Replace(smallCase, `{"world"`, `{"inputs": {"environment": "x"}, "world"`, 1) + denying, `no "environment"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if _, err := conformance.Load(packOf(row.text)); err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "cases/gate/one.txtar") {
				t.Errorf("error = %v, want one with %q and the file", err, row.want)
			}
		})
	}
	if _, err := conformance.Load(fstest.MapFS{}); err == nil {
		t.Error("a folder that is no pack was read")
	}
}

// A runner passes the defaults of action.yml, and the pack passes them too.
func TestTheDefaultsAreThoseOfTheAction(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs map[string]struct{ Default string }
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	cases, err := conformance.Load(packOf(smallCase + allowing))
	if err != nil {
		t.Fatal(err)
	}
	conformance.Play(t.Context(), cases[0], conformance.ModeAction, func(_ context.Context, call conformance.Call) (conformance.Ended, error) {
		for name, input := range action.Inputs {
			got, there := call.Env["INPUT_"+strings.ToUpper(name)]
			if wanted := input.Default; !strings.Contains(wanted, "${{") && (got != wanted || there != (wanted != "")) {
				t.Errorf("input %s is %q (%t), want %q", name, got, there, wanted)
			}
		}
		return conformance.Ended{}, nil
	}, t.TempDir())
}

func TestACommandIsRunWithWhatTheCaseSays(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "workspace"), 0o755); err != nil {
		t.Fatal(err)
	}
	ended, err := conformance.Command([]string{"/bin/sh", "-c", `printf '%s|' "$0" "$1" "$A" "$B" "$HOME"; pwd; echo no >&2; exit 3`}, os.Getenv("PATH"))(t.Context(), conformance.Call{
		Args: []string{"gate", "--x"}, Env: map[string]string{"A": "/github/workflow/e.json", "B": "/githubs"}, Folder: folder,
	})
	want := "gate|--x|" + folder + "/workflow/e.json|/githubs||" + folder + "/workspace\n"
	if err != nil || ended.Code != 3 || ended.Stdout != want || ended.Stderr != "no\n" {
		t.Errorf("%+v, %v; want %q", ended, err, want)
	}
	if _, err := conformance.Command([]string{filepath.Join(folder, "none")}, "")(t.Context(), conformance.Call{Folder: folder}); err == nil {
		t.Error("a program that is not there ended")
	}
}

// The engine is a script here, which says what it was told.
func TestAnImageIsRunAsARunnerDoes(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "docker"), []byte("#!/bin/sh\nprintf '%s\\n' \"$@\"\ncase \"$*\" in *broken*) exit 125;; esac\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	call := conformance.Call{Args: []string{"action"}, Env: map[string]string{"B": "/github/x", "A": "a b"}, Folder: "/tmp/step"}
	ended, err := conformance.Image("stageward:dev")(t.Context(), call)
	want := "run\n--rm\n--network\nhost\n--workdir\n/github/workspace\n--volume\n/tmp/step:/github\n--env\nA=a b\n--env\nB=/github/x\nstageward:dev\naction\n"
	if err != nil || ended.Code != 1 || ended.Stdout != want {
		t.Errorf("%+v, %v; want %q", ended, err, want)
	}
	if _, err := conformance.Image("broken")(t.Context(), call); err == nil {
		t.Error("an engine that cannot run the image is not told from an image that fails")
	}
}

func TestResultsAreShown(t *testing.T) {
	t.Parallel()
	results := []conformance.Result{
		{Case: "ref/a", Group: "REF", Mode: conformance.ModeAction},
		{Case: "chk/b", Group: "CHK", Mode: conformance.ModeAction, Differences: []string{"exit code: got 0, want 1", "it says \x1b[2J"}},
		{Case: "chk/c", Group: "CHK", Mode: conformance.ModeGate, Skipped: "only a runner"},
	}
	want := "FAIL chk/b (action)\n     exit code: got 0, want 1\n     it says \\x1b[2J\nCHK     0 passed    1 failed    1 for the action only\nREF     1 passed    0 failed\nall     1 passed    1 failed\n"
	if got := conformance.Text(results); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
