package githubtest

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// webFlowEmail is the committer of what is made on the website.
const webFlowEmail = "noreply@github.com"

// webFlow is the account in whose name the website commits, actionsBot the one
// that a workflow's token acts as.
const (
	webFlow    = "web-flow"
	actionsBot = "github-actions[bot]"
)

// repository is a World with everything worked out. After it is built only refs
// change, and what requests that write add: deployments, objects and commits.
type repository struct {
	world       World
	owner, name string
	people      map[string]*person // by login in lower case
	keys        map[string]*person // by public SSH key in wire format
	gitHub      openpgpKey
	objects     objects
	commits     map[string]*commit // by id
	tags        map[string]*tag    // by id
	names       map[string]string  // name in the World -> id; tags as "tag:<name>"
	refs        map[string]string  // full name -> id
	apps        map[string]*app
	pulls       []*pull
	suites      []*suite
	statuses    []*status
	runReviews  []*runReview
	activities  []*activity      // newest first
	teams       map[string]*team // by slug
	issues      []*issue
	releases    []*release
	labels      map[string]*label // by name in lower case
	milestones  []*milestone      // by number
	deployments []*deployment     // oldest first
	// deploymentStatuses is how many statuses deployments have, all together.
	deploymentStatuses int64

	analyses         []*analysis
	codeAlerts       []*codeAlert
	dependencyAlerts []*dependencyAlert

	environments []*environment // that the World sets up, by name
	rulesets     []*ruleset
	protection   map[string]*protection // by branch
}

// build works a World out. The error names the entry that is wrong.
func build(world World) (*repository, error) {
	world, err := world.withDefaults()
	if err != nil {
		return nil, err
	}
	owner, name, ok := strings.Cut(world.Repository, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return nil, fmt.Errorf("world: repository %q; expected owner/name", world.Repository)
	}
	gitHub, err := newGitHubKey()
	if err != nil {
		return nil, err
	}
	r := &repository{
		world: world, owner: owner, name: name, gitHub: gitHub,
		people: map[string]*person{}, keys: map[string]*person{}, objects: objects{},
		commits: map[string]*commit{}, tags: map[string]*tag{}, names: map[string]string{},
		refs: map[string]string{}, apps: map[string]*app{}, teams: map[string]*team{},
		protection: map[string]*protection{},
	}
	for _, step := range []func() error{r.buildPeople, r.buildCommits, r.buildTags, r.buildIssues, r.buildReleases, r.buildPulls, r.buildTracker, r.buildWorkflowRuns, r.buildChecks, r.buildDeployments, r.buildIdleSuites, r.buildRunReviews, r.buildActivities, r.buildStatuses, r.buildTeams, r.buildEstate, r.buildRules, r.buildScans, r.checkRefs, r.checkRules} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// knownAccounts exist on every GitHub, with the ids they have there.
func knownAccounts() map[string]Person {
	return map[string]Person{
		webFlow:           {ID: 19864447, Emails: []string{webFlowEmail}},
		actionsBot:        {ID: 41898282, Kind: "bot"},
		"dependabot[bot]": {ID: 49699333, Kind: "bot"},
	}
}

func (r *repository) buildPeople() error {
	everybody := knownAccounts()
	for login, listed := range r.world.People {
		if known, ok := everybody[login]; ok {
			listed.ID, listed.Kind = cmp.Or(listed.ID, known.ID), cmp.Or(listed.Kind, known.Kind)
			listed.Emails = append(listed.Emails, known.Emails...)
		}
		everybody[login] = listed
	}
	if _, listed := everybody[r.owner]; !listed {
		everybody[r.owner] = Person{Kind: "organization"}
	}
	ids := map[int64]string{}
	for _, login := range slices.Sorted(maps.Keys(everybody)) {
		p, err := newPerson(login, everybody[login])
		if err != nil {
			return err
		}
		key := strings.ToLower(login)
		if other, taken := ids[p.id]; taken || r.people[key] != nil {
			return fmt.Errorf("people: %s: same id or login as %s; set another id", login, cmp.Or(other, key))
		}
		ids[p.id], r.people[key] = login, p
		if err := r.registerKeys(p, everybody[login]); err != nil {
			return err
		}
	}
	return nil
}

// loginForm is what GitHub takes for a login; the underscore is in those of
// managed users.
var loginForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\[bot\])?$`)

func newPerson(login string, listed Person) (*person, error) {
	if !loginForm.MatchString(login) {
		return nil, fmt.Errorf("people: %q: not a login", login)
	}
	p := &person{
		id: listed.ID, login: login, kind: cmp.Or(listed.Kind, "user"),
		permission: cmp.Or(listed.Permission, "none"), role: listed.Role,
		emails: listed.Emails, unverified: listed.Unverified, gone: listed.Gone,
	}
	if p.id == 0 {
		p.id = 1_000_000 + hashOf(strings.ToLower(login))%8_000_000
	}
	if !slices.Contains([]string{"user", "bot", "mannequin", "organization"}, p.kind) {
		return nil, fmt.Errorf("people: %s: kind %q; expected user, bot, mannequin or organization", login, p.kind)
	}
	if !slices.Contains([]string{"none", "read", "triage", "write", "maintain", "admin"}, p.permission) {
		return nil, fmt.Errorf("people: %s: permission %q; expected none, read, triage, write, maintain or admin", login, p.permission)
	}
	if len(p.emails) == 0 && p.kind == "user" {
		p.emails = []string{login + "@example.com"}
	}
	p.emails = append(p.emails, fmt.Sprintf("%d+%s@users.noreply.github.com", p.id, login))
	return p, nil
}

func hashOf(text string) int64 {
	hash := fnv.New32a()
	hash.Write([]byte(text))
	return int64(hash.Sum32())
}

// identity reads a login or "Name <e-mail>".
func (r *repository) identity(text string, when time.Time) (identity, error) {
	if name, rest, raw := strings.Cut(text, " <"); raw && strings.HasSuffix(rest, ">") {
		email := strings.TrimSuffix(rest, ">")
		if strings.ContainsAny(name+email, "<>\n\x00") {
			return identity{}, fmt.Errorf("%q is not Name <e-mail>", text)
		}
		return identity{name: name, email: email, when: when, account: r.accountOf(email)}, nil
	}
	p, err := r.person(text)
	if err != nil {
		return identity{}, err
	}
	return identity{name: p.login, email: p.email(), when: when, account: p}, nil
}

// person returns a listed account.
func (r *repository) person(login string) (*person, error) {
	p, ok := r.people[strings.ToLower(login)]
	if !ok {
		return nil, fmt.Errorf("%q is not among people", login)
	}
	return p, nil
}

// maybe returns the account, or nil for an empty login.
func (r *repository) maybe(login string) (*person, error) {
	if login == "" {
		return nil, nil
	}
	return r.person(login)
}

// accountOf returns who confirmed an e-mail address, or nil.
func (r *repository) accountOf(email string) *person {
	return r.whoHas(email, func(p *person) []string { return p.emails })
}

func (r *repository) whoHas(email string, list func(*person) []string) *person {
	for _, login := range slices.Sorted(maps.Keys(r.people)) {
		for _, has := range list(r.people[login]) {
			if strings.EqualFold(has, email) {
				return r.people[login]
			}
		}
	}
	return nil
}

// ago is a time in minutes before the World's; fallback is used when it was
// left out.
func (r *repository) ago(minutes *int, fallback int) time.Time {
	if minutes != nil {
		fallback = *minutes
	}
	return r.world.Time.Add(-time.Duration(fallback) * time.Minute)
}

// commit returns a commit by its name in the World.
func (r *repository) commit(name string) (*commit, error) {
	c, ok := r.commits[r.names[name]]
	if !ok {
		return nil, fmt.Errorf("%q is not among commits", name)
	}
	return c, nil
}
