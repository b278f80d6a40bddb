// Package protection holds a GitHub environment against what a stage asks of it:
// that it exists, which branches and tags it lets in, who has to look first, and
// who can get past that. It says what is missing, and the commands that mend it.
//
// The gate environment-protected and the audit say the same because both ask here.
//
// The package is pure. It must not know the policy file, the gates, the audit, nor
// how GitHub is read.
package protection
