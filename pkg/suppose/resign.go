package suppose

import (
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
)

// Sign returns an armored signature of a payload by the key that PublicKey shows for
// the name. It ends in a newline.
func Sign(name, payload string) string { return sign(name, payload) }

// ObjectID returns the id of the object that a payload and a signature, or "", make up:
// that of a commit has the signature as the last header, a tag at its end. It is "" for
// what cannot be an object.
func ObjectID(kind gitobject.Type, format gitobject.Format, payload, signature string) fact.SHA {
	body := payload + signature
	if kind == gitobject.CommitType && signature != "" {
		at := strings.Index(payload, "\n\n") + 1
		if at == 0 {
			at = len(payload)
		}
		header := folded(signature)
		if format == gitobject.SHA256 {
			header = strings.Replace(header, "gpgsig ", "gpgsig-sha256 ", 1)
		}
		body = payload[:at] + header + payload[at:]
	}
	id, err := gitobject.ID(kind, format, []byte(body))
	if err != nil {
		return ""
	}
	return fact.SHA(id)
}
