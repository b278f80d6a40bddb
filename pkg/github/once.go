package github

import (
	"errors"
	"sync"

	"github.com/stageward/stageward/pkg/fact"
)

// once keeps answers by what was asked, errors included, so that questions about
// several jobs of one workflow are put to GitHub once. Who asks while another is
// asking waits for that answer. Whatever is kept is shared: nobody may change it. The
// zero value is empty.
type once struct {
	lock sync.Mutex
	kept map[string]*keptAnswer
}

type keptAnswer struct {
	done  chan struct{} // closed when value and err are there
	value any
	err   error
}

var errNoAnswer = errors.New("the same question was given up before it was answered")

// ask returns what was answered before, or asks.
func (o *once) ask(question string, put func() (any, error)) (any, error) {
	o.lock.Lock()
	known := o.kept[question]
	if known != nil {
		o.lock.Unlock()
		<-known.done
		return known.value, ownError(known.err)
	}
	if o.kept == nil {
		o.kept = map[string]*keptAnswer{}
	}
	asking := &keptAnswer{done: make(chan struct{}), err: errNoAnswer}
	o.kept[question] = asking
	o.lock.Unlock()
	defer close(asking.done) // also where put panics: who waits must not wait for ever
	asking.value, asking.err = put()
	return asking.value, ownError(asking.err)
}

// ownError returns a copy of a reason why something is missing: callers add to it.
func ownError(err error) error {
	if missing, ok := err.(*fact.Missing); ok { //nolint:errorlint // one inside another error is not added to
		copied := *missing
		return &copied
	}
	return err
}
