package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// supposesApproval lets people approve, in the first way that the policy takes.
// Without an approval nobody gave it, in any way.
var supposesApproval = Supposing[approved]{
	Noun:  "approval",
	Parts: func(params approved, _ Terms) []string { return params.names() },
	With: func(params approved, in Supposed, part string) error {
		return params.give(in, part, time.Time{})
	},
	Without: func(params approved, in Supposed, part string) error {
		params.silence(in, part)
		return nil
	},
}

func (p approved) names() []string {
	names := make([]string, len(p.Approvals))
	for i, each := range p.Approvals {
		names[i] = each.Name
	}
	return names
}

// give lets people give an approval after a time; every one, where part is "".
func (p approved) give(in Supposed, part string, after time.Time) error {
	source, err := p.source(in)
	if err != nil {
		return err
	}
	p.listen(in)
	if source == byReview {
		in.mergeOnGitHub()
	}
	since, err := p.opened(in)
	if err != nil {
		return err
	}
	if since.After(after) {
		after = since
	}
	p.unsay(in, func(each voice) bool { return !each.yes && (part == "" || each.name == "" || each.name == part) })
	chosen, err := p.choose(in, part)
	if err != nil {
		return err
	}
	for i, each := range p.Approvals {
		for _, one := range chosen[i] {
			p.say(in, source, each.Name, in.enlist(each.By, one.who.Login), after)
		}
	}
	return nil
}

// source returns the first way to approve that is open to the run.
func (p approved) source(in Supposed) (ApprovalSource, error) {
	for _, each := range p.From {
		if each != byEnvironment || in.Terms.Stage.Environment != "" && !in.Facts.Subject.Chosen {
			return each, nil
		}
	}
	return "", errors.New("the review of an environment is of the run's own commit, and this run is about another one, so it can never approve that")
}

// listen lets it be known what was said so far, and who did the work.
func (p approved) listen(in Supposed) {
	in.Attribute()
	in.ChangeApprovals(p.Workflow, func(runs []fact.ApprovalRun) []fact.ApprovalRun { return runs })
	suppose.Change(&in.Facts.RunReviews, func(*[]fact.RunReview) {})
	if in.Facts.Subject.Ref.Kind() == fact.TagRef {
		suppose.Change(&in.Facts.Tag, func(*fact.Tag) {})
	}
	if _, refused := p.notBefore(in.input()); refused != nil && refused.Outcome == verdict.Unknown {
		in.dropJobs(p.After.Workflow, p.After.Job)
	}
	if from, ranged := p.since().from(); ranged && p.workInRange(in.input(), make(parts)) != nil {
		in.write(func() { in.Since(from) })
	}
}

// opened returns since when approvals count, and lets the job succeed after which
// they do.
func (p approved) opened(in Supposed) (time.Time, error) {
	since, refused := p.notBefore(in.input())
	if refused != nil {
		in.AddJob(suppose.Job{Workflow: p.After.Workflow, Name: p.After.Job, Started: in.After(), Took: 5 * time.Minute})
		since, refused = p.notBefore(in.input())
	}
	if refused != nil {
		return since, errors.New(refused.Reason)
	}
	return since, nil
}

// say adds what one person says.
func (p approved) say(in Supposed, source ApprovalSource, name string, who fact.Person, after time.Time) {
	switch source {
	case byDispatch:
		said := fmt.Sprintf("Approve %s for %s as %s", in.Facts.Subject.SHA, in.Terms.Stage.Called(), name)
		in.AddApproval(p.Workflow, said, who, in.After(after))
	case byReview:
		in.AddReview(who, after)
	case byEnvironment:
		suppose.Change(&in.Facts.RunReviews, func(reviews *[]fact.RunReview) {
			*reviews = append(slices.Clone(*reviews), fact.RunReview{State: "approved", User: &who, Environments: []string{in.Terms.Stage.Environment}})
		})
	}
}

// choose returns who gives the approvals, by their places in the policy: all of them
// different people, and different from those who give the other approvals.
func (p approved) choose(in Supposed, part string) (map[int][]choice, error) {
	excluded, refused := p.excluded(in.input())
	var said heard
	if refused == nil {
		said, refused = p.hear(in.input())
	}
	if refused != nil {
		return nil, errors.New(refused.Reason)
	}
	ballots, all := make([]ballot, len(p.Approvals)), 0
	for _, each := range p.Approvals {
		all += each.count()
	}
	for i, each := range p.Approvals {
		ballots[i].approval = each
		if part == "" || part == each.Name {
			ballots[i].yes = in.candidates(each.By, all, func(who fact.Person) bool { return excluded.why(who, each.not()) == "" })
			continue
		}
		for _, one := range said.speakers() {
			ballots[i].add(in.input(), one, excluded)
		}
	}
	made, chosen := assign(ballots, func(b ballot) []choice { return b.yes }), map[int][]choice{}
	for i, each := range p.Approvals {
		if part != "" && part != each.Name {
			continue
		}
		if chosen[i] = made.of(i); len(chosen[i]) < each.count() {
			return nil, fmt.Errorf("the approval %s takes %s of role %s, and only %d can give it beside the other approvals: everybody counts once, and not who is %s",
				each.Name, plural(each.count(), "person", "people"), each.By, len(chosen[i]), partsOf(each.not()))
		}
	}
	return chosen, nil
}

func partsOf(list []Part) string {
	words := make([]string, len(list))
	for i, each := range list {
		words[i] = string(each)
	}
	return strings.Join(words, " or ")
}

// candidates returns so many people who can hold a role and may: all users of it, and
// where it goes by more than names, people whom nobody knows.
func (in Supposed) candidates(name RoleName, enough int, may func(fact.Person) bool) []choice {
	role, err := in.Terms.Roles.Lookup(name)
	if err != nil {
		return nil
	}
	var found []choice
	for _, login := range role.Users {
		if who := in.Person(login); may(who) {
			found = append(found, choice{who: who})
		}
	}
	for number := 1; len(found) < enough && (role.Permission != "" || len(role.Teams) > 0); number++ {
		if who := in.Person(fmt.Sprintf("%s-%d", name, number)); may(who) {
			found = append(found, choice{who: who})
		}
	}
	return found
}

// enlist lets a person hold a role.
func (in Supposed) enlist(name RoleName, login string) fact.Person {
	role, err := in.Terms.Roles.Lookup(name)
	if err != nil || isAmong(role.Users, login) {
		return in.Grant(login, fact.ReadPermission)
	}
	return in.enrol(role, login)
}

// silence takes an approval away, every one where part is "": what was said for it,
// and as far as that is not enough, what was said for any.
func (p approved) silence(in Supposed, part string) {
	p.listen(in)
	p.After = deployedBy{} // what was said before that is taken away, too
	p.unsay(in, func(each voice) bool { return each.yes && each.name != "" && (part == "" || each.name == part) })
	for _, source := range byDispatch.Values() {
		given := func(each namedApproval) bool {
			alone := p
			alone.Approvals = []namedApproval{each}
			return (part == "" || part == each.Name) && checkApproved(alone, in.input()).Outcome == verdict.Pass
		}
		if slices.ContainsFunc(p.Approvals, given) {
			p.unsay(in, func(each voice) bool { return each.yes && each.name == "" && each.source == ApprovalSource(source) })
		}
	}
}

// unsay takes away what was said, where it was that.
func (p approved) unsay(in Supposed, that func(voice) bool) {
	p.After = deployedBy{}
	said, refused := p.hear(in.input())
	if refused != nil {
		return // then nothing that was said counts
	}
	gone := make(map[ApprovalSource][]int64)
	for _, each := range said.voices {
		if !that(each) {
			continue
		}
		gone[each.source] = append(gone[each.source], each.id)
		if each.source == byEnvironment {
			suppose.Change(&in.Facts.RunReviews, func(reviews *[]fact.RunReview) {
				*reviews = slices.DeleteFunc(slices.Clone(*reviews), func(one fact.RunReview) bool {
					return (one.State == "approved") == each.yes && one.User != nil && samePerson(one.User, &each.who)
				})
			})
		}
	}
	in.ChangeApprovals(p.Workflow, func(runs []fact.ApprovalRun) []fact.ApprovalRun {
		return slices.DeleteFunc(runs, func(run fact.ApprovalRun) bool { return slices.Contains(gone[byDispatch], run.ID) })
	})
	in.ChangeReviews(func(each *fact.Review) bool {
		if !slices.Contains(gone[byReview], each.ID) {
			return true
		}
		objected := each.State == fact.ChangesRequested
		each.State = fact.Dismissed
		return objected
	})
}
