package githubtest

import (
	"net/http"
	"net/url"
	"slices"
)

// Request is one request that the server got, in order of arrival.
type Request struct {
	Method string
	// Path is without /api/v3 and without the query; a GraphQL request has
	// /graphql.
	Path      string
	Query     url.Values
	Operation string // name of the GraphQL operation, or ""
	// Body is that of a REST request, as it came.
	Body string
	// Variables are those of a GraphQL request.
	Variables map[string]any
	// Started and Finished count the events of the server, from 1; Finished is
	// 0 while the request is under way. Status is 0 for one that got no answer.
	Started, Finished, Status int
}

// Requests returns a copy of all requests so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Server) record(r *http.Request, call *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	request := Request{Method: call.method, Path: call.path, Query: r.URL.Query(), Operation: call.name, Body: string(call.body)}
	if call.graphql != nil {
		request.Variables = call.graphql.Variables
	}
	s.sequence++
	request.Started = s.sequence
	call.index, call.sequence = len(s.requests), len(s.requests)+1
	s.requests = append(s.requests, request)
}

// finish records the end of a request and wakes the faults that wait for it.
func (s *Server) finish(call *call, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sequence++
	s.requests[call.index].Finished = s.sequence
	s.requests[call.index].Status = status
	for _, fault := range s.faults {
		s.wake(fault, call.label())
	}
}
