package githubtest

// Deployment is a record that somebody posted: GitHub takes their word for what
// was deployed. A record of GitHub's own comes with a [Check] that has an
// environment.
type Deployment struct {
	Commit      string `yaml:"commit"`      // name of a commit
	Environment string `yaml:"environment"` // production when empty
	By          string `yaml:"by"`          // login; github-actions[bot] when empty
	// Ref is what was asked for: a branch, a tag, or "<sha of NAME>"; the branch
	// of the commit when empty.
	Ref         string `yaml:"ref"`
	Task        string `yaml:"task"` // deploy when empty
	Description string `yaml:"description"`
	// Payload is a text or a mapping; in a text "<sha of NAME>" stands for the id
	// of a commit. Left out, it is the empty text.
	Payload any `yaml:"payload"`
	// Transient says that the environment will be gone one day.
	Transient  bool `yaml:"transient"`
	MinutesAgo *int `yaml:"minutes-ago"` // 60 when left out
	// Statuses are what was said of it since, in order of time; there need not be
	// any.
	Statuses []DeploymentStatus `yaml:"statuses"`
}

// DeploymentStatus is what somebody posted to a deployment. GitHub asks no
// more than "deployments: write", whosever deployment it is.
type DeploymentStatus struct {
	// State is error, failure, inactive, in_progress, queued, pending, success or
	// waiting.
	State string `yaml:"state"`
	By    string `yaml:"by"` // login; github-actions[bot] when empty
	// LogURL is an address. One that begins with a slash is below the page of the
	// repository, such as /actions/runs/490/job/300001 of a job.
	LogURL      string `yaml:"log-url"`
	Description string `yaml:"description"`
	// Environment moves the deployment to another environment; it stays where it
	// is when empty.
	Environment string `yaml:"environment"`
	MinutesAgo  *int   `yaml:"minutes-ago"` // as the one before when left out
}
