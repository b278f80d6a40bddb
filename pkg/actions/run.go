package actions

import (
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	githubactions "github.com/sethvargo/go-githubactions"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
)

// Env returns the value of an environment variable, or "" when it is not set.
type Env func(name string) string

// ReadFile returns the whole content of a file. It returns an error when the
// file is longer than limit bytes.
type ReadFile func(name string, limit int64) ([]byte, error)

// Run is everything the runner told us, typed and checked.
type Run struct {
	// Subject is what would be deployed, after the inputs sha and ref.
	Subject fact.Subject
	Trigger fact.Trigger
	// RepositoryID is GitHub's number of the repository, which stays the same under
	// another name; 0 where the server is too old to say it.
	RepositoryID int64
	// ServerURL, APIURL and GraphQLURL are absolute http or https addresses
	// without credentials, query and trailing slash. Which of them may be
	// given a token is not decided here.
	ServerURL, APIURL, GraphQLURL string
	// Workspace is an absolute path, or "".
	Workspace string
	// Debug is true when somebody re-ran the job with debug logging.
	Debug  bool
	Inputs Inputs
	// Notices are sentences for the log about things that do not change the
	// decision but that a reader should know.
	Notices []string
}

const fixRunner = "run Stageward as a step of a GitHub Actions job; the runner sets this variable and a workflow cannot"

// Read returns the run that the variables and the event file describe. Every
// error is an *Error; the Run beside it holds what is known of the trigger,
// for the report, and the inputs fail-on, for the exit code, and config-file, for
// what an earlier step left there; nothing else.
//
// The variables are those of docs.github.com, "Default environment variables".
func Read(env Env, readFile ReadFile) (Run, error) {
	run, err := read(env, readFile)
	if err != nil {
		return Run{Trigger: run.Trigger, Inputs: Inputs{FailOn: run.Inputs.FailOn, ConfigFile: run.Inputs.ConfigFile}, Workspace: run.Workspace}, err
	}
	return run, nil
}

// read reads the trigger before it looks at the event, so that the report of
// a refusal can name the run, and the event before the reference: which
// reference is the subject's depends on the event. The other inputs come after
// the event: a run from a fork has no secrets, and its empty token is not the
// reason why it is refused.
func read(env Env, readFile ReadFile) (run Run, err error) {
	action, runner, err := open(env)
	if err != nil {
		return run, err
	}
	if err := run.readPlaces(env, runner); err != nil {
		return run, err
	}
	// The file that an earlier step left there goes whatever is refused below. What
	// is wrong with the input is said in its turn.
	if path, err := readConfigFile(action, run.Workspace); err == nil {
		run.Inputs.ConfigFile = path
	}
	repository, err := readRepository(runner)
	if err != nil {
		return run, err
	}
	if run.Trigger, err = readTrigger(env, runner, run.ServerURL); err != nil {
		return run, err
	}
	if run.Inputs.FailOn, err = readFailOn(action.GetInput(inputFailOn)); err != nil {
		return run, err
	}
	reader, err := readerFor(runner.EventName)
	if err != nil {
		return run, err
	}
	if run.RepositoryID, err = readRepositoryID(env); err != nil {
		return run, err
	}
	stands := place{
		event: runner.EventName, repository: repository, repositoryID: env("GITHUB_REPOSITORY_ID"),
		ref: runner.Ref, sha: runner.SHA, headRef: runner.HeadRef,
	}
	if run.Subject, err = readEvent(env, readFile, stands, reader); err != nil {
		return run, err
	}
	if err = run.Inputs.read(env, action, run.Workspace); err != nil {
		return run, err
	}
	run.Trigger.Stage, run.Trigger.CheckRunID = run.Inputs.Stage, run.Inputs.CheckRun
	run.Trigger.Project, run.Trigger.Environment = run.Inputs.Project, run.Inputs.Environment
	run.Trigger.Rollback, run.Trigger.BreakGlass = run.Inputs.Rollback, run.Inputs.BreakGlass
	run.Debug = env("RUNNER_DEBUG") == "1"
	run.Notices = notices(env)
	run.Subject, err = run.Inputs.override(run.Subject)
	return run, err
}

// open reads the variables that go-githubactions knows. The path of the event
// file is kept from it: it would read a file of any size and take a missing
// one for an empty one.
func open(env Env) (*githubactions.Action, *githubactions.GitHubContext, error) {
	withoutEvent := func(name string) string {
		if name == "GITHUB_EVENT_PATH" {
			return ""
		}
		return env(name)
	}
	action := githubactions.New(githubactions.WithGetenv(withoutEvent), githubactions.WithWriter(io.Discard))
	runner, err := action.Context()
	if err != nil {
		return nil, nil, because(err, RunnerInvalid, fixRunner, "read the runner's variables: one of GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_RUN_NUMBER, "+
			"GITHUB_RETENTION_DAYS (numbers), GITHUB_ACTIONS, GITHUB_REF_PROTECTED (true or false)")
	}
	return action, runner, nil
}

// readPlaces reads where the server and the workspace are. The addresses are
// read from the environment and not from the library, which puts github.com
// where one is missing: the token of another server must not go there.
func (r *Run) readPlaces(env Env, runner *githubactions.GitHubContext) (err error) {
	if r.ServerURL, err = readURL(env, "GITHUB_SERVER_URL"); err != nil {
		return err
	}
	if r.APIURL, err = readURL(env, "GITHUB_API_URL"); err != nil {
		return err
	}
	if r.GraphQLURL, err = readURL(env, "GITHUB_GRAPHQL_URL"); err != nil {
		return err
	}
	if runner.Workspace != "" && !filepath.IsAbs(runner.Workspace) {
		return refuse(RunnerInvalid, fixRunner, "GITHUB_WORKSPACE is %q, which is not an absolute path", runner.Workspace)
	}
	r.Workspace = runner.Workspace
	return nil
}

func readURL(env Env, name string) (string, error) {
	text := env(name)
	if text == "" {
		return "", refuse(RunnerInvalid, fixRunner, "%s is not set", name)
	}
	address, err := url.Parse(text)
	switch {
	case err != nil:
		return "", refuse(RunnerInvalid, fixRunner, "%s is not an address", name)
	case address.User != nil: // not quoted: it may hold a password
		return "", refuse(RunnerInvalid, fixRunner, "%s holds a user name", name)
	case address.Scheme != "https" && address.Scheme != "http", address.Hostname() == "", address.Opaque != "":
		return "", refuse(RunnerInvalid, fixRunner, "%s is %q; want https://host/path", name, text)
	case strings.ContainsFunc(text, notAddress):
		return "", refuse(RunnerInvalid, fixRunner, "%s is %q; want https://host/path and nothing more", name, text)
	}
	return strings.TrimRight(text, "/"), nil
}

// notAddress tells the characters that the address of a server has no need of:
// query, fragment, and whatever could end a link in the report.
func notAddress(char rune) bool {
	return !isLetterOrDigit(char) && !strings.ContainsRune("-._~:/", char)
}

func isLetterOrDigit(char rune) bool {
	return char >= '0' && char <= '9' || char >= 'A' && char <= 'Z' || char >= 'a' && char <= 'z'
}

// repositoryName is "owner/name" as GitHub lets people choose it. It goes into
// the paths of requests, so nothing else gets past.
var repositoryName = lazy.New(`^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$`)

func readRepository(runner *githubactions.GitHubContext) (string, error) {
	_, name := runner.Repo()
	if !repositoryName.MatchString(runner.Repository) || name == "." || name == ".." {
		return "", refuse(RunnerInvalid, fixRunner, "GITHUB_REPOSITORY is %q; want owner/name", runner.Repository)
	}
	return runner.Repository, nil
}

// readRepositoryID reads the number of the repository; 0 stands for none.
func readRepositoryID(env Env) (int64, error) {
	text := env("GITHUB_REPOSITORY_ID")
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, refuse(RunnerInvalid, fixRunner, "GITHUB_REPOSITORY_ID is %q; want a positive number", text)
	}
	return id, nil
}

// readTrigger reads who started which run. The triggering actor is never
// guessed from the actor: after a re-run they are two people.
func readTrigger(env Env, runner *githubactions.GitHubContext, server string) (fact.Trigger, error) {
	trigger := fact.Trigger{
		Event:           runner.EventName,
		Actor:           runner.Actor,
		TriggeringActor: runner.TriggeringActor,
		RunID:           runner.RunID,
		RunAttempt:      runner.RunAttempt,
		WorkflowRef:     env("GITHUB_WORKFLOW_REF"), // go-githubactions does not have it
		RunRef:          fact.Ref(runner.Ref),
		RunSHA:          fact.SHA(runner.SHA),
	}
	if trigger.RunID <= 0 {
		return trigger, refuse(RunnerInvalid, fixRunner, "GITHUB_RUN_ID is %q; want a positive number", env("GITHUB_RUN_ID"))
	}
	if trigger.RunAttempt < 0 || trigger.RunAttempt == 0 && env("GITHUB_RUN_ATTEMPT") != "" {
		return trigger, refuse(RunnerInvalid, fixRunner, "GITHUB_RUN_ATTEMPT is %q; want a positive number", env("GITHUB_RUN_ATTEMPT"))
	}
	trigger.RunURL = fmt.Sprintf("%s/%s/actions/runs/%d", server, runner.Repository, trigger.RunID)
	if trigger.RunAttempt > 0 { // without it the page shows another attempt after the next re-run
		trigger.RunURL += "/attempts/" + strconv.FormatInt(trigger.RunAttempt, 10)
	}
	return trigger, nil
}

// notices names the variables that change where requests go or whom they
// trust. An earlier step of the job can set them; so can whoever runs the
// runner, who may have to. Their values are not shown: a proxy's address may
// hold a password.
func notices(env Env) []string {
	var found []string
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if env(name) != "" {
			found = append(found, name+" is set: requests to GitHub may go through another server. An earlier step or the runner set it.")
		}
	}
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if env(name) != "" {
			found = append(found, name+" is set: other certificates decide which server is taken for GitHub. An earlier step or the runner set it.")
		}
	}
	if env("GODEBUG") != "" {
		found = append(found, "GODEBUG is set: it can turn checks of the network layer off. An earlier step or the runner set it.")
	}
	return found
}
