package signature

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Packet types of RFC 9580, section 5. The library does not export them.
const (
	tagSignature     = 2
	tagSecretKey     = 5
	tagPublicKey     = 6
	tagSecretSubkey  = 7
	tagMarker        = 10
	tagTrust         = 12
	tagUserID        = 13
	tagPublicSubkey  = 14
	tagUserAttribute = 17
	tagPadding       = 21
	// firstNonCritical is the first type that a reader may skip when it does
	// not know it.
	firstNonCritical = 40
)

// Hash algorithms of RFC 9580, section 9.5, as a signature has them.
const (
	hashMD5       = 1
	hashSHA1      = 2
	hashRIPEMD160 = 3
	hashSHA256    = 8
	hashSHA384    = 9
	hashSHA512    = 10
	hashSHA3x256  = 12
	hashSHA3x512  = 14
)

// pgpFault is why text is not a signature that can be checked.
type pgpFault struct {
	state  State
	detail string
}

func malformed(format string, arguments ...any) *pgpFault {
	return &pgpFault{state: Malformed, detail: fmt.Sprintf(format, arguments...)}
}

func unsupported(format string, arguments ...any) *pgpFault {
	return &pgpFault{state: Unsupported, detail: fmt.Sprintf(format, arguments...)}
}

// readPGPSignature reads the one signature over binary data that the text has
// to be. A signature that it returns names its key.
func readPGPSignature(armored []byte) (*packet.Signature, *pgpFault) {
	body, fault := signatureBody(armored)
	if fault != nil {
		return nil, fault
	}
	content, fault := onlyPacket(body)
	if fault != nil {
		return nil, fault
	}
	if fault := checkHeader(content); fault != nil {
		return nil, fault
	}
	signature, err := parseSignature(content)
	var unable pgperrors.UnsupportedError
	if errors.As(err, &unable) {
		return nil, unsupported("the signature has something that is not supported: %s", quoted(string(unable)))
	}
	if err != nil {
		return nil, malformed("the signature packet cannot be read: %s", quoted(err.Error()))
	}
	return signature, checkContent(signature)
}

// signatureBody takes the text to be exactly one block; that it is one of a
// signature is why it is read here. Comment and Version are
// harmless, though they change the id of the object; any other header would
// ask for something.
func signatureBody(armored []byte) ([]byte, *pgpFault) {
	block, rest, err := readArmor(armorLines(armored))
	if err != nil {
		return nil, malformed("the armor cannot be read: %v", err)
	}
	for _, header := range block.headers {
		if header != "Comment" && header != "Version" {
			return nil, malformed("the armor has the header %s", quoted(header))
		}
	}
	// GitHub's own signatures end with an empty line.
	if slices.ContainsFunc(rest, func(line string) bool { return line != "" }) {
		return nil, malformed("there is text after the signature")
	}
	return block.body, nil
}

// onlyPacket returns the content of the signature packet that is all of the
// body.
func onlyPacket(body []byte) ([]byte, *pgpFault) {
	packets := packet.NewOpaqueReader(bytes.NewReader(body))
	first, err := packets.Next()
	if err != nil {
		return nil, malformed("there is no packet in the armor")
	}
	if first.Tag != tagSignature {
		return nil, malformed("there is a packet of type %d where the signature belongs", first.Tag)
	}
	if _, err := packets.Next(); !errors.Is(err, io.EOF) {
		return nil, malformed("there is more than one packet in the armor")
	}
	return first.Contents, nil
}

// checkHeader judges what the library would only call unsupported: its first
// bytes are version, type, key algorithm and hash.
func checkHeader(content []byte) *pgpFault {
	const shortest = 4
	if len(content) < shortest {
		return malformed("the signature packet ends early")
	}
	version, kind, hash := content[0], content[1], content[3]
	if version != 4 && version != 6 {
		return unsupported("a signature packet of version %d; only 4 and 6 are supported", version)
	}
	switch packet.SignatureType(kind) { //nolint:exhaustive // every other type signs no data
	case packet.SigTypeBinary:
	case packet.SigTypeText:
		// The same signature would hold for other line ends, that is, for
		// other bytes and another object.
		return unsupported("a text-mode signature; only signatures over the bytes themselves count")
	default:
		return malformed("a signature of type 0x%02X does not sign data", kind)
	}
	switch hash {
	case hashSHA1, hashSHA256, hashSHA384, hashSHA512, hashSHA3x256, hashSHA3x512:
		return nil
	case hashMD5, hashRIPEMD160:
		return &pgpFault{state: Weak, detail: "the signature is over an MD5 or RIPEMD-160 hash"}
	default:
		return unsupported("a signature over hash %d; SHA-256, SHA-384, SHA-512 and SHA-3 are supported", hash)
	}
}

// parseSignature reads the content of a signature packet, and all of it: the
// library stops after the last field.
func parseSignature(content []byte) (*packet.Signature, error) {
	if claimsTooMuch(content) {
		return nil, errors.New("it claims to be longer than it is")
	}
	var whole bytes.Buffer
	if err := (&packet.OpaquePacket{Tag: tagSignature, Contents: content}).Serialize(&whole); err != nil {
		return nil, err
	}
	reader := bytes.NewReader(whole.Bytes())
	read, err := packet.Read(reader)
	if err != nil {
		return nil, err
	}
	signature, ok := read.(*packet.Signature)
	if !ok || reader.Len() > 0 {
		return nil, errors.New("there are bytes after its last field")
	}
	return signature, nil
}

// claimsTooMuch reports whether a signature of version 6 says that a part of it is
// longer than all of it. There the length has four bytes, and the library makes room
// for as much as it says before it reads. (RFC 9580, section 5.2.3.)
func claimsTooMuch(content []byte) bool {
	const header = 4
	if len(content) == 0 || content[0] != 6 {
		return false
	}
	rest := content[min(header, len(content)):]
	for range 2 { // the parts that are hashed and those that are not
		if len(rest) < 4 {
			return false // too short is for the library to say
		}
		length := binary.BigEndian.Uint32(rest)
		if int64(length) > int64(len(rest)-4) {
			return true
		}
		rest = rest[4+length:]
	}
	return false
}

// checkContent judges what the library leaves to its callers.
func checkContent(signature *packet.Signature) *pgpFault {
	if name, critical := criticalNotation(signature); critical {
		return unsupported("the signature depends on the notation %s, which is not known", quoted(name))
	}
	if len(signature.IntendedRecipients) > 0 {
		return unsupported("the signature is meant for the reader of an encrypted message")
	}
	if signature.IssuerKeyId == nil {
		return malformed("the signature does not name its key")
	}
	return nil
}

// criticalNotation returns a notation without whose meaning a signature must
// not be taken as valid (RFC 9580, section 5.2.3.24). None is known here.
func criticalNotation(signature *packet.Signature) (name string, critical bool) {
	for _, notation := range signature.Notations {
		if notation.IsCritical {
			return notation.Name, true
		}
	}
	return "", false
}
