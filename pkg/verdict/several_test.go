package verdict_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/verdict"
)

func decided(decision verdict.Decision, code string) verdict.Verdict {
	return verdict.Verdict{Decision: decision, Code: code, Project: code}
}

func replayed(v verdict.Verdict) verdict.Verdict {
	v.Replayed = true
	return v
}

// Nothing but an allow of every project is an allow of all, whatever the order.
func TestTheWorstProjectDecides(t *testing.T) {
	t.Parallel()
	allow, wait, deny, failed := decided(verdict.Allowed, "a"), decided(verdict.Waiting, "w"), decided(verdict.Denied, "d"), decided(verdict.Errored, "e")
	for name, row := range map[string]struct {
		projects []verdict.Verdict
		decision verdict.Decision
		code     string
		allows   bool
		allowed  int
	}{
		"none":                       {nil, verdict.Denied, "project.none", false, 0},
		"a zero verdict":             {[]verdict.Verdict{allow, {}}, verdict.Errored, "", false, 1},
		"a zero verdict first":       {[]verdict.Verdict{{}, allow}, verdict.Errored, "", false, 1},
		"a deny without a code":      {[]verdict.Verdict{decided(verdict.Denied, ""), allow}, verdict.Denied, "", false, 1},
		"one is refused":             {[]verdict.Verdict{allow, deny, allow}, verdict.Denied, "d", false, 2},
		"one waits":                  {[]verdict.Verdict{wait, allow}, verdict.Waiting, "w", false, 1},
		"a deny beats a wait":        {[]verdict.Verdict{wait, deny, allow}, verdict.Denied, "d", false, 1},
		"an error beats a deny":      {[]verdict.Verdict{deny, failed, wait}, verdict.Errored, "e", false, 0},
		"the first of the worst":     {[]verdict.Verdict{deny, decided(verdict.Denied, "later")}, verdict.Denied, "d", false, 0},
		"one of them was replayed":   {[]verdict.Verdict{allow, replayed(allow)}, verdict.Allowed, "a", false, 0},
		"all were replayed":          {[]verdict.Verdict{replayed(allow)}, verdict.Allowed, "a", false, 0},
		"one decision that is not":   {[]verdict.Verdict{allow, decided(9, "odd")}, 9, "odd", false, 1},
		"all are allowed":            {[]verdict.Verdict{allow, decided(verdict.Allowed, "b")}, verdict.Allowed, "a", true, 2},
		"one project, which may go":  {[]verdict.Verdict{allow}, verdict.Allowed, "a", true, 1},
		"one project, which may not": {[]verdict.Verdict{wait}, verdict.Waiting, "w", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := verdict.SeveralOf(row.projects, nil)
			if got.Decision != row.decision || got.Code != row.code || got.Allows() != row.allows || len(got.Allowed()) != row.allowed {
				t.Errorf("got %s %q, allows %t, %d allowed", got.Decision, got.Code, got.Allows(), len(got.Allowed()))
			}
			if _, only := got.Only(); only != (len(row.projects) == 1) {
				t.Errorf("only one: %t", only)
			}
			stopped := got.Each(func(v verdict.Verdict) verdict.Verdict {
				v.Decision, v.Code = verdict.Errored, "run.cancelled"
				return v
			})
			if stopped.Allows() || len(stopped.Allowed()) != 0 || stopped.Decision != verdict.Errored || stopped.Code != "run.cancelled" {
				t.Errorf("a run that was stopped is %s %q with %d allowed", stopped.Decision, stopped.Code, len(stopped.Allowed()))
			}
		})
	}
}

// A change cannot make an allow out of nothing.
func TestNoProjectIsNeverAllowed(t *testing.T) {
	t.Parallel()
	got := verdict.SeveralOf(nil, []verdict.Aside{{Project: "api", Code: verdict.Unchanged}}).Each(func(v verdict.Verdict) verdict.Verdict {
		v.Decision = verdict.Allowed
		return v
	})
	if got.Allows() || got.Decision == verdict.Allowed || len(got.Aside) != 1 {
		t.Errorf("got %+v", got)
	}
}
