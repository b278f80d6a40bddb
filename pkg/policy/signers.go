package policy

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// buildSigners collects whose key is which. What a later layer says replaces
// what an earlier one says as a whole: two half lists would be the union that
// nobody wrote down.
func (b *builder) buildSigners() {
	for _, layer := range b.layers {
		if given := layer.document.Signers; given.Given {
			b.terms.Signers.People = buildPeople(layer, given)
		}
		if given := layer.document.Revoked; given.Given {
			b.terms.Signers.Revoked = nil
			for _, path := range given.Value {
				b.terms.Signers.Revoked = append(b.terms.Signers.Revoked, string(path.Value))
			}
		}
	}
}

func buildPeople(layer *layer, given strict.At[strict.Map[login, []strict.At[keyFile]]]) map[string][]gate.KeyFile {
	people := map[string][]gate.KeyFile{}
	first := map[string]login{}
	for _, entry := range given.Value {
		key := fact.LoginKey(string(entry.Key))
		if before, twice := first[key]; twice && before != entry.Key {
			layer.report(entry.At, fmt.Sprintf("%q and %q are one account; GitHub does not tell case apart", before, entry.Key), "keep one of the two")
			continue
		}
		first[key] = entry.Key
		for _, each := range entry.Value {
			people[string(entry.Key)] = append(people[string(entry.Key)], gate.KeyFile{
				Path: string(each.Value.File.Value), Principal: string(each.Value.Principal.Value),
			})
		}
	}
	return people
}
