package githubtest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
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
	head := fmt.Sprintf("refs/pull/%d/head", listed.Number)
	if listed.Number <= 0 || r.refs[head] != "" {
		return fmt.Errorf("want a number of its own, above 0")
	}
	p := &pull{
		id: 500_000 + int64(listed.Number), number: listed.Number, body: listed.Body, closed: listed.Closed,
		title: cmp.Or(listed.Title, fmt.Sprintf("Pull request %d", listed.Number)),
		base:  cmp.Or(listed.Base, r.world.DefaultBranch), head: cmp.Or(listed.Head, fmt.Sprintf("patch-%d", listed.Number)),
		merged: listed.MergedBy != "" || listed.MergeCommit != "", mergedAt: r.ago(listed.MergedMinutesAgo, 30),
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
	for i, review := range listed.Reviews {
		if err := r.buildReview(p, review); err != nil {
			return fmt.Errorf("reviews: number %d: %w", i+1, err)
		}
	}
	r.buildTimeline(p, listed)
	r.refs[head] = p.headCommit().id
	r.pulls = append(r.pulls, p)
	return nil
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

func (r *repository) buildChecks() error {
	for i, listed := range r.world.Checks {
		if err := r.buildCheck(i, listed); err != nil {
			return fmt.Errorf("checks: %s: %w", cmp.Or(listed.Name, fmt.Sprintf("number %d", i+1)), err)
		}
	}
	return nil
}

func (r *repository) buildCheck(position int, listed Check) error {
	c, err := r.commit(listed.Commit)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	state, conclusion, err := checkState(listed)
	if err != nil {
		return err
	}
	if (listed.RunID == 0) != (listed.Workflow == "") {
		return fmt.Errorf("want both workflow and run-id, or neither")
	}
	s := r.suiteOf(c, listed)
	done := r.ago(listed.MinutesAgo, 60)
	run := &checkRun{id: 300_001 + int64(position), name: listed.Name, status: state, conclusion: conclusion, suite: s}
	switch state {
	case "completed":
		run.started, run.completed = done.Add(-time.Minute), done
	case "in_progress":
		run.started = done
	}
	if s.run != nil && s.run.path != listed.Workflow {
		return fmt.Errorf("workflow: run %d is of %s", listed.RunID, s.run.path)
	}
	s.runs = append(s.runs, run)
	return nil
}

func checkState(listed Check) (state, conclusion string, err error) {
	state, conclusion = cmp.Or(listed.Status, "completed"), listed.Conclusion
	states := []string{"queued", "in_progress", "completed", "waiting", "requested", "pending"}
	conclusions := []string{"success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"}
	switch {
	case listed.Name == "":
		return "", "", fmt.Errorf("name is missing")
	case !slices.Contains(states, state):
		return "", "", fmt.Errorf("status %q; expected one of %v", state, states)
	case state != "completed" && conclusion != "":
		return "", "", fmt.Errorf("conclusion: a check that is %s has none", state)
	case state != "completed":
		return state, "", nil
	}
	conclusion = cmp.Or(conclusion, "success")
	if !slices.Contains(conclusions, conclusion) {
		return "", "", fmt.Errorf("conclusion %q; expected one of %v", conclusion, conclusions)
	}
	return state, conclusion, nil
}

// suiteOf returns the suite of a check, making it when it is the first there.
func (r *repository) suiteOf(c *commit, listed Check) *suite {
	owner := r.app(cmp.Or(listed.App, "github-actions"))
	for _, s := range r.suites {
		sameRun := s.run == nil && listed.RunID == 0 || s.run != nil && s.run.id == listed.RunID
		if s.commit == c && s.app == owner && sameRun {
			return s
		}
	}
	s := &suite{id: 200_001 + int64(len(r.suites)), app: owner, commit: c}
	if listed.RunID != 0 {
		s.run = &workflowRun{
			id: listed.RunID, number: len(r.suites) + 1, path: listed.Workflow, event: cmp.Or(listed.Event, "push"),
			branch: r.world.DefaultBranch, suite: s, created: r.ago(listed.MinutesAgo, 60),
		}
	}
	r.suites = append(r.suites, s)
	return s
}

// app returns the app of a slug; GitHub Actions has the id it has on github.com.
func (r *repository) app(slug string) *app {
	if r.apps[slug] == nil {
		a := &app{id: 100_000 + hashOf(slug)%900_000, slug: slug, name: slug}
		if slug == "github-actions" {
			a.id, a.name = 15368, "GitHub Actions"
		}
		r.apps[slug] = a
	}
	return r.apps[slug]
}

// latest returns the newest attempt of each name in a suite.
func (s *suite) latest() []*checkRun {
	var newest []*checkRun
	for _, run := range s.runs {
		older := slices.IndexFunc(newest, func(other *checkRun) bool { return other.name == run.name })
		switch {
		case older < 0:
			newest = append(newest, run)
		case !run.started.Before(newest[older].started):
			newest[older] = run
		}
	}
	return newest
}

// verdict returns the status and conclusion of the suite as a whole.
func (s *suite) verdict() (state, conclusion string) {
	conclusion = "success"
	for _, run := range s.latest() {
		if run.status != "completed" {
			return run.status, ""
		}
		if !slices.Contains([]string{"success", "neutral", "skipped"}, run.conclusion) {
			conclusion = run.conclusion
		}
	}
	return "completed", conclusion
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

// suitesOf returns the check suites of a commit.
func (r *repository) suitesOf(c *commit) []*suite {
	var all []*suite
	for _, s := range r.suites {
		if s.commit == c {
			all = append(all, s)
		}
	}
	return all
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
