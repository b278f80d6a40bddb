package gate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// lockOn is a lock of production by bob that does not end.
func lockOn(changes ...func(*fact.Lock)) fact.Lock {
	lock := fact.Lock{
		Branch: "production-branch-deploy-lock", Commit: otherSHA, URL: "https://github.com/acme/shop/tree/production-branch-deploy-lock",
		Reason: "payments fail", By: "bob", At: noon.Add(-time.Hour),
	}
	for _, change := range changes {
		change(&lock)
	}
	return lock
}

func forAll(lock *fact.Lock) { lock.Branch, lock.Global = "global-branch-deploy-lock", true }

func lockEnds(at time.Time) func(*fact.Lock) { return func(lock *fact.Lock) { lock.Until = at } }

// lockedBy answers which locks production has.
func lockedBy(locks ...fact.Lock) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Locks = map[string]fact.Known[[]fact.Lock]{"production": fact.Of(locks, fact.Source{})}
	}
}

func withoutTime(facts *fact.Set) {
	facts.At = fact.Lost[time.Time](fact.Missing{Reason: fact.Incomplete, Detail: "no Date"})
}

var _ = rows("not-locked",
	row{
		name: "a lock without an end", facts: onTag(lockedBy(lockOn())), want: verdict.Wait, code: "locked",
		says: []string{
			"production is locked since 2026-11-20T11:00:00Z by, it says, @bob", `because "payments fail"`, "until somebody releases it",
			"`stageward unlock --repo acme/shop --environment production`", "`.unlock production`",
		},
	},
	row{
		name: "its owner is stopped as well", facts: onTag(lockedBy(lockOn()), func(facts *fact.Set) { facts.Trigger.Actor = "bob" }),
		want: verdict.Wait, code: "locked",
	},
	row{
		name: "a lock of all environments", facts: onTag(lockedBy(lockOn(forAll))), want: verdict.Wait, code: "locked",
		says: []string{"all environments are locked", "`stageward unlock --repo acme/shop --all`", "`.unlock --global`"}, hides: []string{"--environment"},
	},
	row{
		name: "both, and both are told", facts: onTag(lockedBy(lockOn(), lockOn(forAll))), want: verdict.Wait, code: "locked",
		says: []string{"production is locked", "all environments are locked", "--all", "--environment production"},
	},
	row{
		name: "one that ended beside one that holds", facts: onTag(lockedBy(lockOn(lockEnds(noon)), lockOn(forAll))), want: verdict.Wait, code: "locked",
		says: []string{"all environments are locked"}, hides: []string{"production is locked"},
	},
	row{
		name: "a lock that ends in a second", facts: onTag(lockedBy(lockOn(lockEnds(noon.Add(time.Second))))), want: verdict.Wait, code: "locked",
		says: []string{"until 2026-11-20T12:00:01Z", "Run the gate again then"},
	},
	row{
		name: "a lock that ended, by what cannot be read", facts: onTag(lockedBy(lockOn(lockEnds(noon.Add(-time.Hour)), func(lock *fact.Lock) { lock.Unreadable = "lock.json is not text" }))),
		want: verdict.Wait, code: "unreadable",
	},
	row{
		name: "a branch that does not say what a lock says", facts: onTag(lockedBy(fact.Lock{Branch: "production-branch-deploy-lock", Commit: otherSHA, Unreadable: "the branch has no file lock.json"})),
		want: verdict.Wait, code: "unreadable", says: []string{"nobody can read why", "no file lock.json", "--environment production"},
	},
	row{
		name: "a lock that says nothing of itself", facts: onTag(lockedBy(fact.Lock{Branch: "production-branch-deploy-lock", Commit: otherSHA})),
		want: verdict.Wait, code: "locked", says: []string{"by somebody who is not named", "without a reason"}, hides: []string{"since", "@"},
	},
	row{
		name: "a login and a reason that are none are quoted and cut", want: verdict.Wait, code: "locked",
		facts: onTag(lockedBy(lockOn(func(lock *fact.Lock) {
			lock.By, lock.Reason = "bob\n::error::", strings.Repeat("x", 2000)
		}))),
		says: []string{`"bob\n::error::"`, `xxx…"`}, hides: []string{"@bob", strings.Repeat("x", 100), "\n::"},
	},
	row{
		name: "a blank reason is none", facts: onTag(lockedBy(lockOn(func(lock *fact.Lock) { lock.Reason = " \n" }))),
		want: verdict.Wait, code: "locked", says: []string{"without a reason"},
	},
	row{
		name: "nobody knows whether it has ended", facts: onTag(lockedBy(lockOn(lockEnds(noon.Add(-time.Hour)))), withoutTime),
		want: verdict.Unknown, code: string(fact.Incomplete),
	},
	row{
		name: "the time is empty", facts: onTag(lockedBy(lockOn(lockEnds(noon))), func(facts *fact.Set) { facts.At = fact.Of(time.Time{}, fact.Source{}) }),
		want: verdict.Unknown, code: string(fact.Incomplete),
	},
	row{
		name: "a lock without an end needs no time", facts: onTag(lockedBy(lockOn()), withoutTime), want: verdict.Wait, code: "locked",
	},
	row{
		name: "locks that cannot be read", want: verdict.Unknown, code: string(fact.Forbidden), says: []string{"whether production is locked"},
		facts: onTag(func(facts *fact.Set) {
			facts.Locks = map[string]fact.Known[[]fact.Lock]{"production": fact.Lost[[]fact.Lock](fact.Missing{Reason: fact.Forbidden})}
		}),
	},
	row{
		name: "locks of another environment", want: verdict.Unknown, code: string(fact.NotAsked),
		facts: onTag(func(facts *fact.Set) {
			facts.Locks = map[string]fact.Known[[]fact.Lock]{"staging": fact.Of([]fact.Lock{}, fact.Source{})}
		}),
	},
	row{
		name: "a lock that ended just now", facts: onTag(lockedBy(lockOn(lockEnds(noon)))), want: verdict.Pass,
		says: []string{"a lock ended at 2026-11-20T12:00:00Z"},
	},
	row{name: "no lock", facts: onTag(lockedBy()), want: verdict.Pass, says: []string{"nobody has locked production"}},
)

func TestNotLocked(t *testing.T) {
	t.Parallel()
	testRows(t, "not-locked")
}

func TestNotLockedNamesWhatIsLeftOver(t *testing.T) {
	t.Parallel()
	for _, facts := range []fact.Set{
		onTag(lockedBy(lockOn(lockEnds(noon)))), onTag(lockedBy(lockOn(lockEnds(noon)), lockOn(forAll))),
	} {
		got := bind(t, "not-locked", row{}).Ask(facts, row{}.terms())
		if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "production-branch-deploy-lock") || !strings.Contains(got.Warnings[0], "`stageward unlock --repo acme/shop --environment production`") {
			t.Errorf("%s: warnings %q", got.Outcome, got.Warnings)
		}
		if !slices.ContainsFunc(got.Evidence, func(seen verdict.Evidence) bool {
			return strings.HasSuffix(seen.URL, "/tree/production-branch-deploy-lock")
		}) {
			t.Errorf("evidence %+v", got.Evidence)
		}
	}
}

func TestNotLockedIsAskedWhateverBreaks(t *testing.T) {
	t.Parallel()
	if !bind(t, "not-locked", row{}).Firm {
		t.Error("a rollback, or broken glass, gets past a lock")
	}
}
