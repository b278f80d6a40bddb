package githubtest

// Milestone is a milestone of the repository. What is in it says so itself.
type Milestone struct {
	Title  string `yaml:"title"`
	Closed bool   `yaml:"closed"`
}
