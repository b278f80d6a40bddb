package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/signature"
)

// ring returns the keys that may have made a signature, compiled once for the
// same people.
func (in Input) ring(signer fact.Position) (ringOf, *fact.Missing) {
	var people []string
	if len(in.Terms.Signers.People) == 0 {
		for _, person := range in.Facts.People(signer) {
			people = append(people, fact.LoginKey(person.Login))
		}
	}
	key := strings.Join(people, " ")
	made, known := in.rings[key]
	if !known {
		made.ring, made.missing = in.compile(signer)
		made.gaps = in.gaps(signer)
		if in.rings != nil {
			in.rings[key] = made
		}
	}
	return made, made.missing
}

// ringOf is a ring that was made, or the reason why there is none.
type ringOf struct {
	ring    *signature.Ring
	missing *fact.Missing
	// gaps say where a key is expected and none is found.
	gaps []string
}

// gaps looks for what yields no key although it could be read. It stops nothing
// by itself, but a reader would look for the key in vain.
func (in Input) gaps(signer fact.Position) []string {
	var found []string
	for _, login := range in.Terms.Signers.logins() {
		for _, file := range in.Terms.Signers.People[login] {
			material, missing := in.personFile(login, file)
			if ring, _ := signature.NewRing([]signature.Material{material}, nil); missing == nil && ring.Keys() == 0 {
				found = append(found, fmt.Sprintf("%s has no key of @%s (principal %q)", file.Path, login, material.Principal))
			}
		}
	}
	if len(in.Terms.Signers.People) > 0 {
		return found
	}
	for _, person := range in.Facts.People(signer) {
		account, missing := in.Facts.KeysOf(person).Get()
		if missing == nil && slices.ContainsFunc(account.Keys, func(key fact.PublicKey) bool { return key.Text == "" }) {
			found = append(found, fmt.Sprintf("GitHub has an OpenPGP key of @%s without its whole text: if it is that one, delete it on GitHub and add it again", person.Login))
		}
	}
	return found
}

// compile returns the keys that may have made a signature. With keys in the
// policy these are all and only those, and each of them has to be readable:
// half a list of keys is no list. Without, they are what GitHub lists for the
// account in question, and a key of a kind that cannot be read is left out.
func (in Input) compile(signer fact.Position) (*signature.Ring, *fact.Missing) {
	materials, missing := in.materials(signer)
	if missing != nil {
		return nil, missing
	}
	var revoked []signature.Material
	for _, path := range in.Terms.Signers.Revoked {
		material, missing := in.keyFile(path)
		if missing != nil {
			return nil, missing
		}
		revoked = append(revoked, material)
	}
	ring, problems := signature.NewRing(materials, revoked)
	for _, problem := range problems {
		// A key on an account may be of a kind that nobody here can read. Every
		// other problem is in a file of the policy, or in all of it.
		if !slices.ContainsFunc(materials, func(each signature.Material) bool { return each.Source == problem.Source }) || len(in.Terms.Signers.People) > 0 {
			return nil, &fact.Missing{
				Reason: fact.Incomplete, Detail: "a file with keys cannot be used: " + problem.Error(),
				Fix: "Correct the file on the default branch. `stageward verify` with --signers reads it in the same way.",
			}
		}
	}
	return ring, nil
}

func (in Input) materials(signer fact.Position) ([]signature.Material, *fact.Missing) {
	if len(in.Terms.Signers.People) == 0 {
		return in.accountKeys(signer)
	}
	var materials []signature.Material
	for _, login := range in.Terms.Signers.logins() {
		for _, file := range in.Terms.Signers.People[login] {
			material, missing := in.personFile(login, file)
			if missing != nil {
				return nil, missing
			}
			materials = append(materials, material)
		}
	}
	return materials, nil
}

func (in Input) personFile(login string, file KeyFile) (signature.Material, *fact.Missing) {
	material, missing := in.keyFile(file.Path)
	if missing == nil && file.Principal != "" && !signature.NamesPrincipals(material.Data) {
		missing = &fact.Missing{
			Reason: fact.Inconsistent, Detail: fmt.Sprintf("the policy takes the keys of %q from %s, which names no principals: all its keys would be those of @%s", file.Principal, file.Path, login),
			Fix: "Give every person a file of their own, or write the keys as allowed_signers, with a principal in front of each.",
		}
	}
	material.Owner, material.Principal = login, cmp.Or(file.Principal, login)
	return material, missing
}

func (in Input) keyFile(path string) (signature.Material, *fact.Missing) {
	file, missing := in.Facts.FileAt(path).Get()
	if missing != nil {
		return signature.Material{}, missing
	}
	return signature.Material{Source: path, Data: []byte(file.Text)}, nil
}

// accountKeys returns the keys that GitHub lists for the people in a position.
func (in Input) accountKeys(signer fact.Position) ([]signature.Material, *fact.Missing) {
	var materials []signature.Material
	for _, person := range in.Facts.People(signer) {
		listed, missing := in.Facts.KeysOf(person).Get()
		if missing != nil {
			return nil, missing
		}
		for _, key := range listed.Keys {
			materials = append(materials, signature.Material{
				Owner: person.Login, Source: fmt.Sprintf("the keys of @%s on GitHub", person.Login), Data: []byte(key.Text),
			})
		}
	}
	return materials, nil
}

// account returns the account of a person who has keys, as it is now: a login
// can pass to somebody else, also while this runs.
func (in Input) account(who fact.Person) (*fact.Person, *fact.Missing) {
	access, missing := in.Facts.AccessOf(who).Get()
	if missing != nil {
		return nil, missing
	}
	person := access.Person
	if fact.LoginKey(person.Login) != fact.LoginKey(who.Login) {
		return nil, &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked about @%s, the answer is about %q", who.Login, person.Login)}
	}
	return &person, nil
}
