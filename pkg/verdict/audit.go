package verdict

import (
	"slices"
	"time"
)

// Audit is how a repository is set up, held against its policy. It decides
// nothing: no deployment depends on it.
type Audit struct {
	Schema     int    `json:"schema_version"`
	Repository string `json:"repository"`
	// RepositoryURL is the page of the repository, or "".
	RepositoryURL string `json:"repository_url,omitempty"`
	// At is the server's time when the facts were read; zero if unknown.
	At     time.Time `json:"at"`
	Policy Policy    `json:"policy"`
	// Progression names all stages of the policy in their order.
	Progression []string `json:"progression"`
	// Points are what was looked at: what needs somebody first, then by check and
	// stage.
	Points []Point `json:"points"`
	// Reach says who can do what, stage by stage.
	Reach []Reach `json:"reach"`
	// Review are the questions of a design review; nil where nobody asked.
	Review []Answer `json:"review,omitempty"`
	// Replayed is true when the facts came from a file, not from GitHub.
	Replayed bool `json:"replayed,omitempty"`
}

// Point is what one check of an audit found about one stage, or about the whole
// repository.
type Point struct {
	// Check is the check's id, Title the statement it stands for.
	Check string `json:"check"`
	Title string `json:"title"`
	// Stage is "" where it is about the whole repository.
	Stage    string   `json:"stage,omitempty"`
	Severity Severity `json:"severity"`

	// Outcome is Pass, Fail, Unknown, or Skip where the check does not apply.
	Outcome Outcome `json:"outcome"`
	// Code is a stable word for machines, such as "missing"; "" on a pass.
	Code string `json:"code,omitempty"`
	// Reason says what was found and what was expected. It may hold text from
	// outside and is made inert only where it is shown.
	Reason string `json:"reason"`
	// Why says what can go wrong where the statement is false.
	Why string `json:"why,omitempty"`
	// Fix says what to do, Commands are what to run for it: each is safe to paste
	// into a shell, whatever the names in it are.
	Fix      string   `json:"fix,omitempty"`
	Commands []string `json:"commands,omitempty"`
	// Limit says which plan of GitHub's keeps it from being mended, or "".
	Limit    string     `json:"limit,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Open reports whether the point needs somebody.
func (p Point) Open() bool { return p.Outcome != Pass && p.Outcome != Skip && p.Outcome != Waived }

// Reach says who can do one thing about a stage.
type Reach struct {
	Stage string `json:"stage"`
	// Can is what they can do, such as "start a deployment".
	Can string `json:"can"`
	// Who are logins with @, teams as organisation/team, and words for many, in
	// order; none means nobody.
	Who []string `json:"who"`
	// Unknown says why it is not known who, or not of all; "" where it is.
	Unknown string `json:"unknown,omitempty"`
}

// Answer is the answer to one question of a design review.
type Answer struct {
	// ID is a stable word for the question.
	ID       string `json:"id"`
	Question string `json:"question"`
	// Outcome is Pass for yes, Fail for no, and Unknown where it cannot be known.
	Outcome  Outcome    `json:"outcome"`
	Reason   string     `json:"reason"`
	Fix      string     `json:"fix,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Severity is how bad it is when a check of an audit fails. The zero value is
// the gravest, so that forgetting to say is loud.
type Severity uint8

// The severities.
const (
	Critical Severity = iota // somebody can deploy past the gates
	High                     // what the policy relies on can be changed or undone
	Medium                   // a release will be stopped, or a stage is less separate than it looks
	Low                      // worth mending when there is time
)

var severityNames = []string{"critical", "high", "medium", "low"}

// SeverityNames returns the names, gravest first.
func SeverityNames() []string { return slices.Clone(severityNames) }

// String returns the severity's name.
func (s Severity) String() string { return name(severityNames, int(s)) }

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the severity's name.
func (s *Severity) UnmarshalText(text []byte) error {
	return parse(s, severityNames, string(text), "severity")
}
