package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/report"
)

const (
	// maxReceiptAge is how old a receipt may be that begins a deployment: as long
	// as GitHub lets a job run on its own machines.
	maxReceiptAge = 6 * time.Hour
	// maxSkew is how far the clocks of GitHub's machines may be apart.
	maxSkew = 5 * time.Minute
)

// The reason codes of a record that is refused. All was understood, and the
// answer is no: the exit code is that of a deny.
const (
	recordNotAllowed     = "record.not-allowed"     // the gate allowed nothing
	recordOtherRun       = "record.other-run"       // the receipt is of another run
	recordOtherSubject   = "record.other-subject"   // the inputs name something else than the receipt
	recordExpired        = "record.expired"         // the receipt is too old to begin something
	recordEnvironmentJob = "record.environment-job" // GitHub records this job itself
	recordFailedBefore   = "record.failed-before"   // the same attempt failed before
)

// record writes a deployment record for the job that the environment describes,
// and returns the exit code.
func (a *app) record(ctx context.Context, log *actions.Log) int {
	asked, err := actions.ReadRecord(a.system.Getenv)
	if err != nil {
		return a.deliverRecord(log, unreadable(err))
	}
	for _, notice := range asked.Notices {
		log.Notice("Stageward", notice)
	}
	came := a.keepRecord(ctx, asked)
	for _, line := range a.retries.Lines() {
		log.Text(line)
	}
	return a.deliverRecord(log, came)
}

func unreadable(err error) report.Recorded {
	var refused *actions.Error
	if errors.As(err, &refused) {
		return report.Recorded{Code: string(refused.Code), Reason: refused.Reason, Fix: refused.Fix}
	}
	return report.Recorded{Code: string(actions.RunnerInvalid), Reason: err.Error()}
}

// keepRecord checks the receipt, looks at what GitHub holds, and writes.
func (a *app) keepRecord(ctx context.Context, asked actions.Record) report.Recorded {
	receipt, refused := readReceipt(asked)
	if refused != nil {
		return *refused
	}
	config := github.Config{
		ServerURL: asked.ServerURL, APIURL: asked.APIURL, GraphQLURL: asked.GraphQLURL, Token: asked.Token.Reveal(),
		Transport: a.system.Transport, Now: a.system.Now, Retried: a.retries.Add,
	}
	recorder, err := github.NewRecorder(config, github.Record{
		Repository: receipt.Repository, SHA: receipt.SHA, Ref: receipt.Ref, Stage: receipt.Stage,
		Environment: receipt.Environment, EnvironmentURL: receipt.EnvironmentURL,
		RunID: asked.RunID, RunAttempt: asked.RunAttempt, RunURL: asked.RunURL, CheckRun: asked.CheckRun,
		Digest: receipt.Digest, Description: describe(receipt),
	})
	if err != nil {
		return *refuseRecord(string(actions.InputInvalid), err.Error(), "Correct the inputs of the step, or the server's addresses in the runner's set-up.")
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	came, err := writeRecord(ctx, recorder, receipt, asked.State)
	if err != nil {
		came.Code, came.Reason, came.Fix = lostRecord(ctx, err)
	}
	came.Stage, came.Environment, came.SHA, came.State = receipt.Stage, receipt.Environment, receipt.SHA, string(asked.State)
	return came
}

// writeRecord brings the record into the state, unless what GitHub holds speaks
// against it. The error is that of the Recorder.
func writeRecord(ctx context.Context, recorder *github.Recorder, receipt report.Receipt, state actions.State) (report.Recorded, error) {
	seen, err := recorder.Look(ctx)
	if err != nil {
		return report.Recorded{Deployment: endLate(ctx, recorder, receipt, state)}, err
	}
	if refused := checkStanding(seen, receipt, state); refused != nil {
		refused.Deployment = seen.ID
		return *refused, nil
	}
	written, err := recorder.Write(ctx, seen, string(state))
	return report.Recorded{Code: report.RecordedCode, Deployment: written.ID, Added: written.Added}, err
}

// endLate says how a deployment ended whose run was cancelled before anybody had
// looked, if there is time, and returns the record of which it said so. What only
// began needs no last words: there is no record of it yet.
func endLate(ctx context.Context, recorder *github.Recorder, receipt report.Receipt, state actions.State) int64 {
	if !errors.Is(ctx.Err(), context.Canceled) || state == actions.StateInProgress {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), github.LastWords)
	defer cancel()
	seen, err := recorder.Look(ctx)
	if err != nil || seen.ID == 0 || checkStanding(seen, receipt, state) != nil {
		return 0
	}
	if _, err := recorder.Write(ctx, seen, string(state)); err != nil {
		return 0
	}
	return seen.ID
}

// readReceipt returns the receipt if it is of this very run and allows. An empty
// one is what the gate gives when it does not allow.
func readReceipt(asked actions.Record) (report.Receipt, *report.Recorded) {
	if asked.Receipt == "" {
		return report.Receipt{}, refuseRecord(recordNotAllowed, "the input receipt is empty: the gate allowed nothing, or its output was not passed on",
			"Run the gate in this job before, and pass its output receipt.")
	}
	receipt, err := report.ParseReceipt(asked.Receipt)
	if err != nil {
		return receipt, refuseRecord(string(actions.InputInvalid), err.Error(), "Pass the output receipt of the gate as it is.")
	}
	own := fmt.Sprintf("%s, run %d, attempt %d", asked.Repository, asked.RunID, asked.RunAttempt)
	switch its := fmt.Sprintf("%s, run %d, attempt %d", receipt.Repository, receipt.RunID, receipt.RunAttempt); {
	case !receipt.Allows():
		return receipt, refuseRecord(recordNotAllowed, fmt.Sprintf("the decision in the receipt is %q", receipt.Decision), "Deploy, and record it, only after an allow.")
	case its != own:
		return receipt, refuseRecord(recordOtherRun, fmt.Sprintf("the receipt is of %s, and this is %s", its, own),
			"Run the gate again in this job: GitHub passes on the outputs of jobs of an earlier attempt, and an old allow is not enough.")
	case asked.Environment != "":
		return receipt, refuseRecord(recordEnvironmentJob, fmt.Sprintf("the input environment says that this job has the environment %q, and GitHub records such jobs itself", asked.Environment), fixEnvironmentJob)
	}
	return receipt, checkInputs(asked, receipt)
}

const fixEnvironmentJob = "Leave the steps with command: record out of a job that has an environment, or take the environment off the job."

// checkInputs holds the receipt to what the caller says beside it.
func checkInputs(asked actions.Record, receipt report.Receipt) *report.Recorded {
	for _, each := range []struct{ name, want, got string }{
		{"sha", string(asked.SHA), string(receipt.SHA)},
		{"ref", string(asked.Ref), string(receipt.Ref)},
		{"stage", asked.Stage, receipt.Stage},
		{"project", asked.Project, receipt.Project},
	} {
		if each.want != "" && each.want != each.got {
			return refuseRecord(recordOtherSubject, fmt.Sprintf("the input %s is %q, the receipt is for %q", each.name, each.want, each.got),
				"Pass the receipt of the gate that decided about just this.")
		}
	}
	return nil
}

// checkStanding refuses what GitHub's clock or records speak against.
func checkStanding(seen github.Standing, receipt report.Receipt, state actions.State) *report.Recorded {
	begins := state == actions.StateInProgress || seen.ID == 0
	switch age := seen.Now.Sub(receipt.At); {
	case age < -maxSkew:
		return refuseRecord(string(actions.InputInvalid), "the receipt is of a time that is still to come", "Pass the output receipt of the gate as it is.")
	case seen.JobRecord != 0:
		return refuseRecord(recordEnvironmentJob, fmt.Sprintf("GitHub records this job itself, as deployment %d to %q; two records would contradict each other", seen.JobRecord, seen.JobEnvironment), fixEnvironmentJob)
	case begins && age > maxReceiptAge:
		return refuseRecord(recordExpired, fmt.Sprintf("the receipt is of %s, %s ago by GitHub's clock; a deployment begins within %s",
			receipt.At.Format(time.RFC3339), age.Round(time.Minute), maxReceiptAge), "Run the gate again, right before the deployment.")
	case state == actions.StateSuccess && seen.Failed:
		return refuseRecord(recordFailedBefore, "this attempt of the run has recorded that the deployment failed; it cannot have succeeded as well", "Start the job again: another attempt has a record of its own.")
	}
	return nil
}

func refuseRecord(code, reason, fix string) *report.Recorded {
	return &report.Recorded{Code: code, Reason: reason, Fix: fix}
}

// lostRecord says why GitHub could not be read or written.
func lostRecord(ctx context.Context, err error) (code, reason, fix string) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return "run.cancelled", "the run was cancelled before the deployment was recorded", "The next step with command: record finds what was written, and goes on from there."
	}
	code, reason = "api."+string(fact.Unavailable), err.Error()
	var missing *fact.Missing
	if errors.As(err, &missing) {
		code, fix = "api."+string(missing.Reason), missing.Fix
	}
	if fix == "" {
		fix = "Run the job again. What was written is found again and not written twice."
	}
	return code, reason, fix
}

// maxRecordName is how much of a name is in the description of a record.
const maxRecordName = 40

// describe says in a line what is deployed, for GitHub's page of deployments.
func describe(receipt report.Receipt) string {
	what := shortName(receipt.Ref.Name())
	if receipt.Ref.Kind() == fact.Branch {
		what += " (" + receipt.SHA.Short() + ")"
	}
	return fmt.Sprintf("Stageward: %s to %s, run %d", what, shortName(receipt.Stage), receipt.RunID)
}

// shortName cuts a name without a character that does anything but be read.
func shortName(name string) string {
	letters := []rune(actions.Inert(name))
	if len(letters) > maxRecordName {
		return string(letters[:maxRecordName-1]) + "…"
	}
	return string(letters)
}

// deliverRecord hands what came of it to the runner. None of the outputs opens
// anything.
func (a *app) deliverRecord(log *actions.Log, came report.Recorded) int {
	if came.Done() {
		log.Text(came.Text())
	} else {
		log.Error("Stageward", came.Text())
	}
	if err := actions.NewSummary(a.system.Getenv).Append(came.Summary()); err != nil {
		log.Warning("Stageward", "the job summary could not be written: "+err.Error())
	}
	if err := a.writeOutputs(came.Outputs()); err != nil {
		log.Error("Stageward", "the outputs could not be written: "+err.Error())
		return exitUndecided
	}
	return recordExit(came.Code)
}

// recordExit returns the exit code of a record.
func recordExit(code string) int {
	switch {
	case code == report.RecordedCode:
		return exitAllow
	case strings.HasPrefix(code, "record."):
		return exitRefused
	case slices.Contains(badInput, code):
		return exitBadInput
	}
	return exitUndecided
}
