package signature_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/stageward/stageward/pkg/signature"
)

// keygen is the reference: keys and signatures that ssh-keygen makes, and its
// verdicts.
type keygen struct {
	t    *testing.T
	home string
}

func newKeygen(t *testing.T) keygen {
	t.Helper()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("ssh-keygen is missing, and without it nothing is compared with the reference")
		}
		t.Skip("SKIPPED, NOTHING COMPARED WITH SSH-KEYGEN: ssh-keygen is not installed")
	}
	return keygen{t: t, home: t.TempDir()}
}

func (k keygen) run(input string, arguments ...string) (string, error) {
	k.t.Helper()
	command := exec.CommandContext(k.t.Context(), "ssh-keygen", arguments...)
	command.Dir = k.home
	command.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	command.Stdin = strings.NewReader(input)
	output, err := command.CombinedOutput()
	return string(output), err
}

func (k keygen) write(name string, data []byte) string {
	k.t.Helper()
	path := filepath.Join(k.home, name)
	must(k.t, os.WriteFile(path, data, 0o600))
	return path
}

// key makes a key and returns its public line.
func (k keygen) key(name string, options ...string) string {
	k.t.Helper()
	arguments := append([]string{"-q", "-N", "", "-C", name, "-f", name}, options...)
	if output, err := k.run("", arguments...); err != nil {
		k.t.Fatalf("ssh-keygen %v: %v: %s", arguments, err, output)
	}
	return k.read(name + ".pub")
}

// makes tells whether ssh-keygen still makes keys of some kind.
func (k keygen) makes(options []string) bool {
	k.t.Helper()
	_, err := k.run("", append([]string{"-q", "-N", "", "-f", filepath.Join(k.t.TempDir(), "key")}, options...)...)
	return err == nil
}

func (k keygen) read(name string) string {
	k.t.Helper()
	data, err := os.ReadFile(filepath.Join(k.home, name))
	must(k.t, err)
	return strings.TrimSpace(string(data))
}

// sign returns what a key makes of the payload.
func (k keygen) sign(name, namespace string, options ...string) []byte {
	k.t.Helper()
	command := exec.CommandContext(k.t.Context(), "ssh-keygen", append([]string{"-Y", "sign", "-f", name, "-n", namespace}, options...)...)
	command.Dir = k.home
	command.Stdin = strings.NewReader(payload)
	output, err := command.Output()
	if err != nil {
		k.t.Fatalf("sign with %s: %v", name, err)
	}
	return output
}

// good tells whether ssh-keygen takes a signature, and what it says.
func (k keygen) good(armored []byte, when time.Time, lines, principal string, options ...string) (bool, string) {
	k.t.Helper()
	directory, err := os.MkdirTemp(k.home, "verify")
	must(k.t, err)
	file, list := filepath.Join(directory, "signature"), filepath.Join(directory, "allowed_signers")
	must(k.t, os.WriteFile(file, armored, 0o600))
	must(k.t, os.WriteFile(list, []byte(lines), 0o600))
	output, err := k.run(payload, append([]string{
		"-Y", "verify", "-f", list, "-I", principal, "-n", "git", "-s", file, "-O", "verify-time=" + when.Format("20060102150405Z"),
	}, options...)...)
	return err == nil && strings.Contains(output, "Good "), output
}

// What ssh-keygen makes of every kind of key: our verdict beside its own, and
// why they differ where they do.
func TestSSHAgainstKeygen(t *testing.T) {
	t.Parallel()
	k := newKeygen(t)
	for _, row := range []struct {
		name    string
		options []string
		want    signature.State
		// why we refuse what ssh-keygen takes.
		why string
	}{
		{"ed25519", []string{"-t", "ed25519"}, signature.Good, ""},
		{"ecdsa256", []string{"-t", "ecdsa", "-b", "256"}, signature.Good, ""},
		{"ecdsa384", []string{"-t", "ecdsa", "-b", "384"}, signature.Good, ""},
		{"ecdsa521", []string{"-t", "ecdsa", "-b", "521"}, signature.Good, ""},
		{"rsa2048", []string{"-t", "rsa", "-b", "2048"}, signature.Good, ""},
		{"rsa3072", []string{"-t", "rsa", "-b", "3072"}, signature.Good, ""},
		{"rsa1024", []string{"-t", "rsa", "-b", "1024"}, signature.Weak, "C16: RSA keys need 2048 bits"},
		{"dsa", []string{"-t", "dsa"}, signature.Weak, "C16: DSA is over SHA-1 and 1024 bits"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			k := keygen{t: t, home: k.home}
			if row.want == signature.Weak && !k.makes(row.options) {
				t.Skip("this ssh-keygen no longer makes weak keys")
			}
			line := k.key(row.name, row.options...)
			ring, problems := signature.NewRing([]signature.Material{signers("alice " + line)}, nil)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			for _, each := range []struct {
				namespace, hash string
				want            signature.State
			}{
				{"git", "sha512", row.want},
				{"git", "sha256", row.want},
				{"file", "sha512", signature.Malformed},
			} {
				armored := k.sign(row.name, each.namespace, "-O", "hashalg="+each.hash)
				got := ring.Verify([]byte(payload), armored, signature.Moment{Now: now()}, signature.Demand{Touch: true})
				good, said := k.good(armored, now(), "alice "+line, "alice")
				if got.State != each.want || good != (each.namespace == "git") || (row.why == "" && good != (got.State == signature.Good)) {
					t.Errorf("%s, %s: got %+v, want %q; ssh-keygen says %t: %s", each.namespace, each.hash, got, each.want, good, said)
				}
				if fingerprint, err := k.run("", "-l", "-f", row.name+".pub"); err != nil || !strings.Contains(fingerprint, got.Key) || got.Key == "" {
					t.Errorf("got key %q, ssh-keygen says %s", got.Key, fingerprint)
				}
			}
		})
	}
}

// madeRow is a signature that is made here, and why we differ about it.
type madeRow struct {
	name    string
	pair    sshPair
	armored []byte
	want    signature.State
	// good is what ssh-keygen says.
	good bool
	why  string
}

// Signatures that are made here, in particular by security keys, are the ones
// that ssh-keygen knows: otherwise our tests would only agree with ourselves.
func TestSSHMadeHereAgainstKeygen(t *testing.T) {
	t.Parallel()
	k := newKeygen(t)
	alice := newSSHKey(t, 'a')
	cert := sshPair{public: certificate(t, alice, newSSHKey(t, 'b'))}
	for _, row := range []madeRow{
		{"an ordinary key", alice, sshsig(t, alice), signature.Good, true, ""},
		{"a reserved field", alice, sshsig(t, alice, func(p *sshParts) { p.reserved = "later" }), signature.Good, true, ""},
		{"C23: a security key without touch", newSecurityKey(t, 0), sshsig(t, newSecurityKey(t, 0)), signature.Good, true, ""},
		{"C23: a security key with touch", newSecurityKey(t, 1), sshsig(t, newSecurityKey(t, 1)), signature.Good, true, ""},
		skRow(t, "C23: an ECDSA security key without touch", 0),
		skRow(t, "C23: an ECDSA security key with touch", 1),
		{"C9: another namespace", alice, sshsig(t, alice, func(p *sshParts) { p.namespace = "file" }), signature.Malformed, false, ""},
		{"C24: a later version", alice, sshsig(t, alice, func(p *sshParts) { p.version = 2 }), signature.Unsupported, false, ""},
		{"C24: an earlier version", alice, sshsig(t, alice, func(p *sshParts) { p.version = 0 }), signature.Unsupported, true, "there never was a version 0"},
		{"C24: data after it", alice, sshsig(t, alice, func(p *sshParts) { p.after = []byte{0} }), signature.Malformed, false, ""},
		{"C24: data within it", alice, sshsig(t, alice, func(p *sshParts) { p.within = []byte{0} }), signature.Malformed, false, ""},
		{"C24: SHA-384", alice, sshsig(t, alice, func(p *sshParts) { p.hash = "sha384" }), signature.Unsupported, false, ""},
		{"C5b: text after the end", alice, append(sshsig(t, alice), "text\n"...), signature.Malformed, true, "C5b: what is not signed must not look signed"},
		{"a blank in the data", alice, slices.Insert(sshsig(t, alice), 40, ' '), signature.Malformed, true, "one armor for one signature"},
		{"a certificate where its key is listed", alice, sshsig(t, alice, func(p *sshParts) { p.key = cert.public.Marshal() }), signature.Unsupported, false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			k := keygen{t: t, home: k.home}
			ring, _ := signature.NewRing([]signature.Material{signers("alice " + row.pair.line())}, nil)
			got := ring.Verify([]byte(payload), row.armored, signature.Moment{Now: now()}, signature.Demand{})
			good, said := k.good(row.armored, now(), "alice "+row.pair.line()+"\n", "alice")
			if got.State != row.want || good != row.good {
				t.Errorf("got %+v, want %q; ssh-keygen says %t: %s", got, row.want, good, said)
			}
			if (good == (got.State == signature.Good)) != (row.why == "") {
				t.Errorf("a difference needs its reason, and only a difference: %q", row.why)
			}
		})
	}
}

func skRow(t *testing.T, name string, flags byte) madeRow {
	t.Helper()
	pair := newECDSASecurityKey(t, flags)
	return madeRow{name, pair, sshsig(t, pair), signature.Good, true, ""}
}

// An authority that ssh-keygen follows is not followed here, and that is said.
func TestSSHCertificateAgainstKeygen(t *testing.T) {
	t.Parallel()
	k := newKeygen(t)
	authority := k.key("authority", "-t", "ed25519")
	plain := k.key("alice", "-t", "ed25519")
	if output, err := k.run("", "-q", "-s", "authority", "-I", "alice", "-n", "alice", "alice.pub"); err != nil {
		t.Fatal(output)
	}
	must(t, os.Rename(filepath.Join(k.home, "alice-cert.pub"), filepath.Join(k.home, "alice.pub")))
	armored := k.sign("alice", "git")
	lines := "alice cert-authority " + authority
	ring, problems := signature.NewRing([]signature.Material{signers(lines, "alice "+plain)}, nil)
	if len(problems) > 0 || len(ring.Notes()) != 1 {
		t.Errorf("got %v and %v", problems, ring.Notes())
	}
	got := ring.Verify([]byte(payload), armored, signature.Moment{Now: now()}, signature.Demand{})
	if good, said := k.good(armored, now(), lines+"\n", "alice"); got.State != signature.Unsupported || !good {
		t.Errorf("got %+v; ssh-keygen says %t: %s", got, good, said)
	}
}

// P9, P10: what ssh-keygen takes for revoked we do, where it is a list of keys.
func TestSSHRevokedAgainstKeygen(t *testing.T) {
	t.Parallel()
	k := newKeygen(t)
	alice, bob := newSSHKey(t, 'a'), newSSHKey(t, 'b')
	armored := sshsig(t, alice)
	for _, row := range []struct {
		name, list string
		want       signature.State
		good       bool
		problems   int
	}{
		{"the key", alice.line(), signature.Revoked, false, 0},
		{"the key among others", "# gone\n" + bob.line() + "\n" + alice.line() + " comment", signature.Revoked, false, 0},
		{"its certificate", sshPair{public: certificate(t, alice, bob)}.line(), signature.Revoked, false, 0},
		{"another key", bob.line(), signature.Good, true, 0},
		// ssh-keygen refuses everything; here the problem does, where the caller says so.
		{"a list that cannot be read", "junk", signature.Good, false, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			k := keygen{t: t, home: t.TempDir()}
			ring, problems := signature.NewRing([]signature.Material{signers("alice " + alice.line())}, []signature.Material{{Source: "revoked", Data: []byte(row.list)}})
			got := ring.Verify([]byte(payload), armored, signature.Moment{Now: now()}, signature.Demand{})
			good, said := k.good(armored, now(), "alice "+alice.line()+"\n", "alice", "-r", k.write("revoked", []byte(row.list+"\n")))
			if got.State != row.want || good != row.good || len(problems) != row.problems {
				t.Errorf("got %+v and %v, want %q; ssh-keygen says %t: %s", got, problems, row.want, good, said)
			}
		})
	}
	// The binary list that ssh-keygen makes of a key.
	k.write("alice.pub", []byte(alice.line()))
	if output, err := k.run("", "-q", "-k", "-f", "krl", "alice.pub"); err != nil {
		t.Fatal(output)
	}
	_, problems := signature.NewRing(nil, []signature.Material{{Source: "krl", Data: []byte(k.read("krl"))}})
	if len(problems) != 1 || !strings.Contains(problems[0].Detail, "KRL") {
		t.Errorf("got %v", problems)
	}
}

// The key is the same for whoever reads it.
func TestSSHFingerprints(t *testing.T) {
	t.Parallel()
	k := newKeygen(t)
	for name, pair := range map[string]sshPair{"plain": newSSHKey(t, 'a'), "security": newSecurityKey(t, 0), "ecdsa": newECDSASecurityKey(t, 0)} {
		k.write(name+".pub", ssh.MarshalAuthorizedKey(pair.public))
		if output, err := k.run("", "-l", "-f", name+".pub"); err != nil || !strings.Contains(output, pair.fingerprint()) {
			t.Errorf("%s: %s, ssh-keygen says %s", name, pair.fingerprint(), output)
		}
	}
}
