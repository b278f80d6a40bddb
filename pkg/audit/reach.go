package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// reachNeeds returns the facts that say who can do what: who the people are, how
// what the stages take is guarded, and whom environments ask.
func reachNeeds(rules policy.Policy) []fact.Need {
	needs := append(peopleNeeds(rules), fact.Need{Kind: fact.NeedRulesets}, fact.Need{Kind: fact.NeedBranch, Key: stage.DefaultBranch})
	for _, each := range rules.Stages {
		for _, pattern := range each.Rule.Branches {
			if pattern.Literal() {
				needs = append(needs, fact.Need{Kind: fact.NeedBranch, Key: pattern.String()})
			}
		}
		if each.HotfixFor == "" {
			needs = append(needs, fact.Need{Kind: fact.NeedEnvironment, Key: each.Environment})
		}
	}
	return needs
}

// reachOf returns who can do what, stage by stage, hotfix lanes as they stand in
// the policy, and what the gates ask in their order. What a gate only warns of keeps
// nobody from anything, and is left out.
func reachOf(rules policy.Policy, facts fact.Set) []verdict.Reach {
	in := Input{Facts: facts, Rules: rules, Repository: facts.Repository.OrZero()}
	rows := []verdict.Reach{}
	for _, each := range rules.Stages {
		rows = append(rows, slices.Concat(in.reachPush(each), in.reachGates(each), in.reachEnvironment(each), in.reachGlass(each), in.reachPolicy(each.Name))...)
	}
	return rows
}

// row says who can do something. That the people behind a word are not known is
// said beside it.
func (g group) row(place, can string) verdict.Reach {
	row := verdict.Reach{Stage: place, Can: can, Who: slices.Clone(g.shown)}
	if row.Who == nil {
		row.Who = []string{}
	}
	if g.missing != nil {
		row.Unknown = g.missing.Error()
	}
	return row
}

// reachPush says who can bring something to what a stage takes.
func (in Input) reachPush(s policy.Stage) []verdict.Reach {
	var rows []verdict.Reach
	for _, each := range s.Rule.Branches {
		rows = append(rows, in.reachBranch(s.Name, "bring a commit to", target{stage: s.Name, kind: fact.Branch, pattern: each})...)
	}
	create := demand{rule: ofType("creation"), lack: "a tag can be made"}
	for _, each := range s.Rule.Tags {
		t := target{stage: s.Name, kind: fact.TagRef, pattern: each}
		can := fmt.Sprintf("make one of %s", t)
		found := in.met(t, create)
		if found.outcome == verdict.Pass {
			rows = append(rows, in.reachPast(s.Name, can, t, create))
			continue
		}
		rows = append(rows, in.writersAtMost(found).row(s.Name, can))
	}
	return rows
}

// reachBranch says who can change a branch: alone, or by a pull request that
// somebody else approved, and then who need not.
func (in Input) reachBranch(place, can string, t target) []verdict.Reach {
	locked := demand{rule: ofType("update"), classic: func(p fact.Protection) bool { return p.Locked }, lack: "it can be pushed to"}
	if in.met(t, locked).outcome == verdict.Pass {
		return []verdict.Reach{in.reachPast(place, fmt.Sprintf("%s %s, which is locked", can, t), t, locked)}
	}
	review := approval(t.isDefault())
	found := in.met(t, review)
	if found.outcome != verdict.Pass {
		return []verdict.Reach{in.writersAtMost(found).row(place, fmt.Sprintf("%s %s", can, t))}
	}
	return []verdict.Reach{
		in.withPermission(fact.WritePermission).row(place, fmt.Sprintf("%s %s, by a pull request that somebody else approved", can, t)),
		in.reachPast(place, fmt.Sprintf("%s %s without that", can, t), t, review),
	}
}

// writersAtMost are those who may write; where it is not known whether a rule keeps
// some of them from it, that is said.
func (in Input) writersAtMost(found answer) group {
	writers := in.withPermission(fact.WritePermission)
	if found.outcome == verdict.Fail {
		return writers
	}
	lost := fact.Missing{Reason: fact.Incomplete}
	if found.missing != nil {
		lost = *found.missing
	}
	lost.Detail = strings.TrimSuffix("whether a rule keeps some of them from it: "+lost.Detail, ": ")
	writers.missing = &lost
	return writers
}

// reachPast says who gets past a rule. They are named as rulesets name them.
func (in Input) reachPast(place, can string, t target, d demand) verdict.Reach {
	found, missing := in.passers(t, d)
	row := verdict.Reach{Stage: place, Can: can, Who: []string{}}
	for _, each := range found {
		if name := whoIs(each.who); !slices.Contains(row.Who, name) {
			row.Who = append(row.Who, name)
		}
	}
	slices.Sort(row.Who)
	if missing != nil {
		row.Unknown = missing.Error()
	}
	return row
}

// reachGates says who can do what the gates of a stage ask of people.
func (in Input) reachGates(s policy.Stage) []verdict.Reach {
	var rows []verdict.Reach
	starts := false
	for _, check := range s.Enforced() {
		asks := check.Asks()
		for _, role := range asks.Signers {
			rows = append(rows, in.holdersOf(role).row(s.Name, signs(check)))
		}
		if asks.Reviews > 0 {
			rows = append(rows, in.holdersOf(asks.Reviewers).row(s.Name, "approve the change in its pull request"))
		}
		for _, role := range asks.Labelers {
			rows = append(rows, in.holdersOf(role).row(s.Name, "put the label of approval on the issue of the change"))
		}
		for _, role := range asks.Starters {
			starts = true
			rows = append(rows, in.holdersOf(role).row(s.Name, "start the run"))
		}
		rows = append(rows, in.reachApprovals(s.Name, check)...)
	}
	if !starts {
		rows = append(rows, in.withPermission(fact.WritePermission).row(s.Name, "start the run"))
	}
	return rows
}

func signs(check gate.Check) string {
	if check.ID == gate.SignedTag.ID {
		return "sign the tag"
	}
	return "sign the commit"
}

func (in Input) reachApprovals(place string, check gate.Check) []verdict.Reach {
	var rows []verdict.Reach
	for _, each := range check.Asks().Approvals {
		can := fmt.Sprintf("give the approval %q", each.Name)
		if each.Reason {
			can = "make an exception from a freeze"
		}
		rows = append(rows, in.voters(each).row(place, can))
	}
	return rows
}

// reachEnvironment says whom GitHub asks before a job of the environment starts,
// and who can let it start all the same.
func (in Input) reachEnvironment(s policy.Stage) []verdict.Reach {
	known, missing := in.Facts.Environments[s.Environment].Get()
	const review = "review the job on GitHub"
	if missing != nil {
		return []verdict.Reach{{Stage: s.Name, Can: review, Who: []string{}, Unknown: missing.Error()}}
	}
	var rows []verdict.Reach
	if len(known.Reviewers) > 0 {
		var asked []string
		for _, each := range known.Reviewers {
			if each.Kind == "user" {
				each.Name = "@" + each.Name
			}
			asked = append(asked, each.Name)
		}
		slices.Sort(asked)
		rows = append(rows, verdict.Reach{Stage: s.Name, Can: review, Who: slices.Compact(asked)})
	}
	ruled := len(known.Reviewers) > 0 || known.WaitMinutes > 0 || len(known.Apps) > 0
	if ruled && (known.AdminsBypass == nil || *known.AdminsBypass) {
		row := in.withPermission(fact.AdminPermission).row(s.Name, "let the job start against the rules of the environment")
		if known.AdminsBypass == nil {
			row.Unknown = cmp.Or(row.Unknown, "GitHub does not say whether administrators may")
		}
		rows = append(rows, row)
	}
	return rows
}

// reachGlass says who can get past gates in an emergency.
func (in Input) reachGlass(s policy.Stage) []verdict.Reach {
	lane, ok := s.Glass()
	if !ok {
		return nil
	}
	var rows []verdict.Reach
	for _, role := range lane.Check.Asks().Starters {
		rows = append(rows, in.holdersOf(role).row(s.Name, "break the glass"))
	}
	for _, each := range lane.Check.Asks().Approvals {
		rows = append(rows, in.voters(each).row(s.Name, fmt.Sprintf("approve an emergency as %q", each.Name)))
	}
	return rows
}

// reachPolicy says who can change what decides: the policy, and the workflows that
// count, are read from the default branch.
func (in Input) reachPolicy(place string) []verdict.Reach {
	return in.reachBranch(place, "change the policy on", target{kind: fact.Branch, pattern: defaultPattern()})
}
