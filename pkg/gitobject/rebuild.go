package gitobject

import (
	"slices"
	"strings"
)

// Rebuild puts an object together from what GitHub's API returns as
// verification.payload and verification.signature, and proves it: the bytes
// have the id that was asked for, or the error is OtherID. An empty signature
// means an object without one.
//
// The line ends behind a signature differ between programs, and the API may
// trim them; a few are tried, and the hash decides. Everything else is taken as
// it is. What the caller may rely on is the returned object, parsed anew, and
// never the strings.
func Rebuild(kind Type, id, payload, signature string) ([]byte, error) {
	if len(payload) > MaxSize || len(signature) > MaxSize-len(payload) {
		return nil, tooLarge(len(payload) + len(signature))
	}
	format, err := FormatOf(id)
	if err != nil {
		return nil, err
	}
	for _, each := range endings(signature) {
		for _, at := range places(kind, payload, each) {
			body := join(kind, format, payload, each, at)
			got, err := ID(kind, format, body)
			if err != nil {
				return nil, err
			}
			if got == id {
				return body, nil
			}
		}
	}
	return nil, unfit(OtherID, "payload and signature do not make up the object %s", id)
}

// endings are a signature with the line ends that it may have in the object.
func endings(signature string) []string {
	if signature == "" {
		return []string{""}
	}
	bare := strings.TrimRight(signature, "\n")
	all := []string{signature}
	for _, each := range []string{bare + "\n", bare + "\n\n", bare} {
		if !slices.Contains(all, each) {
			all = append(all, each)
		}
	}
	return all
}

// join puts a signature into an object: behind a tag, or into a header of a
// commit, where a space continues each line.
func join(kind Type, format Format, payload, signature string, at int) []byte {
	if kind == TagType || signature == "" {
		return []byte(payload + signature)
	}
	folded := strings.ReplaceAll(strings.TrimSuffix(signature, "\n"), "\n", "\n ")
	return []byte(payload[:at] + format.signatureHeader() + " " + folded + "\n" + payload[at:])
}

// places are where the signature of a commit may stand. Git makes it the last
// header; JGit writes the encoding behind it.
func places(kind Type, payload, signature string) []int {
	end := headerEnd(payload)
	if kind == TagType || signature == "" {
		return []int{end}
	}
	all := []int{end}
	if at := strings.Index(payload[:end], "\nencoding "); at >= 0 {
		all = append(all, at+1)
	}
	return all
}

// headerEnd is where the empty line stands that ends a header, or the end of an
// object that has none.
func headerEnd(payload string) int {
	if at := strings.Index(payload, "\n\n"); at >= 0 {
		return at + 1
	}
	return len(payload)
}
