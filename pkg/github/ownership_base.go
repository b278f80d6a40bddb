package github

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/stageward/stageward/pkg/codeowners"
	"github.com/stageward/stageward/pkg/fact"
)

// ownershipNode is the repository in the answer about an owned change.
type ownershipNode struct {
	DatabaseID int64 `json:"databaseId"`
	Pull       *struct {
		Number       int                     `json:"number"`
		ChangedFiles *int                    `json:"changedFiles"`
		MergeCommit  *objectNode             `json:"mergeCommit"`
		Commits      *connection[objectNode] `json:"commits"` // the total only
	} `json:"pullRequest"`
	Merge *struct {
		OID       string                  `json:"oid"`
		Signature answered[signatureNode] `json:"signature"`
		Parents   *connection[parentNode] `json:"parents"`
	} `json:"merge"`

	Root   *treeNode `json:"root"`
	GitHub *treeNode `json:"github"`
	Docs   *treeNode `json:"docs"`

	InGitHub answered[blobNode] `json:"inGitHub"`
	InRoot   answered[blobNode] `json:"inRoot"`
	InDocs   answered[blobNode] `json:"inDocs"`
}

// parentNode is a commit that a merge builds on.
type parentNode struct {
	OID        string                `json:"oid"`
	Tree       *treeNode             `json:"tree"`
	Associated *connection[pullNode] `json:"associatedPullRequests"`
}

func (p *parentNode) sha() fact.SHA { return shaOf(p.OID) }

// baseOf returns the commit that the branch was at before the merge: the first
// parent, if that cannot be a commit of the pull request itself. After a rebase
// or a push it can be one, and would hold the CODEOWNERS file as the pull
// request changed it.
func (r *Reader) baseOf(ctx context.Context, node *ownershipNode, pull fact.Pull) (*parentNode, *fact.Missing) {
	own, missing := pull.Commits.Get()
	if missing != nil && missing.Reason == fact.Incomplete && node.Pull.Commits.total() > 0 {
		own, missing = r.pullCommits(ctx, pull, node.Pull.Commits.total()).Get()
	}
	if missing != nil {
		return nil, missing
	}
	if len(own) == 0 {
		return nil, incomplete(fmt.Sprintf("pull request %d has no commits", pull.Number))
	}
	parents := node.Merge.Parents.Nodes
	holds := func(sha fact.SHA) bool {
		return slices.ContainsFunc(own, func(commit fact.PullCommit) bool { return commit.SHA == sha })
	}
	var base *parentNode
	switch {
	case len(parents) == 2 && parents[1].sha() == pull.Head && pull.Head != "":
		base = parents[0] // a merge
	case len(parents) == 1 && (len(own) == 1 || node.squashed(parents[0], pull) && !holds(pull.MergeCommit)):
		base = parents[0]
	}
	switch {
	case base == nil || holds(base.sha()):
		return nil, notBefore(pull)
	case base.sha() == "" || base.Tree == nil:
		return nil, incomplete("POST graphql: the answer does not say what the merge builds on")
	}
	return base, nil
}

// squashed reports whether GitHub put several commits into one. It signs those,
// and not the commits of a rebase, of which the one before the last belongs to
// the pull request.
func (n *ownershipNode) squashed(parent *parentNode, pull fact.Pull) bool {
	signature := n.Merge.Signature.value
	if signature == nil || !signature.IsValid || !signature.ByGitHub || !parent.Associated.whole() {
		return false
	}
	return !slices.ContainsFunc(parent.Associated.Nodes, func(other *pullNode) bool { return other.Number == pull.Number })
}

// notBefore is the reason where nobody can tell what was there before.
func notBefore(pull fact.Pull) *fact.Missing {
	missing := inconsistent(fmt.Sprintf("the first parent of %s may be a commit of #%d itself, as after a rebase or a push; who owned the files before is not known", pull.MergeCommit.Short(), pull.Number))
	missing.Fix = "Merge on GitHub, with a merge commit or a squash."
	return missing
}

// owners reads the first CODEOWNERS file that there is in the base, and where
// it is. Without one the place is "" and nobody owns anything. Each step is
// listed by the one before it, from the base's tree on, so that "there is none"
// is proven.
func (n *ownershipNode) owners(base *parentNode) (place string, owners codeowners.File, missing *fact.Missing) {
	if missing := listed(n.Root, "the root of "+base.OID); missing != nil {
		return "", owners, missing
	}
	if n.Root.OID != base.Tree.OID {
		return "", owners, inconsistent(fmt.Sprintf("POST graphql: the tree of %s is %s and %s", base.OID, base.Tree.OID, n.Root.OID))
	}
	found := []struct {
		directory *treeNode
		file      answered[blobNode]
	}{{n.GitHub, n.InGitHub}, {n.Root, n.InRoot}, {n.Docs, n.InDocs}}
	for i, place := range codeowners.Places() {
		text, missing := n.textAt(place, found[i].directory, found[i].file)
		if missing != nil {
			return "", owners, missing
		}
		if text == nil {
			continue
		}
		owners, missing = parseOwners(place, base.sha(), *text)
		return place, owners, missing
	}
	return "", owners, nil
}

// textAt returns the text of a file, or nil where the lists prove that there is
// none.
func (n *ownershipNode) textAt(place string, directory *treeNode, file answered[blobNode]) (*string, *fact.Missing) {
	if !file.here {
		return nil, incomplete("POST graphql: the answer leaves out " + place)
	}
	if name := path.Dir(place); name != "." {
		switch entry := find(n.Root, name); {
		case (entry == nil || entry.Type != typeTree) && file.value != nil:
			return nil, inconsistent(fmt.Sprintf("POST graphql: %s is not listed, but it was returned", place))
		case entry == nil || entry.Type != typeTree:
			return nil, nil
		case directory == nil || directory.OID != entry.OID:
			return nil, incomplete(fmt.Sprintf("POST graphql: the answer does not list the directory of %s", place))
		}
	}
	entry, missing := fileEntry(directory, file.value, place)
	if missing != nil || entry == nil {
		return nil, missing
	}
	if size := file.value.ByteSize; size != nil && *size >= codeowners.MaxSize {
		missing = incomplete(fmt.Sprintf("%s has %d bytes; GitHub does not load a file of 3 MB or more", place, *size))
	} else {
		missing = wholeFile(file.value, entry, place)
	}
	if missing != nil {
		missing.Fix = "Make the file smaller than 500 kB, in UTF-8: one pattern can stand for many files."
		return nil, missing
	}
	return file.value.Text, nil
}

// parseOwners reads the text. The reason names the line that cannot be read.
func parseOwners(place string, base fact.SHA, text string) (codeowners.File, *fact.Missing) {
	owners, err := codeowners.Parse(text)
	if err == nil {
		return owners, nil
	}
	missing := incomplete(fmt.Sprintf("%s cannot be read at commit %s: %v", place, base.Short(), err))
	missing.Fix = fmt.Sprintf("Correct that line of %s; it counts for what is merged afterwards. GitHub skips a line that it cannot read, so that files lose their owners.", place)
	return codeowners.File{}, missing
}
