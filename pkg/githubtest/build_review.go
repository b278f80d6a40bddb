package githubtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

func (r *repository) buildPulls() error {
	for _, listed := range r.world.Pulls {
		if err := r.buildPull(listed); err != nil {
			return fmt.Errorf("pulls: %d: %w", listed.Number, err)
		}
	}
	slices.SortFunc(r.pulls, func(a, b *pull) int { return cmp.Compare(a.number, b.number) })
	return nil
}

func (r *repository) buildPull(listed Pull) error {
	base, err := r.elsewhere(listed.BaseRepository)
	if err != nil {
		return fmt.Errorf("base-repository: %w", err)
	}
	if listed.Number <= 0 || slices.ContainsFunc(r.pulls, func(p *pull) bool { return p.is(listed.Number, base.world.Repository) }) {
		return fmt.Errorf("want a number of its own, above 0")
	}
	p := &pull{
		id: 500_000 + int64(listed.Number), number: listed.Number, body: listed.Body, closed: listed.Closed,
		title: cmp.Or(listed.Title, fmt.Sprintf("Pull request %d", listed.Number)),
		base:  cmp.Or(listed.Base, r.world.DefaultBranch), head: cmp.Or(listed.Head, fmt.Sprintf("patch-%d", listed.Number)),
		merged: listed.MergedBy != "" || listed.MergeCommit != "", mergedAt: r.ago(listed.MergedMinutesAgo, 30),
		baseRepository: base,
	}
	for _, name := range listed.Commits {
		c, err := r.commit(name)
		if err != nil {
			return fmt.Errorf("commits: %w", err)
		}
		p.commits = append(p.commits, c)
	}
	if len(p.commits) == 0 {
		return fmt.Errorf("commits: want at least one")
	}
	p.createdAt = p.commits[0].committer.when
	if err := r.buildMerge(p, listed); err != nil {
		return err
	}
	if p.closes, err = r.closedBy(listed.Closes); err != nil {
		return fmt.Errorf("closes: %w", err)
	}
	for i, review := range listed.Reviews {
		if err := r.buildReview(p, review); err != nil {
			return fmt.Errorf("reviews: number %d: %w", i+1, err)
		}
	}
	r.buildTimeline(p, listed)
	if base == r {
		r.refs[fmt.Sprintf("refs/pull/%d/head", p.number)] = p.headCommit().id
	}
	r.pulls = append(r.pulls, p)
	return nil
}

// is tells pull requests apart: each repository counts its own.
func (p *pull) is(number int, repository string) bool {
	return p.number == number && strings.EqualFold(p.baseRepository.world.Repository, repository)
}

// elsewhere returns the repository that a pull request is in, or a workflow run
// is from: this one, or another of which no more than the name is known.
func (r *repository) elsewhere(full string) (*repository, error) {
	if full == "" || strings.EqualFold(full, r.world.Repository) {
		return r, nil
	}
	owner, name, ok := strings.Cut(full, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return nil, fmt.Errorf("%q; expected owner/name", full)
	}
	return &repository{
		world: World{Repository: full, RepositoryID: 1_000_000 + hashOf(full)%1_000_000, DefaultBranch: r.world.DefaultBranch, Time: r.world.Time},
		owner: owner, name: name, refs: r.refs,
		people: map[string]*person{strings.ToLower(owner): {id: hashOf(owner), login: owner, kind: "user"}},
	}, nil
}

// buildMerge looks up who made and merged a pull request, and as what.
func (r *repository) buildMerge(p *pull, listed Pull) (err error) {
	if p.author, err = r.maybe(listed.Author); err != nil {
		return fmt.Errorf("author: %w", err)
	}
	if p.mergedBy, err = r.maybe(listed.MergedBy); err != nil {
		return fmt.Errorf("merged-by: %w", err)
	}
	if listed.MergeCommit == "" {
		return nil
	}
	if p.mergeCommit, err = r.commit(listed.MergeCommit); err != nil {
		return fmt.Errorf("merge-commit: %w", err)
	}
	return nil
}

func (r *repository) buildReview(p *pull, listed Review) error {
	states := []string{"APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"}
	if !slices.Contains(states, listed.State) {
		return fmt.Errorf("state %q; expected one of %v", listed.State, states)
	}
	author, err := r.maybe(listed.By)
	if err != nil {
		return fmt.Errorf("by: %w", err)
	}
	reviewed := p.headCommit()
	if listed.Commit != "" {
		if reviewed, err = r.commit(listed.Commit); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
	}
	p.reviews = append(p.reviews, &review{
		id: 600_000 + int64(p.number)*100 + int64(len(p.reviews)), pull: p, author: author, state: listed.State,
		body: listed.Body, commit: reviewed, submitted: r.ago(listed.MinutesAgo, 45),
	})
	return nil
}

// buildTimeline lists what happened to a pull request, oldest first.
func (r *repository) buildTimeline(p *pull, listed Pull) {
	for _, c := range p.commits {
		p.timeline = append(p.timeline, &timelineItem{kind: "PullRequestCommit", at: c.committer.when, subject: pullCommit{p, c}})
	}
	for _, review := range p.reviews {
		p.timeline = append(p.timeline, &timelineItem{kind: "PullRequestReview", at: review.submitted, subject: review})
	}
	changes := []struct {
		kind    string
		minutes *int
	}{
		{"HeadRefForcePushedEvent", listed.HeadForced},
		{"BaseRefChangedEvent", listed.BaseChanged},
		{"BaseRefForcePushedEvent", listed.BaseForced},
		{"AutomaticBaseChangeSucceededEvent", listed.BaseAutoChanged},
	}
	for _, change := range changes {
		if change.minutes != nil {
			p.timeline = append(p.timeline, &timelineItem{kind: change.kind, at: r.ago(change.minutes, 0)})
		}
	}
	slices.SortStableFunc(p.timeline, func(a, b *timelineItem) int { return a.at.Compare(b.at) })
}

func (r *repository) buildStatuses() error {
	for i, listed := range r.world.Statuses {
		c, err := r.commit(listed.Commit)
		if err != nil {
			return fmt.Errorf("statuses: number %d: commit: %w", i+1, err)
		}
		creator, err := r.maybe(listed.By)
		if err != nil {
			return fmt.Errorf("statuses: number %d: by: %w", i+1, err)
		}
		states := []string{"success", "pending", "failure", "error"}
		state := cmp.Or(listed.State, "success")
		if listed.Context == "" || !slices.Contains(states, state) {
			return fmt.Errorf("statuses: number %d: want a context, and a state out of %v", i+1, states)
		}
		r.statuses = append(r.statuses, &status{
			id: 400_001 + int64(i), context: listed.Context, state: state, creator: creator, url: listed.URL,
			created: r.ago(listed.MinutesAgo, 60), commit: c,
		})
	}
	return nil
}

// statusesOf returns all statuses of a commit, newest first.
func (r *repository) statusesOf(c *commit) []*status {
	var all []*status
	for _, s := range r.statuses {
		if s.commit == c {
			all = append(all, s)
		}
	}
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b *status) int { return b.created.Compare(a.created) })
	return all
}

// contextsOf returns the newest status of each context, oldest context first.
func (r *repository) contextsOf(c *commit) []*status {
	var newest []*status
	for _, s := range r.statusesOf(c) {
		if !slices.ContainsFunc(newest, func(other *status) bool { return other.context == s.context }) {
			newest = append(newest, s)
		}
	}
	slices.Reverse(newest)
	return newest
}

// combinedState is GitHub's: pending when there is nothing.
func combinedState(statuses []*status) string {
	state := "success"
	if len(statuses) == 0 {
		return "pending"
	}
	for _, s := range statuses {
		switch s.state {
		case "failure", "error":
			return "failure"
		case "pending":
			state = "pending"
		}
	}
	return state
}

// pullsOf returns the pull requests that GitHub associates with a commit: those
// that hold it and the one that it merged.
func (r *repository) pullsOf(c *commit) []*pull {
	var all []*pull
	for _, p := range r.pulls {
		if p.mergeCommit == c || slices.Contains(p.commits, c) {
			all = append(all, p)
		}
	}
	return all
}
