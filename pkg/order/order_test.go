package order_test

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/order"
)

// The standard library says what the order is.
func TestBySortsLikeTheStandardLibrary(t *testing.T) {
	t.Parallel()
	type pair struct{ Key, Place int }
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 60).Draw(t, "keys")
		var list []pair
		for place, key := range keys {
			list = append(list, pair{key, place})
		}
		want := slices.Clone(list)
		byKey := func(a, b pair) int { return cmp.Compare(a.Key, b.Key) }
		slices.SortStableFunc(want, byKey)
		order.By(list, byKey)
		if !slices.Equal(list, want) {
			t.Errorf("got %v, want %v", list, want)
		}
	})
}
