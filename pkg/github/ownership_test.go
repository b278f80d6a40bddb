package github_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	githubTree = "4444444444444444444444444444444444444444"
	docsTree   = "5555555555555555555555555555555555555555"
	lastSHA    = "a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2"
	ownersText = "* @bob\n/pay/ @acme/pay\n/docs\n"
	filesPath  = "/api/v3/repos/acme/shop/pulls/7/files"
)

func listedAs(name, kind string, mode int, oid string) object {
	return object{"name": name, "type": kind, "mode": mode, "oid": oid}
}

func textBlob(text string) object {
	return object{"__typename": "Blob", "oid": blobID(text), "byteSize": len(text), "isTruncated": false, "isBinary": false, "text": text}
}

func treeOf(oid string, entries ...any) object {
	return object{"__typename": "Tree", "oid": oid, "entries": append(array{}, entries...)}
}

func parent(oid, tree string, pulls ...any) object {
	return object{"oid": oid, "tree": object{"oid": tree}, "associatedPullRequests": listOf(len(pulls), pulls...)}
}

// mergeData is a merge of one file by a squash of one commit, with the owners
// in .github.
func mergeData() object {
	return object{
		"databaseId":  1001,
		"pullRequest": object{"number": 7, "changedFiles": 1, "mergeCommit": object{"oid": subjectSHA}, "commits": object{"totalCount": 1}},
		"merge": object{
			"oid": subjectSHA, "signature": object{"isValid": true, "wasSignedByGitHub": true},
			"parents": listOf(1, parent(parentSHA, rootTree)),
		},
		"root":     treeOf(rootTree, listedAs(".github", "tree", 16384, githubTree), listedAs("README.md", "blob", 33188, parentSHA)),
		"github":   treeOf(githubTree, listedAs("CODEOWNERS", "blob", 33188, blobID(ownersText))),
		"docs":     nil,
		"inGitHub": textBlob(ownersText), "inRoot": nil, "inDocs": nil,
	}
}

func fileData(name string) object { return object{"filename": name, "status": "modified"} }

// mergedPull is the pull request of the fake, with commits.
func mergedPull(commits ...fact.SHA) fact.Pull {
	var list []fact.PullCommit
	for _, sha := range commits {
		list = append(list, fact.PullCommit{SHA: sha})
	}
	return fact.Pull{Number: 7, URL: "https://github.com/acme/shop/pull/7", Head: headSHA, Merged: true, MergeCommit: subjectSHA, Commits: fact.Of(list, fact.Source{})}
}

// ownershipOf asks a fake about a pull request.
func ownershipOf(t *testing.T, pull fact.Pull, data any, files func(http.ResponseWriter, *http.Request) bool) (*fake, fact.Known[fact.Ownership]) {
	t.Helper()
	f := newFake(t)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/pulls/7/files") && files(w, r)
	}
	f.onQuery("StagewardOwnership", func(map[string]string) any { return data })
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.Ownership(t.Context(), pull)
}

func oneFile() func(http.ResponseWriter, *http.Request) bool {
	return paged(array{fileData("pay/x.go")}, 100, "")
}

func TestOwnershipThatIsNotKnown(t *testing.T) {
	t.Parallel()
	const blob, folder = 33188, 16384
	with := func(changes ...any) object {
		data := mergeData()
		for i := 0; i < len(changes); i += 2 {
			put(data, changes[i].(string), changes[i+1])
		}
		return data
	}
	file := func(change string, value any) object {
		return with("inGitHub", put(textBlob(ownersText), change, value))
	}
	text := func(text string) object {
		return with("inGitHub", textBlob(text), "github", treeOf(githubTree, listedAs("CODEOWNERS", "blob", blob, blobID(text))))
	}
	listed := func(kind string, mode int) object {
		return with("github", treeOf(githubTree, listedAs("CODEOWNERS", kind, mode, blobID(ownersText))))
	}
	rows := []struct {
		name   string
		data   object
		reason fact.Reason
		detail string
	}{
		{"another repository", with("databaseId", 2002), fact.Inconsistent, "in place of repository 1001"},
		{"no repository", nil, fact.Incomplete, "identify"},
		{"no pull request", with("pullRequest", nil), fact.Incomplete, "does not hold the merge"},
		{"another pull request", with("pullRequest.number", 8), fact.Inconsistent, "asked about #7"},
		{"a pull request that was merged as another commit", with("pullRequest.mergeCommit.oid", headSHA), fact.Inconsistent, "asked about #7"},
		{"a merge that is another commit", with("merge.oid", headSHA), fact.Inconsistent, "asked about #7"},
		{"no count of files", with("pullRequest.changedFiles", absent), fact.Incomplete, "does not hold the merge"},
		{"a pull request that was not merged", with("pullRequest.mergeCommit", nil), fact.Incomplete, "does not hold the merge"},
		{"a count above what is listed", with("pullRequest.changedFiles", 2), fact.Incomplete, "got 1 of 2"},
		{"a count below what is listed", with("pullRequest.changedFiles", 0), fact.Incomplete, "got 1 of 0"},
		{"as many files as GitHub lists at most", with("pullRequest.changedFiles", 3000), fact.Incomplete, "3000 at most"},
		{"no merge", with("merge", nil), fact.Incomplete, "does not hold the merge"},
		{"a merge without a word on its signature", with("merge.signature", absent), fact.Incomplete, "does not hold the merge"},
		{"parents that are not listed", with("merge.parents.totalCount", 2), fact.Incomplete, "does not hold the merge"},
		{"a commit without parents", with("merge.parents", listOf(0)), fact.Inconsistent, "first parent"},
		{"a parent without an id", with("merge.parents", listOf(1, parent("", rootTree))), fact.Incomplete, "builds on"},
		{"a parent without a tree", with("merge.parents", listOf(1, object{"oid": parentSHA})), fact.Incomplete, "builds on"},
		{"a root of another commit", with("root.oid", docsTree), fact.Inconsistent, "the tree of " + parentSHA},
		{"no root", with("root", nil), fact.Incomplete, "does not list the root"},
		{"a root without entries", with("root", treeOf(rootTree)), fact.Incomplete, "which is not empty"},
		{"a directory that is left out", with("github", nil), fact.Incomplete, "list the directory of .github/CODEOWNERS"},
		{"a directory of another commit", with("github.oid", docsTree), fact.Incomplete, "list the directory of .github/CODEOWNERS"},
		{"a directory without entries", with("github", treeOf(githubTree)), fact.Incomplete, "which is not empty"},
		{"a place that is left out", with("inDocs", absent, "github", treeOf(githubTree, listedAs("x", "blob", blob, parentSHA)), "inGitHub", nil), fact.Incomplete, "leaves out docs/CODEOWNERS"},
		{"a file in a directory that is not there", with("root", treeOf(rootTree, listedAs("README.md", "blob", blob, parentSHA))), fact.Inconsistent, "not listed, but it was returned"},
		{"a file that is listed and not returned", with("inGitHub", nil), fact.Incomplete, "listed, but it was not returned"},
		{"a file that is returned and not listed", with("github", treeOf(githubTree, listedAs("x", "blob", blob, parentSHA))), fact.Inconsistent, "not listed"},
		{"a symbolic link", listed("blob", 0o120000), fact.Inconsistent, "symbolic link"},
		{"a directory of that name", listed("tree", folder), fact.Inconsistent, "not a file"},
		{"a submodule of that name", listed("commit", 0o160000), fact.Inconsistent, "not a file"},
		{"a text that is cut", file("isTruncated", true), fact.Incomplete, "more than GitHub shows"},
		{"a file that GitHub does not load", file("byteSize", 3_000_000), fact.Incomplete, "does not load"},
		{"bytes that are no text", file("isBinary", true), fact.Incomplete, "not text"},
		{"a text of another file", file("text", "* @eve\n"), fact.Incomplete, "not that of object"},
		{"a file of another id", file("oid", blobID("x")), fact.Inconsistent, "returned as"},
		{"a line that cannot be read", text("* @bob\n!pay/ @eve\n"), fact.Incomplete, ".github/CODEOWNERS cannot be read at commit " + fact.SHA(parentSHA).Short() + ": line 2"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := ownershipOf(t, mergedPull(headSHA), object{"data": object{"repository": row.data}}, oneFile())
			wantLost(t, known, row.reason, row.detail)
		})
	}
}

// The pull request itself must not be what is looked at for its owners.
func TestTheBaseIsNoCommitOfThePullRequest(t *testing.T) {
	t.Parallel()
	const first = "a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0"
	this := object{"number": 7, "baseRepository": object{"databaseId": 1001}}
	other := object{"number": 6, "baseRepository": object{"databaseId": 1001}}
	signed, unsigned := object{"isValid": true, "wasSignedByGitHub": true}, any(nil)
	rows := []struct {
		name      string
		commits   []fact.SHA
		signature any
		parents   array
		ok        bool
	}{
		{"a push of the head, whose parent is another of its commits", []fact.SHA{first, headSHA}, unsigned, array{parent(first, rootTree)}, false},
		{"the same, made and signed on the website", []fact.SHA{first, headSHA}, signed, array{parent(first, rootTree)}, false},
		{"a rebase of two commits", []fact.SHA{first, headSHA}, unsigned, array{parent(lastSHA, rootTree)}, false},
		{"a commit that is signed, but not by GitHub", []fact.SHA{first, headSHA}, object{"isValid": true, "wasSignedByGitHub": false}, array{parent(lastSHA, rootTree)}, false},
		{"a commit that says it is GitHub's", []fact.SHA{first, headSHA}, object{"isValid": false, "wasSignedByGitHub": true}, array{parent(lastSHA, rootTree)}, false},
		{"a rebase that would be signed", []fact.SHA{first, headSHA}, signed, array{parent(lastSHA, rootTree, this)}, false},
		{"a squash of which it is not known what it builds on", []fact.SHA{first, headSHA}, signed, array{object{"oid": parentSHA, "tree": object{"oid": rootTree}}}, false},
		{"the last of two commits itself", []fact.SHA{first, subjectSHA}, signed, array{parent(parentSHA, rootTree)}, false},
		{"a merge the other way round", []fact.SHA{first, headSHA}, unsigned, array{parent(headSHA, rootTree), parent(parentSHA, rootTree)}, false},
		{"a merge of the head into a commit of its own", []fact.SHA{first, headSHA}, unsigned, array{parent(first, rootTree), parent(headSHA, rootTree)}, false},
		{"a merge of another head", []fact.SHA{first, headSHA}, signed, array{parent(parentSHA, rootTree), parent(lastSHA, rootTree)}, false},
		{"a merge of three", []fact.SHA{headSHA}, signed, array{parent(parentSHA, rootTree), parent(headSHA, rootTree), parent(lastSHA, rootTree)}, false},
		{"no commits", nil, signed, array{parent(parentSHA, rootTree)}, false},
		{"a merge", []fact.SHA{first, headSHA}, unsigned, array{parent(parentSHA, rootTree), parent(headSHA, rootTree)}, true},
		{"a squash of two commits", []fact.SHA{first, headSHA}, signed, array{parent(parentSHA, rootTree, other)}, true},
		{"a rebase of one commit", []fact.SHA{headSHA}, unsigned, array{parent(parentSHA, rootTree)}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			data := mergeData()
			put(data, "merge.signature", row.signature)
			put(data, "merge.parents", listOf(len(row.parents), row.parents...))
			_, known := ownershipOf(t, mergedPull(row.commits...), object{"data": object{"repository": data}}, oneFile())
			if _, missing := known.Get(); (missing == nil) != row.ok {
				t.Errorf("got %v, want it known: %t", missing, row.ok)
			}
		})
	}
}

func TestFilesOfAPullRequestThatAreNotKnown(t *testing.T) {
	t.Parallel()
	const media = "application/json"
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		detail string
	}{
		{"refused", raw(403, media, `{"message":"Resource not accessible by integration"}`), fact.Forbidden, "status 403"},
		{"not found", raw(404, media, `{"message":"Not Found"}`), fact.NotFound, "status 404"},
		{"null", raw(200, media, "null"), fact.Incomplete, "says nothing"},
		{"half a list", raw(200, media, `[{"filename":"a",`), fact.Incomplete, "whole JSON"},
		{"those of another repository", moved(oneFile()), fact.Inconsistent, "not known to be the same repository"},
		{"no files", raw(200, media, "[]"), fact.Incomplete, "got 0 of 1"},
		{"a file without a name", raw(200, media, `[{"status":"added"}]`), fact.Incomplete, "all of a changed file"},
		{"a file without a status", raw(200, media, `[{"filename":"a"}]`), fact.Incomplete, "all of a changed file"},
		{"a status that GitHub does not know", raw(200, media, `[{"filename":"a","status":"moved"}]`), fact.Incomplete, "all of a changed file"},
		{"a renamed file without its former name", raw(200, media, `[{"filename":"a","status":"renamed"}]`), fact.Incomplete, "all of a changed file"},
		{"a name that no pattern could match", raw(200, media, `[{"filename":"/pay/x.go","status":"added"}]`), fact.Incomplete, "all of a changed file"},
		{"a name that leads elsewhere", raw(200, media, `[{"filename":"docs/../pay/x.go","status":"added"}]`), fact.Incomplete, "all of a changed file"},
		{"a former name that no pattern could match", raw(200, media, `[{"filename":"a","status":"renamed","previous_filename":"/pay/x.go"}]`), fact.Incomplete, "all of a changed file"},
		{"a name with a step that is none", raw(200, media, `[{"filename":"pay/./x.go","status":"added"}]`), fact.Incomplete, "all of a changed file"},
		{"a file twice", raw(200, media, `[{"filename":"a","status":"added"},{"filename":"a","status":"renamed","previous_filename":"b"}]`), fact.Incomplete, "listed twice"},
		{"a list that does not advance", raw(200, media, "[]", "Link", `<https://HOST/api/v3/x?page=1>; rel="next"`), fact.Inconsistent, "next page"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := ownershipOf(t, mergedPull(headSHA), object{"data": object{"repository": mergeData()}}, row.handle)
			wantLost(t, known, row.reason, row.detail)
			if fix := lost(t, known).Fix; row.reason == fact.Forbidden && !strings.Contains(fix, "contents: read, pull-requests: read") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

func TestOwnershipThatIsRefused(t *testing.T) {
	t.Parallel()
	answer := object{
		"data":   object{"repository": mergeData()},
		"errors": array{object{"type": "FORBIDDEN", "path": array{"repository", "pullRequest"}, "message": "Resource not accessible by integration"}},
	}
	_, known := ownershipOf(t, mergedPull(headSHA), answer, oneFile())
	wantLost(t, known, fact.Forbidden, "not accessible")
	pull := mergedPull()
	pull.Commits = fact.Lost[[]fact.PullCommit](fact.Missing{Reason: fact.Forbidden, Detail: "no commits"})
	_, known = ownershipOf(t, pull, object{"data": object{"repository": mergeData()}}, oneFile())
	wantLost(t, known, fact.Forbidden, "no commits")
	data := mergeData()
	put(put(data, "pullRequest.mergeCommit.oid", ""), "merge.oid", "")
	pull = mergedPull(headSHA)
	pull.MergeCommit = ""
	_, known = ownershipOf(t, pull, object{"data": object{"repository": data}}, oneFile())
	wantLost(t, known, fact.Inconsistent, `merged as ""`)
	data = mergeData()
	put(data, "merge.parents", listOf(2, parent(parentSHA, rootTree), parent("", rootTree)))
	pull = mergedPull(headSHA)
	pull.Head = ""
	_, known = ownershipOf(t, pull, object{"data": object{"repository": data}}, oneFile())
	wantLost(t, known, fact.Inconsistent, "first parent")
	data = mergeData()
	put(data, "pullRequest.commits", absent)
	pull = mergedPull()
	pull.Commits = fact.Lost[[]fact.PullCommit](fact.Missing{Reason: fact.Incomplete, Detail: "too many commits"})
	f, known := ownershipOf(t, pull, object{"data": object{"repository": data}}, oneFile())
	wantLost(t, known, fact.Incomplete, "too many commits")
	if len(f.asked()) != 3 {
		t.Errorf("asked %q", f.asked())
	}
}

// git follows no link and enters no file, so neither holds a file of owners.
func TestWhatIsNoDirectoryHoldsNoOwners(t *testing.T) {
	t.Parallel()
	data := mergeData()
	put(put(data, "root", treeOf(rootTree, listedAs(".github", "blob", 0o120000, githubTree))), "github", nil)
	put(data, "inGitHub", nil)
	_, known := ownershipOf(t, mergedPull(headSHA), object{"data": object{"repository": data}}, oneFile())
	if got := have(t, known); got.Path != "" || len(got.Files) != 1 || len(got.Files[0].Owners) != 0 {
		t.Errorf("%+v", got)
	}
}

// A list that changed while it was read is read once more.
func TestFilesThatChangeAreReadOnceMore(t *testing.T) {
	t.Parallel()
	times := 0
	f, known := ownershipOf(t, mergedPull(headSHA), object{"data": object{"repository": mergeData()}}, func(w http.ResponseWriter, r *http.Request) bool {
		files := array{fileData("a"), fileData("b")}
		if times++; times > 1 {
			files = array{fileData("pay/x.go")}
		}
		return paged(files, 100, "")(w, r)
	})
	if got := have(t, known); len(got.Files) != 1 || got.Files[0].Line != 2 {
		t.Errorf("%+v", got)
	}
	if asked := len(f.asked()); asked != 5 { // the overview, and two of two
		t.Errorf("%d requests: %v", asked, f.asked())
	}
}

// Commits that did not fit into the overview are read here: the two are asked
// for at the same time.
func TestOwnershipReadsTheCommitsThatAreMissing(t *testing.T) {
	t.Parallel()
	data := mergeData()
	put(data, "pullRequest.commits", object{"totalCount": 2})
	pull := mergedPull()
	pull.Commits = fact.Lost[[]fact.PullCommit](fact.Missing{Reason: fact.Incomplete})
	_, known := ownershipOf(t, pull, object{"data": object{"repository": data}}, func(w http.ResponseWriter, r *http.Request) bool { return oneFile()(w, r) })
	wantLost(t, known, fact.NotFound, "pulls/7/commits")
	f := newFake(t)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool { return r.URL.Path == filesPath && oneFile()(w, r) }
	f.routes["/repos/acme/shop/pulls/7/commits"] = func(*http.Request) any { return array{object{"sha": lastSHA}, object{"sha": headSHA}} }
	f.onQuery("StagewardOwnership", func(map[string]string) any { return object{"data": object{"repository": data}} })
	reader := f.reader(t)
	reader.Overview(t.Context())
	if got := have(t, reader.Ownership(t.Context(), pull)); got.Base != parentSHA {
		t.Errorf("%+v", got)
	}
}
