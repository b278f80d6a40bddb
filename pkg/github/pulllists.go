package github

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/parallel"
)

// together runs jobs at once. The transport bounds the requests in flight.
func together(jobs []func()) { parallel.Do(0, jobs) }

const (
	pullCommitsSource = "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits"
	pullReviewsSource = "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews"
)

// pullCommits reads all commits of a pull request. total is Overview's count.
func (r *Reader) pullCommits(ctx context.Context, pull fact.Pull, total int) fact.Known[[]fact.PullCommit] {
	if total >= commitCap {
		missing := incomplete(fmt.Sprintf("pull request %d has %d commits; GitHub lists %d at most, so the last cannot be known", pull.Number, total, commitCap))
		missing.Fix = "Split the change into smaller pull requests."
		return fact.Lost[[]fact.PullCommit](*missing)
	}
	asked := fmt.Sprintf("repos/%s/%s/pulls/%d/commits", r.owner, r.name, pull.Number)
	commits := list[fact.PullCommit]{
		name: "GET /" + asked,
		key:  func(commit fact.PullCommit) string { return string(commit.SHA) },
		fetch: func(ctx context.Context, number int) (page[fact.PullCommit], error) {
			answer, resp, err := r.client.PullRequests.ListCommits(ctx, r.owner, r.name, pull.Number, pageOptions(number))
			if err != nil {
				return page[fact.PullCommit]{}, err
			}
			read := page[fact.PullCommit]{total: uncounted}
			for _, each := range answer {
				commit := fact.PullCommit{SHA: shaOf(each.GetSHA()), Author: restPerson(each.GetAuthor()), Committer: restPerson(each.GetCommitter())}
				if commit.SHA == "" {
					return read, incomplete("a commit has no id")
				}
				read.items = append(read.items, commit)
			}
			read.next, err = r.checkPage(asked, resp, number)
			return read, err
		},
	}
	var found []fact.PullCommit
	err := twice(func(int) (err error) {
		found, err = commits.read(ctx, total)
		return sized(commits.name, len(found), total, err)
	})
	if err != nil {
		return fact.Lost[[]fact.PullCommit](*r.missing(commits.name, err, fact.NeedPulls.TokenPermission()))
	}
	return fact.Of(found, fact.Source{From: pullCommitsSource, URL: pull.URL + "/commits"})
}

// pullReviews reads all reviews of a pull request and keeps those that
// Overview counted: approvals, requests for changes, and dismissed ones.
func (r *Reader) pullReviews(ctx context.Context, pull fact.Pull, total int) fact.Known[[]fact.Review] {
	asked := fmt.Sprintf("repos/%s/%s/pulls/%d/reviews", r.owner, r.name, pull.Number)
	reviews := list[fact.Review]{
		name: "GET /" + asked,
		key:  func(review fact.Review) string { return strconv.FormatInt(review.ID, 10) },
		fetch: func(ctx context.Context, number int) (page[fact.Review], error) {
			answer, resp, err := r.client.PullRequests.ListReviews(ctx, r.owner, r.name, pull.Number, pageOptions(number))
			if err != nil {
				return page[fact.Review]{}, err
			}
			read := page[fact.Review]{total: uncounted}
			for _, each := range answer {
				review, missing := restReview(each)
				if missing != nil {
					return read, missing
				}
				read.items = append(read.items, review)
			}
			read.next, err = r.checkPage(asked, resp, number)
			return read, err
		},
	}
	var found []fact.Review
	err := twice(func(int) (err error) {
		found, err = reviews.read(ctx, total)
		found = slices.DeleteFunc(found, func(review fact.Review) bool {
			return review.State != fact.Approved && review.State != fact.ChangesRequested && review.State != fact.Dismissed
		})
		return sized(reviews.name, len(found), total, err)
	})
	if err != nil {
		return fact.Lost[[]fact.Review](*r.missing(reviews.name, err, fact.NeedPulls.TokenPermission()))
	}
	sortReviews(found)
	return fact.Of(found, fact.Source{From: pullReviewsSource, URL: pull.URL})
}

func restReview(review *gh.PullRequestReview) (fact.Review, *fact.Missing) {
	found := fact.Review{
		ID: review.GetID(), URL: review.GetHTMLURL(), State: reviewState(review.GetState()),
		Author: restPerson(review.GetUser()), Commit: shaOf(review.GetCommitID()), At: review.GetSubmittedAt().UTC(),
	}
	pending := found.State == "pending" // not submitted, so without a time
	if found.ID <= 0 || found.State == "" || found.At.IsZero() && !pending {
		return fact.Review{}, incomplete("the answer does not hold all of a review")
	}
	return found, nil
}

// sized compares the length of a list that does not count itself with what
// Overview counted.
func sized(name string, got, want int, err error) error {
	if err == nil && got != want {
		return &changedError{fmt.Sprintf("%s: got %d of %d", name, got, want)}
	}
	return err
}

func pageOptions(number int) *gh.ListOptions {
	return &gh.ListOptions{Page: number, PerPage: perPage}
}

// checkPage checks where a page came from and returns the number of the next.
func (r *Reader) checkPage(asked string, resp *gh.Response, number int) (int, error) {
	if err := r.sameRepository(asked, resp); err != nil {
		return 0, err
	}
	return r.nextPage(resp.Response, number)
}
