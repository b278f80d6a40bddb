package github

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

// commitCap is how many commits of a pull request GitHub lists at most.
// Source: REST documentation, "List commits on a pull request".
const commitCap = 250

// pullTotals is how much there is to complete about one pull request.
type pullTotals struct{ commits, reviews int }

// sameCommit checks that an object is the commit that was asked for.
func (r *Reader) sameCommit(node *commitNode) *fact.Missing {
	switch node.OID {
	case string(r.subject.SHA):
		return nil
	case "":
		return incomplete("POST graphql: the answer leaves the commit out")
	}
	return inconsistent(fmt.Sprintf("POST graphql: asked for %s, the answer is %q", r.subject.SHA, node.OID))
}

// pulls reads the pull requests into the repository of this number that GitHub
// associates with the commit. It lists those into forks beside them: there,
// others decide who may approve.
func (r *Reader) pulls(commit *commitNode, repository int64, missing *fact.Missing) ([]fact.Pull, map[int]pullTotals, *fact.Missing) {
	if missing != nil {
		return nil, nil, missing
	}
	if missing := r.sameCommit(commit); missing != nil {
		return nil, nil, missing
	}
	if nodes := commit.Associated; !nodes.whole() {
		return nil, nil, incomplete(fmt.Sprintf("POST graphql: %d pull requests go with the commit, and not all of them were listed", nodes.total()))
	}
	totals := map[int]pullTotals{}
	pulls, missing := pullsInto(repository, commit.Associated, func(node *pullNode) (fact.Pull, *fact.Missing) {
		totals[node.Number] = node.totals()
		return r.pull(node)
	})
	return pulls, totals, missing
}

// pullsInto reads those of a whole list that are into the repository of this
// number, each once and by number.
func pullsInto(repository int64, listed *connection[pullNode], read func(*pullNode) (fact.Pull, *fact.Missing)) ([]fact.Pull, *fact.Missing) {
	pulls := []fact.Pull{}
	seen := map[int]bool{}
	for _, node := range listed.Nodes {
		ours, missing := node.isOf(repository)
		if missing != nil {
			return nil, missing
		}
		if !ours {
			continue
		}
		pull, missing := read(node)
		if missing != nil {
			return nil, missing
		}
		if seen[pull.Number] {
			return nil, incomplete("POST graphql: a pull request is listed twice")
		}
		seen[pull.Number] = true
		pulls = append(pulls, pull)
	}
	order.By(pulls, func(a, b fact.Pull) int { return cmp.Compare(a.Number, b.Number) })
	return pulls, nil
}

// isOf reports whether the pull request is into the repository of this number.
// GitHub answers null when the base is one that is gone or not readable, which
// is then not the one that was just read.
func (p *pullNode) isOf(repository int64) (bool, *fact.Missing) {
	if !p.Repository.here || p.Repository.value != nil && p.Repository.value.DatabaseID == 0 {
		return false, incomplete(fmt.Sprintf("POST graphql: the answer does not say which repository pull request %d is into", p.Number))
	}
	return p.Repository.value != nil && p.Repository.value.DatabaseID == repository, nil
}

// merge reads what a pull request made, of which head, and who opened and
// merged it.
func (p *pullNode) merge() (fact.Pull, *fact.Missing) {
	if p.Number <= 0 || p.Base == "" || p.Merged == nil {
		return fact.Pull{}, p.partial()
	}
	pull := fact.Pull{
		Number: p.Number, Title: p.Title, URL: p.URL, Base: p.Base, Head: shaOf(p.Head), Merged: *p.Merged,
		Author: p.Author.person(), MergedBy: p.MergedBy.person(),
	}
	if pull.Head == "" {
		return fact.Pull{}, p.partial()
	}
	if p.MergeCommit != nil {
		pull.MergeCommit = shaOf(p.MergeCommit.OID)
		if pull.MergeCommit == "" {
			return fact.Pull{}, incomplete(fmt.Sprintf("POST graphql: %q is not the merge commit of pull request %d", p.MergeCommit.OID, p.Number))
		}
	}
	return pull, nil
}

func (p *pullNode) partial() *fact.Missing {
	return incomplete(fmt.Sprintf("POST graphql: the answer does not hold all of pull request %d", p.Number))
}

// full reads all of a pull request. Lists that did not fit are Incomplete.
func (p *pullNode) full() (fact.Pull, *fact.Missing) {
	pull, missing := p.merge()
	if missing != nil {
		return fact.Pull{}, missing
	}
	pull.HeadMovedAt = p.headMovedAt()
	pull.Commits, pull.Reviews = p.commits(), p.reviews()
	return pull, nil
}

func (p *pullNode) totals() pullTotals {
	return pullTotals{commits: p.Commits.total(), reviews: p.Reviews.total()}
}

func (r *Reader) pull(node *pullNode) (fact.Pull, *fact.Missing) {
	pull, missing := node.full()
	if missing != nil {
		return fact.Pull{}, missing
	}
	if !r.madeBy(pull) { // nobody decides by it, so nobody need complete it
		pull.Commits, pull.Reviews = notCompleted(pull.Commits), notCompleted(pull.Reviews)
	}
	return pull, nil
}

// madeBy reports whether the merge of the pull request is the subject.
func (r *Reader) madeBy(pull fact.Pull) bool {
	return pull.Merged && pull.MergeCommit == r.subject.SHA
}

func notCompleted[T any](known fact.Known[T]) fact.Known[T] {
	if _, missing := known.Get(); missing != nil {
		return fact.Lost[T](fact.Missing{Reason: fact.NotAsked, Detail: "the subject is not the merge of this pull request"})
	}
	return known
}

// headMovedAt returns the newest event. The query asks for the last events, so
// the newest is among them however many there are.
func (p *pullNode) headMovedAt() fact.Known[time.Time] {
	events := p.Timeline
	if events == nil || events.Count == nil || *events.Count > 0 && len(events.Nodes) == 0 {
		return fact.Lost[time.Time](*incomplete(fmt.Sprintf("POST graphql: the answer does not hold the timeline of pull request %d", p.Number)))
	}
	var newest time.Time
	for _, event := range events.Nodes {
		if event == nil || event.CreatedAt.IsZero() {
			return fact.Lost[time.Time](*incomplete(fmt.Sprintf("POST graphql: an event of pull request %d has no time", p.Number)))
		}
		if event.CreatedAt.After(newest) {
			newest = event.CreatedAt.UTC()
		}
	}
	return fact.Of(newest, fact.Source{From: graphSource, URL: p.URL})
}

func (p *pullNode) commits() fact.Known[[]fact.PullCommit] {
	lost := fact.Lost[[]fact.PullCommit](*incomplete(fmt.Sprintf("POST graphql: %d of %d commits of pull request %d were listed", nodes(p.Commits), p.Commits.total(), p.Number)))
	if !p.Commits.whole() || len(p.Commits.Nodes) == 0 { // none without a commit
		return lost
	}
	commits := []fact.PullCommit{}
	seen := map[fact.SHA]bool{}
	for _, node := range p.Commits.Nodes {
		commit := fact.PullCommit{SHA: shaOf(node.Commit.OID), Author: node.Commit.Author.account(), Committer: node.Commit.Committer.account()}
		if commit.SHA == "" || seen[commit.SHA] {
			return lost
		}
		seen[commit.SHA] = true
		commits = append(commits, commit)
	}
	return fact.Of(commits, fact.Source{From: graphSource, URL: p.URL + "/commits"})
}

func (p *pullNode) reviews() fact.Known[[]fact.Review] {
	lost := fact.Lost[[]fact.Review](*incomplete(fmt.Sprintf("POST graphql: %d of %d reviews of pull request %d were listed", nodes(p.Reviews), p.Reviews.total(), p.Number)))
	if !p.Reviews.whole() {
		return lost
	}
	reviews := []fact.Review{}
	seen := map[int64]bool{}
	for _, node := range p.Reviews.Nodes {
		id, err := node.ID.Int64()
		if err != nil || id <= 0 || seen[id] || node.SubmittedAt.IsZero() || node.State == "" {
			return lost
		}
		seen[id] = true
		review := fact.Review{
			ID: id, URL: node.URL, State: reviewState(node.State),
			Author: node.Author.person(), At: node.SubmittedAt.UTC(),
		}
		if node.Commit != nil {
			review.Commit = shaOf(node.Commit.OID)
		}
		reviews = append(reviews, review)
	}
	sortReviews(reviews)
	return fact.Of(reviews, fact.Source{From: graphSource, URL: p.URL})
}

// nodes returns how many entries of a connection arrived.
func nodes[T any](c *connection[T]) int {
	if c == nil {
		return 0
	}
	return len(c.Nodes)
}

func reviewState(text string) fact.ReviewState { return fact.ReviewState(strings.ToLower(text)) }

// sortReviews orders reviews by time, and by number within a second.
func sortReviews(reviews []fact.Review) {
	order.By(reviews, func(a, b fact.Review) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
}

// Pulls completes the commits and reviews of the pull requests whose merge is
// the subject. All lists are read at once. The pull requests themselves, and
// everything that was whole already, are Overview's.
func (r *Reader) Pulls(ctx context.Context) fact.Known[[]fact.Pull] {
	seen := r.session()
	known, missing := seen.set.Pulls.Get()
	if missing != nil {
		return seen.set.Pulls
	}
	pulls := slices.Clone(known)
	var jobs []func()
	for i := range pulls {
		jobs = append(jobs, r.completing(ctx, &pulls[i], seen.totals[pulls[i].Number])...)
	}
	together(jobs)
	complete := fact.Of(pulls, seen.set.Pulls.Source())
	r.remember(func(seen *session) { seen.set.Pulls = complete })
	return complete
}

// completing returns the jobs that read the lists of a pull request which did
// not fit into the first answer.
func (r *Reader) completing(ctx context.Context, pull *fact.Pull, totals pullTotals) []func() {
	var jobs []func()
	asked := *pull // the jobs of one pull request write beside each other
	if isIncomplete(pull.Commits) {
		jobs = append(jobs, func() { pull.Commits = r.pullCommits(ctx, asked, totals.commits) })
	}
	if isIncomplete(pull.Reviews) {
		jobs = append(jobs, func() { pull.Reviews = r.pullReviews(ctx, asked, totals.reviews) })
	}
	return jobs
}

func isIncomplete[T any](known fact.Known[T]) bool {
	_, missing := known.Get()
	return missing != nil && missing.Reason == fact.Incomplete
}
