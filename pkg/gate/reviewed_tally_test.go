package gate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

// linked gives a review an address of its own.
func linked(r fact.Review) fact.Review {
	r.URL = fmt.Sprintf("https://github.com/acme/shop/pull/7#pullrequestreview-%d", r.ID)
	return r
}

// The reader of a verdict opens the reviews it rests on, and no others.
func TestReviewedShowsTheReviewsThatDecided(t *testing.T) {
	t.Parallel()
	see := func(text string, review int) verdict.Evidence {
		return verdict.Evidence{Text: text, URL: fmt.Sprintf("https://github.com/acme/shop/pull/7#pullrequestreview-%d", review)}
	}
	list := []fact.Review{
		linked(review(105, bob, fact.Commented, noon.Add(time.Hour))),
		linked(review(104, carol, fact.Approved, noon)),
		linked(review(103, bob, fact.Approved, noon)),
		linked(review(102, bob, fact.ChangesRequested, noon.Add(-time.Hour))),
		linked(review(101, alice, fact.Approved, noon)),
		linked(review(100, nil, fact.Approved, noon)),
	}
	objection := linked(review(106, carol, fact.ChangesRequested, noon.Add(time.Hour)))
	var crowd []fact.Review
	for i := range int64(12) {
		crowd = append(crowd, linked(forHead(otherSHA, review(i+1, person(100+i, "crowd"), fact.Approved, noon))))
	}
	for name, each := range map[string]struct {
		params string
		facts  fact.Set
		want   []verdict.Evidence
	}{
		"no review":                           {facts: pull(reviews())},
		"a review of an account that is gone": {facts: pull(reviews(list[5]))},
		"a request for changes hides what it outweighs": {
			facts: pull(reviews(append([]fact.Review{objection}, list...)...)),
			want:  []verdict.Evidence{see("request for changes by @carol (review 106)", 106)},
		},
		"too few approvals, with those that count first": {
			params: "approvals: 3", facts: pull(reviews(list...)),
			want: []verdict.Evidence{
				see("approval that counts by @bob (review 103)", 103), see("approval that counts by @carol (review 104)", 104),
				see("review that does not count by @alice (review 101)", 101),
			},
		},
		"too few approvals, one of which cannot be judged": {
			params: "approvals: 3", facts: onMain(landed(merged(reviews(list...))), lose(carol)),
			want: []verdict.Evidence{
				see("approval that counts by @bob (review 103)", 103), see("approval that may count by @carol (review 104)", 104),
				see("review that does not count by @alice (review 101)", 101),
			},
		},
		"enough only if an approval counts that cannot be judged": {
			params: "approvals: 2", facts: onMain(landed(merged(reviews(list...))), lose(carol)),
			want: []verdict.Evidence{see("approval that counts by @bob (review 103)", 103), see("approval that may count by @carol (review 104)", 104)},
		},
		"a request for changes that cannot be judged": {
			facts: onMain(landed(merged(reviews(list[2], objection))), lose(carol)),
			want:  []verdict.Evidence{see("request for changes that may count by @carol (review 106)", 106)},
		},
		"more reviews than anybody opens": {
			facts: pull(reviews(crowd...)),
			want: []verdict.Evidence{
				see("review that does not count by @crowd (review 1)", 1), see("review that does not count by @crowd (review 2)", 2),
				see("review that does not count by @crowd (review 3)", 3), see("review that does not count by @crowd (review 4)", 4),
				see("review that does not count by @crowd (review 5)", 5), see("review that does not count by @crowd (review 6)", 6),
				see("review that does not count by @crowd (review 7)", 7), see("review that does not count by @crowd (review 8)", 8),
				see("review that does not count by @crowd (review 9)", 9), see("review that does not count by @crowd (review 10)", 10),
			},
		},
		"enough approvals": {
			params: "approvals: 2", facts: pull(reviews(list...)),
			want: []verdict.Evidence{see("approval that counts by @bob (review 103)", 103), see("approval that counts by @carol (review 104)", 104)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := bind(t, "reviewed", row{params: each.params}).Ask(each.facts, gate.Terms{})
			want := append([]verdict.Evidence{{Text: "pull request #7", URL: "https://github.com/acme/shop/pull/7"}}, each.want...)
			if diff := cmp.Diff(want, got.Evidence); diff != "" {
				t.Errorf("%s: the evidence of %q is not what decided (-want +got):\n%s", got.Outcome, got.Reason, diff)
			}
		})
	}
}
