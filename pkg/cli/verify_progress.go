package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progressEvery is how often the line is written anew.
const progressEvery = 200 * time.Millisecond

// progress is a line on a terminal that says how far it is. A nil one says
// nothing.
//
// The libraries for it draw bars of a known length. How many commits there are
// is known only when all of them were read, so a number is all there is to
// show; whether somebody sees it is the part that a library answers.
type progress struct {
	out         io.Writer
	now         func() time.Time
	begun, last time.Time
}

// newProgress returns nil unless errors go to a terminal and rows do not: rows
// that are seen say how far it is.
func newProgress(system System) *progress {
	if !isTerminal(system.Stderr) || isTerminal(system.Stdout) {
		return nil
	}
	now := system.Now()
	return &progress{out: system.Stderr, now: system.Now, begun: now, last: now}
}

// tell shows how many objects were checked, unless it did so just now.
func (p *progress) tell(count int) {
	if p == nil {
		return
	}
	now := p.now()
	if now.Sub(p.last) < progressEvery {
		return
	}
	p.last = now
	fmt.Fprintf(p.out, "\r\x1b[K%d checked, %.0f per second", count, float64(count)/now.Sub(p.begun).Seconds())
}

// end takes the line away.
func (p *progress) end() {
	if p != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

func isTerminal(writer io.Writer) bool {
	if kept, ok := writer.(*printed); ok {
		writer = kept.out
	}
	file, ok := writer.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
