package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/scaffold"
)

const (
	workflowFolder = ".github/workflows"
	// mostWorkflows is how many workflow files are looked at.
	mostWorkflows = 200
	// maxLooked is the size of the largest file that is looked at.
	maxLooked = 1 << 20
)

// gitFound is what .git says, with its gaps filled by guesses.
type gitFound struct {
	remote             scaffold.Remote
	branch, branchFrom string
	branchSure         bool
}

// lookAtGit reads .git as files. It runs no git: what the configuration of a
// repository names would run with it.
func lookAtGit(folder string) gitFound {
	own, common := gitFolders(folder)
	found := gitFound{branch: "main", branchFrom: "because nothing says otherwise"}
	if own == "" {
		return found
	}
	if config, err := readPlain(filepath.Join(common, "config")); err == nil {
		found.remote, _ = scaffold.Origin(string(config))
	}
	head, _ := readPlain(filepath.Join(common, "refs", "remotes", "origin", "HEAD")) //nolint:errcheck // an empty text names no branch
	if branch := scaffold.Target(string(head), "refs/remotes/origin/"); branch != "" {
		found.branch, found.branchFrom, found.branchSure = branch, "what the remote origin has as HEAD", true
		return found
	}
	if branch := knownBranch(common); branch != "" {
		found.branch, found.branchFrom = branch, "a branch of the remote origin"
		return found
	}
	head, _ = readPlain(filepath.Join(own, "HEAD")) //nolint:errcheck // as above
	if branch := scaffold.Target(string(head), "refs/heads/"); branch != "" {
		found.branch, found.branchFrom = branch, "the branch that is checked out"
	}
	return found
}

// gitFolders returns the folder of a work tree's own git files, and the one that
// all its work trees share; "" where there is none. In a linked work tree .git is a
// file that names the first, which names the second.
//
// Source: gitrepository-layout(5).
func gitFolders(folder string) (own, common string) {
	own = filepath.Join(folder, ".git")
	info, err := os.Stat(own)
	if err != nil {
		return "", ""
	}
	if !info.IsDir() {
		text, err := readPlain(own)
		path, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
		if err != nil || !ok {
			return "", ""
		}
		own = from(folder, path)
	}
	if text, err := readPlain(filepath.Join(own, "commondir")); err == nil {
		return own, from(own, strings.TrimSpace(string(text)))
	}
	return own, own
}

// from returns a path that may be relative to a folder.
func from(folder, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

// knownBranch returns main or master if the remote has just one of them.
func knownBranch(common string) string {
	packed, _ := readPlain(filepath.Join(common, "packed-refs")) //nolint:errcheck // then no reference is packed
	var known []string
	for _, each := range []string{"main", "master"} {
		name := "refs/remotes/origin/" + each
		_, err := os.Stat(filepath.Join(common, filepath.FromSlash(name)))
		if err == nil || strings.Contains(string(packed)+"\n", " "+name+"\n") {
			known = append(known, each)
		}
	}
	if len(known) != 1 {
		return ""
	}
	return known[0]
}

// readPlain reads a file that is one: not a pipe, on which a reader waits.
func readPlain(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	return readLimited(path, maxLooked)
}

// workflowsOf returns the workflows of a repository, by name. Links that lead out
// of it are not followed.
func workflowsOf(root *os.Root) ([]scaffold.Source, error) {
	entries, err := fs.ReadDir(root.FS(), workflowFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at the workflows: %w", err)
	}
	var sources []scaffold.Source
	for _, each := range entries {
		if kind := filepath.Ext(each.Name()); kind != ".yml" && kind != ".yaml" {
			continue
		}
		if len(sources) == mostWorkflows {
			return nil, fmt.Errorf("look at the workflows: %s has more than %d; name the checks with --check in a folder without them", workflowFolder, mostWorkflows)
		}
		path := workflowFolder + "/" + each.Name()
		text, err := readBelow(root, path)
		if err != nil {
			return nil, fmt.Errorf("look at the workflows: %w", err)
		}
		sources = append(sources, scaffold.Source{Path: path, Text: text})
	}
	return sources, nil
}

// readBelow reads a file of the repository.
func readBelow(root *os.Root, path string) ([]byte, error) {
	if !isFile(root, path) {
		return nil, fmt.Errorf("%s is not a file of the repository", path)
	}
	file, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	return io.ReadAll(io.LimitReader(file, maxLooked))
}

func isFile(root *os.Root, path string) bool {
	info, err := root.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// codeOwnersOf returns the path of the file of code owners that GitHub takes, or "".
func codeOwnersOf(root *os.Root) string {
	places := []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}
	if at := slices.IndexFunc(places, func(path string) bool { return isFile(root, path) }); at >= 0 {
		return places[at]
	}
	return ""
}

// testCommand returns what runs the tests of a repository, or "" where no file
// says so.
func testCommand(root *os.Root) string {
	if text, err := readBelow(root, "Makefile"); err == nil && strings.Contains("\n"+string(text), "\ntest:") {
		return "make test"
	}
	for _, each := range [][2]string{{"go.mod", "go test ./..."}, {"Cargo.toml", "cargo test"}, {"package-lock.json", "npm ci && npm test"}} {
		if isFile(root, each[0]) {
			return each[1]
		}
	}
	return ""
}
