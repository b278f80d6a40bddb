package githubtest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// byName returns the path below the name of the repository for one below a number,
// which is how GitHub answers for what was renamed. Any number leads here: it may
// be another repository that is like this one in everything.
func (r *repository) byName(path string) string {
	below, ok := strings.CutPrefix(path, "/repositories/")
	id, rest, ok2 := strings.Cut(below, "/")
	if _, err := strconv.ParseInt(id, 10, 64); !ok || !ok2 || err != nil {
		return path
	}
	return "/repos/" + r.world.Repository + "/" + rest
}

// restRequest is a REST request whose route is known.
type restRequest struct {
	repo  *repository
	site  site
	query url.Values
	paging
	// value returns a part of the path by its name in the route.
	value func(name string) string
	url   string      // own address without the query
	body  requestBody // of a request that writes
}

// route answers one kind of REST request.
type route struct {
	method     string // GET when empty
	pattern    string
	permission string   // of the token; "" for metadata. Other methods than GET need it to write
	anyone     bool     // about an account: outside of the repository, and public
	people     bool     // about people in the owner's organisation: with the token for them only
	parameters []string // of the query, beside those of paging
	paged      bool
	body       shape // of the body; empty for a request without one
	answer     func(restRequest) answer
}

// newRoutes builds the table. A handler only hands its route back: the answer
// is made by rest, which has the request as the server recorded it.
func (s *Server) newRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, route := range slices.Concat(gitRoutes(), activityRoutes(), pullRoutes(), checkRoutes(), actionsRoutes(), deploymentRoutes(), deployRoutes(), pushRoutes(), scanRoutes(), estateRoutes(), ruleRoutes()) {
		mux.Handle(cmp.Or(route.method, http.MethodGet)+" /repos/{owner}/{repo}"+route.pattern, routeHandler{route})
	}
	for _, route := range slices.Concat(accountRoutes(), teamRoutes()) {
		mux.Handle("GET "+route.pattern, routeHandler{route})
	}
	return mux
}

// routeHandler carries a route through http.ServeMux, which finds it and fills
// in the path values.
type routeHandler struct{ route route }

// ServeHTTP hands the matched request to the writer that rest passes in.
func (h routeHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if found, ok := w.(*match); ok {
		found.route, found.request = &h.route, r
	}
}

// match is the writer that catches a route.
type match struct {
	http.ResponseWriter
	route   *route
	request *http.Request
}

// apiVersions are the versions of the REST API that GitHub supports.
func apiVersions() []string { return []string{"2022-11-28", "2026-03-10"} }

// find returns the route of a path, or nil.
func (s *Server) find(method, path string) *match {
	address, err := url.Parse(path)
	if err != nil {
		return nil
	}
	request := &http.Request{Method: method, URL: address, Host: "route"}
	if _, pattern := s.routes.Handler(request); pattern == "" {
		return nil
	}
	found := &match{ResponseWriter: discard{http.Header{}}}
	s.routes.ServeHTTP(found, request)
	if found.route == nil {
		return nil
	}
	return found
}

// discard is a writer for the redirects of http.ServeMux, which are unknown
// routes here.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

// rest answers a REST request. The server's lock is held.
func (s *Server) rest(r *http.Request, call *call) answer {
	found := s.find(call.method, call.path)
	if found == nil {
		s.violations = append(s.violations, call.label()+": unknown route")
		return failure(http.StatusNotFound, "Not Found")
	}
	if found.route.people != call.people {
		if call.people {
			s.violations = append(s.violations, call.label()+": the token for people is for people only")
		}
		return failure(http.StatusForbidden, forbidden)
	}
	query, paging, problem := found.route.check(r.URL.RawQuery)
	if problem != nil {
		s.violations = append(s.violations, fmt.Sprintf("%s: %v", call.label(), problem))
		return failure(http.StatusNotFound, "Not Found")
	}
	asked := found.request.PathValue("owner") + "/" + found.request.PathValue("repo")
	if !found.route.anyone && !found.route.people && !strings.EqualFold(asked, s.repo.world.Repository) {
		return failure(http.StatusNotFound, "Not Found")
	}
	body, refused := s.admit(r, call, found.route)
	if refused != nil {
		return *refused
	}
	site := siteOf(r)
	return found.route.answer(restRequest{
		repo: s.repo, site: site, query: query, paging: paging, value: found.request.PathValue, url: site.api + call.path, body: body,
	})
}

// admit holds a request against what the token may do, and its body against
// the description. It returns the answer to one that goes no further.
func (s *Server) admit(r *http.Request, call *call, route *route) (requestBody, *answer) {
	stop := func(status int, message string) (requestBody, *answer) {
		refused := failure(status, message)
		return nil, &refused
	}
	if need := route.permission; need != "" && !s.repo.allows(need) || route.method != "" && !s.repo.allowsWriting(need) {
		return stop(http.StatusForbidden, forbidden)
	}
	if version := r.Header.Get("X-Github-Api-Version"); version != "" && !slices.Contains(apiVersions(), version) {
		s.violations = append(s.violations, call.label()+": unknown API version "+version)
		return stop(http.StatusBadRequest, "Unsupported API version")
	}
	var body requestBody
	if route.body.kinds != nil {
		var err error
		body, err = readBody(call.body, route.body)
		if err != nil {
			s.violations = append(s.violations, fmt.Sprintf("%s: %v", call.label(), err))
		}
		switch {
		case errors.Is(err, errNotImplemented):
			return stop(http.StatusInternalServerError, "githubtest: "+err.Error())
		case err != nil:
			return stop(http.StatusUnprocessableEntity, "Invalid request.")
		}
	}
	if route.method != "" && call.prevented {
		return stop(http.StatusServiceUnavailable, "Service Unavailable")
	}
	return body, nil
}

// paging is which page of a list a client asks for, counted from 1.
type paging struct{ size, number int }

// check refuses parameters that the route does not have.
func (r route) check(raw string) (url.Values, paging, error) {
	asked := paging{size: 30, number: 1} // GitHub's defaults
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, asked, fmt.Errorf("read query: %w", err)
	}
	for name, values := range query {
		known := slices.Contains(r.parameters, name) || r.paged && (name == "per_page" || name == "page")
		if !known || len(values) != 1 {
			return nil, asked, fmt.Errorf("unknown or repeated parameter %q", name)
		}
	}
	if asked.size, err = count(query, "per_page", asked.size, 100); err != nil {
		return nil, asked, err
	}
	asked.number, err = count(query, "page", asked.number, 1<<20)
	return query, asked, err
}

// count reads a parameter that is a number from 1.
func count(query url.Values, name string, fallback, most int) (int, error) {
	if !query.Has(name) {
		return fallback, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("parameter %s=%s; expected 1 to %d", name, query.Get(name), most)
	}
	return n, nil
}

// page cuts the page of a list that a request asks for and returns the Link
// header that leads to the others. A page never has more items than the
// World's page size, so that a client has to follow the links.
func page[T any](r restRequest, list []T) (items []T, header http.Header) {
	size := min(r.size, r.repo.world.PageSize)
	last := max(1, (len(list)+size-1)/size)
	from := min(len(list), (r.number-1)*size)
	items = list[from:min(len(list), from+size)]
	return items, r.links(last)
}

func (r restRequest) links(last int) http.Header {
	number := r.number
	var links []string
	link := func(to int, relation string) {
		query := url.Values{}
		for name, values := range r.query {
			query[name] = values
		}
		query.Set("page", strconv.Itoa(to))
		links = append(links, fmt.Sprintf("<%s?%s>; rel=%q", r.url, query.Encode(), relation))
	}
	if number > 1 {
		link(min(number-1, last), "prev")
	}
	if number < last {
		link(number+1, "next")
		link(last, "last")
	}
	if number > 1 {
		link(1, "first")
	}
	header := http.Header{}
	if len(links) > 0 {
		header.Set("Link", strings.Join(links, ", "))
	}
	return header
}

// paged answers one page of a list; wrap puts it into its envelope.
func paged[T any](r restRequest, list []T, show func(T) doc, wrap func(items []doc) any) answer {
	items, header := page(r, list)
	docs := make([]doc, len(items))
	for i, item := range items {
		docs[i] = show(item)
	}
	a := newAnswer(http.StatusOK, wrap(docs))
	for name, values := range header {
		a.header[name] = values
	}
	return a
}

// bare is the envelope of a list that has none.
func bare(items []doc) any { return items }
