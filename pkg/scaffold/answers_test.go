package scaffold_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/scaffold"
)

func ref(t *testing.T, text string) fact.Ref {
	t.Helper()
	parsed, err := fact.ParseRef(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestAnswersOfWhichNoFilesAreMade(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("a", 40)
	for name, row := range map[string]struct {
		change func(*scaffold.Answers)
		says   string
	}{
		"a preset that is not there":             {func(a *scaffold.Answers) { a.Preset = "five-stage" }, "three-stage, four-stage"},
		"no repository":                          {func(a *scaffold.Answers) { a.Repository = "" }, "owner/name"},
		"a repository without owner":             {func(a *scaffold.Answers) { a.Repository = "shop" }, "owner/name"},
		"a repository with a path":               {func(a *scaffold.Answers) { a.Repository = "acme/shop/x" }, "owner/name"},
		"a repository that leads up":             {func(a *scaffold.Answers) { a.Repository = "acme/.." }, "owner/name"},
		"a repository that is a command":         {func(a *scaffold.Answers) { a.Repository = "acme/$(id)" }, "owner/name"},
		"a repository with a line more":          {func(a *scaffold.Answers) { a.Repository = "acme/shop\n" }, "owner/name"},
		"a branch with a line more":              {func(a *scaffold.Answers) { a.DefaultBranch = "main\nx: y" }, "letters, digits"},
		"a branch that is an expression":         {func(a *scaffold.Answers) { a.DefaultBranch = "${{x}}" }, "letters, digits"},
		"a branch that GitHub takes for a class": {func(a *scaffold.Answers) { a.DefaultBranch = "a+b" }, "letters, digits"},
		"a branch that takes another out":        {func(a *scaffold.Answers) { a.DefaultBranch = "!main" }, "letters, digits"},
		"a branch with a quote":                  {func(a *scaffold.Answers) { a.DefaultBranch = "it's" }, "letters, digits"},
		"a branch that git refuses":              {func(a *scaffold.Answers) { a.DefaultBranch = "a..b" }, "letters, digits"},
		"a branch that is a lock":                {func(a *scaffold.Answers) { a.DefaultBranch = "a.lock/b" }, "letters, digits"},
		"a branch that is an option":             {func(a *scaffold.Answers) { a.DefaultBranch = "--all" }, "letters, digits"},
		"a tag of the action":                    {func(a *scaffold.Answers) { a.Uses = "stageward/stageward@v1" }, "can be moved"},
		"a short commit id of the action":        {func(a *scaffold.Answers) { a.Uses = "stageward/stageward@" + id[1:] }, "can be moved"},
		"an action with a comment":               {func(a *scaffold.Answers) { a.Uses = "stageward/stageward@" + id + " # x" }, "can be moved"},
		"an action of the workspace":             {func(a *scaffold.Answers) { a.Uses = "./@" + id }, "can be moved"},
		"a check with an expression":             {func(a *scaffold.Answers) { a.Checks[0].Name = "${{ x }}" }, "tests=ci.yml"},
		"a check with a quote":                   {func(a *scaffold.Answers) { a.Checks[0].Name = `a"b` }, "tests=ci.yml"},
		"a check without a name":                 {func(a *scaffold.Answers) { a.Checks[0].Name = "" }, "tests=ci.yml"},
		"a check without a file":                 {func(a *scaffold.Answers) { a.Checks[0].Workflow = "" }, "tests=ci.yml"},
		"a check of a file elsewhere":            {func(a *scaffold.Answers) { a.Checks[0].Workflow = ".github/workflows/../x.yml" }, "tests=ci.yml"},
		"a lead that is no login":                {func(a *scaffold.Answers) { a.Leads = []string{"olga, sam"} }, `--lead "olga, sam"`},
		"a lead without a name":                  {func(a *scaffold.Answers) { a.Leads = []string{""} }, `--lead ""`},
		"a team of another organisation":         {func(a *scaffold.Answers) { a.QA = []string{"other/qa"} }, "has to be of the organisation"},
		"a team below a team":                    {func(a *scaffold.Answers) { a.Owners = []string{"acme/a/b"} }, "--owner"},
		"one person alone with others":           {func(a *scaffold.Answers) { a.Solo, a.QA = true, []string{"quinn"} }, "--solo"},
		"an environment with a quote":            {func(a *scaffold.Answers) { a.Environments = map[string]string{"prod": `live"`} }, "environment"},
	} {
		answers := shop()
		row.change(&answers)
		if err := answers.Check(); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: error is %v, want %q", name, err, row.says)
		}
	}
	answers := shop()
	answers.QA, answers.Owners, answers.Uses = []string{"quinn-1", "ada_corp"}, []string{"ACME/owners"}, "stageward/stageward@"+id
	if err := answers.Check(); err != nil {
		t.Error(err)
	}
}
