package fact_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stageward/stageward/pkg/fact"
)

func TestKnownIsKnownOrMissing(t *testing.T) {
	t.Parallel()
	var zero fact.Known[int]
	if _, missing := zero.Get(); missing == nil || missing.Reason != fact.NotAsked {
		t.Errorf("the zero fact is not missing: %+v", missing)
	}
	if value, missing := fact.Lost[int](fact.Missing{Reason: fact.Forbidden}).Get(); value != 0 || missing.Reason != fact.Forbidden {
		t.Errorf("got %d, %v", value, missing)
	}
	if _, missing := fact.From(7, fact.Source{}, errors.New("boom")).Get(); missing == nil || missing.Reason != fact.Unavailable {
		t.Errorf("an error became a value: %v", missing)
	}
	wrapped := errors.Join(errors.New("outer"), &fact.Missing{Reason: fact.Incomplete})
	if _, missing := fact.From(7, fact.Source{}, wrapped).Get(); missing == nil || missing.Reason != fact.Incomplete {
		t.Errorf("the reason was lost: %v", missing)
	}
	if value, missing := fact.Of(7, fact.Source{}).Get(); value != 7 || missing != nil {
		t.Errorf("got %d, %v", value, missing)
	}
}

func TestStoredFactsAreStrict(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]string{
		"neither value nor reason":  `{}`,
		"both":                      `{"value":1,"missing":{"reason":"forbidden"}}`,
		"a null value":              `{"value":null}`,
		"an unknown field":          `{"value":1,"valeu":2}`,
		"a value of another type":   `{"value":"1"}`,
		"an unknown field in value": `{"value":1,"source":{"form":"x"}}`,
		"another document behind":   `{"value":1} {"value":2}`,
		"a bracket behind":          `{"value":1}]`,
	} {
		var known fact.Known[int]
		if err := known.UnmarshalJSON([]byte(stored)); err == nil {
			t.Errorf("%s: %s was read", name, stored)
		}
	}
}

func TestSetSurvivesStorage(t *testing.T) {
	t.Parallel()
	set := sampleSet()
	data, err := set.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := fact.Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	set.Version = fact.SchemaVersion
	if diff := cmp.Diff(set, back, cmp.Comparer(sameKnown[time.Time]), cmp.Exporter(isKnown), cmpopts.EquateEmpty(), cmp.Transformer("missing", reasonOf)); diff != "" {
		t.Errorf("stored and read differ (-want +got):\n%s", diff)
	}
	again, err := back.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(data) {
		t.Error("the same facts gave other bytes")
	}
	for name, broken := range map[string]string{
		"another schema version": strings.Replace(string(data), `"schema_version": 1`, `"schema_version": 2`, 1),
		"text after the end":     string(data) + "{}",
		"an unknown fact":        strings.Replace(string(data), `"commit"`, `"comit"`, 1),
		"nothing":                "",
	} {
		if _, err := fact.Unmarshal([]byte(broken)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// isKnown reports whether a type is a Known of anything.
func isKnown(t reflect.Type) bool {
	return strings.HasPrefix(t.Name(), "Known[") || t.Name() == "about"
}

// reasonOf makes "not asked" the same whether it was stored or never written.
func reasonOf(missing *fact.Missing) fact.Reason {
	if missing == nil {
		return ""
	}
	if missing.Reason == fact.NotAsked {
		return ""
	}
	return missing.Reason
}

func sameKnown[T comparable](a, b fact.Known[T]) bool {
	left, noLeft := a.Get()
	right, noRight := b.Get()
	return left == right && (noLeft == nil) == (noRight == nil)
}

func TestOnlyKeepsWhatIsNamed(t *testing.T) {
	t.Parallel()
	set := sampleSet()
	bare := set.Only(nil)
	if _, missing := bare.Commit.Get(); missing == nil {
		t.Error("the commit was kept unasked")
	}
	if len(bare.Access) != 0 || len(bare.Containment) != 0 {
		t.Errorf("kept unasked: %v %v", bare.Access, bare.Containment)
	}
	if bare.Subject != set.Subject || bare.Trigger != set.Trigger {
		t.Error("subject and trigger have to stay")
	}
	signer := set.Only([]fact.Need{fact.Permissible(fact.CommitSigner)})
	if _, ok := signer.Access["octocat"]; !ok || len(signer.Access) != 1 {
		t.Errorf("want the signer's permission alone, got %v", signer.Access)
	}
	for _, need := range []fact.Need{
		{Kind: fact.NeedCommit}, {Kind: fact.NeedPulls}, {Kind: fact.NeedKeys, Key: string(fact.CommitSigner)}, {Kind: fact.NeedFile, Key: "keys/octocat.asc"}, fact.PermissibleLogin("Bob"), {Kind: fact.NeedContainment, Key: "main"}, fact.Permissible(fact.Reviewers),
	} {
		with, without := set.Only([]fact.Need{need}), set.Without(need).Only([]fact.Need{need})
		if len(keys(t, with)) <= len(keys(t, without)) {
			t.Errorf("Without(%s) took nothing away", need)
		}
	}
	if _, ok := set.Access["octocat"]; !ok {
		t.Error("Without changed the set it was called on")
	}
}

// keys returns the stored form, whose length grows with what is known.
func keys(t *testing.T, set fact.Set) string {
	t.Helper()
	data, err := set.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAccessOfAReusedLoginIsInconsistent(t *testing.T) {
	t.Parallel()
	set := sampleSet()
	if _, missing := set.AccessOf(fact.Person{ID: 14, Login: "OctoCat"}).Get(); missing != nil {
		t.Errorf("case of a login matters: %v", missing)
	}
	if _, missing := set.AccessOf(fact.Person{ID: 99, Login: "octocat"}).Get(); missing == nil || missing.Reason != fact.Inconsistent {
		t.Errorf("another account's permission was used: %v", missing)
	}
	if _, missing := set.AccessOf(fact.Person{ID: 1, Login: "nobody"}).Get(); missing == nil || missing.Reason != fact.NotAsked {
		t.Errorf("got %v", missing)
	}
}

func TestPermissionOrder(t *testing.T) {
	t.Parallel()
	all := fact.Permissions()
	for i, low := range all {
		for j, high := range all {
			if got := high.AtLeast(low); got != (j >= i) {
				t.Errorf("%s at least %s = %t", high, low, got)
			}
		}
	}
	for _, odd := range []fact.Permission{fact.UnknownPermission, fact.NoPermission, "owner", "Admin"} {
		if odd.AtLeast(fact.ReadPermission) || fact.AdminPermission.AtLeast(odd) {
			t.Errorf("%q has a rank", odd)
		}
	}
}

func TestParseRef(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "a short name": "main", "no name": "refs/heads/", "a pull request": "refs/pull/7/merge", "only refs": "refs/",
		"a space": "refs/heads/a b", "a glob": "refs/heads/*", "two dots": "refs/tags/v1..2", "a control character": "refs/heads/a\nb",
		"a trailing slash": "refs/heads/a/", "a hidden part": "refs/heads/a/.b", "a lock": "refs/heads/a.lock", "a caret": "refs/tags/v1^{}",
		"not UTF-8": "refs/heads/\xff", "too long": "refs/heads/" + strings.Repeat("x", 2000), "other case": "REFS/HEADS/main",
	} {
		if ref, err := fact.ParseRef(text); err == nil {
			t.Errorf("%s: %q was read as %q", name, text, ref)
		}
	}
	for text, want := range map[string]struct {
		kind fact.RefKind
		name string
	}{
		"refs/heads/main":            {fact.Branch, "main"},
		"refs/heads/refs/heads/main": {fact.Branch, "refs/heads/main"},
		"refs/tags/v1.2.3":           {fact.TagRef, "v1.2.3"},
		"refs/heads/feat/$(id)|<b>&": {fact.Branch, "feat/$(id)|<b>&"},
	} {
		ref, err := fact.ParseRef(text)
		if err != nil || ref.Kind() != want.kind || ref.Name() != want.name {
			t.Errorf("%q: got %q %q, %v", text, ref.Kind(), ref.Name(), err)
		}
	}
}

func TestParseSHA(t *testing.T) {
	t.Parallel()
	full := strings.Repeat("a1", 20)
	for name, text := range map[string]string{
		"short": full[:7], "41 digits": full + "a", "upper case": strings.ToUpper(full), "zeros": strings.Repeat("0", 40),
		"a branch": "main", "empty": "", "a newline": full[:39] + "\n", "64 zeros": strings.Repeat("0", 64),
	} {
		if _, err := fact.ParseSHA(text); err == nil {
			t.Errorf("%s: %q was read", name, text)
		}
	}
	for _, text := range []string{full, strings.Repeat("0f", 32)} {
		if sha, err := fact.ParseSHA(text); err != nil || string(sha) != text {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func sampleSet() fact.Set {
	source := fact.Source{From: "graphql"}
	octocat := &fact.Person{ID: 14, Login: "octocat", Kind: fact.User}
	bob := &fact.Person{ID: 12, Login: "bob", Kind: fact.User}
	sha := fact.SHA(strings.Repeat("c1", 20))
	at := time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC)
	return fact.Set{
		Subject:    fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: sha},
		Trigger:    fact.Trigger{Event: "push", Actor: "octocat", TriggeringActor: "octocat"},
		At:         fact.Of(at, source),
		Repository: fact.Of(fact.Repository{ID: 1001, Name: "acme/shop", DefaultBranch: "main", DefaultCommit: sha}, source),
		RefTarget:  fact.Lost[fact.RefTarget](fact.Missing{Reason: fact.Forbidden, Detail: "no", Fix: "grant it"}),
		Commit:     fact.Of(fact.Commit{SHA: sha, CommittedAt: at, Signature: fact.Signature{Class: fact.PersonSignature, Verified: true, State: "valid", Signer: octocat}}, source),
		Pulls: fact.Of([]fact.Pull{{
			Number: 7, Merged: true, MergeCommit: sha, MergedBy: octocat,
			HeadMovedAt: fact.Of(time.Time{}, source),
			Commits:     fact.Of([]fact.PullCommit{}, source),
			Reviews:     fact.Of([]fact.Review{{ID: 1, State: fact.Approved, Author: bob, At: at}}, source),
		}}, source),
		Checks:      fact.Of(fact.Checks{Runs: []fact.CheckRun{{ID: 1, Name: "tests"}}}, source),
		Containment: map[string]fact.Known[fact.Containment]{"main": fact.Of(fact.Containment{Branch: "main", Contained: true, Status: "identical"}, source)},
		Policy:      fact.Of(fact.PolicyFile{Path: fact.PolicyPath, Commit: sha, Exists: true, Text: "version: 1"}, source),
		Keys: map[string]fact.Known[fact.AccountKeys]{
			"octocat": fact.Of(fact.AccountKeys{Login: "octocat", Keys: []fact.PublicKey{{ID: 1, Text: "ssh-ed25519 AAAA"}}}, source),
		},
		Files: map[string]fact.Known[fact.File]{
			"keys/octocat.asc": fact.Of(fact.File{Path: "keys/octocat.asc", Commit: sha, Text: "key"}, source),
		},
		Access: map[string]fact.Known[fact.Access]{
			"octocat": fact.Of(fact.Access{Person: *octocat, Permission: fact.MaintainPermission}, source),
			"bob":     fact.Of(fact.Access{Person: *bob, Permission: fact.WritePermission}, source),
		},
	}
}

func TestKeysAndFilesAreThoseAskedFor(t *testing.T) {
	t.Parallel()
	set := sampleSet()
	if _, missing := set.FileAt("keys/octocat.asc").Get(); missing != nil {
		t.Errorf("the file was refused: %v", missing)
	}
	if _, missing := set.FileAt("keys/other.asc").Get(); missing == nil || missing.Reason != fact.NotAsked {
		t.Errorf("a file that nobody read: %v", missing)
	}
	moved := sampleSet()
	moved.Policy = fact.Of(fact.PolicyFile{Commit: fact.SHA(strings.Repeat("d2", 20))}, fact.Source{})
	if _, missing := moved.FileAt("keys/octocat.asc").Get(); missing == nil || missing.Reason != fact.Inconsistent {
		t.Errorf("a file of another commit than the policy's counts: %v", missing)
	}
	moved.Policy = fact.Lost[fact.PolicyFile](fact.Missing{Reason: fact.Forbidden})
	if _, missing := moved.FileAt("keys/octocat.asc").Get(); missing == nil {
		t.Error("a file counts although nobody knows the policy's commit")
	}
	reduced := set.Only([]fact.Need{{Kind: fact.NeedFile, Key: "keys/octocat.asc"}})
	if file, missing := reduced.Policy.Get(); missing != nil || file.Text != "" {
		t.Errorf("the text of the policy came along: %q, %v", file.Text, missing)
	}
	if _, missing := set.KeysOf(fact.Person{Login: "OCTOCAT"}).Get(); missing != nil {
		t.Errorf("case of a login matters: %v", missing)
	}
	set.Keys["bob"] = set.Keys["octocat"]
	if _, missing := set.KeysOf(fact.Person{Login: "bob"}).Get(); missing == nil || missing.Reason != fact.Inconsistent {
		t.Errorf("another account's keys were taken: %v", missing)
	}
}
