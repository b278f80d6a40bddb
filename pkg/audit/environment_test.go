package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/audit"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

const environmentPolicy = `version: 1
stages:
  - name: dev
    environment: development
    from: { branches: ["dev/**"] }
    unrestricted: true
  - name: staging
    from: { branches: [$default-branch] }
    gates: { reviewed: { approvals: 1 } }
  - name: prod
    environment: production
    from: { tags: ["v*"], versions: release }
    gates: { GATES }
  - name: hotfix
    hotfix-for: prod
    from: { branches: ["hotfix/**"] }
    gates: { LANE }
`

// environmentsOf are three environments as they should be.
func environmentsOf() map[string]fact.Environment {
	lets := func(name string, patterns ...fact.RefPattern) fact.Environment {
		return fact.Environment{Name: name, Exists: true, URL: "https://github.com/acme/shop/settings/environments/1/edit", Refs: fact.SelectedRefs, Patterns: patterns, AdminsBypass: yes()}
	}
	production := lets("production", fact.RefPattern{Kind: fact.TagRef, Pattern: "v*"}, fact.RefPattern{Kind: fact.Branch, Pattern: "hotfix/**/*"})
	production.Reviewers = []fact.EnvironmentReviewer{{Kind: "team", ID: 7, Name: "acme/ops"}}
	production.PreventSelfReview, production.AdminsBypass = true, no()
	development := lets("development")
	development.Refs = fact.AllRefs
	return map[string]fact.Environment{
		"development": development, "production": production,
		"staging": lets("staging", fact.RefPattern{Kind: fact.Branch, Pattern: "main"}),
	}
}

// environmentPoints returns what the checks of environments say of a repository.
func environmentPoints(t *testing.T, text, visibility string, envs map[string]fact.Environment, lost ...string) []verdict.Point {
	t.Helper()
	facts := fact.Set{
		Subject:      fact.Subject{Repository: "acme/shop"},
		Repository:   known(fact.Repository{Name: "acme/shop", DefaultBranch: "main"}),
		Environments: map[string]fact.Known[fact.Environment]{},
	}
	if visibility != "" {
		facts.Settings = known(fact.Settings{Visibility: visibility})
	}
	for name, env := range envs {
		facts.Environments[name] = known(env)
	}
	for _, name := range lost {
		facts.Environments[name] = forbidden[fact.Environment]()
	}
	return slices.DeleteFunc(audit.Of(rulesOf(t, text), facts).Points, func(p verdict.Point) bool { return !strings.HasPrefix(p.Check, "environment-") })
}

// summaries are the points in a few words, in the order in which they are shown.
func summaries(points []verdict.Point) []string {
	var all []string
	for _, p := range points {
		all = append(all, strings.Join(strings.Fields(strings.Join([]string{p.Severity.String(), p.Check, p.Stage, p.Outcome.String(), p.Code}, " ")), " "))
	}
	return all
}

// fillIn puts gates into the policy.
func fillIn(prod, lane string) string {
	return strings.NewReplacer("{ GATES }", prod, "{ LANE }", lane).Replace(environmentPolicy)
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	plain := fillIn("{ on-branch: {} }", "{ reviewed: { approvals: 1 } }")
	fine := []string{
		"critical environment-exists staging pass", "critical environment-exists prod pass", "critical environment-refs staging pass", "critical environment-refs prod pass",
		"high environment-admins prod pass", "high environment-reviewed prod pass", "low environment-exists dev pass", "medium environment-waits skip not-applicable",
	}
	for name, row := range map[string]struct {
		policy string
		change func(envs map[string]fact.Environment)
		lost   []string
		// open are the points that need somebody.
		open []string
	}{
		"none is there": {
			change: func(envs map[string]fact.Environment) {
				for name := range envs {
					envs[name] = fact.Environment{Name: name}
				}
			},
			open: []string{"critical environment-exists staging fail missing", "critical environment-exists prod fail missing", "low environment-exists dev fail missing"},
		},
		"none may be read": {
			lost: []string{"development", "production", "staging"},
			open: []string{
				"critical environment-exists staging unknown forbidden", "critical environment-exists prod unknown forbidden", "critical environment-refs staging unknown forbidden",
				"critical environment-refs prod unknown forbidden", "high environment-admins prod unknown forbidden", "high environment-reviewed prod unknown forbidden", "low environment-exists dev unknown forbidden",
			},
		},
		"nothing is restricted": {
			change: func(envs map[string]fact.Environment) {
				for name := range envs {
					envs[name] = fact.Environment{Name: name, Exists: true, Refs: fact.AllRefs, AdminsBypass: yes()}
				}
			},
			open: []string{
				"critical environment-refs staging fail open-to-all-refs", "critical environment-refs prod fail open-to-all-refs",
				"high environment-admins prod fail admins-bypass", "high environment-reviewed prod fail no-reviewers", "medium environment-reviewed prod fail self-review",
			},
		},
		"protected branches": {
			change: changeOf("production", func(env *fact.Environment) { env.Refs, env.Patterns = fact.ProtectedRefs, nil }),
			open:   []string{"high environment-refs prod fail protected-branches", "medium environment-refs prod fail shuts-out"},
		},
		"the branch of the lane is not let in": {
			change: changeOf("production", func(env *fact.Environment) { env.Patterns = env.Patterns[:1] }),
			open:   []string{"medium environment-refs prod fail shuts-out"},
		},
		"more than the stage and its lane take": {
			change: changeOf("production", func(env *fact.Environment) { env.Patterns[1].Pattern = "*/**/*" }),
			open:   []string{"critical environment-refs prod fail admits-other"},
		},
		"another default branch": {
			change: changeOf("staging", func(env *fact.Environment) { env.Patterns[0].Pattern = "master" }),
			open:   []string{"critical environment-refs staging fail admits-other", "medium environment-refs staging fail shuts-out"},
		},
		"an answer about another": {
			change: changeOf("production", func(env *fact.Environment) { env.Name = "staging" }),
			open: []string{
				"critical environment-exists prod unknown inconsistent", "critical environment-refs prod unknown inconsistent",
				"high environment-admins prod unknown inconsistent", "high environment-reviewed prod unknown inconsistent",
			},
		},
		"nobody knows whether administrators get past": {
			change: changeOf("production", func(env *fact.Environment) { env.AdminsBypass = nil }),
			open:   []string{"high environment-admins prod unknown incomplete"},
		},
		"the policy asks for more": {
			policy: fillIn("{ environment-protected: { reviewers: 2, wait: 10m } }", "{ reviewed: { approvals: 1 } }"),
			open:   []string{"high environment-reviewed prod fail few-reviewers", "medium environment-waits prod fail wait-timer"},
		},
		"the policy asks for more on the lane": {
			policy: fillIn("{ environment-protected: { admins-bypass: true } }", "{ environment-protected: { reviewers: 3, admins-bypass: true } }"),
			open:   []string{"high environment-reviewed prod fail few-reviewers"},
		},
		"the policy asks for nobody, and lets nobody past": {
			policy: fillIn("{ environment-protected: {} }", "{ reviewed: { approvals: 1 } }"),
			change: changeOf("production", func(env *fact.Environment) {
				env.Reviewers, env.PreventSelfReview, env.AdminsBypass = nil, false, yes()
			}),
			open: []string{"high environment-admins prod fail admins-bypass"},
		},
		"the policy asks for less": {
			policy: fillIn("{ environment-protected: { admins-bypass: true } }", "{ reviewed: { approvals: 1 } }"),
			change: changeOf("production", func(env *fact.Environment) {
				env.Reviewers, env.PreventSelfReview, env.AdminsBypass = nil, false, yes()
			}),
		},
		"only the lane asks for less": {
			policy: fillIn("{ on-branch: {} }", "{ environment-protected: { admins-bypass: true } }"),
			change: changeOf("production", func(env *fact.Environment) {
				env.Reviewers, env.AdminsBypass = nil, yes()
			}),
			open: []string{"high environment-admins prod fail admins-bypass", "high environment-reviewed prod fail no-reviewers"},
		},
		"a gate that is off asks for nothing": {
			policy: fillIn("{ on-branch: {}, environment-protected: { mode: off, admins-bypass: true } }", "{ reviewed: { approvals: 1 } }"),
			change: changeOf("production", func(env *fact.Environment) {
				env.Reviewers, env.AdminsBypass = nil, yes()
			}),
			open: []string{"high environment-admins prod fail admins-bypass", "high environment-reviewed prod fail no-reviewers"},
		},
		"only the lane lets whoever starts approve": {
			policy: fillIn("{ environment-protected: { reviewers: 1 } }", "{ environment-protected: { reviewers: 1, prevent-self-review: false } }"),
			change: changeOf("production", func(env *fact.Environment) { env.PreventSelfReview = false }),
			open:   []string{"medium environment-reviewed prod fail self-review"},
		},
		"the policy lets whoever starts approve": {
			policy: fillIn("{ environment-protected: { reviewers: 1, prevent-self-review: false } }", "{ reviewed: { approvals: 1 } }"),
			change: changeOf("production", func(env *fact.Environment) { env.PreventSelfReview = false }),
		},
		"all is well": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			envs := environmentsOf()
			if row.change != nil {
				row.change(envs)
			}
			text := row.policy
			if text == "" {
				text = plain
			}
			points := environmentPoints(t, text, "public", envs, row.lost...)
			var open []string
			for i, summary := range summaries(points) {
				if points[i].Open() {
					open = append(open, summary)
				}
				holdsTogether(t, points[i])
			}
			if diff := cmp.Diff(row.open, open); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if name == "all is well" && !slices.Equal(summaries(points), fine) {
				t.Errorf("got %q", summaries(points))
			}
		})
	}
}

// holdsTogether checks what is true of every point about an environment.
func holdsTogether(t *testing.T, p verdict.Point) {
	t.Helper()
	if p.Reason == "" || p.Why == "" || p.Open() != (p.Fix != "") {
		t.Errorf("what is said: %+v", p)
	}
	if (p.Outcome == verdict.Fail) != (len(p.Commands) > 0) {
		t.Errorf("%s: %d commands: %q", p.Code, len(p.Commands), p.Commands)
	}
	if strings.Contains(strings.Join(p.Commands, ""), `"id": 0`) != strings.Contains(p.Fix, "in the place of each 0") {
		t.Errorf("%s: what stands for the reviewer is not explained: %s", p.Code, p.Fix)
	}
	if p.Limit != "" {
		t.Errorf("%s: the repository is public: %s", p.Code, p.Limit)
	}
}

func changeOf(name string, change func(*fact.Environment)) func(map[string]fact.Environment) {
	return func(envs map[string]fact.Environment) {
		env := envs[name]
		env.Patterns = slices.Clone(env.Patterns)
		change(&env)
		envs[name] = env
	}
}

func TestWhichCommandsMendAnEnvironment(t *testing.T) {
	t.Parallel()
	envs := environmentsOf()
	changeOf("production", func(env *fact.Environment) {
		env.Refs, env.Patterns, env.Reviewers, env.AdminsBypass = fact.AllRefs, nil, nil, yes()
	})(envs)
	for _, p := range environmentPoints(t, fillIn("{ on-branch: {} }", "{ reviewed: { approvals: 1 } }"), "private", envs) {
		commands := strings.Join(p.Commands, "\n")
		switch {
		case p.Outcome != verdict.Fail:
			continue
		case !strings.Contains(p.Limit, "not public"):
			t.Errorf("%s: the plan is not named: %q", p.Code, p.Limit)
		case !strings.Contains(commands, "gh api --method PUT repos/acme/shop/environments/production ") || !strings.Contains(commands, "'name=hotfix/**/*'") || !strings.Contains(commands, "'name=v*'"):
			t.Errorf("%s: the commands do not select the refs: %s", p.Code, commands)
		case (p.Check == "environment-refs") == strings.Contains(commands, `"can_admins_bypass": false`):
			t.Errorf("%s: %s", p.Code, commands)
		case len(p.Evidence) != 1 || p.Evidence[0].URL != envs["production"].URL:
			t.Errorf("%s: the environment is not shown: %+v", p.Code, p.Evidence)
		}
	}
	for _, p := range environmentPoints(t, fillIn("{ on-branch: {} }", "{ reviewed: { approvals: 1 } }"), "", envs) {
		if p.Outcome == verdict.Fail && !strings.Contains(p.Limit, "Where the repository is private") {
			t.Errorf("%s: the plan is not named: %q", p.Code, p.Limit)
		}
	}
}

func TestAPolicyThatRestrictsNothingAsksForEnvironmentsOnly(t *testing.T) {
	t.Parallel()
	const open = "version: 1\nstages:\n  - { name: dev, from: { branches: [dev] }, unrestricted: true }\n"
	got := summaries(environmentPoints(t, open, "public", map[string]fact.Environment{"dev": {Name: "dev", Exists: true, Refs: fact.AllRefs}}))
	want := []string{
		"low environment-exists dev pass", "critical environment-refs skip not-applicable", "high environment-admins skip not-applicable",
		"high environment-reviewed skip not-applicable", "medium environment-waits skip not-applicable",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
