package cli_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// raceWorld has two runs that deploy to staging and have not ended.
var raceWorld = strings.Replace(sweepWorld, "\ntoken:", `
  - {commit: start, name: other, workflow: .github/workflows/other.yml, run-id: 9002, status: in_progress, minutes-ago: 1}
token:`, 1)

// taking carries the requests of one run. Those that write deployments, or read those
// of others, wait for its turn: all others read what only this run changes, or nobody,
// so that it is the same when they are sent.
type taking struct {
	inner       http.RoundTripper
	turn, taken chan struct{}
}

func (k *taking) RoundTrip(request *http.Request) (*http.Response, error) {
	about := request.Method == http.MethodPost && strings.Contains(request.URL.Path, "/deployments")
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		about = about || bytes.Contains(body, []byte("StagewardOpenDeployments"))
	}
	if !about {
		return k.inner.RoundTrip(request)
	}
	<-k.turn
	defer func() { k.taken <- struct{}{} }()
	return k.inner.RoundTrip(request)
}

// racing is one of the two runs: it records that it begins, and asks the gate then.
type racing struct {
	*sweep
	*taking
	run     string
	ended   chan struct{}
	code    int
	outputs map[string]string
}

func (r *racing) start(t *testing.T, receipt string) {
	defer close(r.ended)
	code, _ := r.stepBy(t.Context(), t, r.taking, r.run, "refs/heads/main", map[string]string{"INPUT_COMMAND": "record", "INPUT_STATE": "in_progress", "INPUT_RECEIPT": receipt})
	if code != 0 {
		t.Errorf("run %s: the record ended with %d: %s", r.run, code, r.log.String())
	}
	r.code, r.outputs = r.stepBy(t.Context(), t, r.taking, r.run, "refs/heads/main", nil)
}

// orders are all ways to put so many turns of two into one row.
func orders(first, second int) (all []string) {
	switch {
	case first == 0 && second == 0:
		return []string{""}
	case first > 0:
		for _, rest := range orders(first-1, second) {
			all = append(all, "0"+rest)
		}
	}
	if second > 0 {
		for _, rest := range orders(first, second-1) {
			all = append(all, "1"+rest)
		}
	}
	return all
}

// turns is how often a run waits: its record is made and says its state, then the
// gate reads those of all.
const turns = 3

// FLT-07. Two runs begin to deploy to one stage. In whatever order GitHub gets their
// requests, exactly one is allowed; the other waits, and gets through when the first
// has ended.
func TestTwoRunsThatBeginAtOnce(t *testing.T) {
	t.Parallel()
	folders := []string{t.TempDir(), t.TempDir()}
	won, receipts := map[string]int{}, map[string]string{} // of all GitHubs, whose clocks stand still
	synctest.Test(t, func(t *testing.T) {
		of := &sweep{server: newServer(t, raceWorld), folder: folders[0]}
		receipts["9001"], receipts["9002"] = of.begin(t, "9001", "1"), of.begin(t, "9002", "1")
	})
	for _, order := range orders(turns, turns) {
		synctest.Test(t, func(t *testing.T) {
			winner := race(t, folders, order, receipts)
			won[winner]++
		})
		if t.Failed() {
			t.Fatalf("the order was %s", order)
		}
	}
	if won["9001"] == 0 || won["9001"] != won["9002"] {
		t.Errorf("of all orders were won %v, want half by each", won)
	}
}

// race plays one order and returns the run that was allowed.
func race(t *testing.T, folders []string, order string, receipts map[string]string) string {
	t.Helper()
	server := newServer(t, raceWorld)
	runs := [2]*racing{}
	for i, run := range []string{"9001", "9002"} {
		of := &sweep{server: server, folder: folders[i]}
		runs[i] = &racing{
			sweep: of, run: run, ended: make(chan struct{}),
			taking: &taking{inner: &clumsy{server: server}, turn: make(chan struct{}), taken: make(chan struct{})},
		}
		defer func() { <-runs[i].ended }()
		go runs[i].start(t, receipts[run])
	}
	for at, who := range order {
		next := runs[who-'0']
		select {
		case next.turn <- struct{}{}:
			<-next.taken
		case <-next.ended:
			t.Errorf("run %s ended before turn %d", next.run, at)
		}
	}
	var winner, loser *racing
	for i, each := range runs {
		<-each.ended
		if each.outputs["allowed"] == "true" {
			winner, loser = each, runs[1-i]
		}
	}
	switch {
	case winner == nil:
		t.Errorf("neither was allowed: %s\n%s", runs[0].log.String(), runs[1].log.String())
		return ""
	case winner.code != 0 || loser.code != 1 || loser.outputs["allowed"] == "true" || loser.outputs["reason-code"] != "no-other-deployment.running":
		t.Errorf("one ended with %d, the other with %d (%s)", winner.code, loser.code, loser.outputs["reason-code"])
	}
	winner.begin(t, winner.run, "1", "success")
	loser.begin(t, loser.run, "1", "success")
	return winner.run
}
