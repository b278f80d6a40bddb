package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

const rulesetsSource = "GET /repos/{owner}/{repo}/rulesets"

// noPlan is how GitHub begins to refuse what the plan of a private repository
// does not have: "Upgrade to GitHub Pro or make this repository public to enable
// this feature."
const noPlan = "Upgrade to GitHub"

// rulesetNode is a ruleset, whole or as the list has it: without its conditions,
// rules and bypass. The client library fails on types of rules that it does not
// know. Source: REST documentation, "Get a repository ruleset".
type rulesetNode struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Source      string `json:"source"`
	Target      string `json:"target"` // not in every list
	Enforcement string `json:"enforcement"`
	Links       struct {
		HTML *struct {
			Address string `json:"href"`
		} `json:"html"`
	} `json:"_links"`
	// Conditions are null for most sets that are for pushes.
	Conditions *struct {
		Names *struct {
			Include []string `json:"include"`
			Exclude []string `json:"exclude"`
		} `json:"ref_name"`
	} `json:"conditions"`
	Rules []*rulesetRule `json:"rules"`
	// Bypass is left out where the token may not change the set.
	Bypass answered[[]*bypassNode] `json:"bypass_actors"`
}

type bypassNode struct {
	ID   *int64 `json:"actor_id"`
	Kind string `json:"actor_type"`
	Mode string `json:"bypass_mode"`
}

// Rulesets reads the rulesets of the repository, and those that it has from its
// organisation, in the order of their numbers. The list says which there are; what
// is in them is read one by one, and missing in a set of which GitHub does not
// tell. Requests: one for every 100 sets, and one for each set. A list of several
// pages is read twice, because it does not count itself.
func (r *Reader) Rulesets(ctx context.Context) fact.Known[[]fact.Ruleset] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[[]fact.Ruleset](*missing)
	}
	var found []fact.Ruleset
	err := twice(func(int) (err error) {
		found, err = r.rulesets(ctx)
		return err
	})
	if err != nil {
		return fact.Lost[[]fact.Ruleset](*r.unseen(rulesetsSource, err, grant(fact.NeedRulesets.TokenPermission())))
	}
	order.By(found, func(a, b fact.Ruleset) int { return cmp.Compare(a.ID, b.ID) })
	return fact.Of(found, fact.Source{From: rulesetsSource, URL: r.session().set.Repository.OrZero().URL + "/rules"})
}

func (r *Reader) rulesets(ctx context.Context) ([]fact.Ruleset, error) {
	asked := r.below("rulesets")
	listed, err := list[*rulesetNode]{
		name: "GET /" + asked,
		key:  func(node *rulesetNode) string { return "ruleset " + strconv.FormatInt(node.ID, 10) },
		fetch: func(ctx context.Context, number int) (page[*rulesetNode], error) {
			return barePage(ctx, r, asked, "includes_parents=true&", number, (*rulesetNode).check)
		},
	}.steady(ctx)
	if err != nil {
		return nil, err
	}
	found, lost := make([]fact.Ruleset, len(listed)), make([]error, len(listed))
	jobs := make([]func(), len(listed))
	for i, node := range listed {
		jobs[i] = func() { found[i], lost[i] = r.ruleset(ctx, node) }
	}
	together(jobs)
	return found, cmp.Or(lost...)
}

// ruleset reads what is in a listed set. The error says that it is not the set
// that was listed; every other failure is inside of it.
func (r *Reader) ruleset(ctx context.Context, listed *rulesetNode) (fact.Ruleset, error) {
	asked := r.below("rulesets", strconv.FormatInt(listed.ID, 10))
	var whole rulesetNode
	_, err := r.read(ctx, asked, "?includes_parents=true", &whole)
	if err == nil {
		err = errorOf(whole.checkWhole(listed.ID))
	}
	if err != nil {
		missing := r.unseen("GET /"+asked, err, tokenOfAdmin(listed.Source, "read"))
		return listed.fact(fact.Lost[fact.RulesetRefs](*missing), fact.Lost[[]fact.Rule](*missing), fact.Lost[[]fact.Bypass](*missing)), nil
	}
	if changed := listed.differs(&whole); changed != "" {
		return fact.Ruleset{}, &changedError{fmt.Sprintf("GET /%s: the %s is not what the list says", asked, changed)}
	}
	source := fact.Source{From: rulesetsSource + "/{ruleset_id}", URL: whole.page()}
	refs, missing := whole.refs()
	rules, lost := rulesOf(whole.Rules, whole.ID, r.session().repository)
	bypass, hidden := whole.bypass()
	return whole.fact(knownIf(refs, source, missing), knownIf(rules, source, lost), knownIf(bypass, source, hidden)), nil
}

// errorOf is a missing fact as an error, where nil stays nil.
func errorOf(missing *fact.Missing) error {
	if missing == nil {
		return nil
	}
	return missing
}

// check refuses a set that cannot be told from another. Words that are not known
// here stay as they are: GitHub gets new ones.
func (n *rulesetNode) check() *fact.Missing {
	if n == nil || n.ID <= 0 || n.Name == "" || n.Source == "" || n.Enforcement == "" {
		return incomplete("the answer does not hold all of a ruleset")
	}
	return nil
}

func (n *rulesetNode) checkWhole(id int64) *fact.Missing {
	switch missing := n.check(); {
	case missing != nil:
		return missing
	case n.ID != id:
		return inconsistent(fmt.Sprintf("asked for ruleset %d, the answer is ruleset %d", id, n.ID))
	case n.Target == "":
		return incomplete(fmt.Sprintf("the answer does not say what ruleset %d is for", id))
	}
	return nil
}

// differs names what the whole set has otherwise than the list.
func (n *rulesetNode) differs(whole *rulesetNode) string {
	switch {
	case n.Name != whole.Name:
		return "name"
	case n.Source != whole.Source:
		return "source"
	case n.Enforcement != whole.Enforcement:
		return "enforcement"
	case n.Target != "" && n.Target != whole.Target:
		return "target"
	}
	return ""
}

func (n *rulesetNode) page() string {
	if n.Links.HTML == nil {
		return ""
	}
	return n.Links.HTML.Address
}

func (n *rulesetNode) fact(refs fact.Known[fact.RulesetRefs], rules fact.Known[[]fact.Rule], bypass fact.Known[[]fact.Bypass]) fact.Ruleset {
	return fact.Ruleset{
		ID: n.ID, Name: n.Name, Source: n.Source, Target: n.Target, Enforcement: n.Enforcement, URL: n.page(),
		Refs: refs, Rules: rules, Bypass: bypass,
	}
}

// refs returns for which references a set is. That it also says for which
// repositories changes nothing here: it is listed, so it is for this one.
func (n *rulesetNode) refs() (fact.RulesetRefs, *fact.Missing) {
	if n.Conditions == nil || n.Conditions.Names == nil {
		return fact.RulesetRefs{}, &fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("ruleset %d does not say by name for which references it is", n.ID)}
	}
	names := n.Conditions.Names
	if names.Include == nil || names.Exclude == nil || slices.Contains(names.Include, "") || slices.Contains(names.Exclude, "") {
		return fact.RulesetRefs{}, incomplete(fmt.Sprintf("the answer does not hold all references of ruleset %d", n.ID))
	}
	return fact.RulesetRefs{Include: names.Include, Exclude: names.Exclude}, nil
}

// numbered are the kinds of which there are several, told apart by a number.
var numbered = []string{"RepositoryRole", "Team", "Integration", "User"}

// bypass returns who need not keep to a set. Left out is not nobody: GitHub shows
// it to those only who may change the set.
func (n *rulesetNode) bypass() ([]fact.Bypass, *fact.Missing) {
	if n.Bypass.value == nil {
		return nil, &fact.Missing{
			Reason: fact.Forbidden, Detail: fmt.Sprintf("GitHub does not show this token who may bypass ruleset %d", n.ID),
			Fix: tokenOfAdmin(n.Source, "write"),
		}
	}
	found := []fact.Bypass{}
	for _, node := range *n.Bypass.value {
		if node == nil || node.Kind == "" || slices.Contains(numbered, node.Kind) && (node.ID == nil || *node.ID <= 0) {
			return nil, incomplete(fmt.Sprintf("the answer does not say all of who may bypass ruleset %d", n.ID))
		}
		each := fact.Bypass{Kind: node.Kind, Mode: cmp.Or(node.Mode, "always")} // the documented default
		if node.ID != nil {
			each.ID = *node.ID
		}
		found = append(found, each)
	}
	return found, nil
}

// tokenOfAdmin says with which token a repository or an organisation tells how it
// is administered.
func tokenOfAdmin(of, level string) string {
	return fmt.Sprintf("Pass a token of somebody who administers %s, or one with \"Administration: %s\" there. The token of a workflow can never read this.", of, level)
}

// unseen is missing for what not every token may read: with says which may. Where
// the plan has no such thing, no token helps.
func (r *Reader) unseen(what string, err error, with string) *fact.Missing {
	missing := r.missing(what, err, "")
	var failed *fault
	if !errors.As(err, &failed) || failed.status != http.StatusForbidden && failed.status != http.StatusNotFound {
		return missing
	}
	missing.Fix = with
	if strings.HasPrefix(failed.message, noPlan) {
		missing.Fix = "GitHub has this for public repositories, and for private ones on a paid plan: change the plan, or the visibility. No token helps."
	}
	return missing
}
