package protection

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// Most of GitHub's limits (docs.github.com, "Deployments and environments").
const (
	MostReviewers   = 6         // people and teams that an environment can list
	MostWaitMinutes = 30 * 1440 // how long it can let a job wait
)

// Wants is what a stage asks of its environment. The zero Wants lets nothing in and
// nobody past.
type Wants struct {
	// Environment is its name.
	Environment string
	// ExistenceOnly asks for nothing else.
	ExistenceOnly bool
	// Rules say what the stage takes, and its hotfix lanes, which deploy to the same
	// environment.
	Rules []stage.Rule
	// DefaultBranch is the name of the default branch, or "" where it is not known.
	DefaultBranch string
	// Reviewers is how many people and teams at least have to be listed, of whom one
	// has to approve each job.
	Reviewers int
	// PreventSelfReview asks that whoever started the run cannot be that one. It
	// counts only with Reviewers.
	PreventSelfReview bool
	// WaitMinutes is how long each job has to wait at least.
	WaitMinutes int
	// AdminsBypass is true where administrators may let a job through.
	AdminsBypass bool
	// Visibility is that of the repository, in GitHub's words; "" where it is not
	// known. It decides nothing, and says whether a plan can be the cause.
	Visibility string
}

// Aspect is what a point is about.
type Aspect string

// The aspects.
const (
	Existence  Aspect = "existence"
	Refs       Aspect = "refs"
	Reviewers  Aspect = "reviewers"
	SelfReview Aspect = "self-review"
	Wait       Aspect = "wait"
	Admins     Aspect = "admins"
)

// Point is what was found about one aspect.
type Point struct {
	Aspect Aspect
	// Outcome is Pass, Fail or Unknown.
	Outcome verdict.Outcome
	// Code is a stable word; "" on a pass, and a fact.Reason where it is not known.
	Code string
	// Reason says what was found and what was expected, Fix what to do.
	Reason, Fix string
	// Limit says which plan of GitHub's can keep it from being mended, or "".
	Limit string
}

// The codes of points that fail.
const (
	Missing           = "missing"
	OpenToAll         = "open-to-all-refs"
	AdmitsOther       = "admits-other"
	ProtectedBranches = "protected-branches"
	ShutsOut          = "shuts-out"
	NoReviewers       = "no-reviewers"
	FewReviewers      = "few-reviewers"
	SelfReviewAllowed = "self-review"
	ShortWait         = "wait-timer"
	AdminsCanBypass   = "admins-bypass"
)

// Compare returns what was found about each aspect that is asked for, at least one
// point. An environment that is not there has one point: nothing can be said of it.
func Compare(env fact.Environment, wants Wants) []Point {
	name := quote(wants.Environment)
	switch {
	case wants.Environment == "" || !strings.EqualFold(env.Name, wants.Environment):
		return []Point{unknown(Existence, fact.Inconsistent, fmt.Sprintf("asked about the environment %s, the answer is about %s", name, quote(env.Name)))}
	case !env.Exists:
		return []Point{wants.missing()}
	}
	points := []Point{pass(Existence, fmt.Sprintf("there is an environment %s", name))}
	if wants.ExistenceOnly {
		return points
	}
	points = append(points, compareRefs(env, wants)...)
	return append(points, comparePeople(env, wants)...)
}

func (w Wants) missing() Point {
	reason := fmt.Sprintf("there is no environment %s; the first job that names it makes one that asks for nothing and lets every branch and tag in", quote(w.Environment))
	return fail(Existence, Missing, reason, "Make the environment.", w.limit(needsPaid))
}

func pass(aspect Aspect, reason string) Point {
	return Point{Aspect: aspect, Outcome: verdict.Pass, Reason: reason}
}

func fail(aspect Aspect, code, reason, fix, limit string) Point {
	return Point{Aspect: aspect, Outcome: verdict.Fail, Code: code, Reason: reason, Fix: fix, Limit: limit}
}

func unknown(aspect Aspect, code fact.Reason, reason string) Point {
	return Point{
		Aspect: aspect, Outcome: verdict.Unknown, Code: string(code), Reason: reason,
		Fix: "Look at the environment in the settings of the repository. If what is said here is not so, this is a fault of Stageward.",
	}
}

// What GitHub's plans have in private repositories; public ones have it all. Source:
// docs.github.com, "Deployments and environments".
const (
	needsPaid       = "environments need GitHub Pro, Team or Enterprise; on the free plan GitHub says that there are none"
	needsEnterprise = "required reviewers, wait timers and the switch for administrators need GitHub Enterprise"
)

// limit says that a plan can be the cause, unless the repository is public.
func (w Wants) limit(what string) string {
	switch w.Visibility {
	case "public":
		return ""
	case "":
		return "Where the repository is private, " + what + "."
	}
	return "The repository is not public, and there " + what + "."
}

// quote shows a text from outside, so that look-alikes are seen.
func quote(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-1]) + "…"
	}
	return fmt.Sprintf("%+q", text)
}
