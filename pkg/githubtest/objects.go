package githubtest

import (
	"bytes"
	"cmp"
	"crypto/sha1" //nolint:gosec // git object ids are SHA-1
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// object is a git object as git stores it.
type object struct {
	kind string // commit, tree, blob or tag
	body []byte
}

// objects is an object store by id.
type objects map[string]object

// add stores an object and returns its id.
func (o objects) add(kind string, body []byte) string {
	hash := sha1.New() //nolint:gosec // git object ids are SHA-1
	hash.Write(fmt.Appendf(nil, "%s %d\x00", kind, len(body)))
	hash.Write(body)
	id := hex.EncodeToString(hash.Sum(nil))
	o[id] = object{kind: kind, body: body}
	return id
}

// addFiles stores blobs and trees for a set of files by path and returns the
// id of the root tree.
func (o objects) addFiles(files map[string]File) (string, error) {
	here := map[string]treeEntry{}
	below := map[string]map[string]File{}
	for path, file := range files {
		first, rest, nested := strings.Cut(path, "/")
		if first == "" || first == "." || first == ".." || first == ".git" {
			return "", fmt.Errorf("path %q: not a path git would store", path)
		}
		if !nested {
			here[first] = treeEntry{name: first, kind: "blob", mode: fileMode(file), id: o.add("blob", []byte(file.Text))}
			continue
		}
		if below[first] == nil {
			below[first] = map[string]File{}
		}
		below[first][rest] = file
	}
	for name, inside := range below {
		if _, clash := here[name]; clash {
			return "", fmt.Errorf("path %q: both a file and a folder", name)
		}
		id, err := o.addFiles(inside)
		if err != nil {
			return "", err
		}
		here[name] = treeEntry{name: name, kind: "tree", mode: "40000", id: id}
	}
	return o.addTree(here)
}

func fileMode(file File) string { return cmp.Or(file.Mode, "100644") }

func (o objects) addTree(byName map[string]treeEntry) (string, error) {
	entries := make([]treeEntry, 0, len(byName))
	for _, entry := range byName {
		entries = append(entries, entry)
	}
	// Git sorts a folder as if its name ended in a slash.
	key := func(e treeEntry) string {
		if e.kind == "tree" {
			return e.name + "/"
		}
		return e.name
	}
	slices.SortFunc(entries, func(a, b treeEntry) int { return cmp.Compare(key(a), key(b)) })
	var body bytes.Buffer
	for _, entry := range entries {
		raw, err := hex.DecodeString(entry.id)
		if err != nil {
			return "", fmt.Errorf("read id of %s: %w", entry.name, err)
		}
		fmt.Fprintf(&body, "%s %s\x00%s", entry.mode, entry.name, raw)
	}
	return o.add("tree", body.Bytes()), nil
}

// entries reads a tree object back.
func (o objects) entries(id string) []treeEntry {
	var entries []treeEntry
	for rest := o[id].body; len(rest) > 0; {
		head, tail, _ := bytes.Cut(rest, []byte{0})
		mode, name, _ := strings.Cut(string(head), " ")
		kind := "blob"
		if mode == "40000" {
			kind = "tree"
		}
		entries = append(entries, treeEntry{name: name, kind: kind, mode: mode, id: hex.EncodeToString(tail[:sha1.Size])})
		rest = tail[sha1.Size:]
	}
	return entries
}

// find returns the id of what a path names below a tree; the empty path names
// the tree itself.
func (o objects) find(tree, path string) (string, bool) {
	if path == "" {
		return tree, true
	}
	first, rest, nested := strings.Cut(path, "/")
	for _, entry := range o.entries(tree) {
		switch {
		case entry.name != first:
		case !nested:
			return entry.id, true
		case entry.kind == "tree":
			return o.find(entry.id, rest)
		}
	}
	return "", false
}

// line is the identity as it stands in a commit or tag.
func (i identity) line() string {
	return fmt.Sprintf("%s <%s> %d +0000", i.name, i.email, i.when.Unix())
}

// unsignedBody is the commit without a signature: what a signature signs.
func (c *commit) unsignedBody() string {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.tree)
	for _, parent := range c.parents {
		fmt.Fprintf(&b, "parent %s\n", parent)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n\n%s", c.author.line(), c.committer.line(), c.message)
	return b.String()
}

// signedCommit puts a signature into the header of a commit, as git does.
func signedCommit(payload, signature string) string {
	header, message, _ := strings.Cut(payload, "\n\n")
	folded := strings.ReplaceAll(strings.TrimSuffix(signature, "\n"), "\n", "\n ")
	return header + "\ngpgsig " + folded + "\n\n" + message
}

// unsignedBody is the tag without a signature, which git appends.
func (t *tag) unsignedBody() string {
	return fmt.Sprintf("object %s\ntype %s\ntag %s\ntagger %s\n\n%s", t.target, t.targetKind, t.name, t.tagger.line(), t.message)
}

// checkHeader refuses what is no line of a header.
func checkHeader(line string) error {
	if name, _, ok := strings.Cut(line, " "); line != "" && (!ok || name == "" || strings.ContainsAny(line, "\n\x00")) {
		return fmt.Errorf("extra-header: %q; expected one line, such as gpgsigevil x", line)
	}
	return nil
}

// withHeader adds a line to the end of the header of an object.
func withHeader(body, line string) string {
	if line == "" {
		return body
	}
	header, message, _ := strings.Cut(body, "\n\n")
	return header + "\n" + line + "\n\n" + message
}

// covered is the extra line of a header as far as a signature covers it: git
// takes every line that begins with gpgsig out of what it checks.
func covered(line string) string {
	if strings.HasPrefix(line, "gpgsig") {
		return ""
	}
	return line
}
