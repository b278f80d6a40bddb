package actions

import (
	"slices"
	"strings"

	githubactions "github.com/sethvargo/go-githubactions"
)

// CommandAudit holds the repository as it is set up against its policy.
const CommandAudit Command = "audit"

// WantsAudit reports whether the step is to audit the repository.
func WantsAudit(env Env) bool { return commandOf(env) == CommandAudit }

// Audit is what the runner and the workflow say about an audit, checked.
type Audit struct {
	Repository string // owner/name
	// RepositoryID is as in Run.
	RepositoryID int64
	// ServerURL, APIURL and GraphQLURL are as in Run.
	ServerURL, APIURL, GraphQLURL string
	Policy                        string
	// Project is as in Inputs.
	Project            string
	Token, PeopleToken Secret
	// Severity is the least severity that fails the step, or NeverFails.
	Severity string
	// Workspace and SaveFacts are as in Run and Inputs.
	Workspace, SaveFacts string
	// Notices are as in Run.
	Notices []string
}

// NeverFails is the severity of an audit that fails no step.
const NeverFails = "never"

// DefaultSeverity is the severity where the input says nothing.
const DefaultSeverity = "high"

// AuditSeverities returns what the input audit-severity may be.
func AuditSeverities() []string { return []string{"critical", "high", "medium", "low", NeverFails} }

// ReadAudit returns what is to be audited. Every error is an *Error. The event is
// not read: an audit is about the repository, not about what started the run.
func ReadAudit(env Env) (Audit, error) {
	action, runner, err := open(env)
	if err != nil {
		return Audit{}, err
	}
	var run Run
	if err := run.readPlaces(env, runner); err != nil {
		return Audit{}, err
	}
	audit := Audit{ServerURL: run.ServerURL, APIURL: run.APIURL, GraphQLURL: run.GraphQLURL, Workspace: run.Workspace, Notices: notices(env)}
	if audit.Repository, err = readRepository(runner); err != nil {
		return Audit{}, err
	}
	if audit.RepositoryID, err = readRepositoryID(env); err != nil {
		return Audit{}, err
	}
	return audit, audit.read(env, action)
}

// read reads the inputs. Those that say what would be deployed are refused: an
// audit that was meant to be a gate would be taken for one.
func (a *Audit) read(env Env, action *githubactions.Action) (err error) {
	for _, name := range []string{inputStage, inputEnvironment, inputSHA, inputRef, inputBreakGlass, inputConfigFile, inputState, inputReceipt} {
		if action.GetInput(name) != "" {
			return refuse(InputInvalid, "leave the input away, or the command audit", "input %s is not for the command audit, which decides nothing", name)
		}
	}
	a.Policy, a.Project = action.GetInput(inputPolicy), action.GetInput(inputProject)
	if err := CheckPolicyPath("input "+inputPolicy, a.Policy); err != nil {
		return err
	}
	if a.Token, err = readToken(env); err != nil {
		return err
	}
	if a.PeopleToken, err = readPeopleToken(env); err != nil {
		return err
	}
	if a.SaveFacts, err = readSaveFacts(action.GetInput(inputSaveFacts), a.Workspace); err != nil {
		return err
	}
	a.Severity = action.GetInput(inputAuditSeverity)
	if a.Severity == "" {
		a.Severity = DefaultSeverity
	}
	if !slices.Contains(AuditSeverities(), a.Severity) {
		return refuse(InputInvalid, "", "input %s is %q; want one of %s", inputAuditSeverity, a.Severity, strings.Join(AuditSeverities(), ", "))
	}
	return nil
}
