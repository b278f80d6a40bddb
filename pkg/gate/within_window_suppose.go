package gate

import (
	"fmt"
	"time"

	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/fact"
)

// supposesWindow lets it be later: the next time at which the calendar is open, or at
// which it is not. Its part is an exception: With lets it be a freeze in which there is
// one, and Without a freeze in which there is none.
var supposesWindow = Supposing[withinWindow]{
	Noun: "window",
	Parts: func(params withinWindow, terms Terms) []string {
		found, err := terms.Calendars.Lookup(params.Calendar)
		if err == nil && params.Exception.given() && found.HasFreezes() {
			return []string{exceptional}
		}
		return nil
	},
	With: func(params withinWindow, in Supposed, part string) error {
		found, err := params.calendarIn(in)
		if err != nil {
			return err
		}
		opens, ok := found.Opens(in.Now())
		switch {
		case part == "" && ok:
			in.WaitUntil(opens)
			return nil
		case !params.Exception.given():
			return params.never("is not open")
		}
		return params.except(in, found)
	},
	Without: func(params withinWindow, in Supposed, part string) error {
		found, err := params.calendarIn(in)
		if err != nil {
			return err
		}
		params.unexcept(in)
		if part == exceptional {
			return params.freeze(in, found)
		}
		closes, ok := found.Closes(in.Now())
		if !ok {
			return params.never("is open all the time")
		}
		in.WaitUntil(closes)
		return nil
	},
}

func (p withinWindow) calendarIn(in Supposed) (calendar.Calendar, error) {
	if err := in.timed(); err != nil {
		return calendar.Calendar{}, err
	}
	return in.Terms.Calendars.Lookup(p.Calendar)
}

func (p withinWindow) never(what string) error {
	return fmt.Errorf("the calendar %s %s within the next %d days", p.Calendar, what, int(calendar.Horizon/(24*time.Hour)))
}

// freeze lets it be the next moment in a freeze at which the calendar would be open
// otherwise.
func (p withinWindow) freeze(in Supposed, of calendar.Calendar) error {
	for _, each := range of.Stretches(in.Now(), in.Now().Add(calendar.Horizon)) {
		opens, ok := of.WithoutFreezes().Opens(each.From)
		if len(each.Freezes) > 0 && ok && opens.Before(each.To) {
			in.WaitUntil(opens)
			return nil
		}
	}
	return p.never("is in no freeze that an exception would open")
}

// except lets it be a freeze, and as many people as it takes have made an exception.
func (p withinWindow) except(in Supposed, of calendar.Calendar) error {
	if err := p.freeze(in, of); err != nil {
		return err
	}
	p.unexcept(in)
	in.MergedPull(func(*fact.Pull) {})
	params := p.Exception.asApproved()
	excluded, refused := params.excluded(in.input())
	if refused != nil {
		return fmt.Errorf("nobody can make an exception: %s", refused.Reason)
	}
	var not []string
	for _, part := range params.Approvals[0].not() {
		for _, each := range excluded[part] {
			not = append(not, each.Login)
		}
	}
	for range params.Approvals[0].count() {
		holder, err := in.holder(p.Exception.By, not...)
		if err != nil {
			return err
		}
		not = append(not, holder.Login)
		title := fmt.Sprintf("Approve %s for %s as %s: supposed", in.Facts.Subject.SHA, in.Terms.Stage.Called(), exceptional)
		in.AddApproval(params.Workflow, title, holder, in.Now())
	}
	return nil
}

// unexcept takes away what anybody said of exceptions for the commit.
func (p withinWindow) unexcept(in Supposed) {
	if !p.Exception.given() {
		return
	}
	in.ChangeApprovals(p.Exception.asApproved().Workflow, func(runs []fact.ApprovalRun) []fact.ApprovalRun {
		left := []fact.ApprovalRun{}
		for _, run := range runs {
			words := title.FindStringSubmatch(run.Title)
			everything := words != nil && words[4] == "" && rejects(run.Title)
			if !in.Facts.Subject.SHA.NamedIn(run.Title) || !everything && !aboutException.MatchString(run.Title) {
				left = append(left, run)
			}
		}
		return left
	})
}
