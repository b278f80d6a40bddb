//go:build e2e

package e2e_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/githubtest"
)

const (
	// actionName is what the workflows use. The runner takes it from the
	// working tree, and its image under the name that it would give it itself.
	actionName  = "stageward/stageward@v1"
	actionImage = "act-stageward-stageward-v1-dockeraction:latest"
	jobImage    = "stageward-e2e-job:1" // made by .ci/engine
	runLimit    = 3 * time.Minute
)

// place is where a workflow runs, and why: a server, the repository to check
// out, and what was pushed.
type place struct {
	address     string // host:port
	certificate string // PEM file of the server's authority
	bare        string // folder of a bare repository
	token       string
	push        githubtest.Run
}

// deployment is what the deploying steps saw, or nil when none ran.
type deployment struct{ Stage, LogLevel, Commit string }

// job is what a later job sees of an earlier one.
type job struct {
	Result  string            `json:"result"`
	Outputs map[string]string `json:"outputs"`
}

// observation is everything that later steps, later jobs and people can see of
// one run.
type observation struct {
	outputs    map[string]string // of the gate's step, declared or not
	outcome    string            // of the gate's step
	exitCode   int               // of the gate's container
	summary    string
	commands   []string // workflow commands that the gate's step gave, without its outputs and summary
	deployment *deployment
	jobs       map[string]job // what the last job sees; nil in workflows with one job
	log        string
}

// logLine is one line of the runner's log in JSON.
type logLine struct {
	Step    string `json:"step"`
	Command string `json:"command"`
	Content string `json:"content"`
	Message string `json:"msg"`
}

// exitCode is how the runner says that a container ended, unless it is with 0.
var exitCode = regexp.MustCompile("^exit with `FAILURE`: ([0-9]+)$")

// run lets the runner carry out one of the workflows and returns what is seen.
func run(t *testing.T, workflow string, where place) observation {
	t.Helper()
	folder, event, out := workplace(t, where.push.Payload)
	file := absolute(t, "../../testdata/e2e/workflows/"+workflow)
	return observe(t, out, obey(t, folder, runnerArguments(t, "push", file, event, out, where)))
}

// workplace makes what a run needs: a file with its event, and a folder in which
// it leaves what the test reads.
func workplace(t *testing.T, payload []byte) (folder, event, out string) {
	t.Helper()
	folder = t.TempDir()
	for _, name := range []string{"out", "home", "empty"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	event = filepath.Join(folder, "event.json")
	writeFile(t, event, payload)
	return folder, event, filepath.Join(folder, "out")
}

// obey lets the runner do as it is told and returns its log.
func obey(t *testing.T, folder string, arguments []string) []byte {
	t.Helper()
	runner := os.Getenv("ACT")
	if runner == "" {
		t.Fatal("ACT does not name the runner; use make e2e")
	}
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	command := exec.CommandContext(ctx, runner, arguments...)
	command.Dir = filepath.Join(folder, "empty") // nothing but what the workflow checks out
	command.Env = append(os.Environ(), "HOME="+filepath.Join(folder, "home"), "XDG_CACHE_HOME=", "XDG_CONFIG_HOME=")
	log, err := command.CombinedOutput()
	// A failed job is a result like any other; a runner that did not run is not.
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || ctx.Err() != nil) {
		t.Fatalf("%s: %v\n%s", strings.Join(arguments, " "), err, log)
	}
	return log
}

// actionFolder returns a folder from which the runner takes the action: what action.yml says, with the image that
// is made of the working tree. In a release action.yml names an image that is published, or is not yet.
func actionFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "action.yml"), []byte(fromDockerfile(readFile(t, actionFile))))
	writeFile(t, filepath.Join(folder, "Dockerfile"), []byte(readFile(t, "../../Dockerfile")))
	return folder
}

func runnerArguments(t *testing.T, name, workflow, event, out string, where place) []string {
	t.Helper()
	arguments := append(offline(cmp.Or(name, "push"), workflow, event),
		// Without this the runner would copy the working folder instead of running the checkout.
		"--no-skip-checkout",
		"--local-repository", actionName+"="+actionFolder(t),
		"--local-repository", "actions/checkout@v5="+absolute(t, "../../testdata/e2e/actions/checkout"),
		"--github-instance", where.address,
		"--actor", where.push.Env["GITHUB_ACTOR"],
		"--secret", "GITHUB_TOKEN="+where.token,
		"--container-options", fmt.Sprintf("-v %s:/e2e/out -v %s:/e2e/authority.pem:ro -v %s:/e2e/repository.git:ro",
			out, absolute(t, where.certificate), absolute(t, where.bare)),
	)
	environment := []string{
		"SSL_CERT_FILE=/e2e/authority.pem",
		"SHA_REF=" + where.push.Env["GITHUB_SHA"], // the runner's own name for what becomes GITHUB_SHA
	}
	// The rest of GITHUB_* the runner takes from the event, as GitHub's does; these it would leave empty or make up.
	for _, name := range []string{
		"GITHUB_REPOSITORY", "GITHUB_REPOSITORY_ID", "GITHUB_TRIGGERING_ACTOR", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_WORKFLOW_REF", "GITHUB_WORKFLOW_SHA",
	} {
		environment = append(environment, name+"="+where.push.Env[name])
	}
	for _, variable := range environment {
		arguments = append(arguments, "--env", variable)
	}
	return arguments
}

// offline is how the runner carries out a workflow for an event without asking
// anybody for images or actions.
func offline(name, workflow, event string) []string {
	return []string{
		name, "--json", "--strict", "--rm",
		"--workflows", workflow,
		"--eventpath", event,
		"--platform", "ubuntu-latest=" + jobImage,
		"--network", "host", "--container-daemon-socket", "-",
		"--pull=false", "--rebuild=false", "--action-offline-mode", "--no-cache-server",
	}
}

func observe(t *testing.T, out string, log []byte) observation {
	t.Helper()
	seen := observation{outcome: readIfThere(t, out, "outcome"), log: string(log)}
	decode(t, out, "outputs.json", &seen.outputs)
	decode(t, out, "needs.json", &seen.jobs)
	if commit := readIfThere(t, out, "deployed.sha"); commit != "" {
		seen.deployment = &deployment{
			Stage: readIfThere(t, out, "deployed.stage"), LogLevel: readIfThere(t, out, "deployed.log_level"),
			Commit: strings.TrimSpace(commit),
		}
	}
	lines := bufio.NewScanner(bytes.NewReader(log))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line logLine
		if json.Unmarshal(lines.Bytes(), &line) != nil || line.Step != actionName {
			continue
		}
		switch line.Command {
		case "":
			if match := exitCode.FindStringSubmatch(line.Message); match != nil {
				seen.exitCode = number(t, match[1])
			}
		case "summary":
			seen.summary = line.Content
		case "set-output": // from the output file or from the old command: both are in outputs.json
		default:
			seen.commands = append(seen.commands, line.Command)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if seen.outcome == "" {
		t.Fatalf("the gate's step did not run:\n%s", log)
	}
	return seen
}

// buildImage builds the image from the Dockerfile, as the runner would, once
// for all workflows.
func buildImage(t *testing.T) {
	t.Helper()
	arguments := []string{"build", "--network", "host", "--tag", actionImage}
	if proxy := goEnv(t, "GOPROXY"); proxy != "" {
		arguments = append(arguments, "--build-arg", "GOPROXY="+proxy)
	}
	if base := os.Getenv("GO_IMAGE"); base != "" {
		arguments = append(arguments, "--build-arg", "GO_IMAGE="+base)
	}
	docker(t, append(arguments, absolute(t, "../.."))...)
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(value))
}

// docker runs a command that has to succeed and returns what it prints.
func docker(t *testing.T, arguments ...string) string {
	t.Helper()
	printed, err := exec.CommandContext(t.Context(), "docker", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", arguments[0], err, printed)
	}
	return strings.TrimSpace(string(printed))
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return full
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// readIfThere returns the text of a file, or "" when the step that writes it
// did not run.
func readIfThere(t *testing.T, folder, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

func number(t *testing.T, digits string) int {
	t.Helper()
	value, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func decode(t *testing.T, folder, name string, into any) {
	t.Helper()
	text := readIfThere(t, folder, name)
	if text == "" {
		return
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
}
