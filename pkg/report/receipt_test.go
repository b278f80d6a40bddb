package report_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// allowed is a verdict that allows, with all that a receipt says.
func allowed() verdict.Verdict {
	return verdict.Verdict{
		Decision: verdict.Allowed, Code: "ready", At: time.Date(2026, 11, 17, 12, 0, 0, 0, time.FixedZone("", 7200)),
		Subject: fact.Subject{Repository: "acme/shop", Ref: "refs/tags/v1.4.0", SHA: commit},
		Trigger: fact.Trigger{RunID: 9001, RunAttempt: 2},
		Stage:   &verdict.Stage{Name: "prod", Environment: "production", EnvironmentURL: "https://shop.example.com/?a=1&b=<2>"},
	}
}

func TestOnlyAnAllowHasAReceipt(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(*verdict.Verdict)
	}{
		{"an error", func(v *verdict.Verdict) { v.Decision = verdict.Errored }},
		{"a wait", func(v *verdict.Verdict) { v.Decision = verdict.Waiting }},
		{"a deny", func(v *verdict.Verdict) { v.Decision = verdict.Denied }},
		{"a replay", func(v *verdict.Verdict) { v.Replayed = true }},
		{"no stage", func(v *verdict.Verdict) { v.Stage = nil }},
	} {
		v := allowed()
		row.change(&v)
		if got := outputs(t, v)["receipt"]; got != "" {
			t.Errorf("%s has the receipt %s", row.name, got)
		}
	}
	got := outputs(t, allowed())
	digest := sha256.Sum256([]byte(got["result"]))
	want := `{"stageward":1,"decision":"allow","repository":"acme/shop","stage":"prod","environment":"production",` +
		`"environment_url":"https://shop.example.com/?a=1\u0026b=\u003c2\u003e","sha":"` + string(commit) + `","ref":"refs/tags/v1.4.0",` +
		`"run_id":9001,"run_attempt":2,"at":"2026-11-17T10:00:00Z","digest":"sha256:` + hex.EncodeToString(digest[:]) + `"}`
	if diff := cmp.Diff(want, got["receipt"]); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	read, err := report.ParseReceipt(got["receipt"])
	if err != nil || !read.Allows() || read.RunAttempt != 2 || read.SHA != commit {
		t.Errorf("read back: %+v, %v", read, err)
	}
}

func TestAReceiptIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	whole := outputs(t, allowed())["receipt"]
	for _, row := range []struct{ name, old, new string }{
		{"nothing", whole, ""},
		{"null", whole, "null"},
		{"a list", whole, "[]"},
		{"an empty object", whole, "{}"},
		{"an end that is missing", `"}`, `"`},
		{"something behind it", `"}`, `"}{}`},
		{"a space", `,"stage"`, `, "stage"`},
		{"a line break at its end", `"}`, "\"}\n"},
		{"a field that is not there", `,"stage":"prod"`, ``},
		{"a field twice", `"stage":"prod"`, `"stage":"dev","stage":"prod"`},
		{"a field of another name", `"stage":`, `"Stage":`},
		{"a further field", `"stageward":1,`, `"stageward":1,"admin":true,`},
		{"fields in another order", `"run_id":9001,"run_attempt":2`, `"run_attempt":2,"run_id":9001`},
		{"a number as text", `"run_id":9001`, `"run_id":"9001"`},
		{"a number in another way", `"run_id":9001`, `"run_id":9.001e3`},
		{"another version", `"stageward":1`, `"stageward":2`},
		{"no decision", `"decision":"allow"`, `"decision":""`},
		{"no repository", `"acme/shop"`, `""`},
		{"no stage", `"prod"`, `""`},
		{"no environment", `"production"`, `""`},
		{"a commit that is none", string(commit), "main"},
		{"a reference that is none", "refs/tags/v1.4.0", "v1.4.0"},
		{"no run", `"run_id":9001`, `"run_id":0`},
		{"no attempt", `"run_attempt":2`, `"run_attempt":0`},
		{"no time", "2026-11-17T10:00:00Z", "0001-01-01T00:00:00Z"},
		{"another zone", "2026-11-17T10:00:00Z", "2026-11-17T11:00:00+01:00"},
		{"a time in another way", "2026-11-17T10:00:00Z", "2026-11-17T10:00:00.0Z"},
		{"another digest", `"sha256:`, `"md5:`},
	} {
		changed := strings.Replace(whole, row.old, row.new, 1)
		if changed == whole {
			t.Fatalf("%s: nothing was changed", row.name)
		}
		read, err := report.ParseReceipt(changed)
		if err == nil {
			t.Errorf("%s was read as %+v", row.name, read)
		}
	}
	denied := strings.Replace(whole, `"decision":"allow"`, `"decision":"deny"`, 1)
	if read, err := report.ParseReceipt(denied); err != nil || read.Allows() {
		t.Errorf("a deny was read as %+v, %v", read, err)
	}
}

func TestWhatCameOfARecord(t *testing.T) {
	t.Parallel()
	const hostile = "x\n::error::y `code` <b> @olga ##[error]"
	refused := report.Recorded{Code: "record.expired", Reason: hostile, Fix: hostile}
	for _, said := range []string{refused.Text(), strings.TrimSuffix(refused.Summary(), "\n")} {
		if strings.Contains(said, "\n") || !strings.Contains(said, "No deployment was recorded") {
			t.Errorf("not a line: %q", said)
		}
	}
	if said := refused.Summary(); strings.Contains(said, "<b>") || strings.Contains(said, " @olga") {
		t.Errorf("the summary is %q", said)
	}
	done := report.Recorded{Code: report.RecordedCode, Deployment: 7, State: "success", Stage: "prod", Environment: "production", SHA: commit}
	if got, want := done.Text(), "Deployment record 7 of "+commit.Short()+" to prod (production): success, which it said before"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	lost := report.Recorded{Code: "api.inconsistent", Reason: "odd", Deployment: 7}
	if got, want := lost.Text(), "Deployment record 7 is not as it was asked for: odd"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	want := []report.Output{{Name: "deployment-id", Value: ""}, {Name: "reason-code", Value: "record.expired"}}
	if diff := cmp.Diff(want, refused.Outputs()); diff != "" {
		t.Error(diff)
	}
	if got := done.Outputs()[0].Value; got != "7" {
		t.Errorf("deployment-id is %q", got)
	}
}
