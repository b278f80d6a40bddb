package stage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// Rule says which references a stage accepts.
type Rule struct {
	Stage string
	// For is the stage that this is a hotfix lane for, or "". Who picks that stage
	// means its lanes as well.
	For      string
	Branches []Pattern
	Tags     []Pattern
	// Project is the project that the stage is of, or "": in its tags, the version
	// stands behind the project's name.
	Project string
	// Versions narrows Tags to names that are versions; AnyTag does not.
	Versions Versions
	// Events are the events whose runs the stage accepts, out of EventNames.
	// None means none.
	Events []string
}

// Query is what a stage is looked for.
type Query struct {
	Ref fact.Ref
	// DefaultBranch is the name of the repository's default branch, or "" when
	// it is not known.
	DefaultBranch string
	// Event is what started the run, in GitHub's words, or CommandLine. "" is
	// accepted by no stage.
	Event string
	// Pick is the stage that the caller wants, or "". It only narrows: a stage
	// that does not accept the reference and the event is never returned.
	Pick string
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
	// EventNotAllowed: a stage's patterns match, but it does not accept the event.
	EventNotAllowed Problem = "ref.event-not-allowed"
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

// search is what was found so far.
type search struct {
	query Query
	// known is true when the picked stage exists.
	known bool
	// refused are the rules whose patterns match, but not their events.
	refused []Rule
	// lanes are the candidates that are hotfix lanes for the picked stage.
	lanes []string
	// mistyped is the first stage that would match the other type, or "".
	mistyped string
}

// Resolve finds the stage that a query is about.
func Resolve(rules []Rule, query Query) Match {
	var match Match
	found := search{query: query, known: query.Pick == ""}
	for _, rule := range rules {
		found.known = found.known || rule.Stage == query.Pick
		tries, matched := rule.try(query)
		match.Tries = append(match.Tries, tries...)
		switch {
		case matched && rule.accepts(query.Event):
			match.Candidates = append(match.Candidates, rule.Stage)
			if rule.For == query.Pick && rule.For != "" {
				found.lanes = append(found.lanes, rule.Stage)
			}
		case matched:
			found.refused = append(found.refused, rule)
		case found.mistyped == "" && rule.matchesOtherType(query):
			found.mistyped = rule.Stage
		}
	}
	match.settle(found)
	return match
}

// settle turns the candidates into one stage or one problem.
func (m *Match) settle(found search) {
	ref, pick := found.query.Ref, found.query.Pick
	refusal := found.refusal(len(m.Candidates))
	subject := fmt.Sprintf("the %s %s", ref.Kind(), quote(ref.Name()))
	switch {
	case !found.known:
		m.Problem, m.Reason = NoSuchStage, fmt.Sprintf("the policy has no stage %s", quote(pick))
	case pick != "" && slices.Contains(m.Candidates, pick):
		m.Stage = pick
	case pick != "" && len(found.lanes) == 1:
		m.Stage = found.lanes[0]
	case pick != "" && len(found.lanes) > 1:
		m.Problem = Ambiguous
		m.Reason = fmt.Sprintf("%s matches more than one hotfix lane for %s: %s; make the patterns exclude each other, or pick one with the stage input", subject, quote(pick), quoteAll(found.lanes))
	case refusal != "":
		m.Problem, m.Reason = EventNotAllowed, fmt.Sprintf("%s would match, but %s", subject, refusal)
	case pick != "" && len(m.Candidates) > 0:
		m.Problem = NotPicked
		m.Reason = fmt.Sprintf("%s belongs to stage %s, not to %s; the stage input can choose among matching stages, never add one", subject, quoteAll(m.Candidates), quote(pick))
	case len(m.Candidates) == 1:
		m.Stage = m.Candidates[0]
	case len(m.Candidates) > 1:
		m.Problem = Ambiguous
		m.Reason = fmt.Sprintf("%s matches more than one stage: %s; make the patterns exclude each other, or pick one with the stage input", subject, quoteAll(m.Candidates))
	case found.mistyped != "":
		m.Problem = TypeMismatch
		m.Reason = fmt.Sprintf("%s is a %s; stage %q accepts a %s of that name", quote(ref.Name()), ref.Kind(), found.mistyped, otherKind(ref.Kind()))
	default:
		m.Problem = Unmatched
		m.Reason = fmt.Sprintf("no stage accepts %s", subject)
	}
}

// NearMiss is how the explanation of a pattern begins that matches the name and still
// does not take it.
const NearMiss = "the name matches, but "

// try looks at each pattern of the rule's own type and explains it. matched
// says that a pattern matches, whatever the event.
func (r Rule) try(query Query) (tries []verdict.Try, matched bool) {
	add := func(kind fact.RefKind, pattern Pattern, ok bool, why string) {
		matched = matched || ok
		if ok && !r.accepts(query.Event) {
			ok, why = false, NearMiss+r.eventReason(query.Event)
		}
		tries = append(tries, verdict.Try{Stage: r.Stage, Pattern: string(kind) + " " + shown(pattern), Matched: ok, Why: why})
	}
	for _, pattern := range r.Branches {
		ok, why := explainBranch(pattern, query.Ref, query.DefaultBranch)
		add(fact.Branch, pattern, ok, why)
	}
	for _, pattern := range r.Tags {
		ok, why := r.explainTag(pattern, query.Ref)
		add(fact.TagRef, pattern, ok, why)
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
		return false, "the default branch is " + quote(defaultBranch)
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
	version, prerelease, ok := VersionIn(r.Project, ref.Name())
	switch {
	case r.Versions == AnyTag:
		return true, "the whole name matches"
	case !ok:
		return false, NearMiss + "is not a complete semantic version such as v1.2.3"
	case r.Versions == Releases && prerelease:
		return false, fmt.Sprintf(NearMiss+"%s is a pre-release", version)
	case r.Versions == Prereleases && !prerelease:
		return false, fmt.Sprintf(NearMiss+"%s is not a pre-release", version)
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
func (r Rule) matchesOtherType(query Query) bool {
	patterns := r.Tags
	if query.Ref.Kind() == fact.TagRef {
		patterns = r.Branches
	}
	for _, pattern := range patterns {
		if pattern.Match(query.Ref.Name(), query.DefaultBranch) {
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
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, " and ")
}

// quote shows a name with escapes for all but ASCII: a letter of another
// alphabet can look like the one that was expected.
func quote(name string) string { return strconv.QuoteToASCII(name) }

// shown is a pattern as it was written, or escaped where it could look like
// another.
func shown(pattern Pattern) string {
	if quoted := quote(pattern.text); quoted != `"`+pattern.text+`"` {
		return quoted
	}
	return pattern.text
}
