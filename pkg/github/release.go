package github

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const releaseQuery = `query StagewardRelease($owner: String!, $name: String!, $tag: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    release(tagName: $tag) { tagName name description isDraft isPrerelease publishedAt url author { databaseId login } }
  }
}
`

// releaseData is the data of the query.
type releaseData struct {
	Repository struct {
		DatabaseID int64                 `json:"databaseId"`
		Release    answered[releaseNode] `json:"release"`
	} `json:"repository"`
}

type releaseNode struct {
	Tag         string              `json:"tagName"`
	Name        string              `json:"name"`        // null where it has none
	Description answered[string]    `json:"description"` // null where it says nothing
	Draft       *bool               `json:"isDraft"`
	Prerelease  *bool               `json:"isPrerelease"`
	PublishedAt answered[time.Time] `json:"publishedAt"` // null for a draft
	URL         string              `json:"url"`
	Author      answered[userNode]  `json:"author"` // null when the account is gone
}

// Release reads the release of the subject's tag. null beside the repository's
// own number says that there is none that this token may see; GitHub shows a
// draft to those only who may write. A branch has no release, and nothing is
// asked then. Requests: one.
func (r *Reader) Release(ctx context.Context) fact.Known[fact.Release] {
	ref := r.subject.Ref
	if ref.Kind() != fact.TagRef {
		return fact.Of(fact.Release{}, fact.Source{})
	}
	if missing := r.unread(); missing != nil {
		return fact.Lost[fact.Release](*missing)
	}
	answer, missing := ask[releaseData](ctx, r, releaseQuery, map[string]string{"owner": r.owner, "name": r.name, "tag": ref.Name()})
	if missing == nil {
		missing = answer.Errors.at(fact.NeedRelease.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameNumber(answer.Data.Repository.DatabaseID)
	}
	if missing != nil {
		return fact.Lost[fact.Release](*missing)
	}
	release, missing := readRelease(answer.Data.Repository.Release, ref.Name())
	page := release.URL
	if !release.Exists {
		page = r.session().set.Repository.OrZero().URL + "/releases/new?tag=" + url.QueryEscape(ref.Name())
	}
	return knownIf(release, fact.Source{From: graphSource, URL: page}, missing)
}

// readRelease checks what an answer says of the release of a tag.
func readRelease(found answered[releaseNode], tag string) (fact.Release, *fact.Missing) {
	node := found.value
	if !found.here {
		return fact.Release{}, incomplete("POST graphql: the answer leaves the release out")
	}
	if node == nil {
		return fact.Release{}, nil
	}
	if node.Tag != tag {
		return fact.Release{}, inconsistent(fmt.Sprintf("POST graphql: asked for the release of %q, the answer is that of %q", tag, node.Tag))
	}
	if node.Draft == nil || node.Prerelease == nil || !node.Description.here || !node.PublishedAt.here || !node.Author.here ||
		!*node.Draft && (node.PublishedAt.value == nil || node.PublishedAt.value.IsZero()) {
		return fact.Release{}, incomplete("POST graphql: the answer does not hold all of the release of " + tag)
	}
	release := fact.Release{
		Exists: true, Tag: node.Tag, Name: node.Name, Draft: *node.Draft, Prerelease: *node.Prerelease,
		Author: node.Author.value.person(), URL: node.URL,
	}
	if node.Description.value != nil {
		release.Body = *node.Description.value
	}
	if node.PublishedAt.value != nil {
		release.At = node.PublishedAt.value.UTC()
	}
	if release.Author != nil && strings.HasSuffix(release.Author.Login, botSuffix) {
		release.Author.Kind = fact.Bot // the field calls every account a user
	}
	return release, nil
}
