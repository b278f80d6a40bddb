package githubtest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// armed is a fault with what happened to it so far.
type armed struct {
	Fault
	awake   bool
	seen    int // matching requests while awake
	applied int
}

// struck are the faults that apply to one request.
type struck []Fault

// error returns the error that GitHub would show.
func (g *GraphQLError) error() *fieldError {
	return &fieldError{kind: cmp.Or(g.Type, "FORBIDDEN"), message: cmp.Or(g.Message, forbidden)}
}

// wake starts a fault that waits for an answered request.
func (s *Server) wake(fault *armed, answered string) {
	if fault.awake || !strings.HasPrefix(answered, fault.AfterRequest) {
		return
	}
	fault.awake = true
	if fault.Match == "" {
		fault.applied++
		s.move(fault.MoveRef)
	}
}

// strike finds the faults that apply to a request and moves references.
func (s *Server) strike(label string) struck {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all struck
	for _, fault := range s.faults {
		if !fault.awake || fault.Match == "" || !strings.HasPrefix(label, fault.Match) {
			continue
		}
		fault.seen++
		if fault.seen < max(1, fault.Nth) || fault.Times > 0 && fault.applied >= fault.Times {
			continue
		}
		fault.applied++
		s.move(fault.MoveRef)
		all = append(all, fault.Fault)
	}
	return all
}

// move changes a reference; the names in it were checked by New.
func (s *Server) move(change *MoveRef) {
	switch {
	case change == nil:
	case change.Commit == "":
		delete(s.repo.refs, change.Ref)
	default:
		s.repo.refs[change.Ref] = s.repo.names[change.Commit]
	}
}

// UnusedFaults names the faults that never applied. A test about a fault
// asserts that there are none; otherwise it may have tested nothing.
func (s *Server) UnusedFaults() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var unused []string
	for i, fault := range s.faults {
		if fault.applied == 0 {
			unused = append(unused, fmt.Sprintf("fault %d: %s", i+1, cmp.Or(fault.Match, fault.AfterRequest)))
		}
	}
	return unused
}

func (f struck) graphqlErrors() []*GraphQLError {
	var all []*GraphQLError
	for _, fault := range f {
		if fault.GraphQLError != nil {
			all = append(all, fault.GraphQLError)
		}
	}
	return all
}

// prevent reports whether a fault stands for the answer, so that what was asked
// is not done.
func (f struck) prevent() bool {
	return slices.ContainsFunc(f, func(fault Fault) bool { return !fault.After && (fault.Status != 0 || fault.Redirect != "") })
}

// withhold applies the faults that give no answer, those of before or of after
// the request was carried out. It reports whether one did.
func withhold(w http.ResponseWriter, r *http.Request, faults struck, after bool) bool {
	for _, fault := range faults {
		switch {
		case fault.After != after:
		case fault.Hang:
			<-r.Context().Done()
			drop(w)
			return true
		case fault.Drop:
			drop(w)
			return true
		}
	}
	return false
}

// drop closes the connection; without one there is simply no body.
func drop(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if connection, _, err := hijacker.Hijack(); err == nil {
			if err := connection.Close(); err != nil {
				return // broken already
			}
		}
	}
}

// spoil applies the faults that change an answer. It returns what they could
// not change.
func (s *Server) spoil(a answer, faults struck, host string) (answer, []string) {
	var lost []string
	for _, fault := range faults {
		if fault.Status != 0 && fault.Redirect == "" {
			a = failure(fault.Status, http.StatusText(fault.Status))
		}
		if fault.Redirect != "" {
			a = failure(cmp.Or(fault.Status, http.StatusFound), "Moved")
			a.header.Set("Location", s.repo.spelled(fault.Redirect))
		}
		if change := fault.Replace; change != nil {
			old := s.repo.spelled(change.Old)
			if !bytes.Contains(a.body, []byte(old)) {
				lost = append(lost, fmt.Sprintf("the answer does not hold %q, which a fault replaces", old))
			}
			a.body = bytes.ReplaceAll(a.body, []byte(old), []byte(s.repo.spelled(change.New)))
		}
		a = spoilBody(a, fault.Body)
		a.address(fault.Headers, host)
	}
	return a, lost
}

// address sets headers, and takes those away that are to be empty.
func (a answer) address(headers map[string]string, host string) {
	for name, value := range headers {
		a.header[http.CanonicalHeaderKey(name)] = nil
		if value != "" {
			a.header.Set(name, strings.ReplaceAll(value, "<host>", host))
		}
	}
}

// bodies are the values of Fault.Body.
func bodies() []string {
	return []string{"", "truncated", "html", "empty", "braces", "null", "list", "short", "cut", "huge", "packed"}
}

func spoilBody(a answer, how string) answer {
	switch how {
	case "truncated":
		a.body = a.body[:len(a.body)/2]
	case "html":
		a.body = []byte("<!DOCTYPE html>\n<title>Unicorn! &middot; GitHub</title>\n")
		a.header.Set("Content-Type", "text/html; charset=utf-8")
	case "empty":
		a.body = nil
	case "braces":
		a.body = []byte("{}")
	case "null":
		a.body = []byte("null")
	case "list":
		a.body = []byte("[]")
	case "short":
		a.header.Set("Content-Length", fmt.Sprint(len(a.body)+100))
	case "cut", "huge", "packed":
		a.stream = how
	}
	return a
}

// checkRules refuses faults and permissions that could never apply.
func (r *repository) checkRules() error {
	for i, fault := range r.world.Faults {
		if err := r.checkFault(fault); err != nil {
			return fmt.Errorf("faults: number %d: %w", i+1, err)
		}
	}
	for name, level := range r.world.Token.Permissions {
		if !slices.Contains(permissionNames(), name) || !slices.Contains([]string{"none", "read", "write"}, level) {
			return fmt.Errorf("token: permission %s: %s; expected read, write or none for one of %v", name, level, permissionNames())
		}
	}
	return nil
}

func (r *repository) checkFault(fault Fault) error {
	if fault.Match == "" && (fault.AfterRequest == "" || fault.MoveRef == nil) {
		return fmt.Errorf("match is missing")
	}
	if err := fault.check(); err != nil {
		return err
	}
	if change := fault.MoveRef; change != nil {
		if !strings.HasPrefix(change.Ref, "refs/") {
			return fmt.Errorf("move-ref: ref %q; expected a full name such as refs/heads/main", change.Ref)
		}
		if change.Commit != "" && r.names[change.Commit] == "" {
			return fmt.Errorf("move-ref: %q is not among commits, nor tag:<name> of an annotated tag", change.Commit)
		}
	}
	return nil
}

// check refuses what is wrong whatever the World holds.
func (f Fault) check() error {
	switch {
	case !slices.Contains(bodies(), f.Body):
		return fmt.Errorf("body %q; expected one of %v", f.Body, bodies()[1:])
	case f.Replace != nil && f.Replace.Old == "":
		return errors.New("replace: old is missing")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d; expected 200 to 599", f.Status)
	case f.After && !f.Hang && !f.Drop && f.Status == 0 && f.Redirect == "":
		return errors.New("after: for hang, drop, status and redirect; a server that spoils an answer has always done what was asked")
	}
	return nil
}

// permissionNames are the permissions of a token that the double knows.
func permissionNames() []string {
	return []string{"actions", "checks", "contents", "deployments", "issues", "pull-requests", "security-events", "statuses", "vulnerability-alerts"}
}

// allows reports whether the token may read something. No permission that a
// workflow can be granted lets it read what needs asAdmin.
func (r *repository) allows(permission string) bool {
	level := r.world.Token.Permissions[permission]
	return r.world.Token.Admin || level == "read" || level == "write"
}

// allowsWriting reports whether the token may change something.
func (r *repository) allowsWriting(permission string) bool {
	return r.world.Token.Admin || r.world.Token.Permissions[permission] == "write"
}

// asAdmin stands in routes for what only the token of a person who administers
// the repository may read.
const asAdmin = "administration"
