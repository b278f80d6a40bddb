package release

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// compileScript is the one place that says how the program is compiled.
const compileScript = ".ci/compile"

// Program is the program for one platform.
type Program struct {
	OS, Arch string
	Data     []byte
}

// Platforms are those of a release, as GOOS/GOARCH.
func Platforms() []string {
	return []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}
}

// Platform is the platform as GOOS/GOARCH.
func (p Program) Platform() string { return p.OS + "/" + p.Arch }

func (p Program) fileName() string {
	if p.OS == "windows" {
		return "stageward.exe"
	}
	return "stageward"
}

// compile compiles the program for a platform with the Go that the tree names.
func (t Tree) compile(ctx context.Context, platform string) (Program, error) {
	system, arch, ok := strings.Cut(platform, "/")
	if !ok || !slices.Contains(Platforms(), platform) {
		return Program{}, fmt.Errorf("%q is no platform of a release, want one of %s", platform, strings.Join(Platforms(), ", "))
	}
	folder, err := os.MkdirTemp("", "stageward-release-")
	if err != nil {
		return Program{}, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a folder for temporary files
	file := filepath.Join(folder, "stageward")
	if _, err := t.goRun(ctx, []string{"GOOS=" + system, "GOARCH=" + arch}, filepath.Join(t.Root, compileScript), file); err != nil {
		return Program{}, fmt.Errorf("compile for %s: %w", platform, err)
	}
	data, err := os.ReadFile(file)
	return Program{OS: system, Arch: arch, Data: data}, err
}

// roots returns the authorities that the image trusts.
func (t Tree) roots(ctx context.Context) ([]byte, error) {
	return t.goRun(ctx, nil, "go", "run", "./pkg/internal/roots")
}

// goRun runs a command in the tree with the Go that the tree names, and returns
// what it prints.
func (t Tree) goRun(ctx context.Context, env []string, name string, arguments ...string) ([]byte, error) {
	version, err := t.GoVersion()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = t.Root
	// A workspace or flags of the machine would bring in other modules.
	command.Env = append(append(slices.Clone(t.Env), "GOTOOLCHAIN=go"+version, "GOWORK=off", "GOFLAGS="), env...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, complaint.Bytes())
	}
	return output, nil
}

// wanted are settings of the compiler without which the bytes would depend on
// the machine.
var wanted = [][2]string{{"CGO_ENABLED", "0"}, {"-trimpath", "true"}}

// check returns what the compiler wrote into the program, and an error unless it
// was compiled for its platform, with that Go and in the way of .ci/compile.
func (p Program) check(goVersion string) (*debug.BuildInfo, error) {
	info, err := buildinfo.Read(bytes.NewReader(p.Data))
	if err != nil {
		return nil, fmt.Errorf("%s: this is no program of Go: %w", p.Platform(), err)
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
		if strings.HasPrefix(setting.Key, "vcs") {
			return nil, fmt.Errorf("%s: it depends on the state of git", p.Platform())
		}
	}
	for _, want := range wanted {
		if got := settings[want[0]]; got != want[1] {
			return nil, fmt.Errorf("%s: it was compiled with %s=%q, want %q", p.Platform(), want[0], got, want[1])
		}
	}
	switch {
	case info.GoVersion != "go"+goVersion:
		return nil, fmt.Errorf("%s: it was compiled with %s, want go%s", p.Platform(), info.GoVersion, goVersion)
	case settings["GOOS"]+"/"+settings["GOARCH"] != p.Platform():
		return nil, fmt.Errorf("%s: it is a program for %s/%s", p.Platform(), settings["GOOS"], settings["GOARCH"])
	case info.Path != "github.com/stageward/stageward/cmd/stageward":
		return nil, fmt.Errorf("%s: it is another program: %s", p.Platform(), info.Path)
	}
	for _, module := range info.Deps {
		if module.Replace != nil || module.Sum == "" {
			return nil, fmt.Errorf("%s: the module %s was replaced", p.Platform(), module.Path)
		}
	}
	return info, nil
}

// errNoProgram is what a folder without programs is.
var errNoProgram = errors.New("there is no program in it")
