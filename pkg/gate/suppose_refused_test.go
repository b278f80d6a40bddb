package gate_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/suppose"
)

// Where nothing can meet a gate, that is a finding about the policy: it says why.
func TestWhatCannotBeMadeUpIsSaid(t *testing.T) {
	t.Parallel()
	roles := gate.Roles{"authors": {Users: []string{suppose.Author}}, "one": {Users: []string{"rita"}}}
	for name, each := range map[string]struct {
		id, params, says string
		chosen           bool
		signers          gate.Signers
	}{
		"an approval that only the author could give": {id: "approved", params: "approvals: [{name: qa, by: authors}]", says: "the approval qa takes 1 person of role authors, and only 0 can give it"},
		"two approvals by one person":                 {id: "approved", params: "approvals: [{name: qa, by: one}, {name: owner, by: one}]", says: "everybody counts once"},
		"a review of an environment by another run":   {id: "approved", params: "{approvals: [{name: qa, by: write}], from: [environment]}", chosen: true, says: "it can never approve that"},
		"an emergency that only the author approves":  {id: "emergency-declared", params: "{by: maintain, approvals: [{name: oncall, by: authors}]}", says: "author or committers or deployer"},
		"a review that only the author could give":    {id: "reviewed", params: "by: authors", says: "nobody is left who holds role authors"},
		"a label that only the author could give":     {id: "change-approved", params: "issue: {label: approved, by: authors}", says: "nobody is left who holds role authors"},
		"a ticket in a tag, and no tag":               {id: "change-approved", params: "ticket: {pattern: 'CHG-[0-9]+', in: [tag, release]}", says: "refs/heads/main is no tag"},
		"a ticket of which no example can be made":    {id: "change-approved", params: `ticket: {pattern: 'CHG\B-1', in: [pull-request]}`, says: "no ticket could be made up"},
		"keys of people who do not hold the role": {
			id: "signed-commit", params: "by: one", says: "nobody to whom the policy gives keys (signers) holds role one",
			signers: gate.Signers{People: map[string][]gate.KeyFile{"bob": {{Path: "keys/bob"}}}},
		},
		"a tag's signature, and no tag":     {id: "signed-tag", says: "refs/heads/main is no tag"},
		"an item that the policy leaves":    {id: "setup-complete", params: "items: [backup]", says: "neither attested nor checked: backup"},
		"an item that is attested too long": {id: "setup-complete", params: "{items: [backup], attested: [{item: backup, by: rita, evidence: 'https://example.org/', until: 2036-01-01}]}", says: "at most 400d are believed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := row{params: each.params, roles: roles, signers: each.signers, facts: about("refs/heads/main")}
			world := worldOf(asked)
			world.Facts.Subject.Chosen = each.chosen
			err := bind(t, each.id, asked).Supposition.Meet(world, asked.terms())
			if err == nil || !strings.Contains(err.Error(), each.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one sentence that says %q", err, each.says)
			}
		})
	}
}
