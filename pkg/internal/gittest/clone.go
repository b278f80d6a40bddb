package gittest

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // it is what a pack ends with
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gitobject"
)

// Need skips a test, saying so, when a program is not installed. In CI it has
// to be.
func Need(tb testing.TB, programs ...string) {
	tb.Helper()
	for _, each := range programs {
		if _, err := exec.LookPath(each); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" { //nolint:forbidigo // a test may know where it runs
			tb.Fatalf("%s is not installed", each)
		}
		tb.Skipf("NOT TESTED: %s is not installed", each)
	}
}

// Clone is a bare repository.
type Clone struct {
	Folder string
	env    []string
}

// New makes an empty one. The variables are added to git's environment.
func New(tb testing.TB, env ...string) Clone {
	tb.Helper()
	Need(tb, "git")
	made := Clone{Folder: filepath.Join(tb.TempDir(), "shop.git"), env: append([]string{
		"PATH=" + os.Getenv("PATH"), //nolint:forbidigo // git has to find gpg and ssh-keygen
		"HOME=/dev/null", "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
	}, env...)}
	made.Git(tb, "init", "--quiet", "--bare", "--initial-branch=main", made.Folder)
	return made
}

// Git runs git in the clone and returns what it writes.
func (c Clone) Git(tb testing.TB, args ...string) string {
	tb.Helper()
	command := c.Command(tb, args...)
	var said bytes.Buffer
	command.Stderr = &said
	output, err := command.Output()
	if err != nil {
		tb.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, &said)
	}
	return string(output)
}

// Command prepares git in the clone.
func (c Clone) Command(tb testing.TB, args ...string) *exec.Cmd {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), "git", args...) //nolint:gosec // tests write the arguments
	if _, err := os.Stat(c.Folder); err == nil {
		command.Dir = c.Folder
	}
	command.Env = c.env
	return command
}

// Point makes a reference.
func (c Clone) Point(tb testing.TB, reference, id string) {
	tb.Helper()
	c.Git(tb, "update-ref", reference, id)
}

// Store stores objects in a pack, and returns the id of the last one.
func (c Clone) Store(tb testing.TB, objects ...Object) string {
	tb.Helper()
	last := ""
	c.StoreAll(tb, len(objects), func(yield func(Object) bool) {
		for _, each := range objects {
			last = each.ID(tb)
			if !yield(each) {
				return
			}
		}
	})
	return last
}

// StoreAll stores so many objects in a pack, without holding them.
func (c Clone) StoreAll(tb testing.TB, count int, objects iter.Seq[Object]) {
	tb.Helper()
	command := c.Command(tb, "index-pack", "--stdin")
	input, err := command.StdinPipe()
	if err == nil {
		err = command.Start()
	}
	if err == nil {
		err = writePack(input, count, objects)
	}
	if err == nil {
		err = command.Wait()
	}
	if err != nil {
		tb.Fatalf("store objects: %v", err)
	}
}

// writePack writes a pack without deltas (gitformat-pack).
func writePack(out io.WriteCloser, count int, objects iter.Seq[Object]) error {
	defer out.Close() //nolint:errcheck // whoever reads it says so
	sum := sha1.New() //nolint:gosec // it is what a pack ends with
	pack := bufio.NewWriter(io.MultiWriter(out, sum))
	fmt.Fprintf(pack, "PACK%s", binary.BigEndian.AppendUint32([]byte{0, 0, 0, 2}, uint32(count))) //nolint:errcheck,gosec // Flush says it again; tests have few
	packer := zlib.NewWriter(pack)
	for each := range objects {
		pack.Write(packHead(each)) //nolint:errcheck // Flush says it again
		packer.Reset(pack)
		if _, err := io.WriteString(packer, each.Body); err != nil {
			return err
		}
		if err := packer.Close(); err != nil {
			return err
		}
	}
	if err := pack.Flush(); err != nil {
		return err
	}
	_, err := out.Write(sum.Sum(nil))
	return err
}

// packHead is the type and the length of an object: four bits, then seven at a
// time.
func packHead(object Object) []byte {
	kind := byte(1)
	if object.Type == gitobject.TagType {
		kind = 4
	}
	size := len(object.Body)
	head := []byte{kind<<4 | byte(size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		head[len(head)-1] |= 0x80
		head = append(head, byte(size&127))
	}
	return head
}
