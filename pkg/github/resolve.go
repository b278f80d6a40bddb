package github

import (
	"context"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// Resolve reads where a reference points, for a caller who knows its name
// only. The error is that of NewReader; the subject's commit and the policy do
// not matter here.
func Resolve(ctx context.Context, config Config, repository string, ref fact.Ref) (fact.Known[fact.RefTarget], error) {
	reader, err := newReader(config, fact.Subject{Repository: repository, Ref: ref})
	if err != nil {
		return fact.Known[fact.RefTarget]{}, err
	}
	return reader.RefTarget(ctx), nil
}

const repositoryQuery = `# Which repository it is, and its default branch.
query StagewardRepository($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    url
    defaultBranchRef { name target { __typename oid } }
  }
}
`

// DefaultBranch reads which repository has a name and what the tip of its default
// branch is, for a caller who has no reference. The error is that of NewReader.
func DefaultBranch(ctx context.Context, config Config, repository string) (fact.Known[fact.Repository], error) {
	reader, err := newReader(config, fact.Subject{Repository: repository, Ref: fact.BranchRef("none")})
	if err != nil {
		return fact.Known[fact.Repository]{}, err
	}
	return reader.named(ctx), nil
}

// named reads which repository has the name.
func (r *Reader) named(ctx context.Context) fact.Known[fact.Repository] {
	answer, missing := ask[overviewNode](ctx, r, repositoryQuery, map[string]string{"owner": r.owner, "name": r.name})
	if missing == nil {
		missing = r.identity(answer)
	}
	if missing != nil {
		return fact.Lost[fact.Repository](*missing)
	}
	found, missing := repositoryFact(answer)
	return knownIf(found, fact.Source{From: graphSource, URL: found.URL}, missing)
}

// Interfaces returns the addresses of the two interfaces that belong to a
// server: those of github.com, of a tenant of ghe.com, or of an installation
// of GitHub Enterprise Server.
// Source: https://docs.github.com/enterprise-server/rest/overview and
// https://docs.github.com/enterprise-cloud@latest/admin/data-residency
func Interfaces(server string) (api, graphQL string) {
	host := strings.ToLower(strings.TrimPrefix(strings.TrimSuffix(server, "/"), "https://"))
	if host == "github.com" || strings.HasSuffix(host, ".ghe.com") {
		return "https://api." + host, "https://api." + host + "/graphql"
	}
	return "https://" + host + "/api/v3", "https://" + host + "/api/graphql"
}
