package fact

import "strings"

// PersonKind tells people from programs.
type PersonKind string

// The kinds of account. The zero value is unknown and never counts as a
// person.
const (
	UnknownKind PersonKind = ""
	User        PersonKind = "user"
	Bot         PersonKind = "bot"
	OtherKind   PersonKind = "other" // organisation, mannequin, enterprise account
)

// Person is an account. The number identifies it; the login is for people and
// may pass to somebody else.
type Person struct {
	ID    int64      `json:"id"`
	Login string     `json:"login"`
	Kind  PersonKind `json:"kind"`
}

// Same reports whether two accounts are one. An account without a number is
// nobody's equal.
func (p Person) Same(other Person) bool { return p.ID != 0 && p.ID == other.ID }

// LoginKey folds a login for comparison: GitHub's logins are ASCII and do not
// tell case apart.
func LoginKey(login string) string {
	return strings.Map(func(char rune) rune {
		if char >= 'A' && char <= 'Z' {
			return char + ('a' - 'A')
		}
		return char
	}, login)
}

// Permission is what an account may do in the repository, in GitHub's order.
// The zero value is unknown and less than every other.
type Permission string

// GitHub's base permissions; custom roles are mapped to the one they extend.
const (
	UnknownPermission  Permission = ""
	NoPermission       Permission = "none"
	ReadPermission     Permission = "read"
	TriagePermission   Permission = "triage"
	WritePermission    Permission = "write"
	MaintainPermission Permission = "maintain"
	AdminPermission    Permission = "admin"
)

// Permissions lists the permissions that a policy can demand, lowest first.
func Permissions() []Permission {
	return []Permission{ReadPermission, TriagePermission, WritePermission, MaintainPermission, AdminPermission}
}

// AtLeast reports whether p includes want. Values that are not in
// Permissions include nothing and are included by nothing.
func (p Permission) AtLeast(want Permission) bool {
	have, need := p.rank(), want.rank()
	return need >= 0 && have >= need
}

func (p Permission) rank() int {
	for rank, permission := range Permissions() {
		if p == permission {
			return rank
		}
	}
	return -1
}

// Access is the permission of one account in the repository.
type Access struct {
	Person     Person     `json:"person"`
	Permission Permission `json:"permission"`
}

// Position names a part that people play in the facts. It is how a gate asks
// for the permission of people whom it cannot know by name beforehand.
type Position string

// The positions.
const (
	CommitSigner    Position = "commit-signer"
	TagSigner       Position = "tag-signer"
	Merger          Position = "merger"
	Reviewers       Position = "reviewers"
	Actor           Position = "actor"
	TriggeringActor Position = "triggering-actor"
	RangeSigners    Position = "range-signers"
	RangeMergers    Position = "range-mergers"
	Approvers       Position = "approvers"     // who started an approval run about the commit
	RunReviewers    Position = "run-reviewers" // who reviewed an environment of the asking run
	Labelers        Position = "labelers"      // who put a label on an issue that the merged pull request closes, or the label that was asked for on an open one
	RangeReviewers  Position = "range-reviewers"
)
