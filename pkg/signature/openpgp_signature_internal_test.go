package signature

import (
	"strings"
	"testing"
)

// Whoever writes a signature must not choose how much memory it takes to read it.
func TestASignatureThatClaimsMoreThanItHas(t *testing.T) {
	t.Parallel()
	header := "\x06\x00\x1b\x08"
	for name, content := range map[string]string{
		"in what is hashed":       header + "\xff\xff\xff\xff" + "abc",
		"by one byte":             header + "\x00\x00\x00\x04" + "abc",
		"in what is not hashed":   header + "\x00\x00\x00\x01a" + "\xff\xff\xff\xf0" + "abc",
		"in an empty second part": header + "\x00\x00\x00\x00" + "\x00\x00\x00\x01",
	} {
		if _, err := parseSignature([]byte(content)); err == nil || !strings.Contains(err.Error(), "claims to be longer") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, content := range map[string]string{
		"nothing":                       "",
		"a version alone":               "\x06",
		"of version 4, which is short":  "\x04\x00\x1b\x08\xff\xff\xff\xff",
		"too short for a length":        header + "\x00\x00",
		"exactly as long as it says":    header + "\x00\x00\x00\x01a\x00\x00\x00\x01b",
		"with the rest of a signature":  header + "\x00\x00\x00\x01a\x00\x00\x00\x01b" + "\x00\x00\x10",
		"without anything that is said": header + "\x00\x00\x00\x00\x00\x00\x00\x00",
	} {
		if claimsTooMuch([]byte(content)) {
			t.Errorf("%s: it is said to claim too much", name)
		}
	}
}
