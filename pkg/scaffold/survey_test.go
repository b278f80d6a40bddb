package scaffold_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/scaffold"
)

const file1 = ".github/workflows/ci.yml"

func TestWhichJobsAreNamed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		on, job string
		reports bool
		why     string // "" where the job is named
	}{
		"a schedule":                           {"on: { schedule: [{ cron: '0 0 * * *' }] }", "", false, "nothing"},
		"a call":                               {"on: workflow_call", "", false, "nothing"},
		"a pull request":                       {"on: pull_request", "", false, "pull requests only"},
		"some files":                           {"on: { push: { paths: [src/**] } }", "", false, "some files only"},
		"all but some files":                   {"on: { push: { branches: [main], paths-ignore: [docs/**] } }", "", false, "some files only"},
		"tags":                                 {"on: { push: { tags: [v*] } }", "", false, "tags only"},
		"another branch":                       {"on: { push: { branches: [dev] } }", "", false, "does not name the branch main"},
		"a pattern of branches":                {"on: { push: { branches: [m*n] } }", "", false, "does not name the branch main"},
		"all branches but this one":            {"on: { push: { branches: ['**', '!main'] } }", "", false, "does not name the branch main"},
		"this branch left out":                 {"on: { push: { branches-ignore: [main] } }", "", false, "leaves out"},
		"a pattern left out":                   {"on: { push: { branches-ignore: ['m*'] } }", "", false, "leaves out"},
		"a condition":                          {"on: push", "if: github.actor == 'x'", false, "condition"},
		"a job before it with a condition":     {"on: push", "needs: other", false, "condition"},
		"a job before that with a condition":   {"on: push", "needs: between", false, "condition"},
		"a job before it that is not there":    {"on: push", "needs: nobody", false, "condition"},
		"a matrix":                             {"on: push", "strategy: { matrix: { go: [1, 2] } }", true, "matrix"},
		"a matrix that is made when it runs":   {"on: push", "strategy: ${{ fromJSON(x) }}", true, "matrix"},
		"another workflow":                     {"on: push", "uses: ./.github/workflows/x.yml", true, "calls another workflow"},
		"a name that is made when it runs":     {"on: push", "name: 'for ${{ github.ref }}'", true, "known only when it runs"},
		"a name with unusual signs":            {"on: push", `name: "a\u202eb"`, true, "unusual signs"},
		"a name with a line more":              {"on: push", `name: "a\nb"`, true, "unusual signs"},
		"a push":                               {"on: push", "", true, ""},
		"a push and a pull request":            {"on: [push, pull_request]", "", true, ""},
		"the branch by its name":               {"on: { push: { branches: [dev, main] } }", "", true, ""},
		"any branch":                           {"on: { push: { branches: ['*'] } }", "", true, ""},
		"this branch, and tags":                {"on: { push: { branches: [main], tags: [v*] } }", "", true, ""},
		"another branch left out":              {"on: { push: { branches-ignore: [gh-pages] } }", "", true, ""},
		"a strategy without a matrix":          {"on: push", "strategy: { fail-fast: true }", true, ""},
		"a job before it that is always there": {"on: push", "needs: plain", true, ""},
		"a name of words, with common signs":   {"on: push", "name: 'Test (unit, a/b): all'", true, ""},
	} {
		text := row.on + "\njobs:\n  tests:\n    runs-on: x\n    " + row.job + "\n"
		others := "  other: { if: x }\n  between: { needs: other }\n  plain: { runs-on: x }\n"
		survey := scaffold.LookAt([]scaffold.Source{{file1, []byte(text + others)}}, "main")
		named := len(survey.Checks) > 0 && survey.Checks[0].Name != "plain"
		unnamed := strings.Join(survey.Unnamed, "\n")
		if row.why == "" != named || row.why != "" && row.why != "nothing" && !strings.Contains(unnamed, row.why) {
			t.Errorf("%s: named are %v, not named %q; want %q", name, survey.Checks, unnamed, row.why)
		}
		alone := scaffold.LookAt([]scaffold.Source{{file1, []byte(text + "  other: { if: x }\n")}}, "main")
		if alone.Reports != row.reports && !strings.Contains(row.job, "plain") {
			t.Errorf("%s: something is always reported: %t, want %t", name, alone.Reports, row.reports)
		}
	}
}

func TestWhatDeploysAlready(t *testing.T) {
	t.Parallel()
	survey := scaffold.LookAt([]scaffold.Source{
		{".github/workflows/broken.yml", []byte("jobs: [")},
		{file1, []byte("on: push\njobs:\n  ship: { environment: Prod }\n  stage: { environment: { name: STAGE } }\n  any: { environment: '${{ x }}' }\n  tests: {}\n")},
		{".github/workflows/again.yml", []byte("on: push\njobs:\n  live: { environment: live }\n  dev: { environment: development }\n  old: { environment: dev }\n  t: { environment: testing }\n")},
	}, "main")
	if diff := cmp.Diff([]scaffold.Check{{"tests", file1}}, survey.Checks); diff != "" {
		t.Error(diff)
	}
	if len(survey.Deploys) != 7 || len(survey.Unnamed) != 1 || !strings.Contains(survey.Unnamed[0], "broken.yml cannot be read: line ") {
		t.Errorf("%+v", survey)
	}
	for preset, want := range map[string]map[string]string{
		"three-stage": {"prod": "Prod", "staging": "STAGE"},
		"four-stage":  {"prod": "Prod", "staging": "STAGE", "test": "testing"},
	} {
		if diff := cmp.Diff(want, survey.EnvironmentsOf(preset)); diff != "" {
			t.Errorf("%s:\n%s", preset, diff)
		}
	}
}
