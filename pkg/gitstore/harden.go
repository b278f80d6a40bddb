package gitstore

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/stageward/stageward/pkg/lazy"
)

// nowhere is a path below which nothing can be. Git for Windows knows it too.
const nowhere = "/dev/null"

// environment is everything that git finds in its environment. Nothing is
// passed on: GIT_DIR, GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES,
// GIT_CONFIG_COUNT, GIT_TRACE and their like would each change what is read or
// written. Source: git(1), ENVIRONMENT VARIABLES.
var environment = []string{
	// Git finds no program: no `git fetch` to bring what is missing, no ssh, no
	// pager, no helper. This holds for every version of git.
	"PATH=" + nowhere, "GIT_EXEC_PATH=" + nowhere,
	// And if it found `git fetch`, there is no protocol that it may speak.
	"GIT_ALLOW_PROTOCOL=none",
	// Since git 2.45: what is missing is said to be missing.
	"GIT_NO_LAZY_FETCH=1",

	// No settings but the repository's own, which git cannot be kept from.
	// HOME is set because git ends when a setting says "~/" and there is none;
	// before git 2.32 it also hides ~/.gitconfig.
	"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + nowhere, "HOME=" + nowhere,

	// History as it was committed: no refs/replace, no info/grafts, no shallow.
	// They matter to `name~2`; objects are read raw in any case.
	"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE=" + nowhere, "GIT_SHALLOW_FILE=",

	// Ask nobody, write nothing, speak the language that is understood here.
	"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C",

	// An object of a few KB can unpack to one of gigabytes. Git reads it whole
	// before the first byte is out.
	"GIT_ALLOC_LIMIT=" + allocLimit,
}

// allocLimit is far above gitobject.MaxSize and above all that cat-file needs
// besides objects.
const allocLimit = "256m"

// flags come before the command. Settings of the repository that name programs
// are core.fsmonitor, core.hooksPath, core.pager, core.sshCommand,
// core.gitProxy, core.askPass, core.alternateRefsCommand, credential.helper,
// gpg.program, remote.*.uploadpack, diff.*.textconv, filter.*, alias.* and
// hooks. The commands that are run here use none of them, unless they fetch:
// see environment. Those that any command might come to use are set besides.
var flags = []string{
	"--no-replace-objects",
	"--no-pager",
	"-c", "core.fsmonitor=false",
	"-c", "core.hooksPath=" + nowhere,
	"-c", "core.commitGraph=false", // its parents are not those of the commits
}

// program is git, in the folder that it is to look at.
type program struct {
	path, folder string
}

// newProgram finds git. A name is looked up once, here: relative to the folder
// it could be a program of the repository.
func newProgram(folder, name string) (program, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		failed := refuse(NoGit, "install git 2.25 or later", "find the program %s: %v", quoted(name), err)
		failed.cause = err
		return program{}, failed
	}
	return program{path: path, folder: folder}, nil
}

// command prepares a command of git. It is killed when the context ends.
func (p program) command(ctx context.Context, args ...string) *exec.Cmd {
	all := append(append([]string{}, flags...), args...)
	command := exec.CommandContext(ctx, p.path, all...) //nolint:gosec // the user names the program; arguments are ours, or were checked
	command.Dir = p.folder
	command.Env = environment
	// A child that outlives git must not keep its pipes, and us, waiting.
	command.WaitDelay = time.Second
	return command
}

// output runs a command that ends by itself, and returns what it wrote.
func (p program) output(ctx context.Context, args ...string) (string, error) {
	output, err := p.command(ctx, args...).Output()
	if err == nil {
		return string(output), nil
	}
	var said string
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		said = string(exit.Stderr)
	}
	return "", broken(ctx, "run git "+args[0], err, said)
}

var versionText = lazy.New(`^git version (\d{1,4})\.(\d{1,4})(?:\.|\s|$)`)

// atLeast225 tells whether git is one that is tested here. 2.25 is the git of
// the oldest Ubuntu that is still in use.
func (p program) atLeast225(ctx context.Context) error {
	output, err := p.command(ctx, "version").Output()
	if err != nil {
		failed := broken(ctx, "start git", err, "")
		failed.Problem, failed.Fix = NoGit, "install git 2.25 or later"
		return failed
	}
	found := versionText.FindStringSubmatch(string(output))
	if found == nil {
		return refuse(OldGit, "install git 2.25 or later", "read the version of git: it said %s", quoted(string(output)))
	}
	major, _ := strconv.Atoi(found[1]) //nolint:errcheck // at most four digits
	minor, _ := strconv.Atoi(found[2]) //nolint:errcheck // at most four digits
	if major < 2 || major == 2 && minor < 25 {
		return refuse(OldGit, "install git 2.25 or later", "use git %d.%d: it is too old", major, minor)
	}
	return nil
}
