package redact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/suppose"
)

var (
	anID = lazy.New(`\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b`)
	// writer is a line of an object that says who wrote it, and when.
	writer = lazy.New(`^(author|committer|tagger) (.*?) ?<([^<>]*)> ([0-9]+) [+-][0-9]{4}$`)
)

// renamed returns a text with the new ids of all objects that it names in full.
func (r *redactor) renamed(text string) string { return anID.ReplaceAllStringFunc(text, r.id) }

// id returns the new id of an object. Those that the policy names stay.
func (r *redactor) id(id string) string {
	if instead, known := r.ids[id]; known || r.words[id] || r.again || id == "" {
		if known {
			return instead
		}
		return id
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "stageward redacts %d", len(r.ids)))
	r.ids[id] = hex.EncodeToString(sum[:])[:len(id)]
	return r.ids[id]
}

// hearPayload tells of the people in an object.
func (r *redactor) hearPayload(payload string) {
	head, _, _ := strings.Cut(payload, "\n\n")
	for line := range strings.SplitSeq(head, "\n") {
		if who := writer.FindStringSubmatch(line); who != nil {
			r.people.hear(who[2], who[3], "")
		}
	}
}

// rewrite writes every commit and tag anew that was signed, and the keys.
func (r *redactor) rewrite(facts *fact.Set) {
	r.keyring = r.keysIn(*facts)
	var all []*fact.Commit
	commit, lost := facts.Commit.Get()
	if lost == nil {
		all = append(all, &commit)
	}
	spans := map[string]*fact.Range{}
	for _, key := range slices.Sorted(maps.Keys(facts.Ranges)) {
		span, lost := facts.Ranges[key].Get()
		if lost != nil {
			continue
		}
		spans[key], all = &span, append(all, &span.Base.Commit)
		for i := range span.Commits {
			all = append(all, &span.Commits[i].Commit)
		}
	}
	r.commits(all)
	if lost == nil {
		facts.Commit = fact.Of(commit, facts.Commit.Source())
	}
	for key, span := range spans {
		facts.Ranges[key] = fact.Of(*span, facts.Ranges[key].Source())
	}
	if tag, missing := facts.Tag.Get(); missing == nil && tag.Annotated {
		r.object(gitobject.TagType, tag.Object, &tag.Signature)
		facts.Tag = fact.Of(tag, facts.Tag.Source())
	}
	r.writeKeys(facts)
}

// commits writes commits anew, each after its parents: their ids are in it.
func (r *redactor) commits(all []*fact.Commit) {
	written := map[*fact.Commit]bool{}
	var write func(*fact.Commit)
	write = func(each *fact.Commit) {
		if written[each] {
			return
		}
		written[each] = true
		for _, parent := range each.Parents {
			for _, other := range all {
				if other.SHA == parent {
					write(other)
				}
			}
		}
		r.object(gitobject.CommitType, each.SHA, &each.Signature)
	}
	for _, each := range all {
		write(each)
	}
}

// object writes a signed object anew. What does not make up the object that it says to
// be does not do so afterwards either.
func (r *redactor) object(kind gitobject.Type, id fact.SHA, given *fact.Signature) {
	if given.Text == "" && given.Payload == "" {
		return
	}
	format, err := gitobject.FormatOf(string(id))
	if err != nil || r.words[string(id)] {
		given.Text, given.Payload = "", "" // the policy names the id, so the object cannot have another
		return
	}
	r.report.Objects++
	body, broken := gitobject.Rebuild(kind, string(id), given.Payload, given.Text)
	made := r.keyring.made(r, kind, format, body, *given)
	given.Payload = r.payload(given.Payload)
	if given.Text != "" {
		given.Text = made.sign(given.Payload)
	}
	after := suppose.ObjectID(kind, format, given.Payload, given.Text)
	if _, known := r.ids[string(id)]; !known && broken == nil && after != "" {
		r.ids[string(id)] = string(after)
	}
}

// payload returns what is signed of an object, with other people and words in it.
func (r *redactor) payload(payload string) string {
	head, message, ended := strings.Cut(payload, "\n\n")
	var out strings.Builder
	dropped := false
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		who := writer.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		goesOn := strings.HasPrefix(line, " ")
		switch {
		case goesOn && dropped:
			continue
		case who != nil:
			person, mail := r.people.line(who[3])
			line = fmt.Sprintf("%s %s <%s> %s +0000\n", who[1], person, mail, who[4])
		case name == "tree" || name == "parent" || name == "object" || name == "type" || name == "tag" || name == "encoding":
			line = name + " " + r.nameOf(value) + "\n"
		case strings.HasPrefix(name, "gpgsig"), name == "author", name == "committer", name == "tagger", goesOn:
			line = strings.Map(filling, line)
			line = name + line[len(name):]
		default:
			dropped = true
			continue
		}
		dropped = false
		out.WriteString(line)
	}
	text := strings.TrimSuffix(out.String(), "\n")
	if strings.HasSuffix(head, "\n") && !ended {
		text += "\n"
	}
	if ended {
		text += "\n\n" + r.text(message)
	}
	return text
}
