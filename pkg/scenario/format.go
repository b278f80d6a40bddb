package scenario

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/internal/strict"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

// formatVersion is the version of the file format that this program reads.
const formatVersion = 1

// document is a file of scenarios. Its types and tags are the format.
type document struct {
	Version    strict.At[int]                   `yaml:"version,required" doc:"The version of the file format: 1."`
	Policy     strict.At[string]                `yaml:"policy" doc:"The policy that is tested, as a path from the folder of this file. Without it, stageward.yml."`
	Repository strict.At[repository]            `yaml:"repository" doc:"The repository of the runs that are made up, as owner/name. Without it, acme/shop."`
	Branch     strict.At[string]                `yaml:"default-branch" doc:"The default branch of the runs that are made up. Without it, main."`
	Around     strict.At[moment]                `yaml:"at" doc:"Around what time the runs are that do not say: each is at the next time from then on at which its stage is open. Without it, 2026-01-13T10:00:00Z."`
	Bases      strict.At[strict.Map[name, run]] `yaml:"bases,required" doc:"Runs, by a name of your choice. Each scenario begins with one."`
	Scenarios  strict.At[[]strict.At[section]]  `yaml:"scenarios,required" doc:"What should be decided, and about what."`
}

// run is what a run is about, and what is supposed of it.
type run struct {
	Facts      strict.At[string]                     `yaml:"facts" doc:"A file of facts that were saved, as a path from the folder of this file. Without it, the run is made up: everything is there that the policy asks for."`
	Ref        strict.At[reference]                  `yaml:"ref" doc:"The branch or tag, such as refs/tags/v1.4.0. A run that is made up has to have one."`
	Event      strict.At[string]                     `yaml:"event" doc:"The event that starts the run, such as push, which it is without it."`
	Actor      strict.At[string]                     `yaml:"actor" doc:"The login of whoever starts the run."`
	Author     strict.At[string]                     `yaml:"author" doc:"The login of whoever wrote the change. Without it, somebody who has nothing else to do with the run."`
	People     strict.At[strict.Map[string, access]] `yaml:"people" doc:"The permissions of people in the repository, by login."`
	Stage      strict.At[string]                     `yaml:"stage" doc:"The stage that the run asks for."`
	Project    strict.At[string]                     `yaml:"project" doc:"The project that the run is about, where the policy has several."`
	At         strict.At[moment]                     `yaml:"at" doc:"What time it is, such as 2026-12-24T18:00:00+01:00. Without it, some time at which the stage is open."`
	Rollback   strict.At[bool]                       `yaml:"rollback" doc:"Whether the run asks to go back to what was deployed before."`
	BreakGlass strict.At[string]                     `yaml:"break-glass" doc:"Why the run asks to deploy although gates are not met."`
	With       strict.At[[]strict.At[string]]        `yaml:"with" doc:"Evidence that is there, such as approval:qa."`
	Without    strict.At[[]strict.At[string]]        `yaml:"without" doc:"Evidence that is not there, such as check:tests; fact:checks is a fact that could not be read."`
	Change     strict.At[strict.JSON]                `yaml:"change" doc:"What is different in the facts, in the form in which they are saved: maps are merged, everything else replaces."`
}

// section is one scenario.
type section struct {
	Name   strict.At[string] `yaml:"name,required" doc:"What the scenario shows, as a sentence."`
	Base   strict.At[string] `yaml:"base,required" doc:"The run that it begins with, one of bases."`
	Differ strict.At[run]    `yaml:"but" doc:"What is different from that run."`
	Expect strict.At[expect] `yaml:"expect,required" doc:"What should be decided."`
}

// expect is what should be decided.
type expect struct {
	Decision strict.At[decision]                      `yaml:"decision,required" doc:"allow, wait, deny or error."`
	Stage    strict.At[string]                        `yaml:"stage" doc:"The stage that the run is for."`
	Reasons  strict.At[[]strict.At[string]]           `yaml:"reasons" doc:"The reason codes of everything that is in the way, such as approved.missing, or of the whole, such as no-stage; all of them, in any order."`
	Gates    strict.At[strict.Map[string, gateState]] `yaml:"gates" doc:"How gates stand, by their ids: pass, fail, wait, unknown, skip or waived."`
}

type name string

// Pattern returns the form of the names of runs.
func (name) Pattern() (expression, words string) {
	return `^[a-z][a-z0-9-]*$`, `a name of lower-case letters, digits and "-" that begins with a letter`
}

type repository string

// Pattern returns the form of the full name of a repository.
func (repository) Pattern() (expression, words string) {
	return `^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$`, "a repository as owner/name"
}

type reference string

type moment string

// Pattern returns the form of a time: a zone is always said.
func (moment) Pattern() (expression, words string) {
	return `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$`, "a time with its zone such as 2026-12-24T18:00:00Z or 2026-12-24T18:00:00+01:00"
}

type access string

// Values returns the permissions that a person can have.
func (access) Values() []string {
	values := []string{string(fact.NoPermission)}
	for _, each := range fact.Permissions() {
		values = append(values, string(each))
	}
	return values
}

type decision string

// Values returns the decisions.
func (decision) Values() []string { return []string{"allow", "wait", "deny", "error"} }

type gateState string

// Values returns the outcomes of gates.
func (gateState) Values() []string {
	return []string{"pass", "fail", "wait", "unknown", "skip", "waived"}
}

// badReference says what is wrong with a reference.
func badReference(text string) (message, hint string) {
	if _, err := fact.ParseRef(text); err != nil {
		return strict.Escape(err.Error()), ""
	}
	return "", ""
}

// badMoment says what is wrong with a time.
func badMoment(text string) (message, hint string) {
	if _, err := ParseMoment(text); err != nil {
		return strict.Quote(text) + " is not a time", fmt.Sprintf("there is no such day, hour or minute, or it is before %d", firstYear)
	}
	return "", ""
}

// firstYear is the first one of which it can be asked what was decided in it.
const firstYear = 2008

// ParseMoment reads a time of RFC 3339, at which GitHub can have been asked something.
func ParseMoment(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if at = at.UTC(); err == nil && at.Year() < firstYear {
		err = fmt.Errorf("%d is before %d", at.Year(), firstYear)
	}
	return at, err
}

// reader reads a file and keeps what is wrong with it.
type reader struct {
	*strict.Decoder
	document document
}

// Parse reads a file of scenarios. The name is used in messages only. The error is of
// type policy.Problems.
func Parse(name string, source []byte) (File, error) {
	root, issues, usable := strict.Parse(source)
	r := reader{Decoder: &strict.Decoder{Checks: map[reflect.Type]func(string) (string, string){
		reflect.TypeFor[reference](): badReference,
		reflect.TypeFor[moment]():    badMoment,
	}}}
	var file File
	if usable {
		r.Decode(root, &r.document)
		file = r.file(name)
	}
	if err := policy.ProblemsIn(name, source, append(issues, r.Issues()...)); err != nil {
		return File{}, err
	}
	return file, nil
}

func (r *reader) file(name string) File {
	given := r.document
	if given.Version.OK && given.Version.Value != formatVersion {
		r.Report(given.Version.Position, fmt.Sprintf("version %d of the file format is not supported; this program reads version %d", given.Version.Value, formatVersion), "")
	}
	file := File{Name: name, Policy: given.Policy.Value, repository: string(given.Repository.Value), branch: given.Branch.Value, bases: map[string]Run{}}
	if given.Around.OK {
		file.around, _ = ParseMoment(string(given.Around.Value)) //nolint:errcheck // badMoment has looked
	}
	if file.Policy == "" {
		file.Policy = "stageward.yml"
	}
	for _, each := range given.Bases.Value {
		base := r.run(each.Value)
		if base.facts != "" && base.author != "" {
			r.Report(each.Value.Author.Position, `"author" is for runs that are made up`, "say in the facts who wrote the change, with the number of the account")
		}
		if each.OK && base.facts == "" && base.ref == "" {
			r.Report(each.At, fmt.Sprintf("the run %s has neither facts nor a ref", strict.Quote(string(each.Key))), "give it a ref, such as ref: refs/tags/v1.4.0; or facts: a file of facts that were saved")
		}
		file.bases[string(each.Key)] = base
		file.order = append(file.order, string(each.Key))
	}
	titles := map[string]int{}
	for _, each := range given.Scenarios.Value {
		scenario := r.scenario(each.Value, file.order)
		if before, twice := titles[scenario.Name]; twice {
			r.Report(each.Value.Name.Position, fmt.Sprintf("the scenario %s is already in line %d", strict.Quote(scenario.Name), before), "say what each of them shows that the other does not")
		}
		titles[scenario.Name] = scenario.Line
		file.Scenarios = append(file.Scenarios, scenario)
	}
	return file
}

func (r *reader) scenario(given section, bases []string) Scenario {
	if given.Base.OK && !slices.Contains(bases, given.Base.Value) {
		r.Report(given.Base.Position, "there is no run "+strict.Quote(given.Base.Value), strict.Alternatives(given.Base.Value, bases))
	}
	if given.Differ.Value.Facts.Given {
		r.Report(given.Differ.Value.Facts.Position, `"facts" belongs to a run of its own`, `give the run a name below "bases"`)
	}
	return Scenario{
		Name: given.Name.Value, Line: given.Name.Line, base: given.Base.Value,
		differs: r.run(given.Differ.Value), expect: r.expect(given.Expect.Value),
	}
}

func (r *reader) run(given run) Run {
	read := Run{
		facts: given.Facts.Value, ref: fact.Ref(given.Ref.Value), event: given.Event.Value, actor: given.Actor.Value, author: given.Author.Value,
		stage: given.Stage.Value, project: given.Project.Value, breakGlass: given.BreakGlass.Value, change: given.Change.Value.Raw,
	}
	if given.Rollback.OK {
		read.rollback = &given.Rollback.Value
	}
	if given.At.OK {
		read.at, _ = ParseMoment(string(given.At.Value)) //nolint:errcheck // badMoment has looked
	}
	for _, each := range given.People.Value {
		read.people = append(read.people, person{each.Key, fact.Permission(each.Value)})
	}
	if known := stage.EventNames(); given.Event.OK && !slices.Contains(known, read.event) && stage.WhyNever(read.event) == "" && read.event != stage.CommandLine {
		r.Report(given.Event.Position, "there is no event "+strict.Quote(read.event), strict.Alternatives(read.event, known))
	}
	read.edits = append(r.edits(given.With, false), r.edits(given.Without, true)...)
	return read
}

func (r *reader) edits(given strict.At[[]strict.At[string]], without bool) []whatif.Edit {
	var edits []whatif.Edit
	for _, each := range given.Value {
		edit, err := whatif.ParseEdit(each.Value, without)
		if err != nil {
			r.Report(each.Position, strict.Escape(err.Error()), "")
		}
		edits = append(edits, edit)
	}
	return edits
}

func (r *reader) expect(given expect) Expect {
	read := Expect{Stage: given.Stage.Value}
	if err := read.Decision.UnmarshalText([]byte(given.Decision.Value)); err != nil && given.Decision.OK {
		r.Report(given.Decision.Position, strict.Escape(err.Error()), "")
	}
	if given.Reasons.Given {
		read.Reasons = []string{}
	}
	for _, each := range given.Reasons.Value {
		read.Reasons = append(read.Reasons, each.Value)
	}
	for _, each := range given.Gates.Value {
		var outcome verdict.Outcome
		if err := outcome.UnmarshalText([]byte(each.Value)); err != nil && each.OK {
			r.Report(each.At, strict.Escape(err.Error()), "")
		}
		read.Gates = append(read.Gates, GateState{each.Key, outcome})
	}
	return read
}
