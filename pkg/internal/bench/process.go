package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// runs is how often a process is started.
const runs = 41

// spent is what one process cost.
type spent struct {
	peak int64         // bytes
	cpu  time.Duration // of the user and the system
}

// measureProcesses starts the binary: to print its version, to decide from facts
// that are at hand, and as an action for a release, with one check and with a
// thousand. Memory is measured with a latency, as answers arrive then that were
// waited for at once.
func measureProcesses(ctx context.Context, folder string, found measured) error {
	start, err := repeat(ctx, runs, command{path: binary(folder), args: []string{"version"}})
	if err != nil {
		return err
	}
	found.process("start", start)
	tested, err := scenarios(ctx, folder)
	if err != nil {
		return fmt.Errorf("scenarios: %w", err)
	}
	found.process("scenarios", tested)
	for _, row := range []struct {
		name    string
		checks  int
		latency time.Duration
		times   int
		measure func(context.Context, string, int, map[string]string) (spent, error)
	}{
		{"facts", 1, 0, runs, decision},
		{"gate", 1, 0, runs, gate},
		{"gate far away", 1, 20 * time.Millisecond, 5, gate},
		{"1,000 checks", 1000, 20 * time.Millisecond, 5, gate},
	} {
		env, stop, err := serving(ctx, folder, row.checks, row.latency)
		if err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		used, err := row.measure(ctx, folder, row.times, env)
		stop()
		if err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		found.process(row.name, used)
	}
	return nil
}

// scenarios measures the test of a policy: a hundred scenarios, each of which changes a
// run that is made up.
func scenarios(ctx context.Context, folder string) (spent, error) {
	var file strings.Builder
	file.WriteString("version: 1\npolicy: scenarios.policy.yml\nbases: { release: { ref: refs/tags/v1.4.0 }, merge: { ref: refs/heads/main } }\nscenarios:\n")
	for i := range 25 {
		fmt.Fprintf(&file, "  - { name: allowed %d, base: release, but: { at: \"2026-01-%02dT10:00:00Z\" }, expect: { decision: allow } }\n", i, i+1)
		fmt.Fprintf(&file, "  - { name: unsigned %d, base: release, but: { without: [tag-signature] }, expect: { decision: deny } }\n", i)
		fmt.Fprintf(&file, "  - { name: merged %d, base: merge, expect: { decision: allow } }\n", i)
		fmt.Fprintf(&file, "  - { name: not reviewed %d, base: merge, but: { without: [review] }, expect: { decision: deny } }\n", i)
	}
	path := filepath.Join(folder, "scenarios.yml")
	err := errors.Join(
		os.WriteFile(filepath.Join(folder, "scenarios.policy.yml"), []byte("version: 1\npreset: three-stage\n"), 0o600),
		os.WriteFile(path, []byte(file.String()), 0o600),
	)
	if err != nil {
		return spent{}, err
	}
	return repeat(ctx, 5, command{path: binary(folder), args: []string{"test", path}})
}

func (m measured) process(name string, used spent) {
	m[name+" cpu"], m[name+" peak"] = used.cpu.Seconds(), float64(used.peak)
}

// gate measures the action.
func gate(ctx context.Context, folder string, times int, env map[string]string) (spent, error) {
	return repeat(ctx, times, command{path: binary(folder), args: []string{"action"}, env: env})
}

// decision measures what is left of a run without its requests.
func decision(ctx context.Context, folder string, times int, env map[string]string) (spent, error) {
	env = maps.Clone(env)
	env["GITHUB_TOKEN"] = env["INPUT_TOKEN"]
	facts := filepath.Join(folder, "facts.json")
	asking := command{path: binary(folder), env: env, args: []string{
		"gate", "--repo", env["GITHUB_REPOSITORY"], "--ref", env["GITHUB_REF"],
		"--actor", env["GITHUB_ACTOR"], "--workflow", ".github/workflows/deploy.yml", "--save-facts", facts,
	}}
	if _, err := asking.once(ctx); err != nil {
		return spent{}, err
	}
	return repeat(ctx, times, command{path: binary(folder), args: []string{"gate", "--facts", facts}})
}

// serving starts a GitHub in a process of its own and returns the environment of a
// run there, and what stops it.
func serving(ctx context.Context, folder string, checks int, latency time.Duration) (env map[string]string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	server := exec.CommandContext(ctx, self, "-serve", "-checks", strconv.Itoa(checks), "-latency", latency.String(), "-folder", folder) //nolint:gosec // it is this program
	server.Stderr = os.Stderr
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	said, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		cancel()
		return nil, nil, err
	}
	stop = func() {
		cancel()
		_ = server.Wait() //nolint:errcheck // it ends because it is told to
	}
	line, err := bufio.NewReader(said).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &env)
	}
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("start the server: %w", err)
	}
	return env, stop, nil
}

// command is a process to be measured.
type command struct {
	path string
	args []string
	env  map[string]string
}

// repeat runs a command once to warm up and then so many times, and returns the
// shortest time, which other programs disturbed least, and the median of the memory.
func repeat(ctx context.Context, times int, what command) (spent, error) {
	var all []spent
	for i := range times + 1 {
		used, err := what.once(ctx)
		if err != nil {
			return spent{}, err
		}
		if i > 0 {
			all = append(all, used)
		}
	}
	return summary(all), nil
}

func summary(all []spent) spent {
	made := all[0]
	var peaks []int64
	for _, each := range all {
		made.cpu = min(made.cpu, each.cpu)
		peaks = append(peaks, each.peak)
	}
	slices.Sort(peaks)
	made.peak = peaks[len(peaks)/2]
	return made
}

func (c command) once(ctx context.Context) (spent, error) {
	process := exec.CommandContext(ctx, c.path, c.args...) //nolint:gosec // what was built before
	process.Env = []string{}
	for name, value := range c.env {
		process.Env = append(process.Env, name+"="+value)
	}
	for _, file := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		if c.env[file] != "" {
			if err := os.Truncate(c.env[file], 0); err != nil {
				return spent{}, err
			}
		}
	}
	process.Stdout = io.Discard
	if err := process.Run(); err != nil {
		return spent{}, errors.Join(fmt.Errorf("%s %v", c.path, c.args), err)
	}
	state := process.ProcessState
	return spent{peak: peakOf(state), cpu: state.UserTime() + state.SystemTime()}, nil
}
