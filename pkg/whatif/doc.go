// Package whatif answers what would be decided if: if somebody had approved, if a
// test had failed, if it were Christmas, if the policy were another one.
//
// It changes facts and decides again, by the same gates as always. What comes out is
// a verdict about facts that nobody gathered; it is marked like one that was
// decided again (verdict.Verdict.Replayed), and opens nothing.
//
// The package must not know files, commands and GitHub, nor what any gate means:
// each gate says itself how its evidence is made up.
package whatif
