package verdict_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/verdict"
)

// Every name is read back as what it names, the first one of each list included.
func TestEveryNameIsReadBack(t *testing.T) {
	t.Parallel()
	for want, name := range map[verdict.Outcome]string{
		verdict.Unknown: "unknown", verdict.Pass: "pass", verdict.Fail: "fail", verdict.Wait: "wait", verdict.Skip: "skip", verdict.Waived: "waived",
	} {
		var got verdict.Outcome
		if err := got.UnmarshalText([]byte(name)); err != nil || got != want || want.String() != name {
			t.Errorf("%s is %d: %v", name, got, err)
		}
	}
	for want, name := range map[verdict.Mode]string{verdict.Enforce: "enforce", verdict.Warn: "warn", verdict.Off: "off"} {
		var got verdict.Mode
		if err := got.UnmarshalText([]byte(name)); err != nil || got != want || want.String() != name {
			t.Errorf("%s is %d: %v", name, got, err)
		}
	}
	for want, name := range map[verdict.Decision]string{verdict.Errored: "error", verdict.Allowed: "allow", verdict.Waiting: "wait", verdict.Denied: "deny"} {
		var got verdict.Decision
		if err := got.UnmarshalText([]byte(name)); err != nil || got != want || want.String() != name {
			t.Errorf("%s is %d: %v", name, got, err)
		}
	}
}

// What cannot be is called like what blocks, the first number behind the last name
// included.
func TestWhatCannotBeBlocks(t *testing.T) {
	t.Parallel()
	for _, more := range []uint8{1, 2, 100} {
		if got := (verdict.Waived + verdict.Outcome(more)).String(); got != "unknown" {
			t.Errorf("outcome %d behind the last is %q", more, got)
		}
		if got := (verdict.Off + verdict.Mode(more)).String(); got != "enforce" {
			t.Errorf("mode %d behind the last is %q", more, got)
		}
		if got := (verdict.Denied + verdict.Decision(more)).String(); got != "error" {
			t.Errorf("decision %d behind the last is %q", more, got)
		}
	}
}

func TestWhichPointsAreOpen(t *testing.T) {
	t.Parallel()
	for outcome, open := range map[verdict.Outcome]bool{
		verdict.Unknown: true, verdict.Fail: true, verdict.Wait: true, 99: true,
		verdict.Pass: false, verdict.Skip: false, verdict.Waived: false,
	} {
		if got := (verdict.Point{Outcome: outcome}).Open(); got != open {
			t.Errorf("a point that is %s (%d) is open: %t", outcome, outcome, got)
		}
	}
}
