package arch_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const root = "../../.."

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// What action.yml declares is in the README's tables, and nothing else is.
func TestTheReadmeListsEveryInputAndOutput(t *testing.T) {
	t.Parallel()
	var action struct {
		Inputs, Outputs map[string]any
	}
	if err := yaml.Unmarshal([]byte(readText(t, "action.yml")), &action); err != nil {
		t.Fatal(err)
	}
	readme := readText(t, "README.md")
	for heading, declared := range map[string]map[string]any{"Inputs": action.Inputs, "Outputs": action.Outputs} {
		listed := firstColumn(t, readme, heading)
		for name := range declared {
			if !listed[name] {
				t.Errorf("%s: %q is declared and not listed", heading, name)
			}
			delete(listed, name)
		}
		for name := range listed {
			t.Errorf("%s: %q is listed and not declared", heading, name)
		}
	}
}

// firstColumn returns the words in code spans of a table's first column.
func firstColumn(t *testing.T, markdown, heading string) map[string]bool {
	t.Helper()
	_, section, found := strings.Cut(markdown, "\n## "+heading+"\n")
	if !found {
		t.Fatalf("the README has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	words := map[string]bool{}
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, match := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(cells[1], -1) {
			words[match[1]] = true
		}
	}
	return words
}

func TestTheReadmeIsShort(t *testing.T) {
	t.Parallel()
	if lines := strings.Count(readText(t, "README.md"), "\n"); lines > 200 {
		t.Errorf("the README has %d lines, at most 200 are read", lines)
	}
}

// A link to a file that is not there helps nobody.
func TestLinksInThePagesLeadSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#\s]+)(#[^)\s]*)?\)`)
	for _, page := range pages(t) {
		text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(readText(t, page), "")
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			target := filepath.Join(root, filepath.Dir(page), match[1])
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", page, match[1])
			}
		}
	}
}

// pages returns the Markdown pages for people.
func pages(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md", "pkg/gate/*.md", "pkg/githubtest/*.md", "examples/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			relative, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, relative)
		}
	}
	if len(found) < 20 {
		t.Fatalf("only %d pages found", len(found))
	}
	return found
}

// Every direct dependency says why it is there.
func TestEveryDependencyHasAReason(t *testing.T) {
	t.Parallel()
	previous := ""
	for line := range strings.Lines(readText(t, "go.mod")) {
		line = strings.TrimSpace(line)
		isModule := regexp.MustCompile(`^[a-z0-9.]+\.[a-z]+/\S+ v`).MatchString(line)
		if isModule && !strings.HasSuffix(line, "// indirect") && !strings.HasPrefix(previous, "//") {
			t.Errorf("go.mod: %s has no reason above it", line)
		}
		previous = line
	}
}

// A reader who knows no package yet finds each on the map in CONTRIBUTING.md.
func TestTheMapOfTheFoldersIsWhole(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(readText(t, "CONTRIBUTING.md"), "\n## Where things are\n\n```\n")
	drawn, _, _ := strings.Cut(rest, "```")
	said, at := map[string]string{}, ""
	for line := range strings.Lines(drawn) {
		if !strings.HasPrefix(line, " ") {
			at, _, _ = strings.Cut(line, " ")
		}
		said[at] += line
	}
	for place := range said {
		if _, err := os.Stat(filepath.Join(root, place)); err != nil {
			t.Errorf("the map has %q, which is not there", place)
		}
	}
	for _, folder := range []string{"cmd", "pkg", "pkg/internal", "testdata"} {
		for _, name := range entries(t, folder) {
			whole, listed := regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`), said[folder]
			if folder == "pkg" {
				listed = said["pkg/"+name]
			}
			if !whole.MatchString(listed) {
				t.Errorf("the map does not say what %s/%s is", folder, name)
			}
		}
	}
}

// entries returns what is in a folder, without folders that are empty: git does not
// know them.
func entries(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, folder, "[^.]*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d entries, %v", folder, len(paths), err)
	}
	var names []string
	for _, path := range paths {
		if inside, err := os.ReadDir(path); err == nil && len(inside) == 0 {
			continue
		}
		names = append(names, filepath.Base(path))
	}
	return names
}
