package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/scenario"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

// simulateFlags are the flags of "stageward simulate": what is known, as of "stageward
// gate", and what is supposed.
type simulateFlags struct {
	gateFlags
	recorded      []string
	at, other     string
	with, without []string
}

func (a *app) simulateCommand() *cobra.Command {
	var flags simulateFlags
	command := &cobra.Command{
		Use:   "simulate",
		Short: "Show what would be decided if",
		Long: `Show what would be decided if something were different: the time, the policy, or the
evidence. What is known comes from GitHub, or from files of facts that were saved;
with several files, a new policy is tried on all of them. It prints what would
change, and why.

Evidence is named by a word, or by a word and a name: approval:qa, check:tests,
review, tag-signature, promotion, lock … . A word that the stage does not know is
refused with those that it knows.

Nothing is decided, and nothing may depend on it: the exit code is 0 whenever the
question could be answered, 2 where it is wrong, and 3 where GitHub could not be asked.`,
		Example: `  stageward simulate --facts facts.json --at 2026-12-24T18:00:00Z
  stageward simulate --facts facts.json --with approval:qa --without check:tests
  stageward simulate --policy new.yml --facts monday.json --facts friday.json
  stageward simulate --repo acme/shop --ref refs/tags/v1.4.0 --with approval`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			for _, name := range []string{"repo", "ref", "sha", "actor", "server", "stage"} {
				if len(flags.recorded) > 0 && command.Flags().Changed(name) {
					return fmt.Errorf("--facts says what is known, and about what; leave out --%s. Suppose what is different by --with, --without and --at", name)
				}
			}
			return a.simulate(command.Context(), flags)
		},
	}
	set := command.Flags()
	set.StringArrayVar(&flags.recorded, "facts", nil, "facts that were saved; can be given more than once")
	set.StringVar(&flags.repository, "repo", "", "repository, as owner/name, to ask GitHub about")
	set.StringVar(&flags.ref, "ref", "", "full reference, such as refs/heads/main or refs/tags/v1.2.3")
	set.StringVar(&flags.sha, "sha", "", "full commit id (default: what the reference points at)")
	set.StringVar(&flags.stage, "stage", "", "stage, where the reference matches more than one")
	set.StringVar(&flags.actor, "actor", "", "login of whoever would deploy")
	projectFlag(command, &flags.project, " (default: each)")
	set.StringVar(&flags.server, "server", "", "address of the GitHub server (default: $GITHUB_SERVER_URL or https://github.com)")
	set.StringVar(&flags.at, "at", "", "suppose that it is this time, such as 2026-12-24T18:00:00Z")
	set.StringArrayVar(&flags.with, "with", nil, "suppose that this evidence is there, such as approval:qa")
	set.StringArrayVar(&flags.without, "without", nil, "suppose that this evidence is not there, such as check:tests")
	set.StringVar(&flags.other, "policy", "", "suppose that the policy were this file")
	set.StringVar(&flags.format, "format", "text", "text or json")
	return command
}

// supposed is what is different from what is known.
type supposed struct {
	at    time.Time
	edits []whatif.Edit
	rules *policy.Policy
}

func (f simulateFlags) supposed() (supposed, error) {
	var asked supposed
	for _, each := range f.with {
		edit, err := whatif.ParseEdit(each, false)
		if err != nil {
			return supposed{}, fmt.Errorf("--with %w", err)
		}
		asked.edits = append(asked.edits, edit)
	}
	for _, each := range f.without {
		edit, err := whatif.ParseEdit(each, true)
		if err != nil {
			return supposed{}, fmt.Errorf("--without %w", err)
		}
		asked.edits = append(asked.edits, edit)
	}
	if f.at != "" {
		at, err := scenario.ParseMoment(f.at)
		if err != nil {
			return supposed{}, fmt.Errorf("--at %q: write it as 2026-12-24T18:00:00Z, or with an offset such as +01:00 in place of Z", f.at)
		}
		asked.at = at
	}
	if f.other != "" {
		source, err := readPolicy(f.other)
		if err != nil {
			return supposed{}, err
		}
		rules, err := policy.Parse(f.other, source, gate.All())
		if err != nil {
			return supposed{}, err
		}
		asked.rules = &rules
	}
	return asked, nil
}

func (a *app) simulate(ctx context.Context, flags simulateFlags) error {
	if flags.format != "text" && flags.format != "json" {
		return fmt.Errorf("--format %q: expected one of text, json", flags.format)
	}
	asked, err := flags.supposed()
	if err != nil {
		return a.showProblems(err)
	}
	known, err := a.known(ctx, flags, asked)
	if err != nil {
		return err
	}
	var all []simulation
	for _, each := range known {
		some, err := asked.simulateAll(each)
		if err != nil {
			return a.showProblems(err)
		}
		all = append(all, some...)
	}
	return a.showSimulations(all, flags.format)
}

// knownRun is what is known of a run, and where that was read.
type knownRun struct {
	from  string
	facts fact.Set
}

// known reads the facts, or asks GitHub: for what the policy needs, and for what the
// policy needs that is supposed.
func (a *app) known(ctx context.Context, flags simulateFlags, asked supposed) ([]knownRun, error) {
	if len(flags.recorded) == 0 {
		facts, err := a.gather(ctx, flags, asked)
		return []knownRun{{"GitHub", facts}}, err
	}
	var known []knownRun
	for _, path := range flags.recorded {
		facts, err := loadFacts(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if flags.project != "" {
			facts.Trigger.Project = flags.project
		}
		known = append(known, knownRun{path, facts})
	}
	return known, nil
}

func (a *app) gather(ctx context.Context, flags simulateFlags, asked supposed) (fact.Set, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	defer a.tellRetries()
	live := flags.gateFlags
	live.policy = actions.DefaultPolicy
	evaluation, err := a.evaluationFor(ctx, live)
	if err != nil {
		return fact.Set{}, err
	}
	facts := evaluation.first(ctx)
	var needs []fact.Need
	if rules, err := policy.Load(facts.Policy, gate.All()); err == nil {
		needs = needsOf(rules, facts)
	}
	if asked.rules != nil {
		for _, need := range needsOf(*asked.rules, facts) {
			if !slices.Contains(needs, need) {
				needs = append(needs, need)
			}
		}
	}
	return evaluation.rest(ctx, facts, needs), nil
}

// needsOf returns what a policy needs to know of a run, of each project where the run
// is about all of them.
func needsOf(rules policy.Policy, facts fact.Set) []fact.Need {
	if len(rules.Projects) > 0 && facts.Trigger.Project == "" {
		return decide.NewSeveral(rules, facts).Needs()
	}
	return decide.NewPlan(rules, facts).Needs()
}

// simulateAll asks about the project of a run, or about each, where it is about all.
func (s supposed) simulateAll(known knownRun) ([]simulation, error) {
	projects := []string{known.facts.Trigger.Project}
	if rules, err := policy.Load(known.facts.Policy, gate.All()); err == nil && projects[0] == "" && len(rules.Projects) > 0 {
		projects = rules.ProjectNames()
	}
	var all []simulation
	for _, each := range projects {
		one := known
		one.facts.Trigger.Project = each
		if each != "" {
			one.from += ", project " + each
		}
		simulated, err := s.simulate(one)
		if err != nil {
			return nil, err
		}
		all = append(all, simulated)
	}
	return all, nil
}

// simulation is what was decided, and what would be.
type simulation struct {
	From   string          `json:"from"`
	Before verdict.Verdict `json:"before"`
	After  verdict.Verdict `json:"after"`
}

func (s supposed) simulate(known knownRun) (simulation, error) {
	result := simulation{From: known.from}
	rules, err := policy.Load(known.facts.Policy, gate.All())
	switch {
	case err == nil:
		result.Before = whatif.Decide(rules, known.facts)
	case s.rules == nil:
		return simulation{}, fmt.Errorf("%s: the policy in the facts: %w", known.from, err)
	default:
		result.Before = withoutPolicy(known.facts, err)
	}
	if s.rules != nil {
		rules = *s.rules
	}
	facts := known.facts
	if !s.at.IsZero() {
		facts.At = fact.Of(s.at, suppose.Source())
	}
	facts, err = whatif.Apply(rules, facts, s.edits)
	if err != nil {
		return simulation{}, err
	}
	result.After = whatif.Decide(rules, facts)
	return result, nil
}
