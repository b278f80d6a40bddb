package github_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

const approveBlob = "4444444444444444444444444444444444444444"

// originsData says of every head that the default branch has it, with the same
// file.
func originsData(variables map[string]string) object {
	branch := object{"name": "main"}
	contained := object{"databaseId": 1001, "defaultBranchRef": branch, "file": object{"__typename": "Blob", "oid": approveBlob}}
	for name, value := range variables {
		switch {
		case name[0] == 'h' && name != "head":
			branch[name] = object{"status": "BEHIND", "headTarget": object{"oid": value}}
		case name[0] == 'f' && name != "file":
			contained[name] = object{"__typename": "Blob", "oid": approveBlob}
		}
	}
	return object{"contained": contained}
}

// titled is a run whose title names the subject's commit, at a head.
func titled(id int, head string) object {
	return put(put(approvalData(id, id), "display_title", "Approve "+subjectSHA+" for prod"), "head_sha", head)
}

// origins reads one run at a head that is not the tip, where one thing in
// GitHub's answer about it is changed.
func origins(t *testing.T, change func(answer object)) fact.Known[[]fact.ApprovalRun] {
	t.Helper()
	f := newFake(t)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{approvePath: paged(array{titled(1, parentSHA)}, 100, "workflow_runs")})
	f.origins = func(variables map[string]string) any {
		answer := object{"data": originsData(variables)}
		change(answer)
		return answer
	}
	reader := f.reader(t)
	reader.Overview(t.Context())
	return reader.ApprovalRuns(t.Context(), approveFile)
}

// What a whole answer leaves open makes the runs unknown: nobody could tell
// which of them count.
func TestOriginsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		path   string
		value  any
		reason fact.Reason
		detail string
	}{
		{"no answer", "data", nil, fact.Incomplete, "neither data nor errors"},
		{"no repository", "data.contained", nil, fact.Incomplete, "does not identify"},
		{"another repository", "data.contained.databaseId", 4711, fact.Inconsistent, "repository 4711 answers"},
		{"no default branch", "data.contained.defaultBranchRef", nil, fact.Incomplete, "does not compare"},
		{"another default branch", "data.contained.defaultBranchRef.name", "trunk", fact.Inconsistent, `the default branch is "main" and "trunk"`},
		{"no word of the file at the tip", "data.contained.file", absent, fact.Incomplete, "does not compare"},
		{"a refusal", "errors", array{object{"type": "FORBIDDEN", "path": array{"contained"}, "message": "Resource not accessible by integration"}}, fact.Forbidden, "Resource not accessible"},
		{"a refusal of the number", "errors", array{object{"type": "FORBIDDEN", "path": array{"contained", "databaseId"}, "message": "no"}}, fact.Forbidden, "databaseId"},
		{"a refusal of the file at the tip", "errors", array{object{"type": "FORBIDDEN", "path": array{"contained", "file"}, "message": "no"}}, fact.Forbidden, "contained.file"},
		{"a failure without a place", "errors", array{object{"message": "Something went wrong"}}, fact.Incomplete, "Something went wrong"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			wantLost(t, origins(t, func(answer object) { put(answer, row.path, row.value) }), row.reason, row.detail)
		})
	}
}

func TestAnOriginThatIsNotShownIsNot(t *testing.T) {
	t.Parallel()
	const (
		compare = "data.contained.defaultBranchRef.h0"
		file    = "data.contained.f0"
	)
	rows := []struct {
		name            string
		path            string
		value           any
		onDefault, same string
	}{
		{"a tag beside the branch", compare + ".status", "DIVERGED", "false", "true"},
		{"a commit after the tip", compare + ".status", "AHEAD", "false", "true"},
		{"a status that nobody knows", compare + ".status", "NEAR", "incomplete", "true"},
		{"no comparison", compare, nil, "not-found", "true"},
		{"no word of a comparison", compare, absent, "incomplete", "true"},
		{"a comparison of another commit", compare + ".headTarget.oid", headSHA, "inconsistent", "true"},
		{"a comparison of nothing", compare + ".headTarget", nil, "inconsistent", "true"},
		{"another file", file + ".oid", rootTree, "true", "false"},
		{"no file", file, nil, "true", "false"},
		{"a folder", file + ".__typename", "Tree", "true", "false"},
		{"a folder at the tip", "data.contained.file.__typename", "Tree", "true", "false"},
		{"no file at the tip", "data.contained.file", nil, "true", "false"},
		{"no word of a file", file, absent, "true", "incomplete"},
		{"a file without an id", file + ".oid", "", "true", "incomplete"},
		{"an error about the comparison", "errors", array{object{"type": "NOT_FOUND", "path": array{"contained", "defaultBranchRef", "h0"}, "message": "gone"}}, "not-found", "true"},
		{"an error about the file", "errors", array{object{"message": "gone", "path": array{"contained", "f0"}}}, "true", "incomplete"},
		{"the tip itself", compare + ".status", "IDENTICAL", "true", "true"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			runs := have(t, origins(t, func(answer object) { put(answer, row.path, row.value) }))
			if got := told(runs[0].OnDefaultBranch) + " " + told(runs[0].SameFile); got != row.onDefault+" "+row.same {
				t.Errorf("on the default branch, same file: %s, want %s %s", got, row.onDefault, row.same)
			}
		})
	}
}

func TestAFolderIsNoWorkflow(t *testing.T) {
	t.Parallel()
	runs := have(t, origins(t, func(answer object) {
		put(put(answer, "data.contained.f0.__typename", "Tree"), "data.contained.file.__typename", "Tree")
	}))
	if got := told(runs[0].SameFile); got != "false" {
		t.Errorf("the same folder: %s", got)
	}
	runs = have(t, origins(t, func(answer object) {
		put(put(answer, "data.contained.f0", nil), "data.contained.file", nil)
	}))
	if got := told(runs[0].SameFile); got != "false" {
		t.Errorf("no file in either: %s", got)
	}
}

// told is a fact in one word.
func told(known fact.Known[bool]) string {
	value, missing := known.Get()
	if missing != nil {
		return string(missing.Reason)
	}
	return fmt.Sprint(value)
}

func TestOnlyHeadsThatMatterAreAskedFor(t *testing.T) {
	t.Parallel()
	other := strings.Repeat("d", 40)
	f := newFake(t)
	short := put(titled(4, parentSHA), "display_title", "Reject C1C1C1C for prod")
	stranger := put(titled(5, other), "display_title", "Approve "+other+" for prod")
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
		approvePath: paged(array{titled(1, subjectSHA), titled(2, parentSHA), titled(3, parentSHA), short, stranger}, 100, "workflow_runs"),
	})
	var asked []map[string]string
	f.origins = func(variables map[string]string) any {
		asked = append(asked, variables)
		return object{"data": originsData(variables)}
	}
	reader := f.reader(t)
	reader.Overview(t.Context())
	runs := have(t, reader.ApprovalRuns(t.Context(), approveFile))
	want := []map[string]string{{
		"owner": "acme", "name": "shop", "file": subjectSHA + ":" + approveFile, "h0": parentSHA, "f0": parentSHA + ":" + approveFile,
	}}
	same(t, "questions", asked, want)
	var said []string
	for _, run := range runs {
		said = append(said, fmt.Sprint(run.ID, " ", told(run.OnDefaultBranch), " ", told(run.SameFile)))
	}
	if want := []string{"1 true true", "2 true true", "3 true true", "4 true true", "5 not-asked not-asked"}; !slices.Equal(said, want) {
		t.Errorf("runs %q, want %q", said, want)
	}
}

func TestManyHeadsAreAskedForAtOnce(t *testing.T) {
	t.Parallel()
	var runs array
	for i := range 60 {
		runs = append(runs, titled(i+1, fmt.Sprintf("%040x", i+1)))
	}
	f, known := approvals(t, paged(runs, 100, "workflow_runs"))
	for _, run := range have(t, known) {
		if told(run.OnDefaultBranch) != "true" {
			t.Errorf("run %d: %s", run.ID, told(run.OnDefaultBranch))
		}
	}
	if got := len(f.asked()); got != 5 { // the overview, the list, and 60 heads by 25
		t.Errorf("%d requests: %q", got, f.asked())
	}
}

const originsWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
page-size: 100
people: {quinn: {permission: write}}
commits:
  - {name: c0, by: quinn, files: {.github/workflows/approve.yml: "a"}}
  - {name: old, by: quinn, files: {.github/workflows/approve.yml: "reviewed"}}
  - {name: side, by: quinn, parents: [old], branch: side, files: {.github/workflows/approve.yml: "reviewed"}}
  - {name: tip, by: quinn, parents: [old]}
tags: [{name: main, commit: side}]
workflow-runs:
  - {commit: c0, workflow: .github/workflows/approve.yml, run-id: 1, branch: main, event: workflow_dispatch, actor: quinn, title: Approve <sha of tip> for prod, minutes-ago: 1}
  - {commit: old, workflow: .github/workflows/approve.yml, run-id: 2, branch: main, event: workflow_dispatch, actor: quinn, title: Approve <sha of tip> for prod, minutes-ago: 2}
  - {commit: side, workflow: .github/workflows/approve.yml, run-id: 3, branch: main, event: workflow_dispatch, actor: quinn, title: Approve <sha of tip> for prod, minutes-ago: 3}
  - {commit: tip, workflow: .github/workflows/approve.yml, run-id: 4, branch: main, event: workflow_dispatch, actor: quinn, title: Approve <sha of tip> for prod, minutes-ago: 4}
`

func TestTheDoubleTellsWhereRunsComeFrom(t *testing.T) {
	t.Parallel()
	server := started(t, originsWorld, nil)
	subject := fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: fact.SHA(server.SHA("tip"))}
	reader, err := github.NewReader(reaching(t, server), subject, policyPath)
	if err != nil {
		t.Fatal(err)
	}
	reader.Overview(t.Context())
	var said []string
	for _, run := range have(t, reader.ApprovalRuns(t.Context(), approveFile)) {
		said = append(said, fmt.Sprint(run.ID, " ", told(run.OnDefaultBranch), " ", told(run.SameFile)))
	}
	if want := []string{"1 true false", "2 true true", "3 false true", "4 true true"}; !slices.Equal(said, want) {
		t.Errorf("runs %q, want %q", said, want)
	}
	if violations := server.Violations(); len(violations) > 0 {
		t.Errorf("violations %q", violations)
	}
}
