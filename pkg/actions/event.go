package actions

import (
	"strconv"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// eventCheck holds the payload of one event against what the variables say. It
// returns the id of the annotated tag object when the event names one.
type eventCheck func(event payload, subject fact.Subject) (fact.SHA, error)

// checkFor returns the check of an event, or the refusal of an event that is
// not supported.
func checkFor(name string) (eventCheck, error) {
	switch name {
	case "":
		return nil, refuse(RunnerInvalid, fixRunner, "GITHUB_EVENT_NAME is not set")
	case "push":
		return checkPush, nil
	case "workflow_dispatch":
		return checkDispatch, nil
	case "release":
		return checkRelease, nil
	}
	return nil, unsupported(name, whyNot(name))
}

// readEvent reads the event file and checks that it is about the subject.
func readEvent(env Env, readFile ReadFile, subject fact.Subject, check eventCheck) (fact.SHA, error) {
	event, err := readPayload(env, readFile)
	if err != nil {
		return "", err
	}
	if err := checkRepository(event, subject.Repository, env("GITHUB_REPOSITORY_ID")); err != nil {
		return "", err
	}
	return check(event, subject)
}

// checkRepository compares the repository of the payload with that of the
// variables, by name and number, where both say one.
func checkRepository(event payload, name, id string) error {
	if !event.has("repository") {
		return nil
	}
	repository, err := field[payload](event, "repository")
	if err != nil {
		return because(err, RefInvalid, fixEvent, "read event file")
	}
	const fixRenamed = "if the repository was renamed or moved since, start a new run instead of re-running this one"
	if repository.has("full_name") {
		full, err := field[string](repository, "full_name")
		if err != nil {
			return because(err, RefInvalid, fixEvent, "read event file: repository")
		}
		if full != name {
			return refuse(RefInvalid, fixRenamed, "the event is about the repository %q, GITHUB_REPOSITORY is %q", full, name)
		}
	}
	if id == "" || !repository.has("id") {
		return nil
	}
	number, err := field[int64](repository, "id")
	if err != nil {
		return because(err, RefInvalid, fixEvent, "read event file: repository")
	}
	if strconv.FormatInt(number, 10) != id {
		return refuse(RefInvalid, fixRenamed, "the event is about repository number %d, GITHUB_REPOSITORY_ID is %q", number, id)
	}
	return nil
}

// checkPush checks a push. Of a branch, "after" is the commit. Of a tag it is
// what the tag names: the commit, or for an annotated tag the tag object,
// while GITHUB_SHA is the commit behind it.
func checkPush(event payload, subject fact.Subject) (fact.SHA, error) {
	deleted, err := field[bool](event, "deleted")
	if err != nil {
		return "", because(err, RefInvalid, fixEvent, "read push event")
	}
	after, err := field[string](event, "after")
	if err != nil {
		return "", because(err, RefInvalid, fixEvent, "read push event")
	}
	if deleted || after != "" && strings.Trim(after, "0") == "" {
		return "", refuse(RefInvalid, "do not run the gate on deletions: add \"if: ${{ !github.event.deleted }}\" to the job",
			"the push deleted a branch or tag; GITHUB_SHA is then a commit of the default branch, which nobody pushed")
	}
	if err := checkRef(event, subject.Ref); err != nil {
		return "", err
	}
	object, err := fact.ParseSHA(after)
	switch {
	case err != nil:
		return "", because(err, RefInvalid, fixEvent, `read push event: "after"`)
	case object == subject.SHA:
		return "", nil
	case subject.Ref.Kind() == fact.TagRef:
		return object, nil
	}
	return "", refuse(RefInvalid, fixEvent, "the event says that %s was pushed to %q, GITHUB_SHA is %s", object, subject.Ref, subject.SHA)
}

// checkDispatch checks a run that somebody started by hand: on the tip of the
// branch or tag that was picked.
func checkDispatch(event payload, subject fact.Subject) (fact.SHA, error) {
	return "", checkRef(event, subject.Ref)
}

func checkRef(event payload, want fact.Ref) error {
	ref, err := field[string](event, "ref")
	if err != nil {
		return because(err, RefInvalid, fixEvent, "read event file")
	}
	if ref != string(want) {
		return refuse(RefInvalid, fixEvent, "the event is about %q, GITHUB_REF is %q", ref, want)
	}
	return nil
}

// checkRelease checks the publication of a release. target_commitish is not
// looked at: it is what somebody typed when the tag did not exist yet, mostly
// the name of a branch that has moved since.
func checkRelease(event payload, subject fact.Subject) (fact.SHA, error) {
	action, err := field[string](event, "action")
	if err != nil {
		return "", because(err, RefInvalid, fixEvent, "read release event")
	}
	if action != "published" {
		return "", unsupported("release ("+action+")", whyNotReleaseAction)
	}
	release, err := field[payload](event, "release")
	if err != nil {
		return "", because(err, RefInvalid, fixEvent, "read release event")
	}
	name, err := field[string](release, "tag_name")
	if err != nil {
		return "", because(err, RefInvalid, fixEvent, "read release event: release")
	}
	draft, err := field[bool](release, "draft")
	if err != nil {
		return "", because(err, RefInvalid, fixEvent, "read release event: release")
	}
	switch {
	case draft:
		return "", refuse(RefInvalid, "publish the release first", "the release of %q is a draft; its tag may not exist yet", name)
	case subject.Ref.Kind() != fact.TagRef || subject.Ref.Name() != name:
		return "", refuse(RefInvalid, fixEvent, "the release is of the tag %q, GITHUB_REF is %q", name, subject.Ref)
	}
	return "", nil
}
