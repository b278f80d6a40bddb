// Package actions is where Stageward meets the GitHub Actions runner: it
// reads what the runner says about the run, and writes what the runner reads
// back: the log, the outputs and the job summary.
//
// Everything that comes in is checked here, once, and leaves as typed values.
// What cannot be checked is refused: an event whose commit is not the one a
// person means is worse than no event. Everything that goes out is treated as
// written by a stranger, since branch names, titles and tag messages are.
//
// The package must not know policies, gates or stages, what a decision means,
// or how GitHub's API is asked. It reads no environment and no clock of its
// own, and it is the only package that knows that a runner exists.
package actions
