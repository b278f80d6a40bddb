package github

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
)

const teamSource = "GET /orgs/{org}/teams/{team_slug}/members"

// slugPattern is the name of a team as its address has it. It begins with what
// keeps it from being "." or "..".
var slugPattern = lazy.New(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

// peopleNeeds is what the token for teams has to be granted. Source: REST
// documentation, "List team members".
const peopleNeeds = `"Members: read" of the organisation for a GitHub App or a fine-grained token, or the scope read:org for a classic one`

// Team reads who is in a team, in the order of their numbers; those in the teams
// below it are. slug is organisation/team. Invitations that nobody accepted yet
// are not in it.
//
// Teams of another organisation than the repository's owner are NotFound and not
// asked for: they cannot hold roles here, because their owners could put into
// them whom they like.
//
// The request is the only one that bears Config.PeopleToken, and it follows no
// redirect. Without that token, and whenever the answer is not a whole list of
// members, the team is a missing fact. An account that has the team's name is
// somebody else.
func (r *Reader) Team(ctx context.Context, slug string) fact.Known[fact.Team] {
	organisation, name, _ := strings.Cut(slug, "/")
	lost := func(reason fact.Reason, detail, fix string) fact.Known[fact.Team] {
		return fact.Lost[fact.Team](fact.Missing{Reason: reason, Detail: detail, Fix: fix})
	}
	switch {
	case !ownerPattern.MatchString(organisation) || !slugPattern.MatchString(name):
		return lost(fact.NotFound, fmt.Sprintf("%q is not a team", slug), "Name a team as organisation/team, as its address on GitHub has it.")
	case fact.LoginKey(organisation) != fact.LoginKey(r.owner):
		return lost(fact.NotFound, fmt.Sprintf("the team %s is of another organisation than the repository, whose owner is %s; it cannot hold a role here", slug, r.owner),
			"Name a team of "+r.owner+".")
	case r.people == nil:
		return lost(fact.Forbidden, fmt.Sprintf("the token of a workflow cannot read teams, so who is in %s is not known", slug),
			"Pass a token that can in the input people-token (on the command line in STAGEWARD_PEOPLE_TOKEN). It needs "+peopleNeeds+".")
	}
	members, err := r.members(ctx, fmt.Sprintf("orgs/%s/teams/%s/members", r.owner, name))
	if err != nil {
		return fact.Lost[fact.Team](*r.teamMissing(slug, err))
	}
	return fact.Of(fact.Team{Slug: slug, Members: members}, fact.Source{From: teamSource, URL: r.teamPage(name)})
}

// teamPage is the team's page for people.
func (r *Reader) teamPage(name string) string {
	repository := r.session().set.Repository.OrZero().URL
	address, err := url.Parse(repository)
	if err != nil || repository == "" {
		return ""
	}
	return address.ResolveReference(&url.URL{Path: fmt.Sprintf("/orgs/%s/teams/%s", r.owner, name)}).String()
}

// members reads all pages of the members of a team. The list does not count
// itself.
func (r *Reader) members(ctx context.Context, asked string) ([]fact.Person, error) {
	people := list[fact.Person]{
		name: "GET /" + asked,
		key:  func(member fact.Person) string { return "account " + strconv.FormatInt(member.ID, 10) },
		fetch: func(ctx context.Context, number int) (page[fact.Person], error) {
			var answer []answered[gh.User]
			resp, err := getAs(ctx, r.people, fmt.Sprintf("%s?per_page=%d&page=%d", asked, perPage, number), &answer)
			if err != nil {
				return page[fact.Person]{}, err
			}
			read := page[fact.Person]{total: uncounted}
			for _, each := range answer {
				if each.value == nil || !whole(each) {
					return read, incomplete("GET /" + asked + ": the answer does not hold all of a member")
				}
				read.items = append(read.items, *restPerson(each.value))
			}
			read.next, err = r.nextPage(resp.Response, number)
			return read, err
		},
	}
	var found []fact.Person
	err := twice(func(int) (err error) {
		found, err = people.read(ctx, uncounted)
		return err
	})
	order.By(found, func(a, b fact.Person) int { return cmp.Compare(a.ID, b.ID) })
	return found, err
}

// teamMissing says why a team is not known. A refusal may look like a team that
// is not there, and the other way round: GitHub hides what a token may not see.
func (r *Reader) teamMissing(slug string, err error) *fact.Missing {
	lost := r.missing("team "+slug, err, "")
	if lost.Reason == fact.NotFound || lost.Reason == fact.Forbidden {
		lost.Fix = fmt.Sprintf("Is there a team %s? The token in people-token has to be valid and to see the team. It needs %s.", slug, peopleNeeds)
	}
	return lost
}
