package seating_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/seating"
)

func TestFree(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		seats [][]string
		free  bool
	}{
		"nobody for the only seat":                  {[][]string{nil}, true},
		"one person for two seats":                  {[][]string{{"a"}, {"a"}}, true},
		"two people for three seats":                {[][]string{{"a", "b"}, {"a", "b"}, {"a", "b"}}, true},
		"the same person twice is one":              {[][]string{{"a", "a"}, {"a"}}, true},
		"no seat":                                   {nil, false},
		"one person each":                           {[][]string{{"a"}, {"b"}}, false},
		"who comes first moves for who comes later": {[][]string{{"a", "b"}, {"a", "c"}, {"a"}}, false},
		"a chain of moves":                          {[][]string{{"a", "b"}, {"b", "c"}, {"a"}, {"c", "d"}}, false},
	} {
		if free := seating.Free(row.seats); free >= 0 != row.free {
			t.Errorf("%s: seat %d stays free", name, free)
		}
	}
}
