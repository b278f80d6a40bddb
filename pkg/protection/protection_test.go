package protection_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/protection"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// takes is a rule; what begins with "tag:" is a pattern for tags.
func takes(tb testing.TB, versions stage.Versions, texts ...string) stage.Rule {
	tb.Helper()
	rule := stage.Rule{Stage: "prod", Versions: versions, Events: stage.DefaultEvents()}
	for _, text := range texts {
		name, isTag := strings.CutPrefix(text, "tag:")
		pattern, err := stage.ParsePattern(name)
		if err != nil {
			tb.Fatal(err)
		}
		if isTag {
			rule.Tags = append(rule.Tags, pattern)
		} else {
			rule.Branches = append(rule.Branches, pattern)
		}
	}
	return rule
}

// environment is one that lets nobody past; patterns are written as in takes.
func environment(refs fact.EnvironmentRefs, patterns ...string) fact.Environment {
	no := false
	env := fact.Environment{Name: "production", Exists: true, Refs: refs, AdminsBypass: &no}
	for _, text := range patterns {
		name, isTag := strings.CutPrefix(text, "tag:")
		kind := fact.Branch
		if isTag {
			kind = fact.TagRef
		}
		env.Patterns = append(env.Patterns, fact.RefPattern{Kind: kind, Pattern: name})
	}
	return env
}

func with(env fact.Environment, change func(*fact.Environment)) fact.Environment {
	change(&env)
	return env
}

func wants(rules ...stage.Rule) protection.Wants {
	return protection.Wants{Environment: "production", Rules: rules, DefaultBranch: "main", Visibility: "public"}
}

func asking(w protection.Wants, change func(*protection.Wants)) protection.Wants {
	change(&w)
	return w
}

// codes are those of the points that do not pass.
func codes(points []protection.Point) []string {
	var open []string
	for _, each := range points {
		if each.Outcome != verdict.Pass {
			open = append(open, each.Outcome.String()+" "+each.Code)
		}
	}
	return open
}

func TestWhichRefsAnEnvironmentLetsIn(t *testing.T) {
	t.Parallel()
	release := takes(t, stage.Releases, "tag:v*")
	main := takes(t, stage.AnyTag, stage.DefaultBranch)
	hotfix := takes(t, stage.Releases, "hotfix/**")
	api := takes(t, stage.Releases, "tag:api/v*")
	api.Project = "api"
	for name, row := range map[string]struct {
		env   fact.Environment
		wants protection.Wants
		codes []string
		says  []string
	}{
		"everything is let in": {
			environment(fact.AllRefs), wants(release), []string{"fail open-to-all-refs"}, []string{`the branch "feature"`, "passes no gate"},
		},
		"the tags of a project are shut out": {
			environment(fact.SelectedRefs, "tag:web/v*"), wants(api), []string{"fail admits-other", "fail shuts-out"}, []string{`the tag "api/v0.0.0" (by "api/v*")`},
		},
		"the tags of a project": {environment(fact.SelectedRefs, "tag:api/v*"), wants(api), nil, nil},
		"everything is let in, and all branches are taken": {
			environment(fact.AllRefs), wants(takes(t, stage.AnyTag, "**")), []string{"fail open-to-all-refs"}, []string{`the tag "v0"`},
		},
		"everything is let in, and the default branch is not known": {
			environment(fact.AllRefs), asking(wants(main), func(w *protection.Wants) { w.DefaultBranch = "" }), []string{"fail open-to-all-refs"}, nil,
		},
		"protected branches, and tags are taken": {
			environment(fact.ProtectedRefs), wants(release), []string{"fail protected-branches", "fail shuts-out"}, []string{`the tag "v1.0.0"`, "no tag"},
		},
		"protected branches, and one is taken": {
			environment(fact.ProtectedRefs), wants(main), []string{"fail protected-branches"}, []string{"where none has one"},
		},
		"selected, and none": {
			environment(fact.SelectedRefs), wants(release), []string{"fail shuts-out"}, []string{`the tag "v1.0.0" (by "v*")`},
		},
		"branches where tags are taken": {
			environment(fact.SelectedRefs, "v*"), wants(release), []string{"fail admits-other", "fail shuts-out"}, []string{`the branch "v0" (by "v*")`, `the tag "v1.0.0"`},
		},
		"the default branch beside tags": {
			environment(fact.SelectedRefs, "main", "tag:v*"), wants(release), []string{"fail admits-other"}, []string{`lets in the branch "main", which`},
		},
		"too many tags": {
			environment(fact.SelectedRefs, "tag:*"), wants(release), []string{"fail admits-other"}, []string{`the tag "latest" (by "*")`},
		},
		"too few versions": {
			environment(fact.SelectedRefs, "tag:v1.*"), wants(release), []string{"fail shuts-out"}, []string{`the tag "v0.0.0"`},
		},
		"pre-releases only": {
			environment(fact.SelectedRefs, "tag:v*-*"), wants(release), []string{"fail shuts-out"}, []string{`the tag "v1.0.0"`},
		},
		"a star where a folder has folders": {
			environment(fact.SelectedRefs, "hotfix/*"), wants(hotfix), []string{"fail shuts-out"}, []string{`"hotfix/0/0"`},
		},
		"runs of pull requests": {
			environment(fact.SelectedRefs, "**/*", "refs/pull/*/merge"), wants(takes(t, stage.AnyTag, "**")), []string{"fail admits-other"}, []string{`"refs/pull/0/merge"`},
		},
		"another default branch": {
			environment(fact.SelectedRefs, "master"), wants(main), []string{"fail admits-other", "fail shuts-out"}, []string{`"master"`, `the branch "main"`},
		},
		"the default branch is not known": {
			environment(fact.SelectedRefs, "main"), asking(wants(main), func(w *protection.Wants) { w.DefaultBranch = "" }),
			[]string{"unknown incomplete"},
			[]string{"the name of the default branch is not known"},
		},
		"the default branch is not known, and a tag too much": {
			environment(fact.SelectedRefs, "tag:v*"), asking(wants(main), func(w *protection.Wants) { w.DefaultBranch = "" }), []string{"fail admits-other", "unknown incomplete"}, nil,
		},
		"a pattern of nobody knows what": {
			with(environment(fact.SelectedRefs, "tag:v*"), func(env *fact.Environment) {
				env.Patterns = append(env.Patterns, fact.RefPattern{Pattern: "x"})
			}), wants(release), []string{"unknown incomplete"}, []string{"GitHub does not say"},
		},
		"what nobody knows the kind of may let it in": {
			with(environment(fact.SelectedRefs), func(env *fact.Environment) { env.Patterns = []fact.RefPattern{{Pattern: "v*"}} }), wants(release), []string{"unknown incomplete"}, nil,
		},
		"a pattern that is too long": {
			environment(fact.SelectedRefs, "tag:v*", "tag:"+strings.Repeat("a", 600)), wants(release), []string{"unknown incomplete"}, nil,
		},
		"patterns that cannot be compared": {
			environment(fact.SelectedRefs, "tag:v*", "x*[!b]", "x*a"+strings.Repeat("?", 38)+"*b", "y", "x*a"+strings.Repeat("?", 40)+"b"),
			wants(takes(t, stage.AnyTag, "x*", "y", "tag:v*")),
			[]string{"fail shuts-out", "unknown incomplete"},
			nil,
		},
		"GitHub does not say what is let in": {
			environment(""), wants(release), []string{"unknown incomplete"}, nil,
		},
		"nothing is taken": {
			environment(fact.SelectedRefs, "main"), wants(), []string{"fail admits-other"}, nil,
		},
		"many patterns too many": {
			environment(fact.SelectedRefs, "a", "b", "c", "d", "e", "tag:v*"), wants(release), []string{"fail admits-other"}, []string{`"c" and more by 2 other patterns`},
		},
		"a hostile pattern": {
			environment(fact.SelectedRefs, "tag:v*", "x[!\n]::error::", "y[!\n]"), wants(release), []string{"fail admits-other"}, nil,
		},
		"a look-alike": {
			environment(fact.SelectedRefs, "m\u0430in", "main"), wants(main), []string{"fail admits-other"}, []string{`"m\u0430in"`},
		},
		"releases": {environment(fact.SelectedRefs, "tag:v*"), wants(release), nil, []string{"exactly"}},
		"releases, written closer": {
			environment(fact.SelectedRefs, "tag:v[0-9]*.[0-9]*.[0-9]*"), wants(release), nil, nil,
		},
		"a release and its hotfix lane": {
			environment(fact.SelectedRefs, "tag:v*", "hotfix/**/*"), wants(release, hotfix), nil, nil,
		},
		"the default branch":                  {environment(fact.SelectedRefs, "main"), wants(main), nil, nil},
		"everything, and everything is taken": {environment(fact.AllRefs), wants(takes(t, stage.AnyTag, "**", "tag:**")), nil, nil},
		"protected branches of all that are taken": {
			environment(fact.ProtectedRefs), wants(takes(t, stage.AnyTag, "**")), nil, nil,
		},
		"a pattern that matches nothing": {environment(fact.SelectedRefs, "main", "a//b", "[x"), wants(main), nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			points := protection.Compare(row.env, row.wants)
			if got := codes(points); !slices.Equal(got, row.codes) {
				t.Errorf("got %q, want %q: %+v", got, row.codes, points)
			}
			said := ""
			for _, each := range points {
				said += each.Reason + "\n" + each.Fix + "\n"
				if strings.Contains(each.Reason, "\n") || (each.Fix == "") != (each.Outcome == verdict.Pass) {
					t.Errorf("what is said: %+v", each)
				}
			}
			for _, text := range row.says {
				if !strings.Contains(said, text) {
					t.Errorf("it does not say %q:\n%s", text, said)
				}
			}
		})
	}
}

func TestWhoLooksFirstAndWhoGetsPast(t *testing.T) {
	t.Parallel()
	yes := true
	olga, ben := fact.EnvironmentReviewer{Kind: "user", ID: 1, Name: "olga"}, fact.EnvironmentReviewer{Kind: "user", ID: 2, Name: "ben"}
	team := fact.EnvironmentReviewer{Kind: "team", ID: 1, Name: "acme/ops"}
	main := environment(fact.SelectedRefs, "main")
	strict := asking(wants(takes(t, stage.AnyTag, "main")), func(w *protection.Wants) {
		w.Reviewers, w.PreventSelfReview, w.WaitMinutes = 2, true, 10
	})
	for name, row := range map[string]struct {
		change func(*fact.Environment)
		wants  protection.Wants
		codes  []string
	}{
		"there is none": {
			func(env *fact.Environment) { *env = fact.Environment{Name: "production"} }, strict, []string{"fail missing"},
		},
		"it is another one": {func(env *fact.Environment) { env.Name = "staging" }, strict, []string{"unknown inconsistent"}},
		"nobody said which": {
			func(env *fact.Environment) { env.Name = "" }, asking(strict, func(w *protection.Wants) { w.Environment = "" }), []string{"unknown inconsistent"},
		},
		"nothing is asked for": {
			func(*fact.Environment) {}, strict, []string{"fail no-reviewers", "fail self-review", "fail wait-timer"},
		},
		"too few": {func(env *fact.Environment) {
			env.Reviewers, env.PreventSelfReview, env.WaitMinutes = []fact.EnvironmentReviewer{olga}, true, 9
		}, strict, []string{"fail few-reviewers", "fail wait-timer"}},
		"one twice": {func(env *fact.Environment) {
			env.Reviewers, env.PreventSelfReview, env.WaitMinutes = []fact.EnvironmentReviewer{olga, {Kind: "user", ID: 1, Name: "olga2"}}, true, 10
		}, strict, []string{"fail few-reviewers"}},
		"whoever starts may approve": {func(env *fact.Environment) {
			env.Reviewers, env.WaitMinutes = []fact.EnvironmentReviewer{olga, ben}, 10
		}, strict, []string{"fail self-review"}},
		"administrators get past": {func(env *fact.Environment) {
			env.Reviewers, env.PreventSelfReview, env.WaitMinutes, env.AdminsBypass = []fact.EnvironmentReviewer{olga, ben}, true, 10, &yes
		}, strict, []string{"fail admins-bypass"}},
		"nobody knows whether administrators do": {func(env *fact.Environment) {
			env.Reviewers, env.PreventSelfReview, env.WaitMinutes, env.AdminsBypass = []fact.EnvironmentReviewer{olga, ben}, true, 10, nil
		}, strict, []string{"unknown incomplete"}},
		"administrators may": {
			func(env *fact.Environment) { env.AdminsBypass = &yes }, asking(wants(takes(t, stage.AnyTag, "main")), func(w *protection.Wants) { w.AdminsBypass = true }), nil,
		},
		"self-review without reviewers is not asked for": {
			func(*fact.Environment) {}, asking(wants(takes(t, stage.AnyTag, "main")), func(w *protection.Wants) { w.PreventSelfReview = true }), nil,
		},
		"it only has to be there": {
			func(env *fact.Environment) { env.Refs, env.AdminsBypass = fact.AllRefs, &yes }, protection.Wants{Environment: "production", ExistenceOnly: true}, nil,
		},
		"in other letters": {func(env *fact.Environment) { env.Name = "Production" }, wants(takes(t, stage.AnyTag, "main")), nil},
		"all of it": {func(env *fact.Environment) {
			env.Reviewers, env.PreventSelfReview, env.WaitMinutes = []fact.EnvironmentReviewer{olga, team}, true, 10
		}, strict, nil},
	} {
		points := protection.Compare(with(main, row.change), row.wants)
		if got := codes(points); !slices.Equal(got, row.codes) || len(points) == 0 {
			t.Errorf("%s: got %q, want %q: %+v", name, got, row.codes, points)
		}
	}
}

func TestThePlanThatCanBeTheCause(t *testing.T) {
	t.Parallel()
	for visibility, says := range map[string]string{"public": "", "": "Where the repository is private, ", "private": "is not public", "internal": "is not public"} {
		asked := asking(wants(takes(t, stage.AnyTag, "main")), func(w *protection.Wants) { w.Visibility, w.Reviewers = visibility, 1 })
		for _, env := range []fact.Environment{{Name: "production"}, environment(fact.AllRefs), environment(fact.SelectedRefs, "main")} {
			for _, each := range protection.Compare(env, asked) {
				if each.Aspect == protection.Refs && env.Refs == fact.SelectedRefs {
					continue // the plan has it
				}
				if each.Outcome == verdict.Fail && (!strings.Contains(each.Limit, says) || (each.Limit == "") != (visibility == "public")) {
					t.Errorf("%s: %s: the limit is %q", visibility, each.Code, each.Limit)
				}
			}
		}
	}
}
