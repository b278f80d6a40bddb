// Package gather asks for the facts in two waves, and turns whatever goes
// wrong into facts that are missing for a reason.
//
// The first wave is one request that is sent before the policy is known. The
// second brings what the policy's gates need and the first could not give, all
// at once, and reads the reference once more.
//
// The package owns the small interfaces it asks through. It must not know the
// policy, the gates, GitHub's client library, or the runner.
package gather
