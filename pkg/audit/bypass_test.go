package audit_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

// let lets somebody past a ruleset.
func (w *guardWorld) let(id int64, kind string, actor int64, mode string) {
	all, _ := w.set(id).Bypass.Get()
	w.set(id).Bypass = known(append(append([]fact.Bypass{}, all...), fact.Bypass{Kind: kind, ID: actor, Mode: mode}))
}

func TestGuardsBindAll(t *testing.T) {
	t.Parallel()
	const others = "\npass high\nsupport pass high"
	const branches = "\nsupport pass high\nprod pass high"
	whole := fact.Protection{ForAdmins: true, Reviews: &fact.ReviewRule{Approvals: 1}}
	strict := fact.Protection{ForAdmins: true, Reviews: &fact.ReviewRule{Approvals: 1, CodeOwners: true, LastPush: true, DismissStale: true}}
	guardRows(t, "guards-bind-all", map[string]guardRow{
		"everybody who can push": {
			change: func(w *guardWorld) { w.let(1, "RepositoryRole", 4, "always") }, want: "fail critical anyone-bypasses\nsupport pass high\nprod pass high",
			says: []string{"everybody with the role write", `the ruleset "set 1"`, `map(select((.actor_type == "RepositoryRole" and .actor_id == 4) | not))`, "gh api --method PUT repos/acme/shop/rulesets/1 --input -", "with_entries(select(.value != null))"},
		},
		"everybody who can push, on tags": {
			change: func(w *guardWorld) { w.let(3, "RepositoryRole", 4, "always") }, want: "prod fail high anyone-bypasses" + others, says: []string{`the tags "v*"`, "a tag can be moved"},
		},
		"everybody who can read": {change: func(w *guardWorld) { w.let(1, "RepositoryRole", 1, "always") }, want: "fail critical anyone-bypasses" + branches},
		"everybody who can sort": {change: func(w *guardWorld) { w.let(1, "RepositoryRole", 3, "always") }, want: "fail critical anyone-bypasses" + branches},
		"two teams":              {change: func(w *guardWorld) { w.let(1, "Team", 12, "always"); w.let(1, "Team", 13, "always") }, want: "fail high some-bypass\nfail high some-bypass" + branches},
		"those whom a classic rule frees of reviews that a ruleset asks": {
			change: func(w *guardWorld) {
				for _, kind := range []string{"deletion", "non_fast_forward"} {
					w.without(1, kind)
				}
				w.classic = &fact.Protection{ForAdmins: true, Reviews: &fact.ReviewRule{Approvals: 1, Bypass: 3}}
			},
			want: "pass high" + branches,
		},
		"maintainers":           {change: func(w *guardWorld) { w.let(1, "RepositoryRole", 2, "always") }, want: "fail high some-bypass" + branches},
		"a role of the company": {change: func(w *guardWorld) { w.let(1, "RepositoryRole", 77, "always") }, want: "fail high some-bypass" + branches, says: []string{"role number 77"}},
		"a team":                {change: func(w *guardWorld) { w.let(1, "Team", 12, "always") }, want: "fail high some-bypass" + branches, says: []string{"team number 12"}},
		"an app":                {change: func(w *guardWorld) { w.let(3, "Integration", 7, "always") }, want: "prod fail high some-bypass" + others, says: []string{"app number 7"}},
		"deploy keys":           {change: func(w *guardWorld) { w.let(3, "DeployKey", 0, "always") }, want: "prod fail high some-bypass" + others, says: []string{"every deploy key", `select((.actor_type == "DeployKey") | not)`}},
		"a person":              {change: func(w *guardWorld) { w.let(3, "User", 9, "exempt") }, want: "prod fail high some-bypass" + others, says: []string{"account number 9"}},
		"administrators":        {change: func(w *guardWorld) { w.let(1, "RepositoryRole", 5, "always") }, want: "fail medium admins-bypass" + branches},
		"owners of the company": {change: func(w *guardWorld) { w.let(1, "OrganizationAdmin", 0, "always") }, want: "fail medium admins-bypass" + branches},
		"a team by a pull request is milder": {
			change: func(w *guardWorld) { w.let(1, "Team", 12, "pull_request") }, want: "fail medium some-bypass" + branches, says: []string{"when merging a pull request"},
		},
		"administrators by a pull request": {change: func(w *guardWorld) { w.let(1, "RepositoryRole", 5, "pull_request") }, want: "fail low admins-bypass" + branches},
		"a word for how that nobody knows": {change: func(w *guardWorld) { w.let(1, "Team", 12, "sometimes") }, want: "fail high some-bypass" + branches},
		"a kind that nobody knows":         {change: func(w *guardWorld) { w.let(1, "Robot", 12, "always") }, want: "fail high some-bypass" + branches, says: []string{`"Robot" number 12`}},
		"two of them": {
			change: func(w *guardWorld) { w.let(1, "Team", 12, "always"); w.let(1, "RepositoryRole", 5, "always") },
			want:   "fail high some-bypass\nfail medium admins-bypass" + branches,
		},
		"a ruleset of the organisation": {
			change: func(w *guardWorld) { w.set(1).Source = "acme"; w.let(1, "Team", 12, "always") }, want: "fail high some-bypass" + branches,
			says: []string{"gh api --method PUT orgs/acme/rulesets/1", `Only whoever owns the rulesets of "acme"`},
		},
		"another ruleset asks only a part of it": {
			change: func(w *guardWorld) {
				w.let(1, "Team", 12, "always")
				other := branchSet(9, "refs/heads/main")
				other.Rules = known([]fact.Rule{{Type: "deletion"}})
				w.sets = append(w.sets, other)
			},
			want: "fail high some-bypass" + branches, says: []string{"a force push"},
		},
		"another ruleset lets the same team past": {
			change: func(w *guardWorld) {
				w.let(1, "Team", 12, "always")
				w.sets = append(w.sets, branchSet(9, "refs/heads/main"))
				w.let(9, "Team", 12, "always")
			},
			want: "fail high some-bypass" + branches, says: []string{`"set 1", the ruleset "set 9"`},
		},
		"another ruleset lets those past who are that, too": {
			change: func(w *guardWorld) {
				w.let(1, "RepositoryRole", 5, "always")
				w.sets = append(w.sets, branchSet(9, "refs/heads/main"))
				w.let(9, "OrganizationAdmin", 0, "always")
			},
			want: "fail medium admins-bypass" + branches, says: []string{"the owners of the organisation", `(always; the ruleset "set 9")`},
		},
		"another ruleset lets a lower role past": {
			change: func(w *guardWorld) {
				w.let(1, "RepositoryRole", 4, "always")
				w.sets = append(w.sets, branchSet(9, "refs/heads/main"))
				w.let(9, "RepositoryRole", 2, "always")
			},
			want: "fail high some-bypass" + branches, says: []string{"everybody with the role maintain"},
		},
		"another ruleset lets others past, who may be the same": {
			change: func(w *guardWorld) {
				w.let(1, "Team", 4, "always")
				w.sets = append(w.sets, branchSet(9, "refs/heads/main"))
				w.let(9, "User", 5, "always")
			},
			want: "unknown high incomplete" + branches, says: []string{"on the lists of all of them"},
		},
		"a classic rule lets administrators past, who may be the same": {
			change: func(w *guardWorld) {
				w.let(1, "Team", 4, "always")
				rule := strict
				rule.ForAdmins = false
				w.classic = &rule
			},
			want: "unknown high incomplete" + branches,
		},
		"another ruleset lets a program past": {
			change: func(w *guardWorld) {
				w.let(1, "Team", 4, "always")
				w.sets = append(w.sets, branchSet(9, "refs/heads/main"))
				w.let(9, "Integration", 5, "always")
			},
			want: "pass high" + branches,
		},
		"another ruleset lets others past by pull requests, which reviews are": {
			change: func(w *guardWorld) {
				w.let(1, "Team", 4, "pull_request")
				w.sets = append(w.sets, branchSet(9, "refs/heads/main"))
				w.let(9, "User", 5, "pull_request")
			},
			want: "unknown high incomplete" + branches,
		},
		"only the review by owners can be got past": {
			change: func(w *guardWorld) {
				w.reviews(1, func(rule *fact.Rule) { rule.CodeOwners = false })
				w.sets = append(w.sets, branchSet(9, "refs/heads/main"))
				w.let(9, "RepositoryRole", 4, "always")
			},
			want: "fail critical anyone-bypasses" + branches, says: []string{"what has owners can be changed"},
		},
		"only the last push can be got past": {
			change: func(w *guardWorld) {
				w.reviews(2, func(rule *fact.Rule) { rule.LastPush = false })
				w.sets = append(w.sets, branchSet(9, "refs/heads/support/**/*"))
				w.let(9, "RepositoryRole", 4, "always")
			},
			want: "support fail high anyone-bypasses\npass high\nprod pass high", says: []string{"who pushed last"},
		},
		"only the way ahead of tags can be got past": {
			change: func(w *guardWorld) {
				w.drop(3)
				w.sets = append(w.sets, tagSet(9, "refs/tags/v*", "deletion", "non_fast_forward"), tagSet(10, "refs/tags/v*", "update"))
				w.let(10, "RepositoryRole", 4, "always")
			},
			want: "prod fail high anyone-bypasses" + others, says: []string{"moved to a later commit"},
		},
		"who may bypass is not shown": {
			change: func(w *guardWorld) { w.set(1).Bypass = forbidden[[]fact.Bypass]() }, want: "unknown high forbidden" + branches, says: []string{"gh auth token"},
		},
		"who may bypass the tags is not shown": {
			change: func(w *guardWorld) { w.set(3).Bypass = forbidden[[]fact.Bypass]() }, want: "prod unknown high forbidden" + others,
		},
		"a rule of a ruleset that is not listed": {
			change: func(w *guardWorld) {
				guard := w.mainGuard()
				w.branches = map[string]fact.Known[fact.BranchGuard]{"$default-branch": known(guard)}
				w.drop(1)
			},
			want: "unknown high inconsistent" + branches,
		},
		"the rulesets are not known": {
			change: func(w *guardWorld) { w.lost = []fact.Need{{Kind: fact.NeedRulesets}} }, want: "unknown high not-asked\nsupport unknown high not-asked\nprod unknown high not-asked",
		},
		"a classic rule that does not bind administrators": {
			change: func(w *guardWorld) { w.drop(1); rule := whole; rule.ForAdmins = false; w.classic = &rule }, want: "fail medium admins-bypass" + branches,
			says: []string{"the classic rule of the branch", "gh api --method POST repos/acme/shop/branches/main/protection/enforce_admins"},
		},
		"a classic rule that lists some": {
			change: func(w *guardWorld) {
				w.drop(1)
				rule := whole
				rule.Reviews = &fact.ReviewRule{Approvals: 1, Bypass: 3}
				w.classic = &rule
			},
			want: "fail high some-bypass" + branches, says: []string{"those whom it lists (3)", "bypass_pull_request_allowances", "--method PATCH repos/acme/shop/branches/main/protection/required_pull_request_reviews"},
		},
		"a team that no classic rule stops, since it lists some": {
			change: func(w *guardWorld) {
				w.let(1, "Team", 12, "always")
				rule := whole
				rule.Reviews = &fact.ReviewRule{Approvals: 1, Bypass: 1}
				w.classic = &rule
			},
			want: "fail high some-bypass" + branches, says: []string{"without a pull request"},
		},
		"the classic rule is not shown and the ruleset lets a team past": {
			change: func(w *guardWorld) { w.let(1, "Team", 12, "always"); w.classic = &whole; w.hidden = true }, want: "unknown high forbidden" + branches,
		},
		"one that is not shown beside a classic rule that does not bind administrators": {
			change: func(w *guardWorld) {
				w.set(1).Bypass = forbidden[[]fact.Bypass]()
				rule := strict
				rule.ForAdmins = false
				w.classic = &rule
			},
			want: "unknown high forbidden" + branches,
		},
		"nothing to get past": {change: func(w *guardWorld) { w.drop(1) }, want: "support pass high\nprod pass high\nskip high not-applicable"},
		"another ruleset binds the team": {
			change: func(w *guardWorld) {
				w.let(1, "Team", 12, "always")
				w.sets = append(w.sets, branchSet(9, "refs/heads/main"))
			}, want: "pass high" + branches,
		},
		"a classic rule binds the team": {change: func(w *guardWorld) { w.let(1, "Team", 12, "always"); w.classic = &strict }, want: "pass high" + branches},
		"a classic rule that asks less of reviews binds the team": {
			change: func(w *guardWorld) { w.let(1, "Team", 12, "always"); w.classic = &whole }, want: "fail high some-bypass" + branches, says: []string{"who pushed last"},
		},
		"one that is not shown beside one that lists nobody": {
			change: func(w *guardWorld) {
				w.set(1).Bypass = forbidden[[]fact.Bypass]()
				w.sets = append(w.sets, branchSet(9, "refs/heads/main"))
			},
			want: "pass high" + branches,
		},
		"who makes tags bypasses what is about making them": {change: func(w *guardWorld) { w.let(4, "RepositoryRole", 2, "always") }, want: "pass high" + branches},
		"a ruleset that is not active": {change: func(w *guardWorld) {
			set := branchSet(9, "~ALL")
			set.Enforcement = "evaluate"
			w.sets = append(w.sets, set)
			w.let(9, "RepositoryRole", 4, "always")
		}, want: "pass high" + branches},
		"a classic rule alone":                             {change: func(w *guardWorld) { w.drop(1); w.classic = &strict }, want: "pass high" + branches},
		"a classic rule alone that asks little of reviews": {change: func(w *guardWorld) { w.drop(1); w.classic = &whole }, want: "support pass high\nprod pass high\nskip high not-applicable"},
		"nobody": {want: "pass high" + branches},
	})
}

// Whoever gets past reviews altogether is not told what else they get past of them.
func TestWhoGetsPastAllIsNotToldTheParts(t *testing.T) {
	t.Parallel()
	w := guarded()
	w.let(1, "RepositoryRole", 4, "always")
	reason := guardPoints(t, rulesOf(t, guardedPolicy), w.facts(), "guards-bind-all")[0].Reason
	if !strings.Contains(reason, "without a pull request") || strings.Contains(reason, "who pushed last") || strings.Contains(reason, "owners") {
		t.Error(reason)
	}
}

// A ruleset for branches has no part in who gets past what guards tags.
func TestOnlyWhatGuardsItIsNamed(t *testing.T) {
	t.Parallel()
	w := guarded()
	w.let(3, "Team", 12, "always")
	w.let(2, "Team", 12, "always")
	for _, point := range guardPoints(t, rulesOf(t, guardedPolicy), w.facts(), "guards-bind-all") {
		if point.Stage == "prod" && strings.Contains(point.Reason, "set 2") {
			t.Error(point.Reason)
		}
	}
}
