package actions

import (
	"strconv"

	"github.com/stageward/stageward/pkg/fact"
)

// place is what the runner's variables say about where a run stands. Nothing
// but the repository has been looked at: of some events the reference is none
// that can be deployed, or is empty.
type place struct {
	event        string // GITHUB_EVENT_NAME
	repository   string // GITHUB_REPOSITORY, owner/name
	repositoryID string // GITHUB_REPOSITORY_ID, or "" on an older server
	ref, sha     string // GITHUB_REF, GITHUB_SHA
	headRef      string // GITHUB_HEAD_REF
}

// subject returns the commit and the reference that the variables name.
func (p place) subject() (fact.Subject, error) {
	ref, err := fact.ParseRef(p.ref)
	if err != nil {
		return fact.Subject{}, because(err, RefInvalid, fixRunner, "read GITHUB_REF")
	}
	sha, err := fact.ParseSHA(p.sha)
	if err != nil {
		return fact.Subject{}, because(err, RefInvalid, fixRunner, "read GITHUB_SHA")
	}
	return fact.Subject{Repository: p.repository, Ref: ref, SHA: sha}, nil
}

// elsewhere returns the commit of a branch that the payload names and that the
// run itself is not of. It counts as chosen: the event has not shown that the
// branch holds the commit, so that is read on every stage.
func (p place) elsewhere(branch, commit string) (fact.Subject, error) {
	ref, err := fact.ParseRef(string(fact.BranchRef(branch)))
	if err != nil {
		return fact.Subject{}, because(err, RefInvalid, fixEvent, "read event file")
	}
	sha, err := fact.ParseSHA(commit)
	if err != nil {
		return fact.Subject{}, because(err, RefInvalid, fixEvent, "read event file")
	}
	return fact.Subject{Repository: p.repository, Ref: ref, SHA: sha, Chosen: true}, nil
}

// checkHome refuses a repository in the payload that is not the run's own. The
// number decides, since a name can be given to another repository, and a fork
// can have branches of every name; the name has to agree.
func (p place) checkHome(event, of payload, name string) error {
	if string(of[name]) == "null" {
		return refuse(Fork, fixFork, "the event says null for %q: the commit is in a repository that is gone or that nobody may see", name)
	}
	own, err := p.ownID(event)
	if err != nil {
		return err
	}
	id, err := at[int64](of, name, "id")
	if err != nil {
		return err
	}
	full, err := at[string](of, name, "full_name")
	if err != nil {
		return err
	}
	switch {
	case strconv.FormatInt(id, 10) != own:
		return refuse(Fork, fixFork, "the event is about another repository, %q (number %d), and this is number %s; "+
			"a branch there may have any name, also that of one here", full, id, own)
	case full != p.repository:
		return refuse(RefInvalid, fixRenamed, "%q of the event is %q, GITHUB_REPOSITORY is %q", name, full, p.repository)
	}
	return nil
}

// ownID returns the number of the run's repository. Servers that do not put it
// into a variable say it in the payload.
func (p place) ownID(event payload) (string, error) {
	if p.repositoryID != "" {
		return p.repositoryID, nil
	}
	id, err := at[int64](event, "repository", "id")
	if err != nil {
		return "", err
	}
	return strconv.FormatInt(id, 10), nil
}
