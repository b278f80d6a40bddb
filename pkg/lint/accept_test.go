package lint_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/lint"
	"github.com/stageward/stageward/pkg/policy"
)

// bare is a policy with two warnings: nobody checks, and one person is enough.
const bare = "stages:\n  - name: prod\n    from: { tags: [\"v*\"] }\n    data: production\n    gates: { signed-tag: {} }\n"

func TestAcceptances(t *testing.T) {
	t.Parallel()
	both := []string{"no-checks", "one-person-alone"}
	for name, each := range map[string]struct {
		accepts  string
		open     []string
		accepted []string
		// says is part of what is said of the acceptance.
		says string
	}{
		"another warning":              {`[{ warning: not-promoted, because: x }]`, append(both, "acceptance-unused"), nil, "no such warning any more"},
		"another stage":                {`[{ warning: no-checks, stage: dev, because: x }]`, append(both, "acceptance-unused"), nil, `"dev", and there is none`},
		"one that has ended":           {`[{ warning: no-checks, because: x, until: 2026-11-30 }]`, append(both, "acceptance-ended"), nil, "2026-12-01 00:00 UTC"},
		"one that ends now":            {`[{ warning: no-checks, because: x, until: 2026-12-01T12:00 }]`, append(both, "acceptance-ended"), nil, ""},
		"a slip":                       {`[{ warning: no-check, because: x }]`, append(both, "acceptance-unknown"), nil, `did you mean "no-checks"?`},
		"a warning about acceptances":  {`[{ warning: acceptance-unknown, because: x }]`, append(both, "acceptance-unknown"), nil, "nobody can accept it"},
		"one of them twice":            {`[{ warning: no-checks, because: x }, { warning: no-checks, stage: prod, because: y }]`, []string{"one-person-alone", "acceptance-unused"}, []string{"no-checks"}, ""},
		"one that has ended, and one":  {`[{ warning: no-checks, because: x, until: 2020-01-01 }, { warning: no-checks, because: y }]`, []string{"one-person-alone", "acceptance-ended"}, []string{"no-checks"}, ""},
		"one for a stage":              {`[{ warning: no-checks, stage: prod, because: x }]`, []string{"one-person-alone"}, []string{"no-checks"}, ""},
		"one until the end of the day": {`[{ warning: no-checks, because: x, until: 2026-12-01 }]`, []string{"one-person-alone"}, []string{"no-checks"}, ""},
		"both":                         {`[{ warning: no-checks, because: x }, { warning: one-person-alone, because: x }]`, nil, both, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := lint.Look(parse(t, "version: 1\n"+bare+"accepts: "+each.accepts+"\n"), lint.Beside{Now: now})
			var accepted []string
			said := ""
			for _, warning := range found {
				if warning.Accepted != nil {
					accepted = append(accepted, warning.ID)
				}
				if strings.HasPrefix(warning.ID, "acceptance-") {
					said += warning.Text + " " + warning.Fix + "\n"
					if warning.Where != "policy.yml:7" {
						t.Errorf("it is said of %s", warning.Where)
					}
				}
			}
			if diff := cmp.Diff([][]string{each.open, each.accepted}, [][]string{open(found), accepted}); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, said)
			}
			if !strings.Contains(said, each.says) {
				t.Errorf("it does not say %q: %s", each.says, said)
			}
		})
	}
}

// Whatever a policy accepts: the same facts give the same verdict, to the last byte,
// and nothing else is asked of GitHub.
func TestAnAcceptanceChangesNoDecision(t *testing.T) {
	t.Parallel()
	sources := []string{"version: 1\npreset: three-stage\n", "version: 1\npreset: four-stage\n", "version: 1\n" + bare, "version: 1\nstages:\n" + stages("staging") + last(good+", "+promoting)}
	rapid.Check(t, func(t *rapid.T) {
		source := rapid.SampledFrom(sources).Draw(t, "policy")
		ids := append(lint.IDs(), "no-such-warning")
		var accepts strings.Builder
		accepts.WriteString("accepts:\n")
		for range rapid.IntRange(1, 5).Draw(t, "count") {
			accepts.WriteString("  - { warning: " + rapid.SampledFrom(ids).Draw(t, "id") + ", because: x" +
				rapid.SampledFrom([]string{"", ", stage: prod", ", stage: nowhere"}).Draw(t, "stage") + rapid.SampledFrom([]string{"", ", until: 2020-01-01", ", until: 2099-01-01"}).Draw(t, "until") + " }\n")
		}
		facts := factsOf(t)
		without, with := read(t, source), read(t, source+accepts.String())
		if diff := cmp.Diff(answer(t, without, facts), answer(t, with, facts)); diff != "" {
			t.Fatalf("with\n%s the verdict is another:\n%s", accepts.String(), diff)
		}
		needs, others := decide.NewPlan(without, facts).Needs(), decide.NewPlan(with, facts).Needs()
		if !slices.Equal(needs, others) {
			t.Fatalf("other facts are asked for: %v, %v", needs, others)
		}
	})
}

// factsOf draws what is known of a run.
func factsOf(t *rapid.T) fact.Set {
	ref := fact.Ref(rapid.SampledFrom([]string{"refs/heads/main", "refs/heads/only-staging", "refs/tags/v1.2.3", "refs/tags/v1.2.3-rc.1", "refs/heads/dev", "refs/heads/x"}).Draw(t, "ref"))
	sha := fact.SHA(strings.Repeat("a", 40))
	facts := fact.Set{
		Subject:    fact.Subject{Repository: "acme/shop", Ref: ref, SHA: sha},
		Trigger:    fact.Trigger{Event: "push", Actor: "olga", TriggeringActor: "olga"},
		Repository: fact.Of(fact.Repository{Name: "acme/shop", DefaultBranch: "main"}, fact.Source{}),
	}
	if rapid.Bool().Draw(t, "time") {
		facts.At = fact.Of(now, fact.Source{})
	}
	return facts
}

func read(t *rapid.T, source string) policy.Policy {
	rules, err := policy.Parse("policy.yml", []byte(source), gate.All())
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	return rules
}

func answer(t *rapid.T, rules policy.Policy, facts fact.Set) string {
	data, err := json.MarshalIndent(decide.NewPlan(rules, facts).Decide(facts), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The same policy gives the same warnings in the same order.
func TestTheOrderIsTheSame(t *testing.T) {
	t.Parallel()
	rules := parse(t, "version: 1\n"+bare+"roles: { a: { users: [olga] }, b: { users: [ben] } }\n")
	first := lint.Look(rules, lint.Beside{Now: now})
	for range 20 {
		if diff := cmp.Diff(first, lint.Look(rules, lint.Beside{Now: now})); diff != "" {
			t.Fatal(diff)
		}
	}
}
