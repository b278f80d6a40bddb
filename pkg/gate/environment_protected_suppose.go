package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/protection"
	"github.com/stageward/stageward/pkg/suppose"
)

// supposesProtection lets the environment be what the policy wants, or not be there.
var supposesProtection = Supposing[environmentProtected]{
	Noun: "environment-protection",
	With: func(params environmentProtected, in Supposed, _ string) error {
		wants := params.wants(in.Terms, in.input().defaultBranchOr(""))
		known := in.Facts.Environments[wants.Environment]
		suppose.Change(&known, func(env *fact.Environment) {
			*env = protection.Mended(*env, wants, func(number int) fact.EnvironmentReviewer {
				who := in.Grant(fmt.Sprintf("reviewer-%d", number), fact.ReadPermission)
				return fact.EnvironmentReviewer{Kind: "user", ID: who.ID, Name: who.Login}
			})
		})
		in.Facts.Environments[wants.Environment] = known
		return nil
	},
	Without: func(_ environmentProtected, in Supposed, _ string) error {
		name := in.Terms.Stage.Environment
		in.Facts.Environments[name] = fact.Of(fact.Environment{Name: name}, suppose.Source())
		return nil
	},
}
