package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// patch is one sabotage: what it gains, what has to catch it, and the diff.
type patch struct {
	name string // of the file, without ".patch"
	path string
	// gain says in a sentence what an attacker or a slip would gain.
	gain string
	// catchers have to fail, each of them.
	catchers []catcher
	// files are what the diff changes, relative to the root of the module.
	files []string
}

// catcher is some tests of one package.
type catcher struct {
	folder string // of the package, relative to the root of the module
	tests  string // as for "go test -run"
}

func (c catcher) String() string { return c.folder + " " + c.tests }

// top is the pattern of the test functions, without that of their parts.
func (c catcher) top() string {
	top, _, _ := strings.Cut(c.tests, "/")
	return top
}

const extension = ".patch"

// readPatches reads the patches of a folder whose names match a pattern of
// path.Match, by name; "" matches all. None is an error.
func readPatches(folder, only string) ([]patch, error) {
	if only == "" {
		only = "*"
	}
	paths, err := filepath.Glob(filepath.Join(folder, only+extension))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("read patches: no file %s%s in %s", only, extension, folder)
	}
	slices.Sort(paths)
	patches := make([]patch, len(paths))
	for i, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if patches[i], err = parsePatch(text); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		patches[i].path, patches[i].name = path, strings.TrimSuffix(filepath.Base(path), extension)
	}
	return patches, nil
}

const caughtBy = "caught-by:"

var (
	changedFile = regexp.MustCompile(`^--- a/(\S+)$`)
	// diffHeader are the lines that `git diff` writes above that.
	diffHeader = regexp.MustCompile(`^(diff --git a/|index [0-9a-f]+\.\.)`)
)

// parsePatch reads a patch: a sentence, lines that say what has to catch it, and
// a diff as `git diff` writes it.
func parsePatch(text []byte) (patch, error) {
	var read patch
	var gain []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		file := changedFile.FindStringSubmatch(line)
		switch {
		case file != nil:
			read.files = append(read.files, file[1])
		case len(read.files) > 0 || line == "" || diffHeader.MatchString(line):
		case strings.HasPrefix(line, caughtBy):
			folder, tests, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, caughtBy)), " ")
			if !ok || tests == "" {
				return patch{}, fmt.Errorf("%q: want %s PACKAGE TESTS", line, caughtBy)
			}
			if _, err := regexp.Compile(tests); err != nil {
				return patch{}, err
			}
			read.catchers = append(read.catchers, catcher{folder: folder, tests: strings.TrimSpace(tests)})
		default:
			gain = append(gain, line)
		}
	}
	read.gain = strings.Join(gain, " ")
	switch {
	case lines.Err() != nil:
		return patch{}, lines.Err()
	case !strings.HasSuffix(read.gain, "."):
		return patch{}, errors.New("it does not begin with a sentence that says what is gained")
	case len(read.catchers) == 0:
		return patch{}, fmt.Errorf("no line %s says which tests catch it", caughtBy)
	case len(read.files) == 0:
		return patch{}, errors.New("it changes no file")
	}
	return read, nil
}
