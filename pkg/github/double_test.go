package github_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/githubtest"
)

// world is a release of acme/shop: a signed tag on main, made by a reviewed
// pull request, with more of everything than fits on one page of two.
const world = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  alice: {id: 11, permission: write, key: ssh}
  gone: {gone: true}
  bob: {id: 12, permission: maintain, role: captain}
  dave: {id: 14, permission: admin, key: ssh, keys: [ssh, openpgp, openpgp-expired, openpgp-revoked]}
commits:
  - {name: c0, by: dave, files: {README.md: "hello\n", keys/dave.pub: "<ssh-key of dave>\n", keys/link: {text: dave.pub, mode: "120000"}, keys/dave.gpg: "\0", .github/stageward.yml: "version: 1\npreset: three-stage\n"}}
  - {name: h1, branch: thing, parents: [c0], by: alice, files: {a: "1\n"}}
  - {name: h2, branch: thing, by: alice, files: {b: "1\n"}}
  - {name: h3, branch: thing, by: alice, signed: alice, files: {c: "1\n"}}
  - {name: c1, branch: main, parents: [c0, h3], by: dave, signed: dave, files: {a: "1\n", b: "1\n", c: "1\n"}}
tags:
  - {name: v1.4.0, commit: c1, annotated: true, by: dave, signed: dave}
pulls:
  - {number: 7, base-repository: eve/shop, author: alice, commits: [h1], merged-by: alice, merge-commit: c1}
  - number: 7
    title: Add a thing
    author: alice
    head: thing
    commits: [h1, h2, h3]
    merged-by: dave
    merge-commit: c1
    head-forced-minutes-ago: 50
    reviews:
      - {by: bob, state: COMMENTED}
      - {by: bob, state: APPROVED, minutes-ago: 40}
      - {by: dave, state: APPROVED, minutes-ago: 39}
      - {by: dave, state: CHANGES_REQUESTED, minutes-ago: 38}
checks:
  - {commit: c1, name: tests, workflow: .github/workflows/ci.yml, run-id: 501}
  - {commit: c1, name: lint, workflow: .github/workflows/ci.yml, run-id: 501}
  - {commit: c1, name: scan, workflow: .github/workflows/scan.yml, run-id: 502, conclusion: failure}
  - {commit: c1, name: review, app: reviewer}
  - {commit: c1, name: deploy, workflow: .github/workflows/deploy.yml, run-id: 503, status: in_progress}
  - {commit: c0, name: release, workflow: .github/workflows/release.yml, run-id: 490, minutes-ago: 500}
  - {commit: c1, name: forged, workflow: .github/workflows/ci.yml, run-id: 501, posted: true}
workflow-runs:
  - {commit: c1, workflow: .github/workflows/slow.yml, run-id: 504, event: pull_request}
  - {commit: c0, workflow: .github/workflows/approve.yml, run-id: 601, event: workflow_dispatch, title: approve prod, actor: bob, minutes-ago: 20}
  - {commit: c0, workflow: .github/workflows/approve.yml, run-id: 602, event: workflow_dispatch, title: reject prod, actor: dave, triggering-actor: bob, attempt: 2, minutes-ago: 10}
  - {commit: c0, workflow: .github/workflows/approve.yml, run-id: 603, event: workflow_dispatch, actor: gone, minutes-ago: 30}
  - {commit: c0, workflow: .github/workflows/approve.yml, run-id: 604, minutes-ago: 40}
  - {commit: h3, workflow: .github/workflows/approve.yml, run-id: 605, event: workflow_dispatch}
run-reviews:
  - {environments: [prod], user: bob, comment: Ship it}
  - {environments: [prod, eu], user: gone, state: rejected}
teams:
  quality: {members: [bob, alice]}
  night: {members: [dave], parent: quality}
statuses:
  - {commit: c1, context: legacy, by: bob}
labels: [quiet]
milestones: [{title: 1.3.0}, {title: 1.4.0}]
environments:
  prod: {reviewers: [bob, "team:quality"], refs: selected, patterns: [{branch: main}, {tag: "v*"}], apps: [watchtower], secrets: [A]}
token: {admin: true}
`

// double starts the double with faults and returns it with a reader of the
// tag.
func double(t *testing.T, faults ...githubtest.Fault) (*githubtest.Server, *github.Reader) {
	t.Helper()
	server := started(t, world, faults)
	return server, doubleReader(t, server)
}

// started is a double of a World, with faults.
func started(t *testing.T, text string, faults []githubtest.Fault) *githubtest.Server {
	t.Helper()
	described, err := githubtest.ParseWorld([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	described.Faults = faults
	server, err := githubtest.New(described)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// reaching returns how to ask the double over the loopback interface.
func reaching(t *testing.T, server *githubtest.Server) github.Config {
	t.Helper()
	listening, err := server.StartTLS()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(listening.Close)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(listening.CertPEM)
	carrier := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(carrier.CloseIdleConnections)
	return github.Config{
		ServerURL: listening.URL, APIURL: listening.URL + "/api/v3", GraphQLURL: listening.URL + "/api/graphql",
		Token: server.Token(), PeopleToken: server.PeopleToken(), Transport: carrier,
		Now:   standing,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// doubleReader returns a reader of the double that gives up soon.
func doubleReader(t *testing.T, server *githubtest.Server) *github.Reader {
	t.Helper()
	config := reaching(t, server)
	config.Timeout = 2 * time.Second
	subject := fact.Subject{Repository: "acme/shop", Ref: tagRef, SHA: fact.SHA(server.SHA("c1"))}
	reader, err := github.NewReader(config, subject, policyPath)
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

// everythingAbout reads all there is, as a full run would.
func everythingAbout(ctx context.Context, reader *github.Reader) fact.Set {
	set := reader.Overview(ctx)
	if tag, missing := set.Tag.Get(); missing == nil && tag.Annotated {
		set.Tag = reader.Tag(ctx, tag.Object)
	}
	set.Checks, set.Pulls, set.RefTarget = reader.Checks(ctx), reader.Pulls(ctx), reader.RefTarget(ctx)
	set.Containment["thing"] = reader.Containment(ctx, "thing")
	for _, login := range []string{"alice", "bob", "dave", "nobody"} {
		set.Access[login] = reader.Access(ctx, login)
	}
	set.Keys = map[string]fact.Known[fact.AccountKeys]{"dave": reader.Keys(ctx, "dave")}
	since := fact.RangeFrom{Workflow: ".github/workflows/release.yml", Job: "release"}
	set.Ranges = map[string]fact.Known[fact.Range]{since.Need().Key: reader.Range(ctx, since)}
	set.ApprovalRuns = map[string]fact.Known[[]fact.ApprovalRun]{approveFile: reader.ApprovalRuns(ctx, approveFile)}
	set.RunReviews = reader.RunReviews(ctx, 9001)
	set.Deployments = reader.Deployments(ctx)
	set.Teams = map[string]fact.Known[fact.Team]{"acme/quality": reader.Team(ctx, "acme/quality")}
	set.Files = reader.Files(ctx, []string{"keys/dave.pub", "README.md"})
	set.OpenIssues = map[string]fact.Known[fact.OpenIssues]{"quiet": reader.OpenIssues(ctx, "quiet")}
	set.Milestones = map[string]fact.Known[fact.Milestone]{"1.3.0": reader.Milestone(ctx, "1.3.0")}
	set.Environments = map[string]fact.Known[fact.Environment]{"prod": reader.Environment(ctx, "prod")}
	set.Secrets = map[string]fact.Known[[]string]{"prod": reader.Secrets(ctx, "prod")}
	set.Settings, set.Collaborators = reader.Settings(ctx), reader.Collaborators(ctx)
	return set
}

// The double checks every query against GitHub's published schema and every
// request against its published description; violations are what does not fit.
func TestTheReaderAsksNothingGitHubDoesNotKnow(t *testing.T) {
	t.Parallel()
	server, reader := double(t)
	set := everythingAbout(t.Context(), reader)
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
	if tag := have(t, set.Tag); !tag.Signature.Good() || tag.Signature.Signer == nil || tag.Signature.Signer.ID != 14 || tag.Name != "v1.4.0" {
		t.Errorf("tag %+v", tag)
	}
	if policy := have(t, set.Policy); policy.Text != policyText {
		t.Errorf("policy %+v", policy)
	}
	if commit := have(t, set.Commit); len(commit.Parents) != 2 || commit.Signature.Class != fact.PersonSignature || !commit.Signature.Good() {
		t.Errorf("commit %+v", commit)
	}
	checkKeys(t, server, set)
	checkApprovals(t, server, set)
	pulls := have(t, set.Pulls)
	if len(pulls) != 1 || pulls[0].MergedBy.Login != "dave" {
		t.Fatalf("pull requests %+v", pulls)
	}
	pull := pulls[0]
	if got := have(t, pull.Commits); len(got) != 3 || got[0].Author == nil || got[0].Author.ID != 11 {
		t.Errorf("commits %+v", got)
	}
	if got := have(t, pull.Reviews); len(got) != 3 || got[0].Author.Login != "bob" || got[2].State != fact.ChangesRequested {
		t.Errorf("reviews %+v", got)
	}
	if got := have(t, pull.HeadMovedAt); got.IsZero() {
		t.Error("the head never moved")
	}
	for _, known := range set.Ranges {
		if span := have(t, known); len(span.Commits) != 4 || string(span.Base.Commit.SHA) != server.SHA("c0") || span.Run.ID != 490 {
			t.Errorf("range %+v", span)
		}
	}
	checks := have(t, set.Checks)
	byName := map[string]fact.CheckRun{}
	for _, run := range checks.Runs {
		byName[run.Name] = run
	}
	if len(byName) != 6 || byName["scan"].Workflow != ".github/workflows/scan.yml" || byName["scan"].RunID != 502 || byName["review"].App != "reviewer" || byName["review"].Workflow != "" {
		t.Errorf("runs %+v", byName)
	}
	if len(checks.Workflows) != 4 || checks.Workflows[3].Status != "queued" || checks.Workflows[3].Event != "pull_request" {
		t.Errorf("workflow runs %+v", checks.Workflows)
	}
	jobs := idsOf(have(t, checks.Workflows[0].Jobs))
	if !slices.Equal(jobs, []int64{byName["tests"].ID, byName["lint"].ID}) || byName["forged"].RunID != 501 {
		t.Errorf("run 501 has jobs %v", jobs)
	}
	if !have(t, set.Contains("main")).Contained || have(t, set.Contains("thing")).Contained {
		t.Errorf("containment %+v", set.Containment)
	}
	if access := have(t, set.Access["bob"]); access.Permission != fact.MaintainPermission || access.Person.ID != 12 {
		t.Errorf("bob %+v", access)
	}
	if access := have(t, set.Access["nobody"]); access.Permission != fact.NoPermission {
		t.Errorf("nobody %+v", access)
	}
}

// checkKeys checks what is asked for signatures.
func checkKeys(t *testing.T, server *githubtest.Server, set fact.Set) {
	t.Helper()
	key, err := server.SigningKey("dave")
	if err != nil {
		t.Fatal(err)
	}
	keys := have(t, set.KeysOf(fact.Person{Login: "Dave"})).Keys
	if len(keys) != 3 || !strings.HasPrefix(keys[0].Text, "-----BEGIN PGP PUBLIC KEY BLOCK-----") || keys[2].Text != key || keys[2].AddedAt.IsZero() {
		t.Errorf("keys of dave: %+v", keys)
	}
	if file := have(t, set.FileAt("keys/dave.pub")); file.Text != key+"\n" {
		t.Errorf("file %+v", file)
	}
	for what, signature := range map[string]fact.Signature{"commit": have(t, set.Commit).Signature, "tag": have(t, set.Tag).Signature} {
		if !strings.HasPrefix(signature.Text, "-----BEGIN SSH SIGNATURE-----\n") || signature.Payload == "" || signature.SeenAt.IsZero() {
			t.Errorf("signature of the %s: %+v", what, signature)
		}
	}
}

// TestAFaultOnlyTakesFactsAway is the core property: whichever request goes
// wrong, and however, each fact is what it was without the fault, or missing.
func TestAFaultOnlyTakesFactsAway(t *testing.T) {
	t.Parallel()
	server, reader := double(t)
	want := everythingAbout(t.Context(), reader)
	requests := len(server.Requests())
	if requests < 10 {
		t.Fatalf("only %d requests", requests)
	}
	faults := map[string]githubtest.Fault{
		"500 for good": {Status: 500}, "404": {Status: 404, Times: 1}, "403": {Status: 403, Times: 1}, "401": {Status: 401, Times: 1},
		"truncated": {Body: "truncated", Times: 1}, "html": {Body: "html", Times: 1}, "empty": {Body: "empty", Times: 1},
		"braces": {Body: "braces", Times: 1}, "null": {Body: "null", Times: 1}, "short": {Body: "short", Times: 1},
		"redirect": {Redirect: "https://evil.test/", Times: 1}, "dropped for good": {Drop: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"GET ", "POST "} {
				for nth := 1 + len(name)%thrift; nth <= requests; nth += thrift {
					fault.Match, fault.Nth = method, nth
					server, reader := double(t, fault)
					got := everythingAbout(t.Context(), reader)
					if len(server.UnusedFaults()) > 0 {
						break // no such request
					}
					compareFacts(t, fmt.Sprintf("%srequest %d", method, nth), got, want)
				}
			}
		})
	}
}

// compareFacts checks that each fact is the same or missing, and that at least
// one is missing.
func compareFacts(t *testing.T, when string, got, want fact.Set) {
	t.Helper()
	less := false
	check := func(what string, got, want fact.Reason, equal bool) {
		less = less || got != want
		if got == "" && !equal {
			t.Errorf("%s: %s is another", when, what)
		}
	}
	check("policy", reason(got.Policy), reason(want.Policy), equal(got.Policy, want.Policy))
	check("commit", reason(got.Commit), reason(want.Commit), equal(got.Commit, want.Commit))
	check("tag", reason(got.Tag), reason(want.Tag), equal(got.Tag, want.Tag))
	check("ref", reason(got.RefTarget), reason(want.RefTarget), equal(got.RefTarget, want.RefTarget))
	compareChecks(check, got.Checks, want.Checks)
	for branch := range want.Containment {
		check(branch, reason(got.Contains(branch)), reason(want.Contains(branch)), equal(got.Contains(branch), want.Contains(branch)))
	}
	for login, access := range want.Access {
		check(login, reason(got.Access[login]), reason(access), equal(got.Access[login], access))
	}
	for login, keys := range want.Keys {
		check("keys of "+login, reason(got.Keys[login]), reason(keys), equal(got.Keys[login], keys))
	}
	for path, file := range want.Files {
		check(path, reason(got.Files[path]), reason(file), equal(got.Files[path], file))
	}
	check("approvals", reason(got.ApprovalRuns[approveFile]), reason(want.ApprovalRuns[approveFile]), equal(got.ApprovalRuns[approveFile], want.ApprovalRuns[approveFile]))
	check("reviews of the run", reason(got.RunReviews), reason(want.RunReviews), equal(got.RunReviews, want.RunReviews))
	check("deployments", reason(got.Deployments), reason(want.Deployments), equal(got.Deployments, want.Deployments))
	check("team", reason(got.TeamOf("acme/quality")), reason(want.TeamOf("acme/quality")), equal(got.TeamOf("acme/quality"), want.TeamOf("acme/quality")))
	check("open issues", reason(got.OpenIssues["quiet"]), reason(want.OpenIssues["quiet"]), equal(got.OpenIssues["quiet"], want.OpenIssues["quiet"]))
	check("milestone", reason(got.Milestones["1.3.0"]), reason(want.Milestones["1.3.0"]), equal(got.Milestones["1.3.0"], want.Milestones["1.3.0"]))
	check("settings", reason(got.Settings), reason(want.Settings), equal(got.Settings, want.Settings))
	check("collaborators", reason(got.Collaborators), reason(want.Collaborators), equal(got.Collaborators, want.Collaborators))
	check("secrets", reason(got.Secrets["prod"]), reason(want.Secrets["prod"]), equal(got.Secrets["prod"], want.Secrets["prod"]))
	for name, environment := range want.Environments {
		check("environment "+name, reason(got.Environments[name]), reason(environment), equal(got.Environments[name], environment))
	}
	for key, span := range want.Ranges {
		check("range", reason(got.Ranges[key]), reason(span), equal(got.Ranges[key], span))
	}
	gotPulls, _ := got.Pulls.Get()
	wantPulls, _ := want.Pulls.Get()
	check("pulls", reason(got.Pulls), reason(want.Pulls), len(gotPulls) == len(wantPulls))
	for i := range gotPulls {
		check("commits", reason(gotPulls[i].Commits), "", equal(gotPulls[i].Commits, wantPulls[i].Commits))
		check("reviews", reason(gotPulls[i].Reviews), "", equal(gotPulls[i].Reviews, wantPulls[i].Reviews))
	}
	if !less {
		t.Errorf("%s: nothing is missing", when)
	}
}

// compareChecks tells the jobs of each workflow run, which may be missing alone,
// from the rest.
func compareChecks(check func(string, fact.Reason, fact.Reason, bool), got, want fact.Known[fact.Checks]) {
	split := func(known fact.Known[fact.Checks]) (fact.Known[fact.Checks], []fact.Known[[]fact.Job]) {
		checks, missing := known.Get()
		if missing != nil {
			return known, nil
		}
		checks.Workflows = slices.Clone(checks.Workflows)
		var jobs []fact.Known[[]fact.Job]
		for i := range checks.Workflows {
			jobs = append(jobs, checks.Workflows[i].Jobs)
			checks.Workflows[i].Jobs = fact.Known[[]fact.Job]{}
		}
		return fact.Of(checks, known.Source()), jobs
	}
	gotRest, gotJobs := split(got)
	wantRest, wantJobs := split(want)
	check("checks", reason(gotRest), reason(wantRest), equal(gotRest, wantRest))
	for i := range gotJobs {
		check("jobs", reason(gotJobs[i]), reason(wantJobs[i]), equal(gotJobs[i], wantJobs[i]))
	}
}

// equal compares the values of two facts, wherever they were read.
func equal[T any](a, b fact.Known[T]) bool {
	left, _ := a.Get()
	right, _ := b.Get()
	one, err := json.Marshal(left)
	two, other := json.Marshal(right)
	return err == nil && other == nil && string(port.ReplaceAll(one, nil)) == string(port.ReplaceAll(two, nil))
}

// port differs from one start of the double to the next.
var port = regexp.MustCompile(`https://127\.0\.0\.1:\d+`)
