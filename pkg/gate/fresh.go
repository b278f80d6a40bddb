package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// Fresh holds when the newest run of each named workflow that has ended on its
// branch succeeded, and began no longer ago than the policy allows.
var Fresh = register(Spec[fresh]{
	ID:        "fresh",
	Title:     "What has to run regularly ran lately",
	Since:     "0.1.0",
	Configure: "fresh:\n  workflows:\n    - { name: refresh, workflow: .github/workflows/refresh-staging.yml, within: 7d }",
	Validate:  func(params fresh, _ Terms) error { return params.validate() },
	Needs:     func(params fresh, _ Terms) []fact.Need { return params.needs() },
	Suppose:   supposesFreshness,
	Check:     checkFresh,
})

type fresh struct {
	Workflows []freshWorkflow `yaml:"workflows" doc:"The workflows that have to have succeeded lately; at least one."`
}

type freshWorkflow struct {
	Name     string   `yaml:"name" doc:"What the workflow is for, in a word, such as refresh or backup."`
	Workflow string   `yaml:"workflow" doc:"The path of the workflow file, such as .github/workflows/refresh-staging.yml."`
	Branch   string   `yaml:"branch" doc:"The name of the branch that it has to run on; the default branch where nothing is said."`
	Within   Duration `yaml:"within" doc:"How long ago the newest run may have begun, such as 7d, 24h or 1h30m."`
}

// ownEvents are the events of a branch of this repository. Those of pull
// requests run what somebody proposes, and a release is of a tag.
var ownEvents = []string{"push", "schedule", "workflow_dispatch", "repository_dispatch"}

// clockSlack is how long after the time of the decision a run may have begun:
// the clock is read first, and runs go on.
const clockSlack = time.Hour

func (p fresh) validate() error {
	if len(p.Workflows) == 0 {
		return fmt.Errorf("workflows: name at least one, such as { name: refresh, workflow: .github/workflows/refresh-staging.yml, within: 7d }")
	}
	names := map[string]bool{}
	for _, each := range p.Workflows {
		if strings.TrimSpace(each.Name) == "" {
			return fmt.Errorf("workflows: a workflow has no name")
		}
		if names[each.Name] {
			return fmt.Errorf("workflows: %q is there twice", each.Name)
		}
		names[each.Name] = true
		if err := each.validate(); err != nil {
			return fmt.Errorf("workflows: %q: %w", each.Name, err)
		}
	}
	return nil
}

func (w freshWorkflow) validate() error {
	if !workflowPath.MatchString(w.Workflow) {
		return fmt.Errorf("workflow %q: expected a path such as .github/workflows/refresh-staging.yml", w.Workflow)
	}
	if w.Within == "" {
		return fmt.Errorf("within: say how long ago it may have begun: %s", durationWords)
	}
	if strings.HasPrefix(w.Branch, "refs/") {
		return fmt.Errorf("branch %q: expected the name alone, such as main", w.Branch)
	}
	if w.Branch != "" {
		if _, err := fact.ParseRef(string(fact.BranchRef(w.Branch))); err != nil {
			return fmt.Errorf("branch %q: %w", w.Branch, err)
		}
	}
	if err := w.Within.validate(); err != nil {
		return fmt.Errorf("within: %w", err)
	}
	return nil
}

func (w freshWorkflow) runs() fact.RunsOf {
	return fact.RunsOf{Workflow: w.Workflow, Branch: w.Branch}
}

func (p fresh) needs() []fact.Need {
	var needs []fact.Need
	for _, each := range p.Workflows {
		if need := each.runs().Need(); !slices.Contains(needs, need) {
			needs = append(needs, need)
		}
	}
	return needs
}

func checkFresh(params fresh, in Input) verdict.Finding {
	parts := make([]verdict.Finding, len(params.Workflows))
	for i, each := range params.Workflows {
		parts[i] = each.judge(in)
	}
	return together(parts)
}

// judge answers about one workflow. The run that was made last counts, even if
// an older one was started again since: that ran what the older one was.
func (w freshWorkflow) judge(in Input) verdict.Finding {
	what := fmt.Sprintf("%s (%s)", w.Name, w.Workflow)
	listed, missing := in.Facts.RecentRunsOf(w.runs()).Get()
	if missing != nil {
		return verdict.Lacking("when "+what+" ran last", missing)
	}
	branch := w.Branch
	if branch == "" {
		if branch, missing = in.defaultBranch(); missing != nil {
			return verdict.Lacking("on which branch "+what+" has to run", missing)
		}
	}
	now, missing := in.Facts.At.Get()
	if missing != nil {
		return verdict.Lacking("what time it is", missing)
	}
	var running []fact.RecentRun
	for _, run := range w.ofBranch(listed, branch) {
		switch {
		case run.Status == "completed":
			return w.judgeRun(run, running, branch, now)
		case run.Attempt != 1:
			return seeRun(verdict.Waits("running", fmt.Sprintf("%s on %s is being run again, and how it ended before is not shown any more", what, branch)).
				Because("Run the gate again when the workflow has ended.", "nobody: time solves it"), run)
		}
		running = append(running, run)
	}
	return w.never(branch, running)
}

// ofBranch returns the runs that count, the last made first.
func (w freshWorkflow) ofBranch(listed []fact.RecentRun, branch string) []fact.RecentRun {
	runs := slices.DeleteFunc(slices.Clone(listed), func(run fact.RecentRun) bool {
		return run.Workflow != w.Workflow || run.Branch != branch || !slices.Contains(ownEvents, run.Event)
	})
	order.By(runs, func(a, b fact.RecentRun) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return order.Once(runs, func(a, b fact.RecentRun) bool { return a.ID == b.ID })
}

func (w freshWorkflow) never(branch string, running []fact.RecentRun) verdict.Finding {
	finding := verdict.Waits("never", fmt.Sprintf("no run of %s (%s) has ended on %s", w.Name, w.Workflow, branch)+inProgress(running)).
		Because(w.again(branch), w.runners())
	for _, run := range running[:min(1, len(running))] {
		finding = seeRun(finding, run)
	}
	return finding
}

// judgeRun answers about the newest run that has ended.
func (w freshWorkflow) judgeRun(run fact.RecentRun, running []fact.RecentRun, branch string, now time.Time) verdict.Finding {
	what := fmt.Sprintf("%s (%s) on %s", w.Name, w.Workflow, branch)
	// When it ended GitHub does not say: what it says last changed may be a log
	// that was deleted. When it began is earlier, so it never makes a run fresher.
	began, verb := run.StartedAt, "began"
	if run.Attempt != 1 {
		// GitHub can run one job again and keep what the others did when the run
		// was made, and does not say which.
		began, verb = run.CreatedAt, "was run again and was made"
	}
	age := now.Sub(began)
	var finding verdict.Finding
	switch {
	case run.Conclusion != string(success):
		finding = verdict.Waits("failed", fmt.Sprintf("the newest run of %s that has ended did not succeed: %s", what, howEnded(run.Conclusion))+inProgress(running)).
			Because("Find out why. "+w.again(branch), w.runners())
	case run.StartedAt.IsZero() || began.IsZero() || age < -clockSlack:
		return seeRun(verdict.Lacking("when "+what+" ran last", &fact.Missing{
			Reason: fact.Inconsistent, Detail: fmt.Sprintf("the run %s at %s, and it is %s", verb, stamp(began), stamp(now)),
		}), run)
	case age > w.Within.Length():
		finding = verdict.Waits("stale", fmt.Sprintf("the newest run of %s that has ended %s %s ago, at %s; it may be %s old", what, verb, formatLength(age), stamp(began), string(w.Within))+inProgress(running)).
			Because(w.again(branch), w.runners())
	default:
		finding = verdict.Passed(fmt.Sprintf("%s succeeded; it %s %s ago, at %s (at most %s)", what, verb, formatLength(max(age, 0)), stamp(began), string(w.Within)) + inProgress(running))
	}
	return seeRun(finding, run)
}

func howEnded(conclusion string) string {
	if conclusion == "" {
		return "GitHub does not say how it ended"
	}
	return shown(conclusion)
}

func inProgress(running []fact.RecentRun) string {
	if len(running) == 0 {
		return ""
	}
	return "; " + plural(len(running), "newer run has not ended", "newer runs have not ended")
}

func (w freshWorkflow) again(branch string) string {
	return fmt.Sprintf("Start the workflow on %s (on its page, or `gh workflow run %s --ref %s` where it has workflow_dispatch), and run the gate again when it has succeeded.",
		branch, strings.TrimPrefix(w.Workflow, ".github/workflows/"), branch)
}

func (w freshWorkflow) runners() string { return "whoever may start " + w.Workflow }

func seeRun(finding verdict.Finding, run fact.RecentRun) verdict.Finding {
	return finding.See(fmt.Sprintf("run %d of %s", run.ID, run.Workflow), run.URL)
}
