package github

import (
	"crypto/sha1" //nolint:gosec // git names objects by it
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// The modes of tree entries, in the decimal that GraphQL gives them in.
const (
	modeFile       = 0o100644
	modeExecutable = 0o100755
	modeSymlink    = 0o120000
)

const (
	typeTree = "tree"
	typeBlob = "blob"
)

// policyProof walks from the tip of the default branch to the policy file.
// Every step is listed by the step before it, and their ids chain, so that
// "there is none" is proven and the text is the tip's.
type policyProof struct {
	path      string
	root      *treeNode
	directory answered[treeNode]
	file      answered[blobNode]
}

// raced is the reason for a chain whose ids do not fit: two parts of one
// answer show different commits. The answer may be asked for again.
func raced(format string, args ...any) (*fact.Missing, bool) {
	missing := inconsistent("POST graphql: " + fmt.Sprintf(format, args...))
	missing.Fix = "Somebody may have pushed to the default branch meanwhile. Start the run again."
	return missing, true
}

// policyFact reads the policy file, or proves that there is none. The last
// result says that the answer contradicts itself and may be asked for again.
func (r *Reader) policyFact(answer graphAnswer[overviewNode], repository fact.Repository, missing *fact.Missing) (fact.PolicyFile, *fact.Missing, bool) {
	if missing != nil {
		return fact.PolicyFile{}, missing, false
	}
	if missing := answer.Errors.at(contents, policyAreas...); missing != nil {
		return fact.PolicyFile{}, missing, false
	}
	data := answer.Data.Repository
	proof := policyProof{path: r.policyPath, root: data.DefaultBranch.Target.Tree, directory: data.PolicyDirectory, file: data.PolicyFile}
	file := fact.PolicyFile{Path: r.policyPath, Branch: repository.DefaultBranch, Commit: repository.DefaultCommit}
	entry, missing, again := proof.entry()
	if missing != nil || entry == nil {
		if missing == nil {
			file.Similar = proof.similar()
		}
		return file, missing, again
	}
	blob, missing, again := proof.blob(entry)
	if missing != nil {
		return file, missing, again
	}
	file.Exists, file.Blob, file.Text = true, fact.SHA(blob.OID), *blob.Text
	return file, nil, false
}

// entry returns the listed entry of the policy file; nil with no reason means
// that the file is proven absent.
func (p policyProof) entry() (*entryNode, *fact.Missing, bool) {
	if missing := listed(p.root, "the root of the default branch"); missing != nil {
		return nil, missing, false
	}
	if !p.directory.here || !p.file.here {
		return nil, incomplete("POST graphql: the answer leaves the policy file out"), false
	}
	exists, missing, again := p.checkDirectory()
	if missing != nil {
		return nil, missing, again
	}
	var entry *entryNode
	if exists {
		entry = find(p.directory.value, path.Base(p.path))
	}
	if entry == nil && p.file.value != nil {
		missing, again = raced("%s is not listed, but it was returned", p.path)
		return nil, missing, again
	}
	return entry, nil, false
}

// similar returns the paths of files that a person may have meant to be the
// policy: of its name in other letters or with the other extension, in its
// directory or at the root.
func (p policyProof) similar() []string {
	want := stem(path.Base(p.path))
	var found []string
	look := func(tree *treeNode, directory string) {
		for _, entry := range tree.Entries {
			extension := strings.ToLower(path.Ext(entry.Name))
			yaml := extension == ".yml" || extension == ".yaml"
			if entry.Type == typeBlob && yaml && stem(entry.Name) == want {
				found = append(found, path.Join(directory, entry.Name))
			}
		}
	}
	look(p.root, "")
	if directory := path.Dir(p.path); directory != "." && p.directory.value != nil {
		look(p.directory.value, directory)
	}
	slices.Sort(found)
	return found
}

// stem is a name in lower case, without its extension.
func stem(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
}

// checkDirectory ties the listed directory to the root. exists is false when
// the root's list proves that there is no such directory.
func (p policyProof) checkDirectory() (exists bool, missing *fact.Missing, again bool) {
	name := path.Dir(p.path)
	first, _, deep := strings.Cut(name, "/")
	want := p.root.OID
	if name != "." {
		entry := find(p.root, first)
		switch {
		case entry == nil && p.directory.value != nil:
			missing, again = raced("%s is not listed, but it was returned", name)
			return false, missing, again
		case entry == nil:
			return false, nil, false
		case entry.Type != typeTree:
			return false, inconsistent(fmt.Sprintf("POST graphql: %s is a %s, not a directory; the policy must be a regular file in a regular directory", first, entry.Type)), false
		}
		want = entry.OID
	}
	if p.directory.value == nil {
		return false, incomplete(fmt.Sprintf("POST graphql: the answer does not list the directory of %s", p.path)), false
	}
	if missing := listed(p.directory.value, name); missing != nil {
		return false, missing, false
	}
	// Of a deeper path only the ends are listed, so only the end can be asked.
	if !deep && p.directory.value.OID != want {
		missing, again = raced("%s is listed as %s and returned as %s", name, want, p.directory.value.OID)
		return false, missing, again
	}
	return true, nil, false
}

// blob checks the returned file against its entry.
func (p policyProof) blob(entry *entryNode) (*blobNode, *fact.Missing, bool) {
	switch {
	case entry.Mode == modeSymlink:
		return nil, inconsistent(fmt.Sprintf("POST graphql: %s is a symbolic link; the policy must be a regular file", p.path)), false
	case entry.Type != typeBlob || entry.Mode != modeFile && entry.Mode != modeExecutable:
		return nil, inconsistent(fmt.Sprintf("POST graphql: %s is a %s of mode %o; the policy must be a regular file", p.path, entry.Type, entry.Mode)), false
	case p.file.value == nil:
		return nil, incomplete(fmt.Sprintf("POST graphql: %s is listed, but it was not returned", p.path)), false
	}
	blob := p.file.value
	switch {
	case blob.Typename != "Blob":
		missing, again := raced("%s is listed as a file and returned as a %s", p.path, blob.Typename)
		return nil, missing, again
	case blob.OID != entry.OID:
		missing, again := raced("%s is listed as %s and returned as %s", p.path, entry.OID, blob.OID)
		return nil, missing, again
	case blob.IsTruncated == nil || blob.IsBinary == nil || blob.Text == nil || *blob.IsTruncated || *blob.IsBinary:
		return nil, incomplete(fmt.Sprintf("POST graphql: %s did not arrive whole; is it text, and small?", p.path)), false
	case blobID(*blob.Text, len(blob.OID)) != blob.OID:
		return nil, incomplete(fmt.Sprintf("POST graphql: the text of %s is not that of object %s; is it UTF-8?", p.path, blob.OID)), false
	}
	return blob, nil, false
}

// listed checks that a tree was listed. Only git's empty tree has no entries.
func listed(tree *treeNode, name string) *fact.Missing {
	switch {
	case tree == nil || shaOf(tree.OID) == "" || tree.Entries == nil || slices.Contains(tree.Entries, nil):
		return incomplete(fmt.Sprintf("POST graphql: the answer does not list %s", name))
	case len(tree.Entries) == 0 && objectID("tree", "", len(tree.OID)) != tree.OID:
		return incomplete(fmt.Sprintf("POST graphql: the answer lists nothing in %s, which is not empty", name))
	}
	return nil
}

// find returns the entry of the exact name, or nil.
func find(tree *treeNode, name string) *entryNode {
	for _, entry := range tree.Entries {
		if entry.Name == name {
			return entry
		}
	}
	return nil
}

// blobID returns the id git gives to a file with this text.
func blobID(text string, digits int) string { return objectID(typeBlob, text, digits) }

// objectID returns the id of an object in as many digits as the repository's
// ids have: 40 (SHA-1) or 64 (SHA-256). Source: gitformat, "git hash-object".
func objectID(kind, content string, digits int) string {
	raw := fmt.Appendf(nil, "%s %d\x00%s", kind, len(content), content)
	if digits == 2*sha256.Size {
		return fmt.Sprintf("%x", sha256.Sum256(raw))
	}
	return fmt.Sprintf("%x", sha1.Sum(raw)) //nolint:gosec // see above
}
