// Package seating finds out whether there are people for everything that different
// people have to do.
//
// The package is pure and stands alone. It must not know roles, gates or policies.
package seating

// Free gives every seat to a person of its own, out of those who can sit there, if
// that can be done. It returns a seat that stays free, or -1.
// Source: matching by augmenting paths (Kuhn).
func Free(seats [][]string) int {
	taken := map[string]int{} // by person, the seat
	var place func(at int, tried map[string]bool) bool
	place = func(at int, tried map[string]bool) bool {
		for _, person := range seats[at] {
			if tried[person] {
				continue
			}
			tried[person] = true
			if other, sits := taken[person]; !sits || place(other, tried) {
				taken[person] = at
				return true
			}
		}
		return false
	}
	for at := range seats {
		if !place(at, map[string]bool{}) {
			return at
		}
	}
	return -1
}
