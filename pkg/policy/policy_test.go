package policy_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	const path = ".github/stageward.yml"
	preset, err := policy.Preset("three-stage", gate.All())
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		file    fact.Known[fact.PolicyFile]
		want    string // summary
		wantErr string
	}{
		"nobody asked for the file":          {file: fact.Known[fact.PolicyFile]{}, wantErr: "not-asked"},
		"the token may not read the file":    {file: fact.Lost[fact.PolicyFile](fact.Missing{Reason: fact.Forbidden, Detail: "403"}), wantErr: "forbidden: 403"},
		"the file exists and is empty":       {file: known(fact.PolicyFile{Path: path, Exists: true}), wantErr: path + ":1:1: the file is empty"},
		"the file exists and is wrong":       {file: known(fact.PolicyFile{Path: path, Exists: true, Text: "version: 1\n"}), wantErr: path + ":1:1: the file has neither"},
		"a file that may be meant for one":   {file: known(fact.PolicyFile{Path: path, Similar: []string{".github/Stageward.yaml"}}), wantErr: `not-found: the branch "" has no file ".github/stageward.yml", but it has [".github/Stageward.yaml"]`},
		"no file at another path":            {file: known(fact.PolicyFile{Path: "deploy/policy.yml"}), wantErr: `not-found: the branch "" has no file "deploy/policy.yml"`},
		"it is proven that there is no file": {file: known(fact.PolicyFile{Path: path, Exists: false}), want: summary(preset)},
		"the text of no file is not looked at": {
			file: known(fact.PolicyFile{Path: path, Exists: false, Text: "version: 1\npreset: four-stage\n"}), want: summary(preset),
		},
		"the file refines the preset by nothing": {
			file: known(fact.PolicyFile{Path: path, Exists: true, Text: "version: 1\npreset: three-stage\n"}), want: summary(preset),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := policy.Load(test.file, gate.All())
			if test.wantErr != "" {
				if err == nil || !strings.HasPrefix(err.Error(), test.wantErr) {
					t.Fatalf("got error %v, want %s", err, test.wantErr)
				}
				if diff := cmp.Diff(policy.Policy{}, got); diff != "" {
					t.Errorf("a policy came with the error:\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, summary(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLoadGivesTheReasonWhyTheFileIsNotKnown(t *testing.T) {
	t.Parallel()
	_, err := policy.Load(fact.Lost[fact.PolicyFile](fact.Missing{Reason: fact.Incomplete, Fix: "do that"}), gate.All())
	var missing *fact.Missing
	if !errors.As(err, &missing) || missing.Reason != fact.Incomplete || missing.Fix != "do that" {
		t.Errorf("got %#v, want the missing fact", err)
	}
}

func TestPresets(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"three-stage": {"dev", "staging", "prod"},
		"four-stage":  {"dev", "test", "staging", "prod"},
	}
	for _, name := range policy.PresetNames() {
		preset, err := policy.Preset(name, gate.All())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want[name], preset.Names()); diff != "" {
			t.Errorf("%s: the stages are different:\n%s", name, diff)
		}
		for _, stage := range preset.Stages {
			if stage.Config != nil {
				t.Errorf("%s: the stage %s brings a configuration, which nobody asked for", name, stage.Name)
			}
			for _, asked := range stage.Gates {
				if asked.Mode != verdict.Enforce || asked.Origin != "preset "+name {
					t.Errorf("%s: %s of %s is %s from %q", name, asked.Check.ID, stage.Name, asked.Mode, asked.Origin)
				}
			}
		}
		if !bytes.Contains(policy.PresetSource(name), []byte("# ")) {
			t.Errorf("%s has no comments for people", name)
		}
		if alone, err := policy.Parse("copy.yml", policy.PresetSource(name), gate.All()); err != nil || len(alone.Stages) != len(preset.Stages) {
			t.Errorf("%s cannot be copied into a repository: %v", name, err)
		}
	}
}

func TestThereIsNoOtherPreset(t *testing.T) {
	t.Parallel()
	if source := policy.PresetSource("../presets/three-stage"); source != nil {
		t.Errorf("got %q", source)
	}
	_, err := policy.Preset("two-stage", gate.All())
	if err == nil || !strings.Contains(err.Error(), "three-stage, four-stage") {
		t.Errorf("got %v, want an error that lists the presets", err)
	}
}

func TestAPresetWithoutItsGatesIsNoPolicy(t *testing.T) {
	t.Parallel()
	_, err := policy.Parse("policy.yml", []byte("version: 1\npreset: three-stage\n"), []gate.Gate{gate.RefUnmoved})
	if err == nil || !strings.Contains(err.Error(), `preset three-stage:28:7: there is no gate "signed-commit"`) {
		t.Errorf("got %v, want the place in the preset", err)
	}
}

// TestHugeFilesAreRefused: POL-14, POL-22. What is asserted
// is that the work does not grow with what the text would expand to; a run
// that hangs or fills the memory fails.
func TestHugeFilesAreRefused(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("version: 1\na0: &a0 [x]\n")
	for i := range 9 {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	for name, test := range map[string]struct{ source, want string }{
		"a list of 34 MB":                {"version: 1\nstages: [" + strings.Repeat("x, ", 34<<20/3) + "]", "bytes; at most 131072 are read"},
		"one byte more than is read":     {"version: 1\npreset: three-stage\n#" + strings.Repeat("x", 128<<10-31), "at most 131072 are read"},
		"20,000 levels of lists":         {"version: 1\nstages: " + strings.Repeat("[", 20_000), "nest deeper than 32 levels"},
		"20,000 levels of maps":          {"version: 1\nstages: " + strings.Repeat("{a: ", 20_000), "nest deeper than 32 levels"},
		"200 levels by indentation":      {"version: 1\n" + indented(200), "nest deeper than 32 levels"},
		"a thousand million aliases":     {bomb.String(), "aliases (*a0) are not allowed"},
		"60,000 entries in one line":     {"version: 1\nstages: [" + strings.Repeat("1,", 60_000) + "1]", "at most 1000 are read"},
		"6,000 unknown keys in one line": {"version: 1\nroles: {" + manyKeys(6_000) + "}", "and 5901 more problems after this one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Parse("policy.yml", []byte(test.source), gate.All())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %.300v, want %s", err, test.want)
			}
			if len(err.Error()) > 64<<10 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestTheLargestFileIsRead(t *testing.T) {
	t.Parallel()
	source := "version: 1\npreset: three-stage\n#"
	source += strings.Repeat("x", 128<<10-len(source))
	if _, err := policy.Parse("policy.yml", []byte(source), gate.All()); err != nil {
		t.Error(err)
	}
}

func TestTheNameOfTheFileIsEscaped(t *testing.T) {
	t.Parallel()
	_, err := policy.Parse("a\nb\u202e.yml", []byte("x"), gate.All())
	if err == nil || !strings.HasPrefix(err.Error(), `a\nb\u202e.yml:1:1: `) {
		t.Errorf("got %v", err)
	}
}

// TestKeysAreRefusedAnywhere puts a key that nobody knows, and a key that is
// there already, into each map of a policy that is right.
func TestKeysAreRefusedAnywhere(t *testing.T) {
	t.Parallel()
	source := string(read(t, corpus+"/ok/everything.yml"))
	if _, err := policy.Parse("policy.yml", []byte(source), gate.All()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(source, "\n")
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom(keyLines(lines)).Draw(t, "line")
		indent := lines[line][:len(lines[line])-len(strings.TrimLeft(lines[line], " -"))]
		indent = strings.Repeat(" ", len(indent))
		key, _, _ := strings.Cut(strings.TrimLeft(lines[line], " -"), ":")
		inserted := indent + key + ": x"
		if rapid.Bool().Draw(t, "unknown") {
			inserted = indent + rapid.StringMatching(`zz[a-z]{1,8}`).Draw(t, "key") + ": x"
			if inConfig(lines, line) {
				t.Skip("a configuration may hold any key")
			}
		}
		changed := slices.Insert(slices.Clone(lines), line+1, inserted)
		if strings.HasSuffix(lines[line], ":") {
			// The key's own value comes next; go before the key instead.
			if strings.HasPrefix(strings.TrimLeft(lines[line], " "), "-") {
				t.Skip("the line opens an entry")
			}
			changed = slices.Insert(slices.Clone(lines), line, inserted)
		}
		if got, err := policy.Parse("policy.yml", []byte(strings.Join(changed, "\n")), gate.All()); err == nil {
			t.Fatalf("accepted %q after line %d: %+v", inserted, line+1, got)
		}
	})
}

func keyLines(lines []string) []int {
	var found []int
	for i, line := range lines {
		if text := strings.TrimLeft(line, " -"); strings.Contains(text, ":") && !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "{") {
			found = append(found, i)
		}
	}
	return found
}

// inConfig reports whether a line stands below a config key that opens a block.
func inConfig(lines []string, line int) bool {
	indent := func(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }
	for i := line - 1; i >= 0; i-- {
		if indent(lines[i]) < indent(lines[line]) {
			return strings.TrimSpace(lines[i]) == "config:"
		}
	}
	return false
}

func manyKeys(count int) string {
	var out strings.Builder
	for i := range count {
		fmt.Fprintf(&out, "k%d: {a: 1}, ", i)
	}
	return out.String()
}

func indented(levels int) string {
	var out strings.Builder
	for i := range levels {
		out.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return out.String()
}

func known(file fact.PolicyFile) fact.Known[fact.PolicyFile] {
	return fact.Of(file, fact.Source{From: "test"})
}

// What is advised shows up until the stage mentions it, and decides nothing.
func TestAdvisedGatesAreThoseTheStageDoesNotMention(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ stage, want string }{
		{"advised: [approved, on-branch]", "approved"},
		{"advised: [approved]\n    gates: { approved: { mode: off } }", ""},
		{"advised: [reviewed, signed-tag]", "reviewed"},
	} {
		got, err := policy.Parse("policy.yml", []byte("version: 1\npreset: three-stage\nstages:\n  - name: prod\n    "+row.stage+"\n"), gate.All())
		if err != nil {
			t.Errorf("%s: %v", row.stage, err)
			continue
		}
		prod, _ := got.Stage("prod")
		var ids []string
		for _, each := range prod.Advised {
			ids = append(ids, each.ID)
		}
		if said := strings.Join(ids, " "); said != row.want {
			t.Errorf("%s: %q is advised, want %q", row.stage, said, row.want)
		}
	}
}

// Whoever reads that a gate is advised is shown how to ask for it, and that has
// to be right.
func TestWhatIsAdvisedCanBeConfiguredAsShown(t *testing.T) {
	t.Parallel()
	for _, preset := range policy.PresetNames() {
		rules, err := policy.Preset(preset, gate.All())
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range rules.Stages {
			for _, advised := range each.Advised {
				lines := strings.ReplaceAll("\n"+strings.TrimRight(advised.Configure, "\n"), "\n", "\n      ")
				source := fmt.Sprintf("version: 1\npreset: %s\ncalendars: { office: { open: [{ days: [mon, tue, wed, thu], from: \"09:00\", to: \"16:00\" }] } }\nstages:\n  - name: %s\n    gates:%s\n", preset, each.Name, lines)
				if _, err := policy.Parse("policy.yml", []byte(source), gate.All()); advised.Configure == "" || err != nil {
					t.Errorf("%s, %s: %s: %v\n%s", preset, each.Name, advised.ID, err, source)
				}
			}
		}
	}
}
