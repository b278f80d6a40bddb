package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/workflow"
)

// GatePinned holds where the program that decides is one that nobody can change
// afterwards.
var GatePinned = register(Check{
	ID:       "gate-pinned",
	Title:    "The gate is used by a full commit id",
	Why:      "A tag or a branch of the action's repository can be moved: then another program decides, and gets the token of the job.",
	Severity: verdict.High,
	Needs:    needsWorkflows,
	Ask: func(in Input) []verdict.Point {
		files, missing := in.workflows()
		about := about{severity: verdict.High}
		if missing != nil {
			return []verdict.Point{about.unknown("how the gate is used", missing, workflowsToken)}
		}
		var points []verdict.Point
		for _, each := range in.gateUses(files) {
			points = append(points, each.judge(in, about))
		}
		if len(points) > 0 {
			return points
		}
		if lost := unreadable(files); lost != nil {
			return []verdict.Point{about.unknown("how the gate is used", lost, "Correct the file: see workflows-read.")}
		}
		return []verdict.Point{about.beside("no workflow of the default branch uses Stageward")}
	},
})

// gateUse is one way to name the action, with the jobs that do.
type gateUse struct {
	step workflow.Step
	jobs []placedJob
}

// gateUses returns how the action is named, in order.
func (in Input) gateUses(files []workflowFile) []gateUse {
	var uses []gateUse
	for _, job := range jobsOf(files) {
		for _, step := range job.job.Steps {
			if !in.isStageward(step) {
				continue
			}
			at := slices.IndexFunc(uses, func(each gateUse) bool { return each.step.Uses == step.Uses })
			if at < 0 {
				uses, at = append(uses, gateUse{step: step}), len(uses)
			}
			uses[at].jobs = append(uses[at].jobs, job)
		}
	}
	order.By(uses, func(a, b gateUse) int { return strings.Compare(a.step.Uses, b.step.Uses) })
	return uses
}

var (
	fullCommit = lazy.New(`^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$`)
	noCommit   = lazy.New(`^0+$`)
)

// knowsOwner reports whether an action's repository belongs to Stageward's people or
// to whoever owns the audited one. Any repository can be called stageward.
func (in Input) knowsOwner(repository string) bool {
	owner, _, _ := strings.Cut(repository, "/")
	own, _, _ := strings.Cut(in.Repository.Name, "/")
	return strings.EqualFold(owner, "stageward") || strings.EqualFold(owner, own)
}

func (u gateUse) judge(in Input, about about) verdict.Point {
	repository, ref := u.step.Action()
	named := fmt.Sprintf("%s names the action %s", u.jobs[0], cited(u.step.Uses))
	switch more := len(u.jobs) - 1; {
	case more == 1:
		named += ", and so does one step more"
	case more > 1:
		named += fmt.Sprintf(", and so do %d steps more", more)
	}
	var point verdict.Point
	command := fmt.Sprintf("gh api %s --jq .sha", shell("repos/"+repository+"/commits/"+segment(ref)))
	switch {
	case isLocal(u.step):
		point = about.wrong("local", named+", which is whatever the job checked out: a branch or tag brings its own gate",
			"Use the action by its repository and a full commit id.")
	case noCommit.MatchString(ref):
		point = about.wrong("placeholder", named+", and the zeros stand for a commit id",
			"Put the full id of the commit in their place that you want to use.", fmt.Sprintf("gh api %s --jq .sha", shell("repos/"+repository+"/commits/HEAD")))
	case !fullCommit.MatchString(ref):
		point = about.wrong("not-pinned", named+fmt.Sprintf(", and %s is a branch or a tag, which can be moved", cited(ref)),
			"Write the full commit id in its place, and what it is in a comment behind it. The command prints the id that it is now.", command)
	case !in.knowsOwner(repository):
		point = about.wrong("another-owner", named+", which is neither Stageward's nor of whoever owns this repository",
			"Use the action of those whom you trust to decide, by a full commit id.")
	default:
		point = about.fine(named)
	}
	return u.jobs[0].see(point)
}
