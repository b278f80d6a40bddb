package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

const membersPath = "/v3/orgs/acme/teams/quality/members"

// APR-18: whatever the server says of a team, it does not become known in another
// way. An account of the team's name is somebody else, and is not asked about.
func TestATeamThatCannotBeReadIsNobody(t *testing.T) {
	t.Parallel()
	const media, needs = "application/json", "Members: read"
	member := func(path string, value any) string {
		return fmt.Sprintf(`[{"id":12,"login":"bob","type":"User"},%s]`, strings.ReplaceAll(`{"id":13,"login":"quality","type":"User"}`, path, fmt.Sprint(value)))
	}
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		detail string
		fix    string
	}{
		{"not found", raw(404, media, `{"message":"Not Found"}`), fact.NotFound, "status 404", needs},
		{"refused", raw(403, media, `{"message":"Resource not accessible by integration"}`), fact.Forbidden, "status 403", needs},
		{"a token that expired", raw(401, media, `{"message":"Bad credentials"}`), fact.Forbidden, "does not accept the token", "people-token has to be valid"},
		{"a server that fails", raw(500, media, "{}"), fact.Unavailable, "failed", ""},
		{"a limit that lasts", raw(429, media, "{}", "Retry-After", "3600"), fact.Unavailable, "rate limit", "again after"},
		{"null", raw(200, media, "null"), fact.Incomplete, "says nothing", ""},
		{"an object", raw(200, media, `{"members":[]}`), fact.Incomplete, "shape", ""},
		{"half a list", raw(200, media, `[{"id":12,`), fact.Incomplete, "whole JSON", ""},
		{"a null member", raw(200, media, "[null]"), fact.Incomplete, "all of a member", ""},
		{"a member without a number", raw(200, media, member("13", 0)), fact.Incomplete, "all of a member", ""},
		{"a member without a login", raw(200, media, member("quality", "")), fact.Incomplete, "all of a member", ""},
		{"a member who may be a program", raw(200, media, member("User", "")), fact.Incomplete, "all of a member", ""},
		{"a member twice", raw(200, media, `[{"id":12,"login":"bob","type":"User"},{"id":12,"login":"rob","type":"User"}]`), fact.Incomplete, "listed twice", ""},
		{"a list that does not advance", raw(200, media, "[]", "Link", `<https://HOST/api/v3/x?page=1>; rel="next"`), fact.Inconsistent, "next page", ""},
		{"a redirect to another team", raw(301, media, "{}", "Location", "/api/v3/orgs/acme/teams/everybody/members"), fact.Inconsistent, "refused a redirect", "renamed or moved"},
		{"a redirect to an address by number", raw(307, media, "{}", "Location", "/api/v3/organizations/1/team/2/members"), fact.Inconsistent, "refused a redirect", "renamed or moved"},
		{"a redirect to another host", raw(302, media, "{}", "Location", "https://evil.test/"), fact.Inconsistent, "refused a redirect", ""},
		{"an answer that repeats both tokens", raw(404, media, fmt.Sprintf(`{"message":"no %s, no %s"}`, token, peopleToken)), fact.NotFound, `"no ***, no ***"`, needs},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/api"+membersPath {
					return row.handle(w, r)
				}
				show(w, http.StatusOK, array{restUser(13, "quality")}) // whatever else is asked
				return true
			}
			known := f.reader(t).Team(t.Context(), "acme/quality")
			wantLost(t, known, row.reason, row.detail)
			if fix := lost(t, known).Fix; !strings.Contains(fix, row.fix) {
				t.Errorf("fix %q, want %q", fix, row.fix)
			}
			for _, asked := range f.asked() {
				if !strings.HasPrefix(asked, "GET /api"+membersPath+"?") {
					t.Errorf("asked %s", asked)
				}
			}
		})
	}
}

func TestATeamThatIsNotAskedFor(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, slug string
		reason     fact.Reason
		detail     string
	}{
		{"nothing", "", fact.NotFound, "not a team"},
		{"no organisation", "quality", fact.NotFound, "not a team"},
		{"no team", "acme/", fact.NotFound, "not a team"},
		{"three parts", "acme/quality/members", fact.NotFound, "not a team"},
		{"a parent folder", "acme/..", fact.NotFound, "not a team"},
		{"a folder", "acme/.", fact.NotFound, "not a team"},
		{"a query", "acme/quality?x", fact.NotFound, "not a team"},
		{"an escape", "acme/%2e%2e", fact.NotFound, "not a team"},
		{"an at sign", "@acme/quality", fact.NotFound, "not a team"},
		{"another organisation", "evil/quality", fact.NotFound, "of another organisation than the repository, whose owner is acme"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			known := f.reader(t).Team(t.Context(), row.slug)
			wantLost(t, known, row.reason, row.detail)
			if len(f.asked()) > 0 || lost(t, known).Fix == "" {
				t.Errorf("asked %q, fix %q", f.asked(), lost(t, known).Fix)
			}
		})
	}
}

func TestWithoutATokenForPeopleNoTeamIsKnown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config()
	config.PeopleToken = ""
	reader, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
	if err != nil {
		t.Fatal(err)
	}
	known := reader.Team(t.Context(), "acme/quality")
	wantLost(t, known, fact.Forbidden, "the token of a workflow cannot read teams")
	for _, words := range []string{"people-token", "STAGEWARD_PEOPLE_TOKEN", "Members: read", "read:org"} {
		if fix := lost(t, known).Fix; !strings.Contains(fix, words) {
			t.Errorf("fix %q lacks %q", fix, words)
		}
	}
	if len(f.asked()) > 0 {
		t.Errorf("asked %q", f.asked())
	}
}

// CTRL-09: the member on the second page is a member.
func TestATeamIsReadToTheLastPage(t *testing.T) {
	t.Parallel()
	for _, size := range []int{30, 100} {
		var members array
		for i := range 131 {
			members = append(members, restUser(1000-i, fmt.Sprintf("user%d", i)))
		}
		f := newFake(t)
		f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{membersPath: paged(members, size, "")})
		team := have(t, f.reader(t).Team(t.Context(), "ACME/quality"))
		if len(team.Members) != 131 || team.Slug != "ACME/quality" || team.Members[0].ID != 870 || team.Members[130].ID != 1000 {
			t.Errorf("%s has %d members", team.Slug, len(team.Members))
		}
		if first := f.asked()[0]; first != "GET /api"+membersPath+"?per_page=100&page=1" {
			t.Errorf("asked %s", first)
		}
	}
}

func TestATeamKeepsWhatAMemberIs(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			return false
		}
		show(w, http.StatusOK, array{object{"id": 9, "login": "ghost", "type": "Mannequin"}, restUser(3, "Bob")})
		return true
	}
	reader := f.reader(t)
	reader.Overview(t.Context())
	known := reader.Team(t.Context(), "acme/quality")
	same(t, "team", have(t, known), fact.Team{Slug: "acme/quality", Members: []fact.Person{{ID: 3, Login: "Bob", Kind: fact.User}, {ID: 9, Login: "ghost", Kind: fact.OtherKind}}})
	if want := "https://github.com/orgs/acme/teams/quality"; known.Source().URL != want {
		t.Errorf("page %q, want %q", known.Source().URL, want)
	}
	f.handle = raw(200, "application/json", "[]")
	if team := have(t, f.reader(t).Team(t.Context(), "acme/empty")); len(team.Members) != 0 {
		t.Errorf("members %v", team.Members)
	}
}

// The tokens do not stand in for each other, whatever is asked, and neither is
// told when a read is sent again.
func TestEachTokenHasItsOwnQuestions(t *testing.T) {
	t.Parallel()
	server, reader := double(t)
	everythingAbout(t.Context(), reader)
	if violations := server.Violations(); len(violations) > 0 {
		t.Error(violations)
	}
	f := stumbling(t, 1, raw(502, "application/json", "{}"))
	config := f.config()
	var retries github.Retries
	config.Retried = retries.Add
	asking, err := github.NewReader(config, fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: subjectSHA}, policyPath)
	if err != nil {
		t.Fatal(err)
	}
	f.routes["/orgs/acme/teams/"+peopleToken+"/members"] = func(*http.Request) any { return array{} }
	have(t, asking.Team(t.Context(), "acme/"+peopleToken))
	lines := strings.Join(retries.Lines(), "\n")
	if !strings.Contains(lines, "/orgs/acme/teams/***/members") {
		t.Errorf("told %q", lines)
	}
}
