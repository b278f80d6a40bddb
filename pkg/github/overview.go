package github

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const graphSource = "graphql"

// Overview reads, in one request, everything that can be asked before the
// policy is known. Subject is filled in; Trigger is the caller's. Each fact is
// known or says precisely why not. An answer that contradicts itself, as when
// somebody pushes the policy meanwhile, is asked for once more.
func (r *Reader) Overview(ctx context.Context) fact.Set {
	found := r.overview(ctx)
	if found.raced {
		found = r.overview(ctx)
	}
	r.remember(func(seen *session) { *seen = found.session })
	return found.set
}

// sight is what one answer to the overview shows.
type sight struct {
	session
	raced bool
}

func (r *Reader) overview(ctx context.Context) sight {
	answer, missing := ask[overviewNode](ctx, r, overviewQuery+targetFragment+commitFragment+pullFragment+accountFragment, r.overviewVariables())
	found := sight{session: session{set: fact.Set{
		Version: fact.SchemaVersion, Subject: r.subject,
		Containment: map[string]fact.Known[fact.Containment]{}, Access: map[string]fact.Known[fact.Access]{},
	}}}
	if missing != nil {
		found.set.At = fact.Lost[time.Time](*missing)
		found.loseAll(*missing)
		return found
	}
	found.set.At = serverTime(answer.header)
	if missing := r.identity(answer); missing != nil {
		found.loseAll(*missing)
		return found
	}
	found.repository = answer.Data.Repository.DatabaseID
	r.fill(&found, answer)
	return found
}

func (r *Reader) overviewVariables() map[string]string {
	directory := path.Dir(r.policyPath)
	if directory == "." {
		directory = ""
	}
	return map[string]string{
		"owner": r.owner, "name": r.name,
		"sha": string(r.subject.SHA), "head": string(r.subject.SHA), "ref": string(r.subject.Ref),
		"policyDirectory": "HEAD:" + directory, "policyFile": "HEAD:" + r.policyPath,
	}
}

// serverTime reads the server's clock off an answer.
func serverTime(header http.Header) fact.Known[time.Time] {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return fact.Lost[time.Time](*incomplete("POST graphql: the answer has no valid Date header"))
	}
	return fact.Of(at.UTC(), fact.Source{From: "Date header"})
}

// loseAll marks every fact of the answer missing for one reason.
func (s *sight) loseAll(missing fact.Missing) {
	s.set.Repository = fact.Lost[fact.Repository](missing)
	s.set.Policy = fact.Lost[fact.PolicyFile](missing)
	s.set.RefTarget = fact.Lost[fact.RefTarget](missing)
	s.set.Commit = fact.Lost[fact.Commit](missing)
	s.set.Tag = fact.Lost[fact.Tag](missing)
	s.set.Pulls = fact.Lost[[]fact.Pull](missing)
	s.set.Checks = fact.Lost[fact.Checks](missing)
}

// identity checks that the answer is about the repository that was asked for.
// Without that, the rest is about nobody knows what.
func (r *Reader) identity(answer graphAnswer[overviewNode]) *fact.Missing {
	if missing := answer.Errors.at(contents, identityAreas...); missing != nil {
		return missing
	}
	repository := answer.Data.Repository
	if repository == nil || repository.DatabaseID == 0 || repository.NameWithOwner == "" || repository.URL == "" {
		return incomplete("POST graphql: the answer does not identify the repository")
	}
	if !strings.EqualFold(repository.NameWithOwner, r.subject.Repository) {
		missing := inconsistent(fmt.Sprintf("POST graphql: asked about %q, the answer is about %q", r.subject.Repository, repository.NameWithOwner))
		missing.Fix = "Was the repository renamed or moved? Start a new run under its present name."
		return missing
	}
	if r.number != 0 && repository.DatabaseID != r.number {
		missing := inconsistent(fmt.Sprintf("POST graphql: the run is of the repository number %d, and %s is number %d now: another repository has its name", r.number, r.subject.Repository, repository.DatabaseID))
		missing.Fix = "Who renamed, moved or deleted the repository, and who made the other one? Where that is right, start a new run there; this one belongs to the old repository."
		return missing
	}
	return nil
}

// fill reads the facts of an answer about the right repository.
func (r *Reader) fill(found *sight, answer graphAnswer[overviewNode]) {
	data, errs, set := answer.Data.Repository, answer.Errors, &found.set
	source := fact.Source{From: graphSource, URL: data.URL}

	repository, missing := repositoryFact(answer)
	set.Repository = knownIf(repository, source, missing)

	policy, missing, raced := r.policyFact(answer, repository, missing)
	found.raced = raced
	source.URL = fmt.Sprintf("%s/blob/%s/%s", data.URL, policy.Commit, policy.Path)
	set.Policy = knownIf(policy, source, missing)

	missing = errs.at(fact.NeedRefTarget.TokenPermission(), refArea)
	target, tag := r.reference(data.Ref, data.URL, missing)
	set.RefTarget, set.Tag = target, tag

	commit, missing := r.commit(data.Commit, errs.at(fact.NeedCommit.TokenPermission(), commitArea))
	set.Commit = knownIf(commit, fact.Source{From: graphSource, URL: commit.URL}, missing)

	if repository.DefaultBranch != "" {
		contained, missing := defaultContainment(answer, repository.DefaultBranch)
		set.Containment[repository.DefaultBranch] = knownIf(contained, fact.Source{From: graphSource, URL: data.URL}, missing)
	}

	pulls, totals, missing := r.pulls(answer.Data.Pulls.object(), data.DatabaseID, errs.at(fact.NeedPulls.TokenPermission(), pullsArea))
	set.Pulls, found.totals = knownIf(pulls, fact.Source{From: graphSource, URL: commit.URL}, missing), totals

	r.fillChecks(found, answer.Data.Checks.object(), errs.at(fact.NeedChecks.TokenPermission(), checksArea))
}

// knownIf returns a known fact, or a missing one when there is a reason.
func knownIf[T any](value T, source fact.Source, missing *fact.Missing) fact.Known[T] {
	if missing != nil {
		return fact.Lost[T](*missing)
	}
	return fact.Of(value, source)
}

func repositoryFact(answer graphAnswer[overviewNode]) (fact.Repository, *fact.Missing) {
	data := answer.Data.Repository
	if missing := answer.Errors.at(contents, defaultArea); missing != nil {
		return fact.Repository{}, missing
	}
	branch := data.DefaultBranch
	if branch == nil || branch.Name == "" || branch.Target == nil {
		return fact.Repository{}, incomplete("POST graphql: the answer has no default branch; is the repository empty?")
	}
	tip := shaOf(branch.Target.OID)
	if branch.Target.Typename != "Commit" || tip == "" {
		return fact.Repository{}, inconsistent(fmt.Sprintf("POST graphql: the default branch points at a %s %q", branch.Target.Typename, branch.Target.OID))
	}
	return fact.Repository{
		ID: data.DatabaseID, Name: data.NameWithOwner, URL: data.URL,
		DefaultBranch: branch.Name, DefaultCommit: tip,
	}, nil
}

// defaultContainment reads the comparison with the default branch.
func defaultContainment(answer graphAnswer[overviewNode], branch string) (fact.Containment, *fact.Missing) {
	if missing := answer.Errors.at(fact.NeedContainment.TokenPermission(), containedArea); missing != nil {
		return fact.Containment{}, missing
	}
	data := answer.Data.Contained
	if data == nil || data.DefaultBranch == nil || data.DefaultBranch.Compare == nil {
		return fact.Containment{}, incomplete("POST graphql: the answer does not compare the commit with the default branch")
	}
	if data.DefaultBranch.Name != branch {
		return fact.Containment{}, inconsistent(fmt.Sprintf("POST graphql: the default branch is %q and %q", branch, data.DefaultBranch.Name))
	}
	return containment(branch, data.DefaultBranch.Compare.Status)
}
