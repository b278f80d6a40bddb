package history

import "sync"

const (
	// ahead is how many objects per worker may wait, or have a verdict that
	// waits for an earlier one.
	ahead = 16
	// maxWaiting is how many bytes of objects may wait. Without it, objects of
	// the largest size would take a GiB on a machine with 64 cores.
	maxWaiting = 32 << 20
)

// Commits judges a stream of commits. read calls give with each of them, and
// take gets the verdicts in the same order, while read goes on. Both run on
// the goroutine of the caller; only the checks run on others, as many as
// workers (at least one).
//
// What was given before read failed is still judged and taken, so that the
// same history always shows the same. The error is that of read, which should
// return what give returned, or that of take, after which nothing is taken.
func (c Checker) Commits(workers int, read func(give func(Object) error) error, take func(Verdict) error) error {
	workers = max(workers, 1)
	line := &line{take: take, most: workers * ahead, work: make(chan *task, workers*ahead)}
	var running sync.WaitGroup
	defer running.Wait()
	defer close(line.work)
	for range workers {
		running.Go(func() {
			for each := range line.work {
				each.verdict <- c.Commit(each.object)
			}
		})
	}
	if err := read(line.give); err != nil {
		line.settle(0) //nolint:errcheck // the first error is the cause
		return err
	}
	return line.settle(0)
}

// task is an object and the place for its verdict.
type task struct {
	object  Object
	verdict chan Verdict
}

// line is what was given and not yet taken, oldest first.
type line struct {
	take    func(Verdict) error
	most    int
	work    chan *task
	waiting []*task
	bytes   int
	failed  error
}

// give puts an object at the end. It waits for the oldest verdicts only when
// too much waits for it.
func (l *line) give(object Object) error {
	if l.failed != nil {
		return l.failed
	}
	next := &task{object: object, verdict: make(chan Verdict, 1)}
	l.waiting = append(l.waiting, next)
	l.bytes += len(object.Body)
	l.work <- next // there is room: no more than most wait at a time
	return l.settle(l.most - 1)
}

// settle takes verdicts from the front: those that are there, and so many more
// that at most this many objects still wait.
func (l *line) settle(most int) error {
	for l.failed == nil && len(l.waiting) > 0 {
		oldest := l.waiting[0]
		var verdict Verdict
		if len(l.waiting) > most || l.bytes > maxWaiting {
			verdict = <-oldest.verdict
		} else {
			select {
			case verdict = <-oldest.verdict:
			default:
				return nil
			}
		}
		l.waiting[0] = nil
		l.waiting = l.waiting[1:]
		l.bytes -= len(oldest.object.Body)
		l.failed = l.take(verdict)
	}
	return l.failed
}
