package gitstore_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/gitstore"
)

func TestWalkRefusesWhatItCannotKnowWhole(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	root := made.commit(t, "root")
	body := made.body(t, "x", root)
	absent := strings.Repeat("12", 20)
	rows := []struct {
		name    string
		start   string
		problem gitstore.Problem
		words   []string
	}{
		{"a parent that is not here", made.commit(t, "x", absent), gitstore.Missing, []string{absent, "git fsck"}},
		{"a parent that is a blob", made.commit(t, "x", made.object(t, "blob", "text")), gitstore.WrongType, []string{"it is a blob"}},
		{"a start that is a tag", made.tag(t, "commit", root), gitstore.WrongType, []string{"it is a tag", "the one it points at"}},
		{"a start that is not an id", "main", gitstore.BadRevision, []string{`"main"`}},
		{"a parent that is not an id", made.object(t, "commit", strings.Replace(body, "parent "+root, "parent "+root[:39], 1)), gitstore.Malformed, nil},
		{"a parent in capitals", made.object(t, "commit", strings.Replace(body, "parent "+root, "parent "+strings.ToUpper(root), 1)), gitstore.Malformed, nil},
		{"a parent of another format", made.object(t, "commit", strings.Replace(body, "parent "+root, "parent "+root+root[:24], 1)), gitstore.Malformed, nil},
		{"a parent below the author", made.object(t, "commit", strings.Replace(body, "\n\n", "\nparent "+root+"\n\n", 1)), gitstore.Malformed, []string{"is no parent"}},
		{"no tree", made.object(t, "commit", body[strings.Index(body, "\n")+1:]), gitstore.Malformed, []string{"does not begin with its tree"}},
		{"no header", made.object(t, "commit", ""), gitstore.Malformed, nil},
		{"too large", made.object(t, "commit", body+strings.Repeat("x", gitobject.MaxSize)), gitstore.TooLarge, []string{"1048576"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			store := made.open(t)
			ids, err := walked(t, store, []string{row.start}, nil)
			wantProblem(t, err, row.problem, row.words...)
			if slices.Contains(ids, row.start) && row.problem != gitstore.Missing && row.problem != gitstore.WrongType {
				t.Error("it was visited all the same")
			}
			_, err = walked(t, store, []string{root}, []string{row.start})
			wantProblem(t, err, row.problem, row.words...)
			// The next question gets its own answer.
			if ids, err := walked(t, store, []string{root}, nil); err != nil || !slices.Equal(ids, []string{root}) {
				t.Errorf("then: %v, %v", ids, err)
			}
		})
	}
}

func TestWalkP12IgnoresGrafts(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	hidden := made.commit(t, "unsigned")
	tip := made.commit(t, "tip", hidden)
	made.write(t, "info/grafts", tip+"\n")
	if told := made.git(t, "", "rev-list", tip); told != tip {
		t.Fatalf("git follows grafts no more (%s): this test shows nothing", told)
	}
	store := made.open(t)
	ids, err := walked(t, store, []string{tip}, nil)
	if err != nil || !slices.Equal(ids, []string{tip, hidden}) {
		t.Errorf("walk = %v, %v; want the tip and its parent", ids, err)
	}
	if all := store.Notices(); len(all) != 1 || !strings.Contains(all[0], "info/grafts") {
		t.Errorf("notices = %q", all)
	}
	made.point(t, "refs/heads/main", tip)
	at, err := store.Resolve(t.Context(), "main~1")
	if err != nil || at.ID != hidden {
		t.Errorf("main~1 = %v, %v; want %s", at, err, hidden)
	}
}

func TestWalkP12SaysThatTheCloneIsShallow(t *testing.T) {
	t.Parallel()
	origin := newRepository(t)
	one := origin.commit(t, "one")
	two := origin.commit(t, "two", one)
	three := origin.commit(t, "three", two)
	origin.point(t, "refs/heads/main", three)
	clone := repository{folder: t.TempDir()}
	clone.git(t, "", "clone", "--quiet", "--bare", "--depth=2", "file://"+origin.folder, ".")
	store := clone.open(t)
	if all := store.Notices(); len(all) != 1 || !strings.Contains(all[0], "shallow") {
		t.Errorf("notices = %q", all)
	}
	ids, err := walked(t, store, []string{three}, nil)
	wantProblem(t, err, gitstore.ShallowClone, one, "git fetch --unshallow")
	if !slices.Equal(ids, []string{three, two}) {
		t.Errorf("visited before that: %v", ids)
	}
	ids, err = walked(t, store, []string{three}, []string{two})
	wantProblem(t, err, gitstore.ShallowClone)
	if len(ids) != 0 {
		t.Errorf("visited %v of a range that is not known whole", ids)
	}
	_, err = store.Resolve(t.Context(), "main~2")
	wantProblem(t, err, gitstore.ShallowClone, "git fetch --unshallow")
	clone.git(t, "", "fetch", "--quiet", "--unshallow")
	if ids, err = walked(t, clone.open(t), []string{three}, nil); err != nil || len(ids) != 3 {
		t.Errorf("after git fetch --unshallow: %v, %v", ids, err)
	}
}

// A file `shallow` over objects that are all here hides them from git.
func TestWalkP12GoesOnWhereTheFileShallowSaysStop(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	hidden := made.commit(t, "unsigned")
	tip := made.commit(t, "tip", hidden)
	made.write(t, "shallow", tip+"\n")
	if told := made.git(t, "", "rev-list", tip); told != tip {
		t.Fatalf("git does not believe the file (%s): this test shows nothing", told)
	}
	if ids, err := walked(t, made.open(t), []string{tip}, nil); err != nil || !slices.Equal(ids, []string{tip, hidden}) {
		t.Errorf("walk = %v, %v; want the tip and its parent", ids, err)
	}
}

func TestWalkVisitsBreadthFirstAndEachCommitOnce(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			made := newRepository(t, "--object-format="+format)
			root := made.commit(t, "root")
			left, right, other := made.commit(t, "left", root), made.commit(t, "right", root), made.commit(t, "other root")
			octopus := made.commit(t, "octopus", right, left, other)
			tip := made.commit(t, "tip", octopus)
			store := made.open(t)
			for _, questions := range []int{60, 1} {
				store.SetWindow(questions)
				got, err := walked(t, store, []string{tip, left, tip}, nil)
				if diff := cmp.Diff([]string{tip, left, octopus, root, right, other}, got); diff != "" || err != nil {
					t.Errorf("%d at a time: %v (-want +got):\n%s", questions, err, diff)
				}
				got, err = walked(t, store, []string{tip}, []string{left})
				if diff := cmp.Diff([]string{tip, octopus, right, other}, got); diff != "" || err != nil {
					t.Errorf("without what left reaches: %v (-want +got):\n%s", err, diff)
				}
			}
			for _, exclude := range [][]string{{tip}, {octopus, tip}} {
				if got, err := walked(t, store, []string{tip}, exclude); err != nil || len(got) != 0 {
					t.Errorf("a range of nothing: %v, %v", got, err)
				}
			}
			if got, err := walked(t, store, nil, nil); err != nil || len(got) != 0 {
				t.Errorf("from nowhere: %v, %v", got, err)
			}
		})
	}
}

func TestWalkStopsWhereVisitSaysSo(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	var parents []string
	for i := range 20 {
		parents = append(parents, made.commit(t, fmt.Sprint("parent ", i)))
	}
	tip := made.commit(t, "tip", parents...)
	store := made.open(t)
	stop := errors.New("enough")
	visits := 0
	err := store.Walk(t.Context(), []string{tip}, nil, func(gitstore.Object) error {
		visits++
		if visits == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || visits != 3 {
		t.Errorf("error = %v after %d visits, want %v after 3", err, visits, stop)
	}
	if got, err := store.Object(t.Context(), parents[7]); err != nil || !strings.Contains(string(got.Body), "parent 7") {
		t.Errorf("then: %q, %v", got.Body, err)
	}
}

func TestWalkDoesNotLetVisitAskTheStore(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	tip := made.commit(t, "tip", made.commit(t, "root"))
	store := made.open(t)
	err := store.Walk(t.Context(), []string{tip}, nil, func(commit gitstore.Object) error {
		_, err := store.Object(t.Context(), commit.ID)
		return err
	})
	wantProblem(t, err, gitstore.Busy)
}

// Where there are no grafts and their like, git's own answer is the right one.
func TestWalkAgreesWithGitOnAnyGraph(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	store := made.open(t)
	rapid.Check(t, func(r *rapid.T) {
		ids := drawGraph(t, r, made)
		tips := rapid.SliceOfN(rapid.SampledFrom(ids), 1, 4)
		include, exclude := tips.Draw(r, "include"), tips.Draw(r, "exclude")
		store.SetWindow(rapid.SampledFrom([]int{1, 2, 3, 60}).Draw(r, "window"))
		got, err := walked(t, store, include, exclude)
		if err != nil {
			r.Fatal(err)
		}
		// One end at a time: with both, wrong clocks can lead git astray.
		all, out := reached(t, made, include), reached(t, made, exclude)
		want := slices.DeleteFunc(all, func(id string) bool { return slices.Contains(out, id) })
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(want, got) {
			r.Fatalf("commits (-git +walk):\n%s", cmp.Diff(want, got))
		}
	})
}

func reached(t *testing.T, made repository, tips []string) []string {
	t.Helper()
	return strings.Fields(made.git(t, "", append([]string{"rev-list"}, tips...)...))
}

// drawGraph stores a random graph with clocks that are wrong, by one command.
func drawGraph(t *testing.T, r *rapid.T, made repository) []string {
	t.Helper()
	var input strings.Builder
	size := rapid.IntRange(1, 25).Draw(r, "commits")
	for i := range size {
		seconds := rapid.IntRange(1_000_000_000, 1_000_000_000+2*size).Draw(r, "clock")
		fmt.Fprintf(&input, "commit refs/heads/g\nmark :%d\ncommitter Ada <ada@example.org> %d +0000\ndata 0\n", i+1, seconds)
		var parents []int
		if i > 0 {
			parents = rapid.SliceOfNDistinct(rapid.IntRange(1, i), 0, min(i, 3), rapid.ID[int]).Draw(r, "parents")
		}
		for j, parent := range parents {
			fmt.Fprintf(&input, "%s :%d\n", [...]string{"from", "merge", "merge"}[j], parent)
		}
		if len(parents) == 0 {
			// Without a parent of its own it would follow the branch.
			text := input.String()
			input.Reset()
			at := strings.LastIndex(text, "commit refs/heads/g\n")
			input.WriteString(text[:at] + "reset refs/heads/g\n" + text[at:])
		}
		input.WriteString("\n")
	}
	for i := range size {
		fmt.Fprintf(&input, "get-mark :%d\n", i+1)
	}
	return strings.Fields(made.git(t, input.String(), "fast-import", "--quiet", "--force"))
}
