package githubtest

// Issue is an issue of the repository.
type Issue struct {
	Number int    `yaml:"number"`
	Title  string `yaml:"title"`
	// Closed is why it was closed: completed, not_planned or duplicate; it is
	// open when empty.
	Closed string `yaml:"closed"`
	// Labels are what was put on it, oldest first.
	Labels []IssueLabel `yaml:"labels"`
	// Milestone is the title of one of Milestones, or empty.
	Milestone string `yaml:"milestone"`
}

// IssueLabel is the event of somebody who put a label on an issue.
type IssueLabel struct {
	Name string `yaml:"name"`
	By   string `yaml:"by"` // login; empty for an account that is gone
	// Removed says that somebody took it off again. The last entry of a name
	// counts.
	Removed bool `yaml:"removed"`
	// Unseen leaves the event out of the issue's history, as GitHub does where a
	// label came with a transfer.
	Unseen     bool `yaml:"unseen"`
	MinutesAgo *int `yaml:"minutes-ago"` // 50 when left out
}

// Release is a release of the repository.
type Release struct {
	Tag  string `yaml:"tag"`
	Name string `yaml:"name"`
	Body string `yaml:"body"`
	// Draft keeps it from everybody whose token may not write contents.
	Draft      bool   `yaml:"draft"`
	Prerelease bool   `yaml:"prerelease"`
	Author     string `yaml:"author"`      // login; empty for an account that is gone
	MinutesAgo *int   `yaml:"minutes-ago"` // 20 when left out
}
