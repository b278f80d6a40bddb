package gate_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

// branchOf draws a history of the branch: merges of pull requests, reviewed or
// not, with commits behind them, squashes and direct pushes. honest tells whether
// everything in it came in by a reviewed pull request.
func branchOf(t *rapid.T) (h history, honest bool) {
	run := deployed
	run.At = deployedAt
	base := ofOne(3, baseSHA)
	h = history{from: fromDeploy, base: onTop(baseSHA, merge, nil, base), run: &run, branch: "main", pulls: []fact.Pull{base}, rewrites: fact.Of([]fact.Rewrite{}, fact.Source{})}
	honest = true
	tip := baseSHA
	for step := range rapid.IntRange(1, 4).Draw(t, "steps") {
		made := numberedSHA(100 + step)
		kind := rapid.SampledFrom([]string{"merge", "squash", "unreviewed", "direct", "evil"}).Draw(t, "kind")
		work := []fact.SHA{numberedSHA(200 + step), numberedSHA(300 + step)}
		pull := merged(numbered(10+step), mergedAs(made), func(p *fact.Pull) {
			p.Head = work[1]
			p.Commits = fact.Of([]fact.PullCommit{{SHA: work[0], Author: alice}, {SHA: work[1], Author: alice}}, fact.Source{})
			p.Reviews = fact.Of([]fact.Review{forHead(work[1], review(int64(10*step+1), bob, fact.Approved, noon)), forHead(work[1], review(int64(10*step+2), dave, fact.Approved, noon))}, fact.Source{})
		})
		honest = honest && (kind == "merge" || kind == "squash")
		if kind == "unreviewed" {
			reviews(forHead(work[1], review(1, dave, fact.Approved, noon)))(&pull)
		}
		switch kind {
		case "direct":
			h.commits = append(h.commits, onTop(made, merge, parents(tip)))
		case "squash":
			h.commits = append(h.commits, onTop(made, merge, parents(tip), pull))
			h.pulls = append(h.pulls, pull)
		default:
			h.commits = append(h.commits, onTop(made, merge, parents(tip, work[1]), pull), onTop(work[1], unsigned, parents(work[0]), pull))
			first := onTop(work[0], unsigned, parents(digits("f")), pull)
			if kind == "evil" {
				first.Commit.Parents = append(first.Commit.Parents, numberedSHA(400+step))
				h.commits = append(h.commits, onTop(numberedSHA(400+step), unsigned, parents(digits("f"))))
			}
			h.commits = append(h.commits, first)
			h.pulls = append(h.pulls, pull)
		}
		tip = made
	}
	head := merged(numbered(50))
	h.commits = append(h.commits, onTop(headSHA, merge, parents(tip, pullHead), head), onTop(pullHead, unsigned, parents(otherSHA), head), onTop(otherSHA, unsigned, parents(digits("f")), head))
	h.pulls = append(h.pulls, head)
	return h, honest
}

func numberedSHA(number int) fact.SHA { return fact.SHA(fmt.Sprintf("%040x", number)) }

// set returns the facts of a history.
func (h history) set() fact.Set {
	return onMain(usual(func(into *history) { *into = h }), landed(h.pulls[len(h.pulls)-1]))
}

// What was reviewed passes, what was not does not, in whatever order GitHub tells
// it. Then evidence goes: pull requests, their reviews, their commits, their lists
// as a whole, commits of the branch. None of that makes it pass.
func TestReviewedRangeGainsNothingFromWhatIsNotThere(t *testing.T) {
	t.Parallel()
	check := bind(t, "reviewed", row{params: reviewSince})
	rapid.Check(t, func(t *rapid.T) {
		h, honest := branchOf(t)
		ask := func() verdict.Finding { return check.Ask(h.set(), gate.Terms{}) }
		first := ask()
		if passes := first.Outcome == verdict.Pass; passes != honest {
			t.Fatalf("reviewed: %v, and yet %s: %s", honest, first.Outcome, first.Reason)
		}
		h.commits = rapid.Permutation(h.commits).Draw(t, "commits")
		h.pulls = append(rapid.Permutation(h.pulls[:len(h.pulls)-1]).Draw(t, "pulls"), h.pulls[len(h.pulls)-1])
		if second := ask(); second.Reason != first.Reason || second.Outcome != first.Outcome {
			t.Fatalf("the order changed %q into %q", first.Reason, second.Reason)
		}
		takeAway(t, &h)
		if after := ask(); after.Outcome == verdict.Pass {
			t.Fatalf("something is gone, and it passes: %s", after.Reason)
		}
	})
}

// takeAway removes something that a finding rests on.
func takeAway(t *rapid.T, h *history) {
	at := rapid.IntRange(0, len(h.pulls)-2).Draw(t, "pull")
	pull := h.pulls[at]
	switch rapid.SampledFrom([]string{"pull", "link", "approval", "reviews", "commits", "head", "moved", "rewrites", "line"}).Draw(t, "what") {
	case "pull":
		h.pulls = slices.Delete(slices.Clone(h.pulls), at, at+1)
	case "link":
		for _, each := range append([]*fact.RangeCommit{&h.base}, eachOf(h.commits)...) {
			each.Pulls = slices.DeleteFunc(slices.Clone(each.Pulls), func(p fact.Pull) bool { return p.Number == pull.Number })
		}
	case "approval":
		h.pulls[at].Reviews = over(pull.Reviews, func(list []fact.Review) []fact.Review {
			return slices.DeleteFunc(slices.Clone(list), func(r fact.Review) bool { return r.Author.Same(*bob) })
		})
	case "reviews":
		h.pulls[at].Reviews = lostPart[[]fact.Review]()
	case "commits":
		h.pulls[at].Commits = lostPart[[]fact.PullCommit]()
	case "head":
		h.pulls[at].Commits = over(pull.Commits, func(list []fact.PullCommit) []fact.PullCommit { return list[:len(list)-1] })
	case "moved":
		h.pulls[at].HeadMovedAt = lostPart[time.Time]()
	case "rewrites":
		h.rewrites = lostPart[[]fact.Rewrite]()
	case "line":
		first := slices.IndexFunc(h.commits, func(c fact.RangeCommit) bool { return len(c.Commit.Parents) > 0 && c.Commit.Parents[0] == baseSHA })
		h.commits = slices.Delete(slices.Clone(h.commits), first, first+1)
	}
}
