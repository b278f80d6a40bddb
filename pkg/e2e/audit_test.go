//go:build e2e

package e2e_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
	"github.com/stageward/stageward/pkg/verdict"
)

const auditStory = "an audit fails its step for what is critical, opens nothing, and says what it may not see"

// testAudit audits a repository whose production lets everything in, then the same
// with an environment that is as it should be.
func testAudit(t *testing.T) {
	for _, each := range []struct {
		name, outcome, code string
		environments        map[string]githubtest.Environment
		critical            []string
	}{
		{"production lets every branch in", "failure", "audit.findings", map[string]githubtest.Environment{"staging": guarded("main", ""), "production": {}}, []string{"environment-refs of prod"}},
		{"each environment lets its stage in alone", "success", "audit.partial", map[string]githubtest.Environment{"staging": guarded("main", ""), "production": guarded("", "v*")}, nil},
	} {
		t.Run(each.name, func(t *testing.T) {
			where := serve(t, scenario{ref: "refs/heads/main", change: func(w *githubtest.World) {
				w.Environments = each.environments
				w.Rulesets = []githubtest.Ruleset{{Name: "main", Include: []string{"~DEFAULT_BRANCH"}, Rules: []githubtest.RulesetRule{
					{Type: "deletion"}, {Type: "non_fast_forward"}, {Type: "pull_request", PullRequest: githubtest.PullRequestRule{Approvals: 1}},
				}}}
			}})
			seen := run(t, "audit.yml", where)
			if seen.outcome != each.outcome || seen.outputs["reason-code"] != each.code {
				t.Errorf("outcome %q, code %q; want %q, %q", seen.outcome, seen.outputs["reason-code"], each.outcome, each.code)
			}
			if seen.outputs["allowed"] != "" || seen.outputs["decision"] != "" {
				t.Errorf("an audit that could be taken for consent: %q, %q", seen.outputs["allowed"], seen.outputs["decision"])
			}
			if found := criticalPoints(t, seen.outputs["audit"], "environment-"); !slices.Equal(found, each.critical) {
				t.Errorf("critical: %q, want %q", found, each.critical)
			}
			if !strings.Contains(seen.summary, "Audit: ") || !strings.Contains(seen.summary, "could not be checked") || !strings.Contains(seen.summary, "design review") {
				t.Errorf("the summary is %.2000s", seen.summary)
			}
			if t.Failed() {
				t.Log(seen.log)
			}
		})
	}
}

// guarded is an environment that lets one branch or one kind of tags in, with a
// reviewer other than whoever started the run, and nobody past it.
func guarded(branch, tag string) githubtest.Environment {
	no := false
	made := githubtest.Environment{Reviewers: []string{"cyn"}, PreventSelfReview: true, AdminsBypass: &no, Refs: "selected"}
	made.Patterns = append(made.Patterns, githubtest.RefPattern{Branch: branch, Tag: tag})
	return made
}

// criticalPoints returns what is critical in the output of an audit, of the checks
// whose names begin so.
func criticalPoints(t *testing.T, output, beginning string) []string {
	t.Helper()
	var audit verdict.Audit
	if err := json.Unmarshal([]byte(output), &audit); err != nil {
		t.Fatalf("the output audit is %.300s: %v", output, err)
	}
	var found []string
	for _, point := range audit.Points {
		if point.Outcome == verdict.Fail && point.Severity == verdict.Critical && strings.HasPrefix(point.Check, beginning) {
			found = append(found, point.Check+" of "+point.Stage)
		}
	}
	return found
}
