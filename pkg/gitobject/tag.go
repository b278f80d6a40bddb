package gitobject

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// ParseTag takes an annotated tag object apart, without the "tag <length>" that
// git hashes before it. The format is that of the repository.
//
// The header has to be object, type, tag and tagger, each once, in this order.
// The signature begins at the last line that begins a signature and goes to the
// end: such text further up is part of what is signed. Two signatures in a row
// are refused, because programs differ in which one they check.
// What cannot be trusted is an *Unfit. Rules: git's tag.c and fsck.c.
func ParseTag(body []byte, format Format) (Tag, error) {
	if err := checkBody(body); err != nil {
		return Tag{}, err
	}
	var tag Tag
	order := beginning{names: []string{"object", "type", "tag", "tagger"}}
	fields := header{body: body}
	for {
		each, err := fields.next()
		if err == nil && each.name == "" {
			break
		}
		if err == nil {
			err = tag.take(each, &order, format)
		}
		if err != nil {
			return Tag{}, err
		}
	}
	if order.due() == "tagger" {
		return Tag{}, unfit(NoTagger, "nobody is named who made the tag")
	}
	if err := order.whole(); err != nil {
		return Tag{}, err
	}
	var err error
	tag.Message = fields.message()
	tag.Signed, err = splitTag(body, len(body)-len(tag.Message))
	if err != nil {
		return Tag{}, err
	}
	tag.Message = tag.Message[:len(tag.Message)-(len(body)-len(tag.Payload))]
	return tag, nil
}

// take fills in one header.
func (t *Tag) take(each field, order *beginning, format Format) (err error) {
	if isSignatureHeader(each.name) {
		return unsignedHeader(each)
	}
	if err := order.take(each); err != nil {
		return err
	}
	value := string(each.value)
	switch each.name {
	case "object":
		t.Target = value
		return checkID(value, format)
	case "type":
		t.TargetType = value
		if !slices.Contains([]string{"commit", "tree", "blob", "tag"}, value) {
			return unfit(BadType, "git has no objects of type %s", quoted(value))
		}
	case "tag":
		t.Name = value
		if value == "" || strings.ContainsFunc(value, unicode.IsControl) {
			return unfit(BadName, "%s is empty or has control characters", quoted(value))
		}
	case "tagger":
		t.Tagger, err = parsePerson(each)
	}
	return err
}

// signatureBegins are the lines by which git knows a signature (gpg-interface.c).
var signatureBegins = [][]byte{
	[]byte("-----BEGIN PGP SIGNATURE-----"),
	[]byte("-----BEGIN PGP MESSAGE-----"),
	[]byte("-----BEGIN SIGNED MESSAGE-----"),
	[]byte("-----BEGIN SSH SIGNATURE-----"),
}

// splitTag cuts the signature off a tag. Its message begins at the offset.
func splitTag(body []byte, message int) (Signed, error) {
	start := len(body)
	at := message
	for line := range bytes.Lines(body[message:]) {
		if beginsWithAny(line, signatureBegins) {
			start = at
		}
		at += len(line)
	}
	if start == len(body) {
		return Signed{Payload: body}, nil
	}
	if endsInSignature(body[message:start]) {
		return Signed{}, unfit(ManySignatures, "one signature directly follows another, and programs differ in which one they check")
	}
	signature, timestamp, err := splitArmor(body[start:])
	return Signed{Signature: signature, Payload: body[:start:start], Timestamp: timestamp}, err
}

func beginsWithAny(line []byte, beginnings [][]byte) bool {
	return slices.ContainsFunc(beginnings, func(each []byte) bool { return bytes.HasPrefix(line, each) })
}

// endsInSignature tells whether the last line of a text that is not blank ends
// a signature, or the timestamp of one.
func endsInSignature(text []byte) bool {
	text = bytes.TrimRight(text, blanks+"\n")
	last := text[bytes.LastIndexByte(text, '\n')+1:]
	for _, begin := range signatureBegins {
		if bytes.HasPrefix(last, bytes.Replace(begin, []byte("BEGIN"), []byte("END"), 1)) {
			return true
		}
	}
	return bytes.HasPrefix(last, []byte(stampEnd))
}
