package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

func reviews(list ...fact.Review) func(*fact.Pull) {
	return func(pull *fact.Pull) { pull.Reviews = fact.Of(list, fact.Source{}) }
}

func commits(list ...fact.PullCommit) func(*fact.Pull) {
	return func(pull *fact.Pull) { pull.Commits = fact.Of(list, fact.Source{}) }
}

func headMovedAt(at time.Time) func(*fact.Pull) {
	return func(pull *fact.Pull) { pull.HeadMovedAt = fact.Of(at, fact.Source{}) }
}

func openedBy(who *fact.Person) func(*fact.Pull) {
	return func(pull *fact.Pull) { pull.Author = who }
}

// pull is the facts in which one pull request put the commit onto main.
func pull(changes ...func(*fact.Pull)) fact.Set { return onMain(landed(merged(changes...))) }

// landed is pulls, with a commit that GitHub made, a squash.
func landed(list ...fact.Pull) func(*fact.Set) {
	return func(facts *fact.Set) {
		pulls(list...)(facts)
		facts.Commit = fact.Of(fact.Commit{SHA: headSHA, Parents: parents(digits("d")), Signature: fact.Signature{Class: fact.GitHubSignature, Verified: true, State: fact.SignatureValid}}, fact.Source{})
	}
}

// madeBy changes what signed the commit.
func madeBy(facts fact.Set, signature fact.Signature) fact.Set {
	facts.Commit = fact.Of(fact.Commit{SHA: headSHA, Parents: parents(digits("d")), Signature: signature}, fact.Source{})
	return facts
}

// onto changes what the commit builds on.
func onto(facts fact.Set, parents ...fact.SHA) fact.Set {
	commit := facts.Commit.OrZero()
	commit.Parents = parents
	facts.Commit = fact.Of(commit, fact.Source{})
	return facts
}

func withoutCommit(facts fact.Set) fact.Set {
	facts.Commit = fact.Lost[fact.Commit](fact.Missing{Reason: fact.Forbidden})
	return facts
}

func approvals(people ...*fact.Person) func(*fact.Pull) {
	var list []fact.Review
	for i, who := range people {
		list = append(list, review(int64(i+1), who, fact.Approved, noon))
	}
	return reviews(list...)
}

func forHead(commit fact.SHA, r fact.Review) fact.Review {
	r.Commit = commit
	return r
}

var _ = rows("reviewed",
	row{
		name: "a direct push", facts: onMain(landed()),
		want: verdict.Fail, code: "no-pull-request", says: []string{"pushed directly", "Bring the change in"}, hides: []string{"other pull requests"},
	},
	row{
		name: "an approved pull request into a scratch branch", facts: pull(into("scratch")),
		want: verdict.Fail, code: "no-pull-request", says: []string{`#7 was merged into "scratch"`},
	},
	row{
		name: "an approved pull request that is still open", facts: pull(stillOpen),
		want: verdict.Fail, code: "no-pull-request", says: []string{"#7 is not merged"},
	},
	row{
		name: "an approved pull request that was merged as another commit", facts: pull(mergedAs(otherSHA)),
		want: verdict.Fail, code: "no-pull-request", says: []string{"was merged as ccccccc"},
	},
	row{
		name: "an approved pull request that was not merged as any commit", facts: pull(mergedAs("")),
		want: verdict.Fail, code: "no-pull-request", says: []string{"was merged as nothing"},
	},
	row{
		name: "a merge that somebody made, signed and pushed", want: verdict.Fail, code: "local-merge", says: []string{"nobody reviewed", "merge: any"},
		facts: madeBy(pull(), fact.Signature{Class: fact.PersonSignature, Verified: true, State: fact.SignatureValid, Signer: bob}),
	},
	row{
		name: "a merge that nobody signed, as a rebase leaves it", want: verdict.Fail, code: "local-merge", says: []string{"rebased"},
		facts: madeBy(pull(), fact.Signature{Class: fact.Unsigned, State: "unsigned"}),
	},
	row{
		name: "a merge that says it is GitHub's", want: verdict.Fail, code: "local-merge",
		facts: madeBy(pull(), fact.Signature{Class: fact.GitHubSignature, State: "invalid"}),
	},
	row{
		name: "a web edit on top of the approved head that was pushed with it", want: verdict.Fail, code: "local-merge", says: []string{"its parents are bbbbbbb"},
		facts: onto(pull(), pullHead),
	},
	row{
		name: "a merge that GitHub made of something else and that was pushed", want: verdict.Fail, code: "local-merge", says: []string{"its parents are ccccccc, fffffff"},
		facts: onto(pull(), otherSHA, digits("f")),
	},
	row{
		name: "a merge that GitHub made into the approved head", want: verdict.Fail, code: "local-merge",
		facts: onto(pull(), pullHead, otherSHA),
	},
	row{name: "a merge of three", want: verdict.Fail, code: "local-merge", facts: onto(pull(), digits("d"), pullHead, digits("f"))},
	row{name: "a merge with a merge commit", want: verdict.Pass, facts: onto(pull(), digits("d"), pullHead)},
	row{name: "a squash", want: verdict.Pass, facts: onto(pull(), digits("d"))},
	row{
		name: "the approved head itself, made in the website's editor", want: verdict.Pass,
		facts: onto(pull(func(p *fact.Pull) { p.Head = headSHA }, commits(fact.PullCommit{SHA: headSHA, Author: alice}), reviews(forHead(headSHA, review(1, bob, fact.Approved, noon)))), digits("d"), digits("f")),
	},
	row{name: "a web edit on top of the approved head, where the policy takes any", params: "merge: any", want: verdict.Pass, facts: onto(pull(), pullHead)},
	row{name: "a merge of which the kind of key is not known", facts: madeBy(pull(), fact.Signature{}), want: verdict.Unknown, code: string(fact.Incomplete)},
	row{name: "a merge that could not be read", facts: withoutCommit(pull()), want: verdict.Unknown, code: string(fact.Forbidden)},
	row{
		name: "another commit in the answer", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: func() fact.Set {
			facts := pull()
			facts.Commit = fact.Of(fact.Commit{SHA: otherSHA, Signature: fact.Signature{Class: fact.GitHubSignature, Verified: true, State: fact.SignatureValid}}, fact.Source{})
			return facts
		}(),
	},
	row{
		name: "one approval of what a program opened", facts: pull(openedBy(hubot)), want: verdict.Fail, code: "approvals", says: []string{"1 of 2", "which opened it, is not a person"},
	},
	row{name: "two approvals of what a program opened", facts: pull(openedBy(hubot), approvals(bob, carol)), want: verdict.Pass, says: []string{"2 of 2"}},
	row{
		name: "a merge that somebody made, where the policy takes any", params: "merge: any", want: verdict.Pass,
		facts: madeBy(pull(), fact.Signature{Class: fact.PersonSignature, Verified: true, State: fact.SignatureValid, Signer: bob}),
	},
	row{
		name: "six pull requests that do not count", want: verdict.Fail, code: "no-pull-request", says: []string{"1 more"},
		facts: onMain(landed(merged(numbered(1), stillOpen), merged(numbered(2), stillOpen), merged(numbered(3), stillOpen),
			merged(numbered(4), stillOpen), merged(numbered(5), stillOpen), merged(numbered(6), stillOpen))),
	},
	row{
		name: "an approval of an open pull request beside the merged one", want: verdict.Fail, code: "approvals",
		facts: onMain(landed(merged(reviews()), merged(numbered(9), stillOpen, into("scratch")))),
	},
	row{
		name: "a tag on a commit that was merged into a release branch", facts: onTag(landed(merged(into("release")))),
		want: verdict.Fail, code: "no-pull-request",
	},
	row{
		name: "two pull requests that were merged as the commit", facts: onMain(landed(merged(), merged(numbered(8), reviews()))),
		want: verdict.Fail, code: "ambiguous", says: []string{"#7, #8"},
	},
	row{
		name: "no review at all", facts: pull(reviews()),
		want: verdict.Fail, code: "approvals", says: []string{"0 of 1", "gh pr review 7 --approve"}, hides: []string{"()", "do not count"},
	},
	row{
		name: "an approval by the author", facts: pull(approvals(alice)),
		want: verdict.Fail, code: "approvals", says: []string{"@alice opened the pull request"},
	},
	row{
		name: "an approval by the author under a new login", want: verdict.Fail, code: "approvals", says: []string{"@alice-2 opened the pull request"},
		facts: pull(approvals(person(11, "alice-2"))),
	},
	row{
		name: "an approval by somebody who committed to it", want: verdict.Fail, code: "approvals", says: []string{"@bob wrote or committed part of it"},
		facts: pull(openedBy(carol), commits(fact.PullCommit{SHA: otherSHA, Author: alice, Committer: bob}, fact.PullCommit{SHA: pullHead, Author: alice})),
	},
	row{
		name: "an approval by somebody who wrote a commit that another one committed", want: verdict.Fail, code: "approvals",
		facts: pull(commits(fact.PullCommit{SHA: pullHead, Author: bob, Committer: web})),
	},
	row{
		name: "an approval by a committer of whom no number is known", want: verdict.Fail, code: "approvals",
		facts: pull(commits(fact.PullCommit{SHA: pullHead, Author: &fact.Person{Login: "BOB"}})),
	},
	row{
		name: "a commit that is linked to nobody", want: verdict.Fail, code: "unattributed", says: []string{"ccccccc", "link"},
		facts: pull(commits(fact.PullCommit{SHA: otherSHA}, fact.PullCommit{SHA: pullHead, Author: alice})),
	},
	row{
		name: "a commit that is linked to nobody but GitHub's website", want: verdict.Fail, code: "unattributed",
		facts: pull(commits(fact.PullCommit{SHA: otherSHA, Committer: web}, fact.PullCommit{SHA: pullHead, Author: alice})),
	},
	row{name: "an author who is gone", facts: pull(openedBy(nil)), want: verdict.Fail, code: "unattributed"},
	row{
		name: "two approvals by one person are one", params: "approvals: 2", want: verdict.Fail, code: "approvals", says: []string{"1 of 2", "@bob"},
		facts: pull(approvals(bob, bob)),
	},
	row{
		name: "two logins of one account are one person", params: "approvals: 2", want: verdict.Fail, code: "approvals",
		facts: pull(approvals(bob, person(12, "bob-2"))),
	},
	row{
		name: "an approval by an account that is gone", facts: pull(approvals(nil)),
		want: verdict.Fail, code: "approvals", says: []string{"an account that is gone"},
	},
	row{name: "an approval by a bot that is an administrator", facts: pull(approvals(hubot)), want: verdict.Fail, code: "approvals", says: []string{"not a person's account"}},
	row{
		name: "approvals by people who may only read, triage, or nothing any more", facts: pull(approvals(dave, erin, frank)), want: verdict.Fail, code: "approvals",
		says: []string{"@dave has read, needs write", "@erin has triage, needs write", "@frank has none, needs write"},
	},
	row{name: "an approval by a writer where maintainers count", params: "by: maintain", facts: pull(approvals(carol)), want: verdict.Fail, code: "approvals"},
	row{
		name: "an approval by somebody who is not on the list", params: "by: leads", roles: leads, facts: pull(approvals(carol)),
		want: verdict.Fail, code: "approvals", says: []string{"@carol is not named in role leads"},
	},
	row{
		name: "an approval that became a request for changes", want: verdict.Fail, code: "changes-requested", says: []string{"@bob"},
		facts: pull(reviews(review(1, bob, fact.Approved, noon), review(2, bob, fact.ChangesRequested, noon.Add(time.Hour)))),
	},
	row{
		name: "an approval and a request for changes in the same second", want: verdict.Fail, code: "changes-requested",
		facts: pull(reviews(review(2, bob, fact.Approved, noon), review(1, bob, fact.ChangesRequested, noon))),
	},
	row{
		name: "a request for changes that its author only commented on afterwards", want: verdict.Fail, code: "changes-requested",
		facts: pull(reviews(review(1, bob, fact.ChangesRequested, noon), review(2, bob, fact.Commented, noon.Add(time.Hour)), review(3, carol, fact.Approved, noon))),
	},
	row{
		name: "enough approvals do not outweigh a request for changes on an older head", want: verdict.Fail, code: "changes-requested", says: []string{"@carol"},
		facts: pull(reviews(review(1, bob, fact.Approved, noon), forHead(otherSHA, review(2, carol, fact.ChangesRequested, noon.Add(-time.Hour))))),
	},
	row{
		name: "a dismissed request for changes revives no older approval", want: verdict.Fail, code: "approvals", says: []string{"dismissed"},
		facts: pull(reviews(review(1, bob, fact.Approved, noon), review(2, bob, fact.Dismissed, noon.Add(time.Hour)))),
	},
	row{name: "a dismissed approval", facts: pull(reviews(review(1, bob, fact.Dismissed, noon))), want: verdict.Fail, code: "approvals"},
	row{
		name: "an approval of an older head", want: verdict.Fail, code: "approvals", says: []string{"approved ccccccc, the head is bbbbbbb"},
		facts: pull(reviews(forHead(otherSHA, review(1, bob, fact.Approved, noon)))),
	},
	row{
		name: "an approval that GitHub re-pointed to a head that came later", want: verdict.Fail, code: "approvals", says: []string{"2026-11-20T12:10:00Z"},
		facts: pull(headMovedAt(noon.Add(10 * time.Minute))),
	},
	row{name: "an approval in the second in which the head moved", facts: pull(headMovedAt(noon)), want: verdict.Fail, code: "approvals"},
	row{
		name: "a comment that says approved", facts: pull(reviews(review(1, bob, fact.Commented, noon))),
		want: verdict.Fail, code: "approvals",
	},
	row{name: "a review that was never submitted", facts: pull(reviews(review(1, bob, "pending", time.Time{}))), want: verdict.Fail, code: "approvals"},
	row{
		name: "more approvals that do not count than are shown", want: verdict.Fail, code: "approvals", says: []string{"and 2 more"},
		facts: pull(commits(fact.PullCommit{SHA: pullHead, Author: alice}), func(p *fact.Pull) {
			var list []fact.Review
			for i := range int64(12) {
				list = append(list, forHead(otherSHA, review(i+1, person(100+i, "p"+string(rune('a'+i))), fact.Approved, noon)))
			}
			reviews(list...)(p)
		}),
	},
	row{
		name: "the head's history is not known", want: verdict.Unknown, code: string(fact.Forbidden),
		facts: pull(func(p *fact.Pull) { p.HeadMovedAt = fact.Lost[time.Time](fact.Missing{Reason: fact.Forbidden}) }),
	},
	row{
		name: "the commits are not known", want: verdict.Unknown, code: string(fact.Incomplete),
		facts: pull(func(p *fact.Pull) { p.Commits = fact.Lost[[]fact.PullCommit](fact.Missing{Reason: fact.Incomplete}) }),
	},
	row{
		name: "the reviews are not known", want: verdict.Unknown, code: string(fact.NotAsked),
		facts: pull(func(p *fact.Pull) { p.Reviews = fact.Known[[]fact.Review]{} }),
	},
	row{name: "a list of commits that lacks the head", facts: pull(commits(fact.PullCommit{SHA: otherSHA, Author: alice})), want: verdict.Unknown, code: string(fact.Inconsistent)},
	row{
		name: "one review with two contents", want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"review 1"},
		facts: pull(reviews(review(1, bob, fact.Approved, noon), forHead(otherSHA, review(1, bob, fact.Approved, noon)))),
	},
	row{
		name: "one review by two people", params: "approvals: 2", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: pull(reviews(review(1, bob, fact.Approved, noon), review(1, carol, fact.Approved, noon))),
	},
	row{name: "no commits at all", facts: pull(commits()), want: verdict.Unknown, code: string(fact.Inconsistent)},
	row{
		name: "a request for changes without a time", want: verdict.Unknown, code: string(fact.Incomplete),
		facts: pull(reviews(review(1, bob, fact.ChangesRequested, time.Time{}), review(2, bob, fact.Approved, noon))),
	},
	row{name: "the only approval is by somebody whose permission cannot be read", facts: onMain(landed(merged()), lose(bob)), want: verdict.Unknown, code: string(fact.Forbidden)},
	row{
		name: "a listed login on an account that may be a program", params: "by: leads", roles: leads, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: pull(approvals(&fact.Person{ID: 12, Login: "bob"})),
	},
	row{
		name: "approvals by logins without an account number", params: "approvals: 2", want: verdict.Unknown, code: string(fact.Incomplete),
		facts: pull(approvals(&fact.Person{Login: "bob", Kind: fact.User}, &fact.Person{Login: "carol", Kind: fact.User})),
	},
	row{
		name: "approvals by one login without an account number are one", params: "approvals: 2", want: verdict.Fail, code: "approvals",
		facts: pull(approvals(&fact.Person{Login: "bob", Kind: fact.User}, &fact.Person{Login: "BOB", Kind: fact.User})),
	},
	row{
		name: "a request for changes by somebody whose permission cannot be read", want: verdict.Unknown, code: string(fact.Forbidden),
		facts: onMain(landed(merged(reviews(review(1, bob, fact.Approved, noon), review(2, carol, fact.ChangesRequested, noon)))), lose(carol)),
	},
	row{
		name: "too few approvals, whatever an unreadable permission would say", params: "approvals: 3", want: verdict.Fail, code: "approvals",
		facts: onMain(landed(merged(approvals(bob, carol))), lose(carol)),
	},
	row{name: "a pull request under a tag whose default branch is not known", facts: onTag(landed(merged()), func(f *fact.Set) { f.Repository = fact.Known[fact.Repository]{} }), want: verdict.Unknown, code: string(fact.NotAsked)},
	row{name: "one approval by a maintainer", facts: pull(), want: verdict.Pass, says: []string{"#7 was approved by @bob (1 of 1)"}},
	row{name: "an approval after the head moved", facts: pull(headMovedAt(noon.Add(-time.Second))), want: verdict.Pass},
	row{
		name: "a comment after an approval does not take it back", want: verdict.Pass,
		facts: pull(reviews(review(1, bob, fact.Approved, noon), review(2, bob, fact.Commented, noon.Add(time.Hour)))),
	},
	row{
		name: "a request for changes that its author resolved", want: verdict.Pass,
		facts: pull(reviews(review(1, bob, fact.ChangesRequested, noon), review(2, bob, fact.Approved, noon.Add(time.Hour)))),
	},
	row{
		name: "a request for changes by somebody who does not hold the role", want: verdict.Pass,
		facts: pull(reviews(review(1, bob, fact.Approved, noon), review(2, dave, fact.ChangesRequested, noon))),
	},
	row{
		name: "an unreadable permission that the count does not need", want: verdict.Pass,
		facts: onMain(landed(merged(approvals(bob, carol))), lose(carol)),
	},
	row{
		name: "two approvals by one person in one second", want: verdict.Pass, says: []string{"@bob (1 of 1)"},
		facts: pull(reviews(linked(review(1, bob, fact.Approved, noon)), linked(review(2, bob, fact.Approved, noon)))),
	},
	row{name: "two approvals", params: "approvals: 2", facts: pull(approvals(bob, carol)), want: verdict.Pass, says: []string{"@bob, @carol (2 of 2)"}},
	row{name: "an approval by somebody on the list", params: "by: leads", roles: gate.Roles{"leads": {Users: []string{"bob"}}}, facts: pull(), want: verdict.Pass},
	row{name: "a pull request into the branch of the run", facts: about("refs/heads/release", landed(merged(into("release")))), want: verdict.Pass},
	row{name: "a tag on a commit that was merged into the default branch", facts: onTag(landed(merged())), want: verdict.Pass},
)

func TestReviewed(t *testing.T) {
	t.Parallel()
	testRows(t, "reviewed")
}

func TestReviewedRefusesReviewsThatAskForNothing(t *testing.T) {
	t.Parallel()
	testRefusals(t, "reviewed", map[string]string{
		"approvals: 0":  "expected 1 or more",
		"approvals: -1": "expected 1 or more",
		"by: nobody":    `role "nobody" is not defined`,
	})
}

// A list of users is all there is to know about who holds a role. A permission
// is not: nobody knows how many people have it before they are asked.
func TestReviewedRefusesCountsThatNobodyCanMeet(t *testing.T) {
	t.Parallel()
	roles := gate.Roles{
		"pair":  {Users: []string{"bob", "carol"}},
		"cases": {Users: []string{"bob", "carol", "BOB"}},
		"more":  {Permission: fact.MaintainPermission, Users: []string{"bob", "carol"}},
		"open":  {Permission: fact.MaintainPermission},
		"wrong": {},
	}
	for params, says := range map[string]string{
		"{ approvals: 3, by: pair }":  `approvals 3: role "pair" has only 2 people, so this can never be met; ask for at most 2, name more users in the role, or give it a permission`,
		"{ approvals: 3, by: cases }": `role "cases" has only 2 people`,
		"{ approvals: 3, by: more }":  "",
		"{ approvals: 3, by: open }":  "",
		"{ approvals: 3, by: admin }": "",
		// The author of a change may be one of the two, and need not be.
		"{ approvals: 2, by: pair }":  "",
		"{ approvals: 1, by: wrong }": "", // refused where it is defined
	} {
		t.Run(params, func(t *testing.T) {
			t.Parallel()
			_, err := find(t, "reviewed").Bind(decode(params), gate.Terms{Roles: roles})
			switch {
			case says == "" && err != nil:
				t.Errorf("got error %v, want none", err)
			case says != "" && (err == nil || !strings.Contains(err.Error(), says)):
				t.Errorf("got error %v, want one that says %q", err, says)
			}
		})
	}
}
