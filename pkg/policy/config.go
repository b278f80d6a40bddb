package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/configfile"
	"github.com/stageward/stageward/pkg/internal/plainsecret"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// checkConfigs holds each configuration against what it may hold, and then all of
// them against each other.
func (b *builder) checkConfigs(drafts []*draft, built []Stage) {
	readable := true
	for i, each := range drafts {
		checkSecrets(each, built[i].Environment)
		readable = readable && (!each.config.Given || each.config.OK && each.name != "")
	}
	if !readable {
		return // what could not be read would be missing
	}
	for _, each := range drafts {
		checkVariables(each)
	}
	b.checkParity(ordered(drafts))
}

// checkSecrets refuses secrets in plain text. Everybody who can read the
// repository reads the policy, and logs and summaries show it.
func checkSecrets(d *draft, environment string) {
	walk(d.config.Value.Members, nil, func(keys []string, value strict.Member) {
		name := keys[len(keys)-1]
		what, found := "", false
		switch value.Kind {
		case strict.KindText:
			what, found = plainsecret.Find(name, value.Text)
		case strict.KindNumber:
			what, found = plainsecret.FindNumber(name)
		case strict.KindBoolean, strict.KindList, strict.KindMap: // a list is walked by its entries
		}
		if found {
			d.config.layer.decoder.ReportPrivate(value.At, fmt.Sprintf("%s of the config of %s holds %s", strict.Quote(pathOf(keys)), d.title(), what),
				fmt.Sprintf("put it into the secrets of the GitHub environment %s, and give its name here at most, such as %s: DB_PASSWORD; one that was here before counts as read by others, so replace it", strict.Quote(environment), strict.Escape(name+"_name")))
		}
	})
}

// checkVariables refuses two values that would have one name in a dotenv file:
// which of them counts would be up to its reader.
func checkVariables(d *draft) {
	type taken struct {
		path string
		line int
	}
	names := map[string]taken{}
	leaves(d.config.Value.Members, nil, func(keys []string, value strict.Member) {
		name := configfile.VariableName(keys)
		if before, clash := names[name]; clash {
			d.config.layer.report(value.At, fmt.Sprintf("%s and %s of the config of %s have one name, %s, in a dotenv file", strict.Quote(before.path), strict.Quote(pathOf(keys)), d.title(), strict.Escape(name)),
				fmt.Sprintf("rename one of the two; the other is in line %d", before.line))
			return
		}
		names[name] = taken{pathOf(keys), value.At.Line}
	})
}

// leaves calls back for each value that is no map, in the order of the file.
func leaves(members []strict.Member, keys []string, call func(keys []string, value strict.Member)) {
	for _, each := range members {
		below := append(slices.Clone(keys), each.Key)
		if each.Kind == strict.KindMap {
			leaves(each.Members, below, call)
		} else {
			call(below, each)
		}
	}
}

// walk calls back for each value that is no map, in the order of the file. The
// entries of a list have the keys of the list.
func walk(members []strict.Member, keys []string, call func(keys []string, value strict.Member)) {
	leaves(members, keys, func(keys []string, value strict.Member) {
		call(keys, value)
		for _, each := range value.Members {
			if each.Kind == strict.KindMap {
				walk(each.Members, keys, call)
				continue
			}
			each.Key = keys[len(keys)-1]
			walk([]strict.Member{each}, keys[:len(keys)-1], call)
		}
	})
}

func pathOf(keys []string) string { return strings.Join(keys, ".") }

// plainPath is a path that needs no quotes in YAML.
var plainPath = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*([.][A-Za-z0-9_-]+)*$`)

// listing is the line of a policy that lets paths differ.
func listing(paths ...string) string {
	const most = 5
	var shown []string
	for _, each := range paths[:min(len(paths), most)] {
		if plainPath.MatchString(each) {
			shown = append(shown, each)
		} else {
			shown = append(shown, strict.Quote(each))
		}
	}
	if len(paths) > most {
		shown = append(shown, "...")
	}
	return "config-may-differ: [" + strings.Join(shown, ", ") + "]"
}
