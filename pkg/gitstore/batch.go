package gitstore

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// batch is a conversation with `git cat-file --batch`: a line with a name
// goes in, a line about the object and its bytes come out, in the order of the
// questions. Source: git-cat-file(1), BATCH OUTPUT.
type batch struct {
	command *exec.Cmd
	input   io.WriteCloser
	in      *bufio.Writer
	out     *bufio.Reader
	said    *clipped
	ended   sync.Once
	failed  error // why the conversation is over, or nil
}

// status says what came instead of an object.
type status int

const (
	found     status = iota + 1
	missing          // there is none of that name
	ambiguous        // a short id of several objects
)

// header is the line before an object. id, kind and size are set when it was
// found.
type header struct {
	status   status
	id, kind string
	size     int64
}

func newBatch(ctx context.Context, git program) (*batch, error) {
	command := git.command(ctx, "cat-file", "--batch")
	b := &batch{command: command, said: &clipped{}}
	command.Stderr = b.said
	input, err := command.StdinPipe()
	if err != nil {
		return nil, broken(ctx, "start git cat-file", err, "")
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, broken(ctx, "start git cat-file", err, "")
	}
	if err := command.Start(); err != nil {
		return nil, broken(ctx, "start git cat-file", err, "")
	}
	b.input, b.in, b.out = input, bufio.NewWriter(input), bufio.NewReaderSize(output, 64<<10)
	return b, nil
}

// ask puts a question, which has to be one line. It is sent when an answer is
// waited for; an error of sending shows there as well.
func (b *batch) ask(name string) {
	b.in.WriteString(name + "\n") //nolint:errcheck // Flush says it again
}

// head reads the line before the next object. Whoever gets found has to call
// body or discard.
func (b *batch) head(ctx context.Context) (header, error) {
	if b.failed != nil {
		return header{}, b.failed
	}
	// The answer may have come before git was killed.
	if err := ctx.Err(); err != nil {
		return header{}, b.fail(ctx, err)
	}
	if b.out.Buffered() == 0 {
		if err := b.in.Flush(); err != nil {
			return header{}, b.fail(ctx, err)
		}
	}
	line, err := b.out.ReadSlice('\n')
	if err != nil {
		return header{}, b.fail(ctx, err)
	}
	head, err := parseHeader(string(line[:len(line)-1]))
	if err != nil {
		return header{}, b.fail(ctx, err)
	}
	return head, nil
}

// parseHeader reads a line before an object. A name that was asked for stands
// in it as it was sent, and may not hold spaces.
func parseHeader(line string) (header, error) {
	fields := strings.Split(line, " ")
	if len(fields) == 2 && fields[1] == "missing" {
		return header{status: missing}, nil
	}
	if len(fields) == 2 && fields[1] == "ambiguous" {
		return header{status: ambiguous}, nil
	}
	if len(fields) != 3 || !isID(fields[0]) {
		return header{}, fmt.Errorf("the line %s is not understood", quoted(line))
	}
	switch fields[1] {
	case "commit", "tag", "tree", "blob":
	default:
		return header{}, fmt.Errorf("the type of object %s is not understood", quoted(line))
	}
	size, err := strconv.ParseUint(fields[2], 10, 62)
	if err != nil || len(fields[2]) > 1 && fields[2][0] == '0' {
		return header{}, fmt.Errorf("the size of object %s is not understood", quoted(line))
	}
	return header{status: found, id: fields[0], kind: fields[1], size: int64(size)}, nil
}

// body reads the bytes of an object. How many they may be is up to the caller.
func (b *batch) body(ctx context.Context, head header) ([]byte, error) {
	body := make([]byte, head.size)
	if _, err := io.ReadFull(b.out, body); err != nil {
		return nil, b.fail(ctx, err)
	}
	return body, b.newline(ctx)
}

// discard passes over the bytes of an object without holding them.
func (b *batch) discard(ctx context.Context, head header) error {
	if _, err := io.CopyN(io.Discard, b.out, head.size); err != nil {
		return b.fail(ctx, err)
	}
	return b.newline(ctx)
}

// newline reads what separates two answers. Without it the size was wrong, and
// all that follows would be read as something else.
func (b *batch) newline(ctx context.Context) error {
	next, err := b.out.ReadByte()
	if err == nil && next != '\n' {
		err = errors.New("an object does not end where git said")
	}
	if err != nil {
		return b.fail(ctx, err)
	}
	return nil
}

// fail ends the conversation, for good. What git said for people explains it
// better than the end of a pipe.
func (b *batch) fail(ctx context.Context, cause error) error {
	if b.failed == nil {
		b.end()
		b.failed = broken(ctx, "read from git cat-file", cause, b.said.String())
	}
	return b.failed
}

// kill makes git end. It may be called at any time, from anywhere.
func (b *batch) kill() {
	b.command.Process.Kill() //nolint:errcheck // it has ended already
}

// end makes git end, and waits until it has.
func (b *batch) end() {
	b.ended.Do(func() {
		b.input.Close() //nolint:errcheck // there is nothing left to send
		b.kill()
		b.command.Wait() //nolint:errcheck // it was killed
	})
}

// clipped keeps the beginning of what is written to it. It is read after git
// has ended, when nobody writes any more.
type clipped struct{ bytes.Buffer }

// Write never fails: git must not be stopped by what nobody reads.
func (c *clipped) Write(text []byte) (int, error) {
	const most = 4 << 10
	c.Buffer.Write(text[:min(len(text), most-c.Len())])
	return len(text), nil
}
