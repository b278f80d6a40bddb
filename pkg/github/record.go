package github

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
)

const (
	recordPermission = "deployments: write"
	// writeTimeout bounds one attempt. GitHub gives a request up after ten seconds.
	writeTimeout = 15 * time.Second
	// maxWrites is how often something is sent at most whose answer is lost.
	maxWrites = 3
	// LastWords is for saying how a deployment ended after the run was cancelled.
	// A runner waits for seven seconds before it kills.
	LastWords = 1500 * time.Millisecond
	// maxDescription is the most characters that GitHub takes.
	maxDescription = 140
	// maxStrange is how many records of others are looked at, the newest first.
	// The record of a job that runs now is among the newest of its commit.
	maxStrange = 30
)

// Record says which deployment is to be recorded.
type Record struct {
	Repository string // owner/name
	SHA        fact.SHA
	Ref        fact.Ref
	Stage      string
	// Environment is GitHub's environment, EnvironmentURL its page or "".
	Environment, EnvironmentURL string
	RunID, RunAttempt           int64
	RunURL                      string // page of the run
	// CheckRun is the check run of the job that asks, or 0 where nobody knows.
	CheckRun int64
	// Digest is that of the decision: "sha256:" and 64 hexadecimal digits.
	Digest string
	// Description is for people, 140 characters at most.
	Description string
}

// The states of a deployment that a Recorder writes, in GitHub's words.
const (
	RecordInProgress = "in_progress"
	RecordSuccess    = "success"
	RecordFailure    = "failure"
	RecordError      = "error"
	recordInactive   = "inactive" // what GitHub calls a record that another took the place of
)

// Standing is what GitHub holds of a deployment before something is written.
type Standing struct {
	// Now is GitHub's time.
	Now time.Time
	// ID is the record of this run and attempt, 0 where there is none.
	ID int64
	// State is the newest that was said of it, "" for nothing. That another
	// deployment took its place since does not count.
	State string
	// Failed is true when a failure or an error is among its states, or among those
	// of a further record of this run and attempt.
	Failed bool
	// JobRecord is the record that GitHub made for the job itself, because the job
	// has an environment; 0 where there is none. JobEnvironment is its environment.
	JobRecord      int64
	JobEnvironment string

	// twins are further records of this run and attempt that are to be marked as
	// inactive. Those that failed go on to say so.
	twins []int64
}

// Written is what a Recorder wrote.
type Written struct {
	ID int64 // of the record; 0 where none is known
	// Added is false when the record said so before.
	Added bool
}

// Recorder keeps the record of one deployment. What it sends is sent again only
// after GitHub was asked whether it was done: there is one record for a run and
// attempt, whatever gets lost.
//
// Its errors are *fact.Missing, or wrap one, and never hold the token.
type Recorder struct {
	reader *Reader // for its client, addresses and checks; it reads no facts
	sleep  func(context.Context, time.Duration) error
	now    func() time.Time
	record Record
	run    string // page of the run without its attempt, in lower case
}

var digestPattern = lazy.New(`^sha256:[0-9a-f]{64}$`)

// NewRecorder checks everything that will become part of a request, as NewReader
// does, and returns a Recorder that has sent nothing yet.
func NewRecorder(config Config, record Record) (*Recorder, error) {
	if _, err := fact.ParseSHA(string(record.SHA)); err != nil {
		return nil, fmt.Errorf("check record: %w", err)
	}
	if err := record.check(); err != nil {
		return nil, fmt.Errorf("check record: %w", err)
	}
	if config.Timeout == 0 {
		config.Timeout = writeTimeout
	}
	if config.Sleep == nil {
		config.Sleep = sleepFor
	}
	reader, err := newReader(config, fact.Subject{Repository: record.Repository, Ref: record.Ref, SHA: record.SHA})
	if err != nil {
		return nil, err
	}
	page := fmt.Sprintf("%s/%s/actions/runs/%d", strings.TrimRight(config.ServerURL, "/"), record.Repository, record.RunID)
	return &Recorder{reader: reader, sleep: config.Sleep, now: config.Now, record: record, run: strings.ToLower(page)}, nil
}

// check refuses what could not be found again, or that GitHub would replace by
// something else: without an environment, it takes "production".
func (r Record) check() error {
	switch {
	case r.Stage == "" || r.Environment == "":
		return errors.New("the stage or its environment is empty")
	case r.RunID <= 0 || r.RunAttempt <= 0:
		return errors.New("the run or its attempt is not a positive number")
	case !digestPattern.MatchString(r.Digest):
		return errors.New("the digest of the decision is none")
	case utf8.RuneCountInString(r.Description) > maxDescription:
		return fmt.Errorf("the description has more than %d characters", maxDescription)
	}
	return nil
}

// Look reads what GitHub holds of the deployment. It reads the whole list of the
// commit's records, all pages. Requests: one for each page, one for the states of
// our own record, and one for each record of others that may be the job's.
func (r *Recorder) Look(ctx context.Context) (Standing, error) {
	seen, err := r.own(ctx)
	if err != nil {
		return Standing{}, r.lost("read deployment records", err)
	}
	if err := r.findJob(ctx, &seen); err != nil {
		return Standing{}, r.lost("read deployment records", err)
	}
	return seen.Standing, nil
}

// Write brings the record into a state: it makes the record if there is none,
// and says the state unless it is what was said last. The error is one of GitHub
// or of the network; Written may then hold the number of a record all the same.
//
// A run that is cancelled meanwhile leaves a record that says so, if there is
// time: an end as it was asked for, or "error" for a deployment that was only to
// begin. Otherwise the next call finds the record by its run and attempt.
func (r *Recorder) Write(ctx context.Context, seen Standing, state string) (Written, error) {
	written, err := r.write(ctx, seen, state)
	if err == nil {
		return written, nil
	}
	if ctx.Err() != nil {
		written.ID = max(written.ID, r.leave(ctx, state))
	}
	return written, r.lost("write deployment record", err)
}

func (r *Recorder) write(ctx context.Context, seen Standing, state string) (Written, error) {
	written := Written{ID: seen.ID}
	if written.ID == 0 {
		made, err := r.create(ctx)
		written.ID, seen.twins = made.ID, made.twins
		if err != nil {
			return written, err
		}
	}
	for _, twin := range seen.twins {
		words := fmt.Sprintf("Stageward: a second record of one run, see deployment %d", written.ID)
		if err := r.say(ctx, twin, recordInactive, words); err != nil {
			return written, err
		}
	}
	if seen.State == state {
		return written, nil
	}
	written.Added = true
	return written, r.say(ctx, written.ID, state, r.record.Description)
}

// leave says how a deployment ended whose run was cancelled, in a context of its
// own, and returns the record of which it said so. It never makes a record.
func (r *Recorder) leave(ctx context.Context, state string) int64 {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), LastWords)
	defer cancel()
	if state == RecordInProgress {
		state = RecordError
	}
	seen, err := r.own(ctx)
	if err != nil || seen.ID == 0 {
		return 0
	}
	if seen.State != state && r.postStatus(ctx, seen.ID, state, r.record.Description) != nil {
		return 0
	}
	return seen.ID
}

// lost returns the error of a call as a reason for people.
func (r *Recorder) lost(what string, err error) error {
	return r.reader.missing(what, err, recordPermission)
}
