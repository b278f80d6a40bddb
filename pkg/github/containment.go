package github

import (
	"context"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

const compareSource = "GET /repos/{owner}/{repo}/compare/{basehead}"

// Containment reads whether a branch contains the subject's commit: seen from
// the branch, the commit is behind it or its tip. branch is a name without
// "refs/heads/".
func (r *Reader) Containment(ctx context.Context, branch string) fact.Known[fact.Containment] {
	base := string(fact.BranchRef(branch))
	if _, err := fact.ParseRef(base); err != nil {
		return fact.Lost[fact.Containment](fact.Missing{Reason: fact.NotFound, Detail: err.Error()})
	}
	base = r.compareBase(branch)
	// The commits themselves are not wanted: a page of one.
	what := fmt.Sprintf("GET /repos/%s/%s/compare/%s...%s", r.owner, r.name, base, r.subject.SHA)
	compared, resp, err := r.client.Repositories.CompareCommits(ctx, r.owner, r.name, base, string(r.subject.SHA), &gh.ListOptions{PerPage: 1})
	if err == nil {
		err = r.sameRepository(fmt.Sprintf("repos/%s/%s/compare/%s...%s", r.owner, r.name, base, r.subject.SHA), resp)
	}
	if err != nil {
		return fact.Lost[fact.Containment](*r.missing(what, err, fact.NeedContainment.TokenPermission()))
	}
	found, missing := containment(branch, compared.GetStatus())
	if missing == nil && found.Contained && fact.SHA(compared.GetMergeBaseCommit().GetSHA()) != r.subject.SHA {
		missing = inconsistent(fmt.Sprintf("the answer says %q but names %q as the common commit", found.Status, compared.GetMergeBaseCommit().GetSHA()))
	}
	if missing != nil {
		missing.Detail = what + ": " + missing.Detail
		return fact.Lost[fact.Containment](*missing)
	}
	return fact.Of(found, fact.Source{From: compareSource, URL: compared.GetHTMLURL()})
}

// compareBase returns what stands for the branch in a comparison. It is never
// the short name, which a tag could bear too: the commit where Overview saw it,
// the full name otherwise.
func (r *Reader) compareBase(branch string) string {
	seen := r.session().set.Repository.OrZero()
	if branch == seen.DefaultBranch && seen.DefaultCommit != "" {
		return string(seen.DefaultCommit)
	}
	return string(fact.BranchRef(branch))
}

// containment reads GitHub's word for how the commit relates to the branch.
func containment(branch, status string) (fact.Containment, *fact.Missing) {
	found := fact.Containment{Branch: branch, Status: strings.ToLower(status)}
	switch found.Status {
	case "behind", "identical":
		found.Contained = true
	case "ahead", "diverged":
	default:
		return fact.Containment{}, incomplete(fmt.Sprintf("unknown comparison %q", status))
	}
	return found, nil
}
