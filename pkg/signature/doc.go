// Package signature tells whose key signed some bytes, and whether that key
// may vouch for them: OpenPGP and SSH, without gpg, ssh-keygen or git.
//
// What goes in are bytes, key material and two moments; what comes out is a
// Result, whose zero value is "nobody looked" and never counts. There is one
// way to the state Good and a state of its own for every way to miss it.
//
// The package must not know what the bytes are, where keys come from, who is
// in which role, or what time it is. It decides, so it touches nothing: no
// file, no clock, no environment, no network. Formats: RFC 9580 and RFC 4880
// (OpenPGP), PROTOCOL.sshsig and ssh-keygen(1) of OpenSSH.
package signature
