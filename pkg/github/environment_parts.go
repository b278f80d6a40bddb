package github

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// environmentsAnswer is a page of the environments of a repository.
type environmentsAnswer struct {
	Total        *int `json:"total_count"`
	Environments []*struct {
		Name string `json:"name"`
	} `json:"environments"`
}

func (a environmentsAnswer) items() ([]string, int, error) {
	if a.Total == nil || a.Environments == nil {
		return nil, 0, incomplete("the answer has no list of environments, or no total")
	}
	var names []string
	for _, node := range a.Environments {
		if node == nil || node.Name == "" {
			return nil, 0, incomplete("the answer does not hold the name of an environment")
		}
		names = append(names, node.Name)
	}
	return names, *a.Total, nil
}

// noEnvironment makes sure that an environment which was not found is not there:
// GitHub may say "not found" of what a token may not see.
func (r *Reader) noEnvironment(ctx context.Context, name string) error {
	asked := r.below("environments")
	names, err := listBelow[environmentsAnswer](ctx, r, asked, "", func(name string) string { return fmt.Sprintf("%q", name) })
	if err != nil {
		return err
	}
	if slices.ContainsFunc(names, func(each string) bool { return strings.EqualFold(each, name) }) {
		return inconsistent(fmt.Sprintf("GET /%s: lists the environment %q, which was not found by its name", asked, name))
	}
	return nil
}

// patternsAnswer is a page of the patterns of an environment.
type patternsAnswer struct {
	Total    *int           `json:"total_count"`
	Patterns []*patternNode `json:"branch_policies"`
}

type patternNode struct {
	ID   int64        `json:"id"`
	Name string       `json:"name"`
	Type fact.RefKind `json:"type"`
}

func (a patternsAnswer) items() ([]patternNode, int, error) {
	if a.Total == nil || a.Patterns == nil {
		return nil, 0, incomplete("the answer has no list of patterns, or no total")
	}
	var listed []patternNode
	for _, node := range a.Patterns {
		// A pattern for branches is none for tags: what it is for has to be said.
		if node == nil || node.ID <= 0 || node.Name == "" || node.Type != fact.Branch && node.Type != fact.TagRef {
			return nil, 0, incomplete("the answer does not hold all of a pattern")
		}
		listed = append(listed, *node)
	}
	return listed, *a.Total, nil
}

// environmentPatterns reads the patterns of an environment, in GitHub's order.
func (r *Reader) environmentPatterns(ctx context.Context, asked string) ([]fact.RefPattern, error) {
	nodes, err := listBelow[patternsAnswer](ctx, r, asked, "", func(node patternNode) string { return "pattern " + strconv.FormatInt(node.ID, 10) })
	if err != nil {
		return nil, err
	}
	var patterns []fact.RefPattern
	for _, node := range nodes {
		patterns = append(patterns, fact.RefPattern{Kind: node.Type, Pattern: node.Name})
	}
	return patterns, nil
}

// appsAnswer lists all apps that guard an environment: it has no pages.
type appsAnswer struct {
	Total *int `json:"total_count"`
	Rules []*struct {
		Enabled *bool `json:"enabled"`
		App     *struct {
			Slug string `json:"slug"`
		} `json:"app"`
	} `json:"custom_deployment_protection_rules"`
}

// environmentApps reads the apps that have to let each job through, in GitHub's
// order.
func (r *Reader) environmentApps(ctx context.Context, asked string) ([]string, error) {
	var answer appsAnswer
	if _, err := r.read(ctx, asked, "", &answer); err != nil {
		return nil, err
	}
	if answer.Total == nil || answer.Rules == nil || *answer.Total != len(answer.Rules) {
		return nil, incomplete(fmt.Sprintf("GET /%s: the answer does not hold all apps of the environment", asked))
	}
	var apps []string
	for _, rule := range answer.Rules {
		if rule == nil || rule.Enabled == nil || rule.App == nil || rule.App.Slug == "" {
			return nil, incomplete(fmt.Sprintf("GET /%s: the answer does not hold all of an app", asked))
		}
		if *rule.Enabled {
			apps = append(apps, rule.App.Slug)
		}
	}
	return apps, nil
}
