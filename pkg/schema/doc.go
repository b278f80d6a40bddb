// Package schema holds the published JSON Schemas (draft 2020-12): of what the
// program writes, which are a verdict, an audit, and the facts that a verdict rests
// on, and of what people write, which are a policy and the scenarios that test it.
// docs/results.md says what they promise.
//
// They are made from the Go types by a test of this package, so that nothing of that
// is in the program; it carries them packed.
//
// The package knows bytes and nothing of what they describe.
package schema

//go:generate go test -run ^TestTheSchemasAreUpToDate$ -update .
