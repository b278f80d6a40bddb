package github

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
)

// rulesetRule is one rule of a ruleset, or one that holds for a branch. Source: REST
// documentation, "Get rules for a branch" and "Available rules for rulesets".
type rulesetRule struct {
	Type       string          `json:"type"`
	Ruleset    int64           `json:"ruleset_id"` // of a branch's rule
	Parameters json.RawMessage `json:"parameters"`
}

// check refuses a rule without a type.
func (n *rulesetRule) check() *fact.Missing {
	if n == nil || n.Type == "" {
		return incomplete("the answer has a rule without a type")
	}
	return nil
}

// key tells the rules of a branch apart, which have no numbers.
func (n *rulesetRule) key() string {
	return fmt.Sprintf("%s of ruleset %d %s", n.Type, n.Ruleset, n.Parameters)
}

// rulesOf reads the rules of a set; nil is not a list. repository is the number
// of the one that was asked about.
func rulesOf(nodes []*rulesetRule, set, repository int64) ([]fact.Rule, *fact.Missing) {
	if nodes == nil {
		return nil, incomplete(fmt.Sprintf("the answer does not list the rules of ruleset %d", set))
	}
	found := []fact.Rule{}
	for _, node := range nodes {
		missing := node.check()
		var rule fact.Rule
		if missing == nil {
			rule, missing = node.rule(repository)
		}
		if missing != nil {
			return nil, missing
		}
		rule.Ruleset = set
		found = append(found, rule)
	}
	return found, nil
}

// rule reads what a rule asks for. A type that is not known here keeps its name.
func (n *rulesetRule) rule(repository int64) (fact.Rule, *fact.Missing) {
	rule := fact.Rule{Type: n.Type, Ruleset: n.Ruleset}
	whole := true
	switch n.Type {
	case "pull_request":
		whole = n.readReviews(&rule)
	case "required_status_checks":
		rule.Checks, whole = n.checks()
	case "workflows":
		rule.Workflows, whole = n.workflows(repository)
	}
	if !whole {
		return fact.Rule{}, incomplete(fmt.Sprintf("the answer does not hold all of the rule %s of ruleset %d", n.Type, n.Ruleset))
	}
	return rule, nil
}

// readReviews reports whether all of what GitHub always gives is there.
func (n *rulesetRule) readReviews(rule *fact.Rule) bool {
	var asked struct {
		Approvals    *int     `json:"required_approving_review_count"`
		CodeOwners   *bool    `json:"require_code_owner_review"`
		LastPush     *bool    `json:"require_last_push_approval"`
		DismissStale *bool    `json:"dismiss_stale_reviews_on_push"`
		Methods      []string `json:"allowed_merge_methods"` // new: older servers have none
	}
	if json.Unmarshal(n.Parameters, &asked) != nil || asked.Approvals == nil || *asked.Approvals < 0 ||
		asked.CodeOwners == nil || asked.LastPush == nil || asked.DismissStale == nil || slices.Contains(asked.Methods, "") {
		return false
	}
	rule.Approvals, rule.CodeOwners, rule.LastPush, rule.DismissStale = *asked.Approvals, *asked.CodeOwners, *asked.LastPush, *asked.DismissStale
	rule.MergeMethods = asked.Methods
	return true
}

func (n *rulesetRule) checks() (names []string, whole bool) {
	var asked struct {
		Checks []*struct {
			Context string `json:"context"`
		} `json:"required_status_checks"`
	}
	whole = json.Unmarshal(n.Parameters, &asked) == nil && asked.Checks != nil
	for _, each := range asked.Checks {
		if each == nil || each.Context == "" {
			return nil, false
		}
		names = append(names, each.Context)
	}
	return names, whole
}

// workflows tells workflows of other repositories, which an organisation can
// ask for, from those of this one by the number before them.
func (n *rulesetRule) workflows(repository int64) (paths []string, whole bool) {
	var asked struct {
		Workflows []*struct {
			Path       string `json:"path"`
			Repository int64  `json:"repository_id"`
		} `json:"workflows"`
	}
	whole = json.Unmarshal(n.Parameters, &asked) == nil && asked.Workflows != nil
	for _, each := range asked.Workflows {
		if each == nil || each.Path == "" || each.Repository <= 0 {
			return nil, false
		}
		path := each.Path
		if each.Repository != repository {
			path = fmt.Sprintf("%d:%s", each.Repository, path)
		}
		paths = append(paths, path)
	}
	return paths, whole
}

// steady reads a list that does not count itself. Where that takes several pages,
// it is read once more: when something is taken out meanwhile, what comes after it
// moves to a page that was read already, and nothing else shows it.
func (l list[T]) steady(ctx context.Context) ([]T, error) {
	pages := 0
	fetch := l.fetch
	l.fetch = func(ctx context.Context, number int) (page[T], error) {
		pages = max(pages, number) // one page after the other, as nothing says how many there are
		return fetch(ctx, number)
	}
	found, err := l.read(ctx, uncounted)
	if err != nil || pages <= 1 {
		return found, err
	}
	again, err := l.read(ctx, uncounted)
	if err == nil && !slices.EqualFunc(found, again, func(a, b T) bool { return l.key(a) == l.key(b) }) {
		err = &changedError{l.name + ": the list changed while it was read"}
	}
	return again, err
}

// barePage reads a page of a list without an envelope. asked is made by below,
// query begins what is asked beside the page.
func barePage[T any](ctx context.Context, r *Reader, asked, query string, number int, check func(*T) *fact.Missing) (page[*T], error) {
	var answer []*T
	resp, err := r.read(ctx, asked, fmt.Sprintf("?%sper_page=%d&page=%d", query, perPage, number), &answer)
	if err != nil {
		return page[*T]{}, err
	}
	for _, node := range answer {
		if missing := check(node); missing != nil {
			missing.Detail = "GET /" + asked + ": " + missing.Detail
			return page[*T]{}, missing
		}
	}
	next, err := r.nextPage(resp.Response, number)
	return page[*T]{items: answer, total: uncounted, next: next}, err
}
