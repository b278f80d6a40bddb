package githubtest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func teamRoutes() []route {
	return []route{
		{pattern: "/orgs/{org}/teams/{team_slug}/members", people: true, paged: true, answer: listMembers},
	}
}

func listMembers(r restRequest) answer {
	found := r.repo.teams[strings.ToLower(r.value("team_slug"))]
	if found == nil || !strings.EqualFold(r.value("org"), r.repo.owner) {
		return notFound()
	}
	return paged(r, found.everybody(), func(p *person) doc {
		shown := userDoc(r.site, p)
		shown["role"], shown["inherited"] = "member", !slices.Contains(found.members, p)
		return shown
	}, bare)
}

// listRunReviews lists the reviews of a run. Every number is that of a run: the
// one that asks is not in the World.
func listRunReviews(r restRequest) answer {
	id, err := strconv.ParseInt(r.value("run_id"), 10, 64)
	if err != nil || id <= 0 {
		return notFound()
	}
	reviews := []doc{}
	for _, review := range r.repo.runReviews {
		if review.run == id {
			reviews = append(reviews, r.runReview(review))
		}
	}
	return newAnswer(http.StatusOK, reviews)
}

func (r restRequest) runReview(review *runReview) doc {
	environments := make([]doc, len(review.environments))
	for i, name := range review.environments {
		id := hashOf(name)
		made := instant(r.repo.world.Time.AddDate(-1, 0, 0))
		environments[i] = doc{
			"id": id, "node_id": nodeID("Environment", id), "name": name, "url": r.repo.apiURL(r.site, "/environments/%s", name),
			"html_url":   r.repo.html(r.site, "/deployments/activity_log?environments_filter=%s", name),
			"created_at": made, "updated_at": made,
		}
	}
	return doc{"state": review.state, "comment": review.comment, "user": simpleUser(r.site, review.user), "environments": environments}
}
