package actions

// unsupported refuses an event by name and says why.
func unsupported(event, why string) *Error {
	return refuse(EventUnsupported,
		"start the gate from push, from workflow_dispatch, or from release with the action published, each on a branch or tag; a re-run of one of them counts as well",
		"the event %q is not supported: %s", event, why)
}

const whyNotReleaseAction = "only \"published\" says that a release or pre-release is out, and it says so once; " +
	"the other actions come beside it, or for an edit or a removal, when the same tag would be decided again or is gone"

// whyNot says why an event does not tell what would be deployed. The commits
// are those of docs.github.com, "Events that trigger workflows".
func whyNot(event string) string {
	switch event {
	case "pull_request_target":
		return "it always runs on the tip of the default branch, whatever the pull request holds and wherever it goes, so it looks like a push to the default branch"
	case "workflow_run":
		return "it runs on the tip of the default branch, not on the commit of the workflow that ended, and for runs of forks as well"
	case "merge_group":
		return "it runs on a commit that the merge queue made for trying, on a branch of its own, which may never become the base branch"
	case "issue_comment", "commit_comment", "discussion_comment":
		return "it runs on the tip of the default branch, not on the commit that the comment is about, and anyone who may comment can start it"
	case "pull_request_review_comment", "pull_request_review":
		return "it runs on a merge commit that GitHub made for trying, not on the commit that was reviewed or commented on"
	case "pull_request":
		return "it runs on a merge commit that GitHub made for trying, which nobody pushed and no branch will hold; after the merge, the push to the base branch says what was merged"
	case "create":
		return "the push of the same branch or tag says the same and more; with both, one change would be decided twice"
	case "delete":
		return "it runs on the tip of the default branch after something else was removed"
	case "schedule", "repository_dispatch":
		return "it runs on the tip of the default branch because of the time or of a call, not because somebody chose a commit; use workflow_dispatch"
	case "deployment", "deployment_status":
		return "it tells of a deployment that somebody has begun already; the gate has to stand before that"
	case "check_run", "check_suite", "status":
		return "it runs on the tip of the default branch, not on the commit that was checked"
	case "workflow_call":
		return "a called workflow sees the event of its caller, so the runner never says this"
	}
	return "it does not say which branch or tag somebody wants to deploy"
}
