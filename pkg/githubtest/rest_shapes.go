package githubtest

import (
	"maps"
	"strings"
)

// The shapes that many answers share, as GitHub's OpenAPI description has them.

// simpleUser is an account, or nil when it is gone.
func simpleUser(s site, p *person) any {
	if p == nil || p.gone {
		return nil
	}
	return userDoc(s, p)
}

func userDoc(s site, p *person) doc {
	api := s.api + "/users/" + p.login
	kinds := map[string]string{"bot": "Bot", "mannequin": "Mannequin", "organization": "Organization", "user": "User"}
	return doc{
		"login": p.login, "id": p.id, "node_id": nodeID(kinds[p.kind], p.id), "type": kinds[p.kind], "site_admin": false,
		"avatar_url": s.html + "/avatars/" + p.actorLogin(), "gravatar_id": "", "url": api, "html_url": s.html + "/" + p.actorLogin(),
		"followers_url": api + "/followers", "following_url": api + "/following{/other_user}", "gists_url": api + "/gists{/gist_id}",
		"starred_url": api + "/starred{/owner}{/repo}", "subscriptions_url": api + "/subscriptions", "organizations_url": api + "/orgs",
		"repos_url": api + "/repos", "events_url": api + "/events{/privacy}", "received_events_url": api + "/received_events",
	}
}

// repositoryLinks are the addresses in a repository: field, path.
const repositoryLinks = `archive_url /{archive_format}{/ref}
assignees_url /assignees{/user}
blobs_url /git/blobs{/sha}
branches_url /branches{/branch}
collaborators_url /collaborators{/collaborator}
comments_url /comments{/number}
commits_url /commits{/sha}
compare_url /compare/{base}...{head}
contents_url /contents/{+path}
contributors_url /contributors
deployments_url /deployments
downloads_url /downloads
events_url /events
forks_url /forks
git_commits_url /git/commits{/sha}
git_refs_url /git/refs{/sha}
git_tags_url /git/tags{/sha}
hooks_url /hooks
issue_comment_url /issues/comments{/number}
issue_events_url /issues/events{/number}
issues_url /issues{/number}
keys_url /keys{/key_id}
labels_url /labels{/name}
languages_url /languages
merges_url /merges
milestones_url /milestones{/number}
notifications_url /notifications{?since,all,participating}
pulls_url /pulls{/number}
releases_url /releases{/id}
stargazers_url /stargazers
statuses_url /statuses/{sha}
subscribers_url /subscribers
subscription_url /subscription
tags_url /tags
teams_url /teams
trees_url /git/trees{/sha}`

// minimalRepository is the repository inside other answers.
func (r *repository) minimal(s site) doc {
	shown := doc{
		"id": r.world.RepositoryID, "node_id": nodeID("Repository", r.world.RepositoryID), "name": r.name,
		"full_name": r.world.Repository, "owner": userDoc(s, r.people[strings.ToLower(r.owner)]), "private": r.world.Private,
		"html_url": r.html(s, ""), "description": nil, "fork": false, "url": r.apiURL(s, ""),
	}
	for line := range strings.SplitSeq(repositoryLinks, "\n") {
		field, path, _ := strings.Cut(line, " ")
		shown[field] = r.apiURL(s, "%s", path)
	}
	return shown
}

// full is the repository as its own endpoint shows it.
func (r *repository) full(s site) doc {
	shown := r.minimal(s)
	host := strings.TrimPrefix(strings.TrimPrefix(s.html, "https://"), "http://")
	made := instant(r.world.Time.AddDate(-1, 0, 0))
	for field, value := range (doc{
		"git_url": "git://" + host + "/" + r.world.Repository + ".git", "ssh_url": "git@" + host + ":" + r.world.Repository + ".git",
		"clone_url": r.html(s, ".git"), "svn_url": r.html(s, ""), "mirror_url": nil, "homepage": nil, "language": nil, "license": nil,
		"forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0, "subscribers_count": 0, "network_count": 0,
		"open_issues": 0, "open_issues_count": 0, "size": 1, "default_branch": r.world.DefaultBranch, "topics": []string{},
		"has_issues": true, "has_projects": false, "has_wiki": false, "has_pages": false, "has_discussions": false, "has_downloads": false,
		"archived": r.world.Archived, "disabled": false, "is_template": false, "allow_forking": true, "web_commit_signoff_required": false,
		"visibility": r.visibility(), "created_at": made, "updated_at": instant(r.world.Time), "pushed_at": instant(r.world.Time),
	}) {
		shown[field] = value
	}
	maps.Copy(shown, r.settings())
	return shown
}

// gitIdentity is an author, committer or tagger line.
func gitIdentity(i identity) doc {
	return doc{"name": i.name, "email": i.email, "date": instant(i.when)}
}

// verification is GitHub's verdict, which is there even without a signature.
func verification(s *signature) doc {
	if s == nil {
		return doc{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
	}
	return doc{
		"verified": s.verified, "reason": s.reason, "signature": s.text, "payload": s.shown, "verified_at": instant(s.verifiedAt),
	}
}

// fullCommit is a commit as the commits, compare and pulls endpoints show it.
func (r *repository) fullCommit(s site, c *commit) doc {
	return doc{
		"url": r.apiURL(s, "/commits/%s", c.id), "sha": c.id, "node_id": nodeID("Commit", c.id),
		"html_url": r.html(s, "/commit/%s", c.id), "comments_url": r.apiURL(s, "/commits/%s/comments", c.id),
		"commit": doc{
			"url": r.apiURL(s, "/git/commits/%s", c.id), "author": gitIdentity(c.author), "committer": gitIdentity(c.committer),
			"message": strings.TrimSuffix(c.message, "\n"), "comment_count": 0,
			"tree":         doc{"sha": c.tree, "url": r.apiURL(s, "/git/trees/%s", c.tree)},
			"verification": verification(c.signature),
		},
		"author": simpleUser(s, c.author.account), "committer": simpleUser(s, c.committer.account), "parents": r.parents(s, c),
	}
}

func (r *repository) parents(s site, c *commit) []doc {
	parents := make([]doc, len(c.parents))
	for i, id := range c.parents {
		parents[i] = doc{"sha": id, "url": r.apiURL(s, "/commits/%s", id), "html_url": r.html(s, "/commit/%s", id)}
	}
	return parents
}

// simpleCommit is a commit inside suites, runs and events.
func simpleCommit(c *commit) doc {
	who := func(i identity) doc { return doc{"name": i.name, "email": i.email} }
	return doc{
		"id": c.id, "tree_id": c.tree, "message": strings.TrimSuffix(c.message, "\n"), "timestamp": instant(c.committer.when),
		"author": who(c.author), "committer": who(c.committer),
	}
}

// integration is an app.
func (r *repository) integration(s site, a *app) doc {
	owner := r.people[strings.ToLower(r.owner)]
	return doc{
		"id": a.id, "slug": a.slug, "node_id": nodeID("App", a.id), "owner": userDoc(s, owner), "name": a.name, "description": nil,
		"external_url": s.html, "html_url": s.html + "/apps/" + a.slug, "created_at": instant(r.world.Time.AddDate(-2, 0, 0)),
		"updated_at": instant(r.world.Time.AddDate(-2, 0, 0)), "permissions": doc{"checks": "write"}, "events": []string{},
	}
}
