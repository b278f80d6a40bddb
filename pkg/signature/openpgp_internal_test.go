package signature

import (
	"bytes"
	"crypto"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	pgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

// P15: two keys with one 64-bit id take too long to find, so one of them gets
// the id of the other in the table.
func TestOpenPGPTriesEveryKeyOfAnID(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	config := &packet.Config{Time: func() time.Time { return at }, DefaultHash: crypto.SHA256}
	var keys []pgpKey
	var signer *pgp.Entity
	for range 3 {
		entity, err := pgp.NewEntity("A", "", "a@example.org", config)
		if err != nil {
			t.Fatal(err)
		}
		public := *entity.PrimaryKey
		keys = append(keys, pgpKey{public: &public, primary: string(rune('A' + len(keys)))})
		signer = entity
	}
	signature := &packet.Signature{
		Version: 4, SigType: packet.SigTypeBinary, PubKeyAlgo: signer.PrimaryKey.PubKeyAlgo, Hash: crypto.SHA256, CreationTime: at,
	}
	hash := crypto.SHA256.New()
	hash.Write([]byte("payload"))
	if err := signature.Sign(hash, signer.PrivateKey, nil); err != nil {
		t.Fatal(err)
	}
	// The same key id in all of them, and no fingerprint to choose by.
	for _, each := range keys {
		each.public.KeyId, each.public.Fingerprint = signer.PrimaryKey.KeyId, signer.PrimaryKey.Fingerprint
	}
	var text bytes.Buffer
	writer, err := armor.Encode(&text, "PGP SIGNATURE", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := signature.Serialize(writer); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	ring := Ring{openpgp: openpgpRing{keys: map[uint64][]pgpKey{signer.PrimaryKey.KeyId: keys}}}
	got := ring.Verify([]byte("payload"), text.Bytes(), Moment{Now: at}, Demand{})
	if got.State != Good || got.Key != "C" {
		t.Errorf("got %+v, want the third key", got)
	}
	keys[2].public.Fingerprint = bytes.Repeat([]byte{1}, 20)
	if got := ring.Verify([]byte("payload"), text.Bytes(), Moment{Now: at}, Demand{}); got.State != Bad {
		t.Errorf("got %+v for a key whose fingerprint is not the one named", got)
	}
	ring.openpgp.keys[signer.PrimaryKey.KeyId] = keys[:2]
	if got := ring.Verify([]byte("payload"), text.Bytes(), Moment{Now: at}, Demand{}); got.State != Bad {
		t.Errorf("got %+v without the third key", got)
	}
}
