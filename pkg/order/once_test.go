package order_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/order"
)

func TestOnceIsWhatTheStandardLibraryDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "list")
		same := func(a, b int) bool { return a == b }
		want := slices.CompactFunc(slices.Clone(list), same)
		if got := order.Once(list, same); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
