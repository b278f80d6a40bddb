package stage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// Rule says which references a stage accepts.
type Rule struct {
	Stage    string
	Branches []Pattern
	Tags     []Pattern
	// Versions narrows Tags to names that are versions; AnyTag does not.
	Versions Versions
}

// Versions narrows the tags of a stage.
type Versions string

// Which tags a stage accepts.
const (
	AnyTag      Versions = "any"
	Releases    Versions = "release"    // a version that is not a pre-release
	Prereleases Versions = "prerelease" // a version that is one
)

// VersionsNames returns the words a policy may use for Versions.
func VersionsNames() []string {
	return []string{string(AnyTag), string(Releases), string(Prereleases)}
}

// Problem says why no stage was found. The empty Problem means that one was.
type Problem string

// The problems.
const (
	Unmatched    Problem = "ref.unmatched"     // no pattern matches
	TypeMismatch Problem = "ref.type-mismatch" // a pattern of the other type would match the name
	Ambiguous    Problem = "ref.ambiguous"     // two stages match
	NoSuchStage  Problem = "stage.unknown"     // the stage that was picked is not in the policy
	NotPicked    Problem = "stage.not-picked"  // a stage matches, but not the one that was picked
)

// Match is the result of looking for a stage.
type Match struct {
	// Stage is the name of the stage, or "" when there is a Problem.
	Stage   string
	Problem Problem
	// Reason says in a sentence what the problem is.
	Reason string
	// Candidates are the stages that matched, in the order of the rules.
	Candidates []string
	// Tries has one entry a pattern that was looked at, in order.
	Tries []verdict.Try
}

// Resolve finds the stage of a reference. pick is the stage that the caller
// wants, or ""; it only narrows: a stage that does not accept the reference is
// never returned. defaultBranch is the repository's default branch.
func Resolve(rules []Rule, ref fact.Ref, defaultBranch, pick string) Match {
	var match Match
	known := pick == ""
	mistyped := ""
	for _, rule := range rules {
		known = known || rule.Stage == pick
		tries, matched := rule.try(ref, defaultBranch)
		match.Tries = append(match.Tries, tries...)
		if matched {
			match.Candidates = append(match.Candidates, rule.Stage)
		} else if mistyped == "" && rule.matchesOtherType(ref, defaultBranch) {
			mistyped = rule.Stage
		}
	}
	match.settle(ref, pick, known, mistyped)
	return match
}

// settle turns the candidates into one stage or one problem.
func (m *Match) settle(ref fact.Ref, pick string, known bool, mistyped string) {
	switch {
	case !known:
		m.Problem, m.Reason = NoSuchStage, fmt.Sprintf("the policy has no stage %q", pick)
	case pick != "" && slices.Contains(m.Candidates, pick):
		m.Stage = pick
	case pick != "" && len(m.Candidates) > 0:
		m.Problem = NotPicked
		m.Reason = fmt.Sprintf("the %s %q belongs to stage %s, not to %q; the stage input can choose among matching stages, never add one", ref.Kind(), ref.Name(), quoteAll(m.Candidates), pick)
	case len(m.Candidates) == 1:
		m.Stage = m.Candidates[0]
	case len(m.Candidates) > 1:
		m.Problem = Ambiguous
		m.Reason = fmt.Sprintf("the %s %q matches more than one stage: %s; make the patterns exclude each other, or pick one with the stage input", ref.Kind(), ref.Name(), quoteAll(m.Candidates))
	case mistyped != "":
		m.Problem = TypeMismatch
		m.Reason = fmt.Sprintf("%q is a %s; stage %q accepts a %s of that name", ref.Name(), ref.Kind(), mistyped, otherKind(ref.Kind()))
	default:
		m.Problem = Unmatched
		m.Reason = fmt.Sprintf("no stage accepts the %s %q", ref.Kind(), ref.Name())
	}
}

// try looks at each pattern of the rule's own type and explains it.
func (r Rule) try(ref fact.Ref, defaultBranch string) (tries []verdict.Try, matched bool) {
	for _, pattern := range r.Branches {
		ok, why := explainBranch(pattern, ref, defaultBranch)
		tries = append(tries, verdict.Try{Stage: r.Stage, Pattern: "branch " + pattern.String(), Matched: ok, Why: why})
		matched = matched || ok
	}
	for _, pattern := range r.Tags {
		ok, why := r.explainTag(pattern, ref)
		tries = append(tries, verdict.Try{Stage: r.Stage, Pattern: "tag " + pattern.String(), Matched: ok, Why: why})
		matched = matched || ok
	}
	return tries, matched
}

func explainBranch(pattern Pattern, ref fact.Ref, defaultBranch string) (bool, string) {
	switch {
	case ref.Kind() != fact.Branch:
		return false, "it is a tag, and this pattern is for branches"
	case pattern.Match(ref.Name(), defaultBranch):
		return true, "the whole name matches"
	case pattern.text == DefaultBranch && defaultBranch == "":
		return false, "the default branch is not known"
	case pattern.text == DefaultBranch:
		return false, fmt.Sprintf("the default branch is %q", defaultBranch)
	}
	return false, explainMiss(pattern, ref.Name())
}

func (r Rule) explainTag(pattern Pattern, ref fact.Ref) (bool, string) {
	if ref.Kind() != fact.TagRef {
		return false, "it is a branch, and this pattern is for tags"
	}
	if !pattern.Match(ref.Name(), "") {
		return false, explainMiss(pattern, ref.Name())
	}
	version, prerelease, ok := Version(ref.Name())
	switch {
	case r.Versions == AnyTag:
		return true, "the whole name matches"
	case !ok:
		return false, "the name matches, but is not a complete semantic version such as v1.2.3"
	case r.Versions == Releases && prerelease:
		return false, fmt.Sprintf("the name matches, but %s is a pre-release", version)
	case r.Versions == Prereleases && !prerelease:
		return false, fmt.Sprintf("the name matches, but %s is not a pre-release", version)
	case r.Versions == Releases || r.Versions == Prereleases:
		return true, fmt.Sprintf("the whole name matches and is the version %s", version)
	}
	return false, "the rule does not say which versions it accepts"
}

// explainMiss names the usual reason: a "*" that was expected to cross "/".
func explainMiss(pattern Pattern, name string) string {
	wider, err := ParsePattern(strings.ReplaceAll(strings.ReplaceAll(pattern.text, "**", "*"), "*", "**"))
	if err == nil && wider.Match(name, "") {
		return `"*" stops at "/"; "**" would match`
	}
	return "the name is different"
}

// matchesOtherType reports whether the rule would match if the branch were a
// tag or the tag a branch: worth telling, since names can be chosen to confuse.
func (r Rule) matchesOtherType(ref fact.Ref, defaultBranch string) bool {
	patterns := r.Tags
	if ref.Kind() == fact.TagRef {
		patterns = r.Branches
	}
	for _, pattern := range patterns {
		if pattern.Match(ref.Name(), defaultBranch) {
			return true
		}
	}
	return false
}

func otherKind(kind fact.RefKind) fact.RefKind {
	if kind == fact.Branch {
		return fact.TagRef
	}
	return fact.Branch
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, " and ")
}
