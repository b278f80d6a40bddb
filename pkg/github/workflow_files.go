package github

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

// workflowsQuery asks for every directory on the way and for what is in the last,
// by the commit's id, so that nobody can move it meanwhile.
const workflowsQuery = `query StagewardWorkflows($owner: String!, $name: String!, $commit: GitObjectID!, $github: String!, $workflows: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    commit: object(oid: $commit) { __typename oid ... on Commit { tree { oid entries { name type mode oid } } } }
    github: object(expression: $github) { __typename oid ... on Tree { entries { name type mode oid } } }
    workflows: object(expression: $workflows) {
      __typename
      oid
      ... on Tree {
        entries { name type mode oid object { __typename oid ... on Blob { byteSize isTruncated isBinary text } } }
      }
    }
  }
}
`

// workflowsData is the data of the query.
type workflowsData struct {
	Repository struct {
		DatabaseID int64                      `json:"databaseId"`
		Commit     *objectNode                `json:"commit"`
		GitHub     answered[treeNode]         `json:"github"`
		Workflows  answered[workflowTreeNode] `json:"workflows"`
	} `json:"repository"`
}

// workflowTreeNode is a tree with the objects that it lists.
type workflowTreeNode struct {
	OID     string               `json:"oid"`
	Entries []*workflowEntryNode `json:"entries"`
}

type workflowEntryNode struct {
	entryNode
	Object answered[blobNode] `json:"object"`
}

// Workflows reads the workflow files at the tip of the default branch, as the
// overview saw it, in the order of their paths: every entry of .github/workflows
// that ends in .yml or .yaml. One of which the text cannot be had says why. That
// there is no such directory is an answer: the root lists none. Requests: one.
func (r *Reader) Workflows(ctx context.Context) fact.Known[[]fact.WorkflowFile] {
	missing := r.unread()
	repository := r.session().set.Repository.OrZero()
	if missing == nil && repository.DefaultCommit == "" {
		missing = incomplete("the tip of the default branch has not been read")
	}
	if missing != nil {
		return fact.Lost[[]fact.WorkflowFile](*missing)
	}
	commit := string(repository.DefaultCommit)
	answer, missing := ask[workflowsData](ctx, r, workflowsQuery, map[string]string{
		"owner": r.owner, "name": r.name, "commit": commit, "github": commit + ":.github", "workflows": commit + ":" + workflowFolder,
	})
	if missing == nil {
		missing = answer.Errors.at(fact.NeedWorkflows.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameNumber(answer.Data.Repository.DatabaseID)
	}
	if missing != nil {
		return fact.Lost[[]fact.WorkflowFile](*missing)
	}
	page := fmt.Sprintf("%s/blob/%s/%s", repository.URL, commit, workflowFolder)
	files, missing := answer.Data.files(commit, page)
	return knownIf(files, fact.Source{From: graphSource, URL: strings.Replace(page, "/blob/", "/tree/", 1)}, missing)
}

// files returns the workflow files in the order of their paths. page is the
// address of their directory.
func (d *workflowsData) files(commit, page string) ([]fact.WorkflowFile, *fact.Missing) {
	entries, missing := d.entries(commit)
	if missing != nil {
		return nil, missing
	}
	files := []fact.WorkflowFile{}
	for _, entry := range entries {
		if !mayBeWorkflow(entry.Name) {
			continue
		}
		file, missing := entry.file(page)
		if missing != nil {
			return nil, missing
		}
		files = append(files, file)
	}
	order.By(files, func(a, b fact.WorkflowFile) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// mayBeWorkflow reports whether GitHub could take a file for a workflow. Whether it
// minds capitals is not documented, so they are let in.
func mayBeWorkflow(name string) bool {
	extension := strings.ToLower(path.Ext(name))
	return extension == ".yml" || extension == ".yaml"
}

// entries returns what is in the directory of the workflows: nothing where the
// directory before it lists none. The ids chain from the commit on.
func (d *workflowsData) entries(commit string) ([]*workflowEntryNode, *fact.Missing) {
	at := d.Repository
	switch {
	case at.Commit == nil || at.Commit.Typename != "Commit" || !at.GitHub.here || !at.Workflows.here:
		return nil, incomplete("POST graphql: the answer leaves out a directory on the way to the workflows")
	case at.Commit.OID != commit:
		return nil, inconsistent(fmt.Sprintf("POST graphql: asked for commit %s, the answer is of %s", commit, at.Commit.OID))
	}
	there, missing := tied(at.Commit.Tree, ".github", at.GitHub.value)
	if missing != nil || !there {
		if missing == nil && at.Workflows.value != nil {
			missing = inconsistent("POST graphql: .github is not listed, but what is in it was returned")
		}
		return nil, missing
	}
	var listing *treeNode
	if found := at.Workflows.value; found != nil {
		listing = &treeNode{OID: found.OID, Entries: found.plain()}
	}
	there, missing = tied(at.GitHub.value, "workflows", listing)
	if missing != nil || !there {
		return nil, missing
	}
	if missing := listed(listing, workflowFolder); missing != nil {
		return nil, missing
	}
	return at.Workflows.value.Entries, nil
}

// tied reports whether a directory lists another, which is then the one that was
// returned.
func tied(parent *treeNode, name string, returned *treeNode) (bool, *fact.Missing) {
	if missing := listed(parent, "the directory of "+name); missing != nil {
		return false, missing
	}
	entry := find(parent, name)
	switch {
	case entry == nil && returned == nil:
		return false, nil
	case entry == nil:
		return false, inconsistent(fmt.Sprintf("POST graphql: %s is not listed, but it was returned", name))
	case entry.Type != typeTree:
		missing := inconsistent(fmt.Sprintf("POST graphql: %s is a %s of mode %o, not a directory", name, entry.Type, entry.Mode))
		missing.Fix = "Put the workflows into regular files in a regular directory."
		return false, missing
	case returned == nil:
		return false, incomplete(fmt.Sprintf("POST graphql: %s is listed, but it was not returned", name))
	case returned.OID != entry.OID:
		return false, inconsistent(fmt.Sprintf("POST graphql: %s is listed as %s and returned as %s", name, entry.OID, returned.OID))
	}
	return true, nil
}

// plain returns the entries without their objects.
func (n *workflowTreeNode) plain() []*entryNode {
	if n.Entries == nil {
		return nil
	}
	plain := []*entryNode{}
	for _, entry := range n.Entries {
		if entry == nil {
			plain = append(plain, nil)
			continue
		}
		plain = append(plain, &entry.entryNode)
	}
	return plain
}

// file returns a workflow file. page is the address of its directory.
func (n *workflowEntryNode) file(page string) (fact.WorkflowFile, *fact.Missing) {
	found := fact.WorkflowFile{Path: workflowFolder + "/" + n.Name, Blob: shaOf(n.OID), URL: page + "/" + url.PathEscape(n.Name)}
	if found.Blob == "" || strings.Contains(n.Name, "/") {
		return found, incomplete(fmt.Sprintf("POST graphql: the answer does not hold all of %q", found.Path))
	}
	if n.Type != typeBlob || n.Mode != modeFile && n.Mode != modeExecutable {
		found.Unreadable = fmt.Sprintf("it is a %s of mode %o, not a regular file", n.Type, n.Mode)
		if n.Mode == modeSymlink {
			found.Unreadable = "it is a symbolic link"
		}
		return found, nil
	}
	blob := n.Object.value
	if blob == nil || blob.Typename != "Blob" || blob.IsTruncated == nil || blob.IsBinary == nil || blob.ByteSize == nil {
		return found, incomplete(fmt.Sprintf("POST graphql: %q is listed, but not all of it was returned", found.Path))
	}
	if blob.OID != n.OID {
		return found, inconsistent(fmt.Sprintf("POST graphql: %q is listed as %s and returned as %s", found.Path, n.OID, blob.OID))
	}
	switch {
	case *blob.IsBinary:
		found.Unreadable = "it is not text"
	case *blob.IsTruncated || *blob.ByteSize > maxFile:
		found.Unreadable = fmt.Sprintf("it has %d bytes, more than GitHub shows", *blob.ByteSize)
	case blob.Text == nil:
		return found, incomplete(fmt.Sprintf("POST graphql: the text of %q was not returned", found.Path))
	case blobID(*blob.Text, len(blob.OID)) != blob.OID:
		found.Unreadable = "its text did not arrive as it is in the commit; is it UTF-8?"
	default:
		found.Text = *blob.Text
	}
	return found, nil
}
