package redact

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/signature"
	"github.com/stageward/stageward/pkg/suppose"
)

// keyring is every key in the facts, each with the key that takes its place. Two
// places with one key go on having one.
type keyring struct {
	now   time.Time
	units []*unit
	count map[string]int
}

// unit is one key in one place.
type unit struct {
	// owner is the stand-in of whose it is. before and after are what stands around it
	// in its line: principals and options, and what no signature needs.
	owner, before string
	text          string
	// account is the key in Keys, file the path in Files, and at which entry it is.
	account, file string
	at            int
	// name is that of the key that takes its place, "" until there is one.
	name string
}

// keyInLine is a key as SSH writes it, in one line.
var keyInLine = lazy.New(`^(?:(\S.*?)\s+)?((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+)\s+([A-Za-z0-9+/=]+)`)

// options are those of a line that decide when a key counts; the others are left out.
var options = lazy.New(`(?:^|[\s,])((?:valid-after|valid-before|namespaces)="[^"]*"|cert-authority)`)

const (
	beginOfPGP = "-----BEGIN PGP "
	// revoked is the owner of keys that count for nobody.
	revoked = "revoked"
)

// keysIn returns the keys of accounts and of the files of the policy.
func (r *redactor) keysIn(facts fact.Set) keyring {
	ring := keyring{now: facts.At.OrZero(), count: map[string]int{}}
	if ring.now.IsZero() {
		ring.now = time.Unix(1<<31, 0)
	}
	for _, login := range slices.Sorted(maps.Keys(facts.Keys)) {
		for i, key := range facts.Keys[login].OrZero().Keys {
			ring.units = append(ring.units, &unit{owner: r.people.of(login), text: key.Text, account: login, at: i})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(facts.Files)) {
		ring.units = append(ring.units, r.keysOf(name, facts.Files[name].OrZero().Text)...)
	}
	return ring
}

// keysOf returns the keys of a file. Those of people whom the policy does not name there
// are left out.
func (r *redactor) keysOf(name, text string) []*unit {
	var units []*unit
	if strings.Contains(text, beginOfPGP) {
		for i, block := range strings.Split(text, beginOfPGP)[1:] {
			units = append(units, &unit{owner: r.ownerOf(name, ""), text: beginOfPGP + block, file: name, at: i})
		}
		return units
	}
	for line := range strings.Lines(text) {
		found := keyInLine.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		owner, before := r.ownerOf(name, found[1]), ""
		if owner == "" {
			continue
		}
		if found[1] != "" {
			before = r.lineOf(found[1])
		}
		units = append(units, &unit{owner: owner, before: before, text: found[2] + " " + found[3], file: name, at: len(units)})
	}
	return units
}

// ownerOf returns whose key stands in a file, with what is before it in its line.
func (r *redactor) ownerOf(name, before string) string {
	if slices.Contains(r.keep.Signers.Revoked, name) {
		return revoked
	}
	for _, login := range slices.Sorted(maps.Keys(r.keep.Signers.People)) {
		for _, file := range r.keep.Signers.People[login] {
			if file.Path == name && (before == "" || selects(before, principalOf(login, file))) {
				return login
			}
		}
	}
	return ""
}

func principalOf(login string, file gate.KeyFile) string {
	if file.Principal != "" {
		return file.Principal
	}
	return login
}

// selects reports whether the principals of a line select one.
func selects(before, principal string) bool {
	patterns, _, _ := strings.Cut(before, " ")
	return slices.ContainsFunc(strings.Split(strings.Trim(patterns, `"`), ","), func(pattern string) bool {
		matched, err := path.Match(strings.TrimPrefix(pattern, "!"), principal)
		return err == nil && matched
	})
}

// lineOf returns the principals of a line that the policy names, and its options.
func (r *redactor) lineOf(before string) string {
	principals, rest, _ := strings.Cut(before, " ")
	var kept []string
	for _, each := range strings.Split(strings.Trim(principals, `"`), ",") {
		if each == "*" || r.phrases[strings.ToLower(each)] || r.people.kept[fact.LoginKey(each)] {
			kept = append(kept, each)
		}
	}
	line := strings.Join(kept, ",")
	var said []string
	for _, each := range options.FindAllStringSubmatch(rest, -1) {
		said = append(said, each[1])
	}
	if len(said) > 0 {
		line += " " + strings.Join(said, ",")
	}
	return line + " "
}

// call gives a key that has none a name: that of its owner, and a number where the owner
// has several.
func (k *keyring) call(owner string) string {
	k.count[owner]++
	if k.count[owner] == 1 {
		return owner
	}
	return fmt.Sprintf("%s-key-%d", owner, k.count[owner])
}

// maker is what makes a signature that says the same as another one.
type maker struct {
	name string
	// bad signs something else; foreign is no signature that anybody here reads.
	bad, foreign bool
}

func (m maker) sign(payload string) string {
	switch {
	case m.foreign:
		return "-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n"
	case m.bad:
		payload += "\n"
	}
	return suppose.Sign(m.name, payload)
}

// made finds the key that made a signature, wherever it is.
func (k *keyring) made(r *redactor, kind gitobject.Type, format gitobject.Format, body []byte, given fact.Signature) maker {
	result := maker{name: "stranger", foreign: signature.SchemeOf([]byte(given.Text)) == signature.X509}
	if given.Class == fact.GitHubSignature {
		result.name = webFlow
	}
	payload, armored := parts(kind, format, body, given)
	var same []*unit
	for _, each := range k.units {
		ring, _ := signature.NewRing([]signature.Material{{Owner: each.owner, Source: each.owner, Data: []byte(each.text)}}, nil)
		found := ring.Verify(payload, armored, signature.Moment{Now: k.now, Seen: given.SeenAt}, signature.Demand{})
		switch found.State {
		case signature.Good, signature.Bad:
			result.bad = found.State == signature.Bad
		case signature.Unsigned, signature.Malformed, signature.Unsupported, signature.UnknownKey, signature.Undetermined:
			continue
		case signature.Weak, signature.Revoked, signature.KeyExpired, signature.SignatureExpired, signature.TooEarly, signature.FromFuture, signature.NotForSigning, signature.Untouched:
			if unlike := fmt.Sprintf("a signature is %s", found.State); !slices.Contains(r.report.Unlike, unlike) {
				r.report.Unlike = append(r.report.Unlike, unlike)
			}
		}
		same = append(same, each)
	}
	if len(same) > 0 {
		result.name = k.nameFor(same)
	}
	return result
}

// nameFor names a key that stands in these places.
func (k *keyring) nameFor(same []*unit) string {
	at := slices.IndexFunc(same, func(each *unit) bool { return each.name != "" })
	name := ""
	switch owned := slices.IndexFunc(same, func(each *unit) bool { return each.owner != revoked }); {
	case at >= 0:
		name = same[at].name
	case owned >= 0:
		name = k.call(same[owned].owner)
	default:
		name = k.call(revoked)
	}
	for _, each := range same {
		each.name = name
	}
	return name
}

// parts returns what is signed, and the signature, by the object itself where there is one.
func parts(kind gitobject.Type, format gitobject.Format, body []byte, given fact.Signature) (payload, armored []byte) {
	if kind == gitobject.TagType {
		if tag, err := gitobject.ParseTag(body, format); err == nil && tag.Signature != nil {
			return tag.Payload, tag.Signature
		}
	} else if commit, err := gitobject.ParseCommit(body, format); err == nil && commit.Signature != nil {
		return commit.Payload, commit.Signature
	}
	return []byte(given.Payload), []byte(given.Text)
}

// writeKeys puts the new keys where the old ones were.
func (r *redactor) writeKeys(facts *fact.Set) {
	for login, known := range facts.Keys {
		if account, lost := known.Get(); lost == nil {
			account.Keys = slices.Clone(account.Keys)
			facts.Keys[login] = fact.Of(account, known.Source())
		}
	}
	files := map[string]string{}
	for _, each := range r.keyring.units {
		if each.name == "" {
			each.name = r.keyring.call(each.owner)
		}
		r.report.Keys++
		if each.file != "" {
			files[each.file] += each.before + suppose.PublicKey(each.name) + "\n"
			continue
		}
		key := &facts.Keys[each.account].OrZero().Keys[each.at]
		if key.ID = suppose.Number(each.name); key.Text != "" {
			key.Text = suppose.PublicKey(each.name)
		}
	}
	for name, known := range facts.Files {
		if file, lost := known.Get(); lost == nil {
			file.Text = files[name]
			facts.Files[name] = fact.Of(file, known.Source())
		}
	}
}
