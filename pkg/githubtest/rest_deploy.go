package githubtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"unicode/utf8"
)

// deployRoutes are what a token with "deployments: write" may do.
func deployRoutes() []route {
	created := objectOf(
		field{name: "ref", required: true, shape: text()},
		field{name: "task", shape: text()},
		field{name: "auto_merge", shape: flag()},
		field{name: "required_contexts", shape: listOf(text())},
		field{name: "payload", shape: shape{kinds: []string{"object", "string"}}},
		field{name: "environment", shape: text()},
		field{name: "description", shape: nullableText()},
		field{name: "transient_environment", shape: flag()},
		field{name: "production_environment", shape: flag()},
	)
	said := objectOf(
		field{name: "state", required: true, shape: text("error", "failure", "inactive", "in_progress", "queued", "pending", "success")},
		field{name: "target_url", shape: text()},
		field{name: "log_url", shape: text()},
		field{name: "description", shape: text()},
		field{name: "environment", shape: text()},
		field{name: "environment_url", shape: text()},
		field{name: "auto_inactive", shape: flag()},
	)
	return []route{
		{method: http.MethodPost, pattern: "/deployments", permission: "deployments", body: created, answer: createDeployment},
		{method: http.MethodPost, pattern: "/deployments/{deployment_id}/statuses", permission: "deployments", body: said, answer: onDeployment(createDeploymentStatus)},
	}
}

// mostDescription is how many characters GitHub takes for a description.
const mostDescription = 140

// describedTooLong answers a description that GitHub does not take.
func (r restRequest) describedTooLong() (answer, bool) {
	return failure(http.StatusUnprocessableEntity, "Validation Failed: description is too long (maximum is 140 characters)"),
		utf8.RuneCountInString(r.body.text("description")) > mostDescription
}

// createDeployment makes a record for what a name points at now.
func createDeployment(r restRequest) answer {
	asked := r.body.text("ref")
	c := r.repo.revision(asked)
	if c == nil {
		return failure(http.StatusUnprocessableEntity, "No ref found for: "+asked)
	}
	if refused, tooLong := r.describedTooLong(); tooLong {
		return refused
	}
	if refused, ok := r.mergedInstead(asked, c); ok {
		return refused
	}
	if failed := r.unsuccessful(c); len(failed) > 0 {
		return newAnswer(http.StatusConflict, doc{
			"message": "Conflict: Commit status checks failed for " + asked + ".",
			"errors":  []doc{{"contexts": failed, "resource": "Deployment", "field": "required_contexts", "code": "invalid"}},
		})
	}
	environment := cmp.Or(r.body.text("environment"), productionEnvironment)
	d := &deployment{
		id: firstDeployment + int64(len(r.repo.deployments)), commit: c, original: environment, environment: environment, ref: asked,
		task: cmp.Or(r.body.text("task"), "deploy"), description: r.body.text("description"), payload: r.payload(),
		creator: r.repo.people[actionsBot], byApp: true, transient: r.body.flag("transient_environment", false),
		production: r.body.flag("production_environment", environment == productionEnvironment), created: r.repo.world.Time,
	}
	r.repo.deployments = append(r.repo.deployments, d)
	return newAnswer(http.StatusCreated, r.deployment(d))
}

// payload is the payload of the body as JSON.
func (r restRequest) payload() json.RawMessage {
	given := r.body["payload"]
	if given == nil {
		given = ""
	}
	payload, err := jsonText(given)
	if err != nil {
		return json.RawMessage(`""`) // cannot be: it was JSON before
	}
	return payload
}

// mergedInstead answers a request for something that lacks commits of the
// default branch. GitHub then merges and deploys nothing; the double does not
// even merge, so that a client which tries again gets the same answer.
func (r restRequest) mergedInstead(asked string, c *commit) (answer, bool) {
	trunk := r.repo.world.DefaultBranch
	tip := r.repo.revision("refs/heads/" + trunk)
	if tip == nil || !r.body.flag("auto_merge", true) {
		return answer{}, false
	}
	found := r.repo.compare(tip, c)
	switch {
	case found == nil:
		return newAnswer(http.StatusConflict, doc{"message": fmt.Sprintf("Conflict merging %s into %s.", trunk, asked)}), true
	case len(found.behind) > 0:
		return newAnswer(http.StatusAccepted, doc{"message": fmt.Sprintf("Auto-merged %s into %s on deployment.", trunk, asked)}), true
	default:
		return answer{}, false
	}
}

// unsuccessful returns the contexts that keep a commit from being deployed:
// every status and check that is there, unless the request names others.
func (r restRequest) unsuccessful(c *commit) []doc {
	states := map[string]string{}
	for _, s := range r.repo.suitesOf(c) {
		for _, run := range s.latest() {
			if state := cmp.Or(run.conclusion, run.status); !slices.Contains([]string{"success", "neutral", "skipped"}, state) {
				states[run.name] = state
			} else if _, seen := states[run.name]; !seen {
				states[run.name] = "success"
			}
		}
	}
	for _, s := range r.repo.contextsOf(c) {
		if _, seen := states[s.context]; !seen || s.state != "success" {
			states[s.context] = s.state
		}
	}
	names, given := texts(r.body["required_contexts"])
	if !given {
		names = slices.Sorted(maps.Keys(states))
	}
	failed := []doc{}
	for _, name := range names {
		if state := cmp.Or(states[name], "pending"); state != "success" {
			failed = append(failed, doc{"context": name, "state": state})
		}
	}
	return failed
}

// createDeploymentStatus adds a status, and after a success makes others inactive.
func createDeploymentStatus(r restRequest, d *deployment) answer {
	if refused, tooLong := r.describedTooLong(); tooLong {
		return refused
	}
	added := r.say(d, r.body.text("state"))
	added.description, added.environmentLink = r.body.text("description"), r.body.text("environment_url")
	added.logAddress = cmp.Or(r.body.text("log_url"), r.body.text("target_url"))
	if moved := r.body.text("environment"); moved != "" {
		added.environment, d.environment = moved, moved
	}
	if added.state == "success" && r.body.flag("auto_inactive", true) {
		for _, other := range r.repo.deployments {
			last := other.newest()
			if other.id < d.id && other.environment == d.environment && !other.production && !other.transient && last != nil && last.state == "success" {
				r.say(other, "inactive")
			}
		}
	}
	return newAnswer(http.StatusCreated, r.deploymentStatus(added))
}

// say adds a status to a deployment in the name of the token.
func (r restRequest) say(d *deployment, state string) *deploymentStatus {
	added := &deploymentStatus{
		id: firstDeploymentStatus + r.repo.deploymentStatuses, deployment: d, state: state, creator: r.repo.people[actionsBot],
		environment: d.environment, created: r.repo.world.Time,
	}
	r.repo.deploymentStatuses++
	d.statuses = append(d.statuses, added)
	return added
}
