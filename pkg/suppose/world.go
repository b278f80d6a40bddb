package suppose

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"crypto/sha256"

	"github.com/stageward/stageward/pkg/fact"
)

// Source is where facts come from that were made up.
func Source() fact.Source { return fact.Source{From: "supposed"} }

// World is what is known of one run, to be changed. Each change leaves the facts
// as GitHub could have given them: complete, and in agreement with each other.
type World struct{ Facts fact.Set }

// About is what a run is about that is made up.
type About struct {
	Repository    string // owner/name
	DefaultBranch string
	Ref           fact.Ref
	// Event is what started the run, such as "push"; Stage what the run asks for,
	// or "".
	Event, Stage string
	At           time.Time
}

// The people of a world, besides those whom a policy asks for.
const (
	Author   = "an-author"   // wrote the change
	Deployer = "a-deployer"  // started the run
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
		Event: about.Event, Stage: about.Stage, Actor: Deployer, TriggeringActor: Deployer,
		RunID: runID, RunAttempt: 1, RunURL: w.url("actions/runs/%d", runID),
		WorkflowRef: name + "/" + workflow + "@" + string(about.Ref), RunRef: about.Ref,
	}
	w.Facts.At = fact.Of(about.At.UTC(), Source())
	w.Grant(Deployer, fact.WritePermission)
	w.Grant(Author, fact.WritePermission)
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
	if known := w.Facts.Access[fact.LoginKey(login)].OrZero().Person; known.ID != 0 {
		return known
	}
	return fact.Person{ID: Number(login), Login: login, Kind: fact.User}
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
	w.Facts.RefTarget = fact.Of(fact.RefTarget{Exists: true, Object: object, Commit: subject.SHA}, Source())
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
	return above + int64(binary.BigEndian.Uint64(sum[:8])%room) //nolint:gosec // less than 1 << 39
}

func (w *World) url(format string, args ...any) string {
	return "https://github.com/" + w.Facts.Subject.Repository + "/" + fmt.Sprintf(format, args...)
}
