package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/lint"
	"github.com/stageward/stageward/pkg/policy"
)

// untilForm is how the end of an acceptance is shown.
const untilForm = "2006-01-02 15:04 UTC"

func (a *app) printLinted(found linted, strict bool) error {
	if len(found.problems) > 0 {
		return a.showProblems(found.problems)
	}
	out := a.system.Stdout
	projects := ""
	if len(found.projects) > 0 {
		projects = fmt.Sprintf("%d projects: %s; ", len(found.projects), strings.Join(found.projects, ", "))
	}
	fmt.Fprintf(out, "%s: ok, %s%d stages: %s\n", actions.Inert(found.path), projects, len(found.stages), strings.Join(found.stages, ", "))
	for _, each := range found.notes {
		fmt.Fprintf(out, "note: %s\n", actions.Inert(each))
	}
	for _, each := range found.warnings {
		fmt.Fprintln(out, warningLines(found.path, each))
	}
	if len(found.warnings) == 0 {
		return nil
	}
	open := found.open()
	fmt.Fprintf(out, "%d warning(s), %d accepted; stageward lint --explain ID says what each means\n", open, len(found.warnings)-open)
	if strict && open > 0 {
		fmt.Fprintf(out, "--strict: %d of them nobody accepted\n", open)
	}
	return nil
}

// warningLines is a warning as text, in the form of a problem.
func warningLines(path string, w lint.Warning) string {
	about := ""
	if w.Project != "" {
		about = fmt.Sprintf("project %s, ", w.Project)
	}
	if w.Stage != "" {
		about += "stage " + w.Stage + ", "
	}
	if w.Gate != "" {
		about += w.Gate + ", "
	}
	if about != "" {
		about = strings.TrimSuffix(about, ", ") + ": "
	}
	where, kind, more := w.Where, "warning", ""
	if where == "" {
		where = path
	}
	switch accepted := w.Accepted; {
	case accepted != nil && accepted.Until.IsZero():
		kind, more = "accepted", "  because: "+actions.Inert(accepted.Because)
	case accepted != nil:
		kind, more = "accepted", fmt.Sprintf("  because: %s (until %s)", actions.Inert(accepted.Because), accepted.Until.Format(untilForm))
	case w.Fix != "":
		more = "  hint: " + actions.Inert(w.Fix)
	}
	text := fmt.Sprintf("%s: %s: %s%s [%s]", actions.Inert(where), kind, about, actions.Inert(w.Text), w.ID)
	if more != "" {
		text += "\n" + more
	}
	return text
}

// jsonLinted is what lint found, for programs. Every field is always there;
// docs/lint.md describes them, and they are only ever added to.
type jsonLinted struct {
	Policy   string        `json:"policy"`
	OK       bool          `json:"ok"`
	Projects []string      `json:"projects"`
	Stages   []string      `json:"stages"`
	Problems []jsonProblem `json:"problems"`
	Warnings []jsonWarning `json:"warnings"`
	Notes    []string      `json:"notes"`
	Open     int           `json:"open"`
	Accepted int           `json:"accepted"`
}

type jsonProblem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

type jsonWarning struct {
	ID       string        `json:"id"`
	Stage    string        `json:"stage"`
	Gate     string        `json:"gate"`
	Project  string        `json:"project"`
	Where    string        `json:"where"`
	Text     string        `json:"text"`
	Fix      string        `json:"fix"`
	Accepted *jsonAccepted `json:"accepted"`
}

type jsonAccepted struct {
	Because string `json:"because"`
	Until   string `json:"until"`
	Where   string `json:"where"`
}

func (a *app) encodeLinted(found linted, _ bool) error {
	made := jsonLinted{
		Policy: found.path, OK: len(found.problems) == 0, Projects: notNull(found.projects), Stages: notNull(found.stages),
		Problems: []jsonProblem{}, Warnings: []jsonWarning{}, Notes: notNull(found.notes),
		Open: found.open(), Accepted: len(found.warnings) - found.open(),
	}
	for _, each := range found.problems {
		made.Problems = append(made.Problems, jsonProblem{each.File, each.Line, each.Column, each.Message, each.Hint})
	}
	for _, each := range found.warnings {
		made.Warnings = append(made.Warnings, jsonWarning{each.ID, each.Stage, each.Gate, each.Project, each.Where, each.Text, each.Fix, acceptedOf(each.Accepted)})
	}
	data, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	_, err = fmt.Fprintf(a.system.Stdout, "%s\n", data)
	return err
}

// notNull returns a list that is written as one.
func notNull(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

func acceptedOf(accepted *policy.Acceptance) *jsonAccepted {
	if accepted == nil {
		return nil
	}
	until := ""
	if !accepted.Until.IsZero() {
		until = accepted.Until.Format(time.RFC3339)
	}
	return &jsonAccepted{accepted.Because, until, accepted.Origin}
}
