package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

const onePath = `
version: 1
projects: { api: { paths: [%q] } }
stages: [{ name: live, environment: "{project}", from: { branches: [main] }, unrestricted: true }]
`

// What a path means: wildcards as in branches, and a folder for all below it.
func TestTheFilesOfAProject(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		path, file string
		want       bool
	}{
		{"services/api", "services/api-gateway/x", false},
		{"services/api", "services/apix", false},
		{"services/api", "old/services/api/x", false},
		{"services/api", "services/API/x", false},
		{"services/api/**", "services/api", false},
		{"services/*", "services/api/x", false},
		{"*.go", "a/b.go", false},
		{"go.mod", "services/go.mod", false},
		{"services/api", "services/api/x/y", true},
		{"services/api", "services/api", true},
		{"services/api/**", "services/api/.hidden", true},
		{"services/api/**", "services/api/x/y z/[id].ts", true},
		{"**/*.go", "a/b/c.go", true},
		{"**/*.go", "c.go", true},
		{"go.mod", "go.mod", true},
	} {
		rules, err := policy.Parse("policy.yml", fmt.Appendf(nil, onePath, row.path), gate.All())
		if err != nil {
			t.Fatal(err)
		}
		if got := rules.Projects[0].Touches([]string{"README.md", row.file}); got != row.want {
			t.Errorf("%s takes %s: %t", row.path, row.file, got)
		}
	}
	if !(policy.Policy{}).Touches([]string{"x"}) || (policy.Policy{}).Touches(nil) {
		t.Error("a project without paths is every file, and nothing is no file")
	}
}

// A policy with projects decides nothing itself.
func TestWhatAPolicyWithProjectsIsAbout(t *testing.T) {
	t.Parallel()
	rules, err := policy.Parse("policy.yml", read(t, corpus+"/ok/projects.yml"), gate.All())
	if err != nil {
		t.Fatal(err)
	}
	if len(rules.Stages) > 0 || len(rules.Rules()) > 0 || len(rules.All()) != 3 {
		t.Errorf("it has %d stages and %d projects", len(rules.Stages), len(rules.All()))
	}
	for project, want := range map[string]string{"": "several projects", "ap": `did you mean "api"?`, "API": `no project "API"`, "web": ""} {
		one, err := rules.Of(project)
		if fmt.Sprint(err) != "<nil>" != (want != "") || err != nil && !strings.Contains(err.Error(), want) || err == nil && one.Project != project {
			t.Errorf("%q: %s, %v", project, one.Project, err)
		}
	}
	alone, err := policy.Preset(policy.DefaultPreset, gate.All())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alone.Of("api"); err == nil || len(alone.All()) != 1 {
		t.Errorf("a policy without projects has one: %v", err)
	}
	if one, err := alone.Of(""); err != nil || len(one.Stages) != 3 {
		t.Errorf("a policy without projects is not itself: %v", err)
	}
}

// As many projects as there can be are read, each with its own stages.
func TestAsManyProjectsAsThereCanBe(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("version: 1\npreset: three-stage\nstages:\n")
	for _, stage := range []string{"dev", "staging", "prod"} {
		fmt.Fprintf(&text, "  - { name: %s, environment: \"{project}-%s\" }\n", stage, stage)
	}
	text.WriteString("projects:\n")
	for i := range policy.MaxProjects {
		fmt.Fprintf(&text, "  p%d: { paths: [p%d], stages: [{ name: prod, url: https://p%d.example.org }] }\n", i, i, i)
	}
	rules, err := policy.Parse("policy.yml", []byte(text.String()), gate.All())
	if err != nil || len(rules.Projects) != policy.MaxProjects {
		t.Fatalf("%d projects: %v", len(rules.Projects), err)
	}
}
