package suppose

import (
	"cmp"
	"fmt"
	"strings"
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
// the key that PublicKey shows; annotated and not signed, where login is "". It goes
// on saying what it says.
func (w *World) SignTag(login string) {
	subject := &w.Facts.Subject
	if subject.Ref.Kind() != fact.TagRef {
		return // a branch is never signed
	}
	name := subject.Ref.Name()
	tagger := w.identity(cmp.Or(login, Author))
	payload := fmt.Sprintf("object %s\ntype commit\ntag %s\ntagger %s\n\n%s", subject.SHA, name, line(tagger, w.Written()), w.TagMessage())
	text := ""
	if login != "" {
		text = sign(login, payload)
	}
	before, after := subject.TagObject, w.id(gitobject.TagType, payload+text)
	w.rename(before, after)
	w.Facts.Subject.TagObject = after
	w.Facts.Tag = fact.Of(fact.Tag{
		Annotated: true, Object: after, Name: name, Target: w.Facts.Subject.SHA, TargetType: "commit",
		Tagger: tagger, Signature: w.signature(login, payload, text),
	}, Source())
	w.PointRef()
}

// TagMessage returns what the tag says, or would say if it were annotated.
func (w *World) TagMessage() string {
	if _, said, found := strings.Cut(w.Facts.Tag.OrZero().Signature.Payload, "\n\n"); found {
		w.message = strings.TrimRight(said, "\n") + "\n"
	}
	return cmp.Or(w.message, "Release "+w.Facts.Subject.Ref.Name()+"\n")
}

// SayInTag lets the tag say something; where it is not signed, it is signed by
// somebody of whom nothing else is known.
func (w *World) SayInTag(message string) {
	signer := signerOf(w.Facts.Tag.OrZero().Signature)
	w.Facts.Tag = fact.Of(fact.Tag{}, Source())
	w.message = message
	w.SignTag(cmp.Or(signer, "a-tagger"))
}

// DropTag makes the tag of the run a lightweight one, which cannot be signed.
func (w *World) DropTag() {
	w.Facts.Subject.TagObject = ""
	w.Facts.Tag = fact.Of(fact.Tag{}, Source())
	w.PointRef()
}

// SquashCommit lets GitHub have made the commit, by squashing the pull request, and
// signed it with its own key.
func (w *World) SquashCommit() {
	first := w.Commit("parent")
	if parents := w.Facts.Commit.OrZero().Parents; len(parents) > 0 {
		first = parents[0]
	}
	for _, each := range w.landed() {
		if each.Head == first {
			first = w.Commit("parent")
		}
	}
	Change(&w.Facts.Commit, func(commit *fact.Commit) { commit.Parents = []fact.SHA{first} })
	w.writeCommit(WebFlow)
}

// Signers returns whose keys made the signatures of the commit and of the tag, of
// those that GitHub calls good.
func (w *World) Signers() []string {
	var logins []string
	for _, each := range []fact.Signature{w.Facts.Commit.OrZero().Signature, w.Facts.Tag.OrZero().Signature} {
		if login := signerOf(each); login != "" {
			logins = append(logins, login)
		}
	}
	return logins
}

func signerOf(given fact.Signature) string {
	switch {
	case !given.Good():
	case given.Class == fact.GitHubSignature:
		return WebFlow
	case given.Signer != nil:
		return given.Signer.Login
	}
	return ""
}

// writeCommit writes the commit of the run anew, with the parents, the headline and
// the author that it has.
func (w *World) writeCommit(login string) {
	commit := w.Facts.Commit.OrZero()
	if len(commit.Parents) == 0 {
		commit.Parents = []fact.SHA{w.Commit("parent")}
	}
	if commit.Author == (fact.Identity{}) {
		commit.Author, commit.Headline = w.identity(Author), "Change something"
	}
	commit.CommittedAt = w.Written()
	commit.Parents = w.follow(commit, login)
	made := w.compose(commit, login)
	w.rename(w.Facts.Subject.SHA, made.SHA)
	w.Facts.Subject.SHA = made.SHA
	w.Facts.Commit = fact.Of(made, Source())
	w.followTag()
	w.agree()
}

// compose returns a commit of these parents, headline, author and time, which the
// key of a login signed; nobody's, where that is "".
func (w *World) compose(commit fact.Commit, login string) fact.Commit {
	head := "tree " + emptyTree + "\n"
	for _, parent := range commit.Parents {
		head += fmt.Sprintf("parent %s\n", parent)
	}
	commit.Committer = commit.Author
	if login != "" {
		commit.Committer = w.identity(login)
	}
	head += fmt.Sprintf("author %s\ncommitter %s\n", line(commit.Author, commit.CommittedAt), line(commit.Committer, commit.CommittedAt))
	message := "\n" + commit.Headline + "\n"
	text, header := "", ""
	if login != "" {
		text = sign(login, head+message)
		header = folded(text)
	}
	commit.SHA = w.id(gitobject.CommitType, head+header+message)
	commit.Signature = w.signature(login, head+message, text)
	commit.URL = w.url("commit/%s", commit.SHA)
	return commit
}

// followTag writes the tag of the run for the commit that it has now: a tag has the
// id of its commit among the bytes that are signed.
func (w *World) followTag() {
	if tag := w.Facts.Tag.OrZero(); tag.Annotated {
		w.SignTag(signerOf(tag.Signature))
	}
}

// signature is GitHub's word on a signature that a key made.
func (w *World) signature(login, payload, text string) fact.Signature {
	if login == "" {
		return fact.Signature{Class: fact.Unsigned, State: "unsigned"}
	}
	given := fact.Signature{
		Class: fact.GitHubSignature, Verified: true, State: fact.SignatureValid,
		Text: text, Payload: payload, SeenAt: w.Written(),
	}
	if login != WebFlow {
		signer := w.Person(login)
		given.Class, given.Signer = fact.PersonSignature, &signer
	}
	return given
}

func (w *World) identity(login string) fact.Identity {
	person := w.Person(login)
	if login == WebFlow {
		return fact.Identity{Name: "GitHub", Email: "noreply@github.com", Account: &person}
	}
	return fact.Identity{Name: login, Email: email(login), Account: &person}
}

// line is how git writes a person and a time into an object.
func line(who fact.Identity, at time.Time) string {
	return fmt.Sprintf("%s <%s> %d +0000", who.Name, who.Email, at.Unix())
}

func email(login string) string { return login + "@users.noreply.example" }

// Written is when the commit of the run was written: in a world that is new, some
// days before now, so that there is time for what comes after it.
func (w *World) Written() time.Time {
	const before = 7 * 24 * time.Hour
	now := w.Now()
	if now.IsZero() {
		now = time.Unix(1<<30, 0).UTC() // nobody knows, and git writes no time before 1970
	}
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
