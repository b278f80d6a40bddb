package lint

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/workflow"
)

// subject is what the rules look at.
type subject struct {
	rules  policy.Policy
	beside Beside
	// files are the workflows, in the order of their paths.
	files []file
}

// file is a workflow file.
type file struct {
	path, text string
	read       workflow.Workflow
	// unread is why it could not be read, or nil.
	unread error
}

func newSubject(rules policy.Policy, beside Beside) subject {
	in := subject{rules: rules, beside: beside}
	for _, path := range slices.Sorted(maps.Keys(beside.Workflows)) {
		read, err := workflow.Parse([]byte(beside.Workflows[path]))
		in.files = append(in.files, file{path: path, text: beside.Workflows[path], read: read, unread: err})
	}
	return in
}

// last returns the last stage of the progression; ok is false where it asks for
// nothing.
func (in subject) last() (last policy.Stage, ok bool) { return in.rules.Last() }

// ordinary returns the stage and its hotfix lanes: what brings something new to it
// without an emergency.
func (in subject) ordinary(s policy.Stage) []policy.Stage {
	return slices.DeleteFunc(slices.Clone(in.rules.Stages), func(each policy.Stage) bool {
		return each.Name != s.Name && each.HotfixFor != s.Name
	})
}

// onPath reports whether something is so of a stage, or of one where a commit has to
// have been before it goes there.
func (in subject) onPath(s policy.Stage, is func(policy.Stage) bool) bool {
	if is(s) {
		return true
	}
	for _, each := range s.Enforced() {
		before, ok := in.rules.Stage(each.PromotedFrom())
		if ok && before.Name != s.Name && in.onPath(before, is) { // earlier stages only, so this ends
			return true
		}
	}
	return false
}

// judgesCommit reports whether a stage enforces a gate about the commit itself: that
// somebody signed, reviewed or approved it, that a check passed, or that it was on
// another stage.
func judgesCommit(s policy.Stage) bool {
	return slices.ContainsFunc(s.Enforced(), func(each gate.Check) bool {
		asks := each.Asks()
		_, checks := each.Feedback()
		return checks || len(asks.Signers) > 0 || asks.Reviews > 0 || each.AsksPeople() || each.PromotedFrom() != "" || each.ID == gate.ChangeApproved.ID
	})
}

// enforces reports whether a stage enforces a gate.
func enforces(s policy.Stage, id string) bool {
	return slices.ContainsFunc(s.Enforced(), func(each gate.Check) bool { return each.ID == id })
}

// people returns those who hold a role, by the keys of their logins; known is false
// where the policy does not say who they are.
func (in subject) people(name gate.RoleName) (logins []string, known bool) {
	role, err := in.rules.Terms.Roles.Lookup(name)
	if err != nil || role.Permission != "" || len(role.Teams) > 0 || len(role.Users) == 0 {
		return nil, false
	}
	for _, each := range role.Users {
		logins = append(logins, fact.LoginKey(each))
	}
	slices.Sort(logins)
	return slices.Compact(logins), true
}

// at returns logins as people read them.
func at(logins []string) string {
	names := make([]string, len(logins))
	for i, each := range logins {
		names[i] = "@" + each
	}
	return list(names)
}

// list joins names for a sentence, at most ten of them.
func list(names []string) string {
	const most = 10
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// laneOf names a hotfix lane at the beginning of a sentence; "" for a stage.
func laneOf(s policy.Stage) string {
	if s.HotfixFor == "" {
		return ""
	}
	return "hotfix lane " + s.Name + ": "
}

// placeOf is the stage that a section is about: a hotfix lane is about its target.
func placeOf(s policy.Stage) string { return cmp.Or(s.HotfixFor, s.Name) }
