package release_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// The job point can be started again for an old run, by anybody who may write, and
// without the gate. It must not take those back who follow v1.
func TestV1DoesNotGoBack(t *testing.T) {
	t.Parallel()
	script, bin := scriptOf(t, "point", "git/refs/tags/$major"), stubs(t)
	for name, row := range map[string]struct {
		version, released, failing string
		moves, fails               bool
	}{
		"an old run, started again":      {version: "1.9.0", released: "v1.9.0 v1.10.0"},
		"an older line":                  {version: "1.9.1", released: "v1.9.1 v1.10.0 v2.0.0"},
		"releases that cannot be listed": {version: "1.10.0", released: "v1.10.0", failing: "yes", fails: true},
		"no release at all":              {version: "1.10.0", fails: true},
		"another one alone":              {version: "1.10.0", released: "v10.0.0 nightly", fails: true},
		"the newest":                     {version: "1.10.0", released: "v1.9.0 v1.10.0", moves: true},
		"the newest of an older major":   {version: "1.10.0", released: "v1.10.0 v2.0.0 v10.0.0 v1.x", moves: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
			command.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "VERSION="+row.version, "RELEASED="+row.released,
				"FAILING="+row.failing, "GITHUB_REPOSITORY=stageward/stageward", "GITHUB_SHA=abc", "DIGEST=sha256:abc")
			said, err := command.CombinedOutput()
			if (err != nil) != row.fails {
				t.Errorf("%v: %s", err, said)
			}
			for _, name := range []string{"gh api --method PATCH repos/stageward/stageward/git/refs/tags/v1 ", "docker buildx imagetools create --tag ghcr.io/stageward/stageward:v1 "} {
				if strings.Contains(string(said), name) != row.moves {
					t.Errorf("moved: %t, want %t:\n%s", !row.moves, row.moves, said)
				}
			}
		})
	}
}

// scriptOf returns the script of the step of the release that has a text in it.
func scriptOf(t *testing.T, job, marker string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "workflows", "release.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Jobs map[string]struct {
			Steps []struct{ Run, Shell string }
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, step := range file.Jobs[job].Steps {
		// Only with that shell a pipe fails where one of its commands does.
		if strings.Contains(step.Run, marker) && step.Shell == "bash" {
			return step.Run
		}
	}
	t.Fatalf("%s has no step with %s and the shell bash", job, marker)
	return ""
}

// stubs are a gh that lists releases, and otherwise prints what it is asked to do,
// and a docker that does so, too.
func stubs(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"gh":     "#!/bin/sh\n[ \"$2\" = --paginate ] || exec echo gh \"$@\"\nprintf '%s\\n' $RELEASED\n[ -z \"$FAILING\" ]\n",
		"docker": "#!/bin/sh\necho docker \"$@\"\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
