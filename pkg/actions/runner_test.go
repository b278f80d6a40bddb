package actions_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	githubactions "github.com/sethvargo/go-githubactions"
)

// This file holds the other side: what the runner makes of what we write. It
// follows the behaviour of actions/runner 2.336.0 (ActionCommand.cs and
// FileCommandManager.cs), but knows no list of commands: any name counts, so
// it sees at least the commands that the runner sees.

// command is a workflow command as the runner understands it.
type command struct {
	Name, Title, Data string
}

// runnerCommands returns the commands in the output of a step. The runner
// reads line by line, and takes CR, LF and CRLF for the end of one.
func runnerCommands(output string) (found []command) {
	for _, line := range strings.FieldsFunc(output, func(char rune) bool { return char == '\n' || char == '\r' }) {
		if parsed, ok := parseCommand(line); ok {
			found = append(found, parsed)
		} else if parsed, ok := parseLegacyCommand(line); ok {
			found = append(found, parsed)
		}
	}
	return found
}

// parseCommand understands "::name key=value,key=value::data" after white space.
func parseCommand(line string) (command, bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::")
	if !ok {
		return command{}, false
	}
	info, data, ok := strings.Cut(rest, "::")
	if !ok {
		return command{}, false
	}
	name, properties, _ := strings.Cut(info, " ")
	unescapeData := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%")
	unescapeProperty := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	parsed := command{Name: name, Data: unescapeData.Replace(data)}
	for property := range strings.SplitSeq(strings.TrimSpace(properties), ",") {
		if key, value, ok := strings.Cut(property, "="); ok && strings.EqualFold(key, "title") {
			parsed.Title = unescapeProperty.Replace(value)
		}
	}
	return parsed, true
}

// parseLegacyCommand understands "##[name key=value;key=value]data" anywhere.
func parseLegacyCommand(line string) (command, bool) {
	_, rest, ok := strings.Cut(line, "##[")
	if !ok {
		return command{}, false
	}
	info, data, ok := strings.Cut(rest, "]")
	if !ok {
		return command{}, false
	}
	name, _, _ := strings.Cut(info, " ")
	return command{Name: name, Data: data}, true
}

// runnerOutputs returns the outputs in a file as the runner reads them. It sets each
// as soon as it has read it, so those before an error are set (SetOutputFileCommand
// goes through the pairs as they are read); the step fails then.
func runnerOutputs(text string) (map[string]string, error) {
	outputs := map[string]string{}
	for text != "" {
		var line string
		if line, text, _ = strings.Cut(text, "\n"); line == "" {
			continue
		}
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case heredoc >= 0 && (equals < 0 || heredoc < equals):
			name, delimiter := line[:heredoc], line[heredoc+2:]
			if name == "" || delimiter == "" {
				return outputs, fmt.Errorf("line %q: name and delimiter must not be empty", line)
			}
			value, rest, err := untilDelimiter(text, delimiter)
			if err != nil {
				return outputs, err
			}
			outputs[name], text = value, rest
		case equals > 0:
			outputs[line[:equals]] = line[equals+1:]
		default:
			return outputs, fmt.Errorf("line %q is neither name=value nor name<<delimiter", line)
		}
	}
	return outputs, nil
}

// untilDelimiter splits text at the first line that is the delimiter.
func untilDelimiter(text, delimiter string) (value, rest string, err error) {
	for at := 0; at < len(text); {
		line, _, ended := strings.Cut(text[at:], "\n")
		if line == delimiter {
			return strings.TrimSuffix(text[:at], "\n"), strings.TrimPrefix(text[at+len(line):], "\n"), nil
		}
		if !ended {
			break
		}
		at += len(line) + 1
	}
	return "", "", errors.New("the delimiter is missing")
}

// The oracles see what they are for: the defects of go-githubactions that this
// package works around. If this test fails, a defect may have been mended.
func TestTheRunnerObeysWhatTheLibraryPrints(t *testing.T) {
	t.Parallel()
	path := newFile(t, "")
	var out bytes.Buffer
	library := githubactions.New(githubactions.WithWriter(&out), githubactions.WithGetenv(vars{"GITHUB_OUTPUT": path}.env))

	const word = "_GitHubActionsFileCommandDelimeter_"
	library.SetOutput("reason", "x\n"+word+"\nallowed=true\nrest<<"+word)
	outputs, err := runnerOutputs(readBack(t, path))
	if err != nil || outputs["allowed"] != "true" {
		t.Errorf("the runner reads %q (%v), want the forged output", outputs, err)
	}

	library.Infof("title:\n  ::set-output name=allowed::true\nx ##[set-output name=allowed;]true")
	want := []command{{Name: "set-output", Data: "true"}, {Name: "set-output", Data: "true"}}
	if diff := cmp.Diff(want, runnerCommands(out.String())); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}

	for _, malformed := range []string{"a<<b\nvalue\n", "a<<b\nvalue\nb c", "<<b\n", "a<<\n", "=x", "text"} {
		if outputs, err := runnerOutputs(malformed); err == nil {
			t.Errorf("the runner reads %q from %q, want an error", outputs, malformed)
		}
	}
}
