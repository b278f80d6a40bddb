package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestMutants(t *testing.T) {
	t.Parallel()
	const code = "package rule\n\nfunc Allows(n int) bool {\n\treturn n > 0 && n < 9\n}\n"
	report := func(mutations string) string {
		return `{"go_module": "example.org/small", "files": [{"file_name": "rule.go", "mutations": [` + mutations + `]}]}`
	}
	const (
		killed   = `{"type": "CONDITIONALS_NEGATION", "status": "KILLED", "line": 4, "column": 11}`
		lived    = `{"type": "CONDITIONALS_BOUNDARY", "status": "LIVED", "line": 4, "column": 11}`
		uncalled = `{"type": "INVERT_LOGICAL", "status": "NOT COVERED", "line": 4, "column": 15}`
		nowhere  = `{"type": "INVERT_LOGICAL", "status": "LIVED", "line": 40, "column": 15}`
	)
	const (
		first  = "rule/rule.go\tCONDITIONALS_BOUNDARY\treturn n »> 0 && n < 9\tnobody asks for 0\n"
		second = "rule/rule.go\tINVERT_LOGICAL\treturn n > 0 »&& n < 9\tnobody asks\n"
		other  = "other/rule.go\tINVERT_LOGICAL\treturn n > 0 »&& n < 9\tof another package\n"
	)
	for name, row := range map[string]struct {
		report, listed string
		want           string // part of what is printed, or of the error
		found, wrong   bool   // errFound, another error
	}{
		"one that lived":              {report(killed + "," + lived), other, "ALIVE    rule/rule.go\tCONDITIONALS_BOUNDARY\treturn n »> 0 && n < 9\n", true, false},
		"one that no test runs":       {report(killed + "," + uncalled), other, "ALIVE    rule/rule.go\tINVERT_LOGICAL\treturn n > 0 »&& n < 9\n", true, false},
		"one that is dead and listed": {report(killed), first, "LISTED   rule/rule.go\tCONDITIONALS_BOUNDARY", true, false},
		"of a line that is not there": {report(nowhere), "", "was it changed since?", false, true},
		"a report of nothing":         {report(""), "", "tells of no mutant", false, true},
		"a report that is none":       {"[]", "", "read ", false, true},
		"a list without a reason":     {report(killed), "rule/rule.go\tINVERT_LOGICAL\treturn »n\t\n", "want file, kind, code", false, true},
		"a list without a mark":       {report(killed), "rule/rule.go\tINVERT_LOGICAL\treturn n\tno\n", "want file, kind, code", false, true},
		"all listed":                  {report(killed + "," + lived + "," + uncalled), "# why\n\n" + first + second + other, "rule: 3 mutants, 1 killed, 0 timed out, 0 not viable, 1 lived, 1 not covered, of these 2 justified\n", false, false},
		"all dead":                    {report(killed), other, "rule: 1 mutants, 1 killed", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			write(t, root, "rule/rule.go", code)
			write(t, root, "report.json", row.report)
			write(t, root, "testdata/mutation.tsv", row.listed)
			var out strings.Builder
			err := judgeMutants(root, []string{"rule=" + filepath.Join(root, "report.json")}, &out)
			said := out.String()
			if err != nil {
				said += err.Error()
			}
			if errors.Is(err, errFound) != row.found || (err != nil && !errors.Is(err, errFound)) != row.wrong || !strings.Contains(said, row.want) {
				t.Errorf("returned %v and printed\n%s\nwant %q", err, &out, row.want)
			}
		})
	}
	if err := judgeMutants(t.TempDir(), nil, &strings.Builder{}); err == nil {
		t.Error("no report was asked for, and that is fine")
	}
}
