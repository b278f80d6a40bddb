package gate_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	reviewSince  = "{commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml, job: deploy}}"
	reviewedBase = "{commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml, job: deploy}, baseline: eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee}"
)

// anyMerge makes merges count that GitHub did not make.
func anyMerge(params string) string { return strings.Replace(params, "{", "{merge: any, ", 1) }

// The commits of a usual range: main was at baseSHA when it was deployed. #5 was
// squashed to squashSHA; #7, with two commits, was merged as headSHA.
var (
	squashSHA = digits("5")
	evilSHA   = digits("6")
	laterSHA  = digits("9")
	// deployedAt is when the run was made that deployed baseSHA.
	deployedAt = noon.Add(-time.Hour)
)

// digits is the id that repeats one digit.
func digits(digit string) fact.SHA { return fact.SHA(strings.Repeat(digit, 40)) }

// onTop is a commit of a range on its parents, beside pull requests. Without
// parents, it is on one before the range.
func onTop(id fact.SHA, given fact.Signature, on []fact.SHA, pulls ...fact.Pull) fact.RangeCommit {
	each := one(id, given, briefly(pulls)...)
	if each.Commit.Parents = on; len(on) == 0 {
		each.Commit.Parents = parents(digits("d"))
	}
	return each
}

// briefly leaves of pull requests what a range has of them.
func briefly(pulls []fact.Pull) []fact.Pull {
	brief := make([]fact.Pull, len(pulls))
	for i, p := range pulls {
		brief[i] = fact.Pull{Number: p.Number, URL: p.URL, Base: p.Base, Head: p.Head, Merged: p.Merged, MergeCommit: p.MergeCommit, Author: p.Author, MergedBy: p.MergedBy}
	}
	return brief
}

func parents(list ...fact.SHA) []fact.SHA { return list }

// ofOne is a pull request with one commit, which was merged as another.
func ofOne(number int, merge fact.SHA, changes ...func(*fact.Pull)) fact.Pull {
	head := digits(fmt.Sprint(number % 5))
	return merged(append([]func(*fact.Pull){numbered(number), mergedAs(merge), commits(fact.PullCommit{SHA: head, Author: alice}), func(p *fact.Pull) {
		p.Head = head
		p.Reviews = fact.Of([]fact.Review{forHead(head, review(int64(100*number), bob, fact.Approved, noon))}, fact.Source{})
	}}, changes...)...)
}

// history is a range and what is known of its reviews.
type history struct {
	from     fact.RangeFrom
	base     fact.RangeCommit
	run      *fact.DeploymentRun
	lastRun  *fact.DeploymentRun
	commits  []fact.RangeCommit
	pulls    []fact.Pull
	rewrites fact.Known[[]fact.Rewrite]
	branch   string
}

// usual is the usual range, in which everything was reviewed.
func usual(changes ...func(*history)) func(*fact.Set) {
	run := deployed
	run.At = deployedAt
	base, squash, head := ofOne(3, baseSHA), ofOne(5, squashSHA), merged()
	h := history{
		from: fromDeploy, base: onTop(baseSHA, merge, nil, base), run: &run, branch: "main",
		commits: []fact.RangeCommit{
			onTop(headSHA, merge, parents(squashSHA, pullHead), head),
			onTop(pullHead, unsigned, parents(otherSHA), head),
			onTop(otherSHA, unsigned, parents(digits("f")), head),
			onTop(squashSHA, merge, parents(baseSHA), squash),
		},
		pulls: []fact.Pull{base, squash, head}, rewrites: fact.Of([]fact.Rewrite{}, fact.Source{}),
	}
	for _, change := range changes {
		change(&h)
	}
	return func(facts *fact.Set) {
		landed(head)(facts)
		ranged(h.from, fact.Range{Base: h.base, Run: h.run, LastRun: h.lastRun, Commits: h.commits})(facts)
		facts.RangeReviews = hold(facts.RangeReviews, h.from.Need().Key, fact.RangeReviews{Branch: h.branch, Pulls: h.pulls, Rewrites: h.rewrites})
	}
}

// pullIs changes a pull request wherever the range has it.
func pullIs(number int, changes ...func(*fact.Pull)) func(*history) {
	return func(h *history) {
		for i := range h.pulls {
			if h.pulls[i].Number == number {
				for _, change := range changes {
					change(&h.pulls[i])
				}
				reshow(h, h.pulls[i])
			}
		}
	}
}

// reshow makes the commits show what a pull request is now.
func reshow(h *history, p fact.Pull) {
	for _, each := range append([]*fact.RangeCommit{&h.base}, eachOf(h.commits)...) {
		for i := range each.Pulls {
			if each.Pulls[i].Number == p.Number {
				each.Pulls[i] = briefly([]fact.Pull{p})[0]
			}
		}
	}
}

func eachOf(commits []fact.RangeCommit) []*fact.RangeCommit {
	each := make([]*fact.RangeCommit, len(commits))
	for i := range commits {
		each[i] = &commits[i]
	}
	return each
}

// pushes puts a commit between the deployment and the squash. Its commits are
// those that some pull requests were merged as.
func pushes(id fact.SHA, given fact.Signature, pulls ...fact.Pull) func(*history) {
	return func(h *history) {
		h.commits[3].Commit.Parents = parents(id)
		h.commits = append(h.commits, onTop(id, given, parents(baseSHA), pulls...))
		h.pulls = append(h.pulls, pulls...)
	}
}

func behind(each fact.RangeCommit) func(*history) {
	return func(h *history) {
		h.commits[2].Commit.Parents = append(h.commits[2].Commit.Parents, each.Commit.SHA)
		h.commits = append(h.commits, each)
	}
}

func rewritten(list ...fact.Rewrite) func(*history) {
	return func(h *history) { h.rewrites = fact.Of(list, fact.Source{}) }
}

func byForce(after time.Duration, from, to fact.SHA) fact.Rewrite {
	return fact.Rewrite{By: mallory, At: deployedAt.Add(after), Before: from, After: to}
}

// sinceBaseline makes the range begin at a baseline. last is the deployment
// before it, or nil.
func sinceBaseline(last *fact.DeploymentRun) func(*history) {
	return func(h *history) { h.from, h.run, h.lastRun = fromBase, nil, last }
}

// byTag is a last deployment by a run of the tag before.
func byTag(h *history) { h.run.Branch = "v1.1.0" }

func baselineToo(h *history) { h.from = fromBase }

func madeAt(when time.Time) *fact.DeploymentRun {
	run := deployed
	run.Head, run.At = digits("f"), when
	return &run
}

func lostPart[T any]() fact.Known[T] {
	return fact.Lost[T](fact.Missing{Reason: fact.Forbidden, Detail: "HTTP 403"})
}
