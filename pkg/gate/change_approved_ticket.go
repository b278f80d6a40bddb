package gate

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/verdict"
)

type changeTicket struct {
	Pattern string        `yaml:"pattern" doc:"What a ticket looks like, as a regular expression (RE2) such as CHG-[0-9]+; it has to be a word of its own."`
	In      []TicketPlace `yaml:"in" doc:"Where the ticket can be named: tag (the message of the signed tag), release (of the tag) or pull-request (its title and description). One place is enough."`
}

func (c changeTicket) given() bool { return c.Pattern != "" || len(c.In) > 0 }

// TicketPlace is a place where a ticket can be named.
type TicketPlace string

// The places.
const (
	inTag     TicketPlace = "tag"
	inRelease TicketPlace = "release"
	inPull    TicketPlace = "pull-request"
)

// Values returns the words a policy may use.
func (TicketPlace) Values() []string {
	return []string{string(inTag), string(inRelease), string(inPull)}
}

// mostPattern is how long a pattern may be. RE2 takes time that grows with the
// text and the pattern and with nothing else, so this is about people.
const mostPattern = 200

// ordinary is a text that names no ticket in any system.
const ordinary = "No ticket is named here. See the notes, or ask 1 of us!"

func (c changeTicket) validate() error {
	switch {
	case c.Pattern == "":
		return errors.New("pattern: expected a regular expression such as CHG-[0-9]+")
	case len(c.Pattern) > mostPattern:
		return fmt.Errorf("pattern: it has %d bytes; expected %d at most", len(c.Pattern), mostPattern)
	case len(c.In) == 0:
		return fmt.Errorf("in: the list is empty; name at least one of %q", inTag.Values())
	}
	for i, place := range c.In {
		if !slices.Contains(place.Values(), string(place)) {
			return fmt.Errorf("in: %q: expected one of %q", place, place.Values())
		}
		if slices.Contains(c.In[:i], place) {
			return fmt.Errorf("in: %q is there twice", place)
		}
	}
	parsed, err := syntax.Parse(c.Pattern, syntax.Perl)
	if err != nil {
		return fmt.Errorf("pattern %q: %w", c.Pattern, err)
	}
	if shortest(parsed) == 0 {
		return fmt.Errorf("pattern %q: it matches the empty text, which is everywhere", c.Pattern)
	}
	word, err := c.word()
	if err != nil {
		return fmt.Errorf("pattern %q: %w", c.Pattern, err)
	}
	if found := word.FindStringSubmatch(ordinary); found != nil {
		return fmt.Errorf("pattern %q: it matches ordinary words such as %q; write what is special about a ticket, as in CHG-[0-9]+", c.Pattern, found[1])
	}
	return nil
}

// beside is what may not be beside a ticket: with it, the ticket would be part of
// a longer word, such as XCHG-1 or CHG-12.
const beside = `[^\pL\pN\pM-]`

// word returns an expression whose first group is a ticket that is a word of its
// own.
func (c changeTicket) word() (*regexp.Regexp, error) {
	return regexp.Compile(`(?:^|` + beside + `)(` + c.Pattern + `)(?:$|` + beside + `)`)
}

// shortest returns the least number of characters that an expression matches.
func shortest(re *syntax.Regexp) int {
	switch re.Op { //nolint:exhaustive // the others match no character, or none at least
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return shortest(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min * shortest(re.Sub[0])
	case syntax.OpConcat:
		sum := 0
		for _, sub := range re.Sub {
			sum += shortest(sub)
		}
		return sum
	case syntax.OpAlternate:
		least := shortest(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			least = min(least, shortest(sub))
		}
		return least
	}
	return 0
}

func (c changeTicket) needs() []fact.Need {
	var needs []fact.Need
	for _, place := range c.In {
		switch place {
		case inTag:
			needs = append(needs, fact.Need{Kind: fact.NeedTag})
		case inRelease:
			needs = append(needs, fact.Need{Kind: fact.NeedRelease})
		case inPull:
			needs = append(needs, fact.Need{Kind: fact.NeedPulls}, fact.Need{Kind: fact.NeedPullPapers})
		}
	}
	return needs
}

// where is a place that was looked at.
type where struct {
	name string
	url  string
	// text is what stands there; why says that nothing can.
	text, why string
	// later is true where a ticket can still be written without a new commit or
	// tag.
	later bool
}

// judge looks at all places. Each has to be readable: what cannot be read could
// as well be empty.
func (c changeTicket) judge(in Input) verdict.Finding {
	word, err := c.word()
	if err != nil {
		return verdict.Lacking("what a ticket looks like", &fact.Missing{Reason: fact.Inconsistent, Detail: err.Error()})
	}
	var places []where
	for _, each := range c.In {
		place, unknown := in.look(each)
		if unknown != nil {
			return *unknown
		}
		places = append(places, place)
	}
	var looked []string
	later := false
	for _, place := range places {
		if found := word.FindStringSubmatch(place.text); found != nil {
			return verdict.Passed(fmt.Sprintf("the ticket %s is named in %s; that it is approved is what whoever wrote it there says", shown(found[1]), place.name)).
				See(place.name, place.url)
		}
		why := place.name
		if place.why != "" {
			why += " (" + place.why + ")"
		}
		looked, later = append(looked, why), later || place.later
	}
	return c.none(places, looked, later)
}

func (c changeTicket) none(places []where, looked []string, later bool) verdict.Finding {
	reason := fmt.Sprintf("no ticket that matches %s as a word of its own is named in %s", shown(c.Pattern), strings.Join(looked, ", nor in "))
	finding := verdict.Failed("no-ticket", reason).
		Because("Name the approved ticket in the message of a new signed tag.", "whoever releases the change")
	if later {
		finding = verdict.Waits("no-ticket", reason).
			Because("Name the approved ticket in one of these places. Then run again.", "whoever answers for the change")
	} else if slices.Contains(c.In, inPull) {
		finding.Fix = "Bring the change in through one pull request that names the approved ticket."
	}
	for _, place := range places {
		if place.url != "" {
			finding = finding.See(place.name, place.url)
		}
	}
	return finding
}

// look reads one place. The finding is not nil where it is not known what stands
// there.
func (in Input) look(place TicketPlace) (where, *verdict.Finding) {
	switch place {
	case inTag:
		return in.tagMessage()
	case inRelease:
		return in.releaseText()
	case inPull:
		return in.pullText()
	}
	return unseen("what "+shown(string(place))+" is", &fact.Missing{Reason: fact.Inconsistent, Detail: "there is no such place"})
}

func unseen(what string, missing *fact.Missing) (where, *verdict.Finding) {
	finding := verdict.Lacking(what, missing)
	return where{}, &finding
}

// tagMessage returns what the signed message of the tag says. The message of a
// tag that is not signed can be anybody's.
func (in Input) tagMessage() (where, *verdict.Finding) {
	ref := in.Facts.Subject.Ref
	place := where{name: "the message of the tag " + shown(ref.Name())}
	if ref.Kind() != fact.TagRef {
		return where{name: "the message of a tag", why: string(ref) + " is no tag"}, nil
	}
	tag, missing := in.Facts.Tag.Get()
	if missing != nil {
		return unseen(place.name, missing)
	}
	place.url = tag.URL
	switch {
	case !tag.Annotated:
		place.why = "it is a lightweight tag, which has none"
		return place, nil
	case tag.Name != ref.Name() || tag.Target != in.Facts.Subject.SHA:
		place.why = "its object was made for another name or commit"
		return place, nil
	case tag.Signature.Class == fact.Unsigned || tag.Signature.Class == fact.UnknownSignature:
		place.why = "it is not signed, so the message could be anybody's"
		return place, nil
	}
	body := []byte(tag.Signature.Payload)
	format, err := gitobject.FormatOf(string(tag.Object))
	if err != nil {
		return unseen(place.name, &fact.Missing{Reason: fact.Incomplete, Detail: err.Error()})
	}
	parsed, err := gitobject.ParseTag(body, format)
	if err == nil && (parsed.Name != tag.Name || parsed.Target != string(tag.Target)) {
		err = errors.New("GitHub gives the tag another name or target than what was signed")
	}
	if err != nil {
		return unseen(place.name, &fact.Missing{Reason: fact.Inconsistent, Detail: err.Error()})
	}
	place.text = string(parsed.Message)
	return place, nil
}

// releaseText returns the name and the text of the published release.
func (in Input) releaseText() (where, *verdict.Finding) {
	ref := in.Facts.Subject.Ref
	place := where{name: "the release of the tag " + shown(ref.Name()), later: true}
	if ref.Kind() != fact.TagRef {
		return where{name: "the release of a tag", why: string(ref) + " is no tag"}, nil
	}
	release, missing := in.Facts.Release.Get()
	if missing == nil && release.Exists && release.Tag != ref.Name() {
		missing = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked about the release of %q, the answer is about that of %q", ref.Name(), release.Tag)}
	}
	switch {
	case missing != nil:
		return unseen(place.name, missing)
	case !release.Exists || release.Draft:
		place.why = "none is published"
		return place, nil
	}
	place.url, place.text = release.URL, release.Name+"\n"+withoutComments(release.Body)
	return place, nil
}

// pullText returns the title and the description of the pull request that was
// merged as the commit.
func (in Input) pullText() (where, *verdict.Finding) {
	landed, unknown := in.findLanding()
	switch {
	case unknown != nil:
		return where{}, unknown
	case len(landed.pulls) == 0:
		return where{name: "the pull request", why: "none was merged as the commit" + landed.explainOthers()}, nil
	case len(landed.pulls) > 1:
		return where{name: "the pull request", why: "more than one was merged as the commit: " + landed.numbers()}, nil
	}
	pull := landed.pulls[0]
	place := where{name: fmt.Sprintf("the title and the description of #%d", pull.Number), url: pull.URL, later: true}
	papers, missing := in.Facts.PapersOf(pull.Number).Get()
	if missing != nil {
		return unseen(place.name, missing)
	}
	place.text = pull.Title + "\n" + withoutComments(papers.Body)
	return place, nil
}

// withoutComments leaves out what GitHub shows to nobody: the comments of a
// template often hold an example of a ticket.
func withoutComments(markdown string) string {
	var seen strings.Builder
	for {
		before, rest, found := strings.Cut(markdown, "<!--")
		seen.WriteString(before)
		if !found {
			return seen.String()
		}
		seen.WriteByte(' ')
		_, markdown, _ = strings.Cut(rest, "-->")
	}
}
