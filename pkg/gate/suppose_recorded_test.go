package gate_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// beyond are rows whose evidence is there, or is gone, and whose gate is not met, or
// known, for another reason, which no evidence of it changes.
var beyond = map[string]string{
	"environment-protected/the default branch is not known":                        "what the stage takes is not known",
	"on-branch/a default branch without a name is unknown":                         "the branch has no name",
	"ref-unmoved/a rollback by a run of a tag that the stage takes":                "the run is of another tag",
	"ref-unmoved/a run of a tag that the stage takes, asked to deploy another one": "the run is of another tag",
	"signed-tag/a branch is not a tag, whatever tag is known":                      "the run is of a branch",
	"within-window/a calendar that never closes again":                             "it is open for ever",
}

// TestEverySuppositionOnRecordedFacts begins with the facts of every row, also of
// those that do not pass: "what if" asks about runs of which something is known. What
// no evidence can mend has to be said in a sentence.
func TestEverySuppositionOnRecordedFacts(t *testing.T) {
	t.Parallel()
	for _, each := range gate.All() {
		for _, row := range table[each.ID] {
			if beyond[each.ID+"/"+row.name] != "" {
				continue
			}
			t.Run(each.ID+"/"+row.name, func(t *testing.T) {
				t.Parallel()
				supposesOnRecorded(t, bind(t, each.ID, row), row)
			})
		}
	}
}

func supposesOnRecorded(t *testing.T, check gate.Check, row row) {
	t.Helper()
	terms, made := row.terms(), check.Supposition
	recorded := func() *suppose.World {
		world, err := suppose.Of(row.facts)
		if err != nil {
			t.Fatal(err)
		}
		return world
	}
	world := recorded()
	switch err := made.Meet(world, terms); {
	case err != nil && (row.want == verdict.Pass || strings.ContainsAny(err.Error(), "\n")):
		t.Fatalf("nothing meets it: %v", err)
	case err == nil:
		if got := check.Ask(world.Facts, terms); got.Outcome != verdict.Pass {
			t.Fatalf("it is %s %s: %s", got.Outcome, got.Code, got.Reason)
		}
	}
	worsen := made.Without
	if made.Against {
		worsen = made.With
	}
	for _, part := range append([]string{""}, made.Parts...) {
		world := recorded()
		if err := worsen(world, terms, part); err != nil {
			if row.want == verdict.Pass {
				t.Errorf("take away %q: %v", part, err)
			}
			continue
		}
		if got := check.Ask(world.Facts, terms); got.Outcome == verdict.Pass || got.Outcome == verdict.Unknown && row.want != verdict.Unknown {
			t.Errorf("without %q it is %s %s: %s", part, got.Outcome, got.Code, got.Reason)
		}
	}
}
