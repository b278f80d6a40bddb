package cli_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// fileBlock is what "ulimit -f" of a POSIX shell counts in, in bytes.
const fileBlock = 512

// command is the program in the environment of the run, below a file limit in
// blocks; 0 is no limit.
func (s *signalled) command(ctx context.Context, program string, blocks int, args ...string) *exec.Cmd {
	var env []string
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		env = append(env, name+"="+s.env[name])
	}
	command := exec.CommandContext(ctx, program, args...)
	if blocks > 0 { // a shell passes on no variable with a hyphen in its name
		before := append([]string{"-c", `ulimit -f "$0" && exec env "$@"`, strconv.Itoa(blocks)}, env...)
		command = exec.CommandContext(ctx, "sh", append(append(before, program), args...)...)
	}
	command.Env = env
	return command
}

// FLT-02. A disk that is full after any number of bytes: the exit code says that
// nothing was allowed, and nothing of a yes is left in the file. The limit on the
// size of files is the same to a program, and needs no disk.
func TestADiskThatIsFullInTheMiddle(t *testing.T) {
	t.Parallel()
	program := realProgram(t)
	process := newSignalled(t, nil, "", false)
	path := process.env["GITHUB_OUTPUT"]
	if code := process.run(t, program); code != 0 {
		t.Fatalf("exit code %d: %s", code, process.stdout.String())
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const blocks = 200 // the summary and the facts fit into it
	last := bytes.LastIndex(whole, []byte("allowed<<"))
	for _, room := range []int{0, 1, 2, len(whole) / 2, last, last + 20, len(whole) - 1, len(whole), len(whole) + 1} {
		before := strings.Repeat("x=1\n", blocks*fileBlock/4)[:blocks*fileBlock-room-1] + "\n"
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		command := process.command(t.Context(), program, blocks, "action")
		command.Stdout, command.Stderr = &said, &said
		_ = command.Run()
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		code, fits := command.ProcessState.ExitCode(), room > len(whole) // and the line break before it
		switch {
		case fits && (code != 0 || parseOutputs(string(after))["allowed"] != "true"):
			t.Errorf("with room for all of it, exit code %d: %s", code, said.String())
		case !fits && code != 3:
			t.Errorf("with room for %d of %d bytes, exit code %d: %s", room, len(whole), code, said.String())
		case !fits && string(after) != before:
			t.Errorf("with room for %d of %d bytes, %d more are in the file", room, len(whole), len(after)-len(before))
		case !fits && !strings.Contains(said.String(), "nothing was allowed"):
			t.Errorf("with room for %d of %d bytes it says: %s", room, len(whole), said.String())
		}
	}
}

// What is not the outputs decides nothing: with a full disk facts are not kept, and
// nothing of them; a configuration that was asked for is an error.
func TestAFullDiskForOtherFiles(t *testing.T) {
	t.Parallel()
	program := realProgram(t)
	for _, row := range []struct {
		name, input, file, policy string
		code                      int
		says                      string
	}{
		{"facts", "INPUT_SAVE-FACTS", "facts.json", "unrestricted: true}] # TEXT", 0, "save facts"},
		{"a configuration", "INPUT_CONFIG-FILE", "stage.json", "unrestricted: true, config: {text: 'TEXT'}}]", 3, "the configuration of the stage was asked for as a file"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			process := newSignalled(t, map[string]string{"GITHUB_WORKSPACE": folder, row.input: row.file}, "", false)
			policy := strings.Replace(row.policy, "TEXT", strings.Repeat("x", 40*fileBlock), 1)
			process.useWorld(t, strings.Replace(signalWorld, "unrestricted: true}]", policy, 1))
			var said bytes.Buffer
			command := process.command(t.Context(), program, 20, "action")
			command.Stdout, command.Stderr = &said, &said
			_ = command.Run()
			if code := command.ProcessState.ExitCode(); code != row.code || !strings.Contains(said.String(), row.says) {
				t.Errorf("exit code %d: %s", code, said.String())
			}
			if _, err := os.Lstat(filepath.Join(folder, row.file)); err == nil {
				t.Errorf("half a file is left: %s", said.String())
			}
		})
	}
}

// FLT-10. Nobody reads the log: the decision stays, and the outputs are written.
func TestNobodyReadsWhatIsPrinted(t *testing.T) {
	t.Parallel()
	program := realProgram(t)
	for _, row := range []struct {
		name, policy string
		want         int
	}{
		{"a no", "[other]", 1},
		{"a yes", "[dev]", 0},
	} {
		for _, args := range [][]string{{"action"}, {"gate", "--repo", "acme/shop", "--ref", "refs/heads/dev"}, {"gate", "--repo", "acme/shop", "--ref", "refs/heads/dev", "--format", "json"}} {
			for name, closed := range map[string]func(*exec.Cmd, *os.File){
				"standard output":       func(command *exec.Cmd, pipe *os.File) { command.Stdout = pipe },
				"standard error":        func(command *exec.Cmd, pipe *os.File) { command.Stderr = pipe },
				"both of them":          func(command *exec.Cmd, pipe *os.File) { command.Stdout, command.Stderr = pipe, pipe },
				"neither, none is open": func(*exec.Cmd, *os.File) {},
			} {
				t.Run(row.name+" of "+strings.Join(args, " ")+", "+name, func(t *testing.T) {
					t.Parallel()
					process := newSignalled(t, nil, "", false)
					process.useWorld(t, strings.Replace(signalWorld, "[dev]", row.policy, 1))
					process.env["GITHUB_TOKEN"] = process.env["INPUT_TOKEN"]
					command := process.command(t.Context(), program, 0, args...)
					closed(command, brokenPipe(t))
					_ = command.Run()
					if code := command.ProcessState.ExitCode(); code != row.want {
						t.Errorf("exit code %d (%s), want %d", code, command.ProcessState, row.want)
					}
					if args[0] == "action" && (process.outputs(t)["allowed"] == "true") != (row.want == 0) {
						t.Errorf("outputs %q", process.outputs(t))
					}
				})
			}
		}
	}
}

// brokenPipe is a pipe whose reader went away.
func brokenPipe(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = writer.Close() })
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	return writer
}

// Who wants to read a decision and gets half of it has none.
func TestAYesThatCannotBePrintedIsNone(t *testing.T) {
	t.Parallel()
	program := realProgram(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	t.Cleanup(func() { _ = full.Close() })
	process := newSignalled(t, nil, "", false)
	process.env["GITHUB_TOKEN"] = process.env["INPUT_TOKEN"]
	for _, args := range [][]string{
		{"gate", "--repo", "acme/shop", "--ref", "refs/heads/dev"}, {"gates"}, {"version"}, {"schema"}, {"--help"}, {"explain", "refs/heads/main"},
	} {
		var said bytes.Buffer
		command := process.command(t.Context(), program, 0, args...)
		command.Dir = t.TempDir()
		command.Stdout, command.Stderr = full, &said
		_ = command.Run()
		if code := command.ProcessState.ExitCode(); code != 3 || !strings.Contains(said.String(), syscall.ENOSPC.Error()) {
			t.Errorf("%q ends with %d: %s", args, code, said.String())
		}
	}
	command := process.command(t.Context(), program, 0, "action")
	command.Stdout = full
	_ = command.Run()
	if code := command.ProcessState.ExitCode(); code != 0 || process.outputs(t)["allowed"] != "true" {
		t.Errorf("the action, whose outputs say it, ends with %d", code)
	}
}

// ENV-08. An event file that is a pipe is none, and keeps nobody waiting; nor does a
// pipe where something is to be written.
func TestPipesKeepTheActionWaitingForNobody(t *testing.T) {
	t.Parallel()
	program := realProgram(t)
	for variable, want := range map[string]int{"GITHUB_EVENT_PATH": 2, "GITHUB_OUTPUT": 3, "GITHUB_STEP_SUMMARY": 0, "INPUT_SAVE-FACTS": 0, "INPUT_CONFIG-FILE": 0} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			process := newSignalled(t, nil, "", false)
			folder := t.TempDir()
			pipe := filepath.Join(folder, "pipe.json")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			process.env[variable] = pipe
			if strings.HasPrefix(variable, "INPUT_") {
				process.env["GITHUB_WORKSPACE"], process.env[variable] = folder, "pipe.json"
			}
			if code := process.run(t, program); code != want {
				t.Errorf("exit code %d, want %d: %s", code, want, process.stdout.String())
			}
		})
	}
}
