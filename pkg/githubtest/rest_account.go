package githubtest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

func accountRoutes() []route {
	return []route{
		// The token is an app's, which has no account to show.
		{pattern: "/user", anyone: true, answer: func(restRequest) answer { return failure(http.StatusForbidden, forbidden) }},
		{pattern: "/users/{username}/gpg_keys", anyone: true, paged: true, answer: listOpenPGPKeys},
		{pattern: "/users/{username}/ssh_signing_keys", anyone: true, paged: true, answer: listSSHKeys},
	}
}

// keysOf returns the listed keys of the account of a request; ok is false for
// an account that is not there.
func keysOf(r restRequest, openPGP bool) (keys []accountKey, ok bool) {
	p := r.repo.people[strings.ToLower(r.value("username"))]
	if p == nil || p.gone {
		return nil, false
	}
	for _, key := range p.keys {
		if (key.entity != nil) == openPGP {
			keys = append(keys, key)
		}
	}
	return keys, true
}

// added is when every key was added to its account.
func (r restRequest) added() any { return instant(r.repo.world.Time.AddDate(-1, 0, 0)) }

func listSSHKeys(r restRequest) answer {
	keys, ok := keysOf(r, false)
	if !ok {
		return notFound()
	}
	return paged(r, keys, func(key accountKey) doc {
		return doc{"id": key.id, "key": key.text, "title": key.owner.login + "'s laptop", "created_at": r.added()}
	}, bare)
}

func listOpenPGPKeys(r restRequest) answer {
	keys, ok := keysOf(r, true)
	if !ok {
		return notFound()
	}
	return paged(r, keys, r.openPGPDoc, bare)
}

// openPGPDoc is an OpenPGP key with its subkeys; raw_key is what the owner
// uploaded, public_key the packet of the key alone.
func (r restRequest) openPGPDoc(key accountKey) doc {
	shown := r.keyDoc(key, key.entity.PrimaryKey, key.id)
	subkeys := []doc{}
	for i, subkey := range key.entity.Subkeys {
		inner := r.keyDoc(key, subkey.PublicKey, key.id+int64(i)+1)
		inner["primary_key_id"], inner["subkeys"], inner["raw_key"] = key.id, []doc{}, nil
		inner["can_sign"], inner["can_certify"], inner["can_encrypt_comms"], inner["can_encrypt_storage"] = false, false, true, true
		subkeys = append(subkeys, inner)
	}
	shown["subkeys"], shown["name"], shown["raw_key"] = subkeys, key.owner.login+"'s key", key.text
	shown["emails"] = []doc{{"email": key.entity.PrimaryIdentity().UserId.Email, "verified": true}}
	return shown
}

// keyDoc is what a key and a subkey have in common.
func (r restRequest) keyDoc(key accountKey, public *packet.PublicKey, id int64) doc {
	packed, err := packetOf(public)
	if err != nil {
		packed = fmt.Sprint(err) // cannot be: the key was made here
	}
	return doc{
		"id": id, "primary_key_id": nil, "key_id": public.KeyIdString(), "public_key": packed, "emails": []doc{},
		"can_sign": true, "can_certify": true, "can_encrypt_comms": false, "can_encrypt_storage": false,
		"created_at": r.added(), "expires_at": instant(key.ends), "revoked": key.revoked,
	}
}
