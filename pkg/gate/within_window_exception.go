package gate

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/verdict"
)

// exception says who may open a stage in a freeze. It is an approval of its
// own: by a run of the approval workflow, for one commit and one stage, by
// people who did not write it, and with a reason.
type exception struct {
	By       RoleName `yaml:"by" doc:"The role that whoever makes an exception has to hold."`
	Count    int      `yaml:"count" doc:"How many different people it takes; one where nothing is said."`
	Workflow string   `yaml:"workflow" doc:"The path of the workflow by which they do, on the default branch; .github/workflows/exception.yml where nothing is said."`
}

// exceptional is what the approval is called, exceptionFile the workflow by which
// it is given: GitHub refuses a reason where the approvals are a list of choices.
const (
	exceptional   = "exception"
	exceptionFile = ".github/workflows/exception.yml"
)

func (e exception) given() bool { return e.By != "" }

func (e exception) validate(terms Terms) error {
	if !e.given() && e != (exception{}) {
		return fmt.Errorf("exception: say by whom, such as { by: maintain }")
	}
	if !e.given() {
		return nil
	}
	if err := e.asApproved().validate(terms); err != nil {
		return fmt.Errorf("exception: %w", err)
	}
	return nil
}

// asApproved is the exception as the gate "approved" would ask for it, whose
// rules it follows.
func (e exception) asApproved() approved {
	params := Approved.Defaults.(approved) //nolint:errcheck,forcetypeassert // the type is that of its registration
	params.Approvals = []namedApproval{{Name: exceptional, By: e.By, Count: e.Count}}
	params.Workflow = cmp.Or(e.Workflow, exceptionFile)
	return params
}

// except answers in a freeze that knows exceptions.
func (w watch) except(in Input, state calendar.State) verdict.Finding {
	judged := w.judge(in, state.Freezes)
	switch judged.Outcome {
	case verdict.Pass:
		return w.excepted(judged)
	case verdict.Unknown:
		return judged
	case verdict.Fail, verdict.Wait, verdict.Skip, verdict.Waived:
	}
	finding := w.frozen(state, "; there is no exception: "+judged.Reason)
	finding.Fix += " " + w.Exception.how(in)
	finding.Who += ", or " + in.whoHolds(w.Exception.By)
	return finding
}

// excepted answers where the freeze does not count: what else is closed stays
// closed.
func (w watch) excepted(judged verdict.Finding) verdict.Finding {
	by := strings.TrimPrefix(judged.Reason, "approved: ")
	rest := w.calendar.WithoutFreezes()
	finding := verdict.Passed(fmt.Sprintf("the calendar %s is FROZEN and open only by %s", w.Calendar, by))
	if state := rest.At(w.at); !state.Open {
		finding = w.shut(rest, state, fmt.Sprintf("the freeze is lifted by %s, but ", by))
	}
	finding.Evidence = append(finding.Evidence, judged.Evidence...)
	return finding
}

// judge asks whether there is an exception from the freezes that hold, by the
// rules of approved.
func (w watch) judge(in Input, freezes []calendar.Freeze) verdict.Finding {
	params := w.Exception.asApproved()
	reasons := reasons{of: map[int64]string{}}
	known := in.Facts.ApprovalRunsOf(params.Workflow)
	if runs, missing := known.Get(); missing == nil {
		known = fact.Of(reasons.take(in, runs, func(run fact.ApprovalRun) string { return w.whyNotNow(run, freezes) }), known.Source())
	}
	in.Facts.ApprovalRuns = map[string]fact.Known[[]fact.ApprovalRun]{params.Workflow: known}
	excluded, refused := params.excluded(in)
	if refused != nil {
		return *refused
	}
	said, refused := params.hear(in)
	if refused != nil {
		return *refused
	}
	for i, each := range said.voices {
		if each.yes {
			said.voices[i].from += fmt.Sprintf(", because %q", cut(reasons.of[each.id]))
		}
	}
	said.ignored = append(said.ignored, reasons.lacking...)
	return params.count(in, said, excluded)
}

// how says how an exception is made.
func (e exception) how(in Input) string {
	return fmt.Sprintf("An exception is made, with its reason, by `gh workflow run %s --repo %s --ref %s -f sha=%s -f stage=%s -f reason='WHY'`.",
		path.Base(e.asApproved().Workflow), in.Facts.Subject.Repository, in.defaultBranchOr("main"), in.Facts.Subject.SHA, in.Terms.Stage.Called())
}

// reasons are those of exceptions, by the number of the run, and texts about
// exceptions without one.
type reasons struct {
	of      map[int64]string
	lacking []string
}

// excepting is the title of a run that makes an exception: that of an approval
// of this name, a colon, and the reason.
var excepting = lazy.New(`^(Approve [0-9a-f]+ for (?:[a-z][a-z0-9-]*/)?[a-z][a-z0-9-]* as ` + exceptional + `)(?:: *(.*))?$`)

// take returns the runs that have a say in exceptions, with the titles that
// they would have as approvals. Rejections have, unless they are of another
// approval; approvals of anything else have none. An exception that whyNot has
// a reason against is none.
func (r *reasons) take(in Input, runs []fact.ApprovalRun, whyNot func(fact.ApprovalRun) string) []fact.ApprovalRun {
	var taken []fact.ApprovalRun
	for _, run := range runs {
		words, plain := excepting.FindStringSubmatch(run.Title), title.FindStringSubmatch(run.Title)
		if words == nil {
			other := plain != nil && plain[4] != exceptional
			if !other || plain[4] == "" && rejects(run.Title) {
				taken = append(taken, run)
			}
			continue
		}
		why := strings.TrimSpace(words[2])
		switch {
		case !strings.ContainsFunc(why, isLegible):
			r.lack(in, run, fmt.Sprintf("gives no reason, which has to follow %q", exceptional+":"))
		case whyNot(run) != "":
			r.lack(in, run, whyNot(run))
		default:
			run.Title, r.of[run.ID] = words[1], why
			taken = append(taken, run)
		}
	}
	return taken
}

// lack notes why an exception for this commit is none.
func (r *reasons) lack(in Input, run fact.ApprovalRun, why string) {
	if in.Facts.Subject.SHA.NamedIn(run.Title) {
		r.lacking = append(r.lacking, fmt.Sprintf("run %d%s %s", run.ID, starter(run), why))
	}
}

// whyNotNow says why an exception is not from the freezes that hold: it was
// made while one of them did not. What was an exception last winter is none in
// this one.
func (w watch) whyNotNow(run fact.ApprovalRun, freezes []calendar.Freeze) string {
	then := w.calendar.At(run.At).Freezes
	for _, each := range freezes {
		if !slices.Contains(then, each) {
			return fmt.Sprintf("was started at %s, when the freeze %q did not hold", stamp(run.At), cut(each.Name))
		}
	}
	return ""
}
