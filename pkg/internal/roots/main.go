// Roots prints, as PEM, the authorities that the image trusts for TLS.
//
// They come from a module, that is, from go.sum, and not from whichever machine
// builds the image: the same source gives the same image everywhere, and an
// update of them is a change that is reviewed.
package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"os"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

func main() {
	if err := roots(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "print roots:", err)
		os.Exit(1) //nolint:forbidigo // a command of its own
	}
}

// roots writes the certificates in the order of the bundle. Mozilla trusts a
// few of them for some certificates only; a file of PEM cannot say that, so they
// are left out.
func roots(out io.Writer) error {
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		if err := pem.Encode(out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return err
		}
	}
	return nil
}
