// Package stage finds the deployment stage that a branch or tag belongs to,
// and says of every pattern it tried why it did or did not match.
//
// Matching is byte-exact, anchored at both ends, and typed: a tag never
// matches a branch pattern. When two stages match, none is chosen.
//
// The package is pure. It must not know the policy file, the gates, GitHub or
// the runner.
package stage
