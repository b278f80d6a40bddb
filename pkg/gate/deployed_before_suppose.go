package gate

// supposesPast lets the commit have been deployed to the stage before, or never.
var supposesPast = Supposing[deployedBefore]{
	Noun: "past-deployment",
	With: func(params deployedBefore, in Supposed, _ string) error {
		_, err := params.proof(in.Terms).deploy(in)
		return err
	},
	Without: func(params deployedBefore, in Supposed, _ string) error {
		params.proof(in.Terms).undeploy(in)
		return nil
	},
}
