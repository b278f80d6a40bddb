package gitobject

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/pjbgf/sha1cd"
)

// Format is the object format of a repository: the hash that makes its ids.
type Format string

// The formats (gitformat-hash-function-transition).
const (
	SHA1   Format = "sha1"
	SHA256 Format = "sha256"
)

// FormatOf tells the format by an id: 40 or 64 lower-case hexadecimal digits.
// Everything else is BadID.
func FormatOf(id string) (Format, error) {
	for _, format := range []Format{SHA1, SHA256} {
		if len(id) == format.digits() {
			return format, checkID(id, format)
		}
	}
	return "", unfit(BadID, "%s has neither 40 nor 64 digits", quoted(id))
}

// digits is the length of an id. An unknown format has none, so that no id is
// right in it.
func (f Format) digits() int {
	switch f {
	case SHA1:
		return 2 * sha1cd.Size
	case SHA256:
		return 2 * sha256.Size
	}
	return -1
}

// signatureHeader is the header of a commit that holds the signature over its
// payload in this format (gitformat-signature).
func (f Format) signatureHeader() string {
	if f == SHA256 {
		return "gpgsig-sha256"
	}
	return "gpgsig"
}

func checkID(id string, format Format) error {
	if len(id) != format.digits() {
		return unfit(BadID, "%s is no id of format %s", quoted(id), quoted(string(format)))
	}
	for _, digit := range []byte(id) {
		if (digit < '0' || digit > '9') && (digit < 'a' || digit > 'f') {
			return unfit(BadID, "%s is not all lower-case hexadecimal digits", quoted(id))
		}
	}
	return nil
}

// ID returns the id that git gives to an object: the hash over its type, its
// length and its bytes. Bytes that were made to collide in SHA-1 have an id
// that says nothing, so they are a Collision (https://shattered.io).
func ID(kind Type, format Format, body []byte) (string, error) {
	if len(body) > MaxSize {
		return "", tooLarge(len(body))
	}
	if kind != CommitType && kind != TagType {
		return "", unfit(BadType, "%s is neither commit nor tag", quoted(string(kind)))
	}
	head := fmt.Appendf(nil, "%s %d\x00", kind, len(body))
	switch format {
	case SHA1:
		return sumSHA1(head, body)
	case SHA256:
		sum := sha256.Sum256(append(head, body...))
		return hex.EncodeToString(sum[:]), nil
	}
	return "", unfit(BadID, "no ids are known of format %s", quoted(string(format)))
}

// sumSHA1 hashes the pieces one after the other.
func sumSHA1(pieces ...[]byte) (string, error) {
	hash, detects := sha1cd.New().(sha1cd.CollisionResistantHash)
	if !detects {
		return "", unfit(Collision, "this build cannot tell whether the bytes collide in SHA-1")
	}
	for _, each := range pieces {
		hash.Write(each)
	}
	sum, collides := hash.CollisionResistantSum(nil)
	if collides {
		return "", unfit(Collision, "the bytes were made so that others have the same SHA-1")
	}
	return hex.EncodeToString(sum), nil
}
