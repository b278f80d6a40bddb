package signature_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"golang.org/x/crypto/ssh"

	"github.com/stageward/stageward/pkg/signature"
)

// forEverybody are keys without a secret: neutral, of order two, four and
// eight, some of them written in a way that no program writes them.
var forEverybody = []string{
	"0100000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}

// nothing is a signature that takes no secret to make: neutral, and zero.
func nothing() []byte { return append([]byte{1}, make([]byte, 63)...) }

func TestKeysForEverybodyAreWeakInSSH(t *testing.T) {
	t.Parallel()
	for _, point := range forEverybody {
		raw, err := hex.DecodeString(point)
		must(t, err)
		// The forgery works for one message of eight at least, so one of many does.
		forged := false
		for i := range 200 {
			forged = forged || ed25519.Verify(raw, binary.BigEndian.AppendUint64(nil, uint64(i)), nothing())
		}
		if !forged {
			t.Errorf("%s: nobody can sign for it; the row is wrong", point)
		}
		for _, kind := range []string{ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519} {
			blob := ssh.Marshal(struct {
				Kind string
				Key  []byte
			}{kind, raw})
			edit := func(p *sshParts) { p.key, p.made = blob, &ssh.Signature{Format: kind, Blob: nothing()} }
			if kind == ssh.KeyAlgoSKED25519 {
				blob = append(blob, ssh.Marshal(struct{ Application string }{"ssh:"})...)
				edit = func(p *sshParts) {
					p.key, p.made = blob, &ssh.Signature{Format: kind, Blob: nothing(), Rest: skRest(1)}
				}
			}
			line := kind + " " + base64.StdEncoding.EncodeToString(blob)
			ring, problems := signature.NewRing([]signature.Material{{Owner: "alice", Source: "keys", Data: []byte(line)}}, nil)
			got := ring.Verify([]byte(payload), sshsig(t, newSSHKey(t, 'a'), edit), signature.Moment{Now: now()}, signature.Demand{})
			if len(problems) > 0 || got.State != signature.Weak {
				t.Errorf("%s %s: got %+v %v, want weak", kind, point, got, problems)
			}
		}
	}
}

// In OpenPGP it is the key itself, too, that nobody has to own to make it.
func TestKeysForEverybodyAreWeakInOpenPGP(t *testing.T) {
	t.Parallel()
	neutral, err := hex.DecodeString(forEverybody[0])
	must(t, err)
	public := append(binary.BigEndian.AppendUint32([]byte{4}, uint32(made().Unix())), 22, 9)
	public = append(public, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01, 0x01, 0x07)
	public = append(append(public, 0x40), neutral...)
	key := forgedBy(t, public, 0x13, []byte{2, 27, 3}, fmt.Appendf(nil, "\x99\x00%c%s\xB4\x00\x00\x00\x01x", len(public), public))
	file := armored(t, "PGP PUBLIC KEY BLOCK", packed(t, raw(6, public), raw(13, []byte("x")), key), nil)
	verifyRow{
		keys: []signature.Material{owned("alice", file)}, armored: asSignature(t, forgedBy(t, public, 0, nil, []byte(payload))),
		want: signature.Weak, detail: "everybody",
	}.check(t)
}

func raw(tag uint8, content []byte) item { return &packet.OpaquePacket{Tag: tag, Contents: content} }

// forgedBy is a signature packet of a kind over something, with subpackets,
// that holds for the neutral key without a secret.
func forgedBy(tb testing.TB, public []byte, kind byte, subpackets, over []byte) item {
	tb.Helper()
	read, err := parse(public)
	must(tb, err)
	subpackets = append(binary.BigEndian.AppendUint32([]byte{5, 2}, uint32(signed().Unix())), subpackets...)
	content := append([]byte{4, kind, 22, 10, 0, byte(len(subpackets))}, subpackets...)
	trailer := binary.BigEndian.AppendUint32([]byte{4, 0xFF}, uint32(len(content)))
	digest := sha512.Sum512(append(append(append([]byte{}, over...), content...), trailer...))
	content = append(content, 0, 10, 9, 16)
	content = binary.BigEndian.AppendUint64(content, read.KeyId)
	content = append(content, digest[:2]...)
	neutral := new(big.Int).SetBytes(append([]byte{1}, make([]byte, 31)...))
	content = append(binary.BigEndian.AppendUint16(content, uint16(neutral.BitLen())), neutral.Bytes()...)
	return raw(2, append(content, 0, 0))
}

func parse(public []byte) (*packet.PublicKey, error) {
	var whole bytes.Buffer
	if err := raw(6, public).Serialize(&whole); err != nil {
		return nil, err
	}
	read, err := packet.Read(&whole)
	if err != nil {
		return nil, err
	}
	key, ok := read.(*packet.PublicKey)
	if !ok {
		return nil, fmt.Errorf("a packet of type %T", read)
	}
	return key, nil
}
