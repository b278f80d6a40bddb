package githubtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// query is one execution of a GraphQL operation, by the algorithm of
// https://spec.graphql.org/October2021/#sec-Execution. It knows nothing of
// GitHub's types beyond the table of resolvers.
type query struct {
	repo      *repository
	site      site
	schema    *ast.Schema
	document  *ast.QueryDocument
	variables map[string]any
	resolvers resolvers
	faults    []*GraphQLError

	errors   []graphqlError
	problems []string
	hit      map[*GraphQLError]bool
}

// resolvers find the value of a field, by type and field.
type resolvers map[string]map[string]resolver

// resolver returns the value of one field of a parent. An error makes the
// field null.
type resolver func(q *query, parent any, args arguments) (any, error)

// typed is a value of an interface or union type that knows its own type.
type typed interface{ graphqlType() string }

// fieldError is an error with GitHub's type beside the message.
type fieldError struct{ kind, message string }

func (e *fieldError) Error() string { return e.message }

// forbidden is what GitHub says when the token lacks a permission.
const forbidden = "Resource not accessible by integration"

// path is where in the answer a value stands: response keys and positions.
type path []any

func (p path) add(step any) path { return append(p[:len(p):len(p)], step) }

func (p path) String() string {
	steps := make([]string, len(p))
	for i, step := range p {
		steps[i] = fmt.Sprint(step)
	}
	return strings.Join(steps, ".")
}

// fields is a JSON object in the order of the query.
type fields struct {
	keys   []string
	values map[string]any
}

// MarshalJSON writes the fields in order.
func (f *fields) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, key := range f.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.values[key])
		if err != nil {
			return nil, err
		}
		b.Write(append(append(name, ':'), value...))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// object executes selections on one value. It reports false when a field that
// may not be null is.
func (q *query) object(definition *ast.Definition, value any, selections []ast.SelectionSet, at path) (*fields, bool) {
	collected := &collection{selected: map[string][]*ast.Field{}}
	for _, set := range selections {
		q.collect(definition, set, collected)
	}
	result := &fields{values: map[string]any{}}
	whole := true
	for _, key := range collected.keys {
		same := collected.selected[key]
		got, ok := q.field(definition, value, same, at.add(key))
		whole = whole && ok
		result.keys = append(result.keys, key)
		result.values[key] = got
	}
	return result, whole
}

// collection is the fields of a selection by response key, in order.
type collection struct {
	keys     []string
	selected map[string][]*ast.Field
}

func (c *collection) add(field *ast.Field) {
	if _, seen := c.selected[field.Alias]; !seen {
		c.keys = append(c.keys, field.Alias)
	}
	c.selected[field.Alias] = append(c.selected[field.Alias], field)
}

func (q *query) collect(definition *ast.Definition, set ast.SelectionSet, into *collection) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if q.included(selection.Directives) {
				into.add(selection)
			}
		case *ast.InlineFragment:
			q.spread(definition, selection.TypeCondition, selection.Directives, selection.SelectionSet, into)
		case *ast.FragmentSpread:
			q.spread(definition, selection.Definition.TypeCondition, selection.Directives, selection.Definition.SelectionSet, into)
		}
	}
}

// spread collects a fragment where it applies.
func (q *query) spread(definition *ast.Definition, condition string, directives ast.DirectiveList, set ast.SelectionSet, into *collection) {
	if q.included(directives) && q.applies(definition, condition) {
		q.collect(definition, set, into)
	}
}

// included judges @skip and @include.
func (q *query) included(directives ast.DirectiveList) bool {
	for name, wanted := range map[string]bool{"skip": false, "include": true} {
		if directive := directives.ForName(name); directive != nil {
			if as[bool](directive.ArgumentMap(q.variables)["if"]) != wanted {
				return false
			}
		}
	}
	return true
}

// applies reports whether a fragment on a type covers an object type.
func (q *query) applies(definition *ast.Definition, condition string) bool {
	if condition == "" || condition == definition.Name {
		return true
	}
	for _, possible := range q.schema.GetPossibleTypes(q.schema.Types[condition]) {
		if possible.Name == definition.Name {
			return true
		}
	}
	return false
}

// field executes one field. It reports false when the null must be the
// parent's.
func (q *query) field(definition *ast.Definition, parent any, same []*ast.Field, at path) (any, bool) {
	field := same[0]
	if field.Name == "__typename" {
		return definition.Name, true
	}
	value, err := q.resolve(definition, parent, field, at)
	if err != nil {
		q.fail(err, field, at)
		return nil, !field.Definition.Type.NonNull
	}
	return q.complete(field.Definition.Type, value, same, at)
}

func (q *query) resolve(definition *ast.Definition, parent any, field *ast.Field, at path) (any, error) {
	table := q.resolvers[definition.Name]
	switch parent.(type) {
	case *connection:
		table = connectionFields()
	case edge:
		table = edgeFields()
	case pageInfo:
		table = pageInfoFields()
	}
	resolve := table[field.Name]
	if resolve == nil {
		q.problems = append(q.problems, fmt.Sprintf("graphql: %s.%s (at %s) is not implemented by the double", definition.Name, field.Name, at))
		return nil, nil
	}
	args := newArguments(field.ArgumentMap(q.variables))
	value, err := resolve(q, parent, args)
	if err != nil {
		return nil, err
	}
	for _, given := range field.Arguments {
		if !args.read[given.Name] {
			q.problems = append(q.problems, fmt.Sprintf("graphql: argument %s of %s.%s (at %s) is not implemented by the double", given.Name, definition.Name, field.Name, at))
		}
	}
	return value, nil
}

// complete turns a resolved value into JSON by its type. It reports false when
// the null must be the parent's.
func (q *query) complete(kind *ast.Type, value any, same []*ast.Field, at path) (any, bool) {
	if fault := q.faultAt(at); fault != nil {
		q.fail(fault, same[0], at)
		return nil, !kind.NonNull
	}
	if isNil(value) {
		if kind.NonNull && len(q.problems) == 0 {
			q.fail(&fieldError{message: "Cannot return null for non-nullable field " + definitionOf(same[0])}, same[0], at)
		}
		return nil, !kind.NonNull
	}
	var done any
	var ok bool
	if kind.Elem != nil {
		done, ok = q.list(kind.Elem, value, same, at)
	} else {
		done, ok = q.named(q.schema.Types[kind.NamedType], value, same, at)
	}
	if !ok {
		return nil, !kind.NonNull
	}
	return done, true
}

func (q *query) list(element *ast.Type, value any, same []*ast.Field, at path) (any, bool) {
	items := reflect.ValueOf(value)
	list := make([]any, items.Len())
	whole := true
	for i := range list {
		item, ok := q.complete(element, items.Index(i).Interface(), same, at.add(i))
		list[i] = item
		whole = whole && ok
	}
	return list, whole
}

func (q *query) named(definition *ast.Definition, value any, same []*ast.Field, at path) (any, bool) {
	switch definition.Kind {
	case ast.Scalar:
		return value, true
	case ast.Enum:
		if definition.EnumValues.ForName(as[string](value)) == nil {
			q.problems = append(q.problems, fmt.Sprintf("graphql: %v is not a %s (at %s)", value, definition.Name, at))
		}
		return value, true
	case ast.Interface, ast.Union:
		concrete, ok := value.(typed)
		if !ok {
			q.problems = append(q.problems, fmt.Sprintf("graphql: %T at %s does not know its type", value, at))
			return nil, false
		}
		definition = q.schema.Types[concrete.graphqlType()]
	}
	selections := make([]ast.SelectionSet, len(same))
	for i, field := range same {
		selections[i] = field.SelectionSet
	}
	return q.object(definition, value, selections, at)
}

// definitionOf names a field as GitHub's messages do.
func definitionOf(field *ast.Field) string { return field.ObjectDefinition.Name + "." + field.Name }

// fail records an error at a place.
func (q *query) fail(err error, field *ast.Field, at path) {
	failure := graphqlError{Path: at, Message: err.Error()}
	var known *fieldError
	if errors.As(err, &known) {
		failure.Type = known.kind
	}
	if field.Position != nil {
		failure.Locations = append(failure.Locations, location(field.Position))
	}
	q.errors = append(q.errors, failure)
}

// faultAt returns the injected error of a place, if there is one.
func (q *query) faultAt(at path) error {
	for _, fault := range q.faults {
		if fault.Path == at.String() {
			q.hit[fault] = true
			return fault.error()
		}
	}
	return nil
}

func (q *query) unusedFaults() []string {
	var unused []string
	for _, fault := range q.faults {
		if !q.hit[fault] {
			unused = append(unused, fmt.Sprintf("fault: graphql-error: nothing at path %q of the answer", fault.Path))
		}
	}
	return unused
}

func isNil(value any) bool {
	if value == nil {
		return true
	}
	v := reflect.ValueOf(value)
	return (v.Kind() == reflect.Pointer || v.Kind() == reflect.Map) && v.IsNil()
}
