package github_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

// forged is a run 600, newer than the deployment of c1, at a commit.
func forged(commit, more string) string {
	return fmt.Sprintf("  - {commit: %s, workflow: %s, run-id: 600, minutes-ago: 10, branch: main%s}\n", commit, deployFile, more)
}

// job is a job of run 600.
func job(commit, more string) string {
	return fmt.Sprintf("  - {commit: %s, name: deploy, workflow: %s, run-id: 600%s}\n", commit, deployFile, more)
}

func TestARunThatIsNoDeploymentIsPassedOver(t *testing.T) {
	t.Parallel()
	// inRun changes run 600 in the list.
	inRun := func(path string, value any) func(*githubtest.Server, string, object) {
		return func(_ *githubtest.Server, asked string, answer object) {
			if !strings.HasSuffix(asked, "deploy.yml/runs") {
				return
			}
			put(answer["workflow_runs"].(array)[0].(object), path, value)
		}
	}
	rows := []struct {
		name, commits, checks, run string
		change                     func(*githubtest.Server, string, object)
		asks                       bool // for the jobs of the run
	}{
		{name: "the run of a fork", checks: job("m1", ""), run: forged("m1", ", head-repository: eve/shop")},
		{name: "the run of a fork that is gone", checks: job("m1", ""), run: forged("m1", ", head-repository: gone")},
		{name: "a run in another repository", checks: job("m1", ""), run: forged("m1", ""), change: inRun("repository.id", 4711)},
		{name: "a run of another branch", checks: job("m1", ""), run: strings.Replace(forged("m1", ""), "branch: main", "branch: thing", 1)},
		{name: "a run of another branch in spite of the filter", checks: job("m1", ""), run: forged("m1", ""), change: inRun("head_branch", "Main")},
		{name: "a run of no branch", checks: job("m1", ""), run: forged("m1", ""), change: inRun("head_branch", nil)},
		{name: "a run of another file", checks: job("m1", ""), run: forged("m1", ""), change: inRun("path", ".github/workflows/evil.yml")},
		{name: "a path with a reference behind it", checks: job("m1", ""), run: forged("m1", ""), change: inRun("path", deployFile+"@main")},
		{name: "a job of the name in another workflow", checks: "  - {commit: m1, name: deploy, workflow: .github/workflows/evil.yml, run-id: 601}\n"},
		{name: "a pull request", checks: job("m1", ""), run: forged("m1", ", event: pull_request")},
		{name: "a pull request's target", checks: job("m1", ""), run: forged("m1", ", event: pull_request_target")},
		{name: "a run after a run", checks: job("m1", ""), run: forged("m1", ", event: workflow_run")},
		{name: "a merge group", checks: job("m1", ""), run: forged("m1", ", event: merge_group")},
		{name: "a failed job", checks: job("m1", ", conclusion: failure"), run: forged("m1", ""), asks: true},
		{name: "a skipped job", checks: job("m1", ", conclusion: skipped"), run: forged("m1", ""), asks: true},
		{name: "a job that runs", checks: job("m1", ", status: in_progress"), run: forged("m1", ""), asks: true},
		{name: "no job of the name", checks: strings.Replace(job("m1", ""), "name: deploy", "name: Deploy", 1), run: forged("m1", ""), asks: true},
		{name: "a newer attempt that failed", checks: job("m1", ", minutes-ago: 20") + job("m1", ", minutes-ago: 10, conclusion: failure"), run: forged("m1", ""), asks: true},
		{name: "a newer attempt that runs", checks: job("m1", ", minutes-ago: 20") + job("m1", ", minutes-ago: 10, status: queued"), run: forged("m1", ""), asks: true},
		{
			name:   "two jobs of one name, of which one failed",
			checks: job("m1", ", minutes-ago: 20, conclusion: failure") + job("m1", ", minutes-ago: 10"), run: forged("m1", ""), asks: true,
			change: func(_ *githubtest.Server, asked string, answer object) {
				if strings.HasSuffix(asked, "runs/600/jobs") {
					put(answer["jobs"].(array)[1].(object), "run_attempt", 1)
				}
			},
		},
		{name: "a check that a token posted", checks: job("m1", ", conclusion: failure") + job("m1", ", posted: true"), run: forged("m1", ""), asks: true},
		{name: "a commit that went another way", commits: "  - {name: x1, branch: side, parents: [m1], by: alice}\n", checks: job("x1", ""), run: forged("x1", ""), asks: true},
		{name: "a later commit", commits: "  - {name: x1, branch: next, parents: [c2], by: alice}\n", checks: job("x1", ""), run: forged("x1", ""), asks: true},
		{name: "a commit that has nothing in common", commits: "  - {name: x1, branch: side, parents: [], by: alice}\n", checks: job("x1", ""), run: forged("x1", ""), asks: true},
		{name: "a tag of the branch's name at a commit that was merged in", checks: job("f2", ""), run: forged("f2", ""), asks: true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := newRange(t, rangeWorld(row.commits, deployed+row.checks, row.run), "refs/heads/main", row.change)
			if got := d.short(have(t, d.Range(t.Context(), byDeploy))); got != "c1: f1 f2 m1 c2 (run 490.1)" {
				t.Errorf("range %s", got)
			}
			asked := false
			for _, request := range d.asked() {
				asked = asked || strings.HasSuffix(request.Path, "/runs/600/jobs")
			}
			if asked != row.asks {
				t.Errorf("asked for the jobs: %v", asked)
			}
		})
	}
}

func TestARangeBeginsAtTheNewestDeployment(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, checks, run, want string
		ref                     fact.Ref
		change                  func(*githubtest.Server, string, object)
	}{
		{name: "of the branch", checks: job("m1", ""), run: forged("m1", ""), want: "m1: c2 (run 600.1)"},
		{name: "of the subject itself", checks: job("c2", ""), run: forged("c2", ""), want: "c2: (run 600.1)"},
		{name: "in a run that failed as a whole", checks: job("m1", ""), run: forged("m1", ", conclusion: failure"), want: "m1: c2 (run 600.1)"},
		{name: "in a later attempt", checks: job("m1", ", conclusion: failure, minutes-ago: 20") + job("m1", ", minutes-ago: 10"), run: forged("m1", ""), want: "m1: c2 (run 600.2)"},
		{name: "in an older run of the same commit", checks: job("c1", ", conclusion: failure"), run: forged("c1", ""), want: "c1: f1 f2 m1 c2 (run 490.1)"},
		{name: "by hand", checks: job("m1", ""), run: forged("m1", ", event: workflow_dispatch"), want: "m1: c2 (run 600.1)"},
		{name: "of a tag", checks: job("m1", ""), run: strings.Replace(forged("m1", ""), "branch: main", "branch: v1.0.0", 1), ref: "refs/tags/v1.1.0", want: "m1: c2 (run 600.1)"},
		{name: "whatever the order of the list", checks: job("m1", ""), run: forged("m1", ""), want: "m1: c2 (run 600.1)", change: inRuns(func(answer object) {
			slices.Reverse(answer["workflow_runs"].(array))
		})},
		{name: "by when it last began", checks: job("m1", ""), run: forged("m1", ""), want: "c1: f1 f2 m1 c2 (run 490.1)", change: inRuns(func(answer object) {
			put(answer["workflow_runs"].(array)[1].(object), "run_started_at", "2026-11-17T09:59:00Z")
		})},
		{name: "that was a way back", checks: job("c0", ""), run: forged("c0", ""), want: "c0: c1 f1 f2 m1 c2 (run 600.1)"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if row.ref == "" {
				row.ref = "refs/heads/main"
			}
			d := newRange(t, rangeWorld("", deployed+row.checks, row.run), row.ref, row.change)
			if got := d.short(have(t, d.Range(t.Context(), byDeploy))); got != row.want {
				t.Errorf("range %s, want %s", got, row.want)
			}
		})
	}
}

func TestARangeSaysWhoSignedAndMerged(t *testing.T) {
	t.Parallel()
	d := newRange(t, rangeWorld("", deployed, ""), "refs/heads/main", func(_ *githubtest.Server, path string, answer object) {
		if path == "/collaborators/merger[bot]/permission" {
			put(put(answer, "message", "merger[bot] is not a user"), "status", "404")
		}
	})
	known := d.Range(t.Context(), byDeploy)
	span := have(t, known)
	if !strings.Contains(known.Source().URL, "/compare/") {
		t.Errorf("source %+v", known.Source())
	}
	facts := fact.Set{Subject: fact.Subject{SHA: fact.SHA(d.SHA("c2"))}, Ranges: map[string]fact.Known[fact.Range]{byDeploy.Need().Key: known}}
	signers, mergers := facts.People(fact.RangeSigners), facts.People(fact.RangeMergers)
	same(t, "signers", signers, []fact.Person{{ID: 11, Login: "alice", Kind: fact.User}, {ID: 14, Login: "dave", Kind: fact.User}})
	same(t, "mergers", mergers, []fact.Person{{ID: 15, Login: "merger[bot]", Kind: fact.Bot}})
	run := *span.Run
	run.URL = ""
	same(t, "run", run, fact.DeploymentRun{ID: 490, Attempt: 1, Workflow: deployFile, Job: "deploy", Event: "push", Branch: "main", Head: fact.SHA(d.SHA("c1")), At: time.Date(2026, 11, 17, 1, 40, 0, 0, time.UTC)})
	merge := span.Commits[2]
	if merge.Commit.Signature.Class != fact.GitHubSignature || merge.Commit.Signature.Payload == "" || len(merge.Commit.Parents) != 2 {
		t.Errorf("merge %+v", merge.Commit)
	}
	if len(merge.Pulls) != 1 || merge.Pulls[0].Number != 7 || merge.Pulls[0].Base != "main" || merge.Pulls[0].MergeCommit != merge.Commit.SHA ||
		merge.Pulls[0].Author == nil || merge.Pulls[0].Author.Login != "alice" || !slices.Contains(merge.Commit.Parents, merge.Pulls[0].Head) {
		t.Errorf("pull requests %+v", merge.Pulls)
	}
	// An account that GitHub knows no permission of keeps its number.
	if access := have(t, d.Access(t.Context(), "merger[bot]")); access.Person.ID != 15 || access.Permission != fact.NoPermission {
		t.Errorf("access %+v", access)
	}
}

func TestTheRequestsOfARange(t *testing.T) {
	t.Parallel()
	labels := func(d rangeDouble) []string {
		replace := []string{"/repos/acme/shop", ""}
		for _, name := range strings.Fields("c0 c1 f1 f2 m1 c2") {
			replace = append(replace, d.SHA(name), name)
		}
		var all []string
		for _, request := range d.asked() {
			label := strings.NewReplacer(replace...).Replace(request.Method+" "+request.Path) + " " + request.Operation
			if len(request.Query) > 0 {
				label += "?" + request.Query.Encode()
			}
			all = append(all, strings.TrimSpace(label))
		}
		return all
	}
	t.Run("one deployment: four, three after each other", func(t *testing.T) {
		t.Parallel()
		d := newRange(t, rangeWorld("", deployed, ""), "refs/heads/main", nil)
		have(t, d.Range(t.Context(), byDeploy))
		got := labels(d)
		if len(got) == 4 && strings.Contains(got[1], "compare") { // both at once
			got[1], got[2] = got[2], got[1]
		}
		same(t, "requests", got, []string{
			"GET /actions/workflows/deploy.yml/runs ?branch=main&page=1&per_page=100",
			"GET /actions/runs/490/jobs ?filter=all&page=1&per_page=100",
			"GET /compare/c1...c2 ?page=1&per_page=100",
			"POST /graphql StagewardRange",
		})
		asked := d.asked()
		if first, last := asked[0], asked[3]; first.Finished > asked[1].Started || max(asked[1].Finished, asked[2].Finished) > last.Started {
			t.Errorf("requests overlap: %+v", asked)
		}
	})
	t.Run("pages of two: the rest of the comparison at once, each commit compared once", func(t *testing.T) {
		t.Parallel()
		world := strings.Replace(rangeWorld("", deployed+job("c1", ", conclusion: failure"), forged("c1", "")), "page-size: 100", "page-size: 2", 1)
		d := newRange(t, world, "refs/tags/v1", nil)
		span := have(t, d.Range(t.Context(), byDeploy))
		if got := d.short(span); got != "c1: f1 f2 m1 c2 (run 490.1)" {
			t.Errorf("range %s", got)
		}
		counts := map[string]int{}
		for _, label := range labels(d) {
			counts[label]++
		}
		if diff := cmp.Diff(map[string]int{
			"GET /actions/workflows/deploy.yml/runs ?page=1&per_page=100": 1,
			"GET /actions/runs/600/jobs ?filter=all&page=1&per_page=100":  1,
			"GET /actions/runs/490/jobs ?filter=all&page=1&per_page=100":  1,
			"GET /compare/c1...c2 ?page=1&per_page=100":                   1,
			"GET /compare/c1...c2 ?page=2&per_page=100":                   1,
			"POST /graphql StagewardRange":                                1,
		}, counts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestALongRangeIsAskedForInBatchesAtOnce(t *testing.T) {
	t.Parallel()
	var commits strings.Builder
	for n := range 120 {
		fmt.Fprintf(&commits, "  - {name: n%d, by: dave}\n", n)
	}
	world := strings.Replace(rangeWorld("", deployed, ""), "  - {name: c2,", commits.String()+"  - {name: c2,", 1)
	d := newRange(t, world, "refs/heads/main", nil)
	if span := have(t, d.Range(t.Context(), byDeploy)); len(span.Commits) != 124 {
		t.Errorf("%d commits", len(span.Commits))
	}
	paths := map[string]int{}
	for _, request := range d.asked() {
		paths[request.Path]++
	}
	compare := "/repos/acme/shop/compare/" + d.SHA("c1") + "..." + d.SHA("c2")
	if len(d.asked()) != 7 || paths[compare] != 2 || paths["/graphql"] != 3 {
		t.Errorf("%d requests: %v", len(d.asked()), paths)
	}
}
