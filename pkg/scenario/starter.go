package scenario

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

// Starter returns a file of scenarios for a policy, to go on from: for each stage a run
// that is allowed, and for each of its gates one in which the evidence is not there.
// What is expected is what the policy says now: it keeps that from changing unnoticed,
// and a reader sees whether it is what was meant. It is about the time that it is at,
// since waivers end and freezes begin.
func Starter(rules policy.Policy, about About) []byte {
	s := starter{rules: rules, branch: cmp.Or(about.DefaultBranch, "main"), at: about.At.UTC().Truncate(time.Second)}
	for _, project := range rules.All() {
		s.project, s.own = project.Project, project
		for _, each := range project.Stages {
			s.stage(each)
		}
	}
	s.nowhere()
	var out bytes.Buffer
	out.WriteString("# What this policy has to decide. `stageward test` plays it, without GitHub.\nversion: 1\n")
	if about.Policy != "" {
		fmt.Fprintf(&out, "policy: %s\n", strict.Plain(about.Policy))
	}
	if s.branch != "main" {
		fmt.Fprintf(&out, "default-branch: %s\n", strict.Plain(s.branch))
	}
	if !s.at.IsZero() {
		fmt.Fprintf(&out, "at: %s # or as soon as the stage is open\n", s.at.Format(time.RFC3339))
	}
	fmt.Fprintf(&out, "\n# Runs in which there is everything that the policy asks for.\nbases:\n%s\nscenarios:\n%s", s.bases.String(), s.scenarios.String())
	return out.Bytes()
}

// About is what a first file of scenarios is about.
type About struct {
	// Policy is the path of the policy from the folder of the file, "" for the one that
	// is meant where nothing is said.
	Policy string
	// DefaultBranch is main where it is "".
	DefaultBranch string
	// At is around what time the runs are; zero for Someday.
	At time.Time
}

type starter struct {
	rules  policy.Policy
	branch string
	at     time.Time
	// project is the one that is written, "" where there are none; own is its policy.
	project          string
	own              policy.Policy
	bases, scenarios strings.Builder
}

func (s *starter) stage(each policy.Stage) {
	ref := s.example(each)
	if ref == "" {
		fmt.Fprintf(&s.scenarios, "  # %s: say by a run of your own which branch or tag goes there.\n\n", each.Name)
		return
	}
	run := whatif.Run{Repository: "acme/shop", DefaultBranch: s.branch, Ref: ref, Event: s.event(each), Project: s.project, Around: s.at}
	facts, err := whatif.Ideal(s.rules, run)
	if err != nil {
		fmt.Fprintf(&s.scenarios, "  # %s: %s\n\n", each.Name, oneLine(err.Error()))
		return
	}
	name := each.Name
	if s.project != "" {
		name = s.project + "-" + name
	}
	fmt.Fprintf(&s.bases, "  %s: { ref: %s%s }\n", name, strict.Plain(string(ref)), s.more(run.Event))
	s.write(fmt.Sprintf("%s goes to %s", ref.Name(), name), name, "", whatif.Decide(s.rules, facts))
	for _, asked := range each.Gates {
		if asked.Mode == verdict.Enforce {
			s.gate(name, facts, asked.Check)
		}
	}
}

// gate writes a scenario in which a gate is in the way: without all of its evidence, and
// without each part of it where there are several.
func (s *starter) gate(base string, facts fact.Set, check gate.Check) {
	parts := check.Supposition.Parts
	if len(parts) < 2 {
		parts = []string{""}
	}
	for _, part := range parts {
		edit := whatif.Edit{Without: !check.Supposition.Against, Noun: check.Supposition.Noun, Part: part}
		changed, err := whatif.Apply(s.rules, facts, []whatif.Edit{edit})
		if err != nil {
			fmt.Fprintf(&s.scenarios, "  # %s, %s: %s\n\n", base, check.ID, oneLine(err.Error()))
			continue
		}
		text := edit.String()
		key, word, _ := strings.Cut(text, " ")
		s.write(base+" "+text, base, fmt.Sprintf("    but: { %s: [%s] }\n", key, strict.Plain(word)), whatif.Decide(s.rules, changed))
	}
}

// nowhere writes a run that no stage takes.
func (s *starter) nowhere() {
	const ref = "refs/heads/some/other/branch"
	facts, err := whatif.Ideal(s.rules, whatif.Run{Repository: "acme/shop", DefaultBranch: s.branch, Ref: ref, Event: "push", Project: s.project, Around: s.at})
	v := whatif.Decide(s.rules, facts)
	if err != nil || v.Stage != nil {
		return // a stage takes every branch
	}
	fmt.Fprintf(&s.bases, "  elsewhere: { ref: %s%s }\n", ref, s.more("push"))
	s.write("a branch that no stage takes goes nowhere", "elsewhere", "", v)
}

func (s *starter) write(name, base, but string, v verdict.Verdict) {
	fmt.Fprintf(&s.scenarios, "  - name: %s\n    base: %s\n%s    expect: { decision: %s", strict.Plain(name), base, but, v.Decision)
	if reasons := Reasons(v); len(reasons) > 0 {
		var codes []string
		for _, each := range reasons {
			codes = append(codes, strict.Plain(each.Code))
		}
		fmt.Fprintf(&s.scenarios, ", reasons: [%s]", strings.Join(codes, ", "))
	}
	s.scenarios.WriteString(" }\n\n")
}

// event is what starts a run of the stage: a push, where the stage takes that.
func (s *starter) event(each policy.Stage) string {
	for _, event := range append([]string{"push"}, each.Rule.Events...) {
		for _, taken := range each.Rule.Events {
			if event == taken {
				return event
			}
		}
	}
	return "push"
}

// more is what else there is to say of a base.
func (s *starter) more(event string) string {
	text := ""
	if event != "push" {
		text += ", event: " + event
	}
	if s.project != "" {
		text += ", project: " + s.project
	}
	return text
}

// example returns a branch or tag that goes to the stage and to no other one, or "".
func (s *starter) example(each policy.Stage) fact.Ref {
	var candidates []fact.Ref
	for _, pattern := range each.Rule.Branches {
		name := strings.ReplaceAll(pattern.String(), stage.DefaultBranch, s.branch)
		candidates = append(candidates, fact.BranchRef(filled(name, "topic")))
	}
	for _, pattern := range each.Rule.Tags {
		for _, version := range []string{"1.4.0", "1.4.0-rc.1", "topic"} {
			candidates = append(candidates, fact.Ref("refs/tags/"+filled(pattern.String(), version)))
		}
		candidates = append(candidates, "refs/tags/v1.4.0", "refs/tags/v1.4.0-rc.1")
	}
	for _, ref := range candidates {
		query := stage.Query{Ref: ref, DefaultBranch: s.branch, Event: s.event(each)}
		if stage.Resolve(s.own.Rules(), query).Stage == each.Name {
			return ref
		}
	}
	return ""
}

func filled(pattern, word string) string {
	return strings.ReplaceAll(strings.ReplaceAll(pattern, "**", word), "*", word)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
