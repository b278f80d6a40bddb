package audit_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/audit"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

var guardChecks = []string{"branches-guarded", "tags-guarded", "guards-bind-all", "policy-owned", "merges-signed"}

// drawWorld draws rulesets and a classic rule of all kinds.
func drawWorld(t *rapid.T) guardWorld {
	w := guarded()
	refs := []string{
		"~ALL", "~DEFAULT_BRANCH", "refs/heads/main", "refs/heads/support/**/*", "refs/heads/support/*", "refs/tags/v*", "refs/tags/v1*", "refs/**/*",
	}
	w.sets = nil
	for id := range int64(rapid.IntRange(1, 4).Draw(t, "sets")) {
		set := branchSet(id+1, rapid.SliceOfN(rapid.SampledFrom(refs), 1, 2).Draw(t, "include")...)
		if rapid.Bool().Draw(t, "excludes") {
			set.Refs = known(fact.RulesetRefs{Include: []string{"~ALL"}, Exclude: []string{rapid.SampledFrom(refs).Draw(t, "exclude")}})
		}
		set.Target = rapid.SampledFrom([]string{"branch", "branch", "tag"}).Draw(t, "target")
		set.Enforcement = rapid.SampledFrom([]string{"active", "active", "active", "evaluate", "disabled"}).Draw(t, "enforcement")
		if set.Target == "tag" {
			set.Rules = tagSet(0, "", rapid.SliceOf(rapid.SampledFrom([]string{"deletion", "update", "non_fast_forward", "creation"})).Draw(t, "rules")...).Rules
		}
		w.sets = append(w.sets, set)
		switch rapid.IntRange(0, 5).Draw(t, "bypass") {
		case 0:
			w.let(set.ID, "RepositoryRole", rapid.Int64Range(2, 5).Draw(t, "role"), rapid.SampledFrom([]string{"always", "pull_request"}).Draw(t, "mode"))
		case 1:
			w.sets[len(w.sets)-1].Bypass = forbidden[[]fact.Bypass]()
		}
	}
	if rapid.Bool().Draw(t, "classic") {
		w.classic = &fact.Protection{ForAdmins: rapid.Bool().Draw(t, "admins"), Reviews: &fact.ReviewRule{Approvals: 1, CodeOwners: true}}
		w.hidden = rapid.Bool().Draw(t, "hidden")
	}
	w.settings.RebaseMerge = yes()
	return w
}

// guardsSay returns what the checks about guards say, without the other checks.
func guardsSay(rules policy.Policy, facts fact.Set) (points []verdict.Point) {
	for _, each := range audit.All() {
		if slices.Contains(guardChecks, each.ID) {
			in := audit.Input{Facts: facts.Only(each.Needs(rules)), Rules: rules, Repository: facts.Repository.OrZero(), PolicyPath: fact.PolicyPath}
			for _, point := range each.Ask(in) {
				point.Check = each.ID
				points = append(points, point)
			}
		}
	}
	return points
}

// passing counts the points that are fine, by check and stage.
func passing(rules policy.Policy, facts fact.Set) map[string]int {
	count := map[string]int{}
	for _, point := range guardsSay(rules, facts) {
		if point.Outcome == verdict.Pass {
			count[point.Check+" of "+point.Stage]++
		}
	}
	return count
}

// What guards less is never better.
func TestTakingAGuardAwayMakesNothingFine(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, guardedPolicy)
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		before := passing(rules, w.facts())
		lesser := w
		lesser.sets = slices.Clone(w.sets)
		i := rapid.IntRange(0, len(w.sets)-1).Draw(t, "which")
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			lesser.sets = slices.Delete(lesser.sets, i, i+1)
		case 1:
			lesser.sets[i].Enforcement = "evaluate"
		case 2:
			lesser.sets[i].Enforcement = "disabled"
		default:
			lesser.sets[i].Rules = known([]fact.Rule{})
		}
		for what, after := range passing(rules, lesser.facts()) {
			if after > before[what] {
				t.Errorf("%s: %d are fine, %d were\nbefore %+v\nafter %+v", what, after, before[what], w.sets, lesser.sets)
			}
		}
	})
}

func TestTheOrderOfRulesetsChangesNothing(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, guardedPolicy)
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		other := w
		other.sets = rapid.Permutation(w.sets).Draw(t, "order")
		if diff := cmp.Diff(guardsSay(rules, w.facts()), guardsSay(rules, other.facts())); diff != "" {
			t.Errorf("(-one order +another)\n%s", diff)
		}
	})
}

// Losing a fact never makes a point fine.
func TestLosingAFactMakesNothingFine(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, guardedPolicy)
	needs := audit.Needs(rules)
	rapid.Check(t, func(t *rapid.T) {
		facts := drawWorld(t).facts()
		before := passing(rules, facts)
		need := rapid.SampledFrom(needs).Draw(t, "need")
		for what, after := range passing(rules, facts.Without(need)) {
			if after > before[what] {
				t.Errorf("without %s, %s: %d are fine, %d were", need, what, after, before[what])
			}
		}
	})
}

// sentBy runs commands in a shell in which gh is a program that writes down what
// it is given.
func sentBy(t *testing.T, command string) (arguments []string, body string) {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	const fake = "#!/bin/sh\nprintf '%s\\0' \"$@\" >>\"$OUT/args\"\nprintf '\\0' >>\"$OUT/args\"\ncase \"$*\" in *--input*) cat >\"$OUT/body\";; esac\n"
	if err := os.WriteFile(filepath.Join(folder, "gh"), []byte(fake), 0o700); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), shell, "-c", command)
	run.Env, run.Dir = []string{"OUT=" + folder, "PATH=" + folder + ":/usr/bin:/bin"}, folder
	if out, err := run.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%s\n%v %s", command, err, out)
	}
	given, err := os.ReadFile(filepath.Join(folder, "args"))
	if err != nil {
		t.Fatalf("gh was not run: %s", command)
	}
	sent, err := os.ReadFile(filepath.Join(folder, "body"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 3 {
		t.Errorf("the command left something behind: %v %v", entries, err)
	}
	return strings.Split(string(given), "\x00"), string(sent)
}

// Each command that makes a ruleset sends what GitHub describes.
func TestCommandsSendWhatGitHubDescribes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../githubtest/testdata/github-openapi-subset.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	document.Servers = openapi3.Servers{{URL: "https://api.github.com"}}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		t.Fatal(err)
	}
	w := guarded()
	w.sets = []fact.Ruleset{branchSet(7, "refs/heads/else")}
	w.sets[0].Name = "stageward: v*, existing tags"
	made := 0
	for _, point := range audit.Of(rulesOf(t, guardedPolicy), w.facts()).Points {
		for _, command := range point.Commands {
			if !strings.Contains(command, "--method POST repos/acme/shop/rulesets") {
				continue
			}
			made++
			_, body := sentBy(t, command)
			if strings.Contains(body, `"name": "stageward: v*, existing tags"`) {
				t.Errorf("the name is taken: %s", body)
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.github.com/repos/acme/shop/rulesets", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			if err := described(t.Context(), router, request); err != nil {
				t.Errorf("%s: %v\n%s", point.Code, err, body)
			}
		}
	}
	if made < 8 {
		t.Errorf("only %d commands make rulesets", made)
	}
}

// Names are chosen by others, and commands are pasted into shells.
func TestNamesInCommandsDoNothing(t *testing.T) {
	t.Parallel()
	const hostile = "a'$(touch${IFS}owned)`touch${IFS}owned`;touch${IFS}owned\n#\"JSON"
	w := guarded()
	w.set(1).Name, w.set(1).Source = hostile, "acme/shop"
	w.let(1, "Team", 3, "always")
	w.secrets[""] = []string{hostile}
	w.drop(3)
	facts := w.facts()
	facts.Repository = known(fact.Repository{ID: 1, Name: "acme/shop", DefaultBranch: "main"})
	const text = "version: 1\nstages:\n  - name: prod\n    environment: %q\n    from: { tags: ['%s'], versions: release, branches: ['%s', $default-branch] }\n    gates: { signed-tag: { by: maintain }, signed-commit: { by: maintain } }\n"
	name := "v''$(touch|owned);`id`*"
	rules := rulesOf(t, fmt.Sprintf(text, "x$(touch owned)'", name, name+"/b"))
	ran := 0
	for _, point := range audit.Of(rules, facts).Points {
		for _, command := range point.Commands {
			ran++
			arguments, _ := sentBy(t, command)
			if !slices.Contains([]string{"api", "secret", "pr"}, arguments[0]) {
				t.Errorf("%q", arguments)
			}
		}
	}
	if ran < 8 {
		t.Errorf("only %d commands were run", ran)
	}
}

// described checks a request against GitHub's description.
func described(ctx context.Context, router routers.Router, request *http.Request) error {
	route, parameters, err := router.FindRoute(request)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(ctx, &openapi3filter.RequestValidationInput{Request: request, Route: route, PathParams: parameters})
}
