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
	inputProject     = "project"
	inputStage       = "stage"
	inputEnvironment = "environment"
	inputToken       = "token"
	inputPeopleToken = "people-token"
	inputSHA         = "sha"
	inputRef         = "ref"
	inputRollback    = "rollback"
	inputBreakGlass  = "break-glass"
	inputFailOn      = "fail-on"
	inputSaveFacts   = "save-facts"
	inputConfigFile  = "config-file"
	inputCheckRun    = "check-run-id"
	inputCommand     = "command"
	inputState       = "state"
	inputReceipt     = "receipt"

	inputAuditSeverity = "audit-severity"
)

// DefaultPolicy is the path of the policy where the input says nothing.
const DefaultPolicy = fact.PolicyPath

// InputSpecs returns the inputs, in the order of action.yml.
func InputSpecs() []InputSpec {
	return []InputSpec{
		{Name: inputPolicy, Default: DefaultPolicy, Description: "Path of the policy file. It is read at the tip of the default branch, never from the workspace."},
		{Name: inputProject, Description: "The project that is meant, where the policy has projects. Without it, all that the ref concerns are decided, and the output matrix has those that are allowed."},
		{Name: inputStage, Description: "The stage that is meant, where the ref fits more than one. It only narrows what the policy maps."},
		{Name: inputEnvironment, Description: "The environment that the deploying job has. A stage with another environment is refused, so that a job cannot get an answer about one stage and the secrets of another."},
		{Name: inputToken, Default: "${{ github.token }}", Description: "Token for GitHub's API. It needs to read only; the documentation lists the permissions for each gate."},
		{Name: inputPeopleToken, Description: "Token that may read the members of the organisation's teams, for roles that name teams. Without it, who is in a team is not known."},
		{Name: inputSHA, Description: "The commit to decide about, 40 or 64 hexadecimal digits. Without it, the commit of the event."},
		{Name: inputRef, Description: "The full ref to decide about, such as refs/tags/v1.2.3. Without it, the ref of the event."},
		{Name: inputRollback, Default: "false", Description: "true asks to go back to a commit that was on the stage before. Gates that held then are not asked again."},
		{Name: inputBreakGlass, Description: "Why the commit has to go to the stage although gates are not met, in a sentence. It does nothing unless the policy says what an emergency takes."},
		{Name: inputFailOn, Default: string(FailOnWait), Description: "What fails the step: wait (a deny or a wait), deny (a deny only) or never. An error always fails it, and allowed is true only for an allow."},
		{Name: inputSaveFacts, Description: "Path below the workspace to write the facts to, for a replay on the command line."},
		{Name: inputConfigFile, Description: "Path below the workspace to write the configuration of the stage to, in the form that its end says: .env, .json, .yml or .yaml. A file that is there is removed at first; it is written only when the decision is allow."},
		{Name: inputCheckRun, Default: "${{ job.check_run_id }}", Description: "The check run of this very job, which the gate does not wait for. Leave it alone."},
		{Name: inputCommand, Default: string(CommandGate), Description: "What to do: gate decides; record writes a deployment record in a job without an environment, after the gate; audit holds the repository as it is set up against the policy."},
		{Name: inputState, Description: "For record: in_progress, success, failure, error or cancelled. At the end of the job, its status."},
		{Name: inputReceipt, Description: "For record: the output receipt of the gate in the same job."},
		{Name: inputAuditSeverity, Default: DefaultSeverity, Description: "For audit: what fails the step, that and worse: critical, high, medium or low; or never."},
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
		{Name: "lane", Description: "The way that the run goes where it is not the ordinary one: rollback, break-glass or hotfix. Empty on the ordinary way."},
		{Name: "changes", Description: "What would be deployed: commits and pull requests since the last deployment, as JSON. {} where the policy does not say what deploys to the stage."},
		{Name: "matrix", Description: "The deployments that are allowed, as JSON for a matrix of jobs: {\"include\":[…]} with project, stage, environment, environment-url, sha, ref, version and data. An empty matrix fails a job, so test it first."},
		{Name: "unmet", Description: "The gates that are not met, as JSON."},
		{Name: "result", Description: "The whole decision with its evidence, as JSON with schema_version."},
		{Name: "receipt", Description: "What was allowed, as JSON for the command record. Empty unless the decision is allow. It proves nothing."},
		{Name: "deployment-id", Description: "Of the command record: GitHub's number of the deployment record."},
		{Name: "audit", Description: "Of the command audit: what it found, as JSON with schema_version."},
		{Name: "reason-code", Description: "Why it was decided so, as a stable code for programs."},
		{Name: "decision", Description: "allow, wait, deny or error. Only allow deploys."},
		{Name: "allowed", Description: "Whether the commit may go to the stage. Deploy only when this is the string true."},
	}
}
