// Package workflow reads what a workflow file of GitHub Actions says: what starts
// it, and which jobs with which steps it has.
//
// It reads what others hold against a policy, or need to find a job by its name,
// and leaves the rest of the file alone:
//
//	read, err := workflow.Parse([]byte(text))
//	for _, job := range read.Jobs {
//		names = append(names, job.Title()) // the name that GitHub shows
//	}
//
// A file that it cannot read is an error that names the line, never half a
// workflow. An expression (${{ … }}) is text like any other: what it comes to is
// known when the workflow runs, and never here.
//
// It must not know policies, gates or stages, nor where the text came from.
package workflow
