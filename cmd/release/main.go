// Command release makes what a version of Stageward consists of, and checks it.
// docs/releases.md says how a version is released with it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/stageward/stageward/pkg/release"
)

const usage = `usage, at the root of a checkout:

  go run ./cmd/release prepare VERSION   make the tree the release VERSION: version, notes, digest in action.yml
  go run ./cmd/release next VERSION-dev  make it one on the way to VERSION
  go run ./cmd/release state             what the tree says of itself
  go run ./cmd/release notes             what the changelog says of the release
  go run ./cmd/release build DIR         make all that the release consists of in the new folder DIR
  go run ./cmd/release verify DIR        whether what is in DIR is a whole release of the version of the tree

Flags of build, verify and prepare, before what follows them:
`

func main() {
	// An interrupted "prepare" leaves the tree as it was.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// command is what one run is about.
type command struct {
	tree      release.Tree
	platforms []string
}

func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage); flags.PrintDefaults() }
	platforms := flags.String("platforms", strings.Join(release.Platforms(), ","), "GOOS/GOARCH, separated by commas")
	if len(arguments) == 0 {
		flags.Usage()
		return errors.New("say what to do")
	}
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	c := command{tree: release.Tree{Root: ".", Env: os.Environ()}, platforms: strings.Split(*platforms, ",")}
	return c.run(ctx, arguments[0], flags.Args())
}

func (c command) run(ctx context.Context, verb string, arguments []string) error {
	switch argument := strings.Join(arguments, " "); {
	case verb == "prepare" && len(arguments) == 1:
		return c.tree.Prepare(argument, func() (string, error) {
			made, err := c.tree.Build(ctx, c.platforms)
			return made.Digest, err
		})
	case verb == "next" && len(arguments) == 1:
		return c.tree.Next(argument)
	case verb == "state" && len(arguments) == 0:
		state, err := c.tree.State()
		fmt.Printf("version=%s\ndigest=%s\n", state.Version, state.Digest)
		return err
	case verb == "notes" && len(arguments) == 0:
		return c.notes()
	case verb == "build" && len(arguments) == 1:
		return c.build(ctx, argument)
	case verb == "verify" && len(arguments) == 1:
		return c.verify(argument)
	}
	return fmt.Errorf("%q is nothing to do; see go run ./cmd/release -h", strings.Join(append([]string{verb}, arguments...), " "))
}

func (c command) notes() error {
	state, err := c.tree.State()
	if err != nil {
		return err
	}
	notes, err := c.tree.Notes(state.Version)
	fmt.Print(notes)
	return err
}

// build makes the release and reads it again, as whoever gets it would.
func (c command) build(ctx context.Context, folder string) error {
	made, err := c.tree.Build(ctx, c.platforms)
	if err != nil {
		return err
	}
	if err := made.Write(folder); err != nil {
		return err
	}
	return c.verify(folder)
}

// verify checks a folder, and that action.yml names the image that is in it, where
// the tree is a release.
func (c command) verify(folder string) error {
	state, err := c.tree.State()
	if err != nil {
		return err
	}
	goVersion, err := c.tree.GoVersion()
	if err != nil {
		return err
	}
	assets, err := release.ReadAssets(folder)
	if err != nil {
		return err
	}
	digest, err := assets.Verify(state.Version, goVersion, c.platforms)
	if err != nil {
		return err
	}
	if state.Digest != "" && state.Digest != digest {
		return fmt.Errorf("action.yml names the image %s, but the source makes %s: it would run another program; run \"release next\" and \"release prepare\" again", state.Digest, digest)
	}
	fmt.Printf("version=%s\ndigest=%s\n", state.Version, digest)
	return nil
}
