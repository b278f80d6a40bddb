package githubtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stageward/stageward/pkg/githubtest"
)

const zeros = "0000000000000000000000000000000000000000"

// pushed is what the rows below look at in a push.
type pushed struct {
	Ref     string `json:"ref"`
	Before  string `json:"before"`
	After   string `json:"after"`
	Created bool   `json:"created"`
	Deleted bool   `json:"deleted"`
	Forced  bool   `json:"forced"`
}

func TestPushes(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	id := server.SHA
	rows := []struct {
		name      string
		event     githubtest.Event
		ref, kind string
		sha       string
		want      pushed
	}{
		{
			"of a deleted branch runs on the default branch",
			githubtest.Event{Ref: "refs/heads/gone", Deleted: true, Before: "c1"},
			"refs/heads/main", "branch", id("c4"),
			pushed{Ref: "refs/heads/gone", Before: id("c1"), After: zeros, Deleted: true},
		},
		{
			"of a deleted tag runs on the default branch",
			githubtest.Event{Ref: "refs/tags/v1.2.3", Deleted: true, Before: "c1"},
			"refs/heads/main", "branch", id("c4"),
			pushed{Ref: "refs/tags/v1.2.3", Before: id("c1"), After: zeros, Deleted: true},
		},
		{
			"of an annotated tag names its object, but runs on the commit",
			githubtest.Event{Ref: "refs/tags/v1.2.3"},
			"refs/tags/v1.2.3", "tag", id("c1"),
			pushed{Ref: "refs/tags/v1.2.3", Before: zeros, After: id("tag:v1.2.3"), Created: true},
		},
		{
			"of a tag on a tag names the outer object",
			githubtest.Event{Ref: "refs/tags/nested"},
			"refs/tags/nested", "tag", id("c1"),
			pushed{Ref: "refs/tags/nested", Before: zeros, After: id("tag:nested"), Created: true},
		},
		{
			"of a lightweight tag names the commit",
			githubtest.Event{Ref: "refs/tags/light"},
			"refs/tags/light", "tag", id("c1"),
			pushed{Ref: "refs/tags/light", Before: zeros, After: id("c1"), Created: true},
		},
		{
			"of a branch",
			githubtest.Event{Ref: "refs/heads/main", Before: "c1", Forced: true},
			"refs/heads/main", "branch", id("c4"),
			pushed{Ref: "refs/heads/main", Before: id("c1"), After: id("c4"), Forced: true},
		},
		{
			"of a branch, run again after it moved on",
			githubtest.Event{Ref: "refs/heads/main", Commit: "c1"},
			"refs/heads/main", "branch", id("c1"),
			pushed{Ref: "refs/heads/main", Before: id("root"), After: id("c1")},
		},
		{
			"of a new branch",
			githubtest.Event{Ref: "refs/heads/dev", Created: true},
			"refs/heads/dev", "branch", id("h2"),
			pushed{Ref: "refs/heads/dev", Before: zeros, After: id("h2"), Created: true},
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.event.Actor = "octocat"
			run, err := server.Run(row.event)
			if err != nil {
				t.Fatal(err)
			}
			var got pushed
			decode(t, run.Payload, &got)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
			if run.Env["GITHUB_REF"] != row.ref || run.Env["GITHUB_REF_TYPE"] != row.kind || run.Env["GITHUB_SHA"] != row.sha {
				t.Errorf("env = %v", run.Env)
			}
		})
	}
}

func TestPayloadsAreAsGitHubDescribesThem(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	rows := map[string][]githubtest.Event{
		"push$event": {
			{Ref: "refs/tags/v1.2.3"},
			{Ref: "refs/tags/light"},
			{Ref: "refs/heads/main", Before: "c1"},
			{Ref: "refs/heads/dev", Created: true},
			{Ref: "refs/heads/gone", Deleted: true, Before: "c1"},
		},
		"workflow_dispatch$event": {
			{Name: "workflow_dispatch", Ref: "refs/heads/main"},
			{Name: "workflow_dispatch", Ref: "refs/tags/v1.2.3", Inputs: map[string]string{"stage": "prod"}},
		},
		"release$published": {{Name: "release", Ref: "refs/tags/v1.2.3"}},
		"create$event":      {{Name: "create", Ref: "refs/heads/dev"}, {Name: "create", Ref: "refs/tags/v1.2.3"}},
		"pull_request$opened": {
			{Name: "pull_request", Ref: "refs/heads/dev"},
			{Name: "pull_request", Ref: "refs/heads/main", Commit: "x1", HeadRepository: "mallory/shop"},
		},
		"merge_group$checks_requested": {{Name: "merge_group", Ref: queueRef, Commit: "c4"}},
		"workflow_run$completed": {
			{Name: "workflow_run", Ref: "refs/heads/dev"},
			{Name: "workflow_run", Ref: "refs/tags/v1.2.3", Cause: "release", Conclusion: "failure"},
			{Name: "workflow_run", Ref: "refs/heads/main", Commit: "x1", Cause: "pull_request", HeadRepository: "mallory/shop"},
		},
		"deployment$created":        {{Name: "deployment", Ref: "refs/heads/main"}, {Name: "deployment", Commit: "c1"}},
		"repository_dispatch$event": {{Name: "repository_dispatch"}},
	}
	for name, events := range rows {
		compiler := jsonschema.NewCompiler()
		// The compiler's own check refuses every template with a brace in it.
		compiler.RegisterFormat(&jsonschema.Format{Name: "uri-template", Validate: func(any) error { return nil }})
		schema, err := compiler.Compile("testdata/github-webhooks-subset.json#/definitions/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range events {
			event.Actor = "octocat"
			run, err := server.Run(event)
			if err != nil {
				t.Fatal(err)
			}
			var payload map[string]any
			decode(t, run.Payload, &payload)
			if err := schema.Validate(payload); err != nil {
				t.Errorf("%s of %s: %v", name, event.Ref, err)
			}
			delete(payload, "sender")
			if schema.Validate(payload) == nil {
				t.Errorf("%s of %s: the schema accepts a payload without a sender", name, event.Ref)
			}
		}
	}
}

func TestTheVariablesOfARun(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	started, err := server.StartTLS()
	if err != nil {
		t.Fatal(err)
	}
	defer started.Close()
	run, err := server.Run(githubtest.Event{
		Name: "workflow_dispatch", Ref: "refs/heads/main", Actor: "dependabot[bot]", TriggeringActor: "alice", Attempt: 2, Inputs: map[string]string{"stage": "prod"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "dependabot[bot]", "GITHUB_ACTOR_ID": "49699333",
		"GITHUB_TRIGGERING_ACTOR": "alice", "GITHUB_API_URL": started.URL + "/api/v3", "GITHUB_GRAPHQL_URL": started.URL + "/api/graphql",
		"GITHUB_SERVER_URL": started.URL, "GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main",
		"GITHUB_REF_TYPE": "branch", "GITHUB_REF_PROTECTED": "false", "GITHUB_BASE_REF": "", "GITHUB_HEAD_REF": "", "GITHUB_SHA": server.SHA("c4"),
		"GITHUB_REPOSITORY": "acme/shop", "GITHUB_REPOSITORY_ID": "1001", "GITHUB_REPOSITORY_OWNER": "acme", "GITHUB_REPOSITORY_OWNER_ID": "7237615",
		"GITHUB_RUN_ID": "9001", "GITHUB_RUN_NUMBER": "1", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_JOB": "deploy",
		"GITHUB_WORKFLOW": ".github/workflows/deploy.yml", "GITHUB_WORKFLOW_SHA": server.SHA("c4"),
		"GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
	}
	if diff := cmp.Diff(want, run.Env); diff != "" {
		t.Errorf("env (-want +got):\n%s", diff)
	}
	var payload struct {
		Inputs   map[string]string
		Ref      string
		Workflow string
		Sender   struct{ Login string }
	}
	decode(t, run.Payload, &payload)
	if payload.Inputs["stage"] != "prod" || payload.Ref != "refs/heads/main" || payload.Sender.Login != "dependabot[bot]" {
		t.Errorf("payload = %+v", payload)
	}
}

func TestAPublishedRelease(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	run, err := server.Run(githubtest.Event{Name: "release", Ref: "refs/tags/v1.2.3", Actor: "octocat"})
	if err != nil {
		t.Fatal(err)
	}
	var payload struct {
		Action  string
		Release struct {
			TagName    string `json:"tag_name"`
			Draft      bool
			Prerelease bool
		}
	}
	decode(t, run.Payload, &payload)
	if payload.Action != "published" || payload.Release.TagName != "v1.2.3" || payload.Release.Draft || payload.Release.Prerelease {
		t.Errorf("payload = %+v", payload)
	}
	if run.Env["GITHUB_SHA"] != server.SHA("c1") || run.Env["GITHUB_API_URL"] != "https://api.github.com" {
		t.Errorf("env = %v", run.Env)
	}
}

func TestEventsThatCannotBe(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	rows := []struct {
		name  string
		event githubtest.Event
		want  string
	}{
		{"nobody", githubtest.Event{Ref: "refs/heads/main"}, "actor"},
		{"a stranger starts it again", githubtest.Event{Ref: "refs/heads/main", Actor: "alice", TriggeringActor: "x"}, "triggering actor"},
		{"a reference that is not there", githubtest.Event{Ref: "refs/heads/none", Actor: "alice"}, "refs/heads/none"},
		{"a short name", githubtest.Event{Ref: "main", Actor: "alice"}, "full name"},
		{"an unknown commit", githubtest.Event{Ref: "refs/heads/main", Commit: "none", Actor: "alice"}, "commit"},
		{"an unknown commit before", githubtest.Event{Ref: "refs/heads/main", Before: "none", Actor: "alice"}, "before"},
		{"a tag on a tree", githubtest.Event{Ref: "refs/tags/onto-tree", Actor: "alice"}, "not a commit"},
		{"a release of a branch", githubtest.Event{Name: "release", Ref: "refs/heads/main", Actor: "alice"}, "release"},
		{"a pull request of a tag", githubtest.Event{Name: "pull_request", Ref: "refs/tags/v1.2.3", Actor: "alice"}, "is a branch"},
		{"a merge group outside of the queue", githubtest.Event{Name: "merge_group", Ref: "refs/heads/main", Actor: "alice"}, "gh-readonly-queue"},
		{"a schedule of another branch", githubtest.Event{Name: "schedule", Ref: "refs/heads/dev", Actor: "alice"}, "default branch"},
		{"a fork without an owner", githubtest.Event{Name: "pull_request", Ref: "refs/heads/dev", HeadRepository: "shop", Actor: "alice"}, "owner/name"},
		{"a deployment of nothing", githubtest.Event{Name: "deployment", Actor: "alice"}, "full name"},
		{"an event that is not implemented", githubtest.Event{Name: "fork", Ref: "refs/heads/main", Actor: "alice"}, "expected push"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if _, err := server.Run(row.event); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error = %v, want one with %q", err, row.want)
			}
		})
	}
}
