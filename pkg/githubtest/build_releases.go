package githubtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// release is a release of a tag, which need not exist.
type release struct {
	id                int64
	tag, name, body   string
	draft, prerelease bool
	author            *person
	at                time.Time
}

func (r *repository) buildReleases() error {
	for i, listed := range r.world.Releases {
		author, err := r.maybe(listed.Author)
		if err != nil {
			return fmt.Errorf("releases: %s: author: %w", listed.Tag, err)
		}
		if listed.Tag == "" || slices.ContainsFunc(r.releases, func(other *release) bool { return other.tag == listed.Tag }) {
			return fmt.Errorf("releases: number %d: want a tag of its own", i+1)
		}
		r.releases = append(r.releases, &release{
			id: 700_001 + int64(i), tag: listed.Tag, name: listed.Name, body: listed.Body, draft: listed.Draft,
			prerelease: listed.Prerelease, author: author, at: r.ago(listed.MinutesAgo, 20),
		})
	}
	return nil
}

func releaseFields() map[string]resolver {
	return map[string]resolver{
		"id":           get(func(r *release) any { return nodeID("Release", r.id) }),
		"databaseId":   get(func(r *release) any { return r.id }),
		"tagName":      get(func(r *release) any { return r.tag }),
		"name":         get(func(r *release) any { return optional(r.name) }),
		"description":  get(func(r *release) any { return optional(r.body) }),
		"isDraft":      get(func(r *release) any { return r.draft }),
		"isPrerelease": get(func(r *release) any { return r.prerelease }),
		"author":       get(func(r *release) any { return userOf(r.author) }),
		"createdAt":    get(func(r *release) any { return instant(r.at) }),
		"publishedAt": get(func(r *release) any {
			if r.draft {
				return nil
			}
			return instant(r.at)
		}),
		"url": on(func(q *query, r *release, _ arguments) (any, error) {
			return q.repo.html(q.site, "/releases/tag/%s", url.PathEscape(r.tag)), nil
		}),
	}
}

// resolveRelease shows a draft to those only who may write, as GitHub does.
func resolveRelease(_ *query, r *repository, args arguments) (any, error) {
	tag := args.text("tagName")
	for _, each := range r.releases {
		if each.tag == tag && (!each.draft || r.allowsWriting("contents")) {
			return each, nil
		}
	}
	return nil, nil
}

// resolveRefs lists the references below a prefix by their names.
func resolveRefs(q *query, r *repository, args arguments) (any, error) {
	prefix := args.text("refPrefix")
	var found []*ref
	for name, target := range r.refs {
		if strings.HasPrefix(name, prefix) {
			found = append(found, &ref{name: name, target: target})
		}
	}
	slices.SortFunc(found, func(a, b *ref) int { return strings.Compare(a.name, b.name) })
	return paginate(q, found, len(found), args)
}
