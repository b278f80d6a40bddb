package actions

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// This file has the events of a commit that is on its way: the head of a pull
// request, of a merge queue or of another run. Of most, GITHUB_SHA is another
// commit than the one a person means.

// queuePrefix is where the merge queue keeps its branches
// (docs.github.com, "Managing a merge queue").
const queuePrefix = "refs/heads/gh-readonly-queue/"

const fixFork = "deploy from a branch of this repository: push the commit here, where its rules hold"

// readPull reads a pull request that is open: the subject is the head of its
// branch. GITHUB_SHA is a merge that GitHub made for trying; nobody pushed it
// and no branch holds it, so it is never the subject.
func readPull(event payload, run place) (fact.Subject, error) {
	action, err := wantAction(event, "pull_request", whyNotPullAction, "opened", "reopened", "synchronize", "ready_for_review", "labeled")
	if err != nil {
		return fact.Subject{}, err
	}
	pull, err := at[payload](event, "pull_request")
	if err != nil {
		return fact.Subject{}, err
	}
	if err := checkPull(event, pull, run, action); err != nil {
		return fact.Subject{}, err
	}
	branch, err := at[string](pull, "head", "ref")
	if err != nil {
		return fact.Subject{}, err
	}
	commit, err := at[string](pull, "head", "sha")
	if err != nil {
		return fact.Subject{}, err
	}
	if branch != run.headRef {
		return fact.Subject{}, refuse(RefInvalid, fixEvent, "the event says that the pull request is of the branch %q, GITHUB_HEAD_REF is %q", branch, run.headRef)
	}
	return run.elsewhere(branch, commit)
}

// refuseTarget refuses a run of pull_request_target, which is never about the
// commit that it runs on. It looks at the payload only to say which is worse:
// that the pull request is of a fork, whose branch may have any name.
func refuseTarget(event payload, run place) (fact.Subject, error) {
	head, err := at[payload](event, "pull_request", "head")
	if err == nil {
		err = run.checkHome(event, head, "repo")
	}
	var refused *Error
	if errors.As(err, &refused) && refused.Code == Fork {
		return fact.Subject{}, refuse(Fork, fixFork+"; and start the gate from push or pull_request, since "+run.event+" is never about the commit", "%s", refused.Reason)
	}
	return fact.Subject{}, unsupported(run.event, whyNot(run.event))
}

// checkPull checks that a pull request is open, is the one that the run is of,
// and lies within this repository at both ends.
func checkPull(event, pull payload, run place, action string) error {
	state, err := at[string](pull, "state")
	if err != nil {
		return err
	}
	if state != "open" {
		return unsupported("pull_request ("+action+")", "the pull request is "+fmt.Sprintf("%q", state)+", not open; "+whyNotPullAction)
	}
	for _, end := range []string{"head", "base"} {
		side, err := at[payload](pull, end)
		if err != nil {
			return err
		}
		if err := run.checkHome(event, side, "repo"); err != nil {
			return err
		}
	}
	number, err := at[int64](pull, "number")
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("refs/pull/%d/merge", number); run.ref != want {
		return refuse(RefInvalid, fixEvent, "the event is about pull request %d, GITHUB_REF is %q; want %q", number, run.ref, want)
	}
	if _, err := fact.ParseSHA(run.sha); err != nil {
		return because(err, RefInvalid, fixRunner, "read GITHUB_SHA")
	}
	return nil
}

// readMergeGroup reads that the merge queue wants checks: of a branch of its
// own, which the base branch becomes if they pass.
func readMergeGroup(event payload, run place) (fact.Subject, error) {
	if _, err := wantAction(event, "merge_group", whyNotMergeGroupAction, "checks_requested"); err != nil {
		return fact.Subject{}, err
	}
	subject, err := run.subject()
	if err != nil {
		return subject, err
	}
	ref, err := at[string](event, "merge_group", "head_ref")
	if err != nil {
		return subject, err
	}
	sha, err := at[string](event, "merge_group", "head_sha")
	if err != nil {
		return subject, err
	}
	switch {
	case !strings.HasPrefix(ref, queuePrefix):
		return subject, refuse(RefInvalid, fixEvent, "the merge group is on %q; want a branch below %q", ref, queuePrefix)
	case ref != string(subject.Ref):
		return subject, refuse(RefInvalid, fixEvent, "the merge group is on %q, GITHUB_REF is %q", ref, subject.Ref)
	case sha != string(subject.SHA):
		return subject, refuse(RefInvalid, fixEvent, "the merge group is of the commit %q, GITHUB_SHA is %s", sha, subject.SHA)
	}
	return subject, nil
}

// causes are the events after which the head of a run is a commit that a
// branch or tag of this repository had. Behind the others it is the tip of the
// default branch while the run was about something else, or the head of a pull
// request.
var causes = []string{"push", "create", "workflow_dispatch", "release", "merge_group", "schedule", "repository_dispatch"}

// readWorkflowRun reads that another run has ended. The subject is the commit
// of that run; this one is of the default branch. "head_branch" is the short
// name of a branch or a tag and does not say which, so it is taken for a
// branch and has to be shown.
func readWorkflowRun(event payload, run place) (fact.Subject, error) {
	if _, err := wantAction(event, "workflow_run", whyNotWorkflowRunAction, "completed"); err != nil {
		return fact.Subject{}, err
	}
	if _, err := run.subject(); err != nil {
		return fact.Subject{}, err
	}
	ended, err := at[payload](event, "workflow_run")
	if err != nil {
		return fact.Subject{}, err
	}
	if err := run.checkHome(event, ended, "head_repository"); err != nil {
		return fact.Subject{}, err
	}
	if err := checkEnded(ended); err != nil {
		return fact.Subject{}, err
	}
	branch, err := at[string](ended, "head_branch")
	if err != nil {
		return fact.Subject{}, err
	}
	commit, err := at[string](ended, "head_sha")
	if err != nil {
		return fact.Subject{}, err
	}
	return run.elsewhere(branch, commit)
}

// checkEnded checks why a run was started and how it ended.
func checkEnded(ended payload) error {
	cause, err := at[string](ended, "event")
	if err != nil {
		return err
	}
	if !slices.Contains(causes, cause) {
		return unsupported("workflow_run (after "+cause+")", "the run that ended was not started by one of "+strings.Join(causes, ", ")+
			"; its head is not a commit that somebody put on a branch or tag for that run")
	}
	conclusion, err := at[string](ended, "conclusion")
	if err != nil {
		return err
	}
	if conclusion != "success" {
		return refuse(EventUnsupported, `add "if: ${{ github.event.workflow_run.conclusion == 'success' }}" to the job`,
			"the event \"workflow_run\" is of a run that ended with %q, not with success; it is sent for every run, whatever came out", conclusion)
	}
	return nil
}

// wantAction returns the action of an event. One that is not listed is refused
// by name.
func wantAction(event payload, name, why string, wanted ...string) (string, error) {
	action, err := at[string](event, "action")
	if err != nil {
		return "", err
	}
	if !slices.Contains(wanted, action) {
		return "", unsupported(name+" ("+action+")", why)
	}
	return action, nil
}
