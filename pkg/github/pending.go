package github

import (
	"context"

	"github.com/stageward/stageward/pkg/fact"
)

// Environment is not built yet.
func (r *Reader) Environment(context.Context, string) fact.Known[fact.Environment] {
	return fact.Known[fact.Environment]{}
}

// Secrets is not built yet.
func (r *Reader) Secrets(context.Context, string) fact.Known[[]string] {
	return fact.Known[[]string]{}
}

// Settings is not built yet.
func (r *Reader) Settings(context.Context) fact.Known[fact.Settings] {
	return fact.Known[fact.Settings]{}
}

// Collaborators is not built yet.
func (r *Reader) Collaborators(context.Context) fact.Known[[]fact.Collaborator] {
	return fact.Known[[]fact.Collaborator]{}
}

// Rulesets is not built yet.
func (r *Reader) Rulesets(context.Context) fact.Known[[]fact.Ruleset] {
	return fact.Known[[]fact.Ruleset]{}
}

// Branch is not built yet.
func (r *Reader) Branch(context.Context, string) fact.Known[fact.BranchGuard] {
	return fact.Known[fact.BranchGuard]{}
}

// Workflows is not built yet.
func (r *Reader) Workflows(context.Context) fact.Known[[]fact.WorkflowFile] {
	return fact.Known[[]fact.WorkflowFile]{}
}
