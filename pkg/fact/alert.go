package fact

import "time"

// Alerts are what a scan found, of one kind.
type Alerts struct {
	// Enabled is false when GitHub says that the scan is turned off or was never
	// set up: then there are no alerts, and that says nothing.
	Enabled bool `json:"enabled"`
	// Off says in GitHub's words why it is not enabled.
	Off string `json:"off,omitempty"`
	// Ref is the reference whose alerts they are: the subject's branch, or the
	// default branch for a tag and for dependencies.
	Ref string `json:"ref,omitempty"`
	// Analyses are those of the subject's commit; only code scanning has any.
	Analyses []Analysis `json:"analyses,omitempty"`
	// Open are the alerts that hold for the subject's commit: those that are
	// open, and those that were fixed after the newest of its analyses by their
	// scanner. For dependencies they are those that are open.
	Open []Alert `json:"open"`
	// Dismissed are the alerts that somebody, or a rule of the repository,
	// closed without a fix.
	Dismissed []Alert `json:"dismissed,omitempty"`
}

// Analysis is one run of a code scanner over the subject's commit.
type Analysis struct {
	Tool     string    `json:"tool"`
	Category string    `json:"category,omitempty"`
	Ref      string    `json:"ref"`
	Commit   SHA       `json:"commit"`
	At       time.Time `json:"at"`
	// Problem is what the scanner or GitHub could not do, or "": an error, or a
	// warning such as that results were ignored. Text from outside.
	Problem string `json:"problem,omitempty"`
	URL     string `json:"url,omitempty"`
}

// Alert is one thing that a scan found.
type Alert struct {
	Number int `json:"number"`
	// Tool is the scanner, or the ecosystem of a dependency.
	Tool string `json:"tool"`
	// Rule is the rule that was broken, or the id of the advisory.
	Rule string `json:"rule"`
	// Severity is GitHub's word in lower case: critical, high, medium or low for
	// security, error, warning or note for other rules; "" where it gives none.
	Severity string `json:"severity,omitempty"`
	// Subject is where it is: a path, or the name of a dependency.
	Subject string `json:"subject,omitempty"`
	// FixedAt is when GitHub saw that it is gone; zero while it is open.
	FixedAt time.Time `json:"fixed_at,omitzero"`
	// Dismissal says who dismissed it; nil for one that is not dismissed.
	Dismissal *Dismissal `json:"dismissal,omitempty"`
	URL       string     `json:"url,omitempty"`
}

// Dismissal is the closing of an alert without a fix.
type Dismissal struct {
	By *Person   `json:"by,omitempty"` // nil for a rule of the repository, or when the account is gone
	At time.Time `json:"at,omitzero"`
	// Why is GitHub's word, such as "false positive"; Comment is what whoever
	// dismissed it wrote: text from outside.
	Why     string `json:"why,omitempty"`
	Comment string `json:"comment,omitempty"`
}
