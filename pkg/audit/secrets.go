package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// SecretsApart holds where the secrets of a stage are those of its environment.
var SecretsApart = register(Check{
	ID:       "secrets-apart",
	Title:    "The secrets of restricted stages are in their environments",
	Why:      "A secret of the repository is given to any workflow on any branch, and no gate stands before it. A secret of an environment is given only to a job that the environment lets in.",
	Severity: verdict.High,
	Needs: func(rules policy.Policy) []fact.Need {
		needs := []fact.Need{{Kind: fact.NeedSecrets}}
		for _, each := range restricted(rules) {
			needs = append(needs, fact.Need{Kind: fact.NeedSecrets, Key: each.Environment}, fact.Need{Kind: fact.NeedEnvironment, Key: each.Environment})
		}
		return needs
	},
	Ask: func(in Input) []verdict.Point {
		if len(restricted(in.Rules)) == 0 {
			return noStage()
		}
		points := []verdict.Point{in.repositorySecrets()}
		for _, each := range restricted(in.Rules) {
			if each.HotfixFor == "" {
				points = append(points, in.sameSecrets(each))
			}
		}
		return points
	},
})

const withWhom = "Run the audit with a token of somebody who may read the names of secrets, such as `gh auth token` prints for an administrator. The token of a workflow can never read them."

// repositorySecrets says which secrets every branch's workflow can read.
func (in Input) repositorySecrets() verdict.Point {
	at := about{"", verdict.Medium}
	names, missing := in.Facts.Secrets[""].Get()
	if missing != nil {
		return at.unknown("which secrets the repository has", missing, withWhom)
	}
	if len(names) == 0 {
		return at.fine("the repository itself has no secret that any branch could read; those of the organisation are not looked at")
	}
	environment, both := in.inEnvironments(names)
	if len(both) > 0 {
		at.severity = verdict.High
		reason := fmt.Sprintf("any workflow on any branch can read %s, which the environment %+q has too: without an environment, a job still gets one of that name", strings.Join(both, ", "), environment)
		var how []string
		for _, name := range both {
			how = append(how, "gh secret delete "+shell(name)+" --repo "+shell(in.repository()))
		}
		return at.wrong("same-name", reason, "Delete those of the repository, once the environments have all they need.", how...)
	}
	stages := restricted(in.Rules)
	last := stages[len(stages)-1].Environment
	names = slices.Sorted(slices.Values(names))
	how := make([]string, 0, 2*len(names))
	for _, name := range names {
		how = append(how, fmt.Sprintf("gh secret set %s --env %s --repo %s", shell(name), shell(last), shell(in.repository())),
			"gh secret delete "+shell(name)+" --repo "+shell(in.repository()))
	}
	return at.wrong("repository-secrets", "these are readable by any workflow on any branch: "+strings.Join(names, ", "),
		"Move what a stage deploys with into its environment; gh asks for the value, which GitHub does not show. What only builds and tests need may stay.", how...)
}

// inEnvironments returns the secrets that an environment of a restricted stage has
// too, of the first that has any.
func (in Input) inEnvironments(names []string) (environment string, both []string) {
	for _, each := range slices.Backward(restricted(in.Rules)) {
		for _, name := range in.Facts.Secrets[each.Environment].OrZero() {
			if slices.ContainsFunc(names, func(other string) bool { return strings.EqualFold(other, name) }) {
				both = append(both, name)
			}
		}
		if len(both) > 0 {
			slices.Sort(both)
			return each.Environment, both
		}
	}
	return "", nil
}

// isAbsent reports whether it is known that there is no such environment, which then
// has no secrets either.
func (in Input) isAbsent(environment string) bool {
	known, missing := in.Facts.Environments[environment].Get()
	return missing == nil && !known.Exists
}

// sameSecrets says which secrets a stage lacks that another has.
func (in Input) sameSecrets(s policy.Stage) verdict.Point {
	at := about{s.Name, verdict.Low}
	if in.isAbsent(s.Environment) {
		return at.beside("there is no such environment; environment-exists says so")
	}
	own, missing := in.Facts.Secrets[s.Environment].Get()
	if missing != nil {
		return at.unknown(fmt.Sprintf("which secrets the environment %+q has", s.Environment), missing, withWhom)
	}
	var lacking, how, from []string
	for _, other := range restricted(in.Rules) {
		if in.isAbsent(other.Environment) {
			continue
		}
		names, missing := in.Facts.Secrets[other.Environment].Get()
		if missing != nil {
			return at.unknown(fmt.Sprintf("which secrets the environment %+q has", other.Environment), missing, withWhom)
		}
		for _, name := range slices.Sorted(slices.Values(names)) {
			if slices.Contains(own, name) || slices.Contains(lacking, name) {
				continue
			}
			lacking, from = append(lacking, name), append(from, fmt.Sprintf("%s (there is one in %+q)", name, other.Environment))
			how = append(how, fmt.Sprintf("gh secret set %s --env %s --repo %s", shell(name), shell(s.Environment), shell(in.repository())))
		}
	}
	if len(lacking) > 0 {
		return at.wrong("missing-secret", fmt.Sprintf("the environment %+q has no %s", s.Environment, strings.Join(from, ", ")),
			"Set it, or give both stages the same names, so that a deployment that worked on one works on the other.", how...)
	}
	if len(own) == 0 {
		return at.fine(fmt.Sprintf("the environment %+q has no secrets, and no other restricted stage has", s.Environment))
	}
	return at.fine(fmt.Sprintf("the environment %+q has %s, as the other restricted stages", s.Environment, strings.Join(slices.Sorted(slices.Values(own)), ", ")))
}
