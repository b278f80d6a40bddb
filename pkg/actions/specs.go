package actions

import "github.com/stageward/stageward/pkg/fact"

// InputSpec describes one input of the action, as action.yml declares it.
type InputSpec struct {
	Name        string
	Description string
	// Default is what the runner passes when the workflow says nothing; it may
	// be an expression. "" means that the input is then empty.
	Default  string
	Required bool
}

// OutputSpec describes one output of the action, as action.yml declares it.
type OutputSpec struct {
	Name        string
	Description string
}

// The names of the inputs.
const (
	inputPolicy      = "policy"
	inputStage       = "stage"
	inputToken       = "token"
	inputPeopleToken = "people-token"
	inputSHA         = "sha"
	inputRef         = "ref"
	inputFailOn      = "fail-on"
	inputSaveFacts   = "save-facts"
	inputCheckRun    = "check-run-id"
)

// DefaultPolicy is the path of the policy where the input says nothing.
const DefaultPolicy = fact.PolicyPath

// InputSpecs returns the inputs, in the order of action.yml.
func InputSpecs() []InputSpec {
	return []InputSpec{
		{Name: inputPolicy, Default: DefaultPolicy, Description: "Path of the policy file. It is read at the tip of the default branch, never from the workspace."},
		{Name: inputStage, Description: "The stage that is meant, where the ref fits more than one. It only narrows what the policy maps."},
		{Name: inputToken, Default: "${{ github.token }}", Description: "Token for GitHub's API. It needs to read only; the documentation lists the permissions for each gate."},
		{Name: inputPeopleToken, Description: "Token that may read the members of the organisation's teams, for roles that name teams. Without it, who is in a team is not known."},
		{Name: inputSHA, Description: "The commit to decide about, 40 or 64 hexadecimal digits. Without it, the commit of the event."},
		{Name: inputRef, Description: "The full ref to decide about, such as refs/tags/v1.2.3. Without it, the ref of the event."},
		{Name: inputFailOn, Default: string(FailOnWait), Description: "What fails the step: wait (a deny or a wait), deny (a deny only) or never. An error always fails it, and allowed is true only for an allow."},
		{Name: inputSaveFacts, Description: "Path below the workspace to write the facts to, for a replay on the command line."},
		{Name: inputCheckRun, Default: "${{ job.check_run_id }}", Description: "The check run of this very job, which the gate does not wait for. Leave it alone."},
	}
}

// OutputSpecs returns the outputs, in the order of action.yml. decision and
// allowed come last, as in the output file, where an end that is missing must
// not leave a yes behind.
func OutputSpecs() []OutputSpec {
	return []OutputSpec{
		{Name: "stage", Description: "Name of the stage, empty when the ref maps to none."},
		{Name: "environment", Description: "Name of the stage's GitHub environment."},
		{Name: "environment-url", Description: "URL of the stage's environment, as the policy gives it."},
		{Name: "sha", Description: "The commit that was decided about. Check out this one."},
		{Name: "ref", Description: "The full ref that was decided about."},
		{Name: "version", Description: "The version of a tag without its leading v, or empty."},
		{Name: "prerelease", Description: "Whether the version is a pre-release, true or false."},
		{Name: "data", Description: "The class of data that the stage may see."},
		{Name: "config", Description: "Configuration of the stage, as JSON. Read it with fromJSON."},
		{Name: "unmet", Description: "The gates that are not met, as JSON."},
		{Name: "result", Description: "The whole decision with its evidence, as JSON with schema_version."},
		{Name: "reason-code", Description: "Why it was decided so, as a stable code for programs."},
		{Name: "decision", Description: "allow, wait, deny or error. Only allow deploys."},
		{Name: "allowed", Description: "Whether the commit may go to the stage. Deploy only when this is the string true."},
	}
}
