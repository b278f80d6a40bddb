package workflow_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/workflow"
)

const small = "on: push\njobs: { a: { steps: [] } }\n"

func TestWhatIsNoWorkflow(t *testing.T) {
	t.Parallel()
	bomb := "on: push\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for _, step := range []string{"ab", "bc", "cd", "de", "ef"} {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", step[1], step[1], strings.Repeat("*"+step[:1]+", ", 10))
	}
	for name, row := range map[string]struct{ text, want string }{
		"nothing":                              {"", "line 1: the file is empty"},
		"a comment":                            {"# nothing\n", "line 1: the file is empty"},
		"null":                                 {"~\n", "line 1: the file is empty"},
		"a text":                               {"hello\n", "line 1: the file: expected a map"},
		"a list":                               {"- a\n", "line 1: the file: expected a map"},
		"no event":                             {"jobs: { a: { steps: [] } }\n", `line 1: "on" is missing`},
		"the word true in the place of on":     {"true: push\njobs: { a: {} }\n", `"on" is missing`},
		"no event in the list":                 {"on: []\njobs: { a: {} }\n", `"on" is missing`},
		"no jobs":                              {"on: push\n", `"jobs" is missing`},
		"empty jobs":                           {"on: push\njobs: {}\n", `"jobs" is missing`},
		"jobs as a list":                       {"on: push\njobs: [a]\n", "line 2: jobs: expected a map"},
		"a job as a text":                      {"on: push\njobs:\n  a: x\n", "line 3: jobs.a: expected a map"},
		"steps as a map":                       {"on: push\njobs:\n  a:\n    steps: { x: y }\n", "line 4: jobs.a.steps: expected a list"},
		"a step as a text":                     {"on: push\njobs:\n  a:\n    steps:\n      - x\n", "line 5: jobs.a.steps: expected a map"},
		"a list for run":                       {"on: push\njobs:\n  a:\n    steps:\n      - run: [x]\n", "line 5: jobs.a.steps.run: expected a text"},
		"a list as environment":                {"on: push\njobs:\n  a:\n    environment: [x]\n", "line 4: jobs.a.environment: expected a map"},
		"a job that is there twice":            {"on: push\njobs:\n  a: {}\n  a: {}\n", `line 4: the key "a" is there twice`},
		"a key twice in a place nobody reads":  {"on: push\njobs:\n  a:\n    env: { x: 1, x: 2 }\n", `line 4: the key "x" is there twice`},
		"a merge key":                          {"on: push\nx: &x { a: {} }\njobs:\n  <<: *x\n", "line 4: merge keys"},
		"an expression for a key":              {"on: push\njobs: { a: { environment: { \"${{ 'name' }}\": prod } } }\n", "line 2: jobs.a.environment: expected a word as key, not the expression"},
		"an expression for keys":               {"on: push\njobs: { a: { steps: [{ with: { \"${{ insert }}\": \"${{ inputs.x }}\" } }] } }\n", `not the expression "${{ insert }}"`},
		"a key that is a list":                 {"on: push\njobs:\n  [a]: {}\n", "expected a word as key"},
		"broken":                               {"on: push\njobs: {\n", "this is not YAML"},
		"a tab":                                {"on: push\njobs:\n\ta: {}\n", "line 3: this is not YAML"},
		"two documents":                        {small + "---\n" + small, "a second document begins here"},
		"an alias of nothing":                  {"on: push\njobs: *x\n", "line 2: this is not YAML"},
		"a list in itself":                     {"on: push\njobs: { a: { defaults: &x [*x] } }\n", "nest deeper than"},
		"a bomb of aliases":                    {bomb + "jobs: { a: { defaults: *f } }\n", "with its aliases written out"},
		"deep nesting":                         {"on: push\njobs: " + strings.Repeat("[", 5000), "line 2: this is not YAML"},
		"too large":                            {small + strings.Repeat("#", workflow.MaxBytes), "at most"},
		"not UTF-8":                            {"on: push\nname: \xff\n", "this is not YAML"},
		"a character that is not allowed":      {"on: push\nname: \x00\n", "this is not YAML"},
		"aliases before what they are made of": {"on: push\nb: [*a]\na: &a x\njobs: { a: {} }\n", "this is not YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read, err := workflow.Parse([]byte(row.text))
			var failure *workflow.Error
			if !errors.As(err, &failure) || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error is %v, want %q", err, row.want)
			}
			if diff := cmp.Diff(workflow.Workflow{}, read); diff != "" {
				t.Errorf("half a workflow:\n%s", diff)
			}
		})
	}
}

func TestWhatAWorkflowSays(t *testing.T) {
	t.Parallel()
	got, err := workflow.Parse([]byte(`name: deploy
run-name: ${{ inputs.word }} it
on:
  push: { branches: [main] }
  workflow_dispatch:
    inputs:
      word: { type: choice, options: [Approve, Reject] }
      sha:
permissions: {}
env: { A: 1 }
defaults: { run: { shell: bash } }
jobs:
  one:
    name: deploy-${{ inputs.stage }}
    environment: { name: prod, url: "https://x", deployment: false }
    concurrency: { group: g, cancel-in-progress: true }
    needs: two
    if: ${{ always() }}
    permissions: { contents: write }
    outputs: { sha: "${{ steps.gate.outputs.sha }}" }
    env: "${{ fromJSON(x) }}"
    container: node
    services: { db: { image: pg, env: { B: c }, credentials: { password: d } } }
    steps:
      - &gate
        id: gate
        uses: acme/stageward@v1
        continue-on-error: true
        with: { stage: prod, depth: 010 }
      - { name: Say, run: echo, shell: sh, if: "true", env: { E: f } }
      - *gate
  two: { uses: ./.github/workflows/x.yml, with: { a: b }, services: "${{ x }}", env: { G: h }, outputs: "${{ y }}", permissions: read-all, environment: staging, needs: [one], strategy: { matrix: { go: [x] } } }
`))
	if err != nil {
		t.Fatal(err)
	}
	gate := workflow.Step{ID: "gate", Line: 25, Uses: "acme/stageward@v1", ContinueOnError: "true", With: workflow.Entries{{"stage", "prod"}, {"depth", "010"}}}
	want := workflow.Workflow{
		Name: "deploy", RunName: "${{ inputs.word }} it",
		Events: []workflow.Event{{Name: "push", Filters: []workflow.Filter{{Key: "branches", Patterns: []string{"main"}}}}, {Name: "workflow_dispatch", Inputs: []workflow.Input{
			{Name: "word", Type: "choice", Options: []string{"Approve", "Reject"}}, {Name: "sha"},
		}}},
		Permissions: workflow.Permissions{Given: true}, Env: workflow.Entries{{"A", "1"}},
		Jobs: []workflow.Job{
			{
				ID: "one", Name: "deploy-${{ inputs.stage }}", Line: 14, Environment: workflow.Environment{Name: "prod", Deployment: "false"},
				Needs: []string{"two"}, If: "${{ always() }}", Permissions: workflow.Permissions{Given: true, Scopes: workflow.Entries{{"contents", "write"}}},
				Concurrency: "g", Outputs: workflow.Entries{{"sha", "${{ steps.gate.outputs.sha }}"}},
				Env: workflow.Entries{{"", "${{ fromJSON(x) }}"}}, Containers: []string{"node", "pg", "c"},
				Steps: []workflow.Step{gate, {Name: "Say", Line: 30, Run: "echo", Shell: "sh", If: "true", Env: workflow.Entries{{"E", "f"}}}, gate},
				Texts: []string{
					"deploy-${{ inputs.stage }}", "prod", "https://x", "false", "g", "true", "two", "${{ always() }}", "write", "${{ steps.gate.outputs.sha }}", "${{ fromJSON(x) }}", "node", "pg", "c", "d",
					"gate", "acme/stageward@v1", "true", "prod", "010", "Say", "echo", "sh", "true", "f", "gate", "acme/stageward@v1", "true", "prod", "010",
				},
			},
			{
				ID: "two", Line: 32, Uses: "./.github/workflows/x.yml", With: workflow.Entries{{"a", "b"}}, Environment: workflow.Environment{Name: "staging"},
				Needs: []string{"one"}, Permissions: workflow.Permissions{Given: true, All: "read-all"}, Matrix: true,
				Containers: []string{"${{ x }}"}, Env: workflow.Entries{{"G", "h"}}, Outputs: workflow.Entries{{"", "${{ y }}"}},
				Texts: []string{"./.github/workflows/x.yml", "b", "${{ x }}", "h", "${{ y }}", "read-all", "staging", "one", "x"},
			},
		},
	}
	// The third step is the first one again, where the alias stands.
	want.Jobs[0].Steps[2].Line = 31
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEventsInTheirThreeForms(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ on, want string }{
		"a word":               {"on: push", "push"},
		"a list":               {"on: [push, pull_request]", "push pull_request"},
		"a map":                {"on: { push: , release: { types: [published] } }", "push release"},
		"in quotes":            {`"on": push`, "push"},
		"behind an alias":      {"x: &x [push]\non: *x", "push"},
		"a schedule as a list": {"on: { schedule: [{ cron: '0 0 * * *' }] }", "schedule"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read, err := workflow.Parse([]byte(row.on + "\njobs: { a: {} }\n"))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, each := range read.Events {
				names = append(names, each.Name)
			}
			if got := strings.Join(names, " "); got != row.want {
				t.Errorf("events are %q, want %q", got, row.want)
			}
		})
	}
}

// Our own workflows and examples are files that GitHub takes.
func TestOurOwnWorkflowsAreRead(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"../../examples/*.yml", "../../.github/workflows/*.yml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("nothing at %s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := workflow.Parse(text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestWhatTheTokenMayWrite(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]bool{
		"":                                     true, // nobody said
		"permissions: write-all":               true,
		"permissions: { issues: write }":       true,
		"permissions: read-all":                false,
		"permissions: {}":                      false,
		"permissions: { contents: read }":      false,
		"permissions: { contents: read, a: }":  false,
		"permissions: { a: read, b: 'write' }": true,
	} {
		read, err := workflow.Parse([]byte(said + "\n" + small))
		if err != nil {
			t.Fatal(err)
		}
		if got := read.Permissions.Writes(); got != want {
			t.Errorf("%q may write: %v, want %v", said, got, want)
		}
	}
}

func TestWhereAnActionIsFrom(t *testing.T) {
	t.Parallel()
	for uses, want := range map[string]string{
		"":                               " ",
		"./":                             " ",
		"./x@v1":                         " ",
		"docker://acme/stageward@sha256": " ",
		"acme/stageward":                 " ",
		"stageward@v1":                   " ",
		"acme/stageward@v1":              "acme/stageward v1",
		"acme/stageward/sub/dir@main":    "acme/stageward main",
		"acme/shop/.github/workflows/deploy.yml@refs/heads/main": "acme/shop refs/heads/main",
	} {
		repository, ref := workflow.Step{Uses: uses}.Action()
		if got := repository + " " + ref; got != want {
			t.Errorf("%q is from %q, want %q", uses, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{small, "on: [push]\njobs: &x { a: { env: *x } }\n", "on: { workflow_call: { inputs: { a: { options: [x] } } } }\njobs: { a: { with: ${{ x }}, environment: { name: 1 } } }\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := workflow.Parse([]byte(text))
		var failure *workflow.Error
		switch {
		case err == nil && (len(read.Jobs) == 0 || len(read.Events) == 0):
			t.Error("half a workflow")
		case err != nil && (!errors.As(err, &failure) || failure.Line < 1):
			t.Errorf("an error without a line: %v", err)
		}
	})
}
