package github

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

const workflowRunsSource = "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs"

const workflowFolder = ".github/workflows"

// isWorkflow reports whether a path is that of a workflow's file.
func isWorkflow(file string) bool {
	_, name := path.Split(file)
	return path.Join(workflowFolder, name) == file && (strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml"))
}

// runsAddress is the address of the runs of a workflow, not escaped.
func (r *Reader) runsAddress(workflow string) string {
	return fmt.Sprintf("repos/%s/%s/actions/workflows/%s/runs", r.owner, r.name, path.Base(workflow))
}

// workflowRunPage reads a page of the runs of a workflow. check says what is wrong with
// a run; the error is a *fact.Missing.
func workflowRunPage[T any](ctx context.Context, r *Reader, workflow string, filter url.Values, number int, check func(T) *fact.Missing) (page[T], error) {
	address := r.runsAddress(workflow)
	query := maps.Clone(filter)
	query.Set("per_page", strconv.Itoa(perPage))
	query.Set("page", strconv.Itoa(number))
	escaped := (&url.URL{Path: address}).EscapedPath()
	var answer workflowRuns[T]
	resp, err := r.get(ctx, escaped+"?"+query.Encode(), &answer)
	if err != nil {
		return page[T]{}, r.missing("GET /"+address, err, jobsPermission)
	}
	if answer.TotalCount == nil || *answer.TotalCount < 0 || answer.Runs == nil {
		return page[T]{}, incomplete("GET /" + address + ": the answer has no list or no total")
	}
	for _, run := range answer.Runs {
		if missing := check(run); missing != nil {
			missing.Detail = "GET /" + address + ": " + missing.Detail
			return page[T]{}, missing
		}
	}
	next, err := r.checkPage(address, resp, number)
	return page[T]{items: answer.Runs, total: *answer.TotalCount, next: next}, err
}

// unread says why nothing can be read that has to be of this very repository;
// nil when it is known which that is.
func (r *Reader) unread() *fact.Missing {
	seen := r.session()
	if seen.repository != 0 {
		return nil
	}
	if _, missing := seen.set.Repository.Get(); missing != nil {
		return missing
	}
	return incomplete("which repository it is has not been read")
}

// extended returns a map with one entry more. Others may be reading the old one.
func extended[T any](old map[string]fact.Known[T], key string, known fact.Known[T]) map[string]fact.Known[T] {
	all := make(map[string]fact.Known[T], len(old)+1)
	maps.Copy(all, old)
	all[key] = known
	return all
}
