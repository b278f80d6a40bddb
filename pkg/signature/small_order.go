package signature

import (
	"encoding/hex"
	"slices"
)

// smallOrders are the Ed25519 keys for which everybody can make signatures, and
// nobody has a secret: the points whose order divides eight, each in every way
// to write it, without the highest bit. The verification of Go and of OpenSSL
// lets them pass, as RFC 8032 does. Source: Cremers and Jackson, "Prime, Order
// Please!" (2019), and the list in libsodium's ed25519_ref10.c.
var smallOrders = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

// pointSize is the length of an Ed25519 key.
const pointSize = 32

// weakPoint says why everybody can sign for an Ed25519 key, or nothing.
func weakPoint(point []byte) string {
	if len(point) != pointSize {
		return ""
	}
	unsigned := slices.Clone(point)
	unsigned[pointSize-1] &= 0x7F
	if !slices.Contains(smallOrders, hex.EncodeToString(unsigned)) {
		return ""
	}
	return "the key is an Ed25519 key for which everybody can make signatures"
}
