package githubtest

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // git's object ids
	"encoding/hex"
	"fmt"
	"strings"
)

// This file has the events that came after push, workflow_dispatch and
// release. Of most of them the run is of something else than the event is.

// queuePrefix is where the merge queue keeps its branches.
const queuePrefix = "refs/heads/gh-readonly-queue/"

// move sets what the run is of, where that is not what the event is about
// (docs.github.com, "Events that trigger workflows").
func (r *repository) move(o occurrence) (occurrence, error) {
	defaultRef := "refs/heads/" + r.world.DefaultBranch
	switch o.Name {
	case "pull_request":
		branch, ok := strings.CutPrefix(o.Ref, "refs/heads/")
		if !ok {
			return o, fmt.Errorf("ref %q: the head of a pull request is a branch", o.Ref)
		}
		o.pull = r.openPull(o, branch)
		o.ref = fmt.Sprintf("refs/pull/%d/merge", o.pull.number)
		merged := sha1.Sum([]byte("test merge of " + o.about.id)) //nolint:gosec // git's object ids
		o.sha = hex.EncodeToString(merged[:])
	case "workflow_run":
		o.ref, o.sha = defaultRef, r.refs[defaultRef]
	case "schedule", "repository_dispatch":
		if o.Ref != defaultRef {
			return o, fmt.Errorf("ref %q: %s runs on the default branch", o.Ref, o.Name)
		}
	case "merge_group":
		if !strings.HasPrefix(o.Ref, queuePrefix) {
			return o, fmt.Errorf("ref %q: a merge group is on a branch below %s", o.Ref, queuePrefix)
		}
	}
	return o, nil
}

// openPull returns the open pull request of a branch as it is in the World
// with the head that the event names, or makes one with the next number.
func (r *repository) openPull(o occurrence, branch string) *pull {
	number := 1
	for _, listed := range r.pulls {
		if listed.baseRepository != r {
			continue
		}
		if listed.head == branch && !listed.merged && !listed.closed && o.head == r {
			shown := *listed
			shown.commits = []*commit{o.about}
			return &shown
		}
		number = max(number, listed.number+1)
	}
	return &pull{
		id: 500_000 + int64(number), number: number, title: fmt.Sprintf("Pull request %d", number), author: o.actor,
		base: r.world.DefaultBranch, head: branch, commits: []*commit{o.about}, baseRepository: r, createdAt: o.about.committer.when,
	}
}

func (r *repository) pullPayload(o occurrence) doc {
	request := restRequest{repo: r, site: o.site}
	shown := request.simplePull(o.pull)
	for field, value := range (doc{
		"merged": false, "mergeable": nil, "rebaseable": nil, "mergeable_state": "unknown", "merged_by": nil, "comments": 0, "review_comments": 0,
		"maintainer_can_modify": false, "commits": 1, "additions": 1, "deletions": 0, "changed_files": 1, "assignees": []doc{},
		"requested_reviewers": []doc{}, "requested_teams": []doc{}, "active_lock_reason": nil, "closed_at": nil, "merged_at": nil,
		"merge_commit_sha": nil,
		"head":             r.end(o, o.head, o.pull.head, o.about.id),
		"base":             r.end(o, r, o.pull.base, r.refs["refs/heads/"+o.pull.base]),
	}) {
		shown[field] = value
	}
	return doc{
		"action": cmp.Or(o.Action, "opened"), "number": o.pull.number, "pull_request": shown,
		"repository": r.eventRepository(o.site), "sender": userDoc(o.site, o.actor),
	}
}

// end is the base or head of a pull request inside an event.
func (r *repository) end(o occurrence, of *repository, branch, id string) doc {
	shown := restRequest{repo: r, site: o.site}.end(of, branch, id)
	shown["repo"] = of.eventRepository(o.site)
	return shown
}

func (r *repository) createPayload(o occurrence) doc {
	kind, name := "branch", strings.TrimPrefix(o.Ref, "refs/heads/")
	if tag, ok := strings.CutPrefix(o.Ref, "refs/tags/"); ok {
		kind, name = "tag", tag
	}
	return doc{
		"ref": name, "ref_type": kind, "master_branch": r.world.DefaultBranch, "description": nil, "pusher_type": "user",
		"repository": r.eventRepository(o.site), "sender": userDoc(o.site, o.actor),
	}
}

func (r *repository) callPayload(o occurrence) doc {
	return doc{
		"action": cmp.Or(o.Action, "deploy"), "branch": r.world.DefaultBranch, "client_payload": doc{}, "repository": r.eventRepository(o.site),
		"sender": userDoc(o.site, o.actor), "installation": doc{"id": 1, "node_id": nodeID("Installation", 1)},
	}
}

func (r *repository) queuePayload(o occurrence) doc {
	baseRef := "refs/heads/" + r.world.DefaultBranch
	return doc{
		"action": cmp.Or(o.Action, "checks_requested"),
		"merge_group": doc{
			"head_sha": o.about.id, "head_ref": o.Ref, "base_sha": r.refs[baseRef], "base_ref": baseRef, "head_commit": simpleCommit(o.about),
		},
		"repository": r.eventRepository(o.site), "sender": userDoc(o.site, o.actor),
	}
}

// endedPayload has the run that ended, with a number of its own. Its
// "head_branch" is the short name of a branch or a tag.
func (r *repository) endedPayload(o occurrence) doc {
	const path = ".github/workflows/ci.yml"
	id, workflow, when := o.RunID-1, hashOf(path)%1_000_000, instant(r.world.Time)
	_, name, _ := strings.Cut(strings.TrimPrefix(o.Ref, "refs/"), "/")
	api, actor := r.apiURL(o.site, "/actions/runs/%d", id), userDoc(o.site, o.actor)
	workflowURL := r.apiURL(o.site, "/actions/workflows/%d", workflow)
	return doc{
		"action": cmp.Or(o.Action, "completed"),
		"workflow": doc{
			"id": workflow, "node_id": nodeID("Workflow", workflow), "name": path, "path": path, "state": "active", "created_at": when, "updated_at": when,
			"url": workflowURL, "html_url": r.html(o.site, "/blob/%s/%s", r.world.DefaultBranch, path), "badge_url": r.html(o.site, "/workflows/ci/badge.svg"),
		},
		"workflow_run": doc{
			"id": id, "name": path, "node_id": nodeID("WorkflowRun", id), "path": path, "display_title": o.about.headline(),
			"event": cmp.Or(o.Cause, "push"), "status": "completed", "conclusion": cmp.Or(o.Conclusion, "success"),
			"head_branch": name, "head_sha": o.about.id, "head_commit": simpleCommit(o.about),
			"repository": r.minimal(o.site), "head_repository": o.head.minimal(o.site), "pull_requests": []doc{},
			"run_number": 1, "run_attempt": 1, "workflow_id": workflow, "check_suite_id": id, "check_suite_node_id": nodeID("CheckSuite", id),
			"created_at": when, "updated_at": when, "run_started_at": when, "actor": actor, "triggering_actor": actor,
			"url": api, "html_url": r.html(o.site, "/actions/runs/%d", id), "jobs_url": api + "/jobs", "logs_url": api + "/logs",
			"artifacts_url": api + "/artifacts", "cancel_url": api + "/cancel", "rerun_url": api + "/rerun", "previous_attempt_url": nil,
			"check_suite_url": r.apiURL(o.site, "/check-suites/%d", id), "workflow_url": workflowURL,
		},
		"repository": r.eventRepository(o.site), "sender": actor,
	}
}

func (r *repository) deploymentPayload(o occurrence) doc {
	name := o.about.id
	if o.Ref != "" {
		_, name, _ = strings.Cut(strings.TrimPrefix(o.Ref, "refs/"), "/")
	}
	id := 800_000 + hashOf(name)%100_000
	api, when := r.apiURL(o.site, "/deployments/%d", id), instant(r.world.Time)
	return doc{
		"action": cmp.Or(o.Action, "created"),
		"deployment": doc{
			"url": api, "id": id, "node_id": nodeID("Deployment", id), "sha": o.about.id, "ref": name, "task": "deploy", "payload": doc{},
			"original_environment": "production", "environment": "production", "description": nil, "creator": userDoc(o.site, o.actor),
			"created_at": when, "updated_at": when, "statuses_url": api + "/statuses", "repository_url": r.apiURL(o.site, ""),
		},
		"workflow": nil, "workflow_run": nil, "repository": r.eventRepository(o.site), "sender": userDoc(o.site, o.actor),
	}
}
