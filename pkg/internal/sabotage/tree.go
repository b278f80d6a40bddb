package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tree is the module that is sabotaged. It is only ever read.
type tree struct{ root string }

// overlay copies the files of a patch into a folder, applies the patch there, and
// writes beside them what "go build -overlay" takes. It returns the path of that.
func (t tree) overlay(ctx context.Context, broken patch, folder string) (string, error) {
	replaced := map[string]string{}
	for _, file := range broken.files {
		from, to := filepath.Join(t.root, filepath.FromSlash(file)), filepath.Join(folder, filepath.FromSlash(file))
		text, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			return "", err
		}
		replaced[from] = to
	}
	if err := gitApply(ctx, folder, broken.path); err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "overlay.json")
	return path, os.WriteFile(path, data, 0o600)
}

// gitApply applies a patch in a folder. Lines may have moved; nothing else may
// have changed around them. git would look for a repository above the folder, and
// skip what lies outside of the folder in it: the ceiling keeps it from that.
func gitApply(ctx context.Context, folder, path string) error {
	command := exec.CommandContext(ctx, "git", "apply", path)
	command.Dir = folder
	command.Env = append(command.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(folder))
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("apply %s: %w: %s", filepath.Base(path), err, bytes.TrimSpace(said))
	}
	return nil
}

// build makes the test program of a package, with an overlay or without one.
func (t tree) build(ctx context.Context, overlay, folder, into string) error {
	args := []string{"test", "-c", "-p", "1", "-vet=off", "-ldflags=-w", "-o", into}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	command := exec.CommandContext(ctx, "go", append(args, "./"+folder)...)
	command.Dir = t.root
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the tests of %s: %w\n%s", folder, err, bytes.TrimSpace(said))
	}
	return nil
}

// test runs some tests of a test program, and returns the first that fails; "" when
// all pass. That there are none to run is an error: they would never fail.
func (t tree) test(ctx context.Context, program string, which catcher) (failed string, err error) {
	command := exec.CommandContext(ctx, program, "-test.run", which.tests, "-test.timeout", "3m")
	command.Dir = filepath.Join(t.root, filepath.FromSlash(which.folder))
	said, err := command.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil && bytes.Contains(said, []byte("no tests to run")):
		return "", fmt.Errorf("%s: there is no such test", which)
	case err == nil:
		return "", nil
	case errors.As(err, &exit) && ctx.Err() == nil:
		return firstFailure(string(said)), nil
	}
	return "", fmt.Errorf("run %s: %w", which, err)
}

// firstFailure names the first test in a log that failed, with the part of it that
// did.
func firstFailure(log string) string {
	first := ""
	for line := range strings.Lines(log) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: ")
		name, _, _ := strings.Cut(rest, " ")
		if ok && (first == "" || strings.HasPrefix(name, first+"/")) {
			first = name
		}
	}
	if first == "" {
		return "the tests, which did not come to their end"
	}
	return first
}
