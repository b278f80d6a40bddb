package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

const approveFile = ".github/workflows/approve.yml"

var (
	olga  = person(21, "olga")  // maintain; of the team of leads
	quinn = person(22, "quinn") // write; tests
	rita  = person(23, "rita")  // write; tests and leads
	sam   = person(24, "sam")   // admin; leads

	roster = gate.Roles{
		"qa":    {Users: []string{"quinn", "rita"}},
		"leads": {Users: []string{"Rita", "olga", "sam"}},
		"crew":  {Teams: []string{"acme/crew"}},
	}
)

const (
	qaOnly    = "approvals: [{name: qa, by: qa}]"
	qaAndLead = "approvals: [{name: qa, by: qa}, {name: owner, by: leads}]"
	maintain  = "approvals: [{name: owner, by: maintain}]"
	anyWay    = "{approvals: [{name: qa, by: qa}], from: [dispatch, review, environment]}"
)

// shipped is what alice wrote and bob merged, with what was said about it.
func shipped(changes ...func(*fact.Set)) fact.Set {
	line := fact.Identity{Account: bob}
	base := []func(*fact.Set){
		func(f *fact.Set) {
			f.Commit = fact.Of(fact.Commit{
				SHA: headSHA, Parents: []fact.SHA{otherSHA, pullHead}, Author: line, Committer: fact.Identity{Account: web},
				Signature: signature(fact.GitHubSignature, fact.SignatureValid, nil),
			}, fact.Source{})
			f.Trigger.Actor, f.Trigger.TriggeringActor = "sam", "sam"
		},
		pulls(merged()),
		said(),
		reviewed(),
		allow(olga, fact.MaintainPermission), allow(quinn, fact.WritePermission), allow(rita, fact.WritePermission), allow(sam, fact.AdminPermission),
	}
	return onMain(append(base, changes...)...)
}

// said is what the runs of the approval workflow say.
func said(runs ...fact.ApprovalRun) func(*fact.Set) {
	return func(f *fact.Set) {
		f.ApprovalRuns = map[string]fact.Known[[]fact.ApprovalRun]{approveFile: fact.Of(runs, fact.Source{})}
	}
}

// reviewed is what the reviews of the run's environment say.
func reviewed(reviews ...fact.RunReview) func(*fact.Set) {
	return func(f *fact.Set) { f.RunReviews = fact.Of(reviews, fact.Source{}) }
}

// approval is one run of the approval workflow, started by somebody.
func approval(id int64, who *fact.Person, words string, changes ...func(*fact.ApprovalRun)) fact.ApprovalRun {
	made := fact.ApprovalRun{
		ID: id, Title: strings.ReplaceAll(words, "SHA", string(headSHA)), Event: "workflow_dispatch", Branch: "main", Head: otherSHA, Attempt: 1, OnDefaultBranch: fact.Of(true, fact.Source{}), SameFile: fact.Of(true, fact.Source{}),
		Actor: who, TriggeringActor: who, At: noon.Add(time.Duration(id) * time.Minute), URL: "https://github.com/acme/shop/actions/runs/" + strings.Repeat("7", 3),
	}
	for _, change := range changes {
		change(&made)
	}
	return made
}

func yes(id int64, who *fact.Person, name string, changes ...func(*fact.ApprovalRun)) fact.ApprovalRun {
	return approval(id, who, "Approve SHA for prod as "+name, changes...)
}

func no(id int64, who *fact.Person, name string) fact.ApprovalRun {
	return approval(id, who, "Reject SHA for prod as "+name)
}

var _ = rows("approved",
	row{name: "nobody has said anything", params: qaOnly, roles: roster, facts: shipped(), want: verdict.Wait, code: "missing", says: []string{"qa 0 of 1", "gh workflow run approve.yml --repo acme/shop --ref main -f sha=" + string(headSHA) + " -f stage=prod -f approval=qa"}},
	row{name: "an approval of another commit", params: qaOnly, roles: roster, facts: shipped(said(approval(1, quinn, "Approve "+string(otherSHA)+" for prod as qa"))), want: verdict.Wait, code: "missing"},
	row{name: "an approval for another stage", params: qaOnly, roles: roster, facts: shipped(said(approval(1, quinn, "Approve SHA for staging as qa"))), want: verdict.Wait, code: "missing"},
	row{name: "an approval of another name", params: qaOnly, roles: roster, facts: shipped(said(yes(1, rita, "owner"))), want: verdict.Wait, code: "missing"},
	row{name: "a title that only begins well", params: qaOnly, roles: roster, facts: shipped(said(approval(1, quinn, "Approve SHA for prod as qa, really"))), want: verdict.Wait, code: "missing", says: []string{"not of the form that counts"}},
	row{name: "a title with a line before it", params: qaOnly, roles: roster, facts: shipped(said(approval(1, quinn, "x\nApprove SHA for prod as qa"))), want: verdict.Wait, code: "missing", says: []string{`"x\nApprove`}},
	row{name: "APR-08: somebody without the role", params: maintain, facts: shipped(said(yes(1, quinn, "owner"))), want: verdict.Wait, code: "missing", says: []string{"@quinn has write, needs maintain"}},
	row{name: "APR-24: somebody whose access was taken away", params: maintain, facts: shipped(said(yes(1, frank, "owner"))), want: verdict.Wait, code: "missing", says: []string{"has none"}},
	row{name: "APR-07: a bot that is an administrator", params: maintain, facts: shipped(said(yes(1, hubot, "owner"))), want: verdict.Wait, code: "missing", says: []string{"not a person"}},
	row{name: "APR-06: an account that is gone", params: qaOnly, roles: roster, facts: shipped(said(yes(1, nil, "qa"))), want: verdict.Wait, code: "missing", says: []string{"account that is gone"}},
	row{name: "APR-01: whoever opened the pull request", params: "approvals: [{name: any, by: write}]", facts: shipped(said(yes(1, alice, "any"))), want: verdict.Wait, code: "missing", says: []string{"any: @alice opened the pull request"}},
	row{
		name: "APR-02: whoever committed to it", params: "approvals: [{name: any, by: write}]", want: verdict.Wait, code: "missing", says: []string{"@carol wrote or committed part of it"},
		facts: shipped(said(yes(1, carol, "any")), pulls(merged(func(p *fact.Pull) {
			p.Commits = fact.Of([]fact.PullCommit{{SHA: otherSHA, Author: carol}, {SHA: pullHead, Author: alice}}, fact.Source{})
		}))),
	},
	row{
		name: "APR-03: a commit that is linked to nobody", params: qaOnly, roles: roster, want: verdict.Fail, code: "unattributed",
		facts: shipped(said(yes(1, quinn, "qa")), pulls(merged(func(p *fact.Pull) {
			p.Commits = fact.Of([]fact.PullCommit{{SHA: otherSHA}, {SHA: pullHead, Author: alice}}, fact.Source{})
		}))),
	},
	row{
		name: "a pull request whose author is gone", params: qaOnly, roles: roster, want: verdict.Fail, code: "unattributed",
		facts: shipped(said(yes(1, quinn, "qa")), pulls(merged(func(p *fact.Pull) { p.Author = nil }))),
	},
	row{
		name: "a direct push by whoever approves it", params: "approvals: [{name: any, by: write}]", want: verdict.Wait, code: "missing",
		facts: shipped(said(yes(1, carol, "any")), pulls(), func(f *fact.Set) {
			f.Commit = fact.Of(fact.Commit{SHA: headSHA, Author: fact.Identity{Account: carol}}, fact.Source{})
		}),
	},
	row{
		name: "a direct push that is linked to nobody", params: qaOnly, roles: roster, want: verdict.Fail, code: "unattributed",
		facts: shipped(said(yes(1, quinn, "qa")), pulls(), func(f *fact.Set) { f.Commit = fact.Of(fact.Commit{SHA: headSHA}, fact.Source{}) }),
	},
	row{name: "the person who started the run, where that is excluded", params: "approvals: [{name: owner, by: leads, not: [deployer]}]", roles: roster, facts: shipped(said(yes(1, sam, "owner"))), want: verdict.Wait, code: "missing", says: []string{"@sam started this run"}},
	row{name: "the person who merged, where that is excluded", params: "approvals: [{name: owner, by: maintain, not: [merger]}]", facts: shipped(said(yes(1, bob, "owner"))), want: verdict.Wait, code: "missing", says: []string{"@bob merged it"}},
	row{
		name: "a merge by an account that is gone, where the merger is excluded", params: "approvals: [{name: owner, by: maintain, not: [merger]}]", want: verdict.Fail, code: "unattributed",
		facts: shipped(said(yes(1, olga, "owner")), pulls(merged(mergedBy(nil)))),
	},
	row{
		name: "the person who signed the tag, where that is excluded", params: "approvals: [{name: owner, by: maintain, not: [signer]}]", want: verdict.Wait, code: "missing", says: []string{"@bob signed it"},
		facts: func() fact.Set {
			f := shipped(said(yes(1, bob, "owner")))
			f.Subject.Ref = "refs/tags/v1.2.0"
			tagged()(&f)
			return f
		}(),
	},
	row{name: "APR-04: two approvals by one person", params: "approvals: [{name: qa, by: qa, count: 2}]", roles: roster, facts: shipped(said(yes(1, quinn, "qa"), yes(2, quinn, "qa"))), want: verdict.Wait, code: "missing", says: []string{"qa 1 of 2"}},
	row{name: "one person for two approvals", params: qaAndLead, roles: roster, facts: shipped(said(yes(1, rita, "qa"), yes(2, rita, "owner"))), want: verdict.Wait, code: "missing", says: []string{"everybody counts once"}},
	row{name: "a run of another branch", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa", func(r *fact.ApprovalRun) { r.Branch = "mine" }))), want: verdict.Wait, code: "missing", says: []string{`is of "mine"`}},
	row{name: "a run that another event started", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa", func(r *fact.ApprovalRun) { r.Event = "repository_dispatch" }))), want: verdict.Wait, code: "missing", says: []string{"not by hand"}},
	row{name: "a run that was started again", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa", func(r *fact.ApprovalRun) { r.Attempt = 2 }))), want: verdict.Wait, code: "missing", says: []string{"start a new one"}},
	row{name: "APR-25: a run that somebody else continued", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa", func(r *fact.ApprovalRun) { r.TriggeringActor = mallory }))), want: verdict.Wait, code: "missing", says: []string{"not started by one person"}},
	row{name: "a run without a time", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa", func(r *fact.ApprovalRun) { r.At = time.Time{} }))), want: verdict.Wait, code: "missing"},
	row{name: "two different answers about one run", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa"), yes(1, rita, "qa"))), want: verdict.Unknown, code: string(fact.Inconsistent)},
	row{name: "a yes that was taken back", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa"), no(2, quinn, "qa"))), want: verdict.Fail, code: "rejected", says: []string{"qa is rejected by @quinn (run 2)"}},
	row{name: "an exception from a freeze is no approval", params: qaOnly, roles: roster, facts: shipped(said(approval(1, quinn, "Approve SHA for prod as exception: it burns"))), want: verdict.Wait, code: "missing", hides: []string{"burns"}},
	row{name: "no exception from a freeze is no rejection", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa"), approval(2, quinn, "Reject SHA for prod as exception: let it burn"))), want: verdict.Pass, hides: []string{"burn"}},
	row{name: "a no that is about everything", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa"), approval(2, quinn, "Reject SHA for prod"))), want: verdict.Fail, code: "rejected"},
	row{name: "a no beside enough others", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa"), no(2, rita, "qa"))), want: verdict.Fail, code: "rejected", says: []string{"@rita"}},
	row{name: "APR-10: a review that asks for changes", params: anyWay, roles: roster, facts: shipped(said(yes(1, quinn, "qa")), pulls(merged(reviews(review(5, rita, fact.ChangesRequested, noon))))), want: verdict.Fail, code: "rejected", says: []string{"review 5 of #7"}},
	row{name: "an environment that somebody rejected", params: anyWay, roles: roster, facts: shipped(said(yes(1, quinn, "qa")), reviewed(fact.RunReview{State: "rejected", User: rita, Environments: []string{"production"}})), want: verdict.Fail, code: "rejected"},
	row{name: "a no by somebody of whom nobody knows the role", params: maintain, facts: shipped(said(yes(1, olga, "owner"), no(2, bob, "owner")), lose(bob)), want: verdict.Unknown, code: string(fact.Forbidden)},
	row{name: "a yes by somebody of whom nobody knows the role", params: maintain, facts: shipped(said(yes(1, olga, "owner")), lose(olga)), want: verdict.Unknown, code: string(fact.Forbidden)},
	row{name: "runs that cannot be read", params: anyWay, roles: roster, want: verdict.Unknown, code: string(fact.Unavailable), facts: shipped(func(f *fact.Set) {
		f.ApprovalRuns[approveFile] = fact.Lost[[]fact.ApprovalRun](fact.Missing{Reason: fact.Unavailable})
	})},
	row{name: "reviews of the run that cannot be read", params: anyWay, roles: roster, want: verdict.Unknown, code: string(fact.Forbidden), facts: shipped(said(yes(1, quinn, "qa")), func(f *fact.Set) {
		f.RunReviews = fact.Lost[[]fact.RunReview](fact.Missing{Reason: fact.Forbidden})
	})},
	row{name: "APR-16: changes of the head that cannot be read", params: anyWay, roles: roster, want: verdict.Unknown, code: string(fact.Forbidden), facts: shipped(said(yes(1, quinn, "qa")), pulls(merged(func(p *fact.Pull) {
		p.HeadMovedAt = fact.Lost[time.Time](fact.Missing{Reason: fact.Forbidden})
	})))},
	row{name: "APR-18: a team that cannot be read, and a user of its name", params: "approvals: [{name: any, by: crew}]", roles: roster, want: verdict.Unknown, code: string(fact.Forbidden), facts: shipped(said(yes(1, person(99, "crew"), "any")), team(nil))},
	row{name: "somebody who is not in the team", params: "approvals: [{name: any, by: crew}]", roles: roster, want: verdict.Wait, code: "missing", says: []string{"@quinn is not in the team acme/crew"}, facts: shipped(said(yes(1, quinn, "any")), team([]fact.Person{*rita}))},
	row{name: "somebody whose login was once another member's", params: "approvals: [{name: any, by: crew}]", roles: roster, want: verdict.Wait, code: "missing", facts: shipped(said(yes(1, person(99, "quinn"), "any")), team([]fact.Person{*quinn}))},
	row{name: "APR-13: a review of an older head", params: anyWay, roles: roster, want: verdict.Wait, code: "missing", says: []string{"review 5 of #7: @quinn approved ccccccc"}, facts: shipped(pulls(merged(reviews(fact.Review{ID: 5, State: fact.Approved, Author: quinn, Commit: otherSHA, At: noon}))))},
	row{name: "APR-12: a review that was dismissed", params: anyWay, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(pulls(merged(reviews(review(5, quinn, fact.Dismissed, noon)))))},
	row{name: "a review of another environment", params: anyWay, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(reviewed(fact.RunReview{State: "approved", User: quinn, Environments: []string{"staging"}}))},
	row{name: "a review that is only asked for", params: anyWay, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(reviewed(fact.RunReview{State: "pending", User: quinn, Environments: []string{"production"}}))},
	row{name: "a review of the environment by an account that is gone", params: anyWay, roles: roster, want: verdict.Wait, code: "missing", says: []string{"account that is gone"}, facts: shipped(reviewed(fact.RunReview{State: "approved", Environments: []string{"production"}}))},
	row{name: "a way that the policy does not name", params: qaOnly, roles: roster, want: verdict.Wait, code: "missing", facts: shipped(reviewed(fact.RunReview{State: "approved", User: quinn, Environments: []string{"production"}}))},
	row{name: "an approval before the stage before", params: afterStaging, roles: roster, want: verdict.Wait, code: "missing", says: []string{"approvals count after"}, facts: shipped(said(yes(1, quinn, "qa")), stagedAt(noon.Add(time.Hour), "success"))},
	row{name: "an approval while the stage before is not done", params: afterStaging, roles: roster, want: verdict.Wait, code: "not-yet", facts: shipped(said(yes(1, quinn, "qa")), stagedAt(noon, "failure"))},
	row{name: "an approval without the stage before", params: afterStaging, roles: roster, want: verdict.Wait, code: "not-yet", facts: shipped(said(yes(1, quinn, "qa")), func(f *fact.Set) { f.Checks = fact.Of(fact.Checks{}, fact.Source{}) })},
	row{name: "an approval while nobody knows of the stage before", params: afterStaging, roles: roster, want: verdict.Unknown, code: string(fact.NotAsked), facts: shipped(said(yes(1, quinn, "qa")))},
	row{name: "P5: work on an earlier commit of the range", params: wholeRange, want: verdict.Wait, code: "missing", says: []string{"@carol wrote"}, facts: shipped(said(yes(1, carol, "any")), begins(oldest, written(headSHA, alice), written(otherSHA, carol)))},
	row{name: "a commit of the range that is linked to nobody", params: wholeRange, want: verdict.Fail, code: "unattributed", facts: shipped(said(yes(1, carol, "any")), begins(oldest, written(headSHA, alice), written(otherSHA, nil)))},
	row{name: "whoever opened an earlier pull request of the range", params: wholeRange, want: verdict.Wait, code: "missing", says: []string{"@carol opened the pull request"}, facts: shipped(said(yes(1, carol, "any")), begins(oldest, written(headSHA, alice), squashed(otherSHA, alice, carol)))},
	row{name: "an earlier pull request of the range whose author is gone", params: wholeRange, want: verdict.Fail, code: "unattributed", facts: shipped(said(yes(1, carol, "any")), begins(oldest, written(headSHA, alice), squashed(otherSHA, alice, nil)))},
	row{name: "a range that is not known", params: wholeRange, want: verdict.Unknown, code: string(fact.NotAsked), facts: shipped(said(yes(1, carol, "any")))},

	row{name: "an approval", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa"))), want: verdict.Pass, says: []string{"qa by @quinn (run 1)"}},
	row{name: "an approval by permission", params: maintain, facts: shipped(said(yes(1, olga, "owner"))), want: verdict.Pass},
	row{name: "an approval that names no kind", params: qaOnly, roles: roster, facts: shipped(said(approval(1, quinn, "Approve SHA for prod"))), want: verdict.Pass},
	row{name: "CTRL-06: a login in other letters", params: "approvals: [{name: owner, by: leads}]", roles: roster, facts: shipped(said(yes(1, rita, "owner"))), want: verdict.Pass},
	row{name: "a no that was taken back", params: qaOnly, roles: roster, facts: shipped(said(no(1, quinn, "qa"), yes(2, quinn, "qa"))), want: verdict.Pass},
	row{name: "a no by somebody without a say", params: qaOnly, roles: roster, facts: shipped(said(yes(1, quinn, "qa"), no(2, mallory, "qa"))), want: verdict.Pass},
	row{name: "two people for two approvals, one of whom could give both", params: qaAndLead, roles: roster, facts: shipped(said(approval(1, rita, "Approve SHA for prod"), yes(2, quinn, "qa"))), want: verdict.Pass, says: []string{"qa by @quinn", "owner by @rita"}},
	row{name: "the same, with the other approval open", params: qaAndLead, roles: roster, facts: shipped(said(approval(1, rita, "Approve SHA for prod"), yes(2, olga, "owner"))), want: verdict.Pass, says: []string{"qa by @rita", "owner by @olga"}},
	row{name: "two people for one approval", params: "approvals: [{name: qa, by: qa, count: 2}]", roles: roster, facts: shipped(said(yes(1, quinn, "qa"), yes(2, rita, "qa"))), want: verdict.Pass},
	row{name: "whoever pressed the button of the merge wrote nothing of it", params: maintain, facts: shipped(said(yes(1, bob, "owner"))), want: verdict.Pass},
	row{name: "whoever started the run, where nobody is excluded", params: "approvals: [{name: owner, by: leads, not: [nobody]}]", roles: roster, facts: shipped(said(yes(1, sam, "owner"))), want: verdict.Pass},
	row{name: "an approving review", params: anyWay, roles: roster, facts: shipped(pulls(merged(reviews(review(5, quinn, fact.Approved, noon))))), want: verdict.Pass, says: []string{"review 5 of #7"}},
	row{name: "an approving review by permission", params: "{approvals: [{name: owner, by: maintain}], from: [review]}", facts: shipped(pulls(merged(reviews(review(5, olga, fact.Approved, noon))))), want: verdict.Pass},
	row{name: "the review of the environment", params: anyWay, roles: roster, facts: shipped(reviewed(fact.RunReview{State: "approved", User: quinn, Environments: []string{"staging", "Production"}})), want: verdict.Pass},
	row{name: "the review of the environment by permission", params: "{approvals: [{name: owner, by: maintain}], from: [environment]}", facts: shipped(reviewed(fact.RunReview{State: "approved", User: olga, Environments: []string{"production"}})), want: verdict.Pass},
	row{name: "somebody in the team", params: "approvals: [{name: any, by: crew}]", roles: roster, facts: shipped(said(yes(1, quinn, "any")), team([]fact.Person{*rita, *quinn})), want: verdict.Pass},
	row{name: "an approval after the stage before", params: afterStaging, roles: roster, facts: shipped(said(yes(90, quinn, "qa")), stagedAt(noon.Add(time.Hour), "success")), want: verdict.Pass},
	row{name: "somebody who did not work on the range", params: wholeRange, facts: shipped(said(yes(1, quinn, "any")), begins(oldest, written(headSHA, alice), written(otherSHA, carol))), want: verdict.Pass},
	row{
		name: "a tag that somebody else signed", params: "approvals: [{name: owner, by: maintain, not: [signer]}]", want: verdict.Pass,
		facts: func() fact.Set {
			f := shipped(said(yes(1, olga, "owner")))
			f.Subject.Ref = "refs/tags/v1.2.0"
			tagged()(&f)
			return f
		}(),
	},
)

const (
	afterStaging = "{approvals: [{name: qa, by: qa}], after: {workflow: .github/workflows/deploy.yml, job: staging}}"
	wholeRange   = "{approvals: [{name: any, by: write}], commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml, job: deploy}}"
)

// written is a commit of a range that somebody wrote.
func written(sha fact.SHA, who *fact.Person) fact.RangeCommit {
	return fact.RangeCommit{Commit: fact.Commit{SHA: sha, Author: fact.Identity{Account: who}, Committer: fact.Identity{Account: who}}}
}

// squashed is a commit of a range that somebody wrote and that a pull request
// of somebody brought.
func squashed(sha fact.SHA, writer, opener *fact.Person) fact.RangeCommit {
	commit := written(sha, writer)
	commit.Pulls = []fact.Pull{merged(mergedAs(sha), func(pull *fact.Pull) { pull.Author = opener })}
	return commit
}

// stagedAt is a deployment of the commit to the stage before.
func stagedAt(ended time.Time, conclusion string) func(*fact.Set) {
	return func(f *fact.Set) {
		f.Checks = fact.Of(fact.Checks{
			Runs:      []fact.CheckRun{{ID: 31, Name: "staging", App: "github-actions", Workflow: ".github/workflows/deploy.yml", RunID: 30, Status: "completed", Conclusion: conclusion, CompletedAt: ended}},
			Workflows: []fact.WorkflowRun{{ID: 30, Workflow: ".github/workflows/deploy.yml", Event: "push", Status: "completed", Conclusion: conclusion, Jobs: jobsOf(31)}},
		}, fact.Source{})
	}
}

func team(members []fact.Person) func(*fact.Set) {
	return func(f *fact.Set) {
		known := fact.Lost[fact.Team](fact.Missing{Reason: fact.Forbidden})
		if members != nil {
			known = fact.Of(fact.Team{Slug: "acme/crew", Members: members}, fact.Source{})
		}
		f.Teams = map[string]fact.Known[fact.Team]{"acme/crew": known}
	}
}

func TestApproved(t *testing.T) {
	t.Parallel()
	testRows(t, "approved")
}

func TestApprovedRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	testRefusals(t, "approved", map[string]string{
		"approvals: []":                                               "approvals: name at least one",
		"approvals: [{name: QA, by: write}]":                          "lower-case",
		"approvals: [{name: qa}]":                                     `role "" is not defined`,
		"approvals: [{name: qa, by: nobody}]":                         `role "nobody" is not defined`,
		"approvals: [{name: qa, by: write, count: -1}]":               "expected 1 or more",
		"approvals: [{name: qa, by: write}, {name: qa, by: read}]":    "twice",
		"approvals: [{name: qa, by: write, not: [me]}]":               `not: "me"`,
		"approvals: [{name: qa, by: write, not: [nobody, author]}]":   "nobody stands alone",
		"{approvals: [{name: qa, by: write}], from: []}":              "from: the list is empty",
		"{approvals: [{name: qa, by: write}], from: [comment]}":       "from [",
		"{approvals: [{name: qa, by: write}], workflow: approve.yml}": "workflow",
		"{approvals: [{name: qa, by: write}], after: {job: x}}":       "after: expected",
		"{approvals: [{name: qa, by: write}], from: [environment], after: {workflow: .github/workflows/d.yml, job: x}}": "does not say when",
		"{approvals: [{name: qa, by: write}], commits: since-deployment}":                                               "needs deployed-by",
	})
}
