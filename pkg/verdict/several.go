package verdict

import (
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// Several is what one run decided about the projects of a repository. Each has a
// verdict of its own, which no other changes.
type Several struct {
	Schema int `json:"schema_version"`
	// Decision is the worst of those of the projects, and Code that of the first
	// project of which it is.
	Decision Decision `json:"decision"`
	Code     string   `json:"reason_code"`
	// Reason and Fix are as in Verdict, where no project was decided.
	Reason string `json:"reason,omitempty"`
	Fix    string `json:"fix,omitempty"`

	Subject       fact.Subject `json:"subject"`
	Trigger       fact.Trigger `json:"trigger"`
	RepositoryURL string       `json:"repository_url,omitempty"`
	At            time.Time    `json:"at"`
	Policy        Policy       `json:"policy"`

	// Projects are those that were decided, in the order of the policy.
	Projects []Verdict `json:"projects"`
	// Aside are those that were not, in the order of the policy.
	Aside []Aside `json:"aside"`
	// Replayed is as in Verdict.
	Replayed bool `json:"replayed,omitempty"`
}

// Aside is a project about which nothing was decided. It is no verdict, so that
// nobody can read one out of it: it allows nothing.
type Aside struct {
	Project string `json:"project"`
	// Code is Unchanged, or why no stage of the project takes the reference.
	Code string `json:"code"`
	// Reason says in a sentence why. It may hold text from outside.
	Reason string `json:"reason"`
	// Stage and Environment are where the project would go; "" where nowhere.
	Stage       string `json:"stage,omitempty"`
	Environment string `json:"environment,omitempty"`
	// Run is the deployment since which nothing changed, or nil.
	Run *fact.DeploymentRun `json:"run,omitempty"`
}

// Unchanged is the code of a project of which no file changed since its last
// deployment.
const Unchanged = "project.unchanged"

// SeveralOf combines what was decided about the projects. Nothing decided is
// nothing allowed: the decision is then a deny, which the caller may explain.
func SeveralOf(projects []Verdict, aside []Aside) Several {
	several := Several{Schema: SchemaVersion, Projects: projects, Aside: aside}
	if len(projects) == 0 {
		several.Decision, several.Code = Denied, "project.none"
		return several
	}
	for i, each := range projects {
		if i == 0 || severity(each.Decision) > severity(several.Decision) {
			several.Decision, several.Code = each.Decision, each.Code
		}
		several.Replayed = several.Replayed || each.Replayed
	}
	return several
}

// Only returns the verdict of the one project that was decided; ok is false where
// there are none or more.
func (s Several) Only() (only Verdict, ok bool) {
	if len(s.Projects) != 1 {
		return Verdict{}, false
	}
	return s.Projects[0], true
}

// Allows reports whether every project that was decided is allowed, and there is
// one.
func (s Several) Allows() bool {
	return s.Decision == Allowed && len(s.Projects) > 0 && len(s.Allowed()) == len(s.Projects)
}

// Allowed returns the verdicts that allow, in order. Those of the other projects do
// not change that.
func (s Several) Allowed() []Verdict {
	var allowed []Verdict
	for _, each := range s.Projects {
		if each.Allows() && !s.Replayed {
			allowed = append(allowed, each)
		}
	}
	return allowed
}

// Each returns what a change makes of every verdict, the decision of all included.
func (s Several) Each(change func(Verdict) Verdict) Several {
	projects := make([]Verdict, len(s.Projects))
	for i, each := range s.Projects {
		projects[i] = change(each)
	}
	again := SeveralOf(projects, s.Aside)
	if len(projects) == 0 {
		whole := change(Verdict{Decision: s.Decision, Code: s.Code, Reason: s.Reason, Fix: s.Fix, Replayed: s.Replayed})
		again.Decision, again.Code, again.Reason, again.Fix, again.Replayed = whole.Decision, whole.Code, whole.Reason, whole.Fix, whole.Replayed
		if again.Decision == Allowed {
			again.Decision = Errored // nothing was decided, so nothing can be allowed
		}
	}
	again.Subject, again.Trigger, again.RepositoryURL, again.At, again.Policy = s.Subject, s.Trigger, s.RepositoryURL, s.At, s.Policy
	return again
}
