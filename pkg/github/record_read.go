package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/order"
)

// recordPayload is what a record of ours carries. It is found again by it.
type recordPayload struct {
	Stageward  int    `json:"stageward"`
	RunID      int64  `json:"run_id"`
	RunAttempt int64  `json:"run_attempt"`
	Stage      string `json:"stage"`
	Decision   string `json:"decision"`
}

// payloadVersion is the value of "stageward" in a payload.
const payloadVersion = 1

// recordNode is a deployment as REST shows it.
type recordNode struct {
	ID          int64           `json:"id"`
	SHA         string          `json:"sha"`
	Environment string          `json:"environment"`
	Payload     json.RawMessage `json:"payload"`
}

// recordStatusNode is a status of a deployment as REST shows it.
type recordStatusNode struct {
	ID     int64  `json:"id"`
	State  string `json:"state"`
	LogURL string `json:"log_url"`
}

// payload returns what a record of Stageward's carries, and whether the record
// is one. Some servers show the object as a text.
func (n recordNode) payload() (recordPayload, bool) {
	raw := n.Payload
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	var found recordPayload
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) || json.Unmarshal(raw, &found) != nil {
		return recordPayload{}, false
	}
	return found, found.Stageward == payloadVersion
}

// sighting is a Standing with the records that it comes from.
type sighting struct {
	Standing
	strange []recordNode // not of Stageward, newest first
}

// own reads the records of the commit and the states of our own.
func (r *Recorder) own(ctx context.Context) (sighting, error) {
	var listed []recordNode
	var at time.Time
	err := twice(func(int) (err error) {
		listed, at, err = r.records(ctx)
		return err
	})
	if err != nil {
		return sighting{}, err
	}
	seen := sighting{Standing: Standing{Now: at}}
	var mine []int64
	for _, node := range listed {
		payload, ours := node.payload()
		switch {
		case !ours:
			seen.strange = append(seen.strange, node)
		case r.isMine(node, payload):
			mine = append(mine, node.ID)
		}
	}
	order.By(seen.strange, func(a, b recordNode) int { return int(b.ID - a.ID) })
	slices.Sort(mine) // the first that was made is the one
	for i, id := range mine {
		if err := r.readStates(ctx, &seen.Standing, id, i > 0); err != nil {
			return sighting{}, err
		}
	}
	return seen, nil
}

// isMine reports whether a record of Stageward's is of this run and attempt. The
// names of environments are the same in any case.
func (r *Recorder) isMine(node recordNode, payload recordPayload) bool {
	return payload.RunID == r.record.RunID && payload.RunAttempt == r.record.RunAttempt &&
		payload.Stage == r.record.Stage && strings.EqualFold(node.Environment, r.record.Environment)
}

// readStates reads what was said of a record of ours, or of its twin.
func (r *Recorder) readStates(ctx context.Context, seen *Standing, id int64, twin bool) error {
	statuses, err := r.statuses(ctx, id)
	if err != nil {
		return err
	}
	newest, last, failed := "", "", false
	for _, status := range statuses { // oldest first
		last = status.State
		if status.State != recordInactive {
			newest = status.State
		}
		failed = failed || status.State == RecordFailure || status.State == RecordError
	}
	seen.Failed = seen.Failed || failed // a failure that the twin tells is one
	switch {
	case !twin:
		seen.ID, seen.State = id, newest
	case !slices.Contains([]string{recordInactive, RecordFailure, RecordError}, last):
		seen.twins = append(seen.twins, id)
	}
	return nil
}

// findJob looks for the record that GitHub made for the job that asks. GitHub
// links it to the job's check run. Where the server does not say which check run
// that is, a record of this run for this environment that is not Stageward's is
// taken for it.
func (r *Recorder) findJob(ctx context.Context, seen *sighting) error {
	looked := 0
	for _, node := range seen.strange {
		if r.record.CheckRun == 0 && !strings.EqualFold(node.Environment, r.record.Environment) {
			continue
		}
		if looked++; looked > maxStrange {
			return nil
		}
		statuses, err := r.statuses(ctx, node.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(statuses, r.isOfJob) {
			seen.JobRecord, seen.JobEnvironment = node.ID, node.Environment
			return nil
		}
	}
	return nil
}

// isOfJob reports whether a status links to the job that asks.
func (r *Recorder) isOfJob(status recordStatusNode) bool {
	link, _, _ := strings.Cut(strings.ToLower(status.LogURL), "?")
	if r.record.CheckRun != 0 {
		return link == fmt.Sprintf("%s/job/%d", r.run, r.record.CheckRun)
	}
	return link == r.run || strings.HasPrefix(link, r.run+"/")
}

// records reads all deployments of the commit, and GitHub's time.
func (r *Recorder) records(ctx context.Context) (all []recordNode, at time.Time, err error) {
	address := r.address("")
	all, err = list[recordNode]{
		name: "GET /" + address,
		key:  func(node recordNode) string { return strconv.FormatInt(node.ID, 10) },
		fetch: func(ctx context.Context, number int) (page[recordNode], error) {
			read, header, err := recordPage[recordNode](ctx, r, address, url.Values{"sha": {string(r.record.SHA)}}, number)
			if err != nil {
				return read, err
			}
			if at, err = http.ParseTime(header.Get("Date")); err != nil {
				return read, incomplete("GET /" + address + ": the answer does not say what time it is")
			}
			return read, r.checkRecords(address, read.items)
		},
	}.read(ctx, 0)
	return all, at, err
}

// checkRecords refuses records that are not what was asked for.
func (r *Recorder) checkRecords(address string, nodes []recordNode) error {
	for _, node := range nodes {
		switch {
		case node.ID <= 0 || node.Environment == "":
			return incomplete(fmt.Sprintf("GET /%s: the answer does not hold all of deployment %d", address, node.ID))
		case node.SHA != string(r.record.SHA):
			return inconsistent(fmt.Sprintf("GET /%s: asked for deployments of %s, deployment %d is of %q", address, r.record.SHA, node.ID, node.SHA))
		}
	}
	return nil
}

// statuses reads all statuses of a deployment, oldest first.
func (r *Recorder) statuses(ctx context.Context, id int64) ([]recordStatusNode, error) {
	address := r.address(fmt.Sprintf("/%d/statuses", id))
	var all []recordStatusNode
	err := twice(func(int) (err error) {
		all, err = list[recordStatusNode]{
			name: "GET /" + address,
			key:  func(node recordStatusNode) string { return strconv.FormatInt(node.ID, 10) },
			fetch: func(ctx context.Context, number int) (page[recordStatusNode], error) {
				read, _, err := recordPage[recordStatusNode](ctx, r, address, url.Values{}, number)
				for _, node := range read.items {
					if node.ID <= 0 || node.State == "" {
						return read, incomplete(fmt.Sprintf("GET /%s: the answer does not hold all of status %d", address, node.ID))
					}
				}
				return read, err
			},
		}.read(ctx, 0)
		return err
	})
	order.By(all, func(a, b recordStatusNode) int { return int(a.ID - b.ID) })
	return all, err
}

// recordPage reads a page of a list that does not say how long it is.
func recordPage[T any](ctx context.Context, r *Recorder, address string, query url.Values, number int) (page[T], http.Header, error) {
	query.Set("per_page", strconv.Itoa(perPage))
	query.Set("page", strconv.Itoa(number))
	var items []T
	resp, err := r.reader.get(ctx, address+"?"+query.Encode(), &items)
	if err != nil {
		return page[T]{}, nil, r.reader.missing("GET /"+address, err, recordPermission)
	}
	if items == nil {
		return page[T]{}, nil, incomplete("GET /" + address + ": the answer has no list")
	}
	next, err := r.reader.checkPage(address, resp, number)
	return page[T]{items: items, total: uncounted, next: next}, resp.Header, err
}

// address is that of the deployments of the repository, or of one of them.
func (r *Recorder) address(below string) string {
	return fmt.Sprintf("repos/%s/%s/deployments%s", r.reader.owner, r.reader.name, below)
}
