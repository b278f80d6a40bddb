// Package lint finds what a policy says that its writer may not mean: a stage that
// nothing reaches, an approval that nobody can give, one person who can release
// alone. Such a policy is right and is decided by; a warning says what to think
// about, and decides nothing.
//
// A rule is one file, which registers it. The gates tell themselves what is unwise
// in their parameters (gate.Note). Both go by what files say: what GitHub says is for
// pkg/audit. A warning is of something that is certainly so. What only may be so is
// passed over, because a warning that is wrong teaches people to read none.
//
// The package is pure. It must not read files, know the time or GitHub, nor how a
// warning is shown.
package lint

//go:generate go test -run ^TestThePageIsPacked$ -update .
