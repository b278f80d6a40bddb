package cli_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/cli"
)

// typedCommands are all commands, with what they can begin with.
var typedCommands = []string{
	"", "action", "audit", "config", "config show", "explain", "gate", "gates", "help", "init", "lint", "lock", "permissions", "schema", "unlock", "verify", "version",
	"windows", "completion bash", "completion", "gat", "__complete gate",
}

// typedWords are arguments that fit somewhere, and others that fit nowhere.
var typedWords = []string{
	"--repo", "acme/shop", "a/b/c", "../x", "--ref", "refs/heads/main", "refs/tags/v1", "main", "--sha", "f95f852bd8fca8fcc58a9a2d6c842781e32a215e", "f95f",
	"--stage", "prod", "", " ", "\n", "\x00", "\xff", "--", "-", "--policy", "/etc/passwd", ".github/stageward.yml", "--facts", "no-such.json", "/dev/null", ".",
	"--format", "json", "markdown", "text", "xml", "--fail-on", "never", "wait", "deny", "critical", "--save-facts", "/nowhere/facts.json", "--server",
	"https://github.test", "http://169.254.169.254/", "https://github.test@evil.test", "file:///", "--help", "-h", "--nothing", "-x", "--rollback", "--rollback=flase",
	"--break-glass", "it burns", "--actor", "olga", "--all", "--environment", "production", "--reason", "x", "--for", "2h", "10abc", "--until", "tomorrow", "--signers",
	"--at", "9999-99-99", "--json", "--review", "--file", "--preset", "three-stage", "four-stage", "--event", "push", "--dir", "fresh.stale", "fresh", "--from", "--days", "0x10", "1e3", "-1",
}

// ENV-12. Whatever is typed, the exit code is one of four, the token is not shown,
// and nothing panics. Without GitHub, nothing is ever allowed.
func TestExitCodesOfWhateverIsTyped(t *testing.T) {
	t.Chdir(t.TempDir()) // init writes where it is
	unreachable := carry(func(*http.Request) (*http.Response, error) { return nil, errors.New("no such host") })
	random := mathrand.New(mathrand.NewPCG(1, 2)) //nolint:gosec // the same every time
	const token = "ghs_0123456789abcdef0123456789abcdef0123"
	seen := map[int]int{}
	for i := range 3000 {
		args := strings.Fields(typedCommands[i%len(typedCommands)])
		for range random.IntN(7) {
			args = append(args, typedWords[random.IntN(len(typedWords))])
		}
		env := map[string]string{"GITHUB_TOKEN": token, "INPUT_TOKEN": token}
		if i%7 == 0 {
			env["GITHUB_ACTIONS"] = "true"
		}
		var out, said bytes.Buffer
		code := cli.Main(t.Context(), args, cli.System{
			Getenv: func(name string) string { return env[name] }, Stdout: &out, Stderr: &said, Now: func() time.Time { return time.Unix(1_800_000_000, 0) },
			Random: rand.Reader, Transport: unreachable,
		})
		seen[code]++
		all := strings.ReplaceAll(out.String(), "::add-mask::"+token+"\n", "") + said.String()
		switch {
		case code < 0 || code > 3:
			t.Errorf("%q ends with %d", args, code)
		case strings.Contains(all, token):
			t.Errorf("%q shows the token: %s", args, all)
		case strings.Contains(all, "internal error"):
			t.Errorf("%q panics: %s", args, all)
		case code != 0 && strings.TrimSpace(all) == "":
			t.Errorf("%q ends with %d and says nothing", args, code)
		case code == 0 && len(args) > 0 && isAsked(args[0]) && !strings.Contains(all, "Usage:"):
			t.Errorf("%q ends with 0, and GitHub cannot be reached: %s", args, all)
		}
	}
	for code := range 4 {
		if seen[code] == 0 {
			t.Errorf("nothing ended with %d: %v", code, seen)
		}
	}
}

// isAsked reports whether a command asks GitHub about a decision.
func isAsked(command string) bool {
	return command == "action" || command == "gate" || command == "audit" || command == "lock" || command == "unlock"
}
