package arch_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/stageward/stageward/"

// allowed is the import arrow: what each package may import besides the
// standard library. A package that is not listed fails the test, so that a new
// one has to be given its place.
var allowed = map[string][]string{
	"pkg/order":    {},
	"pkg/lazy":     {},
	"pkg/parallel": {},
	"pkg/fact":     {"pkg/order"},
	"pkg/verdict":  {"pkg/fact"},
	"pkg/stage":    {"pkg/fact", "pkg/verdict", "github.com/Masterminds/semver/v3", "github.com/bmatcuk/doublestar/v4"},
	"pkg/suppose":  {"pkg/fact", "pkg/gitobject", "golang.org/x/crypto/ssh"},
	"pkg/gate":     {"pkg/suppose", "pkg/lazy", "pkg/fact", "pkg/order", "pkg/verdict", "pkg/stage", "pkg/calendar", "pkg/markdown", "pkg/protection", "github.com/Masterminds/semver/v3", "pkg/gitobject", "pkg/signature"},
	"pkg/policy":   {"pkg/configfile", "pkg/internal/plainsecret", "pkg/fact", "pkg/order", "pkg/verdict", "pkg/stage", "pkg/gate", "pkg/calendar", "pkg/internal/strict", "github.com/google/jsonschema-go/jsonschema"},
	"pkg/decide":   {"pkg/fact", "pkg/order", "pkg/verdict", "pkg/stage", "pkg/gate", "pkg/policy"},
	"pkg/whatif":   {"pkg/order", "pkg/fact", "pkg/verdict", "pkg/gate", "pkg/policy", "pkg/decide", "pkg/suppose"},
	// Takes people, texts and secrets out of facts that were recorded.
	"pkg/redact":   {"pkg/lazy", "pkg/order", "pkg/fact", "pkg/gitobject", "pkg/signature", "pkg/suppose", "pkg/gate", "pkg/policy", "pkg/internal/plainsecret"},
	"pkg/scenario": {"github.com/google/jsonschema-go/jsonschema", "pkg/fact", "pkg/verdict", "pkg/stage", "pkg/gate", "pkg/policy", "pkg/internal/strict", "pkg/suppose", "pkg/whatif"},
	"pkg/audit":    {"pkg/fact", "pkg/order", "pkg/verdict", "pkg/stage", "pkg/gate", "pkg/policy", "pkg/protection", "pkg/workflow", "pkg/codeowners", "pkg/refglob", "pkg/shell", "pkg/lazy", "pkg/seating"},
	// Finds what a policy says that its writer may not mean.
	"pkg/lint": {"pkg/fact", "pkg/order", "pkg/verdict", "pkg/stage", "pkg/gate", "pkg/policy", "pkg/calendar", "pkg/workflow", "pkg/refglob", "pkg/seating", "pkg/internal/strict"},
	// Whether there are people for everything that different people have to do.
	"pkg/seating": {},

	// Whether every name that one pattern matches is matched by others.
	"pkg/refglob": {},
	// Writes texts of others into commands.
	"pkg/shell": {},
	// Holds a GitHub environment against what a stage asks of it.
	"pkg/protection": {"pkg/fact", "pkg/order", "pkg/verdict", "pkg/stage", "pkg/refglob", "pkg/shell"},
	// Reads what a workflow file says.
	"pkg/workflow": {"pkg/lazy", "go.yaml.in/yaml/v4", "go.yaml.in/yaml/v4/plugin/loaderlimits"},

	// Writes the configuration of a stage as a file for other programs.
	"pkg/configfile": {"pkg/lazy", "pkg/order"},

	// Writes the first policy and workflows of a repository.
	"pkg/scaffold": {"pkg/lazy", "pkg/order", "pkg/workflow"},

	"pkg/calendar":   {"pkg/order"},
	"pkg/codeowners": {"github.com/bmatcuk/doublestar/v4"},

	// Reads what people wrote; it knows of no gate.
	"pkg/markdown": {"github.com/yuin/goldmark", "github.com/yuin/goldmark/ast", "github.com/yuin/goldmark/text"},

	"pkg/gitobject": {"github.com/pjbgf/sha1cd"},
	"pkg/signature": {"github.com/ProtonMail/go-crypto/openpgp/errors", "github.com/ProtonMail/go-crypto/openpgp/packet", "golang.org/x/crypto/ssh"},

	// Judges commits one after the other, on all cores, for the command line.
	"pkg/history": {"pkg/gitobject", "pkg/signature"},

	"pkg/gather":  {"pkg/fact", "pkg/parallel"},
	"pkg/github":  {"pkg/lazy", "pkg/fact", "pkg/order", "pkg/codeowners", "github.com/google/go-github/v60/github", "golang.org/x/oauth2", "pkg/parallel"},
	"pkg/actions": {"pkg/lazy", "pkg/fact", "pkg/configfile", "github.com/sethvargo/go-githubactions"},
	"pkg/report":  {"pkg/lazy", "pkg/fact", "pkg/verdict"},

	// Holds the schemas of what the program writes.
	"pkg/schema": {},

	// Reads a repository on this machine for the command line; the action never uses it.
	"pkg/gitstore": {"pkg/gitobject", "pkg/lazy", "pkg/order"},

	"pkg/internal/strict": {"pkg/lazy", "go.yaml.in/yaml/v4", "go.yaml.in/yaml/v4/plugin/loaderlimits", "github.com/agnivade/levenshtein", "github.com/google/jsonschema-go/jsonschema"},
	// Tells a secret in plain text from its look-alikes.
	"pkg/internal/plainsecret": {"pkg/lazy"},

	"pkg/internal/arch":     {},
	"pkg/internal/sabotage": {},
	// Makes releases of a size, for tests and for the program that prints the budgets.
	"pkg/internal/scale": {"pkg/githubtest"},
	"pkg/internal/bench": {"pkg/actions", "pkg/githubtest", "pkg/internal/scale"},
	"pkg/internal/gittest": {
		"pkg/gitobject", "github.com/ProtonMail/go-crypto/openpgp", "github.com/ProtonMail/go-crypto/openpgp/armor",
		"github.com/ProtonMail/go-crypto/openpgp/packet", "golang.org/x/crypto/ssh",
	},
	"pkg/e2e": {},

	// Judges builds by a pack of cases; it knows the double and nothing of the program.
	"pkg/conformance": {"pkg/githubtest", "pkg/parallel", "github.com/rogpeppe/go-internal/txtar", "go.yaml.in/yaml/v4"},
	"cmd/conformance": {"pkg/conformance"},

	// Makes releases; it knows files and the go command, and nothing of the program.
	"pkg/release": {
		"github.com/CycloneDX/cyclonedx-go", "github.com/Masterminds/semver/v3", "github.com/opencontainers/go-digest",
		"github.com/opencontainers/image-spec/specs-go", "github.com/opencontainers/image-spec/specs-go/v1",
	},
	"cmd/release":        {"pkg/release"},
	"pkg/internal/roots": {"golang.org/x/crypto/x509roots/fallback/bundle"},

	// Shows summaries to people who work on them.
	"pkg/internal/page": {"github.com/yuin/goldmark", "github.com/yuin/goldmark/extension", "github.com/yuin/goldmark/renderer/html"},
}

// pure are the packages that decide. They may not touch the world.
var pure = []string{"pkg/order", "pkg/lazy", "pkg/parallel", "pkg/fact", "pkg/verdict", "pkg/stage", "pkg/suppose", "pkg/gate", "pkg/policy", "pkg/decide", "pkg/whatif", "pkg/redact", "pkg/scenario", "pkg/audit", "pkg/lint", "pkg/seating", "pkg/refglob", "pkg/shell", "pkg/protection", "pkg/workflow", "pkg/scaffold", "pkg/calendar", "pkg/codeowners", "pkg/markdown", "pkg/gitobject", "pkg/signature", "pkg/history", "pkg/configfile", "pkg/schema", "pkg/internal/strict", "pkg/internal/plainsecret"}

// impure are the standard packages through which the world is touched.
// "time" is not among them: a time may be a value, and the linter refuses
// time.Now.
var impure = []string{"os", "os/exec", "net", "net/http", "io/fs", "io/ioutil", "syscall", "crypto/rand", "math/rand", "math/rand/v2"}

// free are the packages that may import anything: they wire or are for tests.
var free = []string{"pkg/cli", "pkg/githubtest", "cmd/stageward", "cmd/demo"}

type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func TestImportsFollowTheArrow(t *testing.T) {
	t.Parallel()
	for _, each := range list(t) {
		name := strings.TrimPrefix(each.ImportPath, module)
		if slices.Contains(free, name) {
			continue
		}
		permitted, ok := allowed[name]
		if !ok {
			t.Errorf("%s has no place in the arrow: add it to the table with what it may import", name)
			continue
		}
		for _, imported := range each.Imports {
			short := strings.TrimPrefix(imported, module)
			if isStandard(imported) || slices.Contains(permitted, short) {
				continue
			}
			t.Errorf("%s imports %s, which the arrow does not allow", name, short)
		}
	}
}

func TestDecidingPackagesTouchNothing(t *testing.T) {
	t.Parallel()
	for _, each := range list(t) {
		name := strings.TrimPrefix(each.ImportPath, module)
		if !slices.Contains(pure, name) {
			continue
		}
		for _, imported := range each.Imports {
			if slices.Contains(impure, imported) {
				t.Errorf("%s imports %s: what decides must not touch the world", name, imported)
			}
		}
	}
}

// In a gate, a missing fact has to be told apart from an empty one.
func TestGatesNeverTakeAMissingFactForZero(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "gate", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no gates found: %v", err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") && strings.Contains(string(source), "OrZero") {
			t.Errorf("%s uses OrZero", file)
		}
	}
}

func TestTheBinaryHoldsNoTestDouble(t *testing.T) {
	t.Parallel()
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+"cmd/stageward").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, unwanted := range []string{module + "pkg/githubtest", module + "pkg/internal/gittest", "testing", "net/http/httptest", "github.com/vektah/gqlparser"} {
		for dependency := range strings.Lines(string(output)) {
			if strings.TrimSpace(dependency) == unwanted {
				t.Errorf("cmd/stageward contains %s", unwanted)
			}
		}
	}
}

// list returns the module's packages with their non-test imports.
func list(t *testing.T) []listed {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var each listed
		err := decoder.Decode(&each)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, each)
	}
}

func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
