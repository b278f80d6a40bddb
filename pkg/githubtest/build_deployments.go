package githubtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// deployment is a record of a deployment: made by GitHub for a job, or posted.
type deployment struct {
	id                    int64
	commit                *commit
	original, environment string // as it was made, and as its newest status has it
	ref, task             string
	description           string
	payload               json.RawMessage
	creator               *person
	byApp                 bool // made in the name of GitHub Actions
	transient, production bool
	created               time.Time
	statuses              []*deploymentStatus // oldest first
	job                   *checkRun           // that GitHub made it for, or nil
}

// deploymentStatus is one status of a deployment.
type deploymentStatus struct {
	id                          int64
	deployment                  *deployment
	state                       string // in REST spelling
	creator                     *person
	description, environment    string
	logAddress, environmentLink string
	logPath                     string    // of the log, below the page of the repository
	job                         *checkRun // whose page is the log, or nil
	created                     time.Time
}

// The first ids of the two series, in which GitHub counts by time.
const (
	firstDeployment       = 800_001
	firstDeploymentStatus = 8_000_001
)

// productionEnvironment is where a deployment goes that names no environment.
const productionEnvironment = "production"

func deploymentStates() []string {
	return []string{"error", "failure", "inactive", "in_progress", "queued", "pending", "success", "waiting"}
}

// deployJob makes the record of a job that has an environment. began is when
// GitHub heard of the job.
func (r *repository) deployJob(job *checkRun, listed Check, began time.Time) error {
	if listed.Environment == "" || job.conclusion == "skipped" {
		if len(listed.DeploymentStatuses) > 0 {
			return errors.New("deployment-statuses: there is no deployment; a job that ran has one for its environment")
		}
		return nil
	}
	run := job.suite.run
	if run == nil || job.posted {
		return errors.New("environment: only a job has one; set workflow and run-id, and not posted")
	}
	d := &deployment{
		commit: job.suite.commit, original: listed.Environment, ref: run.branch, task: "deploy", payload: json.RawMessage(`""`),
		creator: run.actor, byApp: true, production: listed.Environment == productionEnvironment, created: began, job: job,
	}
	if err := d.follow(job, r.people[actionsBot]); err != nil {
		return err
	}
	return r.addDeployment(d, listed.DeploymentStatuses)
}

// follow writes down how a job went.
func (d *deployment) follow(job *checkRun, by *person) error {
	say := func(state string, at time.Time) {
		d.statuses = append(d.statuses, &deploymentStatus{deployment: d, state: state, creator: by, job: job, created: at})
	}
	switch job.status {
	case "queued", "waiting", "pending":
		say(job.status, d.created)
	case "in_progress", "completed":
		say("in_progress", job.started)
	default:
		return fmt.Errorf("environment: GitHub has no state of a deployment for a job that is %s", job.status)
	}
	if job.status != "completed" {
		return nil
	}
	ends := map[string]string{"success": "success", "failure": "failure", "timed_out": "failure", "cancelled": "error"}
	end, ok := ends[job.conclusion]
	if !ok {
		return fmt.Errorf("environment: no job that has one ends with %s", job.conclusion)
	}
	say(end, job.completed)
	return nil
}

// buildDeployments comes after buildChecks, whose records are in the same
// series of ids.
func (r *repository) buildDeployments() error {
	for i, listed := range r.world.Deployments {
		if err := r.postDeployment(listed); err != nil {
			return fmt.Errorf("deployments: number %d: %w", i+1, err)
		}
	}
	slices.SortStableFunc(r.deployments, func(a, b *deployment) int { return a.created.Compare(b.created) })
	var statuses []*deploymentStatus
	for i, d := range r.deployments {
		d.id = firstDeployment + int64(i)
		statuses = append(statuses, d.statuses...)
	}
	slices.SortStableFunc(statuses, func(a, b *deploymentStatus) int { return a.created.Compare(b.created) })
	for i, s := range statuses {
		s.id = firstDeploymentStatus + int64(i)
	}
	r.deploymentStatuses = int64(len(statuses))
	return nil
}

func (r *repository) postDeployment(listed Deployment) error {
	c, err := r.commit(listed.Commit)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	by, err := r.person(cmp.Or(listed.By, actionsBot))
	if err != nil {
		return fmt.Errorf("by: %w", err)
	}
	payload, err := r.payloadOf(listed.Payload)
	if err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	environment := cmp.Or(listed.Environment, productionEnvironment)
	return r.addDeployment(&deployment{
		commit: c, original: environment, ref: cmp.Or(r.spelled(listed.Ref), c.branch), task: cmp.Or(listed.Task, "deploy"),
		description: listed.Description, payload: payload, creator: by, byApp: by.login == actionsBot, transient: listed.Transient,
		production: environment == productionEnvironment, created: r.ago(listed.MinutesAgo, 60),
	}, listed.Statuses)
}

// payloadOf is the payload of a deployment as JSON.
func (r *repository) payloadOf(listed any) (json.RawMessage, error) {
	switch listed.(type) {
	case nil:
		listed = ""
	case string, map[string]any:
	default:
		return nil, fmt.Errorf("%v; expected a text or a mapping", listed)
	}
	payload, err := jsonText(listed)
	if err != nil {
		return nil, err
	}
	return json.RawMessage(r.spelled(string(payload))), nil
}

// jsonText is JSON in which angle brackets stay what they are: the names of
// commits are in them.
func jsonText(value any) (json.RawMessage, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// addDeployment adds a record with the statuses that somebody posted to it.
func (r *repository) addDeployment(d *deployment, posted []DeploymentStatus) error {
	for i, listed := range posted {
		if err := r.postDeploymentStatus(d, listed); err != nil {
			return fmt.Errorf("statuses: number %d: %w", i+1, err)
		}
	}
	slices.SortStableFunc(d.statuses, func(a, b *deploymentStatus) int { return a.created.Compare(b.created) })
	d.environment = d.original
	for _, s := range d.statuses {
		d.environment = cmp.Or(s.environment, d.environment)
		s.environment = d.environment
	}
	r.deployments = append(r.deployments, d)
	return nil
}

func (r *repository) postDeploymentStatus(d *deployment, listed DeploymentStatus) error {
	if !slices.Contains(deploymentStates(), listed.State) {
		return fmt.Errorf("state %q; expected one of %v", listed.State, deploymentStates())
	}
	by, err := r.person(cmp.Or(listed.By, actionsBot))
	if err != nil {
		return fmt.Errorf("by: %w", err)
	}
	at := d.updated()
	if listed.MinutesAgo != nil {
		at = r.ago(listed.MinutesAgo, 0)
	}
	if at.Before(d.created) {
		return errors.New("minutes-ago: the deployment was not there yet")
	}
	posted := &deploymentStatus{
		deployment: d, state: listed.State, creator: by, description: listed.Description, environment: listed.Environment, created: at,
	}
	if strings.HasPrefix(listed.LogURL, "/") {
		posted.logPath = listed.LogURL
	} else {
		posted.logAddress = listed.LogURL
	}
	d.statuses = append(d.statuses, posted)
	return nil
}

// newest returns the newest status, or nil.
func (d *deployment) newest() *deploymentStatus {
	if len(d.statuses) == 0 {
		return nil
	}
	return d.statuses[len(d.statuses)-1]
}

// updated is when something was last said of the deployment.
func (d *deployment) updated() time.Time {
	if s := d.newest(); s != nil {
		return s.created
	}
	return d.created
}

// log is the address of what was written during a deployment, or "".
func (s *deploymentStatus) log(r *repository, at site) string {
	switch {
	case s.job != nil:
		return s.job.page(r, at)
	case s.logPath != "":
		return r.html(at, "%s", s.logPath)
	default:
		return s.logAddress
	}
}

// deploymentOf returns the record of a job, or nil.
func (r *repository) deploymentOf(job *checkRun) *deployment {
	for _, d := range r.deployments {
		if d.job == job {
			return d
		}
	}
	return nil
}

// pendingEnds is how long GitHub calls a deployment pending that nobody speaks
// of (the enum DeploymentState).
const pendingEnds = 30 * time.Minute

// deploymentState is the state of a deployment in GraphQL's words, which GitHub
// works out. A success lasts until a newer deployment of the environment has
// succeeded.
func (r *repository) deploymentState(d *deployment) string {
	s := d.newest()
	switch {
	case s == nil || s.state == "pending":
		if r.world.Time.Sub(d.updated()) > pendingEnds {
			return "ABANDONED"
		}
		return "PENDING"
	case s.state == "success":
		newer := r.deployments[slices.Index(r.deployments, d)+1:]
		if slices.ContainsFunc(newer, func(other *deployment) bool {
			return other.environment == d.environment && other.newest() != nil && other.newest().state == "success"
		}) {
			return "INACTIVE"
		}
		return "ACTIVE"
	case s.state == "inactive" && d.transient:
		return "DESTROYED"
	default:
		return strings.ToUpper(s.state)
	}
}
