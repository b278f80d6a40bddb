package order

// Once returns a sorted list, in place, with one of each run of elements that are
// the same: the first. It is slices.CompactFunc in a tenth of its code.
func Once[T any](sorted []T, same func(a, b T) bool) []T {
	kept := sorted[:0]
	for _, each := range sorted {
		if len(kept) == 0 || !same(kept[len(kept)-1], each) {
			kept = append(kept, each)
		}
	}
	return kept
}
