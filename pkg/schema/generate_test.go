package schema_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// source is what only the source of the types says: their comments, and the names
// that a type of text can be.
type source struct {
	types  map[string]string            // by pkg.Type
	fields map[string]map[string]string // by pkg.Type, then by the field's name
	words  map[string][]string          // by pkg.Type: its constants, in their order
	// problems are what no schema can be made of.
	problems *[]string
}

func readSource(folders ...string) (source, error) {
	read := source{types: map[string]string{}, fields: map[string]map[string]string{}, words: map[string][]string{}, problems: &[]string{}}
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			return read, err
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err != nil {
				return read, err
			}
			read.add(file)
		}
	}
	return read, nil
}

func (s source) add(file *ast.File) {
	for _, declared := range file.Decls {
		group, ok := declared.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			switch each := spec.(type) {
			case *ast.TypeSpec:
				s.addType(file.Name.Name+"."+each.Name.Name, each, group)
			case *ast.ValueSpec:
				s.addWord(file.Name.Name, each)
			}
		}
	}
}

func (s source) addType(name string, declared *ast.TypeSpec, group *ast.GenDecl) {
	s.types[name] = said(declared.Doc, group.Doc)
	body, ok := declared.Type.(*ast.StructType)
	if !ok {
		return
	}
	s.fields[name] = map[string]string{}
	for _, field := range body.Fields.List {
		for _, each := range field.Names {
			s.fields[name][each.Name] = said(field.Doc, field.Comment)
		}
	}
}

func (s source) addWord(pkg string, declared *ast.ValueSpec) {
	named, ok := declared.Type.(*ast.Ident)
	if !ok || len(declared.Values) != 1 {
		return
	}
	if literal, ok := declared.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
		if text, err := strconv.Unquote(literal.Value); err == nil {
			s.words[pkg+"."+named.Name] = append(s.words[pkg+"."+named.Name], text)
		}
	}
}

// said returns the first comment that says something, on one line.
func said(comments ...*ast.CommentGroup) string {
	for _, each := range comments {
		if text := strings.Join(strings.Fields(each.Text()), " "); text != "" {
			return text
		}
	}
	return ""
}

// generator makes schemas out of types.
type generator struct {
	source source
	defs   map[string]*jsonschema.Schema
}

// names are the values of the types that are numbers in Go and words in JSON.
func names(of reflect.Type) []string {
	var all []string
	for i := range 256 {
		value := reflect.New(of).Elem()
		value.SetUint(uint64(i))
		if name := fmt.Sprint(value.Interface()); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// closed are the types of text of which a reader can rely on there being no others.
var closed = []reflect.Type{reflect.TypeFor[fact.Reason](), reflect.TypeFor[verdict.Lane]()}

func enum(words []string) []any {
	all := make([]any, len(words))
	for i, word := range words {
		all[i] = word
	}
	return all
}

func nameOf(of reflect.Type) string { return filepath.Base(of.PkgPath()) + "." + of.Name() }

func (g *generator) of(each reflect.Type) *jsonschema.Schema {
	switch {
	case each == reflect.TypeFor[time.Time]():
		return &jsonschema.Schema{Type: "string", Format: "date-time"}
	case each == reflect.TypeFor[json.RawMessage]():
		return &jsonschema.Schema{Type: "object"}
	case strings.HasPrefix(each.Name(), "Known["):
		return g.known(each)
	}
	switch each.Kind() {
	case reflect.Pointer:
		return g.of(each.Elem())
	case reflect.Struct:
		return g.reference(each)
	case reflect.Slice:
		return &jsonschema.Schema{Type: "array", Items: g.of(each.Elem())}
	case reflect.Map:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: g.of(each.Elem())}
	case reflect.Uint8:
		return &jsonschema.Schema{Type: "string", Enum: enum(names(each))}
	case reflect.String:
		if slices.Contains(closed, each) {
			return &jsonschema.Schema{Type: "string", Enum: enum(g.source.words[nameOf(each)])}
		}
		return &jsonschema.Schema{Type: "string"}
	case reflect.Bool:
		return &jsonschema.Schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &jsonschema.Schema{Type: "integer"}
	}
	*g.source.problems = append(*g.source.problems, fmt.Sprintf("no schema for the type %s", each))
	return nothing()
}

// known is a fact: it has a value and says where that was read, or it is missing.
func (g *generator) known(each reflect.Type) *jsonschema.Schema {
	get, _ := each.MethodByName("Get")
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		{
			Type: "object", Required: []string{"value", "source"}, AdditionalProperties: nothing(),
			Properties:    map[string]*jsonschema.Schema{"value": g.of(get.Type.Out(0)), "source": g.of(reflect.TypeFor[fact.Source]())},
			PropertyOrder: []string{"value", "source"},
		},
		{
			Type: "object", Required: []string{"missing"}, AdditionalProperties: nothing(),
			Properties: map[string]*jsonschema.Schema{"missing": g.of(reflect.TypeFor[fact.Missing]())},
		},
	}}
}

func nothing() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

// reference describes a struct once, and refers to that.
func (g *generator) reference(each reflect.Type) *jsonschema.Schema {
	name := each.Name()
	if _, ok := g.defs[name]; !ok {
		g.defs[name] = nil // a type that holds itself ends here
		g.defs[name] = g.object(each)
	}
	return &jsonschema.Schema{Ref: "#/$defs/" + name}
}

func (g *generator) object(each reflect.Type) *jsonschema.Schema {
	made := &jsonschema.Schema{
		Type: "object", Description: g.source.types[nameOf(each)],
		Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: nothing(),
	}
	for field := range each.Fields() {
		key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if key == "" || key == "-" {
			*g.source.problems = append(*g.source.problems, fmt.Sprintf("%s.%s has no name in JSON", each, field.Name))
			continue
		}
		property := g.of(field.Type)
		property.Description = g.source.fields[nameOf(each)][field.Name]
		made.Properties[key], made.PropertyOrder = property, append(made.PropertyOrder, key)
		if options == "" {
			made.Required = append(made.Required, key)
		}
	}
	return made
}

// document returns the schema of a type as a document of its own.
func (g *generator) document(each reflect.Type, title string, version int) *jsonschema.Schema {
	root := g.object(each)
	root.Schema, root.Title = "https://json-schema.org/draft/2020-12/schema", title
	root.Properties["schema_version"] = &jsonschema.Schema{Const: jsonschema.Ptr[any](version), Description: "The version of this form. docs/results.md says what it promises."}
	root.Defs = g.defs
	return root
}

// canBeNull lets the lists and maps of facts be null, as an empty one is written.
func canBeNull(made *jsonschema.Schema) {
	for _, each := range made.Properties {
		if each.Type == "array" || each.Type == "object" {
			each.Types, each.Type = []string{each.Type, "null"}, ""
		}
	}
}

// schemas returns them as they are in docs.
func schemas(read source) map[string]*jsonschema.Schema {
	return map[string]*jsonschema.Schema{"verdict": verdictSchema(read), "verdicts": verdictsSchema(read), "audit": auditSchema(read), "facts": factsSchema(read)}
}

func isTrue(description string) *jsonschema.Schema {
	return &jsonschema.Schema{Const: jsonschema.Ptr[any](true), Description: description}
}

func verdictSchema(read source) *jsonschema.Schema {
	root := newGenerator(read).document(reflect.TypeFor[verdict.Verdict](), "Stageward verdict", verdict.SchemaVersion)
	root.Properties["truncated"] = isTrue("Set in the output result where all of it was too much for an output. Decision, reason code, subject and lane are never cut.")
	return root
}

func verdictsSchema(read source) *jsonschema.Schema {
	root := newGenerator(read).document(reflect.TypeFor[verdict.Several](), "Stageward verdicts", verdict.SchemaVersion)
	root.Properties["truncated"] = isTrue("Set in the output result where all of it was too much for an output. Every project stays, with its decision, reason code, stage and environment.")
	return root
}

func auditSchema(read source) *jsonschema.Schema {
	root := newGenerator(read).document(reflect.TypeFor[verdict.Audit](), "Stageward audit", verdict.SchemaVersion)
	root.Properties["truncated"] = isTrue("Set in the output audit where all of it was too much for an output: then only the points that need somebody are there, or only their number.")
	root.Properties["open"] = &jsonschema.Schema{Type: "integer", Description: "How many points need somebody, where even those are too much for an output. Then there is nothing else."}
	root.If = &jsonschema.Schema{Required: []string{"open"}}
	root.Then = &jsonschema.Schema{Required: []string{"schema_version", "truncated"}, MaxProperties: jsonschema.Ptr(3)}
	root.Else = &jsonschema.Schema{Required: root.Required}
	root.Required = nil
	return root
}

func factsSchema(read source) *jsonschema.Schema {
	root := newGenerator(read).document(reflect.TypeFor[fact.Set](), "Stageward facts", fact.SchemaVersion)
	canBeNull(root)
	for _, each := range root.Defs {
		canBeNull(each)
	}
	return root
}

func newGenerator(read source) *generator {
	return &generator{source: read, defs: map[string]*jsonschema.Schema{}}
}

// carried returns the schemas as the program has them: that of facts has no
// descriptions but the first, which would be two thirds of all (docs/adr/0018).
func carried(read source) map[string]*jsonschema.Schema {
	all := schemas(read)
	mute := read
	mute.types, mute.fields = nil, nil
	all["facts"] = factsSchema(mute)
	all["facts"].Properties["schema_version"].Description = ""
	all["facts"].Description = read.types["fact.Set"] + " docs/facts.schema.json is the same with a description of each field."
	return all
}
