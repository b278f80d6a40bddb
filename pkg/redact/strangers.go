package redact

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
)

// nobody stands for whom nothing is known of.
const nobody = "somebody"

// shortName is how long a name is whose words, written as one, are more often another.
const shortName = 6

var (
	// aroundAt is everything without a space around an @, however it is written, with the
	// quotation before it: what is an address, and of whom, mail servers decide.
	aroundAt = lazy.New(`(?:"(?:\\.|[^"\\\r\n])*")?\S*(?:[@\x{FF20}\x{FE6B}]|%40|&#0*64;?|&#[xX]0*40;?|&commat;)\S*`)
	// mention is somebody named by a login, with signs around it, or a team.
	mention = lazy.New("^([!-/:-?\\[-`{-~]*)@([A-Za-z0-9_-]+(?:\\[bot\\])?)((?:/[A-Za-z0-9_.-]+)?(?:'s)?[!-/:-?\\[-`{-~]*)$")
	// plainAddress is one that people.without knows how to replace, with signs around it.
	plainAddress = lazy.New("^[!-/:-?\\[-`{-~]*[A-Za-z0-9._+-]+@(?:[A-Za-z0-9-]+\\.)+[A-Za-z]{2,}[!-/:-?\\[-`{-~]*$")
	// trailer is a line that says who did something, with those that go on with it.
	trailer  = lazy.New(`(?i)((?:^|[\r\n\x{85}\x{2028}\x{2029}])[\s>*_-]*[a-z][a-z_-]*-by[ \t*_]*:[ \t*_]*)([^\r\n]*(?:\r?\n[ \t]+\S[^\r\n]*)*)`)
	inAngles = lazy.New(`<([^<>]*)>`)
	ownPage  = lazy.New(`(?i)[a-z0-9-]+(\.github\.io)\b`)
)

// strangers returns a text without people of whom nothing is known but that the form of
// the text says it: by an @, in an address of the server, or at the end of a commit's
// message.
func (r *redactor) strangers(text string) string {
	text = trailer.ReplaceAllStringFunc(text, func(found string) string {
		parts := trailer.FindStringSubmatch(found)
		return parts[1] + r.people.trailed(parts[2])
	})
	text = aroundAt.ReplaceAllStringFunc(text, r.mentioned)
	text = ownPage.ReplaceAllString(text, nobody+"$1")
	return replaceGroup(r.server, text, r.unlessOwner)
}

// trailed returns who stands for whoever is named behind a trailer.
func (p *people) trailed(value string) string {
	if found := inAngles.FindStringSubmatch(value); found != nil {
		name, mail := p.line(found[1])
		if plainAddress.MatchString(found[1]) {
			mail = found[1] // it is replaced with all others
		}
		return name + " <" + mail + ">"
	}
	if mail, known := p.names[strings.TrimSpace(value)]; known {
		name, _ := p.line(mail)
		return name
	}
	return p.of(strings.TrimSpace(value))
}

// mentioned returns what stands for a piece of a text with an @ in it.
func (r *redactor) mentioned(piece string) string {
	found := mention.FindStringSubmatch(piece)
	switch {
	case found != nil && strings.HasPrefix(found[3], "/"):
		if team := r.unlessOwner(found[2]); team == found[2] {
			return piece
		}
		return found[1] + "@" + nobody
	case found != nil:
		return found[1] + "@" + r.people.of(found[2]) + found[3]
	case plainAddress.MatchString(piece), !strings.ContainsFunc(piece, isOfWord):
		return piece
	}
	return nobody + host
}

// unlessOwner returns who stands for a login that is not that of the repository's owner.
func (r *redactor) unlessOwner(login string) string {
	if owner, _, _ := strings.Cut(r.repository, "/"); fact.LoginKey(login) == fact.LoginKey(owner) {
		return login
	}
	return r.people.of(login)
}

// serverOf finds logins in addresses of GitHub, and of the server that has the repository.
func serverOf(facts fact.Set) *regexp.Regexp {
	const inPath = `(?::[0-9]+)?[/\\]+(?:(?:repos|users|orgs|api/v3)[/\\]+)*([A-Za-z0-9_.%~-]+)`
	name := "github.com"
	if address, err := url.Parse(facts.Repository.OrZero().URL); err == nil {
		name = cmp.Or(address.Hostname(), name)
	}
	return regexp.MustCompile(`(?i)(?:github\.com|githubusercontent\.com|` + regexp.QuoteMeta(name) + `)` + inPath)
}

// replaceGroup replaces the first group of each match.
func replaceGroup(pattern *regexp.Regexp, text string, with func(string) string) string {
	var out strings.Builder
	at := 0
	for _, found := range pattern.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(text[at:found[2]])
		out.WriteString(with(text[found[2]:found[3]]))
		at = found[3]
	}
	out.WriteString(text[at:])
	return out.String()
}

// spelling finds a whole name in upper and lower case, with anything for its spaces.
type spelling struct {
	name string
	// first is its first word in lower case, to look for before the pattern.
	first   string
	pattern *regexp.Regexp
}

func spellingOf(name string) (spelling, bool) {
	words := strings.FieldsFunc(name, func(char rune) bool { return !isOfWord(char) })
	if len(words) == 0 {
		return spelling{}, false
	}
	many := "*"
	if len(name) <= shortName {
		many = "+"
	}
	var pattern strings.Builder
	pattern.WriteString(`(?i)`)
	for i, word := range words {
		if i > 0 {
			pattern.WriteString(`(?:[\s\p{Z}\p{Cf}_.,+'’"()-]|%[0-9a-f]{2}|&nbsp;)` + many)
		}
		for _, char := range word {
			fmt.Fprintf(&pattern, `(?:%c|%s)`, char, url.PathEscape(string(char)))
		}
	}
	compiled, err := regexp.Compile(pattern.String())
	return spelling{name: name, first: strings.ToLower(words[0]), pattern: compiled}, err == nil
}

// replace replaces the name where it is not a part of other words.
func (s spelling) replace(text, instead string) string {
	if !strings.Contains(strings.ToLower(text), s.first) && !strings.Contains(text, "%") {
		return text
	}
	var out strings.Builder
	at := 0
	for _, found := range s.pattern.FindAllStringIndex(text, -1) {
		before, _ := utf8.DecodeLastRuneInString(text[:found[0]])
		after, _ := utf8.DecodeRuneInString(text[found[1]:])
		if unicode.IsLetter(before) || unicode.IsDigit(before) || unicode.IsLetter(after) || unicode.IsDigit(after) {
			continue
		}
		out.WriteString(text[at:found[0]] + instead)
		at = found[1]
	}
	return out.String() + text[at:]
}

// numbered returns what stands for a word that is the number of an account. One of three
// digits or fewer is more often that of something else.
func (p *people) numbered(word string, spared map[string]bool) string {
	if number, err := strconv.ParseInt(word, 10, 64); err == nil && len(word) > 3 && !spared[word] && p.number[number] != 0 {
		return strconv.FormatInt(p.number[number], 10)
	}
	return word
}
