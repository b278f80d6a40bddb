package actions_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
)

// The runs of events whose variables do not name the subject. mergeSHA is what
// GITHUB_SHA is then: a merge made for trying, or the default branch's tip.
const (
	mergeSHA = "929f8209d40f77f4abc622a499c93a83babdbe64"
	home     = `{"id": 4711, "full_name": "acme/shop"}`
	queueRef = "refs/heads/gh-readonly-queue/main/pr-7-" + otherSHA
)

func pullRun() vars {
	return branchRun().with(vars{
		"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": mergeSHA,
		"GITHUB_HEAD_REF": "feat/cart", "GITHUB_BASE_REF": "main",
	})
}

const pullEvent = `{"action": "opened", "number": 7, "pull_request": {"number": 7, "state": "open", "draft": true, "merge_commit_sha": "` + mergeSHA + `",` +
	`"head": {"ref": "feat/cart", "sha": "` + commitSHA + `", "repo": ` + home + `}, "base": {"ref": "main", "sha": "` + otherSHA + `", "repo": ` + home + `}}, ` +
	repositoryField + `}`

func queueRun() vars {
	return branchRun().with(vars{"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": queueRef})
}

const queueEvent = `{"action": "checks_requested", "merge_group": {"head_ref": "` + queueRef + `", "head_sha": "` + commitSHA + `", "base_ref": "refs/heads/main"}, ` +
	repositoryField + `}`

func endedRun() vars {
	return branchRun().with(vars{"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_SHA": mergeSHA})
}

const endedEvent = `{"action": "completed", "workflow_run": {"event": "push", "conclusion": "success", "head_branch": "dev", "head_sha": "` + commitSHA + `", ` +
	`"head_repository": ` + home + `}, ` + repositoryField + `}`

// edit is one change of a payload: old, by, old, by …; a pair that changes
// nothing fails the test.
func edit(t *testing.T, event string, pairs []string) string {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		changed := strings.Replace(event, pairs[i], pairs[i+1], 1)
		if changed == event {
			t.Fatalf("the payload has no %q: %s", pairs[i], event)
		}
		event = changed
	}
	return event
}

type refusedRow struct {
	name  string
	vars  vars
	edits []string
	code  actions.Code
	words string
}

func testRefused(t *testing.T, run vars, event string, rows []refusedRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := actions.Read(run.with(row.vars).env, eventFile(edit(t, event, row.edits)))
			wantRefusal(t, got, err, row.code, row.words)
		})
	}
}

func TestReadRefusesPullRequests(t *testing.T) {
	t.Parallel()
	const other = `{"id": 666, "full_name": "mallory/shop"}`
	headSHA, headRef := `"sha": "`+commitSHA+`"`, `"ref": "feat/cart"`
	testRefused(t, pullRun(), pullEvent, []refusedRow{
		// REF-12
		{"a fork whose branch has a protected name", vars{"GITHUB_HEAD_REF": "main"}, []string{headRef, `"ref": "main"`, home, other}, actions.Fork, "mallory/shop"},
		{"a fork that is gone", nil, []string{home, "null"}, actions.Fork, "gone"},
		{"a fork with the name of this repository", nil, []string{home, `{"id": 666, "full_name": "acme/shop"}`}, actions.Fork, "666"},
		{"a fork that calls itself another case", nil, []string{home, `{"id": 666, "full_name": "Acme/Shop"}`}, actions.Fork, "666"},
		{"a fork on a server without repository numbers", vars{"GITHUB_REPOSITORY_ID": ""}, []string{home, other}, actions.Fork, "666"},
		{"a pull request into another repository", nil, []string{`"repo": ` + home + `}}`, `"repo": ` + other + `}}`}, actions.Fork, "mallory/shop"},
		{"a pull request into a repository that is gone", nil, []string{`"repo": ` + home + `}}`, `"repo": null}}`}, actions.Fork, "gone"},
		{"this repository's number under another name", nil, []string{home, `{"id": 4711, "full_name": "mallory/shop"}`}, actions.RefInvalid, "mallory/shop"},
		{"a repository without a number", nil, []string{home, `{"full_name": "acme/shop"}`}, actions.RefInvalid, `no "id"`},
		{"a repository without a name", nil, []string{home, `{"id": 4711}`}, actions.RefInvalid, `no "full_name"`},
		{"text as repository number", nil, []string{home, `{"id": "4711", "full_name": "acme/shop"}`}, actions.RefInvalid, "not a whole number"},
		{"a list as repository", nil, []string{home, "[]"}, actions.RefInvalid, `"repo" is not an object`},
		{"no head repository", nil, []string{`"repo"`, `"x"`}, actions.RefInvalid, `no "repo"`},
		{
			"no number of this repository at all",
			vars{"GITHUB_REPOSITORY_ID": ""},
			[]string{repositoryField, `"repository": {"full_name": "acme/shop"}`},
			actions.RefInvalid, `no "id"`,
		},
		{
			"a merge, which runs on the base branch",
			vars{"GITHUB_REF": "refs/heads/main"},
			[]string{"opened", "closed", `"open"`, `"closed"`},
			actions.EventUnsupported, "closed",
		},
		{"a label on a closed pull request", nil, []string{"opened", "labeled", `"open"`, `"closed"`}, actions.EventUnsupported, "not open"},
		{"an assignment", nil, []string{"opened", "assigned"}, actions.EventUnsupported, "assigned"},
		{"an action in upper case", nil, []string{"opened", "Opened"}, actions.EventUnsupported, "Opened"},
		{"no action", nil, []string{`"action"`, `"x"`}, actions.RefInvalid, `no "action"`},
		{"a null action", nil, []string{`"opened"`, "null"}, actions.RefInvalid, `"action" is null`},
		{"no state", nil, []string{`"state"`, `"x"`}, actions.RefInvalid, `no "state"`},
		{"a null pull request", nil, []string{`"pull_request": {`, `"pull_request": null, "x": {`}, actions.RefInvalid, `"pull_request" is null`},
		{"a null head", nil, []string{`"head": {`, `"head": null, "x": {`}, actions.RefInvalid, `"head" is null`},
		{"a null base", nil, []string{`"base": {`, `"base": null, "x": {`}, actions.RefInvalid, `"base" is null`},
		{"another pull request than the run's", vars{"GITHUB_REF": "refs/pull/8/merge"}, nil, actions.RefInvalid, "refs/pull/8/merge"},
		{"a run of a branch", vars{"GITHUB_REF": "refs/heads/feat/cart"}, nil, actions.RefInvalid, "refs/pull/7/merge"},
		{"a run of the head", vars{"GITHUB_REF": "refs/pull/7/head"}, nil, actions.RefInvalid, "refs/pull/7/merge"},
		{"a run of nothing", vars{"GITHUB_REF": ""}, nil, actions.RefInvalid, "GITHUB_REF"}, // REF-15
		{"a run of no commit", vars{"GITHUB_SHA": zeroSHA}, nil, actions.RefInvalid, "GITHUB_SHA"},
		{"another branch than the run's", nil, []string{headRef, `"ref": "main"`}, actions.RefInvalid, "GITHUB_HEAD_REF"},
		{"no branch in the variables", vars{"GITHUB_HEAD_REF": ""}, nil, actions.RefInvalid, "GITHUB_HEAD_REF"},
		{"an empty branch", vars{"GITHUB_HEAD_REF": ""}, []string{headRef, `"ref": ""`}, actions.RefInvalid, "empty"},
		{"a branch with a line break", vars{"GITHUB_HEAD_REF": "a\nb"}, []string{headRef, `"ref": "a\nb"`}, actions.RefInvalid, "control character"},
		{"a null branch", nil, []string{headRef, `"ref": null`}, actions.RefInvalid, `"ref" is null`},
		{"no commit", nil, []string{headSHA, `"x": 1`}, actions.RefInvalid, `no "sha"`},
		{"a null commit", nil, []string{headSHA, `"sha": null`}, actions.RefInvalid, `"sha" is null`},
		{"a number as commit", nil, []string{headSHA, `"sha": 1`}, actions.RefInvalid, `"sha" is not text`},
		{"the commit of nothing", nil, []string{headSHA, `"sha": "` + zeroSHA + `"`}, actions.RefInvalid, "no object"},
		{"a short commit", nil, []string{headSHA, `"sha": "` + commitSHA[:7] + `"`}, actions.RefInvalid, "7 characters"},
		{"text as number", nil, []string{`{"number": 7`, `{"number": "7"`}, actions.RefInvalid, "not a whole number"},
	})
}

// A run of pull_request_target is refused whatever its payload holds; only the
// reason differs.
func TestReadRefusesPullRequestTargets(t *testing.T) {
	t.Parallel()
	const other = `{"id": 666, "full_name": "mallory/shop"}`
	run := branchRun().with(vars{"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_HEAD_REF": "main", "GITHUB_BASE_REF": "main"})
	testRefused(t, run, strings.Replace(pullEvent, "feat/cart", "main", 1), []refusedRow{
		// REF-12
		{"a fork whose branch is called main", nil, []string{home, other}, actions.Fork, "mallory/shop"},
		{"a fork in a run without a token", vars{"INPUT_TOKEN": ""}, []string{home, other}, actions.Fork, "push or pull_request"},
		{"a fork that is gone", nil, []string{home, "null"}, actions.Fork, "gone"},
		{"a fork with the name of this repository", nil, []string{home, `{"id": 666, "full_name": "acme/shop"}`}, actions.Fork, "666"},
		{"a fork whose pull request was closed", nil, []string{home, other, `"open"`, `"closed"`}, actions.Fork, "mallory/shop"},
		// REF-13
		{"a branch of this repository", nil, nil, actions.EventUnsupported, "looks like a push to the default branch"},
		{"this repository's number under another name", nil, []string{home, `{"id": 4711, "full_name": "mallory/shop"}`}, actions.EventUnsupported, "default branch"},
		{"a repository without a number", nil, []string{home, `{"full_name": "acme/shop"}`}, actions.EventUnsupported, "default branch"},
		{"a list as repository", nil, []string{home, "[]"}, actions.EventUnsupported, "default branch"},
		{"no head repository", nil, []string{`"repo"`, `"x"`}, actions.EventUnsupported, "default branch"},
		{"a null head", nil, []string{`"head": {`, `"head": null, "x": {`}, actions.EventUnsupported, "default branch"},
		{"text as head", nil, []string{`"head": {`, `"head": "x", "x": {`}, actions.EventUnsupported, "default branch"},
		{"a null pull request", nil, []string{`"pull_request": {`, `"pull_request": null, "x": {`}, actions.EventUnsupported, "default branch"},
		{"no pull request", nil, []string{`"pull_request"`, `"x"`}, actions.EventUnsupported, "default branch"},
		{"an event of another repository", nil, []string{repositoryField, `"repository": ` + other}, actions.RefInvalid, "mallory/shop"},
	})
	for _, broken := range []string{"", "null", "[]", "{"} {
		got, err := actions.Read(run.env, eventFile(broken))
		wantRefusal(t, got, err, actions.RefInvalid, "read event file")
	}
}

func TestReadRefusesMergeGroups(t *testing.T) {
	t.Parallel()
	sha := `"head_sha": "` + commitSHA + `"`
	testRefused(t, queueRun(), queueEvent, []refusedRow{
		{"a group that is gone", nil, []string{"checks_requested", "destroyed"}, actions.EventUnsupported, "destroyed"},
		{"no action", nil, []string{`"action"`, `"x"`}, actions.RefInvalid, `no "action"`},
		{"a branch outside of the queue", vars{"GITHUB_REF": "refs/heads/main"}, []string{queueRef, "refs/heads/main"}, actions.RefInvalid, "gh-readonly-queue"},
		{"a short branch", nil, []string{`"refs/heads/gh`, `"gh`}, actions.RefInvalid, "gh-readonly-queue"},
		{"another branch than the run's", vars{"GITHUB_REF": "refs/heads/main"}, nil, actions.RefInvalid, "GITHUB_REF"},
		{"another commit than the run's", vars{"GITHUB_SHA": otherSHA}, nil, actions.RefInvalid, "GITHUB_SHA"},
		{"the commit of nothing", nil, []string{sha, `"head_sha": "` + zeroSHA + `"`}, actions.RefInvalid, zeroSHA},
		{"a null commit", nil, []string{sha, `"head_sha": null`}, actions.RefInvalid, `"head_sha" is null`},
		{"a number as commit", nil, []string{sha, `"head_sha": 1`}, actions.RefInvalid, "not text"},
		{"a null group", nil, []string{`"merge_group": {`, `"merge_group": null, "x": {`}, actions.RefInvalid, `"merge_group" is null`},
		{"a run of nothing", vars{"GITHUB_REF": ""}, nil, actions.RefInvalid, "GITHUB_REF"}, // REF-15
	})
}

func TestReadRefusesEndedRuns(t *testing.T) {
	t.Parallel()
	const other = `{"id": 666, "full_name": "mallory/shop"}`
	sha, branch, push := `"head_sha": "`+commitSHA+`"`, `"head_branch": "dev"`, `"event": "push"`
	testRefused(t, endedRun(), endedEvent, []refusedRow{
		{"a run of a fork's branch of a protected name", nil, []string{home, other, branch, `"head_branch": "main"`}, actions.Fork, "mallory/shop"}, // REF-12
		{"a run of a fork that is gone", nil, []string{home, "null"}, actions.Fork, "gone"},
		{"a run of a fork with this repository's name", nil, []string{home, `{"id": 666, "full_name": "acme/shop"}`}, actions.Fork, "666"},
		{"a fork's pull request", nil, []string{home, other, push, `"event": "pull_request"`}, actions.Fork, "mallory/shop"},
		{"a pull request", nil, []string{push, `"event": "pull_request"`}, actions.EventUnsupported, "pull_request"},
		{"a pull_request_target", nil, []string{push, `"event": "pull_request_target"`}, actions.EventUnsupported, "pull_request_target"}, // REF-13
		{"a review", nil, []string{push, `"event": "pull_request_review"`}, actions.EventUnsupported, "pull_request_review"},
		{"a comment", nil, []string{push, `"event": "issue_comment"`}, actions.EventUnsupported, "issue_comment"},
		{"the end of a run", nil, []string{push, `"event": "workflow_run"`}, actions.EventUnsupported, "after workflow_run"},
		{"no event", nil, []string{push, `"x": 1`}, actions.RefInvalid, `no "event"`},
		{"a failure", nil, []string{`"success"`, `"failure"`}, actions.EventUnsupported, "failure"},
		{"a skipped run", nil, []string{`"success"`, `"skipped"`}, actions.EventUnsupported, "skipped"},
		{"a success in upper case", nil, []string{`"success"`, `"SUCCESS"`}, actions.EventUnsupported, "SUCCESS"},
		{"a null conclusion", nil, []string{`"success"`, "null"}, actions.RefInvalid, `"conclusion" is null`},
		{"no conclusion", nil, []string{`"conclusion"`, `"x"`}, actions.RefInvalid, `no "conclusion"`},
		{"a run that begins", nil, []string{"completed", "requested"}, actions.EventUnsupported, "requested"},
		{"a run in progress", nil, []string{"completed", "in_progress"}, actions.EventUnsupported, "in_progress"},
		{"a null branch", nil, []string{branch, `"head_branch": null`}, actions.RefInvalid, `"head_branch" is null`},
		{"an empty branch", nil, []string{branch, `"head_branch": ""`}, actions.RefInvalid, "empty"},
		{"the commit of nothing", nil, []string{sha, `"head_sha": "` + zeroSHA + `"`}, actions.RefInvalid, "no object"},
		{"a null commit", nil, []string{sha, `"head_sha": null`}, actions.RefInvalid, `"head_sha" is null`},
		{"a list as commit", nil, []string{sha, `"head_sha": []`}, actions.RefInvalid, "not text"},
		{"a null run", nil, []string{`"workflow_run": {`, `"workflow_run": null, "x": {`}, actions.RefInvalid, `"workflow_run" is null`},
		{"a run of nothing", vars{"GITHUB_REF": ""}, nil, actions.RefInvalid, "GITHUB_REF"}, // REF-15
	})
}

func TestReadFindsTheHead(t *testing.T) {
	t.Parallel()
	chosen := func(ref fact.Ref) fact.Subject {
		return fact.Subject{Repository: "acme/shop", Ref: ref, SHA: commitSHA, Chosen: true}
	}
	pull := chosen("refs/heads/feat/cart")
	for _, test := range []struct {
		name  string
		vars  vars
		event string
		edits []string
		want  fact.Subject
	}{
		{"a draft that was opened, never its test merge", pullRun(), pullEvent, nil, pull},
		{"a pull request that was opened again", pullRun(), pullEvent, []string{"opened", "reopened"}, pull},
		{"a push to a pull request", pullRun(), pullEvent, []string{"opened", "synchronize"}, pull},
		{"a pull request that is ready", pullRun(), pullEvent, []string{"opened", "ready_for_review"}, pull},
		{"a label", pullRun(), pullEvent, []string{"opened", "labeled"}, pull},
		{"a server without repository numbers", pullRun().with(vars{"GITHUB_REPOSITORY_ID": ""}), pullEvent, nil, pull},
		{
			"a branch that is called like a full reference", pullRun().with(vars{"GITHUB_HEAD_REF": "refs/heads/main"}), pullEvent,
			[]string{"feat/cart", "refs/heads/main"},
			chosen("refs/heads/refs/heads/main"),
		},
		{"a merge group", queueRun(), queueEvent, nil, fact.Subject{Repository: "acme/shop", Ref: queueRef, SHA: commitSHA}},
		{"a run of a branch that ended, never the default branch", endedRun(), endedEvent, nil, chosen("refs/heads/dev")},
		{"a run of a tag that ended, taken for a branch", endedRun(), endedEvent, []string{`"dev"`, `"v1.2.3"`}, chosen("refs/heads/v1.2.3")},
		{
			"an input that names the head keeps it chosen", pullRun().with(vars{"INPUT_SHA": commitSHA, "INPUT_REF": "refs/heads/feat/cart"}), pullEvent,
			nil, pull,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run, err := actions.Read(test.vars.env, eventFile(edit(t, test.event, test.edits)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, run.Subject); diff != "" {
				t.Errorf("subject (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever the payload of these events holds, Read does not panic, and never
// returns a commit that the run is of but the event is not.
func FuzzHead(f *testing.F) {
	for _, event := range []string{pullEvent, queueEvent, endedEvent, deploymentEvent, createEvent("main", "branch"), "{}", "null"} {
		f.Add(event)
	}
	f.Fuzz(func(t *testing.T, event string) {
		for _, environment := range []vars{pullRun(), endedRun()} {
			run, err := actions.Read(environment.env, eventFile(event))
			if err == nil && (!run.Subject.Chosen || run.Subject.Repository != "acme/shop" || run.Subject.Ref.Kind() != fact.Branch) {
				t.Errorf("subject is %+v", run.Subject)
			}
		}
		if _, err := actions.Read(pullRun().with(vars{"GITHUB_EVENT_NAME": "pull_request_target"}).env, eventFile(event)); err == nil {
			t.Error("a run of pull_request_target is of a commit to deploy")
		}
		for _, environment := range []vars{queueRun(), deploymentRun(), createRun(), scheduleRun()} {
			run, err := actions.Read(environment.env, eventFile(event))
			if err == nil && (run.Subject.SHA != commitSHA || string(run.Subject.Ref) != environment["GITHUB_REF"]) {
				t.Errorf("subject is %+v", run.Subject)
			}
		}
	})
}
