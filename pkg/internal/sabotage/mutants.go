package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutation is what gremlins says of one change that it made.
type mutation struct {
	Type   string `json:"type"`
	Status string `json:"status"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// mutationReport is the report of gremlins v0.6.0 about a package.
type mutationReport struct {
	Files []struct {
		Name      string     `json:"file_name"`
		Mutations []mutation `json:"mutations"`
	} `json:"files"`
}

// mutant is a change by its place: the line as it is, with a mark before what was
// changed. Line numbers would not outlive the next edit.
type mutant struct{ file, kind, code string }

func (m mutant) String() string { return m.file + "\t" + m.kind + "\t" + m.code }

// mark stands before the changed place in a line.
const mark = "»"

// judgeMutants reads reports, PACKAGE=REPORT.json each, and returns errFound where
// a mutant is left alive that testdata/mutation.tsv does not list, or where that
// lists one that is dead.
func judgeMutants(root string, reports []string, out io.Writer) error {
	if len(reports) == 0 {
		return errors.New("want -mutants PACKAGE=REPORT.json …")
	}
	listed, err := readJustified(filepath.Join(root, "testdata", "mutation.tsv"))
	if err != nil {
		return err
	}
	found := false
	for _, each := range reports {
		folder, path, _ := strings.Cut(each, "=")
		counts, alive, err := readReport(root, folder, path)
		if err != nil {
			return err
		}
		unlisted, stale := compare(alive, listed, folder)
		found = found || len(unlisted)+len(stale) > 0
		text := fmt.Sprintf("%s: %s, of these %d justified\n", folder, counts, len(alive)-len(unlisted))
		for _, one := range unlisted {
			text += fmt.Sprintf("ALIVE    %s\n", one)
		}
		for _, one := range stale {
			text += fmt.Sprintf("LISTED   %s (but no such mutant is alive)\n", one)
		}
		if _, err := io.WriteString(out, text); err != nil {
			return err
		}
	}
	if found {
		return errFound
	}
	return nil
}

// compare returns who is alive and not listed, and what is listed of a package and
// not alive.
func compare(alive, listed []mutant, folder string) (unlisted, stale []mutant) {
	for _, one := range alive {
		if !slices.Contains(listed, one) {
			unlisted = append(unlisted, one)
		}
	}
	for _, one := range listed {
		if filepath.ToSlash(filepath.Dir(one.file)) == folder && !slices.Contains(alive, one) {
			stale = append(stale, one)
		}
	}
	return unlisted, stale
}

// readReport counts the mutants of a package and returns those that no test killed.
func readReport(root, folder, path string) (counts string, alive []mutant, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	var report mutationReport
	if err := json.Unmarshal(data, &report); err != nil {
		return "", nil, fmt.Errorf("read %s: %w", path, err)
	}
	total, count := 0, map[string]int{}
	for _, file := range report.Files {
		for _, each := range file.Mutations {
			total++
			count[each.Status]++
		}
		found, err := survivors(root, filepath.ToSlash(filepath.Join(folder, file.Name)), file.Mutations)
		if err != nil {
			return "", nil, err
		}
		alive = append(alive, found...)
	}
	if total == 0 {
		return "", nil, fmt.Errorf("read %s: it tells of no mutant", path)
	}
	return fmt.Sprintf("%d mutants, %d killed, %d timed out, %d not viable, %d lived, %d not covered",
		total, count["KILLED"], count["TIMED OUT"], count["NOT VIABLE"], count["LIVED"], count["NOT COVERED"]), alive, nil
}

// survivors are the mutants of a file that no test killed, or even ran.
func survivors(root, file string, mutations []mutation) ([]mutant, error) {
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	var alive []mutant
	for _, each := range mutations {
		if each.Status != "LIVED" && each.Status != "NOT COVERED" {
			continue
		}
		code, err := marked(lines, each)
		if err != nil {
			return nil, fmt.Errorf("%s: %w; was it changed since?", file, err)
		}
		alive = append(alive, mutant{file: file, kind: each.Type, code: code})
	}
	return alive, nil
}

// marked is a line with the mark before what was changed.
func marked(lines []string, at mutation) (string, error) {
	if at.Line < 1 || at.Line > len(lines) || at.Column < 1 || at.Column > len(lines[at.Line-1]) {
		return "", fmt.Errorf("there is no line %d, column %d", at.Line, at.Column)
	}
	line := lines[at.Line-1]
	return strings.TrimSpace(line[:at.Column-1] + mark + line[at.Column-1:]), nil
}

// readJustified reads the mutants that may live: file, kind, code and why, with tabs
// between them. Lines that begin with # are for readers.
func readJustified(path string) ([]mutant, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var listed []mutant
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 4 || fields[3] == "" || !strings.Contains(fields[2], mark) {
			return nil, fmt.Errorf("%s:%d: want file, kind, code with %s and why, with tabs between them", path, number, mark)
		}
		listed = append(listed, mutant{file: fields[0], kind: fields[1], code: fields[2]})
	}
	return listed, nil
}
