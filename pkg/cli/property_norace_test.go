//go:build !race

package cli_test

// thrift is how many times fewer runs the properties play; see property_race_test.go.
const thrift = 1
