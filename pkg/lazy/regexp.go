// Package lazy has regular expressions that are compiled when they are first used.
//
// The program begins anew for every step of a workflow, and most runs need few of
// its expressions: compiling all of them took a quarter of the start.
//
// The package is pure and knows nothing of this program.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression in the syntax of package regexp. It can be used
// from many goroutines. An expression that is none stops the program when it is first
// used; a test compiles all that the program has.
type Regexp struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

// New returns an expression that is not compiled yet.
func New(text string) *Regexp { return &Regexp{text: text} }

func (r *Regexp) get() *regexp.Regexp {
	r.once.Do(func() { r.compiled = regexp.MustCompile(r.text) })
	return r.compiled
}

// The methods are those of regexp.Regexp.

// MatchString reports whether the text holds a match.
func (r *Regexp) MatchString(text string) bool { return r.get().MatchString(text) }

// FindString returns the first match, or "".
func (r *Regexp) FindString(text string) string { return r.get().FindString(text) }

// FindStringSubmatch returns the first match with its groups, or nil.
func (r *Regexp) FindStringSubmatch(text string) []string { return r.get().FindStringSubmatch(text) }

// FindAllString returns up to n matches, all where n is negative.
func (r *Regexp) FindAllString(text string, n int) []string { return r.get().FindAllString(text, n) }

// FindAllStringSubmatch returns up to n matches with their groups.
func (r *Regexp) FindAllStringSubmatch(text string, n int) [][]string {
	return r.get().FindAllStringSubmatch(text, n)
}

// ReplaceAllString replaces every match; $1 in with stands for a group.
func (r *Regexp) ReplaceAllString(text, with string) string {
	return r.get().ReplaceAllString(text, with)
}

// ReplaceAllStringFunc replaces every match with what the function makes of it.
func (r *Regexp) ReplaceAllStringFunc(text string, with func(string) string) string {
	return r.get().ReplaceAllStringFunc(text, with)
}
