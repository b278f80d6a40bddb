package githubtest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"go.yaml.in/yaml/v4"
	"golang.org/x/crypto/ssh"
)

// The kinds of key that a person can have. A login has one SSH key and one
// OpenPGP key; the last two are that OpenPGP key as it became later.
const (
	keySSH     = "ssh"
	keyOpenPGP = "openpgp"
	keyExpired = "openpgp-expired"
	keyRevoked = "openpgp-revoked"
	// keyUnregistered is the SSH key, which GitHub never heard of.
	keyUnregistered = "unregistered"
)

func keyKinds() []string { return []string{keySSH, keyOpenPGP, keyExpired, keyRevoked} }

// keysEnd is when expired keys expired and revoked ones were revoked. An
// annotated tag is usually older, a tag of ten minutes ago is not.
func (w World) keysEnd() time.Time { return w.Time.Add(-30 * time.Minute) }

// Keys are the kinds of key that an account lists; nil when that was left out.
type Keys []string

// UnmarshalYAML accepts none, one kind, or a list of kinds.
func (k *Keys) UnmarshalYAML(node *yaml.Node) error {
	var kinds []string
	switch {
	case node.Kind != yaml.ScalarNode:
		if err := node.Decode(&kinds); err != nil {
			return err
		}
	case node.Value != "none":
		kinds = []string{node.Value}
	}
	*k = append(Keys{}, kinds...)
	return nil
}

// accountKey is a key as an account lists it.
type accountKey struct {
	id    int64
	owner *person
	text  string
	// entity is nil for an SSH key. ends is when an OpenPGP key expires, or zero.
	entity  *openpgp.Entity
	ends    time.Time
	revoked bool
}

// registerKeys works out which keys GitHub knew when objects were pushed,
// which it lists now, and with which one the person signs.
func (r *repository) registerKeys(p *person, listed Person) error {
	for _, kind := range listed.Keys {
		if !slices.Contains(keyKinds(), kind) {
			return fmt.Errorf("people: %s: keys: %q; expected none or some of %v", p.login, kind, keyKinds())
		}
	}
	known, now := slices.Clone(listed.Keys), listed.Keys
	switch {
	case listed.Key == keyUnregistered:
		known = nil
	case slices.Contains(keyKinds(), listed.Key):
		known = slices.Insert(known, 0, listed.Key)
	case listed.Key != "":
		return fmt.Errorf("people: %s: key %q; expected %s or one of %v", p.login, listed.Key, keyUnregistered, keyKinds())
	}
	if now == nil {
		now = known
	}
	p.signsWith = listed.Key
	if p.signsWith == "" && len(known) > 0 {
		p.signsWith = known[0]
	}
	for _, kind := range known {
		if err := r.recognise(p, kind); err != nil {
			return fmt.Errorf("people: %s: %w", p.login, err)
		}
	}
	return r.listKeys(p, now)
}

// recognise makes GitHub know a key of a person.
func (r *repository) recognise(p *person, kind string) error {
	if kind == keySSH {
		signer, err := sshKey(p.login)
		if err != nil {
			return err
		}
		r.keys[string(signer.PublicKey().Marshal())] = p
		return nil
	}
	if p.openpgp != nil {
		return nil // the first kind says what GitHub saw
	}
	key, err := newPersonKey(p)
	if err != nil {
		return err
	}
	p.openpgp = &key
	if kind == keyExpired {
		p.openpgpEnds = r.world.keysEnd()
	}
	return nil
}

// listKeys fills in what the account lists now.
func (r *repository) listKeys(p *person, kinds []string) error {
	if p.login == webFlow {
		text, err := armouredKey(r.gitHub.entity)
		if err != nil {
			return fmt.Errorf("people: %s: %w", p.login, err)
		}
		p.keys = []accountKey{{id: 1, owner: p, text: string(text), entity: r.gitHub.entity}}
	}
	for _, kind := range kinds {
		key, err := r.accountKey(p, kind)
		if err != nil {
			return fmt.Errorf("people: %s: keys: %s: %w", p.login, kind, err)
		}
		p.keys = append(p.keys, key)
	}
	return nil
}

// accountKey makes the key of a kind as it is now.
func (r *repository) accountKey(p *person, kind string) (accountKey, error) {
	listed := accountKey{owner: p, id: 1 + hashOf(kind+" key of "+strings.ToLower(p.login))}
	if kind == keySSH {
		signer, err := sshKey(p.login)
		if err != nil {
			return accountKey{}, err
		}
		listed.text = strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(signer.PublicKey())), "\n")
		return listed, nil
	}
	key, err := newPersonKey(p)
	if err != nil {
		return accountKey{}, err
	}
	listed.entity = key.entity
	switch kind {
	case keyExpired:
		listed.ends = r.world.keysEnd()
		listed.entity, err = key.expiring(listed.ends)
	case keyRevoked:
		listed.revoked = true
		listed.entity, err = key.revoked(r.world.keysEnd())
	}
	if err != nil {
		return accountKey{}, err
	}
	text, err := armouredKey(listed.entity)
	listed.text = string(text)
	return listed, err
}

// keyReference stands for a public key in the text of a file.
var keyReference = regexp.MustCompile(`<(ssh|openpgp|openpgp-expired|openpgp-revoked)-key of ([^<>\n]*)>`)

// withKeys puts public keys into the text of a file: an SSH key as one line
// without its newline, an OpenPGP key armoured.
func (r *repository) withKeys(text string) (string, error) {
	var failed error
	written := keyReference.ReplaceAllStringFunc(text, func(found string) string {
		match := keyReference.FindStringSubmatch(found)
		p, err := r.person(match[2])
		if err != nil {
			failed = err
			return ""
		}
		key, err := r.accountKey(p, match[1])
		if err != nil {
			failed = err
		}
		return key.text
	})
	return written, failed
}

// whoSigned returns whose known OpenPGP key made a signature, or nil.
func (r *repository) whoSigned(s *signature, when time.Time) *person {
	for _, login := range slices.Sorted(maps.Keys(r.people)) {
		p := r.people[login]
		if p.openpgp != nil && p.openpgp.check(s.text, []byte(s.payload), when) == nil {
			return p
		}
	}
	return nil
}
