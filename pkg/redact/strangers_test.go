package redact_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/redact"
	"github.com/stageward/stageward/pkg/suppose"
)

// Of people who took no part in the run nobody knows the names. Where a text says by its
// form that somebody is named, nobody is.
func TestStrangersAreNotInTextsThatAreKept(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a mention":                                "Thanks (@wanda-wonder)!",
		"a mention behind a word":                  "cc:@wanda-wonder",
		"a mention with a wide sign":               "＠wanda-wonder",
		"a mention by the name of the sign":        "&#64;wanda-wonder",
		"a team of others":                         "ask @wonderland/wanda",
		"an address on the server":                 "see https://github.com/wanda-wonder/fork",
		"an address without a scheme":              "see GitHub.com/wanda-wonder",
		"an address of the program's interface":    "https://api.github.com/users/wanda-wonder",
		"the address of a file":                    "https://raw.githubusercontent.com/wanda-wonder/x/main/y",
		"an address with a port and two strokes":   "https://github.com:443//wanda-wonder/fork",
		"a page":                                   "https://wanda-wonder.github.io/blog",
		"a server of one's own":                    "https://git.acme.test/wanda-wonder/fork",
		"a clone":                                  "git@github.com:wanda-wonder/fork.git",
		"a trailer":                                "Fix it\n\nCo-authored-by: Wanda Wonder <somebody@acme.test>\n",
		"a trailer without an address":             "Reported-by: Wanda Wonder",
		"a trailer with the return of a carriage":  "x\rHelped-By : Wanda Wonder\r\nand so on",
		"a trailer that goes on":                   "Acked-by:\n  Wanda Wonder\nand so on",
		"a trailer in a list":                      "* **Reviewed-by:** Wanda Wonder",
		"a trailer in another script":              "Signed-off-by: wanda 山田太郎",
		"an address within the machine":            "mail wanda@localhost",
		"an address with spaces":                   `mail "wanda wonder"@corp.example now`,
		"an address with another quote in it":      `mail "wanda \" wonder"@corp.example now`,
		"an address whose server has other signs":  "wanda@bücher.example",
		"an address with other letters":            "wandä.wonder@corp.example",
		"an address with a sign of its own in it":  "wanda=wonder#x@[10.0.0.1]",
		"an address with the sign as it is coded":  "mailto:wanda%40corp.example",
		"an address with a space that is no ASCII": "wanda\u00a0wonder@corp.example",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world("refs/heads/main", "olga")
			suppose.Change(&w.Facts.Repository, func(known *fact.Repository) { known.URL = "https://git.acme.test/acme/shop" })
			titled(w, "The text stays. "+text)
			if strings.ContainsAny(text, "\r\n") || strings.Contains(text, "-by:") {
				titled(w, "The text stays.\n"+text)
			}
			facts, _ := redacted(t, w, redact.Keep{Texts: true})
			title := pullTitle(facts)
			for _, word := range []string{"wand", "wonder", "太", "corp.", "ücher", "somebody@acme"} {
				if strings.Contains(strings.ToLower(title), word) {
					t.Errorf("%q is still in %q", word, title)
				}
			}
			if !strings.HasPrefix(title, "The text stays.") || strings.Contains(text, "and so on") && !strings.HasSuffix(title, "and so on") {
				t.Errorf("too little is left: %q", title)
			}
		})
	}
}

// What says nothing of anybody stays, and who is known is the stand-in.
func TestWhatIsKeptOfTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Thanks, @olga's!": "Thanks, @PERSON's!",
		"by @renovate[bot] in https://github.com/acme/shop/pull/7": "by @renovate[bot] in https://github.com/acme/shop/pull/7",
		"ask @acme/release":                    "ask @acme/release",
		"Stand-by: 3 hosts":                    "Stand-by: somebody",
		"https://github.com/Olga/shop":         "https://github.com/PERSON/shop",
		"Co-authored-by: Olga O <o@acme.test>": "Co-authored-by: PERSON <PERSON@users.noreply.example>",
		"two @ 5":                              "two @ 5",
		"Reviewed-by: Wanda":                   "Reviewed-by: somebody",
		"mail (o@acme.test).":                  "mail (PERSON@users.noreply.example).",
		"Merge pull request #7 from acme/dev, run at 10:00 by the book": "Merge pull request #7 from acme/dev, run at 10:00 by the book",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			w := world("refs/heads/main", "olga")
			suppose.Change(&w.Facts.Commit, func(commit *fact.Commit) {
				commit.Author = fact.Identity{Name: "Olga O", Email: "o@acme.test", Account: &fact.Person{ID: 7, Login: "olga", Kind: fact.User}}
			})
			titled(w, text)
			facts, _ := redacted(t, w, redact.Keep{Texts: true})
			want := strings.ReplaceAll(want, "PERSON", facts.Trigger.Actor)
			if pullTitle(facts) != want {
				t.Errorf("%q, want %q", pullTitle(facts), want)
			}
		})
	}
}

// Letters that are symbols, and signs that nobody sees, are words, too.
func TestNoSignIsLeftThatCanBeRead(t *testing.T) {
	t.Parallel()
	for name, row := range map[string][2]string{
		"letters in circles":                   {"a ⓂⒶⓁⓁⓄⓇⓎ", "x ¤¤¤¤¤¤¤"},
		"signs of regions":                     {"🇲🇦", "¤¤"},
		"braille":                              {"⠍⠁⠇", "¤¤¤"},
		"tags that nobody sees":                {"a\U000E006D\U000E0061", "x\u200b\u200b"},
		"widths of nothing":                    {"a\u200b\u200c\u200d\u2060\ufeff", "x\u200b\u200b\u200b\u200b\u200b"},
		"spaces of many widths":                {"a\u2002\u3000\u00a0b", "x\u00a0\u00a0\u00a0x"},
		"signs of one's own":                   {"a\ue000\U000F0001", "x\u200b\u200b"},
		"letters that show as nothing":         {"a\u115f\u1160\uffa0", "x\u3164\u3164\u3164"},
		"marks and signs of many kinds":        {"„a“ — ‰", "·x· · ·"},
		"a sign by its number":                 {"&#x24C2;&nbsp;", "&#x00X0;&nbsp;"},
		"around a heading that is asked for":   {"## Ⓜ Rollback plan ⓂⒶⓁ", "## ¤ Rollback plan ¤¤¤"},
		"around what is still to be written":   {"Ⓜ to be decided Ⓐ", "¤ to be decided ¤"},
		"behind a word that is to be replaced": {"TODO—Ⓜ bob", "TODO·¤ xxx"},
		"the mark at the beginning of a text":  {"\ufeff# a", "\ufeff# x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world("refs/heads/main", "olga")
			titled(w, row[0])
			facts, _ := redacted(t, w, redact.Keep{Words: []string{"rollback plan"}})
			if pullTitle(facts) != row[1] {
				t.Errorf("%q, want %q", pullTitle(facts), row[1])
			}
		})
	}
	t.Run("in the title of an approval", func(t *testing.T) {
		t.Parallel()
		w := world("refs/heads/main", "olga")
		w.Facts.ApprovalRuns["a.yml"] = fact.Of([]fact.ApprovalRun{{ID: 1, Title: "ⓂApprove\u200c\u3000for"}}, suppose.Source())
		facts, _ := redacted(t, w, redact.Keep{})
		if got := facts.ApprovalRuns["a.yml"].OrZero()[0].Title; got != "¤Approve\u200b\u00a0for" {
			t.Errorf("%q", got)
		}
	})
}

// Somebody's name is in the name of a check in whatever way people write it there.
func TestNamesOfChecksNameNobody(t *testing.T) {
	t.Parallel()
	for name, row := range map[string][2]string{
		"a whole name in small letters":             {"deploy for olga ostrová", "deploy for PERSON"},
		"a whole name in capitals":                  {"OLGA OSTROVÁ, deploys", "PERSON, deploys"},
		"with a space of another kind":              {"Olga\u00a0Ostrová", "PERSON"},
		"with two spaces":                           {"Olga  Ostrová", "PERSON"},
		"as in an address":                          {"Olga%20Ostrová", "PERSON"},
		"as in an address, all of it":               {"Olga%20Ostrov%c3%a1", "PERSON"},
		"with other signs":                          {"olga_ostrová-olga.ostrová", "PERSON-PERSON"},
		"with no space":                             {"fix-OlgaOstrová", "fix-PERSON"},
		"behind a letter it is none":                {"volga ostrová", "volga ostrová"},
		"before a letter it is none":                {"olga ostrovák", "olga ostrovák"},
		"an address with other letters":             {"for jürgen@corp.example", "for somebody@users.noreply.example"},
		"an address of a server with other letters": {"for x@bücher.example", "for somebody@users.noreply.example"},
		"an address within the machine":             {"for root@localhost", "for somebody@users.noreply.example"},
		"an address with spaces":                    {`for "a name"@corp.example`, "for somebody@users.noreply.example"},
		"the number of an account":                  {"user-87654321", "user-NUMBER"},
		"a longer number":                           {"user-987654321", "user-987654321"},
		"the version of a package":                  {"pkg@1.2.3 @acme/pkg@1.0", "pkg@1.2.3 @acme/pkg@1.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world("refs/heads/main", "walrus")
			suppose.Change(&w.Facts.Commit, func(commit *fact.Commit) {
				commit.Author = fact.Identity{Name: "Olga Ostrová", Email: "o@acme.test", Account: &fact.Person{ID: 87654321, Login: "walrus", Kind: fact.User}}
			})
			w.AddCheck(row[0], "app", "success", w.Written(), time.Minute)
			facts, text := redacted(t, w, redact.Keep{})
			number := facts.Commit.OrZero().Author.Account.ID
			want := strings.NewReplacer("PERSON", facts.Trigger.Actor, "NUMBER", jsonOf(number)).Replace(row[1])
			runs := facts.Checks.OrZero().Runs
			if got := runs[len(runs)-1].Name; got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if strings.Contains(text, "user-87654321") {
				t.Error("the number is still there")
			}
		})
	}
}

func jsonOf(number int64) string { return strconv.FormatInt(number, 10) }
