package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// Each parameter says where it was said: in a line of the file, in the preset, nowhere,
// or beside the gate, of the stage.
func TestParamsSayWhereTheyWereSaid(t *testing.T) {
	t.Parallel()
	rules, err := policy.Parse("my.yml", []byte(`version: 1
preset: three-stage
stages:
  - name: staging
    deployed-by: { workflow: .github/workflows/deploy.yml, job: "deploy: staging" }
  - name: prod
    gates:
      promoted:
        soak: 24h
      checks-passed:
        accept: [success, skipped]
        checks:
          - { name: "tests, all", workflow: .github/workflows/ci.yml, within: 10m }
`), gate.All())
	if err != nil {
		t.Fatal(err)
	}
	prod, _ := rules.Stage("prod")
	got := map[string][]policy.Param{}
	for _, each := range prod.Gates {
		got[each.Check.ID] = each.Params
	}
	for id, want := range map[string][]policy.Param{
		"signed-tag": {
			{Name: "by", Value: "maintainers", Origin: "preset three-stage"},
			{Name: "trust", Value: "both", Origin: "default"},
			{Name: "security-keys", Value: "any", Origin: "default"},
		},
		"promoted": {
			{Name: "from", Value: "staging", Origin: "the stage"},
			{Name: "deployed-by", Value: `{ workflow: .github/workflows/deploy.yml, job: "deploy: staging" }`, Origin: "the stage"},
			{Name: "record", Value: "environment", Origin: "default"},
			{Name: "soak", Value: "24h", Origin: "my.yml:9"},
		},
		"checks-passed": {
			{Name: "checks", Value: `[{ name: "tests, all", workflow: .github/workflows/ci.yml, within: 10m }]`, Origin: "my.yml:13"},
			{Name: "accept", Value: "[success, skipped]", Origin: "my.yml:11"},
		},
	} {
		if diff := cmp.Diff(want, got[id]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", id, diff)
		}
	}
}
