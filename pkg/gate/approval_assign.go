package gate

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// assignment says which person fills which place. An approval that takes two
// people has two places; a person fills one at most.
type assignment struct {
	places []place
}

type place struct {
	approval int // index of the ballot
	filled   *choice
}

// assign fills as many places as can be filled at once. Somebody who could give
// two approvals must not take the place that only they leave to another: that
// is a maximum matching, found by augmenting paths (Kuhn's algorithm).
func assign(ballots []ballot, candidates func(ballot) []choice) assignment {
	var made assignment
	for i, each := range ballots {
		for range each.approval.count() {
			made.places = append(made.places, place{approval: i})
		}
	}
	for i := range made.places {
		made.fill(i, ballots, candidates, map[account]bool{})
	}
	return made
}

// fill finds somebody for a place, moving people who are placed already where
// that helps. tried are people who have been considered on the way.
func (a *assignment) fill(at int, ballots []ballot, candidates func(ballot) []choice, tried map[account]bool) bool {
	for _, each := range candidates(ballots[a.places[at].approval]) {
		who := accountOf(each.who)
		if tried[who] {
			continue
		}
		tried[who] = true
		taken := slices.IndexFunc(a.places, func(p place) bool { return p.filled != nil && accountOf(p.filled.who) == who })
		if taken < 0 || a.fill(taken, ballots, candidates, tried) {
			a.places[at].filled = &each
			return true
		}
	}
	return false
}

// full reports whether every place is filled.
func (a assignment) full(approvals []namedApproval) bool {
	return len(approvals) > 0 && !slices.ContainsFunc(a.places, func(p place) bool { return p.filled == nil })
}

// of returns who gives an approval.
func (a assignment) of(approval int) []choice {
	var given []choice
	for _, each := range a.places {
		if each.approval == approval && each.filled != nil {
			given = append(given, *each.filled)
		}
	}
	return given
}

func (a assignment) passed(ballots []ballot, lost []string) verdict.Finding {
	var texts []string
	for i, each := range ballots {
		given := a.of(i)
		texts = append(texts, fmt.Sprintf("%s by %s", each.approval.Name, strings.Join(spoken(given), ", ")))
	}
	finding := verdict.Passed("approved: " + strings.Join(texts, "; ") + rejectionsLost(lost))
	for i, each := range ballots {
		for _, given := range a.of(i) {
			finding = finding.See(fmt.Sprintf("%s by @%s, %s", each.approval.Name, given.who.Login, given.voice.from), given.voice.url)
		}
	}
	return finding
}

// rejectionsLost tells of rejections that do not count: whoever gave one thinks
// that it blocks.
func rejectionsLost(lost []string) string {
	if len(lost) == 0 {
		return ""
	}
	return "; these REJECTIONS do not count: " + listed(lost, "; ", 10)
}

// waits is the finding about approvals that are not there yet. They can be
// given for this very commit, so it is not a no.
func (p approved) waits(in Input, given assignment, ignored, lost []string) verdict.Finding {
	var has, lacks, who []string
	for i, each := range p.Approvals {
		got := given.of(i)
		text := fmt.Sprintf("%s %d of %d", each.Name, len(got), each.count())
		if len(got) > 0 {
			text += " (" + strings.Join(spoken(got), ", ") + ")"
		}
		has = append(has, text)
		if len(got) < each.count() {
			lacks = append(lacks, each.Name)
			who = append(who, fmt.Sprintf("for %s, %s", each.Name, in.whoHolds(each.By)))
		}
	}
	reason := "approvals so far: " + strings.Join(has, ", ") + "; everybody counts once"
	reason += rejectionsLost(lost)
	slices.Sort(ignored)
	if ignored = slices.Compact(ignored); len(ignored) > 0 {
		reason += "; these do not count: " + listed(ignored, "; ", 10)
	}
	return verdict.Waits("missing", reason).Because(p.how(in, lacks)+" Then run the gate again: re-run the failed jobs, or start a new run.", listed(who, "; ", 5)).
		See("the workflow to approve with", p.page(in))
}

// how says how to approve.
func (p approved) how(in Input, lacks []string) string {
	var ways []string
	if slices.Contains(p.From, byDispatch) {
		commands := make([]string, len(lacks))
		for i, name := range lacks {
			commands[i] = fmt.Sprintf("`gh workflow run %s --repo %s --ref %s -f sha=%s -f stage=%s -f approval=%s`",
				path.Base(p.Workflow), in.Facts.Subject.Repository, in.defaultBranchOr("main"), in.Facts.Subject.SHA, in.Terms.Stage.Called(), name)
		}
		ways = append(ways, strings.Join(commands, " and ")+" (or start it on the website)")
	}
	if slices.Contains(p.From, byReview) {
		ways = append(ways, "an approving review of the pull request (`gh pr review NUMBER --approve` after the merge)")
	}
	if slices.Contains(p.From, byEnvironment) {
		ways = append(ways, fmt.Sprintf("the review of the environment %s on the page of the run, if the gate runs in the job that has the environment", in.Terms.Stage.Environment))
	}
	return "Approve " + strings.Join(lacks, " and ") + ": " + strings.Join(ways, ", or ") + "."
}

func (in Input) defaultBranchOr(other string) string {
	if branch, missing := in.defaultBranch(); missing == nil {
		return branch
	}
	return other
}

// page is where the approval workflow is started.
func (p approved) page(in Input) string {
	repository, missing := in.Facts.Repository.Get()
	if missing != nil || repository.URL == "" || !slices.Contains(p.From, byDispatch) {
		return ""
	}
	return repository.URL + "/actions/workflows/" + path.Base(p.Workflow)
}
