package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/audit"
	"github.com/stageward/stageward/pkg/fact"
)

// folk are people with their permissions, such as "ann:admin bob:write"; a name that
// ends in [bot] is a program.
func folk(text string) []fact.Collaborator {
	var all []fact.Collaborator
	for i, each := range strings.Fields(text) {
		login, permission, _ := strings.Cut(each, ":")
		person := fact.Person{ID: int64(i + 1), Login: login, Kind: fact.User}
		if strings.HasSuffix(login, "[bot]") {
			person.Kind = fact.Bot
		}
		all = append(all, fact.Collaborator{Person: person, Permission: fact.Permission(permission)})
	}
	return all
}

// peopled is acme/shop with people; "" stands for a list that is not known.
func peopled(people string) fact.Set {
	facts := shop(map[string]string{"deploy.yml": strings.ReplaceAll(goodJob, "environment: production", "environment: prod")})
	facts.Environments = map[string]fact.Known[fact.Environment]{"prod": known(fact.Environment{Name: "prod", Exists: true})}
	facts.Collaborators = forbidden[[]fact.Collaborator]()
	if people != "" {
		facts.Collaborators = known(folk(people))
	}
	return facts
}

// onlyProd is a policy with one stage and these gates.
func onlyProd(gates string, more ...string) string {
	return "version: 1\nroles: { two: { users: [ann, bob] }, solo: { users: [ann] }, crew: { teams: [acme/crew] }, wide: { users: [zed], permission: maintain } }\nstages:\n  - name: prod\n    from: { tags: [\"v*\"] }\n    gates: { " + gates + " }\n" + strings.Join(more, "")
}

func TestWhetherOnePersonIsEnough(t *testing.T) {
	t.Parallel()
	const (
		signedAndStarted = "signed-tag: { by: maintain }, deployer-allowed: { by: maintain }"
		all              = "ann:admin bob:write cat:read"
	)
	environment := func(e fact.Environment) func(*fact.Set) {
		return func(facts *fact.Set) {
			e.Name, e.Exists = "prod", true
			facts.Environments["prod"] = known(e)
		}
	}
	reviewers := []fact.EnvironmentReviewer{{Kind: "user", ID: 1, Name: "ann"}}
	for name, row := range map[string]struct {
		rules, people string
		change        func(*fact.Set)
		want          string
	}{
		"one role for all of it":                       {onlyProd(signedAndStarted), all, nil, "high alone"},
		"the same, and it is not known who there is":   {onlyProd(signedAndStarted), "", nil, "high alone"},
		"nothing of people":                            {onlyProd("checks-passed: { all: true }"), all, nil, "high alone"},
		"an approval that anybody can give":            {onlyProd("approved: { approvals: [{ name: qa, by: write, not: [nobody] }] }"), all, nil, "high alone"},
		"an approval that only warns":                  {onlyProd("signed-tag: { by: maintain }, approved: { mode: warn, approvals: [{ name: qa, by: write }] }"), all, nil, "high alone"},
		"who signed excluded, and nothing signed":      {onlyProd("approved: { approvals: [{ name: qa, by: write, not: [signer] }] }"), all, nil, "high alone"},
		"a review that only warns":                     {onlyProd("signed-tag: { by: maintain }, reviewed: { mode: warn }"), all, nil, "high alone"},
		"roles with one person in common":              {onlyProd("signed-tag: { by: solo }, deployer-allowed: { by: two }"), "ann:write bob:write", nil, "high alone"},
		"an environment whose reviewer can be the one": {onlyProd(signedAndStarted), all, environment(fact.Environment{Reviewers: reviewers, AdminsBypass: no()}), "high alone"},
		"an environment that administrators bypass":    {onlyProd(signedAndStarted), all, environment(fact.Environment{Reviewers: reviewers, PreventSelfReview: true, AdminsBypass: yes()}), "high alone"},
		"an environment, and nobody knows of admins":   {onlyProd(signedAndStarted), all, environment(fact.Environment{Reviewers: reviewers, PreventSelfReview: true}), "high alone"},
		"an environment without reviewers":             {onlyProd(signedAndStarted), all, environment(fact.Environment{PreventSelfReview: true, AdminsBypass: no()}), "high alone"},
		"an emergency that one person declares":        {onlyProd("reviewed: {}", "    break-glass: { by: maintain, approvals: [{ name: oncall, by: write, not: [nobody] }] }\n"), all, nil, "high alone"},
		"a lane that one person goes":                  {onlyProd("reviewed: {}", "  - name: fix\n    hotfix-for: prod\n    from: { branches: [\"hotfix/**\"] }\n    gates: { signed-commit: { by: maintain } }\n"), all, nil, "high alone"},
		"a stage before that one person opens": {
			"version: 1\nstages:\n  - { name: staging, from: { branches: [main] }, gates: { signed-commit: { by: maintain } } }\n  - { name: prod, from: { tags: [\"v*\"] }, gates: { promoted: { from: staging } } }\n", all, nil, "high alone",
		},
		"a review, and a job that does not ask": {onlyProd("reviewed: {}"), all, func(facts *fact.Set) {
			facts.Workflows = shop(map[string]string{"x.yml": "on: push\njobs: { a: { environment: prod } }\n"}).Workflows
		}, "high not-asked"},
		"a review, and nothing that deploys":         {onlyProd("reviewed: {}"), all, func(facts *fact.Set) { facts.Workflows = shop(nil).Workflows }, "unknown"},
		"a review, and jobs that nobody can read":    {onlyProd("reviewed: {}"), all, func(facts *fact.Set) { facts.Workflows = shop(map[string]string{"x.yml": "#!a link"}).Workflows }, "unknown"},
		"a review, and no list of workflows":         {onlyProd("reviewed: {}"), all, func(facts *fact.Set) { facts.Workflows = forbidden[[]fact.WorkflowFile]() }, "unknown"},
		"an environment that is not known":           {onlyProd(signedAndStarted), all, func(facts *fact.Set) { facts.Environments = nil }, "unknown"},
		"named people of whom nobody knows anything": {onlyProd("signed-tag: { by: two }, deployer-allowed: { by: two }"), "", nil, "unknown"},
		"a team that is not known":                   {onlyProd("signed-tag: { by: crew }"), all, nil, "unknown"},
		"roles without a person in common":           {onlyProd("signed-tag: { by: admin }, deployer-allowed: { by: solo }"), "ann:write bob:admin", nil, "pass"},
		"roles that only a program has in common":    {onlyProd(signedAndStarted), "x[bot]:admin", nil, "pass"},
		"an approval by somebody else":               {onlyProd("approved: { approvals: [{ name: qa, by: write }] }"), all, nil, "pass"},
		"an approval of what nobody signed himself":  {onlyProd("signed-tag: { by: maintain }, approved: { approvals: [{ name: qa, by: write, not: [signer] }] }"), all, nil, "pass"},
		"two approvals of different people":          {onlyProd("approved: { approvals: [{ name: qa, by: write, count: 2, not: [nobody] }] }"), all, nil, "pass"},
		"a review":                                   {onlyProd("reviewed: {}"), "", nil, "pass"},
		"an environment that somebody else reviews":  {onlyProd(signedAndStarted), all, environment(fact.Environment{Reviewers: reviewers, PreventSelfReview: true, AdminsBypass: no()}), "pass"},
		"a review on the stage before": {
			"version: 1\nstages:\n  - { name: staging, from: { branches: [main] }, gates: { reviewed: {} } }\n  - { name: prod, from: { tags: [\"v*\"] }, gates: { promoted: { from: staging } } }\n", all, nil, "pass",
		},
		"an emergency that keeps the review": {onlyProd("reviewed: {}", "    break-glass: { by: maintain, keeps: [reviewed], approvals: [{ name: oncall, by: write, not: [nobody] }] }\n"), all, nil, "pass"},
		"a last stage that asks for nothing": {"version: 1\nstages: [{ name: prod, from: { tags: [\"v*\"] }, unrestricted: true }]\n", all, nil, "skip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := peopled(row.people)
			if row.change != nil {
				row.change(&facts)
			}
			points := heard(t, "nobody-alone", row.rules, facts)
			if got := said(points); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
		})
	}
}

func TestWhetherThereAreEnoughPeople(t *testing.T) {
	t.Parallel()
	crew := func(members ...string) func(*fact.Set) {
		return func(facts *fact.Set) {
			team := fact.Team{Slug: "acme/crew"}
			for _, each := range folk(strings.Join(members, " ")) {
				team.Members = append(team.Members, each.Person)
			}
			facts.Teams = map[string]fact.Known[fact.Team]{"acme/crew": known(team)}
		}
	}
	for name, row := range map[string]struct {
		rules, people string
		change        func(*fact.Set)
		want          string
	}{
		"nobody with the permission":               {onlyProd("signed-tag: { by: admin }"), "ann:write", nil, "medium too-few"},
		"nobody who may start the run":             {onlyProd("deployer-allowed: { by: maintain }"), "ann:write", nil, "medium too-few"},
		"a program with the permission":            {onlyProd("signed-tag: { by: admin }"), "x[bot]:admin", nil, "medium too-few"},
		"fewer than are asked":                     {onlyProd("approved: { approvals: [{ name: qa, by: write, count: 3 }] }"), "ann:write bob:write cat:read", nil, "medium too-few"},
		"one person for two approvals":             {onlyProd("approved: { approvals: [{ name: qa, by: admin }, { name: owner, by: admin }] }"), "ann:admin bob:write", nil, "medium too-few"},
		"one of two for each of three":             {onlyProd("approved: { approvals: [{ name: a, by: two }, { name: b, by: two }, { name: c, by: two }] }"), "ann:write bob:write cat:write", nil, "medium too-few"},
		"named people who may only read":           {onlyProd("approved: { approvals: [{ name: qa, by: two }] }"), "ann:read cat:admin", nil, "medium too-few"},
		"nobody but the author":                    {onlyProd("approved: { approvals: [{ name: qa, by: write }] }"), "ann:admin", nil, "medium too-few"},
		"nobody but the author, for a review":      {onlyProd("reviewed: {}"), "ann:admin", nil, "medium too-few"},
		"an emergency that nobody can approve":     {onlyProd("checks-passed: { all: true }", "    break-glass: { by: write, approvals: [{ name: oncall, by: solo }] }\n"), "bob:write cat:write", nil, "medium too-few"},
		"an empty team":                            {onlyProd("signed-tag: { by: crew }"), "ann:write", crew(), "medium too-few"},
		"a team of those who may not write":        {onlyProd("approved: { approvals: [{ name: qa, by: crew }] }"), "ann:write bob:read", crew("x:", "bob:"), "medium too-few"},
		"one, who cannot approve her own work":     {onlyProd("approved: { approvals: [{ name: qa, by: solo }] }"), "ann:write bob:write", nil, "low own-work"},
		"a list that is not known":                 {onlyProd("signed-tag: { by: admin }"), "", nil, "unknown"},
		"a team that is not known":                 {onlyProd("signed-tag: { by: crew }"), "ann:write", nil, "unknown"},
		"a role that more can hold than is known":  {onlyProd("approved: { approvals: [{ name: qa, by: wide, count: 2 }] }"), "", nil, "unknown"},
		"enough for each":                          {onlyProd("approved: { approvals: [{ name: qa, by: write }, { name: owner, by: maintain }] }"), "ann:admin bob:write cat:maintain dan:write", nil, "pass"},
		"enough, if the right ones take the seats": {onlyProd("approved: { approvals: [{ name: a, by: write, not: [nobody] }, { name: b, by: solo, not: [nobody] }] }"), "ann:write bob:write", nil, "pass"},
		"the only one, who may approve her work":   {onlyProd("approved: { approvals: [{ name: qa, by: write, not: [nobody] }] }"), "ann:admin", nil, "pass"},
		"a reviewer who may only read":             {onlyProd("reviewed: { by: read }"), "ann:admin bob:read", nil, "pass"},
		"a team":                                   {onlyProd("signed-tag: { by: crew }"), "ann:write", crew("ann:"), "pass"},
		"nothing of people":                        {onlyProd("checks-passed: { all: true }"), "ann:admin", nil, "skip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := peopled(row.people)
			if row.change != nil {
				row.change(&facts)
			}
			points := heard(t, "enough-people", row.rules, facts)
			if got := said(points); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
		})
	}
}

// reach is the matrix as lines.
func reach(t *testing.T, rules string, facts fact.Set) []string {
	t.Helper()
	var lines []string
	for _, each := range audit.Of(rulesOf(t, rules), facts).Reach {
		line := each.Stage + ": " + each.Can + ": " + strings.Join(each.Who, ", ")
		if each.Unknown != "" {
			line += " ?" + each.Unknown
		}
		lines = append(lines, line)
	}
	return lines
}

const reachPolicy = `version: 1
roles: { ops: { users: [Zed], teams: [acme/crew], permission: admin } }
stages:
  - name: prod
    from: { branches: [$default-branch], tags: ["v*"] }
    gates:
      signed-tag: { by: maintain }
      signed-commit: { mode: warn, by: triage }
      reviewed: { by: write }
      deployer-allowed: { by: ops }
      approved: { approvals: [{ name: qa, by: ops }] }
    break-glass: { by: admin, approvals: [{ name: oncall, by: maintain }] }
  - name: fix
    hotfix-for: prod
    from: { branches: ["hotfix/**"] }
    gates: { signed-commit: { by: read } }
`

func TestWhoCanDoWhat(t *testing.T) {
	t.Parallel()
	facts := guarded().facts()
	facts.Collaborators = known(folk("cat:read bob:maintain Ann:admin zed:write x[bot]:admin"))
	facts.Environments["prod"] = known(fact.Environment{
		Name: "prod", Exists: true, AdminsBypass: yes(),
		Reviewers: []fact.EnvironmentReviewer{{Kind: "user", Name: "bob"}, {Kind: "team", Name: "acme/crew"}},
	})
	facts.Rulesets = known([]fact.Ruleset{withBypass(branchSet(1, "~DEFAULT_BRANCH"), 5), withBypass(tagSet(4, "~ALL", "creation"), 2)})
	want := []string{
		`prod: bring a commit to the default branch, by a pull request that somebody else approved: @Ann, @bob, @zed`,
		`prod: bring a commit to the default branch without that: everybody with the role admin`,
		`prod: make one of the tags "v*": everybody with the role maintain`,
		`prod: sign the tag: @Ann, @bob`,
		`prod: approve the change in its pull request: @Ann, @bob, @zed`,
		`prod: start the run: @Ann, @zed, acme/crew ?not-asked`,
		`prod: give the approval "qa": @Ann, @zed, acme/crew ?not-asked`,
		`prod: review the job on GitHub: @bob, acme/crew`,
		`prod: let the job start against the rules of the environment: @Ann`,
		`prod: break the glass: @Ann`,
		`prod: approve an emergency as "oncall": @Ann, @bob`,
		`prod: change the policy on the default branch, by a pull request that somebody else approved: @Ann, @bob, @zed`,
		`prod: change the policy on the default branch without that: everybody with the role admin`,
		`fix: bring a commit to the branches "hotfix/**": @Ann, @bob, @zed`,
		`fix: sign the commit: @Ann, @bob, @cat, @zed, whoever has read ?incomplete: people without a role in the repository can hold read`,
		`fix: start the run: @Ann, @bob, @zed`,
		`fix: review the job on GitHub: @bob, acme/crew`,
		`fix: let the job start against the rules of the environment: @Ann`,
		`fix: change the policy on the default branch, by a pull request that somebody else approved: @Ann, @bob, @zed`,
		`fix: change the policy on the default branch without that: everybody with the role admin`,
	}
	if diff := cmp.Diff(want, reach(t, reachPolicy, facts)); diff != "" {
		t.Error(diff)
	}
}

// withBypass lets a role of the repository past a ruleset.
func withBypass(set fact.Ruleset, role int64) fact.Ruleset {
	set.Bypass = known([]fact.Bypass{{Kind: "RepositoryRole", ID: role, Mode: "always"}})
	return set
}

func TestWhoCanDoWhatWhereLittleIsKnown(t *testing.T) {
	t.Parallel()
	facts := fact.Set{Repository: known(fact.Repository{Name: "acme/shop", DefaultBranch: "main"}), Collaborators: forbidden[[]fact.Collaborator]()}
	for _, line := range reach(t, reachPolicy, facts) {
		if !strings.Contains(line, " ?") {
			t.Errorf("it is not said that this is not known: %s", line)
		}
	}
	got := strings.Join(reach(t, reachPolicy, facts), "\n")
	for _, want := range []string{
		`prod: start the run: @Zed, acme/crew, whoever has admin ?forbidden: 403`,
		`prod: make one of the tags "v*": whoever has write ?not-asked: whether a rule keeps some of them from it`,
		`prod: review the job on GitHub:  ?not-asked`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
}

func TestAWayThatIsLockedIsOpenToThoseWhoGetPast(t *testing.T) {
	t.Parallel()
	set := branchSet(1, "~DEFAULT_BRANCH")
	set.Rules = known([]fact.Rule{{Type: "update"}})
	facts := guarded().facts()
	facts.Rulesets = known([]fact.Ruleset{withBypass(set, 5)})
	facts.Branches["$default-branch"] = known(fact.BranchGuard{Name: "main", Exists: true, Rules: []fact.Rule{{Type: "update", Ruleset: 1}}, Protection: known(fact.Protection{})})
	facts.Collaborators = known(folk("ann:admin bob:write"))
	want := "prod: change the policy on the default branch, which is locked: everybody with the role admin"
	if got := strings.Join(reach(t, onlyProd("reviewed: {}"), facts), "\n"); !strings.Contains(got, want) {
		t.Errorf("it does not say %q:\n%s", want, got)
	}
	facts.Rulesets, facts.Branches["$default-branch"] = known([]fact.Ruleset{}), known(fact.BranchGuard{Name: "main", Exists: true, Protection: known(fact.Protection{})})
	want = "prod: change the policy on the default branch: @ann, @bob"
	if got := strings.Join(reach(t, onlyProd("reviewed: {}"), facts), "\n"); !strings.Contains(got, want) {
		t.Errorf("it does not say %q:\n%s", want, got)
	}
}

func TestTheOrderOfPeopleChangesNothing(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, reachPolicy)
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"ann", "Bob", "cat", "zed", "ZED", "dan[bot]"}), 0, 8).Draw(t, "names")
		var people []fact.Collaborator
		for i, each := range names {
			permission := rapid.SampledFrom(fact.Permissions()).Draw(t, "permission")
			kind := rapid.SampledFrom([]fact.PersonKind{fact.User, fact.Bot}).Draw(t, "kind")
			people = append(people, fact.Collaborator{Person: fact.Person{ID: int64(i + 1), Login: each, Kind: kind}, Permission: permission})
		}
		facts := peopled("")
		facts.Collaborators = known(people)
		one := audit.Of(rules, facts)
		facts.Collaborators = known(rapid.Permutation(people).Draw(t, "turned"))
		if diff := cmp.Diff(one, audit.Of(rules, facts)); diff != "" {
			t.Error(diff)
		}
	})
}

// More people never make a stage safer from one of them.
func TestMorePeopleNeverHelp(t *testing.T) {
	t.Parallel()
	for _, gates := range []string{"signed-tag: { by: two }, deployer-allowed: { by: maintain }", "signed-tag: { by: maintain }", "reviewed: {}"} {
		before := said(heard(t, "nobody-alone", onlyProd(gates), peopled("bob:write")))
		after := said(heard(t, "nobody-alone", onlyProd(gates), peopled("bob:write ann:admin")))
		if before == "high alone" && after != before {
			t.Errorf("%s: %s, and with one more %s", gates, before, after)
		}
	}
}

// What GitHub does not say about administrators is not that they may not.
func TestWhatGitHubDoesNotSayOfAdministrators(t *testing.T) {
	t.Parallel()
	facts := guarded().facts()
	facts.Collaborators = known(folk("Ann:admin"))
	facts.Environments["prod"] = known(fact.Environment{Name: "prod", Exists: true, WaitMinutes: 5})
	want := "prod: let the job start against the rules of the environment: @Ann ?GitHub does not say whether administrators may"
	if all := reach(t, reachPolicy, facts); !slices.Contains(all, want) {
		t.Errorf("%q", all)
	}
}
