package signature

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// signerOptions is what the options of a line ask for.
type signerOptions struct {
	authority     bool
	after, before time.Time
	// unfit says why the line is not for what git signs, or nothing.
	unfit string
	// zoneless are the options whose time has no zone.
	zoneless []string
}

// cutOptions splits the options off what follows the principals, if there are
// any, and reads them.
func cutOptions(text string) (options signerOptions, rest string, err error) {
	word, rest := cutWord(text)
	if rest == "" && !strings.Contains(word, `"`) {
		return options, "", errors.New("the line has no key")
	}
	if isSSHKeyType(word) || strings.HasSuffix(word, certificateSuffix) {
		return options, text, nil
	}
	rest, err = options.readAll(text)
	return options, rest, err
}

// readAll reads options up to a blank, and returns what follows it.
func (o *signerOptions) readAll(text string) (rest string, err error) {
	seen := map[string]bool{}
	for isMore := true; isMore; {
		name, value, isGiven, after, err := cutOption(text)
		if err != nil {
			return "", err
		}
		if seen[name] {
			return "", fmt.Errorf("the option %s is there twice", quoted(name))
		}
		seen[name] = true
		if err := o.take(name, value, isGiven); err != nil {
			return "", err
		}
		if text, isMore = strings.CutPrefix(after, ","); !isMore && text != "" && !strings.ContainsRune(blanks, rune(text[0])) {
			return "", fmt.Errorf("after the option %s there is neither a comma nor a blank", quoted(name))
		}
	}
	return strings.TrimLeft(text, blanks), o.check()
}

// cutOption splits one option off: a name in lower case, and its value where it
// is given.
func cutOption(text string) (name, value string, isGiven bool, rest string, err error) {
	end := strings.IndexAny(text, blanks+`,="`)
	if end < 0 {
		end = len(text)
	}
	name, rest = strings.ToLower(text[:end]), text[end:]
	begun, isGiven := strings.CutPrefix(rest, "=")
	if !isGiven {
		return name, "", false, rest, nil
	}
	value, rest, isQuoted := cutQuoted(begun)
	if !isQuoted {
		return "", "", false, "", fmt.Errorf("the value of the option %s is not in quotes", quoted(name))
	}
	return name, value, true, rest, nil
}

// cutQuoted splits off a text in quotes. In it, \" stands for a quote, and
// nothing else stands for anything else.
func cutQuoted(text string) (value, rest string, isQuoted bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", false
	}
	var made strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return made.String(), text[i+1:], true
		case strings.HasPrefix(text[i:], `\"`):
			i++
		}
		made.WriteByte(text[i])
	}
	return "", "", false
}

// take reads one option.
func (o *signerOptions) take(name, value string, isGiven bool) (err error) {
	switch name {
	case "cert-authority":
		if isGiven {
			return errors.New(`the option "cert-authority" has no value`)
		}
		o.authority = true
		return nil
	case "namespaces", "valid-after", "valid-before":
		if !isGiven {
			return fmt.Errorf("the option %q needs a value", name)
		}
	default:
		return fmt.Errorf("%s is neither a type of key nor an option that is known", quoted(name))
	}
	switch name {
	case "namespaces":
		if !matchesList(gitNamespace, value) {
			o.unfit = fmt.Sprintf("the key may sign for the namespaces %s, not for %q", quoted(value), gitNamespace)
		}
	case "valid-after":
		o.after, err = o.takeTime(name, value)
	case "valid-before":
		o.before, err = o.takeTime(name, value)
	}
	return err
}

// takeTime reads the time of an option.
func (o *signerOptions) takeTime(name, value string) (time.Time, error) {
	at, hasZone, err := parseSignerTime(value)
	if err == nil && !hasZone {
		o.zoneless = append(o.zoneless, name)
	}
	return at, err
}

// check compares the options with each other.
func (o *signerOptions) check() error {
	if !o.after.IsZero() && !o.before.IsZero() && !o.before.After(o.after) {
		return errors.New(`"valid-before" is not later than "valid-after"`)
	}
	return nil
}

// parseSignerTime reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, each with or
// without Z. All of them are UTC: what a line means must not depend on the
// machine that reads it.
func parseSignerTime(text string) (at time.Time, hasZone bool, err error) {
	digits := strings.TrimSuffix(strings.ToUpper(text), "Z")
	layout := "20060102150405"
	switch len(digits) {
	case len("YYYYMMDD"), len("YYYYMMDDHHMM"), len(layout):
		layout = layout[:len(digits)]
	}
	at, err = time.Parse(layout, digits)
	if err != nil || strings.Trim(digits, "0123456789") != "" || !at.After(time.Unix(0, 0)) {
		return time.Time{}, false, fmt.Errorf("%s is no time: write YYYYMMDDZ or YYYYMMDDHHMMSSZ, after 1970", quoted(text))
	}
	return at, len(digits) < len(text), nil
}

// matchesList tells whether a list of patterns, separated by commas, matches: at
// least one does, and none that begins with "!" (ssh_config(5), "PATTERNS").
func matchesList(text, list string) bool {
	isMatched := false
	for pattern := range strings.SplitSeq(list, ",") {
		pattern, isNegated := strings.CutPrefix(pattern, "!")
		if !matches(text, pattern) {
			continue
		}
		if isNegated {
			return false
		}
		isMatched = true
	}
	return isMatched
}

// matches tells whether a pattern matches all of the text: "*" stands for any
// bytes, "?" for one. It goes back to the last "*" only, so that no pattern
// takes long.
func matches(text, pattern string) bool {
	star, retry := -1, 0
	at, next := 0, 0
	for at < len(text) {
		switch {
		case next < len(pattern) && pattern[next] == '*':
			star, retry = next, at
			next++
		case next < len(pattern) && (pattern[next] == '?' || pattern[next] == text[at]):
			at++
			next++
		case star >= 0:
			retry++
			at, next = retry, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[next:], "*") == ""
}
