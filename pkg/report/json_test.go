package report_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

func TestJSONRefusesWhatItCannotWrite(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]verdict.Verdict{
		"a configuration that is not JSON": {Stage: &verdict.Stage{Config: json.RawMessage(`{"a":`)}},
		"a year that has five digits":      {At: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if _, err := report.JSON(v); err == nil {
			t.Errorf("JSON wrote %s", name)
		}
		if _, err := report.Result(v); err == nil {
			t.Errorf("Result wrote %s", name)
		}
		if _, err := report.Outputs(v); err == nil {
			t.Errorf("Outputs wrote %s", name)
		}
	}
}

func TestJSONHidesNothingAndStaysReadable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(taintedAll(foreign().Draw(t, "text"))).Draw(t, "kind")
		data, err := report.JSON(v)
		if err != nil {
			t.Fatal(err)
		}
		line, err := report.Result(v)
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(data) || !bytes.HasSuffix(data, []byte("}\n")) || bytes.ContainsAny(line, "\r\n") {
			t.Fatalf("not one document in UTF-8: %q", data)
		}
		if at := bytes.IndexFunc(data, func(char rune) bool { return char != '\n' && !unicode.IsPrint(char) }); at >= 0 || bytes.Contains(data, []byte("##[")) {
			t.Fatalf("something hides in %q", data)
		}
		var whole, short verdict.Verdict
		if err := json.Unmarshal(data, &whole); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(line, &short); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole, short); diff != "" {
			t.Fatalf("JSON and Result differ: %s", diff)
		}
		if want := strings.ToValidUTF8(v.Code, ""); utf8.ValidString(v.Code) && whole.Code != want {
			t.Fatalf("the code came back as %q, want %q", whole.Code, want)
		}
	})
}

func TestJSONComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, name := range storedNames(t) {
		v := stored(t, name)
		data, err := report.JSON(v)
		if err != nil {
			t.Fatal(err)
		}
		var back verdict.Verdict
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		for _, each := range []verdict.Verdict{v, back} {
			if each.Stage != nil {
				each.Stage.Config = canonical(t, each.Stage.Config)
			}
		}
		if diff := cmp.Diff(v, back, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s changed: %s", name, diff)
		}
	}
}

// canonical returns JSON without white space and with one spelling of each
// character.
func canonical(t *testing.T, raw json.RawMessage) json.RawMessage {
	t.Helper()
	if len(raw) == 0 {
		return raw
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestJSONListsAreNeverNull(t *testing.T) {
	t.Parallel()
	v := verdict.Verdict{Findings: []verdict.Finding{{Gate: "a"}}, At: time.Date(2026, 8, 3, 14, 0, 0, 0, time.FixedZone("", 7200))}
	data, err := report.JSON(v)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("null")) {
		t.Errorf("null in %s", data)
	}
	for _, want := range []string{`"schema_version": 1`, `"decision": "error"`, `"at": "2026-08-03T12:00:00Z"`} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("no %s in %s", want, data)
		}
	}
	if v.Findings[0].Evidence != nil {
		t.Error("JSON changed the verdict it was given")
	}
}

func TestResultOfALargeVerdictIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	v := crowded(210, strings.Repeat("n", 400))
	v.Findings = append(v.Findings, verdict.Finding{Gate: "last", Outcome: verdict.Pass})
	line, err := report.Result(v)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		verdict.Verdict
		Truncated bool `json:"truncated"`
	}
	if err := json.Unmarshal(line, &back); err != nil {
		t.Fatal(err)
	}
	if len(line) > 200_000 || !back.Truncated || len(back.Findings) != 100 || back.Decision != verdict.Denied || back.Subject.SHA != commit {
		t.Errorf("%d bytes, truncated %t, %d findings, %s of %s", len(line), back.Truncated, len(back.Findings), back.Decision, back.Subject.SHA)
	}
	for _, finding := range back.Findings {
		if !finding.Blocks() {
			t.Errorf("a finding that does not block was kept before one that does: %s", finding.Mode)
		}
	}
	if whole, err := report.JSON(v); err != nil || len(whole) < 210*400*9 {
		t.Errorf("JSON was cut to %d bytes (%v)", len(whole), err)
	}
}

func TestResultFitsWhateverMakesItLarge(t *testing.T) {
	t.Parallel()
	hidden := strings.Repeat("\U000e0041", 130) // each becomes twelve bytes
	for name, findings := range map[string][]verdict.Finding{
		"long reasons":          slices.Repeat([]verdict.Finding{{Gate: "a", Reason: strings.Repeat("n", 1000)}}, 200),
		"warnings nobody sees":  slices.Repeat([]verdict.Finding{{Gate: "a", Warnings: slices.Repeat([]string{hidden}, 30)}}, 30),
		"everything is unknown": crowded(300, hidden).Findings,
	} {
		line, err := report.Result(verdict.Verdict{Findings: findings})
		if err != nil || len(line) > 200_000 || !json.Valid(line) {
			t.Errorf("%s: %d bytes (%v)", name, len(line), err)
		}
	}
}

func TestResultCutsWarningsAndKeepsThoseItWasGiven(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 400)
	v := verdict.Verdict{Findings: []verdict.Finding{{Gate: "checks-passed", Outcome: verdict.Pass, Warnings: slices.Repeat([]string{long}, 1000)}}}
	line, err := report.Result(v)
	if err != nil || len(line) > 200_000 || !bytes.Contains(line, []byte(`"warnings":["nnn`)) {
		t.Errorf("%d bytes (%v): %.300s", len(line), err, line)
	}
	if len(v.Findings[0].Warnings) != 1000 || v.Findings[0].Warnings[0] != long {
		t.Error("Result changed the verdict it was given")
	}
}
