package gate

import (
	"maps"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// Terms are what a policy says beside a gate's parameters: who counts, by which
// keys, and about which stage the gate is asked.
type Terms struct {
	Roles   Roles
	Signers Signers
	Stage   Stage
	// Calendars are the calendars of the policy.
	Calendars Calendars
	// Stages are all stages of the policy in their order, that of Stage among
	// them; without the hotfix lanes.
	Stages []Stage
	// Others are the stages of the other projects to which a job deploys.
	Others []Stage
}

// Stage is a stage as gates see it. That of Terms is empty for the gates that
// hold everywhere.
type Stage struct {
	// Project is the project that it is a stage of, or "".
	Project string
	Name    string
	// Environment is the name of the GitHub environment.
	Environment string
	// Rule says which branches and tags the stage accepts, Lanes which its hotfix
	// lanes do.
	Rule  stage.Rule
	Lanes []stage.Rule
	// DeployedBy is the job that deploys to the stage; zero where the policy does
	// not say.
	DeployedBy fact.JobOf
}

// Called is the stage as people name it where the projects of a repository have to
// be told apart, such as in the title of an approval: prod, or api/prod.
func (s Stage) Called() string {
	if s.Project == "" {
		return s.Name
	}
	return s.Project + "/" + s.Name
}

// takes reports whether the stage, or a hotfix lane of it, accepts a branch or a
// tag of a name. GitHub often says the name alone.
func (s Stage) takes(name, defaultBranch string) bool {
	return name != "" && slices.ContainsFunc(append([]stage.Rule{s.Rule}, s.Lanes...), func(rule stage.Rule) bool {
		return slices.ContainsFunc([]fact.Ref{fact.BranchRef(name), fact.Ref("refs/tags/" + name)}, func(ref fact.Ref) bool {
			asked := stage.Query{Ref: ref, DefaultBranch: defaultBranch, Event: stage.CommandLine}
			return stage.Resolve([]stage.Rule{rule}, asked).Stage != ""
		})
	})
}

// stage finds a stage by its name.
func (t Terms) stage(name string) (found Stage, ok bool) {
	for _, each := range t.Stages {
		if each.Name == name {
			return each, true
		}
	}
	return Stage{}, false
}

// isDeployment reports whether a check is the job that deploys to one of the
// stages, be it of another project. A deployment is no check: whether it succeeded is for other gates to ask.
// Where GitHub leaves its workflow file out, it proves nothing and still blocks.
func (t Terms) isDeployment(check result) bool {
	id := check.id
	return !id.posted && id.app == githubActions && id.name != "" && slices.ContainsFunc(slices.Concat(t.Stages, t.Others), func(each Stage) bool {
		return each.DeployedBy.Job == id.name &&
			(each.DeployedBy.Workflow == id.workflow || id.workflow == "" && check.outcome == verdict.Pass)
	})
}

// Signers say whose key is which. Without any people, the keys that GitHub
// lists for an account are that account's; with some, only what is written
// here counts, never the union of the two.
type Signers struct {
	// People are files with keys, by login.
	People map[string][]KeyFile
	// Revoked are paths of files with SSH keys that count for nobody.
	Revoked []string
}

// KeyFile is a file with keys of one person, at the commit of the policy.
type KeyFile struct {
	Path string
	// Principal selects lines of allowed_signers; "" stands for the login. A
	// file of another form says of no key whose it is, so all of them are the
	// person's, and a principal that is given there would select nothing.
	Principal string
}

// logins returns who has keys in the policy, in order.
func (s Signers) logins() []string { return slices.Sorted(maps.Keys(s.People)) }

// has reports whether the policy gives keys to a login.
func (s Signers) has(login string) bool {
	return slices.ContainsFunc(s.logins(), func(each string) bool { return fact.LoginKey(each) == fact.LoginKey(login) })
}

// needs returns the files.
func (s Signers) needs() []fact.Need {
	var paths []string
	for _, login := range s.logins() {
		for _, file := range s.People[login] {
			paths = append(paths, file.Path)
		}
	}
	paths = append(paths, s.Revoked...)
	slices.Sort(paths)
	var needs []fact.Need
	for _, path := range slices.Compact(paths) {
		needs = append(needs, fact.Need{Kind: fact.NeedFile, Key: path})
	}
	return needs
}
