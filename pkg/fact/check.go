package fact

import "time"

// Checks are all check runs, workflow runs and commit statuses of the
// subject's commit, every attempt of them.
type Checks struct {
	Runs []CheckRun `json:"runs"`
	// Workflows are the workflow runs of the commit as GitHub records them,
	// also those of which no job has begun.
	Workflows []WorkflowRun `json:"workflows"`
	Statuses  []Status      `json:"statuses"`
}

// WorkflowRun is one run of a workflow, with the jobs that GitHub itself says
// it has: a token that may write checks can add check runs to a workflow's
// own, but not jobs.
type WorkflowRun struct {
	ID int64 `json:"id"`
	// Workflow is the path of the workflow file.
	Workflow string `json:"workflow"`
	// Event is what started it, such as "push". The file of a pull_request run
	// is not the one in the commit, but that of a merge with the base.
	Event string `json:"event"`
	// Status and Conclusion are GitHub's words in lower case.
	Status     string `json:"status"`
	Conclusion string `json:"conclusion,omitempty"`
	URL        string `json:"url,omitempty"`
	// CreatedAt is when GitHub made the run: when its first attempt was asked
	// for, whether or not a job of it could begin then.
	CreatedAt time.Time `json:"created_at"`
	// Jobs are its jobs, all attempts.
	Jobs Known[[]Job] `json:"jobs"`
}

// Job is one attempt of one job of a workflow run, as GitHub Actions records
// it. No token can write one.
type Job struct {
	// ID is the number of its check run.
	ID      int64  `json:"id"`
	Attempt int64  `json:"attempt"`
	Name    string `json:"name"`
	// Branch is the name of the branch or tag that its run is of; GitHub does not
	// say which of the two.
	Branch string `json:"branch"`
	// Status and Conclusion are GitHub's words in lower case.
	Status      string    `json:"status"`
	Conclusion  string    `json:"conclusion,omitempty"`
	StartedAt   time.Time `json:"started_at,omitzero"`
	CompletedAt time.Time `json:"completed_at,omitzero"`
	URL         string    `json:"url,omitempty"`
}

// CheckRun is one attempt of one check.
type CheckRun struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// App is the slug of the app that reported it, such as "github-actions".
	App string `json:"app"`
	// Workflow is the path of the workflow file behind it, or "" when the
	// check does not come from GitHub Actions.
	Workflow string `json:"workflow,omitempty"`
	// RunID is the workflow run behind it, or 0. It is a claim until the run's
	// Jobs confirm it.
	RunID int64 `json:"run_id,omitempty"`
	// Status and Conclusion are GitHub's words in lower case, such as
	// "completed" and "success".
	Status      string    `json:"status"`
	Conclusion  string    `json:"conclusion,omitempty"`
	StartedAt   time.Time `json:"started_at"`
	CompletedAt time.Time `json:"completed_at"`
	URL         string    `json:"url,omitempty"`
}

// Status is the newest commit status of one context. Anyone who may push can
// write one.
type Status struct {
	Context string    `json:"context"`
	State   string    `json:"state"` // success, pending, failure, error, expected
	Creator string    `json:"creator,omitempty"`
	At      time.Time `json:"at"`
	URL     string    `json:"url,omitempty"`
}
