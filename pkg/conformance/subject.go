package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
)

// Call is how the subject is run for one case.
type Call struct {
	// Args follow the name of the program.
	Args []string
	// Env are the only variables that the case gives. Files in them are below Root.
	Env map[string]string
	// Folder holds the files of the call. The subject sees it as [Root].
	Folder string
}

// Root stands for the folder of a call at the beginning of variables. A subject
// that runs on this machine puts the folder there, an image mounts it.
const Root = "/github"

// Ended is how a subject ended.
type Ended struct {
	Code           int
	Stdout, Stderr string
}

// Subject runs what is judged, once. It returns an error only when it could not
// be run; to fail is a way to end.
type Subject func(ctx context.Context, call Call) (Ended, error)

// Command returns a subject that is a program on this machine: its path and
// arguments of its own. Of the environment it gets what the case says, and the
// PATH in path.
func Command(words []string, path string) Subject {
	return func(ctx context.Context, call Call) (Ended, error) {
		command := exec.CommandContext(ctx, words[0], slices.Concat(words[1:], call.Args)...) //nolint:gosec // what is judged is what was named
		command.Dir = call.Folder + "/workspace"
		command.Env = []string{"PATH=" + path}
		local := call.Local()
		for _, name := range slices.Sorted(maps.Keys(local)) {
			command.Env = append(command.Env, name+"="+local[name])
		}
		return end(command)
	}
}

// Image returns a subject that is an image of a container engine with the
// command docker. It is run as a runner runs an action: the files of the step
// are mounted below /github, and the variables passed. It shares the network of
// this machine, where GitHub's double is.
func Image(name string) Subject {
	return func(ctx context.Context, call Call) (Ended, error) {
		arguments := []string{"run", "--rm", "--network", "host", "--workdir", Root + "/workspace", "--volume", call.Folder + ":" + Root}
		for _, variable := range slices.Sorted(maps.Keys(call.Env)) {
			arguments = append(arguments, "--env", variable+"="+call.Env[variable])
		}
		ended, err := end(exec.CommandContext(ctx, "docker", slices.Concat(arguments, []string{name}, call.Args)...)) //nolint:gosec // what is judged is what was named
		// The exit codes of docker itself: no engine, no program, no such program.
		if err == nil && ended.Code >= 125 && ended.Code <= 127 {
			return ended, fmt.Errorf("docker run %s: exit code %d: %s", name, ended.Code, ended.Stderr)
		}
		return ended, err
	}
}

// Local returns the environment with the files where they are on this machine.
func (c Call) Local() map[string]string {
	local := map[string]string{}
	for name, value := range c.Env {
		local[name] = value
		if len(value) > len(Root) && value[:len(Root)+1] == Root+"/" {
			local[name] = c.Folder + value[len(Root):]
		}
	}
	return local
}

func end(command *exec.Cmd) (Ended, error) {
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	ended := Ended{Code: command.ProcessState.ExitCode(), Stdout: stdout.String(), Stderr: stderr.String()}
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || ended.Code < 0) {
		return ended, fmt.Errorf("run %s: %w", command.Path, err)
	}
	return ended, nil
}
