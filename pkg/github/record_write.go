package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

// newRecord is the request for a deployment. GitHub would merge the default
// branch into the commit first, and refuse where a check failed: what may be
// deployed has been decided.
type newRecord struct {
	Ref              string        `json:"ref"`
	AutoMerge        bool          `json:"auto_merge"`
	RequiredContexts []string      `json:"required_contexts"`
	Environment      string        `json:"environment"`
	Description      string        `json:"description"`
	Payload          recordPayload `json:"payload"`
}

// newStatus is the request for a status of a deployment.
type newStatus struct {
	State          string `json:"state"`
	LogURL         string `json:"log_url"`
	EnvironmentURL string `json:"environment_url,omitempty"`
	Description    string `json:"description"`
}

// create makes the record and returns what there is then. A record that is not what
// was asked for is marked as an error. Where the request was sent more than once,
// GitHub is asked once more: what seemed lost may have been carried out late.
func (r *Recorder) create(ctx context.Context) (Standing, error) {
	var made recordNode
	sent := 0
	err := r.once(ctx, func() (err error) {
		sent++
		made, err = r.postRecord(ctx)
		return err
	}, func() (bool, error) {
		seen, err := r.own(ctx)
		made = recordNode{ID: seen.ID, SHA: string(r.record.SHA), Environment: r.record.Environment}
		return seen.ID != 0, err
	})
	switch asked := made.SHA == string(r.record.SHA) && strings.EqualFold(made.Environment, r.record.Environment); {
	case err != nil:
		return Standing{}, err
	case asked && sent > 1:
		seen, err := r.own(ctx)
		return seen.Standing, err
	case asked:
		return Standing{ID: made.ID}, nil
	}
	wrong := inconsistent(fmt.Sprintf("asked for a deployment of %s to %q, the answer is deployment %d of %q to %q",
		r.record.SHA, r.record.Environment, made.ID, made.SHA, made.Environment))
	wrong.Fix = "Do not deploy. Look at the deployment on GitHub, then start a new run."
	if err := r.say(ctx, made.ID, RecordError, "Stageward: this record is not of what was asked for"); err != nil {
		wrong.Detail += fmt.Sprintf("; it could not be marked as an error: %v", err)
	}
	return Standing{ID: made.ID}, wrong
}

func (r *Recorder) postRecord(ctx context.Context) (recordNode, error) {
	var made recordNode
	err := r.post(ctx, r.address(""), newRecord{
		Ref: string(r.record.SHA), RequiredContexts: []string{}, Environment: r.record.Environment, Description: r.record.Description,
		Payload: recordPayload{
			Stageward: payloadVersion, RunID: r.record.RunID, RunAttempt: r.record.RunAttempt, Stage: r.record.Stage, Decision: r.record.Digest,
		},
	}, &made)
	if err == nil && made.ID <= 0 {
		err = incomplete("POST /" + r.address("") + ": the answer has no number of the deployment")
	}
	return made, err
}

// say adds a status to a record, once.
func (r *Recorder) say(ctx context.Context, id int64, state, description string) error {
	return r.once(ctx,
		func() error { return r.postStatus(ctx, id, state, description) },
		func() (bool, error) {
			statuses, err := r.statuses(ctx, id)
			return len(statuses) > 0 && statuses[len(statuses)-1].State == state, err
		})
}

func (r *Recorder) postStatus(ctx context.Context, id int64, state, description string) error {
	address := r.address(fmt.Sprintf("/%d/statuses", id))
	var said recordStatusNode
	err := r.post(ctx, address, newStatus{State: state, LogURL: r.record.RunURL, EnvironmentURL: r.record.EnvironmentURL, Description: description}, &said)
	switch {
	case err != nil:
		return err
	case said.ID <= 0:
		return incomplete("POST /" + address + ": the answer has no number of the status")
	case said.State != state:
		return inconsistent(fmt.Sprintf("POST /%s: asked for %q, the answer is %q", address, state, said.State))
	}
	return nil
}

// post sends one request that writes. Neither the transport nor the client
// library sends it again.
func (r *Recorder) post(ctx context.Context, address string, body, into any) error {
	req, err := r.reader.client.NewRequest(http.MethodPost, address, body)
	if err != nil {
		return err
	}
	var resp *gh.Response
	if resp, err = r.reader.client.Do(ctx, req, into); err != nil {
		return err
	}
	return r.reader.sameRepository(address, resp)
}

// once sends something that must not be done twice. When the answer leaves open
// whether it was done, done says so, after a pause in which a slow server may end
// it; only what was not done is sent again.
func (r *Recorder) once(ctx context.Context, send func() error, done func() (bool, error)) error {
	var err error
	for try := range maxWrites {
		if err = send(); err == nil || !isOpen(err) {
			return err
		}
		if !r.pause(ctx, err, try) {
			return err
		}
		there, failed := done()
		if failed != nil {
			return failed
		}
		if there {
			return nil
		}
	}
	return err
}

// isOpen reports whether a request may have been carried out although it failed,
// or may be carried out later. A refusal is an answer.
func isOpen(err error) bool {
	var failed *fault
	if errors.As(err, &failed) {
		return failed.retry || failed.status < http.StatusBadRequest || failed.status >= http.StatusInternalServerError
	}
	var missing *fact.Missing
	return !errors.As(err, &missing) || missing.Reason == fact.Incomplete
}

// pause waits before the server is asked again, and reports whether there is
// time for that.
func (r *Recorder) pause(ctx context.Context, err error, try int) bool {
	wait := firstBackoff << try
	var failed *fault
	if errors.As(err, &failed) && failed.wait > 0 {
		wait = failed.wait
	}
	left := maxWait + time.Second
	if deadline, ok := ctx.Deadline(); ok {
		left = deadline.Sub(r.now())
	}
	return ctx.Err() == nil && wait < left && r.sleep(ctx, wait) == nil
}
