// Package report shows a verdict: as a job summary, as text for a terminal or
// a log, as JSON, as step outputs and as annotations.
//
// Everything in a verdict may hold text from outside: names of branches,
// checks and people, titles, messages. Each channel makes such text inert in
// its own way, at the place where it is written and nowhere earlier, so that
// the same verdict can be shown on all of them.
//
// The functions are pure: a verdict goes in, a string or values come out, and
// the same verdict gives the same bytes. The package must not know how a
// verdict came about, what a gate means, or where its result is written.
package report
