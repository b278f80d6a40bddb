package fact

import (
	"fmt"
	"strings"
	"time"
)

// Deployment is a record of a deployment of the subject's commit. Any token that
// may write deployments can make one, and give it any status: a record says what
// somebody claims, and only the job behind it says what happened.
type Deployment struct {
	ID int64 `json:"id"`
	// Environment is the one that it was made for. A status can move a record to
	// another one; that is a claim and not kept.
	Environment string `json:"environment"`
	// Job is the check run of the job for which GitHub itself made the record; 0
	// for a record that was posted.
	Job int64 `json:"job,omitempty"`
	// Creator is nil when the account is gone. For a record that GitHub made it
	// is whoever started the run.
	Creator   *Person   `json:"creator,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	// Task and Payload are what the creator wrote.
	Task    string `json:"task,omitempty"`
	Payload string `json:"payload,omitempty"`
	// Statuses are all of them, oldest first.
	Statuses []DeploymentStatus `json:"statuses"`
}

// DeploymentStatus is one status of a deployment.
type DeploymentStatus struct {
	// State is GitHub's word in lower case: error, failure, inactive, in_progress,
	// pending, queued, success, waiting.
	State   string    `json:"state"`
	At      time.Time `json:"at"`
	Creator *Person   `json:"creator,omitempty"`
	LogURL  string    `json:"log_url,omitempty"`
}

// Tip says whether the subject's commit is, or once was, the tip of a branch: it
// is on the branch's line of first parents.
type Tip struct {
	Branch string `json:"branch"`
	Was    bool   `json:"was"`
}

// Lock is a branch that says that nothing is to be deployed. Anyone who may push
// can make and remove one; what it says of itself is a claim.
type Lock struct {
	Branch string `json:"branch"`
	// Global is true for the lock of all environments.
	Global bool   `json:"global"`
	Commit SHA    `json:"commit"`
	URL    string `json:"url,omitempty"`
	// Unreadable says why the branch does not say what a lock says; "" when it
	// does. Such a branch is a lock all the same.
	Unreadable string `json:"unreadable,omitempty"`
	Reason     string `json:"reason,omitempty"`
	By         string `json:"by,omitempty"` // login
	// At is when it was set; zero when it does not say.
	At time.Time `json:"at,omitzero"`
	// Until is when it ends by itself; zero when it does not.
	Until time.Time `json:"until,omitzero"`
}

// OpenDeployment is a record of a deployment to an environment that has begun
// and not ended, by what it says.
type OpenDeployment struct {
	ID          int64     `json:"id"`
	Environment string    `json:"environment"`
	SHA         SHA       `json:"sha"`
	Creator     *Person   `json:"creator,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	// State is the newest status, Since when it was set; "" where there is none.
	State string    `json:"state,omitempty"`
	Since time.Time `json:"since,omitzero"`
	// Began is when it was first said to be in progress; zero where nobody said so,
	// or it has so many statuses that it is not known.
	Began time.Time `json:"began,omitzero"`
	URL   string    `json:"url,omitempty"`
	// RunID is the workflow run that the record names, 0 where it names none.
	RunID int64 `json:"run_id,omitempty"`
	// Run is that run as GitHub records it; missing where none is named.
	Run Known[RunState] `json:"run"`
}

// RunState is how a workflow run stands.
type RunState struct {
	ID int64 `json:"id"`
	// Status and Conclusion are GitHub's words in lower case.
	Status     string    `json:"status"`
	Conclusion string    `json:"conclusion,omitempty"`
	UpdatedAt  time.Time `json:"updated_at"`
	// StartedAt is when its newest attempt began; zero where GitHub does not say.
	StartedAt time.Time `json:"started_at,omitzero"`
	URL       string    `json:"url,omitempty"`
}

// JobOf names a job of a workflow by the path of the file and the job's name.
type JobOf struct{ Workflow, Job string }

// Need returns the need for the last deployment by the job.
func (j JobOf) Need() Need { return Need{Kind: NeedLastDeployment, Key: j.key()} }

func (j JobOf) key() string { return j.Workflow + rangeSeparator + j.Job }

// ParseJobOf reads the key of a need for the last deployment by a job.
func ParseJobOf(key string) (JobOf, error) {
	workflow, job, ok := strings.Cut(key, rangeSeparator)
	if !ok {
		return JobOf{}, fmt.Errorf("read key of a job: %q has one part, want 2", key)
	}
	return JobOf{workflow, job}, nil
}

// LastDeployment is the newest run in which a job succeeded, whatever the commit.
type LastDeployment struct {
	// Run is nil where GitHub lists every run and in none of them the job
	// succeeded.
	Run *DeploymentRun `json:"run,omitempty"`
	// Settled is true where nothing else can be there now: Run is of the newest attempt of
	// its workflow run, and in no other run of the file, whatever its event, branch or end,
	// was the job tried at the same time or since.
	Settled bool `json:"settled,omitempty"`
}

// LastDeploymentBy returns the newest deployment by a job.
func (s Set) LastDeploymentBy(job JobOf) Known[LastDeployment] { return s.LastDeployments[job.key()] }

// TipOf returns whether the subject's commit was the tip of a branch. The key is
// the name as the need has it.
func (s Set) TipOf(branch string) Known[Tip] { return s.Tips[branch] }

// LocksOf returns the locks that hold for an environment, its own and that of all.
func (s Set) LocksOf(environment string) Known[[]Lock] { return s.Locks[environment] }

// OpenDeploymentsTo returns the deployments to an environment that have not
// ended, out of its newest hundred.
func (s Set) OpenDeploymentsTo(environment string) Known[[]OpenDeployment] {
	return s.OpenDeployments[environment]
}
