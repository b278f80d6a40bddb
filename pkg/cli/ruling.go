package cli

import (
	"context"
	"errors"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// ruling is what a run came to: one verdict, or one for each of several projects.
// Whoever hands it on need not know which.
type ruling struct {
	one     verdict.Verdict
	several *verdict.Several // nil where there is one
}

// each returns the ruling with every verdict in it changed.
func (r ruling) each(change func(verdict.Verdict) verdict.Verdict) ruling {
	if r.several == nil {
		return ruling{one: change(r.one)}
	}
	changed := r.several.Each(change)
	return ruling{several: &changed}
}

// unlessCancelled returns the ruling as it is, or as the error that it is when the
// run was cancelled since.
func (r ruling) unlessCancelled(ctx context.Context) ruling {
	if !errors.Is(ctx.Err(), context.Canceled) {
		return r
	}
	return r.each(func(result verdict.Verdict) verdict.Verdict { return unlessCancelled(ctx, result) })
}

// allows reports whether all that was decided is allowed.
func (r ruling) allows() bool {
	if r.several == nil {
		return r.one.Allows()
	}
	return r.several.Allows()
}

// replayed reports whether the facts came from a file.
func (r ruling) replayed() bool {
	return r.several == nil && r.one.Replayed || r.several != nil && r.several.Replayed
}

// exit returns the exit code.
func (r ruling) exit(fail actions.FailOn) int {
	if r.several == nil {
		return exitCode(r.one, fail)
	}
	return exitCode(verdict.Verdict{Decision: r.several.Decision, Code: r.several.Code}, fail)
}

func (r ruling) text(style report.Style) string {
	if r.several == nil {
		return report.Text(r.one, style)
	}
	return report.SeveralText(*r.several, style)
}

func (r ruling) summary() string {
	if r.several == nil {
		return report.Summary(r.one)
	}
	return report.SeveralSummary(*r.several)
}

func (r ruling) json() ([]byte, error) {
	if r.several == nil {
		return report.JSON(r.one)
	}
	return report.SeveralJSON(*r.several)
}

func (r ruling) annotations() []report.Annotation {
	if r.several == nil {
		return report.Annotations(r.one)
	}
	return report.SeveralAnnotations(*r.several)
}

func (r ruling) outputs() ([]report.Output, error) {
	if r.several == nil {
		return report.Outputs(r.one)
	}
	return report.SeveralOutputs(*r.several)
}
