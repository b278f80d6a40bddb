package conformance

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/stageward/stageward/pkg/githubtest"
)

// Mode is the way in which the subject is asked.
type Mode string

// The modes.
const (
	// ModeAction is a step of a job: "stageward action" with a runner's environment.
	ModeAction Mode = "action"
	// ModeGate is the command line: "stageward gate --format json".
	ModeGate Mode = "gate"
)

// defaults are those of action.yml, which a runner passes like inputs that were
// given. The token is that of the World.
func defaults() map[string]string {
	return map[string]string{"policy": policyPath, "rollback": "false", "fail-on": "wait", "command": "gate", "audit-severity": "high", "check-run-id": ""}
}

// step is one case on its way: a GitHub, and a folder with what the subject
// reads and writes.
type step struct {
	one    Case
	mode   Mode
	server *githubtest.Server
	where  *githubtest.Listening
	folder string
}

// begin starts the GitHub of a case. The caller closes it.
func begin(one Case, mode Mode, folder string) (*step, error) {
	server, err := githubtest.New(one.World)
	if err != nil {
		return nil, err
	}
	listening, err := server.StartTLS()
	if err != nil {
		return nil, err
	}
	made := &step{one: one, mode: mode, server: server, where: listening, folder: folder}
	for _, each := range []string{"workspace", "home"} {
		if err := os.MkdirAll(filepath.Join(folder, each), 0o755); err != nil {
			return nil, err
		}
	}
	return made, made.write("authority.pem", listening.CertPEM)
}

func (s *step) write(name string, data []byte) error {
	file := filepath.Join(s.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644) // a container may run as somebody else
}

// call returns how the subject is run, and writes the files that it reads.
func (s *step) call() (Call, error) {
	env := map[string]string{"HOME": Root + "/home", "SSL_CERT_FILE": Root + "/authority.pem"}
	if s.mode == ModeGate {
		return Call{Args: s.flags(env), Env: env, Folder: s.folder}, nil
	}
	run, err := s.server.Run(s.one.Event)
	if err != nil {
		return Call{}, err
	}
	maps.Copy(env, run.Env)
	maps.Copy(env, map[string]string{
		"GITHUB_WORKSPACE": Root + "/workspace", "GITHUB_EVENT_PATH": Root + "/workflow/event.json",
		"GITHUB_OUTPUT": Root + "/file_commands/output", "GITHUB_STEP_SUMMARY": Root + "/file_commands/summary",
	})
	inputs := defaults()
	inputs["token"] = s.server.Token()
	maps.Copy(inputs, s.one.Inputs)
	for name, value := range inputs {
		env["INPUT_"+strings.ToUpper(name)] = s.fill(value)
	}
	for name, value := range s.one.Environment {
		if value == nil {
			delete(env, name)
			continue
		}
		env[name] = s.fill(*value)
	}
	files := map[string][]byte{"workflow/event.json": run.Payload, "file_commands/output": nil, "file_commands/summary": nil}
	if s.one.Payload != nil {
		files["workflow/event.json"] = []byte(s.fill(string(s.one.Payload)))
	}
	for name, text := range s.one.Workspace {
		files["workspace/"+name] = []byte(text)
	}
	for name, data := range files {
		if err := s.write(name, data); err != nil {
			return Call{}, err
		}
	}
	return Call{Args: []string{"action"}, Env: env, Folder: s.folder}, nil
}

// flags returns the command line that says what the inputs say, and completes
// the environment.
func (s *step) flags(env map[string]string) []string {
	env["GITHUB_TOKEN"], env["GITHUB_SERVER_URL"] = s.server.Token(), s.where.URL
	if token, ok := s.one.Inputs["people-token"]; ok {
		env["STAGEWARD_PEOPLE_TOKEN"] = s.fill(token)
	}
	ref := s.one.Event.Ref
	if given, ok := s.one.Inputs["ref"]; ok {
		ref = given
	}
	arguments := []string{
		"gate", "--format", "json", "--repo", s.one.World.Repository, "--ref", ref, "--actor", s.one.Event.Actor,
		"--workflow", ".github/workflows/deploy.yml",
	}
	for _, name := range inputFlags {
		if value, ok := s.one.Inputs[name]; ok && name != "ref" {
			arguments = append(arguments, "--"+name+"="+s.fill(value))
		}
	}
	return arguments
}

var placeholder = regexp.MustCompile(`<(sha of [^<>]+|token|people-token|server)>`)

// fill puts what is known only now into a text: ids, tokens and the address of
// the server.
func (s *step) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		switch name := strings.Trim(found, "<>"); name {
		case "token":
			return s.server.Token()
		case "people-token":
			return s.server.PeopleToken()
		case "server":
			return s.where.URL
		default:
			return s.server.SHA(strings.TrimPrefix(name, "sha of "))
		}
	})
}

// seen is everything that a subject left behind.
type seen struct {
	ended   Ended
	file    string // of the outputs
	summary string
	result  *result
	outputs map[string]string
	// unread says why the outputs or the result could not be read.
	unread     []string
	asked      []string
	violations []string
	unused     []string
}

// look collects what the subject left behind.
func (s *step) look(ended Ended) (seen, error) {
	found := seen{ended: ended, violations: s.server.Violations(), unused: s.server.UnusedFaults()}
	for _, request := range s.server.Requests() {
		found.asked = append(found.asked, strings.TrimSpace(request.Method+" "+request.Path+" "+request.Operation))
	}
	if s.mode == ModeGate {
		found.decodeResult(ended.Stdout)
		return found, nil
	}
	for name, into := range map[string]*string{"output": &found.file, "summary": &found.summary} {
		data, err := os.ReadFile(filepath.Join(s.folder, "file_commands", name))
		if err != nil {
			return found, fmt.Errorf("read what the step wrote: %w", err)
		}
		*into = string(data)
	}
	var err error
	if found.outputs, err = runnerOutputs(found.file); err != nil {
		found.unread = append(found.unread, "outputs: "+err.Error())
	}
	if found.file != "" {
		found.decodeResult(found.outputs["result"])
	}
	return found, nil
}
