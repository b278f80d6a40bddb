package decide_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

const blocker = "release-blocker"

var (
	noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	olga = fact.Person{ID: 21, Login: "olga", Kind: fact.User}
	job  = fact.JobOf{Workflow: ".github/workflows/deploy.yml", Job: "deploy-prod"}
)

// with binds a gate to parameters.
func with(tb testing.TB, id, params string) gate.Check {
	tb.Helper()
	all := gate.All()
	index := slices.IndexFunc(all, func(g gate.Gate) bool { return g.ID == id })
	if index < 0 {
		tb.Fatalf("no gate %q", id)
	}
	check, err := all[index].Bind(func(into any) error { return yaml.Load([]byte(params), into) }, gate.Terms{})
	if err != nil {
		tb.Fatal(err)
	}
	return check
}

// laned has a stage "prod" with one firm gate, "on-branch", and one that is not,
// "no-blockers", and both other ways to it, which "deployer-allowed" guards here
// in the place of the gates of these ways. "urgent" is its hotfix lane.
func laned(tb testing.TB, changes ...func(*policy.Stage)) policy.Policy {
	tb.Helper()
	pattern := func(text string) []stage.Pattern {
		parsed, err := stage.ParsePattern(text)
		if err != nil {
			tb.Fatal(err)
		}
		return []stage.Pattern{parsed}
	}
	guard := with(tb, "deployer-allowed", "by: maintain")
	blockers := policy.Gate{Check: with(tb, "no-blockers", "labels: ["+blocker+"]"), Origin: "test"}
	prod := policy.Stage{
		Name: "prod", Environment: "production", Rule: stage.Rule{Stage: "prod", Branches: pattern("main"), Events: stage.DefaultEvents()},
		Gates: []policy.Gate{{Check: with(tb, "on-branch", "{}"), Origin: "test"}, blockers},
		Lanes: map[verdict.Lane]policy.Lane{
			verdict.Rollback: {Check: guard, Origin: "test"}, verdict.BreakGlass: {Check: guard, Origin: "test"},
		},
	}
	for _, change := range changes {
		change(&prod)
	}
	return policy.Policy{Stages: []policy.Stage{
		{Name: "dev", Environment: "development", Unrestricted: true, Rule: stage.Rule{Stage: "dev", Branches: pattern("dev"), Events: stage.DefaultEvents()}},
		prod,
		{
			Name: "urgent", HotfixFor: "prod", Environment: "production", DeployedBy: prod.DeployedBy,
			Rule:  stage.Rule{Stage: "urgent", For: "prod", Branches: pattern("hotfix/*"), Events: stage.DefaultEvents()},
			Gates: []policy.Gate{blockers},
		},
	}}
}

// going are facts of a run by olga in which every gate is met.
func going(ref fact.Ref, changes ...func(*fact.Set)) fact.Set {
	set := facts(ref)
	set.At = fact.Of(noon, source)
	set.Trigger.Actor, set.Trigger.TriggeringActor = "olga", "olga"
	set.Access = map[string]fact.Known[fact.Access]{"olga": fact.Of(fact.Access{Person: olga, Permission: fact.MaintainPermission}, source)}
	set.OpenIssues = map[string]fact.Known[fact.OpenIssues]{blocker: fact.Of(fact.OpenIssues{Label: blocker, LabelExists: true}, source)}
	for _, change := range changes {
		change(&set)
	}
	return set
}

func back(set *fact.Set)  { set.Trigger.Rollback = true }
func glass(set *fact.Set) { set.Trigger.BreakGlass = "payments fail" }

func blocked(set *fact.Set) {
	set.OpenIssues = map[string]fact.Known[fact.OpenIssues]{blocker: fact.Of(fact.OpenIssues{
		Label: blocker, LabelExists: true, Total: 1, Newest: []fact.Issue{{Number: 3, Title: "Login fails", Open: true}},
	}, source)}
}

func noLabel(set *fact.Set) {
	set.OpenIssues = map[string]fact.Known[fact.OpenIssues]{blocker: fact.Of(fact.OpenIssues{Label: blocker}, source)}
}

func unread(set *fact.Set) {
	set.OpenIssues = map[string]fact.Known[fact.OpenIssues]{blocker: fact.Lost[fact.OpenIssues](fact.Missing{Reason: fact.Forbidden})}
}

func elsewhere(set *fact.Set) {
	set.Containment = map[string]fact.Known[fact.Containment]{"$default-branch": fact.Of(fact.Containment{Branch: "main", Status: "diverged"}, source)}
}

func nobody(set *fact.Set) {
	set.Access = map[string]fact.Known[fact.Access]{"olga": fact.Of(fact.Access{Person: olga, Permission: fact.WritePermission}, source)}
}

func unknownPerson(set *fact.Set) { set.Access = nil }

func moved(set *fact.Set) {
	set.RefTarget = fact.Of(fact.RefTarget{Exists: true, Object: other, Commit: other}, source)
}

func keeping(lane verdict.Lane, ids ...string) func(*policy.Stage) {
	return func(s *policy.Stage) {
		opened := s.Lanes[lane]
		opened.Keeps = ids
		s.Lanes[lane] = opened
	}
}

func shut(lane verdict.Lane, why string) func(*policy.Stage) {
	return func(s *policy.Stage) {
		delete(s.Lanes, lane)
		s.Shut = map[verdict.Lane]string{lane: why}
	}
}

func TestLanes(t *testing.T) {
	t.Parallel()
	type changes = []func(*fact.Set)
	type rules = []func(*policy.Stage)
	for name, row := range map[string]struct {
		rules    rules
		ref      fact.Ref
		changes  changes
		decision verdict.Decision
		code     string
	}{
		"a rollback and breaking the glass at once":           {ref: "refs/heads/main", changes: changes{back, glass}, decision: verdict.Denied, code: "lane.ambiguous"},
		"a rollback where the way is shut":                    {rules: rules{shut(verdict.Rollback, "")}, ref: "refs/heads/main", changes: changes{back}, decision: verdict.Denied, code: "lane.closed"},
		"breaking the glass where the way is shut":            {rules: rules{shut(verdict.BreakGlass, "")}, ref: "refs/heads/main", changes: changes{glass}, decision: verdict.Denied, code: "lane.closed"},
		"a rollback of a stage that asks for nothing":         {ref: "refs/heads/dev", changes: changes{back}, decision: verdict.Denied, code: "lane.closed"},
		"breaking the glass of a stage that asks for nothing": {ref: "refs/heads/dev", changes: changes{glass}, decision: verdict.Denied, code: "lane.closed"},
		"a rollback of a hotfix":                              {ref: "refs/heads/hotfix/1", changes: changes{back}, decision: verdict.Denied, code: "lane.closed"},
		"breaking the glass for a hotfix":                     {ref: "refs/heads/hotfix/1", changes: changes{glass}, decision: verdict.Denied, code: "lane.closed"},

		"a rollback whose guard says no":                    {ref: "refs/heads/main", changes: changes{back, nobody}, decision: verdict.Denied, code: "deployer-allowed.actor"},
		"a rollback whose guard does not know":              {ref: "refs/heads/main", changes: changes{back, unknownPerson}, decision: verdict.Errored, code: "deployer-allowed.not-asked"},
		"a rollback with a firm gate that is not met":       {ref: "refs/heads/main", changes: changes{back, elsewhere}, decision: verdict.Denied, code: "on-branch.not-contained"},
		"a rollback of a branch that is gone":               {ref: "refs/heads/main", changes: changes{back, func(s *fact.Set) { s.RefTarget = fact.Of(fact.RefTarget{}, source) }}, decision: verdict.Denied, code: "ref-unmoved.gone"},
		"a rollback with a kept gate that is not met":       {rules: rules{keeping(verdict.Rollback, "no-blockers")}, ref: "refs/heads/main", changes: changes{back, blocked}, decision: verdict.Waiting, code: "no-blockers.open"},
		"a rollback with a gate that lapses":                {ref: "refs/heads/main", changes: changes{back, blocked}, decision: verdict.Allowed, code: "rollback"},
		"a rollback with a gate that nobody could ask":      {ref: "refs/heads/main", changes: changes{back, unread}, decision: verdict.Allowed, code: "rollback"},
		"keeps of the other way":                            {rules: rules{keeping(verdict.BreakGlass, "no-blockers")}, ref: "refs/heads/main", changes: changes{back, blocked}, decision: verdict.Allowed, code: "rollback"},
		"a rollback that the ordinary way would allow":      {ref: "refs/heads/main", changes: changes{back}, decision: verdict.Allowed, code: "rollback"},
		"no rollback, with a gate that would lapse":         {ref: "refs/heads/main", changes: changes{blocked}, decision: verdict.Waiting, code: "no-blockers.open"},
		"no rollback, with a guard that would say no":       {ref: "refs/heads/main", changes: changes{nobody}, decision: verdict.Allowed, code: "ready"},
		"no glass, with a gate that would be got past":      {ref: "refs/heads/main", changes: changes{noLabel}, decision: verdict.Denied, code: "no-blockers.no-label"},
		"no glass, with a gate that nobody could ask":       {ref: "refs/heads/main", changes: changes{unread}, decision: verdict.Errored, code: "no-blockers.forbidden"},
		"a broken glass whose guard says no":                {ref: "refs/heads/main", changes: changes{glass, nobody}, decision: verdict.Denied, code: "deployer-allowed.actor"},
		"the same, with gates that are not met":             {ref: "refs/heads/main", changes: changes{glass, nobody, blocked}, decision: verdict.Denied, code: "deployer-allowed.actor"},
		"a broken glass whose guard does not know":          {ref: "refs/heads/main", changes: changes{glass, unknownPerson, blocked}, decision: verdict.Errored, code: "deployer-allowed.not-asked"},
		"a guard that is not known, and a gate that is no":  {ref: "refs/heads/main", changes: changes{glass, unknownPerson, noLabel}, decision: verdict.Errored, code: "deployer-allowed.not-asked"},
		"a guard that says no, and a gate nobody could ask": {ref: "refs/heads/main", changes: changes{glass, nobody, unread}, decision: verdict.Denied, code: "deployer-allowed.actor"},
		"the same, where the gate is kept":                  {rules: rules{keeping(verdict.BreakGlass, "no-blockers")}, ref: "refs/heads/main", changes: changes{glass, nobody, unread}, decision: verdict.Errored, code: "no-blockers.forbidden"},
		"a broken glass with a firm gate":                   {ref: "refs/heads/main", changes: changes{glass, blocked, elsewhere}, decision: verdict.Denied, code: "on-branch.not-contained"},
		"a broken glass with a firm gate nobody knows":      {ref: "refs/heads/main", changes: changes{glass, func(s *fact.Set) { s.Containment = nil }}, decision: verdict.Errored, code: "on-branch.not-asked"},
		"a broken glass with a reference that moved":        {ref: "refs/heads/main", changes: changes{glass, moved}, decision: verdict.Denied, code: "ref-unmoved.moved"},
		"a broken glass with a kept gate":                   {rules: rules{keeping(verdict.BreakGlass, "no-blockers")}, ref: "refs/heads/main", changes: changes{glass, noLabel}, decision: verdict.Denied, code: "no-blockers.no-label"},
		"a broken glass with a gate that waits":             {ref: "refs/heads/main", changes: changes{glass, blocked}, decision: verdict.Allowed, code: "break-glass"},
		"a broken glass with a gate that fails":             {ref: "refs/heads/main", changes: changes{glass, noLabel}, decision: verdict.Allowed, code: "break-glass"},
		"a broken glass with a gate nobody could ask":       {ref: "refs/heads/main", changes: changes{glass, unread}, decision: verdict.Allowed, code: "break-glass"},
		"a broken glass although everything is met":         {ref: "refs/heads/main", changes: changes{glass}, decision: verdict.Allowed, code: "break-glass"},
		"a hotfix with a gate of its own":                   {ref: "refs/heads/hotfix/1", changes: changes{noLabel}, decision: verdict.Denied, code: "no-blockers.no-label"},
		"a hotfix without the gates of the stage":           {ref: "refs/heads/hotfix/1", changes: changes{elsewhere}, decision: verdict.Allowed, code: "hotfix"},
		"a hotfix of a reference that moved":                {ref: "refs/heads/hotfix/1", changes: changes{moved}, decision: verdict.Denied, code: "ref-unmoved.moved"},
		"a branch that is deeper than the lane accepts":     {ref: "refs/heads/hotfix/1/2", decision: verdict.Denied, code: "ref.unmatched"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := run(t, laned(t, row.rules...), going(row.ref, row.changes...))
			if result.Decision != row.decision || result.Code != row.code {
				t.Errorf("got %s %s (%s), want %s %s", result.Decision, result.Code, result.Reason, row.decision, row.code)
			}
			if result.Decision == verdict.Denied && len(result.Findings) == 0 && (result.Reason == "" || result.Fix == "") && result.Code != "ref.unmatched" {
				t.Errorf("nobody is told why or what to do: %+v", result)
			}
		})
	}
}

func outcomes(result verdict.Verdict) string {
	var said []string
	for _, each := range result.Findings {
		said = append(said, fmt.Sprintf("%s %s %s", each.Gate, each.Outcome, each.Code))
	}
	return strings.Join(said, ", ")
}

func TestWhatALaneShows(t *testing.T) {
	t.Parallel()
	rollback := run(t, laned(t), going("refs/heads/main", back, blocked))
	if got, want := outcomes(rollback), "deployer-allowed pass , ref-unmoved pass , on-branch pass , no-blockers skip rollback"; got != want {
		t.Errorf("a rollback says\n%s, want\n%s", got, want)
	}
	for _, change := range []func(*fact.Set){blocked, unread} {
		broken := run(t, laned(t), going("refs/heads/main", glass, change))
		if got, want := outcomes(broken), "deployer-allowed pass , ref-unmoved pass , on-branch pass , no-blockers waived break-glass"; got != want {
			t.Errorf("a broken glass says\n%s, want\n%s", got, want)
		}
		last := broken.Findings[len(broken.Findings)-1]
		if !strings.Contains(last.Reason, "the glass was broken: ") || len(last.Reason) < 50 {
			t.Errorf("the gate does not say what it found: %q", last.Reason)
		}
		if broken.Way == nil || broken.Way.Lane != verdict.BreakGlass || broken.Way.Reason != "payments fail" {
			t.Errorf("the way is %+v", broken.Way)
		}
	}
	whole := run(t, laned(t), going("refs/heads/main", glass, nobody, blocked))
	if got := outcomes(whole); !strings.HasSuffix(got, "no-blockers wait open") {
		t.Errorf("the glass is whole, and a gate is waived: %s", got)
	}
}

func TestAHotfixIsAboutItsStage(t *testing.T) {
	t.Parallel()
	for _, pick := range []string{"", "prod", "urgent"} {
		set := going("refs/heads/hotfix/1")
		set.Trigger.Stage = pick
		result := run(t, laned(t), set)
		if result.Decision != verdict.Allowed || result.Stage.Name != "prod" || result.Stage.Environment != "production" {
			t.Errorf("picked %q: %s %s for %+v", pick, result.Decision, result.Code, result.Stage)
		}
		if diff := cmp.Diff(&verdict.Way{Lane: verdict.Hotfix, Section: "urgent"}, result.Way); diff != "" {
			t.Error(diff)
		}
		if !slices.Equal(result.Progression, []string{"dev", "prod"}) {
			t.Errorf("the progression is %q", result.Progression)
		}
	}
	set := going("refs/heads/hotfix/1")
	set.Trigger.Stage = "dev"
	if result := run(t, laned(t), set); result.Code != "stage.not-picked" {
		t.Errorf("picked dev: %s", result.Code)
	}
	set = going("refs/heads/main")
	set.Trigger.Stage = "urgent"
	if result := run(t, laned(t), set); result.Code != "stage.not-picked" {
		t.Errorf("picked the lane for main: %s", result.Code)
	}
	if result := run(t, laned(t), going("refs/heads/main")); result.Way != nil || result.Code != "ready" {
		t.Errorf("main goes the way %+v", result.Way)
	}
}

func TestAShutWaySaysWhy(t *testing.T) {
	t.Parallel()
	result := run(t, laned(t, shut(verdict.Rollback, "deployed-by: name the job")), going("refs/heads/main", back))
	if !strings.Contains(result.Reason, "a rollback") || !strings.HasSuffix(result.Reason, ": deployed-by: name the job") || !strings.Contains(result.Fix, `"rollback"`) {
		t.Errorf("reason %q, fix %q", result.Reason, result.Fix)
	}
	if result.Way != nil && result.Way.Unknown != "" {
		t.Errorf("a way that nobody goes knows %+v", result.Way)
	}
}

func kinds(needs []fact.Need) string {
	var all []string
	for _, need := range needs {
		all = append(all, string(need.Kind))
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

func TestOnlyWhatIsAskedIsRead(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		rules []func(*policy.Stage)
		set   fact.Set
		want  string
	}{
		"the ordinary way":               {nil, going("refs/heads/main"), "containment open-issues ref-target"},
		"a rollback":                     {nil, going("refs/heads/main", back), "containment permission ref-target"},
		"a rollback that keeps":          {[]func(*policy.Stage){keeping(verdict.Rollback, "no-blockers")}, going("refs/heads/main", back), "containment open-issues permission ref-target"},
		"a broken glass":                 {nil, going("refs/heads/main", glass), "containment open-issues permission ref-target"},
		"a way that is shut":             {[]func(*policy.Stage){shut(verdict.Rollback, "")}, going("refs/heads/main", back), ""},
		"two ways":                       {nil, going("refs/heads/main", back, glass), ""},
		"a hotfix":                       {nil, going("refs/heads/hotfix/1"), "open-issues ref-target"},
		"what is deployed, to be shown":  {[]func(*policy.Stage){deployed}, going("refs/heads/main"), "containment open-issues range ref-target"},
		"the same of a broken glass":     {[]func(*policy.Stage){deployed}, going("refs/heads/main", glass), "containment open-issues permission range ref-target"},
		"the same of a hotfix":           {[]func(*policy.Stage){deployed}, going("refs/heads/hotfix/1"), "open-issues range ref-target"},
		"what a rollback goes back from": {[]func(*policy.Stage){deployed}, going("refs/heads/main", back), "containment last-deployment permission ref-target"},
		"a stage that asks for nothing":  {[]func(*policy.Stage){deployed}, going("refs/heads/dev"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := kinds(decide.NewPlan(laned(t, row.rules...), row.set).Needs()); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func deployed(s *policy.Stage) { s.DeployedBy = job }

func TestWhatARollbackGoesBackFrom(t *testing.T) {
	t.Parallel()
	last := &fact.DeploymentRun{Workflow: job.Workflow, Job: job.Job, Head: other}
	known := func(of fact.Known[fact.LastDeployment]) func(*fact.Set) {
		return func(set *fact.Set) {
			set.LastDeployments = map[string]fact.Known[fact.LastDeployment]{job.Need().Key: of}
		}
	}
	for name, row := range map[string]struct {
		rules   []func(*policy.Stage)
		set     fact.Set
		from    *fact.DeploymentRun
		unknown string
	}{
		"the policy names no job":  {nil, going("refs/heads/main", back), nil, "deployed-by"},
		"nobody knows":             {[]func(*policy.Stage){deployed}, going("refs/heads/main", back), nil, "not-asked"},
		"nothing was deployed yet": {[]func(*policy.Stage){deployed}, going("refs/heads/main", back, known(fact.Of(fact.LastDeployment{}, source))), nil, "nothing was deployed"},
		"the last deployment":      {[]func(*policy.Stage){deployed}, going("refs/heads/main", back, known(fact.Of(fact.LastDeployment{Run: last}, source))), last, ""},
	} {
		result := run(t, laned(t, row.rules...), row.set)
		if diff := cmp.Diff(row.from, result.Way.From); diff != "" || !strings.Contains(result.Way.Unknown, row.unknown) || (row.unknown == "") != (result.Way.Unknown == "") {
			t.Errorf("%s: %+v", name, result.Way)
		}
		if result.Decision != verdict.Allowed || result.Changes != nil {
			t.Errorf("%s: %s, changes %+v", name, result.Decision, result.Changes)
		}
	}
}

// lose takes facts away, any of them.
func lose(t *rapid.T, set fact.Set) fact.Set {
	for _, need := range []fact.Need{
		{Kind: fact.NeedRefTarget},
		{Kind: fact.NeedContainment, Key: "$default-branch"},
		{Kind: fact.NeedOpenIssues, Key: blocker},
		fact.Permissible(fact.Actor),
		job.Need(),
		fact.RangeFrom{Workflow: job.Workflow, Job: job.Job}.Need(),
	} {
		if rapid.Bool().Draw(t, "lose "+need.String()) {
			set = set.Without(need)
		}
	}
	if rapid.Bool().Draw(t, "lose the time") {
		set.At = fact.Known[time.Time]{}
	}
	return set
}

// Whatever way a run goes and whatever the policy says of it: taking facts away
// opens nothing.
func TestALossOpensNothingOnAnyWay(t *testing.T) {
	t.Parallel()
	modes := []verdict.Mode{verdict.Enforce, verdict.Warn, verdict.Off}
	rapid.Check(t, func(rt *rapid.T) {
		rules := laned(t, deployed)
		if rapid.Bool().Draw(rt, "keep") {
			keeping(verdict.Rollback, "no-blockers")(&rules.Stages[1])
			keeping(verdict.BreakGlass, "no-blockers")(&rules.Stages[1])
		}
		for i := range rules.Stages[1].Gates {
			rules.Stages[1].Gates[i].Mode = rapid.SampledFrom(modes).Draw(rt, "mode")
			if rapid.Bool().Draw(rt, "waiver") {
				rules.Stages[1].Gates[i].Waiver = &policy.Waiver{By: "ben", Reason: "why", Until: noon.Add(time.Duration(rapid.IntRange(-1, 1).Draw(rt, "until")) * time.Hour)}
			}
		}
		set := going(rapid.SampledFrom([]fact.Ref{"refs/heads/main", "refs/heads/hotfix/1", "refs/heads/dev"}).Draw(rt, "ref"))
		for _, change := range []func(*fact.Set){back, glass, blocked, noLabel, elsewhere, nobody, moved} {
			if rapid.IntRange(0, 2).Draw(rt, "change") == 0 {
				change(&set)
			}
		}
		before, after := run(t, rules, set), run(t, rules, lose(rt, set))
		if !before.Allows() && after.Allows() {
			rt.Fatalf("%s %s became %s %s: %s", before.Decision, before.Code, after.Decision, after.Code, outcomes(after))
		}
	})
}
