// Command stageward decides whether a commit may go to a deployment stage.
package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/stageward/stageward/pkg/cli"
)

// lean is how much the heap of the action may grow, in percent, before it is
// collected. A run is short and needs about one MiB; with Go's 100 it has the budget of
// memory used up (docs/performance.md). The other commands may be long.
const lean = 50

func main() {
	if len(os.Args) > 1 && os.Args[1] == "action" {
		debug.SetGCPercent(lean)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	outliveWriting()
	code := cli.Main(ctx, os.Args[1:], cli.System{
		Getenv: os.Getenv, Stdout: os.Stdout, Stderr: os.Stderr, Terminal: terminal,
		Now: time.Now, Random: rand.Reader,
	})
	stop()
	os.Exit(code)
}
