package github

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// headsAtOnce is how many commits one question is about: GitHub makes a
// comparison for each.
const headsAtOnce = 25

// The questions about a head: how it relates to the default branch, and which
// file the workflow was there.
const (
	headQuestion     = "\n      h%[1]d: compare(headRef: $h%[1]d) { status headTarget { oid } }"
	headFileQuestion = "\n    f%[1]d: object(expression: $f%[1]d) { __typename oid }"
)

// originAnswer has everything below the alias of the overview's comparison, so
// that an error in it is told apart in the same way.
type originAnswer struct {
	Contained map[string]json.RawMessage `json:"contained"`
}

// headNode is a comparison of the default branch with a head.
type headNode struct {
	Status string   `json:"status"`
	Head   idAnswer `json:"headTarget"`
}

type idAnswer struct {
	Typename string `json:"__typename"`
	OID      string `json:"oid"`
}

// origin is where a head comes from; see fact.ApprovalRun.
type origin struct{ onDefault, sameFile fact.Known[bool] }

// findOrigins asks where the runs come from whose title names the subject's
// commit. That of the tip, which Overview saw, is clear; usually no other is
// there and no request is sent. GitHub names a branch and a tag alike, so the
// name of its branch says nothing about a run.
func (r *Reader) findOrigins(ctx context.Context, workflow string, runs []fact.ApprovalRun) *fact.Missing {
	tip := r.session().set.Repository.OrZero().DefaultCommit
	yes := fact.Of(true, fact.Source{From: workflowRunsSource})
	found := map[fact.SHA]origin{tip: {yes, yes}}
	var heads []fact.SHA
	for _, run := range runs {
		if run.Head != tip && r.subject.SHA.NamedIn(run.Title) {
			heads = append(heads, run.Head)
		}
	}
	slices.Sort(heads)
	chunks := slices.Collect(slices.Chunk(slices.Compact(heads), headsAtOnce))
	read, lost := make([][]origin, len(chunks)), make([]*fact.Missing, len(chunks))
	jobs := make([]func(), len(chunks))
	for i, some := range chunks {
		jobs[i] = func() { read[i], lost[i] = r.originsAt(ctx, tip, workflow, some) }
	}
	together(jobs)
	for i, some := range chunks {
		if lost[i] != nil {
			return lost[i]
		}
		for j, head := range some {
			found[head] = read[i][j]
		}
	}
	for i, run := range runs {
		if r.subject.SHA.NamedIn(run.Title) {
			runs[i].OnDefaultBranch, runs[i].SameFile = found[run.Head].onDefault, found[run.Head].sameFile
		}
	}
	return nil
}

// originsAt asks one question about some heads.
func (r *Reader) originsAt(ctx context.Context, tip fact.SHA, workflow string, heads []fact.SHA) ([]origin, *fact.Missing) {
	query, variables := r.originsQuery(tip, workflow, heads)
	answer, missing := ask[originAnswer](ctx, r, query, variables)
	if missing == nil {
		missing = answer.Errors.at(contents, area{"contained", "databaseId"}, area{"contained", "defaultBranchRef", "name"}, area{"contained", "file"})
	}
	if missing == nil {
		missing = r.sameAliases(answer.Data.Contained)
	}
	var branch map[string]json.RawMessage
	var name string
	var file idAnswer
	if missing == nil && (json.Unmarshal(answer.Data.Contained["defaultBranchRef"], &branch) != nil || json.Unmarshal(branch["name"], &name) != nil ||
		json.Unmarshal(answer.Data.Contained["file"], &file) != nil) {
		missing = incomplete("POST graphql: the answer does not compare commits with the default branch")
	}
	if seen := r.session().set.Repository.OrZero().DefaultBranch; missing == nil && name != seen {
		missing = inconsistent(fmt.Sprintf("POST graphql: the default branch is %q and %q", seen, name))
	}
	if missing != nil {
		return nil, missing
	}
	origins := make([]origin, len(heads))
	for i, head := range heads {
		compare, blob := fmt.Sprintf("h%d", i), fmt.Sprintf("f%d", i)
		onDefault, missing := isOnDefault(branch[compare], head, answer.Errors.at(contents, area{"contained", "defaultBranchRef", compare}))
		origins[i].onDefault = knownIf(onDefault, fact.Source{From: graphSource}, missing)
		sameFile, missing := isSameFile(answer.Data.Contained[blob], file, answer.Errors.at(contents, area{"contained", blob}))
		origins[i].sameFile = knownIf(sameFile, fact.Source{From: graphSource}, missing)
	}
	return origins, nil
}

// originsQuery names commits by their ids, so that nobody can move them.
func (r *Reader) originsQuery(tip fact.SHA, workflow string, heads []fact.SHA) (query string, variables map[string]string) {
	variables = map[string]string{"owner": r.owner, "name": r.name, "file": fmt.Sprintf("%s:%s", tip, workflow)}
	var declared, compares, files strings.Builder
	for i, head := range heads {
		fmt.Fprintf(&declared, ", $h%[1]d: String!, $f%[1]d: String!", i)
		fmt.Fprintf(&compares, headQuestion, i)
		fmt.Fprintf(&files, headFileQuestion, i)
		variables[fmt.Sprintf("h%d", i)] = string(head)
		variables[fmt.Sprintf("f%d", i)] = fmt.Sprintf("%s:%s", head, workflow)
	}
	query = fmt.Sprintf(`query StagewardOrigins($owner: String!, $name: String!, $file: String!%s) {
  contained: repository(owner: $owner, name: $name) {
    databaseId
    defaultBranchRef {
      name%s
    }
    file: object(expression: $file) { __typename oid }%s
  }
}
`, &declared, &compares, &files)
	return query, variables
}

// isOnDefault reads a comparison. GitHub has none for a commit that is gone.
func isOnDefault(raw json.RawMessage, head fact.SHA, missing *fact.Missing) (bool, *fact.Missing) {
	var node *headNode
	switch {
	case missing != nil:
		return false, missing
	case json.Unmarshal(raw, &node) != nil:
		return false, incomplete(fmt.Sprintf("POST graphql: the answer does not compare %s", head))
	case node == nil:
		return false, &fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("GitHub does not compare %s with the default branch", head)}
	case shaOf(node.Head.OID) != head:
		return false, inconsistent(fmt.Sprintf("POST graphql: asked was to compare %s, the answer is about %q", head, node.Head.OID))
	}
	found, missing := containment("", node.Status)
	return found.Contained, missing
}

// isSameFile compares a file with that of the tip. One that is not there is not
// the same, also where the tip has none.
func isSameFile(raw json.RawMessage, tip idAnswer, missing *fact.Missing) (bool, *fact.Missing) {
	var node *idAnswer
	switch {
	case missing != nil:
		return false, missing
	case json.Unmarshal(raw, &node) != nil:
		return false, incomplete("POST graphql: the answer does not say which file the workflow was")
	case node == nil, tip.OID == "":
		return false, nil
	case shaOf(node.OID) == "" || node.Typename == "" || tip.Typename == "":
		return false, incomplete("POST graphql: the answer does not say which file the workflow was")
	}
	return node.Typename == "Blob" && *node == tip, nil
}
