package cli

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/scenario"
	"github.com/stageward/stageward/pkg/workflow"
)

// example is one fenced block of a page.
type example struct {
	page, kind, text string
	line             int
}

func (e example) String() string { return fmt.Sprintf("%s:%d", e.page, e.line) }

var fencedBlock = regexp.MustCompile("(?ms)^( *)```([a-z]*)([a-z ]*)\n(.*?)^ *```$")

// examples returns the blocks of all pages for people, without those that are
// marked: "yaml wrong" is an example of a mistake, "yaml file" something that the
// program wrote. Other tests hold the program to these.
func examples(t *testing.T) []example {
	t.Helper()
	var found []example
	for _, pattern := range []string{"*.md", "docs/*.md", "pkg/gate/*.md", "pkg/githubtest/*.md", "examples/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			page, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range fencedBlock.FindAllSubmatchIndex(page, -1) {
				indent, kind, mark, text := string(page[at[2]:at[3]]), string(page[at[4]:at[5]]), string(page[at[6]:at[7]]), string(page[at[8]:at[9]])
				if strings.TrimSpace(mark) != "" {
					continue
				}
				text = regexp.MustCompile("(?m)^"+indent).ReplaceAllString(text, "")
				found = append(found, example{strings.TrimPrefix(path, "../../"), kind, text, 1 + strings.Count(string(page[:at[0]]), "\n")})
			}
		}
	}
	if len(found) < 100 {
		t.Fatalf("only %d examples found", len(found))
	}
	return found
}

// A policy or a part of one is read as a policy, a workflow or a part of one as a
// workflow. What is neither is named here, so that nothing slips through.
func TestEveryYAMLOfThePagesIsRead(t *testing.T) {
	t.Parallel()
	workflows := t.TempDir()
	count := 0
	var tested example // the last whole policy, which scenarios behind it are about
	for _, each := range examples(t) {
		if each.kind != "yaml" {
			continue
		}
		var keys map[string]yaml.Node
		if err := yaml.Unmarshal([]byte(each.text), &keys); err != nil && !isList(each.text) {
			t.Errorf("%s: %v", each, err)
			continue
		}
		has := func(name string) bool { _, ok := keys[name]; return ok }
		switch {
		case has("repository") || has("world"):
			continue // a world of the double; its own tests read it
		case has("repos"):
			continue // .pre-commit-config.yaml
		case has("scenarios"):
			playScenarioExample(t, each, tested)
		case has("version"), has("stages"), has("gates"), has("roles"), has("calendars"), has("signers"):
			if has("version") {
				tested = each
			}
			readPolicyExample(t, each, has)
		case has("jobs"), has("steps"), has("on"), has("permissions"), has("runs-on"), has("uses"), isList(each.text):
			count++
			keepWorkflow(t, each, has, filepath.Join(workflows, fmt.Sprintf("%03d.yml", count)))
		case len(keys) == 1 && isJob(keys):
			count++
			each.text = "jobs:\n" + indentedBy(each.text, "  ")
			keepWorkflow(t, each, func(name string) bool { return name == "jobs" }, filepath.Join(workflows, fmt.Sprintf("%03d.yml", count)))
		default:
			readGateExample(t, each)
		}
	}
	if count < 5 {
		t.Errorf("only %d workflows were found", count)
	}
	lintWorkflows(t, workflows)
}

// playScenarioExample plays scenarios by the policy that stands before them on the page,
// or by the preset.
func playScenarioExample(t *testing.T, each, tested example) {
	t.Helper()
	text := "version: 1\npreset: three-stage\n"
	if tested.page == each.page {
		text = tested.text
	}
	rules, err := policy.Parse(tested.String(), []byte(text), gate.All())
	if err != nil {
		t.Errorf("%s: %v", each, err)
		return
	}
	file, err := scenario.Parse(each.String(), []byte(each.text))
	if err != nil {
		t.Errorf("%s: %v", each, err)
		return
	}
	for _, result := range file.Play(rules, nil, func(string) bool { return true }) {
		if !result.Holds() {
			t.Errorf("%s: %s: %s %+v", each, result.Name, result.Problem, result.Differences)
		}
	}
}

func isList(text string) bool {
	var list []any
	return yaml.Unmarshal([]byte(text), &list) == nil && len(list) > 0
}

func isJob(keys map[string]yaml.Node) bool {
	for _, node := range keys {
		var job map[string]any
		if node.Decode(&job) == nil && (job["runs-on"] != nil || job["uses"] != nil || job["steps"] != nil) {
			return true
		}
	}
	return false
}

func indentedBy(text, indent string) string {
	return regexp.MustCompile("(?m)^").ReplaceAllString(strings.TrimRight(text, "\n"), indent) + "\n"
}

// readPolicyExample reads a part of a policy below the preset, and the gates of a
// stage as those of prod.
func readPolicyExample(t *testing.T, each example, has func(string) bool) {
	t.Helper()
	text := each.text
	switch {
	case has("version"):
	case has("gates") && !has("stages"):
		text = "version: 1\npreset: three-stage\nstages:\n  - name: prod\n" + indentedBy(text, "    ")
	case has("name"):
		text = "version: 1\npreset: three-stage\nstages:\n  - " + strings.TrimLeft(indentedBy(text, "    "), " ")
	default:
		text = "version: 1\npreset: three-stage\n" + text
	}
	if _, err := policy.Parse(".github/stageward.yml", []byte(text), gate.All()); err != nil && !strings.Contains(err.Error(), "is not a role") && !strings.Contains(err.Error(), "calendar") {
		t.Errorf("%s: %v", each, err)
	}
}

// readGateExample reads parameters of gates as they stand below "gates:", or keys
// of a stage.
func readGateExample(t *testing.T, each example) {
	t.Helper()
	asGates := "version: 1\npreset: three-stage\nstages:\n  - name: prod\n    gates:\n" + indentedBy(each.text, "      ")
	asStage := "version: 1\npreset: three-stage\nstages:\n  - name: prod\n" + indentedBy(each.text, "    ")
	asList := "version: 1\npreset: three-stage\nstages:\n" + indentedBy(each.text, "  ")
	var last error
	for _, text := range []string{asGates, asStage, asList} {
		if _, last = policy.Parse(".github/stageward.yml", []byte(text), gate.All()); last == nil {
			return
		}
	}
	t.Errorf("%s is neither a policy nor a workflow, nor a part of one: %v", each, last)
}

// keepWorkflow completes a part of a workflow, reads it, and keeps it for the linter.
func keepWorkflow(t *testing.T, each example, has func(string) bool, path string) {
	t.Helper()
	text := each.text
	if isList(text) {
		text, has = "steps:\n"+indentedBy(text, "  "), func(name string) bool { return name == "steps" }
	}
	if !has("jobs") && (has("steps") || has("runs-on") || has("uses")) {
		if !has("runs-on") && !has("uses") {
			text = "runs-on: ubuntu-latest\n" + text
		}
		if !has("steps") && !has("uses") {
			text += "steps: [{ run: echo }]\n"
		}
		text, has = "jobs:\n  example:\n"+indentedBy(text, "    "), func(name string) bool { return name == "jobs" }
	}
	if !has("jobs") {
		text += "jobs: { example: { runs-on: ubuntu-latest, steps: [{ run: echo }] } }\n"
	}
	if !regexp.MustCompile(`(?m)^"?on"?:`).MatchString(text) {
		text = "on: push\n" + text
	}
	if _, err := workflow.Parse([]byte(text)); err != nil {
		t.Errorf("%s: %v", each, err)
	}
	if err := os.WriteFile(path, []byte("# "+each.String()+"\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// known are complaints about what a part of a workflow leaves out.
var incompletePart = regexp.MustCompile(`is not defined|unknown permission scope "vulnerability-alerts"|property "[a-z-]+" is not|does not exist in "needs"|undefined`)

// lintWorkflows lets actionlint look at the workflows, where it is installed.
func lintWorkflows(t *testing.T, folder string) {
	t.Helper()
	linters, err := filepath.Glob("../../.cache/bin/actionlint-*")
	if err != nil || len(linters) == 0 {
		t.Log("actionlint is not installed; make lint installs it, and then the workflows of the pages are linted, too")
		return
	}
	linter, err := filepath.Abs(linters[0])
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), linter, append([]string{"-oneline", "-no-color"}, files...)...)
	output, _ := command.CombinedOutput() // what it says is looked at
	for line := range strings.Lines(string(output)) {
		if !incompletePart.MatchString(line) {
			name, _, _ := strings.Cut(line, ":")
			source, _ := os.ReadFile(filepath.Join(folder, filepath.Base(name)))
			head, _, _ := strings.Cut(string(source), "\n")
			t.Errorf("%s: %s", strings.TrimPrefix(head, "# "), strings.TrimSpace(line))
		}
	}
}

var ourCommand = regexp.MustCompile(`(?:^|[|;(] ?|&& )(?:[A-Z_]+=(?:"[^"]*"|\$\([^)]*\)|\S*) )*stageward( .*)?$`)

// Every command of ours that a page shows is one, with flags that there are.
func TestEveryCommandOfThePagesIsOne(t *testing.T) {
	t.Parallel()
	count := 0
	for _, each := range examples(t) {
		if !slices.Contains([]string{"sh", "console", "shell", "bash"}, each.kind) {
			continue
		}
		text := strings.ReplaceAll(each.text, "\\\n", " ")
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "$ "))
			if each.kind == "console" && !strings.Contains(each.text, "$ "+line) {
				continue // what it printed
			}
			match := ourCommand.FindStringSubmatch(regexp.MustCompile(`\s+#.*$|\s+[|>].*$|\)$`).ReplaceAllString(line, ""))
			if match == nil {
				continue
			}
			count++
			if err := understands(words(match[1])); err != nil {
				t.Errorf("%s: %s: %v", each, line, err)
			}
		}
	}
	if count < 15 {
		t.Errorf("only %d commands were found", count)
	}
}

// understands reports what is wrong with the arguments of a command line.
func understands(args []string) error {
	root := (&app{system: System{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }}}).root()
	command, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if command == root && len(args) > 0 {
		return fmt.Errorf("there is no such command")
	}
	if err := command.ParseFlags(rest); err != nil {
		return err
	}
	return command.ValidateArgs(command.Flags().Args())
}

// words splits a line as a shell does, as far as the pages go.
func words(line string) []string {
	var all []string
	for _, match := range regexp.MustCompile(`(?:[^\s'"]|'[^']*'|"[^"]*")+`).FindAllString(line, -1) {
		all = append(all, strings.NewReplacer(`'`, "", `"`, "").Replace(match))
	}
	return all
}
