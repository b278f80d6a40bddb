package fact

// Environment is a GitHub environment with its protection rules.
type Environment struct {
	// Name is as GitHub spells it; the asked name where there is none.
	Name   string `json:"name"`
	Exists bool   `json:"exists"`
	URL    string `json:"url,omitempty"`
	// Reviewers are those of whom one has to approve a job; none where the
	// environment does not ask for a review.
	Reviewers []EnvironmentReviewer `json:"reviewers,omitempty"`
	// PreventSelfReview is true where whoever started the run cannot be that one.
	PreventSelfReview bool `json:"prevent_self_review,omitempty"`
	// WaitMinutes is how long each job waits.
	WaitMinutes int `json:"wait_minutes,omitempty"`
	// AdminsBypass is whether administrators can let a job through although its
	// rules are not met; nil where GitHub does not say.
	AdminsBypass *bool `json:"admins_bypass,omitempty"`
	// Refs says which branches and tags the environment lets in.
	Refs EnvironmentRefs `json:"refs,omitempty"`
	// Patterns are those of SelectedRefs, in GitHub's order.
	Patterns []RefPattern `json:"patterns,omitempty"`
	// Apps are the slugs of the apps that have to let each job through.
	Apps []string `json:"apps,omitempty"`
}

// EnvironmentReviewer is a person or a team that may approve.
type EnvironmentReviewer struct {
	// Kind is "user" or "team".
	Kind string `json:"kind"`
	ID   int64  `json:"id"`
	// Name is the login, or organisation/team.
	Name string `json:"name"`
}

// EnvironmentRefs says which branches and tags an environment lets in. The zero
// value says nothing.
type EnvironmentRefs string

// Which branches and tags an environment lets in.
const (
	AllRefs       EnvironmentRefs = "all"
	ProtectedRefs EnvironmentRefs = "protected" // branches with a classic protection rule; no tag
	SelectedRefs  EnvironmentRefs = "selected"  // those that a pattern names
)

// RefPattern is a pattern of GitHub's for names of branches or tags, in the
// language of Ruby's File.fnmatch with FNM_PATHNAME: * stops at a slash.
type RefPattern struct {
	Kind    RefKind `json:"kind"`
	Pattern string  `json:"pattern"`
}

// Settings are those of the repository that matter to deployments.
type Settings struct {
	// Visibility is GitHub's word: public, private or internal.
	Visibility string `json:"visibility"`
	// OwnerKind is User or OtherKind, which is an organisation here.
	OwnerKind PersonKind `json:"owner_kind"`
	// RebaseMerge, SquashMerge and MergeCommit say how pull requests can be
	// merged; nil where the token is not shown that.
	RebaseMerge *bool `json:"rebase_merge,omitempty"`
	SquashMerge *bool `json:"squash_merge,omitempty"`
	MergeCommit *bool `json:"merge_commit,omitempty"`
	Archived    bool  `json:"archived,omitempty"`
}

// Ruleset is a set of rules for branches, tags or pushes, of the repository or of
// what it belongs to.
type Ruleset struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Source is the repository or organisation that has it.
	Source string `json:"source"`
	// Target is branch, tag or push; "" where the list does not say it and Rules are
	// missing.
	Target string `json:"target"`
	// Enforcement is active, evaluate or disabled; any other word is one that GitHub
	// got since, and does not mean active.
	Enforcement string `json:"enforcement"`
	// Include and Exclude are the patterns of full references, such as
	// refs/heads/main or refs/tags/v*, with ~ALL and ~DEFAULT_BRANCH beside them. In
	// them * stops at a slash. Known is missing where GitHub says what it is for
	// by other means than names, or not at all.
	Refs Known[RulesetRefs] `json:"refs"`
	// Rules is missing where the token is not shown them.
	Rules Known[[]Rule] `json:"rules"`
	// Bypass is who need not keep to it; missing where the token is not shown it,
	// as with that of a workflow.
	Bypass Known[[]Bypass] `json:"bypass"`
	URL    string          `json:"url,omitempty"`
}

// RulesetRefs are the references that a ruleset is for.
type RulesetRefs struct {
	Include []string `json:"include"`
	Exclude []string `json:"exclude,omitempty"`
}

// Rule is one rule of a ruleset or of a branch.
type Rule struct {
	// Type is GitHub's word, such as deletion, non_fast_forward, pull_request,
	// required_signatures, required_status_checks, update, creation, workflows.
	Type string `json:"type"`
	// Ruleset is the number of the set that it is of; 0 where it is not known.
	Ruleset int64 `json:"ruleset,omitempty"`
	// Approvals, CodeOwners, LastPush and DismissStale are of pull_request.
	Approvals    int  `json:"approvals,omitempty"`
	CodeOwners   bool `json:"code_owners,omitempty"`
	LastPush     bool `json:"last_push,omitempty"`
	DismissStale bool `json:"dismiss_stale,omitempty"`
	// MergeMethods are of pull_request: merge, squash, rebase; none where it does
	// not say.
	MergeMethods []string `json:"merge_methods,omitempty"`
	// Checks are of required_status_checks, Workflows are paths of workflows; one of
	// another repository has that one's number and a colon before it.
	Checks    []string `json:"checks,omitempty"`
	Workflows []string `json:"workflows,omitempty"`
}

// Bypass is somebody who need not keep to a ruleset.
type Bypass struct {
	// Kind is GitHub's word in its spelling: RepositoryRole, Team, Integration,
	// OrganizationAdmin, DeployKey, EnterpriseOwner or User.
	Kind string `json:"kind"`
	// ID is GitHub's number of it; 0 where it has none. Of the repository's roles 2
	// is maintain, 4 is write, 5 is admin.
	ID int64 `json:"id,omitempty"`
	// Mode is always, pull_request or exempt.
	Mode string `json:"mode"`
}

// BranchGuard is how a branch is guarded.
type BranchGuard struct {
	Name   string `json:"name"`
	Exists bool   `json:"exists"`
	// Rules are the active rules of rulesets for it, of all levels.
	Rules []Rule `json:"rules"`
	// Protected is true where a classic rule of protection is for it. Where Protection
	// is missing it proves nothing: it is what GitHub tells everybody, in a field that
	// it does not document.
	Protected bool `json:"protected"`
	// Protection is that classic rule: the zero Protection where there is none, and
	// missing where the token is not shown it, as with that of a workflow, or the
	// branch does not exist.
	Protection Known[Protection] `json:"protection"`
}

// Protection is a classic rule of branch protection.
type Protection struct {
	// Reviews is nil where no review is asked for.
	Reviews *ReviewRule `json:"reviews,omitempty"`
	// ForAdmins is true where administrators have to keep to it.
	ForAdmins  bool     `json:"for_admins,omitempty"`
	Signatures bool     `json:"signatures,omitempty"`
	ForcePush  bool     `json:"force_push,omitempty"`
	Deletion   bool     `json:"deletion,omitempty"`
	Checks     []string `json:"checks,omitempty"`
	// Locked is true where nobody may push.
	Locked bool `json:"locked,omitempty"`
}

// ReviewRule is what a classic rule asks of reviews.
type ReviewRule struct {
	Approvals    int  `json:"approvals"`
	CodeOwners   bool `json:"code_owners,omitempty"`
	LastPush     bool `json:"last_push,omitempty"`
	DismissStale bool `json:"dismiss_stale,omitempty"`
	// Bypass is how many people, teams and apps need not keep to it.
	Bypass int `json:"bypass,omitempty"`
}

// WorkflowFile is a file in .github/workflows at the tip of the default branch.
type WorkflowFile struct {
	Path string `json:"path"`
	Blob SHA    `json:"blob"`
	// Text is "" where Unreadable says why it is not known: a link, not text, too
	// large.
	Text       string `json:"text,omitempty"`
	Unreadable string `json:"unreadable,omitempty"`
	URL        string `json:"url,omitempty"`
}

// Collaborator is somebody who has a permission in the repository, of whatever
// origin.
type Collaborator struct {
	Person     Person     `json:"person"`
	Permission Permission `json:"permission"`
	// Role is the name of a custom role of the organisation, or "".
	Role string `json:"role,omitempty"`
}
