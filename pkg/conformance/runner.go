package conformance

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// runnerCommands returns the names of the commands that a runner would obey in
// the output of a step, as actions/runner 2.336.0 reads it.
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

// runnerOutputs returns the outputs in a file as the runner reads them. That one
// is set twice is an error: the runner takes the last, a reader the first.
func runnerOutputs(text string) (map[string]string, error) {
	outputs := map[string]string{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		name, value := "", ""
		switch {
		case line == "":
			continue
		case heredoc > 0 && (equals < 0 || heredoc < equals):
			length := slices.Index(lines[i+1:], line[heredoc+2:])
			if length < 0 {
				return outputs, fmt.Errorf("line %q: the delimiter is missing", line)
			}
			name, value = line[:heredoc], strings.Join(lines[i+1:i+1+length], "\n")
			i += length + 1
		case equals > 0:
			name, value = line[:equals], line[equals+1:]
		default:
			return outputs, fmt.Errorf("line %q is neither name=value nor name<<delimiter", line)
		}
		if _, twice := outputs[name]; twice {
			return outputs, fmt.Errorf("%s is set twice", name)
		}
		outputs[name] = value
	}
	return outputs, nil
}
