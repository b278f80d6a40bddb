package actions_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/actions"
)

// newFile returns the path of an empty file, as the runner makes it.
func newFile(tb testing.TB, content string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func readBack(tb testing.TB, path string) string {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func outputFile(path string, random io.Reader) actions.OutputFile {
	return actions.NewOutputFile(vars{"GITHUB_OUTPUT": path}.env, random)
}

// The delimiters that a source of zeros, and one of ones, gives.
var (
	zeros        = strings.Repeat("\x00", 16)
	ones         = strings.Repeat("\x01", 16)
	zerosInFile  = "stageward_" + strings.Repeat("00", 16)
	onesInFile   = "stageward_" + strings.Repeat("01", 16)
	allowOutputs = []actions.Output{{Name: "decision", Value: "allow"}, {Name: "allowed", Value: "true"}}
)

func TestOutputsThatCannotBeWrittenAreAnError(t *testing.T) {
	t.Parallel()
	readOnly := newFile(t, "")
	if err := os.Chmod(readOnly, 0o400); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, path string
		want       error
	}{
		{"unset", "", nil},
		{"a directory", t.TempDir(), syscall.EISDIR},
		{"a file that the runner did not make", filepath.Join(t.TempDir(), "gone"), os.ErrNotExist},
		{"a folder that does not exist", filepath.Join(t.TempDir(), "gone", "file"), os.ErrNotExist},
		{"a full disk", "/dev/full", syscall.ENOSPC},
		{"a device that keeps nothing", "/dev/null", syscall.EINVAL}, // of sync
		{"a read-only file", readOnly, os.ErrPermission},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.path == readOnly && os.Geteuid() == 0 {
				t.Skip("root may write everywhere")
			}
			err := outputFile(test.path, rand.Reader).Write(allowOutputs)
			var refusal *actions.Error
			if !errors.As(err, &refusal) || refusal.Code != actions.OutputFailed || refusal.Fix == "" {
				t.Fatalf("Write returns %#v, want an *actions.Error with the code %s and a fix", err, actions.OutputFailed)
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("Write returns %v, want %v", err, test.want)
			}
		})
	}
}

func TestOutputsThatCannotBeToldApartAreAnError(t *testing.T) {
	t.Parallel()
	fixed := bytes.NewReader([]byte(strings.Repeat(zeros, 8)))
	for _, test := range []struct {
		name    string
		outputs []actions.Output
		random  io.Reader
		want    string
	}{
		{"a name with a delimiter", []actions.Output{{Name: "a<<b"}}, rand.Reader, "not the name of an output"},
		{"a name with a line break", []actions.Output{{Name: "a\nallowed=true"}}, rand.Reader, "not the name of an output"},
		{"a name with a line break at its end", []actions.Output{{Name: "a\n"}}, rand.Reader, "not the name of an output"},
		{"a name that begins with a digit", []actions.Output{{Name: "1a"}}, rand.Reader, "not the name of an output"},
		{"no name", []actions.Output{{Value: "x"}}, rand.Reader, "not the name of an output"},
		{"one name twice", []actions.Output{{Name: "allowed", Value: "false"}, {Name: "Allowed", Value: "true"}}, rand.Reader, "given twice"},
		{"a NUL", []actions.Output{{Name: "a", Value: "x\x00y"}}, rand.Reader, "NUL"},
		{"bytes that are not UTF-8", []actions.Output{{Name: "a", Value: "\xff"}}, rand.Reader, "UTF-8"},
		{"a value that holds every delimiter", []actions.Output{{Name: "a", Value: zerosInFile}}, fixed, "every delimiter"},
		{"no randomness", []actions.Output{{Name: "a"}}, iotest.ErrReader(errors.New("no entropy")), "no entropy"},
		{"too little randomness", []actions.Output{{Name: "a"}}, strings.NewReader(zeros[1:]), "unexpected EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := newFile(t, "")
			outputs := append(test.outputs, allowOutputs...)
			if test.name == "one name twice" {
				outputs = test.outputs
			}
			err := outputFile(path, test.random).Write(outputs)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Write returns %v, want an error about %q", err, test.want)
			}
			if got := readBack(t, path); got != "" {
				t.Errorf("file holds %q after an error", got)
			}
		})
	}
}

func TestOutputsKeepTheirOrderAndTheFile(t *testing.T) {
	t.Parallel()
	path := newFile(t, "earlier=1\n")
	outputs := []actions.Output{{Name: "result", Value: "{\n}\n"}, {Name: "stage"}}
	if err := outputFile(path, strings.NewReader(zeros+ones)).Write(outputs); err != nil {
		t.Fatal(err)
	}
	want := "earlier=1\n\n" +
		"result<<" + zerosInFile + "\n{\n}\n\n" + zerosInFile + "\n" +
		"stage<<" + onesInFile + "\n\n" + onesInFile + "\n"
	if diff := cmp.Diff(want, readBack(t, path)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

func TestAValueWithTheDelimiterGetsAnother(t *testing.T) {
	t.Parallel()
	path := newFile(t, "")
	forged := "x\n" + zerosInFile + "\nallowed=true\nrest<<" + zerosInFile
	outputs := []actions.Output{{Name: "reason", Value: forged}, {Name: "allowed", Value: "false"}}
	if err := outputFile(path, strings.NewReader(zeros+ones+zeros)).Write(outputs); err != nil {
		t.Fatal(err)
	}
	got, err := runnerOutputs(readBack(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"reason": forged, "allowed": "false"}, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}

// The runner reads back what was written, whatever it is.
func FuzzOutput(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, []byte(zeros))
	}
	f.Add("x\n"+zerosInFile+"\nallowed=true\nrest<<"+zerosInFile, []byte(zeros))
	f.Add("\n\n", []byte(nil))
	f.Add("a=b\r\n", []byte(ones))
	f.Fuzz(func(t *testing.T, value string, seed []byte) {
		outputs := append([]actions.Output{{Name: "stage", Value: value}, {Name: "ref-name", Value: "\n" + value + "\n"}}, allowOutputs...)
		path := newFile(t, "")
		err := outputFile(path, io.MultiReader(bytes.NewReader(seed), rand.Reader)).Write(outputs)
		if err != nil {
			if utf8.ValidString(value) && !strings.Contains(value, "\x00") {
				t.Errorf("Write returns %v", err)
			}
			return
		}
		got, err := runnerOutputs(readBack(t, path))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for _, output := range outputs {
			want[output.Name] = output.Value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
	})
}
