package workflow

import "strings"

// Workflow is what a file says. Texts are as they were written, expressions
// included; "" stands for what it does not say.
type Workflow struct {
	Name, RunName string
	// Events are what starts it, in the order of the file; at least one.
	Events      []Event
	Permissions Permissions
	Env         Entries
	// Jobs are in the order of the file; at least one.
	Jobs []Job
}

// Event is one thing that starts a workflow.
type Event struct {
	// Name is GitHub's word, such as push or workflow_dispatch.
	Name string
	// Inputs are those of workflow_dispatch and workflow_call, in the order of the
	// file.
	Inputs []Input
	// Filters are what a push or pull request has to be about, in the order of the
	// file; none means any.
	Filters []Filter
}

// Filter narrows an event.
type Filter struct {
	// Key is branches, tags or paths, or one of them with -ignore.
	Key      string
	Patterns []string
}

// Input is an input of a workflow.
type Input struct {
	Name string
	// Type is string, boolean, number, choice or environment; "" is string.
	Type string
	// Options are the choices.
	Options []string
}

// Permissions are what the token of a workflow or a job may do.
type Permissions struct {
	// Given is false where the file says nothing of them: the repository's settings
	// hold then.
	Given bool
	// All is read-all or write-all, or "".
	All string
	// Scopes are the permissions by their names, such as contents: write.
	Scopes Entries
}

// Writes reports whether the token may write anything, or may do what nobody
// said.
func (p Permissions) Writes() bool {
	if !p.Given || p.All == "write-all" {
		return true
	}
	for _, each := range p.Scopes {
		if each.Value == "write" {
			return true
		}
	}
	return false
}

// Job is a job of a workflow.
type Job struct {
	// ID is its key in the file, Name what it is called, or "".
	ID, Name string
	// Line is where it begins in the file, from 1.
	Line        int
	Environment Environment
	Needs       []string
	If          string
	// Uses names the workflow that the job calls; such a job has no steps.
	Uses string
	// Matrix is true where GitHub makes several jobs of it, each with a name of its
	// own.
	Matrix bool
	With   Entries
	// Permissions are its own; where they are not given, those of the workflow hold.
	Permissions Permissions
	// Concurrency is the name of the group.
	Concurrency string
	Outputs     Entries
	Env         Entries
	// Containers are the texts that the job's container and services are given,
	// which run before its first step.
	Containers []string
	Steps      []Step
	// Texts are all texts below the job in the order of the file, without keys:
	// enough to see whether it mentions something, such as a secret.
	Texts []string
}

// Title returns the name that GitHub shows for the job, expressions included.
func (j Job) Title() string {
	if j.Name != "" {
		return j.Name
	}
	return j.ID
}

// Environment is the environment of a job.
type Environment struct {
	// Name is "" where the job has none.
	Name string
	// Deployment is "false" where the job makes no deployment in it; "" where the
	// file does not say.
	Deployment string
}

// Step is a step of a job.
type Step struct {
	ID, Name string
	// Line is where it begins in the file, from 1.
	Line int
	// Uses names an action, Run is a script.
	Uses, Run, Shell string
	With, Env        Entries
	If               string
	// ContinueOnError is "true" where the job goes on after the step failed.
	ContinueOnError string
}

// Action returns the owner and the name of the repository that a step takes its
// action from, and its ref; all are "" where it uses none of another repository.
func (s Step) Action() (repository, ref string) { return Remote(s.Uses) }

// Remote returns the repository, as owner/name, and the ref of what "uses" names;
// both are "" for one of the workspace or of a registry of images.
func Remote(uses string) (repository, ref string) {
	name, ref, ok := strings.Cut(uses, "@")
	parts := strings.Split(name, "/")
	if !ok || len(parts) < 2 || strings.Contains(name, ":") || strings.HasPrefix(name, ".") {
		return "", ""
	}
	return parts[0] + "/" + parts[1], ref
}

// Entries are the entries of a map whose values are texts, in the order of the
// file. Where one expression stands for the whole map, it is the value of the only
// entry, and the key is "".
type Entries []Entry

// Entry is a key with its value.
type Entry struct{ Key, Value string }

// Get returns the value of a key. GitHub does not tell the case of the names of
// inputs apart, and neither does this.
func (e Entries) Get(key string) (value string, ok bool) {
	for _, each := range e {
		if strings.EqualFold(each.Key, key) {
			return each.Value, true
		}
	}
	return "", false
}

// On returns what the file says of an event; ok is false where it does not start
// the workflow.
func (w Workflow) On(name string) (event Event, ok bool) {
	for _, each := range w.Events {
		if each.Name == name {
			return each, true
		}
	}
	return Event{}, false
}

// Job returns the job of an id; ok is false where there is none.
func (w Workflow) Job(id string) (job Job, ok bool) {
	for _, each := range w.Jobs {
		if strings.EqualFold(each.ID, id) {
			return each, true
		}
	}
	return Job{}, false
}
