package report

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/verdict"
)

// gatePage is the address of a gate's page, which lies beside its code and has
// "_" where its id has "-".
const gatePage = "https://github.com/stageward/stageward/blob/main/pkg/gate/%s.md"

// maxAddress is the longest URL that is offered, in bytes.
const maxAddress = 2000

var (
	gateID   = lazy.New(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	hostName = lazy.New(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$`)
)

// address returns a foreign URL in a form that is safe in Markdown and in a
// terminal, and its host. It is "" unless the URL is absolute, https, without
// a user name, not longer than maxAddress, and names its host in ASCII.
func address(foreign string) (safe, host string) {
	if len(foreign) > maxAddress {
		return "", ""
	}
	parsed, err := url.Parse(foreign)
	if err != nil || parsed.Scheme != "https" || parsed.Opaque != "" || parsed.User != nil || !hostName.MatchString(parsed.Host) {
		return "", ""
	}
	var out strings.Builder
	for _, char := range []byte(parsed.String()) {
		if isAddressByte(char) {
			out.WriteByte(char)
		} else {
			fmt.Fprintf(&out, "%%%02X", char)
		}
	}
	return out.String(), parsed.Host
}

// isAddressByte leaves out what RFC 3986 allows but Markdown could misread:
// parentheses, quotes, "*", "[", "]" and "!".
func isAddressByte(char byte) bool {
	switch {
	case char >= 'a' && char <= 'z', char >= 'A' && char <= 'Z', char >= '0' && char <= '9':
		return true
	}
	return strings.IndexByte("-._~:/?#@$&+,;=%", char) >= 0
}

// link returns text as a link to a foreign URL, or as text alone when the URL
// is not one to offer.
func link(text, foreign string) string {
	target, _ := address(foreign)
	if target == "" {
		return inline(text)
	}
	// "&" would begin a character reference in a link's target.
	return "[" + inline(text) + "](" + strings.ReplaceAll(target, "&", "&amp;") + ")"
}

// gateLink returns the id of a gate with a link to its page.
func gateLink(id string) string {
	if !gateID.MatchString(id) {
		return code(id)
	}
	return "[" + code(id) + "](" + fmt.Sprintf(gatePage, strings.ReplaceAll(id, "-", "_")) + ")"
}

// commitURL returns the page of a commit, or "".
func commitURL(v verdict.Verdict, sha fact.SHA) string {
	return pageURL(v, sha, "/commit/"+string(sha))
}

// fileURL returns the page of a file at a commit, or "". A name that leads
// elsewhere, such as one with "..", has no page.
func fileURL(v verdict.Verdict, sha fact.SHA, name string) string {
	if path.Clean("/"+name) != "/"+name {
		return ""
	}
	escaped := (&url.URL{Path: "/" + name}).EscapedPath()
	return pageURL(v, sha, "/blob/"+string(sha)+escaped)
}

func pageURL(v verdict.Verdict, sha fact.SHA, suffix string) string {
	if _, err := fact.ParseSHA(string(sha)); err != nil || v.RepositoryURL == "" {
		return ""
	}
	return strings.TrimSuffix(v.RepositoryURL, "/") + suffix
}
