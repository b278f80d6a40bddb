// Package order sorts lists of structs.
//
// The functions of package slices are compiled once for every type that they sort,
// 14 KiB each; the action's image has a budget (docs/adr/0018). Here only
// one small function is.
//
// The package is pure and knows no type of this program.
package order
