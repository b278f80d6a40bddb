package gate

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// Commits says of which commits a gate's statement has to be true.
type Commits string

// The choices. The second never shrinks to the first: where nobody knows what
// was deployed last, the gate is unknown.
const (
	headOnly        Commits = "head"
	sinceDeployment Commits = "since-deployment"
)

// Values returns the words a policy may use.
func (Commits) Values() []string { return []string{string(headOnly), string(sinceDeployment)} }

// deployedBy is the job whose success shows that a commit was deployed. GitHub
// itself records runs and jobs; a deployment record can be written by any
// token that may write deployments.
type deployedBy struct {
	Workflow string `yaml:"workflow" doc:"The path of the workflow file that deploys to the stage, such as .github/workflows/deploy.yml."`
	Job      string `yaml:"job" doc:"The name of the job in it that deploys to the stage, as GitHub shows it."`
}

func (d deployedBy) given() bool { return d != deployedBy{} }

// or returns what the policy says of the stage, where nothing else is said.
func (d deployedBy) or(of fact.JobOf) deployedBy {
	if d.given() {
		return d
	}
	return deployedBy{Workflow: of.Workflow, Job: of.Job}
}

var workflowPath = lazy.New(`^\.github/workflows/[A-Za-z0-9._-]+\.ya?ml$`)

// since is what a gate says about the commits it looks at.
type since struct {
	commits  Commits
	by       deployedBy
	baseline string
}

func (s since) validate() error {
	_, badBaseline := fact.ParseSHA(s.baseline)
	switch {
	case s.commits != headOnly && s.commits != sinceDeployment:
		return fmt.Errorf("commits %q: expected one of %q", s.commits, s.commits.Values())
	case s.commits == headOnly && s.by.given():
		return fmt.Errorf("deployed-by: it says where a range of commits begins; add commits: since-deployment, or remove it")
	case s.commits == headOnly && s.baseline != "":
		return fmt.Errorf("baseline: it says where a range of commits begins; add commits: since-deployment, or remove it")
	case s.commits == headOnly:
		return nil
	case !s.by.given():
		return fmt.Errorf("commits: since-deployment needs deployed-by: { workflow: …, job: … }, here or at the stage, which says what a deployment to the stage is")
	case !workflowPath.MatchString(s.by.Workflow):
		return fmt.Errorf("deployed-by: workflow %q: expected a path such as .github/workflows/deploy.yml", s.by.Workflow)
	case s.by.Job == "":
		return fmt.Errorf("deployed-by: job: name the job that deploys")
	case s.baseline != "" && badBaseline != nil:
		return fmt.Errorf("baseline: %w", badBaseline)
	}
	return nil
}

var noBaseline = newNote("no-baseline")

// notes say what the first deployment will find.
func (s since) notes() []Note {
	if s.commits != sinceDeployment || s.baseline != "" {
		return nil
	}
	return []Note{noBaseline.of("commits: since-deployment has nothing to begin at before the first deployment, so the gate cannot answer then; give baseline, the id of the commit up to which everything was checked by hand")}
}

// from returns where the range begins; ok is false when only the head counts.
func (s since) from() (from fact.RangeFrom, ok bool) {
	return fact.RangeFrom{Workflow: s.by.Workflow, Job: s.by.Job, Baseline: fact.SHA(s.baseline)}, s.commits == sinceDeployment
}

// span returns the commits of the range, or the reason why they cannot be
// told. What the fact claims is held against what was asked for.
func (s since) span(in Input) (fact.Range, *fact.Missing) {
	from, _ := s.from()
	span, missing := in.Facts.RangeSince(from).Get()
	if missing != nil {
		return fact.Range{}, missing
	}
	base, head := span.Base.Commit.SHA, in.Facts.Subject.SHA
	wrong := func(detail string) (fact.Range, *fact.Missing) {
		return fact.Range{}, &fact.Missing{Reason: fact.Inconsistent, Detail: detail}
	}
	switch run := span.Run; {
	case base == "":
		return wrong("the range has no beginning")
	case run == nil && (from.Baseline == "" || base != from.Baseline):
		return wrong(fmt.Sprintf("the range begins at %s, which is neither a deployment nor the baseline", base))
	case run != nil && (run.Head != base || run.Workflow != from.Workflow || run.Job != from.Job):
		return wrong(fmt.Sprintf("the range begins at %s, the deployment was another", base))
	}
	if run := span.Run; run != nil && !in.takesRun(run.Branch) {
		return fact.Range{}, &fact.Missing{
			Reason: fact.Inconsistent,
			Detail: fmt.Sprintf("the last deployment, run %d, is of %q, which %s does not take: by the inputs sha and ref it can have deployed another commit than its own", run.ID, run.Branch, in.Terms.Stage.Name),
			Fix:    "Give baseline the id of the commit that is on the stage, and deploy by runs of the branches or tags that it takes.",
		}
	}
	seen := map[fact.SHA]bool{}
	for _, each := range span.Commits {
		seen[each.Commit.SHA] = true
	}
	switch {
	case seen[base] || seen[""]:
		return wrong("the range holds its own beginning, or a commit without an id")
	case base != head && !seen[head]:
		return wrong("the range does not hold the commit that would be deployed")
	case base == head && len(seen) > 0:
		return wrong("the range begins at the commit that would be deployed, and yet has commits")
	}
	return span, nil
}

// takesRun reports whether a run of a branch or tag can have deployed to the stage
// what the run is of: the stage takes it, or it is what is asked about now.
func (in Input) takesRun(name string) bool {
	return name == in.Facts.Subject.Ref.Name() || in.Terms.Stage.takes(name, in.defaultBranchOr(""))
}

// distrusts reports whether the beginning of a range has to satisfy the gate
// itself. A baseline need not, also one that was deployed: people checked it.
func (s since) distrusts(span fact.Range) bool {
	return span.Run != nil && string(span.Base.Commit.SHA) != s.baseline
}

// beginning says in words where a range begins.
func beginning(span fact.Range) string {
	if span.Run == nil {
		return "the baseline, " + span.Base.Commit.SHA.Short()
	}
	return "the last deployment, " + span.Base.Commit.SHA.Short()
}

// distinctCommits returns the commits of a range in the order of their ids, each
// once. Two different answers about one are no answer.
func distinctCommits(span fact.Range) ([]fact.RangeCommit, *verdict.Finding) {
	commits := slices.Clone(span.Commits)
	order.By(commits, func(a, b fact.RangeCommit) int { return strings.Compare(string(a.Commit.SHA), string(b.Commit.SHA)) })
	commits = order.Once(commits, func(a, b fact.RangeCommit) bool { return reflect.DeepEqual(a, b) })
	for i := 1; i < len(commits); i++ {
		if sha := commits[i].Commit.SHA; sha == commits[i-1].Commit.SHA {
			finding := verdict.Lacking("what commit "+sha.Short()+" holds", &fact.Missing{Reason: fact.Inconsistent, Detail: "GitHub gave two different answers about it"})
			return nil, &finding
		}
	}
	return commits, nil
}
