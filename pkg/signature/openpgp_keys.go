package signature

import (
	"bytes"
	"crypto/dsa" //nolint:staticcheck // read only to refuse it
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// pgpCopy is one public key as it stands in one material, with nothing in it
// believed yet (RFC 9580, section 10.1: a transferable public key).
//
// The packets are put together here and not by the library's key reader, which
// passes over in silence what it cannot read: a revocation in an old format
// would be gone, and the key good.
type pgpCopy struct {
	owner, source string
	primary       *packet.PublicKey
	// revocations are those that say that they take the key back. One that
	// cannot be read is nil.
	revocations []*packet.Signature
	direct      []*packet.Signature
	users       []pgpUser
	subkeys     []pgpSubkey
}

// pgpUser is a user id with what the primary key seems to say about it.
type pgpUser struct {
	id                          string
	certifications, revocations []*packet.Signature
}

// pgpSubkey is a subkey with what the primary key seems to say about it.
type pgpSubkey struct {
	public                *packet.PublicKey
	bindings, revocations []*packet.Signature
}

// pgpReader reads key material packet by packet.
type pgpReader struct {
	material Material
	copies   []pgpCopy
	// loose are revocations that stand without their key, as revocation
	// certificates do.
	loose []*packet.Signature
	// packets counts the keys, and the signatures that will be checked: each of
	// them takes time, and whoever may choose a key may choose how many it has.
	packets  int
	problems []Problem
	// current is the key that is being read, nil when it cannot be used.
	current *pgpCopy
	// place is what the next signature is about.
	place place
}

type place int

const (
	nowhere place = iota
	atPrimary
	atUser
	atSubkey
)

// readPGPMaterial takes all armored blocks of a material apart. Text around
// the blocks is ignored: what counts in keys is what they say themselves. Only
// an SSH key there is a problem, since who wrote it expects that it counts.
func readPGPMaterial(material Material) *pgpReader {
	reader := &pgpReader{material: material}
	for lines := armorLines(material.Data); len(lines) > 0; {
		if !strings.HasPrefix(lines[0], armorBegin) {
			reader.between(lines[0])
			lines = lines[1:]
			continue
		}
		block, rest, err := readArmor(lines)
		lines = rest
		switch {
		case err != nil:
			reader.problem("the armor cannot be read: %v", err)
		case block.kind == "PRIVATE KEY BLOCK":
			reader.secret()
		case block.kind != "PUBLIC KEY BLOCK":
			reader.problem("a block of %s is no public key", quoted("PGP "+block.kind))
		default:
			reader.read(block.body)
		}
	}
	return reader
}

// between looks at a line that is in no block.
func (r *pgpReader) between(line string) {
	if !strings.HasPrefix(line, "#") && slices.ContainsFunc(strings.Fields(line), isSSHKeyType) {
		r.problem("an SSH key beside OpenPGP keys is not read: put it into a file of its own")
	}
}

func (r *pgpReader) problem(format string, arguments ...any) {
	r.problems = append(r.problems, Problem{Source: r.material.Source, Detail: fmt.Sprintf(format, arguments...)})
}

func (r *pgpReader) secret() {
	r.problem("it holds a secret key, which does not belong here: export the public key, and replace the secret one if others could read it")
}

// read takes the packets of one block apart.
func (r *pgpReader) read(body []byte) {
	r.current, r.place = nil, nowhere
	if len(body) == 0 {
		r.problem("there is no key in the armor")
	}
	packets := packet.NewOpaqueReader(bytes.NewReader(body))
	for {
		each, err := packets.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.problem("the packets cannot be read: %s", quoted(err.Error()))
			r.current = nil
			break
		}
		r.take(each)
	}
	r.finish()
}

// finish keeps the key that was being read.
func (r *pgpReader) finish() {
	if r.current != nil {
		r.copies = append(r.copies, *r.current)
	}
	r.current, r.place = nil, nowhere
}

// take adds one packet to the key that is being read.
func (r *pgpReader) take(each *packet.OpaquePacket) {
	switch each.Tag {
	case tagPublicKey:
		r.finish()
		r.packets++
		r.begin(each)
	case tagPublicSubkey:
		r.packets++
		r.subkey(each)
	case tagSecretKey, tagSecretSubkey:
		r.secret()
		r.current, r.place = nil, nowhere
	case tagUserID:
		r.place = atUser
		if r.current != nil {
			r.current.users = append(r.current.users, pgpUser{id: string(each.Contents)})
		}
	case tagSignature:
		r.signature(each.Contents)
	case tagUserAttribute:
		// Its signatures say nothing about keys.
		r.place = nowhere
	case tagMarker, tagTrust, tagPadding:
	default:
		r.unknown(each.Tag)
	}
}

// unknown gives up a key with a packet that a reader has to know.
func (r *pgpReader) unknown(tag uint8) {
	if tag < firstNonCritical && r.current != nil {
		r.problem("key %X has a packet of type %d, which does not belong there", r.current.primary.Fingerprint, tag)
		r.current, r.place = nil, nowhere
	}
}

// begin starts a key.
func (r *pgpReader) begin(each *packet.OpaquePacket) {
	public, err := parsePublicKey(each)
	if err != nil {
		r.problem("a key cannot be read: %s", quoted(err.Error()))
		return
	}
	r.current = &pgpCopy{owner: r.material.Owner, source: r.material.Source, primary: public}
	r.place = atPrimary
}

// subkey starts a subkey. One that cannot be read can sign nothing here, and
// people have subkeys for purposes that need not be known.
func (r *pgpReader) subkey(each *packet.OpaquePacket) {
	r.place = nowhere
	public, err := parsePublicKey(each)
	if err != nil || r.current == nil || public.Version != r.current.primary.Version {
		return
	}
	r.place = atSubkey
	r.current.subkeys = append(r.current.subkeys, pgpSubkey{public: public})
}

// parsePublicKey reads a key packet, and all of it.
func parsePublicKey(each *packet.OpaquePacket) (*packet.PublicKey, error) {
	var whole bytes.Buffer
	if err := each.Serialize(&whole); err != nil {
		return nil, err
	}
	reader := bytes.NewReader(whole.Bytes())
	read, err := packet.Read(reader)
	if err != nil {
		return nil, err
	}
	public, ok := read.(*packet.PublicKey)
	switch {
	case !ok || reader.Len() > 0:
		return nil, errors.New("there are bytes after its last field")
	case public.Version != 4 && public.Version != 6:
		return nil, fmt.Errorf("it is of version %d; only 4 and 6 are supported", public.Version)
	}
	return public, checkSize(public)
}

// checkSize refuses numbers with which one check of a signature takes seconds
// or minutes: whoever may choose a key may choose how long it takes to read. The
// limits are OpenSSH's for RSA, and FIPS 186-4's for DSA.
func checkSize(public *packet.PublicKey) error {
	const mostRSA, mostDSA, mostSubgroup = 16384, 3072, 256
	switch key := public.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() > mostRSA {
			return fmt.Errorf("it is an RSA key of %d bits, more than %d", key.N.BitLen(), mostRSA)
		}
	case *dsa.PublicKey:
		if key.P.BitLen() > mostDSA || key.Q.BitLen() > mostSubgroup {
			return fmt.Errorf("it is a DSA key of %d and %d bits, more than %d and %d", key.P.BitLen(), key.Q.BitLen(), mostDSA, mostSubgroup)
		}
	}
	return nil
}

// signature adds a signature to what it is about. One that cannot be read
// gives no right and is passed over, unless it takes one.
func (r *pgpReader) signature(content []byte) {
	kind := signatureType(content)
	signature, err := parseSignature(content)
	if err == nil && r.current != nil && (r.place == atPrimary || r.place == atSubkey || signature.CheckKeyIdOrFingerprint(r.current.primary)) {
		r.packets++
	}
	switch {
	case !isRevocation(kind) && (err != nil || isCritical(signature)):
	case r.current == nil:
		r.revocation(kind, signature)
	case kind == packet.SigTypeKeyRevocation:
		r.current.revocations = append(r.current.revocations, signature)
	case kind == packet.SigTypeDirectSignature:
		r.current.direct = append(r.current.direct, signature)
	case r.place == atUser:
		r.current.users[len(r.current.users)-1].add(kind, signature)
	case r.place == atSubkey:
		r.current.subkeys[len(r.current.subkeys)-1].add(kind, signature)
	}
}

// revocation notes a revocation that stands without its key.
func (r *pgpReader) revocation(kind packet.SignatureType, signature *packet.Signature) {
	switch {
	case !isRevocation(kind):
	case kind != packet.SigTypeKeyRevocation || signature == nil || signature.IssuerKeyId == nil:
		r.problem("a revocation without its key cannot be used: add it to the key and export that")
	default:
		r.loose = append(r.loose, signature)
	}
}

func (u *pgpUser) add(kind packet.SignatureType, signature *packet.Signature) {
	switch kind { //nolint:exhaustive // nothing else is about a user id
	case packet.SigTypeGenericCert, packet.SigTypePersonaCert, packet.SigTypeCasualCert, packet.SigTypePositiveCert:
		u.certifications = append(u.certifications, signature)
	case packet.SigTypeCertificationRevocation:
		u.revocations = append(u.revocations, signature)
	}
}

func (s *pgpSubkey) add(kind packet.SignatureType, signature *packet.Signature) {
	switch kind { //nolint:exhaustive // nothing else is about a subkey
	case packet.SigTypeSubkeyBinding:
		s.bindings = append(s.bindings, signature)
	case packet.SigTypeSubkeyRevocation:
		s.revocations = append(s.revocations, signature)
	}
}

func isCritical(signature *packet.Signature) bool {
	_, critical := criticalNotation(signature)
	return critical
}

func isRevocation(kind packet.SignatureType) bool {
	return kind == packet.SigTypeKeyRevocation || kind == packet.SigTypeSubkeyRevocation
}

// signatureType is the type of a signature of any version, also of those that
// cannot be read otherwise. Version 3 has a length before it.
func signatureType(content []byte) packet.SignatureType {
	at := 1
	if len(content) > 0 && content[0] < 4 {
		at = 2
	}
	if len(content) <= at {
		return 0
	}
	return packet.SignatureType(content[at])
}
