package policy_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// FuzzParse feeds any bytes. Parse must not panic, must answer the same twice,
// and whatever it accepts must be what a reader of the text sees, and ask for
// something.
func FuzzParse(f *testing.F) {
	for _, folder := range []string{"ok", "err"} {
		paths, err := filepath.Glob(filepath.Join(corpus, folder, "*.yml"))
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			f.Add(read(f, path))
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		got, err := policy.Parse("policy.yml", source, gate.All())
		again, errAgain := policy.Parse("policy.yml", source, gate.All())
		if (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() || summary(got) != summary(again) {
			t.Fatalf("two answers to one text: %v, %v", err, errAgain)
		}
		if err != nil {
			checkProblems(t, err)
			return
		}
		checkText(t, source)
		for _, each := range got.All() {
			checkPolicy(t, each)
		}
		checkApart(t, got)
	})
}

func checkProblems(t *testing.T, err error) {
	t.Helper()
	var problems policy.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("not problems: %#v", err)
	}
	for _, char := range strings.ReplaceAll(err.Error(), "\n", "") {
		if !unicode.IsPrint(char) {
			t.Fatalf("the error shows %U raw", char)
		}
	}
}

func checkText(t *testing.T, source []byte) {
	t.Helper()
	text := strings.ReplaceAll(string(source), "\r\n", "\n")
	if !utf8.ValidString(text) {
		t.Fatal("accepted text that is not UTF-8")
	}
	if strings.ContainsAny(text, "\r\u0085\u2028\u2029\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
		t.Fatalf("accepted a hidden line break or direction mark: %q", source)
	}
	for _, char := range text {
		if unicode.IsControl(char) && char != '\n' && char != '\t' {
			t.Fatalf("accepted the control character %U", char)
		}
	}
}

// checkApart sees to it that no two projects have anything in which a deployment to
// the one would pass for one to the other, and that the placeholder is gone.
func checkApart(t *testing.T, got policy.Policy) {
	t.Helper()
	if len(got.Projects) > 0 && len(got.Stages) > 0 {
		t.Fatal("accepted stages that belong to no project")
	}
	environments, jobs := map[string]string{}, map[fact.JobOf]string{}
	for _, each := range got.Projects {
		for _, stage := range each.Stages {
			key := strings.ToLower(stage.Environment)
			if owner := cmp.Or(environments[key], each.Project); owner != each.Project {
				t.Fatalf("%s and %s have the environment %q", owner, each.Project, stage.Environment)
			}
			environments[key] = each.Project
			if owner := cmp.Or(jobs[stage.DeployedBy], each.Project); owner != each.Project && stage.DeployedBy != (fact.JobOf{}) {
				t.Fatalf("%s and %s are deployed by %+v", owner, each.Project, stage.DeployedBy)
			}
			jobs[stage.DeployedBy] = each.Project
		}
		if strings.Contains(summary(each), policy.Placeholder) {
			t.Fatalf("the placeholder is left in %s", summary(each))
		}
	}
}

func checkPolicy(t *testing.T, got policy.Policy) {
	t.Helper()
	if len(got.Stages) == 0 {
		t.Fatal("accepted a policy without stages")
	}
	seen := map[string]bool{}
	last := ""
	for _, stage := range got.Stages {
		if stage.HotfixFor == "" {
			last = stage.Name
		}
	}
	for _, stage := range got.Stages {
		enforced := false
		for _, asked := range stage.Gates {
			enforced = enforced || asked.Mode == verdict.Enforce
		}
		switch {
		case stage.Name == "" || stage.Environment == "" || seen[stage.Name] || stage.Rule.Stage != stage.Name:
			t.Fatalf("accepted the names %+v", got.Names())
		case stage.Unrestricted == enforced || stage.Unrestricted && len(stage.Gates) > 0:
			t.Fatalf("stage %s: unrestricted %t, with %d gates", stage.Name, stage.Unrestricted, len(stage.Gates))
		case len(stage.Rule.Branches)+len(stage.Rule.Tags) == 0 || stage.Rule.Versions == "":
			t.Fatalf("stage %s accepts nothing", stage.Name)
		case len(stage.Rule.Events) == 0 || slices.Contains(stage.Rule.Events, "") || slices.Contains(stage.Rule.Events, "pull_request_target"):
			t.Fatalf("stage %s accepts the events %q", stage.Name, stage.Rule.Events)
		case stage.Data == "production" && cmp.Or(stage.HotfixFor, stage.Name) != last:
			t.Fatalf("stage %s holds production data", stage.Name)
		case stage.HotfixFor != "" && (stage.Unrestricted || len(stage.Lanes) > 0 || !slices.Contains(got.Names(), stage.HotfixFor) || stage.Rule.For != stage.HotfixFor):
			t.Fatalf("accepted the hotfix lane %+v", stage)
		case stage.Config != nil && (!json.Valid(stage.Config) || stage.Config[0] != '{'):
			t.Fatalf("stage %s has the configuration %s", stage.Name, stage.Config)
		}
		seen[stage.Name] = true
	}
}
