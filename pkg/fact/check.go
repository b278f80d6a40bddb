package fact

import "time"

// Checks are all check runs and commit statuses of the subject's commit,
// every attempt of them.
type Checks struct {
	Runs     []CheckRun `json:"runs"`
	Statuses []Status   `json:"statuses"`
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
	// RunID is the workflow run behind it, or 0.
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
