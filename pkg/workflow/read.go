package workflow

import "go.yaml.in/yaml/v4"

func (r *reader) workflow(v value) Workflow {
	var read Workflow
	if isNull(v.node) {
		r.fail(v, "the file is empty")
		return read
	}
	for _, each := range r.pairs(v) {
		switch each.key {
		case "name":
			read.Name = r.text(each.value)
		case "run-name":
			read.RunName = r.text(each.value)
		case "on": // whatever it is to a reader of YAML 1.1, in which it means true
			read.Events = r.events(each.value)
		case "permissions":
			read.Permissions = r.permissions(each.value)
		case "env":
			read.Env = r.env(each.value)
		case "jobs":
			for _, job := range r.pairs(each.value) {
				read.Jobs = append(read.Jobs, r.job(job))
			}
		}
	}
	switch {
	case len(read.Events) == 0:
		r.fail(v, `"on" is missing: nothing starts this, so it is no workflow`)
	case len(read.Jobs) == 0:
		r.fail(v, `"jobs" is missing or empty, so this is no workflow`)
	}
	return read
}

// events reads "on", which is a word, a list of words, or a map.
func (r *reader) events(v value) []Event {
	var events []Event
	if r.kind(v) != yaml.MappingNode {
		for _, name := range r.texts(v) {
			events = append(events, Event{Name: name})
		}
		return events
	}
	for _, each := range r.pairs(v) {
		event := Event{Name: each.key}
		if each.key == "workflow_dispatch" || each.key == "workflow_call" {
			event.Inputs = r.inputs(each.value)
		}
		if each.key == "push" || each.key == "pull_request" || each.key == "pull_request_target" {
			event.Filters = r.filters(each.value)
		}
		events = append(events, event)
	}
	return events
}

func (r *reader) filters(event value) []Filter {
	var filters []Filter
	for _, each := range r.pairs(event) {
		switch each.key {
		case "branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore":
			filters = append(filters, Filter{Key: each.key, Patterns: r.texts(each.value)})
		}
	}
	return filters
}

func (r *reader) inputs(event value) []Input {
	var inputs []Input
	for _, part := range r.pairs(event) {
		if part.key != "inputs" {
			continue
		}
		for _, each := range r.pairs(part.value) {
			input := Input{Name: each.key}
			for _, said := range r.pairs(each.value) {
				switch said.key {
				case "type":
					input.Type = r.text(said.value)
				case "options":
					input.Options = r.texts(said.value)
				}
			}
			inputs = append(inputs, input)
		}
	}
	return inputs
}

// permissions reads "permissions", which is a word or a map. That it is there and
// empty says something: none.
func (r *reader) permissions(v value) Permissions {
	read := Permissions{Given: true}
	if r.kind(v) == yaml.ScalarNode {
		read.All = r.text(v)
		return read
	}
	read.Scopes = r.entries(v)
	return read
}

func (r *reader) job(from pair) Job {
	job := Job{ID: from.key, Line: from.line()}
	for _, each := range r.pairs(from.value) {
		switch each.key {
		case "name":
			job.Name = r.text(each.value)
		case "environment":
			job.Environment = r.environment(each.value)
		case "needs":
			job.Needs = r.texts(each.value)
		case "if":
			job.If = r.text(each.value)
		case "uses":
			job.Uses = r.text(each.value)
		case "strategy":
			job.Matrix = r.matrix(each.value)
		case "with":
			job.With = r.loose(each.value)
		case "permissions":
			job.Permissions = r.permissions(each.value)
		case "concurrency":
			job.Concurrency = r.concurrency(each.value)
		case "outputs":
			job.Outputs = r.loose(each.value)
		case "env":
			job.Env = r.env(each.value)
		case "container":
			job.Containers = append(job.Containers, r.container(each.value)...)
		case "services":
			job.Containers = append(job.Containers, r.services(each.value)...)
		case "steps":
			for _, step := range r.list(each.value) {
				job.Steps = append(job.Steps, r.step(step))
			}
		}
	}
	job.Texts = r.all(from.value, nil)
	return job
}

// matrix reports whether "strategy" has a matrix. One that is an expression may.
func (r *reader) matrix(v value) bool {
	if r.kind(v) == yaml.ScalarNode {
		return true
	}
	for _, each := range r.pairs(v) {
		if each.key == "matrix" {
			return true
		}
	}
	return false
}

// services reads "services", a map of containers or an expression.
func (r *reader) services(v value) []string {
	if r.kind(v) == yaml.ScalarNode {
		return []string{r.text(v)}
	}
	var texts []string
	for _, each := range r.pairs(v) {
		texts = append(texts, r.container(each.value)...)
	}
	return texts
}

// container returns the texts that a container is given. Credentials are for the
// registry, and do not come into it.
func (r *reader) container(v value) []string {
	if r.kind(v) != yaml.MappingNode {
		return r.all(v, nil)
	}
	var texts []string
	for _, each := range r.pairs(v) {
		if each.key != "credentials" {
			texts = r.all(each.value, texts)
		}
	}
	return texts
}

func (r *reader) environment(v value) Environment {
	if r.kind(v) == yaml.ScalarNode {
		return Environment{Name: r.text(v)}
	}
	var read Environment
	for _, each := range r.spelled(v) {
		switch each.key {
		case "name":
			read.Name = r.text(each.value)
		case "deployment":
			read.Deployment = r.text(each.value)
		}
	}
	return read
}

func (r *reader) concurrency(v value) string {
	if r.kind(v) == yaml.ScalarNode {
		return r.text(v)
	}
	for _, each := range r.pairs(v) {
		if each.key == "group" {
			return r.text(each.value)
		}
	}
	return ""
}

func (r *reader) step(v value) Step {
	step := Step{Line: v.line()}
	for _, each := range r.pairs(v) {
		switch each.key {
		case "id":
			step.ID = r.text(each.value)
		case "name":
			step.Name = r.text(each.value)
		case "uses":
			step.Uses = r.text(each.value)
		case "run":
			step.Run = r.text(each.value)
		case "shell":
			step.Shell = r.text(each.value)
		case "with":
			step.With = r.loose(each.value)
		case "env":
			step.Env = r.env(each.value)
		case "if":
			step.If = r.text(each.value)
		case "continue-on-error":
			step.ContinueOnError = r.text(each.value)
		}
	}
	return step
}
