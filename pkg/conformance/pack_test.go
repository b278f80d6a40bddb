package conformance_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/conformance"
	"github.com/stageward/stageward/pkg/gate"
)

const packFolder = "../../testdata/conformance"

// program is the subject that these tests are built with, in this process.
func program(ctx context.Context, call conformance.Call) (conformance.Ended, error) {
	env := call.Local()
	transport, err := trust(env["SSL_CERT_FILE"])
	if err != nil {
		return conformance.Ended{}, err
	}
	defer transport.CloseIdleConnections()
	var stdout, stderr bytes.Buffer
	code := cli.Main(ctx, call.Args, cli.System{
		Getenv: func(name string) string { return env[name] }, Stdout: &stdout, Stderr: &stderr,
		Now: time.Now, Random: rand.Reader, Transport: transport,
	})
	return conformance.Ended{Code: code, Stdout: stdout.String(), Stderr: stderr.String()}, nil
}

// trust returns a way to the server with the certificate in a file. A process reads
// SSL_CERT_FILE once, and here are many servers.
func trust(file string) (*http.Transport, error) {
	authority, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}, nil
}

func load(t *testing.T) []conformance.Case {
	t.Helper()
	cases, err := conformance.Load(os.DirFS(packFolder))
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// The action and the command line are judged by the same expectations, so they
// cannot come to different decisions. Here the command line is asked about one case
// in five; "make conformance" asks it about all.
func TestThePackHolds(t *testing.T) {
	t.Parallel()
	cases := load(t)
	var some []conformance.Case
	for i := 0; i < len(cases); i += 5 {
		some = append(some, cases[i])
	}
	for mode, cases := range map[conformance.Mode][]conformance.Case{conformance.ModeAction: cases, conformance.ModeGate: some} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			for _, result := range conformance.Run(t.Context(), cases, mode, program, 2*runtime.NumCPU(), t.TempDir()) {
				if len(result.Differences) > 0 {
					t.Errorf("%s:\n  %s\n%s", result.Case, strings.Join(result.Differences, "\n  "), result.Log)
				}
			}
		})
	}
}

// A pack that leaves something out approves of a build that has it wrong.
func TestThePackLeavesNothingOut(t *testing.T) {
	t.Parallel()
	cases := load(t)
	groups, decisions := map[string]int{}, map[string]int{}
	allowed, refused := map[string]bool{}, map[string]bool{}
	both := 0
	for _, each := range cases {
		groups[each.Group]++
		decisions[each.Expect.Decision]++
		if each.ActionOnly == "" {
			both++
		}
		for _, id := range each.Expect.Unmet {
			refused[id] = true
		}
		for id, said := range each.Expect.Gates {
			if each.Expect.Decision == "allow" && said.Outcome == "pass" {
				allowed[id] = true
			}
		}
	}
	for group, least := range map[string]int{"CTRL": 15, "REF": 10, "POL": 15, "SIG": 10, "APR": 20, "CHK": 20, "PRM": 10, "TIM": 8, "INJ": 8, "API": 15, "ENV": 20, "GATE": 50} {
		if groups[group] < least {
			t.Errorf("%s has %d cases, want at least %d", group, groups[group], least)
		}
	}
	for decision, least := range map[string]int{"allow": 15, "wait": 15, "deny": 50, "error": 30} {
		if decisions[decision] < least {
			t.Errorf("%d cases are %s, want at least %d", decisions[decision], decision, least)
		}
	}
	for _, each := range gate.All() {
		if id := each.ID; !allowed[id] || !refused[id] {
			t.Errorf("gate %s: in an allow: %t, in its way: %t; want both", id, allowed[id], refused[id])
		}
	}
	if both < 100 {
		t.Errorf("%d cases are for the command line too, want at least 100", both)
	}
}

func TestBothPresetsAreInThePack(t *testing.T) {
	t.Parallel()
	found := map[string]map[string]bool{"three-stage": {}, "four-stage": {}}
	for _, each := range load(t) {
		preset := "three-stage" // where there is no policy
		if policy := each.World.Commits[0].Files[".github/stageward.yml"]; policy != nil {
			preset = strings.TrimSpace(strings.TrimPrefix(policy.Text, "version: 1\npreset:"))
		}
		if stages := found[preset]; stages != nil && each.Expect.Decision == "allow" {
			stages[each.Expect.Stage] = true
		}
	}
	for preset, want := range map[string][]string{"three-stage": {"dev", "prod", "staging"}, "four-stage": {"prod", "staging", "test"}} {
		if got := slices.Sorted(maps.Keys(found[preset])); !slices.Equal(got, want) {
			t.Errorf("%s: allowed to %q, want %q", preset, got, want)
		}
	}
}

func TestThePackNamesCasesThatAreThere(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("../../testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range load(t) {
		for _, id := range each.IDs {
			if !bytes.Contains(index, []byte("\n"+id+"\t")) && !bytes.HasPrefix(index, []byte(id+"\t")) {
				t.Errorf("%s: there is no case %s", each.Name, id)
			}
		}
	}
}

// schemaOf compiles one of the schemas of the pack.
func schemaOf(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(path.Join(packFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(name, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestThePackFollowsItsSchemas(t *testing.T) {
	t.Parallel()
	schemas := map[string]*jsonschema.Schema{"case.json": schemaOf(t, "case.schema.json"), "expect.json": schemaOf(t, "expect.schema.json")}
	files, err := fs.Glob(os.DirFS(packFolder), "cases/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(path.Join(packFolder, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range archive.Files {
			if schemas[each.Name] == nil {
				continue
			}
			document, err := jsonschema.UnmarshalJSON(bytes.NewReader(each.Data))
			if err != nil {
				t.Fatalf("%s: %s: %v", file, each.Name, err)
			}
			if err := schemas[each.Name].Validate(document); err != nil {
				t.Errorf("%s: %s: %v", file, each.Name, err)
			}
		}
	}
}

func TestTheSchemasRefuse(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, schema, text string }{
		{"a case without a world", "case", `{"event": {"ref": "refs/heads/main", "actor": "olga"}}`},
		{"an event without a full reference", "case", `{"world": "plain", "event": {"ref": "main", "actor": "olga"}}`},
		{"an event that nobody knows", "case", `{"world": "plain", "event": {"name": "pusch", "ref": "refs/heads/main", "actor": "olga"}}`},
		{"an input that nobody knows", "case", `{"world": "plain", "event": {"ref": "refs/heads/main", "actor": "olga"}, "inputs": {"stagee": "x"}}`},
		{"a field that nobody knows", "case", `{"world": "plain", "event": {"ref": "refs/heads/main", "actor": "olga"}, "env": {}}`},
		{"an exit code that there is not", "expect", `{"exit": 4, "decision": "error", "reason_code": "x", "commit": "", "stage": "", "unmet": []}`},
		{"a decision that there is not", "expect", `{"exit": 1, "decision": "no", "reason_code": "x", "commit": "", "stage": "", "unmet": []}`},
		{"a decision without a reason", "expect", `{"exit": 1, "decision": "deny", "commit": "", "stage": "", "unmet": []}`},
		{"an outcome that there is not", "expect", `{"exit": 1, "decision": "deny", "reason_code": "x", "commit": "", "stage": "", "unmet": [], "gates": {"fresh": {"outcome": "denied"}}}`},
		{"nothing that never happens", "expect", `{"exit": 1, "decision": "deny", "reason_code": "x", "commit": "", "stage": "", "unmet": [], "never": {}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(row.text))
			if err != nil {
				t.Fatal(err)
			}
			if schemaOf(t, row.schema+".schema.json").Validate(document) == nil {
				t.Error("it is valid")
			}
		})
	}
}

// Whoever writes an implementation of their own reads the fields in the schema.
func TestTheSchemasKnowEveryField(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string][]string{
		"case.schema.json":   {"ids", "world", "event", "inputs", "environment", "action_only"},
		"expect.schema.json": {"exit", "silent", "decision", "reason_code", "commit", "stage", "unmet", "gates", "outputs", "empty", "names", "never"},
	} {
		text, err := os.ReadFile(path.Join(packFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		var schema struct{ Properties map[string]any }
		if err := json.Unmarshal(text, &schema); err != nil {
			t.Fatal(err)
		}
		slices.Sort(fields)
		if got := slices.Sorted(maps.Keys(schema.Properties)); fmt.Sprint(got) != fmt.Sprint(fields) {
			t.Errorf("%s has %q, want %q", name, got, fields)
		}
	}
}
