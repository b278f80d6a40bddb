package cli_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
	"github.com/stageward/stageward/pkg/internal/scale"
)

// growths are the lists of a release that can be long, with what one run costs at
// each length. A refusal is exit code 1 for what was found, 3 for more than
// GitHub lists or the program looks at.
var growths = []struct {
	name string
	of   func(n int) scale.Size
	ref  string
	runs map[int]grown
}{
	// 20 pages more for each 1,000: of check runs and of jobs. The client has 40
	// requests in flight at most.
	{"checks", func(n int) scale.Size { return scale.Size{Checks: n} }, scale.Tag, map[int]grown{
		1: {0, cost{2, 10}}, 100: {0, cost{2, 10}}, 1000: {0, cost{2, 30}}, 10000: {0, cost{7, 210}},
	}},
	{"failing checks", func(n int) scale.Size { return scale.Size{Checks: n, Failing: true, Long: true} }, scale.Tag, map[int]grown{
		1: {1, cost{2, 10}}, 100: {1, cost{2, 10}}, 1000: {1, cost{2, 30}}, 10000: {1, cost{7, 210}},
	}},
	// Who reviewed is known with the last page, so what they may do is a trip more. A
	// last page that is full is not believed to be the last: that is another.
	{"reviews", func(n int) scale.Size { return scale.Size{Checks: 1, Reviews: n - 1} }, scale.Main, map[int]grown{
		1: {0, cost{2, 6}}, 100: {0, cost{2, 6}}, 1000: {0, cost{4, 17}}, 10000: {0, cost{6, 107}},
	}},
	// GitHub lists no more than 250 commits of a pull request.
	{"commits of a pull request", func(n int) scale.Size { return scale.Size{Checks: 1, Patches: n - 1} }, scale.Main, map[int]grown{
		1: {0, cost{2, 6}}, 100: {0, cost{2, 6}}, 249: {0, cost{2, 9}}, 250: {3, cost{2, 6}}, 1000: {3, cost{2, 6}}, 10000: {3, cost{2, 6}},
	}},
	// The run that deployed last, the first page of what came after, the other pages
	// if any, and the commits, 50 at a time. More than 1,000 are not looked at.
	{"commits since the last deployment", func(n int) scale.Size { return scale.Size{Checks: 1, Commits: n} }, scale.Main, map[int]grown{
		1: {0, cost{4, 10}}, 100: {0, cost{4, 12}}, 1000: {0, cost{5, 39}}, 1001: {3, cost{3, 9}}, 10000: {3, cost{3, 9}},
	}},
	{"unsigned commits", func(n int) scale.Size { return scale.Size{Checks: 1, Commits: n, Unsigned: true, Long: true} }, scale.Main, map[int]grown{
		1: {0, cost{4, 10}}, 100: {1, cost{4, 12}}, 1000: {1, cost{5, 39}}, 10000: {3, cost{3, 9}},
	}},
	// GraphQL has the next page of tags only behind the one before; 5,000 are read at most.
	{"tags", func(n int) scale.Size { return scale.Size{Checks: 1, Tags: n - 1} }, scale.Tag, map[int]grown{
		1: {0, cost{2, 10}}, 100: {0, cost{2, 10}}, 1000: {0, cost{11, 19}}, 10000: {3, cost{2, 10}},
	}},
}

// whole makes the test do all there is; make bench does. Otherwise it leaves out
// what takes seconds: the largest of what is read to its end.
var whole = flag.Bool("growth-whole", false, "test the growth of a run up to 10,000 entries of everything")

// always reports whether a length belongs to every run of the tests.
func always(name string, n int, want grown) bool {
	switch {
	case n <= 100:
		return true
	case name == "failing checks" || name == "unsigned commits":
		return false
	case name == "commits since the last deployment":
		return n == 1001
	}
	return n <= 1000 || want.code == exitUndecided
}

// grown is what a run has to come to.
type grown struct {
	code int
	cost cost
}

// most is what GitHub takes of a job summary, and of all outputs of a job.
const most = 1 << 20

// TestGrowth counts; it measures no time. Where a list has ten times as many
// entries, a run may ask and allocate ten times as much, not a hundred times.
func TestGrowth(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	for _, growth := range growths {
		t.Run(growth.name, func(t *testing.T) {
			allocated := map[int]uint64{}
			for n, want := range growth.runs {
				if !*whole && !always(growth.name, n, want) {
					continue
				}
				t.Run(fmt.Sprintf("n=%d", n), func(t *testing.T) {
					transport, env := stand(t, scale.World(growth.of(n)), githubtest.Event{Ref: growth.ref, Actor: "olga"})
					transport.answers = map[string]*answer{}
					got, code := measure(t, transport, env)
					if code != want.code || got != want.cost {
						t.Errorf("exit code %d, %+v; want %+v", code, got, want)
					}
					checkSizes(t, env)
					if code != exitUndecided {
						allocated[n] = allocates(t, transport, env)
					}
					t.Attr("depth", strconv.Itoa(got.trips))
					t.Attr("requests", strconv.Itoa(got.requests))
					t.Attr("exit", strconv.Itoa(code))
					t.Attr("allocated", strconv.FormatUint(allocated[n], 10))
				})
			}
			checkLinear(t, allocated)
		})
	}
}

// exitUndecided is the exit code for what could not be decided.
const exitUndecided = 3

// checkLinear compares what ten times as much costs. A square would be a hundred
// times; the pages that a list has beside its entries leave some room.
func checkLinear(t *testing.T, allocated map[int]uint64) {
	t.Helper()
	const room = 15
	for n, bytes := range allocated {
		if before, ok := allocated[n/10]; ok && n >= 1000 && bytes > room*before {
			t.Errorf("%d allocate %d bytes, %d allocate %d: more than %d times", n/10, before, n, bytes, room)
		}
	}
}

// allocates runs the action on answers that are there already and returns how
// many bytes the program allocates.
func allocates(t *testing.T, transport *distant, env map[string]string) uint64 {
	t.Helper()
	transport.latency = 0
	empty(t, env)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	runAction(t.Context(), transport, env, io.Discard)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// empty takes away what the run before wrote, as a runner gives each step files
// of its own.
func empty(tb testing.TB, env map[string]string) {
	tb.Helper()
	err := errors.Join(os.Truncate(env["GITHUB_OUTPUT"], 0), os.Truncate(env["GITHUB_STEP_SUMMARY"], 0))
	if err != nil {
		tb.Fatal(err)
	}
}

// checkSizes looks at what the run wrote for GitHub, which has limits of its own.
func checkSizes(t *testing.T, env map[string]string) {
	t.Helper()
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		written, err := os.Stat(env[name])
		if err != nil {
			t.Fatal(err)
		}
		if size := written.Size(); size == 0 || size >= most {
			t.Errorf("%s has %d bytes; want some, and less than %d", name, size, most)
		}
		t.Attr(name, strconv.FormatInt(written.Size(), 10))
	}
}

// BenchmarkGrowth measures the program alone, on answers that are there already.
func BenchmarkGrowth(b *testing.B) {
	for _, growth := range growths {
		for _, n := range []int{1, 100, 1000, 10000} {
			b.Run(fmt.Sprintf("%s/n=%d", growth.name, n), func(b *testing.B) {
				transport, env := stand(b, scale.World(growth.of(n)), githubtest.Event{Ref: growth.ref, Actor: "olga"})
				transport.answers = map[string]*answer{}
				runAction(b.Context(), transport, env, io.Discard)
				b.ReportAllocs()
				for b.Loop() {
					empty(b, env)
					transport.requests = nil
					if code := runAction(b.Context(), transport, env, io.Discard); code != growth.runs[n].code {
						b.Fatalf("exit code %d", code)
					}
				}
			})
		}
	}
}
