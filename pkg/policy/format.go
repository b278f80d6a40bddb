package policy

import (
	"net/url"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/internal/strict"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// formatVersion is the version of the file format that this program reads.
const formatVersion = 1

// document is the policy file. Its types and tags are the format: the reader
// and the JSON Schema are both made from them.
type document struct {
	Version   strict.At[int]                                     `yaml:"version,required" doc:"The version of the file format: 1."`
	Preset    strict.At[presetName]                              `yaml:"preset" doc:"The preset that this file refines. Without it the file stands alone."`
	Roles     strict.At[strict.Map[name, role]]                  `yaml:"roles" doc:"Who counts, by a name of your choice. Gates refer to roles by name."`
	Signers   strict.At[strict.Map[login, []strict.At[keyFile]]] `yaml:"signers" doc:"Whose key is which, by login: files of the default branch. Without it, the keys that GitHub lists for each account."`
	Revoked   strict.At[[]strict.At[filePath]]                   `yaml:"revoked-keys" doc:"Files of the default branch with public SSH keys that count for nobody any more."`
	Calendars strict.At[strict.Map[name, calendarSection]]       `yaml:"calendars" doc:"When something is open, by a name of your choice. Gates refer to calendars by name."`
	MayDiffer strict.At[[]strict.At[configPath]]                 `yaml:"config-may-differ" doc:"Keys of the configuration, as a path such as feature_flags.beta, that may be missing in some stages or have another type there. Without it, all stages have the same keys and types."`
	Accepts   strict.At[[]strict.At[acceptance]]                 `yaml:"accepts" doc:"Warnings of stageward lint that somebody accepts, with the reason. It decides nothing."`
	Stages    strict.At[[]strict.At[section]]                    `yaml:"stages" doc:"The stages in the order of progression, first stage first. With projects, those of each: {project} in a text stands for its name."`
	Projects  strict.At[strict.Map[name, projectSection]]        `yaml:"projects" doc:"What is deployed on its own out of one repository, by a name of your choice. Each has the stages of the file, with its name for {project}."`
}

// role is one role. A person holds it who satisfies any of its lines.
type role struct {
	Permission strict.At[permission]         `yaml:"permission" doc:"The least permission in the repository that makes a person hold the role."`
	Users      strict.At[[]strict.At[login]] `yaml:"users" doc:"Logins of people who hold the role whatever their permission."`
	Teams      strict.At[[]strict.At[team]]  `yaml:"teams" doc:"Teams whose members hold the role, as organisation/team. Reading them takes the input people-token."`
}

// keyFile is one file with keys of one person.
type keyFile struct {
	File      strict.At[filePath]  `yaml:"file,required" doc:"The path of the file: armored OpenPGP keys, public SSH keys a line, or allowed_signers."`
	Principal strict.At[principal] `yaml:"principal" doc:"In allowed_signers, the principal whose lines are this person's. Without it, the login."`
}

// section is what the file says about one stage.
type section struct {
	Name         strict.At[name]                            `yaml:"name,required" doc:"The name of the stage. The name of a stage of the preset refines that stage."`
	Environment  strict.At[string]                          `yaml:"environment" doc:"The name of the GitHub environment. Without it, the name of the stage."`
	URL          strict.At[address]                         `yaml:"url" doc:"The https address of what runs in the stage."`
	From         strict.At[from]                            `yaml:"from" doc:"The branches and tags that the stage accepts."`
	Unrestricted strict.At[bool]                            `yaml:"unrestricted" doc:"true says that the stage asks for nothing. A stage that has no gates has to say so."`
	DeployedBy   strict.At[deployer]                        `yaml:"deployed-by" doc:"The job that deploys to the stage. Its success is what shows that a commit was deployed there."`
	HotfixFor    strict.At[name]                            `yaml:"hotfix-for" doc:"Makes this section another way to the stage of that name, for branches or tags that it otherwise does not take, with gates of its own. Runs that go this way are shown as hotfixes."`
	Rollback     strict.At[strict.Node]                     `yaml:"rollback" doc:"What a run that goes back has to show. Without it, the way is open."`
	BreakGlass   strict.At[strict.Node]                     `yaml:"break-glass" doc:"What an emergency takes in which gates need not be met. Without it, there is no such way."`
	Data         strict.At[dataClass]                       `yaml:"data" doc:"The class of the data that the stage holds. Only the last stage may hold production data."`
	Config       strict.At[strict.JSON]                     `yaml:"config" doc:"The configuration of the stage, handed to later steps as JSON or as a file. It has the keys and types of the other stages, and no secret. It decides nothing."`
	Gates        strict.At[strict.Map[string, strict.Node]] `yaml:"gates" doc:"What has to be true of a commit before it may go to the stage, by the id of the gate."`
	Advised      strict.At[[]strict.At[string]]             `yaml:"advised" doc:"Ids of gates that such a stage should have. Those that are not below gates are shown as not configured, with the lines that configure them. It decides nothing. Without it, what the preset says."`
}

// from is what a stage accepts.
type from struct {
	Branches strict.At[[]strict.At[pattern]] `yaml:"branches" doc:"Names of branches. * stands for anything but /, ** as a whole part for any parts; $default-branch is the default branch."`
	Tags     strict.At[[]strict.At[pattern]] `yaml:"tags" doc:"Names of tags, in the same patterns."`
	Versions strict.At[versions]             `yaml:"versions" doc:"Narrows the tags: release and prerelease accept semantic versions of that kind only. Without it, what the preset says, or any."`
	Events   strict.At[[]strict.At[event]]   `yaml:"events" doc:"The events whose runs the stage accepts. Without it, what the preset says, or push, workflow_dispatch, release and create."`
}

// common is what every gate may say beside its own parameters.
type common struct {
	Mode   strict.At[mode]   `yaml:"mode" doc:"enforce blocks, warn shows without blocking, off does not ask. Without it, enforce."`
	Waiver strict.At[waiver] `yaml:"waiver" doc:"Who accepts, why, and until when, that the gate is not met. It does not cover what nobody could find out."`
}

type name string

// Pattern returns the form of the names of stages and roles.
func (name) Pattern() (expression, words string) {
	return `^[a-z][a-z0-9-]*$`, `a name of lower-case letters, digits and "-" that begins with a letter`
}

type presetName string

// Values returns the names of the presets.
func (presetName) Values() []string { return PresetNames() }

type permission string

// Values returns the permissions that a role can ask for, lowest first.
func (permission) Values() []string {
	var values []string
	for _, each := range fact.Permissions() {
		values = append(values, string(each))
	}
	return values
}

// WhyNot says what GitHub calls the permission of owners.
func (permission) WhyNot(word string) string {
	if strings.EqualFold(word, "owner") {
		return "GitHub gives owners the permission admin"
	}
	return ""
}

type login string

// Pattern returns the form of a login. Programs have other names, such as
// "renovate[bot]", and never hold a role.
func (login) Pattern() (expression, words string) {
	return `^[A-Za-z0-9_-]{1,39}$`, `the login of a person (without "@"; programs never hold a role)`
}

type filePath string

// Pattern returns the form of a path: written in one way only.
func (filePath) Pattern() (expression, words string) {
	return `^([.]?[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[.]?[A-Za-z0-9_-][A-Za-z0-9._-]*$`,
		`a path from the root of the repository such as .github/keys/octocat.asc (letters, digits, "-", "_", "."; no ".." and no spaces)`
}

type principal string

// Pattern returns the form of a principal: a name, not a pattern of names.
func (principal) Pattern() (expression, words string) {
	return `^[A-Za-z0-9._%+@:/-]+$`, "one principal such as octocat@example.com, without patterns"
}

type team string

// Pattern returns the form of a team: the organisation and the team's slug.
func (team) Pattern() (expression, words string) {
	return `^[A-Za-z0-9-]{1,39}/[a-z0-9_-][a-z0-9_.-]{0,99}$`, "a team such as acme/quality: the organisation, and the team as its address on GitHub has it"
}

type address string

// Pattern returns the form of an address that can be shown as a link.
func (address) Pattern() (expression, words string) {
	return `^https://[A-Za-z0-9][^\s@<>"'\\]*$`, "an address such as https://host/path, without a user name in it"
}

type versions string

// Values returns the kinds of versions a stage can accept.
func (versions) Values() []string { return stage.VersionsNames() }

type event string

// Values returns the events a stage can accept.
func (event) Values() []string { return stage.EventNames() }

// WhyNot says why an event can never be accepted.
func (event) WhyNot(word string) string { return stage.WhyNever(word) }

// configPath is the keys on the way to a value, joined by dots.
type configPath string

type dataClass string

// Values returns the classes of data.
func (dataClass) Values() []string { return DataClasses() }

type mode string

// Values returns the modes of a gate.
func (mode) Values() []string { return verdict.ModeNames() }

// pattern is checked by stage.ParsePattern, which knows what git allows.
type pattern string

// badAddress says what is wrong with an address that has the right form.
func badAddress(text string) (message, hint string) {
	if parsed, err := url.Parse(text); err != nil || parsed.Host == "" {
		return strict.Quote(text) + " is not an address", "write it as https://host/path"
	}
	return "", ""
}

// badPattern says what is wrong with a pattern.
func badPattern(text string) (message, hint string) {
	if _, err := stage.ParsePattern(text); err != nil {
		return strict.Escape(err.Error()), ""
	}
	return "", ""
}

// isPermission reports whether a role would hide a permission of that name.
func isPermission(word name) bool { return slices.Contains(permission("").Values(), string(word)) }
