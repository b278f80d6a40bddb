//go:build !race

package github_test

// thrift is how many times fewer faults are tried; see thrift_race_test.go.
const thrift = 1
