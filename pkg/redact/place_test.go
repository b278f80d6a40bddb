package redact

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// A text of which nobody said what it is could be anything. So each has a class, also
// the one that is added tomorrow.
func TestEveryTextOfTheFactsHasAClass(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	eachText(reflect.TypeFor[fact.Set](), "", func(path string) {
		seen[path] = true
		if classOf(path) == unknown {
			t.Errorf("%s: say in classes what becomes of it", path)
		}
	})
	for _, path := range []string{
		"trigger.actor", "pulls.title", "pulls.reviews.author.login", "commit.signature.payload", "access.person.login",
		"ranges.commits.commit.author.email", "policy.text", "pulls.reviews.missing.detail", "ownership.files.owners",
	} {
		if !seen[path] {
			t.Errorf("%s is not found, so the test looks at less than it should", path)
		}
	}
	used := map[string]bool{}
	for path := range seen {
		parts := strings.Split(path, ".")
		used[parts[len(parts)-1]] = true
		if len(parts) > 1 {
			used[strings.Join(parts[len(parts)-2:], ".")] = true
		}
	}
	for each := range classes {
		if !used[each] {
			t.Errorf("classes has %q, and no text of the facts stands there", each)
		}
	}
}

// eachText calls visit with the way to each text in the stored form of a type.
func eachText(of reflect.Type, path string, visit func(string)) {
	if of == reflect.TypeFor[time.Time]() {
		visit(path)
		return
	}
	if get, known := of.MethodByName("Get"); known && strings.HasPrefix(of.Name(), "Known[") {
		eachText(get.Type.Out(0), path, visit)
		eachText(reflect.TypeFor[fact.Source](), below(path, "source"), visit)
		eachText(reflect.TypeFor[fact.Missing](), below(path, "missing"), visit)
		return
	}
	switch of.Kind() {
	case reflect.String:
		visit(path)
	case reflect.Pointer, reflect.Slice, reflect.Map:
		eachText(of.Elem(), path, visit)
	case reflect.Struct:
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			eachText(of.Field(i).Type, below(path, name), visit)
		}
	}
}
