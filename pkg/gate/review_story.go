package gate

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// story is what happened in one pull request: who worked on it, when its
// head last moved, and what everybody thought of it in the end.
type story struct {
	pull    fact.Pull
	commits []fact.PullCommit
	movedAt time.Time
	// opinions has each person's last word, ordered by account.
	opinions []fact.Review
	// ghosts is true when an account that is gone approved. It counts for
	// nothing and is told.
	ghosts bool
}

// readStory returns the story of a pull request, or the finding that part of
// it is not known.
func readStory(pull fact.Pull) (story, *verdict.Finding) {
	number := fmt.Sprintf("#%d", pull.Number)
	movedAt, missing := pull.HeadMovedAt.Get()
	if missing != nil {
		return lostStory("when the head of "+number+" last moved", missing)
	}
	commits, missing := wholeCommits(pull)
	if missing != nil {
		return lostStory("the commits of "+number, missing)
	}
	reviews, missing := pull.Reviews.Get()
	if missing == nil && slices.ContainsFunc(reviews, func(r fact.Review) bool { return opinionated(r.State) && r.At.IsZero() }) {
		missing = &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub did not say when one of them was given"}
	}
	if missing == nil {
		missing = contradictory(reviews)
	}
	if missing != nil {
		return lostStory("the reviews of "+number, missing)
	}
	ghosts := slices.ContainsFunc(reviews, func(r fact.Review) bool { return r.Author == nil && r.State == fact.Approved })
	return story{pull: pull, commits: commits, movedAt: movedAt, opinions: lastWords(reviews), ghosts: ghosts}, nil
}

// wholeCommits returns the commits of a pull request, which hold its head.
func wholeCommits(pull fact.Pull) ([]fact.PullCommit, *fact.Missing) {
	commits, missing := pull.Commits.Get()
	if missing == nil && !slices.ContainsFunc(commits, func(c fact.PullCommit) bool { return c.SHA != "" && c.SHA == pull.Head }) {
		missing = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("its head %s is not among them", orNothing(string(pull.Head)))}
	}
	return commits, missing
}

// contradictory tells of a review that is there twice and not the same: which
// of the two is true cannot be known, and either could be what decides.
func contradictory(reviews []fact.Review) *fact.Missing {
	byID := map[int64]fact.Review{}
	var twice []int64
	for _, review := range reviews {
		if earlier, seen := byID[review.ID]; seen && !reflect.DeepEqual(earlier, review) {
			twice = append(twice, review.ID)
		}
		byID[review.ID] = review
	}
	if len(twice) == 0 {
		return nil
	}
	return &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("GitHub gave two different answers about review %d", slices.Min(twice))}
}

func lostStory(what string, missing *fact.Missing) (story, *verdict.Finding) {
	finding := verdict.Lacking(what, missing)
	return story{}, &finding
}

// unattributed returns the finding about work that GitHub attributes to
// nobody: its author could be the one who approved. It is nil when everything
// is attributed.
func (s story) unattributed() *verdict.Finding {
	if s.pull.Author == nil {
		finding := verdict.Failed("unattributed", fmt.Sprintf("#%d has no author any more, so nobody can tell who may not approve it", s.pull.Number)).
			Because("Bring the change in through a new pull request.", "whoever takes the change over")
		return &finding
	}
	var nobodys []string
	for _, commit := range s.commits {
		if !attributes(commit.Author) && !attributes(commit.Committer) {
			nobodys = append(nobodys, commit.SHA.Short())
		}
	}
	if len(nobodys) == 0 {
		return nil
	}
	slices.Sort(nobodys)
	finding := verdict.Failed("unattributed", fmt.Sprintf("GitHub links no account to the author or the committer of %s in #%d: the e-mail belongs to nobody there, and whoever wrote it could be the one who approved", listed(slices.Compact(nobodys), ", ", 10), s.pull.Number)).
		Because("Add the e-mail of the commit to the account of whoever wrote it, then run again; or bring the change in anew with an e-mail that is linked.", "whoever wrote the commit")
	return &finding
}

// attributes reports whether an account says who wrote a commit.
func attributes(account *fact.Person) bool {
	return account != nil && fact.LoginKey(account.Login) != webFlow
}

// whyNot says why an approval does not count whatever its author may do; ""
// when it does.
func (s story) whyNot(review fact.Review) string {
	switch {
	case samePerson(review.Author, s.pull.Author):
		return "opened the pull request"
	case s.workedOn(review.Author):
		return "wrote or committed part of it"
	}
	return s.stale(review)
}

// stale says why an approval is none any more, or never was one of what was
// merged; "" when it is.
func (s story) stale(review fact.Review) string {
	switch {
	case review.State == fact.Dismissed:
		return "approved or objected, and the review was dismissed"
	case review.Commit != s.pull.Head:
		return fmt.Sprintf("approved %s, the head is %s", orNothing(review.Commit.Short()), orNothing(s.pull.Head.Short()))
	case !review.At.After(s.movedAt):
		// GitHub re-points approvals to the new head after some force pushes
		// and base changes, so the commit alone proves nothing.
		return fmt.Sprintf("approved at %s, the head or the base changed at %s", stamp(review.At), stamp(s.movedAt))
	}
	return ""
}

func (s story) workedOn(person *fact.Person) bool {
	return slices.ContainsFunc(s.commits, func(commit fact.PullCommit) bool {
		return samePerson(person, commit.Author) || samePerson(person, commit.Committer)
	})
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// opinionated reports whether a review of this state replaces an earlier one
// of the same person; a comment does not.
func opinionated(state fact.ReviewState) bool { return gravity(state) > 0 }

// gravity orders the opinions; of two that were given at one time the graver
// counts. The numbers of reviews do not help: GitHub gives them out when a
// review is begun, not when it is submitted.
func gravity(state fact.ReviewState) int {
	switch state {
	case fact.Approved:
		return 1
	case fact.Dismissed:
		return 2
	case fact.ChangesRequested:
		return 3
	case fact.Commented:
	}
	return 0
}

// account identifies a person: by number, or by login where there is none.
type account struct {
	id    int64
	login string
}

func accountOf(person fact.Person) account {
	if person.ID != 0 {
		return account{id: person.ID}
	}
	return account{login: fact.LoginKey(person.Login)}
}

// lastWords returns each person's newest opinion. A dismissed review revives
// nothing. Reviews of accounts that are gone are left out: nobody stands
// behind them.
func lastWords(reviews []fact.Review) []fact.Review {
	last := map[account]fact.Review{}
	for _, review := range reviews {
		if review.Author == nil || !opinionated(review.State) {
			continue
		}
		who := accountOf(*review.Author)
		if earlier, ok := last[who]; !ok || compareOpinions(earlier, review) < 0 {
			last[who] = review
		}
	}
	people := slices.Collect(maps.Keys(last))
	order.By(people, func(a, b account) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.login, b.login))
	})
	opinions := make([]fact.Review, len(people))
	for i, who := range people {
		opinions[i] = last[who]
	}
	return opinions
}

// compareOpinions orders by time, then by gravity; the number only keeps the
// order the same when everything else is.
func compareOpinions(a, b fact.Review) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(gravity(a.State), gravity(b.State)), cmp.Compare(a.ID, b.ID))
}
