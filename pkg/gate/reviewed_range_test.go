package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

var _ = rows("reviewed",
	row{
		name: "a direct push in the middle", params: reviewSince, want: verdict.Fail, code: "range", facts: onMain(usual(pushes(evilSHA, unsigned))),
		says: []string{"of 5 commits since the last deployment, eeeeeee, 1 did not", "as commit 6666666: it was pushed directly", "move baseline past it"}, hides: []string{"rebase"},
	},
	row{
		name: "a direct push that an open pull request lists", params: reviewSince, want: verdict.Fail, code: "range",
		facts: onMain(usual(pushes(evilSHA, unsigned), func(h *history) { h.commits[4].Pulls = briefly([]fact.Pull{merged(numbered(9), stillOpen)}) })),
		says:  []string{"#9 is not merged"}, hides: []string{"rebase"},
	},
	row{
		name: "a direct push that a reviewed pull request goes on listing", params: reviewSince, want: verdict.Fail, code: "range",
		facts: onMain(usual(pushes(evilSHA, merge), pullIs(7, commits(fact.PullCommit{SHA: evilSHA, Author: alice}, fact.PullCommit{SHA: otherSHA, Author: alice}, fact.PullCommit{SHA: pullHead, Author: alice})))),
		says:  []string{"1 did not", "6666666: it was pushed directly"},
	},
	row{
		name: "the same where any merge counts", params: anyMerge(reviewSince), want: verdict.Fail, code: "range",
		facts: onMain(usual(pushes(evilSHA, merge), pullIs(7, commits(fact.PullCommit{SHA: evilSHA, Author: alice}, fact.PullCommit{SHA: otherSHA, Author: alice}, fact.PullCommit{SHA: pullHead, Author: alice})))),
	},
	row{
		name: "a web edit in the middle that was pushed with the commit before it", params: reviewSince, want: verdict.Fail, code: "range", says: []string{"6666666: it was pushed directly"},
		facts: onMain(usual(pushes(evilSHA, unsigned), pullIs(5, func(p *fact.Pull) { p.Head = squashSHA },
			commits(fact.PullCommit{SHA: evilSHA, Author: alice}, fact.PullCommit{SHA: squashSHA, Author: alice}), reviews(forHead(squashSHA, review(1, bob, fact.Approved, noon)))))),
	},
	row{
		name: "an unreviewed merge in the middle", params: reviewSince, want: verdict.Fail, code: "range", facts: onMain(usual(pullIs(5, reviews()))),
		says: []string{"commit 5555555, the merge of #5: #5 has 0 of 1 approvals that count", "gh pr review"},
	},
	row{
		name: "an unreviewed merge in the middle, with what it brought", params: reviewSince, want: verdict.Fail, code: "range",
		facts: onMain(usual(pushes(evilSHA, merge, ofOne(6, evilSHA, reviews())), behind(onTop(digits("1"), unsigned, parents(digits("f")))))),
		says:  []string{"of 6 commits", "2 did not", "the merge of #6", "(it brought 1 commit more)"}, hides: []string{"1111111"},
	},
	row{
		name: "a direct push that an unreviewed pull request goes on listing", params: reviewSince, want: verdict.Fail, code: "range",
		facts: onMain(usual(pushes(evilSHA, unsigned), pullIs(5, commits(fact.PullCommit{SHA: evilSHA, Author: alice}, fact.PullCommit{SHA: digits("0"), Author: alice}), reviews()))),
		says:  []string{"2 did not", "the merge of #5", "6666666: it was pushed directly"}, hides: []string{"it brought"},
	},
	row{
		name: "an unreviewed pull request that was pushed as it is", params: anyMerge(reviewSince), want: verdict.Fail, code: "range", says: []string{"1 did not", "the merge of #5"}, hides: []string{"it brought"},
		facts: onMain(usual(pullIs(5, func(p *fact.Pull) { p.Head = squashSHA }, commits(fact.PullCommit{SHA: squashSHA, Author: alice}), reviews()))),
	},
	row{
		name: "changes that were requested of a merge in the middle", params: reviewSince, want: verdict.Fail, code: "range", says: []string{"changes to #5 are requested"},
		facts: onMain(usual(pullIs(5, reviews(forHead(digits("0"), review(1, bob, fact.Approved, noon)), forHead(digits("0"), review(2, carol, fact.ChangesRequested, noon)))))),
	},
	row{
		name: "an approval of an older head of a merge in the middle", params: reviewSince, want: verdict.Fail, code: "range", says: []string{"approved bbbbbbb, the head is 0000000"},
		facts: onMain(usual(pullIs(5, reviews(review(1, bob, fact.Approved, noon))))),
	},
	row{
		name: "a merge in the middle that was made elsewhere", params: reviewSince, want: verdict.Fail, code: "range", says: []string{"commit 5555555 was not made by GitHub"},
		facts: onMain(usual(func(h *history) { h.commits[3].Commit.Signature = valid(bob) })),
	},
	row{
		name: "an unreviewed merge into another branch in the middle", params: reviewSince, want: verdict.Fail, code: "range", says: []string{`#5 was merged into "release"`}, hides: []string{"rebase"},
		facts: onMain(usual(pullIs(5, into("release")))),
	},
	row{
		name: "two pull requests that claim one commit in the middle", params: reviewSince, want: verdict.Fail, code: "range", says: []string{"more than one pull request (#5, #6)"},
		facts: onMain(usual(func(h *history) {
			second := ofOne(6, squashSHA)
			h.commits[3].Pulls = append(h.commits[3].Pulls, briefly([]fact.Pull{second})...)
			h.pulls = append(h.pulls, second)
		})),
	},
	row{
		name: "a commit behind the second parent that no pull request lists", params: reviewSince, want: verdict.Fail, code: "range",
		facts: onMain(usual(behind(onTop(evilSHA, unsigned, parents(digits("f")))))), says: []string{"commit 6666666 came in behind a merge, and no reviewed pull request lists it"},
	},
	row{
		name: "all but the last commit of a rebase", params: anyMerge(reviewSince), want: verdict.Fail, code: "range", says: []string{"#5 was merged as 5555555", "A rebase merge makes new commits"},
		facts: onMain(usual(pushes(evilSHA, unsigned), func(h *history) { h.commits[4].Pulls = briefly(h.pulls[1:2]) })),
	},
	row{
		name: "more commits than are told", params: reviewSince, want: verdict.Fail, code: "range", says: []string{"6 did not", "and 1 more"},
		facts: onMain(usual(func(h *history) {
			for _, digit := range []string{"1", "2", "3", "4", "7", "8"} {
				behind(onTop(digits(digit), unsigned, parents(digits("f"))))(h)
			}
		})),
	},
	row{
		name: "an unreviewed head, whatever came before", params: reviewSince, want: verdict.Fail, code: "approvals",
		facts: onMain(usual(), landed(merged(reviews()))),
	},
	row{
		name: "a head whose reviews are others in the range", params: reviewSince, want: verdict.Fail, code: "range", facts: onMain(usual(pullIs(7, reviews()))),
	},
	row{
		name: "a deployment of a commit that was pushed directly", params: reviewSince, want: verdict.Fail, code: "base",
		facts: onMain(usual(func(h *history) { h.base.Pulls = nil })), says: []string{"run 800", "pushed directly", "write " + string(baseSHA) + " down as baseline"},
	},
	row{
		name: "a deployment of an unreviewed merge", params: reviewSince, want: verdict.Fail, code: "base", facts: onMain(usual(pullIs(3, reviews()))),
	},
	row{
		name: "a deployment of a merge whose reviews are not known", params: reviewSince, want: verdict.Unknown, code: string(fact.Forbidden), says: []string{"whether the range can begin at"},
		facts: onMain(usual(pullIs(3, func(p *fact.Pull) { p.Reviews = lostPart[[]fact.Review]() }))),
	},
	row{
		name: "a forced change since the deployment", params: reviewSince, want: verdict.Fail, code: "force-push", facts: onMain(usual(rewritten(byForce(time.Minute, laterSHA, squashSHA)))),
		says: []string{"since the last deployment (run 800, made at 2026-11-20T11:00:00Z)", "@mallory moved it by force at 2026-11-20T11:01:00Z, from 9999999 to 5555555", "baseline: " + string(squashSHA)},
	},
	row{
		name: "a forced change in the second of the deployment", params: reviewSince, want: verdict.Fail, code: "force-push", facts: onMain(usual(rewritten(byForce(0, laterSHA, squashSHA)))),
	},
	row{
		name: "a branch that was deleted and made again", params: reviewSince, want: verdict.Fail, code: "force-push",
		facts: onMain(usual(rewritten(byForce(2*time.Minute, "", squashSHA), fact.Rewrite{At: deployedAt.Add(time.Minute), Before: laterSHA}))),
		says:  []string{"@mallory made it at 2026-11-20T11:02:00Z, at 5555555, an account that is gone deleted it at 2026-11-20T11:01:00Z, when it was at 9999999"},
	},
	row{
		name: "a branch that was made since the deployment, with nothing before", params: reviewSince, want: verdict.Fail, code: "force-push",
		facts: onMain(usual(rewritten(byForce(time.Minute, "", squashSHA)))),
	},
	row{
		name: "a branch that was deleted, and nothing afterwards", params: reviewSince, want: verdict.Fail, code: "force-push", says: []string{"say commits: head"},
		facts: onMain(usual(rewritten(byForce(time.Minute, squashSHA, "")))),
	},
	row{
		name: "a forced change and a direct push", params: reviewSince, want: verdict.Fail, code: "force-push", says: []string{"moved it by force", "; and of 5 commits", "6666666: it was pushed directly"},
		facts: onMain(usual(pushes(evilSHA, unsigned), rewritten(byForce(time.Minute, laterSHA, squashSHA)))),
	},
	row{
		name: "a forced change past what the baseline settles", params: reviewedBase, want: verdict.Fail, code: "force-push", says: []string{"from 9999999 to 5555555"}, hides: []string{"to eeeeeee"},
		facts: onMain(usual(sinceBaseline(nil), rewritten(byForce(2*time.Minute, laterSHA, squashSHA), byForce(time.Minute, laterSHA, baseSHA)))),
	},
	row{
		name: "a forced change in the second of one that the baseline settles", params: reviewedBase, want: verdict.Fail, code: "force-push",
		facts: onMain(usual(sinceBaseline(nil), rewritten(byForce(time.Minute, laterSHA, baseSHA), byForce(time.Minute, laterSHA, digits("f"))))),
	},
	row{
		name: "a forced change that the baseline does not name", params: reviewedBase, want: verdict.Fail, code: "force-push", says: []string{"since nothing was deployed before"},
		facts: onMain(usual(sinceBaseline(nil), rewritten(byForce(-time.Hour, laterSHA, digits("f"))))),
	},
	row{
		name: "a forced change between the last deployment and the baseline", params: reviewedBase, want: verdict.Fail, code: "force-push",
		facts: onMain(usual(sinceBaseline(madeAt(deployedAt)), rewritten(byForce(time.Minute, laterSHA, digits("f"))))),
	},
	row{
		name: "a branch that was deleted and made again, where nothing was deployed before", params: reviewedBase, want: verdict.Fail, code: "force-push", says: []string{"made it", "deleted it"},
		facts: onMain(usual(sinceBaseline(nil), rewritten(byForce(-time.Hour, "", laterSHA), byForce(-2*time.Hour, squashSHA, "")))),
	},
	row{
		name: "a branch that was deleted and made in one second, where nothing was deployed before", params: reviewedBase, want: verdict.Fail, code: "force-push", says: []string{"made it", "deleted it"},
		facts: onMain(usual(sinceBaseline(nil), rewritten(byForce(-time.Hour, "", laterSHA), byForce(-time.Hour, squashSHA, "")))),
	},
	row{
		name: "forced changes that cannot be read", params: reviewSince, want: verdict.Unknown, code: string(fact.Forbidden), says: []string{`somebody moved "main" by force`},
		facts: onMain(usual(func(h *history) { h.rewrites = lostPart[[]fact.Rewrite]() })),
	},
	row{
		name: "forced changes that were not asked for", params: reviewSince, want: verdict.Unknown, code: string(fact.NotAsked),
		facts: onMain(usual(func(h *history) { h.rewrites = fact.Known[[]fact.Rewrite]{} })),
	},
	row{
		name: "a forced change without a time", params: reviewSince, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(usual(rewritten(fact.Rewrite{Before: laterSHA, After: squashSHA}))),
	},
	row{
		name: "a deployment without a time", params: reviewSince, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(usual(func(h *history) { h.run.At = time.Time{} })),
	},
	row{
		name: "a deployment before the baseline by another job", params: reviewedBase, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(usual(sinceBaseline(&fact.DeploymentRun{ID: 1, Workflow: ".github/workflows/evil.yml", Job: "deploy", At: deployedAt}))),
	},
	row{
		name: "a deployment before the baseline by another job of the workflow", params: reviewedBase, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(usual(sinceBaseline(&fact.DeploymentRun{ID: 1, Workflow: deployed.Workflow, Job: "lint", At: deployedAt}))),
	},
	row{
		name: "a forced change beside a merge whose reviews cannot be read", params: reviewSince, want: verdict.Unknown, code: string(fact.Forbidden), hides: []string{"by force"},
		facts: onMain(usual(rewritten(byForce(time.Minute, laterSHA, squashSHA)), pullIs(5, func(p *fact.Pull) { p.Reviews = lostPart[[]fact.Review]() }))),
	},
	row{
		name: "reviews of another branch", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent), facts: onMain(usual(func(h *history) { h.branch = "release" })),
	},
	row{
		name: "a pull request of the range of which nothing more is known", params: reviewSince, want: verdict.Unknown, code: string(fact.Incomplete), says: []string{"of 4 commits", "the reviews of #5 are not there"},
		facts: onMain(usual(func(h *history) { h.pulls = append(h.pulls[:1:1], h.pulls[2:]...) })),
	},
	row{
		name: "two different answers about a pull request of the range", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(usual(func(h *history) { h.pulls = append(h.pulls, ofOne(5, squashSHA, reviews())) })),
	},
	row{
		name: "a pull request that was merged as another commit by now", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(usual(func(h *history) { h.pulls[1].MergeCommit = otherSHA })),
	},
	row{
		name: "a pull request with another head by now", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(usual(func(h *history) {
			h.pulls[1].Head = laterSHA
			commits(fact.PullCommit{SHA: laterSHA, Author: alice})(&h.pulls[1])
			reviews(forHead(laterSHA, review(1, bob, fact.Approved, noon)))(&h.pulls[1])
		})),
	},
	row{
		name: "a pull request into another branch by now", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(usual(func(h *history) { h.pulls[1].Base = "release" })),
	},
	row{
		name: "a pull request that is open by now", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(usual(func(h *history) { h.pulls[1].Merged = false })),
	},
	row{
		name: "a merge in the middle whose reviews cannot be read, beside a direct push", params: reviewSince, want: verdict.Unknown, code: string(fact.Forbidden), says: []string{"1 could not be judged"},
		facts: onMain(usual(pushes(evilSHA, unsigned), pullIs(5, func(p *fact.Pull) { p.Reviews = lostPart[[]fact.Review]() }))),
	},
	row{
		name: "a merge in the middle whose commits cannot be read", params: reviewSince, want: verdict.Unknown, code: string(fact.Forbidden),
		facts: onMain(usual(pullIs(5, func(p *fact.Pull) { p.Commits = lostPart[[]fact.PullCommit]() }))),
	},
	row{
		name: "a merge in the middle approved by somebody whose permission cannot be read", params: reviewSince, want: verdict.Unknown, code: string(fact.Forbidden),
		facts: onMain(usual(pullIs(5, reviews(forHead(digits("0"), review(1, carol, fact.Approved, noon))))), lose(carol)),
	},
	row{
		name: "a range that cannot be read", params: reviewSince, want: verdict.Unknown, code: string(fact.NotAsked), facts: onMain(landed(merged())),
	},
	row{
		name: "a range whose reviews cannot be read", params: reviewSince, want: verdict.Unknown, code: string(fact.NotAsked), facts: onMain(usual(), func(f *fact.Set) { f.RangeReviews = nil }),
	},
	row{
		name: "a range without one of the branch's own commits", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"do not lead to eeeeeee"},
		facts: onMain(usual(func(h *history) { h.commits = h.commits[:3] })),
	},
	row{
		name: "a range whose head has no parents", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent), facts: onMain(usual(func(h *history) { h.commits[0].Commit.Parents = nil })),
	},
	row{
		name: "two different answers about one commit of the reviewed range", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(usual(func(h *history) { h.commits = append(h.commits, onTop(squashSHA, merge, parents(baseSHA))) })),
	},
	row{
		name: "everything came in by reviewed pull requests", params: reviewSince, want: verdict.Pass, facts: onMain(usual()), says: []string{"#7 was approved by @bob", "4 commits since the last deployment, eeeeeee"},
	},
	row{
		name: "a merge of main into the feature branch", params: reviewSince, want: verdict.Pass,
		facts: onMain(usual(func(h *history) { h.commits[1].Commit.Parents = parents(otherSHA, squashSHA) })),
	},
	row{
		name: "a merge of another pull request into the feature branch", params: reviewSince, want: verdict.Pass,
		facts: onMain(usual(func(h *history) {
			h.commits[2].Pulls = append(h.commits[2].Pulls, briefly([]fact.Pull{merged(numbered(6), mergedAs(otherSHA), into("feature"))})...)
		})),
	},
	row{
		name: "a commit beside a pull request that was merged before the range", params: reviewSince, want: verdict.Pass,
		facts: onMain(usual(func(h *history) {
			h.commits[3].Pulls = append(h.commits[3].Pulls, briefly([]fact.Pull{merged(numbered(2), mergedAs(digits("f")))})...)
		})),
	},
	row{
		name: "a commit that was merged into another branch, too", params: reviewSince, want: verdict.Pass,
		facts: onMain(usual(func(h *history) {
			h.commits[3].Pulls = append(h.commits[3].Pulls, briefly([]fact.Pull{merged(numbered(6), mergedAs(squashSHA), into("release"))})...)
		})),
	},
	row{
		name: "an approval in the middle by somebody else", params: reviewSince, want: verdict.Pass, facts: onMain(usual(pullIs(5, reviews(forHead(digits("0"), review(1, carol, fact.Approved, noon)))))),
	},
	row{
		name: "commits that were pushed as they are, where any merge counts", params: anyMerge(reviewSince), want: verdict.Pass,
		facts: onMain(usual(pushes(evilSHA, unsigned), pullIs(5, func(p *fact.Pull) { p.Head = squashSHA },
			commits(fact.PullCommit{SHA: evilSHA, Author: alice}, fact.PullCommit{SHA: squashSHA, Author: alice}), reviews(forHead(squashSHA, review(1, bob, fact.Approved, noon)))))),
	},
	row{
		name: "a forced change before the deployment", params: reviewSince, want: verdict.Pass, facts: onMain(usual(rewritten(byForce(-time.Second, laterSHA, baseSHA)))), hides: []string{"by hand"},
	},
	row{
		name: "a forced change to the baseline", params: reviewedBase, want: verdict.Pass, says: []string{"the baseline says that this was checked by hand: @mallory moved it by force", "from 9999999 to eeeeeee, @mallory deleted it"},
		facts: onMain(usual(sinceBaseline(nil), rewritten(byForce(time.Minute, laterSHA, baseSHA), byForce(0, squashSHA, "")))),
	},
	row{
		name: "a forced change to the baseline, which was deployed", params: reviewedBase, want: verdict.Pass,
		facts: onMain(usual(baselineToo, rewritten(byForce(time.Minute, laterSHA, baseSHA)))),
	},
	row{
		name: "a forced change before the deployment before the baseline", params: reviewedBase, want: verdict.Pass,
		facts: onMain(usual(sinceBaseline(madeAt(deployedAt)), rewritten(byForce(-time.Minute, laterSHA, digits("f"))))),
	},
	row{
		name: "a branch that was made once, where nothing was deployed before", params: reviewedBase, want: verdict.Pass, facts: onMain(usual(sinceBaseline(nil), rewritten(byForce(-time.Hour, "", digits("f"))))),
	},
	row{
		name: "everything since the baseline, however that came in", params: reviewedBase, want: verdict.Pass, says: []string{"since the baseline, eeeeeee"},
		facts: onMain(usual(sinceBaseline(nil), func(h *history) { h.base.Pulls = nil })),
	},
	row{
		name: "a deployment of the baseline, however that came in", params: reviewedBase, want: verdict.Pass, says: []string{"since the last deployment"},
		facts: onMain(usual(baselineToo, func(h *history) { h.base.Pulls = nil })),
	},
	row{
		name: "what was deployed last", params: reviewSince, want: verdict.Pass, says: []string{"no new commits"}, hides: []string{"by hand"},
		facts: onMain(usual(func(h *history) {
			h.base, h.commits, h.run.Head = h.commits[0], nil, headSHA
		}, rewritten(byForce(time.Minute, laterSHA, headSHA)))),
	},
	row{
		name: "a last deployment by a run of a branch that the stage does not take", params: reviewSince, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(usual()), says: []string{"run 800", `"main"`, "baseline"},
	},
	row{
		name: "a tag on what came in by reviewed pull requests", params: reviewSince, want: verdict.Pass, facts: onTag(usual(byTag)),
	},
)

// What went out by a hotfix lane of the stage was deployed to it.
func TestTheLastDeploymentCanBeAHotfix(t *testing.T) {
	t.Parallel()
	hotfix, err := stage.ParsePattern("hotfix/*")
	if err != nil {
		t.Fatal(err)
	}
	asked := row{params: reviewSince, facts: onTag(usual(func(h *history) { h.run.Branch = "hotfix/7" }))}
	terms := asked.terms()
	for _, with := range []struct {
		lanes []stage.Rule
		want  verdict.Outcome
	}{
		{nil, verdict.Unknown},
		{[]stage.Rule{{Stage: "hotfix", Branches: []stage.Pattern{hotfix}}}, verdict.Pass},
	} {
		terms.Stage.Lanes = with.lanes
		check, err := find(t, "reviewed").Bind(decode(asked.params), terms)
		if err != nil {
			t.Fatal(err)
		}
		if got := check.Ask(asked.facts, terms); got.Outcome != with.want {
			t.Errorf("with %d lanes: %s (%s), want %s", len(with.lanes), got.Outcome, got.Reason, with.want)
		}
	}
}

func TestReviewedRefusesRangesThatAskForNothing(t *testing.T) {
	t.Parallel()
	testRefusals(t, "reviewed", map[string]string{
		"commits: all":              "expected one of",
		"commits: since-deployment": "needs deployed-by",
		"baseline: eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee": "add commits: since-deployment",
	})
}

// Whoever reads the finding can open what it is about.
func TestReviewedShowsWhatCameInAlone(t *testing.T) {
	t.Parallel()
	facts := onMain(usual(pushes(evilSHA, unsigned), pullIs(5, reviews())))
	got := bind(t, "reviewed", row{params: reviewSince}).Ask(facts, gate.Terms{})
	want := []string{
		"commit 5555555 https://github.com/acme/shop/commit/" + string(squashSHA), "pull request #5 https://github.com/acme/shop/pull/7",
		"commit 6666666 https://github.com/acme/shop/commit/" + string(evilSHA),
	}
	var shown []string
	for _, each := range got.Evidence {
		shown = append(shown, each.Text+" "+each.URL)
	}
	if strings.Join(shown, "\n") != strings.Join(want, "\n") {
		t.Errorf("evidence\n%s\nwant\n%s", strings.Join(shown, "\n"), strings.Join(want, "\n"))
	}
}
