package lint_test

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/lint"
	"github.com/stageward/stageward/pkg/policy"
)

var update = flag.Bool("update", false, "pack the page anew")

const pagePath = "../../docs/lint.md"

// now is the moment at which the examples are looked at.
var now = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func readPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The page that the program has is docs/lint.md. The bytes of the archive may differ:
// they depend on who compressed it.
func TestThePageIsPacked(t *testing.T) {
	t.Parallel()
	want := readPage(t)
	if *update && unpacked(t) != want {
		pack(t, want)
	}
	if diff := cmp.Diff(want, unpacked(t)); diff != "" {
		t.Errorf("page.zip does not hold docs/lint.md as it is; run go generate ./pkg/lint (-page +archive):\n%s", diff)
	}
}

func pack(t *testing.T, text string) {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	file, err := archive.Create("lint.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.WriteString(file, text); err != nil {
		t.Fatal(err)
	}
	if err = archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err = os.WriteFile("page.zip", packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// unpacked returns what the archive holds; "" where it is none.
func unpacked(t *testing.T) string {
	t.Helper()
	archive, err := zip.OpenReader("page.zip")
	if err != nil || len(archive.File) != 1 {
		return ""
	}
	defer func() { _ = archive.Close() }() // it was only read
	content, err := archive.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var heading = regexp.MustCompile(`(?m)^### (\S+)$`)

// Every id has a section, and every section is of an id.
func TestThePageHasEveryWarning(t *testing.T) {
	t.Parallel()
	var sections []string
	for _, match := range heading.FindAllStringSubmatch(readPage(t), -1) {
		sections = append(sections, match[1])
	}
	slices.Sort(sections)
	if diff := cmp.Diff(lint.IDs(), sections); diff != "" {
		t.Errorf("docs/lint.md has not one section for each warning (-warnings +sections):\n%s", diff)
	}
	for _, id := range lint.IDs() {
		if section := lint.Page(id); !strings.HasPrefix(section, "### "+id+"\n") || strings.Count(section, "\n#") > 0 {
			t.Errorf("--explain %s shows:\n%s", id, section)
		}
	}
	if section := lint.Page("accept-on-purpose"); section != "" {
		t.Errorf("a section that is of no warning is shown:\n%s", section)
	}
}

// Who has only the program can follow the links of what --explain shows; and sees
// that the example is what not to write.
func TestASectionStandsAlone(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(https://github\.com/stageward/stageward/blob/main/([^)#]+)(#[^)]*)?\)`)
	links := 0
	for _, id := range lint.IDs() {
		section := lint.Page(id)
		if !strings.Contains(section, "\nThis is warned of") {
			t.Errorf("%s does not say what the example is:\n%s", id, section)
		}
		found := link.FindAllStringSubmatch(section, -1)
		if links += len(found); len(found) != strings.Count(section, "](") {
			t.Errorf("%s has a link that leads nowhere:\n%s", id, section)
		}
		for _, match := range found {
			if _, err := os.Stat("../../" + match[1]); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
	}
	if links == 0 {
		t.Error("no section has a link")
	}
}

var block = regexp.MustCompile("(?ms)^```yaml[ a-z]*\n(.*?)^```$")

// The example of a section gives the warning that the section is about, and no other.
func TestTheExamplesOfThePage(t *testing.T) {
	t.Parallel()
	page := readPage(t)
	places := heading.FindAllStringSubmatchIndex(page, -1)
	for i, at := range places {
		end := len(page)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		id, section := page[at[2]:at[3]], page[at[0]:end]
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			var rules policy.Policy
			beside := lint.Beside{Now: now, Workflows: map[string]string{}}
			for _, match := range block.FindAllStringSubmatch(section, -1) {
				if !strings.HasPrefix(match[1], "version:") {
					beside.Workflows[".github/workflows/deploy.yml"] = match[1]
					continue
				}
				rules = parse(t, match[1])
			}
			if got := open(lint.Look(rules, beside)); !slices.Equal(got, []string{id}) {
				t.Errorf("the example gives %q:\n%s", got, section)
			}
		})
	}
	if len(places) < 40 {
		t.Errorf("only %d sections were found", len(places))
	}
}

func parse(t *testing.T, text string) policy.Policy {
	t.Helper()
	rules, err := policy.Parse("policy.yml", []byte(text), gate.All())
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return rules
}

// open returns the ids of the warnings that nobody accepted, each once.
func open(found []lint.Warning) []string {
	var ids []string
	for _, each := range found {
		if each.Accepted == nil && !slices.Contains(ids, each.ID) {
			ids = append(ids, each.ID)
		}
	}
	return ids
}
