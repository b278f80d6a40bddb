package order

import "sort"

// By sorts a list in place. compare says how two elements stand to each other, as
// in slices.SortFunc: negative, zero or positive. Elements that are equal keep
// their order.
func By[T any](list []T, compare func(a, b T) int) {
	sort.SliceStable(list, func(i, j int) bool { return compare(list[i], list[j]) < 0 })
}
