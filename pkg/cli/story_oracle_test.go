package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v4"
)

// maxSummary is what the runner uploads at most; it drops a larger summary.
const maxSummary = 1 << 20

// playRunner judges everything that the last act left behind as the runner
// would: the commands in both streams are exactly those that are named, the
// file of outputs holds exactly what action.yml declares, no channel shows the
// token, and the tables of the summary are whole.
//
// The readers below are those of pkg/actions/runner_test.go, which follow
// actions/runner 2.336.0. Two copies are one too many, and still better than
// one that is shipped: test code of another package cannot be imported.
func playRunner(ts *testscript.TestScript, neg bool, want []string) {
	if neg {
		ts.Fatalf("usage: runner [COMMAND…]")
	}
	streams := ts.ReadFile("stdout") + "\n" + ts.ReadFile("stderr")
	if got := runnerCommands(streams); !slices.Equal(got, want) {
		ts.Fatalf("the runner obeys %q, want %q", got, want)
	}
	file := ts.ReadFile("github_output")
	outputs, err := runnerOutputs(file)
	ts.Check(err)
	declared, err := declaredOutputs()
	ts.Check(err)
	if got := slices.Sorted(maps.Keys(outputs)); !slices.Equal(got, declared) {
		ts.Fatalf("the runner reads the outputs %q, want %q", got, declared)
	}
	if !utf8.ValidString(outputs["result"]) || !json.Valid([]byte(outputs["result"])) {
		ts.Fatalf("the result is not JSON: %q", outputs["result"])
	}
	summary := ts.ReadFile("github_step_summary")
	ts.Check(judgeSummary(summary))
	// The runner has to see each token once, in the command that hides it.
	for _, name := range []string{"INPUT_TOKEN", "INPUT_PEOPLE-TOKEN"} {
		token := ts.Getenv(name)
		shown := strings.Replace(streams, "::add-mask::"+token+"\n", "", 1)
		if token != "" && (shown == streams || strings.Contains(shown+file+summary, token)) {
			ts.Fatalf("%s is shown, or not hidden", name)
		}
	}
}

// runnerCommands returns the names of the commands in the output of a step.
func runnerCommands(output string) []string {
	var found []string
	for _, line := range strings.FieldsFunc(output, func(char rune) bool { return char == '\n' || char == '\r' }) {
		info, ok := strings.CutPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::")
		if ok {
			info, _, ok = strings.Cut(info, "::")
		}
		if _, rest, legacy := strings.Cut(line, "##["); !ok && legacy {
			info, _, ok = strings.Cut(rest, "]")
		}
		if name, _, _ := strings.Cut(info, " "); ok {
			found = append(found, name)
		}
	}
	return found
}

// runnerOutputs returns the outputs in a file as the runner reads them.
func runnerOutputs(text string) (map[string]string, error) {
	outputs := map[string]string{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case line == "":
		case heredoc >= 0 && (equals < 0 || heredoc < equals):
			length := slices.Index(lines[i+1:], line[heredoc+2:])
			if heredoc == 0 || length < 0 {
				return nil, fmt.Errorf("line %q: no name, or the delimiter is missing", line)
			}
			outputs[line[:heredoc]] = strings.Join(lines[i+1:i+1+length], "\n")
			i += length + 1
		case equals > 0:
			outputs[line[:equals]] = line[equals+1:]
		default:
			return nil, fmt.Errorf("line %q is neither name=value nor name<<delimiter", line)
		}
	}
	return outputs, nil
}

// declaredOutputs returns the names of the outputs in action.yml, sorted.
func declaredOutputs() ([]string, error) {
	data, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		return nil, err
	}
	var action struct {
		Outputs map[string]any
	}
	err = yaml.Unmarshal(data, &action)
	return slices.Sorted(maps.Keys(action.Outputs)), err
}

// judgeSummary returns an error for a summary that the runner drops, or in
// which a row of a table has more or fewer cells than its head.
func judgeSummary(summary string) error {
	if len(summary) >= maxSummary || !utf8.ValidString(summary) {
		return fmt.Errorf("the summary has %d bytes, or is not UTF-8", len(summary))
	}
	if !strings.Contains(summary, "\n**Stage:** ") {
		return errors.New("the summary does not say what it is about")
	}
	head := 0
	for line := range strings.Lines(summary) {
		if !strings.HasPrefix(line, "|") {
			head = 0
			continue
		}
		cells := strings.Count(line, "|") - strings.Count(line, `\|`)
		if head == 0 {
			head = cells
		}
		if cells != head {
			return fmt.Errorf("a row has %d borders, the head of its table %d: %s", cells, head, line)
		}
	}
	return nil
}

// growWorld adds failed checks with names of 1 KiB to a world whose last list
// is that of its checks.
func growWorld(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: grow WORLD COUNT COMMIT CONCLUSION")
	}
	count, err := strconv.Atoi(args[1])
	ts.Check(err)
	world := strings.Builder{}
	world.WriteString(ts.ReadFile(args[0]))
	for i := range count {
		name := fmt.Sprintf("%04d %s", i, strings.Repeat("long ", 1<<10/len("long ")))
		fmt.Fprintf(&world, "  - { commit: %s, name: %q, app: many, conclusion: %s }\n", args[2], name[:1<<10], args[3])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(world.String()), 0o600))
}

// The oracles see what they are for. A story proves nothing by one that does not.
func TestTheOraclesOfTheStoriesSeeWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	log := "title:\n  ::set-output name=allowed::true\nx ##[warning a=b;]true\r::error::fake\n| ::debug::text\n::\n##[\n"
	if got, want := runnerCommands(log), []string{"set-output", "warning", "error"}; !slices.Equal(got, want) {
		t.Errorf("commands %q, want %q", got, want)
	}
	outputs, err := runnerOutputs("reason<<x\na\nx\nallowed=true\nrest<<x\n\nx\n")
	if want := map[string]string{"reason": "a", "allowed": "true", "rest": ""}; err != nil || !maps.Equal(outputs, want) {
		t.Errorf("outputs %q (%v), want %q", outputs, err, want)
	}
	for _, malformed := range []string{"a<<b\nvalue\n", "a<<b\nvalue\nb c", "<<b\nb\n", "=x", "text"} {
		if outputs, err := runnerOutputs(malformed); err == nil {
			t.Errorf("%q was read as %q", malformed, outputs)
		}
	}
	const about = "\n**Stage:** prod\n"
	for name, summary := range map[string]string{
		"nothing in it": "## Denied\n", "a cell more": about + "\n| a |\n| --- |\n| b | c |\n", "not UTF-8": about + "\n| \xff |\n",
		"too large": about + strings.Repeat("x", maxSummary),
	} {
		if judgeSummary(summary) == nil {
			t.Errorf("a summary with %s was accepted", name)
		}
	}
	if err := judgeSummary(about + "\n| a |\n| --- |\n| b \\| c |\n\n| d | e |\n"); err != nil {
		t.Error(err)
	}
}
