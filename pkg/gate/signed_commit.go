package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/verdict"
)

// SignedCommit holds when the commit is signed by a person in a role. GitHub
// signs every merge made on its website with one key, whoever pressed the
// button; such a commit counts by the person who merged, or not at all.
var SignedCommit = register(Spec[signedCommit]{
	ID:       "signed-commit",
	Firm:     true,
	Title:    "The commit is signed by someone in the role",
	Since:    "0.1.0",
	Defaults: signedCommit{By: "maintain", WebMerge: countMerger, Trust: trustBoth, SecurityKeys: anySecurityKey, Commits: headOnly},
	Validate: func(params signedCommit, terms Terms) error { return params.validate(terms) },
	Fill: func(params signedCommit, terms Terms) signedCommit {
		if params.Commits == sinceDeployment {
			params.DeployedBy = params.DeployedBy.or(terms.Stage.DeployedBy)
		}
		return params
	},
	Needs: signedCommit.needs,
	Notes: func(params signedCommit, terms Terms) []Note {
		return append(params.Trust.notes(terms.Signers), params.since().notes()...)
	},
	Suppose: supposesCommitSignature,
	Check:   checkSignedCommit,
})

type signedCommit struct {
	By           RoleName     `yaml:"by" doc:"The role that the signer has to hold."`
	WebMerge     WebMerge     `yaml:"web-merge" doc:"What a merge counts for that GitHub signed itself: merger (the person who merged) or refuse (nothing)."`
	Trust        Trust        `yaml:"trust" doc:"Whose check of the signature has to be good: github, keys (Stageward's own, by the signers' keys) or both."`
	SecurityKeys SecurityKeys `yaml:"security-keys" doc:"What the owner of a security key (sk-…) has to have done for its signature to count: any, touched or pin."`

	Commits    Commits    `yaml:"commits" doc:"Which commits have to be signed so: head, or since-deployment (each one since the last deployment to the stage)."`
	DeployedBy deployedBy `yaml:"deployed-by" doc:"With since-deployment, the job that deploys to the stage."`
	Baseline   string     `yaml:"baseline" doc:"With since-deployment, the full id of the commit up to which everything was checked by hand."`
}

func (p signedCommit) since() since {
	return since{commits: p.Commits, by: p.DeployedBy, baseline: p.Baseline}
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

func (p signedCommit) validate(terms Terms) error {
	if p.WebMerge != countMerger && p.WebMerge != refuseWebSign {
		return fmt.Errorf("web-merge %q: expected one of %q", p.WebMerge, p.WebMerge.Values())
	}
	if err := p.Trust.validate(p.SecurityKeys, terms.Signers); err != nil {
		return err
	}
	if err := p.since().validate(); err != nil {
		return err
	}
	return needsRole(p.By, terms)
}

func (p signedCommit) needs(terms Terms) []fact.Need {
	needs := []fact.Need{{Kind: fact.NeedCommit}}
	positions := []fact.Position{fact.CommitSigner}
	if p.WebMerge == countMerger {
		needs = append(needs, fact.Need{Kind: fact.NeedPulls})
		positions = append(positions, fact.Merger)
	}
	needs = append(needs, p.Trust.needs(terms, fact.CommitSigner)...)
	if from, ranged := p.since().from(); ranged {
		needs = append(needs, from.Need())
		positions = append(positions, fact.RangeSigners)
		if p.WebMerge == countMerger {
			positions = append(positions, fact.RangeMergers)
		}
		for _, need := range p.Trust.needs(terms, fact.RangeSigners) {
			if !slices.Contains(needs, need) {
				needs = append(needs, need)
			}
		}
	}
	return append(needs, terms.Roles.Needs(p.By, positions...)...)
}

func checkSignedCommit(params signedCommit, in Input) verdict.Finding {
	subject := in.Facts.Subject
	what := "commit " + subject.SHA.Short()
	commit, missing := in.commit()
	if missing != nil {
		return verdict.Lacking("the signature of "+what, missing)
	}
	finding := judgeCommit(params, in, commitWords(params, commit), commit)
	if _, ranged := params.since().from(); ranged && finding.Outcome == verdict.Pass {
		finding = checkSignedRange(params, in, finding)
	}
	return finding.See(what, commit.URL)
}

func commitWords(params signedCommit, commit fact.Commit) signed {
	return signed{
		what: "commit " + commit.SHA.Short(), line: "committer", who: whoHolds(params.By),
		how: "Merge on GitHub with a merge commit or a squash, which GitHub signs, or sign with `git commit -S` and push. A rebase merge on GitHub leaves its commits unsigned: this is the likely cause where everybody signs.",
	}
}

// judgeCommit asks whether the signature is good, by whose check the policy
// says, and then whose it is. The author and committer lines are what somebody
// typed and are never looked at.
func judgeCommit(params signedCommit, in Input, words signed, commit fact.Commit) verdict.Finding {
	given := commit.Signature
	if params.Trust.asksGitHub() || given.Text == "" {
		if finding := words.refusal(given); finding != nil {
			return *finding
		}
	}
	if !params.Trust.asksKeys() {
		return judgeSigner(params, in, words.what, given, "")
	}
	check := proof{signed: words, kind: gitobject.CommitType, id: commit.SHA, given: given, signer: fact.CommitSigner, keys: params.SecurityKeys, agrees: agreesWithCommit(commit)}
	if params.Trust == trustKeys {
		return judgeOwner(params, in, check)
	}
	return judgeBoth(params, in, check)
}

// judgeBoth asks our own check after GitHub's verdict is known to be good. The
// two have to name one account.
func judgeBoth(params signedCommit, in Input, check proof) verdict.Finding {
	given := check.given
	byGitHub := given.Class == fact.GitHubSignature
	switch {
	case given.Class == fact.PersonSignature && given.Signer == nil:
		return judgeSigner(params, in, check.what, given, "")
	case byGitHub && !in.Terms.Signers.has(webFlow):
		// Nobody wrote down GitHub's own key, so its verdict stands alone. The
		// object still has to be what it seems to be.
		if _, refused := check.object(); refused != nil {
			return *refused
		}
		return judgeSigner(params, in, check.what, given, "")
	}
	result, refused := check.check(in)
	if refused != nil {
		return *refused
	}
	expected := webFlow
	if !byGitHub && given.Signer != nil {
		expected = given.Signer.Login
	}
	if fact.LoginKey(result.Owner) != fact.LoginKey(expected) {
		return check.differ(result, expected)
	}
	return judgeSigner(params, in, check.what, given, by(result))
}

// judgeOwner goes by our own check alone.
func judgeOwner(params signedCommit, in Input, check proof) verdict.Finding {
	if check.given.Class == fact.GitHubSignature && !in.Terms.Signers.has(webFlow) {
		return verdict.Failed("github-signature", check.what+" is signed by GitHub's own key, which counts with trust: keys only if the policy names it: signers: { web-flow: … }").
			Because("Say trust: both for this gate, write GitHub's key down in the policy, or merge on your own machine with `git merge -S`.", check.who)
	}
	result, refused := check.check(in)
	if refused != nil {
		return *refused
	}
	if fact.LoginKey(result.Owner) == webFlow {
		return judgeSigner(params, in, check.what, fact.Signature{Class: fact.GitHubSignature}, by(result))
	}
	owner, missing := check.owner(in, trustKeys, result.Owner)
	if missing != nil {
		return verdict.Lacking("whose account @"+result.Owner+" is", missing)
	}
	return judgeSigner(params, in, check.what, fact.Signature{Class: fact.PersonSignature, Signer: owner}, by(result))
}

// agreesWithCommit compares a commit object with what GitHub said of it.
func agreesWithCommit(commit fact.Commit) func([]byte) (gitobject.Signed, error) {
	return func(body []byte) (gitobject.Signed, error) {
		format, err := gitobject.FormatOf(string(commit.SHA))
		if err != nil {
			return gitobject.Signed{}, err
		}
		parsed, err := gitobject.ParseCommit(body, format)
		if err != nil {
			return gitobject.Signed{}, err
		}
		said := make([]string, len(commit.Parents))
		for i, parent := range commit.Parents {
			said[i] = string(parent)
		}
		if !slices.Equal(parsed.Parents, said) {
			return gitobject.Signed{}, &fact.Missing{Reason: fact.Inconsistent, Detail: "GitHub lists other parents than the commit has"}
		}
		return parsed.Signed, nil
	}
}

// judgeSigner asks whose good signature it is. key says which key made it, ""
// where GitHub alone vouches.
func judgeSigner(params signedCommit, in Input, what string, signature fact.Signature, key string) verdict.Finding {
	switch signature.Class {
	case fact.PersonSignature:
		return signerFinding(in, params.By, what, signature.Signer, func(by RoleName) string {
			return fmt.Sprintf("Have it signed by somebody who holds role %s.", by)
		}, key)
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
