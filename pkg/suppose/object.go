package suppose

import (
	"cmp"
	"fmt"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
)

// emptyTree is a tree that git knows without having it.
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// SignCommit lets a person have committed and signed the commit, with the key that
// PublicKey shows; nobody have signed it, where login is "". The commit has another
// id then, as one of git's would.
func (w *World) SignCommit(login string) { w.writeCommit(login) }

// SignTag lets the tag of the run be an annotated one of a person's, signed with
// the key that PublicKey shows; annotated and not signed, where login is "".
func (w *World) SignTag(login string) {
	subject := &w.Facts.Subject
	tagger := cmp.Or(login, Author)
	name := subject.Ref.Name()
	payload := fmt.Sprintf("object %s\ntype commit\ntag %s\ntagger %s\n\nRelease %s\n", subject.SHA, name, w.line(tagger), name)
	signature := ""
	if login != "" {
		signature = sign(login, payload)
	}
	before, after := subject.TagObject, w.id(gitobject.TagType, payload+signature)
	w.rename(before, after)
	w.Facts.Subject.TagObject = after
	w.Facts.Tag = fact.Of(fact.Tag{
		Annotated: true, Object: after, Name: name, Target: w.Facts.Subject.SHA, TargetType: "commit",
		Tagger: w.identity(tagger), Signature: w.signature(login, payload, signature),
	}, Source())
	w.PointRef()
}

// DropTag makes the tag of the run a lightweight one, which cannot be signed.
func (w *World) DropTag() {
	w.Facts.Subject.TagObject = ""
	w.Facts.Tag = fact.Of(fact.Tag{}, Source())
	w.PointRef()
}

// writeCommit writes the commit of the run anew, with the parents and the headline
// that it has.
func (w *World) writeCommit(login string) {
	commit := w.Facts.Commit.OrZero()
	if len(commit.Parents) == 0 {
		commit.Parents = []fact.SHA{w.Commit("parent")}
		commit.Headline = "Change something"
	}
	head := "tree " + emptyTree + "\n"
	for _, parent := range commit.Parents {
		head += fmt.Sprintf("parent %s\n", parent)
	}
	author := Author
	if account := commit.Author.Account; account != nil {
		author = account.Login
	}
	committer := cmp.Or(login, author)
	head += fmt.Sprintf("author %s\ncommitter %s\n", w.line(author), w.line(committer))
	message := "\n" + commit.Headline + "\n"
	signature, header := "", ""
	if login != "" {
		signature = sign(login, head+message)
		header = folded(signature)
	}
	before, after := w.Facts.Subject.SHA, w.id(gitobject.CommitType, head+header+message)
	w.rename(before, after)
	w.Facts.Subject.SHA = after
	w.Facts.Commit = fact.Of(fact.Commit{
		SHA: after, Parents: commit.Parents, Headline: commit.Headline, CommittedAt: w.written(),
		Author: w.identity(author), Committer: w.identity(committer),
		Signature: w.signature(login, head+message, signature), URL: w.url("commit/%s", after),
	}, Source())
	w.followTag()
}

// followTag writes the tag of the run for the commit that it has now: a tag has the
// id of its commit among the bytes that are signed.
func (w *World) followTag() {
	tag := w.Facts.Tag.OrZero()
	if !tag.Annotated {
		return
	}
	signer := ""
	if tag.Signature.Signer != nil {
		signer = tag.Signature.Signer.Login
	}
	w.SignTag(signer)
}

// signature is GitHub's word on a signature that a person's key made.
func (w *World) signature(login, payload, text string) fact.Signature {
	if login == "" {
		return fact.Signature{Class: fact.Unsigned, State: "unsigned"}
	}
	signer := w.Person(login)
	return fact.Signature{
		Class: fact.PersonSignature, Verified: true, State: fact.SignatureValid, Signer: &signer,
		Text: text, Payload: payload, SeenAt: w.written(),
	}
}

func (w *World) identity(login string) fact.Identity {
	person := w.Person(login)
	return fact.Identity{Name: login, Email: email(login), Account: &person}
}

// line is how git writes a person and a time into an object.
func (w *World) line(login string) string {
	return fmt.Sprintf("%s <%s> %d +0000", login, email(login), w.written().Unix())
}

func email(login string) string { return login + "@users.noreply.example" }

// written is when the objects of a world are written: some days before now, so
// that there is time for what comes after them.
func (w *World) written() time.Time {
	const before = 7 * 24 * time.Hour
	now := w.Now()
	if commit := w.Facts.Commit.OrZero(); !commit.CommittedAt.IsZero() {
		return commit.CommittedAt
	}
	return now.Add(-before).Truncate(time.Second)
}

// Commit returns the id of a commit that a world knows by no more than a name.
func (w *World) Commit(name string) fact.SHA {
	return w.id(gitobject.CommitType, "tree "+emptyTree+"\n\n"+w.Facts.Subject.Repository+" "+name+"\n")
}

func (w *World) id(kind gitobject.Type, body string) fact.SHA {
	id, err := gitobject.ID(kind, gitobject.SHA1, []byte(body))
	if err != nil {
		return "" // the kinds and the format are known; a test makes both
	}
	return fact.SHA(id)
}
