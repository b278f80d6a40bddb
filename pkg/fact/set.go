package fact

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/order"
)

// SchemaVersion is the version of the stored form of a Set. It changes when an
// old file could be misread.
const SchemaVersion = 1

// Set is everything known about one run. It is a value: what has been decided
// from it can be decided again from its stored form.
type Set struct {
	Version    int               `json:"schema_version"`
	Subject    Subject           `json:"subject"`
	Trigger    Trigger           `json:"trigger"`
	At         Known[time.Time]  `json:"at"` // the server's clock, never the runner's
	Repository Known[Repository] `json:"repository"`
	Policy     Known[PolicyFile] `json:"policy"`
	RefTarget  Known[RefTarget]  `json:"ref_target"`
	Commit     Known[Commit]     `json:"commit"`
	Tag        Known[Tag]        `json:"tag"`
	Pulls      Known[[]Pull]     `json:"pulls"`
	Checks     Known[Checks]     `json:"checks"`
	// Containment is keyed by branch name, Access and Keys by LoginKey, Files by
	// path, Ranges by the key of RangeFrom.Need, ApprovalRuns by path, Teams by
	// LoginKey of organisation/team.
	Containment map[string]Known[Containment] `json:"containment"`
	Access      map[string]Known[Access]      `json:"access"`
	Keys        map[string]Known[AccountKeys] `json:"keys,omitempty"`
	Files       map[string]Known[File]        `json:"files,omitempty"`
	Ranges      map[string]Known[Range]       `json:"ranges,omitempty"`

	ApprovalRuns map[string]Known[[]ApprovalRun] `json:"approval_runs,omitempty"`
	RunReviews   Known[[]RunReview]              `json:"run_reviews"`
	Teams        map[string]Known[Team]          `json:"teams,omitempty"`

	// Sources and Milestones are keyed by template, PullPapers and Ownership by
	// PullKey, OpenIssues by label, RecentRuns by the key of RunsOf.Need,
	// RangeReviews as Ranges.
	Release          Known[Release]                 `json:"release"`
	Versions         Known[[]VersionTag]            `json:"versions"`
	Sources          map[string]Known[SourceFile]   `json:"sources,omitempty"`
	PullPapers       map[string]Known[PullPapers]   `json:"pull_papers,omitempty"`
	OpenIssues       map[string]Known[OpenIssues]   `json:"open_issues,omitempty"`
	Milestones       map[string]Known[Milestone]    `json:"milestones,omitempty"`
	CodeAlerts       Known[Alerts]                  `json:"code_alerts"`
	DependencyAlerts Known[Alerts]                  `json:"dependency_alerts"`
	RecentRuns       map[string]Known[[]RecentRun]  `json:"recent_runs,omitempty"`
	Ownership        map[string]Known[Ownership]    `json:"ownership,omitempty"`
	RangeReviews     map[string]Known[RangeReviews] `json:"range_reviews,omitempty"`

	// Tips is keyed by branch, Locks and OpenDeployments by environment,
	// LastDeployments by the key of JobOf.Need.
	Deployments     Known[[]Deployment]                `json:"deployments"`
	Tips            map[string]Known[Tip]              `json:"tips,omitempty"`
	Locks           map[string]Known[[]Lock]           `json:"locks,omitempty"`
	OpenDeployments map[string]Known[[]OpenDeployment] `json:"open_deployments,omitempty"`
	LastDeployments map[string]Known[LastDeployment]   `json:"last_deployments,omitempty"`

	// Environments and Secrets are keyed by environment, Branches by branch. The
	// secrets are names; those of the key "" are the repository's own.
	Environments  map[string]Known[Environment] `json:"environments,omitempty"`
	Secrets       map[string]Known[[]string]    `json:"secrets,omitempty"`
	Settings      Known[Settings]               `json:"settings"`
	Rulesets      Known[[]Ruleset]              `json:"rulesets"`
	Branches      map[string]Known[BranchGuard] `json:"branches,omitempty"`
	Workflows     Known[[]WorkflowFile]         `json:"workflows"`
	Collaborators Known[[]Collaborator]         `json:"collaborators"`
}

// Contains returns whether the named branch contains the subject's commit.
func (s Set) Contains(branch string) Known[Containment] { return s.Containment[branch] }

// AccessOf returns the permission of a person. An answer about another
// account of the same login is Inconsistent: logins are reused.
func (s Set) AccessOf(person Person) Known[Access] {
	known := s.Access[LoginKey(person.Login)]
	access, missing := known.Get()
	if missing == nil && person.ID != 0 && !access.Person.Same(person) {
		return Lost[Access](Missing{
			Reason: Inconsistent,
			Detail: fmt.Sprintf("the login %q belongs to account %d now, not to account %d", person.Login, access.Person.ID, person.ID),
		})
	}
	return known
}

// Only returns the set reduced to the named facts; everything else reads as
// missing. A gate is given no more than this, so it cannot depend on a fact it
// does not declare.
func (s Set) Only(needs []Need) Set {
	kept := Set{Version: s.Version, Subject: s.Subject, Trigger: s.Trigger, At: s.At, Repository: s.Repository}
	for _, need := range needs {
		if place, ok := places[need.Kind]; ok {
			place.keep(&kept, s, need.Key)
		}
	}
	return kept
}

// Without returns the set with the named fact taken away.
func (s Set) Without(need Need) Set {
	lost := s
	if place, ok := places[need.Kind]; ok {
		place.drop(&lost, need.Key)
	}
	return lost
}

// People returns who holds a position, each login once, in the order of their
// logins. It is empty when the facts that would name them are missing.
func (s Set) People(position Position) []Person {
	if login, ok := strings.CutPrefix(string(position), "@"); ok {
		return []Person{{Login: login}}
	}
	var people []Person
	add := func(person *Person) {
		if person != nil && person.Login != "" {
			people = append(people, *person)
		}
	}
	switch position {
	case Actor:
		add(&Person{Login: s.Trigger.Actor})
	case TriggeringActor:
		add(&Person{Login: s.Trigger.TriggeringActor})
	case CommitSigner:
		add(s.Commit.OrZero().Signature.Signer)
	case TagSigner:
		// Before the tag's signature is read, its signer can only be the
		// tagger's account: asking for its permission early saves a round trip.
		tag := s.Tag.OrZero()
		add(cmp.Or(tag.Signature.Signer, tag.Tagger.Account))
	case Merger:
		s.eachMerged(func(pull Pull) { add(pull.MergedBy) })
	case Reviewers:
		s.eachMerged(func(pull Pull) {
			for _, review := range pull.Reviews.OrZero() {
				add(review.Author)
			}
		})
	case RangeSigners, RangeMergers:
		s.eachInRange(func(each RangeCommit) { add(each.person(position)) })
	case Approvers:
		s.eachApprovalRun(func(run ApprovalRun) { add(run.Actor) })
	case RunReviewers:
		for _, review := range s.RunReviews.OrZero() {
			add(review.User)
		}
	case Labelers:
		s.eachLabeling(func(label IssueLabel) { add(label.By) })
	case RangeReviewers:
		for _, key := range sortedKeys(s.RangeReviews) {
			eachReview(s.RangeReviews[key].OrZero().Pulls, func(review Review) { add(review.Author) })
		}
	}
	order.By(people, func(a, b Person) int { return strings.Compare(LoginKey(a.Login), LoginKey(b.Login)) })
	return order.Once(people, func(a, b Person) bool { return LoginKey(a.Login) == LoginKey(b.Login) })
}

// eachMerged calls visit for each pull request whose merge made the subject's
// commit.
func (s Set) eachMerged(visit func(Pull)) {
	for _, pull := range s.Pulls.OrZero() {
		if pull.Merged && pull.MergeCommit == s.Subject.SHA {
			visit(pull)
		}
	}
}

// MergedPulls returns the pull requests whose merge made the subject's commit,
// or made a commit of a range: those about which more can be asked.
func (s Set) MergedPulls() []Pull {
	var pulls []Pull
	s.eachMerged(func(pull Pull) { pulls = append(pulls, pull) })
	for _, key := range sortedKeys(s.RangeReviews) {
		pulls = append(pulls, s.RangeReviews[key].OrZero().Pulls...)
	}
	order.By(pulls, func(a, b Pull) int { return a.Number - b.Number })
	return order.Once(pulls, func(a, b Pull) bool { return a.Number == b.Number })
}

// eachLabeling calls visit for each label of the issues that the merged pull
// requests close, and for the label that was asked for on each open issue.
func (s Set) eachLabeling(visit func(IssueLabel)) {
	for _, key := range sortedKeys(s.PullPapers) {
		eachLabel(s.PullPapers[key].OrZero().Issues, visit)
	}
	for _, name := range sortedKeys(s.OpenIssues) {
		eachLabel(s.OpenIssues[name].OrZero().Newest, func(label IssueLabel) {
			if label.Name == name {
				visit(label)
			}
		})
	}
}

func eachLabel(issues []Issue, visit func(IssueLabel)) {
	for _, issue := range issues {
		for _, label := range issue.Labels {
			visit(label)
		}
	}
}

func eachReview(pulls []Pull, visit func(Review)) {
	for _, pull := range pulls {
		for _, review := range pull.Reviews.OrZero() {
			visit(review)
		}
	}
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// Marshal returns the stored form: indented, keys in a fixed order, so that
// the same facts give the same bytes.
func (s Set) Marshal() ([]byte, error) {
	s.Version = SchemaVersion
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("store facts: %w", err)
	}
	return append(data, '\n'), nil
}

// Unmarshal reads a stored form. Unknown fields and other schema versions are
// errors.
func Unmarshal(data []byte) (Set, error) {
	var set Set
	if err := decodeStrict(data, &set); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the file is empty or ends early; save the facts again with --save-facts")
		}
		return Set{}, fmt.Errorf("read facts: %w", err)
	}
	if set.Version != SchemaVersion {
		return Set{}, fmt.Errorf("read facts: schema_version is %d, this program reads %d", set.Version, SchemaVersion)
	}
	return set, nil
}
