package github

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// commitsAtOnce is how many commits one request asks for.
const commitsAtOnce = 50

// rangedQuestion asks for a commit; countedQuestion for one with the number of
// all commits that can be reached from it.
const (
	rangedQuestion  = "\n    c%[1]d: object(oid: $c%[1]d) { ...ranged }"
	countedQuestion = "\n    c%[1]d: object(oid: $c%[1]d) { ...ranged ... on Commit { history(first: 1) { totalCount } } }"
)

// ranged is what is read of a commit of a range.
type ranged struct {
	fact.RangeCommit
	history int // how many commits can be reached from it, itself counted; -1 when not asked
}

// rangeCommits reads the base of a stretch and then its commits, in the order of
// the stretch. Each has the parents that the comparison saw.
//
// It also counts: as the base is an ancestor of the head, the head reaches as
// many commits more than the base as the range has. A comparison that leaves a
// commit out, whatever else it says, does not add up.
func (r *Reader) rangeCommits(ctx context.Context, between stretch) ([]fact.RangeCommit, *fact.Missing) {
	asked := append([]link{between.base}, between.links...)
	ends := []fact.SHA{between.base.sha, r.subject.SHA}
	chunks := slices.Collect(slices.Chunk(asked, commitsAtOnce))
	read, lost := make([][]ranged, len(chunks)), make([]*fact.Missing, len(chunks))
	jobs := make([]func(), len(chunks))
	for i, some := range chunks {
		jobs[i] = func() { read[i], lost[i] = r.rangedAt(ctx, some, ends) }
	}
	together(jobs)
	for _, missing := range lost {
		if missing != nil {
			return nil, missing
		}
	}
	all := slices.Concat(read...)
	commits := make([]fact.RangeCommit, len(all))
	reaches := map[fact.SHA]int{}
	for i, each := range all {
		commits[i], reaches[each.Commit.SHA] = each.RangeCommit, each.history
	}
	if more := reaches[ends[1]] - reaches[ends[0]]; more != len(between.links) {
		return nil, inconsistent(fmt.Sprintf("%s reaches %d commits more than %s, and %d were listed between the two", ends[1], more, ends[0], len(between.links)))
	}
	return commits, nil
}

// commitsOnce is rangeCommits, once for all ranges that begin at one commit.
func (r *Reader) commitsOnce(ctx context.Context, between stretch) ([]fact.RangeCommit, *fact.Missing) {
	answer, err := r.asked.ask(fmt.Sprintf("commits %s %d", between.base.sha, len(between.links)), func() (any, error) {
		commits, missing := r.rangeCommits(ctx, between)
		if missing != nil {
			return nil, missing
		}
		return commits, nil
	})
	commits, ok := answer.([]fact.RangeCommit)
	var missing *fact.Missing
	if !ok && !errors.As(err, &missing) {
		missing = inconsistent(cmp.Or(err, errNoAnswer).Error())
	}
	return commits, missing
}

// rangedAt asks one question about some commits.
func (r *Reader) rangedAt(ctx context.Context, some []link, ends []fact.SHA) ([]ranged, *fact.Missing) {
	query, variables := r.rangedQuery(some, ends)
	answer, missing := ask[aliasAnswer](ctx, r, query, variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedRange.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameAliases(answer.Data.Repository)
	}
	if missing != nil {
		return nil, missing
	}
	var all []ranged
	for i, each := range some {
		one, missing := r.rangedOf(answer.Data.Repository[fmt.Sprintf("c%d", i)], each, slices.Contains(ends, each.sha))
		if missing != nil {
			return nil, missing
		}
		all = append(all, one)
	}
	return all, nil
}

func (r *Reader) rangedQuery(some []link, ends []fact.SHA) (query string, variables map[string]string) {
	variables = map[string]string{"owner": r.owner, "name": r.name}
	var declared, questions strings.Builder
	for i, each := range some {
		question := rangedQuestion
		if slices.Contains(ends, each.sha) {
			question = countedQuestion
		}
		fmt.Fprintf(&declared, ", $c%d: GitObjectID!", i)
		fmt.Fprintf(&questions, question, i)
		variables[fmt.Sprintf("c%d", i)] = string(each.sha)
	}
	query = fmt.Sprintf("query StagewardRange($owner: String!, $name: String!%s) {\n  repository(owner: $owner, name: $name) {\n    databaseId%s\n  }\n}\n", &declared, &questions)
	return query + rangedFragment + commitFragment + accountFragment, variables
}

// rangedOf reads one commit of an answer and holds it against the comparison.
func (r *Reader) rangedOf(raw json.RawMessage, asked link, counted bool) (ranged, *fact.Missing) {
	var node *commitNode
	if err := json.Unmarshal(raw, &node); err != nil {
		return ranged{}, incomplete(fmt.Sprintf("POST graphql: the answer does not hold the commit %s in the shape GitHub documents", asked.sha))
	}
	if node == nil {
		return ranged{}, inconsistent(fmt.Sprintf("POST graphql: the commit %s, which the comparison lists, is not there", asked.sha))
	}
	commit, missing := node.commit(asked.sha)
	if missing != nil {
		return ranged{}, missing
	}
	if !slices.Equal(commit.Parents, asked.parents) {
		return ranged{}, inconsistent(fmt.Sprintf("POST graphql: the commit %s has the parents %q here and %q in the comparison", asked.sha, commit.Parents, asked.parents))
	}
	if !node.Associated.whole() {
		return ranged{}, incomplete(fmt.Sprintf("POST graphql: %d of %d pull requests that go with the commit %s were listed", nodes(node.Associated), node.Associated.total(), asked.sha))
	}
	pulls, missing := pullsInto(r.session().repository, node.Associated, (*pullNode).merge)
	if missing != nil {
		return ranged{}, missing
	}
	one := ranged{RangeCommit: fact.RangeCommit{Commit: commit, Pulls: pulls}, history: node.History.total()}
	if counted && one.history <= 0 {
		return ranged{}, incomplete(fmt.Sprintf("POST graphql: the answer does not count the commits up to %s", asked.sha))
	}
	return one, nil
}
