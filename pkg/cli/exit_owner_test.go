package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ENV-07. Git refuses the repository of another user. That is said, with what to do
// about it, and is neither "unsigned" nor a range without commits.
func TestARepositoryOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: only root can give a repository to another user")
	}
	program, folder := realProgram(t), t.TempDir()
	keys := filepath.Join(t.TempDir(), "signers")
	if err := os.WriteFile(keys, []byte("olga ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ/hTt9TXxdz6oGDMzL2GjPFJHVKLkGUHFSMrKWD0oX3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q"}, {"-c", "user.name=x", "-c", "user.email=x@y.example", "commit", "-q", "--allow-empty", "-m", "one"}} {
		command := exec.CommandContext(t.Context(), "git", args...)
		command.Dir = folder
		if said, err := command.CombinedOutput(); err != nil {
			t.Skipf("NOT TESTED: git: %v: %s", err, said)
		}
	}
	if err := os.Chown(folder, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(folder, ".git"), 12345, 12345); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	command := exec.CommandContext(t.Context(), program, "verify", "HEAD", "--signers", keys)
	command.Dir, command.Stdout, command.Stderr = folder, &said, &said
	_ = command.Run()
	code := command.ProcessState.ExitCode()
	if code != 3 || !strings.Contains(said.String(), "safe.directory") || strings.Contains(said.String(), "unsigned") {
		t.Errorf("exit code %d: %s", code, said.String())
	}
}
