package actions_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// newPipe returns the path of a named pipe.
func newPipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A pipe without a reader keeps whoever opens it waiting, and one whose reader does
// not read whoever writes more than it holds: without an error this test never ends.
func TestAPipeKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	alone, read := newPipe(t), newPipe(t)
	reader, err := os.OpenFile(read, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	long := []actions.Output{{Name: "result", Value: strings.Repeat("x", 1<<20)}}
	for name, path := range map[string]string{"nobody reads": alone, "somebody might": read} {
		if err := outputFile(path, rand.Reader).Write(long); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: Write returns %v", name, err)
		}
		if err := summary(path).Append("text"); err == nil {
			t.Errorf("%s: Append returns no error", name)
		}
	}
}

// The runner follows a link as we do, so what is written is what it reads.
func TestOutputsGoWhereTheRunnerReadsThem(t *testing.T) {
	t.Parallel()
	folder, target := t.TempDir(), newFile(t, "")
	link, broken := filepath.Join(folder, "link"), filepath.Join(folder, "broken")
	if err := errors.Join(os.Symlink(target, link), os.Symlink(filepath.Join(folder, "none"), broken)); err != nil {
		t.Fatal(err)
	}
	if err := outputFile(link, rand.Reader).Write(allowOutputs); err != nil {
		t.Error(err)
	}
	if got, err := runnerOutputs(readBack(t, link)); err != nil || got["allowed"] != "true" {
		t.Errorf("the runner reads %q, %v", got, err)
	}
	if err := outputFile(broken, rand.Reader).Write(allowOutputs); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("through a link to nothing, Write returns %v", err)
	}
	if _, err := os.Lstat(filepath.Join(folder, "none")); err == nil {
		t.Error("a file was made where nobody reads it")
	}
}

// written returns a file that held something before with the outputs of a verdict,
// and what these say.
func written(t *testing.T, before string, result verdict.Verdict) (file string, outputs map[string]string) {
	t.Helper()
	given, err := report.Outputs(result)
	if err != nil {
		t.Fatal(err)
	}
	path, all, said := newFile(t, before), []actions.Output{}, map[string]string{}
	for _, each := range given {
		all = append(all, actions.Output{Name: each.Name, Value: each.Value})
		said[each.Name] = each.Value
	}
	if err := outputFile(path, rand.Reader).Write(all); err != nil {
		t.Fatal(err)
	}
	return readBack(t, path), said
}

// befores are what may stand in the file before: outputs, halves of lines and of
// values that another process was killed over. None is an allow of its own.
var befores = []string{
	"", "\n", "\r\n", "earlier=1\n", "earlier=1", "sha=0000000000000000000000000000000000000000\n", "allowed=false\n", "decision=deny\n",
	"x", "=", "<<", "allowed", "allowed=", "allowed<<", "allowed<<x", "allowed<<x\n", "allowed<<x\ntrue", "allowed<<x\ntrue\n", "allowed=t", "allowed=tru",
	"decision<<allow", "decision=", "decision<<x\nallow\n", "stage<<", "result<<x\n{\"a\":\nallowed=true", "x<<stageward_", "allowed<<stageward_\ntrue\n",
}

// A run can be killed between any two bytes, and a disk be full after any. Whatever
// is there then, nobody reads a yes without the commit that it is about.
func TestNoBeginningOfTheOutputsAllowsWithoutTheCommit(t *testing.T) {
	t.Parallel()
	allow := verdict.Verdict{
		Schema: verdict.SchemaVersion, Decision: verdict.Allowed, Code: "ready", At: time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC),
		Subject: fact.Subject{Repository: "acme/shop", Ref: "refs/tags/v1.2.3", SHA: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"},
		Stage:   &verdict.Stage{Name: "prod", Environment: "production", Config: json.RawMessage(`{"a":"x\nallowed=true\nallowed<<y\ntrue\ny"}`), Data: "allowed=true"},
		Version: "1.2.3", Trigger: fact.Trigger{RunID: 9001, RunAttempt: 1},
	}
	deny := allow
	deny.Decision, deny.Code, deny.Reason = verdict.Denied, "reviewed.missing", "\nallowed=true\ndecision=allow\n"
	for _, result := range []verdict.Verdict{allow, deny} {
		for _, before := range befores {
			file, said := written(t, before, result)
			for end := len(before); end <= len(file); end++ {
				if problem := unsafe(file[:end], said); problem != "" {
					t.Fatalf("%s after %q, and %d of %d bytes: %s", result.Decision, before, end, len(file), problem)
				}
			}
		}
	}
	// The property sees what it is for: with the order turned round there is a moment.
	first := "allowed<<d\ntrue\nd\nsha<<d\nf95f\nd\n"
	if unsafe(first[:18], map[string]string{"decision": "allow", "sha": "f95f"}) == "" {
		t.Error("an allow without its commit is not noticed")
	}
}

// unsafe says what a runner would take from the file that the step has not said, or
// has said without the commit.
func unsafe(file string, said map[string]string) string {
	got, err := runnerOutputs(file)
	yes := got["allowed"] == "true" || got["decision"] == "allow" || got["receipt"] != ""
	switch {
	case !yes:
		return ""
	case said["decision"] != "allow":
		return fmt.Sprintf("the runner reads an allow: %q (%v)", got, err)
	case got["sha"] != said["sha"] || got["ref"] != said["ref"] || got["stage"] != said["stage"]:
		return fmt.Sprintf("the runner reads an allow of something else: %q (%v)", got, err)
	case got["allowed"] == "true" && got["decision"] != "allow":
		return fmt.Sprintf("the runner reads an allow that is none: %q (%v)", got, err)
	}
	return ""
}

// Half a line of somebody else changes none of our names: it is read for itself, or
// the step fails.
func TestHalfALineOfSomebodyElseJoinsNothing(t *testing.T) {
	t.Parallel()
	result := verdict.Verdict{Schema: verdict.SchemaVersion, Decision: verdict.Denied, Code: "x", Subject: fact.Subject{Repository: "acme/shop"}}
	for _, before := range []string{"x", "allowed", "allowed<<", "allowed<<x", "allowed<<x\n", "allowed<<x\ntrue\n", "="} {
		file, _ := written(t, before, result)
		if got, err := runnerOutputs(file); err == nil {
			t.Errorf("after %q the runner reads %q", before, got)
		}
	}
	for _, before := range []string{"earlier=1", "earlier=1\n", "earlier<<x\n1\nx", "allowed=true\nearlier=1"} {
		file, said := written(t, before, result)
		got, err := runnerOutputs(file)
		said["earlier"] = "1"
		if diff := cmp.Diff(said, got); diff != "" || err != nil {
			t.Errorf("after %q: outputs (-want +got), %v:\n%s", before, err, diff)
		}
	}
}
