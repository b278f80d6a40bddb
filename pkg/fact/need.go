package fact

import "fmt"

// Kind is a kind of fact.
type Kind string

// The kinds of fact that a gate can need. Subject, trigger, repository and
// server time are always there.
const (
	NeedRefTarget   Kind = "ref-target"
	NeedCommit      Kind = "commit"
	NeedTag         Kind = "tag"
	NeedPulls       Kind = "pulls"
	NeedChecks      Kind = "checks"
	NeedContainment Kind = "containment" // key: branch
	NeedPermission  Kind = "permission"  // key: Position, or a login after "@"
	NeedKeys        Kind = "keys"        // key: Position; the accounts' public keys
	NeedFile        Kind = "file"        // key: path; as it is beside the policy
	NeedRange       Kind = "range"       // key: RangeFrom.Need
	NeedApprovals   Kind = "approvals"   // key: path of the workflow by which people approve
	NeedRunReviews  Kind = "run-reviews" // what was said of the environments of the asking run
	NeedTeam        Kind = "team"        // key: organisation/team

	NeedRelease          Kind = "release"           // of the subject's tag
	NeedVersions         Kind = "versions"          // all tags
	NeedSource           Kind = "source"            // key: path, a template; as it is in the subject's commit
	NeedPullPapers       Kind = "pull-papers"       // of the pull requests that were merged as the commit
	NeedOpenIssues       Kind = "open-issues"       // key: label
	NeedMilestone        Kind = "milestone"         // key: title, a template
	NeedCodeAlerts       Kind = "code-alerts"       // code scanning
	NeedDependencyAlerts Kind = "dependency-alerts" // of the default branch
	NeedRecentRuns       Kind = "recent-runs"       // key: RunsOf.Need
	NeedOwnership        Kind = "ownership"         // of what MergedPulls changed
	NeedOwnerTeams       Kind = "owner-teams"       // the teams that own it
	NeedRangeReviews     Kind = "range-reviews"     // key: RangeFrom.Need

	NeedDeployments     Kind = "deployments"      // of the subject's commit
	NeedTip             Kind = "tip"              // key: branch
	NeedLocks           Kind = "locks"            // key: environment
	NeedOpenDeployments Kind = "open-deployments" // key: environment
	NeedLastDeployment  Kind = "last-deployment"  // key: JobOf.Need

	NeedEnvironment   Kind = "environment"   // key: its name
	NeedSecrets       Kind = "secrets"       // key: environment, or "" for the repository; names only
	NeedSettings      Kind = "settings"      // of the repository
	NeedRulesets      Kind = "rulesets"      // all that hold for the repository
	NeedBranch        Kind = "branch"        // key: branch; how it is guarded
	NeedWorkflows     Kind = "workflows"     // the files of the default branch
	NeedCollaborators Kind = "collaborators" // who has which permission
)

// Need names one fact. Key is empty for kinds of which there is one.
type Need struct {
	Kind Kind   `json:"kind"`
	Key  string `json:"key,omitempty"`
}

// String returns the need as a reader would name it.
func (n Need) String() string {
	if n.Key == "" || n.Kind == NeedRange || n.Kind == NeedRangeReviews || n.Kind == NeedRecentRuns || n.Kind == NeedLastDeployment {
		return string(n.Kind)
	}
	return fmt.Sprintf("%s of %s", n.Kind, n.Key)
}

// Permissible returns the need for the permission of everyone in a position.
func Permissible(position Position) Need {
	return Need{Kind: NeedPermission, Key: string(position)}
}

// PermissibleLogin returns the need for the permission of one account.
func PermissibleLogin(login string) Need {
	return Need{Kind: NeedPermission, Key: "@" + LoginKey(login)}
}

// TokenPermission returns the permission that GITHUB_TOKEN has to be granted
// before a fact of this kind can be read, as written below "permissions:" in a
// workflow. Source: GitHub's permission table for installation tokens.
func (k Kind) TokenPermission() string { return places[k].permission }
