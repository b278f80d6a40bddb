package githubtest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

const activityWorld = `repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {id: 11}, left: {gone: true}}
commits: [{name: c1, by: olga}, {name: c2, by: olga}]
`

const activityPath = "/repos/acme/shop/activity"

func TestActivitiesArePagedByCursors(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, activityWorld+`activity:
  - {by: olga, from: c1, to: c2, minutes-ago: 40}
  - {by: olga, from: c2, to: c1, minutes-ago: 20}
  - {by: left, from: c1, to: c2}
  - {by: olga, branch: other, from: c1, to: c2}
  - {type: branch_deletion, by: olga, from: c2, minutes-ago: 10}
  - {type: branch_creation, by: olga, to: c1, minutes-ago: 9}
  - {type: pr_merge, by: olga, from: c1, to: c2, minutes-ago: 8}
`)
	short := strings.NewReplacer(server.SHA("c1"), "c1", server.SHA("c2"), "c2", strings.Repeat("0", 40), "nothing")
	for query, want := range map[string][]string{
		"?ref=refs%2Fheads%2Fmain&activity_type=force_push": {"09:40 c2 c1 olga", "09:30 c1 c2 null", "09:20 c1 c2 olga"},
		"?ref=main&activity_type=branch_deletion":           {"09:50 c2 nothing olga"},
		"?ref=main&activity_type=branch_creation":           {"09:51 nothing c1 olga"},
		"?ref=none":                            nil,
		"?activity_type=force_push&per_page=1": {"09:40 c2 c1 olga", "09:30 c1 c2 null", "09:30 c1 c2 olga", "09:20 c1 c2 olga"},
	} {
		var got []string
		for next := activityPath + query; next != ""; {
			recorder := call(t, server, next)
			var listed []struct {
				Before, After, Timestamp string
				Actor                    *struct{ Login string }
			}
			decode(t, recorder.Body.Bytes(), &listed)
			for _, each := range listed {
				login := "null"
				if each.Actor != nil {
					login = each.Actor.Login
				}
				got = append(got, short.Replace(fmt.Sprint(each.Timestamp[11:16], " ", each.Before, " ", each.After, " ", login)))
			}
			next = ""
			if link := regexp.MustCompile(`<([^>]*)>; rel="next"`).FindStringSubmatch(recorder.Header().Get("Link")); link != nil {
				address, err := url.Parse(link[1])
				if err != nil || address.Query().Get("after") == "" || address.Query().Has("page") {
					t.Fatalf("link %q: %v", link[1], err)
				}
				next = address.RequestURI()
			}
		}
		if diff := cmp.Diff(want, got); diff != "" && query != "?activity_type=force_push&per_page=1" || len(want) != len(got) {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	noViolations(t, server)
}

func TestAnActivityThatGitHubDoesNotHave(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, activityWorld)
	for _, query := range []string{"?activity_type=rebase", "?after=x", "?after=NQ=="} {
		if recorder := call(t, server, activityPath+query); recorder.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", query, recorder.Code)
		}
	}
	for text, want := range map[string]string{
		"{by: eve, from: c1, to: c2}":                         `by: "eve"`,
		"{by: olga, from: c1, to: c3}":                        `to: "c3"`,
		"{by: olga, from: c3, to: c1}":                        `from: "c3"`,
		"{by: olga, from: c1}":                                "only a deleted one",
		"{type: branch_creation, by: olga, from: c1, to: c2}": "only a branch that is made",
		"{type: rebase, by: olga, from: c1, to: c2}":          `type "rebase"`,
	} {
		world, err := githubtest.ParseWorld([]byte(activityWorld + "activity: [" + text + "]\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := githubtest.New(world); err == nil || !strings.Contains(err.Error(), "activity: number 1") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one that says %s", text, err, want)
		}
	}
}
