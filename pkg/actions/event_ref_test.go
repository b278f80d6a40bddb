package actions_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
)

func createRun() vars { return branchRun().with(vars{"GITHUB_EVENT_NAME": "create"}) }

func createEvent(name, kind string) string {
	return fmt.Sprintf(`{"ref": %q, "ref_type": %q, "master_branch": "main", %s}`, name, kind, repositoryField)
}

func deploymentRun() vars { return branchRun().with(vars{"GITHUB_EVENT_NAME": "deployment"}) }

const deploymentEvent = `{"action": "created", "deployment": {"ref": "main", "sha": "` + commitSHA + `", "environment": "production"}, ` + repositoryField + `}`

func scheduleRun() vars { return branchRun().with(vars{"GITHUB_EVENT_NAME": "schedule"}) }

func TestReadRefusesCreations(t *testing.T) {
	t.Parallel()
	testRefused(t, createRun(), createEvent("main", "branch"), []refusedRow{
		{"a tag of the branch's name", nil, []string{`"branch"`, `"tag"`}, actions.RefInvalid, "tag"},
		{"another branch", nil, []string{`"main"`, `"dev"`}, actions.RefInvalid, "dev"},
		{"a full name", nil, []string{`"main"`, `"refs/heads/main"`}, actions.RefInvalid, "refs/heads/main"},
		{"a repository", nil, []string{`"branch"`, `"repository"`, `"main"`, "null"}, actions.RefInvalid, `"ref" is null`},
		{"no kind", nil, []string{`"ref_type"`, `"x"`}, actions.RefInvalid, `no "ref_type"`},
		{"an empty kind", nil, []string{`"branch"`, `""`}, actions.RefInvalid, "refs/heads/main"},
		{"a number as kind", nil, []string{`"branch"`, "1"}, actions.RefInvalid, "not text"},
		{"a run of nothing", vars{"GITHUB_REF": ""}, nil, actions.RefInvalid, "GITHUB_REF"}, // REF-15
		{"a run of no commit", vars{"GITHUB_SHA": zeroSHA}, nil, actions.RefInvalid, "no object"},
	})
}

func TestReadRefusesDeployments(t *testing.T) {
	t.Parallel()
	sha := `"sha": "` + commitSHA + `"`
	for _, event := range []string{"deployment", "deployment_status"} {
		testRefused(t, deploymentRun().with(vars{"GITHUB_EVENT_NAME": event}), deploymentEvent, []refusedRow{
			{event + " created for a commit", vars{"GITHUB_REF": ""}, []string{`"main"`, `"` + commitSHA + `"`}, actions.EventUnsupported, event},
			{event + " created for a part of a commit id", vars{"GITHUB_REF": ""}, []string{`"main"`, `"` + commitSHA[:7] + `"`}, actions.EventUnsupported, event},
			{event + " of a branch in a run of nothing", vars{"GITHUB_REF": ""}, nil, actions.RefInvalid, "GITHUB_REF"}, // REF-15
			{event + " of an empty ref in a run of nothing", vars{"GITHUB_REF": ""}, []string{`"main"`, `""`}, actions.RefInvalid, "GITHUB_REF"},
			{event + " of another branch", nil, []string{`"main"`, `"dev"`}, actions.RefInvalid, "dev"},
			{event + " of a tag of the branch's name", nil, []string{`"main"`, `"refs/tags/main"`}, actions.RefInvalid, "refs/tags/main"},
			{event + " of a pull request", vars{"GITHUB_REF": "refs/pull/7/merge"}, nil, actions.RefInvalid, "refs/pull/7/merge"},
			{event + " of another commit", nil, []string{sha, `"sha": "` + otherSHA + `"`}, actions.RefInvalid, otherSHA},
			{event + " of no object", nil, []string{sha, `"sha": "` + zeroSHA + `"`}, actions.RefInvalid, zeroSHA},
			{event + " of a null commit", nil, []string{sha, `"sha": null`}, actions.RefInvalid, `"sha" is null`},
			{event + " of a null ref", nil, []string{`"main"`, "null"}, actions.RefInvalid, `"ref" is null`},
			{event + " that is null", nil, []string{`"deployment": {`, `"deployment": null, "x": {`}, actions.RefInvalid, `"deployment" is null`},
			{event + " that was changed", nil, []string{"created", "edited"}, actions.EventUnsupported, event + " (edited)"},
			{event + " without an action", nil, []string{`"action"`, `"x"`}, actions.RefInvalid, `no "action"`},
		})
	}
}

func TestReadRefusesRunsOfTheDefaultBranch(t *testing.T) {
	t.Parallel()
	const schedule = `{"schedule": "0 4 * * *", "repository": {"id": 4711, "default_branch": "main"}}`
	for _, event := range []string{"schedule", "repository_dispatch"} {
		testRefused(t, scheduleRun().with(vars{"GITHUB_EVENT_NAME": event}), schedule, []refusedRow{
			{event + " on another branch", nil, []string{`"main"`, `"trunk"`}, actions.RefInvalid, "trunk"},
			{event + " on a tag", vars{"GITHUB_REF": "refs/tags/main"}, nil, actions.RefInvalid, "refs/tags/main"},
			{event + " with a null branch", nil, []string{`"main"`, "null"}, actions.RefInvalid, `"default_branch" is null`},
			{event + " with a null repository", nil, []string{`"repository": {`, `"repository": null, "x": {`}, actions.RefInvalid, `"repository" is null`},
			{event + " of another repository", nil, []string{"4711", "4712"}, actions.RefInvalid, "4712"},
			{event + " on nothing", vars{"GITHUB_REF": ""}, nil, actions.RefInvalid, "GITHUB_REF"}, // REF-15
			{event + " on no commit", vars{"GITHUB_SHA": zeroSHA}, nil, actions.RefInvalid, "no object"},
		})
	}
}

func TestReadFindsTheReference(t *testing.T) {
	t.Parallel()
	branch := fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: commitSHA}
	tag := fact.Subject{Repository: "acme/shop", Ref: "refs/tags/v1.2.3", SHA: commitSHA}
	onTag := vars{"GITHUB_REF": "refs/tags/v1.2.3"}
	for _, test := range []struct {
		name  string
		vars  vars
		event string
		want  fact.Subject
	}{
		{"a new branch", createRun(), createEvent("main", "branch"), branch},
		{"a new tag, of which the event does not say the object", createRun().with(onTag), createEvent("v1.2.3", "tag"), tag},
		{"a deployment of a branch", deploymentRun(), deploymentEvent, branch},
		{"a deployment of a branch in full", deploymentRun(), edit(t, deploymentEvent, []string{`"main"`, `"refs/heads/main"`}), branch},
		{"a deployment of a tag", deploymentRun().with(onTag), edit(t, deploymentEvent, []string{`"main"`, `"v1.2.3"`}), tag},
		{"a status of a deployment", deploymentRun().with(vars{"GITHUB_EVENT_NAME": "deployment_status"}), deploymentEvent, branch},
		{"a schedule that says the time alone", scheduleRun(), `{"schedule": "0 4 * * *"}`, branch},
		{"a schedule with a repository", scheduleRun(), `{"repository": {"id": 4711, "default_branch": "main"}}`, branch},
		{"a call", scheduleRun().with(vars{"GITHUB_EVENT_NAME": "repository_dispatch"}), `{"action": "deploy", "branch": "main", ` + repositoryField + `}`, branch},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run, err := actions.Read(test.vars.env, eventFile(test.event))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, run.Subject); diff != "" {
				t.Errorf("subject (-want +got):\n%s", diff)
			}
		})
	}
}

// Somebody else runs it again: the commit stays, and both people are kept.
func TestReadKeepsBothPeopleOfARerun(t *testing.T) {
	t.Parallel()
	again := vars{"GITHUB_ACTOR": "octocat", "GITHUB_TRIGGERING_ACTOR": "mallory", "GITHUB_RUN_ATTEMPT": "2"}
	for event, of := range map[string]struct {
		vars  vars
		event string
	}{
		"push": {branchRun(), pushEvent("refs/heads/main", commitSHA)}, "pull_request": {pullRun(), pullEvent},
		"workflow_run": {endedRun(), endedEvent}, "deployment": {deploymentRun(), deploymentEvent},
	} {
		run, err := actions.Read(of.vars.with(again).env, eventFile(of.event))
		if err != nil {
			t.Fatal(err)
		}
		got := run.Trigger
		if got.Event != event || got.Actor != "octocat" || got.TriggeringActor != "mallory" || got.RunAttempt != 2 || run.Subject.SHA != commitSHA {
			t.Errorf("%s: trigger is %+v of %s", event, got, run.Subject.SHA)
		}
	}
}
