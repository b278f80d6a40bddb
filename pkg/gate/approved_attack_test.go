package gate_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

const (
	byReviews  = "{approvals: [{name: qa, by: qa}], from: [review]}"
	noSigner   = "approvals: [{name: owner, by: maintain, not: [signer]}]"
	noDeployer = "approvals: [{name: owner, by: leads, not: [deployer]}]"
	bySource   = "{approvals: [{name: qa, by: qa}, {name: owner, by: leads}], from: [dispatch, review, environment]}"
)

// approvedByQuinn is a pull request with one review.
func approvedByQuinn(f *fact.Set) {
	pulls(merged(reviews(review(5, quinn, fact.Approved, noon))))(f)
}

// unclear is a signature of which GitHub names nobody.
func unclear(f *fact.Set) {
	f.Commit = fact.Of(fact.Commit{SHA: headSHA, Author: fact.Identity{Account: alice}, Signature: signature(fact.PersonSignature, "unknown_key", nil)}, fact.Source{})
}

// again is a run that somebody else started again.
func again(run fact.ApprovalRun) fact.ApprovalRun {
	run.Attempt, run.TriggeringActor = 2, mallory
	return run
}

func chosen(f *fact.Set) { f.Subject.Chosen = true }

// onATag makes the subject the tag that bob signed.
func onATag(changes ...func(*fact.Tag)) func(*fact.Set) {
	return func(f *fact.Set) {
		f.Subject.Ref = "refs/tags/v1.2.0"
		tagged(changes...)(f)
	}
}

// pressed is the merge that GitHub made when somebody pressed the button.
func pressed(sha fact.SHA, who *fact.Person, parents ...fact.SHA) fact.Commit {
	return fact.Commit{
		SHA: sha, Parents: parents, Author: fact.Identity{Account: who}, Committer: fact.Identity{Account: web},
		Signature: signature(fact.GitHubSignature, fact.SignatureValid, nil),
	}
}

// stagedTwice is two runs of the job, for two events, that ended at two times.
func stagedTwice(f *fact.Set) {
	file := ".github/workflows/deploy.yml"
	f.Checks = fact.Of(fact.Checks{
		Runs: []fact.CheckRun{
			{ID: 31, Name: "staging", App: "github-actions", Workflow: file, RunID: 30, Status: "completed", Conclusion: "success", CompletedAt: noon.Add(2 * time.Hour)},
			{ID: 41, Name: "staging", App: "github-actions", Workflow: file, RunID: 40, Status: "completed", Conclusion: "success", CompletedAt: noon.Add(time.Hour)},
		},
		Workflows: []fact.WorkflowRun{
			{ID: 30, Workflow: file, Event: "push", Status: "completed", Conclusion: "success", Jobs: jobsOf(31)},
			{ID: 40, Workflow: file, Event: "workflow_dispatch", Status: "completed", Conclusion: "success", Jobs: jobsOf(41)},
		},
	}, fact.Source{})
}

// earlier is a range in which a commit stands beside a pull request that quinn
// merged.
func earlier(commit fact.Commit, merge fact.SHA, merged bool) func(*fact.Set) {
	pull := fact.Pull{Number: 3, Base: "main", Head: pullHead, Merged: merged, MergeCommit: merge, Author: alice, MergedBy: quinn}
	return begins(oldest, written(headSHA, alice), fact.RangeCommit{Commit: commit, Pulls: []fact.Pull{pull}})
}

func environmentSays(state string, who *fact.Person) func(*fact.Set) {
	return reviewed(fact.RunReview{State: state, User: who, Environments: []string{"production"}})
}

var _ = rows("approved",
	row{name: "a rejection that somebody else started again", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa"), again(no(2, rita, "qa"))))},
	row{name: "a yes that was taken back, and that started again", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa"), again(no(2, quinn, "qa"))))},
	row{name: "a rejection before the stage before", params: afterStaging, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(no(1, rita, "qa"), yes(90, quinn, "qa")), stagedAt(noon.Add(time.Hour), "success"))},
	row{name: "a rejection with a slip in the name", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa"), no(2, rita, "quality")))},
	row{name: "a rejection with the address of the commit", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa"), approval(2, rita, "Reject https://github.com/acme/shop/commit/SHA for prod as qa")))},
	row{name: "a rejection with a comma after the commit", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa"), approval(2, rita, "Reject SHA, for prod as qa")))},
	row{name: "an approval with the address of the commit", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{"not of the form that counts"}, facts: shipped(said(approval(1, quinn, "Approve https://github.com/acme/shop/commit/SHA for prod as qa")))},
	row{name: "a rejection of a commit whose id begins with that of this one", params: qaOnly, roles: roster, want: verdict.Pass, facts: shipped(said(yes(1, quinn, "qa"), approval(2, rita, "Reject SHA"+strings.Repeat("a", 24)+" for prod as qa")))},
	row{name: "a rejection with a name in another form", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa"), no(2, rita, "QA")))},
	row{name: "a rejection after which one source approves", params: anyWay, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(no(1, quinn, "qa")), pulls(merged(reviews(review(5, quinn, fact.Approved, noon.Add(time.Hour))))))},
	row{name: "a rejection in one pull request and an approval in another", params: anyWay, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(pulls(
		merged(reviews(review(5, quinn, fact.ChangesRequested, noon))),
		merged(func(p *fact.Pull) { p.Number = 8 }, reviews(review(6, quinn, fact.Approved, noon.Add(time.Hour)))),
	))},
	row{name: "an environment that one person approved and rejected", params: anyWay, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(reviewed(
		fact.RunReview{State: "rejected", User: quinn, Environments: []string{"production"}}, fact.RunReview{State: "approved", User: quinn, Environments: []string{"production"}},
	))},
	row{name: "a no about everything after a yes about one", params: qaAndLead, roles: roster, want: verdict.Fail, code: "rejected", says: []string{"owner is rejected by @rita"}, facts: shipped(said(
		approval(1, rita, "Reject SHA for prod"), yes(2, rita, "qa"), yes(3, quinn, "qa"), yes(4, olga, "owner"),
	))},
	row{name: "a request for changes of an older head", params: anyWay, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa")), pulls(merged(reviews(fact.Review{ID: 5, State: fact.ChangesRequested, Author: rita, Commit: otherSHA, At: noon}))))},
	row{name: "a rejection by whoever wrote it", params: "approvals: [{name: any, by: write}]", want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "any"), no(2, alice, "any")))},

	row{name: "an approval of a name that the policy does not have", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", says: []string{`is for "quality", which the policy does not ask for`}, facts: shipped(said(yes(1, quinn, "quality")))},
	row{name: "a stage whose name begins with that of this one", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(approval(1, quinn, "Approve SHA for prod-eu as qa")))},
	row{name: "a stage whose name begins with that of this one, rejected", params: qaOnly, roles: roster, want: verdict.Pass, facts: shipped(said(yes(1, quinn, "qa"), approval(2, rita, "Reject SHA for prod-eu as qa")))},
	row{name: "a title that names the commit at its end", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(approval(1, quinn, "Approve "+string(otherSHA)+" for prod as qa SHA")))},
	row{name: "a space of another script", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(approval(1, quinn, "Approve\u00a0SHA for prod as qa")))},
	row{name: "a line after the title", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(approval(1, quinn, "Approve SHA for prod as qa\n")))},
	row{name: "a branch that is called like the default one in capitals", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, quinn, "qa", func(r *fact.ApprovalRun) { r.Branch = "Main" })))},
	row{name: "a run without a branch, and no default branch", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, quinn, "qa", func(r *fact.ApprovalRun) { r.Branch = "" })), func(f *fact.Set) {
		f.Repository = fact.Of(fact.Repository{ID: 1, Name: "acme/shop"}, fact.Source{})
	})},
	row{name: "a run of which nobody knows who continued it", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, quinn, "qa", func(r *fact.ApprovalRun) { r.TriggeringActor = nil })))},
	row{name: "an account without a number", params: qaOnly, roles: roster, want: verdict.Unknown, code: string(fact.Incomplete), facts: shipped(said(yes(1, &fact.Person{Login: "quinn", Kind: fact.User}, "qa")))},
	row{name: "one account with a number and without one", params: "approvals: [{name: qa, by: qa, count: 2}]", roles: roster, want: verdict.Unknown, code: string(fact.Incomplete), facts: shipped(said(yes(1, quinn, "qa"), yes(2, &fact.Person{Login: "Quinn", Kind: fact.User}, "qa")))},
	row{name: "one account under two logins", params: "approvals: [{name: qa, by: qa, count: 2}]", roles: roster, want: verdict.Wait, code: "missing", says: []string{"qa 1 of 2"}, facts: shipped(said(yes(1, quinn, "qa"), yes(2, person(22, "rita"), "qa")))},
	row{name: "somebody of whom nobody knows the role, beside too few", params: "approvals: [{name: owner, by: maintain, count: 3}]", want: verdict.Wait, code: "missing", says: []string{"not known whether @olga"}, facts: shipped(said(yes(1, olga, "owner"), yes(2, sam, "owner")), lose(olga))},
	row{name: "GitHub's own account", params: "approvals: [{name: owner, by: maintain, not: [nobody]}]", want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, web, "owner")))},
	row{name: "two approvals, one command for each", params: qaAndLead, roles: roster, want: verdict.Wait, code: "missing", says: []string{"-f approval=qa` and `gh", "-f approval=owner`"}, facts: shipped()},
	row{name: "reviews where no pull request brought the commit", params: anyWay, roles: roster, want: verdict.Wait, code: "missing", says: []string{`no pull request was merged into "main" as this commit`}, facts: shipped(pulls())},
	row{name: "an approving review before the head moved", params: anyWay, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(pulls(merged(reviews(review(5, quinn, fact.Approved, noon)), func(p *fact.Pull) {
		p.HeadMovedAt = fact.Of(noon.Add(time.Minute), fact.Source{})
	})))},
	row{name: "a review of a pull request that was merged elsewhere, with whatever in it", params: byReviews, roles: roster, want: verdict.Wait, code: "missing", says: []string{"review 5 of #7: @quinn approved the pull request, and commit aaaaaaa was not made by GitHub"}, facts: shipped(approvedByQuinn, func(f *fact.Set) {
		merge := pressed(headSHA, bob, otherSHA, pullHead)
		merge.Signature = signature(fact.PersonSignature, fact.SignatureValid, bob)
		f.Commit = fact.Of(merge, fact.Source{})
	})},
	row{name: "a review of a pull request that was pushed with a web edit on top", params: byReviews, roles: roster, want: verdict.Wait, code: "missing", says: []string{"is not what GitHub makes of #7"}, facts: shipped(approvedByQuinn, func(f *fact.Set) {
		f.Commit = fact.Of(pressed(headSHA, bob, pullHead), fact.Source{})
	})},
	row{name: "a review of a merge of which nobody knows who made it", params: byReviews, roles: roster, want: verdict.Wait, code: "missing", says: []string{"what kind of key"}, facts: shipped(approvedByQuinn, func(f *fact.Set) {
		f.Commit = fact.Of(fact.Commit{SHA: headSHA, Parents: []fact.SHA{otherSHA, pullHead}, Author: fact.Identity{Account: bob}}, fact.Source{})
	})},
	row{name: "a request for changes of a pull request that was merged elsewhere", params: byReviews, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(pulls(merged(reviews(review(5, quinn, fact.ChangesRequested, noon)))), unclear)},
	row{name: "a review of the head that was pushed as it is", params: byReviews, roles: roster, want: verdict.Pass, facts: shipped(pulls(merged(func(p *fact.Pull) { p.Head = headSHA }, commits(fact.PullCommit{SHA: headSHA, Author: alice}), reviews(forHead(headSHA, review(5, quinn, fact.Approved, noon))))), unclear)},
	row{name: "a review of a squash", params: byReviews, roles: roster, want: verdict.Pass, facts: shipped(approvedByQuinn, func(f *fact.Set) { f.Commit = fact.Of(pressed(headSHA, bob, otherSHA), fact.Source{}) })},
	row{name: "an environment rejected by an account that is gone", params: anyWay, roles: roster, want: verdict.Pass, says: []string{"these REJECTIONS do not count: a review of the environment by an account that is gone"}, facts: shipped(said(yes(1, quinn, "qa")), environmentSays("rejected", nil))},
	row{name: "changes requested by an account that is gone", params: anyWay, roles: roster, want: verdict.Pass, says: []string{"these REJECTIONS do not count: review 5 of #7 by an account that is gone"}, facts: shipped(said(yes(1, quinn, "qa")), pulls(merged(reviews(review(5, nil, fact.ChangesRequested, noon)))))},
	row{name: "a review before the stage before", params: "{approvals: [{name: qa, by: qa}], from: [review], after: {workflow: .github/workflows/deploy.yml, job: staging}}", roles: roster, want: verdict.Wait, code: "missing", says: []string{"approvals count after"}, facts: shipped(pulls(merged(reviews(review(5, quinn, fact.Approved, noon)))), stagedAt(noon.Add(time.Hour), "success"))},
	row{name: "an approval in the very second of the stage before", params: afterStaging, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(yes(60, quinn, "qa")), stagedAt(noon.Add(time.Hour), "success"))},
	row{name: "an approval between two deployments to the stage before", params: afterStaging, roles: roster, want: verdict.Wait, code: "missing", says: []string{"approvals count after 2026-11-20T14:00:00Z"}, facts: shipped(said(yes(90, quinn, "qa")), stagedTwice)},
	row{name: "an approval after a deployment without an end", params: afterStaging, roles: roster, want: verdict.Wait, code: "not-yet", facts: shipped(said(yes(90, quinn, "qa")), stagedAt(time.Time{}, "success"))},
	row{name: "the review of an environment when another commit was chosen", params: anyWay, roles: roster, want: verdict.Wait, code: "missing", says: []string{"not of the commit that would be deployed"}, facts: shipped(environmentSays("approved", quinn), chosen)},
	row{name: "the rejection of an environment when another commit was chosen", params: anyWay, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa")), environmentSays("rejected", rita), chosen)},

	row{name: "whoever started the run, in other letters", params: noDeployer, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, sam, "owner")), func(f *fact.Set) { f.Trigger.Actor, f.Trigger.TriggeringActor = "SAM", "olga" })},
	row{name: "whoever started this attempt", params: noDeployer, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, sam, "owner")), func(f *fact.Set) { f.Trigger.Actor = "olga" })},
	row{name: "a run that nobody started", params: noDeployer, roles: roster, want: verdict.Unknown, code: string(fact.Incomplete), facts: shipped(said(yes(1, sam, "owner")), func(f *fact.Set) { f.Trigger.Actor, f.Trigger.TriggeringActor = "", "" })},
	row{name: "a run of which nobody knows who started this attempt", params: noDeployer, roles: roster, want: verdict.Unknown, code: string(fact.Incomplete), facts: shipped(said(yes(1, sam, "owner")), func(f *fact.Set) { f.Trigger.Actor, f.Trigger.TriggeringActor = "olga", "" })},
	row{name: "a commit that a key of nobody's signed", params: noSigner, want: verdict.Fail, code: "unattributed", says: []string{"unknown_key"}, facts: shipped(said(yes(1, olga, "owner")), unclear)},
	row{name: "a commit that a key of nobody's signed, where that does not matter", params: maintain, want: verdict.Pass, facts: shipped(said(yes(1, olga, "owner")), unclear)},
	row{name: "a tag that a key of nobody's signed", params: noSigner, want: verdict.Fail, code: "unattributed", facts: shipped(said(yes(1, olga, "owner")), onATag(carrying(signature(fact.PersonSignature, "unknown_key", nil))))},
	row{name: "a tag whose signature GitHub does not tell of", params: noSigner, want: verdict.Unknown, code: string(fact.Incomplete), facts: shipped(said(yes(1, olga, "owner")), onATag(carrying(fact.Signature{})))},
	row{name: "whoever signed the commit", params: noSigner, want: verdict.Wait, code: "missing", says: []string{"@olga signed it"}, facts: shipped(said(yes(1, olga, "owner")), func(f *fact.Set) {
		f.Commit = fact.Of(fact.Commit{SHA: headSHA, Author: fact.Identity{Account: alice}, Signature: signature(fact.PersonSignature, fact.SignatureValid, olga)}, fact.Source{})
	})},
	row{name: "an answer about another commit", params: qaOnly, roles: roster, want: verdict.Unknown, code: string(fact.Inconsistent), facts: shipped(said(yes(1, quinn, "qa")), func(f *fact.Set) {
		f.Commit = fact.Of(fact.Commit{SHA: otherSHA, Author: fact.Identity{Account: alice}}, fact.Source{})
	})},

	row{name: "a merge into another branch that was pushed to this one", params: maintain, want: verdict.Wait, code: "missing", says: []string{"@bob wrote"}, facts: shipped(said(yes(1, bob, "owner")), pulls(merged(func(p *fact.Pull) { p.Base = "scratch" })))},
	row{name: "a merge from the editor that was pushed as the head", params: maintain, want: verdict.Wait, code: "missing", says: []string{"@bob wrote"}, facts: shipped(said(yes(1, bob, "owner")), pulls(merged(func(p *fact.Pull) {
		p.Head = headSHA
		p.Commits = fact.Of([]fact.PullCommit{{SHA: headSHA, Author: alice, Committer: web}}, fact.Source{})
	})))},
	row{name: "a merge made by hand", params: maintain, want: verdict.Wait, code: "missing", says: []string{"@bob wrote"}, facts: shipped(said(yes(1, bob, "owner")), func(f *fact.Set) {
		merge := pressed(headSHA, bob, otherSHA, pullHead)
		merge.Signature = signature(fact.PersonSignature, fact.SignatureValid, bob)
		f.Commit = fact.Of(merge, fact.Source{})
	})},
	row{name: "a squash by whoever wrote it", params: maintain, want: verdict.Wait, code: "missing", says: []string{"@bob wrote"}, facts: shipped(said(yes(1, bob, "owner")), func(f *fact.Set) {
		f.Commit = fact.Of(pressed(headSHA, bob, otherSHA), fact.Source{})
	})},
	row{name: "a commit that GitHub committed and nobody wrote", params: qaOnly, roles: roster, want: verdict.Fail, code: "unattributed", facts: shipped(said(yes(1, quinn, "qa")), pulls(), func(f *fact.Set) {
		f.Commit = fact.Of(pressed(headSHA, nil, otherSHA), fact.Source{})
	})},
	row{name: "one of several commits that came together", params: "approvals: [{name: any, by: write, not: [author]}]", want: verdict.Wait, code: "missing", says: []string{"@alice opened"}, facts: shipped(said(yes(1, alice, "any")), pulls(merged(func(p *fact.Pull) { p.MergeCommit = otherSHA })))},
	row{name: "one of several commits, the others of which nobody knows", params: qaOnly, roles: roster, want: verdict.Unknown, code: string(fact.NotAsked), facts: shipped(said(yes(1, quinn, "qa")), pulls(merged(func(p *fact.Pull) {
		p.MergeCommit, p.Commits = otherSHA, fact.Lost[[]fact.PullCommit](fact.Missing{Reason: fact.NotAsked})
	})))},
	row{name: "an open pull request with the commit", params: "approvals: [{name: any, by: write}]", want: verdict.Pass, facts: shipped(said(yes(1, quinn, "any")), pulls(merged(), merged(func(p *fact.Pull) { p.Number, p.Merged, p.Author = 8, false, quinn })))},
	row{name: "whoever merged an earlier change of the range", params: strings.Replace(wholeRange, "by: write", "by: write, not: [merger]", 1), want: verdict.Wait, code: "missing", says: []string{"@quinn merged it"}, facts: shipped(said(yes(1, quinn, "any")), earlier(pressed(otherSHA, quinn, pullHead, headSHA), otherSHA, true))},
	row{name: "whoever pressed the button of an earlier merge of the range", params: wholeRange, want: verdict.Pass, facts: shipped(said(yes(1, quinn, "any")), earlier(pressed(otherSHA, quinn, pullHead, headSHA), otherSHA, true))},
	row{name: "a commit whose id begins with that of this one", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(approval(1, quinn, "Approve SHA"+strings.Repeat("a", 24)+" for prod as qa")))},
	row{name: "a rejection with a slip, for a stage whose name begins with that of this one", params: qaOnly, roles: roster, want: verdict.Pass, facts: shipped(said(yes(1, quinn, "qa"), approval(2, rita, "Reject SHA for prod-EU as qa")))},
	row{name: "a rejection without a time", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa"), func() fact.ApprovalRun { r := no(2, rita, "qa"); r.At = time.Time{}; return r }()))},
	row{name: "jobs of the stage before that nobody can list", params: afterStaging, roles: roster, want: verdict.Unknown, code: string(fact.Forbidden), facts: shipped(said(yes(90, quinn, "qa")), stagedAt(noon, "success"), func(f *fact.Set) {
		f.Checks.OrZero().Workflows[0].Jobs = fact.Lost[[]fact.Job](fact.Missing{Reason: fact.Forbidden})
	})},
	row{name: "a default branch that nobody knows", params: qaOnly, roles: roster, want: verdict.Unknown, code: string(fact.Forbidden), facts: shipped(said(yes(1, quinn, "qa")), func(f *fact.Set) {
		f.Repository = fact.Lost[fact.Repository](fact.Missing{Reason: fact.Forbidden})
	})},
	row{name: "an environment rejected by whoever approved in a run", params: anyWay, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(yes(1, quinn, "qa")), environmentSays("rejected", quinn))},
	row{name: "a rejection, and an approval by another account of that login", params: qaOnly, roles: roster, want: verdict.Fail, code: "rejected", facts: shipped(said(no(1, quinn, "qa"), yes(2, person(99, "quinn"), "qa")))},
	row{name: "an earlier merge of the range that was made in the editor and pushed as it is", params: wholeRange, want: verdict.Wait, code: "missing", says: []string{"@quinn wrote"}, facts: shipped(said(yes(1, quinn, "any")), earlier(pressed(otherSHA, quinn, tagObject, headSHA), otherSHA, true))},
	row{name: "an earlier squash of the range by whoever wrote it", params: wholeRange, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, quinn, "any")), earlier(pressed(otherSHA, quinn, pullHead), otherSHA, true))},
	row{name: "an earlier merge of the range that GitHub does not vouch for", params: wholeRange, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, quinn, "any")), earlier(func() fact.Commit {
		c := pressed(otherSHA, quinn, pullHead, headSHA)
		c.Signature.Verified = false
		return c
	}(), otherSHA, true))},
	row{name: "an earlier merge of the range beside another pull request", params: wholeRange, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, quinn, "any")), earlier(pressed(otherSHA, quinn, pullHead, headSHA), tagObject, true))},
	row{name: "an earlier merge of the range that GitHub only tried", params: wholeRange, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, quinn, "any")), earlier(pressed(otherSHA, quinn, pullHead, headSHA), otherSHA, false))},
	row{name: "whoever merged something else", params: strings.Replace(wholeRange, "by: write", "by: write, not: [merger]", 1), want: verdict.Pass, facts: shipped(said(yes(1, quinn, "any")), earlier(pressed(otherSHA, alice, pullHead, headSHA), tagObject, true))},
	row{name: "a signature that is not good and yet somebody's", params: noSigner, want: verdict.Fail, code: "unattributed", facts: shipped(said(yes(1, olga, "owner")), onATag(carrying(signature(fact.PersonSignature, "invalid", bob))))},
	row{name: "a good signature of nobody's", params: noSigner, want: verdict.Fail, code: "unattributed", facts: shipped(said(yes(1, olga, "owner")), onATag(carrying(signature(fact.PersonSignature, fact.SignatureValid, nil))))},
	row{name: "whoever made a tag that somebody else signed", params: noSigner, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, olga, "owner")), onATag(func(tag *fact.Tag) { tag.Tagger.Account = olga }))},
	row{name: "a commit of nobody's, where that does not matter", params: "approvals: [{name: qa, by: qa, not: [author]}]", roles: roster, want: verdict.Pass, facts: shipped(said(yes(1, quinn, "qa")), pulls(), func(f *fact.Set) { f.Commit = fact.Of(fact.Commit{SHA: headSHA}, fact.Source{}) })},
	row{name: "a pull request of nobody's, where that does not matter", params: "approvals: [{name: qa, by: qa, not: [committers]}]", roles: roster, want: verdict.Pass, facts: shipped(said(yes(1, quinn, "qa")), pulls(merged(func(p *fact.Pull) { p.Author = nil })))},
	row{name: "whoever opened a pull request into another branch", params: qaOnly, roles: roster, want: verdict.Pass, facts: shipped(said(yes(1, quinn, "qa")), pulls(merged(), merged(func(p *fact.Pull) { p.Number, p.Base, p.Author = 8, "scratch", quinn })))},
	row{name: "whoever committed what somebody else wrote", params: "approvals: [{name: any, by: write}]", want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, carol, "any")), pulls(merged(func(p *fact.Pull) {
		p.Commits = fact.Of([]fact.PullCommit{{SHA: pullHead, Author: alice, Committer: carol}}, fact.Source{})
	})))},
	row{name: "whoever pushed what somebody else wrote", params: "approvals: [{name: any, by: write}]", want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, carol, "any")), pulls(), func(f *fact.Set) {
		f.Commit = fact.Of(fact.Commit{SHA: headSHA, Author: fact.Identity{Account: alice}, Committer: fact.Identity{Account: carol}}, fact.Source{})
	})},
	row{name: "two places, one of which only one person can fill", params: bySource, roles: roster, want: verdict.Pass, facts: shipped(said(yes(1, rita, "qa"), yes(2, rita, "owner"), yes(3, quinn, "qa")))},
)

func TestApprovedRefusesACountThatNobodyMeans(t *testing.T) {
	t.Parallel()
	testRefusals(t, "approved", map[string]string{"approvals: [{name: qa, by: write, count: 1000000000}]": "100 at most"})
	_, err := find(t, "approved").Bind(decode("approvals: [{name: qa, by: qa, count: 3}]"), gate.Terms{Roles: roster})
	if err == nil || !strings.Contains(err.Error(), "only 2 people") {
		t.Errorf("more people than the role has: %v", err)
	}
}

// crowd are people of whom any can hold any role.
var crowd = []*fact.Person{person(31, "p1"), person(32, "p2"), person(33, "p3"), person(34, "p4"), person(35, "p5")}

// vote is a policy with up to three approvals, and who may and did give them.
func vote(t *rapid.T) (asked row, places []int, may map[int][]int) {
	var lines []string
	var runs []fact.ApprovalRun
	roles := gate.Roles{}
	may = map[int][]int{}
	for i := range rapid.IntRange(1, 3).Draw(t, "approvals") {
		name, members := fmt.Sprintf("a%d", i), []string{"nobody-else", "nor-she", "nor-he"}
		count := rapid.IntRange(1, 3).Draw(t, "count")
		for j, who := range crowd {
			if rapid.Bool().Draw(t, "holds") {
				members = append(members, who.Login)
				if rapid.Bool().Draw(t, "approves") {
					may[i] = append(may[i], j)
				}
			}
		}
		for _, j := range may[i] {
			runs = append(runs, yes(int64(len(runs)+1), crowd[j], name))
		}
		roles[name] = gate.Role{Users: members}
		places = append(places, slices.Repeat([]int{i}, count)...)
		lines = append(lines, fmt.Sprintf("{name: %s, by: %s, count: %d}", name, name, count))
	}
	return row{params: "approvals: [" + strings.Join(lines, ", ") + "]", roles: roles, facts: shipped(said(runs...))}, places, may
}

// most tries every way to fill the places.
func most(places []int, may map[int][]int, used map[int]bool) int {
	if len(places) == 0 {
		return 0
	}
	best := most(places[1:], may, used)
	for _, who := range may[places[0]] {
		if !used[who] {
			taken := maps.Clone(used)
			taken[who] = true
			best = max(best, 1+most(places[1:], may, taken))
		}
	}
	return best
}

// TestApprovedFillsAsManyPlacesAsAnybodyCan compares with every way there is.
func TestApprovedFillsAsManyPlacesAsAnybodyCan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		asked, places, may := vote(rt)
		got := bind(t, "approved", asked).Ask(asked.facts, asked.terms())
		filled := strings.Count(got.Reason, " (run ")
		if want := most(places, may, map[int]bool{}); filled != want || (got.Outcome == verdict.Pass) != (want == len(places)) {
			rt.Fatalf("%s fills %d of %d places, and %d can be: %s", got.Outcome, filled, len(places), want, got.Reason)
		}
	})
}

// TestApprovedNeverGainsFromFewerApprovals takes approvals away, repeats them
// and changes their order: what did not pass does not then.
func TestApprovedNeverGainsFromFewerApprovals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		asked, _, _ := vote(rt)
		check := bind(t, "approved", asked)
		before := check.Ask(asked.facts, asked.terms())
		runs := asked.facts.ApprovalRuns[approveFile].OrZero()
		var kept []fact.ApprovalRun
		if len(runs) > 0 {
			kept = rapid.SliceOfN(rapid.SampledFrom(runs), 0, 2*len(runs)).Draw(rt, "kept")
		}
		said(kept...)(&asked.facts)
		after := check.Ask(asked.facts, asked.terms())
		if after.Outcome == verdict.Pass && before.Outcome != verdict.Pass {
			rt.Fatalf("fewer approvals made it pass: %s\nbefore: %s", after.Reason, before.Reason)
		}
		if names := strings.Count(after.Reason, " (run "); names > strings.Count(before.Reason, " (run ") {
			rt.Fatalf("fewer approvals fill more: %s\nbefore: %s", after.Reason, before.Reason)
		}
	})
}

// TestApprovedAddingARejectionNeverHelps adds a no of anybody's to any vote.
func TestApprovedAddingARejectionNeverHelps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		asked, _, _ := vote(rt)
		check := bind(t, "approved", asked)
		before := check.Ask(asked.facts, asked.terms())
		who := rapid.SampledFrom(crowd).Draw(rt, "who")
		runs := append(slices.Clone(asked.facts.ApprovalRuns[approveFile].OrZero()), no(99, who, rapid.SampledFrom([]string{"a0", "a1", "a2", "A", "other"}).Draw(rt, "name")))
		said(runs...)(&asked.facts)
		if after := check.Ask(asked.facts, asked.terms()); after.Outcome == verdict.Pass && before.Outcome != verdict.Pass {
			rt.Fatalf("a rejection made it pass: %s", after.Reason)
		}
	})
}
