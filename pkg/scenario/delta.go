package scenario

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// merge changes facts by a delta in the form in which they are stored: a map is merged
// into a map, and everything else replaces what is there (RFC 7396). Two things are
// added: into a list, a map whose keys are numbers is merged entry by entry, from 0;
// and a fact that is said to be missing loses its value.
func merge(facts fact.Set, delta json.RawMessage) (fact.Set, error) {
	if len(delta) == 0 {
		return facts, nil
	}
	stored, err := facts.Marshal()
	if err != nil {
		return fact.Set{}, err
	}
	whole, err := plain(stored)
	if err != nil {
		return fact.Set{}, err
	}
	change, err := plain(delta)
	if err != nil {
		return fact.Set{}, err
	}
	merged, err := mergeInto(whole, change, "")
	if err != nil {
		return fact.Set{}, err
	}
	data, err := json.Marshal(merged)
	if err != nil {
		return fact.Set{}, fmt.Errorf("change the facts: %w", err)
	}
	return fact.Unmarshal(data)
}

// plain reads JSON and keeps every digit of its numbers.
func plain(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("change the facts: %w", err)
	}
	return value, nil
}

func mergeInto(value, change any, path string) (any, error) {
	changes, isMap := change.(map[string]any)
	if !isMap {
		return change, nil
	}
	if _, gone := changes["missing"]; gone {
		return change, nil
	}
	if list, isList := value.([]any); isList {
		return mergeList(list, changes, path)
	}
	merged := map[string]any{}
	if before, isMap := value.(map[string]any); isMap {
		for key, each := range before {
			merged[key] = each
		}
	}
	if _, known := changes["value"]; known {
		delete(merged, "missing")
	}
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		if known := alike(merged, key); known != "" {
			return nil, fmt.Errorf("change the facts: %s has no %q; did you mean %q?", cmp.Or(strings.TrimPrefix(path, "."), "the set"), key, known)
		}
		below, err := mergeInto(merged[key], changes[key], path+"."+key)
		if err != nil {
			return nil, err
		}
		merged[key] = below
	}
	return merged, nil
}

// alike returns a key that differs from another one in capitals alone, or "". Whoever
// reads JSON into structs does not tell the two apart, and one would win.
func alike(known map[string]any, key string) string {
	for _, each := range slices.Sorted(maps.Keys(known)) {
		if each != key && strings.EqualFold(each, key) {
			return each
		}
	}
	return ""
}

// mergeList merges into the entries of a list by their numbers. The number behind the
// last one adds an entry.
func mergeList(merged []any, changes map[string]any, path string) (any, error) {
	count := len(merged)
	for _, at := range sortedNumbers(changes) {
		each := changes[strconv.Itoa(at)]
		switch {
		case at < len(merged):
			below, err := mergeInto(merged[at], each, fmt.Sprintf("%s.%d", path, at))
			if err != nil {
				return nil, err
			}
			merged[at] = below
		case at == len(merged):
			merged = append(merged, each)
		default:
			return nil, fmt.Errorf("change the facts: %s has %d entries, and entry %d is changed", path[1:], count, at)
		}
	}
	if len(sortedNumbers(changes)) != len(changes) {
		return nil, fmt.Errorf("change the facts: %s is a list; write a list in its place, or the numbers of entries, from 0", path[1:])
	}
	return merged, nil
}

func sortedNumbers(changes map[string]any) []int {
	var numbers []int
	for key := range changes {
		if number, err := strconv.Atoi(key); err == nil && strconv.Itoa(number) == key && number >= 0 {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers
}
