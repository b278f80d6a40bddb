package suppose

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// Source is where facts come from that were made up.
func Source() fact.Source { return fact.Source{From: "supposed"} }

// World is what is known of one run, to be changed. Each change leaves the facts
// as GitHub could have given them: complete, and in agreement with each other.
type World struct {
	Facts fact.Set

	message string // of the tag, where the facts do not say it
}

// About is what a run is about that is made up.
type About struct {
	Repository    string // owner/name
	DefaultBranch string
	Ref           fact.Ref
	// Event is what started the run, such as "push"; Stage and Project are what the run
	// asks for, or "".
	Event, Stage, Project string
	At                    time.Time
}

// The people of a world, besides those whom a policy asks for.
const (
	Author   = "an-author"   // wrote the change
	Deployer = "a-deployer"  // started the run
	WebFlow  = "web-flow"    // GitHub's own account, which signs what is made on its website
	runID    = 1_000_000_001 // of the run that asks
	workflow = ".github/workflows/deploy.yml"
)

// New returns a world in which nothing is proven: a commit that nobody signed or
// reviewed, on a branch or tag that points at it, and a run that asks.
func New(about About) *World {
	w := &World{Facts: fact.Set{Version: fact.SchemaVersion}.Own()}
	name := about.Repository
	w.Facts.Subject = fact.Subject{Repository: name, Ref: about.Ref}
	w.Facts.Trigger = fact.Trigger{
		Event: about.Event, Stage: about.Stage, Project: about.Project, Actor: Deployer, TriggeringActor: Deployer,
		RunID: runID, RunAttempt: 1, RunURL: w.url("actions/runs/%d", runID),
		WorkflowRef: name + "/" + workflow + "@" + string(about.Ref), RunRef: about.Ref,
	}
	w.Facts.At = fact.Of(about.At.UTC(), Source())
	w.Grant(Deployer, fact.WritePermission)
	w.Grant(Author, fact.WritePermission)
	w.Facts.Pulls = fact.Of([]fact.Pull{}, Source())
	w.writeCommit("")
	w.Facts.Trigger.RunSHA = w.Facts.Subject.SHA
	w.Facts.Repository = fact.Of(fact.Repository{
		ID: Number(name), Name: name, URL: "https://github.com/" + name, DefaultBranch: about.DefaultBranch, DefaultCommit: w.Facts.Subject.SHA,
	}, Source())
	w.PointRef()
	if about.Ref.Kind() == fact.TagRef {
		w.Facts.Tag = fact.Of(fact.Tag{}, Source()) // lightweight
	}
	return w
}

// Of returns a world that begins with these facts, of which it has a copy. The
// error is that of facts that cannot be stored.
func Of(facts fact.Set) (*World, error) {
	stored, err := facts.Marshal()
	if err != nil {
		return nil, err
	}
	return read(stored)
}

func read(stored []byte) (*World, error) {
	copied, err := fact.Unmarshal(stored)
	if err != nil {
		return nil, err
	}
	return &World{Facts: copied.Own()}, nil
}

// Now returns what time it is in the world; the zero time where that is not known.
func (w *World) Now() time.Time { return w.Facts.At.OrZero() }

// Person returns the account of a login: the one that the facts know already, or
// one with a number of its own.
func (w *World) Person(login string) fact.Person {
	if known := w.Facts.Access[fact.LoginKey(login)].OrZero().Person; known.ID != 0 && fact.LoginKey(known.Login) == fact.LoginKey(login) {
		return known
	}
	for _, each := range w.people() {
		if each != nil && each.ID != 0 && fact.LoginKey(each.Login) == fact.LoginKey(login) {
			return *each
		}
	}
	return fact.Person{ID: Number(login), Login: login, Kind: fact.User}
}

// people returns whom the facts know by more than a login, besides those whose
// permission is known.
func (w *World) people() []*fact.Person {
	commit := w.Facts.Commit.OrZero()
	people := []*fact.Person{commit.Author.Account, commit.Committer.Account}
	for _, each := range w.Facts.Pulls.OrZero() {
		people = append(people, each.Author, each.MergedBy)
		for _, one := range each.Commits.OrZero() {
			people = append(people, one.Author, one.Committer)
		}
	}
	for _, position := range []fact.Position{
		fact.CommitSigner, fact.TagSigner, fact.Reviewers, fact.Approvers, fact.RunReviewers, fact.Labelers, fact.RangeSigners, fact.RangeMergers,
	} {
		for _, each := range w.Facts.People(position) {
			people = append(people, &each)
		}
	}
	return people
}

// Grant sees to it that a person has at least this permission in the repository.
func (w *World) Grant(login string, least fact.Permission) fact.Person {
	person := w.Person(login)
	known := &w.Facts.Access
	if !(*known)[fact.LoginKey(login)].OrZero().Permission.AtLeast(least) {
		(*known)[fact.LoginKey(login)] = fact.Of(fact.Access{Person: person, Permission: least}, Source())
	}
	return person
}

// Join makes a person a member of a team, which is organisation/team.
func (w *World) Join(login, team string) fact.Person {
	person := w.Person(login)
	key := fact.LoginKey(team)
	members := w.Facts.Teams[key].OrZero().Members
	for _, each := range members {
		if each.Same(person) {
			return person
		}
	}
	w.Facts.Teams[key] = fact.Of(fact.Team{Slug: team, Members: append(members[:len(members):len(members)], person)}, Source())
	return person
}

// PointRef lets the branch or tag of the run point at what the run is about.
func (w *World) PointRef() {
	subject := w.Facts.Subject
	object := subject.SHA
	if subject.TagObject != "" {
		object = subject.TagObject
	}
	w.PointRefAt(fact.RefTarget{Exists: true, Object: object, Commit: subject.SHA})
}

// PointRefAt lets the branch or tag of the run point at something, also in the list
// of all tags where that is known.
func (w *World) PointRefAt(target fact.RefTarget) {
	w.Facts.RefTarget = fact.Of(target, Source())
	ref := w.Facts.Subject.Ref
	if _, missing := w.Facts.Versions.Get(); missing != nil || ref.Kind() != fact.TagRef {
		return
	}
	Change(&w.Facts.Versions, func(tags *[]fact.VersionTag) {
		left := []fact.VersionTag{}
		for _, each := range *tags {
			if each.Name != ref.Name() {
				left = append(left, each)
			}
		}
		if target.Exists {
			left = append(left, fact.VersionTag{Name: ref.Name(), Object: target.Object})
		}
		*tags = left
	})
}

// Change changes a fact, and makes it known where it is not. Lists in it have to
// be replaced, and not written into.
func Change[T any](known *fact.Known[T], change func(*T)) {
	value, source := known.OrZero(), known.Source()
	if source.From == "" {
		source = Source()
	}
	change(&value)
	*known = fact.Of(value, source)
}

// rename writes another id wherever one is written.
func (w *World) rename(before, after fact.SHA) {
	if before == after || before == "" {
		return
	}
	stored, err := w.Facts.Marshal()
	if err != nil {
		return // the facts of a World were stored before, or are plain; a test renames every one
	}
	if renamed, err := read(bytes.ReplaceAll(stored, []byte(before), []byte(after))); err == nil {
		w.Facts = renamed.Facts
	}
}

// Number returns a number that is always the same for a name, and greater than
// the numbers of people whom anybody knows.
func Number(name string) int64 {
	sum := sha256.Sum256([]byte(strings.ToLower(name)))
	const above, room = 1 << 40, 1 << 39
	return above + int64(binary.BigEndian.Uint64(sum[:8])%room) // less than 1 << 39
}

func (w *World) url(format string, args ...any) string {
	return "https://github.com/" + w.Facts.Subject.Repository + "/" + fmt.Sprintf(format, args...)
}

// SetPermission lets a person have this permission in the repository, and no more.
func (w *World) SetPermission(login string, permission fact.Permission) fact.Person {
	person := w.Person(login)
	w.Facts.Access[fact.LoginKey(login)] = fact.Of(fact.Access{Person: person, Permission: permission}, Source())
	return person
}

// Recast lets another person be who one person is in all that is known: the author of
// the change, say. What they signed is signed anew.
func (w *World) Recast(before, after string) {
	if fact.LoginKey(before) == fact.LoginKey(after) {
		return
	}
	from, to := w.Person(before), w.Person(after)
	stored, err := w.Facts.Marshal()
	if err != nil {
		return // as in rename
	}
	text := strings.NewReplacer(
		`"`+before+`"`, `"`+after+`"`, before+" <"+email(before)+">", after+" <"+email(after)+">", `"`+email(before)+`"`, `"`+email(after)+`"`,
		fmt.Sprintf(`"id": %d,`, from.ID), fmt.Sprintf(`"id": %d,`, to.ID),
	).Replace(string(stored))
	recast, err := read([]byte(text))
	if err != nil {
		return
	}
	_, unsigned := w.Facts.Keys[fact.LoginKey(before)].Get()
	w.Facts = recast.Facts
	if unsigned == nil {
		w.GiveKey(after)
	}
	w.writeCommit(signerOf(w.Facts.Commit.OrZero().Signature))
}
