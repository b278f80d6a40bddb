package audit

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// NobodyAlone holds where it takes two people to deploy to the last stage.
var NobodyAlone = register(Check{
	ID:       "nobody-alone",
	Title:    "Nobody deploys to the last stage alone",
	Why:      "Where one person can write, sign, approve and start, one account that was taken over is enough to deploy anything.",
	Severity: verdict.High,
	Needs: func(rules policy.Policy) []fact.Need {
		needs := append(peopleNeeds(rules), needsWorkflows(rules)...)
		if last, ok := rules.Last(); ok {
			needs = append(needs, fact.Need{Kind: fact.NeedEnvironment, Key: last.Environment})
		}
		return needs
	},
	Ask: func(in Input) []verdict.Point {
		last, ok := in.Rules.Last()
		if !ok {
			return []verdict.Point{about{severity: verdict.High}.beside("the policy has no stage that asks for something")}
		}
		return []verdict.Point{in.alone(last)}
	},
})

// alone answers for one stage.
func (in Input) alone(s policy.Stage) verdict.Point {
	about := about{stage: s.Name, severity: verdict.High}
	var open []policy.Way
	for _, each := range in.Rules.WaysTo(s) {
		if each.TakesTwo(in.Rules) == "" {
			open = append(open, each)
		}
	}
	guarded, unknown := in.reviewedByOthers(s)
	switch {
	case guarded:
		return about.fine(fmt.Sprintf("GitHub asks a reviewer of the environment %q who did not start the run", s.Environment))
	case len(open) == 0:
		return in.bound(about, s)
	}
	for _, each := range open {
		who, missing := in.soloists(each)
		switch {
		case len(who) > 0 && unknown != nil, missing != nil:
			return about.unknown(fmt.Sprintf("whether one person alone can deploy by %s", each.Name), cmp.Or(missing, unknown), adminToken)
		case len(who) > 0:
			return about.wrong("alone", fmt.Sprintf("by %s, nothing asks for a second person: %s can do all of it", each.Name, list(who)),
				"Ask for approved with not: [author, committers], or for reviewed. Or give the environment required reviewers, prevent self-review, and take the bypass from administrators.")
		}
	}
	return about.fine("nobody holds all the roles that it takes")
}

// bound answers where the policy asks for a second person on every way: that counts
// where the jobs that deploy ask the gate.
func (in Input) bound(about about, s policy.Stage) verdict.Point {
	files, missing := in.workflows()
	if missing != nil {
		return about.unknown("whether every job that deploys asks the gate", missing, workflowsToken)
	}
	for _, each := range append(in.gatesOf(s, files), in.uncalled(files)...) {
		switch {
		case each.Outcome == verdict.Fail && each.Severity <= verdict.High:
			return about.wrong("not-asked", "the policy asks for a second person, and there is a job that deploys all the same: "+each.Reason, each.Fix)
		case each.Outcome == verdict.Unknown:
			return about.unknown("whether every job that deploys asks the gate", &fact.Missing{Reason: fact.Incomplete, Detail: each.Reason}, each.Fix)
		}
	}
	return about.fine("every way to it takes the word of a second person")
}

// reviewedByOthers reports whether GitHub asks somebody else than whoever started
// the run, whatever the gate says.
func (in Input) reviewedByOthers(s policy.Stage) (guarded bool, missing *fact.Missing) {
	environment, missing := in.Facts.Environments[s.Environment].Get()
	if missing != nil {
		return false, missing
	}
	asks := environment.Exists && len(environment.Reviewers) > 0 && environment.PreventSelfReview
	return asks && environment.AdminsBypass != nil && !*environment.AdminsBypass, nil
}

// soloists returns who holds every role that a way takes, in words where the people
// are not known: somebody always has the highest permission.
func (in Input) soloists(w policy.Way) (who []string, missing *fact.Missing) {
	least := fact.WritePermission
	everyone := in.withPermission(least)
	groups := []group{everyone}
	byPermission := true
	for _, name := range w.Roles() {
		role, err := in.Rules.Terms.Roles.Lookup(name)
		byPermission = byPermission && err == nil && role.Permission != ""
		if role.Permission.AtLeast(least) {
			least = role.Permission
		}
		groups = append(groups, in.holdersOf(name))
	}
	var all []fact.Collaborator
	for _, each := range groups[0].people {
		if !slices.ContainsFunc(groups, func(other group) bool { return !has(other.people, each.Person.Login) }) {
			all = append(all, each)
		}
	}
	if len(all) > 0 {
		return logins(all), nil
	}
	for _, each := range groups {
		missing = cmp.Or(missing, each.missing)
	}
	if missing != nil && byPermission {
		return []string{"whoever has " + string(least)}, nil
	}
	return nil, missing
}
