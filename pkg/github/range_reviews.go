package github

import (
	"context"
	_ "embed" // the query
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

//go:embed pull.graphql
var pullFragment string

const rangeReviewsSource = graphSource + " and " + activitySource

// pullsAtOnce is how many pull requests one request asks for.
const pullsAtOnce = 10

// RangeReviews reads how the commits of a range were reviewed: the pull requests
// that were merged into the branch as one of them, or as the commit before them,
// and who moved the branch in another way than forward. The branch is the
// subject's; for a tag, the default branch.
//
// Which pull requests those are, the range says. Each is asked for by its number
// in this repository, and an answer about another number, or one into another
// repository, is Inconsistent. One that cannot be read loses them all: its
// commits could be any. The lists of one that are too long for the first answer
// are completed as those of Pulls; what stays missing is missing there alone.
// So are the movements of the branch.
//
// Requests: one for every 10 pull requests and three for the movements, all at
// once; then those that complete lists, at once.
func (r *Reader) RangeReviews(ctx context.Context, span fact.Range) fact.Known[fact.RangeReviews] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[fact.RangeReviews](*missing)
	}
	branch := r.landingBranch()
	if branch == "" {
		return fact.Lost[fact.RangeReviews](*incomplete("which branch is the default branch has not been read"))
	}
	chunks := slices.Collect(slices.Chunk(mergedIn(span, branch), pullsAtOnce))
	read, lost := make([][]fact.Pull, len(chunks)), make([]*fact.Missing, len(chunks))
	found := fact.RangeReviews{Branch: branch}
	jobs := []func(){func() { found.Rewrites = r.rewrites(ctx, branch) }}
	for i, numbers := range chunks {
		jobs = append(jobs, func() { read[i], lost[i] = r.pullsNumbered(ctx, numbers) })
	}
	together(jobs)
	for _, missing := range lost {
		if missing != nil {
			return fact.Lost[fact.RangeReviews](*missing)
		}
	}
	found.Pulls = append([]fact.Pull{}, slices.Concat(read...)...)
	return fact.Of(found, fact.Source{From: rangeReviewsSource, URL: r.session().set.Repository.OrZero().URL + "/activity"})
}

// landingBranch is the branch that a merge has to end in; "" when it is not known.
func (r *Reader) landingBranch() string {
	if r.subject.Ref.Kind() == fact.Branch {
		return r.subject.Ref.Name()
	}
	return r.session().set.Repository.OrZero().DefaultBranch
}

// mergedIn returns the numbers of the pull requests that were merged into the
// branch as a commit of the range or as its base, each once and in order.
func mergedIn(span fact.Range, branch string) []int {
	var numbers []int
	for _, each := range append([]fact.RangeCommit{span.Base}, span.Commits...) {
		for _, pull := range each.Pulls {
			if pull.Merged && pull.Base == branch && pull.MergeCommit != "" && pull.MergeCommit == each.Commit.SHA {
				numbers = append(numbers, pull.Number)
			}
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// pullsNumbered asks one question about some pull requests, and completes them.
func (r *Reader) pullsNumbered(ctx context.Context, numbers []int) ([]fact.Pull, *fact.Missing) {
	answer, missing := ask[aliasAnswer](ctx, r, pullsQuery(numbers), map[string]string{"owner": r.owner, "name": r.name})
	if missing == nil {
		missing = answer.Errors.at(fact.NeedRangeReviews.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameAliases(answer.Data.Repository)
	}
	if missing != nil {
		return nil, missing
	}
	pulls := make([]fact.Pull, len(numbers))
	var jobs []func()
	for i, number := range numbers {
		node, missing := r.numbered(answer.Data.Repository[fmt.Sprintf("p%d", i)], number)
		if missing == nil {
			pulls[i], missing = node.full()
		}
		if missing != nil {
			return nil, missing
		}
		jobs = append(jobs, r.completing(ctx, &pulls[i], node.totals())...)
	}
	together(jobs)
	return pulls, nil
}

func pullsQuery(numbers []int) string {
	var questions strings.Builder
	for i, number := range numbers {
		fmt.Fprintf(&questions, "\n    p%d: pullRequest(number: %d) { ...pull }", i, number)
	}
	query := fmt.Sprintf("query StagewardReviews($owner: String!, $name: String!) {\n  repository(owner: $owner, name: $name) {\n    databaseId%s\n  }\n}\n", &questions)
	return query + pullFragment + accountFragment
}

// numbered reads one pull request of an answer and checks that it is the one
// that was asked for.
func (r *Reader) numbered(raw json.RawMessage, number int) (*pullNode, *fact.Missing) {
	var node *pullNode
	if err := json.Unmarshal(raw, &node); err != nil || node == nil {
		return nil, incomplete(fmt.Sprintf("POST graphql: the answer does not hold pull request %d in the shape GitHub documents", number))
	}
	ours, missing := node.isOf(r.session().repository)
	switch {
	case missing != nil:
		return nil, missing
	case !ours:
		return nil, inconsistent(fmt.Sprintf("POST graphql: pull request %d is into another repository", number))
	case node.Number != number:
		return nil, inconsistent(fmt.Sprintf("POST graphql: asked for pull request %d, the answer is about %d", number, node.Number))
	}
	return node, nil
}
