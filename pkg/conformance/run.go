package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/stageward/stageward/pkg/parallel"
)

// deadline is how long one case may take. A decision has a minute; an engine
// needs some time to start a container.
const deadline = 90 * time.Second

// Result is how one case went.
type Result struct {
	Case  string `json:"case"`
	Group string `json:"group"`
	Mode  Mode   `json:"mode"`
	// Skipped says why the case was not played in this mode; "" when it was.
	Skipped string `json:"skipped,omitempty"`
	// Differences are in words, one each. None means that the case is as it should
	// be.
	Differences []string `json:"differences,omitempty"`
	// Log is what the subject printed, for a case that is not as it should be.
	Log string `json:"log,omitempty"`
}

// Passed reports whether the case was played and is as it should be.
func (r Result) Passed() bool { return r.Skipped == "" && len(r.Differences) == 0 }

// Run plays cases in one mode, at most so many at a time, and returns the results in
// the order of the cases. Folders for the files of the steps are made below
// temporary, which "" leaves to the system, and removed.
func Run(ctx context.Context, cases []Case, mode Mode, subject Subject, limit int, temporary string) []Result {
	results, jobs := make([]Result, len(cases)), make([]func(), len(cases))
	for i, one := range cases {
		jobs[i] = func() { results[i] = Play(ctx, one, mode, subject, temporary) }
	}
	parallel.Do(max(limit, 1), jobs)
	return results
}

// Play plays one case. What cannot be played is a difference.
func Play(ctx context.Context, one Case, mode Mode, subject Subject, temporary string) Result {
	played := Result{Case: one.Name, Group: one.Group, Mode: mode}
	if mode == ModeGate && one.ActionOnly != "" {
		played.Skipped = one.ActionOnly
		return played
	}
	ended, differences, err := play(ctx, one, mode, subject, temporary)
	if err != nil {
		differences = append(differences, err.Error())
	}
	if played.Differences = differences; len(differences) > 0 {
		played.Log = ended.Stdout + ended.Stderr
	}
	return played
}

func play(ctx context.Context, one Case, mode Mode, subject Subject, temporary string) (ended Ended, differences []string, err error) {
	folder, err := os.MkdirTemp(temporary, "conformance")
	if err != nil {
		return ended, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	made, err := begin(one, mode, folder)
	if err != nil {
		return ended, nil, fmt.Errorf("set the case up: %w", err)
	}
	defer made.where.Close()
	call, err := made.call()
	if err != nil {
		return ended, nil, fmt.Errorf("set the case up: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	if ended, err = subject(ctx, call); err != nil {
		return ended, nil, err
	}
	found, err := made.look(ended)
	if err != nil {
		return ended, nil, err
	}
	return ended, made.judge(found), nil
}
