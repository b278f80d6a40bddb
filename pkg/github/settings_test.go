package github_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

const repositoryPath = "/v3/repos/acme/shop"

// repositoryData is a public repository of an organisation, as somebody sees it
// who may push.
func repositoryData() object {
	return object{
		"id": 1001, "full_name": "acme/shop", "private": false, "visibility": "public", "archived": false, "owner": object{"login": "acme", "type": "Organization"},
		"allow_rebase_merge": false, "allow_squash_merge": true, "allow_merge_commit": false,
	}
}

func settingsOf(t *testing.T, handle handler) fact.Known[fact.Settings] {
	t.Helper()
	f := newFake(t)
	f.handle = by(map[string]handler{repositoryPath: handle})
	reader := f.reader(t)
	reader.Overview(t.Context())
	known := reader.Settings(t.Context())
	if asked := f.asked(); len(asked) < 2 || asked[1] != "GET /api/v3/repos/acme/shop" {
		t.Errorf("asked %q", asked)
	}
	return known
}

func TestSettingsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	changed := func(path string, value any) handler { return shows(put(repositoryData(), path, value)) }
	rows := []struct {
		name   string
		handle handler
		reason fact.Reason
		detail string
	}{
		{"refused", raw(403, jsonMedia, notAccessible), fact.Forbidden, "not accessible"},
		{"not found", raw(404, jsonMedia, `{"message":"Not Found"}`), fact.NotFound, "status 404"},
		{"another name", moved(shows(repositoryData())), fact.Inconsistent, "not known to be the same repository"},
		{"null", raw(200, jsonMedia, "null"), fact.Incomplete, "says nothing"},
		{"braces", raw(200, jsonMedia, "{}"), fact.Incomplete, "says nothing"},
		{"HTML", raw(200, "text/html", "<html>"), fact.Incomplete, "not JSON"},
		{"a list", raw(200, jsonMedia, "[]"), fact.Incomplete, "shape"},
		{"another repository", changed("id", 1002), fact.Inconsistent, "about 1002"},
		{"no number", changed("id", absent), fact.Incomplete, "all of the repository"},
		{"no owner", changed("owner", nil), fact.Incomplete, "all of the repository"},
		{"an owner of another kind", changed("owner.type", "Enterprise"), fact.Incomplete, `"Enterprise"`},
		{"an owner of no kind", changed("owner.type", absent), fact.Incomplete, "neither"},
		{"archived or not", changed("archived", absent), fact.Incomplete, "all of the repository"},
		{"private or not", changed("private", nil), fact.Incomplete, "all of the repository"},
		{"private and public", changed("private", true), fact.Inconsistent, "private is true"},
		{"public and internal", changed("visibility", "internal"), fact.Inconsistent, "private is false"},
		{"no visibility", changed("visibility", absent), fact.Incomplete, `is ""`},
		{"another visibility", changed("visibility", "Public"), fact.Incomplete, `"Public"`},
		{"a way to merge that is no truth", changed("allow_rebase_merge", "no"), fact.Incomplete, "shape"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			wantLost(t, settingsOf(t, row.handle), row.reason, row.detail)
		})
	}
}

func TestSettingsAreRead(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	same(t, "settings", have(t, settingsOf(t, shows(repositoryData()))), fact.Settings{
		Visibility: "public", OwnerKind: fact.OtherKind, RebaseMerge: &no, SquashMerge: &yes, MergeCommit: &no,
	})
	// A workflow's token is not shown how pull requests can be merged.
	hidden := repositoryData()
	for _, way := range []string{"allow_rebase_merge", "allow_squash_merge", "allow_merge_commit"} {
		delete(hidden, way)
	}
	for field, value := range (object{"visibility": "internal", "private": true, "archived": true, "owner": object{"type": "User"}}) {
		hidden[field] = value
	}
	same(t, "settings", have(t, settingsOf(t, shows(hidden))), fact.Settings{Visibility: "internal", OwnerKind: fact.User, Archived: true})
}
