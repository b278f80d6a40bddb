// Package audit holds a repository as it is set up against its policy: which
// environments there are and whom they let in, what guards branches and tags,
// what keeps the gate in its place, who can reach which stage.
//
// A check is one file. It registers itself, names the facts that it reads, and
// is given no others, as a gate is. Unlike a gate it decides nothing: a point of
// an audit says what somebody should mend. What could not be found out is said
// to be unknown, and never counts as fine.
//
// It must not know GitHub, the network, the clock or the environment, nor how
// anything is shown.
package audit

//go:generate go test -run ^TestThePageListsEveryCheck$ -update .
