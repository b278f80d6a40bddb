package gate_test

import (
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// The people of the tests. What they may do is in everybodyKnown.
var (
	alice   = person(11, "alice")   // write; writes the changes
	bob     = person(12, "bob")     // maintain
	carol   = person(13, "carol")   // write
	dave    = person(14, "dave")    // read
	erin    = person(15, "erin")    // triage
	frank   = person(16, "frank")   // none: access was revoked
	mallory = person(66, "mallory") // write; means no good
	hubot   = &fact.Person{ID: 77, Login: "hubot", Kind: fact.Bot}
	web     = person(19864447, "web-flow")
)

var (
	headSHA   = fact.SHA(strings.Repeat("a", 40)) // the subject
	pullHead  = fact.SHA(strings.Repeat("b", 40)) // the head of its pull request
	otherSHA  = fact.SHA(strings.Repeat("c", 40))
	tagObject = fact.SHA(strings.Repeat("d", 40))

	noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
)

const ownRun = 900

func person(id int64, login string) *fact.Person {
	return &fact.Person{ID: id, Login: login, Kind: fact.User}
}

// about returns facts about a reference in which nothing is known but the
// subject, the trigger, the repository and what everybody may do.
func about(ref fact.Ref, changes ...func(*fact.Set)) fact.Set {
	facts := fact.Set{
		Version: fact.SchemaVersion,
		Subject: fact.Subject{Repository: "acme/shop", Ref: ref, SHA: headSHA},
		Trigger: fact.Trigger{
			Event: "push", Actor: "bob", TriggeringActor: "bob", RunID: ownRun, RunAttempt: 1,
			RunURL: "https://github.com/acme/shop/actions/runs/900",
		},
		Repository: fact.Of(fact.Repository{ID: 1, Name: "acme/shop", DefaultBranch: "main"}, fact.Source{}),
		At:         fact.Of(noon, fact.Source{}),
		Access:     everybodyKnown(),
	}
	for _, change := range changes {
		change(&facts)
	}
	return facts
}

func onMain(changes ...func(*fact.Set)) fact.Set { return about("refs/heads/main", changes...) }

// onTag is about a tag that names tagObject, also when it was read again.
func onTag(changes ...func(*fact.Set)) fact.Set {
	return about("refs/tags/v1.2.0", append([]func(*fact.Set){names(tagObject)}, changes...)...)
}

// names makes the ref name an object when it is read again.
func names(object fact.SHA) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.RefTarget = fact.Of(fact.RefTarget{Exists: true, Object: object, Commit: headSHA}, fact.Source{})
	}
}

func everybodyKnown() map[string]fact.Known[fact.Access] {
	access := map[string]fact.Known[fact.Access]{}
	for who, permission := range map[*fact.Person]fact.Permission{
		alice: fact.WritePermission, bob: fact.MaintainPermission, carol: fact.WritePermission, dave: fact.ReadPermission,
		erin: fact.TriagePermission, frank: fact.NoPermission, mallory: fact.WritePermission, hubot: fact.AdminPermission,
		web: fact.AdminPermission,
	} {
		access[fact.LoginKey(who.Login)] = fact.Of(fact.Access{Person: *who, Permission: permission}, fact.Source{})
	}
	return access
}

// lose makes the permission of somebody unreadable.
func lose(who *fact.Person) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Access[fact.LoginKey(who.Login)] = fact.Lost[fact.Access](fact.Missing{Reason: fact.Forbidden, Detail: "HTTP 403"})
	}
}

// allow sets what somebody may do.
func allow(who *fact.Person, permission fact.Permission) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Access[fact.LoginKey(who.Login)] = fact.Of(fact.Access{Person: *who, Permission: permission}, fact.Source{})
	}
}

// merged is a pull request of alice's that bob merged into main as the
// subject's commit, and that bob approved.
func merged(changes ...func(*fact.Pull)) fact.Pull {
	pull := fact.Pull{
		Number: 7, URL: "https://github.com/acme/shop/pull/7", Title: "Sell more",
		Base: "main", Head: pullHead, Merged: true, MergeCommit: headSHA, Author: alice, MergedBy: bob,
		HeadMovedAt: fact.Of(time.Time{}, fact.Source{}),
		Commits:     fact.Of([]fact.PullCommit{{SHA: otherSHA, Author: alice, Committer: alice}, {SHA: pullHead, Author: alice, Committer: web}}, fact.Source{}),
		Reviews:     fact.Of([]fact.Review{review(1, bob, fact.Approved, noon)}, fact.Source{}),
	}
	for _, change := range changes {
		change(&pull)
	}
	return pull
}

func review(id int64, author *fact.Person, state fact.ReviewState, at time.Time) fact.Review {
	return fact.Review{ID: id, URL: "https://github.com/acme/shop/pull/7#r", State: state, Author: author, Commit: pullHead, At: at}
}

func pulls(list ...fact.Pull) func(*fact.Set) {
	return func(facts *fact.Set) { facts.Pulls = fact.Of(list, fact.Source{}) }
}
