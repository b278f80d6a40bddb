// Package scenario tests policies: a file of scenarios says what should be decided
// about runs, and the policy is asked.
//
// A run is made up from the policy itself, with everything there that it asks for, or
// was recorded. A scenario takes something away, adds something, or changes a fact,
// and says what is expected. Nothing is read from anywhere else, so a test takes
// milliseconds and always says the same.
//
// The package must not know files, commands and GitHub, nor what any gate means.
package scenario
