package gate_test

import (
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/verdict"
)

const (
	sinceParams   = "{trust: github, commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml, job: deploy}}"
	provenParams  = "{commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml, job: deploy}}"
	withBaseline  = "{trust: github, commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml, job: deploy}, baseline: eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee}"
	withoutMerges = "{web-merge: refuse, trust: github, commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml, job: deploy}}"
)

var (
	baseSHA  = fact.SHA(strings.Repeat("e", 40))
	deployed = fact.DeploymentRun{
		ID: 800, Attempt: 1, Workflow: ".github/workflows/deploy.yml", Job: "deploy", Event: "push", Branch: "main", Head: baseSHA,
		URL: "https://github.com/acme/shop/actions/runs/800",
	}
	fromDeploy = fact.RangeFrom{Workflow: ".github/workflows/deploy.yml", Job: "deploy"}
	fromBase   = fact.RangeFrom{Workflow: ".github/workflows/deploy.yml", Job: "deploy", Baseline: baseSHA}
)

// one is a commit of a range, of which GitHub says what given says.
func one(sha fact.SHA, given fact.Signature, pulls ...fact.Pull) fact.RangeCommit {
	return fact.RangeCommit{Commit: fact.Commit{SHA: sha, Signature: given, URL: "https://github.com/acme/shop/commit/" + string(sha)}, Pulls: pulls}
}

// begins makes the range begin at a deployment of a commit.
func begins(base fact.RangeCommit, commits ...fact.RangeCommit) func(*fact.Set) {
	run := deployed
	run.Head = base.Commit.SHA
	return ranged(fromDeploy, fact.Range{Base: base, Run: &run, Commits: commits})
}

func ranged(from fact.RangeFrom, span fact.Range) func(*fact.Set) {
	return func(facts *fact.Set) { facts.Ranges = hold(facts.Ranges, from.Need().Key, span) }
}

// really is a commit that a key really signed on top of another.
func really(key string, parent fact.SHA, given fact.Signature) fact.RangeCommit {
	payload := strings.Replace(commitText(""), string(otherSHA), string(parent), 1)
	given.Payload, given.Text = payload, sign(key, payload)
	sha := idOf(gitobject.CommitType, withSignature(payload, given.Text))
	return fact.RangeCommit{Commit: fact.Commit{SHA: sha, Parents: []fact.SHA{parent}, Signature: given}}
}

// headOf makes a commit of a range the subject.
func headOf(commit fact.RangeCommit) func(*fact.Set) {
	return func(facts *fact.Set) {
		moveTo(facts, commit.Commit.SHA)
		facts.Commit = fact.Of(commit.Commit, fact.Source{})
	}
}

var (
	unsigned = signature(fact.Unsigned, "unsigned", nil)
	merge    = signature(fact.GitHubSignature, fact.SignatureValid, nil)
	oldest   = one(baseSHA, valid(bob))
	newest   = one(headSHA, valid(bob))
	reallyA  = really("bob", baseSHA, valid(bob))
	reallyB  = really("carol", reallyA.Commit.SHA, valid(carol))
	reallyC  = really("bob", reallyB.Commit.SHA, valid(bob))
)

var _ = rows("signed-commit",
	row{
		name: "SIG-09: an unsigned commit in the middle", params: sinceParams, want: verdict.Fail, code: "range",
		facts: onMain(signedBy(bob), begins(oldest, newest, one(otherSHA, unsigned), one(pullHead, valid(bob)))),
		says:  []string{"of 3 commits since the last deployment, eeeeeee, 1 do not count", "ccccccc is not signed"},
	},
	row{
		name: "P5: an unsigned commit behind the second parent of a merge", params: sinceParams, want: verdict.Fail, code: "range",
		facts: onMain(mergedOnGitHub, pulls(merged()), begins(oldest, one(headSHA, merge, merged()), one(otherSHA, unsigned))),
	},
	row{
		name: "a writer's commit in the middle", params: sinceParams, want: verdict.Fail, code: "range", says: []string{"@mallory has write"},
		facts: onMain(signedBy(bob), begins(oldest, newest, one(otherSHA, valid(mallory)))),
	},
	row{
		name: "a web edit in the middle", params: sinceParams, want: verdict.Fail, code: "range", says: []string{"an edit on the website"},
		facts: onMain(signedBy(bob), begins(oldest, newest, one(otherSHA, merge))),
	},
	row{
		name: "a merge by a writer in the middle", params: sinceParams, want: verdict.Fail, code: "range",
		facts: onMain(signedBy(bob), begins(oldest, newest, one(otherSHA, merge, merged(mergedAs(otherSHA), mergedBy(mallory))))),
	},
	row{
		name: "a merge in the middle where GitHub's key is refused", params: withoutMerges, want: verdict.Fail, code: "range",
		facts: onMain(signedBy(bob), begins(oldest, newest, one(otherSHA, merge, merged(mergedAs(otherSHA))))),
	},
	row{
		name: "an unsigned head, whatever came before", params: sinceParams, want: verdict.Fail, code: "unsigned",
		facts: onMain(commitSigned(unsigned), begins(oldest, one(headSHA, unsigned))),
	},
	row{
		name: "a deployment of a commit that nobody in the role signed", params: sinceParams, want: verdict.Fail, code: "base",
		facts: onMain(signedBy(bob), begins(one(baseSHA, valid(mallory)), newest)), says: []string{"run 800", "@mallory has write"},
	},
	row{
		name: "a deployment of an unsigned commit", params: sinceParams, want: verdict.Fail, code: "base",
		facts: onMain(signedBy(bob), begins(one(baseSHA, unsigned), newest)),
	},
	row{
		name: "a deployment of a commit that could not be checked", params: sinceParams, want: verdict.Unknown, code: string(fact.Unavailable),
		facts: onMain(signedBy(bob), begins(one(baseSHA, signature(fact.PersonSignature, "gpgverify_error", bob)), newest)),
	},
	row{
		name: "nobody knows what was deployed last, and there is no baseline", params: sinceParams, want: verdict.Unknown, code: string(fact.NotFound),
		facts: onMain(signedBy(bob), func(f *fact.Set) {
			f.Ranges = map[string]fact.Known[fact.Range]{fromDeploy.Need().Key: fact.Lost[fact.Range](fact.Missing{Reason: fact.NotFound})}
		}),
	},
	row{
		name: "a range that somebody asked for otherwise", params: withBaseline, want: verdict.Unknown, code: string(fact.NotAsked),
		facts: onMain(signedBy(bob), begins(oldest, newest)),
	},
	row{
		name: "a range that begins nowhere", params: sinceParams, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), ranged(fromDeploy, fact.Range{Commits: []fact.RangeCommit{newest}})),
	},
	row{
		name: "a range that begins at a commit of which nothing was deployed", params: sinceParams, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), ranged(fromDeploy, fact.Range{Base: oldest, Commits: []fact.RangeCommit{newest}})),
	},
	row{
		name: "a range that begins after the baseline", params: withBaseline, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), ranged(fromBase, fact.Range{Base: one(otherSHA, valid(bob)), Commits: []fact.RangeCommit{newest}})),
	},
	row{
		name: "a deployment of another commit than the range begins at", params: sinceParams, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), ranged(fromDeploy, fact.Range{Base: one(otherSHA, valid(bob)), Run: &deployed, Commits: []fact.RangeCommit{newest}})),
	},
	row{
		name: "a deployment by another workflow", params: sinceParams, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), ranged(fromDeploy, fact.Range{Base: oldest, Run: &fact.DeploymentRun{ID: 1, Workflow: ".github/workflows/evil.yml", Job: "deploy", Head: baseSHA}, Commits: []fact.RangeCommit{newest}})),
	},
	row{
		name: "a range without the commit that would be deployed", params: sinceParams, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), begins(oldest, one(otherSHA, valid(bob)))),
	},
	row{
		name: "a range without any commit", params: sinceParams, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), begins(oldest)),
	},
	row{
		name: "a range that begins at the head and has commits", params: sinceParams, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), begins(newest, one(otherSHA, valid(bob)))),
	},
	row{
		name: "a range that holds its own beginning", params: sinceParams, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), begins(oldest, newest, oldest)),
	},
	row{
		name: "two different answers about one commit of the range", params: sinceParams, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(bob), begins(oldest, newest, one(otherSHA, unsigned), one(otherSHA, valid(bob)))),
	},
	row{
		name: "a commit that could not be checked beside one that does not count", params: sinceParams, want: verdict.Unknown, code: string(fact.Unavailable),
		facts: onMain(signedBy(bob), begins(oldest, newest, one(otherSHA, unsigned), one(pullHead, signature(fact.PersonSignature, "gpgverify_error", bob)))),
	},
	row{
		name: "by the bytes: a writer's key in the middle", params: provenParams, want: verdict.Fail, code: "range", says: []string{"@carol has write"},
		facts: onMain(headOf(reallyC), begins(really("bob", otherSHA, valid(bob)), reallyA, reallyB, reallyC), lists(bob, "bob"), lists(carol, "carol")),
	},
	row{
		name: "by the bytes: a key in the middle that its account does not list", params: strings.Replace(provenParams, "{", "{by: write, ", 1), want: verdict.Fail, code: "range", says: []string{"unknown-key"},
		facts: onMain(headOf(reallyC), begins(really("bob", otherSHA, valid(bob)), reallyA, reallyB, reallyC), lists(bob, "bob"), lists(carol, "bob")),
	},
	row{
		name: "all commits since the last deployment", params: sinceParams, want: verdict.Pass, says: []string{"every one of the 3 commits since the last deployment, eeeeeee"},
		facts: onMain(signedBy(bob), begins(oldest, newest, one(otherSHA, valid(bob)), one(pullHead, merge, merged(mergedAs(pullHead))))),
	},
	row{
		name: "a deployment that was a merge on GitHub", params: sinceParams, want: verdict.Pass,
		facts: onMain(signedBy(bob), begins(one(baseSHA, merge, merged(mergedAs(baseSHA))), newest)),
	},
	row{
		name: "all commits since the baseline, whoever signed that", params: withBaseline, want: verdict.Pass, says: []string{"since the baseline, eeeeeee"},
		facts: onMain(signedBy(bob), ranged(fromBase, fact.Range{Base: one(baseSHA, unsigned), Commits: []fact.RangeCommit{newest}})),
	},
	row{
		name: "a deployment of the baseline, whoever signed that", params: withBaseline, want: verdict.Pass,
		facts: onMain(signedBy(bob), ranged(fromBase, fact.Range{Base: one(baseSHA, unsigned), Run: &deployed, Commits: []fact.RangeCommit{newest}})),
	},
	row{
		name: "the commit that was deployed last", params: sinceParams, want: verdict.Pass, says: []string{"no new commits"},
		facts: onMain(signedBy(bob), begins(newest)),
	},
	row{
		name: "by the bytes: all commits since the last deployment", params: strings.Replace(provenParams, "{", "{by: write, ", 1), want: verdict.Pass,
		facts: onMain(pulls(), headOf(reallyC), begins(really("bob", otherSHA, valid(bob)), reallyA, reallyB, reallyC), lists(bob, "bob"), lists(carol, "carol")),
	},
)
