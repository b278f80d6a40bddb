package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// speaker is one person with everything that they said, oldest first.
type speaker struct {
	who    fact.Person
	voices []voice
}

// speakers groups voices by person, in the order of accounts.
func (h heard) speakers() []speaker {
	var all []speaker
	index := map[account]int{}
	ordered := slices.Clone(h.voices)
	order.By(ordered, func(a, b voice) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id), cmp.Compare(a.from, b.from), compareBools(b.yes, a.yes))
	})
	for _, each := range ordered {
		who := accountOf(each.who)
		if _, known := index[who]; !known {
			index[who] = len(all)
			all = append(all, speaker{who: each.who})
		}
		all[index[who]].voices = append(all[index[who]].voices, each)
	}
	order.By(all, func(a, b speaker) int {
		left, right := accountOf(a.who), accountOf(b.who)
		return cmp.Or(cmp.Compare(left.id, right.id), cmp.Compare(left.login, right.login))
	})
	return all
}

// word returns what a person says about an approval in the end, in every
// source and every pull request: a no in one of them stands until it is taken
// back there. What was said without a name is about every approval.
func (s speaker) word(name string) (yes, no *voice) {
	var last []voice
	for _, each := range s.voices {
		if each.name != "" && each.name != name {
			continue
		}
		last = slices.DeleteFunc(last, func(earlier voice) bool { return earlier.source == each.source && earlier.pull == each.pull })
		last = append(last, each)
	}
	for _, source := range []ApprovalSource{byDispatch, byReview, byEnvironment} {
		for _, each := range last {
			switch {
			case each.source != source:
			case each.yes && yes == nil:
				yes = &each
			case !each.yes && no == nil:
				no = &each
			}
		}
	}
	return yes, no
}

// ballot is what the people say about one approval.
type ballot struct {
	approval namedApproval
	// yes are people who count, maybe those of whom it is not known.
	yes, maybe []choice
	// no are objections of people in the role.
	no, maybeNo []choice
	missing     *fact.Missing
}

// choice is a person and the voice that speaks for them.
type choice struct {
	who   fact.Person
	voice voice
}

// count counts the voices, every person for one approval at most.
func (p approved) count(in Input, said heard, excluded parts) verdict.Finding {
	ballots := make([]ballot, len(p.Approvals))
	ignored := slices.Clone(said.ignored)
	for i, approval := range p.Approvals {
		ballots[i].approval = approval
		for _, each := range said.speakers() {
			if why := ballots[i].add(in, each, excluded); why != "" {
				ignored = append(ignored, why)
			}
		}
	}
	if refused := objected(ballots); refused != nil {
		return *refused
	}
	certain := assign(ballots, func(b ballot) []choice { return b.yes })
	if certain.full(p.Approvals) {
		return certain.passed(ballots, said.lost)
	}
	possible := assign(ballots, func(b ballot) []choice { return slices.Concat(b.yes, b.maybe) })
	if possible.full(p.Approvals) {
		for _, each := range ballots {
			if each.missing != nil {
				return verdict.Lacking("whether enough of those who approved hold their role", each.missing)
			}
		}
	}
	return p.waits(in, certain, ignored, said.lost)
}

// add weighs what a person says about the approval. It returns why a yes does
// not count, or "".
func (b *ballot) add(in Input, each speaker, excluded parts) string {
	yes, no := each.word(b.approval.Name)
	if yes == nil && no == nil {
		return ""
	}
	standing := in.Standing(b.approval.By, &each.who)
	if standing.Outcome == verdict.Unknown {
		b.missing = standing.Missing
	}
	switch {
	case no != nil && standing.Holds():
		b.no = append(b.no, choice{each.who, *no})
		return ""
	case no != nil && standing.Outcome == verdict.Unknown:
		b.maybeNo = append(b.maybeNo, choice{each.who, *no})
		return ""
	case yes == nil:
		return ""
	}
	if why := excluded.why(each.who, b.approval.not()); why != "" {
		return fmt.Sprintf("%s: @%s %s", b.approval.Name, each.who.Login, why)
	}
	switch standing.Outcome {
	case verdict.Pass:
		b.yes = append(b.yes, choice{each.who, *yes})
		return ""
	case verdict.Unknown:
		b.maybe = append(b.maybe, choice{each.who, *yes})
		return fmt.Sprintf("%s: it is not known whether @%s holds role %s (%s)", b.approval.Name, each.who.Login, b.approval.By, standing.Reason)
	case verdict.Fail, verdict.Wait, verdict.Skip, verdict.Waived:
	}
	return fmt.Sprintf("%s: %s", b.approval.Name, standing.Reason)
}

// objected returns the finding about a no that nobody has taken back.
func objected(ballots []ballot) *verdict.Finding {
	for _, each := range ballots {
		if len(each.no) > 0 {
			finding := verdict.Failed("rejected", fmt.Sprintf("%s is rejected by %s", each.approval.Name, listed(spoken(each.no), ", ", 5))).
				Because("Mend what was objected to, in a new commit. "+takeBack(each.no), listed(logins(each.no), ", ", 5))
			for _, no := range each.no {
				finding = finding.See("the rejection by @"+no.who.Login, no.voice.url)
			}
			return &finding
		}
	}
	for _, each := range ballots {
		if len(each.maybeNo) > 0 {
			finding := verdict.Lacking(fmt.Sprintf("whether @%s, who rejected it, holds role %s", each.maybeNo[0].who.Login, each.approval.By), each.missing)
			return &finding
		}
	}
	return nil
}

// takeBack says what to do where there is nothing to mend. GitHub does not say
// which of two reviews of an environment came last, so a rejection there stays
// as long as the run.
func takeBack(objections []choice) string {
	inRun := func(each choice) bool { return each.voice.source == byEnvironment }
	var ways []string
	if slices.ContainsFunc(objections, func(each choice) bool { return !inRun(each) }) {
		ways = append(ways, "If there is nothing to mend, whoever rejected it can approve it now, in the same way.")
	}
	if slices.ContainsFunc(objections, inRun) {
		ways = append(ways, "The rejection of an environment cannot be taken back in this run, and starting it again does not help: if there is nothing to mend, start a new run, and approve that.")
	}
	return strings.Join(ways, " ")
}

func spoken(choices []choice) []string {
	texts := make([]string, len(choices))
	for i, each := range choices {
		texts[i] = fmt.Sprintf("@%s (%s)", each.who.Login, each.voice.from)
	}
	return texts
}

func logins(choices []choice) []string {
	texts := make([]string, len(choices))
	for i, each := range choices {
		texts[i] = "@" + each.who.Login
	}
	return texts
}
