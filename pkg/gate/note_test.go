package gate_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
)

// noted returns the texts of notes, one a line.
func noted(notes []gate.Note) string {
	var texts []string
	for _, each := range notes {
		texts = append(texts, each.Text)
	}
	return strings.Join(texts, "\n")
}

// kinds returns the ids of notes.
func kinds(notes []gate.Note) []string {
	var ids []string
	for _, each := range notes {
		ids = append(ids, each.ID)
	}
	return ids
}

func TestNotesHaveStableIds(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)
	ids := gate.NoteIDs()
	if !slices.IsSorted(ids) || len(ids) < 15 {
		t.Errorf("ids %q", ids)
	}
	for _, id := range ids {
		if !form.MatchString(id) {
			t.Errorf("%q is no id in kebab-case", id)
		}
	}
}

func TestApprovedNotesWhatIsNoSecondPerson(t *testing.T) {
	t.Parallel()
	deploys := fact.JobOf{Workflow: ".github/workflows/deploy.yml", Job: "deploy-prod"}
	for params, want := range map[string][]string{
		// What is as it should be.
		`{"approvals": [{"name": "qa", "by": "write"}]}`:                                                                                                    nil,
		`{"approvals": [{"name": "qa", "by": "write", "not": ["deployer"]}]}`:                                                                               nil,
		`{"approvals": [{"name": "qa", "by": "write", "count": 2, "not": ["nobody"]}]}`:                                                                     nil,
		`{"approvals": [{"name": "qa", "by": "write", "not": ["nobody"]}, {"name": "owner", "by": "maintain"}]}`:                                            nil,
		`{"approvals": [{"name": "qa", "by": "write"}], "after": {"workflow": ".github/workflows/deploy.yml", "job": "deploy-staging"}}`:                    nil,
		`{"approvals": [{"name": "qa", "by": "write"}], "after": {"workflow": ".github/workflows/other.yml", "job": "deploy-prod"}}`:                        nil,
		`{"approvals": [{"name": "qa", "by": "write", "not": ["nobody"]}]}`:                                                                                 {"self-approval"},
		`{"approvals": [{"name": "qa", "by": "write", "not": ["author"]}]}`:                                                                                 {"self-approval"},
		`{"approvals": [{"name": "qa", "by": "write", "not": ["signer", "merger"]}]}`:                                                                       {"self-approval"},
		`{"approvals": [{"name": "qa", "by": "write"}], "after": {"workflow": ".github/workflows/deploy.yml", "job": "deploy-prod"}}`:                       {"approval-waits-for-deployment"},
		`{"approvals": [{"name": "qa", "by": "write"}], "from": ["environment"]}`:                                                                           {"review-of-environment"},
		`{"approvals": [{"name": "qa", "by": "write"}], "commits": "since-deployment", "deployed-by": {"workflow": ".github/workflows/d.yml", "job": "x"}}`: {"no-baseline"},
	} {
		if got := kinds(bind(t, "approved", row{params: params, deployedBy: map[string]fact.JobOf{"prod": deploys}}).Notes); !slices.Equal(got, want) {
			t.Errorf("%s: notes %q, want %q", params, got, want)
		}
	}
}
