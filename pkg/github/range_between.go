package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
)

// maxRange is the most commits that are looked at one by one.
const maxRange = 1000

// link is a commit with its parents.
type link struct {
	sha     fact.SHA
	parents []fact.SHA
}

// compared is how the subject's commit relates to another one.
type compared struct {
	base     link
	ancestor bool   // the other is an ancestor of the subject's, or the same
	status   string // GitHub's word
	first    page[link]
	files    fact.Known[[]string] // as in fact.Range
	url      string
	err      error // nothing else counts when it is not nil
}

// stretch is every commit of the subject that its base does not have.
type stretch struct {
	base  link
	links []link
	files fact.Known[[]string]
	url   string
}

// notRelated are GitHub's words, below status 404, for commits that have no
// ancestor in common. A refusal has others.
var notRelated = lazy.New(`^No common ancestor between `)

// compare reads how the subject relates to a base, and the first page of what
// lies between the two.
func (r *Reader) compare(ctx context.Context, base fact.SHA) compared {
	answer, listed, err := r.comparison(ctx, base, 1)
	var failed *fault
	if errors.As(err, &failed) && failed.status == http.StatusNotFound && notRelated.MatchString(failed.message) {
		return compared{status: "unrelated"}
	}
	if err != nil {
		return compared{err: err}
	}
	seen := compared{status: strings.ToLower(answer.GetStatus()), first: listed, url: answer.GetHTMLURL()}
	switch seen.status {
	case "behind", "diverged":
		return seen
	case "ahead", "identical":
		seen.ancestor = true
	default:
		seen.err = incomplete(fmt.Sprintf("%s: unknown comparison %q", r.comparing(base), answer.GetStatus()))
		return seen
	}
	var missing *fact.Missing
	if seen.base, missing = linkOf(answer.GetBaseCommit()); missing == nil && seen.base.sha != base {
		missing = incomplete(fmt.Sprintf("the answer is about the base %q", seen.base.sha))
	}
	if missing != nil {
		missing.Detail = r.comparing(base) + ": " + missing.Detail
		seen.err = missing
	}
	seen.files = comparedFiles(answer)
	return seen
}

// comparedOnce is compare, once for all deployments of one commit.
func (r *Reader) comparedOnce(ctx context.Context, base fact.SHA) compared {
	answer, err := r.asked.ask("compare "+string(base), func() (any, error) { return r.compare(ctx, base), nil })
	seen, ok := answer.(compared)
	if !ok {
		return compared{err: cmp.Or(err, errNoAnswer)}
	}
	seen.err = ownError(seen.err)
	return seen
}

func (r *Reader) comparing(base fact.SHA) string {
	return fmt.Sprintf("GET /repos/%s/%s/compare/%s...%s", r.owner, r.name, base, r.subject.SHA)
}

// comparison reads a page of a comparison.
func (r *Reader) comparison(ctx context.Context, base fact.SHA, number int) (*gh.CommitsComparison, page[link], error) {
	answer, resp, err := r.client.Repositories.CompareCommits(ctx, r.owner, r.name, string(base), string(r.subject.SHA), pageOptions(number))
	if err != nil {
		return nil, page[link]{}, err
	}
	asked := strings.TrimPrefix(r.comparing(base), "GET /")
	next, err := r.checkPage(asked, resp, number)
	if err != nil {
		return nil, page[link]{}, err
	}
	if status := strings.ToLower(answer.GetStatus()); status != "ahead" && status != "identical" {
		return answer, page[link]{}, nil // nothing of it is used
	}
	read := page[link]{total: answer.GetTotalCommits(), next: next}
	missing := checkComparison(answer, base, r.subject.SHA)
	for _, each := range answer.Commits {
		var one link
		if missing == nil {
			one, missing = linkOf(each)
		}
		read.items = append(read.items, one)
	}
	if missing != nil {
		missing.Detail = "GET /" + asked + ": " + missing.Detail
		return nil, page[link]{}, missing
	}
	return answer, read, nil
}

// checkComparison checks that all a comparison says of its size agrees. That of
// a base that is not an ancestor does not count.
func checkComparison(answer *gh.CommitsComparison, base, head fact.SHA) *fact.Missing {
	total, ahead, behind := answer.TotalCommits, answer.AheadBy, answer.BehindBy
	same := strings.EqualFold(answer.GetStatus(), "identical")
	switch {
	case total == nil || ahead == nil || behind == nil || answer.Commits == nil:
		return incomplete("the answer has no list or no total")
	case *total < 0 || *total != *ahead || *behind != 0:
		return incomplete(fmt.Sprintf("the answer counts %d commits, says %d ahead and %d behind", *total, *ahead, *behind))
	case answer.GetMergeBaseCommit().GetSHA() != string(base):
		return incomplete(fmt.Sprintf("the answer says %q and names %q as the common commit", answer.GetStatus(), answer.GetMergeBaseCommit().GetSHA()))
	case same != (base == head) || same != (*total == 0):
		return incomplete(fmt.Sprintf("the answer says %q of %d commits between %s and %s", answer.GetStatus(), *total, base, head))
	}
	return nil
}

func linkOf(commit *gh.RepositoryCommit) (link, *fact.Missing) {
	found := link{sha: shaOf(commit.GetSHA())}
	if commit == nil || found.sha == "" || commit.Parents == nil {
		return link{}, incomplete("the answer does not hold all of a commit")
	}
	for _, parent := range commit.Parents {
		sha := shaOf(parent.GetSHA())
		if sha == "" {
			return link{}, incomplete(fmt.Sprintf("%q is not the id of a parent of %s", parent.GetSHA(), found.sha))
		}
		found.parents = append(found.parents, sha)
	}
	return found, nil
}

// stretch reads the rest of what a comparison lists. fix says what to do about
// more commits than are looked at.
func (r *Reader) stretch(ctx context.Context, seen compared, fix string) (stretch, error) {
	base := seen.base.sha
	if seen.first.total > maxRange {
		missing := incomplete(fmt.Sprintf("there are %d commits between %s and %s; at most %d are looked at", seen.first.total, base, r.subject.SHA, maxRange))
		missing.Fix = fix
		return stretch{}, missing
	}
	pages := list[link]{
		name: r.comparing(base),
		key:  func(each link) string { return string(each.sha) },
		fetch: func(ctx context.Context, number int) (page[link], error) {
			if number == 1 {
				return seen.first, nil
			}
			_, read, err := r.comparison(ctx, base, number)
			return read, err
		},
	}
	links, err := pages.read(ctx, seen.first.total)
	if err != nil {
		return stretch{}, err
	}
	found := stretch{base: seen.base, links: links, files: seen.files, url: seen.url}
	if missing := found.check(r.subject.SHA); missing != nil {
		missing.Detail = r.comparing(base) + ": " + missing.Detail
		return stretch{}, missing
	}
	return found, nil
}

// check checks that the commits hang together: the head is one of them, each can
// be reached from it through the others, and the base is none of them. That no
// commit is left out at the far end only counting shows; see rangeCommits.
func (s stretch) check(head fact.SHA) *fact.Missing {
	if len(s.links) == 0 {
		return nil // the base is the head
	}
	parents := s.parents()
	if _, ok := parents[head]; !ok {
		return incomplete(fmt.Sprintf("the commit %s itself is not listed", head))
	}
	if _, ok := parents[s.base.sha]; ok {
		return incomplete(fmt.Sprintf("the base %s is listed too", s.base.sha))
	}
	reached := map[fact.SHA]bool{head: true}
	for queue := []fact.SHA{head}; len(queue) > 0; queue = queue[1:] {
		for _, parent := range parents[queue[0]] {
			if _, ok := parents[parent]; ok && !reached[parent] {
				reached[parent] = true
				queue = append(queue, parent)
			}
		}
	}
	if at := slices.IndexFunc(s.links, func(each link) bool { return !reached[each.sha] }); at >= 0 {
		return incomplete(fmt.Sprintf("no way leads from %s to %s through the commits that are listed", head, s.links[at].sha))
	}
	return nil
}

func (s stretch) parents() map[fact.SHA][]fact.SHA {
	parents := make(map[fact.SHA][]fact.SHA, len(s.links))
	for _, each := range s.links {
		parents[each.sha] = each.parents
	}
	return parents
}

// onFirstParents reports whether first parents lead from the head to the base.
func (s stretch) onFirstParents(head fact.SHA) bool {
	parents := s.parents()
	at := head
	for range s.links { // each is passed once at most
		if at == s.base.sha || len(parents[at]) == 0 {
			break
		}
		at = parents[at][0]
	}
	return at == s.base.sha
}
