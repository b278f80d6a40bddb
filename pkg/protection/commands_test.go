package protection_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/protection"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

func TestCommandsAreExact(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	release := takes(t, stage.Releases, "tag:v*")
	for name, row := range map[string]struct {
		env   fact.Environment
		wants protection.Wants
		want  []string
	}{
		"nothing to mend":         {environment(fact.SelectedRefs, "tag:v*"), wants(release), nil},
		"nothing a command mends": {with(environment(fact.SelectedRefs, "tag:v*"), func(env *fact.Environment) { env.AdminsBypass = nil }), wants(release), nil},
		"another environment":     {with(environment(fact.AllRefs), func(env *fact.Environment) { env.Name = "x" }), wants(release), nil},
		"there is none": {fact.Environment{Name: "production"}, wants(release, takes(t, stage.AnyTag, stage.DefaultBranch, "hotfix/**")), []string{
			"gh api --method PUT repos/acme/shop/environments/production --input - <<'JSON'\n{\n  \"deployment_branch_policy\": {\n    \"protected_branches\": false,\n    \"custom_branch_policies\": true\n  }\n}\nJSON",
			"gh api --method POST repos/acme/shop/environments/production/deployment-branch-policies -f 'name=v*' -f type=tag",
			"gh api --method POST repos/acme/shop/environments/production/deployment-branch-policies -f name=main -f type=branch",
			"gh api --method POST repos/acme/shop/environments/production/deployment-branch-policies -f 'name=hotfix/**/*' -f type=branch",
		}},
		"there only has to be one": {fact.Environment{Name: "production"}, protection.Wants{Environment: "production", ExistenceOnly: true}, []string{
			"gh api --method PUT repos/acme/shop/environments/production --input - <<'JSON'\n{\n  \"deployment_branch_policy\": null\n}\nJSON",
		}},
		"what is let in is not known, so it could not stay": {environment(""), asking(wants(release), func(w *protection.Wants) { w.Reviewers = 1 }), nil},
		"names of which not all is seen": {environment(fact.SelectedRefs, "ma\u202ein"), asking(wants(takes(t, stage.AnyTag, stage.DefaultBranch)), func(w *protection.Wants) { w.DefaultBranch = "ma\u200bin" }), []string{
			"gh api --method POST repos/acme/shop/environments/production/deployment-branch-policies --input - <<'JSON'\n{\n  \"name\": \"ma\\u200bin\",\n  \"type\": \"branch\"\n}\nJSON",
			`gh api --paginate repos/acme/shop/environments/production/deployment-branch-policies --jq '.branch_policies[] | select(.name == "ma\u202ein" and .type == "branch") | .id' | xargs -I{} gh api --method DELETE repos/acme/shop/environments/production/deployment-branch-policies/{}`,
		}},
		"patterns only": {environment(fact.SelectedRefs, "main", "tag:x'y\\(exit 9)*", "tag:v1*"), wants(release), []string{
			"gh api --method POST repos/acme/shop/environments/production/deployment-branch-policies -f 'name=v*' -f type=tag",
			`gh api --paginate repos/acme/shop/environments/production/deployment-branch-policies --jq '.branch_policies[] | select(.name == "main" and .type == "branch") | .id' | xargs -I{} gh api --method DELETE repos/acme/shop/environments/production/deployment-branch-policies/{}`,
		}},
		"a branch of the name of the tags": {environment(fact.SelectedRefs, "v*", "tag:v*"), wants(release), []string{
			`gh api --paginate repos/acme/shop/environments/production/deployment-branch-policies --jq '.branch_policies[] | select(.name == "v*" and .type == "branch") | .id' | xargs -I{} gh api --method DELETE repos/acme/shop/environments/production/deployment-branch-policies/{}`,
		}},
		"selected patterns, and the stage takes everything": {environment(fact.SelectedRefs), wants(takes(t, stage.AnyTag, "**", "tag:**")), []string{
			"gh api --method PUT repos/acme/shop/environments/production --input - <<'JSON'\n{\n  \"can_admins_bypass\": false,\n  \"deployment_branch_policy\": null\n}\nJSON",
		}},
		"what was set stays": {
			with(environment(fact.ProtectedRefs), func(env *fact.Environment) {
				env.Reviewers = []fact.EnvironmentReviewer{{Kind: "team", ID: 7, Name: "acme/ops"}, {Kind: "user", ID: 8, Name: "olga"}}
				env.WaitMinutes, env.AdminsBypass, env.PreventSelfReview = 5, &no, true
			}), wants(takes(t, stage.AnyTag, "main")), []string{
				"gh api --method PUT repos/acme/shop/environments/production --input - <<'JSON'\n{\n  \"wait_timer\": 5,\n  \"prevent_self_review\": true,\n  \"reviewers\": [\n    {\n      \"type\": \"Team\",\n      \"id\": 7\n    },\n    {\n      \"type\": \"User\",\n      \"id\": 8\n    }\n  ],\n  \"can_admins_bypass\": false,\n  \"deployment_branch_policy\": {\n    \"protected_branches\": false,\n    \"custom_branch_policies\": true\n  }\n}\nJSON",
				"gh api --method POST repos/acme/shop/environments/production/deployment-branch-policies -f name=main -f type=branch",
			},
		},
		"people": {
			with(environment(fact.SelectedRefs, "tag:v*"), func(env *fact.Environment) { env.AdminsBypass = &yes }),
			asking(wants(release), func(w *protection.Wants) { w.Reviewers, w.PreventSelfReview, w.WaitMinutes = 1, true, 10 }),
			[]string{
				"gh api --method PUT repos/acme/shop/environments/production --input - <<'JSON'\n{\n  \"wait_timer\": 10,\n  \"prevent_self_review\": true,\n  \"reviewers\": [\n    {\n      \"type\": \"User\",\n      \"id\": 0\n    }\n  ],\n  \"can_admins_bypass\": false,\n  \"deployment_branch_policy\": {\n    \"protected_branches\": false,\n    \"custom_branch_policies\": true\n  }\n}\nJSON",
			},
		},
		"the protection of branches stays": {
			with(environment(fact.ProtectedRefs), func(env *fact.Environment) { env.AdminsBypass = &yes }), wants(takes(t, stage.AnyTag, "**")), []string{
				"gh api --method PUT repos/acme/shop/environments/production --input - <<'JSON'\n{\n  \"can_admins_bypass\": false,\n  \"deployment_branch_policy\": {\n    \"protected_branches\": true,\n    \"custom_branch_policies\": false\n  }\n}\nJSON",
			},
		},
	} {
		if diff := cmp.Diff(row.want, protection.Commands("acme/shop", row.env, row.wants)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

// Whoever mends what is let in only, changes nothing else.
func TestTheRefsAreMendedAlone(t *testing.T) {
	t.Parallel()
	yes := true
	env := with(environment(fact.AllRefs), func(env *fact.Environment) { env.AdminsBypass = &yes })
	asked := asking(wants(takes(t, stage.AnyTag, "main")), func(w *protection.Wants) { w.Reviewers, w.PreventSelfReview, w.WaitMinutes = 2, true, 7 })
	got := protection.RefsCommands("acme/shop", env, asked)
	if len(got) != 2 || strings.Contains(got[0], "reviewers") || strings.Contains(got[0], "bypass") || strings.Contains(got[0], "wait") || strings.Contains(got[0], "self") {
		t.Errorf("got %q", got)
	}
	whole := protection.Commands("acme/shop", env, asked)
	if len(whole) != 2 || strings.Count(whole[0], `"id": 0`) != 2 || !strings.Contains(whole[0], `"custom_branch_policies": true`) || whole[1] != got[1] {
		t.Errorf("got %q", whole)
	}
	fine := with(environment(fact.SelectedRefs, "main"), func(env *fact.Environment) { env.AdminsBypass = &yes })
	if got := protection.RefsCommands("acme/shop", fine, asked); got != nil {
		t.Errorf("nothing is wrong there: %q", got)
	}
}

// call is one run of gh: its arguments, then what it was given to read.
type call struct {
	args []string
	body string
}

// run pastes commands into a shell in which gh writes down what it is asked.
func run(tb testing.TB, folder string, commands []string) []call {
	tb.Helper()
	const gh = "#!/bin/sh\nfor each in \"$@\"; do printf '%s\\0' \"$each\"; done >>\"$CALLS\"\ncase \"$*\" in *--input*) cat >>\"$CALLS\" ;; esac\nprintf '\\001' >>\"$CALLS\"\ncase \"$*\" in *--jq*) echo 41 ;; esac\n"
	calls := filepath.Join(folder, "calls")
	if err := os.WriteFile(filepath.Join(folder, "gh"), []byte(gh), 0o700); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(calls, nil, 0o600); err != nil {
		tb.Fatal(err)
	}
	script := exec.Command("sh", "-e", "-c", strings.Join(commands, "\n"))
	script.Env = []string{"PATH=" + folder + string(os.PathListSeparator) + os.Getenv("PATH"), "CALLS=" + calls}
	if output, err := script.CombinedOutput(); err != nil || len(output) > 0 {
		tb.Fatalf("run %q: %v: %s", commands, err, output)
	}
	written, err := os.ReadFile(calls)
	if err != nil {
		tb.Fatal(err)
	}
	var all []call
	for each := range strings.SplitSeq(string(written), "\x01") {
		parts := strings.Split(each, "\x00")
		if last := len(parts) - 1; last > 0 {
			all = append(all, call{args: parts[:last], body: parts[last]})
		}
	}
	return all
}

// Names stay what they are when commands are pasted.
func TestHostileNamesStayNames(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("THERE IS NO sh: whether names stay names was not tried")
	}
	tags := []string{"[x']*", "v;exit*", "$(exit)*", "x`y`*", "-x*", "@x*", `\y*`, "[!\nJSON\n]x*", `["\(]*`}
	for i, name := range []string{"a'; exit 9 #", "$(exit 9)", "`exit 9`", "a b", "prod/eu", "a\nexit 9", `a"\(exit 9)`, "{}", "-x", "%2e", "\nJSON\nexit 9\n", "x:repo"} {
		tag := tags[i%len(tags)]
		env := environment(fact.SelectedRefs, "tag:"+tag)
		env.Name = name
		asked := asking(wants(takes(t, stage.AnyTag, "$default-branch")), func(w *protection.Wants) { w.Environment, w.Reviewers, w.DefaultBranch = name, 1, "m'ain$(exit)" })
		calls := run(t, t.TempDir(), protection.Commands("acme/shop", env, asked))
		if len(calls) != 4 {
			t.Fatalf("%q, %q: %d calls: %q", name, tag, len(calls), calls)
		}
		if add := calls[1].args; len(add) != 8 || add[5] != "name=m'ain$(exit)" || !strings.HasPrefix(add[3], "repos/acme/shop/environments/") || strings.Count(add[3], "/") != 5 || strings.Contains(add[3], ":") {
			t.Errorf("%q: adds %q", name, add)
		}
		if remove := calls[3].args; len(remove) != 4 || !strings.HasSuffix(remove[3], "/deployment-branch-policies/41") {
			t.Errorf("%q: removes %q", name, remove)
		}
		var body map[string]any
		if err := json.Unmarshal([]byte(calls[0].body), &body); err != nil || len(body) != 3 {
			t.Errorf("%q: the body is %q (%v)", name, calls[0].body, err)
		}
		if filter := calls[2].args[4]; named(filter) != tag {
			t.Errorf("%q: removes %q: %s", tag, named(filter), filter)
		}
	}
}

// named is the name that a filter selects.
func named(filter string) string {
	match := regexp.MustCompile(`^\.branch_policies\[\] \| select\(\.name == ("(?:[^"\\]|\\.)*") and \.type == "(?:branch|tag)"\) \| \.id$`).FindStringSubmatch(filter)
	var name string
	if match == nil || json.Unmarshal([]byte(match[1]), &name) != nil {
		return ""
	}
	return name
}

// After the commands nothing is left to mend.
func TestCommandsMendWhatIsLetIn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		pattern := rapid.StringMatching(`(tag:)?(v\*|main|dev/\*\*|\*|a/\*/b|\*\*|\*\*/x|\$default-branch)`)
		rule := takes(t, rapid.SampledFrom([]stage.Versions{stage.AnyTag, stage.Releases}).Draw(r, "versions"),
			slices.DeleteFunc(rapid.SliceOfN(pattern, 1, 3).Draw(r, "takes"), func(text string) bool { return text == "tag:$default-branch" })...)
		lets := rapid.SliceOfN(rapid.StringMatching(`(tag:)?(v\*|v\?|main|dev/\*|\*\*/\*|[a-c]/\*/b|x|refs/pull/\*/merge)`), 0, 4).Draw(r, "lets in")
		env := environment(rapid.SampledFrom([]fact.EnvironmentRefs{fact.AllRefs, fact.ProtectedRefs, fact.SelectedRefs}).Draw(r, "refs"), lets...)
		if env.Refs != fact.SelectedRefs {
			env.Patterns = nil
		}
		env.Exists = rapid.Bool().Draw(r, "exists")
		for _, each := range protection.Commands("acme/shop", env, wants(rule)) {
			apply(r, &env, each)
		}
		for _, each := range protection.Compare(env, wants(rule)) {
			if each.Aspect != protection.Admins && each.Outcome != verdict.Pass {
				r.Fatalf("%s: %s", each.Code, each.Reason)
			}
		}
	})
}

var (
	adds    = regexp.MustCompile(`^gh api --method POST \S+ -f '?name=(\S+?)'? -f type=(branch|tag)$`)
	removes = regexp.MustCompile(`select\(\.name == "(\S+)" and \.type == "(branch|tag)"\)`)
)

// apply does to an environment what GitHub would do. The names are plain.
func apply(t *rapid.T, env *fact.Environment, command string) {
	if add := adds.FindStringSubmatch(command); add != nil {
		env.Patterns = append(env.Patterns, fact.RefPattern{Pattern: add[1], Kind: fact.RefKind(add[2])})
		return
	}
	if remove := removes.FindStringSubmatch(command); remove != nil {
		env.Patterns = slices.DeleteFunc(env.Patterns, func(each fact.RefPattern) bool { return each.Pattern == remove[1] && string(each.Kind) == remove[2] })
		return
	}
	_, text, _ := strings.Cut(command, "<<'JSON'\n")
	var body struct {
		Refs *struct {
			Custom bool `json:"custom_branch_policies"`
		} `json:"deployment_branch_policy"`
	}
	if err := json.Unmarshal([]byte(strings.TrimSuffix(text, "\nJSON")), &body); err != nil {
		t.Fatalf("read %q: %v", command, err)
	}
	env.Exists, env.Refs = true, fact.AllRefs
	if body.Refs != nil && body.Refs.Custom {
		env.Refs = fact.SelectedRefs
	}
}
