package actions_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
)

func TestLogWritesWhatTheRunnerExpects(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := actions.NewLog(&out)
	log.Mask(actions.Secret(token))
	log.Group("Gates: 100% ::x")
	log.Text("Deny\n\n  ::error::a\n  b ##[c]d\n")
	log.Text("")
	log.EndGroup()
	log.Error("a,b: 100%", "line 1\n::line 2\r\nline 3 %0A\n")
	log.Warning("", "w")
	log.Notice("t", "")
	want := "::add-mask::" + token + "\n" +
		"::group::Gates: 100%25 ::x\n" +
		"| Deny\n|\n|   \\u{3a}:error::a\n|   b ##\\u{5b}c]d\n" +
		"|\n" +
		"::endgroup::\n" +
		"::error title=a%2Cb%3A 100%25::line 1%0A\\u{3a}:line 2\\u{d}%0Aline 3 %250A\n" +
		"::warning::w\n" +
		"::notice title=t::\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if log.Err() != nil {
		t.Errorf("Err returns %v", log.Err())
	}
}

func TestLogDoesNotMaskTheEmptyToken(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	actions.NewLog(&out).Mask("")
	actions.NewLog(&out).Mask(" \n")
	if out.Len() > 0 {
		t.Errorf("log is %q; the runner calls an empty mask an error", out.String())
	}
}

func TestLogKeepsToTheLimitsOfAnnotations(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := actions.NewLog(&out)
	for i := range 12 {
		log.Error("e", fmt.Sprint("error ", i))
		log.Warning("w", fmt.Sprint("warning ", i))
		log.Notice("n", fmt.Sprint("notice ", i))
	}
	count := map[string]int{}
	for _, found := range runnerCommands(out.String()) {
		count[found.Name]++
	}
	if diff := cmp.Diff(map[string]int{"error": 10, "warning": 10, "notice": 10}, count); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	for _, line := range []string{"| error: e: error 10\n", "| error: e: error 11\n", "| warning: w: warning 10\n", "| notice: n: notice 11\n"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("log does not hold %q, which the runner would have dropped", line)
		}
	}
}

func TestLogCutsLongAnnotations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       int
		cut        bool
	}{
		{"just fits", strings.Repeat("x", 4096), 4096, false},
		{"one too long", strings.Repeat("x", 4097), 4096, true},
		{"fits in characters that take two units", strings.Repeat("\U0001f600", 2048), 4096, false},
		{"too long in characters that take two units", "x" + strings.Repeat("\U0001f600", 2048), 4095, true},
		{"too long once it is inert", strings.Repeat("\x1b", 1000), 4096, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			actions.NewLog(&out).Error(test.text, test.text)
			found := runnerCommands(out.String())
			if len(found) != 1 {
				t.Fatalf("commands are %q", found)
			}
			if got := len(utf16.Encode([]rune(found[0].Data))); got != test.want {
				t.Errorf("message has %d units, want %d", got, test.want)
			}
			if strings.HasSuffix(found[0].Data, " ...") != test.cut {
				t.Errorf("message ends with %q", found[0].Data[len(found[0].Data)-8:])
			}
			if got := len(utf16.Encode([]rune(found[0].Title))); got > 255 {
				t.Errorf("title has %d units", got)
			}
		})
	}
}

// broken is a standard output that was closed after some writes.
type broken struct {
	left, asked int
}

func (b *broken) Write(data []byte) (int, error) {
	b.asked++
	if b.left--; b.left < 0 {
		return 0, errors.New("broken pipe")
	}
	return len(data), nil
}

func TestLogOutlivesItsReader(t *testing.T) {
	t.Parallel()
	out := &broken{left: 1}
	log := actions.NewLog(out)
	log.Mask(actions.Secret(token))
	log.Group("a")
	log.Text("b\nc")
	log.EndGroup()
	log.Error("d", "e")
	if err := log.Err(); err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("Err returns %v, want the first error", err)
	}
	if out.asked != 2 {
		t.Errorf("the broken output was written to %d times, want no more after the first error", out.asked)
	}
}

// short is an output that takes less than it is given.
type short struct{}

func (short) Write(data []byte) (int, error) { return len(data) / 2, nil }

func TestLogNoticesThatAnOutputTakesLess(t *testing.T) {
	t.Parallel()
	log := actions.NewLog(short{})
	log.Text("a")
	if log.Err() == nil {
		t.Error("Err returns nil")
	}
}

// For any text, the runner sees our commands and no others, and they say what
// they were given.
func FuzzLog(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, title, text string) {
		var out bytes.Buffer
		log := actions.NewLog(&out)
		log.Mask(actions.Secret("x" + text)) // a token can be anything until it is read
		log.Text(text)
		log.Group(title)
		log.Text(title + text)
		log.EndGroup()
		for range 11 {
			log.Error(title, text)
		}
		log.Warning("w", text)
		log.Notice("", text)
		var names []string
		for _, found := range runnerCommands(out.String()) {
			names = append(names, found.Name)
			if want := actions.Inert(title); found.Name == "group" && found.Data != want {
				t.Errorf("group is called %q, want %q", found.Data, want)
			}
			if found.Name == "warning" && (found.Title != "w" || len(utf16.Encode([]rune(found.Data))) > 4096) {
				t.Errorf("warning is %q", found)
			}
			for line := range strings.SplitSeq(found.Data, "\n") {
				if found.Name == "add-mask" {
					continue // not printed, and the text as it is
				}
				if inner := runnerCommands(line); inner != nil {
					t.Errorf("line %q of %s holds %q", line, found.Name, inner)
				}
			}
		}
		want := "add-mask group endgroup" + strings.Repeat(" error", 10) + " warning notice"
		if got := strings.Join(names, " "); got != want {
			t.Errorf("commands are %q, want %q", got, want)
		}
		for line := range strings.Lines(out.String()) {
			if !strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "::") {
				t.Errorf("line %q has no prefix", line)
			}
		}
	})
}
