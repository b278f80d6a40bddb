package github

import (
	"context"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

// maxTags is how many tags are read, maxGraphPages pages of them.
const maxTags = 5000

const tagsQuery = `query StagewardTags($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    databaseId
    refs(refPrefix: "refs/tags/", first: 100, after: $after) {
      totalCount ` + pageOfList + `
      nodes { prefix name target { oid } }
    }
  }
}
`

// tagsData is the data of the query.
type tagsData struct {
	Repository struct {
		DatabaseID int64                   `json:"databaseId"`
		Refs       *graphPage[tagNameNode] `json:"refs"`
	} `json:"repository"`
}

type tagNameNode struct {
	Prefix string      `json:"prefix"`
	Name   string      `json:"name"`
	Target *objectNode `json:"target"`
}

// Versions reads the names of all tags and the objects they point at, in the
// order of the names: all that GitHub counts, or nothing is known. GraphQL is
// asked because it counts; REST's list of references does not, and a list that
// ends early would look whole.
//
// Requests: one for each 100 tags, one after the other. More than 5,000 tags are
// Incomplete.
func (r *Reader) Versions(ctx context.Context) fact.Known[[]fact.VersionTag] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[[]fact.VersionTag](*missing)
	}
	var tags []fact.VersionTag
	err := twice(func(int) (err error) {
		tags, err = r.tags(ctx)
		return err
	})
	if err != nil {
		missing := r.missing("POST graphql", err, fact.NeedVersions.TokenPermission())
		return fact.Lost[[]fact.VersionTag](*missing)
	}
	return fact.Of(tags, fact.Source{From: graphSource, URL: r.session().set.Repository.OrZero().URL + "/tags"})
}

func (r *Reader) tags(ctx context.Context) ([]fact.VersionTag, error) {
	listed, err := graphList[tagNameNode]{
		name: "POST graphql: the tags of the repository", most: maxTags, key: (*tagNameNode).key,
		fix:   "Delete tags that nobody needs any more, or turn the gates off that ask for all tags.",
		fetch: func(after string) (*graphPage[tagNameNode], error) { return r.tagsAfter(ctx, after) },
	}.read()
	if err != nil {
		return nil, err
	}
	tags := make([]fact.VersionTag, len(listed))
	for i, node := range listed {
		tags[i] = fact.VersionTag{Name: node.Name, Object: shaOf(node.Target.OID)}
	}
	order.By(tags, func(a, b fact.VersionTag) int { return strings.Compare(a.Name, b.Name) })
	return tags, nil
}

// key is the name of the tag, or "" for what is not all of a tag.
func (n *tagNameNode) key() string {
	if n.Prefix != "refs/tags/" || n.Target == nil || shaOf(n.Target.OID) == "" {
		return ""
	}
	return n.Name
}

// tagsAfter reads a page of the tags.
func (r *Reader) tagsAfter(ctx context.Context, after string) (*graphPage[tagNameNode], error) {
	variables := map[string]string{"owner": r.owner, "name": r.name}
	if after != "" {
		variables["after"] = after
	}
	answer, missing := ask[tagsData](ctx, r, tagsQuery, variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedVersions.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameNumber(answer.Data.Repository.DatabaseID)
	}
	if missing != nil {
		return nil, missing
	}
	return answer.Data.Repository.Refs, nil
}
