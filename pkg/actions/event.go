package actions

import (
	"strconv"

	"github.com/stageward/stageward/pkg/fact"
)

// eventReader returns what one event is about. The variables say less or more
// than the payload, depending on the event: where both name a thing, they have
// to agree.
type eventReader func(event payload, run place) (fact.Subject, error)

// readerFor returns the reader of an event, or the refusal of an event that is
// not supported.
func readerFor(name string) (eventReader, error) {
	switch name {
	case "":
		return nil, refuse(RunnerInvalid, fixRunner, "GITHUB_EVENT_NAME is not set")
	case "push":
		return readPush, nil
	case "create":
		return readCreate, nil
	case "workflow_dispatch":
		return readDispatch, nil
	case "release":
		return readRelease, nil
	case "schedule", "repository_dispatch":
		return readDefaultBranch, nil
	case "pull_request":
		return readPull, nil
	case "pull_request_target":
		return refuseTarget, nil
	case "merge_group":
		return readMergeGroup, nil
	case "workflow_run":
		return readWorkflowRun, nil
	case "deployment", "deployment_status":
		return readDeployment, nil
	}
	return nil, unsupported(name, whyNot(name))
}

// readEvent reads the event file and returns what the event is about.
func readEvent(env Env, readFile ReadFile, run place, read eventReader) (fact.Subject, error) {
	event, err := readPayload(env, readFile)
	if err != nil {
		return fact.Subject{}, err
	}
	if err := checkRepository(event, run.repository, run.repositoryID); err != nil {
		return fact.Subject{}, err
	}
	return read(event, run)
}

const fixRenamed = "if the repository was renamed or moved since, start a new run instead of re-running this one"

// checkRepository compares the repository of the payload with that of the
// variables, by name and number, where both say one.
func checkRepository(event payload, name, id string) error {
	if !event.has("repository") {
		return nil
	}
	repository, err := at[payload](event, "repository")
	if err != nil {
		return err
	}
	if repository.has("full_name") {
		full, err := at[string](event, "repository", "full_name")
		if err != nil {
			return err
		}
		if full != name {
			return refuse(RefInvalid, fixRenamed, "the event is about the repository %q, GITHUB_REPOSITORY is %q", full, name)
		}
	}
	if id == "" || !repository.has("id") {
		return nil
	}
	number, err := at[int64](event, "repository", "id")
	if err != nil {
		return err
	}
	if strconv.FormatInt(number, 10) != id {
		return refuse(RefInvalid, fixRenamed, "the event is about repository number %d, GITHUB_REPOSITORY_ID is %q", number, id)
	}
	return nil
}
