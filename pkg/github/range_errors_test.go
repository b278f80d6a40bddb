package github_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

type (
	server = githubtest.Server
	change = func(*server, string, object)
)

// between changes the comparison of c1 with c2.
func between(changes func(s *server, answer object)) change {
	return func(s *server, path string, answer object) {
		if path == "/compare/"+s.SHA("c1")+"..."+s.SHA("c2") {
			changes(s, answer)
		}
	}
}

func setting(path string, value any) change {
	return between(func(_ *server, answer object) { put(answer, path, value) })
}

// without leaves commits out of the comparison, and of its totals too if it lies.
func without(lies bool, names ...string) change {
	return between(func(s *server, answer object) {
		kept := array{}
		for _, each := range answer["commits"].(array) {
			left := false
			for _, name := range names {
				left = left || each.(object)["sha"] == s.SHA(name)
			}
			if !left {
				kept = append(kept, each)
			}
		}
		put(answer, "commits", kept)
		if lies {
			put(put(answer, "total_commits", len(kept)), "ahead_by", len(kept))
		}
	})
}

// inDetails changes what GraphQL says of f2: the third after the base.
func inDetails(path string, value any) change {
	return func(_ *server, asked string, answer object) {
		if data, ok := answer["data"].(object); ok && strings.HasSuffix(asked, "/graphql") {
			repository := data["repository"].(object)
			if _, ranged := repository["c2"]; ranged {
				put(repository, path, value)
			}
		}
	}
}

// inJob and inRuns change the job and the list of runs.
func inJob(path string, value any) change {
	return func(_ *server, asked string, answer object) {
		if strings.HasSuffix(asked, "/jobs") {
			put(answer["jobs"].(array)[0].(object), path, value)
		}
	}
}

func inRuns(changes func(answer object)) change {
	return func(_ *server, asked string, answer object) {
		if strings.HasSuffix(asked, "deploy.yml/runs") {
			changes(answer)
		}
	}
}

func inRun(path string, value any) change {
	return inRuns(func(answer object) { put(answer["workflow_runs"].(array)[0].(object), path, value) })
}

func TestAnAnswerThatCannotBeBelievedIsNoRange(t *testing.T) {
	t.Parallel()
	const other = "0123456789012345678901234567890123456789"
	rows := []struct {
		name   string
		change change
		reason fact.Reason
		detail string
	}{
		{"a comparison that leaves the oldest out and counts so", without(true, "f1"), fact.Inconsistent, "reaches 4 commits more than"},
		{"a comparison that leaves the head out", without(true, "c2"), fact.Incomplete, "itself is not listed"},
		{"a comparison that leaves out what connects", without(true, "m1"), fact.Incomplete, "no way leads from"},
		{"a comparison that leaves out half a merge", without(true, "f2"), fact.Incomplete, "no way leads from"},
		{"a second page of another comparison", between(func(_ *server, answer object) {
			// The first page says that there are more; the next is empty.
			put(put(answer, "total_commits", 5), "ahead_by", 5)
		}), fact.Incomplete, "got 4 of 5"},
		{"fewer commits than counted", without(false, "f1"), fact.Incomplete, "got 3 of 4"},
		{"a total that lies", setting("total_commits", 3), fact.Incomplete, "counts 3 commits, says 4 ahead"},
		{"no total", setting("total_commits", nil), fact.Incomplete, "no total"},
		{"no commits", setting("commits", nil), fact.Incomplete, "no list"},
		{"commits behind", setting("behind_by", 1), fact.Incomplete, "1 behind"},
		{"another common commit", setting("merge_base_commit.sha", other), fact.Incomplete, "as the common commit"},
		{"another base", setting("base_commit.sha", other), fact.Incomplete, "about the base"},
		{"a base without parents", setting("base_commit.parents", nil), fact.Incomplete, "all of a commit"},
		{"a word that is none", setting("status", "near"), fact.Incomplete, `unknown comparison "near"`},
		{"identical, and yet there are commits", setting("status", "identical"), fact.Incomplete, `"identical" of 4 commits`},
		{"more commits than are looked at", between(func(_ *server, answer object) {
			put(put(answer, "total_commits", 1001), "ahead_by", 1001)
		}), fact.Incomplete, "there are 1001 commits"},
		{"a commit twice", between(func(_ *server, answer object) {
			commits := answer["commits"].(array)
			commits[0] = commits[1]
		}), fact.Incomplete, "listed twice"},
		{"the base among the commits", between(func(_ *server, answer object) {
			answer["commits"].(array)[0] = answer["base_commit"]
		}), fact.Incomplete, "is listed too"},
		{"a commit without parents", between(func(_ *server, answer object) {
			put(answer["commits"].(array)[1].(object), "parents", nil)
		}), fact.Incomplete, "all of a commit"},
		{"a parent that is no commit", between(func(_ *server, answer object) {
			put(answer["commits"].(array)[1].(object), "parents", array{object{"sha": "main"}})
		}), fact.Incomplete, `"main" is not the id of a parent`},

		{"other parents in the other interface", inDetails("c2.parents", listOf(1, object{"oid": other})), fact.Inconsistent, "has the parents"},
		{"a commit that the other interface does not have", inDetails("c2", nil), fact.Inconsistent, "is not there"},
		{"a commit that the answer leaves out", inDetails("c2", absent), fact.Incomplete, "does not hold the commit"},
		{"another commit", inDetails("c2.oid", other), fact.Inconsistent, "asked for"},
		{"a commit without a signature field", inDetails("c2.signature", absent), fact.Incomplete, "all of the commit"},
		{"more pull requests than listed", inDetails("c2.associatedPullRequests.totalCount", 11), fact.Incomplete, "2 of 11 pull requests"},
		{"no pull requests", inDetails("c2.associatedPullRequests", nil), fact.Incomplete, "of -1 pull requests"},
		{"a pull request that may be merged", inDetails("c2.associatedPullRequests.nodes", array{object{"number": 7}, object{"number": 8}}), fact.Incomplete, "which repository"},
		{"another repository", inDetails("databaseId", 4711), fact.Inconsistent, "repository 4711 answers"},
		{"no repository", inDetails("databaseId", nil), fact.Incomplete, "does not identify"},
		{"a head that is not counted", inDetails("c4.history", nil), fact.Incomplete, "does not count the commits"},
		{"a count that is another", inDetails("c4.history.totalCount", 7), fact.Inconsistent, "reaches 5 commits more"},

		{"a job of another run", inJob("run_id", 1), fact.Inconsistent, "asked was for 490"},
		{"a job of another commit", inJob("head_sha", other), fact.Inconsistent, other},
		{"a job of no attempt", inJob("run_attempt", nil), fact.Incomplete, "all of job"},
		{"a job without a name", inJob("name", nil), fact.Incomplete, "all of job"},
		{"a run of no commit", inRun("head_sha", "main"), fact.Incomplete, "all of workflow run 490"},
		{"a run of no time", inRuns(func(answer object) {
			run := answer["workflow_runs"].(array)[0].(object)
			put(put(run, "created_at", nil), "run_started_at", nil)
		}), fact.Incomplete, "all of workflow run 490"},
		{"a run in no repository", inRun("repository", nil), fact.Incomplete, "all of workflow run 490"},
		{"a run without an event", inRun("event", nil), fact.Incomplete, "all of workflow run 490"},
		{"no runs", inRuns(func(answer object) { put(answer, "workflow_runs", nil) }), fact.Incomplete, "no list"},
		{"runs that are not counted", inRuns(func(answer object) { put(answer, "total_count", nil) }), fact.Incomplete, "no total"},
		{"fewer runs than counted", inRuns(func(answer object) {
			put(put(answer, "total_count", 2), "workflow_runs", array{})
		}), fact.Incomplete, "got 0 of 2"},
		{"more runs than GitHub lists", inRuns(func(answer object) {
			put(put(answer, "total_count", 1001), "workflow_runs", array{})
		}), fact.Incomplete, "there are 1001 runs"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := newRange(t, rangeWorld("", deployed, ""), "refs/heads/main", row.change)
			// A baseline must not help: what cannot be read is not "no run".
			from := byDeploy
			from.Baseline = fact.SHA(d.SHA("c0"))
			wantLost(t, d.Range(t.Context(), from), row.reason, row.detail)
		})
	}
}

func TestARequestThatFailsIsNoRange(t *testing.T) {
	t.Parallel()
	const api = "/api/v3/repos/acme/shop"
	runs, jobs, graphql := "GET /repos/acme/shop/actions/workflows/deploy.yml/runs", "GET /repos/acme/shop/actions/runs/490/jobs", "POST /graphql StagewardRange"
	rows := []struct {
		name   string
		fault  githubtest.Fault
		reason fact.Reason
		detail string
	}{
		{"runs that may not be read", githubtest.Fault{Match: runs, Status: 403}, fact.Forbidden, "deploy.yml/runs"},
		{"a workflow that is not found", githubtest.Fault{Match: runs, Status: 404}, fact.NotFound, "deploy.yml/runs"},
		{"runs that fail", githubtest.Fault{Match: runs, Status: 500}, fact.Unavailable, "deploy.yml/runs"},
		{"an empty list of runs", githubtest.Fault{Match: runs, Body: "braces"}, fact.Incomplete, "says nothing"},
		{"runs of something else", githubtest.Fault{Match: runs, Redirect: api + "/actions/runs", Times: 1}, fact.Inconsistent, "not known to be the same repository"},
		{"jobs that may not be read", githubtest.Fault{Match: jobs, Status: 403}, fact.Forbidden, "490/jobs"},
		{"jobs that are not found", githubtest.Fault{Match: jobs, Status: 404}, fact.NotFound, "490/jobs"},
		{"jobs of another run", githubtest.Fault{Match: jobs, Redirect: api + "/actions/runs/401/jobs", Times: 1}, fact.Inconsistent, "not known to be the same repository"},
		{"a comparison that fails", githubtest.Fault{Match: "GET /repos/acme/shop/compare/", Status: 500}, fact.Unavailable, "/compare/"},
		{"a comparison that is not found", githubtest.Fault{Match: "GET /repos/acme/shop/compare/", Status: 404}, fact.NotFound, "/compare/"},
		{"a comparison of something else", githubtest.Fault{Match: "GET /repos/acme/shop/compare/", Redirect: api + "/compare/main...thing", Times: 1}, fact.Inconsistent, "not known to be the same repository"},
		{"commits that fail", githubtest.Fault{Match: graphql, Status: 502}, fact.Unavailable, "graphql"},
		{"pull requests that may not be read", githubtest.Fault{Match: graphql, GraphQLError: &githubtest.GraphQLError{Path: "repository.c1.associatedPullRequests"}}, fact.Forbidden, "repository.c1"},
		{"a commit with an error", githubtest.Fault{Match: graphql, GraphQLError: &githubtest.GraphQLError{Path: "repository.c1.signature", Type: "INTERNAL", Message: "Something went wrong"}}, fact.Incomplete, "repository.c1"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := newRange(t, rangeWorld("", deployed, ""), "refs/heads/main", nil, row.fault)
			from := byDeploy
			from.Baseline = fact.SHA(d.SHA("c0"))
			known := d.Range(t.Context(), from)
			wantLost(t, known, row.reason, row.detail)
			if missing := lost(t, known); missing.Reason == fact.Forbidden && !strings.Contains(missing.Fix, "actions: read") {
				t.Errorf("fix %q", missing.Fix)
			}
		})
	}
}

func TestABaseline(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, commits, baseline, want string
		reason                        fact.Reason
	}{
		{name: "that is nowhere", baseline: strings.Repeat("ab", 20), reason: fact.NotFound, want: "the baseline abab"},
		{name: "that is no id", baseline: "main", reason: fact.NotFound, want: "the baseline"},
		{name: "that is later", commits: "  - {name: x1, branch: next, parents: [c2], by: alice}\n", baseline: "x1", reason: fact.Inconsistent, want: "compared with it, the commit is behind"},
		{name: "that went another way", commits: "  - {name: x1, branch: side, parents: [m1], by: alice}\n", baseline: "x1", reason: fact.Inconsistent, want: "compared with it, the commit is diverged"},
		{name: "that has nothing in common", commits: "  - {name: x1, branch: side, parents: [], by: alice}\n", baseline: "x1", reason: fact.Inconsistent, want: "compared with it, the commit is unrelated"},
		{name: "none", reason: fact.NotFound, want: "no run of .github/workflows/deploy.yml in which the job \"deploy\" succeeded"},
		{name: "an ancestor", baseline: "c1", want: "c1: f1 f2 m1 c2"},
		{name: "a commit that was merged in", baseline: "f2", want: "f2: c1 m1 c2"},
		{name: "the commit itself", baseline: "c2", want: "c2:"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			failed := job("c1", ", conclusion: failure")
			d := newRange(t, rangeWorld(row.commits, failed, ""), "refs/heads/main", nil)
			from := byDeploy
			from.Baseline = fact.SHA(row.baseline)
			if id := d.SHA(row.baseline); id != "" {
				from.Baseline = fact.SHA(id)
			}
			known := d.Range(t.Context(), from)
			if row.reason != "" {
				wantLost(t, known, row.reason, row.want)
				if missing := lost(t, known); row.name != "that is no id" && !strings.Contains(missing.Fix, "baseline") {
					t.Errorf("fix %q", missing.Fix)
				}
				return
			}
			if got := d.short(have(t, known)); got != row.want {
				t.Errorf("range %s, want %s", got, row.want)
			}
		})
	}
}

// A deployment and a baseline: what leaves fewer commits counts, and a baseline
// beside the subject's history takes nothing from the deployment.
func TestABaselineBesideADeployment(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, commits, baseline, want string }{
		{name: "an older one", baseline: "c0", want: "c1: f1 f2 m1 c2 (run 490.1)"},
		{name: "the same", baseline: "c1", want: "c1: f1 f2 m1 c2 (run 490.1)"},
		{name: "a newer one", baseline: "m1", want: "m1: c2"},
		{name: "one that went another way", commits: "  - {name: x1, branch: side, parents: [m1], by: alice}\n", baseline: "x1", want: "c1: f1 f2 m1 c2 (run 490.1)"},
		{name: "one that is later", commits: "  - {name: x1, branch: next, parents: [c2], by: alice}\n", baseline: "x1", want: "c1: f1 f2 m1 c2 (run 490.1)"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := newRange(t, rangeWorld(row.commits, deployed, ""), "refs/heads/main", nil)
			from := byDeploy
			from.Baseline = fact.SHA(d.SHA(row.baseline))
			if got := d.short(have(t, d.Range(t.Context(), from))); got != row.want {
				t.Errorf("range %s, want %s", got, row.want)
			}
		})
	}
	d := newRange(t, rangeWorld("", deployed, ""), "refs/heads/main", nil)
	from := byDeploy
	from.Baseline = fact.SHA(strings.Repeat("ab", 20))
	wantLost(t, d.Range(t.Context(), from), fact.NotFound, "the baseline abab")
}

func TestARangeOfWhatIsNoJobIsNotAskedFor(t *testing.T) {
	t.Parallel()
	d := newRange(t, rangeWorld("", deployed, ""), "refs/heads/main", nil)
	for _, workflow := range []string{"", "deploy.yml", ".github/workflows/", ".github/workflows/..", ".github/workflows/a/deploy.yml", ".github/workflows/../deploy.yml", ".github/deploy.yml", "/.github/workflows/deploy.yml", ".github/workflows/490"} {
		wantLost(t, d.Range(t.Context(), fact.RangeFrom{Workflow: workflow, Job: "deploy"}), fact.NotFound, "is not a workflow and a job in it")
	}
	wantLost(t, d.Range(t.Context(), fact.RangeFrom{Workflow: deployFile}), fact.NotFound, "is not a workflow and a job in it")
	if len(d.asked()) > 0 {
		t.Errorf("requests %+v", d.asked())
	}
	f := newFake(t)
	wantLost(t, f.reader(t).Range(t.Context(), byDeploy), fact.NotAsked, "")
	if len(f.asked()) > 0 {
		t.Errorf("requests %v", f.asked())
	}
}

func TestASearchEnds(t *testing.T) {
	t.Parallel()
	many := func(n int, conclusion, commit string) (commits, checks, runs string) {
		for i := range n {
			at := commit
			if at == "" {
				at = fmt.Sprintf("s%d", i)
				commits += fmt.Sprintf("  - {name: %s, branch: side%d, parents: [c0], by: alice}\n", at, i)
			}
			checks += fmt.Sprintf("  - {commit: %s, name: deploy, workflow: %s, run-id: %d, conclusion: %s, minutes-ago: 5}\n", at, deployFile, 1000+i, conclusion)
			runs += fmt.Sprintf("  - {commit: %s, workflow: %s, run-id: %d, minutes-ago: 5, branch: main}\n", at, deployFile, 1000+i)
		}
		return commits, checks, runs
	}
	rows := []struct {
		name       string
		n          int
		conclusion string
		commit     string
		detail     string // "" for a range from c1
	}{
		{"after 30 deployments of other commits", 31, "success", "", "the newest 30 deployments"},
		{"after 100 runs", 102, "failure", "m1", "none of the newest 100 runs"},
		{"not before", 99, "failure", "m1", ""},
		{"not before there are 30 others", 27, "success", "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			commits, checks, runs := many(row.n, row.conclusion, row.commit)
			d := newRange(t, rangeWorld(commits, deployed+checks, runs), "refs/heads/main", nil)
			known := d.Range(t.Context(), byDeploy)
			if row.detail == "" {
				have(t, known)
				return
			}
			wantLost(t, known, fact.Incomplete, row.detail)
			if len(d.asked()) > 210 || lost(t, known).Fix == "" {
				t.Errorf("%d requests", len(d.asked()))
			}
		})
	}
}
