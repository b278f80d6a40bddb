package actions_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
)

func TestReadRefusesEvents(t *testing.T) {
	t.Parallel()
	without := func(event, field string) string { return strings.Replace(event, `"`+field+`"`, `"x"`, 1) }
	replace := func(event, old, by string) string { return strings.Replace(event, old, by, 1) }
	branch := pushEvent("refs/heads/main", commitSHA)
	release := releaseEvent("published", "v1.2.3", "false")
	for _, test := range []struct {
		name  string
		vars  vars
		event string
		words string
	}{
		{"an empty file", branchRun(), "", "empty"},
		{"text", branchRun(), "hello", "not a JSON object"},
		{"half an object", branchRun(), branch[:40], "not a JSON object"},
		{"an object and more", branchRun(), branch + "{}", "not a JSON object"},
		{"null", branchRun(), "null", "null"},
		{"a list", branchRun(), "[]", "not a JSON object"},
		{"an empty object", branchRun(), "{}", `no "deleted"`},
		{"a push of another commit", branchRun(), pushEvent("refs/heads/main", otherSHA), otherSHA},
		{"a push of another branch", branchRun(), pushEvent("refs/heads/dev", commitSHA), "refs/heads/dev"},
		{"a push of a tag of the branch's name", branchRun(), pushEvent("refs/tags/main", commitSHA), "refs/tags/main"},
		{"a push without a commit", branchRun(), without(branch, "after"), `no "after"`},
		{"a push without a reference", branchRun(), without(branch, "ref"), `no "ref"`},
		{"a push whose fields are in upper case", branchRun(), replace(branch, `"after"`, `"After"`), `no "after"`},
		{"a push with a null commit", branchRun(), replace(branch, `"`+commitSHA+`"`, "null"), `"after" is null`},
		{"a push with a number as commit", branchRun(), replace(branch, `"`+commitSHA+`"`, "1"), `"after" is not text`},
		{"a push with an empty commit", branchRun(), pushEvent("refs/heads/main", ""), `"after"`},
		{"a push with a short commit", branchRun(), pushEvent("refs/heads/main", commitSHA[:7]), "7 characters"},
		{"a push with text for deleted", branchRun(), replace(branch, "false", `"false"`), `"deleted" is not true or false`},
		{"a push with null for deleted", branchRun(), replace(branch, "false", "null"), `"deleted" is null`},
		// REF-21
		{"a push that deletes", branchRun(), replace(branch, "false", "true"), "deleted a branch or tag"},
		{"a push of no object", branchRun(), pushEvent("refs/heads/main", zeroSHA), "deleted a branch or tag"},
		{"a tag push of no object", tagRun(), pushEvent("refs/tags/v1.2.3", zeroSHA), "deleted a branch or tag"},
		{"a tag push of another tag", tagRun(), pushEvent("refs/tags/v1.2.4", commitSHA), "v1.2.4"},
		{"a null repository", branchRun(), `{"repository": null}`, `"repository" is null`},
		{"a list as repository", branchRun(), `{"repository": []}`, `"repository" is not an object`},
		{"a null repository name", branchRun(), `{"repository": {"full_name": null}}`, `"full_name" is null`},
		{"a broken repository number", branchRun(), `{"repository": {"id": 1.5}}`, `"id" is not a whole number`},
		{"another repository of the same name", branchRun(), `{"repository": {"id": 12, "full_name": "acme/shop"}}`, "repository number 12"},
		{"a dispatch on another branch", dispatchRun(), `{"ref": "refs/heads/dev"}`, "refs/heads/dev"},
		{"a dispatch with a short reference", dispatchRun(), `{"ref": "main"}`, `"main"`},
		{"a dispatch without a reference", dispatchRun(), `{}`, `no "ref"`},
		{"a release of another tag", releaseRun(), releaseEvent("published", "v1.2.4", "false"), "v1.2.4"},
		{"a release on a branch of the tag's name", releaseRun().with(vars{"GITHUB_REF": "refs/heads/v1.2.3"}), release, "refs/heads/v1.2.3"},
		{"a draft", releaseRun(), releaseEvent("published", "v1.2.3", "true"), "draft"},
		{"a release that does not say whether it is a draft", releaseRun(), without(release, "draft"), `no "draft"`},
		{"a release without a tag", releaseRun(), without(release, "tag_name"), `no "tag_name"`},
		{"a release without an action", releaseRun(), without(release, "action"), `no "action"`},
		{"a release event without a release", releaseRun(), without(release, "release"), `no "release"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run, err := actions.Read(test.vars.env, eventFile(test.event))
			wantRefusal(t, run, err, actions.RefInvalid, test.words)
		})
	}
}

func TestReadRefusesAnEventFileOfAnySize(t *testing.T) {
	t.Parallel()
	var asked int64
	run, err := actions.Read(branchRun().env, func(_ string, limit int64) ([]byte, error) {
		asked = limit
		event := pushEvent("refs/heads/main", commitSHA)
		return []byte(event + strings.Repeat(" ", int(limit)+1-len(event))), nil
	})
	wantRefusal(t, run, err, actions.RefInvalid, "longer than 26214400 bytes")
	if asked != 25<<20 {
		t.Errorf("Read asked for %d bytes", asked)
	}
}

// The event file is read through the function that was given, once and under
// its limit. go-githubactions would open it by itself.
func TestReadOpensNoFile(t *testing.T) {
	t.Parallel()
	path := newFile(t, "not what the function returns")
	asked := 0
	_, err := actions.Read(branchRun().with(vars{"GITHUB_EVENT_PATH": path}).env, func(name string, _ int64) ([]byte, error) {
		asked++
		if name != path {
			t.Errorf("Read asked for %q", name)
		}
		return []byte(pushEvent("refs/heads/main", commitSHA)), nil
	})
	if err != nil || asked != 1 {
		t.Errorf("Read asked %d times and returned %v", asked, err)
	}
}

func TestReadUnderstandsEvents(t *testing.T) {
	t.Parallel()
	subject := func(ref fact.Ref, tagObject fact.SHA) fact.Subject {
		return fact.Subject{Repository: "acme/shop", Ref: ref, SHA: commitSHA, TagObject: tagObject}
	}
	for _, test := range []struct {
		name  string
		vars  vars
		event string
		want  fact.Subject
	}{
		{"a push of a branch", branchRun(), pushEvent("refs/heads/main", commitSHA), subject("refs/heads/main", "")},
		{"a push of a lightweight tag", tagRun(), pushEvent("refs/tags/v1.2.3", commitSHA), subject("refs/tags/v1.2.3", "")},
		{"a push of an annotated tag", tagRun(), pushEvent("refs/tags/v1.2.3", otherSHA), subject("refs/tags/v1.2.3", otherSHA)},
		{
			"a branch that is called like a full reference",
			branchRun().with(vars{"GITHUB_REF": "refs/heads/refs/heads/main"}),
			pushEvent("refs/heads/refs/heads/main", commitSHA), subject("refs/heads/refs/heads/main", ""),
		},
		{"a dispatch on a branch", dispatchRun(), `{"ref": "refs/heads/main", "inputs": null}`, subject("refs/heads/main", "")},
		{"a dispatch on a tag", dispatchRun().with(vars{"GITHUB_REF": "refs/tags/v1.2.3"}), `{"ref": "refs/tags/v1.2.3"}`, subject("refs/tags/v1.2.3", "")},
		{"a release", releaseRun(), releaseEvent("published", "v1.2.3", "false"), subject("refs/tags/v1.2.3", "")},
		{
			"an event without a repository", branchRun(),
			strings.Replace(pushEvent("refs/heads/main", commitSHA), `"repository"`, `"x"`, 1), subject("refs/heads/main", ""),
		},
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

func TestReadSaysWhyAnEventIsNotSupported(t *testing.T) {
	t.Parallel()
	for event, words := range map[string]string{
		"pull_request_target":         "looks like a push to the default branch", // REF-13
		"delete":                      "after something else was removed",
		"issue_comment":               "anyone who may comment",
		"commit_comment":              "anyone who may comment",
		"discussion_comment":          "anyone who may comment",
		"discussion":                  "anyone who may write there",
		"issues":                      "anyone who may write there",
		"watch":                       "anyone who can see the repository",
		"fork":                        "anyone who can see the repository",
		"check_run":                   "not on the commit that was checked",
		"check_suite":                 "not on the commit that was checked",
		"status":                      "not on the commit that was checked",
		"pull_request_review":         "not on the commit that was reviewed",
		"pull_request_review_comment": "not on the commit that was reviewed",
		"workflow_call":               "event of its caller",
		"something_new":               "does not say which branch or tag",
		"Push":                        "does not say which branch or tag",
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			environment := branchRun().with(vars{"GITHUB_EVENT_NAME": event, "GITHUB_REF": "refs/pull/7/merge"})
			run, err := actions.Read(environment.env, eventFile(pushEvent("refs/heads/main", commitSHA)))
			wantRefusal(t, run, err, actions.EventUnsupported, `"`+event+`"`, words, "push", "workflow_dispatch", "release")
			if run.Trigger.Event != event || run.Trigger.RunURL == "" {
				t.Errorf("trigger is %+v; the report of the refusal needs event and run", run.Trigger)
			}
		})
	}
}

const exampleQueue = "refs/heads/gh-readonly-queue/main/pr-104-929f8209d40f77f4abc622a499c93a83babdbe64"

// exampleEnv returns the environment that goes with a published example: the
// reference and the commit are the payload's where it has them.
func exampleEnv(name string) vars {
	event, _, _ := strings.Cut(name, ".")
	environment := branchRun().with(vars{
		"GITHUB_EVENT_NAME": event, "GITHUB_REPOSITORY": "Codertocat/Hello-World", "GITHUB_REPOSITORY_ID": "186853002",
		"GITHUB_REF": "refs/heads/master", "GITHUB_SHA": otherSHA,
	})
	switch {
	case name == "push.branch-update.json", event == "deployment", event == "deployment_status":
		environment["GITHUB_SHA"] = commitSHA
	case name == "workflow_dispatch.1.json":
		environment = environment.with(vars{"GITHUB_REPOSITORY": "octo-org/octo-repo", "GITHUB_REPOSITORY_ID": "6811672", "GITHUB_REF": "refs/heads/main"})
	case name == "workflow_dispatch.2.json", event == "repository_dispatch":
		environment = environment.with(vars{"GITHUB_REPOSITORY": "octo-org/octo-repo", "GITHUB_REPOSITORY_ID": "17273051"})
	case event == "merge_group":
		environment = environment.with(vars{
			"GITHUB_REPOSITORY": "octo-org/octo-repo", "GITHUB_REPOSITORY_ID": "17273051",
			"GITHUB_REF": exampleQueue, "GITHUB_SHA": "2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d",
		})
	case event == "release":
		environment["GITHUB_REF"] = "refs/tags/0.0.1"
	case name == "push.tag-create.json", event == "create":
		environment["GITHUB_REF"] = "refs/tags/simple-tag"
	case event == "pull_request":
		environment = environment.with(vars{"GITHUB_REF": "refs/pull/2/merge", "GITHUB_HEAD_REF": "changes"})
	case event == "workflow_run":
		environment["GITHUB_REPOSITORY_ID"] = "283462325"
	}
	return environment
}

func TestReadOfPublishedExamples(t *testing.T) {
	t.Parallel()
	const repository, organization = "Codertocat/Hello-World", "octo-org/octo-repo"
	supported := map[string]fact.Subject{
		"create.1.json":                     {Repository: repository, Ref: "refs/tags/simple-tag", SHA: otherSHA},
		"deployment.created.json":           {Repository: repository, Ref: "refs/heads/master", SHA: commitSHA},
		"deployment_status.created.json":    {Repository: repository, Ref: "refs/heads/master", SHA: commitSHA},
		"merge_group.checks_requested.json": {Repository: organization, Ref: exampleQueue, SHA: "2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d"},
		"pull_request.opened.json":          {Repository: repository, Ref: "refs/heads/changes", SHA: "ec26c3e57ca3a959ca5aad62de7213c562f8c821", Chosen: true},
		"repository_dispatch.1.json":        {Repository: organization, Ref: "refs/heads/master", SHA: otherSHA},
		"push.branch-create.json":           {Repository: repository, Ref: "refs/heads/master", SHA: otherSHA},
		"push.branch-update.json":           {Repository: repository, Ref: "refs/heads/master", SHA: commitSHA},
		"push.tag-create.json":              {Repository: repository, Ref: "refs/tags/simple-tag", SHA: otherSHA},
		"release.published.json":            {Repository: repository, Ref: "refs/tags/0.0.1", SHA: otherSHA},
		"workflow_dispatch.1.json":          {Repository: organization, Ref: "refs/heads/main", SHA: otherSHA},
		"workflow_dispatch.2.json":          {Repository: organization, Ref: "refs/heads/master", SHA: otherSHA},
	}
	files, err := filepath.Glob("../../testdata/event/*.json")
	if err != nil || len(files) < 60 {
		t.Fatalf("found %d examples (%v)", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			environment := exampleEnv(name)
			run, err := actions.Read(environment.env, eventFile(string(data)))
			if want, ok := supported[name]; ok {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, run.Subject); diff != "" {
					t.Errorf("subject (-want +got):\n%s", diff)
				}
				return
			}
			if name == "push.tag-delete.json" {
				wantRefusal(t, run, err, actions.RefInvalid, "push", "deleted")
				return
			}
			if name == "workflow_run.completed.json" { // the head is in another repository
				wantRefusal(t, run, err, actions.Fork, "octo-org/octo-repo")
				return
			}
			wantRefusal(t, run, err, actions.EventUnsupported, environment["GITHUB_EVENT_NAME"], "not supported")
		})
	}
}

// The page is held against the code: what it calls refused is refused by name,
// and what it calls supported is not.
func TestTheEventsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	supported, refused, found := strings.Cut(string(page), "## Refused")
	if !found {
		t.Fatal("the page has no part about refused events")
	}
	for event := range eventsIn(t, refused, 14) {
		run, err := actions.Read(branchRun().with(vars{"GITHUB_EVENT_NAME": event}).env, eventFile(pushEvent("refs/heads/main", commitSHA)))
		wantRefusal(t, run, err, actions.EventUnsupported, event)
		if strings.Contains(err.Error(), "does not say which branch or tag") {
			t.Errorf("the page has a row for %s, the code has no sentence", event)
		}
	}
	for event := range eventsIn(t, supported, 11) {
		_, err := actions.Read(branchRun().with(vars{"GITHUB_EVENT_NAME": event}).env, eventFile(pushEvent("refs/heads/main", commitSHA)))
		if err != nil && strings.Contains(err.Error(), "is not supported") {
			t.Errorf("the page calls %s supported: %v", event, err)
		}
	}
}

// eventsIn returns the events in the first column of the tables of a text.
func eventsIn(t *testing.T, text string, want int) map[string]bool {
	t.Helper()
	events := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]+) \\|").FindAllStringSubmatch(text, -1) {
		for _, quoted := range regexp.MustCompile("`[a-z_]+`").FindAllString(row[1], -1) {
			events[strings.Trim(quoted, "`")] = true
		}
	}
	if len(events) != want {
		t.Fatalf("the page lists %d events, want %d: %v", len(events), want, events)
	}
	return events
}

// Whatever the event file holds, Read does not panic, and a push of a branch
// that it accepts is about the commit that the runner names.
func FuzzEvent(f *testing.F) {
	for _, event := range []string{
		pushEvent("refs/heads/main", commitSHA), pushEvent("refs/heads/main", zeroSHA), "{}", "null", `{"repository": {"id": 1e3}}`,
		`{"after": "` + otherSHA + `", "after": "` + commitSHA + `", "deleted": false, "ref": "refs/heads/main"}`,
	} {
		f.Add(event)
	}
	want := fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: commitSHA}
	f.Fuzz(func(t *testing.T, event string) {
		run, err := actions.Read(branchRun().env, eventFile(event))
		if err == nil && run.Subject != want {
			t.Errorf("subject is %+v", run.Subject)
		}
		if _, err := actions.Read(tagRun().env, eventFile(event)); err == nil && strings.Contains(event, "refs/heads/main") && !strings.Contains(event, "refs/tags") {
			t.Errorf("a branch was taken for a tag")
		}
	})
}
