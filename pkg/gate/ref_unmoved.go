package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// RefUnmoved holds on every restricted stage: the reference that chose the
// stage still points at the commit under decision, when everything else has
// been read.
var RefUnmoved = register(Spec[refUnmoved]{
	ID:      "ref-unmoved",
	Title:   "The branch or tag still points at this commit",
	Since:   "0.1.0",
	Always:  true,
	Needs:   func(refUnmoved, Terms) []fact.Need { return []fact.Need{{Kind: fact.NeedRefTarget}} },
	Suppose: supposesRef,
	Check:   func(_ refUnmoved, in Input) verdict.Finding { return checkRefUnmoved(in) },
})

type refUnmoved struct{}

// misleads says how the record of the run would lie; "" where it would not. GitHub
// records the jobs of a run at the commit that the run is of. Where inputs name
// another one, and the stage takes the branch or tag of the run, the job that
// deploys the one would be evidence that the other was deployed.
func (in Input) misleads() string {
	subject, run := in.Facts.Subject, in.Facts.Trigger
	if run.RunSHA == "" || run.RunSHA == subject.SHA || !slices.Contains(deployEvents, run.Event) {
		return ""
	}
	own, name := in.Terms.Stage, run.RunRef.Name()
	target, _ := in.Terms.stage(own.Name) // where this is a hotfix lane, its stage is another
	branch := in.defaultBranchOr(name)    // unknown, every branch could be it
	if !own.takes(name, branch) && !target.takes(name, branch) {
		return ""
	}
	return fmt.Sprintf("the run is of %s at %s, which %s takes, and is asked to deploy %s: GitHub would record that %s was deployed",
		run.RunRef, run.RunSHA.Short(), own.Name, subject.SHA.Short(), run.RunSHA.Short())
}

func checkRefUnmoved(in Input) verdict.Finding {
	subject := in.Facts.Subject
	target, missing := in.Facts.RefTarget.Get()
	switch {
	case missing != nil:
		return verdict.Lacking("where "+string(subject.Ref)+" points now", missing)
	case !target.Exists:
		return verdict.Failed("gone", fmt.Sprintf("%s does not exist any more", subject.Ref)).
			Because("Push the branch or tag again, or run the workflow for one that exists.", "whoever pushes to the repository")
	case in.misleads() != "":
		return verdict.Failed("not-of-run", in.misleads()).
			Because("Start the run on the branch or tag that is to be deployed, without the inputs sha and ref: `gh workflow run … --ref NAME`. Or start it on one that the stage does not take.", "whoever may start the workflow")
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
