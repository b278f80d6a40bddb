//go:build e2e

package e2e_test

import (
	"strings"

	"github.com/stageward/stageward/pkg/githubtest"
)

// signatureScenarios are those in which GitHub says "Verified", and only the
// check of bytes and keys in the container can tell.
func signatureScenarios() []scenario {
	tag, main := "refs/tags/v1.0.0", "refs/heads/main"
	return []scenario{
		{
			name:   "a tag signed with a key that was taken off the account since is refused",
			change: takeKeyOffAccount,
			ref:    tag, decision: "deny", code: "signed-tag.unknown-key", stage: "prod", unmet: []string{"signed-tag"}, says: "is not among those given",
		},
		{
			name:   "a commit that GitHub shows otherwise than it was signed decides nothing",
			change: func(w *githubtest.World) { w.Commits[2].Payload = "tampered" },
			ref:    main, decision: "error", code: "signed-commit.inconsistent", stage: "staging", unmet: []string{"signed-commit"}, says: "do not make up the object",
		},
		{
			name: "a tag signed with a key that only the policy has goes to prod",
			change: func(w *githubtest.World) {
				takeKeyOffAccount(w)
				writeDownKey(w)
			},
			ref: tag, decision: "allow", code: "ready", stage: "prod", logLevel: "warn", says: `from .github/allowed\_signers`,
		},
		{
			name: "a tag signed with an OpenPGP key goes to prod",
			change: func(w *githubtest.World) {
				setKeys(w, "openpgp")
				w.Tags[0].SignedWith = "openpgp"
			},
			ref: tag, decision: "allow", code: "ready", stage: "prod", logLevel: "warn", says: "is signed by `@ada` with the OpenPGP key",
		},
	}
}

// takeKeyOffAccount leaves the account of ada without a key. What she signed
// before stays verified on GitHub.
func takeKeyOffAccount(w *githubtest.World) { setKeys(w) }

// setKeys says which keys the account of ada lists now.
func setKeys(w *githubtest.World, kinds ...string) {
	ada := w.People["ada"]
	ada.Keys = append(githubtest.Keys{}, kinds...) // not nil, which would be the key that she signs with
	w.People["ada"] = ada
}

// writeDownKey makes the policy say which key is ada's.
func writeDownKey(w *githubtest.World) {
	files := w.Commits[0].Files
	files[".github/allowed_signers"] = &githubtest.File{Text: "ada <ssh-key of ada>\n"}
	policy := files[".github/stageward.yml"]
	policy.Text = strings.Replace(policy.Text, "stages:\n", "signers:\n  ada: [{ file: .github/allowed_signers }]\nstages:\n", 1)
}
