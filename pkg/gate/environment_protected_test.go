package gate_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

// guardedBy answers that there is an environment production that lets v* in, has no
// reviewers, and that administrators cannot get past.
func guardedBy(changes ...func(*fact.Environment)) func(*fact.Set) {
	return func(facts *fact.Set) {
		no := false
		env := fact.Environment{
			Name: "production", Exists: true, URL: "https://github.com/acme/shop/settings/environments/1/edit", AdminsBypass: &no,
			Refs: fact.SelectedRefs, Patterns: []fact.RefPattern{{Kind: fact.TagRef, Pattern: "v*"}},
		}
		for _, change := range changes {
			change(&env)
		}
		facts.Environments = map[string]fact.Known[fact.Environment]{"production": fact.Of(env, fact.Source{})}
	}
}

// letsIn replaces the patterns, each a kind with a text.
func letsIn(pairs ...string) func(*fact.Environment) {
	return func(env *fact.Environment) {
		env.Patterns = nil
		for i := 0; i+1 < len(pairs); i += 2 {
			env.Patterns = append(env.Patterns, fact.RefPattern{Kind: fact.RefKind(pairs[i]), Pattern: pairs[i+1]})
		}
	}
}

func lets(refs fact.EnvironmentRefs) func(*fact.Environment) {
	return func(env *fact.Environment) { env.Refs, env.Patterns = refs, nil }
}

func reviewedBy(list ...*fact.Person) func(*fact.Environment) {
	return func(env *fact.Environment) {
		for _, each := range list {
			env.Reviewers = append(env.Reviewers, fact.EnvironmentReviewer{Kind: "user", ID: each.ID, Name: each.Login})
		}
	}
}

func noSelfReview(env *fact.Environment) { env.PreventSelfReview = true }

func adminsMay(env *fact.Environment) { yes := true; env.AdminsBypass = &yes }

var _ = rows("environment-protected",
	row{
		name: "there is no environment", want: verdict.Wait, code: "missing",
		facts: onTag(guardedBy(func(env *fact.Environment) { *env = fact.Environment{Name: "production"} })),
		says:  []string{"there is no environment", "the first job that names it", "stageward audit"},
	},
	row{
		name: "every ref is let in", facts: onTag(guardedBy(lets(fact.AllRefs))), want: verdict.Wait, code: "open-to-all-refs",
		says: []string{"every branch and every tag", `the branch "feature"`},
	},
	row{
		name: "protected branches are let in", facts: onTag(guardedBy(lets(fact.ProtectedRefs))), want: verdict.Wait, code: "protected-branches",
		says: []string{`the tag "v1.0.0"`, "no tag"},
	},
	row{
		name: "the default branch is let in beside the releases", facts: onTag(guardedBy(letsIn("branch", "main", "tag", "v*"))), want: verdict.Wait, code: "admits-other",
		says: []string{`the branch "main"`},
	},
	row{
		name: "a look-alike of a tag is let in", facts: onTag(guardedBy(letsIn("tag", "v*", "tag", "\u0475*"))), want: verdict.Wait, code: "admits-other",
		says: []string{`"\u0475"`}, hides: []string{"\u0475"},
	},
	row{
		name: "several are let in, in any order", facts: onTag(guardedBy(letsIn("tag", "v*", "tag", "z", "branch", "x", "branch", "y"))), want: verdict.Wait, code: "admits-other",
		says: []string{`the branch "x", the branch "y", the tag "z"`},
	},
	row{
		name: "a release is not let in", facts: onTag(guardedBy(letsIn("tag", "v1.*"))), want: verdict.Wait, code: "shuts-out",
		says: []string{`the tag "v0.0.0"`, "GitHub would stop"},
	},
	row{
		name: "releases are let in as branches", facts: onTag(guardedBy(letsIn("branch", "v*"))), want: verdict.Wait, code: "admits-other",
		says: []string{`the tag "v1.0.0"`},
	},
	row{name: "nobody has to approve", params: "{ reviewers: 1 }", facts: onTag(guardedBy()), want: verdict.Wait, code: "no-reviewers", says: []string{"Where the repository is private", "whoever starts"}},
	row{name: "too few are listed", params: "{ reviewers: 2 }", facts: onTag(guardedBy(reviewedBy(bob), noSelfReview)), want: verdict.Wait, code: "few-reviewers"},
	row{name: "one is listed twice", params: "{ reviewers: 2 }", facts: onTag(guardedBy(reviewedBy(bob, bob), noSelfReview)), want: verdict.Wait, code: "few-reviewers"},
	row{name: "whoever starts may approve", params: "{ reviewers: 1 }", facts: onTag(guardedBy(reviewedBy(bob))), want: verdict.Wait, code: "self-review"},
	row{
		name: "jobs do not wait", params: "{ wait: 10m }", facts: onTag(guardedBy(func(env *fact.Environment) { env.WaitMinutes = 9 })), want: verdict.Wait, code: "wait-timer",
		says: []string{"9 minutes", "at least 10"},
	},
	row{name: "administrators get past", facts: onTag(guardedBy(adminsMay)), want: verdict.Wait, code: "admins-bypass", says: []string{"Take the tick away"}},
	row{
		name: "nobody knows whether administrators get past", want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onTag(guardedBy(func(env *fact.Environment) { env.AdminsBypass = nil })), says: []string{"administrators"},
	},
	row{
		name: "nobody knows what is let in", facts: onTag(guardedBy(lets(""))), want: verdict.Unknown, code: string(fact.Incomplete),
	},
	row{
		name: "the answer is about another environment", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(guardedBy(func(env *fact.Environment) { env.Name = "staging" })),
	},
	row{
		name: "nobody may read it", want: verdict.Unknown, code: string(fact.Forbidden), says: []string{`how the environment "production" is protected`},
		facts: onTag(func(facts *fact.Set) {
			facts.Environments = map[string]fact.Known[fact.Environment]{"production": fact.Lost[fact.Environment](fact.Missing{Reason: fact.Forbidden})}
		}),
	},
	row{
		name: "another environment is known", want: verdict.Unknown, code: string(fact.NotAsked),
		facts: onTag(guardedBy(), func(facts *fact.Set) {
			facts.Environments = map[string]fact.Known[fact.Environment]{"staging": facts.Environments["production"]}
		}),
	},
	row{
		name: "the default branch is not known", stage: "staging", want: verdict.Unknown, code: string(fact.Incomplete), says: []string{"the name of the default branch is not known"},
		facts: onMain(guardedStaging(letsIn("branch", "main")), func(facts *fact.Set) {
			facts.Repository = fact.Lost[fact.Repository](fact.Missing{Reason: fact.Unavailable})
		}),
	},
	row{
		name: "another branch is let in where the default branch is taken", stage: "staging", want: verdict.Wait, code: "admits-other", says: []string{`the branch "master"`, `takes the branch "main"`},
		facts: onMain(guardedStaging(letsIn("branch", "master"))),
	},
	row{name: "the default branch is taken", stage: "staging", want: verdict.Pass, facts: onMain(guardedStaging(letsIn("branch", "main")))},
	row{name: "administrators may get past", params: "{ admins-bypass: true }", facts: onTag(guardedBy(adminsMay)), want: verdict.Pass},
	row{name: "whoever starts may approve by the policy", params: "{ reviewers: 1, prevent-self-review: false }", facts: onTag(guardedBy(reviewedBy(bob))), want: verdict.Pass},
	row{
		name: "all that can be asked for", params: "{ reviewers: 2, wait: 30d }", want: verdict.Pass, says: []string{"lists 2 reviewers", "43200 minutes"},
		facts: onTag(guardedBy(reviewedBy(bob, carol), noSelfReview, func(env *fact.Environment) { env.WaitMinutes = 43200 })),
	},
	row{name: "as many reviewers as GitHub takes can be asked for", params: "{ reviewers: 6 }", want: verdict.Wait, code: "few-reviewers", facts: onTag(guardedBy(reviewedBy(bob), noSelfReview))},
	row{name: "versions are let in by a closer pattern", facts: onTag(guardedBy(letsIn("tag", "v*.*.*"))), want: verdict.Pass},
)

// guardedStaging is guardedBy for the environment staging.
func guardedStaging(changes ...func(*fact.Environment)) func(*fact.Set) {
	return func(facts *fact.Set) {
		guardedBy(append([]func(*fact.Environment){func(env *fact.Environment) { env.Name = "staging" }}, changes...)...)(facts)
		facts.Environments = map[string]fact.Known[fact.Environment]{"staging": facts.Environments["production"]}
	}
}

func TestEnvironmentProtected(t *testing.T) {
	t.Parallel()
	testRows(t, "environment-protected")
}

func TestEnvironmentProtectedRefusesParameters(t *testing.T) {
	t.Parallel()
	testRefusals(t, "environment-protected", map[string]string{
		"{ reviewers: -1 }": "expected 0 to 6", "{ reviewers: 7 }": "expected 0 to 6", "{ wait: 0 }": "wait:", "{ wait: 31d }": "30d at most", "{ wait: soon }": "wait:",
	})
}

// A hotfix lane deploys to the environment of its stage: whichever of the two is
// asked about, both say what it lets in.
func TestEnvironmentProtectedCountsHotfixLanes(t *testing.T) {
	t.Parallel()
	terms := row{}.terms()
	lane := threeStages()[0].Rule // dev/**
	prod := &terms.Stages[2]
	prod.Lanes = append(prod.Lanes, lane)
	for _, asked := range []gate.Stage{*prod, {Name: "prod", Environment: "production", Rule: lane}} {
		terms.Stage = asked
		check, err := find(t, "environment-protected").Bind(nil, terms)
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range []struct {
			patterns []string
			code     string
		}{
			{[]string{"tag", "v*"}, "shuts-out"},
			{[]string{"branch", "dev/**/*"}, "shuts-out"},
			{[]string{"tag", "v*", "branch", "dev/**/*", "branch", "dev"}, "admits-other"},
			{[]string{"tag", "v*", "branch", "dev/**/*"}, ""},
		} {
			if got := check.Ask(onTag(guardedBy(letsIn(each.patterns...))), terms); got.Code != each.code {
				t.Errorf("%q: got %q (%s), want %q", each.patterns, got.Code, got.Reason, each.code)
			}
		}
	}
}

// Whoever reads the decision can look at the environment, where its page is known.
func TestEnvironmentProtectedShowsTheEnvironment(t *testing.T) {
	t.Parallel()
	terms := row{}.terms()
	check, err := find(t, "environment-protected").Bind(nil, terms)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"", "https://github.com/acme/shop/settings/environments/1/edit"} {
		got := check.Ask(onTag(guardedBy(func(env *fact.Environment) { env.URL = url })), terms)
		if shown := len(got.Evidence) == 1 && got.Evidence[0].URL == url; shown != (url != "") {
			t.Errorf("%q: the evidence is %+v", url, got.Evidence)
		}
	}
}

// The audit asks for what the policy asks the gate for.
func TestWhatTheGateAsksForIsKnown(t *testing.T) {
	t.Parallel()
	terms := row{}.terms()
	check, err := find(t, "environment-protected").Bind(decode("{ reviewers: 2, wait: 1h, admins-bypass: true }"), terms)
	if err != nil {
		t.Fatal(err)
	}
	wants, ok := gate.EnvironmentWants(check, terms)
	if !ok || wants.Environment != "production" || wants.Reviewers != 2 || wants.WaitMinutes != 60 || !wants.AdminsBypass || !wants.PreventSelfReview || len(wants.Rules) != 1 {
		t.Errorf("got %+v, %t", wants, ok)
	}
	other, err := find(t, "not-locked").Bind(nil, terms)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := gate.EnvironmentWants(other, terms); ok {
		t.Error("another gate is taken for it")
	}
}
