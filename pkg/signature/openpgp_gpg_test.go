package signature_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/signature"
)

// gpg is the reference: keys and signatures that it makes, in a home of their
// own.
type gpg struct {
	t    *testing.T
	home string
}

func newGPG(t *testing.T) gpg {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("gpg is missing, and without it nothing is compared with the reference")
		}
		t.Skip("SKIPPED, NOTHING COMPARED WITH GPG: gpg is not installed")
	}
	// The socket of gpg's agent has to have a short name.
	home, err := os.MkdirTemp("", "g") //nolint:usetesting // t.TempDir is too long for a socket
	must(t, err)
	t.Cleanup(func() {
		if output, err := exec.Command("gpgconf", "--homedir", home, "--kill", "all").CombinedOutput(); err != nil {
			t.Logf("stop the agent: %v: %s", err, output)
		}
		if err := os.RemoveAll(home); err != nil {
			t.Log(err)
		}
	})
	return gpg{t: t, home: home}
}

// at runs gpg as if it were some other time, and returns what it writes.
func (g gpg) at(when time.Time, input string, arguments ...string) []byte {
	g.t.Helper()
	all := append([]string{
		"--homedir", g.home, "--batch", "--no-tty", "--quiet", "--yes", "--pinentry-mode", "loopback", "--passphrase", "",
		"--faked-system-time", when.Format("20060102T150405") + "!",
	}, arguments...)
	command := exec.CommandContext(g.t.Context(), "gpg", all...)
	command.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	command.Stdin = strings.NewReader(input)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		g.t.Fatalf("gpg %s: %v\n%s", strings.Join(arguments, " "), err, complaint.String())
	}
	return output
}

// key makes a key and returns its fingerprint.
func (g gpg) key(name, algorithm, usage, expires string) string {
	g.t.Helper()
	g.at(made(), "", "--quick-generate-key", name, algorithm, usage, expires)
	listed := g.at(made(), "", "--with-colons", "--list-keys", name)
	for line := range strings.Lines(string(listed)) {
		if field := strings.Split(line, ":"); field[0] == "fpr" {
			return field[9]
		}
	}
	g.t.Fatalf("no key of %s", name)
	return ""
}

func (g gpg) export(name string) signature.Material {
	g.t.Helper()
	return signature.Material{Owner: name, Source: name + ".asc", Data: g.at(signed(), "", "--armor", "--export", name)}
}

func (g gpg) sign(key string, when time.Time, options ...string) []byte {
	g.t.Helper()
	return g.at(when, payload, append(options, "--armor", "--local-user", key, "--detach-sign")...)
}

// good tells whether gpg itself says that a signature is good at a time.
func (g gpg) good(armored []byte, over string, when time.Time) bool {
	g.t.Helper()
	file := filepath.Join(g.home, "signature.asc")
	must(g.t, os.WriteFile(file, armored, 0o600))
	command := exec.CommandContext(g.t.Context(), "gpg", "--homedir", g.home, "--batch", "--no-tty", "--status-fd", "1",
		"--faked-system-time", when.Format("20060102T150405")+"!", "--verify", file, "-")
	command.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	command.Stdin = strings.NewReader(over)
	output, err := command.Output()
	return err == nil && bytes.Contains(output, []byte("[GNUPG:] GOODSIG "))
}

// gpgRow is a signature that gpg made, and what we say where gpg says good or
// not. Every difference has its reason.
type gpgRow struct {
	verifyRow
	// gpgGood is what gpg says, now.
	gpgGood bool
	// why we differ.
	why string
}

func TestOpenPGPAgainstGPG(t *testing.T) {
	t.Parallel()
	g := newGPG(t)
	later := signed().AddDate(0, 1, 0)
	alice := g.key("alice", "ed25519", "sign", "never")
	subkeys := g.key("subkeys", "rsa2048", "cert", "never")
	g.at(made(), "", "--quick-add-key", subkeys, "ed25519", "sign", "never")
	g.at(made(), "", "--quick-add-key", subkeys, "rsa2048", "encr", "never")
	short := g.key("short", "nistp256", "sign,cert", "3y")
	shortSubkey := g.key("brief", "ed25519", "cert", "never")
	g.at(made(), "", "--quick-add-key", shortSubkey, "rsa2048", "sign", "400d")
	revoked, old := g.key("revoked", "ed25519", "sign", "never"), g.key("old", "rsa1024", "sign", "never")
	weak := g.key("dsa", "dsa1024", "sign", "never")
	byAlice, byShort, byRevoked := g.sign(alice, signed()), g.sign(short, signed()), g.sign(revoked, signed())
	bySubkey, byShortSubkey := g.sign(subkeys, signed()), g.sign(shortSubkey, signed())
	keysBefore := []signature.Material{g.export("short"), g.export("revoked")}
	certificate, err := os.ReadFile(filepath.Join(g.home, "openpgp-revocs.d", revoked+".rev"))
	must(t, err)
	certificate = bytes.ReplaceAll(certificate, []byte("\n:---"), []byte("\n---"))
	g.at(later, string(certificate), "--import")
	two := g.at(signed(), payload, "--armor", "--local-user", alice, "--local-user", subkeys, "--detach-sign")
	unknown := g.key("stranger", "ed25519", "sign", "never")
	byStranger := g.sign(unknown, signed())
	expired := now().AddDate(2, 0, 0)

	keys := func(names ...string) []signature.Material {
		var all []signature.Material
		for _, name := range names {
			all = append(all, g.export(name))
		}
		return all
	}
	all := keys("alice", "subkeys", "short", "brief", "revoked", "old", "dsa")
	for _, row := range []gpgRow{
		{verifyRow: verifyRow{name: "C6: two signatures", armored: two, want: signature.Malformed}, gpgGood: true, why: "which of the two counts is not said"},
		{verifyRow: verifyRow{name: "C7: text mode", armored: g.sign(alice, signed(), "--textmode"), want: signature.Unsupported}, gpgGood: true, why: "it holds for other bytes too"},
		{verifyRow: verifyRow{name: "C8: an opaque message", armored: g.at(signed(), payload, "--armor", "--local-user", alice, "--sign"), want: signature.Unsupported}},
		{verifyRow: verifyRow{name: "C15: other bytes", armored: byAlice, over: payload + " ", want: signature.Bad}},
		{verifyRow: verifyRow{name: "C16: SHA-1", armored: g.sign(alice, signed(), "--digest-algo", "SHA1"), want: signature.Weak}, gpgGood: true, why: "collisions in SHA-1 can be bought"},
		{verifyRow: verifyRow{name: "C16: RIPEMD-160", armored: g.sign(alice, signed(), "--digest-algo", "RIPEMD160"), demand: signature.Demand{Weak: true}, want: signature.Weak}, gpgGood: true, why: "as SHA-1, and nobody needs it"},
		{verifyRow: verifyRow{name: "C16: RSA of 1024 bits", armored: g.sign(old, signed()), want: signature.Weak}, gpgGood: true, why: "it can be factored"},
		{verifyRow: verifyRow{name: "C16: DSA", armored: g.sign(weak, signed()), want: signature.Weak}, gpgGood: true, why: "1024 bits, and SHA-1 in most of its life"},
		{verifyRow: verifyRow{name: "C18: dated in the future", armored: g.sign(alice, now().Add(time.Hour)), want: signature.FromFuture}, gpgGood: true, why: "gpg warns only"},
		{verifyRow: verifyRow{name: "C18: older than its key", armored: g.sign(alice, made().Add(-time.Hour), "--ignore-time-conflict"), want: signature.TooEarly}},
		{verifyRow: verifyRow{name: "C18: an expired subkey", armored: byShortSubkey, want: signature.KeyExpired}},
		{verifyRow: verifyRow{name: "P1: an unknown key", keys: keys("alice"), armored: byStranger, want: signature.UnknownKey}, gpgGood: true, why: "gpg has the key, we were not given it"},
		{verifyRow: verifyRow{name: "P10: revoked", armored: byRevoked, want: signature.Revoked}},
		{verifyRow: verifyRow{name: "P10: revoked, seen before", armored: byRevoked, seen: signed(), want: signature.Revoked}},
		{verifyRow: verifyRow{name: "P10: the certificate in a file of its own", keys: append(keysBefore, signature.Material{Source: "revoke.asc", Data: certificate}), armored: byRevoked, want: signature.Revoked}},
		{verifyRow: verifyRow{name: "an expired signature", armored: g.sign(alice, signed(), "--default-sig-expire", "30d"), want: signature.SignatureExpired}},
		{verifyRow: verifyRow{name: "a critical notation", armored: g.sign(alice, signed(), "--sig-notation", "!only@example.org=on Mondays"), want: signature.Unsupported}},

		{verifyRow: verifyRow{name: "C0: good", armored: byAlice, want: signature.Good}, gpgGood: true},
		{verifyRow: verifyRow{name: "C5: a comment", armored: g.sign(alice, signed(), "--comment", "hello", "--emit-version"), want: signature.Good}, gpgGood: true},
		{verifyRow: verifyRow{name: "by a subkey", armored: bySubkey, want: signature.Good}, gpgGood: true},
		{verifyRow: verifyRow{name: "by a key that has not expired yet", armored: byShort, want: signature.Good}, gpgGood: true},
		{verifyRow: verifyRow{name: "SHA-1 where it is asked for", armored: g.sign(alice, signed(), "--digest-algo", "SHA1"), demand: signature.Demand{Weak: true}, want: signature.Good}, gpgGood: true},
		{verifyRow: verifyRow{name: "SHA-384", armored: g.sign(alice, signed(), "--digest-algo", "SHA384"), want: signature.Good}, gpgGood: true},
		{verifyRow: verifyRow{name: "an expired subkey, seen before", armored: byShortSubkey, seen: signed(), want: signature.Good}, why: "gpg knows no moment but its own"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.keys == nil {
				row.keys = all
			}
			row.check(t)
			over := row.over
			if over == "" {
				over = payload
			}
			if got := g.good(row.armored, over, now()); got != row.gpgGood {
				t.Errorf("gpg says good: %t, and not %t", got, row.gpgGood)
			}
			if differs := row.gpgGood != (row.want == signature.Good); differs != (row.why != "") {
				t.Errorf("the row differs from gpg: %t; its reason: %q", differs, row.why)
			}
		})
	}

	t.Run("expires, and is renewed", func(t *testing.T) {
		ring, _ := signature.NewRing(keysBefore, nil)
		if got := ring.Verify([]byte(payload), byShort, signature.Moment{Now: expired}, signature.Demand{}); got.State != signature.KeyExpired {
			t.Errorf("before it is renewed: got %+v", got)
		}
		if g.good(byShort, payload, expired) {
			t.Error("gpg says that an expired key is good")
		}
		g.at(now(), "", "--quick-set-expire", short, "9y")
		minimal := signature.Material{Owner: "short", Data: g.at(now(), "", "--armor", "--export-options", "export-minimal", "--export", short)}
		for _, keys := range [][]signature.Material{{minimal}, {keysBefore[0], minimal}, {minimal, keysBefore[0]}} {
			ring, _ := signature.NewRing(keys, nil)
			if got := ring.Verify([]byte(payload), byShort, signature.Moment{Now: expired}, signature.Demand{}); got.State != signature.Good {
				t.Errorf("after: got %+v", got)
			}
		}
	})
}
