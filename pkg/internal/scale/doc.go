// Package scale makes releases as large as a test or a benchmark wants them.
// It is for tests and for the program that prints the budgets; it knows the
// double of GitHub and nothing of what decides.
package scale
