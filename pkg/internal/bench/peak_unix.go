//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakOf returns the most memory that a process had at once, in bytes, as the
// system counted it; 0 where that is not known.
func peakOf(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin": // counts bytes; the others count KiB
		return int64(usage.Maxrss) //nolint:unconvert // other systems have 32 bits
	}
	return int64(usage.Maxrss) << 10 //nolint:unconvert // the same
}
