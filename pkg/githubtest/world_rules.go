package githubtest

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// Ruleset is a set of rules for branches, tags or pushes.
type Ruleset struct {
	Name string `yaml:"name"`
	ID   int64  `yaml:"id"` // 4000001 and on when 0
	// Target is branch (when empty), tag or push.
	Target string `yaml:"target"`
	// Enforcement is active (when empty), evaluate or disabled.
	Enforcement string `yaml:"enforcement"`
	// Source is repository (when empty) or organization. Who administers a
	// repository may not change a set of its organisation.
	Source string `yaml:"source"`
	// Include and Exclude are full references such as refs/tags/v*, in which * stops
	// at a slash and **/ stands for any number of levels; and ~ALL and
	// ~DEFAULT_BRANCH.
	Include []string `yaml:"include"`
	Exclude []string `yaml:"exclude"`
	// Rules are types, or mappings of one type to what it asks for.
	Rules  []RulesetRule   `yaml:"rules"`
	Bypass []RulesetBypass `yaml:"bypass"`
}

// RulesetRule is one rule of a set.
type RulesetRule struct {
	// Type is GitHub's word, of which it has more than any client knows.
	Type string
	// PullRequest is of pull_request, Checks of required_status_checks. Workflows, of
	// workflows, are paths; those of another repository begin with its number and a
	// colon. Parameters are those of any other type.
	PullRequest PullRequestRule
	Checks      []string
	Workflows   []string
	Parameters  doc
}

// PullRequestRule is what the rule pull_request asks for.
type PullRequestRule struct {
	Approvals    int  `yaml:"approvals"`
	CodeOwners   bool `yaml:"code-owners"`
	LastPush     bool `yaml:"last-push"`
	DismissStale bool `yaml:"dismiss-stale"`
	// MergeMethods are merge, squash and rebase; all of them when left out.
	MergeMethods []string `yaml:"merge-methods"`
}

// The types of rules that have a form of their own.
const (
	rulePullRequest = "pull_request"
	ruleChecks      = "required_status_checks"
	ruleWorkflows   = "workflows"
)

// UnmarshalYAML accepts a type, or a mapping with one. "checks" is short for
// required_status_checks.
func (r *RulesetRule) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&r.Type)
	}
	if node.Kind != yaml.MappingNode || len(node.Content) != 2 {
		return fmt.Errorf("line %d: a rule is its type, or a mapping with its type as the only key", node.Line)
	}
	r.Type = node.Content[0].Value
	asked := node.Content[1]
	switch r.Type {
	case rulePullRequest:
		return asked.Load(&r.PullRequest, yaml.WithKnownFields())
	case "checks", ruleChecks:
		r.Type = ruleChecks
		return asked.Load(&r.Checks)
	case ruleWorkflows:
		return asked.Load(&r.Workflows)
	default:
		return asked.Load(&r.Parameters)
	}
}

// RulesetBypass is somebody who need not keep to a set.
type RulesetBypass struct {
	// Kind is RepositoryRole, Team, Integration, OrganizationAdmin, DeployKey or User.
	Kind string `yaml:"kind"`
	ID   int64  `yaml:"id"`   // null in the answers when 0
	Mode string `yaml:"mode"` // always (when empty), pull_request or exempt
}

// Protection is the classic rule of protection for a branch, which need not
// exist. The zero value asks for nothing, and refuses force pushes and deletion.
type Protection struct {
	// Approvals is how many are asked for; no review at all when it is left out, and
	// CodeOwners, LastPush, DismissStale and Bypass are, too.
	Approvals    *int     `yaml:"approvals"`
	CodeOwners   bool     `yaml:"code-owners"`
	LastPush     bool     `yaml:"last-push"`
	DismissStale bool     `yaml:"dismiss-stale"`
	Bypass       []string `yaml:"bypass"` // logins
	ForAdmins    bool     `yaml:"for-admins"`
	Signatures   bool     `yaml:"signatures"`
	ForcePush    bool     `yaml:"force-push"` // allowed
	Deletion     bool     `yaml:"deletion"`   // allowed
	Checks       []string `yaml:"checks"`
	Locked       bool     `yaml:"locked"`
}
