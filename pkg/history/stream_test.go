package history_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/history"
	"github.com/stageward/stageward/pkg/internal/gittest"
)

// commits are so many, of which every third is not signed.
func commits(tb testing.TB, count int) []history.Object {
	tb.Helper()
	olga := gittest.SSH(tb, "olga")
	var all []history.Object
	for i := range count {
		commit := gittest.Commit{Subject: fmt.Sprint(i), Signer: &olga}
		if i%3 == 0 {
			commit.Signer = nil
		}
		all = append(all, object(tb, commit.Object(tb)))
	}
	return all
}

func reading(all []history.Object, then error) func(func(history.Object) error) error {
	return func(give func(history.Object) error) error {
		for _, each := range all {
			if err := give(each); err != nil {
				return err
			}
		}
		return then
	}
}

func TestCommitsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	all := commits(t, 300)
	for _, workers := range []int{-1, 1, 2, 16} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			taken := 0
			err := checker(t, gittest.SSH(t, "olga")).Commits(workers, reading(all, nil), func(got history.Verdict) error {
				want := history.Good
				if taken%3 == 0 {
					want = "unsigned"
				}
				if got.Subject != fmt.Sprint(taken) || got.ID != all[taken].ID || got.State != want {
					t.Errorf("verdict %d = %+v, want %s", taken, got, want)
				}
				taken++
				return nil
			})
			if err != nil || taken != len(all) {
				t.Errorf("%d of %d were taken, %v", taken, len(all), err)
			}
		})
	}
}

func TestCommitsThatCannotAllBeRead(t *testing.T) {
	t.Parallel()
	all, gone := commits(t, 100), errors.New("gone")
	taken := 0
	err := checker(t, gittest.SSH(t, "olga")).Commits(2, reading(all, gone), func(history.Verdict) error {
		taken++
		return nil
	})
	if !errors.Is(err, gone) || taken != len(all) {
		t.Errorf("%d were taken, %v; want all that were read, and the error", taken, err)
	}
}

func TestCommitsThatNobodyTakes(t *testing.T) {
	t.Parallel()
	all, full := commits(t, 100), errors.New("the disk is full")
	for _, obedient := range []bool{true, false} {
		taken := 0
		read := func(give func(history.Object) error) error {
			for _, each := range all {
				if err := give(each); err != nil && obedient {
					return err
				}
			}
			return nil
		}
		err := checker(t, gittest.SSH(t, "olga")).Commits(2, read, func(history.Verdict) error {
			taken++
			return full
		})
		if !errors.Is(err, full) || taken != 1 {
			t.Errorf("obedient %t: taken %d times, %v; want once and the error", obedient, taken, err)
		}
	}
}

func TestNoCommits(t *testing.T) {
	t.Parallel()
	err := checker(t).Commits(2, reading(nil, nil), func(history.Verdict) error { return errors.New("taken") })
	if err != nil {
		t.Error(err)
	}
}

// What waits is bounded in number and in bytes, however slow the checks are.
func TestFewCommitsWait(t *testing.T) {
	t.Parallel()
	const size = gitobject.MaxSize
	large := history.Object{ID: strings.Repeat("0", 40), Type: gitobject.CommitType, Body: make([]byte, size)}
	given, taken, most := 0, 0, 0
	read := func(give func(history.Object) error) error {
		for range 200 {
			given++
			most = max(most, given-taken)
			if err := give(large); err != nil {
				return err
			}
		}
		return nil
	}
	err := checker(t).Commits(64, read, func(history.Verdict) error {
		taken++
		return nil
	})
	if err != nil || most > 33 {
		t.Errorf("%d MiB waited, %v", most, err)
	}
}
