package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/policy"
)

// reach finds out, before a lock is set, what it will not stop: whoever sets one
// relies on it. A policy that cannot be read says nothing, and keeps nobody from
// locking an environment.
func (a *app) reach(aim *lockAim) error {
	rules, err := policy.Load(aim.policy, gate.All())
	if err != nil {
		return nil //nolint:nilerr // --environment and --all need no policy
	}
	known, near := aim.environment == "", ""
	for _, each := range allStages(rules) {
		branch, err := github.LockBranch(each.Environment)
		switch {
		case err == nil && branch == aim.branch, aim.environment == "":
			known = true
			if !asksForLocks(each) {
				aim.goesOn = append(aim.goesOn, each.Name)
			}
		case strings.EqualFold(each.Environment, aim.environment):
			near = each.Environment
		}
	}
	if !known && near != "" {
		a.code = exitBadInput
		return fmt.Errorf("--environment %q: the policy writes it %q, and locks are compared letter by letter, so this one would stop nobody", aim.environment, near)
	}
	return nil
}

// allStages returns the stages of all projects, each called as people name it.
func allStages(rules policy.Policy) []policy.Stage {
	var all []policy.Stage
	for _, project := range rules.All() {
		for _, each := range project.Stages {
			each.Name = project.Called(each)
			all = append(all, each)
		}
	}
	return all
}

// asksForLocks reports whether a lock can stop a stage, or a hotfix lane.
func asksForLocks(s policy.Stage) bool {
	return slices.Contains(idsOf(s.Enforced()), gate.NotLocked.ID)
}

// warnings tells what a lock does not stop.
func (l lockAim) warnings() []string {
	if len(l.goesOn) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("  WARNING: the policy does not ask the gate %s of %s, so the lock does not stop what goes that way; ask for it in the policy, or cancel those runs", gate.NotLocked.ID, strings.Join(l.goesOn, ", "))}
}
