package github

import (
	"cmp"
	"context"
	_ "embed" // the query
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

//go:embed open_issues.graphql
var openIssuesQuery string

//go:embed tracker.graphql
var trackerFragment string

// newestIssues is how many open issues, and how many open pull requests, the
// queries ask for by name.
const newestIssues = 20

// openNode is an issue or a pull request in a list.
type openNode struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	URL    string `json:"url"`
	State  string `json:"state"`
}

// openLists are the open issues and the open pull requests of something.
type openLists struct {
	Issues *connection[openNode] `json:"issues"`
	Pulls  *connection[openNode] `json:"pullRequests"`
}

type openLabelNode struct {
	Name string `json:"name"`
	openLists
}

// OpenIssues reads what is open and has a label: how many issues and pull
// requests there are, and the newest by name. That the repository has no such
// label is an answer. GitHub does not tell the case of labels apart; a label that
// is written in another way is Inconsistent, with the way it is written.
//
// Where issues are turned off, GitHub keeps the open ones to itself: nothing is
// known then. Requests: one, with GraphQL, and one for each issue that names the
// subject's commit: who put which label there.
func (r *Reader) OpenIssues(ctx context.Context, label string) fact.Known[fact.OpenIssues] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[fact.OpenIssues](*missing)
	}
	data, all, missing := r.askTracker(ctx, openIssuesQuery, map[string]string{"label": label}, fact.NeedOpenIssues)
	if missing != nil {
		return fact.Lost[fact.OpenIssues](*missing)
	}
	var found *openLabelNode // null where there is none
	if err := json.Unmarshal(data["label"], &found); err != nil {
		return fact.Lost[fact.OpenIssues](*incomplete(fmt.Sprintf("POST graphql: the answer leaves out the label %q", label)))
	}
	open, missing := openWith(label, found, all)
	if missing == nil {
		missing = r.labelNamed(ctx, open.Newest)
	}
	page := fmt.Sprintf("%s/labels/%s", r.session().set.Repository.OrZero().URL, url.PathEscape(label))
	return knownIf(open, fact.Source{From: graphSource, URL: page}, missing)
}

// askTracker asks one question about issues of the repository that Overview saw,
// and returns what is open in all of it, too.
func (r *Reader) askTracker(ctx context.Context, query string, variables map[string]string, kind fact.Kind) (map[string]json.RawMessage, openLists, *fact.Missing) {
	variables["owner"], variables["name"] = r.owner, r.name
	answer, missing := ask[aliasAnswer](ctx, r, query+trackerFragment, variables)
	if missing == nil {
		missing = answer.Errors.at(kind.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameAliases(answer.Data.Repository)
	}
	if missing != nil {
		return nil, openLists{}, missing
	}
	var enabled *bool
	var all openLists
	for alias, into := range map[string]any{"hasIssuesEnabled": &enabled, "allIssues": &all.Issues, "allPulls": &all.Pulls} {
		if err := json.Unmarshal(answer.Data.Repository[alias], into); err != nil {
			return nil, all, incomplete("POST graphql: the answer leaves out what is open in the repository")
		}
	}
	switch {
	case enabled == nil || all.Issues.total() < 0 || all.Pulls.total() < 0:
		return nil, all, incomplete("POST graphql: the answer does not say what is open in the repository")
	case !*enabled:
		return nil, all, &fact.Missing{
			Reason: fact.NotFound, Detail: "issues are turned off in the repository, so GitHub does not show which are open",
			Fix: "Turn on issues in the settings of the repository, or take the gate out of the policy.",
		}
	}
	return answer.Data.Repository, all, nil
}

// openWith checks what an answer says of a label; nil is that there is none.
func openWith(label string, node *openLabelNode, all openLists) (fact.OpenIssues, *fact.Missing) {
	open := fact.OpenIssues{Label: label, Newest: []fact.Issue{}}
	if node == nil {
		return open, nil
	}
	if node.Name != label {
		missing := inconsistent(fmt.Sprintf("POST graphql: asked about the label %q, the answer is about %q", label, node.Name))
		missing.Fix = fmt.Sprintf("Write the label in the policy as the repository writes it: %q.", node.Name)
		return open, missing
	}
	newest, total, missing := node.open(fmt.Sprintf("the label %q", label))
	if missing == nil && (node.Issues.total() > all.Issues.total() || node.Pulls.total() > all.Pulls.total()) {
		missing = inconsistent(fmt.Sprintf("POST graphql: more is open with the label %q than in the whole repository", label))
	}
	open.LabelExists, open.Newest, open.Total = true, newest, total
	return open, missing
}

// open returns the newest of both lists, by number: GitHub numbers issues and
// pull requests together, in the order in which they were opened.
func (l openLists) open(of string) (newest []fact.Issue, total int, missing *fact.Missing) {
	issues, missing := openOf(l.Issues, of, false)
	if missing != nil {
		return nil, 0, missing
	}
	pulls, missing := openOf(l.Pulls, of, true)
	if missing != nil {
		return nil, 0, missing
	}
	newest = append(append([]fact.Issue{}, issues...), pulls...)
	order.By(newest, func(a, b fact.Issue) int { return cmp.Compare(b.Number, a.Number) })
	for i := 1; i < len(newest); i++ {
		if newest[i].Number == newest[i-1].Number {
			return nil, 0, inconsistent(fmt.Sprintf("POST graphql: #%d of %s is listed twice", newest[i].Number, of))
		}
	}
	return newest[:min(len(newest), newestIssues)], l.Issues.total() + l.Pulls.total(), nil
}

// openOf checks one list. It may be shorter than asked for, but has to name
// something where there is something.
func openOf(list *connection[openNode], of string, pulls bool) ([]fact.Issue, *fact.Missing) {
	total := list.total()
	if total < 0 || len(list.Nodes) > min(total, newestIssues) || total > 0 && len(list.Nodes) == 0 {
		return nil, incomplete(fmt.Sprintf("POST graphql: %d of %d that are open of %s were listed", nodes(list), total, of))
	}
	var open []fact.Issue
	for _, node := range list.Nodes {
		if node == nil || node.Number <= 0 || node.Title == "" || node.URL == "" {
			return nil, incomplete("POST graphql: the answer does not hold all of what is open of " + of)
		}
		if node.State != "OPEN" {
			return nil, inconsistent(fmt.Sprintf("POST graphql: asked for what is open of %s, #%d is %q", of, node.Number, node.State))
		}
		open = append(open, fact.Issue{Number: node.Number, Pull: pulls, Title: node.Title, URL: node.URL, Open: true})
	}
	return open, nil
}
