package github

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	// filesAtOnce is how many files one request asks for.
	filesAtOnce = 20
	// maxFile is the largest file that is taken, in bytes.
	maxFile = 1 << 20
)

// fileQuestion asks for a file and for the directory that lists it: only the
// list tells a file from a symbolic link.
const fileQuestion = `
    d%[1]d: object(expression: $d%[1]d) { __typename oid ... on Tree { entries { name type mode oid } } }
    f%[1]d: object(expression: $f%[1]d) { __typename oid ... on Blob { byteSize isTruncated isBinary text } }`

// aliasAnswer is the data of a query with an alias for each thing asked for.
type aliasAnswer struct {
	Repository map[string]json.RawMessage `json:"repository"`
}

// Files reads files as they are in the commit of the policy, the tip of the
// default branch that Overview saw. The result has every path that was asked
// for: a regular file of text, whole and with the id that its directory lists,
// or the reason why there is none.
func (r *Reader) Files(ctx context.Context, paths []string) map[string]fact.Known[fact.File] {
	policy, missing := r.session().set.Policy.Get()
	found := map[string]fact.Known[fact.File]{}
	var asked []string
	for _, name := range slices.Compact(slices.Sorted(slices.Values(paths))) {
		switch err := checkPolicyPath(name); {
		case err != nil:
			found[name] = fact.Lost[fact.File](fact.Missing{Reason: fact.NotFound, Detail: "the path of a file: " + err.Error()})
		case missing != nil:
			found[name] = fact.Lost[fact.File](*missing)
		default:
			asked = append(asked, name)
		}
	}
	var lock sync.Mutex
	var jobs []func()
	for some := range slices.Chunk(asked, filesAtOnce) {
		jobs = append(jobs, func() {
			files := r.filesAt(ctx, policy, some)
			lock.Lock()
			defer lock.Unlock()
			maps.Copy(found, files)
		})
	}
	together(jobs)
	return found
}

// filesAt asks one question about some files.
func (r *Reader) filesAt(ctx context.Context, policy fact.PolicyFile, paths []string) map[string]fact.Known[fact.File] {
	query, variables := r.filesQuery(policy.Commit, paths)
	answer, missing := ask[aliasAnswer](ctx, r, query, variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedFile.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameAliases(answer.Data.Repository)
	}
	found := map[string]fact.Known[fact.File]{}
	for i, name := range paths {
		if missing != nil {
			found[name] = fact.Lost[fact.File](*missing)
			continue
		}
		file, lost := fileOf(answer.Data.Repository, i, name, policy)
		if lost == nil {
			file.URL = fmt.Sprintf("%s/blob/%s/%s", r.session().set.Repository.OrZero().URL, policy.Commit, name)
		}
		found[name] = knownIf(file, fact.Source{From: graphSource, URL: file.URL}, lost)
	}
	return found
}

// filesQuery names the commit by its id, so that nobody can move it.
func (r *Reader) filesQuery(commit fact.SHA, paths []string) (query string, variables map[string]string) {
	variables = map[string]string{"owner": r.owner, "name": r.name}
	var declared, questions strings.Builder
	for i, name := range paths {
		directory := path.Dir(name)
		if directory == "." {
			directory = ""
		}
		fmt.Fprintf(&declared, ", $d%[1]d: String!, $f%[1]d: String!", i)
		fmt.Fprintf(&questions, fileQuestion, i)
		variables[fmt.Sprintf("d%d", i)] = fmt.Sprintf("%s:%s", commit, directory)
		variables[fmt.Sprintf("f%d", i)] = fmt.Sprintf("%s:%s", commit, name)
	}
	query = fmt.Sprintf("query StagewardFiles($owner: String!, $name: String!%s) {\n  repository(owner: $owner, name: $name) {\n    databaseId%s\n  }\n}\n", &declared, &questions)
	return query, variables
}

// sameAliases refuses an answer about another repository than Overview saw.
func (r *Reader) sameAliases(data map[string]json.RawMessage) *fact.Missing {
	var id int64
	if err := json.Unmarshal(data["databaseId"], &id); err != nil {
		return incomplete("POST graphql: the answer does not identify the repository")
	}
	return r.sameNumber(id)
}

// sameNumber is sameAliases for an answer whose number was read already.
func (r *Reader) sameNumber(id int64) *fact.Missing {
	if id == 0 {
		return incomplete("POST graphql: the answer does not identify the repository")
	}
	if seen := r.session().repository; id != seen {
		return inconsistent(fmt.Sprintf("POST graphql: repository %d answers in place of repository %d", id, seen))
	}
	return nil
}

// fileOf checks what an answer says about one file.
func fileOf(data map[string]json.RawMessage, number int, name string, policy fact.PolicyFile) (fact.File, *fact.Missing) {
	directory, file, missing := filePair(data, number, name)
	if missing != nil {
		return fact.File{}, missing
	}
	entry, missing := fileEntry(directory, file, name)
	if missing != nil {
		return fact.File{}, missing
	}
	if entry == nil {
		return fact.File{}, &fact.Missing{
			Reason: fact.NotFound, Detail: fmt.Sprintf("the branch %q has no file %q at commit %s", policy.Branch, name, policy.Commit),
			Fix: fmt.Sprintf("Add the file to %s, or correct its path in the policy.", policy.Branch),
		}
	}
	if missing := wholeFile(file, entry, name); missing != nil {
		return fact.File{}, missing
	}
	return fact.File{Path: name, Commit: policy.Commit, Blob: fact.SHA(entry.OID), Text: *file.Text}, nil
}

// filePair returns the directory and the file of an answer, nil where it says
// that there is none.
func filePair(data map[string]json.RawMessage, number int, name string) (*treeNode, *blobNode, *fact.Missing) {
	var directory answered[treeNode]
	var file answered[blobNode]
	for alias, into := range map[string]json.Unmarshaler{"d": &directory, "f": &file} {
		raw, here := data[fmt.Sprintf("%s%d", alias, number)]
		if !here || json.Unmarshal(raw, into) != nil {
			return nil, nil, incomplete("POST graphql: the answer leaves out " + name)
		}
	}
	return directory.value, file.value, nil
}

// fileEntry returns how a directory lists a file; nil with no reason means that
// there is no such file. The text of a symbolic link is a path: it could never
// be read as a key, and it is refused before that is tried.
func fileEntry(directory *treeNode, file *blobNode, name string) (*entryNode, *fact.Missing) {
	if file == nil && (directory == nil || directory.Typename != "Tree") {
		return nil, nil // there is not even the directory
	}
	if missing := listed(directory, "the directory of "+name); missing != nil {
		return nil, missing
	}
	entry := find(directory, path.Base(name))
	var missing *fact.Missing
	switch {
	case entry == nil && file == nil:
		return nil, nil
	case entry == nil:
		return nil, inconsistent(fmt.Sprintf("POST graphql: %s is not listed, but it was returned", name))
	case entry.Mode == modeSymlink:
		missing = inconsistent(fmt.Sprintf("POST graphql: %s is a symbolic link, whose content is a path", name))
	case entry.Type != typeBlob || entry.Mode != modeFile && entry.Mode != modeExecutable:
		missing = inconsistent(fmt.Sprintf("POST graphql: %s is a %s of mode %o, not a file", name, entry.Type, entry.Mode))
	case file == nil:
		return nil, incomplete(fmt.Sprintf("POST graphql: %s is listed, but it was not returned", name))
	}
	if missing != nil {
		missing.Fix = "Put the text itself into a regular file."
		return nil, missing
	}
	return entry, nil
}

// wholeFile checks the returned file against its entry.
func wholeFile(file *blobNode, entry *entryNode, name string) *fact.Missing {
	if file.Typename != "Blob" || file.OID != entry.OID || shaOf(file.OID) == "" {
		return inconsistent(fmt.Sprintf("POST graphql: %s is listed as %s and returned as %s %s", name, entry.OID, file.Typename, file.OID))
	}
	if file.ByteSize == nil || file.IsTruncated == nil {
		return incomplete(fmt.Sprintf("POST graphql: the answer does not say whether %s is whole", name))
	}
	var missing *fact.Missing
	switch {
	case *file.ByteSize > maxFile || *file.IsTruncated:
		missing = incomplete(fmt.Sprintf("POST graphql: %s has %d bytes, which is more than GitHub shows or than is read", name, *file.ByteSize))
		missing.Fix = "Split the file into smaller ones."
	case file.IsBinary == nil || *file.IsBinary || file.Text == nil:
		missing = incomplete(fmt.Sprintf("POST graphql: %s is not text", name))
		missing.Fix = "Is it a binary export of a key? Export it with --armor."
	case blobID(*file.Text, len(file.OID)) != file.OID:
		missing = incomplete(fmt.Sprintf("POST graphql: the text of %s is not that of object %s", name, file.OID))
		missing.Fix = "Is the file UTF-8? Export a key with --armor."
	}
	return missing
}
