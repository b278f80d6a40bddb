package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
)

// Config says where GitHub is and how to speak to it.
type Config struct {
	// ServerURL is the address of the website, such as "https://github.com".
	// The other two addresses are believed only if they belong to it.
	ServerURL string
	// APIURL and GraphQLURL are the addresses of the two interfaces, such as
	// "https://api.github.com" and "https://api.github.com/graphql".
	APIURL     string
	GraphQLURL string
	// Token is sent with every request but those about teams, to the host of
	// APIURL only.
	Token string
	// PeopleToken is sent with the requests about teams and with no other, to
	// the same host: the token of a workflow cannot read who is in a team. It
	// needs to read the members of the organisation. "" means that there is none.
	PeopleToken string
	// RepositoryID is GitHub's number of the repository that the run is of, 0 where
	// nobody said. A name passes on: who renames a repository leaves it to whoever
	// makes another one of that name. An answer about another number is then
	// Inconsistent.
	RepositoryID int64
	// Transport carries the requests; nil means an ordinary http.Transport,
	// which honours the proxy variables of the environment.
	Transport http.RoundTripper
	// Sleep waits between two attempts and returns early with the context's
	// error; nil means a real timer.
	Sleep func(context.Context, time.Duration) error
	// Now is the runner's clock. It only decides how long to wait, never
	// what time a fact bears. It must not be nil.
	Now func() time.Time
	// Timeout bounds one attempt including its body; 0 means 30 seconds.
	Timeout time.Duration
	// Retried is told of each read that is sent again, after the pause and
	// before the request; nil means that nobody listens. Requests run side by
	// side, so it has to be safe for concurrent use, and the request waits
	// for it. See Retries.
	Retried func(Retry)
}

const defaultTimeout = 30 * time.Second

// addresses are the checked addresses of a Config.
type addresses struct {
	api, graphQL *url.URL
}

// addresses checks where the token would go: https, no user information, and
// the website's own host or its "api." neighbour, compared with the port.
func (c Config) addresses() (addresses, error) {
	server, err := parseAddress("server", c.ServerURL)
	if err != nil {
		return addresses{}, err
	}
	api, err := parseAddress("API", c.APIURL)
	if err != nil {
		return addresses{}, err
	}
	graphQL, err := parseAddress("GraphQL", c.GraphQLURL)
	if err != nil {
		return addresses{}, err
	}
	if strings.Trim(server.Path, "/") != "" {
		return addresses{}, errors.New("check server address: it must be https:// and a host, without a path")
	}
	if api.Host != server.Host && api.Host != "api."+server.Host {
		return addresses{}, fmt.Errorf("check API address: host %q is neither %q nor %q; the token goes to GitHub only", api.Host, server.Host, "api."+server.Host)
	}
	if graphQL.Host != api.Host {
		return addresses{}, fmt.Errorf("check GraphQL address: host %q is not the host %q of the API", graphQL.Host, api.Host)
	}
	api.Path = strings.TrimSuffix(api.Path, "/") + "/" // go-github wants it
	return addresses{api: api, graphQL: graphQL}, nil
}

// parseAddress parses one address. The error never repeats the text, which
// may hold a password.
func parseAddress(name, text string) (*url.URL, error) {
	address, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("check %s address: it is not a URL", name)
	case address.Scheme != "https":
		return nil, fmt.Errorf("check %s address: it must begin with https://", name)
	case address.User != nil:
		return nil, fmt.Errorf("check %s address: it must not hold a user name", name)
	case address.Hostname() == "" || strings.HasSuffix(address.Host, ":"):
		return nil, fmt.Errorf("check %s address: it has no host", name)
	case address.RawQuery != "" || address.ForceQuery || address.Fragment != "" || address.RawPath != "":
		return nil, fmt.Errorf("check %s address: it must be a plain host and path", name)
	}
	address.Host = strings.ToLower(address.Host)
	return address, nil
}

// checkToken refuses what cannot be a token. A newline in it could smuggle a
// header; an empty one would ask as nobody and hear less.
func checkToken(token string) error {
	if strings.TrimSpace(token) == "" {
		return errors.New("check token: it is empty; pass the token input, such as ${{ github.token }} of the workflow")
	}
	return checkTokenText("token", token)
}

// checkTokenText is for a token that may be left out. name says which it is.
func checkTokenText(name, token string) error {
	for _, char := range []byte(token) {
		if char <= ' ' || char > '~' {
			return fmt.Errorf("check %s: it holds a space, a line break or another character that no token has", name)
		}
	}
	return nil
}

// secrets are texts that nobody may get to see, the longest first: one may be
// the beginning of another.
type secrets []string

func (c Config) secrets() secrets {
	all := slices.DeleteFunc(secrets{c.Token, c.PeopleToken}, func(secret string) bool { return secret == "" })
	order.By(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return all
}

// hide returns the text with "***" in place of each secret. No text of ours is
// made from a token. Should one ever be, or should an answer repeat one, it
// stops here.
func (s secrets) hide(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

var (
	ownerPattern = lazy.New(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
	namePattern  = lazy.New(`^[A-Za-z0-9._-]{1,100}$`)
	pathPattern  = lazy.New(`^[A-Za-z0-9._/-]{1,255}$`)
	loginPattern = lazy.New(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$`)
)

// splitRepository takes "owner/name" apart and refuses every other form, so
// that neither part can change the path of a request.
func splitRepository(repository string) (owner, name string, err error) {
	owner, name, _ = strings.Cut(repository, "/")
	if !ownerPattern.MatchString(owner) || !namePattern.MatchString(name) || name == "." || name == ".." {
		return "", "", fmt.Errorf("check repository %q: it is not owner/name", repository)
	}
	return owner, name, nil
}

// checkPolicyPath accepts a path relative to the root of the repository,
// written in the one way git writes it.
func checkPolicyPath(path string) error {
	if !pathPattern.MatchString(path) {
		return fmt.Errorf("check policy path %q: use letters, digits and . _ - / only", path)
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." {
			return fmt.Errorf("check policy path %q: it must be relative to the repository's root, without empty parts or dots as parts", path)
		}
	}
	return nil
}
