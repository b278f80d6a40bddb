package cli_test

import (
	"bytes"
	"crypto/rand"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

// silent is a server that never answers.
type silent struct{}

func (silent) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// Whatever is asked, and whoever asks: nobody waits longer than a minute. The clock
// is the bubble's.
func TestASilentServerCostsAMinuteAtMost(t *testing.T) {
	t.Parallel()
	server := newSweep(t, "").server
	run, err := server.Run(githubtest.Event{Ref: "refs/heads/main", Actor: "olga"})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	env := map[string]string{
		"GITHUB_TOKEN": server.Token(), "INPUT_TOKEN": server.Token(), "INPUT_POLICY": ".github/stageward.yml", "GITHUB_WORKSPACE": folder,
		"GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": "https://api.github.com", "GITHUB_GRAPHQL_URL": "https://api.github.com/graphql",
	}
	for name, text := range map[string][]byte{"GITHUB_EVENT_PATH": run.Payload, "GITHUB_OUTPUT": {}, "GITHUB_STEP_SUMMARY": {}} {
		env[name] = filepath.Join(folder, strings.ToLower(name))
		if err := os.WriteFile(env[name], text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range run.Env {
		if env[name] == "" {
			env[name] = value
		}
	}
	for _, row := range []struct {
		name    string
		args    []string
		command string // of the step
		code    int
	}{
		{"a gate on the command line", []string{"gate", "--repo", "acme/shop", "--ref", "refs/heads/main"}, "", 3},
		{"an audit on the command line", []string{"audit", "--repo", "acme/shop"}, "", 3},
		{"a lock", []string{"lock", "--stage", "staging", "--repo", "acme/shop", "--reason", "x"}, "", 3},
		{"a step", []string{"action"}, "", 3},
		{"a step that audits", []string{"action"}, "audit", 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			own := maps.Clone(env)
			own["INPUT_COMMAND"] = row.command
			synctest.Test(t, func(t *testing.T) {
				var out, errs bytes.Buffer
				began := time.Now()
				code := cli.Main(t.Context(), row.args, cli.System{
					Getenv: func(name string) string { return own[name] }, Stdout: &out, Stderr: &errs,
					Now: time.Now, Random: rand.Reader, Transport: silent{},
				})
				if took := time.Since(began); took > time.Minute || took < 30*time.Second {
					t.Errorf("it took %v", took)
				}
				text := out.String() + errs.String()
				if code != row.code || !strings.Contains(text, "no answer within the time limit") || strings.Contains(text, server.Token()+" ") {
					t.Errorf("exit code %d, want %d:\n%s", code, row.code, text)
				}
				outputs, err := os.ReadFile(env["GITHUB_OUTPUT"])
				if err != nil || strings.Contains(string(outputs), "allow\n") || strings.Contains(string(outputs), "true\n") {
					t.Errorf("outputs %q, error %v", outputs, err)
				}
			})
		})
	}
}
