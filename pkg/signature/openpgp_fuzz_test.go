package signature_test

import (
	"bytes"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/stageward/stageward/pkg/signature"
)

// The fixed key of Alice, and her signature over one payload. They are written
// down so that what the fuzzer finds once is found again.
const (
	fuzzKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----

xjMEZZKpQBYJKwYBBAHaRw8BAQdA0Kc3fhuCyli+JKqe/ztl5SFQBGjPiK/vCXFf
x7D0IFzNGUFsaWNlIDxhbGljZUBleGFtcGxlLm9yZz7CeAQTFgoAKgWCZZKpQAkQ
mDAj6YNe+TACmwMWIQShRbVU6NivWNXESMGYMCPpg175MAAA/DgBAMS2x1yIrunt
8sVadVYdYiOraqnb9PfHQQoK48fwv865AP9qbbQfBmeeK/J19ezpcSY2d3xI0SDk
BGV4ObIhPxv8Ds4zBGWSqUAWCSsGAQQB2kcPAQEHQOsfUrPpYC/LB0vzSk89Bi/V
faXswDS6hrjksr3m83QfwsC7BBgWCgEtBYJlkqlACRCYMCPpg175MEUUAAAAAAAc
ACBzYWx0QG5vdGF0aW9ucy5vcGVucGdwanMub3JnQuttW2zrJOvOkdZYPery6rE6
sXlRAcnrc61pod2KmKwCmwK8oAQZFgoAbQWCZZKpQAkQPcdSO6U8PIdFFAAAAAAA
HAAgc2FsdEBub3RhdGlvbnMub3BlbnBncGpzLm9yZ9MWG4W9W91iYcKlzaQ817cU
/Y2u3XYtPWHPB/hCBqGVFiEEC2DPHgCDkXbdMWu3PcdSO6U8PIcAAGdyAQCOcmXP
XWpDVTkpwXtKUbFrHcHHiMYYU2WhCjXwz9/TiwD+Mrx4blg4FjiJJD6/reXW1dPZ
NwhccF/EL/iHhrUSRwwWIQShRbVU6NivWNXESMGYMCPpg175MAAAOyoBAPLIbjDB
nNL9lAns7+TESVxHj2QDK+fP35td6fhXIQveAP9xpYzLOW73Gw6p218BVyxCJ0wL
WHG/+toAf9HEQqciCQ==
=Y3vM
-----END PGP PUBLIC KEY BLOCK-----
`
	fuzzSignature = `-----BEGIN PGP SIGNATURE-----

wnUEABYKACcFgmd1LkAJED3HUjulPDyHFiEEC2DPHgCDkXbdMWu3PcdSO6U8PIcA
AGPLAP4tsh4ybI3n5kav185udCiEy4BNmX5AxRMIYEikYN4QCgD/f1A2Buf2+Rzy
WVSwPheXSfG/S0ljL6owtnBd05pmZA4=
=QpCB
-----END PGP SIGNATURE-----
`
)

// Whatever the text is: no panic, and it is good only over the bytes that were
// signed, by the key that signed them.
func FuzzOpenPGP(f *testing.F) {
	ring, problems := signature.NewRing([]signature.Material{{Owner: "alice", Data: []byte(fuzzKey)}}, nil)
	if len(problems) > 0 {
		f.Fatal(problems)
	}
	text := []byte(fuzzSignature)
	if got := ring.Verify([]byte(payload), text, signature.Moment{Now: now()}, signature.Demand{}); got.State != signature.Good {
		f.Fatalf("the seed is not good: %+v", got)
	}
	f.Add(text, []byte(payload))
	f.Add(text, []byte("other"))
	f.Add(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), []byte(payload))
	f.Add(append(bytes.Clone(text), text...), []byte(payload))
	f.Add(bytes.Replace(text, []byte("\n\n"), []byte("\nComment: \f\x1b\n\n"), 1), []byte(payload))
	f.Add(bytes.Replace(text, []byte("SIGNATURE"), []byte("MESSAGE"), 1), []byte(payload))
	f.Add([]byte("-----BEGIN PGP SIGNATURE-----\n\n=AAAA\n-----END PGP SIGNATURE-----"), []byte{})
	f.Add(armored(f, "PGP SIGNATURE", version3(), nil), []byte(payload))
	f.Fuzz(func(t *testing.T, text, over []byte) {
		if signature.SchemeOf(text) == signature.SSH {
			t.Skip("not OpenPGP")
		}
		before := bytes.Clone(over)
		got := ring.Verify(over, text, signature.Moment{Now: now()}, signature.Demand{Weak: true})
		if got.State == signature.Good && (string(over) != payload || got.Owner != "alice") {
			t.Fatalf("good over %q: %+v", over, got)
		}
		if got.State == signature.Undetermined {
			t.Fatalf("no state: %+v", got)
		}
		if !bytes.Equal(before, over) {
			t.Fatal("the payload was changed")
		}
	})
}

// Whatever the keys are: no panic, a problem or a key for what is armored, the
// same every time, and no key that vouches for other bytes.
func FuzzRing(f *testing.F) {
	key, subkey := newKey(f, made(), packet.PubKeyAlgoEdDSA), newSubkey(f, made())
	large := newRSAKey(f, made(), 2048)
	v6 := newKey(f, made(), packet.PubKeyAlgoEd25519)
	self := selfSigned(f, key, aliceID, made())
	f.Add([]byte(fuzzKey))
	f.Add(keyFile(f, key, []item{revokes(f, key, packet.NoReason)}, self, append(bound(f, key, subkey, made()), revokesSubkey(f, key, subkey))))
	f.Add(keyFile(f, large, directly(f, large, made(), flags(true)), selfSigned(f, large, aliceID, made())))
	f.Add(keyFile(f, v6, directly(f, v6, made(), flags(true))))
	f.Add(armored(f, "PGP PUBLIC KEY BLOCK", packed(f, revokes(f, key, packet.NoReason)), nil))
	f.Add(armored(f, "PGP PRIVATE KEY BLOCK", packed(f, key), nil))
	f.Add(armored(f, "PGP PUBLIC KEY BLOCK", packed(f, opaque(2, 3, 5, 0x20), opaque(6, 4), opaque(14, 4), opaque(17)), nil))
	f.Add([]byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChmXiFpmpJbYHq9AEhDpSbvyfXhTQ+gwOqzVVVVV alice"))
	f.Add([]byte("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----BEGIN PGP PUBLIC KEY BLOCK-----"))
	f.Fuzz(func(t *testing.T, data []byte) {
		materials := []signature.Material{{Source: "fuzz", Data: data}}
		ring, problems := signature.NewRing(materials, nil)
		_, again := signature.NewRing(materials, nil)
		if len(problems) != len(again) {
			t.Fatalf("%v, and then %v", problems, again)
		}
		for i := range problems {
			if problems[i] != again[i] {
				t.Fatalf("%v, and then %v", problems[i], again[i])
			}
		}
		got := ring.Verify([]byte("other bytes"), []byte(fuzzSignature), signature.Moment{Now: now()}, signature.Demand{Weak: true})
		if got.State == signature.Good {
			t.Fatalf("good over other bytes: %+v", got)
		}
	})
}
