package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	gh "github.com/google/go-github/v60/github"
	"golang.org/x/oauth2"

	"github.com/stageward/stageward/pkg/fact"
)

// Reader reads the facts about one subject. Its methods may be called
// concurrently; Overview comes first, because the others check their answers
// against what it saw.
type Reader struct {
	client      *gh.Client
	people      *gh.Client // with the token for teams; nil without one
	graphQL     string     // address
	host        string
	secrets     secrets
	owner, name string
	number      int64 // of the repository, by the run; 0 where it does not say
	subject     fact.Subject
	policyPath  string

	// asked is what the searches for deployments have in common.
	asked once

	lock sync.Mutex
	seen session // guarded by lock
}

// session is what Overview saw and later answers are measured by.
type session struct {
	set fact.Set
	// repository is GitHub's number for the repository; 0 while unread.
	repository int64
	suites     suites
	statuses   []fact.Status
	totals     map[int]pullTotals // by number of the pull request
}

// contents is the permission below which repositories, commits, references
// and files are read.
var contents = fact.NeedCommit.TokenPermission()

// NewReader checks everything that will become part of a request and returns
// a Reader that has sent nothing yet. It returns an error for an address that
// is not the server's own over https, a token that cannot be one, a repository
// that is not owner/name, an invalid subject, a policy path that leaves the
// repository or is written in a roundabout way, and a missing clock.
func NewReader(config Config, subject fact.Subject, policyPath string) (*Reader, error) {
	if _, err := fact.ParseSHA(string(subject.SHA)); err != nil {
		return nil, fmt.Errorf("check subject: %w", err)
	}
	if err := checkPolicyPath(policyPath); err != nil {
		return nil, err
	}
	reader, err := newReader(config, subject)
	if err != nil {
		return nil, err
	}
	reader.policyPath = policyPath
	return reader, nil
}

// newReader is NewReader without what only Overview and its followers need.
func newReader(config Config, subject fact.Subject) (*Reader, error) {
	to, err := config.addresses()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(checkToken(config.Token), checkTokenText("people token", config.PeopleToken)); err != nil {
		return nil, err
	}
	owner, name, err := splitRepository(subject.Repository)
	if err != nil {
		return nil, err
	}
	if _, err := fact.ParseRef(string(subject.Ref)); err != nil {
		return nil, fmt.Errorf("check subject: %w", err)
	}
	if config.Now == nil {
		return nil, errors.New("make reader: Config.Now is nil; pass a clock")
	}
	carrier := newTransport(config, to)
	reader := &Reader{
		client: newClient(config.Token, carrier, to, to.checkRedirect), graphQL: to.graphQL.String(), host: to.api.Host,
		secrets: config.secrets(), owner: owner, name: name, number: config.RepositoryID, subject: subject,
	}
	if config.PeopleToken != "" {
		reader.people = newClient(config.PeopleToken, carrier, to, refuseRedirect)
	}
	return reader, nil
}

// newClient returns a client that sends one token over a transport that others
// may share.
func newClient(token string, carrier http.RoundTripper, to addresses, redirect func(*http.Request, []*http.Request) error) *gh.Client {
	source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})
	client := gh.NewClient(&http.Client{
		Transport:     &oauth2.Transport{Source: source, Base: carrier},
		CheckRedirect: redirect,
	})
	client.BaseURL, client.UserAgent = to.api, "stageward"
	return client
}

// session returns what has been seen so far.
func (r *Reader) session() session {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.seen
}

// remember changes what has been seen.
func (r *Reader) remember(change func(*session)) {
	r.lock.Lock()
	defer r.lock.Unlock()
	change(&r.seen)
}

// missing turns the error of a call into the reason why a fact is missing.
// what names the call for errors that do not name it themselves; permission is
// what a refusal would be cured by.
func (r *Reader) missing(what string, err error, permission string) *fact.Missing {
	lost := &fact.Missing{Reason: fact.Unavailable, Detail: what + ": " + err.Error()}
	var known *fact.Missing
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	var moment *time.ParseError
	switch {
	case errors.As(err, &known):
		*lost = *known
	case errors.Is(err, context.Canceled):
		lost.Detail = what + ": the run was cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		lost.Detail = what + ": no answer within the time limit"
	case errors.As(err, &syntax), errors.As(err, &shape), errors.As(err, &moment):
		lost.Reason, lost.Detail = fact.Incomplete, what+": the answer does not have the shape GitHub documents: "+err.Error()
	}
	if lost.Fix == "" && (lost.Reason == fact.Forbidden || lost.Reason == fact.NotFound) {
		lost.Fix = grant(permission)
	}
	lost.Detail = r.secrets.hide(lost.Detail)
	return lost
}

// sameRepository refuses an answer that came by a redirect from another
// repository than the one Overview identified: names pass to new owners.
func (r *Reader) sameRepository(asked string, resp *gh.Response) error {
	base := r.client.BaseURL.Path
	got := resp.Request.URL.Path
	tail, ours := strings.CutPrefix(asked, fmt.Sprintf("repos/%s/%s/", r.owner, r.name))
	moved := path.Join(base, fmt.Sprintf("repositories/%d", r.session().repository), tail)
	if !ours || got == path.Join(base, asked) || r.session().repository != 0 && got == moved {
		return nil
	}
	return &fact.Missing{
		Reason: fact.Inconsistent,
		Detail: fmt.Sprintf("GET /%s: was answered by %s, which is not known to be the same repository", asked, got),
		Fix:    "Was the repository renamed or moved? Start a new run under its present name.",
	}
}
