package githubtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Event is what starts a workflow run.
type Event struct {
	// Name is push (when empty), create, workflow_dispatch, release, schedule,
	// repository_dispatch, pull_request, merge_group, workflow_run or
	// deployment.
	Name string
	// Ref is the full name of the branch or tag that the event is about: of a
	// pull request its head, of a workflow_run what the run that ended was of.
	// Empty, it is the default branch for a schedule or repository_dispatch,
	// and a deployment is created for Commit alone.
	Ref string
	// Commit is the name of the commit the run is for; the tip of Ref when
	// empty. Naming an older one is a re-run after Ref has moved on.
	Commit string
	// Actor is the login that caused the run, TriggeringActor the one that
	// started this attempt; Actor when empty.
	Actor, TriggeringActor string
	Attempt                int   // 1 when 0
	RunID                  int64 // 9001 when 0
	// Workflow is the path of the workflow file; .github/workflows/deploy.yml
	// when empty.
	Workflow string
	// Action replaces the usual action of an event that has one, such as opened
	// of a pull_request.
	Action string
	// HeadRepository is the "owner/name" of the fork that the head of a
	// pull_request or workflow_run is in; this repository when empty.
	HeadRepository string
	// Cause is the event of the run that ended, push when empty, and Conclusion
	// how it ended, success when empty.
	Cause, Conclusion string
	// Inputs are those of a workflow_dispatch.
	Inputs map[string]string
	// Created, Deleted and Forced describe a push. A tag that is not deleted is
	// always created. Before is the name of the commit that Ref pointed at, or
	// empty.
	Created, Deleted, Forced bool
	Before                   string
}

// Run is what a runner hands to an action: the variables GITHUB_* and the
// event.json, which the caller writes to a file and names in
// GITHUB_EVENT_PATH.
type Run struct {
	Env     map[string]string
	Payload []byte
}

const zeroID = "0000000000000000000000000000000000000000"

// occurrence is an event with its names looked up.
type occurrence struct {
	Event
	site             site
	actor, triggerer *person
	ref              string // of the run; differs from Event.Ref where the run is not of it
	sha              string // of the run: always a commit
	object           string // what the reference points at: a commit or a tag
	before           string
	about            *commit     // what Event.Ref points at
	pull             *pull       // of a pull_request
	head             *repository // where the commit of a pull_request or workflow_run is
}

// Run returns what a runner would hand to an action for an event: the
// addresses are those of the listening server, or github.com's. The shapes are
// those of https://docs.github.com/webhooks and of
// https://docs.github.com/actions/reference/workflows-and-actions/variables.
func (s *Server) Run(event Event) (Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	site, graphql := publicSite(), publicSite().api+"/graphql"
	if s.listening != nil {
		site, graphql = enterpriseSite(s.listening.URL), s.listening.URL+"/api/graphql"
	}
	happened, err := s.repo.look(event)
	if err != nil {
		return Run{}, fmt.Errorf("make event: %w", err)
	}
	happened.site = site
	payload, err := s.repo.payload(happened)
	if err != nil {
		return Run{}, fmt.Errorf("make event: %w", err)
	}
	text, err := json.MarshalIndent(payload, "", "  ")
	if err != nil {
		return Run{}, fmt.Errorf("make event: %w", err)
	}
	return Run{Env: s.repo.variables(happened, graphql), Payload: append(text, '\n')}, nil
}

// defaultRunID is the number of the run that asks.
const defaultRunID = 9001

func (r *repository) look(event Event) (occurrence, error) {
	event.Name = cmp.Or(event.Name, "push")
	event.Attempt, event.RunID = cmp.Or(event.Attempt, 1), cmp.Or(event.RunID, defaultRunID)
	event.Workflow = cmp.Or(event.Workflow, ".github/workflows/deploy.yml")
	o := occurrence{Event: event, ref: event.Ref}
	var err error
	if o.actor, err = r.person(event.Actor); err != nil {
		return o, fmt.Errorf("actor: %w", err)
	}
	if o.triggerer, err = r.person(cmp.Or(event.TriggeringActor, event.Actor)); err != nil {
		return o, fmt.Errorf("triggering actor: %w", err)
	}
	if event.Before != "" {
		before, err := r.commit(event.Before)
		if err != nil {
			return o, fmt.Errorf("before: %w", err)
		}
		o.before = before.id
	}
	if o.head, err = r.elsewhere(event.HeadRepository); err != nil {
		return o, fmt.Errorf("head repository: %w", err)
	}
	if o, err = r.locate(o); err != nil {
		return o, err
	}
	return r.move(o)
}

// locate finds the commit that the event is about.
func (r *repository) locate(o occurrence) (occurrence, error) {
	if o.Deleted {
		// The run of a deletion is one of the default branch.
		o.ref = "refs/heads/" + r.world.DefaultBranch
	}
	if o.Ref == "" && (o.Name == "schedule" || o.Name == "repository_dispatch") {
		o.Ref = "refs/heads/" + r.world.DefaultBranch
		o.ref = o.Ref
	}
	object, ok := r.refs[o.ref]
	if o.Commit != "" {
		c, err := r.commit(o.Commit)
		if err != nil {
			return o, fmt.Errorf("commit: %w", err)
		}
		if !ok || r.peel(object) != c.id {
			object = c.id
		}
		ok = true
	}
	forCommit := o.Name == "deployment" && o.Ref == ""
	if !ok || !forCommit && !strings.HasPrefix(o.Ref, "refs/") {
		return o, fmt.Errorf("ref %q: expected the full name of a reference of the world", o.Ref)
	}
	o.object, o.sha = object, r.peel(object)
	if o.about = r.commits[o.sha]; o.about == nil {
		return o, fmt.Errorf("ref %q: GitHub starts no run for something that is not a commit", o.Ref)
	}
	return o, nil
}

// variables are the GITHUB_* variables of a run.
func (r *repository) variables(o occurrence, graphql string) map[string]string {
	kind, name := "branch", strings.TrimPrefix(o.ref, "refs/heads/")
	if tag, ok := strings.CutPrefix(o.ref, "refs/tags/"); ok {
		kind, name = "tag", tag
	} else if pull, ok := strings.CutPrefix(o.ref, "refs/pull/"); ok {
		name = pull
	}
	if o.ref == "" {
		kind = ""
	}
	headRef, baseRef := "", ""
	if o.pull != nil {
		headRef, baseRef = o.pull.head, o.pull.base
	}
	owner := r.people[strings.ToLower(r.owner)]
	return map[string]string{
		"CI": "true", "GITHUB_ACTIONS": "true",
		"GITHUB_ACTOR": o.actor.login, "GITHUB_ACTOR_ID": strconv.FormatInt(o.actor.id, 10), "GITHUB_TRIGGERING_ACTOR": o.triggerer.login,
		"GITHUB_API_URL": o.site.api, "GITHUB_GRAPHQL_URL": graphql, "GITHUB_SERVER_URL": o.site.html,
		"GITHUB_EVENT_NAME": o.Name, "GITHUB_REF": o.ref, "GITHUB_REF_NAME": name, "GITHUB_REF_TYPE": kind, "GITHUB_REF_PROTECTED": "false",
		"GITHUB_BASE_REF": baseRef, "GITHUB_HEAD_REF": headRef, "GITHUB_SHA": o.sha,
		"GITHUB_REPOSITORY": r.world.Repository, "GITHUB_REPOSITORY_ID": strconv.FormatInt(r.world.RepositoryID, 10),
		"GITHUB_REPOSITORY_OWNER": r.owner, "GITHUB_REPOSITORY_OWNER_ID": strconv.FormatInt(owner.id, 10),
		"GITHUB_RUN_ID": strconv.FormatInt(o.RunID, 10), "GITHUB_RUN_NUMBER": "1", "GITHUB_RUN_ATTEMPT": strconv.Itoa(o.Attempt),
		"GITHUB_JOB": "deploy", "GITHUB_WORKFLOW": o.Workflow,
		"GITHUB_WORKFLOW_REF": r.world.Repository + "/" + o.Workflow + "@" + o.ref, "GITHUB_WORKFLOW_SHA": o.sha,
	}
}
