package redact_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/redact"
	"github.com/stageward/stageward/pkg/suppose"
)

// A file of keys names people of whom the policy says nothing.
func TestPrincipalsThatThePolicyDoesNotNameAreLeftOut(t *testing.T) {
	t.Parallel()
	const path = ".github/allowed_signers"
	w := world("refs/heads/main", "olga")
	w.Facts.Files[path] = fact.Of(fact.File{Path: path, Text: "olga,walrus@acme.test valid-before=\"20270101\" " + suppose.PublicKey("a") + "\nben " + suppose.PublicKey("b") + "\n"}, suppose.Source())
	keep := redact.Keep{Logins: []string{"olga"}, Words: []string{path}, Signers: gate.Signers{People: map[string][]gate.KeyFile{"olga": {{Path: path}}}}}
	facts, text := redacted(t, w, keep)
	if want := "olga valid-before=\"20270101\" " + suppose.PublicKey("olga") + "\n"; facts.Files[path].OrZero().Text != want {
		t.Errorf("%q, want %q", facts.Files[path].OrZero().Text, want)
	}
	if strings.Contains(text, "walrus") || strings.Contains(text, "ben ") {
		t.Error("somebody is still there")
	}
}
