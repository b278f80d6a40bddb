package workflow

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// reader turns nodes into what they say. It keeps the first error, after which
// nothing that it returned counts.
type reader struct {
	err   *Error
	nodes int
}

// value is a part of a file. The zero value is one that is not there.
type value struct {
	node  *yaml.Node
	what  string // what it is, for an error, such as jobs.deploy
	depth int
}

func (v value) line() int {
	if v.node == nil {
		return 1
	}
	return max(v.node.Line, 1)
}

func (r *reader) fail(at value, reason string) {
	if r.err == nil {
		r.err = &Error{at.line(), reason}
	}
}

// enter counts a value and follows aliases. It returns false where there is
// nothing to read: no value, null, or one after which reading stops.
func (r *reader) enter(v *value) bool {
	if v.node == nil || r.err != nil {
		return false
	}
	r.nodes++
	if r.nodes > maxNodes {
		r.fail(*v, fmt.Sprintf("the file has more than %d values with its aliases written out", maxNodes))
		return false
	}
	if v.depth > maxDepth { // an alias can be of a list that it is in
		r.fail(*v, fmt.Sprintf("lists and maps nest deeper than %d levels", maxDepth))
		return false
	}
	if v.node.Kind == yaml.AliasNode {
		v.node = v.node.Alias
		return r.enter(v)
	}
	return !isNull(v.node)
}

func isNull(node *yaml.Node) bool {
	return node == nil || node.Kind == yaml.ScalarNode && node.Tag == "!!null"
}

// pair is a key of a map with its value.
type pair struct {
	key string
	value
}

// pairs returns what a map holds, in the order of the file.
func (r *reader) pairs(v value) []pair {
	if !r.enter(&v) {
		return nil
	}
	if v.node.Kind != yaml.MappingNode {
		r.expected("a map", v)
		return nil
	}
	var pairs []pair
	seen := map[string]bool{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key := v.node.Content[i]
		at := value{key, v.what, v.depth + 1}
		switch {
		case key.Kind != yaml.ScalarNode:
			r.expected("a word as key", at)
		case key.Tag == "!!merge":
			r.fail(at, "merge keys (<<) are not read, neither here nor by GitHub")
		case seen[key.Value]:
			r.fail(at, fmt.Sprintf("the key %q is there twice", shorten(key.Value)))
		}
		seen[key.Value] = true
		pairs = append(pairs, pair{key.Value, value{v.node.Content[i+1], join(v.what, key.Value), v.depth + 1}})
	}
	return pairs
}

// list returns what a list holds.
func (r *reader) list(v value) []value {
	if !r.enter(&v) {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		r.expected("a list", v)
		return nil
	}
	values := make([]value, 0, len(v.node.Content))
	for _, each := range v.node.Content {
		values = append(values, value{each, v.what, v.depth + 1})
	}
	return values
}

// text returns a text, or a number or a boolean as it was written.
func (r *reader) text(v value) string {
	if !r.enter(&v) {
		return ""
	}
	if v.node.Kind != yaml.ScalarNode {
		r.expected("a text", v)
		return ""
	}
	return v.node.Value
}

// kind returns what a value is, aliases followed; 0 where there is none.
func (r *reader) kind(v value) yaml.Kind {
	if !r.enter(&v) {
		return 0
	}
	return v.node.Kind
}

// texts returns a list of texts, also one that is written as a single text.
func (r *reader) texts(v value) []string {
	if r.kind(v) == yaml.ScalarNode {
		return []string{r.text(v)}
	}
	var texts []string
	for _, each := range r.list(v) {
		texts = append(texts, r.text(each))
	}
	return texts
}

// spelled is pairs where every key says what it is. GitHub takes an expression in
// the place of a key, and "${{ insert }}" for a whole map: what is there then is
// known when the workflow runs.
func (r *reader) spelled(v value) []pair {
	pairs := r.pairs(v)
	for _, each := range pairs {
		if HasExpression(each.key) {
			r.fail(each.value, fmt.Sprintf("%s: expected a word as key, not the expression %q", shorten(v.what), shorten(each.key)))
		}
	}
	return pairs
}

// entries returns a map of texts.
func (r *reader) entries(v value) Entries {
	var entries Entries
	for _, each := range r.spelled(v) {
		entries = append(entries, Entry{each.key, r.text(each.value)})
	}
	return entries
}

// loose is entries where the whole map may be an expression: that is then the one
// entry, without a key.
func (r *reader) loose(v value) Entries {
	if r.kind(v) == yaml.ScalarNode && HasExpression(r.text(v)) {
		return Entries{{Value: r.text(v)}}
	}
	return r.entries(v)
}

// env is loose where a key may be an expression, which is kept as it was written.
func (r *reader) env(v value) Entries {
	if r.kind(v) != yaml.MappingNode {
		return r.loose(v)
	}
	var entries Entries
	for _, each := range r.pairs(v) {
		entries = append(entries, Entry{each.key, r.text(each.value)})
	}
	return entries
}

// all adds every text below a value to texts.
func (r *reader) all(v value, texts []string) []string {
	switch r.kind(v) { //nolint:exhaustive // aliases are followed, and there is no other
	case yaml.ScalarNode:
		return append(texts, r.text(v))
	case yaml.MappingNode:
		for _, each := range r.pairs(v) {
			texts = r.all(each.value, texts)
		}
	case yaml.SequenceNode:
		for _, each := range r.list(v) {
			texts = r.all(each, texts)
		}
	}
	return texts
}

func (r *reader) expected(what string, at value) {
	name := at.what
	if name == "" {
		name = "the file"
	}
	r.fail(at, fmt.Sprintf("%s: expected %s", shorten(name), what))
}

func join(parent, key string) string {
	if parent == "" {
		return shorten(key)
	}
	return parent + "." + shorten(key)
}
