package actions

// unsupported refuses an event by name and says why.
func unsupported(event, why string) *Error {
	return refuse(EventUnsupported,
		"start the gate from an event that names the commit to deploy: push, workflow_dispatch, release (published), or another of those in docs/events.md",
		"the event %q is not supported: %s", event, why)
}

// Why other actions of an event that is supported are refused.
const (
	whyNotReleaseAction = "only \"published\" says that a release or pre-release is out, and it says so once; " +
		"the other actions come beside it, or for an edit or a removal, when the same tag would be decided again or is gone"
	whyNotPullAction = "only \"opened\", \"reopened\", \"synchronize\", \"ready_for_review\" and \"labeled\" of an open pull request ask for something to be deployed; " +
		"after a merge, the push to the base branch says what was merged"
	whyNotMergeGroupAction  = "only \"checks_requested\" is of a commit that the merge queue is about to merge"
	whyNotWorkflowRunAction = "only \"completed\" says how the run ended"
	whyNotDeploymentAction  = "only \"created\" is known, which GitHub sends for every deployment and every status"
)

// whyNot says why an event does not tell what would be deployed. The commits
// are those of docs.github.com, "Events that trigger workflows".
func whyNot(event string) string {
	switch event {
	case "pull_request_target":
		return "it always runs on the default branch, whatever the pull request holds, so it looks like a push to the default branch; use pull_request"
	case "issue_comment", "commit_comment", "discussion_comment":
		return "it runs on the tip of the default branch, not on the commit that the comment is about, and anyone who may comment can start it"
	case "issues", "discussion":
		return "it runs on the tip of the default branch, and anyone who may write there can start it"
	case "watch", "fork":
		return "it runs on the tip of the default branch, and anyone who can see the repository can start it"
	case "pull_request_review_comment", "pull_request_review":
		return "it runs on a merge commit that GitHub made for trying, not on the commit that was reviewed or commented on"
	case "delete":
		return "it runs on the tip of the default branch after something else was removed"
	case "check_run", "check_suite", "status":
		return "it runs on the tip of the default branch, not on the commit that was checked"
	case "workflow_call":
		return "a called workflow sees the event of its caller, so the runner never says this"
	}
	return "it does not say which branch or tag somebody wants to deploy"
}
