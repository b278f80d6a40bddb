package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
)

// supposesTagSignature lets the tag be signed by somebody in the role, or be
// annotated and not signed.
var supposesTagSignature = Supposing[signedTag]{
	Noun: "tag-signature",
	With: func(params signedTag, in Supposed, _ string) error {
		if ref := in.Facts.Subject.Ref; ref.Kind() != fact.TagRef {
			return fmt.Errorf("%s is no tag, so nobody can sign it", ref)
		}
		signer, err := in.signer(params.By)
		if err == nil {
			in.SignTag(signer.Login)
		}
		return err
	},
	Without: func(_ signedTag, in Supposed, _ string) error {
		in.SignTag("")
		return nil
	},
}
