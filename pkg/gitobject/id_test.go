package gitobject_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gitobject"
)

// shattered are the first 320 bytes of https://shattered.io/static/shattered-1.pdf,
// which hold the collision.
const shattered = `JVBERi0xLjMKJeLjz9MKCgoxIDAgb2JqCjw8L1dpZHRoIDIgMCBSL0hlaWdodCAzIDAgUi9UeXBlIDQgMCBSL1N1YnR5cGUgNSAw
IFIvRmlsdGVyIDYgMCBSL0NvbG9yU3BhY2UgNyAwIFIvTGVuZ3RoIDggMCBSL0JpdHNQZXJDb21wb25lbnQgOD4+CnN0cmVhbQr/
2P/+ACRTSEEtMSBpcyBkZWFkISEhISGFL+wJIzl1nDmxocY8TJfh//4Bc0bckWa2fhGPApq2IbJWD/nKZ8yox/hbqEx5AwwrPeIY
+G2zqQkB1d9FwU8m/t+z3DjpasIv571yjw5FvOBG0jxXD+sUE5i7VS71oKgr4zH+pIA3uLXXHw4zLt+TrDUA603cDezBqGR5DHgs
diFWYN0wl5HQa9CvP5jNpLxGKbE=`

func TestC20BytesThatCollideHaveNoID(t *testing.T) {
	t.Parallel()
	bytes, err := base64.StdEncoding.DecodeString(shattered)
	if err != nil {
		t.Fatal(err)
	}
	_, err = gitobject.SumSHA1(bytes[:100], bytes[100:])
	wantUnfit(t, err, gitobject.Collision)
	bytes[200] ^= 1
	if _, err = gitobject.SumSHA1(bytes); err != nil {
		t.Errorf("one bit beside the collision: %v", err)
	}
}

func TestIDsOfNothing(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]gitobject.Reason{
		"":                            gitobject.BadID,
		"HEAD":                        gitobject.BadID,
		strings.Repeat("A", 40):       gitobject.BadID,
		strings.Repeat("g", 40):       gitobject.BadID,
		strings.Repeat("1", 39):       gitobject.BadID,
		strings.Repeat("1", 65):       gitobject.BadID,
		strings.Repeat("1", 63) + "/": gitobject.BadID,
		strings.Repeat("1", 38) + "é": gitobject.BadID,
	} {
		_, err := gitobject.FormatOf(name)
		wantUnfit(t, err, want)
	}
	_, err := gitobject.ID("blob", gitobject.SHA1, nil)
	wantUnfit(t, err, gitobject.BadType)
	_, err = gitobject.ID(gitobject.CommitType, "md5", nil)
	wantUnfit(t, err, gitobject.BadID)
	_, err = gitobject.ID(gitobject.CommitType, gitobject.SHA1, make([]byte, gitobject.MaxSize+1))
	wantUnfit(t, err, gitobject.TooLarge)
}

func TestFormatOfAnID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]gitobject.Format{
		strings.Repeat("0a", 20): gitobject.SHA1,
		strings.Repeat("f9", 32): gitobject.SHA256,
	} {
		if got, err := gitobject.FormatOf(id); got != want || err != nil {
			t.Errorf("%s: got %q, %v", id, got, err)
		}
	}
}
