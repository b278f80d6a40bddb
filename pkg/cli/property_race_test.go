//go:build race

package cli_test

// thrift is how many times fewer runs the properties play: the race detector makes
// each run several times slower, and looks for something else.
const thrift = 12
