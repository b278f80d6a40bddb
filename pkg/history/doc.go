// Package history tells of a stream of commits, or of one tag, whose key
// signed each object: on all cores, in the order in which they came, and with
// as little memory for a hundred thousand as for a hundred.
//
// It joins gitobject, which says what an object is, with signature, which says
// whose key made a signature. The bytes have to be those of the id already:
// whoever reads them has hashed them (pkg/gitstore does).
//
// The package must not know where objects and keys come from, which of them
// there should be, how a verdict is shown, or what follows from it. It touches
// nothing: no file, no clock, no network.
package history
