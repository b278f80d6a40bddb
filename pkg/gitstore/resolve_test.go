package gitstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gitstore"
)

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	root := made.commit(t, "root")
	tip := made.commit(t, "tip", root)
	tag := made.tag(t, "commit", root)
	for reference, id := range map[string]string{
		"refs/heads/main": tip, "refs/heads/v1": root, "refs/tags/v1": tag, "refs/heads/same": tip, "refs/tags/same": tip,
		"refs/remotes/origin/main": root, "refs/heads/origin/main": tip, "refs/heads/HEAD": root,
		"refs/heads/refs/tags/v9": root, "refs/heads/" + tip[:9]: root, "refs/tags/" + tip: root, "refs/heads/folder/x": tip,
	} {
		made.point(t, reference, id)
	}
	made.write(t, "cafe0123", root+"\n") // a file beside HEAD
	rows := []struct {
		name, revision string
		problem        gitstore.Problem
		words          []string
	}{
		{"nothing", "", gitstore.BadRevision, []string{`""`}},
		{"an option", "--batch-all-objects", gitstore.BadRevision, nil},
		{"a short option", "-p", gitstore.BadRevision, nil},
		{"a second question", "main\n" + root, gitstore.BadRevision, nil},
		{"a null byte", "main\x00", gitstore.BadRevision, nil},
		{"a space", "main ", gitstore.BadRevision, nil},
		{"an escape", "\x1b[2Jmain", gitstore.BadRevision, nil},
		{"a range", "v1..main", gitstore.BadRevision, []string{"name one"}},
		{"what is not reached", "^main", gitstore.BadRevision, nil},
		{"all parents", "main^@", gitstore.BadRevision, nil},
		{"a range of parents", "main^-", gitstore.BadRevision, nil},
		{"a search", ":/root", gitstore.BadRevision, nil},
		{"a search from a commit", "main^{/root}", gitstore.BadRevision, nil},
		{"a path", "main:file", gitstore.BadRevision, nil},
		{"a date", "main@{1}", gitstore.BadRevision, nil},
		{"a pattern", "ma*", gitstore.BadRevision, nil},
		{"a folder of references", "refs/heads/folder/", gitstore.BadRevision, nil},
		{"too long", strings.Repeat("x", 1001), gitstore.BadRevision, nil},
		{"a step that is too long", "main~9999999999", gitstore.BadRevision, nil},

		{"T18: a branch and a tag", "v1", gitstore.Ambiguous, []string{"refs/tags/v1", "refs/heads/v1", "write the full name"}},
		{"T18: a branch and a tag, with steps", "v1^{commit}", gitstore.Ambiguous, nil},
		{"T18: a branch and a tag on one commit", "same", gitstore.Ambiguous, nil},
		{"T18: a branch and a remote branch", "origin/main", gitstore.Ambiguous, []string{"refs/remotes/origin/main"}},
		{"T18: a branch named HEAD", "HEAD", gitstore.Ambiguous, []string{"refs/heads/HEAD"}},
		{"T18: a branch named like a short id", tip[:9], gitstore.Ambiguous, []string{"refs/heads/" + tip[:9]}},
		{"T18: a tag named like an id", tip, gitstore.Ambiguous, []string{"refs/tags/" + tip}},

		{"T18: a full name that is only a branch's short one", "refs/tags/v9", gitstore.NotFound, nil},
		{"T18: a file beside HEAD", "cafe0123", gitstore.OtherObject, []string{root}},
		{"a folder of references without a slash", "folder", gitstore.NotFound, nil},
		{"an unknown name", "release", gitstore.NotFound, []string{`"release"`}},
		{"an unknown short id", "0123456", gitstore.NotFound, nil},
		{"an unknown id", strings.Repeat("12", 20), gitstore.Missing, nil},
		{"a name like that of git describe", "v2-1-g" + tip[:9], gitstore.NotFound, nil},
		{"too many steps", "main~2", gitstore.NotFound, []string{"main~2"}},
		{"a step to another type", "main^{tag}", gitstore.NotFound, nil},
	}
	store := made.open(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			at, err := store.Resolve(t.Context(), row.revision)
			wantProblem(t, err, row.problem, row.words...)
			if at != (gitstore.Revision{}) {
				t.Errorf("revision = %v beside an error", at)
			}
		})
	}
}

func TestResolveFinds(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			made := newRepository(t, "--object-format="+format)
			root := made.commit(t, "root")
			side := made.commit(t, "side", root)
			tip := made.commit(t, "tip", root, side)
			tag := made.tag(t, "commit", root)
			text := made.object(t, "blob", strings.Repeat("text", 1<<20))
			for reference, id := range map[string]string{
				"refs/heads/main": tip, "refs/heads/v1": tip, "refs/tags/v1": tag, "refs/tags/20240131": root,
				"refs/remotes/origin/dev": side, "refs/remotes/origin/HEAD": side, "refs/tags/text": text, "refs/tags/release/ü": root,
			} {
				made.point(t, reference, id)
			}
			rows := []struct {
				revision string
				want     gitstore.Revision
			}{
				{"main", gitstore.Revision{ID: tip, Type: "commit", Ref: "refs/heads/main"}},
				{"heads/main", gitstore.Revision{ID: tip, Type: "commit", Ref: "refs/heads/main"}},
				{"refs/heads/v1", gitstore.Revision{ID: tip, Type: "commit", Ref: "refs/heads/v1"}},
				{"refs/tags/v1", gitstore.Revision{ID: tag, Type: "tag", Ref: "refs/tags/v1"}},
				{"tags/v1", gitstore.Revision{ID: tag, Type: "tag", Ref: "refs/tags/v1"}},
				{"tags/v1^{commit}", gitstore.Revision{ID: root, Type: "commit"}},
				{"tags/v1^{}", gitstore.Revision{ID: root, Type: "commit"}},
				{"20240131", gitstore.Revision{ID: root, Type: "commit", Ref: "refs/tags/20240131"}},
				{"release/ü", gitstore.Revision{ID: root, Type: "commit", Ref: "refs/tags/release/ü"}},
				{"origin/dev", gitstore.Revision{ID: side, Type: "commit", Ref: "refs/remotes/origin/dev"}},
				{"origin", gitstore.Revision{ID: side, Type: "commit", Ref: "refs/remotes/origin/HEAD"}},
				{"text", gitstore.Revision{ID: text, Type: "blob", Ref: "refs/tags/text"}},
				{"HEAD", gitstore.Revision{ID: tip, Type: "commit"}},
				{"@", gitstore.Revision{ID: tip, Type: "commit"}},
				{"@^2~1", gitstore.Revision{ID: root, Type: "commit"}},
				{"main~", gitstore.Revision{ID: root, Type: "commit"}},
				{tip, gitstore.Revision{ID: tip, Type: "commit"}},
				{tip[:10], gitstore.Revision{ID: tip, Type: "commit"}},
				{strings.ToUpper(tip[:10]), gitstore.Revision{ID: tip, Type: "commit"}},
				{tip + "^2", gitstore.Revision{ID: side, Type: "commit"}},
			}
			store := made.open(t)
			for _, row := range rows {
				got, err := store.Resolve(t.Context(), row.revision)
				if err != nil {
					t.Errorf("%s: %v", row.revision, err)
				} else if diff := cmp.Diff(row.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", row.revision, diff)
				}
			}
		})
	}
}

func TestResolveWantsMoreDigitsOfAnIDOfTwo(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	// Four digits that two objects begin with, found among a few hundred.
	first := map[string]bool{}
	var input strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&input, "blob\ndata <<E\n%d\nE\n", i)
	}
	made.git(t, input.String(), "fast-import", "--quiet")
	for id := range strings.FieldsSeq(made.git(t, "", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")) {
		if !first[id[:4]] {
			first[id[:4]] = true
			continue
		}
		_, err := made.open(t).Resolve(t.Context(), id[:4])
		wantProblem(t, err, gitstore.Ambiguous, id[:4], "more digits")
		return
	}
	t.Fatal("no two objects begin with the same four digits")
}
