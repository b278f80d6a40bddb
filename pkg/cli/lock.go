package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/policy"
)

// lockFlags are the flags of "stageward lock" and "stageward unlock".
type lockFlags struct {
	repository, project, stage, environment string
	all                                     bool
	policy, server                          string
	reason, by, duration, until             string // of lock only
}

func (a *app) lockCommand() *cobra.Command {
	var flags lockFlags
	command := &cobra.Command{
		Use:   "lock",
		Short: "Stop all deployments to a stage",
		Long: `Lock a stage: until the lock ends or somebody releases it, the gate not-locked
lets nothing through, whoever asks. The lock is a branch, as branch-deploy sets them.

The stage is looked up in the policy on the default branch, for the name of its
environment; with --environment or --all nothing is looked up. The token is read from
GITHUB_TOKEN or GH_TOKEN and has to be allowed "contents: write".

Exit codes: 0 locked, 1 somebody else has locked it, 2 bad input or policy, 3 it could
not be done.`,
		Example: `  stageward lock --repo acme/shop --stage prod --reason 'payments fail, INC-4711' --for 2h
  stageward lock --repo acme/shop --all --reason 'migration' --until 2026-12-01T18:00Z`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return a.lock(command.Context(), flags) },
	}
	flags.add(command)
	set := command.Flags()
	set.StringVar(&flags.reason, "reason", "", "why; everybody who is stopped reads it")
	set.StringVar(&flags.duration, "for", "", "how long, such as 2h, 1h30m or 7d (default: until somebody releases it)")
	set.StringVar(&flags.until, "until", "", "until when, such as 2026-12-01T18:00Z")
	set.StringVar(&flags.by, "by", "", "login of whoever sets it (default: $GITHUB_ACTOR, or the account of the token)")
	return command
}

func (a *app) unlockCommand() *cobra.Command {
	var flags lockFlags
	command := &cobra.Command{
		Use:   "unlock",
		Short: "Let deployments to a stage go on",
		Long: `Release the lock of a stage, whoever set it, and print what it said. That there is no
lock is said, and is no error. --all releases the lock of all environments, and
leaves those of single ones.

Exit codes: 0 there is no lock any more, 2 bad input or policy, 3 it could not be done.`,
		Example: `  stageward unlock --repo acme/shop --stage prod
  stageward unlock --repo acme/shop --all`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return a.unlock(command.Context(), flags) },
	}
	flags.add(command)
	return command
}

// add declares the flags that both commands have.
func (f *lockFlags) add(command *cobra.Command) {
	set := command.Flags()
	set.StringVar(&f.repository, "repo", "", "repository, as owner/name")
	projectFlag(command, &f.project, ", beside --stage")
	set.StringVar(&f.stage, "stage", "", "stage of the policy")
	set.StringVar(&f.environment, "environment", "", "name of a GitHub environment, instead of a stage")
	set.BoolVar(&f.all, "all", false, "all environments, instead of a stage")
	set.StringVar(&f.policy, "policy", actions.DefaultPolicy, "path of the policy on the default branch")
	set.StringVar(&f.server, "server", "", "address of the GitHub server (default: $GITHUB_SERVER_URL or https://github.com)")
}

// check refuses flags that do not say what is meant.
func (f *lockFlags) check() error {
	if f.repository == "" {
		return errors.New("say which repository: --repo owner/name")
	}
	given := 0
	for _, each := range []bool{f.stage != "", f.environment != "", f.all} {
		if each {
			given++
		}
	}
	if given != 1 {
		return errors.New("say what is meant by one of --stage, --environment and --all")
	}
	if f.project != "" && f.stage == "" {
		return errors.New("--project goes with --stage; environments are of one project each")
	}
	if f.environment != "" {
		if _, err := github.LockBranch(f.environment); err != nil {
			return fmt.Errorf("--environment %q: %w", f.environment, err)
		}
	}
	return actions.CheckPolicyPath("--policy", f.policy)
}

// longestReason is in bytes: it is shown in one line.
const longestReason = 1000

var loginForm = lazy.New(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$`)

// checkLock refuses what no lock can say.
func (f *lockFlags) checkLock() error {
	f.reason = strings.TrimSpace(f.reason)
	switch {
	case f.reason == "":
		return errors.New("say why: --reason \"…\"; everybody who is stopped reads it")
	case len(f.reason) > longestReason:
		return fmt.Errorf("--reason has %d bytes; expected %d at most", len(f.reason), longestReason)
	case f.by != "" && !loginForm.MatchString(f.by):
		return fmt.Errorf("--by %q: expected a login", f.by)
	case f.duration != "" && f.until != "":
		return errors.New("give one of --for and --until")
	case f.duration != "" && gate.Duration(f.duration).Length() == 0:
		_, words := gate.Duration("").Pattern()
		return fmt.Errorf("--for %q: expected %s", f.duration, words)
	}
	_, err := f.end(time.Time{})
	return err
}

// untilForms are how --until can be written: with a zone, so that it is the same
// moment everywhere.
var untilForms = []string{"2006-01-02T15:04Z07:00", time.RFC3339}

// end returns when a lock ends that begins now; zero for never.
func (f *lockFlags) end(now time.Time) (time.Time, error) {
	if f.duration != "" {
		return now.Add(gate.Duration(f.duration).Length()), nil
	}
	if f.until == "" {
		return time.Time{}, nil
	}
	for _, form := range untilForms {
		at, err := time.Parse(form, f.until)
		switch {
		case err != nil:
			continue
		case !at.After(now):
			return time.Time{}, fmt.Errorf("--until %q is over: it is %s", f.until, now.UTC().Format(time.RFC3339))
		}
		return at.UTC(), nil
	}
	return time.Time{}, fmt.Errorf("--until %q: expected a time with its zone, such as 2026-12-01T18:00Z or 2026-12-01T19:00+01:00", f.until)
}

// lockAim is what a lock is about.
type lockAim struct {
	locks *github.Locker
	now   time.Time // of the server
	// environment is "" for all; branch is the branch of the lock.
	environment, branch string
	// words name it for people, in a sentence; unlock is the command that releases it.
	words, unlock string
	policy        fact.Known[fact.PolicyFile]
	// goesOn are stages and hotfix lanes that the lock does not stop.
	goesOn []string
}

// aim finds out what the flags are about. After an error a.code is what the
// program ends with.
func (a *app) aim(ctx context.Context, flags lockFlags) (lockAim, error) {
	a.code = exitBadInput
	if err := flags.check(); err != nil {
		return lockAim{}, err
	}
	config := a.gitHub(flags.server)
	if config.Token == "" {
		return lockAim{}, errNoToken
	}
	reader, _, err := a.atTip(ctx, config, flags.repository, flags.policy)
	if err != nil {
		return lockAim{}, err
	}
	facts := reader.Overview(ctx)
	now, missing := facts.At.Get()
	if missing != nil {
		return lockAim{}, fmt.Errorf("read the server's time: %w", missing)
	}
	return a.at(lockAim{locks: github.NewLocker(reader), now: now, policy: facts.Policy}, flags, facts)
}

var errNoToken = errors.New("there is no token: set GITHUB_TOKEN or GH_TOKEN, for example GH_TOKEN=$(gh auth token)")

// at fills in which environment, and how to release its lock.
func (a *app) at(aim lockAim, flags lockFlags, facts fact.Set) (lockAim, error) {
	aim.unlock = "stageward unlock --repo " + flags.repository
	switch {
	case flags.all:
		aim.unlock += " --all"
	case flags.environment != "":
		aim.environment = flags.environment
		aim.unlock += " --environment " + quoted(flags.environment)
	default:
		environment, err := a.environmentOf(facts.Policy, flags.project, flags.stage)
		if err != nil {
			return lockAim{}, err
		}
		aim.environment = environment
		if flags.project != "" {
			aim.unlock += " --project " + flags.project
		}
		aim.unlock += " --stage " + flags.stage
		if flags.policy != actions.DefaultPolicy {
			aim.unlock += " --policy " + flags.policy
		}
	}
	if flags.server != "" {
		aim.unlock += " --server " + quoted(flags.server)
	}
	if flags.all {
		aim.branch, aim.words = github.GlobalLockBranch, "all environments of "+flags.repository
		return aim, nil
	}
	branch, err := github.LockBranch(aim.environment)
	if err != nil {
		a.code = exitBadInput
		return lockAim{}, err
	}
	aim.branch, aim.words = branch, fmt.Sprintf("environment %s of %s", aim.environment, flags.repository)
	return aim, nil
}

// environmentOf looks a stage up in the policy on the default branch.
func (a *app) environmentOf(known fact.Known[fact.PolicyFile], project, stage string) (string, error) {
	rules, err := policy.Load(known, gate.All())
	var problems policy.Problems
	if errors.As(err, &problems) {
		a.code = exitBadInput
		return "", fmt.Errorf("the policy on the default branch has %d problem(s), the first: %s; `stageward lint` shows them all. --environment needs no policy", len(problems), problems[0])
	}
	if err != nil {
		return "", fmt.Errorf("read the policy: %w; --environment needs none", err)
	}
	if rules, err = ofProject(rules, project); err != nil {
		a.code = exitBadInput
		return "", err
	}
	found, ok := rules.Stage(stage)
	if !ok {
		a.code = exitBadInput
		return "", fmt.Errorf("--stage %q: expected one of %s", stage, strings.Join(rules.Names(), ", "))
	}
	return found.Environment, nil
}

func (a *app) lock(ctx context.Context, flags lockFlags) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	defer a.tellRetries()
	if err := flags.checkLock(); err != nil {
		return err
	}
	aim, err := a.aim(ctx, flags)
	if err == nil {
		err = a.reach(&aim)
	}
	if err != nil {
		return a.giveUp(err)
	}
	until, err := flags.end(aim.now)
	if err != nil {
		return err
	}
	by := cmp.Or(flags.by, a.system.Getenv("GITHUB_ACTOR"))
	if !loginForm.MatchString(by) {
		by = aim.locks.Account(ctx)
	}
	set, ours, err := aim.locks.Set(ctx, github.NewLock{
		Environment: aim.environment, Reason: flags.reason, By: by, At: aim.now, Until: until, Unlock: aim.unlock, Link: a.ownRun(),
	})
	if err != nil {
		return a.giveUp(fmt.Errorf("lock %s: %w", aim.words, err))
	}
	a.code = exitAllow
	if !ours {
		a.code = exitRefused
	}
	return a.printLock(aim, *set, ours)
}

func (a *app) unlock(ctx context.Context, flags lockFlags) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	defer a.tellRetries()
	aim, err := a.aim(ctx, flags)
	if err != nil {
		return a.giveUp(err)
	}
	held, err := aim.locks.Look(ctx, aim.branch)
	if err == nil && held != nil {
		err = aim.locks.Release(ctx, *held)
	}
	if err != nil {
		return a.giveUp(fmt.Errorf("unlock %s: %w", aim.words, err))
	}
	a.code = exitAllow
	return a.printUnlock(aim, held)
}

// ownRun is the page of the workflow run that this is part of, or "".
func (a *app) ownRun() string {
	server, repository, run := a.system.Getenv("GITHUB_SERVER_URL"), a.system.Getenv("GITHUB_REPOSITORY"), a.system.Getenv("GITHUB_RUN_ID")
	if server == "" || repository == "" || run == "" {
		return ""
	}
	return server + "/" + repository + "/actions/runs/" + run
}

// giveUp shows why it could not be done, and what to do. The exit code is that of
// whoever found out.
func (a *app) giveUp(err error) error {
	if a.code == exitBadInput {
		return err
	}
	text := err.Error()
	var missing *fact.Missing
	if errors.As(err, &missing) && missing.Fix != "" {
		text += ". " + missing.Fix
	}
	fmt.Fprintf(a.system.Stderr, "stageward: %s\n", actions.Inert(text))
	a.code = exitUndecided
	return nil
}
