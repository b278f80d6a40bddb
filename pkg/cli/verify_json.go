package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/stageward/stageward/pkg/history"
)

// jsonVerdict is one object of the stream. Every field is always there;
// docs/verify.md describes them, and they are only ever added to.
type jsonVerdict struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	State     string `json:"state"`
	Reason    string `json:"reason"`
	Detail    string `json:"detail"`
	Scheme    string `json:"scheme"`
	Key       string `json:"key"`
	Signer    string `json:"signer"`
	Source    string `json:"source"`
	ClaimedAt string `json:"claimed_at"`
	Subject   string `json:"subject"`
	Tag       string `json:"tag"`
	Target    string `json:"target"`
}

// jsonSummary is the last object of the stream. Without it the stream is not
// whole.
type jsonSummary struct {
	Type   string         `json:"type"`
	Asked  string         `json:"asked"`
	From   string         `json:"from"`
	To     string         `json:"to"`
	Total  int            `json:"total"`
	States map[string]int `json:"states"`
	Good   bool           `json:"all_good"`
}

func jsonRow(verdict history.Verdict) string {
	made := verdict.Signature
	kind := "commit"
	if verdict.Name != "" {
		kind = "tag"
	}
	claimed := ""
	if !made.Claimed.IsZero() {
		claimed = made.Claimed.UTC().Format(time.RFC3339)
	}
	return jsonLine(jsonVerdict{
		Type: kind, ID: verdict.ID, State: string(verdict.State), Reason: string(verdict.Reason), Detail: verdict.Detail,
		Scheme: string(made.Scheme), Key: made.Key, Signer: made.Owner, Source: made.Source, ClaimedAt: claimed,
		Subject: verdict.Subject, Tag: verdict.Name, Target: verdict.Target,
	})
}

func jsonTotal(tally *history.Tally, wanted target) string {
	states := map[string]int{}
	for _, each := range tally.Counts() {
		states[string(each.State)] = each.Count
	}
	return jsonLine(jsonSummary{
		Type: "summary", Asked: wanted.asked.text, From: wanted.from, To: wanted.to,
		Total: tally.Total(), States: states, Good: tally.AllGood(),
	})
}

// jsonLine returns compact JSON in ASCII, with its newline. Whatever a name
// or a subject holds does nothing on a terminal, and programs still read it
// unchanged; bytes that are not UTF-8 become U+FFFD.
func jsonLine(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("{\"type\":\"error\",\"detail\":%+q}\n", err.Error())
	}
	var line strings.Builder
	for _, char := range string(data) {
		switch {
		case char >= ' ' && char <= '~':
			line.WriteRune(char)
		case utf16.RuneLen(char) == 1:
			fmt.Fprintf(&line, `\u%04x`, char)
		default:
			high, low := utf16.EncodeRune(char)
			fmt.Fprintf(&line, `\u%04x\u%04x`, high, low)
		}
	}
	// The runner of GitHub Actions would obey what follows "##[" in a log.
	return strings.ReplaceAll(line.String(), "##[", `##\u005b`) + "\n"
}
