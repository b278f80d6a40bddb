package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/githubtest"
	"github.com/stageward/stageward/pkg/internal/scale"
)

// stall is a GitHub with one release, in a process of its own: the process that
// starts the program has to be small, because the system counts its memory as the
// program's for the moment before the program begins.
type stall struct {
	checks  int
	latency time.Duration
	folder  string
}

// serve listens until the context ends. Its first line is the environment of the
// run that is to be measured, as JSON.
func (s stall) serve(ctx context.Context, out io.Writer) error {
	double, err := githubtest.New(scale.World(scale.Size{Checks: s.checks}))
	if err != nil {
		return err
	}
	site := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(s.latency)
		double.ServeHTTP(w, r)
	}))
	site.EnableHTTP2 = true // as GitHub has it
	site.StartTLS()
	defer site.Close()
	env, err := s.environment(double, site)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(env); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// environment returns the variables of a run for the release, with its files in place.
func (s stall) environment(double *githubtest.Server, site *httptest.Server) (map[string]string, error) {
	run, err := double.Run(githubtest.Event{Ref: scale.Tag, Actor: "olga"})
	if err != nil {
		return nil, err
	}
	env := maps.Clone(run.Env)
	env["INPUT_TOKEN"], env["INPUT_POLICY"] = double.Token(), actions.DefaultPolicy
	// As in the image: all the roots, in one file.
	trusted, err := os.ReadFile(rootsIn(s.folder))
	if err != nil {
		return nil, err
	}
	env["SSL_CERT_DIR"] = filepath.Join(s.folder, "none")
	env["GITHUB_SERVER_URL"], env["GITHUB_API_URL"], env["GITHUB_GRAPHQL_URL"] = site.URL, site.URL+"/api/v3", site.URL+"/api/graphql"
	for variable, content := range map[string][]byte{
		"GITHUB_EVENT_PATH": run.Payload, "GITHUB_OUTPUT": nil, "GITHUB_STEP_SUMMARY": nil,
		"SSL_CERT_FILE": append(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: site.Certificate().Raw})...),
	} {
		env[variable] = filepath.Join(s.folder, fmt.Sprintf("%s-%d", variable, s.checks))
		if err := os.WriteFile(env[variable], content, 0o600); err != nil {
			return nil, err
		}
	}
	return env, nil
}
