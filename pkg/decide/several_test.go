package decide_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

const deployFile = ".github/workflows/deploy.yml"

// twoProjects are api, of which only some files are part, and web, which is all of
// the repository; tools takes nothing but its own tags.
const twoProjects = `
version: 1
projects:
  api: { paths: ["services/api/**", go.mod] }
  web: { stages: [{ name: prod, gates: { on-branch: { branch: release } } }] }
  tools: { stages: [{ name: prod, from: { tags: ["tools/v*"] } }] }
stages:
  - name: prod
    environment: "{project}-production"
    from: { branches: [main], tags: ["{project}/v*"] }
    deployed-by: { workflow: .github/workflows/deploy.yml, job: "deploy-{project}" }
    break-glass: { mode: "off" }
    gates: { on-branch: {} }
`

func parsed(t *testing.T, text string) policy.Policy {
	t.Helper()
	made, err := policy.Parse("policy.yml", []byte(text), gate.All())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// changed are the facts of a run after a deployment of api since which files changed.
func changed(ref fact.Ref, files []string, changes ...func(*fact.Set, *fact.Range)) fact.Set {
	set := facts(ref)
	run := &fact.DeploymentRun{ID: 7, Attempt: 1, Workflow: deployFile, Job: "deploy-api", Head: other}
	span := fact.Range{Base: fact.RangeCommit{Commit: fact.Commit{SHA: other}}, Run: run, Files: fact.Of(files, source)}
	set.LastDeployments = map[string]fact.Known[fact.LastDeployment]{
		fact.JobOf{Workflow: deployFile, Job: "deploy-api"}.Need().Key: fact.Of(fact.LastDeployment{Run: run, Settled: true}, source),
	}
	set.Containment["release"] = fact.Of(fact.Containment{Branch: "release", Contained: true, Status: "behind"}, source)
	for _, change := range changes {
		change(&set, &span)
	}
	if set.Ranges == nil {
		set.Ranges = map[string]fact.Known[fact.Range]{ofAPI: fact.Of(span, source)}
	}
	return set
}

var ofAPI = fact.RangeFrom{Workflow: deployFile, Job: "deploy-api"}.Need().Key

func decideAll(t *testing.T, set fact.Set) verdict.Several {
	t.Helper()
	return decide.NewSeveral(parsed(t, twoProjects), set).Decide(set)
}

// outcome is what became of each project, in the order of what was decided and then
// of what was not.
func outcome(s verdict.Several) string {
	var parts []string
	for _, each := range s.Projects {
		parts = append(parts, each.Project+" "+each.Decision.String())
	}
	for _, left := range s.Aside {
		parts = append(parts, left.Project+" "+left.Code)
	}
	return fmt.Sprintf("%s %s: %s", s.Decision, s.Code, strings.Join(parts, ", "))
}

// Only a whole list of files, from the newest deployment of all, says that nothing
// changed.
func TestWhatIsUnchanged(t *testing.T) {
	t.Parallel()
	const decided, left = "allow ready: api allow, web allow, tools ref.unmatched", "allow ready: web allow, api project.unchanged, tools ref.unmatched"
	elsewhere := []string{"services/web/x", "README.md"}
	lose := func(change func(*fact.Set, *fact.Range)) fact.Set {
		return changed("refs/heads/main", elsewhere, change)
	}
	for name, row := range map[string]struct {
		facts fact.Set
		want  string
	}{
		"a file of the project":         {changed("refs/heads/main", []string{"services/api/a/b.go"}), decided},
		"a file that it names":          {changed("refs/heads/main", []string{"README.md", "go.mod"}), decided},
		"a file of that name elsewhere": {changed("refs/heads/main", []string{"services/web/go.mod"}), left},
		"a folder whose name goes on":   {changed("refs/heads/main", []string{"services/api-gateway/x"}), left},
		"another case":                  {changed("refs/heads/main", []string{"services/API/x"}), left},
		"no list of files":              {lose(func(_ *fact.Set, r *fact.Range) { r.Files = fact.Known[[]string]{} }), decided},
		"a list that is cut":            {lose(func(_ *fact.Set, r *fact.Range) { r.Files = fact.Lost[[]string](fact.Missing{Reason: fact.Incomplete}) }), decided},
		"a baseline in place of a run":  {lose(func(_ *fact.Set, r *fact.Range) { r.Run = nil }), decided},
		"no base":                       {lose(func(_ *fact.Set, r *fact.Range) { r.Base = fact.RangeCommit{} }), decided},
		"no range":                      {lose(func(s *fact.Set, _ *fact.Range) { s.Ranges = map[string]fact.Known[fact.Range]{} }), decided},
		"a range that could not be read": {lose(func(s *fact.Set, _ *fact.Range) {
			s.Ranges = map[string]fact.Known[fact.Range]{ofAPI: fact.Lost[fact.Range](fact.Missing{Reason: fact.Forbidden})}
		}), decided},
		"nobody knows what is there now": {lose(func(s *fact.Set, _ *fact.Range) { s.LastDeployments = nil }), decided},
		"another branch was deployed since": {lose(func(s *fact.Set, _ *fact.Range) {
			s.LastDeployments[fact.JobOf{Workflow: deployFile, Job: "deploy-api"}.Need().Key] = fact.Of(fact.LastDeployment{Run: &fact.DeploymentRun{ID: 8, Attempt: 1}, Settled: true}, source)
		}), decided},
		"the same run was started again": {lose(func(s *fact.Set, _ *fact.Range) {
			s.LastDeployments[fact.JobOf{Workflow: deployFile, Job: "deploy-api"}.Need().Key] = fact.Of(fact.LastDeployment{Run: &fact.DeploymentRun{ID: 7, Attempt: 2}, Settled: true}, source)
		}), decided},
		"something else was tried since": {lose(func(s *fact.Set, r *fact.Range) {
			s.LastDeployments[fact.JobOf{Workflow: deployFile, Job: "deploy-api"}.Need().Key] = fact.Of(fact.LastDeployment{Run: r.Run}, source)
		}), decided},
		"a rollback is asked for": {lose(func(s *fact.Set, _ *fact.Range) { s.Trigger.Rollback = true }), "error deployed-before.not-asked: api error, web error, tools ref.unmatched"},
		"nothing changed at all":  {changed("refs/heads/main", nil), left},
		"files of others":         {changed("refs/heads/main", elsewhere), left},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := outcome(decideAll(t, row.facts)); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestWhichProjectsAReferenceConcerns(t *testing.T) {
	t.Parallel()
	for ref, want := range map[fact.Ref]string{
		"refs/heads/other":        "deny ref.unmatched: api ref.unmatched, web ref.unmatched, tools ref.unmatched",
		"refs/tags/v1.0.0":        "deny ref.unmatched: api ref.unmatched, web ref.unmatched, tools ref.unmatched",
		"refs/tags/apiX/v1.0.0":   "deny ref.unmatched: api ref.unmatched, web ref.unmatched, tools ref.unmatched",
		"refs/tags/main":          "deny ref.type-mismatch: api ref.type-mismatch, web ref.type-mismatch, tools ref.unmatched",
		"refs/tags/api/v1.0.0":    "allow ready: api allow, web ref.unmatched, tools ref.unmatched",
		"refs/tags/tools/v1.0.0":  "allow ready: tools allow, api ref.unmatched, web ref.unmatched",
		"refs/heads/tools/v1.0.0": "deny ref.unmatched: api ref.unmatched, web ref.unmatched, tools ref.type-mismatch",
	} {
		if got := outcome(decideAll(t, changed(ref, []string{"README.md"}))); got != want {
			t.Errorf("%s: got %s, want %s", ref, got, want)
		}
	}
	picked := changed("refs/heads/main", []string{"go.mod"})
	picked.Trigger.Stage = "live"
	if got := outcome(decideAll(t, picked)); got != "error stage.unknown: api stage.unknown, web stage.unknown, tools stage.unknown" {
		t.Errorf("a stage that no project has: %s", got)
	}
}

// More than one stage that takes the reference is for somebody to mend, in that
// project; the others stand.
func TestAProjectWithTwoStagesForOneBranch(t *testing.T) {
	t.Parallel()
	set := facts("refs/heads/main")
	rules := parsed(t, `
version: 1
projects:
  api: { stages: [{ name: live, from: { branches: ["*"] }, environment: api-live, unrestricted: true }] }
  web: {}
stages:
  - { name: prod, environment: "{project}", from: { branches: [main] }, gates: { on-branch: {} } }
`)
	if got := outcome(decide.NewSeveral(rules, set).Decide(set)); got != "error ref.ambiguous: api error, web allow" {
		t.Errorf("got %s", got)
	}
}

// Who names a project gets the whole answer about it, and no other.
func TestOneProject(t *testing.T) {
	t.Parallel()
	for project, want := range map[string]string{
		"": "error project.unknown ", "app": "error project.unknown ", "API": "error project.unknown ", "api": "allow ready api", "tools": "deny ref.unmatched tools",
	} {
		set := changed("refs/heads/main", nil)
		set.Trigger.Project = project
		got := run(t, parsed(t, twoProjects), set)
		if said := fmt.Sprintf("%s %s %s", got.Decision, got.Code, got.Project); said != want {
			t.Errorf("%q: got %s, want %s", project, said, want)
		}
	}
	alone := facts("refs/heads/main")
	alone.Trigger.Project = "api"
	if got := run(t, rules(t, verdict.Enforce), alone); got.Decision != verdict.Errored || got.Code != "project.unknown" {
		t.Errorf("a policy without projects: %s %s", got.Decision, got.Code)
	}
}

// No project has a say in the verdict of another: that of each is, to the letter,
// the one that it has alone, whatever is lost.
func TestEachProjectIsDecidedAsIfAlone(t *testing.T) {
	t.Parallel()
	whole := changed("refs/heads/main", []string{"go.mod"})
	policies := parsed(t, twoProjects)
	losses := append([]fact.Need{{}}, decide.NewSeveral(policies, whole).Needs()...)
	before := decide.NewSeveral(policies, whole).Decide(whole)
	for _, loss := range losses {
		set := whole
		if loss != (fact.Need{}) {
			set = whole.Without(loss)
		}
		got := decide.NewSeveral(policies, set).Decide(set)
		for _, each := range got.Projects {
			alone := set
			alone.Trigger.Project = each.Project
			want := run(t, policies, alone)
			want.Trigger.Project = ""
			if diff := cmp.Diff(want, each); diff != "" {
				t.Errorf("without %s, %s (-alone +among others):\n%s", loss, each.Project, diff)
			}
		}
		for _, allowed := range got.Allowed() {
			if !slices.ContainsFunc(before.Allowed(), func(v verdict.Verdict) bool { return v.Project == allowed.Project }) {
				t.Errorf("without %s, %s is allowed, and was not with it", loss, allowed.Project)
			}
		}
	}
}

func TestTheNeedsOfSeveralAreAskedOnce(t *testing.T) {
	t.Parallel()
	set := changed("refs/heads/main", nil)
	needs := decide.NewSeveral(parsed(t, twoProjects), set).Needs()
	for i, need := range needs {
		if slices.Contains(needs[:i], need) {
			t.Errorf("%s is there twice", need)
		}
	}
	for _, want := range []fact.Need{{Kind: fact.NeedRefTarget}, {Kind: fact.NeedRange, Key: ofAPI}, {Kind: fact.NeedContainment, Key: "release"}} {
		if !slices.Contains(needs, want) {
			t.Errorf("%s is not asked for", want)
		}
	}
	if slices.ContainsFunc(needs, func(need fact.Need) bool { return strings.Contains(need.Key, "deploy-tools") }) {
		t.Error("a project that the reference does not concern is asked about")
	}
}
