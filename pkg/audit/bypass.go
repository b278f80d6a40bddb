package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// GuardsBind holds where nobody need not keep to what guards branches and tags.
// Who may bypass a ruleset does so only where no other ruleset asks the same.
var GuardsBind = register(Check{
	ID:       "guards-bind-all",
	Title:    "Nobody gets past what guards branches and tags",
	Why:      "A rule that some need not keep to holds only for the others: one of their accounts is enough to change what is deployed, or the policy.",
	Severity: verdict.Critical,
	Needs:    guardNeeds,
	Ask: func(in Input) []verdict.Point {
		if len(restricted(in.Rules)) == 0 {
			return noStage()
		}
		var points []verdict.Point
		for _, each := range branchTargets(in.Rules, in.Repository.DefaultBranch) {
			also := strictReview(each.isDefault())
			if each.isDefault() {
				also = append(also, ownersAsked())
			}
			points = append(points, in.binding(each, append(history(), approval(each.isDefault())), also)...)
		}
		for _, each := range tagTargets(in.Rules) {
			points = append(points, in.binding(each, tagChanges(), []demand{movesAhead()})...)
		}
		return points
	},
})

// GitHub's numbers of its roles in a repository, and its words for who and how
// (REST, "Create a repository ruleset").
const (
	maintainRole = 2
	writeRole    = 4
	adminRole    = 5
	triageRole   = 3
	readRole     = 1

	roleKind      = "RepositoryRole"
	always        = "always"
	byPullRequest = "pull_request"
)

// passer is somebody who gets past what guards a target.
type passer struct {
	who fact.Bypass
	// lacks say what they can do; sets are the rulesets that let them.
	lacks []string
	sets  []fact.Ruleset
	// classic is true where it is the classic rule that lets them.
	classic bool
}

// binding returns who gets past what guards a target: the demands, and what makes
// them whole, past which those are told who do not get past the demands anyway.
func (in Input) binding(t target, demands, also []demand) []verdict.Point {
	var found []passer
	var unknown *fact.Missing
	unmet := false
	for i, each := range slices.Concat(demands, also) {
		switch answer := in.met(t, each); {
		case answer.yes():
			past, missing := in.passers(t, each)
			if i >= len(demands) {
				past = others(past, found)
			}
			found, unknown = append(found, past...), cmp.Or(unknown, missing)
		case answer.no():
			unmet = true
		default:
			unknown = answer.missing
		}
	}
	points := in.passerPoints(t, found)
	at := about{t.stage, verdict.High}
	switch {
	case unknown != nil:
		return append(points, at.unknown("who gets past what guards "+t.String(), unknown, adminToken))
	case len(points) > 0:
		return points
	case unmet:
		return []verdict.Point{at.beside(t.String() + ": there is no guard to get past, or not a whole one; what is missing is said at its own place")}
	}
	return []verdict.Point{at.fine(t.String() + ": its guards bind everybody")}
}

// others returns those who are not among the ones that are known already.
func others(past, known []passer) []passer {
	known = slices.Clone(known)
	return slices.DeleteFunc(past, func(each passer) bool {
		return slices.ContainsFunc(known, func(other passer) bool { return other.who.Kind == each.who.Kind && other.who.ID == each.who.ID })
	})
}

// passers returns who gets past one demand that is met.
func (in Input) passers(t target, d demand) (found []passer, unsure *fact.Missing) {
	sets := in.Facts.Rulesets.OrZero()
	// Whom a pull request lets past, it lets past only what is asked of one.
	reviewed := d.mend.Type == pullRequest
	for _, who := range bypassers(sets) {
		binds := func(set int64) bool {
			return !slices.ContainsFunc(sets, func(each fact.Ruleset) bool { return each.ID == set && lets(each, who, reviewed) })
		}
		switch answer := in.held(t, d, binds, bindsClassic(who, reviewed)); {
		case answer.yes():
		case answer.no():
			through := slices.DeleteFunc(slices.Clone(sets), func(each fact.Ruleset) bool { return !in.meets(each, t, d) || !lists(each, who, reviewed) })
			if len(through) > 0 { // else it is by what they also are, which is found itself
				found = append(found, passer{who: who, lacks: []string{d.lack}, sets: through})
			}
		default:
			unsure = answer.missing
		}
	}
	found = append(found, in.classicPassers(t, d)...)
	if unsure == nil && len(found) == 0 {
		unsure = in.onAllLists(t, d, sets)
	}
	if unsure == nil {
		unsure = in.unlisted(t, d, sets)
	}
	return found, unsure
}

// unlisted says why it is not known who gets past a demand that is met; nil where
// what meets it says so.
func (in Input) unlisted(t target, d demand, sets []fact.Ruleset) *fact.Missing {
	listed := func(id int64) bool {
		return slices.ContainsFunc(sets, func(each fact.Ruleset) bool {
			_, missing := each.Bypass.Get()
			return each.ID == id && missing == nil
		})
	}
	none := func(int64) bool { return false }
	byRulesets := in.held(t, d, everySet, noClassic).yes()
	switch admin := (fact.Bypass{Kind: roleKind, ID: adminRole}); {
	case in.held(t, d, listed, bindsClassic(admin, d.mend.Type == pullRequest)).yes():
		return nil
	case !byRulesets && in.held(t, d, none, anyClassic).yes():
		return nil // the classic rule alone does it, and it says whom it binds
	}
	if _, missing := in.Facts.Rulesets.Get(); missing != nil {
		return missing
	}
	return bypassMissing(sets)
}

// bypassMissing says why it is not known who may bypass a ruleset.
func bypassMissing(sets []fact.Ruleset) *fact.Missing {
	for _, each := range sets {
		if _, missing := each.Bypass.Get(); missing != nil && each.Enforcement == active {
			return missing
		}
	}
	return &fact.Missing{Reason: fact.Inconsistent, Detail: "a rule holds of a ruleset that is not listed"}
}

// bypassers returns everybody whom an active ruleset lists, each once and in order.
func bypassers(sets []fact.Ruleset) []fact.Bypass {
	var all []fact.Bypass
	for _, set := range sets {
		if set.Enforcement == active {
			all = append(all, set.Bypass.OrZero()...)
		}
	}
	for i := range all {
		if all[i].Mode != byPullRequest {
			all[i].Mode = always // exempt is that without a record
		}
	}
	order.By(all, func(a, b fact.Bypass) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), strings.Compare(a.Mode, b.Mode))
	})
	return slices.CompactFunc(all, func(a, b fact.Bypass) bool { return a.Kind == b.Kind && a.ID == b.ID })
}

// onAllLists says that somebody may be on the lists of all the rulesets that meet a
// demand, where each of them lets people past; nil where one binds everybody.
func (in Input) onAllLists(t target, d demand, sets []fact.Ruleset) *fact.Missing {
	reviewed := d.mend.Type == pullRequest
	person := func(each fact.Bypass) bool {
		return each.Kind != "DeployKey" && each.Kind != "Integration" && (each.Mode != byPullRequest || reviewed)
	}
	binds := func(id int64) bool {
		return !slices.ContainsFunc(sets, func(each fact.Ruleset) bool {
			return each.ID == id && slices.ContainsFunc(each.Bypass.OrZero(), person)
		})
	}
	if in.held(t, d, binds, bindsClassic(fact.Bypass{Kind: roleKind, ID: adminRole}, reviewed)).yes() {
		return nil
	}
	return &fact.Missing{Reason: fact.Incomplete, Detail: "no rule of it binds everybody, and who is on the lists of all of them gets past", Fix: "Let one ruleset of them list nobody."}
}

// lists reports whether a ruleset names somebody among those who may bypass it.
func lists(set fact.Ruleset, who fact.Bypass, reviewed bool) bool {
	return slices.ContainsFunc(set.Bypass.OrZero(), func(each fact.Bypass) bool {
		return each.Kind == who.Kind && each.ID == who.ID && (each.Mode != byPullRequest || reviewed)
	})
}

// lets reports whether a ruleset lets somebody past, by what they are or by what
// they also are: who administers has every role, and each role those below it.
func lets(set fact.Ruleset, who fact.Bypass, reviewed bool) bool {
	ranks := []int64{readRole, triageRole, writeRole, maintainRole, adminRole}
	rank := slices.Index(ranks, who.ID)
	if administers(who) {
		rank = len(ranks) - 1
	} else if who.Kind != roleKind {
		rank = -1
	}
	return lists(set, who, reviewed) || slices.ContainsFunc(ranks[:rank+1], func(role int64) bool {
		return lists(set, fact.Bypass{Kind: roleKind, ID: role}, reviewed)
	})
}

// meets reports whether a ruleset has a part in meeting a demand.
func (in Input) meets(set fact.Ruleset, t target, d demand) bool {
	if guard, missing := in.Facts.Branches[t.pattern.String()].Get(); t.oneBranch() && missing == nil {
		return slices.ContainsFunc(guard.Rules, func(rule fact.Rule) bool { return rule.Ruleset == set.ID && d.rule(rule) })
	}
	refs, missing := ruleFor(set, d)
	return missing == nil && refs != nil && set.Target == string(t.kind) && set.Enforcement == active
}

// bindsClassic returns what tells whether a classic rule binds somebody. Whom it
// lists as free of reviews is not known, so that it then binds nobody to them.
func bindsClassic(who fact.Bypass, reviewed bool) func(fact.Protection) bool {
	return func(classic fact.Protection) bool {
		listed := reviewed && classic.Reviews != nil && classic.Reviews.Bypass > 0
		return (classic.ForAdmins || !administers(who)) && !listed
	}
}

// noClassic accepts no classic rule.
func noClassic(fact.Protection) bool { return false }

// administers reports whether somebody administers the repository.
func administers(who fact.Bypass) bool {
	return who.Kind == roleKind && who.ID == adminRole || who.Kind == "OrganizationAdmin" || who.Kind == "EnterpriseOwner"
}

// classicPassers returns whom a classic rule lets past, where no ruleset asks the
// same.
func (in Input) classicPassers(t target, d demand) []passer {
	if in.held(t, d, everySet, noClassic).yes() {
		return nil
	}
	guard, missing := in.branch(t)
	if missing != nil {
		return nil
	}
	classic := guard.Protection.OrZero()
	var found []passer
	if !classic.ForAdmins {
		found = append(found, passer{who: fact.Bypass{Kind: roleKind, ID: adminRole, Mode: always}, lacks: []string{d.lack}, classic: true})
	}
	if classic.Reviews != nil && classic.Reviews.Bypass > 0 && d.mend.Type == pullRequest {
		found = append(found, passer{who: fact.Bypass{Kind: listedKind, ID: int64(classic.Reviews.Bypass), Mode: always}, lacks: []string{d.lack}, classic: true})
	}
	return found
}

// listedKind are people, teams and apps that a classic rule lists; it is our word,
// and the number is how many they are.
const listedKind = "listed"

// passerPoints returns a point for each who gets past, over all demands.
func (in Input) passerPoints(t target, found []passer) []verdict.Point {
	order.By(found, func(a, b passer) int {
		return cmp.Or(strings.Compare(a.who.Kind, b.who.Kind), cmp.Compare(a.who.ID, b.who.ID))
	})
	var merged []passer
	for _, each := range found {
		last := len(merged) - 1
		if last < 0 || merged[last].who.Kind != each.who.Kind || merged[last].who.ID != each.who.ID {
			merged = append(merged, each)
			continue
		}
		merged[last].take(each)
	}
	points := make([]verdict.Point, 0, len(merged))
	for _, each := range merged {
		points = append(points, in.passerPoint(t, each))
	}
	return points
}

// take adds what the same one can do beside.
func (p *passer) take(other passer) {
	p.classic = p.classic || other.classic
	if other.who.Mode != byPullRequest {
		p.who.Mode = other.who.Mode
	}
	for _, lack := range other.lacks {
		if !slices.Contains(p.lacks, lack) {
			p.lacks = append(p.lacks, lack)
		}
	}
	for _, set := range other.sets {
		if !slices.ContainsFunc(p.sets, func(each fact.Ruleset) bool { return each.ID == set.ID }) {
			p.sets = append(p.sets, set)
		}
	}
}
