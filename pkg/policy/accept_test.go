package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

func TestAccepts(t *testing.T) {
	t.Parallel()
	rules, err := policy.Parse("p.yml", []byte(`version: 1
preset: three-stage
accepts:
  - { warning: no-checks, because: "known" }
  - { warning: not-promoted, stage: prod, because: "meant", until: 2027-01-01 }
  - { warning: not-promoted, because: "meant", until: 2027-01-01T18:00 }
`), gate.All())
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	want := []policy.Acceptance{
		{Warning: "no-checks", Because: "known", Origin: "p.yml:4"},
		{Warning: "not-promoted", Stage: "prod", Because: "meant", Until: day.AddDate(0, 0, 1), Origin: "p.yml:5"},
		{Warning: "not-promoted", Because: "meant", Until: day.Add(18 * time.Hour), Origin: "p.yml:6"},
	}
	if diff := cmp.Diff(want, rules.Accepts); diff != "" {
		t.Error(diff)
	}
	last := want[1].Until.Add(-time.Nanosecond)
	for at, holds := range map[time.Time]bool{last: true, want[1].Until: false, want[1].Until.AddDate(1, 0, 0): false} {
		if want[1].Holds(at) != holds || !want[0].Holds(at) {
			t.Errorf("at %s it holds: %t, one without an end: %t", at, !holds, want[0].Holds(at))
		}
	}
}

// Where something is said is shown beside a warning.
func TestOrigins(t *testing.T) {
	t.Parallel()
	rules, err := policy.Parse("p.yml", []byte("version: 1\npreset: three-stage\nstages:\n  - name: prod\n    data: production\n  - name: staging\n    from: { branches: [x] }\n"), gate.All())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, each := range rules.Stages {
		got = append(got, each.Name, each.Origin, each.FromOrigin)
	}
	want := []string{"dev", "preset three-stage", "preset three-stage", "staging", "p.yml:6", "p.yml:7", "prod", "p.yml:4", "preset three-stage"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
