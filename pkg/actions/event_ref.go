package actions

import (
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// This file has the events whose run is of the branch or tag that they are
// about: GITHUB_REF and GITHUB_SHA name the subject, and the payload has to
// agree.

// readPush reads a push. Of a branch, "after" is the commit. Of a tag it is
// what the tag names: the commit, or for an annotated tag the tag object,
// while GITHUB_SHA is the commit behind it.
func readPush(event payload, run place) (fact.Subject, error) {
	subject, err := run.subject()
	if err != nil {
		return subject, err
	}
	deleted, err := at[bool](event, "deleted")
	if err != nil {
		return subject, err
	}
	after, err := at[string](event, "after")
	if err != nil {
		return subject, err
	}
	if deleted || after != "" && strings.Trim(after, "0") == "" {
		return subject, refuse(RefInvalid, "do not run the gate on deletions: add \"if: ${{ !github.event.deleted }}\" to the job",
			"the push deleted a branch or tag; GITHUB_SHA is then a commit of the default branch, which nobody pushed")
	}
	if err := checkRef(event, subject.Ref); err != nil {
		return subject, err
	}
	object, err := fact.ParseSHA(after)
	switch {
	case err != nil:
		return subject, because(err, RefInvalid, fixEvent, `read push event: "after"`)
	case object == subject.SHA:
		return subject, nil
	case subject.Ref.Kind() == fact.TagRef:
		subject.TagObject = object
		return subject, nil
	}
	return subject, refuse(RefInvalid, fixEvent, "the event says that %s was pushed to %q, GITHUB_SHA is %s", object, subject.Ref, subject.SHA)
}

// readCreate reads the creation of a branch or tag. The payload has the short
// name and the kind, and no commit: not even the object of an annotated tag.
func readCreate(event payload, run place) (fact.Subject, error) {
	subject, err := run.subject()
	if err != nil {
		return subject, err
	}
	name, err := at[string](event, "ref")
	if err != nil {
		return subject, err
	}
	kind, err := at[string](event, "ref_type")
	if err != nil {
		return subject, err
	}
	if name != subject.Ref.Name() || fact.RefKind(kind) != subject.Ref.Kind() {
		return subject, refuse(RefInvalid, fixEvent, "the event says that the %q of the name %q was created, GITHUB_REF is %q", kind, name, subject.Ref)
	}
	return subject, nil
}

// readDispatch reads a run that somebody started by hand: on the tip of the
// branch or tag that was picked.
func readDispatch(event payload, run place) (fact.Subject, error) {
	subject, err := run.subject()
	if err != nil {
		return subject, err
	}
	return subject, checkRef(event, subject.Ref)
}

func checkRef(event payload, want fact.Ref) error {
	ref, err := at[string](event, "ref")
	if err != nil {
		return err
	}
	if ref != string(want) {
		return refuse(RefInvalid, fixEvent, "the event is about %q, GITHUB_REF is %q", ref, want)
	}
	return nil
}

// readRelease reads the publication of a release. target_commitish is not
// looked at: it is what somebody typed when the tag did not exist yet, mostly
// the name of a branch that has moved since.
func readRelease(event payload, run place) (fact.Subject, error) {
	if _, err := wantAction(event, "release", whyNotReleaseAction, "published"); err != nil {
		return fact.Subject{}, err
	}
	subject, err := run.subject()
	if err != nil {
		return subject, err
	}
	name, err := at[string](event, "release", "tag_name")
	if err != nil {
		return subject, err
	}
	draft, err := at[bool](event, "release", "draft")
	if err != nil {
		return subject, err
	}
	switch {
	case draft:
		return subject, refuse(RefInvalid, "publish the release first", "the release of %q is a draft; its tag may not exist yet", name)
	case subject.Ref.Kind() != fact.TagRef || subject.Ref.Name() != name:
		return subject, refuse(RefInvalid, fixEvent, "the release is of the tag %q, GITHUB_REF is %q", name, subject.Ref)
	}
	return subject, nil
}

// readDefaultBranch reads a run that the time or a call started. It is of the
// tip of the default branch. The payload of a schedule has no described form,
// so the branch is compared only where the payload names it.
func readDefaultBranch(event payload, run place) (fact.Subject, error) {
	subject, err := run.subject()
	if err != nil {
		return subject, err
	}
	if subject.Ref.Kind() != fact.Branch {
		return subject, refuse(RefInvalid, fixRunner, "GITHUB_REF is %q; the event %q runs on the default branch", subject.Ref, run.event)
	}
	if !event.has("repository") {
		return subject, nil
	}
	repository, err := at[payload](event, "repository")
	if err != nil || !repository.has("default_branch") {
		return subject, err
	}
	branch, err := at[string](event, "repository", "default_branch")
	if err != nil {
		return subject, err
	}
	if branch != subject.Ref.Name() {
		return subject, refuse(RefInvalid, fixEvent, "the event %q runs on the default branch, %q, and GITHUB_REF is %q", run.event, branch, subject.Ref)
	}
	return subject, nil
}

// readDeployment reads that somebody created a deployment, or said how one
// goes. GITHUB_REF is empty when it was created for a commit instead of a
// branch or tag: then nobody knows which rules apply.
func readDeployment(event payload, run place) (fact.Subject, error) {
	if _, err := wantAction(event, run.event, whyNotDeploymentAction, "created"); err != nil {
		return fact.Subject{}, err
	}
	ref, err := at[string](event, "deployment", "ref")
	if err != nil {
		return fact.Subject{}, err
	}
	sha, err := at[string](event, "deployment", "sha")
	if err != nil {
		return fact.Subject{}, err
	}
	if run.ref == "" && ref != "" && strings.HasPrefix(sha, ref) {
		return fact.Subject{}, refuse(EventUnsupported, "create the deployment with the name of a branch or tag as its ref",
			"the event %q is of a deployment that was created for a commit: GITHUB_REF is empty, so nobody knows which branch or tag it is of", run.event)
	}
	subject, err := run.subject()
	if err != nil {
		return subject, err
	}
	switch {
	case ref != subject.Ref.Name() && ref != string(subject.Ref):
		return subject, refuse(RefInvalid, fixEvent, "the deployment is of %q, GITHUB_REF is %q", ref, subject.Ref)
	case sha != string(subject.SHA):
		return subject, refuse(RefInvalid, fixEvent, "the deployment is of the commit %q, GITHUB_SHA is %s", sha, subject.SHA)
	}
	return subject, nil
}
