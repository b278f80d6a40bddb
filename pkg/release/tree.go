package release

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

const (
	// Repository is where the image of a release is: the name in action.yml.
	Repository = "ghcr.io/stageward/stageward"

	versionFile   = "pkg/cli/version.go"
	actionFile    = "action.yml"
	changelogFile = "CHANGELOG.md"
	goVersionFile = ".go-version"

	unreleased     = "## Unreleased"
	fromDockerfile = "Dockerfile"
)

var (
	versionLine = regexp.MustCompile(`(?m)^const version = "([^"]*)"$`)
	imageLine   = regexp.MustCompile(`(?m)^  image: (.+)$`)
	// unreleasedLine is the heading of the notes that belong to no version yet.
	unreleasedLine = regexp.MustCompile(`(?m)^` + unreleased + `$`)
	released       = regexp.MustCompile(`^docker://` + regexp.QuoteMeta(Repository) + `@(sha256:[0-9a-f]{64})$`)
)

// Tree is a checkout of the source.
type Tree struct {
	Root string
	// Env is the environment of the go command.
	Env []string
}

// State is what a tree says of itself.
type State struct {
	// Version is what the program will say, without a v: 1.2.0, or 1.3.0-dev between releases.
	Version string
	// Digest is the image that action.yml names, as sha256:…; "" where it names the Dockerfile.
	Digest string
}

// State returns what the tree says of itself, and an error unless it is one of
// two: between releases, where the version ends in -dev and the action is built
// from the Dockerfile, or a release, which names its image and has its notes.
// Nothing in between can be tagged by mistake.
func (t Tree) State() (State, error) {
	state, err := t.read()
	if err != nil {
		return state, err
	}
	version, err := semver.StrictNewVersion(state.Version)
	switch {
	case err != nil:
		return state, fmt.Errorf("%s: %q is no version: %w", versionFile, state.Version, err)
	case version.Prerelease() == "dev" && state.Digest != "":
		return state, fmt.Errorf("%s names an image, but %s is not a release: run \"release next %s\"", actionFile, state.Version, state.Version)
	case version.Prerelease() == "dev":
		return state, nil
	case state.Digest == "":
		return state, fmt.Errorf("%s is a release, but %s does not name its image: run \"release prepare %s\"", state.Version, actionFile, state.Version)
	}
	_, err = t.Notes(state.Version)
	return state, err
}

func (t Tree) read() (State, error) {
	version, err := t.find(versionFile, versionLine)
	if err != nil {
		return State{}, err
	}
	image, err := t.find(actionFile, imageLine)
	if err != nil || image == fromDockerfile {
		return State{Version: version}, err
	}
	named := released.FindStringSubmatch(image)
	if named == nil {
		return State{}, fmt.Errorf("%s: the image is %q, want %s or docker://%s@sha256:<digest>", actionFile, image, fromDockerfile, Repository)
	}
	return State{Version: version, Digest: named[1]}, nil
}

// find returns what a line of a file says, of which there has to be one.
func (t Tree) find(name string, line *regexp.Regexp) (string, error) {
	text, err := os.ReadFile(filepath.Join(t.Root, name))
	if err != nil {
		return "", err
	}
	found := line.FindAllStringSubmatch(string(text), -1)
	if len(found) != 1 {
		return "", fmt.Errorf("%s: %d lines like %s, want one", name, len(found), line)
	}
	return found[0][1], nil
}

// GoVersion returns the Go that a release is made with, as 1.26.8. Another one
// makes other bytes.
func (t Tree) GoVersion() (string, error) {
	text, err := os.ReadFile(filepath.Join(t.Root, goVersionFile))
	return strings.TrimSpace(string(text)), err
}

// Notes returns what the changelog says of a version. A version without notes is
// an error: what changes a decision has to be told.
func (t Tree) Notes(version string) (string, error) {
	text, err := os.ReadFile(filepath.Join(t.Root, changelogFile))
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut(string(text), "\n## "+version+"\n")
	notes, _, _ := strings.Cut(rest, "\n## ")
	if notes = strings.TrimSpace(notes); !ok || notes == "" {
		return "", fmt.Errorf("%s has no notes under \"## %s\"", changelogFile, version)
	}
	return notes + "\n", nil
}

// Prepare makes a tree between releases one that is a release: the version, the
// heading of the notes, and the digest of the image that image returns for the
// source as it then is.
func (t Tree) Prepare(version string, image func() (string, error)) error {
	state, err := t.State()
	if err != nil {
		return err
	}
	next, err := semver.StrictNewVersion(version)
	if err != nil || next.Prerelease() == "dev" || next.Metadata() != "" {
		return fmt.Errorf("%q is no version of a release, want something like 1.2.0 or 1.2.0-rc.1", version)
	}
	if state.Digest != "" || next.LessThan(semver.MustParse(strings.TrimSuffix(state.Version, "-dev")+"-0")) {
		return fmt.Errorf("the tree is at %s: it cannot become %s", state.Version, version)
	}
	return t.wholly(func() error {
		if err := t.replace(changelogFile, unreleasedLine, "## "+version); err != nil {
			return err
		}
		if err := t.replace(versionFile, versionLine, `const version = "`+version+`"`); err != nil {
			return err
		}
		if _, err := t.Notes(version); err != nil {
			return err
		}
		digest, err := image()
		if err != nil {
			return err
		}
		if err := t.replace(actionFile, imageLine, "  image: docker://"+Repository+"@"+digest); err != nil {
			return err
		}
		_, err = t.State()
		return err
	})
}

// wholly changes the files that say what the tree is, or leaves them as they were:
// a tree that is neither cannot be prepared again.
func (t Tree) wholly(change func() error) error {
	before := map[string][]byte{}
	for _, name := range []string{versionFile, actionFile, changelogFile} {
		text, err := os.ReadFile(filepath.Join(t.Root, name))
		if err != nil {
			return err
		}
		before[name] = text
	}
	wrong := change()
	if wrong == nil {
		return nil
	}
	for name, text := range before {
		wrong = errors.Join(wrong, os.WriteFile(filepath.Join(t.Root, name), text, 0o644))
	}
	return wrong
}

// Next makes a tree that is a release one on the way to the next version, which
// ends in -dev. To 1.2.0-dev goes a pre-release of 1.2.0, and 1.2.0 itself where it
// was prepared and is not to be released as it is: its notes are unreleased again.
func (t Tree) Next(version string) error {
	next, err := semver.StrictNewVersion(version)
	if err != nil || next.Prerelease() != "dev" {
		return fmt.Errorf("%q is no version between releases, want something like 1.3.0-dev", version)
	}
	state, err := t.read()
	if err != nil {
		return err
	}
	to := strings.TrimSuffix(version, "-dev")
	if last, err := semver.StrictNewVersion(state.Version); err != nil || last.GreaterThan(semver.MustParse(to)) {
		return errors.Join(fmt.Errorf("the tree is at %s: it cannot become %s", state.Version, version), err)
	}
	return t.wholly(func() error {
		if err := t.replace(versionFile, versionLine, `const version = "`+version+`"`); err != nil {
			return err
		}
		if err := t.replace(actionFile, imageLine, "  image: "+fromDockerfile); err != nil {
			return err
		}
		if state.Version == to {
			return t.replace(changelogFile, regexp.MustCompile(`(?m)^## `+regexp.QuoteMeta(to)+`$`), unreleased)
		}
		return t.headUnreleased()
	})
}

// headUnreleased gives the changelog a heading for what comes next, unless it has one.
func (t Tree) headUnreleased() error {
	file := filepath.Join(t.Root, changelogFile)
	text, err := os.ReadFile(file)
	if err != nil || unreleasedLine.Match(text) {
		return err
	}
	first := bytes.Index(text, []byte("\n## "))
	if first < 0 {
		return fmt.Errorf("%s has no heading of a version", changelogFile)
	}
	return os.WriteFile(file, slices.Concat(text[:first], []byte("\n"+unreleased+"\n"), text[first:]), 0o644)
}

func (t Tree) replace(name string, line *regexp.Regexp, with string) error {
	file := filepath.Join(t.Root, name)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if found := len(line.FindAll(text, -1)); found != 1 {
		return fmt.Errorf("%s: %d lines like %s, want one", name, found, line)
	}
	return os.WriteFile(file, line.ReplaceAllLiteral(text, []byte(with)), 0o644)
}
