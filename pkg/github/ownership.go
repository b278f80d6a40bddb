package github

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/codeowners"
	"github.com/stageward/stageward/pkg/fact"
)

const (
	ownershipSource = "graphql and GET /repos/{owner}/{repo}/pulls/{pull_number}/files"
	// fileCap is how many files of a pull request GitHub lists at most. Source:
	// REST documentation, "List pull requests files".
	fileCap = 3000
)

// ownershipQuestion asks for the commit before a merge, for its three places of
// a CODEOWNERS file, and for the directories that list them.
const ownershipQuestion = `query StagewardOwnership(
  $owner: String!
  $name: String!
  $merge: GitObjectID!
  $root: String!
  $github: String!
  $docs: String!
  $inGitHub: String!
  $inRoot: String!
  $inDocs: String!
) {
  repository(owner: $owner, name: $name) {
    databaseId
    pullRequest(number: %d) { number changedFiles mergeCommit { oid } commits(first: 1) { totalCount } }
    merge: object(oid: $merge) {
      oid
      ... on Commit {
        signature { isValid wasSignedByGitHub }
        parents(first: 3) {
          totalCount
          nodes {
            oid
            tree { oid }
            associatedPullRequests(first: 20) { totalCount nodes { number baseRepository { databaseId } } }
          }
        }
      }
    }
    root: object(expression: $root) { ...directory }
    github: object(expression: $github) { ...directory }
    docs: object(expression: $docs) { ...directory }
    inGitHub: object(expression: $inGitHub) { ...ownersFile }
    inRoot: object(expression: $inRoot) { ...ownersFile }
    inDocs: object(expression: $inDocs) { ...ownersFile }
  }
}
fragment directory on GitObject { __typename oid ... on Tree { entries { name type mode oid } } }
fragment ownersFile on GitObject { __typename oid ... on Blob { byteSize isTruncated isBinary text } }
`

// Ownership reads who owns what a merged pull request changed: the files by
// GitHub's list of them, a renamed one under both names, and the owners by the
// CODEOWNERS file in the commit before the merge, which the pull request could
// not change. That there is no such file is an answer. A file with a line that
// cannot be read is none: GitHub would skip the line, and with it owners.
//
// Requests: one question, and at the same time one for every 100 files.
func (r *Reader) Ownership(ctx context.Context, pull fact.Pull) fact.Known[fact.Ownership] {
	var owned fact.Ownership
	err := twice(func(int) (err error) {
		owned, err = r.ownership(ctx, pull)
		return err
	})
	if err != nil {
		missing := r.missing(fmt.Sprintf("who owns what #%d changed", pull.Number), err, fact.NeedOwnership.TokenPermission())
		return fact.Lost[fact.Ownership](*missing)
	}
	return fact.Of(owned, fact.Source{From: ownershipSource, URL: pull.URL + "/files"})
}

func (r *Reader) ownership(ctx context.Context, pull fact.Pull) (fact.Ownership, error) {
	var node *ownershipNode
	var changed []changedFile
	var lost *fact.Missing
	var failed error
	together([]func(){
		func() { node, lost = r.askOwnership(ctx, pull) },
		func() { changed, failed = r.changedFiles(ctx, pull.Number) },
	})
	if lost != nil {
		return fact.Ownership{}, lost
	}
	total := *node.Pull.ChangedFiles
	if total >= fileCap {
		missing := incomplete(fmt.Sprintf("pull request %d changed %d files; GitHub lists %d at most, so the last cannot be known", pull.Number, total, fileCap))
		missing.Fix = "Split the change into smaller pull requests."
		return fact.Ownership{}, missing
	}
	if err := sized(fmt.Sprintf("the files of pull request %d", pull.Number), len(changed), total, failed); err != nil {
		return fact.Ownership{}, err
	}
	base, missing := r.baseOf(ctx, node, pull)
	if missing != nil {
		return fact.Ownership{}, missing
	}
	place, owners, missing := node.owners(base)
	if missing != nil {
		return fact.Ownership{}, missing
	}
	owned := fact.Ownership{Number: pull.Number, Base: base.sha(), Path: place, Files: ownedFiles(changed, owners)}
	if place != "" {
		owned.URL = fmt.Sprintf("%s/blob/%s/%s", r.session().set.Repository.OrZero().URL, owned.Base, place)
	}
	return owned, nil
}

// askOwnership asks the question about a merge and checks that the answer is
// about it.
func (r *Reader) askOwnership(ctx context.Context, pull fact.Pull) (*ownershipNode, *fact.Missing) {
	before := string(pull.MergeCommit) + "^1:"
	variables := map[string]string{
		"owner": r.owner, "name": r.name, "merge": string(pull.MergeCommit),
		"root": before, "github": before + ".github", "docs": before + "docs",
	}
	for i, name := range []string{"inGitHub", "inRoot", "inDocs"} {
		variables[name] = before + codeowners.Places()[i]
	}
	answer, missing := ask[struct {
		Repository *ownershipNode `json:"repository"`
	}](ctx, r, fmt.Sprintf(ownershipQuestion, pull.Number), variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedOwnership.TokenPermission(), allAreas()...)
	}
	if missing != nil {
		return nil, missing
	}
	node := answer.Data.Repository
	if node == nil {
		return nil, incomplete("POST graphql: the answer does not identify the repository")
	}
	if missing := r.sameNumber(node.DatabaseID); missing != nil {
		return nil, missing
	}
	return node, node.check(pull)
}

// check refuses an answer that leaves something out, or is about another merge.
func (n *ownershipNode) check(pull fact.Pull) *fact.Missing {
	switch {
	case n.Pull == nil || n.Pull.ChangedFiles == nil || n.Pull.MergeCommit == nil || n.Merge == nil || !n.Merge.Parents.whole() || !n.Merge.Signature.here:
		return incomplete(fmt.Sprintf("POST graphql: the answer does not hold the merge of pull request %d", pull.Number))
	case n.Pull.Number != pull.Number || shaOf(n.Pull.MergeCommit.OID) != pull.MergeCommit || shaOf(n.Merge.OID) != pull.MergeCommit || pull.MergeCommit == "":
		return inconsistent(fmt.Sprintf("POST graphql: asked about #%d, merged as %q, the answer is about #%d, merged as %q", pull.Number, pull.MergeCommit, n.Pull.Number, n.Merge.OID))
	}
	return nil
}

// changedFile is a file that a pull request changed; before is its former name,
// or "".
type changedFile struct{ name, before string }

// fileStatuses are GitHub's words for what became of a file. Source: OpenAPI
// description, "diff-entry".
var fileStatuses = []string{"added", "removed", "modified", "renamed", "copied", "changed", "unchanged"}

// changedFiles reads all pages of the files of a pull request.
func (r *Reader) changedFiles(ctx context.Context, pull int) ([]changedFile, error) {
	asked := fmt.Sprintf("repos/%s/%s/pulls/%d/files", r.owner, r.name, pull)
	return list[changedFile]{
		name: "GET /" + asked,
		key:  func(file changedFile) string { return file.name },
		fetch: func(ctx context.Context, number int) (page[changedFile], error) {
			answer, resp, err := r.client.PullRequests.ListFiles(ctx, r.owner, r.name, pull, pageOptions(number))
			if err != nil {
				return page[changedFile]{}, err
			}
			read := page[changedFile]{total: uncounted}
			for _, each := range answer {
				file := changedFile{name: each.GetFilename(), before: each.GetPreviousFilename()}
				renamed := each.GetStatus() == "renamed"
				if !relative(file.name) || !slices.Contains(fileStatuses, each.GetStatus()) || renamed && !relative(file.before) {
					return read, incomplete("GET /" + asked + ": the answer does not hold all of a changed file")
				}
				read.items = append(read.items, file)
			}
			read.next, err = r.checkPage(asked, resp, number)
			return read, err
		},
	}.read(ctx, uncounted)
}

// relative reports whether a name is the path of a file, as git writes it: one
// of another form would be matched by no pattern, and so be nobody's.
func relative(name string) bool {
	parts := strings.Split(name, "/")
	return !slices.Contains(parts, "") && !slices.Contains(parts, ".") && !slices.Contains(parts, "..")
}

// ownedFiles returns each name once, in order, with its owners.
func ownedFiles(changed []changedFile, owners codeowners.File) []fact.OwnedFile {
	names := map[string]bool{}
	for _, file := range changed {
		names[file.name] = true
		names[cmp.Or(file.before, file.name)] = true
	}
	files := []fact.OwnedFile{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		who, line := owners.Owners(name)
		files = append(files, fact.OwnedFile{Path: name, Owners: append([]string{}, who...), Line: line})
	}
	return files
}
