package githubtest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// issue is an issue with its history.
type issue struct {
	number     int
	title      string
	closed     string // why, or "" while it is open
	repository *repository
	labels     []*label // that it has now
	timeline   []*labeled
	created    time.Time
	milestone  *milestone // or nil
}

// label is a label of the repository, which all issues that have it share.
type label struct{ name string }

// labeled is the event of a label that was put on an issue, or taken off.
type labeled struct {
	id    int
	off   bool
	label *label
	by    *person
	at    time.Time
}

func (r *repository) buildIssues() error {
	r.labels = map[string]*label{}
	for _, listed := range r.world.Issues {
		made, err := r.newIssue(listed)
		if err != nil {
			return fmt.Errorf("issues: %d: %w", listed.Number, err)
		}
		r.issues = append(r.issues, made)
	}
	return nil
}

func (r *repository) newIssue(listed Issue) (*issue, error) {
	if listed.Number <= 0 || r.issue(listed.Number) != nil {
		return nil, fmt.Errorf("want a number of its own, above 0")
	}
	if reasons := []string{"", "completed", "not_planned", "duplicate"}; !slices.Contains(reasons, listed.Closed) {
		return nil, fmt.Errorf("closed: %q; expected one of %q", listed.Closed, reasons[1:])
	}
	made := &issue{
		number: listed.Number, title: cmp.Or(r.spelled(listed.Title), fmt.Sprintf("Issue %d", listed.Number)), closed: listed.Closed,
		repository: r, created: r.world.Time.Add(-48 * time.Hour),
	}
	for _, each := range listed.Labels {
		if err := r.putLabel(made, each); err != nil {
			return nil, fmt.Errorf("labels: %s: %w", each.Name, err)
		}
	}
	slices.SortStableFunc(made.timeline, func(a, b *labeled) int { return a.at.Compare(b.at) })
	return made, nil
}

// putLabel puts a label on an issue, or takes it off again. GitHub does not tell
// the case of labels apart.
func (r *repository) putLabel(on *issue, listed IssueLabel) error {
	if listed.Name == "" {
		return errors.New("want a name")
	}
	by, err := r.maybe(listed.By)
	if err != nil {
		return fmt.Errorf("by: %w", err)
	}
	key := strings.ToLower(listed.Name)
	if r.labels[key] == nil {
		r.labels[key] = &label{name: listed.Name}
	}
	put := r.labels[key]
	for _, off := range []bool{false, true} {
		if !listed.Unseen && (!off || listed.Removed) {
			on.timeline = append(on.timeline, &labeled{id: on.number*1000 + len(on.timeline), off: off, label: put, by: by, at: r.ago(listed.MinutesAgo, 50)})
		}
	}
	on.labels = slices.DeleteFunc(on.labels, func(l *label) bool { return l == put })
	if !listed.Removed {
		on.labels = append(on.labels, put)
	}
	return nil
}

// issue returns an issue by its number, or nil.
func (r *repository) issue(number int) *issue {
	for _, each := range r.issues {
		if each.number == number {
			return each
		}
	}
	return nil
}

// closedBy returns the issues that a pull request closes: numbers, or
// owner/name#number for one of another repository.
func (r *repository) closedBy(listed []string) ([]*issue, error) {
	var all []*issue
	for _, text := range listed {
		where, digits, other := strings.Cut(text, "#")
		if !other {
			where, digits = "", text
		}
		number, err := strconv.Atoi(digits)
		if err != nil {
			return nil, fmt.Errorf("%q; expected a number or owner/name#number", text)
		}
		repository, err := r.elsewhere(where)
		if err != nil {
			return nil, err
		}
		found := &issue{number: number, title: fmt.Sprintf("Issue %d", number), repository: repository}
		if repository == r {
			if found = r.issue(number); found == nil {
				return nil, fmt.Errorf("%d is not among issues", number)
			}
		}
		all = append(all, found)
	}
	return all, nil
}
