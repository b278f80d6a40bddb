package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

func (a *app) actionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "action",
		Short: "Run as a step of a GitHub Actions job",
		Long: `Run as a step of a GitHub Actions job: the subject, the inputs and the files for
outputs and summary come from the runner's environment. This is what the
container does; on a laptop use "stageward gate".`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			a.code = exitUndecided // until something is decided
			a.code = a.action(command.Context())
			a.printed.err = nil // nothing rests on the log: the decision is in the outputs
			return nil
		},
	}
}

// action decides about the run that the environment describes and hands the
// verdict to the runner. It returns the exit code.
func (a *app) action(ctx context.Context) int {
	log := actions.NewLog(a.system.Stdout)
	for _, secret := range actions.Secrets(a.system.Getenv) {
		log.Mask(secret) // before anything can print it
	}
	if actions.WantsRecord(a.system.Getenv) {
		return a.record(ctx, log)
	}
	if actions.WantsAudit(a.system.Getenv) {
		return a.auditStep(ctx, log)
	}
	run, err := actions.Read(a.system.Getenv, readRegular)
	file := configFile{workspace: run.Workspace, path: run.Inputs.ConfigFile}
	if err := file.remove(); err != nil {
		return a.deliver(ctx, log, ruling{one: file.failed(decide.Undecidable(fact.Set{Subject: run.Subject, Trigger: run.Trigger}, "", "", ""), err)}, run.Inputs.FailOn)
	}
	if err != nil {
		return a.deliver(ctx, log, ruling{one: withoutSubject(run, err)}, run.Inputs.FailOn)
	}
	for _, notice := range run.Notices {
		log.Notice("Stageward", notice)
	}
	facts, result := a.judge(ctx, run)
	for _, line := range a.retries.Lines() {
		log.Text(line)
	}
	if err := saveBelow(run.Workspace, run.Inputs.SaveFacts, facts); err != nil {
		log.Warning("Stageward", err.Error())
	}
	return a.deliverWith(ctx, file, log, result, run.Inputs.FailOn)
}

// judge asks GitHub about the run and decides. A panic in it is an error like any
// other, so that the summary and the outputs say so.
func (a *app) judge(ctx context.Context, run actions.Run) (facts fact.Set, result ruling) {
	about := fact.Set{Subject: run.Subject, Trigger: run.Trigger}
	defer func() {
		if cause := recover(); cause != nil {
			facts, result = about, ruling{one: a.faulty(about, cause)}
		}
	}()
	config := github.Config{
		ServerURL: run.ServerURL, APIURL: run.APIURL, GraphQLURL: run.GraphQLURL,
		Token: run.Inputs.Token.Reveal(), PeopleToken: run.Inputs.PeopleToken.Reveal(),
		RepositoryID: run.RepositoryID,
		Transport:    a.system.Transport, Now: a.system.Now, Retried: a.retries.Add,
	}
	reader, err := github.NewReader(config, run.Subject, run.Inputs.Policy)
	if err != nil {
		return about, ruling{one: decide.Undecidable(about, "input.invalid", err.Error(), "Correct the inputs of the step, or the server's addresses in the runner's set-up.")}
	}
	return live(reader, run.Subject, run.Trigger).run(ctx)
}

// withoutSubject is the verdict on a run that is about no commit that may be
// deployed: a deny if that is understood, and an error if it is not.
func withoutSubject(run actions.Run, err error) verdict.Verdict {
	facts := fact.Set{Trigger: run.Trigger}
	var refused *actions.Error
	switch {
	case !errors.As(err, &refused):
		return decide.Undecidable(facts, string(actions.RunnerInvalid), err.Error(), "")
	case refused.Understood():
		return decide.Refused(facts, string(refused.Code), refused.Reason, refused.Fix)
	}
	return decide.Undecidable(facts, string(refused.Code), refused.Reason, refused.Fix)
}

// deliver hands the ruling to the runner: log, annotations, summary, and at
// the very end the outputs. Nothing opens unless the outputs were written, and a
// run that is cancelled before that allows nothing.
func (a *app) deliver(ctx context.Context, log *actions.Log, result ruling, fail actions.FailOn) int {
	result = result.unlessCancelled(ctx)
	log.Text(result.text(report.Style{}))
	for _, note := range result.annotations() {
		annotate(log, note)
	}
	if err := actions.NewSummary(a.system.Getenv).Append(result.summary()); err != nil {
		log.Warning("Stageward", "the job summary could not be written; the decision does not depend on it: "+err.Error())
	}
	result = result.unlessCancelled(ctx)
	outputs, err := result.outputs()
	if err == nil {
		err = a.writeOutputs(outputs)
	}
	if err != nil {
		log.Error("Stageward", "the outputs could not be written, so nothing was allowed: "+err.Error())
		return exitUndecided
	}
	return result.exit(fail)
}

// writeOutputs writes the outputs of the step, in their order.
func (a *app) writeOutputs(outputs []report.Output) error {
	written := make([]actions.Output, len(outputs))
	for i, output := range outputs {
		written[i] = actions.Output{Name: output.Name, Value: output.Value}
	}
	return actions.NewOutputFile(a.system.Getenv, a.system.Random).Write(written)
}

func annotate(log *actions.Log, note report.Annotation) {
	switch note.Level {
	case report.LevelError:
		log.Error(note.Title, note.Message)
	case report.LevelWarning:
		log.Warning(note.Title, note.Message)
	case report.LevelNotice:
		log.Notice(note.Title, note.Message)
	}
}

// readLimited reads a file that may not be longer than limit bytes.
func readLimited(name string, limit int64) ([]byte, error) {
	// A pipe may be read, and nobody is waited for who has not opened it to write: no
	// signal would end that.
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the caller names the file
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	return readAll(file, limit)
}

// readRegular is readLimited for a file that somebody else was to leave there. It
// waits for nobody: opening a pipe would.
func readRegular(name string, limit int64) ([]byte, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the runner names the file
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	if err := checkRegular(file); err != nil {
		return nil, err
	}
	return readAll(file, limit)
}

func checkRegular(file *os.File) error {
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", file.Name())
	}
	return err
}

func readAll(file *os.File, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is longer than %d bytes", file.Name(), limit)
	}
	return data, nil
}

// saveBelow writes the facts to a path below the workspace, if one was asked
// for. Everybody may read them: the container is root, the next step is not.
// Links in the workspace cannot lead the file elsewhere, and a pipe in its place
// cannot keep the run waiting. A file that could not be written whole goes.
func saveBelow(workspace, path string, facts fact.Set) error {
	if path == "" {
		return nil
	}
	data, err := facts.Marshal()
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(workspace)
	if err != nil {
		return fmt.Errorf("save facts: %w", err)
	}
	defer root.Close() //nolint:errcheck // the file below reports its own errors
	name := filepath.FromSlash(path)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("save facts: %w", err)
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return fmt.Errorf("save facts: %w", err)
	}
	if err := checkRegular(file); err != nil {
		return errors.Join(fmt.Errorf("save facts: %w", err), file.Close())
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(fmt.Errorf("save facts: %w", err), root.Remove(name))
	}
	return nil
}
