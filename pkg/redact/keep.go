package redact

import (
	"reflect"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// Keep is what stays as it is, since the policy says it, and the policy stays beside
// the facts.
type Keep struct {
	// Logins are the people whom the policy names.
	Logins []string
	// Words are names and phrases that gates look for: of jobs, approvals, headings.
	Words []string
	// Tickets are the regular expressions by which gates find tickets.
	Tickets []string
	// Signers say whose key files are, by which the files are written anew.
	Signers gate.Signers
	// Texts keeps titles and texts as their writers wrote them. Only people and secrets
	// that their form shows are gone, and who took part.
	Texts bool
}

// KeepOf returns what a policy names, those of all its projects.
func KeepOf(rules policy.Policy) Keep {
	keep := Keep{Signers: gate.Signers{People: map[string][]gate.KeyFile{}}}
	for _, each := range rules.All() {
		keep.policy(each)
	}
	return keep
}

func (k *Keep) policy(rules policy.Policy) {
	k.say(rules.Project)
	for name, role := range rules.Terms.Roles {
		k.say(name)
		k.say(role.Teams...)
		k.Logins = append(k.Logins, role.Users...)
	}
	for login, files := range rules.Terms.Signers.People {
		k.Logins = append(k.Logins, login)
		k.Signers.People[login] = files
		for _, file := range files {
			k.say(file.Path, file.Principal)
		}
	}
	k.Signers.Revoked = append(k.Signers.Revoked, rules.Terms.Signers.Revoked...)
	k.say(rules.Terms.Signers.Revoked...)
	for _, each := range rules.Stages {
		k.stage(each)
	}
}

func (k *Keep) stage(s policy.Stage) {
	k.say(s.Name, s.Environment, s.DeployedBy.Workflow, s.DeployedBy.Job)
	for _, pattern := range append(s.Rule.Branches, s.Rule.Tags...) {
		k.say(pattern.String())
	}
	for _, each := range s.Gates {
		k.check(each.Check)
		if each.Waiver != nil {
			k.Logins = append(k.Logins, each.Waiver.By)
		}
	}
	for _, lane := range s.Lanes {
		k.check(lane.Check)
	}
}

// check takes the parameters of a gate, whatever gate it is.
func (k *Keep) check(check gate.Check) {
	for _, need := range check.Needs {
		if login, named := strings.CutPrefix(need.Key, "@"); named && need.Kind == fact.NeedPermission {
			k.Logins = append(k.Logins, login)
		}
	}
	k.value(reflect.ValueOf(check.Params), "")
}

// value takes every text in a value. A parameter called pattern is an expression.
func (k *Keep) value(value reflect.Value, name string) {
	switch value.Kind() {
	case reflect.String:
		if name == "pattern" && value.String() != "" {
			k.Tickets = append(k.Tickets, value.String())
		}
		k.say(value.String())
	case reflect.Struct:
		for i := range value.NumField() {
			k.value(value.Field(i), value.Type().Field(i).Tag.Get("yaml"))
		}
	case reflect.Slice:
		for i := range value.Len() {
			k.value(value.Index(i), name)
		}
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			k.value(value.Elem(), name)
		}
	}
}

func (k *Keep) say(words ...string) {
	for _, each := range words {
		if each != "" {
			k.Words = append(k.Words, each)
		}
	}
}
