package github

import (
	"fmt"
	"slices"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

// maxComparedFiles is how many files a comparison lists at most, on its first page.
// Source: "Compare two commits", REST API.
const maxComparedFiles = 300

// comparedFiles returns the paths of the files in which two commits differ, each
// once and in order; a file that was renamed has both of its names. What may be cut
// short is missing: who goes by it must not take a file that is not listed for one
// that did not change.
func comparedFiles(answer *gh.CommitsComparison) fact.Known[[]string] {
	switch {
	case answer.Files == nil:
		return fact.Lost[[]string](*incomplete("the comparison has no list of files"))
	case len(answer.Files) >= maxComparedFiles:
		return fact.Lost[[]string](*incomplete(fmt.Sprintf("GitHub lists %d changed files of a comparison at most, and there may be more", maxComparedFiles)))
	case len(answer.Files) == 0 && !sameTree(answer):
		return fact.Lost[[]string](*incomplete("the comparison lists no files, and not that the two commits hold the same"))
	}
	paths := []string{}
	for _, each := range answer.Files {
		name, before := each.GetFilename(), each.GetPreviousFilename()
		renamed := each.GetStatus() == "renamed"
		if !relative(name) || !slices.Contains(fileStatuses, each.GetStatus()) || renamed && !relative(before) {
			return fact.Lost[[]string](*incomplete("the comparison does not hold all of a changed file"))
		}
		paths = append(paths, name)
		if before != "" {
			paths = append(paths, before)
		}
	}
	slices.Sort(paths)
	return fact.Of(slices.Compact(paths), fact.Source{From: compareSource, URL: answer.GetHTMLURL()})
}

// sameTree reports whether the newest commit that the page lists holds the same
// files as the base. A page that does not list all commits does not say.
func sameTree(answer *gh.CommitsComparison) bool {
	if len(answer.Commits) == 0 {
		return answer.GetTotalCommits() == 0
	}
	base := answer.GetBaseCommit().GetCommit().GetTree().GetSHA()
	last := answer.Commits[len(answer.Commits)-1]
	return len(answer.Commits) == answer.GetTotalCommits() && base != "" && last.GetCommit().GetTree().GetSHA() == base
}
