package github_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/githubtest"
)

const deployFile = ".github/workflows/deploy.yml"

var byDeploy = fact.RangeFrom{Workflow: deployFile, Job: "deploy"}

// deployed is what rangeWorld says of the deployment of c1.
const deployed = "  - {commit: c1, name: deploy, workflow: " + deployFile + ", run-id: 490, minutes-ago: 500}\n"

// rangeWorld is main with the commits c0, c1, m1 and c2. m1 merges f1 and f2,
// which fork off before c1. More commits, checks and runs can be added.
func rangeWorld(commits, checks, runs string) string {
	return `repository: acme/shop
time: 2026-11-17T10:00:00Z
page-size: 100
people:
  alice: {id: 11, permission: write, key: ssh}
  dave: {id: 14, permission: admin, key: ssh}
  merger[bot]: {id: 15, kind: bot}
commits:
  - {name: c0, by: dave}
  - {name: c1, by: dave, signed: dave}
  - {name: f1, branch: thing, parents: [c0], by: alice}
  - {name: f2, branch: thing, by: alice, signed: alice}
  - {name: m1, branch: main, parents: [c1, f2], by: dave, signed: github}
  - {name: c2, branch: main, by: dave, signed: dave}
` + commits + `pulls:
  - {number: 7, author: alice, head: thing, commits: [f1, f2], merged-by: "merger[bot]", merge-commit: m1}
  - {number: 8, base-repository: eve/shop, author: alice, commits: [f2], merged-by: alice, merge-commit: m1}
checks:
  - {commit: c0, name: lint, minutes-ago: 900}
` + checks + "workflow-runs:\n  - {commit: c0, workflow: .github/workflows/ci.yml, run-id: 401, minutes-ago: 900}\n" + runs
}

// spoiler changes answers on their way to the reader.
type spoiler struct {
	base   http.RoundTripper
	change func(path string, answer object)
}

func (s spoiler) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.base.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	var answer object
	err = json.NewDecoder(resp.Body).Decode(&answer)
	if err == nil {
		s.change(strings.TrimPrefix(req.URL.Path, "/api/v3/repos/acme/shop"), answer)
		err = resp.Body.Close()
	}
	if answer["status"] == "404" { // as GitHub's own refusals say
		resp.StatusCode = http.StatusNotFound
	}
	text, bad := json.Marshal(answer)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	if bad != nil {
		return nil, bad
	}
	return resp, err
}

// rangeDouble starts a double; its reader, which has read the overview, is of the
// commit c2 on a reference.
type rangeDouble struct {
	*githubtest.Server
	*github.Reader
}

func newRange(t *testing.T, world string, ref fact.Ref, change func(server *githubtest.Server, path string, answer object), faults ...githubtest.Fault) rangeDouble {
	t.Helper()
	server := started(t, world, faults)
	config := reaching(t, server)
	if change != nil {
		config.Transport = spoiler{config.Transport, func(path string, answer object) { change(server, path, answer) }}
	}
	subject := fact.Subject{Repository: "acme/shop", Ref: ref, SHA: fact.SHA(server.SHA("c2"))}
	reader, err := github.NewReader(config, subject, policyPath)
	if err != nil {
		t.Fatal(err)
	}
	reader.Overview(t.Context())
	t.Cleanup(func() {
		for _, violation := range append(server.Violations(), server.UnusedFaults()...) {
			t.Error(violation)
		}
	})
	return rangeDouble{server, reader}
}

// short is a range as the names of its commits in the World.
func (d rangeDouble) short(span fact.Range) string {
	name := func(sha fact.SHA) string {
		for _, name := range strings.Fields("c0 c1 f1 f2 m1 c2 x1 x2") {
			if d.SHA(name) == string(sha) {
				return name
			}
		}
		return string(sha)
	}
	text := name(span.Base.Commit.SHA) + ":"
	for _, each := range span.Commits {
		text += " " + name(each.Commit.SHA)
	}
	if span.Run != nil {
		text += fmt.Sprintf(" (run %d.%d)", span.Run.ID, span.Run.Attempt)
	}
	return text
}

// asked returns the requests after the overview.
func (d rangeDouble) asked() []githubtest.Request { return d.Requests()[1:] }
