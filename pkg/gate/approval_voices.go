package gate

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// voice is one person's yes or no, given in a way that GitHub records.
type voice struct {
	who fact.Person
	yes bool
	// name is the approval that it is for; "" stands for any.
	name string
	at   time.Time
	id   int64
	// source is the way in which it was given; from says where, url shows it.
	source    ApprovalSource
	pull      int // the number of the pull request, for a review
	from, url string
}

// heard is everything that was said about the commit and the stage.
type heard struct {
	voices []voice
	// ignored are texts about what was said and does not count; lost are those
	// about rejections, which are told even when nothing else is missing.
	ignored, lost []string
}

func (h *heard) ignore(rejection bool, why string) {
	if rejection {
		h.lost = append(h.lost, why)
		return
	}
	h.ignored = append(h.ignored, why)
}

// hear listens to every source that the policy names. The finding is not nil
// when one of them cannot be heard: a no could be among what is missing.
func (p approved) hear(in Input) (heard, *verdict.Finding) {
	var all heard
	since, refused := p.notBefore(in)
	if refused != nil {
		return all, refused
	}
	for _, source := range []struct {
		name   ApprovalSource
		listen func(Input, time.Time, *heard) *verdict.Finding
	}{{byDispatch, p.hearRuns}, {byReview, p.hearReviews}, {byEnvironment, p.hearEnvironment}} {
		if !slices.Contains(p.From, source.name) {
			continue
		}
		if refused := source.listen(in, since, &all); refused != nil {
			return all, refused
		}
	}
	slices.Sort(all.lost)
	all.lost = slices.Compact(all.lost)
	return all, nil
}

// notBefore returns when approvals begin to count.
func (p approved) notBefore(in Input) (time.Time, *verdict.Finding) {
	if !p.After.given() {
		return time.Time{}, nil
	}
	checks, missing := in.Facts.Checks.Get()
	if missing != nil {
		finding := verdict.Lacking("when the commit was deployed to the stage before", missing)
		return time.Time{}, &finding
	}
	results := newBoard([]Conclusion{success}, checks, askerOf(in.Facts)).named(namedCheck{Name: p.After.Job, Workflow: p.After.Workflow})
	var ended time.Time
	for _, result := range results {
		end := time.Time{}
		if result.outcome == verdict.Pass {
			end = lastEnd(checks, result)
		}
		if result.outcome == verdict.Unknown && result.missing != nil {
			finding := verdict.Lacking("when the commit was deployed to the stage before", result.missing)
			return time.Time{}, &finding
		}
		if result.outcome != verdict.Pass || end.IsZero() {
			finding := verdict.Waits("not-yet", fmt.Sprintf("approvals count after %q has succeeded on this commit, and it %s", p.After.Job, result.says)).
				Because("Have the job succeed on this commit first, then ask for the approvals.", "whoever deploys to the stage before")
			return time.Time{}, &finding
		}
		if end.After(ended) {
			ended = end
		}
	}
	return ended, nil
}

// lastEnd returns when the newest attempt of a check that passed ended.
func lastEnd(checks fact.Checks, passed result) time.Time {
	var ended time.Time
	for _, run := range checks.Runs {
		if run.ID == passed.number {
			ended = run.CompletedAt
		}
	}
	return ended
}

// hearRuns listens to the runs of the approval workflow.
func (p approved) hearRuns(in Input, since time.Time, all *heard) *verdict.Finding {
	runs, missing := in.Facts.ApprovalRunsOf(p.Workflow).Get()
	repository, missingRepository := in.Facts.Repository.Get()
	if missing == nil {
		missing = missingRepository
	}
	if missing == nil {
		runs, missing = distinctRuns(runs)
	}
	if missing != nil {
		finding := verdict.Lacking("who approved with "+p.Workflow, missing)
		return &finding
	}
	for _, run := range runs {
		given, why := p.titled(in, run.Title)
		if given == nil && why == "" {
			continue
		}
		if given != nil {
			why = p.whyNotRun(run, given.yes, repository.DefaultBranch)
		}
		if given != nil && given.yes && why == "" && !run.At.After(since) {
			why = fmt.Sprintf("was started at %s, and approvals count after %s", stamp(run.At), stamp(since))
		}
		if why != "" {
			all.ignore(rejects(run.Title), fmt.Sprintf("run %d%s %s", run.ID, starter(run), why))
			continue
		}
		given.who, given.at, given.id, given.source, given.from, given.url = *run.Actor, run.At, run.ID, byDispatch, fmt.Sprintf("run %d", run.ID), run.URL
		all.voices = append(all.voices, *given)
	}
	return nil
}

func starter(run fact.ApprovalRun) string {
	if run.Actor == nil {
		return ""
	}
	return " by @" + run.Actor.Login
}

// distinctRuns returns the runs, each once, in the order in which they began.
// Two different answers about one number are no answer.
func distinctRuns(runs []fact.ApprovalRun) ([]fact.ApprovalRun, *fact.Missing) {
	ordered := slices.Clone(runs)
	order.By(ordered, func(a, b fact.ApprovalRun) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), a.At.Compare(b.At), cmp.Compare(a.Title, b.Title), cmp.Compare(a.Attempt, b.Attempt))
	})
	ordered = order.Once(ordered, func(a, b fact.ApprovalRun) bool { return reflect.DeepEqual(a, b) })
	for i := 1; i < len(ordered); i++ {
		if ordered[i].ID == ordered[i-1].ID {
			return nil, &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("GitHub gave two different answers about run %d", ordered[i].ID)}
		}
	}
	return ordered, nil
}

// hearReviews listens to the reviews of the pull requests that brought the
// commit.
func (p approved) hearReviews(in Input, since time.Time, all *heard) *verdict.Finding {
	landed, unknown := in.findLanding()
	if unknown != nil {
		return unknown
	}
	if len(landed.pulls) == 0 {
		all.ignored = append(all.ignored, fmt.Sprintf("reviews, as no pull request was merged into %q as this commit%s", landed.branch, landed.explainOthers()))
	}
	for _, pull := range landed.pulls {
		story, unknown := readStory(pull)
		if unknown != nil {
			return unknown
		}
		elsewhere := in.mergedElsewhere(pull)
		for _, review := range story.opinions {
			where := fmt.Sprintf("review %d of #%d", review.ID, pull.Number)
			given := voice{who: *review.Author, at: review.At, id: review.ID, source: byReview, pull: pull.Number, from: where, url: review.URL}
			why := story.tooEarly(review, since)
			switch {
			case review.State == fact.ChangesRequested:
				all.voices = append(all.voices, given)
			case why != "":
				all.ignored = append(all.ignored, fmt.Sprintf("%s: @%s %s", where, review.Author.Login, why))
			case elsewhere != "":
				all.ignored = append(all.ignored, fmt.Sprintf("%s: @%s approved the pull request, and %s", where, review.Author.Login, elsewhere))
			default:
				given.yes = true
				all.voices = append(all.voices, given)
			}
		}
		all.hearGhosts(pull)
	}
	return nil
}

// hearGhosts tells of the reviews of accounts that are gone, which count for
// nothing.
func (h *heard) hearGhosts(pull fact.Pull) {
	reviews, missing := pull.Reviews.Get()
	if missing != nil {
		return // whoever reads the story says so
	}
	for _, review := range reviews {
		if review.Author == nil && (review.State == fact.Approved || review.State == fact.ChangesRequested) {
			h.ignore(review.State == fact.ChangesRequested, fmt.Sprintf("review %d of #%d by an account that is gone", review.ID, pull.Number))
		}
	}
}

// mergedElsewhere says why approving reviews of a pull request are none of the
// commit; "" when they are. Who merges on a machine of their own can put anything
// into it, and those who reviewed have not seen that. The head itself they saw.
func (in Input) mergedElsewhere(pull fact.Pull) string {
	if pull.Head != "" && pull.Head == in.Facts.Subject.SHA {
		return ""
	}
	commit, missing := in.commit()
	why := ""
	if missing == nil {
		why, missing = notMade(commit, pull)
	}
	if missing != nil {
		return "who made the commit is not known: " + missing.Error()
	}
	return why
}

// tooEarly says why an approval came before what it would have to approve; ""
// when it did not.
func (s story) tooEarly(review fact.Review, since time.Time) string {
	if why := s.stale(review); why != "" || review.At.After(since) {
		return why
	}
	return fmt.Sprintf("approved at %s, and approvals count after %s", stamp(review.At), stamp(since))
}

// hearEnvironment listens to what was said of this run's environment. Whoever
// asks before GitHub has asked for reviews hears nothing.
func (p approved) hearEnvironment(in Input, _ time.Time, all *heard) *verdict.Finding {
	reviews, missing := in.Facts.RunReviews.Get()
	if missing != nil {
		finding := verdict.Lacking("who reviewed the environment "+in.Terms.Stage.Environment, missing)
		return &finding
	}
	for _, review := range reviews {
		here := slices.ContainsFunc(review.Environments, func(name string) bool {
			return in.Terms.Stage.Environment != "" && strings.EqualFold(name, in.Terms.Stage.Environment)
		})
		switch {
		case !here || review.State != "approved" && review.State != "rejected":
		case review.User == nil:
			all.ignore(review.State == "rejected", "a review of the environment by an account that is gone")
		case review.State == "approved" && in.Facts.Subject.Chosen:
			all.ignored = append(all.ignored, fmt.Sprintf("the review of the environment by @%s: GitHub asked about this run, which is not of the commit that would be deployed", review.User.Login))
		default:
			all.voices = append(all.voices, voice{
				who: *review.User, yes: review.State == "approved", source: byEnvironment, from: "the review of the environment " + in.Terms.Stage.Environment, url: in.Facts.Trigger.RunURL,
			})
		}
	}
	return nil
}
