package report_test

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// markdown reads what GitHub reads: tables, struck text, task lists, and bare
// addresses as links.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithRendererOptions(html.WithUnsafe()))

// read returns the structure of a page as shape has it, and its HTML.
func read(t interface{ Fatal(...any) }, page string) (structure, made string) {
	source := []byte(page)
	document := markdown.Parser().Parse(text.NewReader(source))
	var out bytes.Buffer
	if err := markdown.Renderer().Render(&out, source, document); err != nil {
		t.Fatal(err)
	}
	return shapeOf(document, source), out.String()
}

func toHTML(t interface{ Fatal(...any) }, page string) string {
	_, made := read(t, page)
	return made
}

// shape lists the structure of a page: its blocks, cells, links with their
// targets, and HTML, but none of its text. Code within a line counts as text,
// since making text inert may turn a word of it into code.
func shape(page string) string {
	source := []byte(page)
	return shapeOf(markdown.Parser().Parse(text.NewReader(source)), source)
}

func shapeOf(document ast.Node, source []byte) string {
	var out strings.Builder
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		switch each := node.(type) {
		case *ast.Text, *ast.String:
			return ast.WalkContinue, nil
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.Link:
			fmt.Fprintf(&out, "link %s %t\n", each.Destination, entering)
		case *ast.AutoLink:
			fmt.Fprintf(&out, "autolink %s %t\n", each.URL(source), entering)
		case *ast.RawHTML:
			fmt.Fprintf(&out, "html %s\n", each.Segments.Value(source))
		case *ast.HTMLBlock:
			fmt.Fprintf(&out, "html block %s\n", each.Lines().Value(source))
		case *ast.FencedCodeBlock:
			fmt.Fprintf(&out, "fence %s of %d lines\n", each.Language(source), each.Lines().Len())
		case *ast.Heading:
			fmt.Fprintf(&out, "heading %d %t\n", each.Level, entering)
		default:
			fmt.Fprintf(&out, "%s %t\n", node.Kind(), entering)
		}
		return ast.WalkContinue, nil
	})
	return out.String()
}

const (
	repository = "https://github.com/acme/shop"
	commit     = fact.SHA("abc1234def5678900987654321fedcba01234567")
)

// tainted returns a verdict that says text wherever text can come from
// outside. What decides about the structure (kinds, numbers, addresses, which
// gate) is the same whatever the text.
func tainted(text string) verdict.Verdict {
	seen := "seen " + text // what only repeats the reason is left out
	evidence := []verdict.Evidence{{Text: text, URL: repository + "/runs/1"}, {Text: seen, URL: "javascript:" + text}, {Text: seen}}
	finding := verdict.Finding{Gate: "signed-tag", Title: text, Outcome: verdict.Fail, Code: text, Reason: text, Fix: text, Who: text, Evidence: evidence, Warnings: []string{text, "warned " + text}}
	warning, odd := finding, finding
	warning.Mode, odd.Gate = verdict.Warn, "odd "+text
	return verdict.Verdict{
		Decision: verdict.Denied, Code: text, Reason: strings.Repeat("long ", 50) + text, Fix: text,
		Subject: fact.Subject{Repository: text, Ref: fact.Ref("refs/heads/" + text), SHA: commit},
		Version: text, RepositoryURL: repository,
		Trigger:     fact.Trigger{Event: text, Actor: text, TriggeringActor: text + "2", RunID: 1, RunAttempt: 2, RunURL: repository + "/actions/runs/1"},
		Stage:       &verdict.Stage{Name: "stage " + text, Environment: text, EnvironmentURL: "https://shop.example.com", Data: text},
		Progression: []string{"dev", "stage " + text, "other " + text},
		Policy:      verdict.Policy{Preset: text, Path: "x.yml", Branch: text, Commit: commit, Blob: commit},
		Mapping:     []verdict.Try{{Stage: text, Pattern: text, Why: text, Matched: true}, {Stage: text, Pattern: text, Why: text}},
		Findings:    []verdict.Finding{finding, warning, odd, {Gate: "reviewed", Reason: text, Outcome: verdict.Pass, Warnings: []string{text}}},
		Problems:    []string{text, "policy.yml:1:1: " + text},
		Replayed:    true,
	}
}

// taintedWays returns verdicts on runs that do not go the ordinary way, with
// changes and gates that are let through, all of them saying text.
func taintedWays(text string) []verdict.Verdict {
	through := verdict.Finding{Gate: "reviewed", Title: text, Outcome: verdict.Waived, Code: "waiver", Reason: text, Fix: text, Who: text, Warnings: []string{text}}
	broken, lapsed := through, through
	broken.Gate, broken.Code = "odd "+text, "break-glass"
	lapsed.Gate, lapsed.Outcome, lapsed.Code = "odd "+text, verdict.Skip, "rollback"
	last := &fact.DeploymentRun{ID: 7, Workflow: text, Job: text, Event: text, Branch: text, Head: commit, URL: "https://github.com/acme/shop/actions/runs/7"}
	changes := &verdict.Changes{
		Since: commit, Run: last,
		Commits: []verdict.Change{
			{SHA: commit, Headline: text, URL: repository + "/commit/1", Author: text, Signed: fact.PersonSignature, Signer: text, Pull: 7},
			{SHA: commit, Headline: text, URL: "javascript:" + text},
		},
		Pulls: []verdict.ChangePull{{Number: 7, Title: text, URL: repository + "/pull/7", Author: text, MergedBy: text}},
	}
	var all []verdict.Verdict
	for _, way := range []verdict.Way{
		{Lane: verdict.Rollback, From: last},
		{Lane: verdict.Rollback, Unknown: text},
		{Lane: verdict.BreakGlass, Reason: text},
		{Lane: verdict.Hotfix, Section: text},
		{Lane: "odd", Section: text},
	} {
		v := tainted(text)
		v.Decision, v.Replayed = verdict.Allowed, false
		v.Way, v.Changes, v.Findings = &way, changes, []verdict.Finding{through, broken, lapsed}
		all = append(all, v)
	}
	all[0].Changes = &verdict.Changes{Unknown: text}
	return all
}

// taintedAll returns a verdict of every kind that there is.
func taintedAll(text string) []verdict.Verdict {
	return append([]verdict.Verdict{tainted(text), taintedWithoutStage(text), taintedMany(text)}, taintedWays(text)...)
}

// taintedMany has so many gates that are met that they are folded.
func taintedMany(text string) verdict.Verdict {
	v := tainted(text)
	for i := range 20 {
		v.Findings = append(v.Findings, verdict.Finding{Gate: fmt.Sprint("odd ", i, text), Outcome: verdict.Pass, Reason: text})
	}
	return v
}

func taintedWithoutStage(text string) verdict.Verdict {
	v := tainted(text)
	v.Stage, v.Replayed = nil, false
	return v
}

// mermaid is all that may stand in the picture.
var mermaid = regexp.MustCompile("(?s)```mermaid\nflowchart LR\n" +
	`(  n\d+\["[\pL\p{Nd} ._?-]*(: [a-z -]+)?"\](:::target)?\n)+(  n\d+ --> n\d+\n)+  classDef target [a-z0-9:#,-]+` + "\n```\n")

func TestForeignTextNeverChangesTheStructure(t *testing.T) {
	t.Parallel()
	var checks []func(rapid.TB, string)
	for kind, plain := range taintedAll("x") {
		build := func(text string) verdict.Verdict { return taintedAll(text)[kind] }
		harmless := report.Summary(plain)
		want, pictured := shape(harmless), mermaid.MatchString(harmless)
		checks = append(checks, func(t rapid.TB, text string) {
			t.Helper()
			page := report.Summary(build(text))
			checkStructure(t, want, page)
			if mermaid.MatchString(page) != pictured {
				t.Fatalf("the picture is not one:\n%s", page)
			}
		})
	}
	for _, text := range nasty {
		for _, check := range checks {
			check(t, text)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := foreign().Draw(t, "text")
		checks[rapid.IntRange(0, len(checks)-1).Draw(t, "kind")](t, text)
	})
}

// checkStructure fails when a page does anything that the harmless one, of
// which it is given the shape, does not do.
func checkStructure(t rapid.TB, harmless, page string) {
	t.Helper()
	structure, made := read(t, page)
	if diff := cmp.Diff(harmless, structure); diff != "" {
		t.Fatalf("the structure changed (-harmless +hostile):\n%s\n%s", diff, page)
	}
	prose := outsideCode(made) // so without the picture, which is a fence
	if hit := reacting.FindString(prose); hit != "" {
		t.Fatalf("%q acts in\n%s", hit, prose)
	}
}

// A test of the oracle: it must see what it is there to see.
func TestShapeSeesWhatForeignTextCouldDo(t *testing.T) {
	t.Parallel()
	frame := func(text string) string {
		return "| a | b |\n| --- | --- |\n| x " + text + " | y |\n\n- z " + text + "\n"
	}
	for _, text := range []string{"</details>", "<b>", "[x](https://e.tld)", "![x](y)", "**b**", "~~s~~", "https://e.tld", "www.e.tld", "bob@e.tld", "\n\n# h", "\n```\n"} {
		if shape(frame(text)) == shape(frame("x")) {
			t.Errorf("shape does not see %q", text)
		}
	}
}

// Evidence may point anywhere a check wants it to. Whatever it is, it makes at
// most the link it says, with a target that is an https address.
func TestForeignAddressesMakeNoOtherLink(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SampledFrom([]string{"", "https://e.tld/", "https://e.tld/?q=", "https://"}).Draw(t, "begin") + foreign().Draw(t, "url")
		finding := verdict.Finding{Gate: "reviewed", Outcome: verdict.Pass, Evidence: []verdict.Evidence{{Text: "x", URL: at}}}
		page := report.Summary(verdict.Verdict{Findings: []verdict.Finding{finding}})
		found := regexp.MustCompile(`(?m)^link (.*) true$`).FindAllStringSubmatch(shape(page), -1)
		if len(found) > 2 || strings.Contains(shape(page), "autolink") {
			t.Fatalf("%q makes more than its link:\n%s", at, page)
		}
		for _, link := range found {
			target, err := url.Parse(link[1])
			if err != nil || target.Scheme != "https" || target.User != nil || target.Host == "" {
				t.Fatalf("%q makes a link to %q", at, link[1])
			}
		}
	})
}

func TestThePolicyLinksToItsFileAndNowhereElse(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"../../../../evil/shop":   "",
		"a//b.yml":                "",
		".github/stageward.yml":   repository + "/blob/" + string(commit) + "/.github/stageward.yml",
		"a b?c#d%2e(e)\u202e.yml": repository + "/blob/" + string(commit) + "/a%20b%3Fc%23d%252e%28e%29%E2%80%AE.yml",
	} {
		v := verdict.Verdict{RepositoryURL: repository, Policy: verdict.Policy{Path: path, Commit: commit, Blob: commit}}
		got := ""
		if link := regexp.MustCompile(`(?m)^link (.*) true$`).FindStringSubmatch(shape(report.Summary(v))); link != nil {
			got = link[1]
		}
		if got != want {
			t.Errorf("%q links to %q, want %q", path, got, want)
		}
	}
}
