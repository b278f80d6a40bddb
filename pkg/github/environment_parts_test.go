package github_test

import (
	"net/http"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

func TestPatternsThatChangeWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	all := array{patternData(1, "branch", "main"), patternData(2, "tag", "v*"), patternData(3, "branch", "v*")}
	for settles, want := range map[int]fact.Reason{2: "", 1 << 20: fact.Incomplete} {
		asked := 0
		change := func(w http.ResponseWriter, r *http.Request) bool {
			asked++
			if asked > settles || asked%2 == 1 {
				return paged(all, 2, "branch_policies")(w, r)
			}
			return paged(append(append(array{}, all...), patternData(4, "tag", "*")), 2, "branch_policies")(w, r)
		}
		_, known := environmentOf(t, "production", guarded(map[string]handler{patternsPath: change}))
		if got := reason(known); got != want {
			t.Errorf("settles after %d answers: %q, want %q", settles, got, want)
		}
	}
}
