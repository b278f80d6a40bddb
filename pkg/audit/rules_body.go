package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/refglob"
)

// rulesetBody is what GitHub is sent to make a ruleset (REST, "Create a
// repository ruleset").
type rulesetBody struct {
	Name         string         `json:"name"`
	Target       string         `json:"target"`
	Enforcement  string         `json:"enforcement"`
	BypassActors []bypassBody   `json:"bypass_actors"`
	Conditions   conditionsBody `json:"conditions"`
	Rules        []ruleBody     `json:"rules"`
}

type bypassBody struct {
	ID   int64  `json:"actor_id"`
	Kind string `json:"actor_type"`
	Mode string `json:"bypass_mode"`
}

type conditionsBody struct {
	RefName refNameBody `json:"ref_name"`
}

type refNameBody struct {
	Include []string `json:"include"`
	Exclude []string `json:"exclude"`
}

type ruleBody struct {
	Type       string `json:"type"`
	Parameters any    `json:"parameters,omitempty"`
}

type pullRequestBody struct {
	Approvals    int  `json:"required_approving_review_count"`
	DismissStale bool `json:"dismiss_stale_reviews_on_push"`
	CodeOwners   bool `json:"require_code_owner_review"`
	LastPush     bool `json:"require_last_push_approval"`
	Threads      bool `json:"required_review_thread_resolution"`
}

type statusChecksBody struct {
	Checks []statusCheckBody `json:"required_status_checks"`
	Strict bool              `json:"strict_required_status_checks_policy"`
}

type statusCheckBody struct {
	Context string `json:"context"`
}

// newRuleset returns the command that makes an active ruleset with the rules,
// each once. Rulesets add up, so a new one takes nothing away.
func (in Input) newRuleset(t target, about string, rules []ruleBody, bypass ...bypassBody) string {
	body := rulesetBody{
		Name: in.freeName(fmt.Sprintf("stageward: %s, %s", t.name(), about)), Target: string(t.kind), Enforcement: active,
		BypassActors: append([]bypassBody{}, bypass...),
		Conditions:   conditionsBody{RefName: refNameBody{Include: []string{t.ruleRef()}, Exclude: []string{}}},
	}
	for _, rule := range rules {
		if !slices.ContainsFunc(body.Rules, func(taken ruleBody) bool { return taken.Type == rule.Type }) {
			body.Rules = append(body.Rules, rule)
		}
	}
	return sent("POST", in.path("rulesets"), body)
}

// sent returns the command that sends GitHub a body, a line for each of its keys.
// The body stands between lines that keep the shell from reading it.
func sent(method, path string, body any) string {
	text, err := json.Marshal(body)
	if err != nil {
		return "" // the bodies are our own structs; a test sends every one
	}
	var keys []string
	for _, each := range topKeys(text) {
		keys = append(keys, "  "+each)
	}
	return fmt.Sprintf("gh api --method %s %s --input - <<'JSON'\n{\n%s\n}\nJSON", method, shell(path), strings.Join(keys, ",\n"))
}

// topKeys returns the keys of an object with their values, as they were written.
func topKeys(object []byte) []string {
	var keys []string
	decoder := json.NewDecoder(bytes.NewReader(object))
	for {
		token, err := decoder.Token()
		key, isKey := token.(string)
		if err != nil || !isKey && token != json.Delim('{') {
			return keys
		}
		if !isKey {
			continue // the object begins
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return keys
		}
		keys = append(keys, fmt.Sprintf("%q: %s", key, value))
	}
}

// path returns the address of something of the repository.
func (in Input) path(parts ...string) string {
	return "repos/" + in.repository() + "/" + strings.Join(parts, "/")
}

// repository returns owner/name, of the facts or as it was asked for.
func (in Input) repository() string {
	if in.Repository.Name != "" {
		return in.Repository.Name
	}
	return in.Facts.Subject.Repository
}

// changed returns the command that changes a ruleset and keeps the rest of it. A
// ruleset is sent whole: GitHub takes away what is left out. "" is returned for
// one that is not the repository's nor its owner's.
func (in Input) changed(set fact.Ruleset, change string) string {
	path := in.path("rulesets", fmt.Sprint(set.ID))
	owner, _, _ := strings.Cut(in.repository(), "/")
	switch {
	case strings.EqualFold(set.Source, in.repository()):
	case strings.EqualFold(set.Source, owner):
		path = fmt.Sprintf("orgs/%s/rulesets/%d", owner, set.ID)
	default:
		return ""
	}
	filter := "{name, target, enforcement, bypass_actors, conditions, rules} | " + change + " | with_entries(select(.value != null))"
	return fmt.Sprintf("gh api %s --jq %s | gh api --method PUT %s --input -", shell(path), shell(filter), shell(path))
}

// commands leaves out what there is no command for.
func commands(all ...string) []string {
	return slices.DeleteFunc(all, func(each string) bool { return each == "" })
}

// freeName returns a name that no ruleset has: GitHub wants them to differ.
func (in Input) freeName(name string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(in.Facts.Rulesets.OrZero(), func(set fact.Ruleset) bool { return set.Name == name })
	}
	free := name
	for number := 2; taken(free); number++ {
		free = fmt.Sprintf("%s %d", name, number)
	}
	return free
}

// name is the target as the name of a ruleset has it.
func (t target) name() string {
	if t.isDefault() {
		return "the default branch"
	}
	return t.pattern.String()
}

// ruleRef is the target in the language of rulesets.
func (t target) ruleRef() string {
	if t.isDefault() {
		return defaultWord
	}
	text := refglob.Fnmatch(t.pattern.String())
	if t.kind == fact.TagRef {
		return tagPrefix + text
	}
	return branchPrefix + text
}
