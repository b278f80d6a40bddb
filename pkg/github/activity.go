package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

const activitySource = "GET /repos/{owner}/{repo}/activity"

// rewritingTypes are the activities by which commits can leave a branch. To
// delete a branch and make it again is to move it by force.
var rewritingTypes = []string{"force_push", branchDeletion, branchCreation}

const (
	branchDeletion = "branch_deletion"
	branchCreation = "branch_creation"
)

// maxActivityPages is how many pages of one type of activity are read.
const maxActivityPages = 50

// activityNode is an entry of the history of a branch. The client library does
// not have it. Source: REST documentation, "List repository activities".
type activityNode struct {
	ID     int64             `json:"id"`
	Type   string            `json:"activity_type"`
	Ref    string            `json:"ref"`
	Before string            `json:"before"`
	After  string            `json:"after"`
	At     time.Time         `json:"timestamp"`
	Actor  answered[gh.User] `json:"actor"` // null when the account is gone
}

// rewrites reads who moved a branch in another way than forward, newest first.
// An error of any kind is a missing fact: only a list that GitHub gave stands for
// "nobody".
func (r *Reader) rewrites(ctx context.Context, branch string) fact.Known[[]fact.Rewrite] {
	ref := "refs/heads/" + branch
	read, lost := make([][]activityNode, len(rewritingTypes)), make([]error, len(rewritingTypes))
	jobs := make([]func(), len(rewritingTypes))
	for i, kind := range rewritingTypes {
		jobs[i] = func() { read[i], lost[i] = r.activities(ctx, ref, kind) }
	}
	together(jobs)
	for _, err := range lost {
		if err != nil {
			return fact.Lost[[]fact.Rewrite](*r.missing("GET /"+r.activityAddress(), err, contents))
		}
	}
	all := slices.Concat(read...)
	order.By(all, func(a, b activityNode) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	rewrites := make([]fact.Rewrite, len(all))
	for i, each := range all {
		rewrites[i] = fact.Rewrite{By: restPerson(each.Actor.value), At: each.At.UTC(), Before: each.before(), After: each.after()}
	}
	page := r.session().set.Repository.OrZero().URL + "/activity?" + url.Values{"ref": {branch}}.Encode()
	return fact.Of(rewrites, fact.Source{From: activitySource, URL: page})
}

func (r *Reader) activityAddress() string {
	return fmt.Sprintf("repos/%s/%s/activity", r.owner, r.name)
}

// activities reads all activities of one type. Their pages have cursors and no
// numbers, and the list does not count itself: it ends where no page is named as
// the next.
func (r *Reader) activities(ctx context.Context, ref, kind string) ([]activityNode, error) {
	seen, cursors := map[int64]bool{}, map[string]bool{}
	var all []activityNode
	cursor := ""
	for range maxActivityPages {
		some, next, err := r.activityPage(ctx, ref, kind, cursor)
		if err != nil {
			return nil, err
		}
		for _, each := range some {
			if seen[each.ID] {
				return nil, incomplete(fmt.Sprintf("GET /%s: activity %d is listed twice", r.activityAddress(), each.ID))
			}
			seen[each.ID] = true
		}
		all = append(all, some...)
		switch {
		case next == "":
			return all, nil
		case cursors[next]:
			return nil, inconsistent(fmt.Sprintf("GET /%s: a page names itself or an earlier one as the next; the list does not advance", r.activityAddress()))
		}
		cursor, cursors[next] = next, true
	}
	return nil, incomplete(fmt.Sprintf("GET /%s: more than %d pages of %s", r.activityAddress(), maxActivityPages, kind))
}

// activityPage reads the page at a cursor, "" for the first, and returns the
// cursor of the next, "" for none.
func (r *Reader) activityPage(ctx context.Context, ref, kind, cursor string) ([]activityNode, string, error) {
	asked := r.activityAddress()
	query := url.Values{"ref": {ref}, "activity_type": {kind}, "per_page": {strconv.Itoa(perPage)}}
	if cursor != "" {
		query.Set("after", cursor)
	}
	var answer []*activityNode
	resp, err := r.get(ctx, asked+"?"+query.Encode(), &answer)
	if err == nil {
		err = r.sameRepository(asked, resp)
	}
	if err != nil {
		return nil, "", err
	}
	some := make([]activityNode, len(answer))
	for i, each := range answer {
		if missing := each.check(ref, kind); missing != nil {
			return nil, "", missing
		}
		some[i] = *each
	}
	next, err := r.nextCursor(resp.Response)
	return some, next, err
}

// nextCursor returns the cursor of the page that the Link header names as the
// next, or "". Only the cursor is used: the address itself is never followed.
func (r *Reader) nextCursor(resp *http.Response) (string, error) {
	link := linkToNext(resp)
	if link == "" {
		return "", nil
	}
	next, err := url.Parse(link)
	if err != nil || next.Scheme != "https" || next.Host != r.host || next.User != nil {
		return "", inconsistent("a page names a next page on another host; it is not followed")
	}
	cursor := next.Query().Get("after")
	if cursor == "" {
		return "", inconsistent("a page names a next page without a cursor")
	}
	return cursor, nil
}

// check refuses an activity of which the answer leaves something out, and one
// that was not asked for.
func (n *activityNode) check(ref, kind string) *fact.Missing {
	switch {
	case n == nil || n.ID <= 0 || n.At.IsZero() || !whole(n.Actor) || n.Type == "" || n.Ref == "":
		return incomplete("the answer does not hold all of an activity")
	case n.Type != kind || n.Ref != ref:
		return inconsistent(fmt.Sprintf("asked for %s of %q, the answer has %s of %q", kind, ref, n.Type, n.Ref))
	case n.before() == "" && kind != branchCreation, n.after() == "" && kind != branchDeletion:
		return incomplete(fmt.Sprintf("activity %d, a %s, goes from %q to %q", n.ID, kind, n.Before, n.After))
	}
	return nil
}

// before returns the commit that the branch was at; "" where it was not there.
func (n *activityNode) before() fact.SHA {
	if n.Type == branchCreation {
		return ""
	}
	return shaOf(n.Before)
}

// after returns the commit that the branch came to; "" where it is gone.
func (n *activityNode) after() fact.SHA {
	if n.Type == branchDeletion {
		return ""
	}
	return shaOf(n.After)
}
