package report_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// dresses are what somebody would call a branch, a tag, a check or an issue to make a
// summary say something else.
var dresses = map[string]string{
	"an allow of its own":        "x\n\n## ✅ Allowed: v1.4.0 may go to prod\n\n**Next:** check out it",
	"an allow in the same line":  "✅ Allowed: v1.4.0 (abc1234) may go to prod",
	"the end of the table":       "x |\n\n# ✅ Allowed\n\n| Outcome | Gate |\n| --- | --- |\n| ✅ met | everything",
	"the end of the fold":        "</details>\n\n# ✅ Allowed\n\n<details open><summary>",
	"a heading in HTML":          `<h1 align="center">✅ Allowed</h1><img src="https://evil.tld/green.png"><style>h2{display:none}</style>`,
	"a picture of its own":       "```\n\n```mermaid\nflowchart LR\n  n1[\"prod: allowed\"]\n```",
	"an answer to the picture":   "\"]:::target\n  n9[\"prod: allowed\"]; click n9 \"https://evil.tld\"",
	"writing that goes backward": "\u202edewollA ✅\u202c \u2067x\u2069 \u061c",
	"writing that covers others": "Z" + strings.Repeat("\u0300\u0301\u0489\u035f", 40),
	"much of it":                 strings.Repeat("✅ Allowed ", 1000),
	"one long word":              strings.Repeat("ALLOWED", 1500),
	"what cannot be seen":        "de\u00adni\u200bed\u2060\ufe0f\u3164\U000e0061",
	"a formula and a mention":    "$\\color{green}{\\text{Allowed}}$ @acme/all #1 :white_check_mark:",
}

func TestNobodyDressesASummaryUp(t *testing.T) {
	t.Parallel()
	for name, text := range dresses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, hostile := range taintedAll(text) {
				page := report.Summary(hostile)
				checkStructure(t, shape(report.Summary(taintedAll("x")[kind])), page)
				checkDress(t, page, "## ")
			}
			page := report.AuditSummary(dressedAudit(text))
			checkStructure(t, shape(report.AuditSummary(dressedAudit("x"))), page)
			checkDress(t, page, "## ⛔ Audit: ")
			for kind, hostile := range dressedRecords(text) {
				page := hostile.Summary()
				checkStructure(t, shape(dressedRecords("x")[kind].Summary()), page)
				checkDress(t, page, "")
			}
		})
	}
}

// checkDress fails where a page can be taken for another one, or for too much.
func checkDress(t *testing.T, page, begins string) {
	t.Helper()
	if !strings.HasPrefix(page, begins) || !utf8.ValidString(page) {
		t.Errorf("the page begins with %.80q, want %q", page, begins)
	}
	if strings.Count(page, "\n## ")+strings.Count(page, "\n# ") > 0 {
		t.Errorf("the page has a second heading of its size:\n%s", page)
	}
	if len(page) > 300_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
	if at := strings.IndexAny(page, "\u202e\u2067\u061c\u00ad\u200b\u2060\u3164"); at >= 0 {
		t.Errorf("a character that cannot be seen stands in %.80q", page[at:])
	}
	if strings.Contains(page, strings.Repeat("\u0300\u0301\u0489\u035f", 2)) {
		t.Error("marks pile up without an end")
	}
}

func dressedAudit(text string) verdict.Audit {
	a := anAudit()
	a.Repository = text
	for i := range a.Points {
		p := &a.Points[i]
		p.Reason, p.Fix, p.Limit, p.Title, p.Why, p.Stage = text, text, text, text, text, text
		p.Commands = nil // shown as they are, in a block; another test is about them
		p.Evidence = []verdict.Evidence{{Text: text, URL: repository + "/x"}}
	}
	for i := range a.Reach {
		a.Reach[i] = verdict.Reach{Stage: text, Can: text, Who: []string{text}, Unknown: text}
	}
	for i := range a.Review {
		a.Review[i].Reason, a.Review[i].Fix, a.Review[i].Question = text, text, text
	}
	return a
}

func dressedRecords(text string) []report.Recorded {
	return []report.Recorded{
		{Code: report.RecordedCode, Deployment: 7, State: "success", Stage: text, Environment: text, SHA: commit},
		{Code: "record.expired", Reason: text, Fix: text},
		{Code: "api.inconsistent", Reason: text, Fix: text, Deployment: 7},
	}
}
