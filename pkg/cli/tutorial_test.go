package cli_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

// step is one command of the tutorial with what the page says that it prints, and
// the GitHub in which it is typed.
type step struct {
	command string
	prints  []string
	world   string
	line    int
}

var worldMark = regexp.MustCompile(`^<!-- github: ([a-z]+) -->$`)

// tutorial reads the commands of the page, in order.
func tutorial(t *testing.T) []step {
	t.Helper()
	page, err := os.ReadFile("../../docs/tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	world, inside := "", false
	for i, line := range strings.Split(string(page), "\n") {
		switch mark := worldMark.FindStringSubmatch(line); {
		case mark != nil:
			world = mark[1]
		case line == "```console":
			inside = true
		case line == "```":
			inside = false
		case inside && strings.HasPrefix(line, "$ "):
			steps = append(steps, step{command: line[2:], world: world, line: i + 1})
		case inside:
			last := &steps[len(steps)-1]
			last.prints = append(last.prints, line)
		}
	}
	return steps
}

// offline are the beginnings of commands that need GitHub, or a person's keys. The
// worlds stand for what they do.
var offline = []string{"gh ", "git push", "git tag -s", "sed -i", "git config", "git -c tag.gpgsign=false commit"}

// Whoever follows the tutorial sees what it says. The commands run one after the
// other in one folder, as they would be typed.
func TestTheTutorialCanBeFollowed(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin, folder := t.TempDir(), t.TempDir()
	if err := os.Symlink(program, filepath.Join(bin, "stageward")); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+folder, "GIT_CONFIG_NOSYSTEM=1", "GITHUB_TOKEN=", "GH_TOKEN=",
		"GIT_AUTHOR_NAME=olga", "GIT_AUTHOR_EMAIL=olga@example.com", "GIT_COMMITTER_NAME=olga", "GIT_COMMITTER_EMAIL=olga@example.com")
	world, exports, ran := "", "", 0
	var github []string
	for _, each := range tutorial(t) {
		if each.world != world {
			world, github = each.world, tutorialGitHub(t, each.world, folder)
		}
		if skips(each.command) {
			continue
		}
		ran++
		command := strings.ReplaceAll(each.command, "$(gh auth token)", "$TOKEN_OF_OLGA")
		output, code := typed(t, folder, exports+command, append(env, github...))
		if code > 1 { // a refusal of the gate is 1
			t.Fatalf("line %d: %s: exit code %d:\n%s", each.line, each.command, code, output)
		}
		if strings.HasPrefix(command, "export ") {
			exports += command + "; "
		}
		if where, ok := strings.CutPrefix(each.command, "cd "); ok {
			folder = filepath.Join(folder, where)
		}
		if missing := lacks(output, each.prints); missing != "" {
			t.Errorf("line %d: %s does not print %q here, but:\n%s", each.line, each.command, missing, output)
		}
	}
	if ran < 15 {
		t.Errorf("only %d commands of the tutorial were tried", ran)
	}
}

func skips(command string) bool {
	for _, beginning := range offline {
		if strings.HasPrefix(command, beginning) {
			return true
		}
	}
	return false
}

// typed runs a command in a shell, and returns what it printed and its exit code.
func typed(t *testing.T, folder, command string, env []string) (output string, code int) {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-c", command)
	shell.Dir, shell.Env = folder, env
	data, err := shell.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(data), shell.ProcessState.ExitCode()
}

// lacks returns the first line of the page that was not printed, in its order. A
// line that is an ellipsis stands for any lines, one within a line for any text.
func lacks(output string, want []string) string {
	lines := strings.Split(output, "\n")
	at, loose := 0, false
	for _, line := range want {
		if line == "…" {
			loose = true
			continue
		}
		like := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + "$")
		for loose && at < len(lines) && !like.MatchString(lines[at]) {
			at++
		}
		if at >= len(lines) || !like.MatchString(lines[at]) {
			return line
		}
		at, loose = at+1, false
	}
	return ""
}

// written puts what was made in the folder into the world: what a push would do.
func written(t *testing.T, world *githubtest.World, folder string) {
	t.Helper()
	world.Commits[0].Files = map[string]*githubtest.File{}
	for _, name := range []string{".github/stageward.yml", ".github/workflows/checks.yml", ".github/workflows/deploy.yml", ".github/workflows/gated-deploy.yml"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		world.Commits[0].Files[name] = &githubtest.File{Text: string(text), Mode: "100644"}
	}
	for i, release := range world.Releases {
		if name, ok := strings.CutPrefix(release.Body, "<"); ok {
			text, err := os.ReadFile(filepath.Join(folder, strings.TrimSuffix(name, ">")))
			if err != nil {
				t.Fatal(err)
			}
			world.Releases[i].Body = string(text)
		}
	}
}

// tutorialGitHub begins the GitHub of a part of the tutorial, and returns the
// variables by which it is found.
func tutorialGitHub(t *testing.T, name, folder string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "tutorial", name+".yml"))
	if err != nil {
		t.Fatal(err)
	}
	base, err := os.ReadFile(filepath.Join("..", "..", "testdata", "tutorial", "repository.yml"))
	if err != nil {
		t.Fatal(err)
	}
	world, err := githubtest.ParseWorld(append(base, text...))
	if err != nil {
		t.Fatal(err)
	}
	written(t, &world, folder)
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	listening, err := server.StartTLS()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		listening.Close()
		if violations := server.Violations(); len(violations) > 0 {
			t.Errorf("GitHub was asked what it would refuse:\n%s", strings.Join(violations, "\n"))
		}
	})
	certificate := filepath.Join(t.TempDir(), "github.pem")
	if err := os.WriteFile(certificate, listening.CertPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"SSL_CERT_FILE=" + certificate, "TOKEN_OF_OLGA=" + server.Token(), fmt.Sprintf("GITHUB_SERVER_URL=%s", listening.URL)}
}
