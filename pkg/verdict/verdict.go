package verdict

import (
	"encoding/json"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// SchemaVersion is the version of the JSON form of a Verdict, which is public.
// It changes when a reader of the old form could misread the new one.
const SchemaVersion = 1

// Verdict is the decision of one run with everything needed to check it.
type Verdict struct {
	Schema   int      `json:"schema_version"`
	Decision Decision `json:"decision"`
	// Code is the stable reason code, such as "ready" or
	// "signed-tag.unsigned".
	Code string `json:"reason_code"`
	// Reason is one sentence for people when no finding speaks for itself:
	// why there is no stage, or why nothing could be decided. Fix says what
	// to do about it.
	Reason string `json:"reason,omitempty"`
	Fix    string `json:"fix,omitempty"`

	// Project is the project that it is about, or "" where the policy has none.
	Project    string       `json:"project,omitempty"`
	Subject    fact.Subject `json:"subject"`
	Version    string       `json:"version,omitempty"`
	Prerelease bool         `json:"prerelease"`
	Trigger    fact.Trigger `json:"trigger"`
	// Repository is the page of the repository, or "".
	RepositoryURL string `json:"repository_url,omitempty"`
	// At is the server's time when the facts were read; zero if unknown.
	At time.Time `json:"at"`

	// Stage is the stage the reference maps to; nil when it maps to none.
	Stage *Stage `json:"stage,omitempty"`
	// Way is set where the run does not go the ordinary way.
	Way *Way `json:"way,omitempty"`
	// Changes is what would be deployed; nil where nobody asked.
	Changes *Changes `json:"changes,omitempty"`
	// Progression names all stages of the policy in their order.
	Progression []string `json:"progression"`
	Policy      Policy   `json:"policy"`
	// Mapping shows how the stage was found, stage by stage.
	Mapping  []Try     `json:"mapping"`
	Findings []Finding `json:"findings"`
	// Problems are the located errors of a policy that could not be used.
	Problems []string `json:"problems,omitempty"`
	// Replayed is true when the facts came from a file, not from GitHub. Such
	// a verdict must never open anything.
	Replayed bool `json:"replayed,omitempty"`
}

// Stage is what the policy says about the stage.
type Stage struct {
	Name           string          `json:"name"`
	Environment    string          `json:"environment"`
	EnvironmentURL string          `json:"environment_url,omitempty"`
	Data           string          `json:"data,omitempty"`
	Config         json.RawMessage `json:"config,omitempty"`
	// Unrestricted is true when the policy says the stage asks for nothing.
	Unrestricted bool `json:"unrestricted,omitempty"`
	// NotConfigured are gates that such a stage should have and that the policy
	// does not mention. They decide nothing.
	NotConfigured []Advice `json:"not_configured,omitempty"`
}

// Advice is a gate that a stage could have. All of it is Stageward's own text.
type Advice struct {
	Gate  string `json:"gate"`
	Title string `json:"title"`
	// Configure is YAML that asks for the gate, as it stands below "gates:".
	Configure string `json:"configure"`
}

// Policy says which rules decided.
type Policy struct {
	// Preset is the name of the preset in use, or "".
	Preset string `json:"preset,omitempty"`
	// Path, Branch, Commit and Blob identify the file; Path alone is set when
	// the file is proven not to exist.
	Path   string   `json:"path,omitempty"`
	Branch string   `json:"branch,omitempty"`
	Commit fact.SHA `json:"commit,omitempty"`
	Blob   fact.SHA `json:"blob,omitempty"`
}

// Try is one step of finding the stage: one pattern against the reference.
type Try struct {
	Stage   string `json:"stage"`
	Pattern string `json:"pattern"`
	Matched bool   `json:"matched"`
	// Why says in words why the pattern did or did not match.
	Why string `json:"why"`
}

// Unmet returns the findings that are not met: those that block first, then
// those that only warn, each in their order.
func (v Verdict) Unmet() []Finding {
	var blocking, warning []Finding
	for _, finding := range v.Findings {
		switch {
		case finding.Blocks():
			blocking = append(blocking, finding)
		case finding.Unmet():
			warning = append(warning, finding)
		}
	}
	return append(blocking, warning...)
}

// Allows reports whether the verdict may open anything.
func (v Verdict) Allows() bool { return v.Decision == Allowed && !v.Replayed }
