package parallel

import "sync"

// Do runs the jobs at the same time, at most so many of them, and returns when all
// have ended. With a limit of 0 or less there is none.
//
// If jobs panic, so does Do, with the value of one of them, on the goroutine of the
// caller, once the others have ended: whoever recovers there has recovered all.
func Do(limit int, jobs []func()) {
	if limit <= 0 {
		limit = len(jobs)
	}
	var (
		running sync.WaitGroup
		lock    sync.Mutex
		cause   any // of the first panic; guarded by lock
	)
	slots := make(chan struct{}, max(limit, 1))
	for _, job := range jobs {
		slots <- struct{}{}
		running.Go(func() {
			defer func() {
				if value := recover(); value != nil {
					lock.Lock()
					defer lock.Unlock()
					if cause == nil {
						cause = value
					}
				}
				<-slots
			}()
			job()
		})
	}
	running.Wait()
	if cause != nil {
		panic(cause) //nolint:forbidigo // it is the panic of a job, where it can be recovered
	}
}
