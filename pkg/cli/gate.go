package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/report"
)

// gateFlags are the flags of "stageward gate".
type gateFlags struct {
	repository, ref, sha, stage, policy, actor string
	facts, saveFacts, format, fail, server     string
	workflow, breakGlass, project              string
	rollback                                   bool
	text                                       textFlags
}

func (a *app) gateCommand() *cobra.Command {
	var flags gateFlags
	command := &cobra.Command{
		Use:   "gate",
		Short: "Decide about a branch or tag",
		Long: `Decide whether the commit behind a branch or tag may go to its stage, by the
same rules as the action does.

The token is read from GITHUB_TOKEN or GH_TOKEN, never from a flag: a command
line can be read by every process on the machine. Roles that name teams take a
second token, which may read the members of the organisation, in
STAGEWARD_PEOPLE_TOKEN. With --facts nothing is asked
of GitHub; the decision is made again from facts that were saved before.`,
		Example: `  stageward gate --repo acme/shop --ref refs/tags/v1.2.3
  stageward gate --repo acme/shop --ref refs/heads/main --save-facts facts.json
  stageward gate --facts facts.json --format markdown`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if flags.facts != "" {
				for _, name := range []string{"repo", "ref", "sha", "policy", "actor", "server", "workflow", "rollback", "break-glass"} {
					if command.Flags().Changed(name) {
						return fmt.Errorf("--facts says what was known, and about what; leave out --%s", name)
					}
				}
			}
			a.code = exitUndecided // until something is decided
			return a.gate(command.Context(), flags)
		},
	}
	set := command.Flags()
	set.StringVar(&flags.repository, "repo", "", "repository, as owner/name")
	set.StringVar(&flags.ref, "ref", "", "full reference, such as refs/heads/main or refs/tags/v1.2.3")
	set.StringVar(&flags.sha, "sha", "", "full commit id (default: what the reference points at)")
	set.StringVar(&flags.stage, "stage", "", "stage, where the reference matches more than one")
	set.StringVar(&flags.project, "project", "", "project, where the policy has several (default: all that the reference concerns)")
	set.StringVar(&flags.actor, "actor", "", "login of whoever would deploy, for the gate deployer-allowed")
	set.StringVar(&flags.workflow, "workflow", "", "path of the workflow that would deploy, for the gates that go by it")
	set.BoolVar(&flags.rollback, "rollback", false, "ask to go back to a commit that was on the stage before")
	set.StringVar(&flags.breakGlass, "break-glass", "", "ask to deploy although gates are not met, for this reason")
	set.StringVar(&flags.policy, "policy", actions.DefaultPolicy, "path of the policy on the default branch")
	set.StringVar(&flags.facts, "facts", "", "decide from this file of facts instead of asking GitHub")
	set.StringVar(&flags.saveFacts, "save-facts", "", "write the facts that were used to this file")
	set.StringVar(&flags.format, "format", "text", "text, markdown or json")
	flags.text.add(command)
	set.StringVar(&flags.fail, "fail-on", string(actions.FailOnWait), "wait, deny or never: which decisions give exit code 1")
	set.StringVar(&flags.server, "server", "", "address of the GitHub server (default: $GITHUB_SERVER_URL or https://github.com)")
	return command
}

func (a *app) gate(ctx context.Context, flags gateFlags) error {
	style, err := a.style(flags.text)
	if err != nil {
		return err
	}
	show, err := renderer(flags.format, style)
	if err != nil {
		return err
	}
	fail, err := parseFailOn(flags.fail)
	if err != nil {
		return err
	}
	facts, result, err := a.evaluate(ctx, flags)
	if err != nil {
		return err
	}
	if err := saveFacts(flags.saveFacts, facts); err != nil {
		return err
	}
	result = result.unlessCancelled(ctx)
	text, err := show(result)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(a.system.Stdout, text); err != nil {
		return fmt.Errorf("print the verdict: %w", err)
	}
	a.code = result.exit(fail)
	if a.code == exitAllow && result.replayed() && a.system.Getenv("GITHUB_ACTIONS") == "true" {
		a.code = exitRefused // a step that goes on after it would deploy on old facts
	}
	return nil
}

// evaluate returns the facts and the verdict that the flags ask for, and tells
// which questions had to be asked again.
func (a *app) evaluate(ctx context.Context, flags gateFlags) (fact.Set, ruling, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline) // where the reference points is a question too
	defer cancel()
	defer a.tellRetries()
	evaluation, err := a.evaluationFor(ctx, flags)
	if err != nil {
		return fact.Set{}, ruling{}, err
	}
	facts, result := evaluation.run(ctx)
	return facts, result, nil
}

// tellRetries says which questions had to be asked again.
func (a *app) tellRetries() {
	for _, line := range a.retries.Lines() {
		fmt.Fprintf(a.system.Stderr, "stageward: %s\n", actions.Inert(line))
	}
}

// evaluationFor returns the evaluation that the flags ask for: stored facts,
// or GitHub's.
func (a *app) evaluationFor(ctx context.Context, flags gateFlags) (evaluation, error) {
	if flags.facts != "" {
		stored, err := loadFacts(flags.facts)
		if err != nil {
			return evaluation{}, err
		}
		stored.Trigger.Stage = cmp.Or(flags.stage, stored.Trigger.Stage)
		stored.Trigger.Project = cmp.Or(flags.project, stored.Trigger.Project)
		return replay(stored), nil
	}
	if err := actions.CheckPolicyPath("--policy", flags.policy); err != nil {
		return evaluation{}, err
	}
	subject, err := a.subject(ctx, flags)
	if err != nil {
		return evaluation{}, err
	}
	reader, err := github.NewReader(a.gitHub(flags.server), subject, flags.policy)
	if err != nil {
		return evaluation{}, err
	}
	trigger := fact.Trigger{
		Event: "cli", Actor: flags.actor, TriggeringActor: flags.actor, Stage: flags.stage, Project: flags.project,
		Rollback: flags.rollback, BreakGlass: strings.TrimSpace(flags.breakGlass),
	}
	if flags.workflow != "" {
		trigger.WorkflowRef = flags.repository + "/" + flags.workflow + "@" + flags.ref
	}
	return live(reader, subject, trigger), nil
}

// subject returns what the flags name. Without --sha it asks where the
// reference points; the gate ref-unmoved notices when that changes.
func (a *app) subject(ctx context.Context, flags gateFlags) (fact.Subject, error) {
	if flags.repository == "" || flags.ref == "" {
		return fact.Subject{}, errors.New("say what to decide about: --repo owner/name and --ref refs/heads/… or refs/tags/…, or --facts FILE")
	}
	ref, err := fact.ParseRef(flags.ref)
	if err != nil {
		return fact.Subject{}, err
	}
	if a.gitHub(flags.server).Token == "" {
		return fact.Subject{}, errNoToken
	}
	subject := fact.Subject{Repository: flags.repository, Ref: ref}
	if flags.sha != "" {
		subject.Chosen = true // nothing has shown that it belongs to the ref
		subject.SHA, err = fact.ParseSHA(flags.sha)
		return subject, err
	}
	resolved, err := github.Resolve(ctx, a.gitHub(flags.server), flags.repository, ref)
	if err != nil {
		return fact.Subject{}, err
	}
	target, missing := resolved.Get()
	switch {
	case missing != nil:
		return fact.Subject{}, fmt.Errorf("find out where %s points: %w", ref, missing)
	case !target.Exists:
		return fact.Subject{}, fmt.Errorf("%s has no %s; push it first, or check the spelling", flags.repository, ref)
	}
	subject.SHA = target.Commit
	if target.Object != target.Commit {
		subject.TagObject = target.Object
	}
	return subject, nil
}

// gitHub returns where and as whom to ask. The addresses of the interfaces
// come from the environment unless a flag names another server.
func (a *app) gitHub(server string) github.Config {
	config := github.Config{
		ServerURL:   cmp.Or(server, a.system.Getenv("GITHUB_SERVER_URL"), "https://github.com"),
		Token:       cmp.Or(a.system.Getenv("GITHUB_TOKEN"), a.system.Getenv("GH_TOKEN")),
		PeopleToken: a.system.Getenv("STAGEWARD_PEOPLE_TOKEN"),
		Transport:   a.system.Transport,
		Now:         a.system.Now,
		Retried:     a.retries.Add,
	}
	config.APIURL, config.GraphQLURL = github.Interfaces(config.ServerURL)
	if server == "" {
		config.APIURL = cmp.Or(a.system.Getenv("GITHUB_API_URL"), config.APIURL)
		config.GraphQLURL = cmp.Or(a.system.Getenv("GITHUB_GRAPHQL_URL"), config.GraphQLURL)
	}
	return config
}

func renderer(format string, style report.Style) (func(ruling) (string, error), error) {
	switch format {
	case "text":
		return func(r ruling) (string, error) { return r.text(style), nil }, nil
	case "markdown":
		return func(r ruling) (string, error) { return r.summary(), nil }, nil
	case "json":
		return func(r ruling) (string, error) { data, err := r.json(); return string(data), err }, nil
	}
	return nil, fmt.Errorf("--format %q: expected one of text, markdown, json", format)
}

func parseFailOn(text string) (actions.FailOn, error) {
	switch fail := actions.FailOn(text); fail {
	case actions.FailOnWait, actions.FailOnDeny, actions.FailOnNever:
		return fail, nil
	}
	return "", fmt.Errorf("--fail-on %q: expected one of wait, deny, never", text)
}

// maxFacts is the largest file of facts that is read, in bytes.
const maxFacts = 64 << 20

func loadFacts(path string) (fact.Set, error) {
	data, err := readLimited(path, maxFacts)
	if err != nil {
		return fact.Set{}, fmt.Errorf("read facts: %w", err)
	}
	return fact.Unmarshal(data)
}

// saveFacts writes the facts where the caller asked for them, if he did.
func saveFacts(path string, facts fact.Set) error {
	if path == "" {
		return nil
	}
	data, err := facts.Marshal()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("save facts: %w", err)
	}
	return nil
}
