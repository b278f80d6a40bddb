package gate

import (
	"fmt"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// supposesReview lets enough people have approved the pull request that GitHub merged
// as the commit, among them owners of what it changed where they are asked for.
// Without it nobody has.
var supposesReview = Supposing[reviewed]{
	Noun: "review",
	With: func(params reviewed, in Supposed, _ string) error {
		in.Attribute()
		if params.Merge == mergedByGitHub {
			in.mergeOnGitHub()
		} else {
			in.MergedPull(func(*fact.Pull) {})
		}
		in.takeBackReviews()
		if err := params.approve(in); err != nil {
			return err
		}
		if from, ranged := params.since().from(); ranged && checkReviewed(params, in.input()).Outcome != verdict.Pass {
			in.write(func() { in.Since(from) })
		}
		return nil
	},
	Without: func(_ reviewed, in Supposed, _ string) error {
		in.Attribute()
		in.ChangeReviews(func(each *fact.Review) bool { return each.State != fact.Approved })
		return nil
	},
}

// mergeOnGitHub lets GitHub have made the commit when somebody merged the pull
// request. Whoever signed it until now has merged it then, so that the same person
// answers for it.
func (in Supposed) mergeOnGitHub() {
	in.MergedPull(func(*fact.Pull) {})
	commit, missing := in.input().commit()
	landed, unknown := in.input().findLanding()
	if missing == nil && unknown == nil {
		if why, missing := notMade(commit, landed.pulls[0]); why == "" && missing == nil {
			return
		}
	}
	if signer := commit.Signature.Signer; signer != nil && commit.Signature.Good() {
		in.MergedPull(func(pull *fact.Pull) { pull.MergedBy = signer })
	}
	in.write(in.SquashCommit)
}

// takeBackReviews lets requests for changes be dismissed.
func (in Supposed) takeBackReviews() {
	in.ChangeReviews(func(each *fact.Review) bool {
		if each.State == fact.ChangesRequested {
			each.State = fact.Dismissed
		}
		return true
	})
}

// landed returns the story of the pull request that was merged as the commit, and the
// logins of those who worked on it.
func (in Supposed) landed() (work story, workers []string, err error) {
	landed, unknown := in.input().findLanding()
	if unknown == nil && len(landed.pulls) == 0 {
		return work, nil, fmt.Errorf("no pull request was merged into %q as the commit", landed.branch)
	}
	if unknown == nil {
		work, unknown = readStory(landed.pulls[0])
	}
	if unknown != nil {
		return work, nil, fmt.Errorf("%s", unknown.Reason)
	}
	add := func(person *fact.Person) {
		if person != nil && !isAmong(workers, person.Login) {
			workers = append(workers, person.Login)
		}
	}
	add(work.pull.Author)
	for _, each := range work.commits {
		add(each.Author)
		add(each.Committer)
	}
	return work, workers, nil
}

// approve adds the reviews: those of the owners first, of whom some can hold the role.
func (p reviewed) approve(in Supposed) error {
	work, not, err := in.landed()
	if err != nil {
		return err
	}
	if p.CodeOwners {
		owners, err := p.owners(in, work, not)
		if err != nil {
			return err
		}
		for _, each := range owners {
			in.AddReview(in.Grant(each, fact.WritePermission), time.Time{})
		}
	}
	for range p.needed(work) {
		holder, err := in.holder(p.By, not...)
		if err != nil {
			return err
		}
		in.AddReview(holder, time.Time{})
		not = append(not, holder.Login)
	}
	return nil
}

// owners returns somebody for each line of the CODEOWNERS file that gives away what
// was changed; where nothing is known of that, lets somebody in the role own it.
func (p reviewed) owners(in Supposed, work story, not []string) ([]string, error) {
	number := work.pull.Number
	owned, missing := in.Facts.OwnershipOf(number).Get()
	if missing != nil || owned.Path == "" || work.doubts(owned) != nil {
		holder, err := in.holder(p.By, not...)
		if err != nil {
			return nil, err
		}
		owned = fact.Ownership{
			Number: number, Base: in.Commit("before the pull request"), Path: ".github/CODEOWNERS",
			Files: []fact.OwnedFile{{Path: "main.go", Owners: []string{"@" + holder.Login}, Line: 1}},
		}
		in.Facts.Ownership[fact.PullKey(number)] = fact.Of(owned, suppose.Source())
	}
	groups, _ := properties(owned.Files)
	owners := make([]string, len(groups))
	for i, group := range groups {
		if owners[i] = in.owner(group.owners, not); owners[i] == "" {
			return nil, fmt.Errorf("nobody who owns %s can approve it: %s worked on it, and neither a program nor an address is a person", describe([]property{group}, owned.Path), listed(not, ", ", 5))
		}
	}
	return owners, nil
}

// owner returns the login of one of the owners in a line, who is none of those who
// must not be it; "" where there is none.
func (in Supposed) owner(owners, not []string) string {
	for _, each := range owners {
		name, marked := strings.CutPrefix(each, "@")
		_, team, isTeam := strings.Cut(name, "/")
		switch {
		case !marked:
		case isTeam:
			return in.Join(team+"-member", name).Login
		case !isAmong(not, name) && in.Person(name).Kind == fact.User:
			return name
		}
	}
	return ""
}
