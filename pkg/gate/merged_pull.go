package gate

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// landing is how the subject's commit came onto the branch that counts.
type landing struct {
	// branch is the subject's branch; for a tag, the default branch.
	branch string
	// pulls were merged into the branch as this very commit, each once, by
	// number. One is the rule; two cannot both be the reason it is there.
	pulls []fact.Pull
	// others are pull requests that GitHub shows beside the commit although
	// they did not put it there.
	others []fact.Pull
}

// findLanding tells the pull requests that put the commit onto its branch from
// those that only mention it. GitHub lists both: an open one towards a scratch
// branch, with an approval, costs an attacker nothing. The finding is not nil
// when this cannot be known.
func (in Input) findLanding() (landing, *verdict.Finding) {
	pulls, missing := in.Facts.Pulls.Get()
	if missing == nil {
		pulls, missing = distinctPulls(pulls)
	}
	if missing != nil {
		return lostLanding("which pull requests brought the commit", missing)
	}
	branch, missing := in.landingBranch()
	if missing != nil {
		return lostLanding("which branch the commit has to be merged into", missing)
	}
	found := landing{branch: branch}
	for _, pull := range pulls {
		if pull.Merged && pull.MergeCommit != "" && pull.MergeCommit == in.Facts.Subject.SHA && pull.Base == branch {
			found.pulls = append(found.pulls, pull)
		} else {
			found.others = append(found.others, pull)
		}
	}
	return found, nil
}

func lostLanding(what string, missing *fact.Missing) (landing, *verdict.Finding) {
	finding := verdict.Lacking(what, missing)
	return landing{}, &finding
}

// landingBranch returns the branch a merge has to end in. A tag can name any
// commit, so for tags it is the default branch.
func (in Input) landingBranch() (string, *fact.Missing) {
	if in.Facts.Subject.Ref.Kind() == fact.Branch {
		return in.Facts.Subject.Ref.Name(), nil
	}
	return in.defaultBranch()
}

// distinctPulls returns the pull requests ordered by number, each once. Two
// different answers about one number are no answer.
func distinctPulls(pulls []fact.Pull) ([]fact.Pull, *fact.Missing) {
	distinct := slices.Clone(pulls)
	order.By(distinct, func(a, b fact.Pull) int { return a.Number - b.Number })
	distinct = order.Once(distinct, func(a, b fact.Pull) bool { return reflect.DeepEqual(a, b) })
	for i := 1; i < len(distinct); i++ {
		if distinct[i].Number == distinct[i-1].Number {
			return nil, &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("GitHub gave two different answers about #%d", distinct[i].Number)}
		}
	}
	return distinct, nil
}

// explainOthers says why the other pull requests do not count; "" when there
// are none.
func (l landing) explainOthers() string {
	if len(l.others) == 0 {
		return ""
	}
	whys := make([]string, len(l.others))
	for i, pull := range l.others {
		whys[i] = fmt.Sprintf("#%d %s", pull.Number, l.whyOther(pull))
	}
	return "; GitHub shows other pull requests beside the commit, which do not count: " + listed(whys, ", ", 5)
}

func (l landing) whyOther(pull fact.Pull) string {
	switch {
	case !pull.Merged:
		return "is not merged"
	case pull.Base != l.branch:
		return fmt.Sprintf("was merged into %q, not into %q", pull.Base, l.branch)
	}
	return fmt.Sprintf("was merged as %s", orNothing(pull.MergeCommit.Short()))
}

// notMade says why a commit is not what GitHub made when somebody merged a pull
// request there, or that this is not known; "" when it is. GitHub also signs what
// is made in its editor, by its interface and to update a branch: who pushes such a
// commit, with the head of a pull request behind it, has GitHub call that merged. A
// merge builds on the branch and the head, a squash on the branch alone.
func notMade(commit fact.Commit, pull fact.Pull) (why string, missing *fact.Missing) {
	parents := commit.Parents
	merge := len(parents) == 2 && parents[1] == pull.Head
	squash := len(parents) == 1 && parents[0] != pull.Head
	switch {
	case commit.Signature.Class == fact.UnknownSignature:
		return "", &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub did not say what kind of key signed it"}
	case commit.Signature.Class != fact.GitHubSignature || !commit.Signature.Good():
		return fmt.Sprintf("commit %s was not made by GitHub: it was merged elsewhere and pushed, or it was rebased", commit.SHA.Short()), nil
	case commit.SHA != pull.Head && !merge && !squash:
		return fmt.Sprintf("commit %s is not what GitHub makes of #%d: its parents are %s, and the head is %s. It was made in another way and pushed", commit.SHA.Short(), pull.Number, shorts(parents), orNothing(pull.Head.Short())), nil
	}
	return "", nil
}

func shorts(commits []fact.SHA) string {
	texts := make([]string, len(commits))
	for i, sha := range commits {
		texts[i] = sha.Short()
	}
	return orNothing(listed(texts, ", ", 5))
}

// numbers lists the pull requests that landed, for people.
func (l landing) numbers() string {
	numbers := make([]string, len(l.pulls))
	for i, pull := range l.pulls {
		numbers[i] = fmt.Sprintf("#%d", pull.Number)
	}
	return listed(numbers, ", ", 10)
}

// seePull adds the pull request as evidence.
func seePull(finding verdict.Finding, pull fact.Pull) verdict.Finding {
	return finding.See(fmt.Sprintf("pull request #%d", pull.Number), pull.URL)
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
