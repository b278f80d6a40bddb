package order

import "sort"

// By sorts a list in place. compare says how two elements stand to each other, as
// in slices.SortFunc: negative, zero or positive. Elements that are equal keep
// their order.
func By[T any](list []T, compare func(a, b T) int) {
	sort.Stable(byFunc[T]{list, compare})
}

// byFunc is a list as package sort wants it.
type byFunc[T any] struct {
	list    []T
	compare func(a, b T) int
}

func (b byFunc[T]) Len() int           { return len(b.list) }
func (b byFunc[T]) Less(i, j int) bool { return b.compare(b.list[i], b.list[j]) < 0 }
func (b byFunc[T]) Swap(i, j int)      { b.list[i], b.list[j] = b.list[j], b.list[i] }
