package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// RefUnmoved holds on every restricted stage: the reference that chose the
// stage still points at the commit under decision, when everything else has
// been read.
var RefUnmoved = register(Spec[refUnmoved]{
	ID:     "ref-unmoved",
	Title:  "The branch or tag still points at this commit",
	Since:  "0.1.0",
	Always: true,
	Needs:  func(refUnmoved, Terms) []fact.Need { return []fact.Need{{Kind: fact.NeedRefTarget}} },
	Check:  func(_ refUnmoved, in Input) verdict.Finding { return checkRefUnmoved(in) },
})

type refUnmoved struct{}

func checkRefUnmoved(in Input) verdict.Finding {
	subject := in.Facts.Subject
	target, missing := in.Facts.RefTarget.Get()
	switch {
	case missing != nil:
		return verdict.Lacking("where "+string(subject.Ref)+" points now", missing)
	case !target.Exists:
		return verdict.Failed("gone", fmt.Sprintf("%s does not exist any more", subject.Ref)).
			Because("Push the branch or tag again, or run the workflow for one that exists.", "whoever pushes to the repository")
	case target.Commit != subject.SHA && in.Facts.Trigger.Rollback && subject.Ref.Kind() == fact.Branch:
		// A rollback goes back to where the branch was. That the commit was deployed
		// from it is what the gate of the rollback asks, which no policy can turn off.
		return verdict.Passed(fmt.Sprintf("%s exists, and has moved on to %s; the rollback goes back to %s, of which deployed-before tells", subject.Ref, target.Commit.Short(), subject.SHA.Short()))
	case target.Commit != subject.SHA:
		return verdict.Failed("moved", fmt.Sprintf("%s points at %s now; this run is about %s", subject.Ref, target.Commit, subject.SHA)).
			Because("Let the run of the newer commit decide, or start a new run.", "whoever may start the workflow")
	case subject.TagObject != "" && target.Object != subject.TagObject:
		return verdict.Failed("moved", fmt.Sprintf("%s names the tag object %s now; this run began with %s", subject.Ref, target.Object, subject.TagObject)).
			Because("Find out who replaced the tag. Then start a new run for the tag as it is.", "whoever releases")
	}
	return verdict.Passed(fmt.Sprintf("%s points at %s", subject.Ref, subject.SHA.Short()))
}
