package gate_test

import (
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// comingFrom changes where a run comes from.
func comingFrom(onDefault, sameFile fact.Known[bool]) func(*fact.ApprovalRun) {
	return func(run *fact.ApprovalRun) { run.OnDefaultBranch, run.SameFile = onDefault, sameFile }
}

var (
	shown, shownNot = fact.Of(true, fact.Source{}), fact.Of(false, fact.Source{})
	unshown         = fact.Lost[bool](fact.Missing{Reason: fact.NotFound, Detail: "no comparison"})
)

// saying is a run by quinn that approved, and a run by rita with any title.
func saying(title string, changes ...func(*fact.ApprovalRun)) fact.Set {
	return shipped(said(yes(1, quinn, "qa"), approval(2, rita, title, changes...)))
}

var (
	capital = strings.ToUpper(string(headSHA))
	short   = string(headSHA[:7])
)

// A run is tied to the default branch by its commit and by its file: a name can
// be that of a tag, and what was merged can have been anything on the way.
var _ = rows("approved",
	row{name: "a tag that is called like the default branch", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{`is of commit ccccccc, which is not on the default branch: a tag is called "main", too`}, facts: shipped(said(yes(1, quinn, "qa", comingFrom(shownNot, shown))))},
	row{name: "a run at a commit that GitHub does not compare", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{"it is not known whether", "no comparison"}, facts: shipped(said(yes(1, quinn, "qa", comingFrom(unshown, shown))))},
	row{name: "a run of which nobody asked where it comes from", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{"not-asked"}, facts: shipped(said(yes(1, quinn, "qa", comingFrom(fact.Known[bool]{}, fact.Known[bool]{}))))},
	row{name: "a merged commit with another approval workflow in it", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{"at which .github/workflows/approve.yml was not what it is now"}, facts: shipped(said(yes(1, quinn, "qa", comingFrom(shown, shownNot))))},
	row{name: "a run of which nobody knows the approval workflow", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{"it is not known what .github/workflows/approve.yml was there"}, facts: shipped(said(yes(1, quinn, "qa", comingFrom(shown, unshown))))},
	row{name: "a rejection at a tag that is called like the default branch", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: saying("Reject SHA for prod as qa", comingFrom(shownNot, shownNot))},
	row{name: "a rejection of which nobody knows where it comes from", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: saying("Reject SHA for prod as qa", comingFrom(unshown, unshown))},
	row{name: "a rejection that is taken back at a tag that is called like the default branch", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(no(1, quinn, "qa"), yes(2, quinn, "qa", comingFrom(shownNot, shown))))},
	row{name: "an approval at a tag does not hide the one before it", params: qaOnly, roles: roster, want: verdict.Pass, facts: shipped(said(yes(1, quinn, "qa"), yes(2, quinn, "qa", comingFrom(shownNot, shownNot))))},
)

// Whoever rejects wants to block, also with a slip.
var _ = rows("approved",
	row{name: "a rejection with the beginning of the id", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", says: []string{"@rita (run 2)"}, facts: saying("Reject " + short + " for prod as qa")},
	row{name: "a rejection with the id in capitals", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: saying("Reject " + capital + " for prod as qa")},
	row{name: "a rejection with the beginning of the id in capitals, and no name", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: saying("Reject " + capital[:12] + " for prod")},
	row{name: "a rejection with the stage in capitals", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: saying("Reject SHA for Prod as qa")},
	row{name: "a rejection in other letters and spaces", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: saying(" REJECT\u00a0" + short + "  For PROD As QA ")},
	row{name: "a rejection of one approval in other letters", params: qaAndLead, roles: roster, want: verdict.Pass, facts: shipped(said(yes(1, quinn, "qa"), yes(2, olga, "owner"), approval(3, rita, "Reject SHA for prod AS QA"), yes(4, rita, "qa")))},
	row{name: "a rejection with a slip by somebody of whom nobody knows the role", params: maintain, want: verdict.Unknown, code: string(fact.Forbidden), facts: shipped(said(yes(1, olga, "owner"), approval(2, bob, "Reject "+short+" for prod")), lose(bob))},

	row{name: "an approval with the beginning of the id", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{"run 1 by @quinn has the title", "the whole id of the commit"}, facts: shipped(said(approval(1, quinn, "Approve "+short+" for prod as qa")))},
	row{name: "an approval with the id in capitals", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{"in small letters"}, facts: shipped(said(approval(1, quinn, "Approve "+capital+" for prod as qa")))},
	row{name: "an approval with the stage in capitals", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(approval(1, quinn, "Approve SHA for Prod as qa")))},
	row{name: "a lost rejection beside too few approvals", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{"these REJECTIONS do not count: run 2 by @rita"}, facts: shipped(said(approval(2, rita, "Reject it, please")))},

	row{name: "a rejection with six digits of the id", params: qaOnly, roles: roster, want: verdict.Pass, says: []string{"these REJECTIONS do not count: run 2 by @rita has the title", "names no commit by seven digits"}, facts: saying("Reject " + short[:6] + " for prod as qa")},
	row{name: "a rejection of a tag by its name", params: qaOnly, roles: roster, want: verdict.Pass, says: []string{`"Reject v1.2.0 for prod as qa"`, "names no commit"}, facts: saying("Reject v1.2.0 for prod as qa")},
	row{name: "a rejection without a stage", params: qaOnly, roles: roster, want: verdict.Pass, says: []string{"does not say that it is for prod"}, facts: saying("Reject " + short)},
	row{name: "a rejection for a stage that nobody has", params: qaOnly, roles: roster, want: verdict.Pass, says: []string{"does not say that it is for prod"}, facts: saying("Reject SHA for Production as qa")},
	row{name: "a rejection of a longer id", params: qaOnly, roles: roster, want: verdict.Pass, says: []string{"REJECTIONS"}, facts: saying("Reject SHA0 for prod as qa")},
	row{name: "a rejection with a long title", params: qaOnly, roles: roster, want: verdict.Pass, says: []string{"…"}, hides: []string{strings.Repeat("é", 200)}, facts: saying("Reject " + strings.Repeat("é", 200))},
	row{name: "a rejection by an account that is gone", params: qaOnly, roles: roster, want: verdict.Pass, says: []string{"REJECTIONS do not count: run 2 was started by an account that is gone"}, facts: shipped(said(yes(1, quinn, "qa"), no(2, nil, "qa")))},
	row{name: "a rejection of another commit", params: qaOnly, roles: roster, want: verdict.Pass, hides: []string{"REJECTIONS"}, facts: saying("Reject " + string(otherSHA) + " for prod as qa")},
	row{name: "a rejection of another commit by the beginning of its id", params: qaOnly, roles: roster, want: verdict.Pass, hides: []string{"REJECTIONS"}, facts: saying("Reject " + strings.ToUpper(string(otherSHA[:8])) + " for prod")},
	row{name: "a rejection for another stage", params: qaOnly, roles: roster, want: verdict.Pass, hides: []string{"REJECTIONS"}, facts: saying("Reject SHA for staging as qa")},
	row{name: "a title that only speaks of a rejection", params: qaOnly, roles: roster, want: verdict.Pass, hides: []string{"REJECTIONS"}, facts: saying("Do not Reject it")},
)

// What to do about a no depends on where it was given.
var _ = rows("approved",
	row{name: "an environment that somebody rejected cannot be approved in the same run", params: anyWay, roles: roster, want: verdict.Fail, code: "rejected", says: []string{"cannot be taken back in this run", "start a new run"}, hides: []string{"can approve it now"}, facts: shipped(said(yes(1, quinn, "qa")), environmentSays("rejected", rita))},
	row{name: "a rejection in a run can be taken back", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", says: []string{"can approve it now, in the same way"}, hides: []string{"in this run"}, facts: shipped(said(no(1, quinn, "qa")))},
	row{name: "a rejection in a run and one of the environment", params: anyWay, roles: roster, want: verdict.Fail, code: "rejected", says: []string{"can approve it now", "cannot be taken back in this run"}, facts: shipped(said(no(1, quinn, "qa")), environmentSays("rejected", rita))},
)
