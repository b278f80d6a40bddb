package githubtest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Activity is an entry of the history of a branch. None comes of itself: a World
// lists those that a story is about.
type Activity struct {
	// Type is force_push (when empty), push, branch_creation, branch_deletion,
	// pr_merge or merge_queue_merge.
	Type   string `yaml:"type"`
	Branch string `yaml:"branch"` // the default branch when empty
	By     string `yaml:"by"`     // login
	// From and To are names of commits; empty where there was no branch.
	From       string `yaml:"from"`
	To         string `yaml:"to"`
	MinutesAgo *int   `yaml:"minutes-ago"` // 30 when left out
}

// activity is an Activity worked out; before and after are ids.
type activity struct {
	id            int64
	kind, ref     string
	before, after string
	actor         *person
	at            time.Time
}

func activityTypes() []string {
	return []string{"push", "force_push", "branch_deletion", "branch_creation", "pr_merge", "merge_queue_merge"}
}

func (r *repository) buildActivities() error {
	for i, listed := range r.world.Activity {
		made, err := r.newActivity(listed)
		if err != nil {
			return fmt.Errorf("activity: number %d: %w", i+1, err)
		}
		made.id = 900_000 + int64(i)
		r.activities = append(r.activities, made)
	}
	slices.SortStableFunc(r.activities, func(a, b *activity) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id)) })
	return nil
}

func (r *repository) newActivity(listed Activity) (*activity, error) {
	made := &activity{
		kind: cmp.Or(listed.Type, "force_push"), ref: "refs/heads/" + cmp.Or(listed.Branch, r.world.DefaultBranch), at: r.ago(listed.MinutesAgo, 30),
	}
	if !slices.Contains(activityTypes(), made.kind) {
		return nil, fmt.Errorf("type %q; expected one of %v", made.kind, activityTypes())
	}
	if (listed.From == "") != (made.kind == "branch_creation") || (listed.To == "") != (made.kind == "branch_deletion") {
		return nil, fmt.Errorf("a %s from %q to %q; only a branch that is made comes from nothing, and only a deleted one goes to it", made.kind, listed.From, listed.To)
	}
	var err error
	if made.actor, err = r.person(listed.By); err != nil {
		return nil, fmt.Errorf("by: %w", err)
	}
	if made.before, err = r.idOrNothing(listed.From); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if made.after, err = r.idOrNothing(listed.To); err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	return made, nil
}

// idOrNothing is the id of a commit, or git's word for no object.
func (r *repository) idOrNothing(name string) (string, error) {
	if name == "" {
		return strings.Repeat("0", 40), nil
	}
	c, err := r.commit(name)
	if err != nil {
		return "", err
	}
	return c.id, nil
}

func activityRoutes() []route {
	return []route{{
		pattern: "/activity", permission: "contents", answer: listActivities,
		parameters: []string{"direction", "per_page", "before", "after", "ref", "actor", "time_period", "activity_type"},
	}}
}

// listActivities lists activities, newest first. Its pages have cursors and no
// numbers.
func listActivities(r restRequest) answer {
	if kind := r.query.Get("activity_type"); kind != "" && !slices.Contains(activityTypes(), kind) {
		return failure(http.StatusUnprocessableEntity, "activity_type is not one that there is")
	}
	ref := r.query.Get("ref")
	if ref != "" && !strings.HasPrefix(ref, "refs/") {
		ref = "refs/heads/" + ref
	}
	found := kept(r.repo.activities, func(a *activity) bool {
		return (ref == "" || a.ref == ref) && r.wants("activity_type", a.kind)
	})
	return byCursor(r, found, http.StatusUnprocessableEntity, r.activity)
}

func (r restRequest) activity(a *activity) doc {
	return doc{
		"id": a.id, "node_id": nodeID("PushEvent", a.id), "before": a.before, "after": a.after, "ref": a.ref,
		"timestamp": instant(a.at), "activity_type": a.kind, "actor": simpleUser(r.site, a.actor),
	}
}
