package gate

import "github.com/stageward/stageward/pkg/fact"

// supposesRef lets the branch or tag have moved on since the run began; on a
// rollback, which goes back on a branch, lets it be gone.
var supposesRef = Supposing[refUnmoved]{
	Noun: "move", Against: true,
	With: func(_ refUnmoved, in Supposed, _ string) error {
		other := in.Commit("that the reference moved on to")
		moved := fact.RefTarget{Exists: true, Object: other, Commit: other}
		if in.Facts.Trigger.Rollback {
			moved = fact.RefTarget{}
		}
		in.PointRefAt(moved)
		return nil
	},
	Without: func(_ refUnmoved, in Supposed, _ string) error {
		in.PointRef()
		return nil
	},
}
