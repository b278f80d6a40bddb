package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// BranchesGuarded holds where nobody can rewrite a branch that a stage takes, or
// change it without somebody else's word. The default branch is always one: the
// policy is read from it.
var BranchesGuarded = register(Check{
	ID:       "branches-guarded",
	Title:    "The branches of restricted stages are guarded",
	Why:      "What is on these branches is deployed, and the policy is read from the default branch: who changes them alone changes what is deployed, or what is asked for it.",
	Severity: verdict.Critical,
	Needs: func(rules policy.Policy) []fact.Need {
		return append(guardNeeds(rules), fact.Need{Kind: fact.NeedWorkflows})
	},
	Ask: func(in Input) []verdict.Point {
		return in.guarded(branchTargets(in.Rules, in.Repository.DefaultBranch), in.branchTopics)
	},
})

// topic is what is wrong in one go: demands that one ruleset meets.
type topic struct {
	code     string
	severity verdict.Severity
	demands  []demand
	// about is what a ruleset for it is called, fix what to do beside it.
	about, fix string
	bypass     []bypassBody
	// before are the commands that tell what to put into the ruleset.
	before []string
	// instead is the topic that says the same in other words, where it is wrong.
	instead string
}

// noStage is the point of an audit where every stage is open.
func noStage() []verdict.Point {
	return []verdict.Point{about{"", verdict.Low}.beside("no stage of the policy asks for anything")}
}

// guarded holds targets against what has to hold for them.
func (in Input) guarded(targets []target, topics func(target) []topic) []verdict.Point {
	if len(restricted(in.Rules)) == 0 {
		return noStage()
	}
	var points []verdict.Point
	for _, each := range targets {
		points = append(points, in.guardedTarget(each, topics(each))...)
	}
	return points
}

// guardedTarget returns what is wrong and what is not known about a target, or
// that all of it is fine. What is not known is one point: its cause is one.
func (in Input) guardedTarget(t target, topics []topic) []verdict.Point {
	var points []verdict.Point
	var unmet, unsure, met []string
	var unknown *fact.Missing
	gravest := verdict.Low
	for _, each := range topics {
		met = append(met, each.about)
		lacking, example, missing := in.askTopic(t, each)
		switch {
		case slices.Contains(unmet, each.instead):
		case len(lacking) > 0:
			points, unmet = append(points, in.lacks(t, each, lacking, example)), append(unmet, each.code)
		case missing != nil:
			unknown, unsure, gravest = missing, append(unsure, each.about), min(gravest, each.severity)
		}
	}
	if unknown != nil {
		point := about{t.stage, gravest}.unknown(fmt.Sprintf("what guards %s of %s", strings.Join(unsure, ", "), t), unknown, adminToken)
		point.Limit = in.planLimit()
		points = append(points, point)
	}
	if len(points) > 0 {
		return points
	}
	return []verdict.Point{about{t.stage, verdict.High}.fine(fmt.Sprintf("%s: active rules guard %s", t, strings.Join(met, ", ")))}
}

// askTopic holds a target against one topic: which demands are not met, an example
// of a name for which they are not, and why that of others is not known.
func (in Input) askTopic(t target, asked topic) (lacking []demand, example string, unknown *fact.Missing) {
	for _, each := range asked.demands {
		switch found := in.met(t, each); {
		case found.no():
			lacking, example = append(lacking, each), found.example
		case !found.yes() && unknown == nil:
			unknown = found.missing
		}
	}
	return lacking, example, unknown
}

// lacks is the point that demands of a topic are not met.
func (in Input) lacks(t target, asked topic, lacking []demand, example string) verdict.Point {
	var parts []string
	var rules []ruleBody
	for _, each := range lacking {
		parts = append(parts, each.lack)
		rules = append(rules, each.mend)
	}
	reason := fmt.Sprintf("%s: %s", t, strings.Join(parts, ", and "))
	if example != "" {
		reason += fmt.Sprintf("; such as %+q", example)
	}
	if t.kind == fact.Branch && !t.oneBranch() {
		reason += ". Classic rules of branch protection that are for a pattern are not looked at"
	}
	fix := "Make a ruleset for it; rulesets add up, so those that are there stay as they are." + asked.fix
	how := append(slices.Clone(asked.before), in.newRuleset(t, asked.about, rules, asked.bypass...))
	var seen []verdict.Evidence
	if asleep := in.asleep(t, lacking); len(asleep) > 0 {
		set := asleep[0]
		seen = linkTo(set)
		reason += fmt.Sprintf(". The ruleset %+q would guard it if it were active; its enforcement is %+q, which guards nothing", set.Name, set.Enforcement)
		fix, how = "Make the ruleset active.", commands(in.changed(set, `.enforcement = "active"`))
		if len(how) == 0 {
			fix = fmt.Sprintf("Ask whoever owns the rulesets of %+q to make it active.", set.Source)
		}
	}
	point := about{t.stage, asked.severity}.wrong(asked.code, reason, fix, how...)
	point.Limit, point.Evidence = in.planLimit(), seen
	return point
}

// linkTo is the page of a ruleset.
func linkTo(set fact.Ruleset) []verdict.Evidence {
	return []verdict.Evidence{{Text: fmt.Sprintf("ruleset %+q", set.Name), URL: set.URL}}
}

// history are what keeps a branch from losing what was on it.
func history() []demand {
	return []demand{
		{
			lack: "a force push can rewrite its history",
			rule: ofType("non_fast_forward", "update"), classic: func(p fact.Protection) bool { return !p.ForcePush || p.Locked },
			mend: ruleBody{Type: "non_fast_forward"},
		},
		{
			lack: "it can be deleted",
			rule: ofType("deletion"), classic: func(p fact.Protection) bool { return !p.Deletion },
			mend: ruleBody{Type: "deletion"},
		},
	}
}

// approval is what keeps one person from changing a branch alone.
func approval(policyBranch bool) demand {
	return demand{
		lack:    "it can be changed without a pull request that somebody else approved",
		rule:    func(rule fact.Rule) bool { return rule.Type == pullRequest && rule.Approvals > 0 },
		classic: func(p fact.Protection) bool { return p.Reviews != nil && p.Reviews.Approvals > 0 },
		mend:    pullRequestRule(policyBranch),
	}
}

const pullRequest = "pull_request"

// pullRequestRule is the rule that asks for reviews, whole: of two such rules the
// stricter counts.
func pullRequestRule(codeOwners bool) ruleBody {
	return ruleBody{Type: pullRequest, Parameters: pullRequestBody{Approvals: 1, DismissStale: true, LastPush: true, CodeOwners: codeOwners}}
}

// strictReview are what makes an approval one of what is merged.
func strictReview(policyBranch bool) []demand {
	return []demand{
		{
			lack:    "who pushed last to a pull request can be the one who approves it",
			rule:    func(rule fact.Rule) bool { return rule.Type == pullRequest && rule.LastPush },
			classic: func(p fact.Protection) bool { return p.Reviews != nil && p.Reviews.LastPush },
			mend:    pullRequestRule(policyBranch),
		},
		{
			lack:    "an approval stays when other commits are pushed",
			rule:    func(rule fact.Rule) bool { return rule.Type == pullRequest && rule.DismissStale },
			classic: func(p fact.Protection) bool { return p.Reviews != nil && p.Reviews.DismissStale },
			mend:    pullRequestRule(policyBranch),
		},
	}
}

// noName stands for the name of a check where the policy names none.
const noName = "NAME OF A CHECK"

// namedChecks returns the checks that the policy names and that a pull request can
// have, each once; ok is false where there are none.
func (in Input) namedChecks() (checks []statusCheckBody, ok bool) {
	for _, each := range restricted(in.Rules) {
		for _, asked := range each.Gates {
			feedback, _ := asked.Check.Feedback()
			for _, check := range feedback.Checks {
				named := statusCheckBody{Context: check.Name}
				if !slices.Contains(checks, named) && in.runsOnPulls(check.Workflow) {
					checks = append(checks, named)
				}
			}
		}
	}
	if len(checks) == 0 {
		return []statusCheckBody{{Context: noName}}, false
	}
	return checks, true
}

// runsOnPulls is false of a workflow that no pull request starts: a ruleset that
// asks for a check of it lets nobody merge. Of one that was not read it is true.
func (in Input) runsOnPulls(path string) bool {
	files, _ := in.workflows() //nolint:errcheck // without them nothing is known of what reports
	at := slices.IndexFunc(files, func(file workflowFile) bool { return file.Path == path && file.unread == nil })
	if at < 0 {
		return true
	}
	_, ok := files[at].read.On("pull_request")
	return ok
}

// someChecks is what keeps what fails from being merged.
func someChecks(names []statusCheckBody) demand {
	return demand{
		lack: "no check has to succeed before something is merged",
		rule: func(rule fact.Rule) bool {
			return rule.Type == "required_status_checks" && len(rule.Checks) > 0 || rule.Type == "workflows" && len(rule.Workflows) > 0
		},
		classic: func(p fact.Protection) bool { return len(p.Checks) > 0 },
		mend:    ruleBody{Type: "required_status_checks", Parameters: statusChecksBody{Checks: names}},
	}
}

// signatures is what keeps commits without a signature out.
func signatures() demand {
	return demand{
		lack:    "commits without a signature can come onto it, and its stage will refuse them",
		rule:    ofType("required_signatures"),
		classic: func(p fact.Protection) bool { return p.Signatures },
		mend:    ruleBody{Type: "required_signatures"},
	}
}

// aloneFix keeps one person from being shut out of their own repository.
const aloneFix = " Whoever works alone cannot approve an own pull request, and could merge nothing any more: then do not run it, and accept the risk."

// branchTopics returns what has to hold for a branch.
func (in Input) branchTopics(t target) []topic {
	topics := []topic{
		{code: "history-can-change", severity: verdict.High, about: "the history", demands: history()},
		{
			code: "unreviewed", severity: reviewSeverity(in.Rules, t), about: "changes", demands: []demand{approval(t.isDefault())},
			fix: aloneFix,
		},
		{code: "weak-review", instead: "unreviewed", severity: verdict.Medium, about: "approvals", demands: strictReview(t.isDefault())},
		in.checksTopic(t),
	}
	if t.signed {
		topics = append(topics, topic{code: "unsigned", severity: verdict.Medium, about: "signatures", demands: []demand{signatures()}})
	}
	return topics
}

// checksTopic is that checks have to succeed. One that a ruleset names and that
// never reports stops every merge.
func (in Input) checksTopic(t target) topic {
	names, ok := in.namedChecks()
	asked := topic{code: "no-checks", severity: verdict.Medium, about: "checks", demands: []demand{someChecks(names)}}
	if ok {
		asked.fix = " It has the checks that the policy names; leave out those that do not report on pull requests, since one that never reports stops every merge."
		return asked
	}
	asked.fix = " Put the names of checks that run on pull requests in place of " + noName + ": the first command shows those of the newest pull request. One that never reports stops every merge."
	asked.before = []string{"gh pr list --repo " + shell(in.repository()) + " --base " + shell(in.branchName(t)) + " --state all --limit 1 --json statusCheckRollup --jq '.[].statusCheckRollup[] | .name // .context'"}
	return asked
}

// branchName is a branch of a target, to look at its checks.
func (in Input) branchName(t target) string {
	if t.oneBranch() && !t.isDefault() {
		return t.pattern.String()
	}
	return in.Repository.DefaultBranch
}

// reviewSeverity is how bad it is that somebody can change a branch alone. On the
// default branch that changes the policy itself; where the policy asks nobody else
// either, it is as the policy wants it.
func reviewSeverity(rules policy.Policy, t target) verdict.Severity {
	asks := slices.ContainsFunc(restricted(rules), func(s policy.Stage) bool { return enforces(s, gate.Reviewed, gate.Approved) })
	switch {
	case !asks:
		return verdict.Low
	case t.isDefault():
		return verdict.Critical
	}
	return verdict.High
}
