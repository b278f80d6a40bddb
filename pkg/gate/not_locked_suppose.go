package gate

import (
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
)

// supposesLock lets somebody have locked the environment, or nobody.
var supposesLock = Supposing[notLocked]{
	Noun: "lock", Against: true,
	With: func(_ notLocked, in Supposed, _ string) error {
		in.lock(fact.Lock{
			Branch: in.Terms.Stage.Environment + "-branch-deploy-lock", Commit: in.Commit("lock"), Reason: "supposed", By: suppose.Author, At: in.Written(),
		})
		return nil
	},
	Without: func(_ notLocked, in Supposed, _ string) error {
		in.lock()
		return nil
	},
}

// lock lets the environment have these locks.
func (in Supposed) lock(locks ...fact.Lock) {
	known := in.Facts.Locks[in.Terms.Stage.Environment]
	suppose.Change(&known, func(all *[]fact.Lock) { *all = locks })
	in.Facts.Locks[in.Terms.Stage.Environment] = known
}
