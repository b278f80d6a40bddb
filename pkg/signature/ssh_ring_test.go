package signature_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/stageward/stageward/pkg/signature"
)

// P9, P10: a key that was taken back counts for nothing, however it is listed.
func TestSSHRevokedKeys(t *testing.T) {
	t.Parallel()
	alice, bob := newSSHKey(t, 'a'), newSSHKey(t, 'b')
	short := newSSHPair(t, newRSASSHKey(t, 1024), ssh.KeyAlgoRSASHA512)
	cert := sshPair{public: certificate(t, alice, bob)}
	lists := func(lines ...string) []signature.Material {
		return []signature.Material{{Source: "revoked", Data: []byte(strings.Join(lines, "\n"))}}
	}
	keys := []signature.Material{keysOf("alice", alice, short), signers("mallory " + newSSHKey(t, 'm').line())}
	other := []byte("other")
	for _, row := range []struct {
		name    string
		keys    []signature.Material
		revoked []signature.Material
		payload []byte
		pair    sshPair
		want    signature.State
	}{
		{"other bytes", keys, lists(alice.line()), other, alice, signature.Bad},
		{"a key", keys, lists(alice.line()), []byte(payload), alice, signature.Revoked},
		{"a key with a comment", keys, lists("# gone", "", alice.line()+" alice's old laptop"), []byte(payload), alice, signature.Revoked},
		{"a key with carriage returns", keys, lists("# gone\r", alice.line()+"\r"), []byte(payload), alice, signature.Revoked},
		{"a key after a line that cannot be read", keys, lists("junk", alice.line()), []byte(payload), alice, signature.Revoked},
		{"a key of another list", keys, append(lists(bob.line()), lists(alice.line())...), []byte(payload), alice, signature.Revoked},
		{"a key that is not given", keys, lists(bob.line()), []byte(payload), bob, signature.Revoked},
		{"a weak key", keys, lists(short.line()), []byte(payload), short, signature.Revoked},
		{"an expired key", []signature.Material{signers(`alice valid-before="20200101Z" ` + alice.line())}, lists(alice.line()), []byte(payload), alice, signature.Revoked},
		{"a key that two have", []signature.Material{keysOf("alice", alice), keysOf("bob", alice)}, lists(alice.line()), []byte(payload), alice, signature.Revoked},
		{"the certificate of a key", keys, lists(cert.line()), []byte(payload), alice, signature.Revoked},
		{"another key", keys, lists(bob.line()), []byte(payload), alice, signature.Good},
		{"no key", keys, lists("# none yet"), []byte(payload), alice, signature.Good},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ring, _ := signature.NewRing(row.keys, row.revoked)
			// When it was seen does not matter: revocation always counts.
			when := signature.Moment{Now: now(), Seen: now().AddDate(-1, 0, 0)}
			got := ring.Verify(row.payload, sshsig(t, row.pair), when, signature.Demand{})
			if got.State != row.want || (row.want == signature.Revoked) != strings.HasSuffix(got.Detail, `list of revoked keys "revoked"`) {
				t.Errorf("got %+v, want %q", got, row.want)
			}
		})
	}
}

// P8: whether a key was valid is asked for a time from outside. There is none
// in the signature, and none in the object is looked at.
func TestSSHKeyValidity(t *testing.T) {
	t.Parallel()
	alice := newSSHKey(t, 'a')
	noon := time.Date(2025, time.June, 1, 12, 0, 0, 0, time.UTC)
	line := func(options string) string { return "alice " + options + " " + alice.line() }
	for _, row := range []struct {
		name  string
		when  signature.Moment
		want  signature.State
		lines []string
	}{
		{"before its first second", signature.Moment{Now: noon.Add(-time.Second)}, signature.TooEarly, []string{line(`valid-after="20250601120000Z"`)}},
		{"after its last second", signature.Moment{Now: noon.Add(time.Second)}, signature.KeyExpired, []string{line(`valid-before="20250601120000Z"`)}},
		{"seen after now, by a clock that is wrong", signature.Moment{Now: noon, Seen: noon.AddDate(5, 0, 0)}, signature.TooEarly, []string{line(`valid-after="20260101Z"`)}},
		{"seen too late", signature.Moment{Now: noon.Add(time.Hour), Seen: noon.Add(time.Second)}, signature.KeyExpired, []string{line(`valid-before="202506011200Z"`)}},
		{"seen too early", signature.Moment{Now: noon, Seen: noon.Add(-time.Second)}, signature.TooEarly, []string{line(`valid-after="202506011200Z"`)}},
		{"between two lines", signature.Moment{Now: noon}, signature.KeyExpired, []string{line(`valid-after="20260101Z"`), line(`valid-before="20250101Z"`)}},
		{"for another namespace", signature.Moment{Now: noon}, signature.NotForSigning, []string{line(`namespaces="file"`)}},
		{"for all but git", signature.Moment{Now: noon}, signature.NotForSigning, []string{line(`namespaces="*,!git"`)}},
		{"for no namespace", signature.Moment{Now: noon}, signature.NotForSigning, []string{line(`namespaces=""`)}},
		{"for another namespace, and expired", signature.Moment{Now: noon}, signature.KeyExpired, []string{line(`namespaces="file"`), line(`valid-before="20250101Z"`)}},
		{"for another namespace on the line that is still valid", signature.Moment{Now: noon}, signature.TooEarly, []string{line(`namespaces="file"`), line(`valid-after="20260101Z"`)}},
		{"at its first second", signature.Moment{Now: noon}, signature.Good, []string{line(`valid-after="20250601120000Z"`)}},
		{"at its last second", signature.Moment{Now: noon}, signature.Good, []string{line(`valid-before="20250601120000Z"`)}},
		{"seen in time", signature.Moment{Now: noon.AddDate(1, 0, 0), Seen: noon}, signature.Good, []string{line(`valid-before="20250601120000Z"`)}},
		{"by one of several lines", signature.Moment{Now: noon}, signature.Good, []string{line(`valid-before="20250101Z"`), line(`namespaces="file"`), line(`namespaces="g?t"`), line(`valid-after="20260101Z"`)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ring, problems := signature.NewRing([]signature.Material{signers(row.lines...)}, nil)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			got := ring.Verify([]byte(payload), sshsig(t, alice), row.when, signature.Demand{})
			if got.State != row.want || got.Owner != "alice" || got.Source != "allowed_signers" || got.Detail == "" {
				t.Errorf("got %+v, want %q", got, row.want)
			}
		})
	}
}

// A key that two people have says of neither that it was them.
func TestSSHKeyOfTwoOwners(t *testing.T) {
	t.Parallel()
	alice := newSSHKey(t, 'a')
	for name, materials := range map[string][]signature.Material{
		"as lines":     {signers("alice "+alice.line(), "bob "+alice.line(), "carol "+alice.line())},
		"as materials": {keysOf("alice", alice), keysOf("bob", alice)},
		"mixed":        {signers("alice " + alice.line()), {Owner: "bob", Source: "allowed_signers", Data: []byte("* " + alice.line())}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ring, problems := signature.NewRing(materials, nil)
			if len(problems) != 1 || !strings.Contains(problems[0].Detail, alice.fingerprint()+` is claimed by "alice" and by "bob", so it counts for nobody`) {
				t.Errorf("got %v", problems)
			}
			got := ring.Verify([]byte(payload), sshsig(t, alice), signature.Moment{Now: now()}, signature.Demand{})
			if got.State != signature.UnknownKey || got.Owner != "" || got.Source != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}
