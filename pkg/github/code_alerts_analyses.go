package github

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

const (
	// maxAnalysisPages is how far back analyses are looked for.
	maxAnalysisPages = 20
	// skew is how far the clock of whoever made a commit may be ahead of
	// GitHub's: no analysis of a commit is older than the commit.
	skew = 24 * time.Hour
	// settling is how long GitHub may take to see what an analysis shows.
	settling = 10 * time.Minute
)

// analysisNode is an analysis of code scanning.
type analysisNode struct {
	ID        int64     `json:"id"`
	Ref       string    `json:"ref"`
	CommitSHA string    `json:"commit_sha"`
	Category  string    `json:"category"`
	CreatedAt time.Time `json:"created_at"`
	Tool      toolNode  `json:"tool"`
	// Error and Warning are "" where all went well.
	Error   *string `json:"error"`
	Warning *string `json:"warning"`
}

func (n analysisNode) check(ref string) *fact.Missing {
	switch {
	case n.ID <= 0 || shaOf(n.CommitSHA) == "" || n.Tool.Name == "" || n.CreatedAt.IsZero() || n.Error == nil || n.Warning == nil:
		return incomplete(fmt.Sprintf("the answer does not hold all of analysis %d", n.ID))
	case n.Ref != ref:
		return inconsistent(fmt.Sprintf("asked for analyses of %q, analysis %d is of %q", ref, n.ID, n.Ref))
	}
	return nil
}

// analyses reads the analyses of a reference, newest first, back to the day
// before the subject's commit was made. The date of a commit is its maker's
// word: a late one hides old analyses, an early one makes the search longer.
func (r *Reader) analyses(ctx context.Context, ref string) ([]fact.Analysis, error) {
	asked := fmt.Sprintf("repos/%s/%s/code-scanning/analyses", r.owner, r.name)
	since := r.session().set.Commit.OrZero().CommittedAt.Add(-skew)
	filter := url.Values{"ref": {ref}, "sort": {"created"}, "direction": {"desc"}}
	var found []fact.Analysis
	seen := map[int64]bool{}
	for number := 1; number <= maxAnalysisPages; number++ {
		read, err := scanPage(ctx, r, asked, filter, number, analysisNode.check)
		if nothingAnalysed(err) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		oldest := false
		for _, node := range read.items {
			oldest = oldest || node.CreatedAt.Before(since)
			if !seen[node.ID] { // a new one moves the others to the next page meanwhile
				found = append(found, r.analysis(node))
			}
			seen[node.ID] = true
		}
		if oldest || read.next == 0 && len(read.items) < perPage { // see following
			return found, nil
		}
	}
	missing := incomplete(fmt.Sprintf("GET /%s: more than %d pages, and none of them is older than the commit", asked, maxAnalysisPages))
	missing.Fix = "Deploy a commit that was made lately."
	return nil, missing
}

func (r *Reader) analysis(node analysisNode) fact.Analysis {
	return fact.Analysis{
		Tool: node.Tool.Name, Category: node.Category, Ref: node.Ref, Commit: shaOf(node.CommitSHA), At: node.CreatedAt.UTC(),
		Problem: cmp.Or(*node.Error, *node.Warning),
		URL:     r.session().set.Repository.OrZero().URL + "/security/code-scanning?" + url.Values{"query": {"ref:" + node.Ref}}.Encode(),
	}
}

// history is the analyses of a branch.
type history struct {
	all []fact.Analysis
	sha fact.SHA // the subject
}

// own returns the analyses of the subject's commit, the newest last.
func (h history) own() []fact.Analysis {
	own := slices.DeleteFunc(slices.Clone(h.all), func(each fact.Analysis) bool { return each.Commit != h.sha })
	order.By(own, func(a, b fact.Analysis) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Category, b.Category))
	})
	return own
}

// first returns when the commit was analysed first without a problem; zero when
// it was not.
func (h history) first() time.Time {
	for _, each := range h.own() {
		if each.Problem == "" {
			return each.At
		}
	}
	return time.Time{}
}

// fixedLater reports whether an alert was still there when the commit was
// analysed, and was fixed by something that came later. It is false for a commit
// that was not analysed: of that nothing is known.
func (h history) fixedLater(alert codeAlertNode) bool {
	analysed := h.analysedBy(alert)
	fixed := alert.fixedAt()
	if analysed.IsZero() || !fixed.After(analysed) {
		return false
	}
	// GitHub compares an analysis with the alerts a while after it arrived. So
	// what is gone soon after the commit's own analysis is gone because of it,
	// unless that of another commit came in between.
	until := analysed.Add(settling)
	another := slices.ContainsFunc(h.all, func(each fact.Analysis) bool {
		return each.Commit != h.sha && !each.At.Before(analysed) && !each.At.After(until)
	})
	return another || fixed.After(until)
}

// analysedBy returns when the commit was analysed last by what found the alert,
// for one category of results. Where that never analysed it, the first analysis
// of all counts.
func (h history) analysedBy(alert codeAlertNode) time.Time {
	last := h.first()
	for _, each := range h.own() {
		if each.Problem == "" && each.Tool == alert.Tool.Name && each.Category == alert.Instance.Category {
			last = each.At
		}
	}
	return last
}
