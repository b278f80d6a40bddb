package report_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// changed returns a verdict with changes and nothing else.
func changed(changes *verdict.Changes) verdict.Verdict {
	return verdict.Verdict{RepositoryURL: repository, Decision: verdict.Allowed, Stage: &verdict.Stage{Name: "prod"}, Changes: changes}
}

// manyChanges returns count commits and as many pull requests, all saying text.
func manyChanges(count int, text string) *verdict.Changes {
	changes := &verdict.Changes{Since: commit, Run: &fact.DeploymentRun{ID: 7, Branch: text, Head: commit, URL: repository + "/actions/runs/7"}}
	for i := range count {
		sha := fact.SHA(fmt.Sprintf("%040x", i))
		changes.Commits = append(changes.Commits, verdict.Change{SHA: sha, Headline: text, URL: repository + "/commit/" + string(sha), Author: text, Signed: fact.PersonSignature, Signer: text, Pull: i + 1})
		changes.Pulls = append(changes.Pulls, verdict.ChangePull{Number: i + 1, Title: text, URL: fmt.Sprintf("%s/pull/%d", repository, i+1), Author: text, MergedBy: text})
	}
	return changes
}

func TestChanges(t *testing.T) {
	t.Parallel()
	const since = "Since [`abc1234`](" + repository + "/commit/" + string(commit) + ")"
	one := verdict.Change{SHA: commit, Headline: "h", URL: repository + "/c"}
	with := func(change func(*verdict.Change)) *verdict.Changes {
		each := one
		change(&each)
		return &verdict.Changes{Since: commit, Commits: []verdict.Change{each}}
	}
	row := "| [`abc1234`](" + repository + "/c) | h | "
	for _, each := range []struct {
		name     string
		changes  *verdict.Changes
		md, text string
	}{
		{"nobody knows", &verdict.Changes{Unknown: "forbidden: *no*"}, `**What would be deployed** is not known: forbidden: \*no\*`, "What would be deployed\n  not known: forbidden: *no*\n"},
		{"nothing", &verdict.Changes{Since: commit}, since + ", the baseline of the policy: nothing that was not deployed before.\n", "  since abc1234, the baseline of the policy: nothing that was not deployed before.\n"},
		{"since nobody knows when", &verdict.Changes{}, "Since a commit that is not known: nothing", "  since a commit that is not known: nothing"},
		{"a run without a time", &verdict.Changes{Since: commit, Run: &fact.DeploymentRun{ID: 7, URL: repository + "/r"}}, since + ", deployed by [run 7](" + repository + "/r): nothing", "  since abc1234, deployed by run 7: nothing"},
		{"a run without a page", &verdict.Changes{Since: commit, Run: &fact.DeploymentRun{ID: 7}}, since + ", deployed by run 7: nothing", "  since abc1234, deployed by run 7: nothing"},
		{"a commit of which nothing is known", with(func(*verdict.Change) {}), row + "not known | not verified | none |\n", ": 1 commit by 0 pull requests; 1 commit came without one.\n"},
		{"a person's key", with(func(c *verdict.Change) { c.Signed, c.Author = fact.PersonSignature, "bob" }), row + "`@bob` | a person's key | none |\n", "1 commit"},
		{"the key of a person", with(func(c *verdict.Change) { c.Signed, c.Signer = fact.PersonSignature, "alice" }), row + "not known | `@alice` | none |\n", "1 commit"},
		{"GitHub's key", with(func(c *verdict.Change) { c.Signed, c.Signer = fact.GitHubSignature, "web-flow" }), row + "not known | GitHub's key | none |\n", "1 commit"},
		{"no signature", with(func(c *verdict.Change) { c.Signed, c.Signer = fact.Unsigned, "alice" }), row + "not known | not verified | none |\n", "1 commit"},
		{"a pull request that is not listed", with(func(c *verdict.Change) { c.Pull = 9 }), row + "not known | not verified | `#9` |\n", ": 1 commit by 0 pull requests.\n"},
		{"pull requests", manyChanges(2, "x"), "| [`#2`](" + repository + "/pull/2) | x | `@x` | `@x` |\n\n<details>", ": 2 commits by 2 pull requests.\n  #1     x, by @x, merged by @x\n  #2     x, by @x, merged by @x\n"},
		{"a long headline", with(func(c *verdict.Change) { c.Headline = strings.Repeat("h", 300) }), "h … (100 more characters) | not known |", "1 commit"},
		{"a long title", &verdict.Changes{Commits: []verdict.Change{one}, Pulls: []verdict.ChangePull{{Number: 3, Title: strings.Repeat("t", 300)}}}, "t … (100 more characters) | not known |", "t … (100 more characters)\n"},
		{"a pull request of which nothing is known", &verdict.Changes{Since: commit, Commits: []verdict.Change{one}, Pulls: []verdict.ChangePull{{Number: 3, Title: "t"}}}, "| `#3` | t | not known | not known |\n", "  #3     t\n"},
	} {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			if page := report.Summary(changed(each.changes)); !strings.Contains(page, each.md) {
				t.Errorf("the summary does not say\n%s\n%s", each.md, page)
			}
			if text := report.Text(changed(each.changes), report.Style{}); !strings.Contains(text, each.text) {
				t.Errorf("the text does not say\n%s\n%s", each.text, text)
			}
		})
	}
}

func TestChangesThatNobodyAskedForAreNotMentioned(t *testing.T) {
	t.Parallel()
	v := changed(nil)
	if shown := report.Summary(v) + report.Text(v, report.Style{}); strings.Contains(shown, "deployed") {
		t.Error(shown)
	}
}

func TestChangesStandBetweenTheGatesAndThePolicy(t *testing.T) {
	t.Parallel()
	page := report.Summary(stored(t, "break-glass-allowed"))
	at := []int{strings.Index(page, "### The other gates"), strings.Index(page, "### What would be deployed"), strings.Index(page, "```mermaid"), strings.Index(page, "**Policy:**")}
	if at[0] < 0 || !slices.IsSorted(at) {
		t.Errorf("the order is %v", at)
	}
}

func TestLongListsOfChangesFoldAndAreCutWithACount(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]bool{19: false, 20: true} {
		page := report.Summary(changed(manyChanges(count, "x")))
		if got := strings.Contains(page, fmt.Sprintf("<summary>%d pull requests</summary>", count)); got != want {
			t.Errorf("%d pull requests are folded: %t", count, got)
		}
	}
	v := changed(manyChanges(10_000, "x"))
	page, text := report.Summary(v), report.Text(v, report.Style{})
	if got := strings.Count(page, "\n\nand 9800 more\n"); got != 2 {
		t.Errorf("the summary says %d times how much it leaves out", got)
	}
	if !strings.Contains(text, "  #10    x, by @x, merged by @x\n  and 9990 more\n") {
		t.Errorf("the text does not say what it leaves out:\n%s", text)
	}
	for _, text := range []string{strings.Repeat("|", 1300), strings.Repeat("\U000e0041", 1300)} {
		v := crowded(210, text)
		through := verdict.Finding{Gate: "a", Outcome: verdict.Waived, Title: text, Reason: text, Fix: text, Who: text, Warnings: []string{text}}
		v.Findings = append(v.Findings, slices.Repeat([]verdict.Finding{through}, 300)...)
		v.Way, v.Changes = &verdict.Way{Lane: verdict.BreakGlass, Reason: text}, manyChanges(1_000, text)
		page := report.Summary(v)
		if len(page) >= maxSummary || !strings.Contains(page, "**Policy:**") || strings.Count(page, "<details") != strings.Count(page, "</details>") {
			t.Errorf("the summary has %d bytes", len(page))
		}
		// The fold of the commits is closed, and the table in it is one.
		if got := shape(page); strings.Count(got, "Table true") < 4 {
			t.Errorf("the tables are broken: %.300s", got)
		}
	}
}

// cutChanges is the output changes.
type cutChanges struct {
	verdict.Changes
	Truncated bool `json:"truncated"`
}

func TestTheOutputsHaveTheWayAndTheChanges(t *testing.T) {
	t.Parallel()
	for _, name := range storedNames(t) {
		v := stored(t, name)
		got := outputs(t, v)
		want := ""
		if v.Way != nil {
			want = string(v.Way.Lane)
		}
		if got["lane"] != want {
			t.Errorf("%s: lane is %q, want %q", name, got["lane"], want)
		}
		var back cutChanges
		if err := json.Unmarshal([]byte(got["changes"]), &back); err != nil || back.Truncated {
			t.Fatalf("%s: %v in %s", name, err, got["changes"])
		}
		if v.Changes == nil {
			if got["changes"] != "{}" {
				t.Errorf("%s: changes is %s", name, got["changes"])
			}
			continue
		}
		if diff := cmp.Diff(*v.Changes, back.Changes); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestListsOfChangesAreNeverNull(t *testing.T) {
	t.Parallel()
	v := changed(&verdict.Changes{Unknown: "x"})
	if got := outputs(t, v)["changes"]; got != `{"commits":[],"pulls":[],"unknown":"x"}` {
		t.Errorf("changes is %s", got)
	}
	if data, err := report.JSON(v); err != nil || strings.Contains(string(data), "null") {
		t.Errorf("%v %s", err, data)
	}
	if v.Changes.Commits != nil {
		t.Error("JSON changed the verdict it was given")
	}
}

func TestOutputsOfManyChangesAreCutAndSaySo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Fix the basket", strings.Repeat("n", 700), strings.Repeat("\U000e0041", 130)} {
		v := crowded(60, text)
		v.Subject, v.Version, v.Stage = fact.Subject{SHA: commit}, "", &verdict.Stage{Name: "prod"}
		v.Trigger = fact.Trigger{BreakGlass: text}
		v.Way, v.Changes = &verdict.Way{Lane: verdict.BreakGlass, Reason: text}, manyChanges(1_000, text)
		got := outputs(t, v)
		var changes, result cutChanges
		if err := json.Unmarshal([]byte(got["changes"]), &changes); err != nil {
			t.Fatal(err)
		}
		if len(got["changes"]) > 150_000 || !changes.Truncated || len(changes.Commits) < 20 || len(changes.Pulls) < 20 || changes.Commits[0].SHA != v.Changes.Commits[0].SHA {
			t.Errorf("changes has %d bytes, %d commits, truncated %t", len(got["changes"]), len(changes.Commits), changes.Truncated)
		}
		for _, shown := range []string{changes.Commits[0].Headline, changes.Pulls[0].Title} {
			if len([]rune(shown)) > 340 {
				t.Errorf("a text has still %d characters", len([]rune(shown)))
			}
		}
		if err := json.Unmarshal([]byte(got["result"]), &result); err != nil || !result.Truncated {
			t.Errorf("the result is not cut (%v)", err)
		}
		size := 0
		for _, value := range got {
			size += 2 * len(value)
		}
		if size > 1_000_000 {
			t.Errorf("the outputs take %d bytes", size)
		}
	}
}

// The changes are the first that a result too large gives up: there is an output
// for them.
func TestResultGivesUpChangesFirst(t *testing.T) {
	t.Parallel()
	v := stored(t, "break-glass-allowed")
	v.Changes = manyChanges(10_000, "x")
	line, err := report.Result(v)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		verdict.Verdict
		Truncated bool `json:"truncated"`
	}
	if err := json.Unmarshal(line, &back); err != nil {
		t.Fatal(err)
	}
	if !back.Truncated || len(back.Changes.Commits) != 100 || len(back.Changes.Pulls) != 100 || len(line) > 200_000 {
		t.Errorf("%d bytes, truncated %t, %d commits", len(line), back.Truncated, len(back.Changes.Commits))
	}
	back.Changes, v.Changes, back.Stage.Config, v.Stage.Config = nil, nil, nil, nil
	if diff := cmp.Diff(v, back.Verdict); diff != "" {
		t.Errorf("more than the changes was cut: %s", diff)
	}
}

func TestResultOfALongReasonIsCutAndItsWayStays(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 300_000)
	v := verdict.Verdict{Way: &verdict.Way{Lane: verdict.BreakGlass, Reason: long}, Trigger: fact.Trigger{BreakGlass: long}}
	line, err := report.Result(v)
	var back verdict.Verdict
	if err != nil || len(line) > 200_000 || json.Unmarshal(line, &back) != nil || back.Way.Lane != verdict.BreakGlass || back.Way.Reason == "" {
		t.Errorf("%d bytes (%v): %.300s", len(line), err, line)
	}
	if v.Way.Reason != long {
		t.Error("Result changed the verdict it was given")
	}
}

// Half an address leads elsewhere.
func TestAddressesOfChangesAreLeftOutWhole(t *testing.T) {
	t.Parallel()
	v := changed(manyChanges(600, "x"))
	long := repository + "/" + strings.Repeat("a", 300)
	v.Changes.Commits[0].URL, v.Changes.Pulls[0].URL = long, long
	var back cutChanges
	if err := json.Unmarshal([]byte(outputs(t, v)["changes"]), &back); err != nil {
		t.Fatal(err)
	}
	if back.Commits[0].URL != "" || back.Pulls[0].URL != "" || back.Commits[1].URL != v.Changes.Commits[1].URL || v.Changes.Commits[0].URL != long {
		t.Errorf("%q, %q and %q", back.Commits[0].URL, back.Pulls[0].URL, back.Commits[1].URL)
	}
}
