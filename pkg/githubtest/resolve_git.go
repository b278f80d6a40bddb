package githubtest

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxBlobText is how much of a file GitHub's GraphQL API shows, in bytes.
const maxBlobText = 512_000

func (*commit) graphqlType() string { return "Commit" }
func (*tag) graphqlType() string    { return "Tag" }
func (*tree) graphqlType() string   { return "Tree" }
func (*blob) graphqlType() string   { return "Blob" }

// graphqlType tells the two kinds of signature apart by their first line.
func (s *signature) graphqlType() string {
	if strings.HasPrefix(s.text, sshBegin) {
		return "SshSignature"
	}
	return "GpgSignature"
}

// gitObject returns an object of the store, or nil.
func (r *repository) gitObject(id string) any {
	stored := r.objects[id]
	switch stored.kind {
	case "commit":
		return r.commits[id]
	case "tag":
		return r.tags[id]
	case "tree":
		return &tree{id: id, entries: r.objects.entries(id)}
	case "blob":
		return &blob{id: id, content: stored.body}
	default:
		return nil
	}
}

func gitResolvers() resolvers {
	return resolvers{
		"Ref":          refResolvers(),
		"Comparison":   comparisonResolvers(),
		"Commit":       commitResolvers(),
		"Tag":          tagResolvers(),
		"Tree":         treeResolvers(),
		"TreeEntry":    treeEntryResolvers(),
		"Blob":         blobResolvers(),
		"GitActor":     identityResolvers(),
		"SshSignature": signatureResolvers(),
		"GpgSignature": signatureResolvers(),
	}
}

func refResolvers() map[string]resolver {
	return map[string]resolver{
		"id":      get(func(r *ref) any { return nodeID("Ref", r.name) }),
		"name":    get(func(r *ref) any { _, name := r.split(); return name }),
		"prefix":  get(func(r *ref) any { prefix, _ := r.split(); return prefix }),
		"target":  on(func(q *query, r *ref, _ arguments) (any, error) { return q.repo.gitObject(r.target), nil }),
		"compare": on(resolveCompare),
	}
}

func comparisonResolvers() map[string]resolver {
	return map[string]resolver{
		"status":     get(func(c *comparison) any { return strings.ToUpper(c.status) }),
		"aheadBy":    get(func(c *comparison) any { return len(c.ahead) }),
		"behindBy":   get(func(c *comparison) any { return len(c.behind) }),
		"baseTarget": get(func(c *comparison) any { return c.base }),
		"headTarget": get(func(c *comparison) any { return c.head }),
		"commits": on(func(q *query, c *comparison, args arguments) (any, error) {
			return paginate(q, c.ahead, len(c.ahead), args)
		}),
	}
}

func tagResolvers() map[string]resolver {
	return map[string]resolver{
		"oid":     get(func(t *tag) any { return t.id }),
		"name":    get(func(t *tag) any { return t.name }),
		"message": get(func(t *tag) any { return t.message }),
		"tagger":  get(func(t *tag) any { return &t.tagger }),
		"target":  on(func(q *query, t *tag, _ arguments) (any, error) { return q.repo.gitObject(t.target), nil }),
	}
}

func treeResolvers() map[string]resolver {
	return map[string]resolver{
		"oid":     get(func(t *tree) any { return t.id }),
		"entries": get(func(t *tree) any { return t.entries }),
	}
}

func treeEntryResolvers() map[string]resolver {
	return map[string]resolver{
		"name":   get(func(e treeEntry) any { return e.name }),
		"oid":    get(func(e treeEntry) any { return e.id }),
		"type":   get(func(e treeEntry) any { return e.kind }),
		"mode":   on(func(_ *query, e treeEntry, _ arguments) (any, error) { return strconv.ParseInt(e.mode, 8, 32) }),
		"object": on(func(q *query, e treeEntry, _ arguments) (any, error) { return q.repo.gitObject(e.id), nil }),
	}
}

// split cuts a full name where GitHub does: refs/heads/ and main.
func (r *ref) split() (prefix, name string) {
	parts := strings.SplitAfterN(r.name, "/", 3)
	return parts[0] + parts[1], parts[2]
}

func resolveCompare(q *query, r *ref, args arguments) (any, error) {
	base, head := q.repo.commits[q.repo.peel(r.target)], q.repo.revision(args.text("headRef"))
	if base == nil || head == nil {
		return nil, nil
	}
	return q.repo.compare(base, head), nil
}

func commitResolvers() map[string]resolver {
	return map[string]resolver{
		"id":             get(func(c *commit) any { return nodeID("Commit", c.id) }),
		"oid":            get(func(c *commit) any { return c.id }),
		"abbreviatedOid": get(func(c *commit) any { return c.id[:7] }),
		"url": on(func(q *query, c *commit, _ arguments) (any, error) {
			return q.repo.html(q.site, "/commit/%s", c.id), nil
		}),
		"message":         get(func(c *commit) any { return strings.TrimSuffix(c.message, "\n") }),
		"messageHeadline": get(func(c *commit) any { return c.headline() }),
		"committedDate":   get(func(c *commit) any { return instant(c.committer.when) }),
		"authoredDate":    get(func(c *commit) any { return instant(c.author.when) }),
		"committedViaWeb": get(func(c *commit) any { return c.committer.email == webFlowEmail }),
		"author":          get(func(c *commit) any { return &c.author }),
		"committer":       get(func(c *commit) any { return &c.committer }),
		"signature":       get(func(c *commit) any { return c.signature }),
		"tree":            on(func(q *query, c *commit, _ arguments) (any, error) { return q.repo.gitObject(c.tree), nil }),
		"parents": on(func(q *query, c *commit, args arguments) (any, error) {
			parents := make([]any, len(c.parents))
			for i, id := range c.parents {
				parents[i] = q.repo.commits[id]
			}
			return paginate(q, parents, len(parents), args)
		}),
		"history": on(func(q *query, c *commit, args arguments) (any, error) {
			reached := without(q.repo.ancestors(c), nil)
			slices.Reverse(reached)
			return paginate(q, reached, len(reached), args)
		}),
		"associatedPullRequests": needs("pull-requests", on(func(q *query, c *commit, args arguments) (any, error) {
			pulls := q.repo.pullsOf(c)
			return paginate(q, pulls, len(pulls), args)
		})),
		"checkSuites":       needs("checks", on(resolveSuites)),
		"status":            needs("statuses", on(resolveStatus)),
		"deployments":       needs("deployments", on(resolveDeploymentsOfCommit)),
		"statusCheckRollup": needs("checks", needs("statuses", on(resolveRollup))),
	}
}

func blobResolvers() map[string]resolver {
	binary := func(b *blob) bool { return bytes.IndexByte(b.content, 0) >= 0 || !utf8.Valid(b.content) }
	return map[string]resolver{
		"oid":         get(func(b *blob) any { return b.id }),
		"byteSize":    get(func(b *blob) any { return len(b.content) }),
		"isBinary":    get(func(b *blob) any { return binary(b) }),
		"isTruncated": get(func(b *blob) any { return len(b.content) > maxBlobText }),
		"text": get(func(b *blob) any {
			if binary(b) {
				return nil
			}
			return string(b.content[:min(len(b.content), maxBlobText)])
		}),
	}
}

func identityResolvers() map[string]resolver {
	return map[string]resolver{
		"name":  get(func(i *identity) any { return i.name }),
		"email": get(func(i *identity) any { return i.email }),
		"date":  get(func(i *identity) any { return instant(i.when) }),
		// The type is User here even for a bot, and the login keeps its suffix.
		"user": get(func(i *identity) any { return userOf(i.account) }),
	}
}

func signatureResolvers() map[string]resolver {
	return map[string]resolver{
		"isValid":           get(func(s *signature) any { return s.verified }),
		"state":             get(func(s *signature) any { return reasons()[s.reason] }),
		"wasSignedByGitHub": get(func(s *signature) any { return s.byGitHub }),
		"signer":            get(func(s *signature) any { return userOf(s.signer) }),
		"email":             get(func(s *signature) any { return s.email }),
		"payload":           get(func(s *signature) any { return s.shown }),
		"signature":         get(func(s *signature) any { return s.text }),
		"verifiedAt":        get(func(s *signature) any { return instant(s.verifiedAt) }),
	}
}
