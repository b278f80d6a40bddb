package gate

import (
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// supposesCommitSignature lets the commit be signed by somebody in the role; where
// GitHub signed it and that counts, lets somebody in the role have merged it. Without
// it nobody signed the commit, so that GitHub did not merge it either.
var supposesCommitSignature = Supposing[signedCommit]{
	Noun: "commit-signature",
	With: func(params signedCommit, in Supposed, _ string) error {
		if err := params.sign(in); err != nil {
			return err
		}
		if from, ranged := params.since().from(); ranged && checkSignedCommit(params, in.input()).Outcome != verdict.Pass {
			in.write(func() { in.Since(from) })
		}
		return nil
	},
	Without: func(_ signedCommit, in Supposed, _ string) error {
		in.write(func() { in.SignCommit("") })
		return nil
	},
}

func (p signedCommit) sign(in Supposed) error {
	commit, missing := in.input().commit()
	counts := p.WebMerge == countMerger && (p.Trust != trustKeys || in.Terms.Signers.has(webFlow))
	if missing != nil || commit.Signature.Class != fact.GitHubSignature || !counts {
		signer, err := in.signer(p.By)
		if err == nil {
			in.write(func() { in.SignCommit(signer.Login) })
		}
		return err
	}
	merger, err := in.somebody(p.By)
	if err != nil {
		return err
	}
	in.MergedPull(func(pull *fact.Pull) { pull.MergedBy = &merger })
	if judgeCommit(p, in.input(), commitWords(p, commit), commit).Outcome != verdict.Pass {
		in.write(in.SquashCommit)
	}
	return nil
}
