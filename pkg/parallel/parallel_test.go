package parallel_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stageward/stageward/pkg/parallel"
)

// panicOf returns what the work panicked with, or nil.
func panicOf(work func()) (cause any) {
	defer func() { cause = recover() }()
	work()
	return nil
}

// fails returns a job that panics.
func fails(cause any) func() {
	return func() { panic(cause) } //nolint:forbidigo // that is what is tested
}

// On a goroutine of its own a panic would end the program, and this test with it.
func TestAPanicOfAJobIsOneOfTheCaller(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, limit := range []int{0, 1, 2, 9} {
		var ended atomic.Int32
		good := func() { ended.Add(1) }
		cause := panicOf(func() {
			parallel.Do(limit, []func(){good, fails(broken), good, good})
		})
		if cause != broken { //nolint:errorlint // the very value
			t.Errorf("limit %d: the panic is %v, want that of the job", limit, cause)
		}
		if ended.Load() != 3 {
			t.Errorf("limit %d: %d of 3 other jobs ended", limit, ended.Load())
		}
	}
	if cause := panicOf(func() { parallel.Do(0, []func(){fails(1), fails(1)}) }); cause != 1 {
		t.Errorf("two panics are %v", cause)
	}
}

func TestDoReturnsAfterTheLastJob(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		limit int
		want  time.Duration
	}{{0, 3 * time.Second}, {-1, 3 * time.Second}, {1, 6 * time.Second}, {2, 4 * time.Second}, {3, 3 * time.Second}, {99, 3 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now() //nolint:forbidigo // of the simulation
			var jobs []func()
			for _, length := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second} {
				jobs = append(jobs, func() { time.Sleep(length) })
			}
			parallel.Do(row.limit, jobs)
			if took := time.Since(begun); took != row.want { //nolint:forbidigo // of the simulation
				t.Errorf("limit %d: it took %s, want %s", row.limit, took, row.want)
			}
		})
	}
	parallel.Do(0, nil)
	parallel.Do(5, nil)
}

func TestEveryJobRunsOnce(t *testing.T) {
	t.Parallel()
	runs := make([]int, 100)
	jobs := make([]func(), len(runs))
	for i := range jobs {
		jobs[i] = func() { runs[i]++ }
	}
	parallel.Do(7, jobs)
	if slices.ContainsFunc(runs, func(each int) bool { return each != 1 }) {
		t.Errorf("the jobs ran %v times", runs)
	}
}
