package githubtest

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// payload is the body of event.json.
func (r *repository) payload(o occurrence) (doc, error) {
	switch o.Name {
	case "push":
		return r.pushPayload(o), nil
	case "workflow_dispatch":
		return r.dispatchPayload(o), nil
	case "release":
		return r.releasePayload(o)
	case "create":
		return r.createPayload(o), nil
	case "schedule":
		return doc{"schedule": "0 4 * * *", "repository": r.eventRepository(o.site), "sender": userDoc(o.site, o.actor), "workflow": o.Workflow}, nil
	case "repository_dispatch":
		return r.callPayload(o), nil
	case "pull_request":
		return r.pullPayload(o), nil
	case "merge_group":
		return r.queuePayload(o), nil
	case "workflow_run":
		return r.endedPayload(o), nil
	case "deployment":
		return r.deploymentPayload(o), nil
	default:
		return nil, fmt.Errorf("name %q; expected push, create, workflow_dispatch, release, schedule, repository_dispatch, "+
			"pull_request, merge_group, workflow_run or deployment", o.Name)
	}
}

// pushPayload has the id of the tag object in "after" for an annotated tag,
// while the run is for the commit behind it.
func (r *repository) pushPayload(o occurrence) doc {
	tag := strings.HasPrefix(o.Ref, "refs/tags/")
	created := o.Created || tag && !o.Deleted && o.before == ""
	before, after := cmp.Or(o.before, zeroID), o.object
	if o.Deleted {
		after = zeroID
	}
	if o.before == "" && !created && !o.Deleted {
		before = r.firstParent(o.sha)
	}
	pushed := doc{
		"ref": o.Ref, "before": before, "after": after, "created": created, "deleted": o.Deleted, "forced": o.Forced, "base_ref": nil,
		"compare": r.html(o.site, "/compare/%.12s...%.12s", before, after), "commits": []doc{}, "head_commit": nil,
		"repository": r.pushedRepository(o.site), "pusher": doc{"name": o.actor.login, "email": o.actor.email()},
		"sender": userDoc(o.site, o.actor),
	}
	if !o.Deleted {
		head := r.pushedCommit(o.site, r.commits[o.sha])
		pushed["head_commit"] = head
		if !tag {
			pushed["commits"] = []doc{head}
		}
	}
	return pushed
}

func (r *repository) firstParent(id string) string {
	if parents := r.commits[id].parents; len(parents) > 0 {
		return parents[0]
	}
	return zeroID
}

func (r *repository) pushedCommit(s site, c *commit) doc {
	who := func(i identity) doc {
		shown := doc{"name": i.name, "email": i.email}
		if i.account != nil {
			shown["username"] = i.account.login
		}
		return shown
	}
	return doc{
		"id": c.id, "tree_id": c.tree, "distinct": true, "message": strings.TrimSuffix(c.message, "\n"),
		"timestamp": c.committer.when.Format(time.RFC3339), "url": r.html(s, "/commit/%s", c.id), "author": who(c.author),
		"committer": who(c.committer), "added": []string{}, "removed": []string{}, "modified": []string{},
	}
}

// eventRepository is the repository inside events.
func (r *repository) eventRepository(s site) doc {
	shown := r.full(s)
	delete(shown, "network_count")
	delete(shown, "subscribers_count")
	shown["custom_properties"] = doc{}
	return shown
}

// pushedRepository differs from the repository elsewhere: times are numbers,
// and the owner has a name and an e-mail.
func (r *repository) pushedRepository(s site) doc {
	shown := r.eventRepository(s)
	owner := r.people[strings.ToLower(r.owner)]
	ownerDoc := userDoc(s, owner)
	ownerDoc["name"], ownerDoc["email"] = owner.login, nil
	shown["owner"], shown["url"] = ownerDoc, r.html(s, "")
	shown["created_at"], shown["pushed_at"] = r.world.Time.AddDate(-1, 0, 0).Unix(), r.world.Time.Unix()
	shown["stargazers"], shown["master_branch"] = 0, r.world.DefaultBranch
	return shown
}

func (r *repository) dispatchPayload(o occurrence) doc {
	shown := doc{
		"inputs": nil, "ref": o.Ref, "repository": r.eventRepository(o.site), "sender": userDoc(o.site, o.actor), "workflow": o.Workflow,
	}
	if len(o.Inputs) > 0 {
		shown["inputs"] = o.Inputs
	}
	return shown
}

func (r *repository) releasePayload(o occurrence) (doc, error) {
	name, ok := strings.CutPrefix(o.Ref, "refs/tags/")
	if !ok {
		return nil, fmt.Errorf("ref %q: a release is of a tag", o.Ref)
	}
	id := 700_000 + hashOf(name)%100_000
	api := r.apiURL(o.site, "/releases/%d", id)
	published := instant(r.world.Time.Add(-time.Minute))
	return doc{
		"action": cmp.Or(o.Action, "published"),
		"release": doc{
			"url": api, "assets_url": api + "/assets", "upload_url": api + "/assets{?name,label}", "id": id, "node_id": nodeID("Release", id),
			"html_url": r.html(o.site, "/releases/tag/%s", name), "tag_name": name, "target_commitish": r.world.DefaultBranch, "name": name,
			"draft": false, "prerelease": strings.Contains(name, "-"), "author": userDoc(o.site, o.actor), "created_at": published,
			"published_at": published, "assets": []doc{}, "tarball_url": r.apiURL(o.site, "/tarball/%s", name),
			"zipball_url": r.apiURL(o.site, "/zipball/%s", name), "body": "",
		},
		"repository": r.eventRepository(o.site), "sender": userDoc(o.site, o.actor),
	}, nil
}
