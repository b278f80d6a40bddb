package gate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// ownerNeeds returns the facts that judging the owners of a change takes, where
// the policy asks for them. reviewers is who may have approved.
func (p reviewed) ownerNeeds(reviewers ...fact.Position) []fact.Need {
	if !p.CodeOwners {
		return nil
	}
	needs := []fact.Need{{Kind: fact.NeedOwnership}, {Kind: fact.NeedOwnerTeams}}
	for _, position := range reviewers {
		needs = append(needs, fact.Permissible(position))
	}
	return needs
}

// judge asks for the approvals of one pull request and, where the policy says
// so, for those of the owners of what it changed. What fails counts before what
// is not known.
func (p reviewed) judge(in Input, s story) verdict.Finding {
	found := p.judgeApprovals(in, s)
	if !p.CodeOwners {
		return found
	}
	owners := in.judgeOwners(s)
	passes := found.Outcome == verdict.Pass
	switch {
	case passes && owners.Outcome == verdict.Pass:
		found.Reason += "; " + owners.Reason
		found.Evidence = append(found.Evidence, owners.Evidence...)
	case found.Outcome == verdict.Fail && owners.Outcome == verdict.Fail:
		found.Reason += "; also, " + owners.Reason // or it would be told in the next run only
	case passes || found.Outcome == verdict.Unknown && owners.Outcome == verdict.Fail:
		return seePull(owners, s.pull)
	}
	return found
}

// judgeOwners asks of each file that a pull request changed and that somebody
// owns whether one of its owners approved.
func (in Input) judgeOwners(s story) verdict.Finding {
	owned, missing := in.Facts.OwnershipOf(s.pull.Number).Get()
	if missing == nil {
		missing = s.doubts(owned)
	}
	if missing != nil {
		return verdict.Lacking(fmt.Sprintf("who owns what #%d changed", s.pull.Number), missing)
	}
	if owned.Path == "" {
		return verdict.Failed("no-code-owners", fmt.Sprintf("at %s, right before #%d was merged, the branch had no CODEOWNERS file, so nobody owns anything", owned.Base.Short(), s.pull.Number)).
			Because("Add .github/CODEOWNERS and bring in another change after it, or remove code-owners from the policy.", "whoever maintains the repository, or the policy")
	}
	finding := in.judgeOwned(s, owned)
	return finding.See(fmt.Sprintf("%s at %s", owned.Path, owned.Base.Short()), owned.URL)
}

// doubts says why the ownership of a change cannot be believed, or nil.
func (s story) doubts(owned fact.Ownership) *fact.Missing {
	own := slices.ContainsFunc(s.commits, func(commit fact.PullCommit) bool { return commit.SHA == owned.Base })
	switch {
	case owned.Base == "" || len(owned.Files) == 0:
		return &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub names no file that it changed, or not the commit before it"}
	case own || owned.Base == s.pull.Head || owned.Base == s.pull.MergeCommit:
		return &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("commit %s is its own, and so would be the CODEOWNERS file in it", owned.Base.Short())}
	}
	return nil
}

// property is what was changed of what one line of the file gives away.
type property struct {
	line   int
	owners []string
	paths  []string
}

// properties groups the changed files that have owners, in the order of the
// lines. all is how many files there are.
func properties(files []fact.OwnedFile) (owned []property, all int) {
	byLine := map[string]property{}
	paths := map[string]bool{}
	for _, file := range files {
		paths[file.Path] = true
		if len(file.Owners) == 0 {
			continue
		}
		key := fmt.Sprintf("%09d %q", file.Line, file.Owners)
		group := byLine[key]
		group.line, group.owners = file.Line, file.Owners
		group.paths = append(group.paths, file.Path)
		byLine[key] = group
	}
	for _, key := range slices.Sorted(maps.Keys(byLine)) {
		group := byLine[key]
		slices.Sort(group.paths)
		group.paths = slices.Compact(group.paths)
		owned = append(owned, group)
	}
	return owned, len(paths)
}

// judgeOwned asks the owners of each line.
func (in Input) judgeOwned(s story, owned fact.Ownership) verdict.Finding {
	groups, all := properties(owned.Files)
	objected, doubted := in.ownersObject(s, groups, owned.Path)
	if objected != nil {
		return *objected
	}
	var unapproved, undecided []property
	var lost *fact.Missing
	count := 0
	for _, group := range groups {
		count += len(group.paths)
		switch standing := in.ownersApproved(s, group.owners); {
		case standing.Holds():
		case standing.Outcome == verdict.Unknown:
			undecided = append(undecided, group)
			lost = cmp.Or(lost, standing.Missing)
		default:
			unapproved = append(unapproved, group)
		}
	}
	switch {
	case len(unapproved) > 0:
		return in.ownersMissing(s, unapproved, owned.Path)
	case doubted != nil:
		return *doubted
	case len(undecided) > 0:
		return verdict.Lacking(fmt.Sprintf("whether an owner of %s approved #%d", describe(undecided, owned.Path), s.pull.Number), lost)
	case count == 0:
		return verdict.Passed(fmt.Sprintf("none of the %s that it changed has an owner in %s", plural(all, "file", "files"), owned.Path))
	}
	return verdict.Passed(fmt.Sprintf("owners approved what they own of the change (%d of %s by %s, %d without an owner)", count, plural(all, "file", "files"), owned.Path, all-count))
}

// ownersObject returns the finding about an owner who requests changes, and the
// one about somebody of whom it is not known whether they are an owner. Who owns
// what was changed blocks like those in the role do; see judgeApprovals.
func (in Input) ownersObject(s story, groups []property, path string) (objected, doubted *verdict.Finding) {
	for _, review := range s.opinions {
		if review.State != fact.ChangesRequested {
			continue
		}
		group, standing := in.ownsOneOf(groups, review.Author)
		if standing.Outcome == verdict.Fail {
			continue
		}
		what := describe([]property{group}, path)
		switch {
		case standing.Holds():
			finding := verdict.Failed("changes-requested", fmt.Sprintf("@%s, an owner of %s, requests changes to #%d, and that is not resolved", review.Author.Login, what, s.pull.Number)).
				Because("Resolve the request: its author approves, or a maintainer dismisses the review with a reason. Then run again.", "@"+review.Author.Login)
			return &finding, nil
		case doubted == nil:
			finding := verdict.Lacking(fmt.Sprintf("whether @%s, who requests changes to #%d, is an owner of %s", review.Author.Login, s.pull.Number, what), standing.Missing)
			doubted = &finding
		}
	}
	return nil, doubted
}

// ownsOneOf judges an account by all lines together, and tells the line.
func (in Input) ownsOneOf(groups []property, person *fact.Person) (property, Standing) {
	found, best := property{}, Standing{Outcome: verdict.Fail}
	for _, group := range groups {
		for _, owner := range group.owners {
			switch standing := in.ownsAndMay(owner, person); {
			case standing.Holds():
				return group, standing
			case standing.Outcome == verdict.Unknown && best.Outcome != verdict.Unknown:
				found, best = group, standing
			}
		}
	}
	return found, best
}

// ownersApproved judges one line: an approval that counts, by any of its owners.
func (in Input) ownersApproved(s story, owners []string) Standing {
	best := Standing{Outcome: verdict.Fail}
	for _, review := range s.opinions {
		if review.State != fact.Approved || s.whyNot(review) != "" {
			continue
		}
		for _, owner := range owners {
			switch standing := in.ownsAndMay(owner, review.Author); {
			case standing.Holds():
				return standing
			case standing.Outcome == verdict.Unknown && best.Outcome != verdict.Unknown:
				best = standing
			}
		}
	}
	return best
}

// ownsAndMay judges an account as an owner. GitHub counts nobody who cannot
// write; the word means that here whatever a role of the policy is called.
func (in Input) ownsAndMay(owner string, person *fact.Person) Standing {
	owns := in.owns(owner, person)
	if owns.Outcome == verdict.Fail {
		return owns
	}
	may := Input{Facts: in.Facts}.Standing(RoleName(fact.WritePermission), person)
	if may.Holds() {
		return owns
	}
	return may
}

// owns judges whether an account is the owner, or one of a team that is. An
// account that has the name of a team is somebody else.
func (in Input) owns(owner string, person *fact.Person) Standing {
	name, marked := strings.CutPrefix(owner, "@")
	switch {
	case !marked:
		return unknown(&fact.Missing{
			Reason: fact.Incomplete, Detail: fmt.Sprintf("whose address %q is cannot be read", owner),
			Fix: "Write the account's login into the CODEOWNERS file in place of the address; it counts for what is merged afterwards.",
		})
	case strings.Contains(name, "/"):
		return in.teamStanding(name, *person)
	case fact.LoginKey(name) == fact.LoginKey(person.Login):
		return Standing{Outcome: verdict.Pass}
	}
	return Standing{Outcome: verdict.Fail}
}

// ownersMissing is the finding about files of which no owner approved. It is a
// fail and not a wait, as tooFew is.
func (in Input) ownersMissing(s story, unapproved []property, path string) verdict.Finding {
	reason := fmt.Sprintf("no approval that counts is by an owner of %s, which #%d changed", describe(unapproved, path), s.pull.Number)
	if rejected := in.rejectedOwners(s, unapproved); len(rejected) > 0 {
		reason += "; these owners do not count: " + listed(rejected, ", ", 10)
	}
	return verdict.Failed("code-owners", reason).Because(
		fmt.Sprintf("Bring in a new commit through a pull request that the owners approve before the merge. Or have an owner who did not work on it look at #%d now and approve it with `gh pr review %d --approve` (the website takes no reviews after a merge), then run again.", s.pull.Number, s.pull.Number),
		"an owner who may write and did not work on the change")
}

// rejectedOwners says of each owner who approved why that does not count.
func (in Input) rejectedOwners(s story, unapproved []property) []string {
	var says []string
	for _, review := range s.opinions {
		if review.State == fact.ChangesRequested {
			continue
		}
		isOwner := slices.ContainsFunc(unapproved, func(group property) bool {
			return slices.ContainsFunc(group.owners, func(owner string) bool { return in.owns(owner, review.Author).Holds() })
		})
		switch why := s.whyNot(review); {
		case !isOwner:
		case why != "":
			says = append(says, fmt.Sprintf("@%s %s", review.Author.Login, why))
		default:
			may := Input{Facts: in.Facts}.Standing(RoleName(fact.WritePermission), review.Author)
			says = append(says, may.Reason)
		}
	}
	return says
}

// describe names files by the lines that give them away.
func describe(groups []property, path string) string {
	const most = 5
	texts := make([]string, len(groups))
	for i, group := range groups {
		texts[i] = fmt.Sprintf("%q", group.paths[0])
		if more := len(group.paths) - 1; more > 0 {
			texts[i] += fmt.Sprintf(" and %s", plural(more, "other file", "other files"))
		}
		owners := make([]string, len(group.owners))
		for j, owner := range group.owners {
			owners[j] = fmt.Sprintf("%q", owner)
		}
		texts[i] += fmt.Sprintf(" (line %d of %s: %s)", group.line, path, listed(owners, ", ", most))
	}
	return listed(texts, ", ", most)
}
