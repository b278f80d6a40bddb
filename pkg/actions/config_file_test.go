package actions_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/actions"
)

// Whatever is refused, the file of an earlier step has to go.
func TestTheConfigFileIsKnownBesideEveryRefusal(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]vars{
		"a repository that is none":      {"GITHUB_REPOSITORY": "x"},
		"no run":                         {"GITHUB_RUN_ID": "0"},
		"a fail-on that is none":         {"INPUT_FAIL-ON": "nevr"},
		"an event that is not supported": {"GITHUB_EVENT_NAME": "issue_comment"},
		"no token":                       {"INPUT_TOKEN": ""},
		"a command that is none":         {"INPUT_COMMAND": "x"},
		"a commit that is none":          {"INPUT_SHA": "x"},
	} {
		variables := branchRun().with(wrong).with(vars{"INPUT_CONFIG-FILE": "out/stage.env", "GITHUB_WORKSPACE": "/work"})
		run, err := actions.Read(variables.env, eventFile(pushEvent("refs/heads/main", commitSHA)))
		if err == nil || run.Inputs.ConfigFile != "out/stage.env" || run.Workspace != "/work" {
			t.Errorf("%s: %q below %q, %v", name, run.Inputs.ConfigFile, run.Workspace, err)
		}
	}
}

// One that is wrong is nothing that could be removed.
func TestAConfigFileThatIsWrongIsNotKnown(t *testing.T) {
	t.Parallel()
	run, err := actions.Read(branchRun().with(vars{"INPUT_CONFIG-FILE": "../stage.env"}).env, eventFile(pushEvent("refs/heads/main", commitSHA)))
	if err == nil || run.Inputs.ConfigFile != "" {
		t.Errorf("%q, %v", run.Inputs.ConfigFile, err)
	}
}
