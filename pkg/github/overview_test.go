package github_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
)

func TestOverviewReadsEverythingInOneRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	set := f.reader(t).Overview(t.Context())

	if got := f.asked(); len(got) != 1 {
		t.Errorf("%d requests, want 1: %q", len(got), got)
	}
	if at := have(t, set.At); !at.Equal(serverDate) {
		t.Errorf("time %v, want the server's %v", at, serverDate)
	}
	wantRepository := fact.Repository{ID: 1001, Name: "acme/shop", URL: "https://github.com/acme/shop", DefaultBranch: "main", DefaultCommit: subjectSHA}
	same(t, "repository", have(t, set.Repository), wantRepository)
	wantPolicy := fact.PolicyFile{Path: policyPath, Branch: "main", Commit: subjectSHA, Exists: true, Blob: fact.SHA(blobID(policyText)), Text: policyText}
	same(t, "policy", have(t, set.Policy), wantPolicy)
	same(t, "ref target", have(t, set.RefTarget), fact.RefTarget{Exists: true, Object: subjectSHA, Commit: subjectSHA})
	same(t, "containment", have(t, set.Contains("main")), fact.Containment{Branch: "main", Contained: true, Status: "identical"})
	wantLost(t, set.Tag, fact.NotAsked, "the subject is a branch")

	dave := &fact.Person{ID: 14, Login: "dave", Kind: fact.User}
	alice := &fact.Person{ID: 11, Login: "alice", Kind: fact.User}
	same(t, "commit", have(t, set.Commit), fact.Commit{
		SHA: subjectSHA, Parents: []fact.SHA{parentSHA}, Headline: "Add a thing (#7)",
		CommittedAt: time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC), URL: "https://github.com/acme/shop/commit/" + subjectSHA,
		Author:    fact.Identity{Name: "Alice", Email: "alice@acme.test", Account: alice},
		Committer: fact.Identity{Name: "Dave", Email: "dave@acme.test", Account: dave},
		Signature: fact.Signature{Class: fact.PersonSignature, Verified: true, State: "valid", Signer: dave, Payload: payload, Text: armored, SeenAt: seenAt},
	})
	pull := have(t, set.Pulls)[0]
	same(t, "review", have(t, pull.Reviews), []fact.Review{{
		ID: 5000000001, URL: "https://github.com/acme/shop/pull/7#r1", State: fact.Approved,
		Author: &fact.Person{ID: 12, Login: "bob", Kind: fact.User}, At: time.Date(2026, 11, 17, 7, 0, 0, 0, time.UTC),
	}})
	same(t, "pull commits", have(t, pull.Commits), []fact.PullCommit{{SHA: headSHA, Author: alice}})
	if pull.Number != 7 || !pull.Merged || pull.MergeCommit != subjectSHA || pull.Base != "main" || !have(t, pull.HeadMovedAt).IsZero() {
		t.Errorf("pull %+v", pull)
	}
	checks := have(t, set.Checks)
	wantLost(t, checks.Workflows[0].Jobs, fact.Incomplete, "read in the second wave")
	checks.Workflows[0].Jobs = fact.Known[[]fact.Job]{}
	same(t, "checks", checks, fact.Checks{
		Runs: []fact.CheckRun{{
			ID: 71, Name: "tests", App: "github-actions", Workflow: ".github/workflows/ci.yml", RunID: 9001,
			Status: "completed", Conclusion: "success", URL: "https://github.com/acme/shop/runs/71",
			StartedAt: time.Date(2026, 11, 17, 8, 10, 0, 0, time.UTC), CompletedAt: time.Date(2026, 11, 17, 8, 20, 0, 0, time.UTC),
		}},
		Workflows: []fact.WorkflowRun{{
			ID: 9001, Workflow: ".github/workflows/ci.yml", Event: "push", Status: "completed", Conclusion: "success",
			URL: "https://github.com/acme/shop/actions/runs/9001", CreatedAt: time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC),
		}},
		Statuses: []fact.Status{{Context: "lint", State: "success", Creator: "mallory", At: time.Date(2026, 11, 17, 9, 0, 0, 0, time.UTC)}},
	})
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Exporter(func(t reflect.Type) bool { return t.PkgPath() == "github.com/stageward/stageward/pkg/fact" })); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// reasons returns the reason of each fact of an overview; "" for a known one.
func reasons(set fact.Set) map[string]fact.Reason {
	return map[string]fact.Reason{
		"repository": reason(set.Repository), "policy": reason(set.Policy), "ref": reason(set.RefTarget),
		"commit": reason(set.Commit), "contained": reason(set.Contains("main")),
		"pulls": reason(set.Pulls), "checks": reason(set.Checks),
	}
}

func reason[T any](known fact.Known[T]) fact.Reason {
	_, missing := known.Get()
	if missing == nil {
		return ""
	}
	return missing.Reason
}

// only returns reasons that hit the named facts and leave the others known.
func only(why fact.Reason, names ...string) map[string]fact.Reason {
	want := map[string]fact.Reason{"repository": "", "policy": "", "ref": "", "commit": "", "contained": "", "pulls": "", "checks": ""}
	for _, name := range names {
		want[name] = why
	}
	return want
}

func everything(why fact.Reason) map[string]fact.Reason {
	want := only(why, "repository", "policy", "ref", "commit", "pulls", "checks")
	want["contained"] = fact.NotAsked // nobody knows the default branch
	return want
}

// noDefaultBranch is what is lost without one: nobody can ask what it contains.
func noDefaultBranch() map[string]fact.Reason {
	want := only(fact.Incomplete, "repository", "policy")
	want["contained"] = fact.NotAsked
	return want
}

func TestOverviewTiesEachErrorToTheFactsItHits(t *testing.T) {
	t.Parallel()
	const denied = "Resource not accessible by integration"
	rows := []struct {
		name    string
		data    object
		null    []string
		path    array
		kind    string
		message string
		want    map[string]fact.Reason
		second  object
	}{
		{name: "an error without a path hits everything", message: "oops", want: everything(fact.Incomplete)},
		{name: "an error at an unknown alias hits everything", path: array{"query StagewardOverview", "x"}, message: "no such field", want: everything(fact.Incomplete)},
		{name: "an error at an unknown field of the repository hits everything", path: array{"repository", "x"}, message: "oops", want: everything(fact.Incomplete)},
		{name: "a repository that cannot be resolved hits everything", null: []string{"repository", "contained", "pulls", "checks"}, path: array{"repository"}, kind: "NOT_FOUND", message: "Could not resolve to a Repository", want: everything(fact.NotFound)},
		{name: "a forbidden repository hits everything", null: []string{"repository"}, path: array{"repository"}, kind: "FORBIDDEN", message: denied, want: everything(fact.Forbidden)},
		{name: "a forbidden comparison hits the containment only", null: []string{"contained"}, path: array{"contained", "defaultBranchRef", "compare"}, kind: "FORBIDDEN", message: denied, want: only(fact.Forbidden, "contained")},
		{name: "forbidden pull requests hit the pull requests only", null: []string{"pulls.object.associatedPullRequests"}, path: array{"pulls", "object", "associatedPullRequests"}, kind: "FORBIDDEN", message: denied, want: only(fact.Forbidden, "pulls")},
		{name: "a refusal is known by its words alone", null: []string{"checks"}, path: array{"checks"}, message: denied, want: only(fact.Forbidden, "checks")},
		{name: "forbidden check suites hit the checks only", null: []string{"checks.object.checkSuites"}, path: array{"checks", "object", "checkSuites"}, kind: "FORBIDDEN", message: denied, want: only(fact.Forbidden, "checks")},
		{name: "an error deep in a whole answer still hits the checks", path: array{"checks", "object", "checkSuites", "nodes", 0, "workflowRun"}, kind: "FORBIDDEN", message: denied, want: only(fact.Forbidden, "checks")},
		{name: "of two errors the refusal is named", path: array{"checks", "object"}, message: "oops", second: object{"type": "FORBIDDEN", "message": denied, "path": array{"checks"}}, want: only(fact.Forbidden, "checks")},
		{name: "an error at the policy file hits the policy only", null: []string{"repository.policyFile"}, path: array{"repository", "policyFile"}, message: "timed out", want: only(fact.Incomplete, "policy")},
		{name: "an error at the reference is not a reference that is gone", null: []string{"repository.ref"}, path: array{"repository", "ref"}, message: "timed out", want: only(fact.Incomplete, "ref")},
		{name: "an error at the commit hits the commit only", null: []string{"repository.commit"}, path: array{"repository", "commit", "signature"}, message: "timed out", want: only(fact.Incomplete, "commit")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			data := overviewData()
			for _, path := range row.null {
				put(data, path, nil)
			}
			failure := object{"message": row.message}
			if row.path != nil {
				failure["path"] = row.path
			}
			if row.kind != "" {
				failure["type"] = row.kind
			}
			errs := array{failure}
			if row.second != nil {
				errs = append(errs, row.second)
			}
			f.overview = object{"data": data, "errors": errs}
			same(t, "reasons", reasons(f.reader(t).Overview(t.Context())), row.want)
		})
	}
}

func TestOverviewNamesThePermissionThatIsLacking(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.overview = object{"data": put(put(overviewData(), "pulls", nil), "checks", nil), "errors": array{
		object{"type": "FORBIDDEN", "path": array{"pulls"}, "message": "no"},
		object{"type": "FORBIDDEN", "path": array{"checks"}, "message": "no"},
	}}
	set := f.reader(t).Overview(t.Context())
	for permission, missing := range map[string]*fact.Missing{
		"pull-requests: read":                         lost(t, set.Pulls),
		"checks: read, statuses: read, actions: read": lost(t, set.Checks),
	} {
		if want := `Check that the workflow grants this below "permissions:": ` + permission + "."; missing.Fix != want {
			t.Errorf("fix %q, want %q", missing.Fix, want)
		}
	}
}

func TestOverviewBelievesNoPartialAnswer(t *testing.T) {
	t.Parallel()
	other := "dddddddddddddddddddddddddddddddddddddddd"
	rows := []struct {
		name  string
		path  string
		value any
		want  map[string]fact.Reason
	}{
		{"data without anything", "repository", absent, everything(fact.Incomplete)},
		{"a null repository without an error", "repository", nil, everything(fact.Incomplete)},
		{"a repository without a number", "repository.databaseId", nil, everything(fact.Incomplete)},
		{"a renamed repository", "repository.nameWithOwner", "acme/store", everything(fact.Inconsistent)},
		{"an empty repository", "repository.defaultBranchRef", nil, noDefaultBranch()},
		{"no ref field", "repository.ref", absent, only(fact.Incomplete, "ref")},
		{"a ref without a target", "repository.ref.target", nil, only(fact.Incomplete, "ref")},
		{"a branch that points at a tag object", "repository.ref.target.__typename", "Tag", only(fact.Inconsistent, "ref")},
		{"a commit that is not there", "repository.commit", nil, only(fact.NotFound, "commit")},
		{"no commit field", "repository.commit", absent, only(fact.Incomplete, "commit")},
		{"another commit than asked for", "repository.commit.oid", other, only(fact.Inconsistent, "commit")},
		{"a tag in place of the commit", "repository.commit.__typename", "Tag", only(fact.Inconsistent, "commit")},
		{"half the parents", "repository.commit.parents", listOf(2, object{"oid": parentSHA}), only(fact.Incomplete, "commit")},
		{"a parent without an id", "repository.commit.parents", listOf(1, object{"oid": "HEAD"}), only(fact.Incomplete, "commit")},
		{"no signature field", "repository.commit.signature", absent, only(fact.Incomplete, "commit")},
		{"a signature without the bytes it signs", "repository.commit.signature.payload", nil, only(fact.Incomplete, "commit")},
		{"a verdict without the signature", "repository.commit.signature.signature", absent, only(fact.Incomplete, "commit")},
		{"an empty signature", "repository.commit.signature.signature", "", only(fact.Incomplete, "commit")},
		{"a time of the verdict that is none", "repository.commit.signature.verifiedAt", "yesterday", everything(fact.Incomplete)},
		{"no comparison", "contained.defaultBranchRef.compare", nil, only(fact.Incomplete, "contained")},
		{"an unknown comparison", "contained.defaultBranchRef.compare.status", "SIDEWAYS", only(fact.Incomplete, "contained")},
		{"a comparison with another branch", "contained.defaultBranchRef.name", "dev", only(fact.Inconsistent, "contained")},
		{"null pull requests", "pulls.object.associatedPullRequests", nil, only(fact.Incomplete, "pulls")},
		{"pull requests of no object", "pulls.object", nil, only(fact.Incomplete, "pulls")},
		{"pull requests of another commit", "pulls.object.oid", other, only(fact.Inconsistent, "pulls")},
		{"pull requests without a total", "pulls.object.associatedPullRequests.totalCount", absent, only(fact.Incomplete, "pulls")},
		{"fewer pull requests than counted", "pulls.object.associatedPullRequests.totalCount", 21, only(fact.Incomplete, "pulls")},
		{"a null pull request", "pulls.object.associatedPullRequests.nodes", array{nil}, only(fact.Incomplete, "pulls")},
		{"checks of another commit", "checks.object.oid", other, only(fact.Inconsistent, "checks")},
		{"no checks field", "checks", absent, only(fact.Incomplete, "checks")},
		{"no status field", "checks.object.status", absent, only(fact.Incomplete, "checks")},
		{"statuses without a list", "checks.object.status.contexts", nil, only(fact.Incomplete, "checks")},
		{"a null status", "checks.object.status.contexts", array{nil}, only(fact.Incomplete, "checks")},
		{"a status without a name", "checks.object.status.contexts", array{object{"state": "SUCCESS"}}, only(fact.Incomplete, "checks")},
		{"a status without a state", "checks.object.status.contexts", array{object{"context": "lint"}}, only(fact.Incomplete, "checks")},
		{"null check suites", "checks.object.checkSuites", nil, only(fact.Incomplete, "checks")},
		{"fewer suites than counted", "checks.object.checkSuites.totalCount", 2, only(fact.Incomplete, "checks")},
		{"fewer runs than counted", "checks.object.checkSuites", listOf(1, suiteData(31, 2, runData(71, "tests"))), only(fact.Incomplete, "checks")},
		{"a check suite twice", "checks.object.checkSuites", listOf(2, suiteData(31, 1, runData(71, "tests")), put(suiteData(31, 0), "workflowRun", nil)), only(fact.Incomplete, "checks")},
		{"a check suite without a number", "checks.object.checkSuites", listOf(1, put(suiteData(31, 1, runData(71, "tests")), "databaseId", nil)), only(fact.Incomplete, "checks")},
		{"a check run twice", "checks.object.checkSuites", listOf(1, suiteData(31, 2, runData(71, "tests"), runData(71, "tests"))), only(fact.Incomplete, "checks")},
		{"a check run without a number", "checks.object.checkSuites", listOf(1, suiteData(31, 1, put(runData(71, "tests"), "databaseId", nil))), only(fact.Incomplete, "checks")},
		{"a check run without a name", "checks.object.checkSuites", listOf(1, suiteData(31, 1, put(runData(71, "tests"), "name", nil))), only(fact.Incomplete, "checks")},
		{"a check run in no state", "checks.object.checkSuites", listOf(1, suiteData(31, 1, put(runData(71, "tests"), "status", nil))), only(fact.Incomplete, "checks")},
		{"no commit status at all is an answer", "checks.object.status", nil, only("")},
		{"no check suite at all is an answer", "checks.object.checkSuites", listOf(0), only("")},
		{"a reference that is gone is an answer", "repository.ref", nil, only("")},
		{"the repository's name in other letters", "repository.nameWithOwner", "ACME/Shop", only("")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withData(row.path, row.value)
			same(t, "reasons", reasons(f.reader(t).Overview(t.Context())), row.want)
		})
	}
}

func TestOverviewNeedsTheServersClock(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle = dateless
	wantLost(t, f.reader(t).Overview(t.Context()).At, fact.Incomplete, "Date")
}

// signed is the signature of the fake with changes: pairs of a field and a value.
func signed(changes ...any) object {
	data := signatureData()
	for i := 0; i < len(changes); i += 2 {
		put(data, changes[i].(string), changes[i+1])
	}
	return data
}

func TestOverviewClassifiesSignatures(t *testing.T) {
	t.Parallel()
	dave := &fact.Person{ID: 14, Login: "dave", Kind: fact.User}
	rows := []struct {
		name  string
		value any
		want  fact.Signature
		good  bool
	}{
		{"no signature", nil, fact.Signature{Class: fact.Unsigned, State: "unsigned"}, false},
		{"called unsigned", object{"isValid": false, "state": "UNSIGNED", "signer": nil}, fact.Signature{Class: fact.Unsigned, State: "unsigned"}, false},
		{"called valid and unsigned", object{"isValid": true, "state": "UNSIGNED"}, fact.Signature{Class: fact.Unsigned, State: "unsigned"}, false},
		{"an expired key", signed("isValid", false, "state", "EXPIRED_KEY"), fact.Signature{Class: fact.PersonSignature, State: "expired_key", Signer: dave, Payload: payload, Text: armored}, false},
		{"isValid against the state", signed("state", "BAD_EMAIL"), fact.Signature{Class: fact.PersonSignature, Verified: true, State: "bad_email", Signer: dave, Payload: payload, Text: armored}, false},
		{"the state against isValid", signed("isValid", false), fact.Signature{Class: fact.PersonSignature, State: "valid", Signer: dave, Payload: payload, Text: armored}, false},
		{"GitHub's own key is nobody's", signed("wasSignedByGitHub", true, "signer", user(19864447, "web-flow")), fact.Signature{Class: fact.GitHubSignature, Verified: true, State: "valid", Payload: payload, Text: armored, SeenAt: seenAt}, true},
		{"a valid one of which GitHub does not say since when", signed("verifiedAt", nil), fact.Signature{Class: fact.PersonSignature, Verified: true, State: "valid", Signer: dave, Payload: payload, Text: armored}, true},
		{"a person's key", signed(), fact.Signature{Class: fact.PersonSignature, Verified: true, State: "valid", Signer: dave, Payload: payload, Text: armored, SeenAt: seenAt}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withData("repository.commit.signature", row.value)
			got := have(t, f.reader(t).Overview(t.Context()).Commit).Signature
			same(t, "signature", got, row.want)
			if got.Good() != row.good {
				t.Errorf("good is %v", got.Good())
			}
		})
	}
}

func TestTheReferenceIsReadAgain(t *testing.T) {
	t.Parallel()
	moved := object{"target": object{"__typename": "Commit", "oid": parentSHA}}
	rows := []struct {
		name   string
		answer any
		want   fact.RefTarget
		why    fact.Reason
	}{
		{"another repository answers", object{"data": object{"repository": object{"databaseId": 2002, "ref": moved}}}, fact.RefTarget{}, fact.Inconsistent},
		{"no repository", object{"data": object{"repository": nil}}, fact.RefTarget{}, fact.Incomplete},
		{"no ref field", object{"data": object{"repository": object{"databaseId": 1001}}}, fact.RefTarget{}, fact.Incomplete},
		{"a partial answer", object{"data": object{"repository": object{"databaseId": 1001, "ref": moved}}, "errors": array{object{"message": "oops", "path": array{"repository", "ref", "target"}}}}, fact.RefTarget{}, fact.Incomplete},
		{"a forbidden answer", object{"data": object{"repository": nil}, "errors": array{object{"type": "FORBIDDEN", "message": "no", "path": array{"repository"}}}}, fact.RefTarget{}, fact.Forbidden},
		{"gone", object{"data": object{"repository": object{"databaseId": 1001, "ref": nil}}}, fact.RefTarget{}, ""},
		{"moved", object{"data": object{"repository": object{"databaseId": 1001, "ref": moved}}}, fact.RefTarget{Exists: true, Object: parentSHA, Commit: parentSHA}, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.ref = row.answer
			reader := f.reader(t)
			reader.Overview(t.Context())
			known := reader.RefTarget(t.Context())
			got, _ := known.Get()
			if reason(known) != row.why || got != row.want {
				t.Errorf("got %+v %q, want %+v %q", got, reason(known), row.want, row.why)
			}
		})
	}
}
