package actions

import (
	"io"

	githubactions "github.com/sethvargo/go-githubactions"

	"github.com/stageward/stageward/pkg/fact"
)

// Command is what the step is to do.
type Command string

// The commands.
const (
	CommandGate   Command = "gate"   // decide
	CommandRecord Command = "record" // write a deployment record
)

// WantsRecord reports whether the step is to record a deployment. Every other
// command is the gate's, which refuses one that it does not know.
func WantsRecord(env Env) bool { return commandOf(env) == CommandRecord }

func commandOf(env Env) Command {
	action := githubactions.New(githubactions.WithGetenv(githubactions.GetenvFunc(env)), githubactions.WithWriter(io.Discard))
	return Command(action.GetInput(inputCommand))
}

// State is how a deployment stands, in GitHub's words.
type State string

// The states that can be recorded.
const (
	StateInProgress State = "in_progress"
	StateSuccess    State = "success"
	StateFailure    State = "failure"
	StateError      State = "error"
)

// Record is what the runner and the workflow say about a deployment that is to be
// recorded, checked.
type Record struct {
	Repository string // owner/name
	// ServerURL, APIURL and GraphQLURL are as in Run.
	ServerURL, APIURL, GraphQLURL string
	RunID, RunAttempt             int64
	RunURL                        string
	// CheckRun is as in Inputs.
	CheckRun int64
	Token    Secret
	State    State
	// Receipt is what the gate gave, unread; "" where it gave none.
	Receipt string
	// Stage, SHA, Ref and Environment are as in Inputs. They only narrow.
	Stage       string
	Project     string
	SHA         fact.SHA
	Ref         fact.Ref
	Environment string
	// Notices are as in Run.
	Notices []string
}

// ReadRecord returns what is to be recorded. Every error is an *Error. The event
// is not read: what was decided about is in the receipt.
func ReadRecord(env Env) (Record, error) {
	action, runner, err := open(env)
	if err != nil {
		return Record{}, err
	}
	var run Run
	if err := run.readPlaces(env, runner); err != nil {
		return Record{}, err
	}
	record := Record{ServerURL: run.ServerURL, APIURL: run.APIURL, GraphQLURL: run.GraphQLURL, Notices: notices(env)}
	if record.Repository, err = readRepository(runner); err != nil {
		return Record{}, err
	}
	trigger, err := readTrigger(env, runner, run.ServerURL)
	if err != nil {
		return Record{}, err
	}
	if trigger.RunAttempt <= 0 {
		return Record{}, refuse(RunnerInvalid, fixRunner, "GITHUB_RUN_ATTEMPT is not set; a record is of one attempt of a run")
	}
	record.RunID, record.RunAttempt, record.RunURL = trigger.RunID, trigger.RunAttempt, trigger.RunURL
	if err := record.read(env, action); err != nil {
		return Record{}, err
	}
	return record, nil
}

// read reads the inputs. Those that only the gate has, such as policy, are not
// looked at: some have a default, and none could change what is recorded.
func (r *Record) read(env Env, action *githubactions.Action) (err error) {
	if r.Token, err = readToken(env); err != nil {
		return err
	}
	if r.State, err = readState(action.GetInput(inputState)); err != nil {
		return err
	}
	r.Receipt, r.Stage, r.Environment = action.GetInput(inputReceipt), action.GetInput(inputStage), action.GetInput(inputEnvironment)
	r.Project = action.GetInput(inputProject)
	if r.SHA, r.Ref, err = readSubject(action); err != nil {
		return err
	}
	r.CheckRun, err = readCheckRun(action.GetInput(inputCheckRun))
	return err
}

// readState reads how the deployment stands. A job that was cancelled has the
// status "cancelled", for which GitHub has no state of a deployment: it records
// such jobs as "error" itself.
func readState(text string) (State, error) {
	switch state := State(text); state {
	case StateInProgress, StateSuccess, StateFailure, StateError:
		return state, nil
	case "cancelled":
		return StateError, nil
	}
	return "", refuse(InputInvalid, "write in_progress before the deployment, and ${{ job.status }} after it, with if: always()",
		"input %s is %q; want one of in_progress, success, failure, error, cancelled", inputState, text)
}

// checkGate refuses inputs that the gate does not have. A step that was meant to
// record and decides instead would be taken for what it is not.
func checkGate(action *githubactions.Action) error {
	if command := action.GetInput(inputCommand); command != "" && Command(command) != CommandGate {
		return refuse(InputInvalid, "", "input %s is %q; want gate, record or audit", inputCommand, command)
	}
	for _, name := range []string{inputState, inputReceipt} {
		if action.GetInput(name) != "" {
			return refuse(InputInvalid, "add command: record, or leave the input away", "input %s is for the command record, and the step is a gate", name)
		}
	}
	if severity := action.GetInput(inputAuditSeverity); severity != "" && severity != DefaultSeverity {
		return refuse(InputInvalid, "add command: audit, or leave the input away", "input %s is for the command audit, and the step is a gate", inputAuditSeverity)
	}
	return nil
}
