package github_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/githubtest"
)

// recordWorld is what a record is written to. Faults follow.
const recordWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {permission: write}}
commits: [{name: c0, by: olga}, {name: c1, by: olga}, {name: c2, by: olga}]
token: {permissions: {deployments: write}}
`

const (
	recordPath = "/repos/acme/shop/deployments"
	postRecord = "POST " + recordPath
	postState  = postRecord + "/800001/statuses"
	ourPayload = `{stageward: 1, run_id: 9001, run_attempt: 2, stage: prod, decision: x}`
)

// inProcess carries requests to the double without a network, so that time may be
// simulated. answered is told of each answer before the client gets it.
type inProcess struct {
	server   *githubtest.Server
	answered func(method, path string)
}

func (p inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	arriving := request.Clone(request.Context())
	arriving.Host, arriving.TLS = request.URL.Host, &tls.ConnectionState{}
	if arriving.Body == nil {
		arriving.Body = http.NoBody
	}
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	answer := httptest.NewRecorder()
	p.server.ServeHTTP(answer, arriving)
	if p.answered != nil {
		p.answered(request.Method, request.URL.Path)
	}
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	if answer.Header().Get("Date") == "" { // a fault withheld it
		return nil, io.ErrUnexpectedEOF
	}
	result := answer.Result()
	result.Request = request
	return result, nil
}

func doubleOf(t *testing.T, text string) *githubtest.Server {
	t.Helper()
	described, err := githubtest.ParseWorld([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	server, err := githubtest.New(described)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func recordOf(server *githubtest.Server) github.Record {
	return github.Record{
		Repository: "acme/shop", SHA: fact.SHA(server.SHA("c1")), Ref: "refs/tags/v1.2.3", Stage: "prod", Environment: "production",
		EnvironmentURL: "https://shop.example", RunID: 9001, RunAttempt: 2, RunURL: "https://github.test/acme/shop/actions/runs/9001/attempts/2",
		Digest: "sha256:" + strings.Repeat("0a", 32), Description: "Stageward: v1.2.3 to prod, run 9001",
	}
}

func recorderOf(t *testing.T, server *githubtest.Server, carrier http.RoundTripper, record github.Record) *github.Recorder {
	t.Helper()
	recorder, err := github.NewRecorder(github.Config{
		ServerURL: "https://github.test", APIURL: "https://api.github.test", GraphQLURL: "https://api.github.test/graphql",
		Token: server.Token(), Transport: carrier, Now: time.Now,
	}, record)
	if err != nil {
		t.Fatal(err)
	}
	return recorder
}

// keep looks and writes, as a step does.
func keep(ctx context.Context, recorder *github.Recorder, state string) (github.Written, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	seen, err := recorder.Look(ctx)
	if err != nil {
		return github.Written{}, err
	}
	return recorder.Write(ctx, seen, state)
}

// held is what the double holds: a line for each record, oldest first, with its
// states, oldest first.
func held(t *testing.T, server *githubtest.Server) []string {
	t.Helper()
	type item struct {
		ID                      int64
		SHA, Environment, State string
	}
	read := func(path string) (all []item) {
		for number := 1; ; number++ {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("https://api.github.test%s?page=%d", path, number), nil)
			request.Header.Set("Authorization", "Bearer "+server.Token())
			answer := httptest.NewRecorder()
			server.ServeHTTP(answer, request)
			items := decoded[[]item](t, answer.Body.Bytes())
			if len(items) == 0 {
				slices.Reverse(all)
				return all
			}
			all = append(all, items...)
		}
	}
	var lines []string
	for _, record := range read(recordPath) {
		line := record.Environment + ":"
		for _, status := range read(fmt.Sprintf("%s/%d/statuses", recordPath, record.ID)) {
			line += " " + status.State
		}
		lines = append(lines, line)
	}
	return lines
}

// sent counts the requests that write.
func sent(server *githubtest.Server) (count int) {
	for _, request := range server.Requests() {
		if request.Method != http.MethodGet {
			count++
		}
	}
	return count
}

// FLT-08. Whatever gets lost, there is one record, with each state once.
func TestARecordIsWrittenOnce(t *testing.T) {
	t.Parallel()
	fault := func(match, what string) string { return fmt.Sprintf("{match: %q, times: 1, %s}", match, what) }
	rows := []struct {
		name   string
		faults string
		reason fact.Reason // "" when it ends well
		words  string      // part of the error
		writes int
		want   []string
	}{
		{"GitHub is down", `{match: "` + postRecord + `", status: 503}`, fact.Unavailable, "status 503", 3, nil},
		{"a refusal", fault(postRecord, "status: 422"), fact.Unavailable, "status 422", 1, nil},
		{"a refusal of the state", fault(postState, "status: 422"), fact.Unavailable, "status 422", 2, []string{"production:"}},
		{"a token that may not write", fault(postRecord, "status: 403"), fact.Forbidden, "deployments: write", 1, nil},
		{"a redirect", `{match: "` + postRecord + `", redirect: "https://api.github.test/repositories/1/deployments"}`, fact.Inconsistent, "only reads", 3, nil},
		{"it cannot be found out whether it was done", fault(postRecord, "drop: true, after: true") + ", " + `{match: "GET ` + recordPath + `", nth: 2, times: 1, body: braces}`, fact.Incomplete, "says nothing", 1, []string{"production:"}},
		{"it cannot be found out whether it was said", fault(postState, "drop: true, after: true") + ", " + `{match: "GET ` + recordPath + `/800001/statuses", times: 1, body: braces}`, fact.Incomplete, "says nothing", 2, []string{"production: in_progress"}},
		{"a list of another commit", fault(postRecord, "drop: true, after: true") + ", " + `{match: "GET ` + recordPath + `", nth: 2, times: 1, replace: {old: '"sha":"<sha of c1>"', new: '"sha":"<sha of c2>"'}}`, fact.Inconsistent, "asked for deployments of", 1, []string{"production:"}},
		{"a list that is not one", fault("GET "+recordPath, "body: 'null'"), fact.Incomplete, "null", 0, nil},
		{"another commit in the answer", fault(postRecord, `replace: {old: '"sha":"<sha of c1>"', new: '"sha":"<sha of c2>"'}`), fact.Inconsistent, "asked for a deployment of", 2, []string{"production: error"}},
		{"another environment in the answer", fault(postRecord, `replace: {old: '"environment":"production"', new: '"environment":"staging"'}`), fact.Inconsistent, `to "staging"`, 2, []string{"production: error"}},
		{"another state in the answer", fault(postState, `replace: {old: '"state":"in_progress"', new: '"state":"success"'}`), fact.Inconsistent, `asked for "in_progress"`, 2, []string{"production: in_progress"}},

		{"all is well", "", "", "", 2, []string{"production: in_progress"}},
		{"done, and the connection closed", fault(postRecord, "drop: true, after: true"), "", "", 2, []string{"production: in_progress"}},
		{"done, and no answer in time", fault(postRecord, "hang: true, after: true"), "", "", 2, []string{"production: in_progress"}},
		{"done, and the server failed", fault(postRecord, "status: 502, after: true"), "", "", 2, []string{"production: in_progress"}},
		{"done, and the answer broke off", fault(postRecord, "body: truncated"), "", "", 2, []string{"production: in_progress"}},
		{"done, and the answer says nothing", fault(postRecord, "body: braces"), "", "", 2, []string{"production: in_progress"}},
		{"done, and the answer is a page", fault(postRecord, "body: html"), "", "", 2, []string{"production: in_progress"}},
		{"done, and only accepted", fault(postRecord, "status: 202, after: true"), "", "", 2, []string{"production: in_progress"}},
		{"done, and the answer has no number", fault(postRecord, `replace: {old: '"id":800001', new: '"id":0'}`), "", "", 2, []string{"production: in_progress"}},
		{"not done, and the connection closed", fault(postRecord, "drop: true"), "", "", 3, []string{"production: in_progress"}},
		{"not done, and no answer in time", fault(postRecord, "hang: true"), "", "", 3, []string{"production: in_progress"}},
		{"not done, and the server failed", fault(postRecord, "status: 500"), "", "", 3, []string{"production: in_progress"}},
		{"not done, and a proxy says so in a number of its own", fault(postRecord, "status: 521"), "", "", 3, []string{"production: in_progress"}},
		{"not done because of a limit", fault(postRecord, `status: 403, headers: {Retry-After: "7"}`), "", "", 3, []string{"production: in_progress"}},
		{"said, and the connection closed", fault(postState, "drop: true, after: true"), "", "", 2, []string{"production: in_progress"}},
		{"said, and no answer in time", fault(postState, "hang: true, after: true"), "", "", 2, []string{"production: in_progress"}},
		{"not said, and the connection closed", fault(postState, "drop: true"), "", "", 3, []string{"production: in_progress"}},
		{"lost three times over", fault(postRecord, "status: 500") + ", " + `{match: "` + postRecord + `", nth: 2, times: 1, status: 500}` + ", " + `{match: "` + postRecord + `", nth: 3, times: 1, drop: true, after: true}`, "", "", 4, []string{"production: in_progress"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := doubleOf(t, recordWorld+"faults: ["+row.faults+"]\n")
				written, err := keep(t.Context(), recorderOf(t, server, inProcess{server: server}, recordOf(server)), github.RecordInProgress)
				checkLost(t, err, row.reason, row.words)
				if err == nil && written != (github.Written{ID: 800001, Added: true}) {
					t.Errorf("written is %+v", written)
				}
				if got := sent(server); got != row.writes {
					t.Errorf("%d requests that write, want %d", got, row.writes)
				}
				if unused := server.UnusedFaults(); len(unused) > 0 {
					t.Errorf("faults that never happened: %q", unused)
				}
				if diff := cmp.Diff(row.want, held(t, server)); diff != "" {
					t.Errorf("records (-want +got):\n%s", diff)
				}
				if problems := server.Violations(); len(problems) > 0 {
					t.Errorf("violations: %q", problems)
				}
			})
		})
	}
}

// checkLost compares why something could not be done.
func checkLost(t *testing.T, err error, reason fact.Reason, words string) {
	t.Helper()
	var missing *fact.Missing
	switch {
	case reason == "" && err != nil:
		t.Errorf("it failed: %v", err)
	case reason == "":
	case !errors.As(err, &missing) || missing.Reason != reason || !strings.Contains(missing.Detail+missing.Fix, words):
		t.Errorf("the error is %v, want %s: …%s…", err, reason, words)
	}
}

// What is sent is all that GitHub is told.
func TestWhatARecordSays(t *testing.T) {
	t.Parallel()
	server := doubleOf(t, recordWorld)
	if _, err := keep(t.Context(), recorderOf(t, server, inProcess{server: server}, recordOf(server)), github.RecordSuccess); err != nil {
		t.Fatal(err)
	}
	var bodies []object
	for _, request := range server.Requests() {
		if request.Method == http.MethodPost {
			bodies = append(bodies, decoded[object](t, []byte(request.Body)))
		}
	}
	words := "Stageward: v1.2.3 to prod, run 9001"
	want := []object{
		{
			"ref": server.SHA("c1"), "auto_merge": false, "required_contexts": array{}, "environment": "production", "description": words,
			"payload": object{"stageward": 1.0, "run_id": 9001.0, "run_attempt": 2.0, "stage": "prod", "decision": "sha256:" + strings.Repeat("0a", 32)},
		},
		{
			"state": "success", "description": words, "environment_url": "https://shop.example",
			"log_url": "https://github.test/acme/shop/actions/runs/9001/attempts/2",
		},
	}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}
}

// A record is found by run, attempt, stage and environment, and by nothing less.
func TestWhichRecordIsOurs(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, posted string
		state        string
		want         []string
		added        bool
	}{
		{"another run", `{commit: c1, payload: {stageward: 1, run_id: 9002, run_attempt: 2, stage: prod}}`, "success", []string{"production:", "production: success"}, true},
		{"another attempt", `{commit: c1, payload: {stageward: 1, run_id: 9001, run_attempt: 1, stage: prod}}`, "success", []string{"production:", "production: success"}, true},
		{"another stage", `{commit: c1, payload: {stageward: 1, run_id: 9001, run_attempt: 2, stage: dev}}`, "success", []string{"production:", "production: success"}, true},
		{"another environment", `{commit: c1, environment: eu, payload: ` + ourPayload + `}`, "success", []string{"eu:", "production: success"}, true},
		{"another commit", `{commit: c0, payload: ` + ourPayload + `}`, "success", []string{"production:", "production: success"}, true},
		{"another version", `{commit: c1, payload: {stageward: 2, run_id: 9001, run_attempt: 2, stage: prod}}`, "success", []string{"production:", "production: success"}, true},
		{"a payload that is a list in a text", `{commit: c1, payload: "[1]"}`, "success", []string{"production:", "production: success"}, true},
		{"ours", `{commit: c1, payload: ` + ourPayload + `}`, "success", []string{"production: success"}, true},
		{"ours, as a text", `{commit: c1, payload: '{"stageward":1,"run_id":9001,"run_attempt":2,"stage":"prod"}'}`, "success", []string{"production: success"}, true},
		{"ours, in another case", `{commit: c1, environment: Production, payload: ` + ourPayload + `}`, "success", []string{"Production: success"}, true},
		{"ours, on the second page", `{commit: c1, payload: ` + ourPayload + `, minutes-ago: 90}, {commit: c1, environment: a}, {commit: c1, environment: b}`, "success", []string{"production: success", "a:", "b:"}, true},
		{"ours, which said so", `{commit: c1, payload: ` + ourPayload + `, statuses: [{state: in_progress}, {state: success}]}`, "success", []string{"production: in_progress success"}, false},
		{"ours, which said so and is inactive since", `{commit: c1, payload: ` + ourPayload + `, statuses: [{state: success}, {state: inactive}]}`, "success", []string{"production: success inactive"}, false},
		{"ours, which said something else since", `{commit: c1, payload: ` + ourPayload + `, statuses: [{state: success}, {state: failure}]}`, "error", []string{"production: success failure error"}, true},
		{"ours, twice", `{commit: c1, payload: ` + ourPayload + `, minutes-ago: 3}, {commit: c1, payload: ` + ourPayload + `, minutes-ago: 2, statuses: [{state: in_progress}]}`, "success", []string{"production: success", "production: in_progress inactive"}, true},
		{"ours, twice, and both succeeded", `{commit: c1, payload: ` + ourPayload + `, minutes-ago: 3, statuses: [{state: success}]}, {commit: c1, payload: ` + ourPayload + `, minutes-ago: 2, statuses: [{state: success}]}`, "success", []string{"production: success", "production: success inactive"}, false},
		{"ours, twice, and the second failed", `{commit: c1, payload: ` + ourPayload + `, minutes-ago: 3}, {commit: c1, payload: ` + ourPayload + `, minutes-ago: 2, statuses: [{state: failure}]}`, "error", []string{"production: error", "production: failure"}, true},
		{"ours, twice, and the second has ended", `{commit: c1, payload: ` + ourPayload + `, minutes-ago: 3}, {commit: c1, payload: ` + ourPayload + `, minutes-ago: 2, statuses: [{state: inactive}]}`, "success", []string{"production: success", "production: inactive"}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := doubleOf(t, recordWorld+"deployments: ["+row.posted+"]\n")
			written, err := keep(t.Context(), recorderOf(t, server, inProcess{server: server}, recordOf(server)), row.state)
			if err != nil || written.Added != row.added {
				t.Errorf("written %+v, %v, want added: %t", written, err, row.added)
			}
			if diff := cmp.Diff(row.want, held(t, server)); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// What the second record of an attempt says of a failure is not hidden by a
// success of the first.
func TestAFailureOfASecondRecordIsOne(t *testing.T) {
	t.Parallel()
	for states, want := range map[string]bool{
		"[{state: failure}]": true, "[{state: error}, {state: inactive}]": true, "[{state: failure}, {state: success}]": true,
		"[]": false, "[{state: success}]": false, "[{state: in_progress}, {state: inactive}]": false,
	} {
		server := doubleOf(t, recordWorld+"deployments: [{commit: c1, minutes-ago: 3, payload: "+ourPayload+"}, {commit: c1, minutes-ago: 2, payload: "+ourPayload+", statuses: "+states+"}]\n")
		seen, err := recorderOf(t, server, inProcess{server: server}, recordOf(server)).Look(t.Context())
		if err != nil || seen.ID != 800001 || seen.Failed != want {
			t.Errorf("with %s in the second: %+v, %v, want failed: %t", states, seen, err, want)
		}
	}
}

// GitHub links its own record to the check run of the job.
func TestTheRecordOfAJobIsFound(t *testing.T) {
	t.Parallel()
	const page = "https://github.test/acme/shop/actions/runs/9001"
	linked := func(link string) string {
		return fmt.Sprintf("{commit: c1, statuses: [{state: in_progress, log-url: %q}]}", link)
	}
	rows := []struct {
		name, posted string
		checkRun     int64
		job          int64
	}{
		{"another job", linked(page + "/job/70"), 7, 0},
		{"a job of another run", linked(page + "0/job/7"), 7, 0},
		{"another repository", linked("https://github.test/acme/shop2/actions/runs/9001/job/7"), 7, 0},
		{"another run, and nobody knows the job", linked(page + "0/job/7"), 0, 0},
		{"this run elsewhere, and nobody knows the job", `{commit: c1, environment: eu, statuses: [{state: in_progress, log-url: ` + page + `/job/7}]}`, 0, 0},
		{"ours of an earlier attempt", `{commit: c1, payload: {stageward: 1, run_id: 9001, run_attempt: 1, stage: prod}, statuses: [{state: success, log-url: ` + page + `}]}`, 0, 0},
		{"nothing was said", `{commit: c1}`, 0, 0},
		{"this job", linked(page + "/job/7"), 7, 800001},
		{"this job, with a query", linked(page + "/job/7?pr=3"), 7, 800001},
		{"this job in another environment", `{commit: c1, environment: eu, statuses: [{state: in_progress, log-url: ` + page + `/job/7}]}`, 7, 800001},
		{"this job in another case", linked("https://github.test/Acme/Shop/actions/runs/9001/job/7"), 7, 800001},
		{"this job, said before other things", `{commit: c1, statuses: [{state: waiting, log-url: ` + page + `/job/7}, {state: queued}, {state: pending}]}`, 7, 800001},
		{"this run, and nobody knows the job", linked(page + "/job/7"), 0, 800001},
		{"the page of this run, and nobody knows the job", linked(page), 0, 800001},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := doubleOf(t, recordWorld+"deployments: ["+row.posted+"]\n")
			record := recordOf(server)
			record.CheckRun = row.checkRun
			seen, err := recorderOf(t, server, inProcess{server: server}, record).Look(t.Context())
			if err != nil || seen.JobRecord != row.job || seen.ID != 0 {
				t.Errorf("%+v, %v, want the record %d", seen, err, row.job)
			}
			if !seen.Now.Equal(time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC)) {
				t.Errorf("the time is %s", seen.Now)
			}
		})
	}
}

// FLT-06. A run that is cancelled right after a record was made says so of the
// record, or the next call finds it and goes on. Never are there two.
func TestACancelledRunLeavesARecordThatIsFoundAgain(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, state, faults string
		when                string // the answer upon which the run is cancelled
		left                []string
		after               []string // what the next call, for "error", makes of it
	}{
		{"it was to begin", "in_progress", "", postRecord, []string{"production: error"}, []string{"production: error"}},
		{"it had succeeded", "success", "", postRecord, []string{"production: success"}, []string{"production: success error"}},
		{"it had failed, and that was not heard", "failure", "", postState, []string{"production: failure"}, []string{"production: failure error"}},
		{"it was to begin, and no time is left", "in_progress", `{match: "GET ` + recordPath + `", nth: 2, times: 1, hang: true}`, postRecord, []string{"production:"}, []string{"production: error"}},
		{"the last word hangs", "in_progress", `{match: "` + postState + `", times: 1, hang: true}`, postRecord, []string{"production:"}, []string{"production: error"}},
		{"nothing was made yet", "in_progress", "", "GET " + recordPath, nil, []string{"production: error"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := doubleOf(t, recordWorld+"faults: ["+row.faults+"]\n")
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				carrier := inProcess{server: server, answered: func(method, path string) {
					if method+" "+path == row.when {
						cancel()
					}
				}}
				began := time.Now()
				_, err := keep(ctx, recorderOf(t, server, carrier, recordOf(server)), row.state)
				if err == nil {
					t.Error("it ended well although the run was cancelled")
				}
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("it took %s after the run was cancelled", took)
				}
				if diff := cmp.Diff(row.left, held(t, server)); diff != "" {
					t.Errorf("records (-want +got):\n%s", diff)
				}
				if _, err := keep(t.Context(), recorderOf(t, server, inProcess{server: server}, recordOf(server)), github.RecordError); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(row.after, held(t, server)); diff != "" {
					t.Errorf("records after the next call (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestNewRecorderRefuses(t *testing.T) {
	t.Parallel()
	server := doubleOf(t, recordWorld)
	rows := []struct {
		name   string
		change func(*github.Record)
	}{
		{"a commit that is none", func(r *github.Record) { r.SHA = "main" }},
		{"a reference that is none", func(r *github.Record) { r.Ref = "main" }},
		{"a repository that leads elsewhere", func(r *github.Record) { r.Repository = "acme/.." }},
		{"no stage", func(r *github.Record) { r.Stage = "" }},
		{"no environment, which GitHub would take for production", func(r *github.Record) { r.Environment = "" }},
		{"no run", func(r *github.Record) { r.RunID = 0 }},
		{"no attempt", func(r *github.Record) { r.RunAttempt = 0 }},
		{"no digest", func(r *github.Record) { r.Digest = "sha256:" }},
		{"a long description", func(r *github.Record) { r.Description = strings.Repeat("ä", 141) }},
	}
	config := github.Config{ServerURL: "https://github.test", APIURL: "https://api.github.test", GraphQLURL: "https://api.github.test/graphql", Token: "x", Now: time.Now}
	for _, row := range rows {
		record := recordOf(server)
		row.change(&record)
		if _, err := github.NewRecorder(config, record); err == nil {
			t.Errorf("%s was taken", row.name)
		}
	}
	record := recordOf(server)
	record.Description = strings.Repeat("ä", 140)
	if _, err := github.NewRecorder(config, record); err != nil {
		t.Error(err)
	}
	config.APIURL = "https://api.evil.test"
	if _, err := github.NewRecorder(config, record); err == nil {
		t.Error("another host was taken")
	}
}

func decoded[T any](t *testing.T, data []byte) (value T) {
	t.Helper()
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return value
}
