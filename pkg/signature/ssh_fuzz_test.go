package signature_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/stageward/stageward/pkg/signature"
)

// Whatever stands where a signature belongs: it counts for the payload that was
// signed, and only when it is that very signature.
func FuzzSSHSIG(f *testing.F) {
	alice, security := newSSHKey(f, 'a'), newSecurityKey(f, 0)
	ring, problems := signature.NewRing([]signature.Material{keysOf("alice", alice, security)}, nil)
	if len(problems) > 0 {
		f.Fatal(problems)
	}
	var known [][]byte
	for _, pair := range []sshPair{alice, security} {
		for _, hash := range []string{"sha256", "sha512"} {
			armored := sshsig(f, pair, func(p *sshParts) { p.hash = hash })
			known = append(known, sshBlobOf(armored))
			f.Add([]byte(payload), armored)
		}
		for _, edit := range []sshWrong{
			func(p *sshParts) { p.namespace = "file" }, func(p *sshParts) { p.reserved = "later" }, func(p *sshParts) { p.version = 2 },
			func(p *sshParts) { p.after = []byte("x") }, func(p *sshParts) { p.within = []byte("x") }, func(p *sshParts) { p.hash = "sha384" },
			func(p *sshParts) { p.key = newSSHKey(f, 'b').public.Marshal() }, func(p *sshParts) { p.key = p.key[:20] },
		} {
			f.Add([]byte(payload), sshsig(f, pair, edit))
		}
	}
	f.Add([]byte("other"), sshsig(f, alice))
	f.Add([]byte(payload), append(sshsig(f, alice), "text"...))
	f.Fuzz(func(t *testing.T, over, armored []byte) {
		for _, demand := range []signature.Demand{{}, {Touch: true, Weak: true}} {
			got := ring.Verify(over, armored, signature.Moment{Now: now()}, demand)
			if strings.Contains(got.Detail, "broke off") {
				t.Fatalf("it panicked: %s", got.Detail)
			}
			if got.State == signature.Undetermined || (got.State != signature.Good && got.Detail == "") {
				t.Fatalf("no verdict, or no reason: %+v", got)
			}
			if got.State != signature.Good {
				continue
			}
			blob := sshBlobOf(armored)
			if string(over) != payload || !slices.ContainsFunc(known, func(each []byte) bool { return bytes.Equal(each, blob) }) {
				t.Fatalf("counts for %q: %q", over, blob)
			}
			if demand.Touch && got.Key == security.fingerprint() {
				t.Fatalf("counts without a touch: %+v", got)
			}
		}
	})
}

// sshBlobOf is what an armor holds, read by other means and without the
// reserved field, which nobody signs. It is nil where there is none.
func sshBlobOf(armored []byte) []byte {
	lines := strings.Split(strings.TrimSpace(string(armored)), "\n")
	if len(lines) < 3 {
		return nil
	}
	blob, err := base64.StdEncoding.DecodeString(strings.Join(lines[1:len(lines)-1], ""))
	if err != nil {
		return nil
	}
	const head = len("SSHSIG") + 4
	var wire struct {
		Key                 []byte
		Namespace, Reserved string
		Rest                []byte `ssh:"rest"`
	}
	if len(blob) < head || ssh.Unmarshal(blob[head:], &wire) != nil {
		return nil
	}
	wire.Reserved = ""
	return slices.Concat(blob[:head], ssh.Marshal(wire))
}
