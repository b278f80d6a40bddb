package fact

import (
	"maps"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/order"
)

// place is where a Set has the facts of a kind, and what reading them takes.
type place struct {
	// permission is what GITHUB_TOKEN has to be granted; "" where it needs no
	// grant, or none would help.
	permission string
	keep       func(kept *Set, from Set, key string)
	drop       func(lost *Set, key string)
}

const (
	contents   = "contents: read"
	pullsRead  = "pull-requests: read"
	actions    = "actions: read"
	issues     = "pull-requests: read, issues: read" // lists of issues name the pull requests, too
	alerts     = "security-events: read"
	advisories = "vulnerability-alerts: read"
	free       = "" // metadata: read is always granted; keys are public; teams need another token
)

// places has every kind. A kind that is not in it would be kept from all gates.
var places = map[Kind]place{
	NeedRefTarget:   one(contents, func(s *Set) *Known[RefTarget] { return &s.RefTarget }),
	NeedCommit:      one(contents, func(s *Set) *Known[Commit] { return &s.Commit }),
	NeedTag:         one(contents, func(s *Set) *Known[Tag] { return &s.Tag }),
	NeedPulls:       one(pullsRead, func(s *Set) *Known[[]Pull] { return &s.Pulls }),
	NeedChecks:      one("checks: read, statuses: read, actions: read", func(s *Set) *Known[Checks] { return &s.Checks }),
	NeedContainment: keyed(contents, itself, func(s *Set) *map[string]Known[Containment] { return &s.Containment }),
	NeedPermission:  keyed(free, logins, func(s *Set) *map[string]Known[Access] { return &s.Access }),
	NeedKeys:        keyed(free, logins, func(s *Set) *map[string]Known[AccountKeys] { return &s.Keys }),
	NeedFile:        beside(keyed(contents, itself, func(s *Set) *map[string]Known[File] { return &s.Files })),
	NeedRange:       keyed("contents: read, pull-requests: read, actions: read", itself, func(s *Set) *map[string]Known[Range] { return &s.Ranges }),
	NeedApprovals:   keyed(actions, itself, func(s *Set) *map[string]Known[[]ApprovalRun] { return &s.ApprovalRuns }),
	NeedRunReviews:  one(actions, func(s *Set) *Known[[]RunReview] { return &s.RunReviews }),
	NeedTeam:        keyed(free, folded, func(s *Set) *map[string]Known[Team] { return &s.Teams }),

	NeedRelease:          one(contents, func(s *Set) *Known[Release] { return &s.Release }),
	NeedVersions:         one(contents, func(s *Set) *Known[[]VersionTag] { return &s.Versions }),
	NeedSource:           keyed(contents, itself, func(s *Set) *map[string]Known[SourceFile] { return &s.Sources }),
	NeedPullPapers:       keyed(issues, all, func(s *Set) *map[string]Known[PullPapers] { return &s.PullPapers }),
	NeedOpenIssues:       keyed(issues, itself, func(s *Set) *map[string]Known[OpenIssues] { return &s.OpenIssues }),
	NeedMilestone:        keyed(issues, itself, func(s *Set) *map[string]Known[Milestone] { return &s.Milestones }),
	NeedCodeAlerts:       one(alerts, func(s *Set) *Known[Alerts] { return &s.CodeAlerts }),
	NeedDependencyAlerts: one(advisories, func(s *Set) *Known[Alerts] { return &s.DependencyAlerts }),
	NeedRecentRuns:       keyed(actions, itself, func(s *Set) *map[string]Known[[]RecentRun] { return &s.RecentRuns }),
	NeedOwnership:        keyed("contents: read, pull-requests: read", all, func(s *Set) *map[string]Known[Ownership] { return &s.Ownership }),
	NeedOwnerTeams:       keyed(free, owners, func(s *Set) *map[string]Known[Team] { return &s.Teams }),
	NeedRangeReviews:     keyed("contents: read, pull-requests: read", itself, func(s *Set) *map[string]Known[RangeReviews] { return &s.RangeReviews }),

	NeedDeployments:     one("deployments: read, checks: read", func(s *Set) *Known[[]Deployment] { return &s.Deployments }),
	NeedTip:             keyed(contents, itself, func(s *Set) *map[string]Known[Tip] { return &s.Tips }),
	NeedLocks:           keyed(contents, itself, func(s *Set) *map[string]Known[[]Lock] { return &s.Locks }),
	NeedOpenDeployments: keyed("deployments: read, actions: read", itself, func(s *Set) *map[string]Known[[]OpenDeployment] { return &s.OpenDeployments }),
	NeedLastDeployment:  keyed(actions, itself, func(s *Set) *map[string]Known[LastDeployment] { return &s.LastDeployments }),

	NeedEnvironment:   keyed(actions, itself, func(s *Set) *map[string]Known[Environment] { return &s.Environments }),
	NeedSecrets:       keyed(free, itself, func(s *Set) *map[string]Known[[]string] { return &s.Secrets }),
	NeedSettings:      one(free, func(s *Set) *Known[Settings] { return &s.Settings }),
	NeedRulesets:      one(free, func(s *Set) *Known[[]Ruleset] { return &s.Rulesets }),
	NeedBranch:        keyed(contents, itself, func(s *Set) *map[string]Known[BranchGuard] { return &s.Branches }),
	NeedWorkflows:     one(contents, func(s *Set) *Known[[]WorkflowFile] { return &s.Workflows }),
	NeedCollaborators: one(free, func(s *Set) *Known[[]Collaborator] { return &s.Collaborators }),
}

// one is the place of a kind of which there is one fact.
func one[T any](permission string, field func(*Set) *Known[T]) place {
	return place{
		permission: permission,
		keep:       func(kept *Set, from Set, _ string) { *field(kept) = *field(&from) },
		drop:       func(lost *Set, _ string) { *field(lost) = Known[T]{} },
	}
}

// keyed is the place of a kind of which there are many. keys tells which of
// them a need is about.
func keyed[T any](permission string, keys func(Set, string) []string, field func(*Set) *map[string]Known[T]) place {
	return place{
		permission: permission,
		keep: func(kept *Set, from Set, key string) {
			for _, each := range keys(from, key) {
				known, ok := (*field(&from))[each]
				if !ok {
					continue
				}
				if *field(kept) == nil {
					*field(kept) = map[string]Known[T]{}
				}
				(*field(kept))[each] = known
			}
		},
		drop: func(lost *Set, key string) {
			gone := keys(*lost, key)
			left := maps.Clone(*field(lost))
			for _, each := range gone {
				delete(left, each)
			}
			*field(lost) = left
		},
	}
}

// beside also keeps which commit the policy is of, without what is in it: a
// file counts beside the policy, whatever the policy says.
func beside(at place) place {
	files := at.keep
	at.keep = func(kept *Set, from Set, key string) {
		kept.Policy = commitOnly(from.Policy)
		files(kept, from, key)
	}
	return at
}

func commitOnly(policy Known[PolicyFile]) Known[PolicyFile] {
	file, missing := policy.Get()
	if missing != nil {
		return policy
	}
	return Of(PolicyFile{Commit: file.Commit}, policy.Source())
}

func itself(_ Set, key string) []string { return []string{key} }

func folded(_ Set, key string) []string { return []string{LoginKey(key)} }

func logins(s Set, position string) []string {
	var keys []string
	for _, person := range s.People(Position(position)) {
		keys = append(keys, LoginKey(person.Login))
	}
	return keys
}

// all returns the keys of every merged pull request.
func all(s Set, _ string) []string {
	var keys []string
	for _, pull := range s.MergedPulls() {
		keys = append(keys, PullKey(pull.Number))
	}
	return keys
}

func owners(s Set, _ string) []string {
	var keys []string
	for _, team := range s.OwnerTeams() {
		keys = append(keys, LoginKey(team))
	}
	return keys
}

// OwnerTeams returns the teams that own what was changed, as
// organisation/team, in order.
func (s Set) OwnerTeams() []string {
	var teams []string
	for _, key := range sortedKeys(s.Ownership) {
		for _, file := range s.Ownership[key].OrZero().Files {
			for _, owner := range file.Owners {
				if team, ok := strings.CutPrefix(owner, "@"); ok && strings.Contains(team, "/") {
					teams = append(teams, team)
				}
			}
		}
	}
	order.By(teams, func(a, b string) int { return strings.Compare(LoginKey(a), LoginKey(b)) })
	return slices.CompactFunc(teams, func(a, b string) bool { return LoginKey(a) == LoginKey(b) })
}

// Kinds returns every kind of fact that can be needed, in order.
func Kinds() []Kind { return slices.Sorted(maps.Keys(places)) }
