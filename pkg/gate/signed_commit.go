package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// SignedCommit holds when the commit is signed by a person in a role. GitHub
// signs every merge made on its website with one key, whoever pressed the
// button; such a commit counts by the person who merged, or not at all.
var SignedCommit = register(Spec[signedCommit]{
	ID:       "signed-commit",
	Title:    "The commit is signed by someone in the role",
	Since:    "0.1.0",
	Defaults: signedCommit{By: "maintain", WebMerge: countMerger},
	Validate: func(params signedCommit, roles Roles) error { return params.validate(roles) },
	Needs:    signedCommit.needs,
	Check:    checkSignedCommit,
})

type signedCommit struct {
	By       RoleName `yaml:"by" doc:"The role that the signer has to hold."`
	WebMerge WebMerge `yaml:"web-merge" doc:"What a merge counts for that GitHub signed itself: merger (the person who merged) or refuse (nothing)."`
}

// WebMerge says what a commit counts for that GitHub signed with its own key.
type WebMerge string

// What GitHub's own signature counts for.
const (
	countMerger   WebMerge = "merger"
	refuseWebSign WebMerge = "refuse"
)

// Values returns the words a policy may use.
func (WebMerge) Values() []string { return []string{string(countMerger), string(refuseWebSign)} }

func (p signedCommit) validate(roles Roles) error {
	if p.WebMerge != countMerger && p.WebMerge != refuseWebSign {
		return fmt.Errorf("web-merge %q: expected one of %q", p.WebMerge, p.WebMerge.Values())
	}
	return needsRole(p.By, roles)
}

func (p signedCommit) needs(roles Roles) []fact.Need {
	needs := []fact.Need{{Kind: fact.NeedCommit}}
	positions := []fact.Position{fact.CommitSigner}
	if p.WebMerge == countMerger {
		needs = append(needs, fact.Need{Kind: fact.NeedPulls})
		positions = append(positions, fact.Merger)
	}
	return append(needs, roles.Needs(p.By, positions...)...)
}

func checkSignedCommit(params signedCommit, in Input) verdict.Finding {
	subject := in.Facts.Subject
	what := "commit " + subject.SHA.Short()
	commit, missing := in.Facts.Commit.Get()
	if missing == nil && commit.SHA != subject.SHA {
		missing = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked for %s, the answer is about %s", subject.SHA, commit.SHA)}
	}
	if missing != nil {
		return verdict.Lacking("the signature of "+what, missing)
	}
	words := signed{
		what: what, line: "committer", who: whoHolds(params.By),
		how: "Merge on GitHub with a merge commit or a squash, which GitHub signs, or sign with `git commit -S` and push. A rebase merge on GitHub leaves its commits unsigned: this is the likely cause where everybody signs.",
	}
	finding := words.refusal(commit.Signature)
	if finding == nil {
		judged := judgeSigner(params, in, what, commit.Signature)
		finding = &judged
	}
	return finding.See(what, commit.URL)
}

// judgeSigner asks whose good signature it is. The author and committer lines
// are what somebody typed and are never looked at.
func judgeSigner(params signedCommit, in Input, what string, signature fact.Signature) verdict.Finding {
	switch signature.Class {
	case fact.PersonSignature:
		return signerFinding(in, params.By, what, signature.Signer, func(by RoleName) string {
			return fmt.Sprintf("Have it signed by somebody who holds role %s.", by)
		})
	case fact.GitHubSignature:
		if params.WebMerge == countMerger {
			return judgeMerger(params, in, what)
		}
		return verdict.Failed("github-signature", what+" is signed by GitHub's own key, which the policy does not accept here (web-merge: refuse)").
			Because("Merge on your own machine, sign with `git merge -S`, and push.", whoHolds(params.By))
	case fact.UnknownSignature, fact.Unsigned:
	}
	return verdict.Lacking("who signed "+what, &fact.Missing{
		Reason: fact.Inconsistent, Detail: fmt.Sprintf("the kind of key %q is not one that can sign", signature.Class),
	})
}

// signerFinding judges the account behind a person's signature. anew says how
// to get one of somebody who holds the role.
func signerFinding(in Input, by RoleName, what string, signer *fact.Person, anew func(RoleName) string) verdict.Finding {
	standing := in.Standing(by, signer)
	switch {
	case standing.Holds():
		return verdict.Passed(fmt.Sprintf("%s is signed by @%s; %s", what, signer.Login, standing.Reason))
	case standing.Outcome == verdict.Unknown:
		return unknownStanding("the signer of "+what, by, standing)
	case signer == nil || signer.Login == "":
		return verdict.Failed("no-signer", what+" has a good signature, but GitHub names no account that owns the key").
			Because("Add the key to the signer's GitHub account.", whoHolds(by))
	}
	return verdict.Failed("not-in-role", fmt.Sprintf("%s is signed by @%s, who does not hold role %s: %s", what, signer.Login, by, standing.Reason)).
		Because(anew(by), whoHolds(by))
}

// judgeMerger asks who pressed the button that made GitHub sign. GitHub signs
// edits in its web editor and commits made through its API in the same way;
// only a merge has a person who answers for it.
func judgeMerger(params signedCommit, in Input, what string) verdict.Finding {
	landed, unknown := in.findLanding()
	switch {
	case unknown != nil:
		return *unknown
	case len(landed.pulls) == 0:
		return verdict.Failed("web-edit", fmt.Sprintf("%s is signed by GitHub's own key, but no pull request was merged into %q as this commit: an edit on the website or through the API counts for nobody%s", what, landed.branch, landed.explainOthers())).
			Because("Bring the change in through a pull request.", whoHolds(params.By))
	case len(landed.pulls) > 1:
		return verdict.Failed("ambiguous", fmt.Sprintf("%s is the merge commit of more than one pull request (%s), so it is not clear who merged it", what, landed.numbers())).
			Because("Bring the change in through one new pull request.", whoHolds(params.By))
	}
	pull := landed.pulls[0]
	standing := in.Standing(params.By, pull.MergedBy)
	merger := fmt.Sprintf("the person who merged #%d", pull.Number)
	switch {
	case standing.Outcome == verdict.Unknown:
		return seePull(unknownStanding(merger, params.By, standing), pull)
	case !standing.Holds():
		return seePull(verdict.Failed("merger", fmt.Sprintf("%s is signed by GitHub for %s, who does not hold role %s: %s", what, merger, params.By, standing.Reason)), pull).
			Because(fmt.Sprintf("Have somebody who holds role %s merge the next pull request; bots do not count.", params.By), whoHolds(params.By))
	}
	return seePull(verdict.Passed(fmt.Sprintf("%s is signed by GitHub for the merge of #%d by @%s; %s", what, pull.Number, pull.MergedBy.Login, standing.Reason)), pull)
}
