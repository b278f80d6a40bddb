package signature_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/signature"
)

// signersRow is a file of allowed signers, and whether the key of "KEY" may
// sign for alice@example.org at noon of the first of January 2026.
type signersRow struct {
	name  string
	lines string
	want  signature.State
	good  bool
	// why we differ from ssh-keygen.
	why string
}

// signersRows are files in which KEY is the key that signed, and OTHER is not.
func signersRows() []signersRow {
	const no, yes, unknown = false, true, signature.UnknownKey
	return []signersRow{
		{"an empty file", "", unknown, no, ""},
		{"another principal", "bob@example.org KEY", unknown, no, ""},
		{"another key", "alice@example.org OTHER", unknown, no, ""},
		{"an authority", "alice@example.org cert-authority KEY", unknown, no, ""},
		{"an authority in other letters", "alice@example.org CERT-Authority KEY", unknown, no, ""},
		{"a comment", "#alice@example.org KEY", unknown, no, ""},
		{"negated", "*,!alice@example.org KEY", unknown, no, ""},
		{"only negated", "!bob@example.org KEY", unknown, no, ""},
		{"letters of the other case", "ALICE@example.org KEY", unknown, no, ""},
		{"a set of letters", "[a]lice@example.org KEY", unknown, no, ""},
		{"another namespace", `* namespaces="file" KEY`, signature.NotForSigning, no, ""},
		{"a namespace negated", `* namespaces="*,!git" KEY`, signature.NotForSigning, no, ""},
		{"namespaces with a blank", `* namespaces="file, git" KEY`, signature.NotForSigning, no, ""},
		{"no namespaces", `* namespaces="" KEY`, signature.NotForSigning, no, ""},
		{"a namespace in other letters", `* namespaces="GIT" KEY`, signature.NotForSigning, no, ""},
		{"namespaces twice", `* namespaces="git",namespaces="git" KEY`, unknown, no, ""},
		{"no quotes", `* namespaces=git KEY`, unknown, no, ""},
		{"an unknown option", `* no-touch-required KEY`, unknown, no, ""},
		{"a comma at the end", `* namespaces="git", KEY`, unknown, no, ""},
		{"expired", `* valid-before="20260101115959Z" KEY`, signature.KeyExpired, no, ""},
		{"expired at midnight", `* valid-before="20260101Z" KEY`, signature.KeyExpired, no, ""},
		{"not yet valid", `* valid-after="20260101120001Z" KEY`, signature.TooEarly, no, ""},
		{"not yet valid, in minutes", `* valid-after="202601011201Z" KEY`, signature.TooEarly, no, ""},
		{"ends before it begins", `* valid-after="20270101Z",valid-before="20260101Z" KEY`, unknown, no, ""},
		{"ends as it begins", `* valid-after="20260101120000Z",valid-before="20260101120000Z" KEY`, unknown, no, ""},
		{"a time twice", `* valid-before="20270101Z",valid-before="20280101Z" KEY`, unknown, no, ""},
		{"no time", `* valid-before="" KEY`, unknown, no, ""},
		{"a time in hours", `* valid-before="2027010112Z" KEY`, unknown, no, ""},
		{"a month that does not exist", `* valid-before="20271301Z" KEY`, unknown, no, ""},
		{"the first second of all", `* valid-before="19700101Z" KEY`, unknown, no, ""},
		{"a key without principals", "KEY", unknown, no, ""},
		{"a quote that does not end", `"alice@example.org KEY`, unknown, no, ""},

		{"the principal", "alice@example.org KEY", signature.Good, yes, ""},
		{"a list", "bob@example.org,alice@example.org KEY", signature.Good, yes, ""},
		{"in quotes", `"alice@example.org" KEY`, signature.Good, yes, ""},
		{"a pattern", "?lice@*.org KEY", signature.Good, yes, ""},
		{"a pattern and a negation", "!bob@example.org,*@example.org KEY", signature.Good, yes, ""},
		{"tabs and a comment", "\talice@example.org\t \tKEY\tof alice", signature.Good, yes, ""},
		{"a line before it that cannot be used", "alice@example.org what=ever OTHER\nalice@example.org KEY", signature.Good, yes, ""},
		{"a line before it that has expired", `* valid-before="20250101Z" KEY` + "\n* KEY", signature.Good, yes, ""},
		{"the namespace", `* namespaces="git" KEY`, signature.Good, yes, ""},
		{"a pattern of namespaces", `* NAMESPACES="file,g*" KEY`, signature.Good, yes, ""},
		{"its last second", `* valid-before="20260101120000Z" KEY`, signature.Good, yes, ""},
		{"its first second", `* valid-after="20260101120000Z" KEY`, signature.Good, yes, ""},
		{"its last minute", `* valid-before="202601011200Z" KEY`, signature.Good, yes, ""},
		{"a small z", `* valid-before="20270101z" KEY`, signature.Good, yes, ""},
		{"both ends", `* valid-after="20250101Z",valid-before="20270101Z" KEY`, signature.Good, yes, ""},
		{"all options", `* namespaces="git",valid-after="20250101Z",valid-before="20270101Z" KEY`, signature.Good, yes, ""},

		{"no quotes at a comma", `* ,namespaces="git" KEY`, unknown, yes, "an option without a name is a mistake"},
		{"two commas", `* namespaces="git",,valid-before="20270101Z" KEY`, unknown, yes, "an option without a name is a mistake"},
		{"a quote within the principals", `alice"@example.org" KEY`, unknown, yes, "what looks like two words is one"},
		{"no blank after the principals", `"alice@example.org"KEY`, unknown, yes, "what looks like one word is two"},
		{"a day that does not exist", `* valid-before="20270230Z" KEY`, unknown, yes, "a day that does not exist is a mistake"},
		{"one key for two", "alice@example.org KEY\n*@example.org KEY", unknown, yes, "a key that two have tells nobody who signed"},
		{"a mark that cannot be seen", "\u200b*lice@example.org KEY\n", unknown, no, ""},
		{"a principal that cannot be seen", "alice@example.org,\u200b KEY\n", unknown, yes, "names that look alike must not differ"},
		{"an end of line within the key", "* CUT", unknown, yes, "a key is one word"},
	}
}

func TestAllowedSignersAgainstKeygen(t *testing.T) {
	t.Parallel()
	k := newKeygen(t)
	alice, other := newSSHKey(t, 'a'), newSSHKey(t, 'b')
	armored := sshsig(t, alice)
	cut := alice.line()[:30] + "\r" + alice.line()[30:]
	for _, row := range signersRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			k := keygen{t: t, home: k.home}
			lines := strings.NewReplacer("KEY", alice.line(), "OTHER", other.line(), "CUT", cut).Replace(row.lines)
			material := signers(lines)
			material.Principal = "alice@example.org"
			ring, _ := signature.NewRing([]signature.Material{material}, nil)
			got := ring.Verify([]byte(payload), armored, signature.Moment{Now: now()}, signature.Demand{})
			good, said := k.good(armored, now(), lines+"\n", material.Principal)
			if got.State != row.want || good != row.good {
				t.Errorf("got %+v, want %q; ssh-keygen says %t: %s", got, row.want, good, said)
			}
			if (good == (got.State == signature.Good)) != (row.why == "") {
				t.Errorf("a difference needs its reason, and only a difference: %q", row.why)
			}
		})
	}
}

// P21: a time without a zone means what it says on every machine here, and on
// none there.
func TestAllowedSignersDoNotDependOnTheZone(t *testing.T) {
	t.Parallel()
	k := newKeygen(t)
	alice := newSSHKey(t, 'a')
	line := `alice valid-before="20260101120000" ` + alice.line()
	ring, _ := signature.NewRing([]signature.Material{signers(line)}, nil)
	armored := sshsig(t, alice)
	if got := ring.Verify([]byte(payload), armored, signature.Moment{Now: now().In(time.FixedZone("", 9*3600))}, signature.Demand{}); got.State != signature.Good {
		t.Errorf("got %+v", got)
	}
	list, file := k.write("list", []byte(line+"\n")), k.write("signature", armored)
	for zone, want := range map[string]bool{"UTC0": true, "EAST-9": false, "WEST5": true} {
		command := exec.CommandContext(t.Context(), "ssh-keygen", "-Y", "verify", "-f", list, "-I", "alice", "-n", "git", "-s", file, "-O", "verify-time=20260101120000Z")
		command.Env = append(os.Environ(), "TZ="+zone)
		command.Stdin = strings.NewReader(payload)
		if output, err := command.CombinedOutput(); (err == nil) != want {
			t.Errorf("ssh-keygen in %s: %v: %s", zone, err, output)
		}
	}
}
