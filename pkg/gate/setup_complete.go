package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// SetupComplete holds when every item of the readiness checklist of the stage is
// attested by somebody who is still there, and not for too long, or shown by what
// GitHub records.
var SetupComplete = register(Spec[setupComplete]{
	ID:    "setup-complete",
	Title: "The stage is set up",
	Since: "0.1.0",
	Configure: "setup-complete:\n  attested:\n    - { item: monitoring, by: octocat, evidence: \"https://example.org/runbooks/monitoring\", until: 2027-03-01 }\n" +
		"  checked:\n    - { item: backup, workflow: .github/workflows/restore-test.yml, within: 30d }\n  items: [monitoring, backup]",
	Defaults: setupComplete{Items: setupItems()},
	Validate: func(params setupComplete, terms Terms) error { return params.validate(terms) },
	Needs:    setupComplete.needs,
	Notes:    setupComplete.notes,
	Suppose:  supposesSetup,
	Check:    checkSetupComplete,
})

type setupComplete struct {
	Items    []SetupItem     `yaml:"items" doc:"The items that are asked for; all of the checklist where nothing is said."`
	Attested []attestedSetup `yaml:"attested" doc:"Items that somebody answers for."`
	Checked  []checkedSetup  `yaml:"checked" doc:"Items that what GitHub records has to show."`
}

type attestedSetup struct {
	Item     SetupItem  `yaml:"item" doc:"The item of the checklist."`
	By       setupOwner `yaml:"by" doc:"The login of the person who answers for it; they have to have write permission when the gate is asked."`
	Evidence string     `yaml:"evidence" doc:"The https address of what shows it, such as a runbook or a ticket."`
	Until    setupEnd   `yaml:"until" doc:"When it has to be looked at again, in UTC: a date such as 2027-03-01, which belongs to it as a whole, or a date and time such as 2027-03-01T18:00."`
}

// checkedSetup is shown by one of three things: a workflow, a deployment, a file.
type checkedSetup struct {
	Item     SetupItem `yaml:"item" doc:"The item of the checklist."`
	Workflow string    `yaml:"workflow" doc:"The path of a workflow file whose newest run has to have succeeded, such as .github/workflows/restore-test.yml."`
	Branch   string    `yaml:"branch" doc:"With workflow, the name of the branch that it has to run on; the default branch where nothing is said."`
	Deployed string    `yaml:"deployed" doc:"The name of a stage whose deploying job (deployed-by of that stage) has to have succeeded."`
	File     string    `yaml:"file" doc:"For documentation, the path of a file that has to be in the commit that is deployed, with something in it."`
	Within   Duration  `yaml:"within" doc:"With workflow or deployed, how long ago its run may have begun, such as 30d."`
}

// SetupItem is an item of the readiness checklist of a stage.
type SetupItem string

// The items, in the order in which a stage is usually set up.
const (
	setupInfrastructure    SetupItem = "infrastructure"
	setupSecurityGroups    SetupItem = "security-groups"
	setupMonitoring        SetupItem = "monitoring"
	setupBackup            SetupItem = "backup"
	setupAccessControl     SetupItem = "access-control"
	setupPipelineTested    SetupItem = "pipeline-tested"
	setupDocumentation     SetupItem = "documentation"
	setupRollbackExercised SetupItem = "rollback-exercised"
)

func setupItems() []SetupItem {
	return []SetupItem{
		setupInfrastructure, setupSecurityGroups, setupMonitoring, setupBackup,
		setupAccessControl, setupPipelineTested, setupDocumentation, setupRollbackExercised,
	}
}

// Values returns the words a policy may use.
func (SetupItem) Values() []string { return wordsOf(setupItems()) }

func wordsOf(items []SetupItem) []string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = string(item)
	}
	return words
}

// leftOut returns the items that nobody is asked for.
func (p setupComplete) leftOut() []string {
	return wordsOf(slices.DeleteFunc(setupItems(), func(item SetupItem) bool { return slices.Contains(p.Items, item) }))
}

func (p setupComplete) needs(terms Terms) []fact.Need {
	var needs []fact.Need
	add := func(need fact.Need) {
		if !slices.Contains(needs, need) {
			needs = append(needs, need)
		}
	}
	for _, each := range p.Attested {
		add(fact.PermissibleLogin(string(each.By)))
	}
	for _, each := range p.Checked {
		add(each.need(terms))
	}
	return needs
}

func (c checkedSetup) need(terms Terms) fact.Need {
	switch {
	case c.File != "":
		return fact.Need{Kind: fact.NeedSource, Key: c.File}
	case c.Deployed != "":
		stage, _ := terms.stage(c.Deployed)
		return stage.DeployedBy.Need()
	}
	return c.run().runs().Need()
}

func (c checkedSetup) run() freshWorkflow {
	return freshWorkflow{Name: string(c.Item), Workflow: c.Workflow, Branch: c.Branch, Within: c.Within}
}

// What a checklist does not prove.
var (
	setupLeftOut  = newNote("setup-left-out")
	setupAttested = newNote("setup-attested")
	setupOfItself = newNote("setup-waits-for-itself")
)

func (p setupComplete) notes(terms Terms) []Note {
	var notes []Note
	if left := p.leftOut(); len(left) > 0 {
		notes = append(notes, setupLeftOut.of("the checklist of %s leaves out %s: nobody is asked for that", terms.Stage.Name, strings.Join(left, ", ")))
	}
	if len(p.Attested) > 0 {
		notes = append(notes, setupAttested.of("what is attested is a claim, which is worth what the review of this file is worth; have its changes reviewed by code owners"))
	}
	for _, each := range p.Checked {
		if each.Deployed != "" && each.Deployed == terms.Stage.Name {
			notes = append(notes, setupOfItself.of("%s asks for a deployment to %s itself, so the gate cannot be met before the first; attest the item until then, or name an earlier stage", each.Item, each.Deployed))
		}
	}
	return notes
}

// checkSetupComplete answers about all items that are asked for.
func checkSetupComplete(params setupComplete, in Input) verdict.Finding {
	var parts []verdict.Finding
	var without []string
	unready := 0
	for _, item := range params.Items {
		part := params.judge(item, in)
		if part.Outcome != verdict.Pass {
			unready++
		}
		if part.Code == "not-attested" {
			without = append(without, string(item))
			continue
		}
		parts = append(parts, part)
	}
	if len(without) > 0 {
		parts = append(parts, notAttested(without))
	}
	whole := together(parts)
	whole.Warnings = nil
	for _, part := range parts {
		whole.Warnings = append(whole.Warnings, part.Warnings...)
	}
	count := fmt.Sprintf("%d of %s of %s not ready: ", unready, plural(len(params.Items), "item", "items"), orNothing(in.Terms.Stage.Name))
	if unready == 0 {
		count = fmt.Sprintf("%s of %s ready: ", plural(len(params.Items), "item", "items"), orNothing(in.Terms.Stage.Name))
	}
	whole.Reason = count + whole.Reason
	if left := params.leftOut(); len(left) > 0 {
		whole.Reason += "; the policy does not ask for " + strings.Join(left, ", ")
	}
	return whole
}

// judge answers about one item.
func (p setupComplete) judge(item SetupItem, in Input) verdict.Finding {
	for _, each := range p.Attested {
		if each.Item == item {
			return each.judge(in)
		}
	}
	for _, each := range p.Checked {
		if each.Item == item {
			return each.judge(in)
		}
	}
	return notAttested([]string{string(item)})
}

func notAttested(items []string) verdict.Finding {
	return verdict.Failed("not-attested", "neither attested nor checked: "+strings.Join(items, ", ")).
		Because("Add each item to attested (by, evidence, until) or to checked in the policy. To do without one, name the others in items.", whoWritesPolicy)
}

// Whoever can change what the policy says.
const whoWritesPolicy = "whoever maintains the policy"

const (
	// longestAttested is a year, and the time in which people notice that it is over.
	longestAttested = 400 * 24 * time.Hour
	// soonOver is how long before its end people are told of it.
	soonOver = 14 * 24 * time.Hour
)

// judge answers about an item that somebody answers for. It fails rather than
// waits, since only another policy can mend it.
func (a attestedSetup) judge(in Input) verdict.Finding {
	evidence := fmt.Sprintf("what shows %s, by @%s", a.Item, a.By)
	end, err := a.Until.time()
	now, missing := in.Facts.At.Get()
	switch {
	case err != nil:
		return verdict.Lacking(fmt.Sprintf("until when %s is attested", a.Item), &fact.Missing{Reason: fact.Inconsistent, Detail: err.Error()})
	case missing != nil:
		return verdict.Lacking("what time it is", missing)
	case !now.Before(end):
		return verdict.Failed("expired", fmt.Sprintf("what @%s attested of %s ended at %s", a.By, a.Item, stamp(end))).
			Because("Look whether it is still true, and set until to a later date in the policy, with the evidence of today.", whoWritesPolicy).See(evidence, a.Evidence)
	case end.Sub(now) > longestAttested:
		return verdict.Failed("too-far", fmt.Sprintf("%s is attested until %s, in %s; at most %s are believed", a.Item, a.Until, formatLength(end.Sub(now)), formatLength(longestAttested))).
			Because("Set until to a date at which somebody looks again, within about a year.", whoWritesPolicy).See(evidence, a.Evidence)
	}
	return a.judgeOwner(in, end, now).See(evidence, a.Evidence)
}

// judgeOwner asks whether whoever answers for the item is still there.
func (a attestedSetup) judgeOwner(in Input, end, now time.Time) verdict.Finding {
	login := string(a.By)
	standing := in.permissionStanding(fact.WritePermission, fact.Person{Login: login})
	if access, missing := in.Facts.AccessOf(fact.Person{Login: login}).Get(); missing == nil && standing.Holds() && (access.Person.ID == 0 || fact.LoginKey(access.Person.Login) != fact.LoginKey(login)) {
		standing = unknown(&fact.Missing{Reason: fact.Incomplete, Detail: fmt.Sprintf("GitHub did not say which account @%s is", login)})
	}
	switch {
	case standing.Outcome == verdict.Unknown:
		return verdict.Lacking(fmt.Sprintf("whether @%s, who answers for %s, is still there", login, a.Item), standing.Missing)
	case !standing.Holds():
		return verdict.Failed("no-owner", fmt.Sprintf("nobody answers for %s any more: %s", a.Item, standing.Reason)).
			Because("Let somebody who has write permission look at it and stand in by.", whoWritesPolicy)
	}
	passed := verdict.Passed(fmt.Sprintf("%s (attested by @%s until %s)", a.Item, login, a.Until))
	if left := end.Sub(now); left <= soonOver {
		passed = passed.Warn(fmt.Sprintf("What @%s attested of %s ends in %s, at %s.", login, a.Item, formatLength(left), stamp(end)))
	}
	return passed
}

// judge answers about an item that GitHub's records have to show.
func (c checkedSetup) judge(in Input) verdict.Finding {
	switch {
	case c.File != "":
		return c.judgeFile(in)
	case c.Deployed != "":
		return c.judgeDeployed(in)
	}
	return c.run().judge(in)
}

func (c checkedSetup) judgeFile(in Input) verdict.Finding {
	file, missing := in.Facts.SourceAt(c.File).Get()
	if missing != nil {
		return verdict.Lacking(fmt.Sprintf("whether the file %q, for %s, is there", c.File, c.Item), missing)
	}
	if !file.Exists || strings.TrimSpace(file.Text) == "" {
		return verdict.Failed("no-file", fmt.Sprintf("%s: commit %s has no file %q with anything in it", c.Item, file.Commit.Short(), c.File)).
			Because(fmt.Sprintf("Write %s, and deploy a commit that holds it.", c.File), "whoever writes the documentation")
	}
	return verdict.Passed(fmt.Sprintf("%s (the file %q)", c.Item, c.File)).See("the file for "+string(c.Item), file.URL)
}
