package githubtest

import (
	"cmp"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// pushRoutes are how a token with "contents: write" makes git objects and
// references.
func pushRoutes() []route {
	tree := objectOf(
		field{name: "tree", required: true, shape: listOf(objectOf(
			field{name: "path", shape: text()},
			field{name: "mode", shape: text("100644", "100755", "040000", "160000", "120000")},
			field{name: "type", shape: text("blob", "tree", "commit")},
			field{name: "sha", refused: true, shape: nullableText()},
			field{name: "content", shape: text()},
		))},
		field{name: "base_tree", refused: true, shape: text()},
	)
	who := func(required bool) shape {
		return objectOf(
			field{name: "name", required: required, shape: text()},
			field{name: "email", required: required, shape: text()},
			field{name: "date", shape: text()},
		)
	}
	commit := objectOf(
		field{name: "message", required: true, shape: text()},
		field{name: "tree", required: true, shape: text()},
		field{name: "parents", shape: listOf(text())},
		field{name: "author", shape: who(true)},
		field{name: "committer", shape: who(false)},
		field{name: "signature", refused: true, shape: text()},
	)
	ref := objectOf(field{name: "ref", required: true, shape: text()}, field{name: "sha", required: true, shape: text()})
	return []route{
		{method: http.MethodPost, pattern: "/git/trees", permission: "contents", body: tree, answer: createTree},
		{method: http.MethodPost, pattern: "/git/commits", permission: "contents", body: commit, answer: createCommit},
		{method: http.MethodPost, pattern: "/git/refs", permission: "contents", body: ref, answer: createRef},
		{method: http.MethodDelete, pattern: "/git/refs/{ref...}", permission: "contents", answer: deleteRef},
	}
}

// unprocessable is GitHub's refusal of a body that has the right shape.
func unprocessable(message string) answer {
	return failure(http.StatusUnprocessableEntity, message)
}

// made is the answer to a request that made something, with its address.
func made(shown doc) answer {
	a := newAnswer(http.StatusCreated, shown)
	a.header.Set("Location", as[string](shown["url"]))
	return a
}

// createTree stores a tree of files whose content is in the request.
func createTree(r restRequest) answer {
	files := map[string]File{}
	for _, item := range as[[]any](r.body["tree"]) {
		entry := requestBody(as[map[string]any](item))
		_, hasContent := entry["content"]
		mode := entry.text("mode")
		_, twice := files[entry.text("path")]
		if twice || !hasContent || entry.text("type") != "blob" || mode == "" || mode == "040000" || mode == "160000" {
			return unprocessable("Invalid tree info")
		}
		files[entry.text("path")] = File{Text: entry.text("content"), Mode: mode}
	}
	if len(files) == 0 {
		return unprocessable("Invalid tree info")
	}
	id, err := r.repo.objects.addFiles(files)
	if err != nil {
		return unprocessable("tree.path contains a malformed path component")
	}
	return made(r.tree(id))
}

func (r restRequest) tree(id string) doc {
	entries := []doc{}
	for _, entry := range r.repo.objects.entries(id) {
		shown := doc{
			"path": entry.name, "mode": entry.mode, "type": entry.kind, "sha": entry.id,
			"url": r.repo.apiURL(r.site, "/git/%ss/%s", entry.kind, entry.id),
		}
		if entry.kind == "tree" {
			shown["mode"] = "0" + entry.mode
		} else {
			shown["size"] = len(r.repo.objects[entry.id].body)
		}
		entries = append(entries, shown)
	}
	return doc{"sha": id, "url": r.repo.apiURL(r.site, "/git/trees/%s", id), "truncated": false, "tree": entries}
}

// createCommit stores an unsigned commit that no reference leads to. The clock
// stands still: the same request makes the same commit.
func createCommit(r restRequest) answer {
	tree, parents := r.body.text("tree"), []string{}
	if r.repo.objects[tree].kind != "tree" {
		return unprocessable("Tree SHA does not exist")
	}
	given, _ := texts(r.body["parents"])
	for _, parent := range given {
		if r.repo.commits[parent] == nil {
			return unprocessable("Parent SHA does not exist or is not a commit object")
		}
		parents = append(parents, parent)
	}
	bot := r.repo.people[actionsBot]
	author, ok := r.who("author", identity{name: bot.login, email: bot.email(), when: r.repo.world.Time, account: bot})
	if !ok {
		return unprocessable("Invalid author")
	}
	committer, ok := r.who("committer", author)
	if !ok {
		return unprocessable("Invalid committer")
	}
	c := &commit{
		tree: tree, parents: parents, author: author, committer: committer, message: r.body.text("message"), generated: len(r.repo.commits),
	}
	c.id = r.repo.objects.add("commit", []byte(c.unsignedBody()))
	if known := r.repo.commits[c.id]; known != nil {
		c = known
	}
	r.repo.commits[c.id] = c
	return made(r.gitCommit(c))
}

// plainText is what git takes for a name or an e-mail address.
var plainText = regexp.MustCompile(`^[^<>\n\x00]+$`)

// who reads the author or committer of a commit; ok is false for one that git
// does not take.
func (r restRequest) who(name string, fallback identity) (_ identity, ok bool) {
	listed, given := r.body[name].(map[string]any)
	if !given {
		return fallback, true
	}
	body := requestBody(listed)
	email := body.text("email")
	when, err := time.Parse(time.RFC3339, cmp.Or(body.text("date"), r.repo.world.Time.Format(time.RFC3339)))
	if err != nil || !plainText.MatchString(body.text("name")) || !plainText.MatchString(email) {
		return identity{}, false
	}
	return identity{name: body.text("name"), email: email, when: when.UTC(), account: r.repo.accountOf(email)}, true
}

// objectID is how GitHub wants an object named.
var objectID = regexp.MustCompile(`^[0-9a-f]{40}$`)

// createRef makes a reference, which must not be there.
func createRef(r restRequest) answer {
	name, id := r.body.text("ref"), r.body.text("sha")
	stored, exists := r.repo.objects[id]
	switch {
	case !strings.HasPrefix(name, "refs/") || strings.Count(name, "/") < 2 || badRefName.MatchString(name):
		return unprocessable("Reference name is not well-formed")
	case !objectID.MatchString(id):
		return unprocessable("The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
	case !exists:
		return unprocessable("Object does not exist")
	case r.repo.refs[name] != "":
		return unprocessable("Reference already exists")
	case strings.HasPrefix(name, "refs/heads/") && stored.kind != "commit" || r.repo.inTheWay(name):
		return unprocessable("Reference update failed")
	}
	r.repo.refs[name] = id
	return made(r.ref(name))
}

// inTheWay reports whether a reference cannot be beside those that are there:
// to git they are files, and a file is no folder.
func (r *repository) inTheWay(name string) bool {
	for other := range r.refs {
		if strings.HasPrefix(other, name+"/") || strings.HasPrefix(name, other+"/") {
			return true
		}
	}
	return false
}

// deleteRef deletes a reference, which has to be there.
func deleteRef(r restRequest) answer {
	name := "refs/" + r.value("ref")
	switch {
	case r.repo.refs[name] == "":
		return unprocessable("Reference does not exist")
	case name == "refs/heads/"+r.repo.world.DefaultBranch:
		return unprocessable("Cannot delete the default branch")
	}
	delete(r.repo.refs, name)
	return answer{status: http.StatusNoContent, header: http.Header{}}
}
