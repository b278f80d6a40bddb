package gate

import (
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
)

// supposesDeployer lets the run be started by somebody who may, or by a person
// who holds no role.
var supposesDeployer = Supposing[deployerAllowed]{
	Noun: "deployer",
	With: func(params deployerAllowed, in Supposed, _ string) error {
		holder, err := in.somebody(params.By)
		if err != nil {
			return err
		}
		in.Facts.Trigger.Actor, in.Facts.Trigger.TriggeringActor = holder.Login, holder.Login
		return nil
	},
	Without: func(params deployerAllowed, in Supposed, _ string) error {
		const stranger = "somebody-else"
		in.Facts.Access[stranger] = fact.Of(fact.Access{Person: in.Person(stranger), Permission: fact.NoPermission}, suppose.Source())
		in.Facts.Trigger.Actor, in.Facts.Trigger.TriggeringActor = stranger, stranger
		return nil
	},
}
