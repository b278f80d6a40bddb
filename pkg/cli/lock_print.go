package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
)

// printLock tells that a lock was set, or who holds it.
func (a *app) printLock(aim lockAim, lock fact.Lock, ours bool) error {
	if ours {
		return a.say(append([]string{
			fmt.Sprintf("locked: %s (branch %s, commit %s)", aim.words, aim.branch, lock.Commit),
			"  " + saysOf(lock),
			"  release it with: " + aim.unlock,
		}, aim.warnings()...)...)
	}
	first := "not locked by you: somebody holds the lock of " + aim.words
	if !lock.Until.IsZero() && !lock.Until.After(aim.now) {
		first = fmt.Sprintf("not locked: an earlier lock of %s has ended, and its branch %s is in the way", aim.words, aim.branch)
	}
	return a.say(first, "  "+saysOf(lock), "  release it with: "+aim.unlock)
}

// printUnlock tells what was released; nil is nothing. The id of the commit is
// what brings the branch back.
func (a *app) printUnlock(aim lockAim, lock *fact.Lock) error {
	if lock == nil {
		return a.say(fmt.Sprintf("nothing to release: %s has no lock (there is no branch %s)", aim.words, aim.branch))
	}
	return a.say(fmt.Sprintf("unlocked: %s (deleted branch %s, which was at %s)", aim.words, aim.branch, lock.Commit), "  it said: "+saysOf(*lock))
}

// say prints lines. They hold text from outside.
func (a *app) say(lines ...string) error {
	for _, line := range lines {
		if _, err := fmt.Fprintln(a.system.Stdout, actions.Inert(line)); err != nil {
			return fmt.Errorf("print what was done: %w", err)
		}
	}
	return nil
}

// saysOf is what a lock says of itself.
func saysOf(lock fact.Lock) string {
	if lock.Unreadable != "" {
		return "nothing that can be read: " + lock.Unreadable
	}
	by, since, until := "somebody", "", "until somebody releases it"
	if lock.By != "" {
		by = fmt.Sprintf("%q", lock.By)
	}
	if loginForm.MatchString(lock.By) {
		by = "@" + lock.By
	}
	if !lock.At.IsZero() {
		since = " since " + lock.At.Format(time.RFC3339)
	}
	if !lock.Until.IsZero() {
		until = "until " + lock.Until.Format(time.RFC3339)
	}
	return fmt.Sprintf("by %s%s, %s: %q", by, since, until, lock.Reason)
}

// quoted is an argument as a shell takes it.
func quoted(argument string) string {
	return "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
}
