package github

import (
	"fmt"
	"strings"
	"testing"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

// compares is a comparison of two commits with a tree each, and files by their names.
func compares(base, head string, commits int, files ...string) *gh.CommitsComparison {
	tree := func(id string) *gh.RepositoryCommit {
		return &gh.RepositoryCommit{Commit: &gh.Commit{Tree: &gh.Tree{SHA: gh.String(id)}}}
	}
	answer := &gh.CommitsComparison{BaseCommit: tree(base), TotalCommits: gh.Int(commits), Files: []*gh.CommitFile{}}
	for range commits {
		answer.Commits = append(answer.Commits, tree(head))
	}
	for _, each := range files {
		answer.Files = append(answer.Files, &gh.CommitFile{Filename: gh.String(each), Status: gh.String("modified")})
	}
	return answer
}

// A list that may be cut says of no file that it did not change.
func TestComparedFiles(t *testing.T) {
	t.Parallel()
	many := func(count int) []string {
		names := make([]string, count)
		for i := range names {
			names[i] = fmt.Sprintf("f%03d", i)
		}
		return names
	}
	with := func(change func(*gh.CommitsComparison)) *gh.CommitsComparison {
		answer := compares("t1", "t2", 1, "b", "a")
		change(answer)
		return answer
	}
	for name, row := range map[string]struct {
		answer *gh.CommitsComparison
		want   string // names, or "missing"
	}{
		"no list":                      {with(func(a *gh.CommitsComparison) { a.Files = nil }), "missing"},
		"no list, and no commit":       {with(func(a *gh.CommitsComparison) { *a = *compares("t1", "t1", 0); a.Files = nil }), "missing"},
		"as many as GitHub lists":      {compares("t1", "t2", 1, many(maxComparedFiles)...), "missing"},
		"nothing, and another tree":    {compares("t1", "t2", 1), "missing"},
		"nothing, and no tree":         {compares("", "", 1), "missing"},
		"nothing, and not all commits": {with(func(a *gh.CommitsComparison) { *a = *compares("t1", "t1", 1); a.TotalCommits = gh.Int(2) }), "missing"},
		"a file without a name":        {compares("t1", "t2", 1, ""), "missing"},
		"a name that leads out":        {compares("t1", "t2", 1, "../x"), "missing"},
		"a word for what became of it": {with(func(a *gh.CommitsComparison) { a.Files[0].Status = gh.String("vanished") }), "missing"},
		"a renamed file, from nowhere": {with(func(a *gh.CommitsComparison) { a.Files[0].Status = gh.String("renamed") }), "missing"},
		"nothing, and no commit":       {compares("t1", "t1", 0), ""},
		"nothing, and the same tree":   {compares("t1", "t1", 1), ""},
		"one less than GitHub lists":   {compares("t1", "t2", 1, many(maxComparedFiles-1)...), strings.Join(many(maxComparedFiles-1), " ")},
		"both names of what was renamed": {with(func(a *gh.CommitsComparison) {
			a.Files[0].Status, a.Files[0].PreviousFilename = gh.String("renamed"), gh.String("0")
		}), "0 a b"},
		"each name once, in order": {compares("t1", "t2", 1, "b", "a", "b"), "a b"},
	} {
		files, missing := comparedFiles(row.answer).Get()
		got := strings.Join(files, " ")
		if missing != nil {
			got = "missing"
			if missing.Reason != fact.Incomplete {
				t.Errorf("%s: it is missing as %s", name, missing.Reason)
			}
		}
		if got != row.want {
			t.Errorf("%s: got %q, want %q", name, got, row.want)
		}
	}
}
