package githubtest

import (
	"fmt"
	"slices"
	"strings"
)

// milestone is a milestone with its number, which counts from 1.
type milestone struct {
	number int
	title  string
	closed bool
}

// buildTracker adds the labels that nobody has put anywhere yet and the
// milestones, and says which pull requests have which.
func (r *repository) buildTracker() error {
	for _, name := range r.world.Labels {
		if name == "" {
			return fmt.Errorf("labels: want a name")
		}
		r.labelCalled(name)
	}
	for i, listed := range r.world.Milestones {
		if listed.Title == "" || r.milestone(listed.Title) != nil {
			return fmt.Errorf("milestones: number %d: want a title of its own", i+1)
		}
		r.milestones = append(r.milestones, &milestone{number: i + 1, title: listed.Title, closed: listed.Closed})
	}
	for i, listed := range r.world.Issues {
		if err := r.inMilestone(listed.Milestone, &r.issues[i].milestone); err != nil {
			return fmt.Errorf("issues: %d: %w", listed.Number, err)
		}
	}
	for _, listed := range r.world.Pulls {
		if err := r.trackPull(listed); err != nil {
			return fmt.Errorf("pulls: %d: %w", listed.Number, err)
		}
	}
	return nil
}

// trackPull gives a pull request its labels and its milestone. Those of other
// repositories have none that are known here.
func (r *repository) trackPull(listed Pull) error {
	index := slices.IndexFunc(r.pulls, func(p *pull) bool { return p.is(listed.Number, r.world.Repository) })
	if listed.BaseRepository != "" && !strings.EqualFold(listed.BaseRepository, r.world.Repository) || index < 0 {
		if len(listed.Labels) > 0 || listed.Milestone != "" {
			return fmt.Errorf("labels and milestone: only for pull requests of %s", r.world.Repository)
		}
		return nil
	}
	for _, name := range listed.Labels {
		r.pulls[index].labels = append(r.pulls[index].labels, r.labelCalled(name))
	}
	return r.inMilestone(listed.Milestone, &r.pulls[index].milestone)
}

func (i *issue) state() string {
	if i.closed != "" {
		return "CLOSED"
	}
	return "OPEN"
}

// labelCalled returns the label of a name, which is made where there is none.
func (r *repository) labelCalled(name string) *label {
	key := strings.ToLower(name)
	if r.labels[key] == nil {
		r.labels[key] = &label{name: name}
	}
	return r.labels[key]
}

func (r *repository) inMilestone(title string, into **milestone) error {
	if title == "" {
		return nil
	}
	if *into = r.milestone(title); *into == nil {
		return fmt.Errorf("milestone: %q is not among milestones", title)
	}
	return nil
}

// milestone returns a milestone by its title, or nil.
func (r *repository) milestone(title string) *milestone {
	for _, each := range r.milestones {
		if each.title == title {
			return each
		}
	}
	return nil
}
