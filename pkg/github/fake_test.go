package github_test

import (
	"context"
	"crypto/sha1" //nolint:gosec // git names objects by it
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

const (
	token = "ghs_hunter2hunter2"
	// peopleToken begins with token: who hides the shorter one first shows the rest.
	peopleToken = token + "people"
	subjectSHA  = "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1"
	parentSHA   = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0"
	headSHA     = "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
	tagSHA      = "7a97a97a97a97a97a97a97a97a97a97a97a97a97"
	rootTree    = "1111111111111111111111111111111111111111"
	dirTree     = "2222222222222222222222222222222222222222"
	policyText  = "version: 1\npreset: three-stage\n"
	policyPath  = ".github/stageward.yml"
	payload     = "tree 1111\n\nAdd a thing (#7)\n"
	armored     = "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n"
)

// clock is the runner's clock; the server's is an hour ahead, so that a test
// sees which of the two was used.
var (
	clock      = time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC)
	serverDate = clock.Add(time.Hour)
	// seenAt is when GitHub found the signatures of the fake valid.
	seenAt = time.Date(2026, 11, 17, 8, 5, 0, 0, time.UTC)
)

func standing() time.Time { return clock }

type (
	object = map[string]any
	array  = []any
)

// fake is a GitHub of which a test changes one thing.
type fake struct {
	*httptest.Server
	lock     sync.Mutex
	requests []string // "METHOD path?query", in order of arrival
	slept    []time.Duration
	inFlight int
	most     int
	// handle answers first; it returns false to leave the request to routes.
	handle func(http.ResponseWriter, *http.Request) bool
	// routes answer by path below /api/v3, with a value to show as JSON.
	routes map[string]func(*http.Request) any
	// jobs is how many jobs a workflow run has: check runs 1 to that number.
	jobs map[int]int
	// overview is the answer to the overview query, ref to the other one.
	overview, ref any
	// files answers the query for files by its variables.
	files func(variables map[string]string) any
	// origins answers the query for the origins of runs, by its variables;
	// originsData where it is nil.
	origins func(variables map[string]string) any
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{overview: object{"data": overviewData()}, routes: map[string]func(*http.Request) any{}, jobs: map[int]int{}}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(f.serve))
	f.Config.ErrorLog = log.New(io.Discard, "", 0) // connections that a test breaks
	f.StartTLS()
	t.Cleanup(f.Close)
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.lock.Lock()
	f.requests = append(f.requests, r.Method+" "+r.URL.RequestURI())
	f.inFlight++
	f.most = max(f.most, f.inFlight)
	f.lock.Unlock()
	defer func() { f.lock.Lock(); f.inFlight--; f.lock.Unlock() }()
	w.Header().Set("Date", serverDate.Format(http.TimeFormat))
	w.Header().Set("X-GitHub-Request-Id", "AB12:CD34")
	bearer := token
	if strings.HasPrefix(r.URL.Path, "/api/v3/orgs/") {
		bearer = peopleToken
	}
	if r.Header.Get("Authorization") != "Bearer "+bearer {
		http.Error(w, "no token", http.StatusUnauthorized)
		return
	}
	if f.handle != nil && f.handle(w, r) {
		return
	}
	path, _ := strings.CutPrefix(r.URL.EscapedPath(), "/api/v3")
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/api/graphql":
		show(w, http.StatusOK, f.query(r))
	case jobsPath.MatchString(path):
		run, _ := strconv.Atoi(jobsPath.FindStringSubmatch(path)[1])
		paged(restJobs(r.Host, run, f.jobs[run]), 100, "jobs")(w, r)
	case r.Method == http.MethodGet && f.routes[path] != nil:
		show(w, http.StatusOK, f.routes[path](r))
	default:
		show(w, http.StatusNotFound, object{"message": "Not Found"})
	}
}

func (f *fake) query(r *http.Request) any {
	var asked struct {
		Query     string
		Variables map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		return object{"errors": array{object{"message": err.Error()}}}
	}
	if strings.Contains(asked.Query, "query StagewardRef(") {
		return f.ref
	}
	if strings.Contains(asked.Query, "query StagewardFiles(") {
		return f.files(asked.Variables)
	}
	if strings.Contains(asked.Query, "query StagewardOrigins(") {
		if f.origins == nil {
			return object{"data": originsData(asked.Variables)}
		}
		return f.origins(asked.Variables)
	}
	return f.overview
}

func show(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

// asked returns the requests so far.
func (f *fake) asked() []string {
	f.lock.Lock()
	defer f.lock.Unlock()
	return append([]string(nil), f.requests...)
}

func (f *fake) config() github.Config {
	return github.Config{
		ServerURL: f.URL, APIURL: f.URL + "/api/v3", GraphQLURL: f.URL + "/api/graphql",
		Token: token, PeopleToken: peopleToken, Transport: f.Client().Transport,
		Now: standing,
		Sleep: func(ctx context.Context, wait time.Duration) error {
			f.lock.Lock()
			defer f.lock.Unlock()
			f.slept = append(f.slept, wait)
			return ctx.Err()
		},
	}
}

func (f *fake) reader(t *testing.T) *github.Reader {
	t.Helper()
	return f.readerOf(t, "refs/heads/main")
}

func (f *fake) readerOf(t *testing.T, ref fact.Ref) *github.Reader {
	t.Helper()
	reader, err := github.NewReader(f.config(), subjectOf(ref), policyPath)
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

func subjectOf(ref fact.Ref) fact.Subject {
	return fact.Subject{Repository: "acme/shop", Ref: ref, SHA: subjectSHA}
}

func blobID(text string) string {
	digest := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(text), text)) //nolint:gosec // see above
	return hex.EncodeToString(digest[:])
}

// user and bot are accounts as GraphQL shows them.
func user(id int, login string) object { return object{"databaseId": id, "login": login} }

func actor(kind string, id int, login string) object {
	return object{"__typename": kind, "databaseId": id, "login": login}
}

func listOf(total int, nodes ...any) object {
	if nodes == nil {
		nodes = array{}
	}
	return object{"totalCount": total, "nodes": nodes}
}

// overviewData is a whole answer: main holds the commit, pull request 7 by
// alice, merged by dave and approved by bob, made it, and its check succeeded.
func overviewData() object {
	mainTip := object{"__typename": "Commit", "oid": subjectSHA, "tree": object{
		"oid": rootTree, "entries": array{
			object{"name": ".github", "type": "tree", "oid": dirTree},
			object{"name": "README.md", "type": "blob", "oid": parentSHA},
		},
	}}
	return object{
		"repository": object{
			"databaseId": 1001, "nameWithOwner": "acme/shop", "url": "https://github.com/acme/shop",
			"defaultBranchRef": object{"name": "main", "target": mainTip},
			"policyDirectory": object{"__typename": "Tree", "oid": dirTree, "entries": array{
				object{"name": "stageward.yml", "type": "blob", "mode": 33188, "oid": blobID(policyText)},
			}},
			"policyFile": object{
				"__typename": "Blob", "oid": blobID(policyText), "byteSize": len(policyText),
				"isTruncated": false, "isBinary": false, "text": policyText,
			},
			"ref": object{"target": object{"__typename": "Commit", "oid": subjectSHA}},
			"commit": object{
				"__typename": "Commit", "oid": subjectSHA, "url": "https://github.com/acme/shop/commit/" + subjectSHA,
				"messageHeadline": "Add a thing (#7)", "committedDate": "2026-11-17T08:00:00Z",
				"parents":   listOf(1, object{"oid": parentSHA}),
				"author":    object{"name": "Alice", "email": "alice@acme.test", "user": user(11, "alice")},
				"committer": object{"name": "Dave", "email": "dave@acme.test", "user": user(14, "dave")},
				"signature": signatureData(),
			},
		},
		"contained": object{"defaultBranchRef": object{"name": "main", "compare": object{"status": "IDENTICAL"}}},
		"pulls":     object{"object": object{"oid": subjectSHA, "associatedPullRequests": listOf(1, pullData())}},
		"checks": object{"object": object{
			"oid": subjectSHA, "status": object{"contexts": array{
				object{"context": "lint", "state": "SUCCESS", "createdAt": "2026-11-17T09:00:00Z", "targetUrl": nil, "creator": object{"login": "mallory"}},
			}},
			"checkSuites": listOf(1, suiteData(31, 1, runData(71, "tests"))),
		}},
	}
}

// signatureData is a signature by dave that GitHub found valid on the push.
func signatureData() object {
	return object{
		"isValid": true, "state": "VALID", "wasSignedByGitHub": false, "signer": user(14, "dave"),
		"payload": payload, "signature": armored, "verifiedAt": "2026-11-17T08:05:00Z",
	}
}

func pullData() object {
	commit := object{"oid": headSHA, "author": object{"user": user(11, "alice")}, "committer": object{"user": nil}}
	return object{
		"number": 7, "url": "https://github.com/acme/shop/pull/7", "title": "Add a thing",
		"baseRepository": object{"databaseId": 1001}, "baseRefName": "main", "headRefOid": headSHA, "merged": true, "mergeCommit": object{"oid": subjectSHA},
		"author": actor("User", 11, "alice"), "mergedBy": actor("User", 14, "dave"),
		"timelineItems": object{"filteredCount": 0, "nodes": array{}},
		"commits":       listOf(1, object{"commit": commit}),
		"reviews": listOf(1, object{
			"fullDatabaseId": "5000000001", "url": "https://github.com/acme/shop/pull/7#r1", "state": "APPROVED",
			"submittedAt": "2026-11-17T07:00:00Z", "commit": nil, "author": actor("User", 12, "bob"),
		}),
	}
}

func suiteData(id, total int, runs ...any) object {
	return object{
		"databaseId": id, "status": "COMPLETED", "conclusion": "SUCCESS", "app": object{"slug": "github-actions"},
		"workflowRun": object{
			"databaseId": 9001, "event": "push", "url": "https://github.com/acme/shop/actions/runs/9001", "createdAt": "2026-11-17T08:00:00Z",
			"file": object{"path": ".github/workflows/ci.yml"},
		},
		"checkRuns": listOf(total, runs...),
	}
}

func runData(id int, name string) object {
	return object{
		"databaseId": id, "name": name, "status": "COMPLETED", "conclusion": "SUCCESS",
		"startedAt": "2026-11-17T08:10:00Z", "completedAt": "2026-11-17T08:20:00Z", "url": "https://github.com/acme/shop/runs/71",
	}
}

// put changes the value at a dotted path; the value absent removes it.
func put(data object, path string, value any) object {
	parts := strings.Split(path, ".")
	at := data
	for _, part := range parts[:len(parts)-1] {
		at = at[part].(object)
	}
	last := parts[len(parts)-1]
	if value == absent {
		delete(at, last)
	} else {
		at[last] = value
	}
	return data
}

type nothing struct{}

var absent any = nothing{}

// withData makes the fake answer an overview with changes: pairs of a path and
// a value.
func (f *fake) withData(changes ...any) *fake {
	data := overviewData()
	for i := 0; i < len(changes); i += 2 {
		put(data, changes[i].(string), changes[i+1])
	}
	f.overview = object{"data": data}
	return f
}

// lost returns why a fact is missing, and fails the test when it is known.
func lost[T any](t *testing.T, known fact.Known[T]) *fact.Missing {
	t.Helper()
	value, missing := known.Get()
	if missing == nil {
		t.Fatalf("known: %+v, want it missing", value)
	}
	return missing
}

// have returns a known fact, and fails the test when it is missing.
func have[T any](t *testing.T, known fact.Known[T]) T {
	t.Helper()
	value, missing := known.Get()
	if missing != nil {
		t.Fatalf("missing: %v (%s), want it known", missing, missing.Fix)
	}
	return value
}

// wantLost checks the reason and a part of the detail.
func wantLost[T any](t *testing.T, known fact.Known[T], reason fact.Reason, detail string) {
	t.Helper()
	missing := lost(t, known)
	if missing.Reason != reason || !strings.Contains(missing.Detail, detail) {
		t.Errorf("missing %q: %q, want %q: …%s…", missing.Reason, missing.Detail, reason, detail)
	}
	if strings.Contains(missing.Detail+missing.Fix, token) {
		t.Errorf("the token is in %q", missing.Detail)
	}
}
