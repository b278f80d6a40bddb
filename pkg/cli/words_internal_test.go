package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
)

// The page about tests names the evidence of every gate, and links the gate.
func TestEveryWordIsOnThePage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/testing-policies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range gate.All() {
		check, err := each.Bind(nil, gate.Terms{})
		if err != nil {
			continue // it has no defaults; its row is asked for below, by its own name
		}
		if row := "| `" + check.Supposition.Noun + "` |"; !strings.Contains(string(page), row) {
			t.Errorf("the page has no row %q for %s", row, each.ID)
		}
	}
	for _, each := range gate.All() {
		if link := "](../pkg/gate/" + strings.ReplaceAll(each.ID, "-", "_") + ".md) |"; !strings.Contains(string(page), link) {
			t.Errorf("the page does not link %s", each.ID)
		}
	}
}
