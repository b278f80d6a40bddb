package githubtest

// CodeScanning is what code scanning found. Without it, code scanning is on and
// nothing was ever analysed.
type CodeScanning struct {
	// Off turns it off: GitHub refuses with these words.
	Off      string      `yaml:"off"`
	Analyses []Analysis  `yaml:"analyses"`
	Alerts   []CodeAlert `yaml:"alerts"`
}

// Analysis is an analysis of a commit.
type Analysis struct {
	Commit   string `yaml:"commit"`
	Tool     string `yaml:"tool"` // CodeQL when empty
	Category string `yaml:"category"`
	// Branch is the name of the branch that it is of; the default branch when
	// empty.
	Branch string `yaml:"branch"`
	// Error and Warning are what went wrong.
	Error      string `yaml:"error"`
	Warning    string `yaml:"warning"`
	MinutesAgo *int   `yaml:"minutes-ago"` // 40 when left out
}

// CodeAlert is an alert of code scanning.
type CodeAlert struct {
	Number   int    `yaml:"number"`
	Tool     string `yaml:"tool"` // CodeQL when empty
	Category string `yaml:"category"`
	Branch   string `yaml:"branch"` // the default branch when empty
	Rule     string `yaml:"rule"`   // js/zipslip when empty
	Path     string `yaml:"path"`   // lib/unzip.js when empty
	// Severity is of security (critical, high, medium, low) or of any rule
	// (error, warning, note, none); none is given when empty.
	Severity  string `yaml:"severity"`
	Dismissed `yaml:",inline"`
	// FixedMinutesAgo is when it was fixed; it is open when left out.
	FixedMinutesAgo *int `yaml:"fixed-minutes-ago"`
}

// Dismissed says that somebody closed an alert without a fix.
type Dismissed struct {
	DismissedBy string `yaml:"dismissed-by"` // login; it is not dismissed when empty
	Reason      string `yaml:"reason"`
	Comment     string `yaml:"comment"`
}

// DependencyAlerts are what Dependabot found in the default branch.
type DependencyAlerts struct {
	// Off turns them off: GitHub refuses with these words.
	Off    string            `yaml:"off"`
	Alerts []DependencyAlert `yaml:"alerts"`
}

// DependencyAlert is an alert of Dependabot.
type DependencyAlert struct {
	Number    int    `yaml:"number"`
	Ecosystem string `yaml:"ecosystem"` // npm when empty
	Package   string `yaml:"package"`   // lodash when empty
	Advisory  string `yaml:"advisory"`  // GHSA-0000-0000-0001 for the number 1 when empty
	Severity  string `yaml:"severity"`  // high when empty
	Fixed     bool   `yaml:"fixed"`
	// ByRule says that a rule of the repository dismissed it.
	ByRule    bool `yaml:"auto-dismissed"`
	Dismissed `yaml:",inline"`
}
