package githubtest

// Estate is how the repository is set up.
type Estate struct {
	// Environments are by name. One that a job or a deployment mentions exists, too,
	// and guards nothing: GitHub makes it so.
	Environments map[string]Environment `yaml:"environments"`
	// Secrets are the names of those that every job of the repository is given.
	Secrets []string `yaml:"secrets"`
	// Visibility is public, private or internal; what Private says when empty.
	Visibility string `yaml:"visibility"`
	Archived   bool   `yaml:"archived"`
	// Merge are the ways in which pull requests can be merged: merge, squash, rebase;
	// all of them when left out.
	Merge []string `yaml:"merge"`
}

// Environment is a deployment environment. The zero value lets in whatever
// comes.
type Environment struct {
	// Reviewers are logins, and team:<slug> of Teams. Up to six.
	Reviewers         []string `yaml:"reviewers"`
	PreventSelfReview bool     `yaml:"prevent-self-review"`
	WaitMinutes       int      `yaml:"wait-minutes"`
	// AdminsBypass says whether administrators may let a job through; true when left
	// out, as with GitHub.
	AdminsBypass *bool `yaml:"admins-bypass"`
	// Refs is all (when empty), protected, or selected: those of Patterns.
	Refs     string       `yaml:"refs"`
	Patterns []RefPattern `yaml:"patterns"`
	// Apps are the slugs of the apps that have to let a job through, in the order in
	// which they were enabled.
	Apps []string `yaml:"apps"`
	// Secrets are names. GitHub tells nobody their values.
	Secrets []string `yaml:"secrets"`
	// Unruled leaves the rules out of the answers, as GitHub does where the plan has
	// none for a private repository.
	Unruled bool `yaml:"unruled"`
}

// RefPattern is a pattern for names of branches, or for names of tags.
type RefPattern struct {
	Branch string `yaml:"branch"`
	Tag    string `yaml:"tag"`
}
