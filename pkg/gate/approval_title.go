package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
)

// title is what the run of the approval workflow has to be called. The form is
// that of examples/approve.yml.
var title = lazy.New(`^(Approve|Reject) ([0-9a-f]{40}|[0-9a-f]{64}) for ((?:[a-z][a-z0-9-]*/)?[a-z][a-z0-9-]*)(?: as ([a-z][a-z0-9-]*))?$`)

// titled reads what the title of a run says; nil with a reason when that does
// not count, and without one when it is about something else.
func (p approved) titled(in Input, text string) (said *voice, why string) {
	if aboutException.MatchString(text) && !p.asksFor(exceptional) {
		return nil, "" // the gate within-window hears it
	}
	if rejects(text) {
		return p.rejection(in, text)
	}
	return p.approval(in, text)
}

// aboutException is the title of a run about an exception from a freeze.
var aboutException = lazy.New(`^\S+ \S+ for \S+ as ` + exceptional + `(?::.*)?$`)

func (p approved) asksFor(name string) bool {
	return slices.ContainsFunc(p.Approvals, func(each namedApproval) bool { return each.Name == name })
}

// rejects reports whether a title begins as a rejection does, whatever follows.
func rejects(text string) bool {
	words := strings.Fields(text)
	return len(words) > 0 && strings.HasPrefix(strings.ToLower(words[0]), "reject")
}

// approval reads a title that has to be exact: what is not could have been
// meant for something else.
func (p approved) approval(in Input, text string) (*voice, string) {
	words := title.FindStringSubmatch(text)
	switch {
	case !in.Facts.Subject.SHA.NamedIn(text):
		return nil, ""
	case words == nil:
		return nil, fmt.Sprintf("has the title %q, which is not of the form that counts; it takes the whole id of the commit, in small letters", cut(text))
	case words[2] != string(in.Facts.Subject.SHA) || words[3] != in.Terms.Stage.Called():
		return nil, ""
	}
	if words[4] != "" && !p.asksFor(words[4]) {
		return nil, fmt.Sprintf("is for %q, which the policy does not ask for", cut(words[4]))
	}
	return &voice{yes: true, name: words[4]}, ""
}

// rejection reads a title in favour of whoever wants to block, who would not
// learn that it was lost: the beginning of the commit's id will do, and so do
// capitals, and the whole id with something around it, as in an address. One
// with a slip in what it is for is about every approval. It can
// only deny, and whoever gave it can take it back.
func (p approved) rejection(in Input, text string) (*voice, string) {
	words := strings.Fields(text)
	formed := len(words) >= 4 && strings.EqualFold(words[2], "for")
	isLonger := formed && isCommit(words[1]) && len(words[1]) > len(in.Facts.Subject.SHA) // the id of another commit
	exact := title.MatchString(text) && in.Terms.Stage.namesAlike(words[3])
	switch {
	case formed && in.Facts.Subject.SHA.NamedIn(words[1]) && !isLonger && in.Terms.Stage.isMeantBy(words[3]):
		return &voice{name: p.called(words[4:])}, ""
	case exact, !in.Facts.Subject.SHA.NamedIn(text) && slices.ContainsFunc(words, isCommit):
		return nil, "" // of another stage or commit
	case in.Facts.Subject.SHA.NamedIn(text):
		return nil, fmt.Sprintf("has the title %q, which does not say that it is for %s", cut(text), in.Terms.Stage.Called())
	}
	return nil, fmt.Sprintf("has the title %q, which names no commit by seven digits of its id or more", cut(text))
}

// isMeantBy reports whether a rejection is about the stage. One that leaves the
// project out is about the stage of each.
func (s Stage) isMeantBy(word string) bool {
	return s.Name != "" && (strings.EqualFold(word, s.Called()) || strings.EqualFold(word, s.Name))
}

// namesAlike reports whether a word names a stage as this policy names its own: with a
// project before it, where there are any, and without one where there are none.
func (s Stage) namesAlike(word string) bool {
	return strings.Contains(word, "/") == (s.Project != "")
}

// called returns which approval the end of a title names; "" for all of them.
func (p approved) called(end []string) string {
	for _, each := range p.Approvals {
		if len(end) == 2 && strings.EqualFold(end[0], "as") && strings.EqualFold(end[1], each.Name) {
			return each.Name
		}
	}
	return ""
}

// isCommit reports whether a word can be the id of a commit, or the beginning
// of one.
func isCommit(word string) bool {
	return commitWord.MatchString(word)
}

var commitWord = lazy.New(`^[0-9A-Fa-f]{7,64}$`)

// whyNotRun says why a run with the right title is nobody's word; "" when it
// is. A run of another branch is of another workflow file, and so can be one of
// a tag with the name of the branch. An approval that was started again, or
// that came too early, is none. A rejection stays one: otherwise whoever may
// start it again could make it go away.
func (p approved) whyNotRun(run fact.ApprovalRun, yes bool, defaultBranch string) string {
	switch {
	case run.Event != "workflow_dispatch":
		return fmt.Sprintf("was started by the event %q, not by hand", run.Event)
	case defaultBranch == "" || run.Branch != defaultBranch:
		return fmt.Sprintf("is of %q, not of the default branch", run.Branch)
	case run.Actor == nil:
		return "was started by an account that is gone"
	case !yes:
		return ""
	case run.At.IsZero():
		return "has no time"
	case run.Attempt != 1:
		return fmt.Sprintf("was started again (attempt %d); start a new one instead", run.Attempt)
	case run.TriggeringActor == nil || !samePerson(run.Actor, run.TriggeringActor):
		return "was not started by one person"
	}
	return p.whyNotOrigin(run, defaultBranch)
}

// whyNotOrigin says why the file that made the title is not the one that people
// reviewed; "" when it is.
func (p approved) whyNotOrigin(run fact.ApprovalRun, defaultBranch string) string {
	onDefault, missing := run.OnDefaultBranch.Get()
	if missing != nil {
		return fmt.Sprintf("is of commit %s, and it is not known whether %q contains that (%s)", run.Head.Short(), defaultBranch, missing.Error())
	}
	if !onDefault {
		return fmt.Sprintf("is of commit %s, which is not on the default branch: a tag is called %q, too", run.Head.Short(), defaultBranch)
	}
	same, missing := run.SameFile.Get()
	if missing != nil {
		return fmt.Sprintf("is of commit %s, and it is not known what %s was there (%s)", run.Head.Short(), p.Workflow, missing.Error())
	}
	if !same {
		return fmt.Sprintf("is of commit %s, at which %s was not what it is now; start a new one", run.Head.Short(), p.Workflow)
	}
	return ""
}
