package githubtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Server is one GitHub with one repository. It is an http.Handler and safe for
// concurrent use.
type Server struct {
	repo      *repository
	resolvers resolvers
	routes    *http.ServeMux
	token     string
	people    string // the token for people

	mu         sync.Mutex // guards everything below, and what changes in repo
	faults     []*armed
	sequence   int
	requests   []Request
	violations []string
	listening  *Listening
}

// New builds everything that a World describes. The error names the entry
// that is wrong.
func New(world World) (*Server, error) {
	repo, err := build(world)
	if err != nil {
		return nil, err
	}
	s := &Server{
		repo: repo, resolvers: newResolvers(),
		token: tokenFor("githubtest token of " + repo.world.Repository), people: tokenFor("githubtest token for people of " + repo.owner),
	}
	for i := range repo.world.Faults {
		fault := &armed{Fault: repo.world.Faults[i], awake: repo.world.Faults[i].AfterRequest == ""}
		fault.Match, fault.AfterRequest = repo.spelled(fault.Match), repo.spelled(fault.AfterRequest)
		s.faults = append(s.faults, fault)
	}
	s.routes = s.newRoutes()
	return s, nil
}

func tokenFor(what string) string {
	digest := sha256.Sum256([]byte(what))
	return "ghs_" + hex.EncodeToString(digest[:])[:36]
}

// Token is the token of the workflow, as in GITHUB_TOKEN: the server accepts it
// for everything but teams, where it answers 403. It opens nothing else.
func (s *Server) Token() string { return s.token }

// PeopleToken is a token of the organisation that reads who is in its teams, as
// a GitHub App's with "Members: read". To use it for anything else is a
// violation.
func (s *Server) PeopleToken() string { return s.people }

// SHA returns the id of a commit by its name in the World, or of the object of
// an annotated tag by "tag:<name>"; "" for anything else.
func (s *Server) SHA(name string) string { return s.repo.names[name] }

// GitHubKey is the armoured OpenPGP public key with which the server's website
// signs, as https://github.com/web-flow.gpg has it for github.com.
func (s *Server) GitHubKey() ([]byte, error) { return armouredKey(s.repo.gitHub.entity) }

// Violations are what a client did that GitHub would not have it do, or that
// the double does not know: unknown routes and parameters, invalid queries,
// wrong authorization. A test that uses the double asserts that there are none.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

func (s *Server) violate(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

// answer is a whole answer before it is written, so that it can be spoiled.
type answer struct {
	status int
	header http.Header
	body   []byte
	stream string // cut, huge or packed: how the body is sent
}

func newAnswer(status int, body any) answer {
	text, err := json.Marshal(body)
	if err != nil {
		return newAnswer(http.StatusInternalServerError, doc{"message": "githubtest: " + err.Error()})
	}
	return answer{status: status, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body: text}
}

// doc is a JSON object.
type doc = map[string]any

// failure is an error answer in GitHub's shape.
func failure(status int, message string) answer {
	return newAnswer(status, doc{"message": message, "documentation_url": "https://docs.github.com/rest", "status": fmt.Sprint(status)})
}

// ServeHTTP answers both of GitHub's interfaces.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, err := s.begin(r)
	if err != nil {
		s.violate("%s: %v", call.label(), err)
		s.send(w, call, failure(http.StatusBadRequest, "Problems parsing JSON"))
		return
	}
	faults := s.strike(call.label())
	if withhold(w, r, faults, false) {
		s.finish(call, 0)
		return
	}
	call.prevented = faults.prevent()
	right := s.answer(r, call, faults)
	if withhold(w, r, faults, true) {
		s.finish(call, 0)
		return
	}
	spoiled, lost := s.spoil(right, faults, r.Host)
	for _, problem := range lost {
		s.violate("%s: %s", call.label(), problem)
	}
	s.send(w, call, spoiled)
}

// send counts a request as finished before the client can see the answer, so
// that what the client does next is always later.
func (s *Server) send(w http.ResponseWriter, call *call, a answer) {
	s.finish(call, a.status)
	s.write(w, call, a)
}

// answer is the right answer, but for injected GraphQL errors.
func (s *Server) answer(r *http.Request, call *call, faults struck) answer {
	call.people = r.Header.Get("Authorization") == "Bearer "+s.people
	if !call.people && r.Header.Get("Authorization") != "Bearer "+s.token {
		s.violate("%s: authorization is not Bearer with a token of the server", call.label())
		return failure(http.StatusUnauthorized, "Bad credentials")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if call.graphql == nil {
		return s.rest(r, call)
	}
	if call.people {
		s.violations = append(s.violations, call.label()+": the token for people is for people only")
		return failure(http.StatusForbidden, forbidden)
	}
	result := s.graphql(*call.graphql, siteOf(r), faults.graphqlErrors())
	for _, problem := range result.problems {
		s.violations = append(s.violations, call.label()+": "+problem)
	}
	return newAnswer(result.status, result.answer)
}

// write sends an answer with the headers that every answer of GitHub has.
func (s *Server) write(w http.ResponseWriter, call *call, a answer) {
	header := w.Header()
	header.Set("Date", s.repo.world.Time.Format(http.TimeFormat))
	header.Set("X-GitHub-Request-Id", fmt.Sprintf("0D0B:%04X", call.sequence))
	header.Set("X-RateLimit-Limit", fmt.Sprint(rateLimitPerHour))
	header.Set("X-RateLimit-Remaining", fmt.Sprint(max(0, rateLimitPerHour-call.sequence)))
	header.Set("X-RateLimit-Used", fmt.Sprint(call.sequence))
	header.Set("X-RateLimit-Reset", fmt.Sprint(s.repo.world.Time.Unix()+3600))
	header.Set("X-RateLimit-Resource", "core")
	if call.graphql != nil {
		header.Set("X-RateLimit-Resource", "graphql")
	}
	maps.Copy(header, a.header)
	if a.stream != "" {
		a.send(w)
		return
	}
	if header.Get("Content-Length") == "" && a.status != http.StatusNoContent {
		header.Set("Content-Length", fmt.Sprint(len(a.body)))
	}
	w.WriteHeader(a.status)
	if _, err := w.Write(a.body); err != nil {
		return // the client went away, or closed early on purpose
	}
}

// call is one request on its way through the server.
type call struct {
	sequence int
	index    int // in Server.requests
	method   string
	path     string // without /api/v3 or /api
	graphql  *graphqlRequest
	name     string // of the GraphQL operation
	people   bool   // it bears the token for people
	body     []byte // of a REST request that writes
	// prevented says that a fault keeps the request from being carried out.
	prevented bool
}

// label is what the patterns of faults are compared with.
func (c *call) label() string {
	return strings.TrimSuffix(c.method+" "+c.path+" "+c.name, " ")
}

// begin reads and records a request.
func (s *Server) begin(r *http.Request) (*call, error) {
	path := r.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(path, "/api/v3"); ok && strings.HasPrefix(rest, "/") {
		path = rest
	} else if path == "/api/graphql" {
		path = "/graphql"
	}
	call := &call{method: r.Method, path: s.repo.byName(path)}
	var problem error
	if path == "/graphql" && r.Method == http.MethodPost {
		call.graphql, problem = graphqlOf(r)
		if call.graphql != nil {
			call.name = operationOf(*call.graphql)
		}
	}
	if call.graphql == nil && problem == nil {
		call.body, problem = bodyOf(r)
	}
	s.record(r, call)
	return call, problem
}

// bodyOf reads a body. A request that comes straight from a client, without a
// connection between, may have none.
func bodyOf(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	return body, nil
}

func graphqlOf(r *http.Request) (*graphqlRequest, error) {
	body, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	request, err := readGraphQL(body)
	if err != nil {
		return nil, err
	}
	return &request, nil
}
