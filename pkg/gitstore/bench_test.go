package gitstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gitstore"
)

// BenchmarkWalk compares one open question with as many as the package allows,
// on a history in one line, where the next question is in the last answer, and
// on one of merges.
func BenchmarkWalk(b *testing.B) {
	const commits = 5000
	for _, side := range []int{0, 8} {
		made, tip := history(b, commits, side)
		store := made.open(b)
		for _, questions := range []int{1, 60} {
			b.Run(fmt.Sprintf("side=%d/window=%d", side, questions), func(b *testing.B) {
				store.SetWindow(questions)
				b.ReportAllocs()
				visits := 0
				for b.Loop() {
					err := store.Walk(b.Context(), []string{tip}, nil, func(gitstore.Object) error {
						visits++
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(visits)/b.Elapsed().Seconds(), "commits/s")
			})
		}
	}
}

// history stores commits in one line, or as merges of so many side branches of
// ten commits each, packed.
func history(b *testing.B, commits, side int) (made repository, tip string) {
	b.Helper()
	made = newRepository(b)
	var input strings.Builder
	mark := 0
	commit := func(parents ...int) {
		mark++
		fmt.Fprintf(&input, "commit refs/heads/g%d\nmark :%d\ncommitter Ada <ada@example.org> %d +0000\ndata 40\n%040d\n", mark, mark, 1_700_000_000+mark, mark)
		for i, parent := range parents {
			fmt.Fprintf(&input, "%s :%d\n", [...]string{"from", "merge"}[min(i, 1)], parent)
		}
	}
	commit()
	for mark < commits {
		base := mark
		parents := []int{base}
		for range side {
			commit(base)
			for range 9 {
				commit(mark)
			}
			parents = append(parents, mark)
		}
		commit(parents...)
	}
	fmt.Fprintf(&input, "get-mark :%d\n", mark)
	tip = made.git(b, input.String(), "fast-import", "--quiet")
	made.git(b, "", "pack-refs", "--all")
	return made, tip
}
