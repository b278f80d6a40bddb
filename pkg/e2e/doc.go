// Package e2e tests what is shipped: action.yml, the image that the Dockerfile
// makes, and the documented workflows, run by a runner against a GitHub over
// TLS.
//
// The tests that need a container engine have the build tag e2e; "make e2e"
// runs them. The package has no code but tests, and it must not know how the
// program works inside: it sees files, environment variables and outputs only.
package e2e
