package gitobject

import (
	"bytes"
	"slices"
)

// ParseCommit takes a commit object apart, without the "commit <length>" that
// git hashes before it. The format is that of the repository; it decides how
// long ids are and which header holds the signature.
//
// The header has to be tree, parents, author and committer, in this order, then
// any others: programs do write their own (change-id, HG:extra), and they are
// signed. mergetag is one of them; the signature inside is no evidence here.
// What cannot be trusted is an *Unfit. Rules: git's commit.c and fsck.c.
func ParseCommit(body []byte, format Format) (Commit, error) {
	if err := checkBody(body); err != nil {
		return Commit{}, err
	}
	reader := commitReader{format: format, order: beginning{names: []string{"tree", "author", "committer"}}}
	fields := header{body: body}
	for {
		each, err := fields.next()
		if err == nil && each.name == "" {
			break
		}
		if err == nil {
			err = reader.take(each)
		}
		if err != nil {
			return Commit{}, err
		}
	}
	if err := reader.order.whole(); err != nil {
		return Commit{}, err
	}
	reader.commit.Message = fields.message()
	return reader.finish(body)
}

// commitReader gathers a commit from its headers.
type commitReader struct {
	format    Format
	order     beginning
	commit    Commit
	encoded   bool
	signature *field
}

func (r *commitReader) take(each field) (err error) {
	if r.order.due() == "" {
		return r.takeFurther(each)
	}
	if each.name == "parent" && r.order.due() == "author" && len(each.more) == 0 {
		r.commit.Parents = append(r.commit.Parents, string(each.value))
		return checkID(string(each.value), r.format)
	}
	if err := r.order.take(each); err != nil {
		return err
	}
	switch each.name {
	case "tree":
		r.commit.Tree = string(each.value)
		return checkID(r.commit.Tree, r.format)
	case "author":
		r.commit.Author, err = parsePerson(each)
	case "committer":
		r.commit.Committer, err = parsePerson(each)
	}
	return err
}

// takeFurther takes a header behind the fixed ones.
func (r *commitReader) takeFurther(each field) error {
	switch {
	case slices.Contains(r.order.names, each.name) || each.name == "parent":
		return r.order.refuse(each)
	case each.name == "encoding":
		return r.takeEncoding(each)
	case !isSignatureHeader(each.name):
		return nil
	case each.name != r.format.signatureHeader() || each.bare:
		return unsignedHeader(each)
	case r.signature != nil:
		return unfit(ManySignatures, "there are two headers %s", each.name)
	}
	r.signature = &each
	return nil
}

func (r *commitReader) takeEncoding(each field) error {
	if r.encoded {
		return unfit(DuplicateHeader, "there are two headers encoding, and readers differ in which one they take")
	}
	r.encoded = true
	if len(each.more) > 0 || !keepsASCII(string(each.value)) {
		return unfit(BadEncoding, "the encoding %s could hide what the text says", quoted(each.value))
	}
	return nil
}

// finish cuts the signature out of the object.
func (r *commitReader) finish(body []byte) (Commit, error) {
	if r.signature == nil {
		r.commit.Payload = body
		return r.commit, nil
	}
	var err error
	r.commit.Signature, r.commit.Timestamp, err = splitArmor(r.signature.unfold())
	if err != nil {
		return Commit{}, err
	}
	r.commit.Payload = slices.Concat(body[:r.signature.start], body[r.signature.end:])
	return r.commit, nil
}

// unfold returns the lines of the value, each with its end and without the
// space that continued it.
func (f *field) unfold() []byte {
	text := slices.Concat(f.value, []byte("\n"))
	for line := range bytes.Lines(f.more) {
		text = append(text, line[1:]...)
	}
	return text
}
