package github

import (
	"context"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
)

const (
	namesSource            = "GET /repos/{owner}/{repo}/actions/secrets"
	environmentNamesSource = "GET /repos/{owner}/{repo}/environments/{environment_name}/secrets"
)

// secretPattern is what GitHub takes for the name of a secret. Source: "Naming your
// secrets" in its documentation.
var secretPattern = lazy.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// secretsAnswer is a page of names. GitHub tells nobody the values.
type secretsAnswer struct {
	Total   *int `json:"total_count"`
	Secrets []*struct {
		Name string `json:"name"`
	} `json:"secrets"`
}

func (a secretsAnswer) items() ([]string, int, error) {
	if a.Total == nil || a.Secrets == nil {
		return nil, 0, incomplete("the answer has no list of secrets, or no total")
	}
	var names []string
	for _, secret := range a.Secrets {
		if secret == nil || !secretPattern.MatchString(secret.Name) {
			return nil, 0, incomplete("the answer does not hold the name of a secret")
		}
		names = append(names, secret.Name)
	}
	return names, *a.Total, nil
}

// Secrets reads the names of the secrets of an environment, or, for "", of those
// that the repository itself has, in order. Those that the organisation shares
// with the repository are not among them. The token of a workflow is refused,
// whatever permissions it has.
//
// Requests: one for every hundred.
func (r *Reader) Secrets(ctx context.Context, environment string) fact.Known[[]string] {
	missing := r.unread()
	asked, source, page := r.below("actions", "secrets"), namesSource, "/settings/secrets/actions"
	if environment != "" {
		asked, source, page = r.below("environments", environment, "secrets"), environmentNamesSource, "/settings/environments"
		if missing == nil {
			missing = addressable(environment)
		}
	}
	if missing != nil {
		return fact.Lost[[]string](*missing)
	}
	names, err := listBelow[secretsAnswer](ctx, r, asked, "", strings.ToUpper)
	if err != nil {
		return fact.Lost[[]string](*r.secretsMissing(asked, err, environment))
	}
	order.By(names, strings.Compare)
	return fact.Of(names, fact.Source{From: source, URL: r.session().set.Repository.OrZero().URL + page})
}

// secretsMissing says which token could read what this one may not. GitHub says
// "not found" of an environment that is not there.
func (r *Reader) secretsMissing(asked string, err error, environment string) *fact.Missing {
	lost := r.missing("GET /"+asked, err, "")
	if !isHidden(err) {
		return lost
	}
	permission, question := `"Secrets: read"`, ""
	if environment != "" {
		permission = `"Environments: read"`
	}
	if environment != "" && lost.Reason == fact.NotFound {
		question = "Is there such an environment? "
	}
	lost.Fix = question + "The token of a workflow can never read the names of secrets. Use one of somebody who may: a fine-grained token with " +
		permission + " of the repository, or a classic one with the scope repo."
	return lost
}
