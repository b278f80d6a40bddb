package actions

import (
	"encoding/json"
	"errors"
	"fmt"
)

// maxEvent is the most an event file may hold, in bytes. GitHub delivers no
// event above it (docs.github.com, "Webhook events and payloads").
const maxEvent = 25 << 20

// payload is a JSON object whose fields have been looked at only when they are
// asked for. Decoding into a struct would take null, {} and a missing field
// for the zero value, and would not tell upper case from lower.
type payload map[string]json.RawMessage

const fixEvent = "the runner writes this file; if it says the same in a new run, something changed it"

func readPayload(env Env, readFile ReadFile) (payload, error) {
	name := env("GITHUB_EVENT_PATH")
	if name == "" {
		return nil, refuse(RefInvalid, fixRunner, "GITHUB_EVENT_PATH is not set")
	}
	data, err := readFile(name, maxEvent)
	if err == nil && len(data) > maxEvent {
		err = fmt.Errorf("it is longer than %d bytes", maxEvent)
	}
	if err != nil {
		return nil, because(err, RefInvalid, fixEvent, "read event file")
	}
	event, err := parsePayload(data)
	if err != nil {
		return nil, because(err, RefInvalid, fixEvent, "read event file")
	}
	return event, nil
}

func parsePayload(data []byte) (payload, error) {
	var object payload
	if len(data) == 0 {
		return nil, errors.New("it is empty")
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, fmt.Errorf("it is not a JSON object: %w", err)
	}
	if object == nil {
		return nil, errors.New("it is null, not a JSON object")
	}
	return object, nil
}

// field returns a field that has to be there. A missing field, null, and a
// value of another type are errors that name the field.
func field[T string | bool | int64 | payload](from payload, name string) (value T, err error) {
	raw, ok := from[name]
	switch {
	case !ok:
		return value, fmt.Errorf("it has no %q", name)
	case string(raw) == "null":
		return value, fmt.Errorf("%q is null; want %s", name, kindOf(value))
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		var none T // a decoder may leave half a value behind
		return none, fmt.Errorf("%q is not %s", name, kindOf(value))
	}
	return value, nil
}

// at is field along a path: every name but the last is that of an object in
// the one before. Its error is an *Error that names the path.
func at[T string | bool | int64 | payload](from payload, path ...string) (value T, err error) {
	where := "read event file"
	last := len(path) - 1
	for _, name := range path[:last] {
		if from, err = field[payload](from, name); err != nil {
			return value, because(err, RefInvalid, fixEvent, where)
		}
		where += ": " + name
	}
	if value, err = field[T](from, path[last]); err != nil {
		return value, because(err, RefInvalid, fixEvent, where)
	}
	return value, nil
}

func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "text"
	case bool:
		return "true or false"
	case int64:
		return "a whole number"
	}
	return "an object"
}

func (p payload) has(name string) bool {
	_, ok := p[name]
	return ok
}
