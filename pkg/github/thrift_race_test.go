//go:build race

package github_test

// thrift is how many times fewer faults are tried: the race detector makes each run
// several times slower, and looks for something else.
const thrift = 4
