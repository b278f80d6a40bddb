package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/audit"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// auditFlags are the flags of "stageward audit".
type auditFlags struct {
	repository, stage, policy, file, server string
	facts, saveFacts, format, fail          string
	project                                 string
	review                                  bool
	text                                    textFlags
}

func (a *app) auditCommand() *cobra.Command {
	var flags auditFlags
	command := &cobra.Command{
		Use:   "audit",
		Short: "Hold a repository as it is set up against its policy",
		Long: `Look at what the gates rely on and cannot decide about: which environments there
are and whom they let in, what guards branches and tags, whether the workflows
ask the gate, who can reach which stage, which secrets each environment has.
What is wrong is told the gravest first, with what to do and the commands for it;
where that is long, a list of one line each ends it. It decides nothing.

The token is read from GITHUB_TOKEN or GH_TOKEN. What it may not see is said to be
not known, with the token that may. With --file the policy is one on this machine,
to see before a merge what it would take.

Exit codes: 0 nothing at or above --fail-on, 1 something, 2 bad input or policy, 3 it
could not be found out.`,
		Example: `  GH_TOKEN=$(gh auth token) stageward audit --repo acme/shop
  stageward audit --repo acme/shop --file .github/stageward.yml --review
  stageward audit --repo acme/shop --stage prod --format json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if flags.facts != "" {
				for _, name := range []string{"repo", "policy", "server"} {
					if command.Flags().Changed(name) {
						return fmt.Errorf("--facts says what was known, and about what; leave out --%s", name)
					}
				}
			}
			a.code = exitUndecided
			return a.audit(command.Context(), flags)
		},
	}
	flags.add(command)
	return command
}

func (f *auditFlags) add(command *cobra.Command) {
	set := command.Flags()
	set.StringVar(&f.repository, "repo", "", "repository, as owner/name")
	set.StringVar(&f.stage, "stage", "", "only this stage, and what is about the whole repository")
	set.StringVar(&f.policy, "policy", actions.DefaultPolicy, "path of the policy on the default branch")
	set.StringVar(&f.file, "file", "", "policy file on this machine, instead of the one on the default branch")
	set.StringVar(&f.format, "format", "text", "text, markdown or json")
	f.text.add(command)
	projectFlag(command, &f.project, " (needed then)")
	set.StringVar(&f.fail, "fail-on", actions.DefaultSeverity, "critical, high, medium, low or never: that and worse gives exit code 1")
	set.BoolVar(&f.review, "review", false, "answer the questions of a design review as well")
	set.StringVar(&f.facts, "facts", "", "audit this file of facts instead of asking GitHub")
	set.StringVar(&f.saveFacts, "save-facts", "", "write the facts that were used to this file")
	set.StringVar(&f.server, "server", "", "address of the GitHub server (default: $GITHUB_SERVER_URL or https://github.com)")
}

func (a *app) audit(ctx context.Context, flags auditFlags) error {
	ctx, cancel := context.WithTimeout(ctx, deadline) // from the first question on
	defer cancel()
	defer a.tellRetries()
	style, err := a.style(flags.text)
	if err != nil {
		return a.badInput(err)
	}
	show, err := auditRenderer(flags.format, style)
	if err != nil {
		return a.badInput(err)
	}
	if !slices.Contains(actions.AuditSeverities(), flags.fail) {
		return a.badInput(fmt.Errorf("--fail-on %q: expected one of %s", flags.fail, strings.Join(actions.AuditSeverities(), ", ")))
	}
	looking, err := a.lookingFor(ctx, flags)
	if err != nil {
		return a.giveUp(err)
	}
	facts, rules, err := looking.look(ctx)
	if saved := saveFacts(flags.saveFacts, facts); saved != nil {
		return saved
	}
	if err != nil {
		if errors.Is(err, errProject) {
			return a.badInput(err)
		}
		if shown := a.showProblems(err); shown != nil {
			return a.giveUp(shown)
		}
		return nil
	}
	result := audited(rules, facts, flags.review)
	result.Replayed = flags.facts != ""
	if result, err = onlyStage(result, flags.stage); err != nil {
		return a.badInput(err)
	}
	text, err := show(result)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(a.system.Stdout, text); err != nil {
		return fmt.Errorf("print the audit: %w", err)
	}
	a.code = auditExit(result, flags.fail)
	return nil
}

// badInput gives the error the exit code of bad input.
func (a *app) badInput(err error) error {
	a.code = exitBadInput
	return err
}

func auditRenderer(format string, style report.Style) (func(verdict.Audit) (string, error), error) {
	switch format {
	case "text":
		return func(v verdict.Audit) (string, error) { return report.AuditText(v, style), nil }, nil
	case "markdown":
		return func(v verdict.Audit) (string, error) { return report.AuditSummary(v), nil }, nil
	case "json":
		return func(v verdict.Audit) (string, error) { data, err := report.AuditJSON(v); return string(data), err }, nil
	}
	return nil, fmt.Errorf("--format %q: expected one of text, markdown, json", format)
}

// looking is the one way from a repository to the facts of an audit: that of an
// evaluation, with rules that can come from elsewhere.
type looking struct {
	evaluation
	rules func(fact.Set) (policy.Policy, error)
}

// look returns the facts, and the rules that they are held against.
func (l looking) look(ctx context.Context) (fact.Set, policy.Policy, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	facts := l.first(ctx)
	rules, err := l.rules(facts)
	if err == nil {
		facts = l.rest(ctx, facts, audit.Needs(rules))
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		err = errCancelled // what was not asked any more must not pass for what cannot be seen
	}
	return facts, rules, err
}

var errCancelled = fmt.Errorf("the audit was cancelled before everything was known: %w", context.Canceled)

// oneProject narrows the rules that are read to those of a project.
func oneProject(read func(fact.Set) (policy.Policy, error), project string) func(fact.Set) (policy.Policy, error) {
	return func(facts fact.Set) (policy.Policy, error) {
		rules, err := read(facts)
		if err != nil {
			return rules, err
		}
		return ofProject(rules, project)
	}
}

// lookingFor says where the flags want facts and rules from. After an error
// a.code is what the program ends with.
func (a *app) lookingFor(ctx context.Context, flags auditFlags) (looking, error) {
	a.code = exitBadInput
	read := func(facts fact.Set) (policy.Policy, error) { return policy.Load(facts.Policy, gate.All()) }
	if flags.file != "" {
		read = func(fact.Set) (policy.Policy, error) {
			found, _, err := localPolicy(flags.file, "")
			return found, err
		}
	}
	rules := oneProject(read, flags.project)
	if flags.facts != "" {
		stored, err := loadFacts(flags.facts)
		return looking{replay(stored), rules}, err
	}
	if flags.repository == "" {
		return looking{}, errors.New("say which repository: --repo owner/name")
	}
	if err := actions.CheckPolicyPath("--policy", flags.policy); err != nil {
		return looking{}, err
	}
	config := a.gitHub(flags.server)
	if config.Token == "" {
		return looking{}, errNoToken
	}
	source, err := a.estateOf(ctx, config, flags.repository, flags.policy)
	source.rules = rules
	return source, err
}

// estateOf asks GitHub about a repository, at the tip of its default branch. After
// an error a.code is what the program ends with.
func (a *app) estateOf(ctx context.Context, config github.Config, repository, path string) (looking, error) {
	reader, subject, err := a.atTip(ctx, config, repository, path)
	if err != nil {
		return looking{}, err
	}
	return looking{evaluation: live(reader, subject, fact.Trigger{Event: "audit"})}, nil
}

// atTip returns a reader about the tip of the default branch, for commands that are
// about no other commit. After an error a.code is what the program ends with.
func (a *app) atTip(ctx context.Context, config github.Config, repository, path string) (*github.Reader, fact.Subject, error) {
	found, err := github.DefaultBranch(ctx, config, repository)
	if err != nil {
		return nil, fact.Subject{}, err
	}
	a.code = exitUndecided
	known, missing := found.Get()
	if missing != nil {
		return nil, fact.Subject{}, fmt.Errorf("read the repository: %w", missing)
	}
	subject := fact.Subject{Repository: repository, Ref: fact.BranchRef(known.DefaultBranch), SHA: known.DefaultCommit}
	reader, err := github.NewReader(config, subject, path)
	return reader, subject, err
}

// audited is the audit with or without the questions of a review.
func audited(rules policy.Policy, facts fact.Set, review bool) verdict.Audit {
	result := audit.Of(rules, facts)
	if review {
		result.Review = audit.Review(rules, facts, result)
	}
	return result
}

// onlyStage keeps what is about one stage, and about the whole repository.
func onlyStage(result verdict.Audit, stage string) (verdict.Audit, error) {
	if stage == "" {
		return result, nil
	}
	if !slices.Contains(result.Progression, stage) {
		return result, fmt.Errorf("--stage %q: expected one of %s", stage, strings.Join(result.Progression, ", "))
	}
	result.Points = slices.DeleteFunc(result.Points, func(p verdict.Point) bool { return p.Stage != "" && p.Stage != stage })
	result.Reach = slices.DeleteFunc(result.Reach, func(r verdict.Reach) bool { return r.Stage != stage })
	return result, nil
}

// isFoundOut reports whether it is known how a point stands.
func isFoundOut(p verdict.Point) bool {
	return p.Outcome == verdict.Pass || p.Outcome == verdict.Fail
}

// auditExit returns the exit code of an audit. What could not be checked fails
// nothing, unless that is all: the token of a workflow can never see all of it.
func auditExit(result verdict.Audit, fail string) int {
	if !slices.ContainsFunc(result.Points, isFoundOut) {
		return exitUndecided
	}
	for _, point := range result.Points {
		if point.Outcome == verdict.Fail && slices.Index(verdict.SeverityNames(), point.Severity.String()) <= slices.Index(verdict.SeverityNames(), fail) {
			return exitRefused
		}
	}
	return exitAllow
}
