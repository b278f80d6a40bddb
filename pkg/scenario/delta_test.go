package scenario

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	world := suppose.New(suppose.About{Repository: "acme/shop", DefaultBranch: "main", Ref: "refs/heads/main", Event: "push", At: someday})
	world.AddCheck("tests", "acme-ci", "success", someday, 0)
	world.AddCheck("lint", "acme-ci", "success", someday, 0)
	for name, row := range map[string]struct {
		delta string
		wrong string
		holds func(fact.Set) bool
	}{
		"a field in capitals":                      {delta: `{"Checks": {"missing": {"reason": "forbidden"}}}`, wrong: `the set has no "Checks"; did you mean "checks"?`},
		"a field of a fact in capitals":            {delta: `{"commit": {"value": {"Headline": "x"}}}`, wrong: `commit.value has no "Headline"`},
		"a field that facts do not have":           {delta: `{"commmit": {"value": {}}}`, wrong: "commmit"},
		"an entry behind the end of a list":        {delta: `{"checks": {"value": {"runs": {"3": {}}}}}`, wrong: "checks.value.runs has 2 entries, and entry 3 is changed"},
		"a word in the place of an entry's number": {delta: `{"checks": {"value": {"runs": {"first": {}}}}}`, wrong: "checks.value.runs is a list"},
		"a number that is written in another way":  {delta: `{"checks": {"value": {"runs": {"00": {}}}}}`, wrong: "is a list"},
		"another type":                             {delta: `{"checks": {"value": {"runs": "none"}}}`, wrong: "read stored fact"},
		"nothing":                                  {holds: func(s fact.Set) bool { return len(s.Checks.OrZero().Runs) == 2 }},
		"a map is merged":                          {delta: `{"commit": {"value": {"headline": "other"}}}`, holds: func(s fact.Set) bool { return s.Commit.OrZero().Headline == "other" && s.Commit.OrZero().SHA != "" }},
		"a list is replaced":                       {delta: `{"checks": {"value": {"runs": []}}}`, holds: func(s fact.Set) bool { return len(s.Checks.OrZero().Runs) == 0 }},
		"an entry of a list is merged": {delta: `{"checks": {"value": {"runs": {"1": {"conclusion": "failure"}}}}}`, holds: func(s fact.Set) bool {
			r := s.Checks.OrZero().Runs
			return r[1].Conclusion == "failure" && r[1].Name == "lint" && r[0].Conclusion == "success"
		}},
		"an entry is added":                          {delta: `{"checks": {"value": {"runs": {"2": {"id": 9, "name": "new", "app": "x", "status": "queued", "started_at": "2026-01-01T00:00:00Z", "completed_at": "2026-01-01T00:00:00Z"}}}}}`, holds: func(s fact.Set) bool { return len(s.Checks.OrZero().Runs) == 3 }},
		"a fact that is missing has no value":        {delta: `{"checks": {"missing": {"reason": "forbidden"}}}`, holds: func(s fact.Set) bool { _, m := s.Checks.Get(); return m != nil && m.Reason == fact.Forbidden }},
		"a fact that was missing gets a value":       {delta: `{"release": {"value": {"tag": "v1"}}}`, holds: nil},
		"a number keeps its digits":                  {delta: `{"trigger": {"run_id": 9007199254740993}}`, holds: func(s fact.Set) bool { return s.Trigger.RunID == 9007199254740993 }},
		"a key of a map of facts can be added":       {delta: `{"locks": {"production": {"value": [], "source": {"from": "x"}}}}`, holds: func(s fact.Set) bool { _, m := s.LocksOf("production").Get(); return m == nil }},
		"the base stays as it was, whatever is done": {delta: `{"checks": {"value": {"runs": {"0": {"name": "changed"}}}}}`, holds: func(fact.Set) bool { return world.Facts.Checks.OrZero().Runs[0].Name == "tests" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := merge(world.Facts, json.RawMessage(row.delta))
			switch {
			case row.wrong != "" && (err == nil || !strings.Contains(err.Error(), row.wrong)):
				t.Errorf("got error %v, want one that says %q", err, row.wrong)
			case row.wrong == "" && row.holds != nil && err != nil:
				t.Errorf("unexpected: %v", err)
			case row.holds != nil && !row.holds(got):
				t.Errorf("not so in %+v", got)
			}
		})
	}
}
