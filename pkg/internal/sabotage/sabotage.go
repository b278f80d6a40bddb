package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// outcome is what became of one patch.
type outcome struct {
	// caught names, for each catcher, the test that failed; "" where none did.
	caught []string
	// err is set where it could not be tried.
	err error
}

// workshop is where patches are tried.
type workshop struct {
	tree

	folder string // for what is built
	lock   sync.Mutex
	sound  map[catcher]func() error // guarded by lock
	builds map[string]func() error  // by folder of a package; guarded by lock
}

// sabotage tries the patches, prints a line for each in their order, and returns
// errFound where one survived or could not be tried.
func sabotage(ctx context.Context, of tree, patches []patch, out io.Writer) error {
	folder, err := os.MkdirTemp("", "sabotage")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // what is left of it is in nobody's way
	shop := &workshop{tree: of, folder: folder, sound: map[catcher]func() error{}, builds: map[string]func() error{}}
	done := make([]chan outcome, len(patches))
	next := make(chan int, len(patches))
	for i := range patches {
		done[i] = make(chan outcome, 1)
		next <- i
	}
	close(next)
	var workers sync.WaitGroup
	defer workers.Wait() // before the folder goes, also where the run is interrupted
	for range atOnce() {
		workers.Go(func() {
			for i := range next {
				done[i] <- shop.try(ctx, patches[i])
			}
		})
	}
	caught, survived, broken := 0, 0, 0
	for i, each := range patches {
		came := <-done[i]
		if ctx.Err() != nil {
			return ctx.Err()
		}
		line, ok := describe(each, came)
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
		switch {
		case came.err != nil:
			broken++
		case ok:
			caught++
		default:
			survived++
		}
	}
	if _, err := fmt.Fprintf(out, "%d caught, %d survived, %d could not be tried\n", caught, survived, broken); err != nil {
		return err
	}
	if survived+broken > 0 {
		return errFound
	}
	return nil
}

// describe says in a line what became of a patch, and whether it was caught by all
// that have to.
func describe(each patch, came outcome) (line string, caught bool) {
	if came.err != nil {
		return fmt.Sprintf("ERROR    %s: %v", each.name, came.err), false
	}
	var by []string
	for i, name := range came.caught {
		if name == "" {
			return fmt.Sprintf("SURVIVED %s: %s passes, although: %s", each.name, each.catchers[i], each.gain), false
		}
		by = append(by, each.catchers[i].folder+" "+name)
	}
	return fmt.Sprintf("caught   %s: by %s", each.name, strings.Join(by, ", ")), true
}

// try proves that the tests pass, breaks the program, and runs them again.
func (w *workshop) try(ctx context.Context, broken patch) (came outcome) {
	folder := filepath.Join(w.folder, broken.name)
	if came.err = os.MkdirAll(folder, 0o700); came.err != nil {
		return came
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the whole workshop is removed at the end
	overlay, err := w.overlay(ctx, broken, folder)
	if err != nil {
		return outcome{err: err}
	}
	built := map[string]bool{}
	for _, each := range broken.catchers {
		if err := w.pass(ctx, each); err != nil {
			return outcome{err: err}
		}
		program := filepath.Join(folder, programName(each.folder))
		if !built[each.folder] {
			if err := w.build(ctx, overlay, each.folder, program); err != nil {
				return outcome{err: err}
			}
			built[each.folder] = true
		}
		name, err := w.test(ctx, program, each)
		if err != nil {
			return outcome{err: err}
		}
		came.caught = append(came.caught, name)
	}
	return came
}

// pass proves that the tests pass where nothing is broken. Whether they do is found
// out once.
func (w *workshop) pass(ctx context.Context, which catcher) error {
	program := filepath.Join(w.folder, programName(which.folder))
	w.lock.Lock()
	build, known := w.builds[which.folder]
	if !known {
		build = sync.OnceValue(func() error { return w.build(ctx, "", which.folder, program) })
		w.builds[which.folder] = build
	}
	sound, known := w.sound[which]
	if !known {
		sound = sync.OnceValue(func() error {
			if err := build(); err != nil {
				return err
			}
			name, err := w.test(ctx, program, which)
			if err == nil && name != "" {
				err = fmt.Errorf("%s fails before anything is broken", name)
			}
			return err
		})
		w.sound[which] = sound
	}
	w.lock.Unlock()
	return sound()
}

func programName(folder string) string { return strings.ReplaceAll(folder, "/", "-") + ".test" }
