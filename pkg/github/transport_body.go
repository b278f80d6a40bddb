package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	maxBody = 16 << 20 // a page of 100 check runs with full output is 13 MiB
	// A body above smallBody is large, and so many of those are held at once: forty
	// would be more memory than a small machine has.
	smallBody = 512 << 10
	maxLarge  = 4
)

// Bodies that are not whole.
var (
	errTooBig = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)
	errShort  = errors.New("the answer ended before its declared length")
)

// wholeBody is a body that was read to its end. Whoever has it calls free once he
// is done with it.
type wholeBody struct {
	text []byte
	free func()
}

// readBody reads a body to its end, under the cap. The cap counts what comes
// out of decompression.
func (t *transport) readBody(ctx context.Context, resp *http.Response) (wholeBody, error) {
	defer resp.Body.Close() //nolint:errcheck // it has been read to its end, or is given up
	body := wholeBody{free: func() {}}
	text, err := io.ReadAll(io.LimitReader(resp.Body, smallBody))
	if err == nil && len(text) == smallBody {
		select {
		case t.large <- struct{}{}:
			body.free = sync.OnceFunc(func() { <-t.large })
		case <-ctx.Done():
			return body, ctx.Err()
		}
		text, err = io.ReadAll(io.MultiReader(bytes.NewReader(text), io.LimitReader(resp.Body, maxBody+1-smallBody)))
	}
	if err = notWhole(resp, len(text), err); err != nil {
		body.free()
		return body, err
	}
	body.text = text
	return body, nil
}

// notWhole says what is wrong with a body of which so many bytes were read.
func notWhole(resp *http.Response, size int, err error) error {
	switch {
	case size > maxBody:
		return errTooBig
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errShort
	case err == nil && resp.ContentLength >= 0 && int64(size) != resp.ContentLength:
		return errShort
	}
	return err
}

// reader returns the body for somebody who closes it.
func (b wholeBody) reader() io.ReadCloser { return closing{bytes.NewReader(b.text), b.free} }

// closing is a reader that does something when it is closed.
type closing struct {
	io.Reader
	free func()
}

func (c closing) Close() error {
	c.free()
	return nil
}

// unread is an answer whose body could not be read to its end.
func (t *transport) unread(resp *http.Response, err error) *fault {
	if errors.Is(err, errTooBig) || errors.Is(err, errShort) {
		return newFault(resp.Request, fact.Incomplete, err.Error()).of(resp)
	}
	return t.broken(resp.Request, err).of(resp)
}
