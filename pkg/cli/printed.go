package cli

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/stageward/stageward/pkg/actions"
)

// printed is the standard output. Whoever reads it may go away before the end, as
// `head` does; the program goes on, for its exit code. Any other error means that
// somebody who wants to know it did not get all of it.
//
// That writing to a pipe that nobody reads is an error, and not the end of the
// program, is up to cmd/stageward.
type printed struct {
	out io.Writer
	// err is the first error that was not one of a reader who went away.
	err error
}

func (p *printed) Write(data []byte) (int, error) {
	written, err := p.out.Write(data)
	if errors.Is(err, syscall.EPIPE) {
		return len(data), nil
	}
	if p.err == nil {
		p.err = err
	}
	return written, err
}

// told returns the exit code of a command that ended with this one: a yes that
// could not be printed in full is none.
func (a *app) told(code int) int {
	if a.printed.err == nil || code != exitAllow {
		return code
	}
	fmt.Fprintf(a.system.Stderr, "stageward: print the result: %s\n", actions.Inert(a.printed.err.Error()))
	return exitUndecided
}
