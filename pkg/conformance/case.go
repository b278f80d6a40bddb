package conformance

import (
	"errors"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/githubtest"
)

// Case is one case of a pack.
type Case struct {
	// Name is the group and the file without its ending, such as "chk/neutral".
	Name  string
	Group string // in capitals, such as CHK
	// About says in one sentence what it is about.
	About string
	// IDs are those of testdata/cases.tsv that it is an example of; there may be
	// none.
	IDs []string
	// ActionOnly says why the case is one for the action alone; "" when the command
	// line has to come to the same decision.
	ActionOnly string

	World       githubtest.World
	Event       githubtest.Event
	Inputs      map[string]string
	Environment map[string]*string // variables that are set, or taken away where nil
	Payload     []byte             // the event file in place of GitHub's; nil leaves that
	Workspace   map[string]string  // files below the workspace, by path
	Expect      Expect
}

// setup is the file case.json.
type setup struct {
	IDs         []string           `json:"ids,omitempty"`
	World       string             `json:"world"`
	Event       event              `json:"event"`
	Inputs      map[string]string  `json:"inputs,omitempty"`
	Environment map[string]*string `json:"environment,omitempty"`
	ActionOnly  string             `json:"action_only,omitempty"`
}

// event is what starts the run; its fields are those of [githubtest.Event].
type event struct {
	Name            string            `json:"name,omitempty"`
	Ref             string            `json:"ref"`
	Actor           string            `json:"actor"`
	TriggeringActor string            `json:"triggering_actor,omitempty"`
	Commit          string            `json:"commit,omitempty"`
	Attempt         int               `json:"attempt,omitempty"`
	Action          string            `json:"action,omitempty"`
	HeadRepository  string            `json:"head_repository,omitempty"`
	Deleted         bool              `json:"deleted,omitempty"`
	Inputs          map[string]string `json:"inputs,omitempty"`
}

func (e event) started() githubtest.Event {
	return githubtest.Event{
		Name: e.Name, Ref: e.Ref, Actor: e.Actor, TriggeringActor: e.TriggeringActor, Commit: e.Commit, Attempt: e.Attempt,
		Action: e.Action, HeadRepository: e.HeadRepository, Deleted: e.Deleted, Inputs: e.Inputs,
	}
}

// plain reports whether the command line can be told everything that the event
// says: somebody pushed the tip of a branch or tag.
func (e event) plain() bool {
	return (e.Name == "" || e.Name == "push") && e.TriggeringActor == "" && e.Commit == "" && e.Attempt == 0 && !e.Deleted
}

// Expect is the file expect.json: what has to come of a case. Of a gate only
// what is listed has to hold; everything else is exact.
type Expect struct {
	Exit int `json:"exit"`
	// Silent means that the step can set no outputs at all, and that everything but
	// the exit code is left out.
	Silent   bool   `json:"silent,omitempty"`
	Decision string `json:"decision,omitempty"` // allow, wait, deny or error
	Code     string `json:"reason_code,omitempty"`
	// Commit is the name in the World of the commit that was decided about, or the id
	// of one that is not there; Stage is the stage. Both are "" where there is none.
	Commit string `json:"commit"`
	Stage  string `json:"stage"`
	// Unmet are all gates that keep the run from being allowed, in any order.
	Unmet []string        `json:"unmet"`
	Gates map[string]Gate `json:"gates,omitempty"`
	// Outputs have exactly these values. In a value "<sha of NAME>" is the id of a
	// commit.
	Outputs map[string]string `json:"outputs,omitempty"`
	// Empty are outputs that must have no value.
	Empty []string `json:"empty,omitempty"`
	// Names are texts that a reader has to find in the log or in the summary.
	Names []string `json:"names,omitempty"`
	Never Never    `json:"never,omitzero"`
}

// Gate is what one gate has to say. Mode is enforce when empty.
type Gate struct {
	Outcome string `json:"outcome"`
	Code    string `json:"code,omitempty"`
	Mode    string `json:"mode,omitempty"`
}

// Never is what must not happen, beside what never may in any case.
type Never struct {
	// Outcomes are outcomes that a gate must not have.
	Outcomes map[string][]string `json:"outcomes,omitempty"`
	// Asked are beginnings of "METHOD /path operation" that GitHub must not be asked;
	// [""] is every question.
	Asked []string `json:"asked,omitempty"`
	// Said are texts that must not be in the log, the summary or the outputs; Shown
	// those that must not be in the summary.
	Said  []string `json:"said,omitempty"`
	Shown []string `json:"shown,omitempty"`
}

// inputFlags are the inputs of the action that "stageward gate" has as flags.
var inputFlags = []string{"policy", "project", "stage", "sha", "ref", "rollback", "break-glass", "fail-on"}

// check refuses a case that cannot fail, or that contradicts itself.
func (c Case) check(event event) error {
	if c.About == "" {
		return errors.New("the text before the first file says what it is about, in one sentence")
	}
	if err := c.Expect.check(); err != nil {
		return fmt.Errorf("expect.json: %w", err)
	}
	if c.ActionOnly == "" {
		if err := c.checkCommandLine(event); err != nil {
			return fmt.Errorf("case.json: %w", err)
		}
	}
	return nil
}

// check refuses what no build could meet, or every one.
func (e Expect) check() error {
	switch {
	case e.Silent && e.Exit == 0:
		return errors.New("a step that can say nothing fails")
	case e.Silent:
		return nil
	case !slices.Contains([]string{"allow", "wait", "deny", "error"}, e.Decision) || e.Code == "":
		return errors.New("want decision and reason_code")
	case e.Decision == "allow" && (e.Exit != 0 || e.Commit == "" || len(e.Unmet) > 0):
		return errors.New("an allow has the exit code 0, a commit and no unmet gate")
	case e.Decision == "error" && e.Exit < 2:
		return errors.New("an error has the exit code 2 or 3")
	}
	return nil
}

// checkCommandLine refuses a case that the command line cannot be told.
func (c Case) checkCommandLine(event event) error {
	for name := range c.Inputs {
		if name != "people-token" && !slices.Contains(inputFlags, name) {
			return fmt.Errorf("the command line has no %q; say why in action_only", name)
		}
	}
	if c.Expect.Silent || !event.plain() || len(c.Environment) > 0 || c.Payload != nil || len(c.Workspace) > 0 {
		return errors.New("only a runner says this; say why the case is not for the command line in action_only")
	}
	return nil
}
