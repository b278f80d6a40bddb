// Package parallel does things at the same time.
//
// A panic on a goroutine that nobody waits for in this way ends the program at
// once: with a stack, with the exit code of bad input, and past everything that
// would say that nothing was allowed. So this is the only place of the program
// that starts goroutines to ask GitHub something; a test holds the sources to it.
//
// The package is pure and knows nothing of this program.
package parallel
