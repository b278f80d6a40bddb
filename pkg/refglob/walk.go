package refglob

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// walker looks for a name that is matched and not covered, shorter names first.
type walker struct {
	question  question
	only      Versions
	project   string
	namespace string
}

// node is where a name has come to. The name is read back through its parents.
type node struct {
	at     set
	place  place
	spot   spot
	own    own
	char   rune
	parent int
}

func (n node) key() string {
	flags := n.place.locked << 2
	if n.place.begins {
		flags |= 1
	}
	if n.place.at {
		flags |= 2
	}
	return string(append(slices.Clone(n.at), flags, byte(n.spot), byte(n.own&0xff), byte(n.own>>8)))
}

func (w *walker) start() node {
	first := w.only.first(w.namespace)
	return node{at: w.question.begin(), place: place{begins: true}, spot: first, own: first.own(), parent: -1}
}

// next returns where one more character leads; ok is false where to no name.
func (w *walker) next(from node, parent int, char rune) (to node, ok bool) {
	where, allowed := from.place.allows(char)
	if !allowed {
		return node{}, false
	}
	to = node{at: w.question.after(from.at, char), place: where, spot: from.spot.after(char), char: char, parent: parent}
	to.spot, to.own = from.own.after(char, w.project, to.spot)
	return to, (to.spot != notVersion || to.own != notOwn) && w.question.alive(to.at)
}

func (w *walker) found(n node) bool {
	return n.place.nameEnds() && w.only.ends(n.spot) && w.question.open(n.at)
}

// finds reports whether a given name is one.
func (w *walker) finds(name string) bool {
	at := w.start()
	for _, char := range name {
		to, ok := w.next(at, 0, char)
		if !ok {
			return false
		}
		at = to
	}
	return w.found(at)
}

// walk finds the first of the shortest names.
func (w *walker) walk() (name string, found bool, err error) {
	nodes := []node{w.start()}
	seen := map[string]bool{nodes[0].key(): true}
	work := 0
	for i := 0; i < len(nodes); i++ {
		for _, char := range w.question.alphabet {
			if work += len(w.question.steps); work > mostWork {
				return "", false, ErrTooLarge
			}
			to, ok := w.next(nodes[i], i, char)
			if !ok || seen[to.key()] {
				continue
			}
			nodes = append(nodes, to)
			switch {
			case w.found(to):
				return spell(nodes), true, nil
			case len(nodes) > mostNodes:
				return "", false, ErrTooLarge
			}
			seen[to.key()] = true
		}
	}
	return "", false, nil
}

// spell returns the name that leads to the last node.
func spell(nodes []node) string {
	var chars []rune
	for i := len(nodes) - 1; i > 0; i = nodes[i].parent {
		chars = append(chars, nodes[i].char)
	}
	slices.Reverse(chars)
	return string(chars)
}

// readable are the characters that are tried before others, in this order.
const readable = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"

// alphabet returns one character for each set of those that the steps do not tell
// apart: which classes have it is the same for all of them. The characters that
// git, versions or the name of a project tell apart stand for themselves.
func alphabet(steps []*step, project string) []rune {
	var classes []class
	for _, char := range "./@{lock" + "v0-+" + project {
		classes = append(classes, class{spans: []span{{char, char}}})
	}
	for _, each := range []span{{'1', '9'}, {'a', 'z'}, {'A', 'Z'}} {
		classes = append(classes, class{spans: []span{each}})
	}
	for _, each := range steps {
		if each != nil && each.kind == one {
			classes = append(classes, each.class)
		}
	}
	var chosen []rune
	seen := map[string]bool{}
	for _, char := range candidates(classes) {
		signature := signatureOf(classes, char)
		if strings.ContainsRune(forbidden, char) || seen[signature] {
			continue
		}
		seen[signature] = true
		chosen = append(chosen, char)
	}
	return chosen
}

// candidates returns at least one character of each set: what is in which class
// changes only where a span begins or has just ended, or after a character that is
// in no name.
func candidates(classes []class) []rune {
	edges := []rune{afterSurrogates}
	for _, each := range classes {
		for _, span := range each.spans {
			edges = append(edges, span.low, span.high+1)
		}
	}
	for _, char := range forbidden {
		edges = append(edges, char+1)
	}
	slices.Sort(edges)
	all := []rune(readable)
	for _, char := range slices.Compact(edges) {
		if char > ' ' && utf8.ValidRune(char) {
			all = append(all, char)
		}
	}
	return all
}

// afterSurrogates is the first character after the numbers that are none.
const afterSurrogates = 0xE000

func signatureOf(classes []class, char rune) string {
	signature := make([]byte, len(classes))
	for i, each := range classes {
		if each.has(char) {
			signature[i] = 1
		}
	}
	return string(signature)
}
