package audit

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/workflow"
)

// WorkflowsRead holds where every workflow of the default branch says what it does.
var WorkflowsRead = register(Check{
	ID:       "workflows-read",
	Title:    "Every workflow file can be read",
	Why:      "What a file does that cannot be read is not known: it can deploy without asking.",
	Severity: verdict.High,
	Needs:    needsWorkflows,
	Ask: func(in Input) []verdict.Point {
		about := about{severity: verdict.High}
		files, missing := in.workflows()
		if missing != nil {
			return []verdict.Point{about.unknown("what the workflows of the default branch do", missing, workflowsToken)}
		}
		points := []verdict.Point{}
		for _, each := range files {
			if each.unread != nil {
				points = append(points, each.see(about.unknown(fmt.Sprintf("what %q does", each.Path), each.unread, "Correct the file, or remove it where GitHub does not take it either."), 0))
			}
		}
		if len(points) == 0 {
			points = append(points, about.fine(count(len(files), "workflow file", "workflow files")+" read"))
		}
		return points
	},
})

const workflowsToken = "Grant `contents: read`."

func needsWorkflows(policy.Policy) []fact.Need { return []fact.Need{{Kind: fact.NeedWorkflows}} }

// workflowFile is a workflow file with what it says.
type workflowFile struct {
	fact.WorkflowFile
	read workflow.Workflow
	// unread says why it could not be read; nil where it could.
	unread *fact.Missing
}

// workflows returns the workflows of the default branch in the order of their
// paths.
func (in Input) workflows() ([]workflowFile, *fact.Missing) {
	listed, missing := in.Facts.Workflows.Get()
	if missing != nil {
		return nil, missing
	}
	files := make([]workflowFile, 0, len(listed))
	for _, each := range listed {
		file := workflowFile{WorkflowFile: each}
		read, err := workflow.Parse([]byte(each.Text))
		switch {
		case each.Unreadable != "":
			file.unread = &fact.Missing{Reason: fact.Incomplete, Detail: each.Unreadable}
		case err != nil:
			file.unread = &fact.Missing{Reason: fact.Incomplete, Detail: err.Error()}
		default:
			file.read = read
		}
		files = append(files, file)
	}
	order.By(files, func(a, b workflowFile) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// see adds where in the file a point is about; line 0 stands for the whole.
func (f workflowFile) see(point verdict.Point, line int) verdict.Point {
	if f.URL == "" {
		return point
	}
	found := verdict.Evidence{Text: f.Path, URL: f.URL}
	if line > 0 {
		found = verdict.Evidence{Text: fmt.Sprintf("%s, line %d", f.Path, line), URL: fmt.Sprintf("%s#L%d", f.URL, line)}
	}
	point.Evidence = append(point.Evidence, found)
	return point
}

// unreadable returns why not all files could be read, or nil.
func unreadable(files []workflowFile) *fact.Missing {
	for _, each := range files {
		if each.unread != nil {
			return &fact.Missing{Reason: each.unread.Reason, Detail: fmt.Sprintf("%q could not be read: %s", each.Path, each.unread.Detail)}
		}
	}
	return nil
}

// fileOf finds a file by its path.
func fileOf(files []workflowFile, at string) (file workflowFile, ok bool) {
	found := slices.IndexFunc(files, func(each workflowFile) bool { return each.Path == at })
	if found < 0 {
		return file, false
	}
	return files[found], true
}

// placedJob is a job with the file that it is in.
type placedJob struct {
	file workflowFile
	job  workflow.Job
}

// String names the job as a reason begins with it.
func (p placedJob) String() string {
	return fmt.Sprintf("the job %q of %s", p.job.ID, p.file.Path)
}

func (p placedJob) see(point verdict.Point) verdict.Point { return p.file.see(point, p.job.Line) }

// jobsOf returns every job of the files that could be read.
func jobsOf(files []workflowFile) []placedJob {
	var jobs []placedJob
	for _, file := range files {
		for _, job := range file.read.Jobs {
			jobs = append(jobs, placedJob{file, job})
		}
	}
	return jobs
}

// hasStage reports whether the job has the environment of a stage, or one of which
// an expression says the name.
func (p placedJob) hasStage(s policy.Stage) bool {
	return workflow.MayBe(strings.ToLower(p.job.Environment.Name), strings.ToLower(s.Environment)) // GitHub does not tell them apart
}

// hasAnyStage is hasStage for any stage that asks for something.
func (p placedJob) hasAnyStage(rules policy.Policy) bool {
	return slices.ContainsFunc(rules.Progression(), func(s policy.Stage) bool { return !s.Unrestricted && p.hasStage(s) })
}

// called returns the file of a reusable workflow of this repository, by its path
// or by its name and the default branch. why says why it is not known what is
// called; both are empty where the job calls nothing, and "missing" is the file
// that is not there.
func (in Input) called(files []workflowFile, uses string) (file workflowFile, why string) {
	if local, ok := strings.CutPrefix(uses, "./"); ok {
		return in.calledFile(files, path.Clean(local))
	}
	repository, ref := workflow.Remote(uses)
	inside := strings.TrimPrefix(strings.TrimSuffix(uses, "@"+ref), repository+"/")
	switch {
	case !strings.EqualFold(repository, in.Repository.Name) || repository == "":
		return file, fmt.Sprintf("%q is of another repository", uses)
	case strings.TrimPrefix(ref, "refs/heads/") != in.Repository.DefaultBranch:
		return file, fmt.Sprintf("%q is not the file of the default branch", uses)
	}
	return in.calledFile(files, inside)
}

func (in Input) calledFile(files []workflowFile, at string) (file workflowFile, why string) {
	file, ok := fileOf(files, at)
	switch {
	case !ok:
		return file, fmt.Sprintf("the default branch has no %q", at)
	case file.unread != nil:
		return file, fmt.Sprintf("%q could not be read: %s", at, file.unread.Detail)
	}
	return file, ""
}

// placeOf returns the stage to which a stage leads: another one for a hotfix lane.
func placeOf(s policy.Stage) string { return cmp.Or(s.HotfixFor, s.Name) }

// count returns a number with its noun.
func count(number int, one, many string) string {
	if number == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", number, many)
}

// distinct returns points of which none is there twice.
func distinct(points []verdict.Point) []verdict.Point {
	var kept []verdict.Point
	for _, each := range points {
		if !slices.ContainsFunc(kept, func(other verdict.Point) bool {
			return cmp.Or(strings.Compare(other.Stage, each.Stage), strings.Compare(other.Code, each.Code), strings.Compare(other.Reason, each.Reason)) == 0
		}) {
			kept = append(kept, each)
		}
	}
	return kept
}
