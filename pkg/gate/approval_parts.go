package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// parts says who played which part in what would be deployed.
type parts map[Part][]fact.Person

// why returns the first part, in the order of the list, that a person played;
// "" when they played none of them.
func (p parts) why(person fact.Person, list []Part) string {
	for _, part := range list {
		if slices.ContainsFunc(p[part], func(each fact.Person) bool { return samePerson(&each, &person) }) {
			return part.words()
		}
	}
	return ""
}

// words says what somebody did who played the part.
func (p Part) words() string {
	switch p {
	case author:
		return "opened the pull request"
	case committers:
		return "wrote or committed part of it"
	case signer:
		return "signed it"
	case merger:
		return "merged it"
	case deployer:
		return "started this run"
	case nobody:
	}
	return "had a part in it"
}

// excluded finds out who played the parts that some approval excludes. The
// finding is not nil when that cannot be known, or when work belongs to nobody:
// whoever did it could be the one who approves.
func (p approved) excluded(in Input) (parts, *verdict.Finding) {
	found := make(parts, len(author.Values()))
	for _, look := range []func(Input, parts) *verdict.Finding{p.starters, p.workOnHead, p.workOnPulls, p.signerOfTag, p.workInRange} {
		if refused := look(in, found); refused != nil {
			return nil, refused
		}
	}
	return found, nil
}

// starters adds whoever started the run and this attempt of it.
func (p approved) starters(in Input, found parts) *verdict.Finding {
	for _, login := range []string{in.Facts.Trigger.Actor, in.Facts.Trigger.TriggeringActor} {
		switch {
		case login != "":
			found[deployer] = append(found[deployer], fact.Person{Login: login})
		case p.excludes(deployer):
			finding := verdict.Lacking("who started the run, and so cannot approve", &fact.Missing{
				Reason: fact.Incomplete, Detail: "the run does not name them",
				Fix: "On the command line, say who would deploy with --actor. In a workflow GitHub always says so: this is a fault of the set-up.",
			})
			return &finding
		}
	}
	return nil
}

func (p approved) excludes(part Part) bool {
	return slices.ContainsFunc(p.Approvals, func(each namedApproval) bool { return slices.Contains(each.not(), part) })
}

// workOnHead adds whoever made the commit itself.
func (p approved) workOnHead(in Input, found parts) *verdict.Finding {
	commit, missing := in.commit()
	if missing != nil {
		finding := verdict.Lacking("who made commit "+in.Facts.Subject.SHA.Short(), missing)
		return &finding
	}
	// A merge into another branch that was pushed to this one is nobody's
	// merge here: nothing else says who wrote what it brings.
	landed, unknown := in.findLanding()
	if unknown != nil {
		return unknown
	}
	return p.work(found, commit, landed.pulls)
}

// work adds the accounts behind a commit. The author of a merge that GitHub made
// is who pressed the button, and wrote nothing of it.
func (p approved) work(found parts, commit fact.Commit, pulls []fact.Pull) *verdict.Finding {
	if refused := p.signed(found, "commit "+commit.SHA.Short(), commit.Signature); refused != nil {
		return refused
	}
	if len(commit.Parents) > 1 && commit.Signature.Class == fact.GitHubSignature && commit.Signature.Good() &&
		slices.ContainsFunc(pulls, func(pull fact.Pull) bool { return made(pull, commit) }) {
		return nil
	}
	return p.wrote(found, commit.SHA, commit.Author.Account, commit.Committer.Account)
}

// made reports whether the merge of a pull request made the commit. GitHub also
// calls one merged whose head was pushed to the branch: that head can be a merge
// from the website's editor, in which somebody wrote.
func made(pull fact.Pull, commit fact.Commit) bool {
	return pull.Merged && pull.MergeCommit == commit.SHA && slices.Contains(commit.Parents, pull.Head)
}

// signed adds who signed something. A signature of which GitHub names nobody
// could be that of whoever approves.
func (p approved) signed(found parts, what string, given fact.Signature) *verdict.Finding {
	if given.Signer != nil {
		found[signer] = append(found[signer], *given.Signer)
	}
	var finding verdict.Finding
	switch {
	case !p.excludes(signer), given.Class == fact.Unsigned, given.Good() && (given.Class == fact.GitHubSignature || given.Signer != nil):
		return nil
	case given.Class == fact.UnknownSignature:
		finding = verdict.Lacking("who signed "+what, &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub did not say what kind of key signed it"})
	default:
		finding = verdict.Failed("unattributed", fmt.Sprintf("GitHub links the signature of %s to no account (%s): whoever signed it could be the one who approves", what, orNothing(given.State))).
			Because("Add the key to the account of whoever signed it, then run again; or sign anew with a key that GitHub accepts.", "whoever signed it")
	}
	return &finding
}

// wrote adds the author and the committer of a commit.
func (p approved) wrote(found parts, sha fact.SHA, accounts ...*fact.Person) *verdict.Finding {
	attributed := false
	for _, account := range accounts {
		if attributes(account) {
			attributed = true
			found[committers] = append(found[committers], *account)
		}
	}
	if attributed || !p.excludes(committers) {
		return nil
	}
	finding := verdict.Failed("unattributed", fmt.Sprintf("GitHub links no account to the author or the committer of commit %s: whoever wrote it could be the one who approves", sha.Short())).
		Because("Add the e-mail of the commit to the account of whoever wrote it, then run again; or bring the change in anew with an e-mail that is linked.", "whoever wrote the commit")
	return &finding
}

// workOnPulls adds whoever opened, wrote and merged the pull requests that
// brought the commit, also where it is one of several that came together.
func (p approved) workOnPulls(in Input, found parts) *verdict.Finding {
	landed, unknown := in.findLanding()
	if unknown != nil {
		return unknown
	}
	for _, pull := range slices.Concat(landed.pulls, landed.others) {
		if !pull.Merged || pull.Base != landed.branch {
			continue
		}
		if refused := p.workOnPull(found, pull); refused != nil {
			finding := seePull(*refused, pull)
			return &finding
		}
	}
	return nil
}

func (p approved) workOnPull(found parts, pull fact.Pull) *verdict.Finding {
	if refused := p.brought(found, pull); refused != nil {
		return refused
	}
	commits, missing := pull.Commits.Get()
	if missing != nil {
		finding := verdict.Lacking(fmt.Sprintf("the commits of #%d", pull.Number), missing)
		return &finding
	}
	for _, commit := range commits {
		if refused := p.wrote(found, commit.SHA, commit.Author, commit.Committer); refused != nil {
			return refused
		}
	}
	return nil
}

// brought adds whoever opened and merged a pull request.
func (p approved) brought(found parts, pull fact.Pull) *verdict.Finding {
	switch {
	case pull.Author != nil:
		found[author] = append(found[author], *pull.Author)
	case p.excludes(author):
		finding := verdict.Failed("unattributed", fmt.Sprintf("#%d has no author any more, so nobody can tell who may not approve it", pull.Number)).
			Because("Bring the change in through a new pull request.", "whoever takes the change over")
		return &finding
	}
	switch {
	case pull.MergedBy != nil:
		found[merger] = append(found[merger], *pull.MergedBy)
	case pull.Merged && p.excludes(merger):
		finding := verdict.Failed("unattributed", fmt.Sprintf("the account that merged #%d is gone, so nobody can tell who may not approve it", pull.Number)).
			Because("Bring the change in through a new pull request.", "whoever takes the change over")
		return &finding
	}
	return nil
}

func (p approved) signerOfTag(in Input, found parts) *verdict.Finding {
	if in.Facts.Subject.Ref.Kind() != fact.TagRef || !p.excludes(signer) {
		return nil
	}
	tag, missing := in.Facts.Tag.Get()
	if missing != nil {
		finding := verdict.Lacking("who signed the tag", missing)
		return &finding
	}
	if tag.Tagger.Account != nil {
		found[signer] = append(found[signer], *tag.Tagger.Account)
	}
	if !tag.Annotated {
		return nil
	}
	return p.signed(found, "the tag", tag.Signature)
}

// workInRange adds whoever made any commit since the last deployment, where the
// policy asks for that.
func (p approved) workInRange(in Input, found parts) *verdict.Finding {
	if _, ranged := p.since().from(); !ranged {
		return nil
	}
	span, missing := p.since().span(in)
	if missing != nil {
		finding := verdict.Lacking("which commits are new since the last deployment", missing)
		return &finding
	}
	commits := slices.Clone(span.Commits)
	order.By(commits, func(a, b fact.RangeCommit) int {
		return strings.Compare(string(a.Commit.SHA), string(b.Commit.SHA))
	})
	for _, each := range commits {
		if refused := p.work(found, each.Commit, each.Pulls); refused != nil {
			return refused
		}
		for _, pull := range each.Pulls {
			if !pull.Merged || pull.MergeCommit != each.Commit.SHA {
				continue
			}
			if refused := p.brought(found, pull); refused != nil {
				finding := seePull(*refused, pull)
				return &finding
			}
		}
	}
	return nil
}
