package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// NoOtherDeployment holds when no other run is deploying to the stage's
// environment. A record whose run has ended deploys nothing, whatever it says.
var NoOtherDeployment = register(Spec[noOtherDeployment]{
	ID:        "no-other-deployment",
	Firm:      true,
	Title:     "Nobody else is deploying to the stage",
	Since:     "0.1.0",
	Defaults:  noOtherDeployment{AbandonedAfter: "24h"},
	Configure: "no-other-deployment: {}",
	Validate: func(params noOtherDeployment, _ Terms) error {
		if params.AbandonedAfter == "" {
			return fmt.Errorf("abandoned-after: expected %s", durationWords)
		}
		if err := params.AbandonedAfter.validate(); err != nil {
			return fmt.Errorf("abandoned-after: %w", err)
		}
		return nil
	},
	Needs: func(_ noOtherDeployment, terms Terms) []fact.Need {
		return []fact.Need{{Kind: fact.NeedOpenDeployments, Key: terms.Stage.Environment}}
	},
	Suppose: supposesOther,
	Check:   checkNoOtherDeployment,
})

type noOtherDeployment struct {
	AbandonedAfter Duration `yaml:"abandoned-after" doc:"How long a record counts of which nobody can say which run it is of."`
}

func checkNoOtherDeployment(params noOtherDeployment, in Input) verdict.Finding {
	environment := in.Terms.Stage.Environment
	listed, missing := in.Facts.OpenDeploymentsTo(environment).Get()
	if missing != nil {
		return verdict.Lacking("who is deploying to "+environment, missing)
	}
	others, own := in.apart(listed)
	parts := []verdict.Finding{verdict.Passed("nobody else is deploying to " + environment)}
	var warnings []string
	for _, other := range others {
		if own.precedes(other) {
			continue
		}
		part := params.judge(in, other)
		warnings = append(warnings, part.Warnings...)
		parts = append(parts, part)
	}
	finding := together(parts)
	finding.Warnings = warnings
	return finding
}

// ownTurn is when the asking attempt began to deploy: the smallest number of its
// records, and the first moment at which one was in progress. The zero value
// precedes nothing.
type ownTurn struct {
	number int64
	began  time.Time
}

// apart tells the records of other runs, each once and by their numbers, from our
// own.
func (in Input) apart(listed []fact.OpenDeployment) (others []fact.OpenDeployment, own ownTurn) {
	sorted := slices.Clone(listed)
	order.By(sorted, func(a, b fact.OpenDeployment) int { return cmp.Compare(a.ID, b.ID) })
	sorted = order.Once(sorted, func(a, b fact.OpenDeployment) bool { return a.ID == b.ID })
	for _, each := range sorted {
		if each.RunID == 0 || each.RunID != in.Facts.Trigger.RunID {
			others = append(others, each)
			continue
		}
		if !in.isOfThisAttempt(each) {
			continue
		}
		if own.number == 0 {
			own.number = each.ID
		}
		if !each.Began.IsZero() && (own.began.IsZero() || each.Began.Before(own.began)) {
			own.began = each.Began
		}
	}
	return others, own
}

// isOfThisAttempt reports whether one of our records was made since this attempt of
// the run began. One that an earlier attempt left open says nothing of our turn:
// others began while nobody was deploying.
func (in Input) isOfThisAttempt(own fact.OpenDeployment) bool {
	if in.Facts.Trigger.RunAttempt <= 1 {
		return true
	}
	run, missing := own.Run.Get()
	return missing == nil && run.ID == own.RunID && !run.StartedAt.IsZero() && !own.CreatedAt.Before(run.StartedAt)
}

// precedes reports whether another record came after our own: it has the greater
// number, and was not in progress before. Of two runs that begin at the same
// moment just one precedes, so they do not both give up. The number alone would
// not do: a run that waited for its reviewers has an old one.
func (o ownTurn) precedes(other fact.OpenDeployment) bool {
	if o.number == 0 || other.ID < o.number {
		return false
	}
	if other.Began.IsZero() { // nobody said that it has begun, or it is not known
		return slices.Contains(notBegun, other.State)
	}
	return !o.began.IsZero() && !other.Began.Before(o.began)
}

// notBegun are the states of what is going to deploy.
var notBegun = []string{"", "pending", "queued"}

// judge answers about the record of another run.
func (p noOtherDeployment) judge(in Input, other fact.OpenDeployment) verdict.Finding {
	environment := in.Terms.Stage.Environment
	if !strings.EqualFold(other.Environment, environment) || other.ID <= 0 || other.CreatedAt.IsZero() {
		return verdict.Lacking("who is deploying to "+environment, &fact.Missing{
			Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked for deployments to %s, the answer has deployment %d to %q", environment, other.ID, other.Environment),
		})
	}
	if other.RunID == 0 {
		return p.judgeNameless(in, other, "names no workflow run")
	}
	run, missing := other.Run.Get()
	switch {
	case missing != nil && missing.Reason == fact.NotFound:
		return p.judgeNameless(in, other, fmt.Sprintf("names workflow run %d, which is not there", other.RunID))
	case missing != nil:
		return seeOpenDeployment(verdict.Lacking(fmt.Sprintf("how workflow run %d stands, which is deploying to %s,", other.RunID, environment), missing), other)
	case run.ID != other.RunID || run.Status == "":
		return verdict.Lacking(fmt.Sprintf("how workflow run %d stands", other.RunID), &fact.Missing{
			Reason: fact.Inconsistent, Detail: fmt.Sprintf("the answer is about run %d with the status %q", run.ID, run.Status),
		})
	case run.Status == "completed":
		return seeOpenDeployment(verdict.Passed("a record of a run that has ended was left open").
			Warn(fmt.Sprintf("%s, but its run %s has ended (%s) and nobody closed the record; %s", aboutOpen(other), run.URL, howEnded(run.Conclusion), closeOpen(in, other))), other)
	}
	return seeOpenDeployment(verdict.Waits("running", fmt.Sprintf("another run is deploying to %s: %s (%s); %s", environment, run.URL, run.Status, aboutOpen(other))).
		Because("Run the gate again when that run has ended, or cancel it.", "nobody: time solves it; whoever may cancel the run").
		See(fmt.Sprintf("run %d", run.ID), run.URL), other)
}

// judgeNameless answers about a record of which nobody knows whether anything is
// behind it. why says so.
func (p noOtherDeployment) judgeNameless(in Input, other fact.OpenDeployment, why string) verdict.Finding {
	at, missing := in.Facts.At.Get()
	if missing == nil && at.IsZero() {
		missing = &fact.Missing{Reason: fact.Incomplete, Detail: "the server's time is empty"}
	}
	if missing != nil {
		return seeOpenDeployment(verdict.Lacking("what time it is", missing), other)
	}
	newest := other.CreatedAt
	if other.Since.After(newest) {
		newest = other.Since
	}
	if age := at.Sub(newest); age > p.AbandonedAfter.Length() {
		return seeOpenDeployment(verdict.Passed("a record of nobody knows which run was left open").
			Warn(fmt.Sprintf("%s and %s; nothing was said of it for %s, so it counts as abandoned; %s", aboutOpen(other), why, formatLength(age), closeOpen(in, other))), other)
	}
	fix := fmt.Sprintf("Find out whether anybody is deploying. If nobody is, %s. It counts until %s.", closeOpen(in, other), stamp(newest.Add(p.AbandonedAfter.Length())))
	return seeOpenDeployment(verdict.Waits("unknown-run", fmt.Sprintf("somebody may be deploying to %s: %s and %s", in.Terms.Stage.Environment, aboutOpen(other), why)).
		Because(fix, "whoever may write deployments"), other)
}

// aboutOpen names a record and what it says.
func aboutOpen(other fact.OpenDeployment) string {
	by := "somebody whose account is gone"
	if other.Creator != nil {
		by = "@" + other.Creator.Login
	}
	state := "has no status"
	if other.State != "" {
		state = fmt.Sprintf("says %s since %s", shown(other.State), stamp(other.Since))
	}
	return fmt.Sprintf("deployment %d of %s by %s %s", other.ID, other.SHA.Short(), by, state)
}

// closeOpen is what closes a record that was left open.
func closeOpen(in Input, other fact.OpenDeployment) string {
	return fmt.Sprintf("close it: `gh api --method POST repos/%s/deployments/%d/statuses -f state=error`", in.Facts.Subject.Repository, other.ID)
}

func seeOpenDeployment(finding verdict.Finding, other fact.OpenDeployment) verdict.Finding {
	return finding.See(fmt.Sprintf("deployment %d", other.ID), other.URL)
}
