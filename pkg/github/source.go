package github

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
)

// Source reads a file as it is in the subject's commit: a regular file of text,
// whole and with the id that its directory lists. That there is none is an
// answer. A symbolic link, a directory and a path that leaves the repository
// are none. Requests: one.
func (r *Reader) Source(ctx context.Context, name string) fact.Known[fact.SourceFile] {
	if err := checkPolicyPath(name); err != nil {
		return fact.Lost[fact.SourceFile](fact.Missing{
			Reason: fact.NotFound, Detail: "the path of a file: " + err.Error(),
			Fix: "Name a file whose path has no other signs. Where the tag brings them in, such as the + of v1.2.0+b, use another tag, or {sha} in place of {tag} and {version}.",
		})
	}
	missing := r.unread()
	if missing == nil { // without the commit, a path in it is missing for another reason
		_, missing = r.session().set.Commit.Get()
	}
	if missing != nil {
		return fact.Lost[fact.SourceFile](*missing)
	}
	query, variables := r.filesQuery(r.subject.SHA, []string{name})
	answer, missing := ask[aliasAnswer](ctx, r, query, variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedSource.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameAliases(answer.Data.Repository)
	}
	if missing != nil {
		return fact.Lost[fact.SourceFile](*missing)
	}
	file, missing := sourceOf(answer.Data.Repository, name)
	file.Path, file.Commit = name, r.subject.SHA
	if file.Exists {
		file.URL = fmt.Sprintf("%s/blob/%s/%s", r.session().set.Repository.OrZero().URL, r.subject.SHA, name)
	}
	return knownIf(file, fact.Source{From: graphSource, URL: file.URL}, missing)
}

// sourceOf checks what an answer says about the file.
func sourceOf(data map[string]json.RawMessage, name string) (fact.SourceFile, *fact.Missing) {
	directory, file, missing := filePair(data, 0, name)
	if missing != nil {
		return fact.SourceFile{}, missing
	}
	entry, missing := fileEntry(directory, file, name)
	if missing != nil || entry == nil {
		return fact.SourceFile{}, missing
	}
	if missing := wholeFile(file, entry, name); missing != nil {
		missing.Fix = "Make it a file of text in UTF-8, smaller than 500 kB."
		return fact.SourceFile{}, missing
	}
	return fact.SourceFile{Exists: true, Blob: fact.SHA(entry.OID), Text: *file.Text}, nil
}
