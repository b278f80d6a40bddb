package github

import (
	"errors"
	"sync"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

// Many ask at once, one question is put, and nobody can change what another got.
func TestAQuestionIsPutOnce(t *testing.T) {
	t.Parallel()
	var asked once
	var put int // only ever changed by the one that asks
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			value, err := asked.ask("a", func() (any, error) {
				put++
				return 7, &fact.Missing{Detail: "x"}
			})
			var missing *fact.Missing
			if value != 7 || !errors.As(err, &missing) || missing.Detail != "x" {
				t.Errorf("got %v, %v", value, err)
				return
			}
			missing.Detail += " and more" // with -race, a shared one is found
		})
	}
	group.Wait()
	if put != 1 {
		t.Errorf("it was put %d times", put)
	}
	if other, err := asked.ask("b", func() (any, error) { return 8, nil }); other != 8 || err != nil {
		t.Errorf("another question: %v, %v", other, err)
	}
}

// Who waits for an answer that never comes is told so.
func TestAQuestionThatIsGivenUp(t *testing.T) {
	t.Parallel()
	var asked once
	func() {
		defer func() { _ = recover() }()
		_, _ = asked.ask("a", func() (any, error) { panic("x") }) //nolint:forbidigo // on purpose
	}()
	if _, err := asked.ask("a", func() (any, error) { return 1, nil }); !errors.Is(err, errNoAnswer) {
		t.Errorf("got %v", err)
	}
}
