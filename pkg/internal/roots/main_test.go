package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"
)

// An image that trusts nobody could ask nothing; one that trusts too many would
// believe a stranger's GitHub.
func TestTheAuthoritiesAreWhole(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	if err := roots(&text); err != nil {
		t.Fatal(err)
	}
	count := 0
	for block, rest := pem.Decode(text.Bytes()); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil || !certificate.IsCA {
			t.Errorf("no authority: %v", err)
		}
		count++
	}
	if count < 100 || count > 200 {
		t.Errorf("%d authorities, want about as many as browsers have", count)
	}
}

func TestAuthoritiesThatCannotBeWrittenAreAnError(t *testing.T) {
	t.Parallel()
	if roots(full{}) == nil {
		t.Error("nothing was written, and that is fine")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
