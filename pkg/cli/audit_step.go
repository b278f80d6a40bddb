package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// The reason codes of an audit.
const (
	auditFine     = "audit.fine"     // nothing at or above the severity, and all could be checked
	auditPartial  = "audit.partial"  // nothing at or above the severity, and not all could be checked
	auditFindings = "audit.findings" // something at or above the severity
	auditUnknown  = "audit.unknown"  // nothing could be checked
)

// auditStep audits the repository of the run that the environment describes, and
// returns the exit code.
func (a *app) auditStep(ctx context.Context, log *actions.Log) int {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	asked, err := actions.ReadAudit(a.system.Getenv)
	if err != nil {
		return a.failAudit(log, withoutSubject(actions.Run{}, err))
	}
	for _, notice := range asked.Notices {
		log.Notice("Stageward", notice)
	}
	config := github.Config{
		ServerURL: asked.ServerURL, APIURL: asked.APIURL, GraphQLURL: asked.GraphQLURL,
		Token: asked.Token.Reveal(), PeopleToken: asked.PeopleToken.Reveal(),
		RepositoryID: asked.RepositoryID,
		Transport:    a.system.Transport, Now: a.system.Now, Retried: a.retries.Add,
	}
	source, err := a.estateOf(ctx, config, asked.Repository, asked.Policy)
	if err != nil {
		return a.failAudit(log, unlessCancelled(ctx, withoutEstate(err)))
	}
	source.rules = oneProject(func(facts fact.Set) (policy.Policy, error) { return policy.Load(facts.Policy, gate.All()) }, asked.Project)
	facts, rules, err := source.look(ctx)
	for _, line := range a.retries.Lines() {
		log.Text(line)
	}
	if saved := saveBelow(asked.Workspace, asked.SaveFacts, facts); saved != nil {
		log.Warning("Stageward", saved.Error())
	}
	if err != nil {
		return a.failAudit(log, unlessCancelled(ctx, withoutPolicy(facts, err)))
	}
	return a.deliverAudit(log, audited(rules, facts, true), asked.Severity)
}

// withoutEstate is why the repository could not be read.
func withoutEstate(err error) verdict.Verdict {
	var missing *fact.Missing
	if errors.As(err, &missing) {
		return decide.Undecidable(fact.Set{}, "api."+string(missing.Reason), err.Error(), cmp.Or(missing.Fix, "Run the job again."))
	}
	return decide.Undecidable(fact.Set{}, string(actions.InputInvalid), err.Error(), "Correct the inputs of the step, or the server's addresses in the runner's set-up.")
}

// deliverAudit hands the audit to the runner. None of the outputs opens anything.
func (a *app) deliverAudit(log *actions.Log, result verdict.Audit, severity string) int {
	log.Text(report.AuditText(result, report.Style{}))
	exit := auditExit(result, severity)
	code := auditCode(result, exit)
	if exit != exitAllow {
		log.Error("Stageward: audit", report.AuditHeadline(result))
	}
	if err := actions.NewSummary(a.system.Getenv).Append(report.AuditSummary(result)); err != nil {
		log.Warning("Stageward", "the job summary could not be written: "+err.Error())
	}
	outputs, err := report.AuditOutputs(result, code)
	if err == nil {
		err = a.writeOutputs(outputs)
	}
	if err != nil {
		log.Error("Stageward", "the outputs could not be written: "+err.Error())
		return exitUndecided
	}
	return exit
}

// auditCode says in a word what came of an audit. One that could not see everything
// never says that all is fine.
func auditCode(result verdict.Audit, exit int) string {
	unchecked := slices.ContainsFunc(result.Points, func(p verdict.Point) bool { return p.Open() && p.Outcome != verdict.Fail })
	switch {
	case exit == exitRefused:
		return auditFindings
	case exit != exitAllow:
		return auditUnknown
	case unchecked:
		return auditPartial
	}
	return auditFine
}

// failAudit says why there is no audit, in the words of a decision that could not
// be made.
func (a *app) failAudit(log *actions.Log, why verdict.Verdict) int {
	err := errors.Join(
		actions.NewSummary(a.system.Getenv).Append(report.Summary(why)),
		a.writeOutputs([]report.Output{{Name: "reason-code", Value: why.Code}}),
	)
	for _, note := range report.Annotations(why) {
		annotate(log, note)
	}
	if err != nil {
		log.Error("Stageward", err.Error())
	}
	return exitCode(why, actions.FailOnNever)
}
