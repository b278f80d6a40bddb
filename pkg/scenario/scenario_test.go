package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

var someday = time.Date(2026, 1, 13, 10, 0, 0, 0, time.UTC)

func rulesOf(tb testing.TB, text string) policy.Policy {
	tb.Helper()
	rules, err := policy.Parse("policy.yml", []byte(text), gate.All())
	if err != nil {
		tb.Fatal(err)
	}
	return rules
}

// small is a policy with a stage that asks for two things.
const small = `version: 1
stages:
  - name: dev
    from: { branches: [dev] }
    unrestricted: true
    data: synthetic
  - name: prod
    from: { tags: ["v*"] }
    data: production
    gates:
      signed-tag: {}
      on-branch: {}
`

func play(tb testing.TB, rules policy.Policy, scenarios string, recorded map[string]fact.Set) []Result {
	tb.Helper()
	file, err := Parse("x.test.yml", []byte(scenarios))
	if err != nil {
		tb.Fatal(err)
	}
	return file.Play(rules, recorded, func(string) bool { return true })
}

const bases = "version: 1\nbases:\n  release: { ref: refs/tags/v1.4.0 }\nscenarios:\n"

// What is not as expected is said, thing by thing, with why.
func TestWhatIsNotAsExpected(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		scenario string
		want     []Difference
		problem  string
	}{
		"another decision":                   {"{ expect: { decision: deny } }", []Difference{{What: "decision", Want: "deny", Got: "allow"}}, ""},
		"another stage":                      {"{ expect: { decision: allow, stage: dev } }", []Difference{{What: "stage", Want: "dev", Got: "prod"}}, ""},
		"a reason that is not there":         {"{ expect: { decision: allow, reasons: [signed-tag.unsigned] } }", []Difference{{What: "reason", Want: "signed-tag.unsigned", Why: "signed-tag is pass: …"}}, ""},
		"a reason of a gate not asked":       {"{ expect: { decision: allow, reasons: [approved.missing] } }", []Difference{{What: "reason", Want: "approved.missing", Why: "the run is not asked for that"}}, ""},
		"a reason that nobody expected":      {"{ but: { without: [tag-signature, containment] }, expect: { decision: deny, reasons: [signed-tag.unsigned] } }", []Difference{{What: "reason", Got: "on-branch.not-contained", Why: "…"}}, ""},
		"no reasons, and there is one":       {"{ but: { without: [containment] }, expect: { decision: deny, reasons: [on-branch.not-contained, signed-tag.unsigned] } }", []Difference{{What: "reason", Want: "signed-tag.unsigned", Why: "signed-tag is pass: …"}}, ""},
		"refused where it should be allowed": {"{ but: { without: [containment] }, expect: { decision: allow } }", []Difference{{What: "decision", Want: "allow", Got: "deny"}, {What: "reason", Got: "on-branch.not-contained", Why: "…"}}, ""},
		"another outcome of a gate":          {"{ expect: { decision: allow, gates: { signed-tag: fail } } }", []Difference{{What: "signed-tag", Want: "fail", Got: "pass", Why: "…"}}, ""},
		"a gate that is not asked":           {"{ expect: { decision: allow, gates: { approved: pass } } }", []Difference{{What: "approved", Want: "pass", Why: "the run is not asked for that"}}, ""},
		"evidence that the stage knows not":  {"{ but: { without: [approval:qa] }, expect: { decision: allow } }", nil, "without approval:qa: the stage prod asks for no such evidence; it asks for containment, move, tag-signature"},
		"a part where there are none":        {"{ but: { without: [containment:main] }, expect: { decision: allow } }", nil, "containment has no parts"},
		"a fact that is not needed":          {"{ but: { without: [\"fact:checks\"] }, expect: { decision: allow } }", nil, "needs no such fact"},
		"a change that is none":              {"{ but: { change: { nothing: { a: 1 } } }, expect: { decision: allow } }", nil, "nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inner := strings.TrimSuffix(strings.TrimPrefix(row.scenario, "{ "), " }")
			got := play(t, rulesOf(t, small), bases+"  - { name: it, base: release, "+inner+" }\n", nil)[0]
			for i := range got.Differences {
				got.Differences[i].Why = shortened(got.Differences[i].Why)
			}
			if diff := cmp.Diff(row.want, got.Differences); diff != "" || !strings.Contains(got.Problem, row.problem) || row.problem == "" && got.Problem != "" {
				t.Errorf("problem %q, (-want +got)\n%s", got.Problem, diff)
			}
			if got.Holds() {
				t.Error("it holds")
			}
		})
	}
}

// shortened keeps what the tests are about.
func shortened(why string) string {
	switch before, _, found := strings.Cut(why, "is pass: "); {
	case found:
		return before + "is pass: …"
	case why == "" || why == "the run is not asked for that":
		return why
	}
	return "…"
}

func TestWhatHolds(t *testing.T) {
	t.Parallel()
	for _, each := range play(t, rulesOf(t, small), bases+`
  - { name: all of it, base: release, expect: { decision: allow, stage: prod, gates: { signed-tag: pass, ref-unmoved: pass } } }
  - { name: nothing is said of reasons, base: release, but: { without: [tag-signature] }, expect: { decision: deny } }
  - { name: each reason, base: release, but: { without: [tag-signature, containment] }, expect: { decision: deny, reasons: [on-branch.not-contained, signed-tag.unsigned] } }
  - { name: what could not be read, base: release, but: { without: ["fact:tag"] }, expect: { decision: error, reasons: [signed-tag.not-asked], gates: { signed-tag: unknown, on-branch: pass } } }
  - { name: another ref, base: release, but: { ref: refs/heads/dev }, expect: { decision: allow, stage: dev } }
  - { name: no stage, base: release, but: { ref: refs/heads/elsewhere }, expect: { decision: deny, reasons: [ref.unmatched] } }
  - { name: an event, base: release, but: { event: schedule }, expect: { decision: deny, reasons: [ref.event-not-allowed] } }
  - { name: a delta, base: release, but: { change: { containment: { $default-branch: { value: { contained: false, status: diverged } } } } }, expect: { decision: deny, reasons: [on-branch.not-contained] } }
  - { name: somebody whom nobody knows signed, base: release, but: { people: { maintain-1: write } }, expect: { decision: deny } }
`, nil) {
		if !each.Holds() {
			t.Errorf("%s: %s %+v", each.Name, each.Problem, each.Differences)
		}
	}
}

// What was recorded is played as it is, and changed like what is made up. It is never
// written into.
func TestRecordedRuns(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, small)
	world := suppose.New(suppose.About{Repository: "acme/shop", DefaultBranch: "main", Ref: "refs/tags/v1.4.0", Event: "push", At: someday})
	before, err := world.Facts.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	const file = "version: 1\nbases: { friday: { facts: friday.json } }\nscenarios:\n" +
		"  - { name: as it was, base: friday, expect: { decision: error } }\n" +
		"  - { name: with all, base: friday, but: { with: [tag-signature, containment] }, expect: { decision: allow } }\n" +
		"  - { name: as it was again, base: friday, expect: { decision: error } }\n"
	for _, each := range play(t, rules, file, map[string]fact.Set{"friday.json": world.Facts}) {
		if !each.Holds() {
			t.Errorf("%s: %s %+v", each.Name, each.Problem, each.Differences)
		}
		if each.Verdict.Allows() {
			t.Errorf("%s: a verdict of a test opens something", each.Name)
		}
	}
	if after, err := world.Facts.Marshal(); err != nil || string(before) != string(after) {
		t.Errorf("the recorded facts have changed (%v)", err)
	}
	if results := play(t, rules, file, nil); !strings.Contains(results[0].Problem, "friday.json were not read") {
		t.Errorf("without the file: %+v", results[0])
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"version: 2\nbases: { a: { ref: refs/heads/main } }\nscenarios: [{ name: x, base: a, expect: { decision: allow } }]":               "version 2",
		"version: 1\nbases: { a: {} }\nscenarios: [{ name: x, base: a, expect: { decision: allow } }]":                                     "neither facts nor a ref",
		bases + "  - { name: x, base: relese, expect: { decision: allow } }":                                                               `did you mean "release"`,
		bases + "  - { name: x, base: release, expect: { decision: allowed } }":                                                            `did you mean "allow"`,
		bases + "  - { name: x, base: release, expect: {} }":                                                                               "decision",
		bases + "  - { name: x, base: release, but: { at: tomorrow }, expect: { decision: allow } }":                                       "is not a time with its zone",
		bases + "  - { name: x, base: release, but: { at: 0001-01-01T00:00:00Z }, expect: { decision: allow } }":                           "before 2008",
		bases + "  - { name: x, base: release, but: { at: 2026-02-30T00:00:00Z }, expect: { decision: allow } }":                           "no such day",
		bases + "  - { name: x, base: release, but: { with: [\"fact:tag\"] }, expect: { decision: allow } }":                               "facts can only be taken away",
		bases + "  - { name: x, base: release, but: { without: [\"fact:tags\"] }, expect: { decision: allow } }":                           "no such kind of fact",
		bases + "  - { name: x, base: release, but: { without: [\"approval:\"] }, expect: { decision: allow } }":                           "a word and a name",
		bases + "  - { name: x, base: release, but: { facts: a.json }, expect: { decision: allow } }":                                      "belongs to a run of its own",
		bases + "  - { name: x, base: release, but: { event: pushed }, expect: { decision: allow } }":                                      `did you mean "push"`,
		bases + "  - { name: x, base: release, but: { ref: main }, expect: { decision: allow } }":                                          "full name",
		bases + "  - { name: x, base: release, expect: { decision: allow } }\n  - { name: x, base: release, expect: { decision: allow } }": "already in line 5",
	} {
		if _, err := Parse("x.test.yml", []byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s\ngot %v, want %q", text, err, says)
		}
	}
}

// Only what holds shows something, and only all of it is 100 percent.
func TestCoverage(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, small)
	results := play(t, rules, bases+`
  - { name: met, base: release, expect: { decision: allow } }
  - { name: wrong, base: release, but: { without: [containment] }, expect: { decision: allow } }
`, nil)
	got := Cover(rules, results)
	want := []string{
		"dev: no run is for this stage", "prod: signed-tag is never in the way", "prod: on-branch is never in the way", "no run is refused because no stage takes it",
	}
	if diff := cmp.Diff(want, got.Missing); diff != "" || got.Total != 7 || got.Shown != 3 || got.Percent() != 42 {
		t.Errorf("%d of %d (-want +got)\n%s", got.Shown, got.Total, diff)
	}
}

// What is let through by a waiver is not in the way.
func TestAWaiverIsNotInTheWay(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, strings.Replace(small, "on-branch: {}", "on-branch: { waiver: { by: olga, reason: moving, until: 2026-06-30 } }", 1))
	results := play(t, rules, bases+`
  - { name: met, base: release, expect: { decision: allow } }
  - { name: waived, base: release, but: { without: [containment] }, expect: { decision: allow, gates: { on-branch: waived } } }
`, nil)
	if got := Cover(rules, results).Missing; !slices.Contains(got, "prod: on-branch is never in the way") || slices.ContainsFunc(results, func(each Result) bool { return !each.Holds() }) {
		t.Errorf("not shown: %q, %+v", got, results)
	}
	results = play(t, rules, "version: 1\nbases: { release: { ref: refs/tags/v1.4.0, at: 2026-05-01T00:00:00Z } }\nscenarios:\n"+`
  - { name: before it ends, base: release, but: { without: [containment] }, expect: { decision: allow } }
  - { name: after it ends, base: release, but: { at: 2026-07-01T00:00:00Z, without: [containment] }, expect: { decision: deny, reasons: [on-branch.not-contained] } }
`, nil)
	for _, each := range results {
		if !each.Holds() {
			t.Errorf("%s: %s %+v", each.Name, each.Problem, each.Differences)
		}
	}
}

// The first file holds, covers all, and notices when the policy changes.
func TestStarter(t *testing.T) {
	t.Parallel()
	for _, name := range policy.PresetNames() {
		rules, err := policy.Preset(name, gate.All())
		if err != nil {
			t.Fatal(err)
		}
		text := string(Starter(rules, About{}))
		results := play(t, rules, text, nil)
		for _, each := range results {
			if !each.Holds() {
				t.Errorf("%s: %s: %s %+v", name, each.Name, each.Problem, each.Differences)
			}
		}
		if covered := Cover(rules, results); covered.Percent() != 100 {
			t.Errorf("%s: %d percent: %q", name, covered.Percent(), covered.Missing)
		}
		if again := string(Starter(rules, About{})); again != text {
			t.Errorf("%s: another file for the same policy", name)
		}
		if !slices.ContainsFunc(play(t, rulesOf(t, small), text, nil), func(each Result) bool { return !each.Holds() }) {
			t.Errorf("%s: all of it also holds for another policy", name)
		}
	}
}

// Each project has scenarios of its own.
func TestStarterOfProjects(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, `version: 1
projects:
  api: { paths: [services/api] }
  web: { paths: [services/web] }
stages:
  - name: staging
    environment: "{project}-staging"
    from: { branches: [main] }
    data: synthetic
    deployed-by: { workflow: .github/workflows/deploy.yml, job: "deploy-{project}-staging" }
    gates: { reviewed: {} }
  - name: prod
    environment: "{project}-production"
    from: { tags: ["{project}/v*"], versions: release }
    data: production
    deployed-by: { workflow: .github/workflows/deploy.yml, job: "deploy-{project}-prod" }
    gates: { signed-tag: {}, version-increases: {}, promoted: { from: staging } }
`)
	text := string(Starter(rules, About{}))
	results := play(t, rules, text, nil)
	for _, each := range results {
		if !each.Holds() {
			t.Errorf("%s: %s %+v", each.Name, each.Problem, each.Differences)
		}
	}
	if covered := Cover(rules, results); covered.Percent() != 100 || covered.Total != 21 {
		t.Errorf("%d of %d: %q\n%s", covered.Shown, covered.Total, covered.Missing, text)
	}
	without := strings.ReplaceAll(text, ", project: web", "")
	if got := play(t, rules, without, nil); slices.ContainsFunc(got, func(each Result) bool { return each.Holds() && strings.Contains(each.Name, "web") }) {
		t.Error("a scenario holds that does not say which project it is about")
	}
}

// A first file is about the time at which it is written: a waiver that has ended lets
// nothing through in it.
func TestStarterIsAboutNow(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, strings.Replace(small, "on-branch: {}", "on-branch: { waiver: { by: olga, reason: moving, until: 2026-06-30 } }", 1))
	for at, want := range map[string]string{"2026-05-01T10:00:00Z": "decision: allow }\n\n  - name: a branch", "2026-11-01T10:00:00Z": "decision: deny, reasons: [on-branch.not-contained] }"} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		text := string(Starter(rules, About{At: when, DefaultBranch: "trunk"}))
		if !strings.Contains(text, want) || !strings.Contains(text, "\nat: "+at) || !strings.Contains(text, "\ndefault-branch: trunk\n") {
			t.Errorf("at %s it does not say %q:\n%s", at, want, text)
		}
		for _, each := range play(t, rules, text, nil) {
			if !each.Holds() {
				t.Errorf("at %s: %s: %s %+v", at, each.Name, each.Problem, each.Differences)
			}
		}
	}
}

// What a policy asks for by name is shown name by name.
func TestCoverageOfNames(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, strings.Replace(small, "on-branch: {}", "on-branch: {}\n      approved: { approvals: [{ name: qa, by: write }, { name: owner, by: maintain }] }", 1))
	results := play(t, rules, bases+`
  - { name: met, base: release, expect: { decision: allow } }
  - { name: no approval at all, base: release, but: { without: [approval] }, expect: { decision: wait } }
  - { name: without QA, base: release, but: { without: [approval:qa] }, expect: { decision: wait, reasons: [approved.missing] } }
`, nil)
	got := Cover(rules, results).Missing
	if !slices.Contains(got, "prod: approved is never in the way without approval:owner") || slices.Contains(got, "prod: approved is never in the way without approval:qa") {
		t.Errorf("not shown: %q", got)
	}
}

// Whoever wrote the change is not who approves it, also where the policy has one
// person for it.
func TestWhoWroteTheChange(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, strings.Replace(small, "on-branch: {}", "on-branch: {}\n      approved: { approvals: [{ name: qa, by: qa }] }", 1)+"roles: { qa: { users: [quinn] } }\n")
	for _, each := range play(t, rules, bases+`
  - { name: another one wrote it, base: release, but: { author: ben }, expect: { decision: allow } }
  - { name: QA wrote it, base: release, but: { author: quinn }, expect: { decision: wait, gates: { signed-tag: pass, on-branch: pass } } }
`, nil) {
		if !each.Holds() {
			t.Errorf("%s: %s %+v", each.Name, each.Problem, each.Differences)
		}
	}
	recorded := suppose.New(suppose.About{Repository: "acme/shop", DefaultBranch: "main", Ref: "refs/tags/v1.4.0", Event: "push", At: someday}).Facts
	got := play(t, rules, "version: 1\nbases: { friday: { facts: friday.json } }\nscenarios: [{ name: it, base: friday, but: { author: quinn }, expect: { decision: deny } }]\n", map[string]fact.Set{"friday.json": recorded})
	if !strings.Contains(got[0].Problem, "author is for runs that are made up") {
		t.Errorf("an author of recorded facts: %+v", got[0])
	}
}

// Who starts a run and is nobody whom the run knows may nothing; and of whom it could
// not be read what they may, that stays so.
func TestWhoStartsTheRun(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, strings.Replace(small, "on-branch: {}", "on-branch: {}\n      deployer-allowed: { by: read }", 1))
	for _, each := range play(t, rules, bases+`
  - { name: a stranger, base: release, but: { actor: mallory }, expect: { decision: deny, reasons: [deployer-allowed.actor] } }
  - { name: a reader, base: release, but: { actor: mallory, people: { mallory: read } }, expect: { decision: allow } }
  - { name: nobody knows, base: release, but: { change: { access: { mallory: { missing: { reason: forbidden } } }, trigger: { actor: mallory, triggering_actor: mallory } } }, expect: { decision: error, reasons: [deployer-allowed.forbidden] } }
`, nil) {
		if !each.Holds() {
			t.Errorf("%s: %s %+v", each.Name, each.Problem, each.Differences)
		}
	}
	made := play(t, rules, bases+"  - { name: it, base: release, but: { change: { access: { mallory: { missing: { reason: forbidden } } } } }, expect: { decision: allow } }\n", nil)[0].Facts
	const file = "version: 1\nbases: { friday: { facts: friday.json, actor: mallory } }\nscenarios: [{ name: it, base: friday, expect: { decision: error, reasons: [deployer-allowed.forbidden] } }]\n"
	if got := play(t, rules, file, map[string]fact.Set{"friday.json": made})[0]; !got.Holds() {
		t.Errorf("recorded: %s %+v", got.Problem, got.Differences)
	}
}

// What is said of a run is different from its base also where it is no.
func TestARollbackCanBeTakenBack(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, small)
	for _, each := range play(t, rules, `version: 1
bases: { back: { ref: refs/tags/v1.4.0, rollback: true } }
scenarios:
  - { name: back, base: back, expect: { decision: allow, gates: { deployed-before: pass } } }
  - { name: not back, base: back, but: { rollback: false }, expect: { decision: allow, gates: { on-branch: pass } } }
`, nil) {
		lane := each.Verdict.Way != nil && each.Verdict.Way.Lane == verdict.Rollback
		if !each.Holds() || lane != (each.Name == "back") {
			t.Errorf("%s: goes back: %t, %s %+v", each.Name, lane, each.Problem, each.Differences)
		}
	}
}

// That a gate is in the way shows what expects it, and not what happens beside.
func TestCoverageOfWhatIsExpected(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, small)
	for expect, shown := range map[string]bool{
		"{ decision: deny }": false, "{ decision: deny, reasons: [on-branch.not-contained] }": true, "{ decision: deny, gates: { on-branch: fail } }": true,
		"{ decision: deny, gates: { signed-tag: pass } }": false,
	} {
		results := play(t, rules, bases+"  - { name: it, base: release, but: { without: [containment] }, expect: "+expect+" }\n", nil)
		if got := !slices.Contains(Cover(rules, results).Missing, "prod: on-branch is never in the way"); got != shown || !results[0].Holds() {
			t.Errorf("%s shows it: %t, want %t (%+v)", expect, got, shown, results[0].Differences)
		}
	}
}

// In a freeze nobody has made an exception unless the scenario says so, and the time
// of the file is the earliest of its runs.
func TestTimes(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, strings.Replace(small, "on-branch: {}", "on-branch: {}\n      within-window: { calendar: office, exception: { by: maintain } }", 1)+
		"calendars: { office: { open: [{ days: [mon], from: \"09:00\", to: \"17:00\" }], freezes: [{ name: holidays, from: 2026-12-20, to: 2027-01-04 }] } }\n")
	for _, each := range play(t, rules, strings.Replace(bases, "version: 1\n", "version: 1\nat: 2026-12-19T00:00:00Z\n", 1)+`
  - { name: the next opening, base: release, expect: { decision: allow } }
  - { name: in the freeze, base: release, but: { at: 2026-12-21T12:00:00+01:00 }, expect: { decision: wait, reasons: [within-window.frozen] } }
  - { name: with an exception, base: release, but: { with: ["window:exception"] }, expect: { decision: allow } }
`, nil) {
		if !each.Holds() {
			t.Errorf("%s: %s %+v", each.Name, each.Problem, each.Differences)
		}
		if at := each.Verdict.At; each.Name == "the next opening" && at.Format(time.RFC3339) != "2027-01-11T09:00:00Z" {
			t.Errorf("it opens at %s", at)
		}
	}
}

// A hotfix is of its stage, and of its lane.
func TestStageOfAHotfix(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, small+"  - name: hotfix\n    hotfix-for: prod\n    from: { branches: [\"hotfix/*\"] }\n    gates: { signed-commit: {} }\n")
	for _, stage := range []string{"prod", "hotfix", "dev"} {
		got := play(t, rules, "version: 1\nbases: { urgent: { ref: refs/heads/hotfix/1 } }\nscenarios: [{ name: it, base: urgent, expect: { decision: allow, stage: "+stage+" } }]\n", nil)[0]
		if got.Holds() != (stage != "dev") {
			t.Errorf("stage %s: %s %+v", stage, got.Problem, got.Differences)
		}
	}
}

// The presets come with scenarios that show all of them.
func TestPresetsAreShown(t *testing.T) {
	t.Parallel()
	for _, name := range policy.PresetNames() {
		file, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		rules, err := policy.Preset(name, gate.All())
		if err != nil {
			t.Fatal(err)
		}
		results := file.Play(rules, nil, func(string) bool { return true })
		for _, each := range results {
			if !each.Holds() {
				t.Errorf("%s:%d: %s: %s %+v", name, each.Line, each.Name, each.Problem, each.Differences)
			}
		}
		if covered := Cover(rules, results); covered.Percent() != 100 {
			t.Errorf("%s: %d percent: %q", name, covered.Percent(), covered.Missing)
		}
	}
	if _, err := Preset("none"); err == nil {
		t.Error("there is a preset of no name")
	}
}

// A hundred scenarios of a policy.
func BenchmarkAHundredScenarios(b *testing.B) {
	rules, err := policy.Preset("three-stage", gate.All())
	if err != nil {
		b.Fatal(err)
	}
	text := bases
	for i := range 50 {
		text += fmt.Sprintf("  - { name: allowed %d, base: release, expect: { decision: allow } }\n  - { name: denied %d, base: release, but: { without: [tag-signature, review] }, expect: { decision: deny } }\n", i, i)
	}
	text = strings.ReplaceAll(text, ", review]", "]")
	file, err := Parse("x.test.yml", []byte(text))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, each := range file.Play(rules, nil, func(string) bool { return true }) {
			if !each.Holds() {
				b.Fatalf("%s: %s %+v", each.Name, each.Problem, each.Differences)
			}
		}
	}
}

// What is expected of one decision holds of no other one.
func TestDecisionsAreToldApart(t *testing.T) {
	t.Parallel()
	all := []verdict.Decision{verdict.Allowed, verdict.Waiting, verdict.Denied, verdict.Errored}
	for _, want := range all {
		for _, got := range all {
			found := Expect{Decision: want}.compare(verdict.Verdict{Decision: got, Code: "x"})
			if (len(found) == 0) != (want == got) {
				t.Errorf("want %s, got %s: %+v", want, got, found)
			}
		}
	}
}
