package gitobject

import (
	"bytes"
	"regexp"
	"strconv"
)

// moment is what stands behind the e-mail: seconds since 1970 and a time zone.
var moment = regexp.MustCompile(`\A (0|[1-9][0-9]*) [+-][0-9]{4}\z`)

// parsePerson reads an author, committer or tagger line by the rules of git's
// fsck_ident, except that the name may be missing, as it is in real history.
func parsePerson(each field) (Person, error) {
	name, rest, opened := bytes.Cut(each.value, []byte("<"))
	email, when, closed := bytes.Cut(rest, []byte(">"))
	name, spaced := bytes.CutSuffix(name, []byte(" "))
	switch {
	case !opened || !closed:
		return Person{}, badPerson(each, "has no e-mail in angle brackets")
	case bytes.ContainsAny(name, ">") || bytes.ContainsAny(email, "<"):
		return Person{}, badPerson(each, "has angle brackets inside a name or e-mail")
	case len(name) > 0 && !spaced:
		return Person{}, badPerson(each, "has no space before the e-mail")
	}
	matches := moment.FindSubmatch(when)
	if matches == nil {
		return Person{}, badPerson(each, "does not end in seconds and a time zone")
	}
	seconds, err := strconv.ParseInt(string(matches[1]), 10, 64)
	if err != nil {
		return Person{}, badPerson(each, "has a time that no clock shows")
	}
	return Person{Name: string(name), Email: string(email), Seconds: seconds}, nil
}

func badPerson(each field, what string) error {
	return unfit(BadPerson, "the line %s %s: %s", each.name, what, quoted(each.value))
}
