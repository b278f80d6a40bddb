package githubtest

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// maxPullFiles is how many files of a pull request GitHub lists at most.
const maxPullFiles = 3000

// fileChange is a file that a pull request changes.
type fileChange struct {
	path, before string // before is the former name of a renamed file
	status       string // added, removed, modified or renamed
	blob         string
}

// changesOf returns what a pull request changes, in the order of paths: what its
// head has and the commit does not that it began at.
func (r *repository) changesOf(p *pull) []fileChange {
	return r.changesBetween(r.beganAt(p), p.headCommit())
}

// changesBetween returns what one commit has and another has not, in the order of
// paths. Without a base, that is everything.
func (r *repository) changesBetween(base, head *commit) []fileChange {
	old := map[string]treeEntry{}
	if base != nil {
		r.objects.flatten(base.tree, "", old)
	}
	now := map[string]treeEntry{}
	r.objects.flatten(head.tree, "", now)
	changes := map[string]fileChange{}
	for path, entry := range now {
		before, was := old[path]
		switch {
		case !was:
			changes[path] = fileChange{path: path, status: "added", blob: entry.id}
		case before != entry:
			changes[path] = fileChange{path: path, status: "modified", blob: entry.id}
		}
	}
	for path, entry := range old {
		if _, is := now[path]; !is {
			changes[path] = fileChange{path: path, status: "removed", blob: entry.id}
		}
	}
	return joinRenames(changes)
}

// beganAt returns the newest commit that the head shares with the branch as it
// was before the merge; nil when they share none.
func (r *repository) beganAt(p *pull) *commit {
	base := r.commits[r.refs["refs/heads/"+p.base]]
	if p.mergeCommit != nil && len(p.mergeCommit.parents) > 0 {
		base = r.commits[p.mergeCommit.parents[0]]
	}
	for slices.Contains(p.commits, base) && len(base.parents) > 0 { // it was pushed
		base = r.commits[base.parents[0]]
	}
	if base == nil {
		return nil
	}
	if compared := r.compare(base, p.headCommit()); compared != nil {
		return compared.mergeBase
	}
	return nil
}

// flatten collects the files below a tree by path.
func (o objects) flatten(tree, prefix string, into map[string]treeEntry) {
	for _, entry := range o.entries(tree) {
		if entry.kind == "tree" {
			o.flatten(entry.id, prefix+entry.name+"/", into)
		} else {
			into[prefix+entry.name] = entry
		}
	}
}

// joinRenames makes one change of a file that went and one that came with the
// same content. GitHub also does so where the two are only alike.
func joinRenames(changes map[string]fileChange) []fileChange {
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		came := changes[path]
		if came.status != "added" {
			continue
		}
		for _, other := range slices.Sorted(maps.Keys(changes)) {
			if went := changes[other]; went.status == "removed" && went.blob == came.blob {
				changes[path] = fileChange{path: path, before: other, status: "renamed", blob: came.blob}
				delete(changes, other)
				break
			}
		}
	}
	sorted := make([]fileChange, 0, len(changes))
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		sorted = append(sorted, changes[path])
	}
	return sorted
}

func listPullFiles(r restRequest, p *pull) answer {
	files := r.repo.changesOf(p)
	return paged(r, files[:min(len(files), maxPullFiles)], func(f fileChange) doc { return r.changedFile(f, p.headCommit().id) }, bare)
}

// changedFile shows a file as it is at a commit.
func (r restRequest) changedFile(f fileChange, head string) doc {
	escaped := strings.ReplaceAll(url.PathEscape(f.path), "%2F", "/")
	shown := doc{
		"sha": f.blob, "filename": f.path, "status": f.status, "additions": 1, "deletions": 0, "changes": 1,
		"blob_url": r.repo.html(r.site, "/blob/%s/%s", head, escaped), "raw_url": r.repo.html(r.site, "/raw/%s/%s", head, escaped),
		"contents_url": r.repo.apiURL(r.site, "/contents/%s?ref=%s", escaped, head),
	}
	if f.before != "" {
		shown["previous_filename"] = f.before
	}
	return shown
}

// maxComparedFiles is how many files a comparison lists at most.
const maxComparedFiles = 300

// comparedFiles are the files of a comparison: those that the head has and the
// common ancestor has not. They are on the first page only.
func (r restRequest) comparedFiles(found *comparison) []doc {
	files := []doc{}
	if page := r.query.Get("page"); page != "" && page != "1" {
		return files
	}
	for _, each := range r.repo.changesBetween(found.mergeBase, found.head) {
		if len(files) < maxComparedFiles {
			files = append(files, r.changedFile(each, found.head.id))
		}
	}
	return files
}

// resolveChangedFiles counts all files, also those for which the list has no
// room.
func resolveChangedFiles(q *query, p *pull, _ arguments) (any, error) {
	return len(q.repo.changesOf(p)), nil
}
