package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// NotLocked holds while nobody has locked the stage's environment, or all of
// them. A lock holds for everybody, whoever set it: it stops the line.
var NotLocked = register(Spec[notLocked]{
	ID:        "not-locked",
	Firm:      true,
	Title:     "Nobody has locked the stage",
	Since:     "0.1.0",
	Configure: "not-locked: {} # a lock is set by: stageward lock --repo owner/name --stage prod --reason \"…\"",
	Needs: func(_ notLocked, terms Terms) []fact.Need {
		return []fact.Need{{Kind: fact.NeedLocks, Key: terms.Stage.Environment}}
	},
	Suppose: supposesLock,
	Check:   func(_ notLocked, in Input) verdict.Finding { return checkNotLocked(in) },
})

type notLocked struct{}

func checkNotLocked(in Input) verdict.Finding {
	environment := in.Terms.Stage.Environment
	locks, missing := in.Facts.LocksOf(environment).Get()
	if missing != nil {
		return verdict.Lacking("whether "+environment+" is locked", missing)
	}
	locks = eachLock(locks)
	parts := []verdict.Finding{verdict.Passed("nobody has locked " + environment)}
	var warnings []string
	for _, lock := range locks {
		part := judgeLock(in, lock)
		warnings = append(warnings, part.Warnings...)
		parts = append(parts, part)
	}
	finding := together(parts)
	finding.Warnings = warnings
	return finding
}

// eachLock returns every lock once, by the name of its branch.
func eachLock(locks []fact.Lock) []fact.Lock {
	sorted := slices.Clone(locks)
	order.By(sorted, func(a, b fact.Lock) int { return strings.Compare(a.Branch, b.Branch) })
	return order.Once(sorted, func(a, b fact.Lock) bool { return a == b })
}

// judgeLock answers about one lock. What cannot be read never ends.
func judgeLock(in Input, lock fact.Lock) verdict.Finding {
	subject := lockedName(in, lock)
	release := fmt.Sprintf("Find out whether the reason still holds. Then release it: `%s`%s.", unlockCommand(in, lock), unlockComment(in, lock))
	who := "whoever set the lock, or whoever may delete the branch " + shown(lock.Branch)
	if lock.Unreadable != "" {
		reason := fmt.Sprintf("%s locked by the branch %s, and nobody can read why: %s", subject, shown(lock.Branch), lock.Unreadable)
		return seeLock(verdict.Waits("unreadable", reason).Because(release, who), lock)
	}
	if lock.Until.IsZero() {
		return seeLock(verdict.Waits("locked", subject+" locked"+claims(lock)+", until somebody releases it").Because(release, who), lock)
	}
	at, missing := in.Facts.At.Get()
	if missing == nil && at.IsZero() {
		missing = &fact.Missing{Reason: fact.Incomplete, Detail: "the server's time is empty"}
	}
	switch {
	case missing != nil:
		return seeLock(verdict.Lacking("whether the lock of the branch "+shown(lock.Branch)+" has ended", missing), lock)
	case at.Before(lock.Until):
		return seeLock(verdict.Waits("locked", fmt.Sprintf("%s locked%s, until %s", subject, claims(lock), stamp(lock.Until))).
			Because("Run the gate again then. Where it has to be sooner: "+release, who), lock)
	}
	return seeLock(verdict.Passed(fmt.Sprintf("a lock ended at %s", stamp(lock.Until))).
		Warn(fmt.Sprintf("the lock of the branch %s ended at %s, and the branch is still there; remove it: `%s`", shown(lock.Branch), stamp(lock.Until), unlockCommand(in, lock))), lock)
}

// lockedName says what is locked, with the verb.
func lockedName(in Input, lock fact.Lock) string {
	if lock.Global {
		return "all environments are"
	}
	return in.Terms.Stage.Environment + " is"
}

var plainLogin = lazy.New(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$`)

// claims is what a lock says of itself: since when, by whom and why. Whoever may
// push can have written it.
func claims(lock fact.Lock) string {
	var text strings.Builder
	if !lock.At.IsZero() {
		text.WriteString(" since " + lock.At.UTC().Format(time.RFC3339))
	}
	switch {
	case lock.By == "":
		text.WriteString(" by somebody who is not named")
	case plainLogin.MatchString(lock.By):
		text.WriteString(" by, it says, @" + lock.By)
	default:
		text.WriteString(" by, it says, " + shown(lock.By))
	}
	if strings.TrimSpace(lock.Reason) == "" {
		text.WriteString(", without a reason")
	} else {
		text.WriteString(", because " + shown(lock.Reason))
	}
	return text.String()
}

// unlockCommand is what releases a lock. It names the environment: what the stage
// is called, and where the policy is, need not be known for that.
func unlockCommand(in Input, lock fact.Lock) string {
	command := "stageward unlock --repo " + in.Facts.Subject.Repository
	if lock.Global {
		return command + " --all"
	}
	return command + " --environment " + quoted(in.Terms.Stage.Environment)
}

// unlockComment is the comment by which branch-deploy releases the same lock.
func unlockComment(in Input, lock fact.Lock) string {
	if lock.Global {
		return " (where branch-deploy is in use, a comment `.unlock --global` does the same)"
	}
	return fmt.Sprintf(" (where branch-deploy is in use, a comment `.unlock %s` does the same)", in.Terms.Stage.Environment)
}

func seeLock(finding verdict.Finding, lock fact.Lock) verdict.Finding {
	return finding.See("the lock "+shown(lock.Branch), lock.URL)
}
