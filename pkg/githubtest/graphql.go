package githubtest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

//go:embed testdata/github-schema.graphql
var schemaText string

// gitHubSchema parses GitHub's schema once in a process. As published it
// defines two fields twice, which a schema must not; the second is dropped.
var gitHubSchema = sync.OnceValues(func() (*ast.Schema, error) {
	document, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "github-schema.graphql", Input: schemaText})
	if err != nil {
		return nil, fmt.Errorf("parse GitHub's schema: %w", err)
	}
	for _, definition := range document.Definitions {
		var fields ast.FieldList
		for _, field := range definition.Fields {
			if fields.ForName(field.Name) == nil {
				fields = append(fields, field)
			}
		}
		definition.Fields = fields
	}
	schema, err := validator.ValidateSchemaDocument(document)
	if err != nil {
		return nil, fmt.Errorf("check GitHub's schema: %w", err)
	}
	return schema, nil
})

// graphqlRequest is the body of a GraphQL request.
type graphqlRequest struct {
	Query         string         `json:"query"`
	Variables     map[string]any `json:"variables"`
	OperationName string         `json:"operationName"`
}

// graphqlError is an error as GitHub shows it.
type graphqlError struct {
	Type       string              `json:"type,omitempty"`
	Path       []any               `json:"path,omitempty"`
	Extensions map[string]any      `json:"extensions,omitempty"`
	Locations  []gqlerror.Location `json:"locations,omitempty"`
	Message    string              `json:"message"`
}

// graphqlAnswer is the body of an answer.
type graphqlAnswer struct {
	Data   any            `json:"data,omitempty"`
	Errors []graphqlError `json:"errors,omitempty"`
}

// nullData is the data of an answer whose null reached the top; a nil Data is
// an answer that was not executed at all.
type nullData struct{}

func (nullData) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func readGraphQL(body []byte) (graphqlRequest, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	var request graphqlRequest
	if err := decoder.Decode(&request); err != nil {
		return graphqlRequest{}, fmt.Errorf("read GraphQL request: %w", err)
	}
	return request, nil
}

// operationOf returns the name of the operation that a request runs, or "".
func operationOf(request graphqlRequest) string {
	document, err := parser.ParseQuery(&ast.Source{Input: request.Query})
	if err != nil {
		return request.OperationName
	}
	if operation := document.Operations.ForName(request.OperationName); operation != nil {
		return operation.Name
	}
	return request.OperationName
}

// prepare parses and validates a request. Errors are what GitHub would answer.
func prepare(schema *ast.Schema, request graphqlRequest) (*ast.QueryDocument, *ast.OperationDefinition, map[string]any, gqlerror.List) {
	document, problems := gqlparser.LoadQueryWithRules(schema, request.Query, rules.NewDefaultRules())
	if len(problems) > 0 {
		return nil, nil, nil, problems
	}
	operation := document.Operations.ForName(request.OperationName)
	if operation == nil {
		return nil, nil, nil, gqlerror.List{gqlerror.Errorf("No operation named %q", request.OperationName)}
	}
	variables, err := validator.VariableValues(schema, operation, request.Variables)
	if err != nil {
		return nil, nil, nil, gqlerror.List{gqlerror.Wrap(err)}
	}
	for name := range request.Variables {
		if operation.VariableDefinitions.ForName(name) == nil {
			return nil, nil, nil, gqlerror.List{gqlerror.Errorf("Variable $%s is not declared", name)}
		}
	}
	return document, operation, variables, nil
}

// graphqlResult is an answer with its HTTP status. Problems are violations:
// what a client must not send, and what the double does not implement.
type graphqlResult struct {
	status   int
	answer   graphqlAnswer
	problems []string
}

// graphql answers a GraphQL request.
func (s *Server) graphql(request graphqlRequest, site site, faults []*GraphQLError) graphqlResult {
	schema, err := gitHubSchema()
	if err != nil {
		return unimplemented(err.Error())
	}
	for _, fault := range faults {
		if fault.Path == "" {
			failure := fault.error()
			return graphqlResult{status: http.StatusOK, answer: graphqlAnswer{Errors: []graphqlError{{Type: failure.kind, Message: failure.message}}}}
		}
	}
	document, operation, variables, invalid := prepare(schema, request)
	if len(invalid) > 0 {
		return refused(invalid)
	}
	if operation.Operation != ast.Query {
		return unimplemented("graphql: only queries are implemented, not a " + string(operation.Operation))
	}
	q := &query{
		repo: s.repo, site: site, schema: schema, document: document, variables: variables,
		resolvers: s.resolvers, faults: faults, hit: map[*GraphQLError]bool{},
	}
	data, ok := q.object(schema.Query, root{}, []ast.SelectionSet{operation.SelectionSet}, nil)
	if len(q.problems) > 0 {
		return unimplemented(q.problems...)
	}
	result := graphqlResult{status: http.StatusOK, answer: graphqlAnswer{Data: data, Errors: q.errors}, problems: q.unusedFaults()}
	if !ok {
		result.answer.Data = nullData{}
	}
	return result
}

// refused is GitHub's answer to an invalid query: 200, with errors only.
func refused(invalid gqlerror.List) graphqlResult {
	result := graphqlResult{status: http.StatusOK}
	for _, problem := range invalid {
		result.answer.Errors = append(result.answer.Errors, graphqlError{Message: problem.Message, Locations: problem.Locations})
		result.problems = append(result.problems, "graphql: invalid query: "+problem.Error())
	}
	return result
}

// unimplemented is an answer that no client can mistake for GitHub's.
func unimplemented(problems ...string) graphqlResult {
	result := graphqlResult{status: http.StatusInternalServerError, problems: problems}
	for _, problem := range problems {
		result.answer.Errors = append(result.answer.Errors, graphqlError{Message: problem})
	}
	return result
}
