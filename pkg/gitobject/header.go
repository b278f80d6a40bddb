package gitobject

import (
	"bytes"
	"slices"
	"strings"
)

// field is one header of an object.
type field struct {
	name string
	// value is what stands behind the first space, up to the line's end.
	value []byte
	// more are the lines that continue the value, raw: each begins with a
	// space that is not part of it.
	more []byte
	// bare is a header without any space.
	bare bool
	// start and end are where it stands in the object, with its line ends.
	start, end int
}

// header reads the header of an object, field by field.
type header struct {
	body []byte
	at   int
}

// next returns the next field. The field has no name at the end of the header,
// which is an empty line, or the end of the object: fsck lets a message be
// missing, but not the end of the last line.
func (h *header) next() (field, error) {
	if h.at == len(h.body) || h.body[h.at] == '\n' {
		return field{}, nil
	}
	start := h.at
	line, err := h.line()
	if err != nil {
		return field{}, err
	}
	name, value, spaced := bytes.Cut(line, []byte(" "))
	if !isName(name) {
		return field{}, unfit(BadHeader, "no header begins with %s", quoted(line))
	}
	continues := h.at
	for h.at < len(h.body) && h.body[h.at] == ' ' {
		if _, err := h.line(); err != nil {
			return field{}, err
		}
	}
	return field{name: string(name), value: value, more: h.body[continues:h.at], bare: !spaced, start: start, end: h.at}, nil
}

// line returns one line without its end and moves behind it.
func (h *header) line() ([]byte, error) {
	line, _, ended := bytes.Cut(h.body[h.at:], []byte("\n"))
	if !ended {
		return nil, unfit(Truncated, "the header breaks off in the line %s", quoted(line))
	}
	h.at += len(line) + 1
	return line, nil
}

// message is what stands behind the empty line that ends the header, or nil
// when there is none.
func (h *header) message() []byte {
	if h.at == len(h.body) {
		return nil
	}
	return h.body[h.at+1:]
}

// isName tells whether git could have written the name of this header. Other
// readers trim blanks or stop at control characters.
func isName(name []byte) bool {
	for _, char := range name {
		if char <= ' ' || char >= 0x7f {
			return false
		}
	}
	return len(name) > 0
}

// beginning is the fixed part of a header: these names, each once, in order.
type beginning struct {
	names []string
	read  int
}

// due is the name that has to come next, or "" when all are there.
func (b *beginning) due() string {
	if b.read == len(b.names) {
		return ""
	}
	return b.names[b.read]
}

// take accepts the field that is due and refuses every other with the reason
// why it cannot stand here.
func (b *beginning) take(each field) error {
	switch {
	case each.name != b.due():
		return b.refuse(each)
	case len(each.more) > 0:
		return unfit(BadHeader, "the header %s goes on in a second line", each.name)
	}
	b.read++
	return nil
}

func (b *beginning) refuse(each field) error {
	switch {
	case slices.Contains(b.names[:b.read], each.name):
		return unfit(DuplicateHeader, "there are two headers %s, and readers differ in which one they take", each.name)
	case b.due() == "":
		return unfit(BadHeader, "the header %s is not one that can stand here", quoted(each.name))
	}
	return unfit(BadHeader, "the header %s stands where %s has to", quoted(each.name), b.due())
}

// whole refuses a header that ended before all names were there.
func (b *beginning) whole() error {
	if b.due() == "" {
		return nil
	}
	return unfit(Truncated, "the header ends before %s", b.due())
}

// isSignatureHeader tells whether git leaves a header out of what is signed: it
// does so with every name that begins like this, whatever follows (commit.c,
// parse_buffer_signed_by_header).
func isSignatureHeader(name string) bool { return strings.HasPrefix(name, "gpgsig") }

func unsignedHeader(each field) error {
	return unfit(UnsignedHeader, "the header %s is not covered by any signature", quoted(each.name))
}
