package fact

import (
	"cmp"
	"maps"
	"reflect"
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
	NeedRefTarget:   one(contents, func(s *Set) any { return &s.RefTarget }),
	NeedCommit:      one(contents, func(s *Set) any { return &s.Commit }),
	NeedTag:         one(contents, func(s *Set) any { return &s.Tag }),
	NeedPulls:       one(pullsRead, func(s *Set) any { return &s.Pulls }),
	NeedChecks:      one("checks: read, statuses: read, actions: read", func(s *Set) any { return &s.Checks }),
	NeedContainment: keyed(contents, itself, func(s *Set) any { return &s.Containment }),
	NeedPermission:  keyed(free, logins, func(s *Set) any { return &s.Access }),
	NeedKeys:        keyed(free, logins, func(s *Set) any { return &s.Keys }),
	NeedFile:        beside(keyed(contents, itself, func(s *Set) any { return &s.Files })),
	NeedRange:       keyed("contents: read, pull-requests: read, actions: read", itself, func(s *Set) any { return &s.Ranges }),
	NeedApprovals:   keyed(actions, itself, func(s *Set) any { return &s.ApprovalRuns }),
	NeedRunReviews:  one(actions, func(s *Set) any { return &s.RunReviews }),
	NeedTeam:        keyed(free, folded, func(s *Set) any { return &s.Teams }),

	NeedRelease:          one(contents, func(s *Set) any { return &s.Release }),
	NeedVersions:         one(contents, func(s *Set) any { return &s.Versions }),
	NeedSource:           keyed(contents, itself, func(s *Set) any { return &s.Sources }),
	NeedPullPapers:       keyed(issues, all, func(s *Set) any { return &s.PullPapers }),
	NeedOpenIssues:       keyed(issues, itself, func(s *Set) any { return &s.OpenIssues }),
	NeedMilestone:        keyed(issues, itself, func(s *Set) any { return &s.Milestones }),
	NeedCodeAlerts:       one(alerts, func(s *Set) any { return &s.CodeAlerts }),
	NeedDependencyAlerts: one(advisories, func(s *Set) any { return &s.DependencyAlerts }),
	NeedRecentRuns:       keyed(actions, itself, func(s *Set) any { return &s.RecentRuns }),
	NeedOwnership:        keyed("contents: read, pull-requests: read", all, func(s *Set) any { return &s.Ownership }),
	NeedOwnerTeams:       keyed(free, owners, func(s *Set) any { return &s.Teams }),
	NeedRangeReviews:     keyed("contents: read, pull-requests: read", itself, func(s *Set) any { return &s.RangeReviews }),

	NeedDeployments:     one("deployments: read, checks: read", func(s *Set) any { return &s.Deployments }),
	NeedTip:             keyed(contents, itself, func(s *Set) any { return &s.Tips }),
	NeedLocks:           keyed(contents, itself, func(s *Set) any { return &s.Locks }),
	NeedOpenDeployments: keyed("deployments: read, actions: read", itself, func(s *Set) any { return &s.OpenDeployments }),
	NeedLastDeployment:  keyed(actions, itself, func(s *Set) any { return &s.LastDeployments }),

	NeedEnvironment:   keyed(actions, itself, func(s *Set) any { return &s.Environments }),
	NeedSecrets:       keyed(free, itself, func(s *Set) any { return &s.Secrets }),
	NeedSettings:      one(free, func(s *Set) any { return &s.Settings }),
	NeedRulesets:      one(free, func(s *Set) any { return &s.Rulesets }),
	NeedBranch:        keyed(contents, itself, func(s *Set) any { return &s.Branches }),
	NeedWorkflows:     one(contents, func(s *Set) any { return &s.Workflows }),
	NeedCollaborators: one(free, func(s *Set) any { return &s.Collaborators }),
}

// one is the place of a kind of which there is one fact. field returns a pointer
// to it. Here and below reflection stands for type parameters, which would be
// compiled for every kind (docs/adr/0018).
func one(permission string, field func(*Set) any) place {
	at := func(s *Set) reflect.Value { return reflect.ValueOf(field(s)).Elem() }
	return place{
		permission: permission,
		keep:       func(kept *Set, from Set, _ string) { at(kept).Set(at(&from)) },
		drop:       func(lost *Set, _ string) { at(lost).SetZero() },
	}
}

// keyed is the place of a kind of which there are many. field returns a pointer to
// their map, and keys tells which of them a need is about.
func keyed(permission string, keys func(Set, string) []string, field func(*Set) any) place {
	at := func(s *Set) reflect.Value { return reflect.ValueOf(field(s)).Elem() }
	return place{
		permission: permission,
		keep: func(kept *Set, from Set, key string) {
			for _, each := range keys(from, key) {
				name := reflect.ValueOf(each)
				known := at(&from).MapIndex(name)
				if !known.IsValid() {
					continue
				}
				if at(kept).IsNil() {
					at(kept).Set(reflect.MakeMap(at(kept).Type()))
				}
				at(kept).SetMapIndex(name, known)
			}
		},
		drop: func(lost *Set, key string) {
			gone := keys(*lost, key)
			own(at(lost))
			for _, each := range gone {
				at(lost).SetMapIndex(reflect.ValueOf(each), reflect.Value{})
			}
		},
	}
}

// own gives a map a copy of itself in its place, also a nil one.
func own(at reflect.Value) {
	copied := reflect.MakeMapWithSize(at.Type(), at.Len())
	for each := at.MapRange(); each.Next(); {
		copied.SetMapIndex(each.Key(), each.Value())
	}
	at.Set(copied)
}

// Own returns the set with maps of its own, none of them nil: writing to them
// changes no other set.
func (s Set) Own() Set {
	fields := reflect.ValueOf(&s).Elem()
	for i := range fields.NumField() {
		if field := fields.Field(i); field.Kind() == reflect.Map {
			own(field)
		}
	}
	return s
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
	return order.Once(teams, func(a, b string) bool { return LoginKey(a) == LoginKey(b) })
}

// ReadFrom returns where the facts of a need were read, each once; none where they are
// missing.
func (s Set) ReadFrom(need Need) []Source {
	var kept Set
	if place, ok := places[need.Kind]; ok {
		place.keep(&kept, s, need.Key)
	}
	var found []Source
	add := func(known any) {
		if each, ok := known.(interface{ Source() Source }); ok && each.Source().From != "" && !slices.Contains(found, each.Source()) {
			found = append(found, each.Source())
		}
	}
	fields := reflect.ValueOf(kept)
	for i := range fields.NumField() {
		field := fields.Field(i)
		if field.Kind() != reflect.Map {
			add(field.Interface())
			continue
		}
		for each := field.MapRange(); each.Next(); {
			add(each.Value().Interface())
		}
	}
	order.By(found, func(a, b Source) int { return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.URL, b.URL)) })
	return found
}

// Kinds returns every kind of fact that can be needed, in order.
func Kinds() []Kind { return slices.Sorted(maps.Keys(places)) }
