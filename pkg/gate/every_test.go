package gate_test

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// row is one case of a gate: facts, and what the gate has to say about them.
type row struct {
	name string
	// params is YAML, as in a policy; "" for the defaults.
	params    string
	roles     gate.Roles
	signers   gate.Signers
	calendars gate.Calendars
	// deployedBy are the jobs that the policy says deploy to stages, by their names.
	deployedBy map[string]fact.JobOf
	// stage is the stage that the row is about; "" is the last.
	stage string
	facts fact.Set
	want  verdict.Outcome
	code  string
	// says are texts that reason and fix have to hold, hides texts that they
	// must not.
	says, hides []string
}

// terms are what the policy of the row says for all gates.
func (r row) terms() gate.Terms {
	stages := threeStages()
	for i := range stages {
		stages[i].DeployedBy = r.deployedBy[stages[i].Name]
	}
	own := stages[len(stages)-1]
	if at := slices.IndexFunc(stages, func(each gate.Stage) bool { return each.Name == r.stage }); at >= 0 {
		own = stages[at]
	}
	return gate.Terms{Roles: r.roles, Signers: r.signers, Calendars: r.calendars, Stage: own, Stages: stages}
}

// threeStages are the stages of a policy.
func threeStages() []gate.Stage {
	pattern := func(text string) []stage.Pattern {
		parsed, err := stage.ParsePattern(text)
		if err != nil {
			panic(err) //nolint:forbidigo // a slip in this file
		}
		return []stage.Pattern{parsed}
	}
	return []gate.Stage{
		{Name: "dev", Environment: "development", Rule: stage.Rule{Stage: "dev", Branches: pattern("dev/**"), Events: stage.DefaultEvents()}},
		{Name: "staging", Environment: "staging", Rule: stage.Rule{Stage: "staging", Branches: pattern(stage.DefaultBranch), Events: stage.DefaultEvents()}},
		{Name: "prod", Environment: "production", Rule: stage.Rule{Stage: "prod", Tags: pattern("v*"), Versions: stage.Releases, Events: stage.DefaultEvents()}},
	}
}

// table has the rows of every gate. A gate's own test file fills it with rows,
// so that each of them is also a case of TestEveryGate.
var table = map[string][]row{}

// The first list is kept as it is, and not copied: so all of them are made on the heap.
// On the stack, the one function that makes every table describes them at each call
// in it, which takes 250 MB of the test program.
func rows(id string, list ...row) bool {
	if table[id] == nil {
		table[id] = list
		return true
	}
	table[id] = append(table[id], list...)
	return true
}

// testRows asks one gate about each of its rows.
func testRows(t *testing.T, id string) {
	t.Helper()
	for _, row := range table[id] {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := bind(t, id, row).Ask(row.facts, row.terms())
			if got.Outcome != row.want || got.Code != row.code {
				t.Fatalf("got %s %q (%s), want %s %q", got.Outcome, got.Code, got.Reason, row.want, row.code)
			}
			said := got.Reason + "\n" + got.Fix
			for _, text := range row.says {
				if !strings.Contains(said, text) {
					t.Errorf("it does not say %q:\n%s", text, said)
				}
			}
			for _, text := range row.hides {
				if strings.Contains(said, text) {
					t.Errorf("it says %q:\n%s", text, said)
				}
			}
		})
	}
}

func find(tb testing.TB, id string) gate.Gate {
	tb.Helper()
	gates := gate.All()
	index := slices.IndexFunc(gates, func(g gate.Gate) bool { return g.ID == id })
	if index < 0 {
		tb.Fatalf("there is no gate %q", id)
	}
	return gates[index]
}

func bind(t *testing.T, id string, row row) gate.Check {
	t.Helper()
	check, err := find(t, id).Bind(decode(row.params), row.terms())
	if err != nil {
		t.Fatalf("bind %q: %v", row.params, err)
	}
	return check
}

// decode reads parameters as a policy writes them.
func decode(params string) func(into any) error {
	if params == "" {
		return nil
	}
	return func(into any) error { return yaml.Load([]byte(params), into, yaml.WithKnownFields()) }
}

// testRefusals binds one gate to parameters that make no sense.
func testRefusals(t *testing.T, id string, refused map[string]string) {
	t.Helper()
	for params, says := range refused {
		t.Run(params, func(t *testing.T) {
			t.Parallel()
			_, err := find(t, id).Bind(decode(params), gate.Terms{})
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("got error %v, want one that says %q", err, says)
			}
		})
	}
}

// TestEveryGate holds every gate to what a gate has to be, whatever it is
// about. A new gate needs no line here, only rows.
func TestEveryGate(t *testing.T) {
	t.Parallel()
	for _, each := range gate.All() {
		t.Run(each.ID, func(t *testing.T) {
			t.Parallel()
			t.Run("describes itself", func(t *testing.T) { describesItself(t, each) })
			t.Run("documents its codes", func(t *testing.T) { documentsCodes(t, each) })
			t.Run("documents its parameters", func(t *testing.T) { documentsParams(t, each) })
			t.Run("gives examples that bind", func(t *testing.T) { bindsExamples(t, each) })
			t.Run("binds its defaults", func(t *testing.T) { bindsDefaults(t, each) })
			t.Run("reads what it needs", func(t *testing.T) { readsNeeds(t, each) })
			t.Run("knows nothing from nothing", func(t *testing.T) { knowsNothing(t, each) })
			t.Run("never gains from a loss", func(t *testing.T) { neverGains(t, each) })
			t.Run("ignores order and repetition", func(t *testing.T) { ignoresOrder(t, each) })
		})
	}
}

func describesItself(t *testing.T, each gate.Gate) {
	if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(each.ID) {
		t.Errorf("the id %q is not kebab-case", each.ID)
	}
	if each.Title == "" || !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(each.Since) {
		t.Errorf("title %q, since %q: both have to be there", each.Title, each.Since)
	}
	if first, _, _ := strings.Cut(each.Page(), "\n"); first != "# "+each.ID {
		t.Errorf("the page begins with %q, not with %q", first, "# "+each.ID)
	}
	if !strings.Contains(each.Page(), "**"+each.Title) || !strings.Contains(each.Page(), "| Since | "+each.Since+" |") {
		t.Errorf("the page does not state %q and %q", each.Title, each.Since)
	}
	if len(passing(each.ID)) == 0 {
		t.Error("no row passes")
	}
}

// documentsCodes compares the codes of the page with those of the rows, both
// ways: what can be said is explained, and what is explained can be said.
func documentsCodes(t *testing.T, each gate.Gate) {
	said := map[string]bool{}
	reasons := []string{}
	for _, reason := range []fact.Reason{fact.NotAsked, fact.Forbidden, fact.NotFound, fact.Incomplete, fact.Inconsistent, fact.Unavailable} {
		reasons = append(reasons, string(reason))
	}
	for _, row := range table[each.ID] {
		finding := bind(t, each.ID, row).Ask(row.facts, row.terms())
		switch {
		case finding.Outcome == verdict.Unknown && !slices.Contains(reasons, finding.Code):
			t.Errorf("%s: unknown has the code %q, which is no reason for a missing fact", row.name, finding.Code)
		case finding.Outcome == verdict.Fail || finding.Outcome == verdict.Wait:
			said[finding.Code] = true
			if finding.Fix == "" || finding.Who == "" {
				t.Errorf("%s: %q says neither what to do nor who can: %+v", row.name, finding.Code, finding)
			}
		}
	}
	documented := map[string]bool{}
	for _, match := range regexp.MustCompile("(?m)^\\| `"+each.ID+`\.([a-z-]+)`).FindAllStringSubmatch(each.Page(), -1) {
		documented[match[1]] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(said))); diff != "" {
		t.Errorf("codes of the page (-) and of the rows (+):\n%s", diff)
	}
}

func documentsParams(t *testing.T, each gate.Gate) {
	for _, field := range parameters(each.Params) {
		name, doc := field.Tag.Get("yaml"), field.Tag.Get("doc")
		if name == "" || !strings.HasSuffix(doc, ".") {
			t.Errorf("field %s: yaml %q, doc %q: a name and one sentence are expected", field.Name, name, doc)
		}
		if !strings.Contains(each.Page(), "| `"+name+"` |") {
			t.Errorf("the page's table of parameters has no %q", name)
		}
	}
}

// parameters returns the fields of a parameter struct and of the structs in it
// and in its lists.
func parameters(params reflect.Type) []reflect.StructField {
	var fields []reflect.StructField
	for field := range params.Fields() {
		fields = append(fields, field)
		if field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct {
			fields = append(fields, parameters(field.Type.Elem())...)
		}
		if field.Type.Kind() == reflect.Struct {
			fields = append(fields, parameters(field.Type)...)
		}
	}
	return fields
}

// bindsExamples binds every policy that the page shows, and wants at least one
// with the gate itself, unless a policy cannot name it.
func bindsExamples(t *testing.T, each gate.Gate) {
	shown := false
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(each.Page(), -1) {
		var example struct {
			Gates map[string]yaml.Node `yaml:"gates"`
			Lanes map[string]yaml.Node `yaml:",inline"` // the ways of a stage, by their keys
		}
		if err := decode(block[1])(&example); err != nil {
			t.Fatalf("read example: %v\n%s", err, block[1])
		}
		if params, ok := example.Lanes[string(each.Lane)]; ok {
			example.Gates = map[string]yaml.Node{each.ID: ofGate(params)}
		}
		for id, params := range example.Gates {
			shown = shown || id == each.ID
			if _, err := find(t, id).Bind(func(into any) error { return params.Load(into, yaml.WithKnownFields()) }, exampleTerms()); err != nil {
				t.Errorf("bind example of %s: %v\n%s", id, err, block[1])
			}
		}
	}
	if !shown && !each.Always {
		t.Error("no example shows the gate")
	}
}

// ofGate leaves out of a way what is not for its gate.
func ofGate(way yaml.Node) yaml.Node {
	var kept []*yaml.Node
	for i := 0; i+1 < len(way.Content); i += 2 {
		if key := way.Content[i].Value; key != "keeps" && key != "mode" {
			kept = append(kept, way.Content[i], way.Content[i+1])
		}
	}
	way.Content = kept
	return way
}

// exampleTerms are those of the policies that pages show a part of.
func exampleTerms() gate.Terms { return row{calendars: exampleCalendars}.terms() }

// bindsDefaults checks that a policy may give no parameters, or is told by
// name which one it has to give, and that a policy cannot change the defaults.
func bindsDefaults(t *testing.T, each gate.Gate) {
	before := cmp.Diff(nil, each.Defaults)
	if _, err := each.Bind(nil, gate.Terms{}); err != nil {
		named := slices.ContainsFunc(parameters(each.Params), func(field reflect.StructField) bool {
			return strings.Contains(err.Error(), field.Tag.Get("yaml")+":")
		})
		if !named {
			t.Errorf("the defaults do not bind, and the error names no parameter: %v", err)
		}
	}
	for _, row := range table[each.ID] {
		bind(t, each.ID, row)
	}
	if after := cmp.Diff(nil, find(t, each.ID).Defaults); after != before {
		t.Errorf("binding other parameters changed the defaults:\n%s", after)
	}
}

func passing(id string) []row {
	return slices.DeleteFunc(slices.Clone(table[id]), func(r row) bool { return r.want != verdict.Pass })
}

// readsNeeds takes away each fact that a gate says it needs. Either the gate
// then passes no more, or it did not look at the fact at all; and there is no
// fact that it never looks at.
func readsNeeds(t *testing.T, each gate.Gate) {
	decisive := map[fact.Need]bool{}
	for _, row := range passing(each.ID) {
		check := bind(t, each.ID, row)
		before := check.Ask(row.facts, row.terms())
		for _, need := range check.Needs {
			after := check.Ask(row.facts.Without(need), row.terms())
			decisive[need] = decisive[need] || after.Outcome == verdict.Unknown
			if after.Outcome != verdict.Unknown && cmp.Diff(before, after) != "" {
				t.Errorf("%s: without %s it says %s: %s", row.name, need, after.Outcome, after.Reason)
			}
		}
	}
	for need, used := range decisive {
		if !used {
			t.Errorf("needs %s, but passes without it in every row", need)
		}
	}
}

// knowsNothing asks the gate with no fact at all.
func knowsNothing(t *testing.T, each gate.Gate) {
	for _, row := range passing(each.ID) {
		facts := fact.Set{Version: fact.SchemaVersion, Subject: row.facts.Subject, Trigger: row.facts.Trigger}
		got := bind(t, each.ID, row).Ask(facts, row.terms())
		if got.Outcome != verdict.Unknown || got.Reason == "" || got.Fix == "" {
			t.Errorf("%s: without any fact it says %s: %q", row.name, got.Outcome, got.Reason)
		}
	}
}

// neverGains loses any facts together and asks again: what did not pass must
// not pass then.
func neverGains(t *testing.T, each gate.Gate) {
	for _, row := range table[each.ID] {
		if row.want == verdict.Pass {
			continue
		}
		check := bind(t, each.ID, row)
		rapid.Check(t, func(t *rapid.T) {
			facts := worse(t, row.facts)
			if got := check.Ask(facts, row.terms()); got.Outcome == verdict.Pass {
				t.Fatalf("%s: a loss made it pass: %s", row.name, got.Reason)
			}
		})
	}
}
