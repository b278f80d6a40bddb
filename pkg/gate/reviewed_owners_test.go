package gate_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

const askOwners = "{code-owners: true}"

var beforeSHA = fact.SHA("e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1")

// changed is a file with its owners, by a line of the file.
func changed(path string, line int, owners ...string) fact.OwnedFile {
	return fact.OwnedFile{Path: path, Line: line, Owners: owners}
}

// owned are facts in which these files were changed by the pull request.
func owned(facts fact.Set, files ...fact.OwnedFile) fact.Set {
	return ownedBy(facts, func(o *fact.Ownership) { o.Files = files })
}

func ownedBy(facts fact.Set, change func(*fact.Ownership)) fact.Set {
	ownership := fact.Ownership{
		Number: 7, Base: beforeSHA, Path: ".github/CODEOWNERS",
		URL:   "https://github.com/acme/shop/blob/" + string(beforeSHA) + "/.github/CODEOWNERS",
		Files: []fact.OwnedFile{changed("pay.go", 1, "@bob")},
	}
	change(&ownership)
	facts.Ownership = map[string]fact.Known[fact.Ownership]{"7": fact.Of(ownership, fact.Source{})}
	return facts
}

// withTeam adds a team; nobody in it stands for one that cannot be read.
func withTeam(facts fact.Set, slug string, members ...*fact.Person) fact.Set {
	facts.Teams = maps.Clone(facts.Teams)
	if facts.Teams == nil {
		facts.Teams = map[string]fact.Known[fact.Team]{}
	}
	team := fact.Team{Slug: slug}
	for _, member := range members {
		team.Members = append(team.Members, *member)
	}
	facts.Teams[slug] = fact.Of(team, fact.Source{})
	if len(members) == 0 {
		facts.Teams[slug] = fact.Lost[fact.Team](fact.Missing{Reason: fact.Forbidden, Detail: "the token of a workflow cannot read teams", Fix: "Pass people-token."})
	}
	return facts
}

// ownersSince asks for the owners of every pull request since the deployment.
var ownersSince = strings.Replace(reviewSince, "{", "{code-owners: true, ", 1)

// ownedRange is the usual range, in which bob, who approved everything, owns
// everything but what one pull request changed.
func ownedRange(except int, other string) fact.Set {
	facts := onMain(usual())
	facts.Ownership = map[string]fact.Known[fact.Ownership]{}
	for _, number := range []int{3, 5, 7} {
		owner := "@bob"
		if number == except {
			owner = other
		}
		facts.Ownership[fact.PullKey(number)] = fact.Of(fact.Ownership{
			Number: number, Base: beforeSHA, Path: "CODEOWNERS", Files: []fact.OwnedFile{changed("a.go", 1, owner)},
		}, fact.Source{})
	}
	return facts
}

var _ = rows("reviewed",
	row{
		name: "an earlier pull request since the deployment lacks its owner", params: ownersSince,
		facts: ownedRange(5, "@carol"), want: verdict.Fail, code: "range", says: []string{"#5", "an owner of \"a.go\""},
	},
	row{
		name: "the newest pull request since the deployment lacks its owner", params: ownersSince,
		facts: ownedRange(7, "@carol"), want: verdict.Fail, code: "code-owners",
	},
	row{
		name: "the pull request that was deployed lacks its owner", params: ownersSince,
		facts: ownedRange(3, "@carol"), want: verdict.Fail, code: "base",
	},
	row{
		name: "a team that owns an earlier pull request cannot be read", params: ownersSince,
		facts: withTeam(ownedRange(5, "@acme/pay"), "acme/pay"), want: verdict.Unknown, code: "forbidden",
	},
	row{
		name: "owners approved every pull request since the deployment", params: ownersSince,
		facts: withTeam(ownedRange(5, "@acme/pay"), "acme/pay", bob), want: verdict.Pass,
	},
	row{
		name: "a file without the approval of its owner fails, and the reason names file, line and owner", params: askOwners,
		facts: withTeam(owned(pull(approvals(carol)), changed("pay.go", 4, "@bob", "@acme/pay")), "acme/pay", dave), want: verdict.Fail, code: "code-owners",
		says: []string{`"pay.go" (line 4 of .github/CODEOWNERS: "@bob", "@acme/pay")`, "#7", "gh pr review 7"},
	},
	row{
		name: "one of two files is approved by its owner, which is not enough", params: askOwners,
		facts: owned(pull(approvals(carol)), changed("a.go", 1, "@carol"), changed("b.go", 2, "@bob")), want: verdict.Fail, code: "code-owners",
		says: []string{`"b.go"`}, hides: []string{`"a.go"`},
	},
	row{
		name: "the same file by two lines needs an owner of each", params: askOwners,
		facts: owned(pull(approvals(carol)), changed("a.go", 1, "@carol"), changed("a.go", 2, "@bob")), want: verdict.Fail, code: "code-owners",
	},
	row{
		name: "many files of one line are told as one", params: askOwners,
		facts: owned(pull(approvals(carol)), changed("c.go", 2, "@bob"), changed("a.go", 2, "@bob"), changed("b.go", 2, "@bob")), want: verdict.Fail, code: "code-owners",
		says: []string{`"a.go" and 2 other files (line 2`}, hides: []string{`"b.go"`},
	},
	row{
		name: "an owner who opened the pull request does not count", params: askOwners,
		facts: owned(pull(approvals(alice, carol)), changed("a.go", 1, "@alice")), want: verdict.Fail, code: "code-owners",
		says: []string{"@alice opened the pull request"},
	},
	row{
		name: "an owner who committed part of it does not count", params: askOwners,
		facts: owned(pull(openedBy(dave), approvals(alice, carol)), changed("a.go", 1, "@alice")), want: verdict.Fail, code: "code-owners",
		says: []string{"@alice wrote or committed part of it"},
	},
	row{
		name: "an owner whose approval was dismissed does not count", params: askOwners,
		facts: owned(pull(reviews(review(1, bob, fact.Dismissed, noon), review(2, carol, fact.Approved, noon))), changed("a.go", 1, "@bob")),
		want:  verdict.Fail, code: "code-owners", says: []string{"was dismissed"},
	},
	row{
		name: "an owner who approved another head does not count", params: askOwners,
		facts: owned(pull(reviews(forHead(otherSHA, review(1, bob, fact.Approved, noon)), review(2, carol, fact.Approved, noon))), changed("a.go", 1, "@bob")),
		want:  verdict.Fail, code: "code-owners", says: []string{"@bob approved " + otherSHA.Short()},
	},
	row{
		name: "an owner who may only read does not count", params: askOwners,
		facts: owned(pull(approvals(carol, dave)), changed("a.go", 1, "@dave")), want: verdict.Fail, code: "code-owners",
		says: []string{"@dave has read, needs write"},
	},
	row{
		name: "an owner has to be able to write, also where a role of the policy is called write", params: askOwners,
		roles: gate.Roles{"write": {Users: []string{"dave", "carol"}}},
		facts: owned(pull(approvals(carol, dave)), changed("a.go", 1, "@dave")), want: verdict.Fail, code: "code-owners",
	},
	row{
		name: "a program is no owner", params: askOwners,
		facts: owned(pull(approvals(carol, hubot)), changed("a.go", 1, "@hubot")), want: verdict.Fail, code: "code-owners",
		says: []string{"@hubot is not a person's account"},
	},
	row{
		name: "an owner who commented has not approved", params: askOwners,
		facts: owned(pull(reviews(review(1, bob, fact.Commented, noon), review(2, carol, fact.Approved, noon))), changed("a.go", 1, "@bob")), want: verdict.Fail, code: "code-owners",
	},
	row{
		name: "an account with the name of a team is not the team", params: askOwners,
		facts: withTeam(owned(pull(approvals(bob)), changed("a.go", 1, "@acme/bob")), "acme/bob", carol), want: verdict.Fail, code: "code-owners",
	},
	row{
		name: "a member of a team is known by number, not by name", params: askOwners,
		facts: withTeam(owned(pull(approvals(bob)), changed("a.go", 1, "@acme/pay")), "acme/pay", person(99, "bob")), want: verdict.Fail, code: "code-owners",
	},
	row{
		name: "a part of a login is not the login", params: askOwners,
		facts: owned(pull(approvals(bob)), changed("a.go", 1, "@bobby")), want: verdict.Fail, code: "code-owners",
	},
	row{
		name: "too few approvals and none by an owner are told together", params: askOwners,
		facts: owned(pull(approvals()), changed("a.go", 1, "@bob")), want: verdict.Fail, code: "approvals",
		says: []string{"0 of 1", `also, no approval that counts is by an owner of "a.go"`},
	},
	row{
		name: "a change request blocks, whatever owners say", params: askOwners,
		facts: owned(pull(reviews(review(1, bob, fact.Approved, noon), review(2, carol, fact.ChangesRequested, noon))), changed("a.go", 1, "@bob")),
		want:  verdict.Fail, code: "changes-requested",
	},
	row{
		name: "an owner who requests changes blocks, also without the role of the others", params: "{code-owners: true, by: pair}",
		roles: gate.Roles{"pair": {Users: []string{"bob"}}}, want: verdict.Fail, code: "changes-requested", says: []string{"@carol", `"a.go"`},
		facts: owned(pull(reviews(review(1, bob, fact.Approved, noon), review(2, carol, fact.ChangesRequested, noon))), changed("a.go", 1, "@bob", "@carol"), changed("b.go", 2, "@carol")),
	},
	row{
		name: "a member of a team that owns it and requests changes blocks", params: "{code-owners: true, by: pair}",
		roles: gate.Roles{"pair": {Users: []string{"bob"}}}, want: verdict.Fail, code: "changes-requested",
		facts: withTeam(owned(pull(reviews(review(1, bob, fact.Approved, noon), review(2, carol, fact.ChangesRequested, noon))), changed("a.go", 1, "@bob", "@acme/pay")), "acme/pay", carol),
	},
	row{
		name: "a request for changes that may be of an owner", params: "{code-owners: true, by: pair}",
		roles: gate.Roles{"pair": {Users: []string{"bob"}}}, want: verdict.Unknown, code: "forbidden", says: []string{"@carol"},
		facts: withTeam(owned(pull(reviews(review(1, bob, fact.Approved, noon), review(2, carol, fact.ChangesRequested, noon))), changed("a.go", 1, "@bob", "@acme/pay")), "acme/pay"),
	},
	row{
		name: "a request for changes by somebody who owns nothing of it and does not hold the role", params: "{code-owners: true, by: pair}",
		roles: gate.Roles{"pair": {Users: []string{"bob"}}}, want: verdict.Pass,
		facts: owned(pull(reviews(review(1, bob, fact.Approved, noon), review(2, carol, fact.ChangesRequested, noon))), changed("a.go", 1, "@bob")),
	},
	row{
		name: "a request for changes by an owner who may only read", params: "{code-owners: true, by: pair}",
		roles: gate.Roles{"pair": {Users: []string{"bob"}}}, want: verdict.Pass,
		facts: owned(pull(reviews(review(1, bob, fact.Approved, noon), review(2, dave, fact.ChangesRequested, noon))), changed("a.go", 1, "@bob", "@dave")),
	},
	row{
		name: "a missing owner counts before an unknown role", params: "{code-owners: true, by: pair}",
		roles: gate.Roles{"pair": {Teams: []string{"acme/pair"}}},
		facts: withTeam(owned(pull(approvals(carol)), changed("a.go", 1, "@bob")), "acme/pair"), want: verdict.Fail, code: "code-owners",
	},
	row{
		name: "no CODEOWNERS file at the base is no pass", params: askOwners,
		facts: ownedBy(pull(), func(o *fact.Ownership) { o.Path, o.Files = "", []fact.OwnedFile{changed("a.go", 0)} }), want: verdict.Fail, code: "no-code-owners",
		says: []string{beforeSHA.Short(), "Add .github/CODEOWNERS"},
	},
	row{
		name: "a file name is quoted", params: askOwners,
		facts: owned(pull(approvals(carol)), changed("a\n::set-output name=allowed::true", 1, "@bob\n")), want: verdict.Fail, code: "code-owners",
		says: []string{`"a\n::set-output`}, hides: []string{"a\n:", "@bob\n"},
	},
	row{
		name: "a base that is a commit of the pull request itself is not believed", params: askOwners,
		facts: ownedBy(pull(), func(o *fact.Ownership) { o.Base = otherSHA }), want: verdict.Unknown, code: "inconsistent",
	},
	row{
		name: "a base that is the merge is not believed", params: askOwners,
		facts: ownedBy(pull(), func(o *fact.Ownership) { o.Base = headSHA }), want: verdict.Unknown, code: "inconsistent",
	},
	row{
		name: "an ownership without a base is no answer", params: askOwners,
		facts: ownedBy(pull(), func(o *fact.Ownership) { o.Base = "" }), want: verdict.Unknown, code: "incomplete",
	},
	row{
		name: "an ownership without a file is no answer", params: askOwners,
		facts: owned(pull()), want: verdict.Unknown, code: "incomplete",
	},
	row{
		name: "an ownership of another pull request is no answer", params: askOwners,
		facts: ownedBy(pull(), func(o *fact.Ownership) { o.Number = 8 }), want: verdict.Unknown, code: "inconsistent",
	},
	row{
		name: "an ownership that was not read is unknown", params: askOwners,
		facts: pull(), want: verdict.Unknown, code: "not-asked",
	},
	row{
		name: "a team that cannot be read is unknown", params: askOwners,
		facts: withTeam(owned(pull(approvals(bob)), changed("a.go", 1, "@carol", "@acme/pay")), "acme/pay"), want: verdict.Unknown, code: "forbidden",
		says: []string{`"a.go"`, "people-token"},
	},
	row{
		name: "an address could be the approver's", params: askOwners,
		facts: owned(pull(approvals(bob)), changed("a.go", 1, "bob@example.com")), want: verdict.Unknown, code: "incomplete",
		says: []string{`"bob@example.com"`, "Write the account's login"},
	},
	row{
		name: "an address is nobody's where the approver may not write", params: "{code-owners: true, by: pair}",
		roles: gate.Roles{"pair": {Users: []string{"dave"}}},
		facts: owned(pull(approvals(dave)), changed("a.go", 1, "dave@example.com")), want: verdict.Fail, code: "code-owners",
	},
	row{
		name: "an owner of whom it is not known whether they may write is unknown", params: "{code-owners: true, by: pair}",
		roles: gate.Roles{"pair": {Users: []string{"bob"}}},
		facts: func() fact.Set {
			facts := owned(pull(), changed("a.go", 1, "@bob"))
			lose(bob)(&facts)
			return facts
		}(), want: verdict.Unknown, code: "forbidden",
	},
	row{
		name: "an unreadable team does not matter where another owner approved", params: askOwners,
		facts: withTeam(owned(pull(approvals(bob)), changed("a.go", 1, "@acme/pay", "bob@example.com", "@bob")), "acme/pay"), want: verdict.Pass,
	},
	row{
		name: "an owner approved, whatever the case of the login", params: askOwners,
		facts: owned(pull(), changed("a.go", 1, "@BoB"), changed("b.go", 0), changed("c.go", 3)), want: verdict.Pass,
		says: []string{"(1 of 3 files by .github/CODEOWNERS, 2 without an owner)"},
	},
	row{
		name: "a member of a team that owns it approved", params: askOwners,
		facts: withTeam(owned(pull(), changed("a.go", 1, "@acme/Pay")), "acme/pay", bob, carol), want: verdict.Pass,
	},
	row{
		name: "two owners approved one file each", params: askOwners,
		facts: owned(pull(approvals(bob, carol)), changed("a.go", 1, "@carol"), changed("b.go", 2, "@bob")), want: verdict.Pass,
		says: []string{"2 of 2 files"},
	},
	row{
		name: "an owner need not hold the role of the others who approve", params: "{code-owners: true, by: maintain}",
		facts: owned(pull(approvals(bob, carol)), changed("a.go", 1, "@carol")), want: verdict.Pass,
	},
	row{
		name: "files that nobody owns need no owner", params: askOwners,
		facts: owned(pull(), changed("a.go", 0), changed("b.go", 3)), want: verdict.Pass,
		says: []string{"none of the 2 files"},
	},
	row{
		name: "owners are not asked for unless the policy does", facts: owned(pull(approvals(carol)), changed("a.go", 1, "@bob")), want: verdict.Pass,
		hides: []string{"owner"},
	},
)

func TestReviewedByOwners(t *testing.T) {
	t.Parallel()
	check := bind(t, "reviewed", row{params: askOwners})
	facts := owned(pull(), changed("a.go", 1, "@bob"))
	got := check.Ask(facts, gate.Terms{})
	shown := slices.ContainsFunc(got.Evidence, func(e verdict.Evidence) bool {
		return e.URL == "https://github.com/acme/shop/blob/"+string(beforeSHA)+"/.github/CODEOWNERS"
	})
	if got.Outcome != verdict.Pass || !shown {
		t.Errorf("the file is not shown: %+v", got)
	}
	without := bind(t, "reviewed", row{})
	for _, need := range []fact.Kind{fact.NeedOwnership, fact.NeedOwnerTeams} {
		if slices.ContainsFunc(without.Needs, func(n fact.Need) bool { return n.Kind == need }) {
			t.Errorf("%s is asked for although the policy does not ask for owners", need)
		}
	}
}
