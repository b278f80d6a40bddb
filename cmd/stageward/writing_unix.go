//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// outliveWriting makes two signals errors of the write that they come with: a pipe
// whose reader went away, and a file that may not grow any more. Either would end
// the program before it has said that nothing is allowed, one of them in the middle
// of the outputs. Nobody reads the channel. Programs that are started get the
// signals as ever.
func outliveWriting() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGXFSZ)
}
