package scaffold_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/scaffold"
)

func TestWhatIsSaidOfThePlan(t *testing.T) {
	t.Parallel()
	places := []scaffold.Place{{Stage: "dev", Environment: "development"}, {Stage: "staging", Environment: "staging", Commands: []string{"gh one <<'JSON'\n{\n}\nJSON", "gh two"}}}
	for name, row := range map[string]struct {
		change      func(*scaffold.Plan)
		says, never []string
	}{
		"as little as can be": {
			func(*scaffold.Plan) {},
			[]string{"THIS IS A GUESS", "zeros in its place", "./deploy.sh, which is not there", "Where ci.yml still runs", "it takes three", "\ngh one <<'JSON'\n{\n}\nJSON\ngh two\n", `"require_code_owner_review":true`, ".github/CODEOWNERS, which is not there yet"},
			[]string{"server", "GH_HOST", "STAGEWARD_PEOPLE_TOKEN", "checks.yml", "NO GATE", "not named", "solo  ", "--prerelease"},
		},
		"as much as can be": {
			func(p *scaffold.Plan) {
				p.BranchSure, p.DeployScript, p.CodeOwners, p.Uses, p.Host = true, true, "CODEOWNERS", "acme/stageward@"+strings.Repeat("0", 40), "git.example"
				p.Leads, p.Preset = []string{"acme/leads"}, "four-stage"
				p.Survey = scaffold.Survey{Unnamed: []string{`"x" has a matrix`}, Deploys: []scaffold.Deploy{{"b.yml", "ship", "prod"}, {"a.yml", "ship", "prod"}}}
			},
			[]string{"git.example, taken for", "export GH_HOST=git.example", "secret set STAGEWARD_PEOPLE_TOKEN", "the deploy.sh that is there", "Say in CODEOWNERS who", "acme/leads  [--lead]", `not named       "x" has a matrix`, "a.yml: the job \"ship\" has the environment \"prod\" and NO GATE before it. Move its steps into gated-deploy.yml.\n     b.yml", "--prerelease", "--server https://git.example"},
			[]string{"THIS IS A GUESS", "zeros"},
		},
		"github.com is no other server": {func(p *scaffold.Plan) { p.Host = "github.com" }, nil, []string{"GH_HOST", "server  "}},
		"checks that a person named":    {func(p *scaffold.Plan) { p.ChecksGiven, p.Survey.Unnamed = true, []string{"x"} }, nil, []string{"not named"}},
		"no check can be named":         {func(p *scaffold.Plan) { p.Checks = nil }, []string{"and at least one: no job can be named", "Where a check still runs"}, nil},
		"checks that are to be written": {func(p *scaffold.Plan) { p.Checks, p.OwnChecks = nil, true }, []string{"FAILS until you put your tests in", "checks.yml: your tests."}, []string{"does not wait for checks"}},
		"checks that are known":         {func(p *scaffold.Plan) { p.Checks, p.OwnChecks, p.TestCommand = nil, true, "make test" }, []string{"one that runs `make test`"}, []string{"FAILS", "checks.yml: your tests."}},
		"one person alone":              {func(p *scaffold.Plan) { p.Solo = true }, []string{"reviewed is off", "approved is off", `"required_approving_review_count":0`}, []string{"CODEOWNERS", "approve.yml .github", "approvals.md", "approval  "}},
	} {
		plan := scaffold.Plan{Answers: shop(), RepositoryFrom: "as you say", BranchFrom: "as you say", Places: places}
		row.change(&plan)
		said := strings.Join(append(plan.Taken(), plan.Steps()...), "\n") + "\n"
		for _, each := range row.says {
			if !strings.Contains(said, each) {
				t.Errorf("%s: %q is not said:\n%s", name, each, said)
			}
		}
		for _, each := range row.never {
			if strings.Contains(said, each) {
				t.Errorf("%s: %q is said:\n%s", name, each, said)
			}
		}
	}
}
