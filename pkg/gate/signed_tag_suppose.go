package gate

// supposesTagSignature lets the tag be signed by somebody in the role, or be
// annotated and not signed.
var supposesTagSignature = Supposing[signedTag]{
	Noun: "tag-signature",
	With: func(params signedTag, in Supposed, _ string) error {
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
