package main

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNote(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		line string
		want measured
	}{
		"a line of a test has no figure":               {"=== RUN   TestGrowth/checks", measured{}},
		"a log line that looks like one has no figure": {"    x_test.go:1: === ATTR  TestGrowth depth 2", measured{}},
		"an attribute that is no number is left out":   {"=== ATTR  TestGrowth/checks/n=1 word yes", measured{}},
		"a result without figures has none":            {"BenchmarkVerify/ssh-ed25519", measured{}},
		"an attribute":                                 {"=== ATTR  TestGrowth/checks/n=1 depth 2", measured{"TestGrowth/checks/n=1 depth": 2}},
		"a benchmark, with all its figures": {
			"BenchmarkVerify/ssh-ed25519-2         	      50	  23645445 ns/op	  262.3 x-faster",
			measured{"BenchmarkVerify/ssh-ed25519 ns/op": 23645445, "BenchmarkVerify/ssh-ed25519 x-faster": 262.3},
		},
		"a benchmark on one core": {"BenchmarkGrowth/tags/n=1 	 3	 5 B/op", measured{"BenchmarkGrowth/tags/n=1 B/op": 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := measured{}
			got.note(row.line)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// within are figures that keep to every budget exactly.
func within() measured {
	found := measured{}
	for _, each := range budgets {
		found[each.name] = each.limit
	}
	return found
}

func TestEachBudgetIsKept(t *testing.T) {
	t.Parallel()
	if over, err := within().write(io.Discard); over || err != nil {
		t.Errorf("the budgets themselves are over, or there is an error: %v", err)
	}
	for _, each := range budgets {
		t.Run(each.what, func(t *testing.T) {
			t.Parallel()
			over, lost := within(), within()
			over[each.name] *= 1.01
			if each.least {
				over[each.name] = each.limit * 0.99
			}
			delete(lost, each.name)
			for word, found := range map[string]measured{"OVER": over, "NOT MEASURED": lost} {
				var out strings.Builder
				if over, err := found.write(&out); !over || err != nil || strings.Count(out.String(), word) != 1 {
					t.Errorf("not %s:\n%s", word, &out)
				}
			}
		})
	}
}

func TestTheTimeIsTheShortestAndTheMemoryTheMedian(t *testing.T) {
	t.Parallel()
	got := summary([]spent{{30, 7}, {10, 9}, {20, 8}})
	if want := (spent{20, 7}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
