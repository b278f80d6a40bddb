package signature

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
)

// FuzzAllowedSigners holds what is read against what is written: every line
// that counts, written anew from what was read of it, is read as the same.
// A line is read the same alone as among others, and every line that is not a
// comment counts, or is for somebody else, or is a problem or a note.
func FuzzAllowedSigners(f *testing.F) {
	public, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{'a'}, ed25519.SeedSize)).Public())
	if err != nil {
		f.Fatal(err)
	}
	key := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
	for _, line := range []string{
		"alice KEY", `"alice a" namespaces="git,f\"ile" KEY comment`, `al*,!alice@* cert-authority KEY`, "KEY",
		`alice valid-after="20250101Z",VALID-before="202601011200" KEY`, `alice valid-before="20260101120000" KEY`,
		"# comment\n\r\n\talice\tKEY\r\nbob KEY", `alice namespaces="git" ssh-rsa AAAA`, `alice what="ever" KEY`, "SSHKRL\n", "\ufeffalice KEY",
		`alice namespaces="file" KEY`, "alice ssh-ed25519-cert-v01@openssh.com AAAA", `"" KEY`, `"alice`, `alice valid-before="2026`,
	} {
		f.Add([]byte(strings.ReplaceAll(line, "KEY", key)), "")
		f.Add([]byte(strings.ReplaceAll(line, "KEY", key)), "alice")
	}
	f.Fuzz(func(t *testing.T, data []byte, principal string) {
		material := Material{Principal: principal, Source: "fuzz", Data: data}
		read := readSigners(material)
		lines := bytes.Split(data, []byte("\n"))
		for _, each := range read.entries {
			again := readSigners(Material{Source: "fuzz", Data: []byte(written(each))})
			if len(again.entries) != 1 || len(again.problems) != 0 {
				t.Fatalf("%q is read as %+v with %v", written(each), again.entries, again.problems)
			}
			again.entries[0].line = each.line
			if diff := cmp.Diff(text(each), text(again.entries[0])); diff != "" {
				t.Fatalf("%q: %s", written(each), diff)
			}
		}
		if (&signersReader{material: material}).isUnreadable() || len(read.problems) > 100 {
			return
		}
		entries, problems := 0, 0
		for _, line := range lines {
			alone := readSigners(Material{Principal: principal, Source: "fuzz", Data: line})
			entries, problems = entries+len(alone.entries), problems+len(alone.problems)
			if bytes.HasPrefix(line, []byte("SSHKRL")) {
				return
			}
			told := len(alone.entries) + len(alone.problems) + len(alone.notes)
			if blank := bytes.Trim(line, " \t\r\n"); principal == "" && told == 0 && len(blank) > 0 && blank[0] != '#' {
				t.Fatalf("%q was passed over in silence", line)
			}
		}
		if len(read.entries) != entries || len(read.problems) != problems {
			t.Fatalf("%d keys and %d problems together, %d and %d alone", len(read.entries), len(read.problems), entries, problems)
		}
	})
}

// written is a line with all that counts of an entry.
func written(e sshEntry) string {
	options := []string{}
	if e.unfit != "" {
		options = append(options, `namespaces="not-git"`)
	}
	if !e.after.IsZero() {
		options = append(options, fmt.Sprintf("valid-after=%q", e.after.Format("20060102150405Z")))
	}
	if !e.before.IsZero() {
		options = append(options, fmt.Sprintf("valid-before=%q", e.before.Format("20060102150405Z")))
	}
	return fmt.Sprintf("\"%s\" %s %s", e.owner, strings.Join(options, ","), ssh.MarshalAuthorizedKey(e.key))
}

// text is an entry for comparison. The namespaces are not kept, only that git
// is not among them.
func text(e sshEntry) string {
	return fmt.Sprintf("%s|%s|%s|%t|%x", e.owner, e.after.Format(time.RFC3339), e.before.Format(time.RFC3339), e.unfit != "", e.key.Marshal())
}

// The text of a pattern is looked at byte by byte; the plain way to say what it
// means is slower and shorter.
func FuzzPatterns(f *testing.F) {
	for _, each := range [][2]string{{"alice", "a*e"}, {"", ""}, {"", "*"}, {"aab", "*ab"}, {"a*b", "a?b"}, {"abcabd", "*ab?"}, {"a", "?*?"}} {
		f.Add(each[0], each[1])
	}
	f.Fuzz(func(t *testing.T, text, pattern string) {
		if len(text) > 12 || len(pattern) > 12 {
			return
		}
		if got, want := matches(text, pattern), plainlyMatches(text, pattern); got != want {
			t.Fatalf("%q against %q: got %t, want %t", text, pattern, got, want)
		}
	})
}

func plainlyMatches(text, pattern string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return plainlyMatches(text, pattern[1:]) || (text != "" && plainlyMatches(text[1:], pattern))
	default:
		return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && plainlyMatches(text[1:], pattern[1:])
	}
}
