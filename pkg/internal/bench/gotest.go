package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// measured is what was found, by name. Counts of tests have the name of the test
// and of the figure, such as "TestGrowth/checks/n=100 requests".
type measured map[string]float64

// countRuns runs the tests that count. They fail where a count is not what it was.
func countRuns(ctx context.Context, _ string, found measured) error {
	return found.goTest(ctx, "./pkg/cli", "-run", "^(TestRoundTrips|TestGrowth)$", "-growth-whole")
}

// timeRuns runs the benchmarks of which the ratios mean something elsewhere, too.
func timeRuns(ctx context.Context, _ string, found measured) error {
	return found.goTest(ctx, "./pkg/cli", "-run", "^$", "-bench", "^(BenchmarkGrowth|BenchmarkVerify)$")
}

// goTest runs go test and takes down what it says.
func (m measured) goTest(ctx context.Context, args ...string) error {
	test := exec.CommandContext(ctx, "go", append([]string{"test", "-v", "-count=1"}, args...)...) //nolint:gosec // the arguments are those above
	test.Stderr = os.Stderr
	said, err := test.StdoutPipe()
	if err == nil {
		err = test.Start()
	}
	if err != nil {
		return err
	}
	var failed []string
	lines := bufio.NewScanner(said)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		m.note(lines.Text())
		if isFailure(lines.Text()) {
			failed = append(failed, strings.TrimSpace(lines.Text()))
		}
	}
	if err := test.Wait(); err != nil {
		return fmt.Errorf("go test %s: %w: %s", strings.Join(args, " "), err, strings.Join(failed, "; "))
	}
	return lines.Err()
}

func isFailure(line string) bool {
	return strings.HasPrefix(strings.TrimSpace(line), "--- FAIL:") || strings.Contains(line, "_test.go:")
}

var (
	// attribute is how t.Attr writes a figure.
	attribute = regexp.MustCompile(`^=== ATTR +(\S+) (\S+) (\S+)$`)
	// benchmark is how a benchmark writes its figures: value and unit, in pairs.
	benchmark = regexp.MustCompile(`^(Benchmark\S+?)(?:-[0-9]+)?\s+[0-9]+\s+(.*)$`)
)

// note takes down the figures of a line of go test; other lines have none.
func (m measured) note(line string) {
	if words := attribute.FindStringSubmatch(line); words != nil {
		m.set(words[1]+" "+words[2], words[3])
		return
	}
	words := benchmark.FindStringSubmatch(line)
	if words == nil {
		return
	}
	fields := strings.Fields(words[2])
	for i := 0; i+1 < len(fields); i += 2 {
		m.set(words[1]+" "+fields[i+1], fields[i])
	}
}

func (m measured) set(name, value string) {
	if number, err := strconv.ParseFloat(value, 64); err == nil {
		m[name] = number
	}
}
