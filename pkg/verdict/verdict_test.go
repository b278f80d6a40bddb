package verdict_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

func TestCombine(t *testing.T) {
	t.Parallel()
	pass := verdict.Finding{Gate: "a", Outcome: verdict.Pass}
	fail := verdict.Finding{Gate: "b", Outcome: verdict.Fail, Code: "no"}
	wait := verdict.Finding{Gate: "c", Outcome: verdict.Wait, Code: "later"}
	unknown := verdict.Finding{Gate: "d", Code: "forbidden"}
	skip := verdict.Finding{Gate: "e", Outcome: verdict.Skip}
	warned := func(f verdict.Finding) verdict.Finding { f.Mode = verdict.Warn; return f }

	for name, row := range map[string]struct {
		findings []verdict.Finding
		decision verdict.Decision
		code     string
	}{
		"nothing asked is a deny":                   {nil, verdict.Denied, "gates.none-applied"},
		"everything skipped is a deny":              {[]verdict.Finding{skip, skip}, verdict.Denied, "gates.none-applied"},
		"only a warning that passes proves nothing": {[]verdict.Finding{warned(pass)}, verdict.Denied, "gates.none-applied"},
		"the zero finding is an error":              {[]verdict.Finding{{}, pass}, verdict.Errored, ""},
		"unknown beats fail":                        {[]verdict.Finding{fail, unknown, pass}, verdict.Errored, "d.forbidden"},
		"fail beats wait":                           {[]verdict.Finding{wait, fail}, verdict.Denied, "b.no"},
		"wait alone waits":                          {[]verdict.Finding{pass, wait}, verdict.Waiting, "c.later"},
		"an outcome from the future is an error":    {[]verdict.Finding{pass, {Gate: "f", Outcome: 99, Code: "x"}}, verdict.Errored, "f.x"},
		"a warning does not block":                  {[]verdict.Finding{pass, warned(fail), warned(unknown)}, verdict.Allowed, "ready"},
		"of two that are as bad the first says why": {[]verdict.Finding{pass, fail, {Gate: "z", Outcome: verdict.Fail, Code: "neither"}}, verdict.Denied, "b.no"},
		"one pass is enough":                        {[]verdict.Finding{pass, skip}, verdict.Allowed, "ready"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decision, code := verdict.Combine(row.findings)
			if decision != row.decision || code != row.code {
				t.Errorf("got %s %q, want %s %q", decision, code, row.decision, row.code)
			}
		})
	}
}

// Adding a finding, or making one worse, only moves a decision away from
// allow; order changes nothing.
func TestCombineIsMonotone(t *testing.T) {
	t.Parallel()
	finding := rapid.Custom(func(t *rapid.T) verdict.Finding {
		return verdict.Finding{
			Outcome: verdict.Outcome(rapid.IntRange(0, 6).Draw(t, "outcome")),
			Mode:    verdict.Mode(rapid.IntRange(0, 2).Draw(t, "mode")),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		findings := rapid.SliceOf(finding).Draw(t, "findings")
		before, _ := verdict.Combine(findings)

		shuffled := rapid.Permutation(findings).Draw(t, "shuffled")
		if after, _ := verdict.Combine(shuffled); after != before {
			t.Fatalf("order changed %s to %s", before, after)
		}
		bad := verdict.Finding{Outcome: rapid.SampledFrom([]verdict.Outcome{verdict.Unknown, verdict.Fail, verdict.Wait}).Draw(t, "bad")}
		if after, _ := verdict.Combine(append(slices.Clone(findings), bad)); after == verdict.Allowed {
			t.Fatalf("allowed beside an unmet enforced gate")
		}
		if len(findings) > 0 {
			worse := slices.Clone(findings)
			at := rapid.IntRange(0, len(worse)-1).Draw(t, "at")
			worse[at].Outcome = verdict.Unknown
			if after, _ := verdict.Combine(worse); after == verdict.Allowed && before != verdict.Allowed {
				t.Fatalf("taking an outcome away turned %s into allow", before)
			}
		}
	})
}

func TestNamesSurviveJSON(t *testing.T) {
	t.Parallel()
	finding := verdict.Finding{Gate: "g", Mode: verdict.Warn, Outcome: verdict.Waived, Reason: "r"}
	data, err := json.Marshal(finding)
	if err != nil {
		t.Fatal(err)
	}
	var back verdict.Finding
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if back.Mode != verdict.Warn || back.Outcome != verdict.Waived {
		t.Errorf("got %+v from %s", back, data)
	}
	if err := json.Unmarshal([]byte(`{"outcome":"passed"}`), &back); err == nil {
		t.Error("an unknown outcome was read")
	}
	if err := json.Unmarshal([]byte(`{"mode":"Enforce"}`), &back); err == nil {
		t.Error("an unknown mode was read")
	}
}

func TestAllowsOnlyWhatIsFresh(t *testing.T) {
	t.Parallel()
	if !(verdict.Verdict{Decision: verdict.Allowed}).Allows() {
		t.Error("an allow does not allow")
	}
	for _, blocked := range []verdict.Verdict{
		{},
		{Decision: verdict.Waiting},
		{Decision: verdict.Denied},
		{Decision: 77},
		{Decision: verdict.Allowed, Replayed: true},
	} {
		if blocked.Allows() {
			t.Errorf("%+v allows", blocked)
		}
	}
}

func TestLackingNamesReasonAndFix(t *testing.T) {
	t.Parallel()
	finding := verdict.Lacking("the commit", &fact.Missing{Reason: fact.Forbidden, Detail: "403", Fix: "grant contents: read"})
	want := "the commit is not known (forbidden): 403"
	if finding.Outcome != verdict.Unknown || finding.Reason != want || finding.Fix != "grant contents: read" || finding.Code != "forbidden" {
		t.Errorf("got %+v", finding)
	}
	if bare := verdict.Lacking("x", &fact.Missing{}); bare.Fix == "" {
		t.Error("a missing fact without a fix leaves the reader alone")
	}
}

func TestUnmetPutsWhatBlocksFirst(t *testing.T) {
	t.Parallel()
	result := verdict.Verdict{Findings: []verdict.Finding{
		{Gate: "warned", Outcome: verdict.Fail, Mode: verdict.Warn},
		{Gate: "passed", Outcome: verdict.Pass},
		{Gate: "failed", Outcome: verdict.Fail},
		{Gate: "waived", Outcome: verdict.Waived},
	}}
	var gates []string
	for _, finding := range result.Unmet() {
		gates = append(gates, finding.Gate)
	}
	if !slices.Equal(gates, []string{"failed", "warned"}) {
		t.Errorf("got %v", gates)
	}
}
