package gate

import (
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// supposesFreshness lets each workflow have succeeded a moment ago, or never. Its
// parts are the names of the workflows.
var supposesFreshness = Supposing[fresh]{
	Noun: "recent-run",
	Parts: func(params fresh, _ Terms) []string {
		var names []string
		for _, each := range params.Workflows {
			names = append(names, each.Name)
		}
		return names
	},
	With:    func(params fresh, in Supposed, part string) error { return params.run(in, part, true) },
	Without: func(params fresh, in Supposed, part string) error { return params.run(in, part, false) },
}

func (p fresh) run(in Supposed, part string, ran bool) error {
	for _, each := range p.Workflows {
		if part != "" && part != each.Name || ran && each.judge(in.input()).Outcome == verdict.Pass {
			continue
		}
		if err := each.run(in, ran); err != nil {
			return err
		}
	}
	return nil
}

// run lets the workflow have begun a moment ago and succeeded, or have no run. Those
// that were made later, or have not ended, are gone.
func (w freshWorkflow) run(in Supposed, ran bool) error {
	branch := w.Branch
	if branch == "" {
		branch = in.input().defaultBranchOr("")
	}
	if branch == "" {
		return fmt.Errorf("nobody knows which branch is the default one, on which %s has to run", w.Workflow)
	}
	if err := in.timed(); err != nil {
		return err
	}
	const ago = 5 * time.Minute
	began := in.Now().Add(-min(ago, w.Within.Length()/2))
	made := fact.RecentRun{
		ID: suppose.Number("run of " + w.Workflow + " on " + branch), Attempt: 1, Workflow: w.Workflow, Event: "schedule", Branch: branch, Head: in.Commit("tip of " + branch),
		Status: runEnded, Conclusion: statusSuccess, CreatedAt: began, StartedAt: began, UpdatedAt: began,
	}
	made.URL = fmt.Sprintf("https://github.com/%s/actions/runs/%d", in.Facts.Subject.Repository, made.ID)
	key := w.runs().Need().Key
	known := in.Facts.RecentRuns[key]
	suppose.Change(&known, func(runs *[]fact.RecentRun) {
		counts := w.ofBranch(*runs, branch)
		left := slices.DeleteFunc(slices.Clone(*runs), func(each fact.RecentRun) bool {
			own := slices.Contains(counts, each)
			return own && (!ran || each.ID == made.ID || each.Status != runEnded || !each.CreatedAt.Before(began))
		})
		if ran {
			left = append([]fact.RecentRun{made}, left...)
		}
		*runs = left
	})
	in.Facts.RecentRuns[key] = known
	return nil
}
