package report_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// outputs returns the outputs by name, after checking their order.
func outputs(t *testing.T, v verdict.Verdict) map[string]string {
	t.Helper()
	all, err := report.Outputs(v)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]string{}
	var names []string
	for _, output := range all {
		names = append(names, output.Name)
		byName[output.Name] = output.Value
	}
	if diff := cmp.Diff(report.OutputNames(), names); diff != "" {
		t.Errorf("names differ (-OutputNames +Outputs): %s", diff)
	}
	return byName
}

// Whatever the findings say: the decision alone opens, and never a replayed
// one, not even for a workflow that tests the wrong output.
func TestOnlyAVerdictThatAllowsOpens(t *testing.T) {
	t.Parallel()
	for _, decision := range []verdict.Decision{verdict.Errored, verdict.Allowed, verdict.Waiting, verdict.Denied, 9} {
		for _, replayed := range []bool{false, true} {
			v := verdict.Verdict{Decision: decision, Replayed: replayed, Code: "x"}
			got := outputs(t, v)
			want := decision == verdict.Allowed && !replayed
			if (got["allowed"] == "true") != want || (got["decision"] == "allow") != want || got["allowed"] != "true" && got["allowed"] != "false" {
				t.Errorf("%s, replayed %t: allowed=%s decision=%s", decision, replayed, got["allowed"], got["decision"])
			}
		}
	}
	if last := report.OutputNames(); !slices.Equal(last[len(last)-2:], []string{"decision", "allowed"}) {
		t.Errorf("the last outputs are %q", last)
	}
}

func TestOutputsOfNothingCanBeRead(t *testing.T) {
	t.Parallel()
	got := outputs(t, verdict.Verdict{})
	delete(got, "result")
	want := map[string]string{
		"stage": "", "environment": "", "environment-url": "", "sha": "", "ref": "", "version": "", "prerelease": "false", "data": "",
		"config": "{}", "lane": "", "changes": "{}", "matrix": `{"include":[]}`, "unmet": "[]", "receipt": "", "deployment-id": "", "audit": "", "reason-code": "", "decision": "error", "allowed": "false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOutputsOfADenialDescribeTheRun(t *testing.T) {
	t.Parallel()
	v := stored(t, "denied-prod")
	got := outputs(t, v)
	var unmet []map[string]string
	if err := json.Unmarshal([]byte(got["unmet"]), &unmet); err != nil {
		t.Fatal(err)
	}
	if len(unmet) != 2 || unmet[0]["who"] != v.Findings[1].Who || unmet[0]["reason"] != v.Findings[1].Reason {
		t.Errorf("unmet is %v", unmet)
	}
	if !strings.HasPrefix(got["unmet"], `[{"gate":"signed-tag","outcome":"fail","code":"unsigned","reason":"`) || !strings.HasSuffix(got["unmet"], `,"mode":"enforce"}]`) {
		t.Errorf("unmet is %s", got["unmet"])
	}
	delete(got, "unmet")
	delete(got, "result")
	want := map[string]string{
		"stage": "prod", "environment": "production", "environment-url": "https://shop.example.com", "sha": string(commit),
		"ref": "refs/tags/v1.4.0", "version": "1.4.0", "prerelease": "false", "data": "production", "config": `{"debug":false,"log_level":"warn"}`, "lane": "", "changes": "{}", "matrix": `{"include":[]}`,
		"receipt": "", "deployment-id": "", "audit": "", "reason-code": "signed-tag.unsigned", "decision": "deny", "allowed": "false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Outputs are data: their bytes are the same as what came in.
func TestOutputsChangeNoName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"feat/$(id)|<b>&'\"", "a<<EOF", "a=b", "${{github.token}}", "%0A::error::x", "\u202ex"} {
		v := verdict.Verdict{Subject: fact.Subject{Ref: fact.Ref("refs/heads/" + name)}, Stage: &verdict.Stage{Name: name, Config: json.RawMessage("null")}}
		if got := outputs(t, v); got["ref"] != "refs/heads/"+name || got["stage"] != name || got["config"] != "{}" {
			t.Errorf("%q became ref %q, stage %q, config %q", name, got["ref"], got["stage"], got["config"])
		}
	}
}

func TestOutputsFitGitHubsLimit(t *testing.T) {
	t.Parallel()
	// The first is cut once, the second as far as can be.
	for _, v := range []verdict.Verdict{crowded(110, strings.Repeat("n", 700)), crowded(55, strings.Repeat("\U000e0041", 130))} {
		v.Subject, v.Version = fact.Subject{SHA: commit}, "" // of these, the length is checked where they come in
		size := 0
		for name, value := range outputs(t, v) {
			size += 2 * len(value) // UTF-16 never needs more
			if name == "unmet" && (len(value) < 1000 || len(value) > 100_000 || !json.Valid([]byte(value))) {
				t.Errorf("unmet is %.80s", value)
			}
		}
		if size > 1_000_000 {
			t.Errorf("the outputs take %d bytes", size)
		}
	}
}
