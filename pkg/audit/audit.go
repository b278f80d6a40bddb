package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// Check is one thing that is looked at.
type Check struct {
	// ID is the check's name: a statement in kebab-case, such as tags-guarded.
	ID string
	// Title is the statement in words; Why says what can go wrong where it is false.
	Title, Why string
	// Severity is that of a point that fails and does not say its own.
	Severity verdict.Severity
	// Needs names the facts that Ask reads. It is given no others.
	Needs func(rules policy.Policy) []fact.Need
	// Ask answers: at least one point, and one for each stage where the statement
	// is about stages. Points say Outcome, Code, Reason and what to do; the rest is
	// filled in. A fact that is missing gives an Unknown point.
	Ask func(Input) []verdict.Point
}

// Input is what a check may look at.
type Input struct {
	// Facts holds the repository and the facts that the check needs.
	Facts fact.Set
	Rules policy.Policy
	// Repository is the repository; the zero value where it could not be read.
	Repository fact.Repository
	// PolicyPath is where the policy is, or would be.
	PolicyPath string
}

// registry is filled by the checks' own files while the package is initialised
// and never changes afterwards.
var registry = map[string]Check{}

// register makes a check known. It panics when two claim one id, which any test
// run shows.
func register(each Check) Check {
	if _, taken := registry[each.ID]; taken {
		panic(fmt.Sprintf("two checks are called %q", each.ID)) //nolint:forbidigo // stops the program when it starts
	}
	registry[each.ID] = each
	return each
}

// All returns every check, ordered by id.
func All() []Check {
	checks := make([]Check, 0, len(registry))
	for _, each := range registry {
		checks = append(checks, each)
	}
	order.By(checks, func(a, b Check) int { return strings.Compare(a.ID, b.ID) })
	return checks
}

// Needs returns the facts that an audit under a policy reads, each once.
func Needs(rules policy.Policy) []fact.Need {
	all := append(reviewNeeds(rules), reachNeeds(rules)...)
	for _, each := range All() {
		all = append(all, each.Needs(rules)...)
	}
	var needs []fact.Need
	for _, need := range all {
		if !slices.Contains(needs, need) {
			needs = append(needs, need)
		}
	}
	return needs
}

// Of returns the audit of a repository under a policy. The points that need
// somebody come first, the gravest before the others.
func Of(rules policy.Policy, facts fact.Set) verdict.Audit {
	repository, file := facts.Repository.OrZero(), facts.Policy.OrZero() // the checks tell what is missing
	result := verdict.Audit{
		Schema: verdict.SchemaVersion, Repository: cmp.Or(repository.Name, facts.Subject.Repository), RepositoryURL: repository.URL,
		Policy:      verdict.Policy{Preset: rules.Preset, Path: file.Path, Branch: file.Branch, Commit: file.Commit, Blob: file.Blob},
		Progression: rules.Names(), Points: []verdict.Point{},
	}
	if at, missing := facts.At.Get(); missing == nil {
		result.At = at
	}
	for _, each := range All() {
		in := Input{Facts: facts.Only(each.Needs(rules)), Rules: rules, Repository: repository, PolicyPath: cmp.Or(file.Path, fact.PolicyPath)}
		for _, point := range each.Ask(in) {
			point.Check, point.Title, point.Why = each.ID, each.Title, cmp.Or(point.Why, each.Why)
			result.Points = append(result.Points, point)
		}
	}
	place := map[string]int{}
	for i, name := range rules.Names() {
		place[name] = i + 1
	}
	order.By(result.Points, func(a, b verdict.Point) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Severity, b.Severity),
			strings.Compare(a.Check, b.Check), cmp.Compare(place[a.Stage], place[b.Stage]), strings.Compare(a.Stage, b.Stage), strings.Compare(a.Code, b.Code))
	})
	result.Reach = reachOf(rules, facts)
	return result
}

// rank is in which group a point is shown: what is wrong, what is not known, what
// is fine, what does not apply.
func rank(p verdict.Point) int {
	switch p.Outcome {
	case verdict.Fail, verdict.Wait:
		return 0
	case verdict.Unknown:
		return 1
	case verdict.Pass, verdict.Waived:
		return 2
	case verdict.Skip:
		return 3
	}
	return 1
}
