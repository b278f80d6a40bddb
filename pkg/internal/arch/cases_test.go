package arch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// caseGroups are the groups of testdata/cases.tsv and how many cases each has.
// They are listed here, so that a line that is lost is noticed.
var caseGroups = map[string]int{"CTRL": 12, "REF": 22, "POL": 23, "SIG": 9, "APR": 28, "CHK": 21, "TIM": 8, "INJ": 11, "PRM": 11, "API": 18, "ENV": 13, "FLT": 11}

// A case is what an attacker, a slip or an accident does, and what has to come
// of it. Each is covered by something that is there, or says what it waits for.
func TestEveryCaseIsCovered(t *testing.T) {
	t.Parallel()
	covered := map[string]string{}
	for line := range strings.Lines(readText(t, "testdata/cases.tsv")) {
		id, by, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || covered[id] != "" || by == "" {
			t.Errorf("want an id that is not there yet, a tab and what covers it: %q", line)
		}
		covered[id] = by
		for each := range strings.SplitSeq(by, "; ") {
			if err := coverage(id, each); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
	}
	for group, count := range caseGroups {
		for i := range count {
			id := fmt.Sprintf("%s-%02d", group, i+1)
			if covered[id] == "" {
				t.Errorf("%s is not in the file", id)
			}
			delete(covered, id)
		}
	}
	for id := range covered {
		t.Errorf("%s is no case", id)
	}
}

// Whoever follows a case from its story finds it in the file.
func TestStoriesNameCasesThatNameThem(t *testing.T) {
	t.Parallel()
	index := readText(t, "testdata/cases.tsv")
	paths, err := filepath.Glob(filepath.Join(root, "testdata", "script", "case-*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("find stories: %v, %d files", err, len(paths))
	}
	named := regexp.MustCompile(`(?m)^# ([A-Z]+-[0-9]+): `)
	for _, path := range paths {
		story := strings.TrimSuffix(filepath.Base(path), ".txtar")
		ids := named.FindAllStringSubmatch(readText(t, filepath.Join("testdata", "script", filepath.Base(path))), -1)
		if len(ids) == 0 {
			t.Errorf("%s names no case", story)
		}
		for _, id := range ids {
			if !regexp.MustCompile(`(?m)^` + id[1] + `\t(.*; )?` + story + `(;|$)`).MatchString(index) {
				t.Errorf("%s names %s, which does not name it", story, id[1])
			}
		}
	}
}

var testReference = regexp.MustCompile(`^(pkg/[a-z]+)\.(Test\w+)(?:: (.+))?$`)

// coverage returns an error if what is said to cover a case is not there: a
// reason to wait, a policy that is wrong, a test with or without one of its
// rows, or a story.
func coverage(id, by string) error {
	if topic, later := strings.CutPrefix(by, "later: "); later {
		if topic == "" {
			return fmt.Errorf("say what it waits for")
		}
		return nil
	}
	if strings.HasPrefix(by, "testdata/policy/err/") {
		_, err := os.Stat(filepath.Join(root, by))
		return err
	}
	if test := testReference.FindStringSubmatch(by); test != nil {
		return testWithRow(test[1], test[2], test[3])
	}
	story, err := os.ReadFile(filepath.Join(root, "testdata", "script", by+".txtar"))
	if err != nil {
		return err
	}
	if strings.HasPrefix(by, "case-") && !strings.Contains(string(story), "\n# "+id+": ") && !strings.HasPrefix(string(story), "# "+id+": ") {
		return fmt.Errorf("%s has no part that begins with it", by)
	}
	return nil
}

// testWithRow finds the function, and the row in the same file: the text of a
// row follows a quotation mark.
func testWithRow(folder, test, row string) error {
	paths, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		return err
	}
	texts := make([]string, len(paths))
	for i, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		texts[i] = string(text)
	}
	at := slices.IndexFunc(texts, func(text string) bool { return strings.Contains(text, "\nfunc "+test+"(t *testing.T)") })
	if at < 0 {
		return fmt.Errorf("%s has no %s", folder, test)
	}
	if row != "" && !strings.Contains(texts[at], `"`+row) {
		return fmt.Errorf("%s.%s has no row %q", folder, test, row)
	}
	return nil
}
