package history_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/history"
	"github.com/stageward/stageward/pkg/internal/gittest"
	"github.com/stageward/stageward/pkg/signature"
)

func checker(tb testing.TB, signers ...gittest.Signer) history.Checker {
	tb.Helper()
	var materials []signature.Material
	for i, each := range signers {
		materials = append(materials, signature.Material{Source: fmt.Sprintf("keys%d", i), Data: []byte(each.Public)})
	}
	ring, problems := signature.NewRing(materials, nil)
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	return history.Checker{Ring: ring, When: signature.Moment{Now: gittest.Signed.AddDate(0, 0, 1)}}
}

func object(tb testing.TB, stored gittest.Object) history.Object {
	tb.Helper()
	return history.Object{ID: stored.ID(tb), Type: stored.Type, Body: []byte(stored.Body)}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	olga, eve := gittest.SSH(t, "olga"), gittest.SSH(t, "eve")
	good := gittest.Commit{Subject: "good", Signer: &olga}.Object(t)
	edit := func(old, text string) gittest.Object {
		body := strings.Replace(good.Body, old, text, 1)
		if body == good.Body {
			t.Fatalf("there is no %q to change", old)
		}
		return gittest.Object{Type: good.Type, Body: body}
	}
	for _, row := range []struct {
		name   string
		stored gittest.Object
		state  history.State
		reason history.Reason
		words  string
	}{
		{"not signed", gittest.Commit{Subject: "plain"}.Object(t), "unsigned", "", "no signature"},
		{"signed by somebody else", gittest.Commit{Signer: &eve}.Object(t), "unknown-key", "", "SHA256:"},
		{"changed after it was signed", edit("good", "evil"), "bad", "", ""},
		{"a header that no signature covers", edit("gpgsig ", "gpgsigevil x\ngpgsig "), history.Unfit, "unsigned-header", "gpgsigevil"},
		{"two trees", edit("author", "tree "+gittest.EmptyTree+"\nauthor"), history.Unfit, "duplicate-header", ""},
		{"a tag where a commit belongs", gittest.Tag{Target: gittest.EmptyTree, TargetType: "tree", Name: "v1", Signer: &olga}.Object(t), history.Unfit, history.NotACommit, "tag"},
		{"signed by somebody who is listed", good, history.Good, "", "signed by the key SHA256:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := checker(t, olga).Commit(object(t, row.stored))
			if got.State != row.state || got.Reason != row.reason || !strings.Contains(got.Detail, row.words) {
				t.Errorf("verdict = %+v, want %s %s with %q", got, row.state, row.reason, row.words)
			}
			if (got.Signature.Owner != "") != (got.State == history.Good || got.State == "bad") {
				t.Errorf("owner = %q at %s", got.Signature.Owner, got.State)
			}
		})
	}
}

func TestAnIDOfNoFormatIsUnfit(t *testing.T) {
	t.Parallel()
	olga := gittest.SSH(t, "olga")
	got := checker(t, olga).Commit(history.Object{ID: "abc", Type: gitobject.CommitType})
	if got.State != history.Unfit || got.Reason != "bad-id" {
		t.Errorf("verdict = %+v", got)
	}
}

func TestTag(t *testing.T) {
	t.Parallel()
	olga := gittest.SSH(t, "olga")
	commit := gittest.Commit{Subject: "release"}.Object(t)
	release := gittest.Tag{Target: commit.ID(t), TargetType: "commit", Name: "v1.0.0", Signer: &olga}
	with := func(change func(*gittest.Tag)) gittest.Object {
		changed := release
		change(&changed)
		return changed.Object(t)
	}
	for _, row := range []struct {
		name   string
		asked  string
		stored gittest.Object
		typeOf gitobject.Type
		state  history.State
		reason history.Reason
	}{
		{"T1: an old release under a new name", "v9.9.9", release.Object(t), "commit", history.Unfit, history.OtherName},
		{"T3: a tag of a tag", "v1.0.0", with(func(tag *gittest.Tag) { tag.TargetType = "tag" }), "tag", history.Unfit, history.Nested},
		{"T4: a tag of a tree", "v1.0.0", with(func(tag *gittest.Tag) { tag.TargetType = "tree" }), "tree", history.Unfit, history.NotACommit},
		{"T4b: a tag of a blob", "v1.0.0", with(func(tag *gittest.Tag) { tag.TargetType = "blob" }), "blob", history.Unfit, history.NotACommit},
		{"T6: a tag that says commit and names a tree", "v1.0.0", release.Object(t), "tree", history.Unfit, history.OtherType},
		{"T6: a tag that says commit and names a tag", "v1.0.0", release.Object(t), "tag", history.Unfit, history.OtherType},
		{"a name that differs in case", "V1.0.0", release.Object(t), "commit", history.Unfit, history.OtherName},
		{"T15: annotated and not signed", "v1.0.0", with(func(tag *gittest.Tag) { tag.Signer = nil }), "commit", "unsigned", ""},
		{"a commit where a tag belongs", "v1.0.0", commit, "commit", history.Unfit, "bad-header"},
		{"signed, with its own name, for a commit", "v1.0.0", release.Object(t), "commit", history.Good, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			typeOf := func(id string) (gitobject.Type, error) {
				if id != commit.ID(t) {
					t.Errorf("asked for %s", id)
				}
				return row.typeOf, nil
			}
			got, err := checker(t, olga).Tag(object(t, row.stored), row.asked, typeOf)
			if err != nil || got.State != row.state || got.Reason != row.reason {
				t.Errorf("verdict = %+v, %v; want %s %s", got, err, row.state, row.reason)
			}
		})
	}
	t.Run("what it names cannot be read", func(t *testing.T) {
		t.Parallel()
		gone := errors.New("gone")
		got, err := checker(t, olga).Tag(object(t, release.Object(t)), "v1.0.0", func(string) (gitobject.Type, error) { return "commit", gone })
		if !errors.Is(err, gone) || got.State != "" {
			t.Errorf("verdict = %+v, %v", got, err)
		}
	})
	t.Run("a check that breaks off is not good", func(t *testing.T) {
		t.Parallel()
		got, err := checker(t, olga).Tag(object(t, release.Object(t)), "v1.0.0", func(string) (gitobject.Type, error) {
			panic("\x1b[31m") //nolint:forbidigo // that is what is tested
		})
		if err != nil || got.State != history.Undetermined || !strings.HasSuffix(got.Detail, `broke off: "\x1b[31m"`) {
			t.Errorf("verdict = %+v, %v", got, err)
		}
	})
	t.Run("nobody can sign a lightweight one", func(t *testing.T) {
		t.Parallel()
		got := history.LightweightTag("v1.0.0", commit.ID(t))
		if got.State != history.Lightweight || !strings.Contains(got.Detail, "git tag -s") {
			t.Errorf("verdict = %+v", got)
		}
	})
}

func TestWithoutATimeNothingIsGood(t *testing.T) {
	t.Parallel()
	olga := gittest.SSH(t, "olga")
	timeless := checker(t, olga)
	timeless.When.Now = time.Time{}
	if got := timeless.Commit(object(t, gittest.Commit{Signer: &olga}.Object(t))); got.State != history.Undetermined {
		t.Errorf("verdict = %+v", got)
	}
}

// Every state has a place in the summary, or a count would get lost.
func TestTallyNamesEveryState(t *testing.T) {
	t.Parallel()
	var tally history.Tally
	if tally.AllGood() {
		t.Error("none at all are good")
	}
	all := []history.State{history.Good, history.Unfit, history.Lightweight, history.Undetermined}
	source, err := os.ReadFile(filepath.Join("..", "signature", "result.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`State *= "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
		if state := history.State(match[1]); state != history.Good {
			all = append(all, state)
		}
	}
	if len(all) < 17 {
		t.Fatalf("only %d states found", len(all))
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "verify.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, each := range all {
		if !strings.Contains(string(page), "`"+string(each)+"`") {
			t.Errorf("docs/verify.md does not say what %s means", each)
		}
		tally.Add(history.Verdict{State: each})
		if tally.AllGood() != (i == 0) {
			t.Errorf("after %s all are good: %t", each, tally.AllGood())
		}
	}
	if got := len(tally.Counts()); got != len(all) || tally.Total() != len(all) {
		t.Errorf("%d states of %d are counted", got, len(all))
	}
	if got := tally.String(); !strings.HasPrefix(got, "1 good, 1 lightweight, 1 unsigned, ") {
		t.Error(got)
	}
	if diff := cmp.Diff(history.Count{State: history.Good, Count: 1}, tally.Counts()[0]); diff != "" {
		t.Error(diff)
	}
}
