package redact

import (
	"html"
	"slices"
	"strings"
	"unicode"

	"github.com/stageward/stageward/pkg/internal/plainsecret"
	"github.com/stageward/stageward/pkg/lazy"
)

var (
	// beginning is what makes a line a heading, an entry of a list or a quotation: its
	// digits say where a list begins.
	beginning = lazy.New(`^[\s>]*(?:(?:[0-9]{1,9}[.)]|[-*+])\s+)?(?:\[[ xX]\]\s+)?`)
	// kept are pieces of a line that stay: tags that change how a text is read, and
	// characters that are written by their names.
	markup = lazy.New(`(?i)</?(?:pre|script|style|textarea|details|summary|div|p|table|t[rdh]|h[1-6]|[uo]l|li|br|hr|section|sub|sup|code|blockquote)\b|&(?:[A-Za-z]+|#[0-9]+|#[xX][0-9A-Fa-f]+);`)
	// generated is a line as GitHub makes them for releases; unfilled one that stands
	// where something is to be written, with the word that says so.
	generated = lazy.New(`(?i)\bby @\S+.* in (?:https://\S+/pull/\d+|#\d+)\s*$|@\S+ made their first contribution in (?:https://\S+/pull/\d+|#\d+)\s*$|Full Changelog\W*: \S+\s*$`)
	ofGitHub  = lazy.New(`^(?:by|in|and|with|made|their|first|contribution|Full|Changelog|https|pull)$`)
	unfilled  = lazy.New(`^(?i:to be (?:done|defined|decided|written)|n/?a)[^\pL\pN]*$`)
	yet       = lazy.New(`^(?i:todo|tbd|tba|tbc|fixme|wip)$`)
	// commit is what can be the id of a commit, or the beginning of one; fake is one
	// that nobody has.
	commit = lazy.New(`^[0-9A-Fa-f]{7,64}$`)
)

// mark says of a file that it is text; Markdown begins behind it.
const mark = "\ufeff"

const fake = "0bad0bad0bad0bad0bad0bad0bad0bad0bad0bad0bad0bad0bad0bad0bad0bad"

// text returns what a text of somebody's becomes: its form, without its words.
func (r *redactor) text(text string) string {
	if text == "" {
		return ""
	}
	var after string
	if _, secret := plainsecret.Find("", text); r.keep.Texts && !secret {
		after = r.people.without(r.strangers(eachWord(text, isOfWord, func(word string) string {
			renamed, _ := r.commit(word)
			return renamed
		})), nil)
	} else {
		var lines strings.Builder
		rest, marked := strings.CutPrefix(text, mark)
		if marked {
			lines.WriteString(mark)
		}
		for line := range strings.Lines(rest) {
			lines.WriteString(r.line(line))
		}
		after = lines.String()
	}
	if after != text {
		r.report.Texts++
	}
	return after
}

// line takes the words out of a line.
func (r *redactor) line(line string) string {
	words := strings.TrimFunc(line, func(char rune) bool { return !unicode.IsLetter(char) && !unicode.IsDigit(char) })
	switch {
	case r.phrases[strings.ToLower(strings.Join(strings.Fields(words), " "))], unfilled.MatchString(words):
		before, after, _ := strings.Cut(line, words)
		return signs(before) + words + signs(after)
	case generated.MatchString(line):
		return r.fill(line, func(word string, _ bool) string {
			if ofGitHub.MatchString(word) {
				return word
			}
			return r.word(word)
		})
	}
	begins := beginning.FindString(line)
	isFirst := true
	return begins + r.fill(line[len(begins):], func(word string, mentioned bool) string {
		wasFirst := isFirst
		isFirst = false
		switch {
		case wasFirst && yet.MatchString(word):
			return word
		case mentioned && r.people.named(word, nil):
			return r.people.of(word)
		}
		return r.word(word)
	})
}

// span is a part of a text, from a byte to another one.
type span struct{ from, to int }

// fill replaces the words of a line, but tickets and markup. Of a word with an @ before
// it, all that can be of a login is one.
func (r *redactor) fill(line string, with func(word string, mentioned bool) string) string {
	var out strings.Builder
	at := 0
	for _, each := range append(r.stays(line), span{len(line), len(line)}) {
		if each.from < at {
			continue
		}
		piece := signs(line[at:each.from])
		for {
			before, rest, found := strings.Cut(piece, "@")
			out.WriteString(eachWord(before, isOfWord, func(word string) string { return with(word, false) }))
			if !found {
				break
			}
			out.WriteByte('@')
			login := rest[:len(rest)-len(strings.TrimLeftFunc(rest, isOfLogin))]
			if r.people.named(login, nil) || r.people.again && standIn.MatchString(login) {
				out.WriteString(r.people.of(login))
				rest = rest[len(login):]
			}
			piece = rest
		}
		out.WriteString(line[each.from:each.to])
		at = each.to
	}
	return out.String()
}

func isOfWord(char rune) bool {
	return unicode.IsLetter(char) || unicode.IsNumber(char) || unicode.IsMark(char)
}

// stays returns what of a line stays, in order.
func (r *redactor) stays(line string) []span {
	var spans []span
	for _, each := range r.tickets {
		for at := 0; at < len(line); {
			found := each.FindStringSubmatchIndex(line[at:])
			if found == nil {
				break
			}
			spans = append(spans, span{at + found[2], at + found[3]})
			at += max(found[3], found[0]+1)
		}
	}
	rest, at := line, 0
	for found := markup.FindString(rest); found != ""; found = markup.FindString(rest) {
		from := at + strings.Index(rest, found)
		if shown := html.UnescapeString(found); found[0] == '<' || strings.Map(filling, shown) == shown {
			spans = append(spans, span{from, from + len(found)})
		}
		at = from + len(found)
		rest = line[at:]
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	return spans
}

// word returns what a word becomes: the id of a commit its new one, every other word as
// many signs of the same kinds.
func (r *redactor) word(word string) string {
	if id, known := r.commit(word); known {
		return id
	}
	if commit.MatchString(word) {
		return sameCase(word, fake[:len(word)])
	}
	return strings.Map(filling, word)
}

// commit returns the new id of a commit that a word names: by its id, with something
// around it or not, or, where it is the subject's, by the beginning of that.
func (r *redactor) commit(word string) (id string, known bool) {
	low := strings.ToLower(word)
	switch front, behind, holds := strings.Cut(low, r.before); {
	case anID.MatchString(low):
		return sameCase(word, r.renamed(low)), true
	case r.before == "":
	case holds:
		return sameCase(word, strings.Map(filling, front)+r.id(r.before)+strings.Map(filling, behind)), true
	case commit.MatchString(word) && strings.HasPrefix(r.before, low):
		return sameCase(word, r.id(r.before)[:len(word)]), true
	}
	return word, false
}

// sameCase writes an id in capitals where the word had some.
func sameCase(word, id string) string {
	if word != strings.ToLower(word) {
		return strings.ToUpper(id)
	}
	return id
}

// unspaced are scripts that put no space between words.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Javanese, unicode.Balinese,
}

// filling is the sign that stands for all of its kind.
func filling(char rune) rune {
	switch {
	case strings.ContainsRune("\u115f\u1160\u3164\uffa0", char):
		return '\u3164' // letters that show as nothing
	case unicode.In(char, unspaced...):
		return '一'
	case unicode.IsUpper(char):
		return 'X'
	case unicode.IsLetter(char):
		return 'x'
	case unicode.IsDigit(char):
		return '0'
	case unicode.IsNumber(char):
		return '½'
	case unicode.IsMark(char):
		return '\u0301'
	case char <= unicode.MaxASCII, char == '\u2800':
		return char // Braille without dots shows as nothing
	case unicode.IsSpace(char):
		return '\u00a0'
	case unicode.IsPunct(char):
		return '·'
	case unicode.IsSymbol(char):
		return '¤'
	}
	return '\u200b' // what nobody sees, or nobody knows
}

// signs returns a text in which everything is filled but its words.
func signs(text string) string {
	return strings.Map(func(char rune) rune {
		if isOfWord(char) {
			return char
		}
		return filling(char)
	}, text)
}

// title returns what the title of an approval becomes. The words that say what is
// approved stay, whatever their order, so that one that does not count goes on not to.
func (r *redactor) title(title string) string {
	if r.keep.Texts {
		return r.text(title)
	}
	after := eachWord(signs(title), func(char rune) bool { return !unicode.IsSpace(char) }, func(field string) string {
		word := strings.ToLower(strings.TrimFunc(field, func(char rune) bool { return !isOfWord(char) }))
		switch {
		case word == "approve", word == "for", word == "as", word == "exception", r.phrases[word] && !r.people.named(word, nil):
			return field
		case strings.HasPrefix(strings.ToLower(field), "reject"):
			return field[:len("reject")] + r.line(field[len("reject"):])
		}
		return r.line(field)
	})
	if after != title {
		r.report.Texts++
	}
	return after
}

// nameOf returns what a name becomes that people gave to a branch, a job, a label …: the
// same without the people in it. Names that the policy has stay.
func (r *redactor) nameOf(name string) string {
	if prefix := r.repository + "/"; strings.HasPrefix(name, prefix) && r.repository != "" {
		return prefix + r.nameOf(name[len(prefix):])
	}
	after := r.people.without(r.renamed(name), r.words)
	if _, secret := plainsecret.Find("", after); secret {
		return r.clean(after)
	}
	if after != name && r.renamed(name) == name {
		r.report.Names++
	}
	return after
}

// clean takes every word out of a text that holds a secret, and what makes it look like
// one.
func (r *redactor) clean(text string) string {
	r.report.Secrets++
	text = strings.Map(filling, text)
	if _, still := plainsecret.Find("", text); still {
		text = strings.NewReplacer("@", " ", "=", " ").Replace(text)
	}
	return text
}
