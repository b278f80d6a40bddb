package fact

// Subject is what would be deployed. Only the commit decides; the reference
// says which rules apply to it.
type Subject struct {
	// Repository is "owner/name".
	Repository string `json:"repository"`
	Ref        Ref    `json:"ref"`
	SHA        SHA    `json:"sha"`
	// TagObject is the id of the annotated tag object the event named, or ""
	// when the event did not say. It is a claim until a fact confirms it.
	TagObject SHA `json:"tag_object,omitempty"`
	// Chosen is true when an input or the event named the ref or the commit, so
	// that they are not those the run itself is of.
	Chosen bool `json:"chosen,omitempty"`
}

// Trigger is the workflow event that asked for the decision, normalised.
type Trigger struct {
	// Event is GitHub's event name, or "cli" when a person asked.
	Event string `json:"event"`
	// Actor started the first attempt of the run; its privileges hold for
	// every later one. TriggeringActor started this attempt. After a re-run
	// by somebody else the two differ.
	Actor           string `json:"actor,omitempty"`
	TriggeringActor string `json:"triggering_actor,omitempty"`
	// Stage is the stage the caller asked for, or "". It only narrows.
	Stage string `json:"stage,omitempty"`
	// Project is the project the caller asked for, or "". It only narrows.
	Project string `json:"project,omitempty"`
	// RunID and RunAttempt identify the workflow run; 0 outside of one.
	RunID      int64 `json:"run_id,omitempty"`
	RunAttempt int64 `json:"run_attempt,omitempty"`
	// RunURL is the page of the run, or "".
	RunURL string `json:"run_url,omitempty"`
	// CheckRunID is the check run of the job that asks, or 0 where the runner
	// does not say.
	CheckRunID int64 `json:"check_run_id,omitempty"`
	// Environment is the GitHub environment that the caller's job has, by the
	// caller's word, or "". It only narrows.
	Environment string `json:"environment,omitempty"`
	// Rollback is true when the caller asks to go back to a commit that was on the
	// stage before. BreakGlass is why the caller asks to deploy although gates are
	// not met, in the caller's words; "" when nobody asks for that.
	Rollback   bool   `json:"rollback,omitempty"`
	BreakGlass string `json:"break_glass,omitempty"`
	// RunRef and RunSHA are what the run itself is of, which an input can make
	// differ from the subject; "" outside of a run. GitHub records its jobs there.
	RunRef Ref `json:"run_ref,omitempty"`
	RunSHA SHA `json:"run_sha,omitempty"`
	// WorkflowRef is "owner/name/.github/workflows/x.yml@refs/heads/main".
	WorkflowRef string `json:"workflow_ref,omitempty"`
}

// Repository identifies the repository and its default branch.
type Repository struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"` // "owner/name" as GitHub spells it now
	URL           string `json:"url"`
	DefaultBranch string `json:"default_branch"`
	// DefaultCommit is the tip of the default branch when it was read.
	DefaultCommit SHA `json:"default_commit"`
}

// PolicyPath is where a repository has its policy, unless the caller says
// otherwise.
const PolicyPath = ".github/stageward.yml"

// PolicyFile is what the tip of the default branch holds at the path of the
// policy. That there is no file is an answer, and a proven one: the trees on
// the way to the path were listed and the name was not in them.
type PolicyFile struct {
	Path   string `json:"path"`
	Branch string `json:"branch"`
	Commit SHA    `json:"commit"`
	Exists bool   `json:"exists"`
	// Similar are files beside the path whose names a person may have meant;
	// only looked for when there is no file at the path itself.
	Similar []string `json:"similar,omitempty"`
	Blob    SHA      `json:"blob,omitempty"`
	Text    string   `json:"text,omitempty"`
}

// RefTarget is where the reference points when everything else has been read.
type RefTarget struct {
	// Exists is false when the reference is gone.
	Exists bool `json:"exists"`
	// Object is the object the reference names; Commit the commit behind it.
	// They differ for annotated tags.
	Object SHA `json:"object,omitempty"`
	Commit SHA `json:"commit,omitempty"`
}

// Containment says whether a branch contains the subject's commit.
type Containment struct {
	Branch    string `json:"branch"`
	Contained bool   `json:"contained"`
	// Status is GitHub's word for how the commit relates to the branch:
	// ahead, behind, identical or diverged.
	Status string `json:"status"`
}
