package signature_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/signature"
)

// A line that cannot be used is a problem, and the line after it counts.
func TestAllowedSignersProblems(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newSSHKey(t, 'a'), newSSHKey(t, 'b'), newSSHKey(t, 'c')
	key := bob.line()
	name, encoded, _ := strings.Cut(key, " ")
	cert := sshPair{public: certificate(t, bob, carol)}
	for _, row := range []struct{ name, line, want string }{
		{"no key", "bob", "the line has no key"},
		{"no key after the options", `bob namespaces="git"`, "the line has no key"},
		{"only a type", "bob ssh-ed25519", "the line has no key"},
		{"no principals", key, "the line has a key and no principals"},
		{"empty principals", `"" ` + key, "the list of principals is empty"},
		{"principals whose quote does not end", `"bob ` + key, "not one text in quotes"},
		{"principals that go on after the quote", `"bob"x ` + key, "not one text in quotes"},
		{"a quote within the principals", `bo"b" ` + key, "a quote within the principals"},
		{"principals with a mark that cannot be seen", "\ufeffbob " + key, `cannot be seen: "\ufeffbob"`},
		{"principals that are no text", "b\xffb " + key, `cannot be seen: "b\xffb"`},
		{"a type that is not known", "bob ssh-mldsa-44 AAAA", `"ssh-mldsa-44" is neither a type of key nor an option`},
		{"a type that is not that of the key", "bob ssh-rsa " + encoded, `the line says "ssh-rsa" and its key is "ssh-ed25519"`},
		{"a type in other letters", "bob SSH-ED25519 " + encoded, `"ssh-ed25519" is neither`},
		{"a key that is no base64", "bob ssh-ed25519 AAA!", "decode key"},
		{"a key without its padding", "bob " + name + " AA", "decode key"},
		{"a key with a carriage return in it", "bob " + name + " " + encoded[:8] + "\r" + encoded[8:], "carriage return in the key"},
		{"half a key", "bob " + name + " " + encoded[:40], "read key"},
		{"a key with more after it", "bob " + name + " " + encoded + "AAAA", "read key"},
		{"a certificate", "bob " + cert.line(), "a certificate: list the key itself"},
		{"a certificate of an authority", "bob cert-authority " + cert.line(), "a certificate: list the key itself"},
		{"an unknown option", "bob no-touch-required " + key, `"no-touch-required" is neither`},
		{"an option that only begins like one", "bob cert-authorityx " + key, `"cert-authorityx" is neither`},
		{"an option twice", `bob namespaces="git",Namespaces="git" ` + key, `the option "namespaces" is there twice`},
		{"an authority twice", `bob cert-authority,cert-authority ` + key, "twice"},
		{"an authority with a value", `bob cert-authority="yes" ` + key, "has no value"},
		{"namespaces without a value", `bob namespaces ` + key, "needs a value"},
		{"a value without quotes", `bob namespaces=git ` + key, "not in quotes"},
		{"a value whose quote does not end", `bob namespaces="git ` + key, "not in quotes"},
		{"a value whose quote is escaped", `bob namespaces="git\" ` + key, "not in quotes"},
		{"text after a value", `bob namespaces="git"x ` + key, "neither a comma nor a blank"},
		{"a comma at the end", `bob namespaces="git", ` + key, `"" is neither`},
		{"a comma at the begin", `bob ,namespaces="git" ` + key, `"" is neither`},
		{"a comma twice", `bob namespaces="git",,cert-authority ` + key, `"" is neither`},
		{"a time that ends before it begins", `bob valid-after="20250102Z",valid-before="20250101Z" ` + key, "not later"},
		{"a time without length", `bob valid-before="20250101Z",valid-after="20250101Z" ` + key, "not later"},
		{"a time twice", `bob valid-before="20250101Z",valid-before="20260101Z" ` + key, "twice"},
		{"no time", `bob valid-before="" ` + key, `"" is no time`},
		{"a word for a time", `bob valid-before="forever" ` + key, `"forever" is no time`},
		{"a time with dashes", `bob valid-before="2025-01-01" ` + key, "is no time"},
		{"a time in hours", `bob valid-before="2025010112Z" ` + key, "is no time"},
		{"a time with a fraction", `bob valid-before="20250101120000.5Z" ` + key, "is no time"},
		{"a time with a sign", `bob valid-before="+2250101" ` + key, "is no time"},
		{"a time with another zone", `bob valid-before="20250101+0100" ` + key, "is no time"},
		{"a day that does not exist", `bob valid-before="20250230Z" ` + key, "is no time"},
		{"a time before all keys", `bob valid-before="19700101Z" ` + key, "is no time"},
		{"a secret key", "-----BEGIN OPENSSH PRIVATE KEY-----", "it holds a private key"},
		{"text that tries to write the log", "\x1b[2J\u202ebob " + key, `"\x1b[2J\u202ebob"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ring, problems := signature.NewRing([]signature.Material{signers("# the team", row.line, "alice "+alice.line())}, nil)
			whole := strings.Contains(row.want, "private key")
			if len(problems) != 1 || problems[0].Line != map[bool]int{true: 0, false: 2}[whole] || problems[0].Source != "allowed_signers" || !strings.Contains(problems[0].Detail, row.want) {
				t.Errorf("got %v, want %s", problems, row.want)
			}
			for _, each := range []struct {
				pair sshPair
				want signature.State
			}{{bob, signature.UnknownKey}, {alice, map[bool]signature.State{true: signature.UnknownKey, false: signature.Good}[whole]}} {
				got := ring.Verify([]byte(payload), sshsig(t, each.pair), signature.Moment{Now: now()}, signature.Demand{})
				if got.State != each.want {
					t.Errorf("got %+v, want %q", got, each.want)
				}
			}
		})
	}
}

// P21 and certificates: what is read in another way than its author may expect
// is said, and blocks nothing.
func TestAllowedSignersNotes(t *testing.T) {
	t.Parallel()
	alice, bob := newSSHKey(t, 'a'), newSSHKey(t, 'b')
	material := signers(
		`alice valid-after="20250101",VALID-BEFORE="202601011200" `+alice.line(),
		`alice valid-after="20240101Z",valid-before="20240201120000z" `+alice.line(),
		`*@example.org cert-authority `+bob.line(),
	)
	ring, problems := signature.NewRing([]signature.Material{material}, nil)
	if len(problems) > 0 {
		t.Errorf("got problems %v", problems)
	}
	const zone = " has no time zone; it is read as UTC, and ssh-keygen reads it in the zone of its machine"
	want := []signature.Problem{
		{Source: "allowed_signers", Line: 1, Detail: "valid-after" + zone},
		{Source: "allowed_signers", Line: 1, Detail: "valid-before" + zone},
		{Source: "allowed_signers", Line: 3, Detail: "the line is for certificates, which are not checked; it counts for no key"},
	}
	if diff := cmp.Diff(want, ring.Notes()); diff != "" {
		t.Error(diff)
	}
	ring.Notes()[0].Line = 99
	if ring.Notes()[0].Line != 1 {
		t.Error("the ring can be changed from outside")
	}
	if got := ring.Verify([]byte(payload), sshsig(t, bob), signature.Moment{Now: now()}, signature.Demand{}); got.State != signature.UnknownKey {
		t.Errorf("the key of an authority: got %+v", got)
	}
}

// The principal selects lines, and the others are as if they were not there.
func TestAllowedSignersPrincipal(t *testing.T) {
	t.Parallel()
	alice := newSSHKey(t, 'a')
	for _, row := range []struct {
		principals string
		want       signature.State
	}{
		{"bob@example.org", signature.UnknownKey},
		{"Alice@example.org", signature.UnknownKey},
		{"alice@example.or", signature.UnknownKey},
		{"alice@example.org.evil", signature.UnknownKey},
		{"alice@example.org?", signature.UnknownKey},
		{"!alice@example.org", signature.UnknownKey},
		{"!bob@example.org", signature.UnknownKey},
		{"*,!alice@example.org", signature.UnknownKey},
		{"!*@example.org,alice@example.org", signature.UnknownKey},
		{"*@*@*", signature.UnknownKey},
		{"[a]lice@example.org", signature.UnknownKey},
		{"bob,alice", signature.UnknownKey},
		{`"alice@example.org, bob"`, signature.Good},
		{`"bob, alice@example.org"`, signature.UnknownKey},
		{"bob,alice@example.org", signature.Good},
		{"!bob,*@example.org", signature.Good},
		{"*", signature.Good},
		{"*@example.org", signature.Good},
		{"a*e@*.o?g**", signature.Good},
		{"?????@example.org", signature.Good},
		{"alice@example.org,,", signature.Good},
	} {
		t.Run(row.principals, func(t *testing.T) {
			t.Parallel()
			material := signers(row.principals + " " + alice.line())
			material.Owner, material.Principal = "alice", "alice@example.org"
			ring, problems := signature.NewRing([]signature.Material{material}, nil)
			if len(problems) > 0 {
				t.Error(problems)
			}
			got := ring.Verify([]byte(payload), sshsig(t, alice), signature.Moment{Now: now()}, signature.Demand{})
			if got.State != row.want || (got.State == signature.Good) != (got.Owner == "alice") {
				t.Errorf("got %+v, want %q", got, row.want)
			}
		})
	}
}

// A pattern may not cost more than its length times that of the name.
func TestAllowedSignersPatternsAreQuick(t *testing.T) {
	t.Parallel()
	material := signers(strings.Repeat("*a", 500) + "b " + newSSHKey(t, 'a').line())
	material.Principal = strings.Repeat("a", 5000)
	if _, problems := signature.NewRing([]signature.Material{material}, nil); len(problems) > 0 {
		t.Error(problems)
	}
}

// Lines for somebody else are not read at all.
func TestAllowedSignersOfSomebodyElse(t *testing.T) {
	t.Parallel()
	material := signers("bob what=ever", `bob valid-before="20200101" `+newSSHKey(t, 'b').line())
	material.Principal = "alice"
	ring, problems := signature.NewRing([]signature.Material{material}, nil)
	if len(problems)+len(ring.Notes()) > 0 {
		t.Errorf("got %v and %v", problems, ring.Notes())
	}
}

// Owners come from the material, or else from the line.
func TestAllowedSignersOwner(t *testing.T) {
	t.Parallel()
	alice := newSSHKey(t, 'a')
	for _, row := range []struct {
		name     string
		material signature.Material
		owner    string
	}{
		{"of the line", signers("alice@example.org,al " + alice.line()), "alice@example.org,al"},
		{"of the line, in quotes", signers("\t \"Alice A\" \t" + alice.line() + " comment # more\r"), "Alice A"},
		{"of the material", signature.Material{Owner: "alice", Source: "allowed_signers", Data: []byte("* " + alice.line())}, "alice"},
		{"of keys alone", signature.Material{Owner: "alice", Principal: "ignored", Source: "allowed_signers", Data: []byte("#\n" + alice.line() + " x")}, "alice"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ring, problems := signature.NewRing([]signature.Material{row.material}, nil)
			got := ring.Verify([]byte(payload), sshsig(t, alice), signature.Moment{Now: now()}, signature.Demand{})
			if len(problems) > 0 || got.State != signature.Good || got.Owner != row.owner || got.Source != "allowed_signers" {
				t.Errorf("got %+v and %v", got, problems)
			}
		})
	}
}

// Material is of one kind: a key that lost its principal must not count for
// everybody, nor a principal be taken for a type.
func TestAllowedSignersAreNotMixed(t *testing.T) {
	t.Parallel()
	alice, bob := newSSHKey(t, 'a'), newSSHKey(t, 'b')
	for _, row := range []struct {
		name, owner string
		lines       []string
		good, lost  sshPair
		want        string
	}{
		{"a key among signers", "team", []string{"* " + alice.line(), bob.line()}, alice, bob, "the line has a key and no principals"},
		{"a signer among keys", "team", []string{alice.line(), "* " + bob.line()}, alice, bob, `"*" is no type of key`},
		{"options among keys", "team", []string{alice.line(), "cert-authority " + bob.line()}, alice, bob, `"cert-authority" is no type of key`},
		{"a certificate among keys", "team", []string{alice.line(), sshPair{public: certificate(t, bob, alice)}.line()}, alice, bob, "list the key itself"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			material := signers(row.lines...)
			material.Owner = row.owner
			ring, problems := signature.NewRing([]signature.Material{material}, nil)
			if len(problems) != 1 || problems[0].Line != 2 || !strings.Contains(problems[0].Detail, row.want) {
				t.Errorf("got %v, want %s", problems, row.want)
			}
			for pair, want := range map[*sshPair]signature.State{&row.good: signature.Good, &row.lost: signature.UnknownKey} {
				if got := ring.Verify([]byte(payload), sshsig(t, *pair), signature.Moment{Now: now()}, signature.Demand{}); got.State != want {
					t.Errorf("got %+v, want %q", got, want)
				}
			}
		})
	}
}

// What is wrong with a list of revoked keys is said, whatever it is.
func TestRevokedKeysProblems(t *testing.T) {
	t.Parallel()
	alice := newSSHKey(t, 'a')
	for _, row := range []struct {
		name, data string
		line       int
		want       string
	}{
		{"a binary list", "SSHKRL\n\x00\x00\x00", 0, "binary revocation list (KRL)"},
		{"a line of allowed_signers", "\n* " + alice.line(), 2, `"*" is no type of key`},
		{"a fingerprint", "SHA256:abc", 1, "the line has no key"},
		{"half a key", "ssh-ed25519 AAAA", 1, "read key"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			revoked := []signature.Material{{Source: "revoked", Data: []byte(row.data)}}
			_, problems := signature.NewRing(nil, revoked)
			if len(problems) != 1 || problems[0].Line != row.line || !strings.Contains(problems[0].Detail, row.want) {
				t.Errorf("got %v, want %s", problems, row.want)
			}
		})
	}
	if _, problems := signature.NewRing([]signature.Material{signers("SSHKRL\n\x00")}, nil); len(problems) != 1 || problems[0].Line != 0 {
		t.Errorf("a binary list among the keys: got %v", problems)
	}
}

func TestAllowedSignersLimits(t *testing.T) {
	t.Parallel()
	alice := newSSHKey(t, 'a')
	_, problems := signature.NewRing([]signature.Material{signers(strings.Split(strings.Repeat("junk\n", 500), "\n")...)}, nil)
	if len(problems) != 101 || !strings.Contains(problems[100].Detail, "more than 100 lines") || problems[99].Line != 100 {
		t.Errorf("got %d problems, the last %v", len(problems), problems[len(problems)-1])
	}
	// Ten thousand keys count, in several pieces as one is too small for them.
	piece := signature.Material{Owner: "alice", Source: "many", Data: bytes.Repeat([]byte(alice.line()+"\n"), 5000)}
	revoked := []signature.Material{{Source: "revoked", Data: []byte(newSSHKey(t, 'b').line())}}
	for _, row := range []struct {
		revoked  []signature.Material
		problems int
		want     signature.State
	}{{nil, 0, signature.Good}, {revoked, 1, signature.UnknownKey}} {
		ring, problems := signature.NewRing([]signature.Material{piece, piece}, row.revoked)
		got := ring.Verify([]byte(payload), sshsig(t, alice), signature.Moment{Now: now()}, signature.Demand{})
		if got.State != row.want || len(problems) != row.problems {
			t.Errorf("got %+v and %v", got, fmt.Sprint(problems))
		}
	}
}
