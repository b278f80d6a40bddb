package cli

import (
	"bytes"
	"os"
	"testing"
	"time"
)

func TestProgressIsSilentWithoutATerminal(t *testing.T) {
	t.Parallel()
	file, err := os.Open(os.DevNull) // a device, and no terminal
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out bytes.Buffer
	for name, system := range map[string]System{
		"a buffer": {Stderr: &out, Stdout: &out},
		"a device": {Stderr: file, Stdout: &out},
	} {
		made := newProgress(system)
		if made != nil {
			t.Errorf("%s is taken for a terminal", name)
		}
		made.tell(1)
		made.end()
	}
	if out.Len() > 0 {
		t.Errorf("wrote %q", &out)
	}
}

func TestProgressTellsNowAndThen(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC)
	now := begun
	var out bytes.Buffer
	shown := &progress{out: &out, now: func() time.Time { return now }, begun: begun, last: begun}
	for count := range 1001 {
		now = begun.Add(time.Duration(count) * time.Millisecond / 2)
		shown.tell(count)
	}
	shown.end()
	const want = "\r\x1b[K400 checked, 2000 per second\r\x1b[K800 checked, 2000 per second\r\x1b[K"
	if out.String() != want {
		t.Errorf("wrote %q, want %q", &out, want)
	}
}
