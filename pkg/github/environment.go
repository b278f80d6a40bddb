package github

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	environmentSource = "GET /repos/{owner}/{repo}/environments/{environment_name}, its deployment-branch-policies and its deployment_protection_rules"
	// maxEnvironmentReviewers and maxWaitMinutes are GitHub's limits.
	maxEnvironmentReviewers = 6
	maxWaitMinutes          = 43_200
)

// environmentAnswer is an environment as REST has it. The client library does not
// escape its name, and panics on a reviewer without a type.
type environmentAnswer struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// AdminsBypass is in no published description.
	AdminsBypass *bool `json:"can_admins_bypass"`
	// Rules are left out where the plan has none for a private repository.
	Rules answered[[]environmentRule] `json:"protection_rules"`
	Refs  answered[environmentRefs]   `json:"deployment_branch_policy"`
}

type environmentRule struct {
	Type              string                     `json:"type"`
	WaitMinutes       *int                       `json:"wait_timer"`
	PreventSelfReview bool                       `json:"prevent_self_review"`
	Reviewers         []*environmentReviewerNode `json:"reviewers"`
}

type environmentReviewerNode struct {
	Type     string `json:"type"`
	Reviewer *struct {
		ID    int64  `json:"id"`
		Login string `json:"login"` // of a user
		Slug  string `json:"slug"`  // of a team
	} `json:"reviewer"`
}

type environmentRefs struct {
	Protected *bool `json:"protected_branches"`
	Custom    *bool `json:"custom_branch_policies"`
}

// Environment reads how an environment is protected: by GitHub's own rules, by
// patterns for branches and tags, and by apps. Rules of a type that is not known
// are left out, so that an environment seems no better guarded than it is.
//
// That there is none is an answer, when GitHub says so twice of the repository that
// Overview read: here, and in the list of all environments. The token of a workflow
// may read all of this.
//
// Requests: two, the second after the first; with patterns three. Where there is
// none, one more for every hundred environments.
func (r *Reader) Environment(ctx context.Context, name string) fact.Known[fact.Environment] {
	asked := r.below("environments", name)
	missing := r.unread()
	if missing == nil {
		missing = addressable(name)
	}
	if missing != nil {
		return fact.Lost[fact.Environment](*missing)
	}
	found, err := r.readEnvironment(ctx, asked, name)
	if err != nil {
		return fact.Lost[fact.Environment](*r.missing("GET /"+asked, err, fact.NeedEnvironment.TokenPermission()))
	}
	return fact.Of(found, fact.Source{From: environmentSource, URL: found.URL})
}

// readEnvironment reads all of an environment. Its URL is the page with its rules.
func (r *Reader) readEnvironment(ctx context.Context, asked, name string) (fact.Environment, error) {
	settings := r.session().set.Repository.OrZero().URL + "/settings/environments"
	var node environmentAnswer
	_, err := r.read(ctx, asked, "", &node)
	if isNotThere(err) {
		return fact.Environment{Name: name, URL: settings}, r.noEnvironment(ctx, name)
	}
	if err != nil {
		return fact.Environment{}, err
	}
	found, err := r.environment(node, name)
	if err == nil {
		err = r.fillEnvironment(ctx, asked, &found)
	}
	found.URL = fmt.Sprintf("%s/%d/edit", settings, node.ID)
	return found, err
}

// addressable refuses names that would change the address they are put into:
// whoever carries it may take such parts away.
func addressable(environment string) *fact.Missing {
	if environment != "" && environment != "." && environment != ".." {
		return nil
	}
	return &fact.Missing{
		Reason: fact.NotFound, Detail: fmt.Sprintf("no environment can be asked for as %q", environment),
		Fix: "Name the environment of the stage in the policy.",
	}
}

// environment checks the answer about an environment.
func (r *Reader) environment(node environmentAnswer, name string) (fact.Environment, error) {
	found := fact.Environment{Name: node.Name, Exists: true, AdminsBypass: node.AdminsBypass}
	switch {
	case node.ID <= 0 || node.Name == "" || !node.Refs.here || node.Rules.here && node.Rules.value == nil:
		return found, incomplete(fmt.Sprintf("the answer does not hold all of the environment %q", name))
	case !strings.EqualFold(node.Name, name):
		return found, inconsistent(fmt.Sprintf("asked for the environment %q, the answer is about %q", name, node.Name))
	}
	var err error
	if found.Refs, err = node.Refs.value.refs(); err != nil || node.Rules.value == nil {
		return found, err
	}
	seen := map[string]bool{}
	for _, rule := range *node.Rules.value {
		if err := r.addRule(rule, &found); err != nil {
			return found, err
		}
		if seen[rule.Type] && (rule.Type == "wait_timer" || rule.Type == "required_reviewers") {
			return found, inconsistent(fmt.Sprintf("the environment %q has two rules of the type %s", name, rule.Type))
		}
		seen[rule.Type] = true
	}
	return found, nil
}

// refs reads which references are let in; null lets in all.
func (n *environmentRefs) refs() (fact.EnvironmentRefs, error) {
	switch {
	case n == nil:
		return fact.AllRefs, nil
	case n.Protected == nil || n.Custom == nil || *n.Protected == *n.Custom:
		return "", incomplete("the answer does not say whether protected branches or patterns are let in")
	case *n.Protected:
		return fact.ProtectedRefs, nil
	}
	return fact.SelectedRefs, nil
}

// addRule adds what a rule asks for.
func (r *Reader) addRule(rule environmentRule, to *fact.Environment) error {
	switch rule.Type {
	case "":
		return incomplete("a rule of the environment has no type")
	case "wait_timer":
		if rule.WaitMinutes == nil || *rule.WaitMinutes < 0 || *rule.WaitMinutes > maxWaitMinutes {
			return incomplete("the answer does not say how long the environment waits")
		}
		to.WaitMinutes = *rule.WaitMinutes
	case "required_reviewers":
		if rule.Reviewers == nil || len(rule.Reviewers) > maxEnvironmentReviewers {
			return incomplete(fmt.Sprintf("the environment lists %d reviewers; GitHub has a list of up to %d", len(rule.Reviewers), maxEnvironmentReviewers))
		}
		to.PreventSelfReview = rule.PreventSelfReview
		for _, node := range rule.Reviewers {
			reviewer, err := r.environmentReviewer(node)
			if err != nil {
				return err
			}
			to.Reviewers = append(to.Reviewers, reviewer)
		}
	}
	return nil
}

// environmentReviewer reads a reviewer. A team is one of the repository's owner.
func (r *Reader) environmentReviewer(node *environmentReviewerNode) (fact.EnvironmentReviewer, error) {
	if node != nil && node.Reviewer != nil && node.Reviewer.ID > 0 {
		who := node.Reviewer
		switch {
		case node.Type == "User" && who.Login != "":
			return fact.EnvironmentReviewer{Kind: "user", ID: who.ID, Name: who.Login}, nil
		case node.Type == "Team" && who.Slug != "":
			owner, _, _ := strings.Cut(r.session().set.Repository.OrZero().Name, "/")
			return fact.EnvironmentReviewer{Kind: "team", ID: who.ID, Name: cmp.Or(owner, r.owner) + "/" + who.Slug}, nil
		}
	}
	return fact.EnvironmentReviewer{}, incomplete("the answer does not hold all of a reviewer of the environment")
}

// fillEnvironment reads what has addresses of its own, at once.
func (r *Reader) fillEnvironment(ctx context.Context, asked string, environment *fact.Environment) error {
	var patternsErr, appsErr error
	jobs := []func(){func() { environment.Apps, appsErr = r.environmentApps(ctx, asked+"/deployment_protection_rules") }}
	if environment.Refs == fact.SelectedRefs {
		jobs = append(jobs, func() {
			environment.Patterns, patternsErr = r.environmentPatterns(ctx, asked+"/deployment-branch-policies")
		})
	}
	together(jobs)
	if patternsErr != nil {
		return patternsErr
	}
	return appsErr
}
