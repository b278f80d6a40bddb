package gather

import (
	"context"
	"maps"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/parallel"
)

// Overviewer answers the first wave: one round trip, before the policy is
// known.
type Overviewer interface {
	// Overview returns the facts that can be asked for without the policy.
	// Lists that did not fit are missing as Incomplete.
	Overview(ctx context.Context) fact.Set
}

// Refs answers what a reference or an object is.
type Refs interface {
	RefTarget(ctx context.Context) fact.Known[fact.RefTarget]
	Tag(ctx context.Context, object fact.SHA) fact.Known[fact.Tag]
	Containment(ctx context.Context, branch string) fact.Known[fact.Containment]
}

// People answers what an account may do, and which keys it has.
type People interface {
	Access(ctx context.Context, login string) fact.Known[fact.Access]
	Keys(ctx context.Context, login string) fact.Known[fact.AccountKeys]
}

// Files answers what files beside the policy hold.
type Files interface {
	// Files returns a fact for every path, all in one question.
	Files(ctx context.Context, paths []string) map[string]fact.Known[fact.File]
}

// Lists answers lists in full, however long they are.
type Lists interface {
	Checks(ctx context.Context) fact.Known[fact.Checks]
	Pulls(ctx context.Context) fact.Known[[]fact.Pull]
}

// Ranges answers which commits a deployment would bring.
type Ranges interface {
	Range(ctx context.Context, from fact.RangeFrom) fact.Known[fact.Range]
}

// Approvals answers what people said by hand, and who is in a team.
type Approvals interface {
	// ApprovalRuns returns the runs of the workflow by which people approve.
	ApprovalRuns(ctx context.Context, workflow string) fact.Known[[]fact.ApprovalRun]
	// RunReviews returns what was said of the environments of a workflow run; 0
	// stands for what is not one.
	RunReviews(ctx context.Context, runID int64) fact.Known[[]fact.RunReview]
	// Team returns a team by organisation/team.
	Team(ctx context.Context, slug string) fact.Known[fact.Team]
}

// Source answers both waves about one subject. Its methods may be called at
// the same time.
type Source interface {
	Overviewer
	Refs
	People
	Files
	Lists
	Ranges
	Approvals
	Papers
	Scans
	Reviewing
	Deploying
	Estate
}

// DefaultBranch is the key of the containment in the default branch, whose
// name a policy need not know.
const DefaultBranch = "$default-branch"

// atOnce bounds the requests of one wave. GitHub allows 100 concurrent
// requests an account; one run should not use them up.
const atOnce = 20

// First returns the facts of the first wave.
func First(ctx context.Context, source Overviewer, subject fact.Subject, trigger fact.Trigger) fact.Set {
	facts := source.Overview(ctx)
	facts.Version, facts.Subject, facts.Trigger = fact.SchemaVersion, subject, trigger
	repository, missing := facts.Repository.Get()
	if missing != nil {
		return facts
	}
	if contained, ok := facts.Containment[repository.DefaultBranch]; ok {
		facts.Containment[DefaultBranch] = contained
	}
	return facts
}

// Rest returns the facts completed by the second wave: what is needed and not
// known yet. The reference is always read again, whatever the first wave said.
// A third round happens only when the second names people whom the first did
// not, such as those who signed and merged what a range holds. Those who approve
// are always among them: what they may do costs a third round trip where a role
// asks for a permission, and none where it names users or teams. The rounds
// after it are for how a range was reviewed, and for owners that are teams.
func Rest(ctx context.Context, source Source, facts fact.Set, needs []fact.Need) fact.Set {
	asking := &wave{source: source, facts: facts.Own(), asked: map[string]bool{}}
	var questions []question
	for _, need := range needs {
		questions = append(questions, asking.about(need)...)
	}
	asking.put(ctx, append(questions, asking.aboutFiles(needs)...))
	for range laterRounds {
		var late []question
		for _, need := range needs {
			late = append(late, asking.aboutPeople(need)...)
			late = append(late, asking.aboutMerged(need)...)
		}
		if len(late) == 0 {
			break
		}
		asking.put(ctx, late)
	}
	return asking.facts
}

// laterRounds is how many rounds can follow the second: what a range was
// reviewed by, then who owns that and who the reviewers are, then which teams
// those owners are.
const laterRounds = 3

// question is one request. It returns how its answer changes the facts.
type question func(context.Context) func(*fact.Set)

// wave puts questions at the same time and keeps the answers.
type wave struct {
	source Source
	facts  fact.Set
	asked  map[string]bool // kind of fact, and login or key
}

// put asks all questions at once and applies the answers in the order of the
// questions, so that the facts do not depend on which arrives first.
func (w *wave) put(ctx context.Context, questions []question) {
	answers := make([]func(*fact.Set), len(questions))
	jobs := make([]func(), len(questions))
	for i, ask := range questions {
		jobs[i] = func() { answers[i] = ask(ctx) } // an answer that failed is a missing fact, never an error
	}
	parallel.Do(atOnce, jobs)
	for _, apply := range answers {
		apply(&w.facts)
	}
}

// first reports whether this is asked for the first time, and notes that it is.
func (w *wave) first(kind fact.Kind, key string) bool {
	once := string(kind) + " " + key
	before := w.asked[once]
	w.asked[once] = true
	return !before
}

// about returns the questions that answer a need.
func (w *wave) about(need fact.Need) []question {
	switch need.Kind {
	case fact.NeedRefTarget:
		return []question{func(ctx context.Context) func(*fact.Set) {
			target := w.source.RefTarget(ctx)
			return func(facts *fact.Set) { facts.RefTarget = target }
		}}
	case fact.NeedTag:
		return w.aboutTag()
	case fact.NeedChecks:
		return w.aboutChecks()
	case fact.NeedPulls:
		return w.aboutPulls()
	case fact.NeedContainment:
		return w.aboutContainment(need.Key)
	case fact.NeedPermission, fact.NeedKeys:
		return w.aboutPeople(need)
	case fact.NeedRange:
		return w.aboutRange(need.Key)
	case fact.NeedCommit: // complete after the first wave
	case fact.NeedApprovals:
		return w.aboutApprovals(need)
	case fact.NeedRunReviews:
		return w.aboutRunReviews(need)
	case fact.NeedTeam:
		return w.aboutTeam(need)
	case fact.NeedFile: // all files are one question
	case fact.NeedRelease, fact.NeedVersions, fact.NeedSource, fact.NeedOpenIssues, fact.NeedMilestone,
		fact.NeedCodeAlerts, fact.NeedDependencyAlerts, fact.NeedRecentRuns:
		return w.aboutPapers(need)
	case fact.NeedPullPapers, fact.NeedOwnership, fact.NeedOwnerTeams, fact.NeedRangeReviews:
		return w.aboutMerged(need)
	case fact.NeedDeployments, fact.NeedTip, fact.NeedLocks, fact.NeedOpenDeployments, fact.NeedLastDeployment:
		return w.aboutDeploying(need)
	case fact.NeedEnvironment, fact.NeedSecrets, fact.NeedSettings, fact.NeedRulesets, fact.NeedBranch, fact.NeedWorkflows, fact.NeedCollaborators:
		return w.aboutEstate(need)
	}
	return nil
}

// aboutTag asks for the tag object's signature, which the first wave lacks.
func (w *wave) aboutTag() []question {
	tag, missing := w.facts.Tag.Get()
	if missing != nil || !tag.Annotated {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		read := w.source.Tag(ctx, tag.Object)
		return func(facts *fact.Set) { facts.Tag = read }
	}}
}

func (w *wave) aboutChecks() []question {
	if !checksIncomplete(w.facts) {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		checks := w.source.Checks(ctx)
		return func(facts *fact.Set) { facts.Checks = checks }
	}}
}

func (w *wave) aboutPulls() []question {
	if !pullsIncomplete(w.facts) {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		pulls := w.source.Pulls(ctx)
		return func(facts *fact.Set) { facts.Pulls = pulls }
	}}
}

// aboutContainment asks about a branch of which the first wave could not say
// whether it contains the commit: another than the default branch, or the
// default branch where the server's first interface gave no answer.
func (w *wave) aboutContainment(key string) []question {
	if _, missing := w.facts.Contains(key).Get(); missing == nil || missing.Reason == fact.Forbidden {
		return nil
	}
	branch := key
	if key == DefaultBranch {
		branch = w.facts.Repository.OrZero().DefaultBranch
	}
	if branch == "" {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		contained := w.source.Containment(ctx, branch)
		return func(facts *fact.Set) { facts.Containment[key] = contained }
	}}
}

// aboutRange asks for a range, once however many gates need it.
func (w *wave) aboutRange(key string) []question {
	if !w.first(fact.NeedRange, key) {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		var span fact.Known[fact.Range]
		from, err := fact.ParseRangeFrom(key)
		if err != nil {
			span = fact.Lost[fact.Range](fact.Missing{Reason: fact.Inconsistent, Detail: err.Error()})
		} else {
			span = w.source.Range(ctx, from)
		}
		return func(facts *fact.Set) { facts.Ranges[key] = span }
	}}
}

// aboutPeople asks about everyone in a position who was not asked about yet.
func (w *wave) aboutPeople(need fact.Need) []question {
	var ask func(login, key string) question
	switch need.Kind { //nolint:exhaustive // about has the others
	case fact.NeedPermission:
		ask = w.access
	case fact.NeedKeys:
		ask = w.keys
	default:
		return nil
	}
	var questions []question
	for _, person := range w.facts.People(fact.Position(need.Key)) {
		key := fact.LoginKey(person.Login)
		if w.first(need.Kind, key) {
			questions = append(questions, ask(person.Login, key))
		}
	}
	return questions
}

func (w *wave) access(login, key string) question {
	return func(ctx context.Context) func(*fact.Set) {
		access := w.source.Access(ctx, login)
		return func(facts *fact.Set) { facts.Access[key] = access }
	}
}

func (w *wave) keys(login, key string) question {
	return func(ctx context.Context) func(*fact.Set) {
		keys := w.source.Keys(ctx, login)
		return func(facts *fact.Set) { facts.Keys[key] = keys }
	}
}

// aboutFiles asks for all files at once.
func (w *wave) aboutFiles(needs []fact.Need) []question {
	var paths []string
	for _, need := range needs {
		if need.Kind == fact.NeedFile && !slices.Contains(paths, need.Key) {
			paths = append(paths, need.Key)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		files := w.source.Files(ctx, paths)
		return func(facts *fact.Set) { maps.Copy(facts.Files, files) }
	}}
}

// checksIncomplete reports whether a list of checks, or of the jobs of a
// workflow run, did not fit into the first wave.
func checksIncomplete(facts fact.Set) bool {
	checks, missing := facts.Checks.Get()
	if missing != nil {
		return incomplete(missing)
	}
	return slices.ContainsFunc(checks.Workflows, func(run fact.WorkflowRun) bool {
		_, noJobs := run.Jobs.Get()
		return incomplete(noJobs)
	})
}

// pullsIncomplete reports whether a list about a pull request did not fit into
// the first wave.
func pullsIncomplete(facts fact.Set) bool {
	pulls, missing := facts.Pulls.Get()
	if missing != nil {
		return incomplete(missing)
	}
	for _, pull := range pulls {
		_, noCommits := pull.Commits.Get()
		_, noReviews := pull.Reviews.Get()
		if incomplete(noCommits) || incomplete(noReviews) {
			return true
		}
	}
	return false
}

func incomplete(missing *fact.Missing) bool {
	return missing != nil && missing.Reason == fact.Incomplete
}
