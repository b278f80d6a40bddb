package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

const (
	branchSource     = "GET /repos/{owner}/{repo}/branches/{branch}"
	protectionSource = branchSource + "/protection"
	rulesSource      = "GET /repos/{owner}/{repo}/rules/branches/{branch}"
)

// GitHub's words for a branch that is not there, and for one without a classic
// rule. It says "Not Found" to whom it does not tell.
const (
	noBranch   = "Branch not found"
	noClassics = "Branch not protected"
)

// branchNode is a branch. Source: REST documentation, "Get a branch".
type branchNode struct {
	Name   string `json:"name"`
	Commit struct {
		SHA string `json:"sha"`
	} `json:"commit"`
	Protected *bool `json:"protected"` // by a classic rule, or by rulesets
	// Public is what everybody is told of a classic rule.
	Public struct {
		Enabled bool `json:"enabled"`
	} `json:"protection"`
}

// Branch reads how a branch is guarded: by rulesets, and by a classic rule. That
// there is no such branch is an answer; rulesets are for the name all the same,
// and of classic rules GitHub says nothing then. Requests: three at once, one more
// for every further 100 rules. Rules of several pages are read twice.
func (r *Reader) Branch(ctx context.Context, name string) fact.Known[fact.BranchGuard] {
	if _, err := fact.ParseRef(string(fact.BranchRef(name))); err != nil {
		return fact.Lost[fact.BranchGuard](fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("%q is not the name of a branch: %v", name, err)})
	}
	if missing := r.unread(); missing != nil {
		return fact.Lost[fact.BranchGuard](*missing)
	}
	var guard fact.BranchGuard
	err := twice(func(int) (err error) {
		guard, err = r.guard(ctx, name)
		return err
	})
	if err != nil {
		return fact.Lost[fact.BranchGuard](*r.unseen("branch "+name, err, grant(fact.NeedBranch.TokenPermission())))
	}
	page := r.session().set.Repository.OrZero().URL + "/rules?" + url.Values{"ref": {string(fact.BranchRef(name))}}.Encode()
	return fact.Of(guard, fact.Source{From: rulesSource, URL: page})
}

func (r *Reader) guard(ctx context.Context, name string) (fact.BranchGuard, error) {
	var branch *branchNode
	var rules []fact.Rule
	var classic classicRule
	var lost [3]error
	together([]func(){
		func() { branch, lost[0] = r.branch(ctx, name) },
		func() { rules, lost[1] = r.branchRules(ctx, name) },
		func() { classic, lost[2] = r.classicRule(ctx, name) },
	})
	guard := fact.BranchGuard{Name: name, Exists: branch != nil, Rules: rules}
	if err := cmp.Or(lost[0], lost[1]); err != nil {
		return guard, err
	}
	var err error
	guard.Protected, guard.Protection, err = r.classic(branch, classic, lost[2], name)
	return guard, err
}

// branch reads a branch; nil stands for none.
func (r *Reader) branch(ctx context.Context, name string) (*branchNode, error) {
	asked := r.below("branches", name)
	var node branchNode
	_, err := r.read(ctx, asked, "", &node)
	switch {
	case says(err, noBranch):
		return nil, nil
	case err != nil:
		return nil, renamed(err)
	case node.Name != name:
		return nil, inconsistent(fmt.Sprintf("GET /%s: the answer is the branch %q", asked, node.Name))
	case node.Protected == nil || shaOf(node.Commit.SHA) == "":
		return nil, incomplete(fmt.Sprintf("GET /%s: the answer does not hold all of the branch", asked))
	}
	return &node, nil
}

// says reports whether an error is GitHub's own "there is none", in these words.
func says(err error, words string) bool {
	var failed *fault
	return errors.As(err, &failed) && failed.status == http.StatusNotFound && failed.message == words
}

// renamed says what else an answer from another address can mean: GitHub leads
// from the old name of a branch to the new one.
func renamed(err error) error {
	var missing *fact.Missing
	if errors.As(err, &missing) && missing.Reason == fact.Inconsistent {
		missing.Fix = "Was the branch renamed? Name it as it is called now. " + missing.Fix
	}
	return err
}

// branchRules reads the active rules for a branch, of all levels, in the order of
// their sets.
func (r *Reader) branchRules(ctx context.Context, name string) ([]fact.Rule, error) {
	asked := r.below("rules", "branches", name)
	nodes, err := list[*rulesetRule]{
		name: "GET /" + asked, key: (*rulesetRule).key,
		fetch: func(ctx context.Context, number int) (page[*rulesetRule], error) {
			return barePage(ctx, r, asked, "", number, (*rulesetRule).check)
		},
	}.steady(ctx)
	if err != nil {
		return nil, renamed(err)
	}
	rules := []fact.Rule{}
	for _, node := range nodes {
		rule, missing := node.rule(r.session().repository)
		if missing != nil {
			missing.Detail = "GET /" + asked + ": " + missing.Detail
			return nil, missing
		}
		rules = append(rules, rule)
	}
	order.By(rules, func(a, b fact.Rule) int {
		return cmp.Or(cmp.Compare(a.Ruleset, b.Ruleset), strings.Compare(a.Type, b.Type))
	})
	return rules, nil
}

// classicRule is the answer about classic protection: a rule, or that there is
// none.
type classicRule struct {
	rule fact.Protection
	none bool
}

func (r *Reader) classicRule(ctx context.Context, name string) (classicRule, error) {
	asked := r.below("branches", name, "protection")
	var node protectionNode
	_, err := r.read(ctx, asked, "", &node)
	if says(err, noClassics) {
		return classicRule{none: true}, nil
	}
	if err != nil {
		return classicRule{}, err
	}
	rule, whole := node.protection()
	if !whole {
		return classicRule{}, incomplete(fmt.Sprintf("GET /%s: the answer does not hold all of the rule", asked))
	}
	return classicRule{rule: rule}, nil
}

// classic puts together what everybody is told of a classic rule and what
// administrators are. GitHub says "protected" of every branch with a classic rule,
// so that the opposite proves that there is none. "protected" alone proves nothing:
// rulesets make it so, too. (GitHub does not document that; its answers show it:
// github.com/hub4j/github-api/issues/2062.)
func (r *Reader) classic(branch *branchNode, found classicRule, lost error, name string) (bool, fact.Known[fact.Protection], error) {
	source := fact.Source{From: protectionSource, URL: r.session().set.Repository.OrZero().URL + "/settings/branches"}
	answered := lost == nil && !found.none
	switch {
	case branch == nil && answered, branch != nil && !*branch.Protected && answered:
		return false, fact.Known[fact.Protection]{}, &changedError{fmt.Sprintf("the branch %q has a classic rule, and is not protected or not there", name)}
	case branch == nil:
		return false, fact.Lost[fact.Protection](fact.Missing{
			Reason: fact.NotFound, Detail: fmt.Sprintf("there is no branch %q, and GitHub does not say which classic rule would be for it", name),
		}), nil
	case !*branch.Protected:
		return false, fact.Of(fact.Protection{}, fact.Source{From: branchSource, URL: source.URL}), nil
	case lost != nil:
		missing := r.unseen(protectionSource, lost, tokenOfAdmin(r.session().set.Repository.OrZero().Name, "read"))
		return branch.Public.Enabled, fact.Lost[fact.Protection](*missing), nil
	}
	return !found.none, fact.Of(found.rule, source), nil
}

// toggle is a part of a classic rule that is on or off.
type toggle struct {
	Enabled *bool `json:"enabled"`
}

// on reports what a part says, and known whether it says so. A part that is left
// out is off.
func (t *toggle) on() (on, known bool) {
	if t == nil {
		return false, true
	}
	return t.Enabled != nil && *t.Enabled, t.Enabled != nil
}

// protectionNode is a classic rule. Source: REST documentation, "Get branch
// protection".
type protectionNode struct {
	Reviews    *reviewRuleNode `json:"required_pull_request_reviews"`
	ForAdmins  *toggle         `json:"enforce_admins"`
	Signatures *toggle         `json:"required_signatures"`
	ForcePush  *toggle         `json:"allow_force_pushes"`
	Deletion   *toggle         `json:"allow_deletions"`
	Locked     *toggle         `json:"lock_branch"`
	Checks     *struct {
		Contexts []string `json:"contexts"`
		Checks   []*struct {
			Context string `json:"context"`
		} `json:"checks"`
	} `json:"required_status_checks"`
}

type reviewRuleNode struct {
	Approvals    *int  `json:"required_approving_review_count"`
	CodeOwners   *bool `json:"require_code_owner_reviews"`
	LastPush     *bool `json:"require_last_push_approval"`
	DismissStale *bool `json:"dismiss_stale_reviews"`
	Bypass       *struct {
		Users []any `json:"users"`
		Teams []any `json:"teams"`
		Apps  []any `json:"apps"`
	} `json:"bypass_pull_request_allowances"`
}

// protection reports whether all is there. Signatures and locks are younger than
// the rest; where an old server has none, none is asked for.
func (n *protectionNode) protection() (fact.Protection, bool) {
	var found fact.Protection
	whole := n.ForcePush != nil && n.Deletion != nil && n.ForAdmins != nil
	for _, each := range []struct {
		said *toggle
		into *bool
	}{{n.ForAdmins, &found.ForAdmins}, {n.Signatures, &found.Signatures}, {n.ForcePush, &found.ForcePush}, {n.Deletion, &found.Deletion}, {n.Locked, &found.Locked}} {
		on, known := each.said.on()
		*each.into = on
		whole = whole && known
	}
	if n.Checks != nil {
		whole = whole && n.Checks.Contexts != nil && n.Checks.Checks != nil
		found.Checks = slices.Clone(n.Checks.Contexts)
		for _, each := range n.Checks.Checks {
			if each == nil {
				return found, false
			}
			found.Checks = append(found.Checks, each.Context)
		}
		slices.Sort(found.Checks)
		found.Checks = slices.Compact(found.Checks)
		whole = whole && !slices.Contains(found.Checks, "")
	}
	if reviews := n.Reviews; reviews != nil {
		rule, known := reviews.rule()
		found.Reviews = &rule
		whole = whole && known
	}
	return found, whole
}

func (n *reviewRuleNode) rule() (fact.ReviewRule, bool) {
	if n.Approvals == nil || *n.Approvals < 0 || n.CodeOwners == nil || n.DismissStale == nil {
		return fact.ReviewRule{}, false
	}
	found := fact.ReviewRule{
		Approvals: *n.Approvals, CodeOwners: *n.CodeOwners, DismissStale: *n.DismissStale,
		LastPush: n.LastPush != nil && *n.LastPush, // older servers have none
	}
	if n.Bypass != nil {
		found.Bypass = len(n.Bypass.Users) + len(n.Bypass.Teams) + len(n.Bypass.Apps)
	}
	return found, true
}
