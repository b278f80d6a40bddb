package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/internal/plainsecret"
)

// Report counts what was replaced.
type Report struct {
	People, Names, Texts, Secrets, Objects, Keys int
	// Unlike says of which signatures the new ones cannot say what the old ones said,
	// such as that the key has expired, one phrase each.
	Unlike []string
}

// from is the source of facts that were redacted.
const from = "redacted"

// Redact returns facts in which no person, no free text and no secret is left but what
// keep names. The error is that of facts that cannot be stored, or of two things that
// would get one name.
func Redact(facts fact.Set, keep Keep) (fact.Set, Report, error) {
	copied, err := again(facts)
	if err != nil {
		return fact.Set{}, Report{}, err
	}
	r, err := newRedactor(copied, keep)
	if err != nil {
		return fact.Set{}, Report{}, err
	}
	tree, err := treeOf(copied)
	if err != nil {
		return fact.Set{}, Report{}, err
	}
	r.meet(tree, "")
	r.people.assign()
	r.rewrite(&copied)
	if tree, err = treeOf(copied); err != nil {
		return fact.Set{}, Report{}, err
	}
	redacted, err := json.Marshal(r.walk(tree, ""))
	if err == nil {
		err = r.failed
	}
	if err != nil {
		return fact.Set{}, Report{}, fmt.Errorf("redact the facts: %w", err)
	}
	result, err := fact.Unmarshal(redacted)
	for _, instead := range r.people.instead {
		if standIn.MatchString(instead) {
			r.report.People++
		}
	}
	return result, r.report, err
}

// redactor redacts one set of facts.
type redactor struct {
	keep    Keep
	people  *people
	tickets []*regexp.Regexp
	// phrases are what the policy says, in small letters; words are those in them.
	phrases, words map[string]bool
	// ids has the new id of each object that was renamed. before is the subject's old one.
	ids        map[string]string
	again      bool
	before     string
	repository string
	// server finds logins in addresses.
	server  *regexp.Regexp
	keyring keyring
	report  Report
	failed  error
}

// ticket is what tickets look like in most systems.
const ticket = `[A-Z][A-Z0-9]{1,9}-[0-9]{1,9}`

func newRedactor(facts fact.Set, keep Keep) (*redactor, error) {
	redacted := facts.At.Source().From == from || facts.Repository.Source().From == from || facts.Policy.Source().From == from
	r := &redactor{
		keep: keep, again: redacted, people: newPeople(keep.Logins, redacted), phrases: map[string]bool{}, ids: map[string]string{},
		words:  map[string]bool{"refs": true, "heads": true, "tags": true, "github": true, "workflows": true, "yml": true, "yaml": true},
		before: string(facts.Subject.SHA), repository: facts.Subject.Repository, server: serverOf(facts),
	}
	for _, each := range keep.Words {
		low := strings.ToLower(each)
		r.phrases[low] = true
		eachWord(low, isOfLogin, func(word string) string {
			r.words[word] = true
			for part := range strings.FieldsFuncSeq(word, isHyphen) {
				r.words[part] = true
			}
			return word
		})
	}
	for _, each := range append([]string{ticket}, keep.Tickets...) {
		compiled, err := regexp.Compile(`(?:^|[^\pL\pN\pM-])(` + each + `)(?:$|[^\pL\pN\pM-])`)
		if err != nil {
			return nil, fmt.Errorf("redact the facts: the pattern of a ticket: %w", err)
		}
		r.tickets = append(r.tickets, compiled)
	}
	return r, nil
}

// again returns a copy of facts, by way of the form in which they are stored.
func again(facts fact.Set) (fact.Set, error) {
	stored, err := facts.Marshal()
	if err != nil {
		return fact.Set{}, err
	}
	copied, err := fact.Unmarshal(stored)
	return copied.Own(), err
}

// treeOf returns facts as maps and lists.
func treeOf(facts fact.Set) (any, error) {
	stored, err := facts.Marshal()
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(stored))
	decoder.UseNumber()
	var tree any
	err = decoder.Decode(&tree)
	return tree, err
}

// below is the way to what stands under a key. That of a fact and that of its value are
// one.
func below(path, key string) string {
	switch {
	case key == "value":
		return path
	case path == "":
		return key
	}
	return path + "." + key
}

func has(object map[string]any, keys ...string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { _, known := object[key]; return !known })
}

func textAt(object map[string]any, key string) string {
	text, _ := object[key].(string) //nolint:errcheck // "" where it is none
	return text
}

// numberOf returns the number of an account, or 0.
func numberOf(object map[string]any) int64 {
	written, _ := object["id"].(json.Number) //nolint:errcheck // 0 where it is none
	number, _ := written.Int64()             //nolint:errcheck // 0 where it is none
	return number
}

// keyed returns facts of which there are many, each under a key; nil for others. They
// stand in the outermost map, beside what is known of each run.
func keyed(path, key string, value any) map[string]any {
	object, _ := value.(map[string]any) //nolint:errcheck // nil where it is none
	if path != "" || key == "subject" || key == "trigger" || has(object, "value") || has(object, "missing") {
		return nil
	}
	return object
}

// meet tells the people of everybody in the facts.
func (r *redactor) meet(value any, path string) {
	switch value := value.(type) {
	case []any:
		for _, each := range value {
			r.meet(each, path)
		}
	case string:
		if classOf(path) == account {
			r.people.meet(value, 0)
		}
	case map[string]any:
		r.meetObject(value, path)
	}
}

func (r *redactor) meetObject(object map[string]any, path string) {
	switch {
	case has(object, "login", "id", "kind"):
		r.people.meet(textAt(object, "login"), numberOf(object))
		r.people.sort(textAt(object, "login"), textAt(object, "kind"))
	case has(object, "name", "email"):
		owner, _ := object["account"].(map[string]any) //nolint:errcheck // nil where there is none
		r.people.hear(textAt(object, "name"), textAt(object, "email"), textAt(owner, "login"))
	case textAt(object, "kind") == "user" && has(object, "name"):
		r.people.meet(textAt(object, "name"), numberOf(object))
	case has(object, "payload", "class"):
		r.hearPayload(textAt(object, "payload"))
	}
	for key, each := range object {
		many := keyed(path, key, each)
		for name, one := range many {
			if isLogins(key) {
				r.people.meet(name, 0)
			}
			r.meet(one, key)
		}
		if many == nil {
			r.meet(each, below(path, key))
		}
	}
}

// isLogins reports whether facts are kept under logins.
func isLogins(key string) bool { return key == "access" || key == "keys" }

// walk returns what a part of the facts becomes.
func (r *redactor) walk(value any, path string) any {
	switch value := value.(type) {
	case []any:
		for i, each := range value {
			value[i] = r.walk(each, path)
		}
	case string:
		return r.safe(r.placed(path, value))
	case map[string]any:
		return r.walkObject(value, path)
	}
	return value
}

// safe is the last look at a text, wherever it stands.
func (r *redactor) safe(text string) string {
	if _, secret := plainsecret.Find("", text); secret {
		return r.clean(text)
	}
	return text
}

func (r *redactor) walkObject(object map[string]any, path string) any {
	switch {
	case has(object, "from") && strings.HasSuffix(path, "source"):
		return map[string]any{"from": from}
	case has(object, "login", "id", "kind"):
		object["login"], object["id"] = r.people.of(textAt(object, "login")), r.people.number[numberOf(object)]
		return object
	case has(object, "name", "email") && textAt(object, "name")+textAt(object, "email") == "":
		return object
	case has(object, "name", "email"):
		object["name"], object["email"] = r.people.line(textAt(object, "email"))
		if owner, known := object["account"]; known {
			object["account"] = r.walk(owner, path)
		}
		return object
	case textAt(object, "kind") == "user" && has(object, "name"):
		object["name"], object["id"] = r.people.of(textAt(object, "name")), r.people.number[numberOf(object)]
		return object
	case has(object, "statuses", "environment"):
		object["payload"] = ownRecord(textAt(object, "payload"))
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if many := keyed(path, key, object[key]); many != nil {
			object[key] = r.walkKeyed(many, key)
			continue
		}
		object[key] = r.walk(object[key], below(path, key))
	}
	return object
}

// walkKeyed renames the keys, too.
func (r *redactor) walkKeyed(object map[string]any, path string) any {
	renamed := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name := r.safe(r.nameOf(key))
		if isLogins(path) {
			name = fact.LoginKey(r.people.of(key))
		}
		if _, taken := renamed[name]; taken {
			r.failed = fmt.Errorf("two of %s would be called %q", path, name)
		}
		renamed[name] = r.walk(object[key], path)
	}
	return renamed
}

// ownRecord returns what a record of this program says of itself; of others nothing.
func ownRecord(payload string) string {
	var text string
	if json.Unmarshal([]byte(payload), &text) == nil {
		payload = text
	}
	var read struct {
		Form    int   `json:"stageward"`
		Run     int64 `json:"run_id"`
		Attempt int64 `json:"run_attempt"`
	}
	if json.Unmarshal([]byte(payload), &read) != nil || read.Form == 0 {
		return ""
	}
	return fmt.Sprintf(`{"stageward":%d,"run_id":%d,"run_attempt":%d}`, read.Form, read.Run, read.Attempt)
}
