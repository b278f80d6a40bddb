package actions

import (
	"cmp"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	githubactions "github.com/sethvargo/go-githubactions"

	"github.com/stageward/stageward/pkg/fact"
)

// Inputs are the inputs of the action, checked.
type Inputs struct {
	// Policy is a path inside the repository, with slashes.
	Policy string
	// Project and Stage are what the caller wants, or "".
	Project, Stage string
	// Environment is the environment of the caller's job, or "".
	Environment string
	Token       Secret
	// PeopleToken is for reading teams, and for nothing else; "" without one.
	PeopleToken Secret
	// SHA and Ref stand in for those of the run; "" where they do not.
	SHA fact.SHA
	Ref fact.Ref
	// Rollback and BreakGlass are as in fact.Trigger.
	Rollback   bool
	BreakGlass string
	FailOn     FailOn
	// SaveFacts is a path below the workspace, with slashes, or "". Open it
	// through os.Root: a link in the workspace may lead elsewhere.
	SaveFacts string
	// ConfigFile is a path like SaveFacts with an end that configfile.FormatOf
	// knows, or "". It is set beside an error of Read as well, where it could be
	// read.
	ConfigFile string
	// CheckRun is the check run of the job, or 0 where the server does not say.
	CheckRun int64
}

// Secret is text that is not to be shown. Printing it gives "***".
type Secret string

// Reveal returns the text, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String returns "***", or "" when there is nothing to hide.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString is String, for the verb %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String, for JSON and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// FailOn says which decisions fail the step. An error always does.
type FailOn string

// What can fail the step.
const (
	FailOnWait  FailOn = "wait"  // wait and deny
	FailOnDeny  FailOn = "deny"  // deny; a wait passes, not allowed
	FailOnNever FailOn = "never" // neither: report only
)

// read reads all inputs but fail-on, which is read before. go-githubactions
// finds them as the runner names them, upper case and with hyphens kept, and
// trims them.
func (i *Inputs) read(env Env, action *githubactions.Action, workspace string) (err error) {
	if err := checkGate(action); err != nil {
		return err
	}
	if i.Token, err = readToken(env); err != nil {
		return err
	}
	if i.PeopleToken, err = readPeopleToken(env); err != nil {
		return err
	}
	if i.Rollback, err = readRollback(action.GetInput(inputRollback)); err != nil {
		return err
	}
	if i.BreakGlass, err = readBreakGlass(action.GetInput(inputBreakGlass)); err != nil {
		return err
	}
	i.Project = action.GetInput(inputProject)
	i.Stage, i.Environment, i.Policy = action.GetInput(inputStage), action.GetInput(inputEnvironment), action.GetInput(inputPolicy)
	if err := CheckPolicyPath("input "+inputPolicy, i.Policy); err != nil {
		return err
	}
	if i.SHA, i.Ref, err = readSubject(action); err != nil {
		return err
	}
	if i.SaveFacts, err = readSaveFacts(action.GetInput(inputSaveFacts), workspace); err != nil {
		return err
	}
	if i.ConfigFile, err = readConfigFile(action, workspace); err != nil {
		return err
	}
	if i.CheckRun, err = readCheckRun(action.GetInput(inputCheckRun)); err != nil {
		return err
	}
	return i.checkJob()
}

// checkJob refuses to let a deploying job pass on a no: that it succeeded is what
// shows that the commit was deployed.
func (i *Inputs) checkJob() error {
	if i.Environment == "" || i.FailOn == FailOnWait {
		return nil
	}
	return refuse(InputInvalid, fmt.Sprintf("leave %s out here; a gate that may say no without failing stands in a job before, without the input %s", inputFailOn, inputEnvironment),
		"input %s is %q in a job with the environment %q: the job would succeed without deploying, and its success counts as a deployment", inputFailOn, i.FailOn, i.Environment)
}

// readSubject reads the inputs that stand in for the commit and the reference of
// the run.
func readSubject(action *githubactions.Action) (sha fact.SHA, ref fact.Ref, err error) {
	if text := action.GetInput(inputSHA); text != "" {
		if sha, err = fact.ParseSHA(text); err != nil {
			return "", "", because(err, RefInvalid, "", "read input sha")
		}
	}
	if text := action.GetInput(inputRef); text != "" {
		if ref, err = fact.ParseRef(text); err != nil {
			return "", "", because(err, RefInvalid, "", "read input ref")
		}
	}
	return sha, ref, nil
}

// readRollback reads a yes or no. Anything else could be meant either way.
func readRollback(text string) (bool, error) {
	switch text {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, refuse(InputInvalid, "", "input %s is %q; want true or false", inputRollback, text)
}

// maxReason is the longest reason for breaking the glass, in bytes: a sentence
// or three, not a document.
const maxReason = 500

func readBreakGlass(text string) (string, error) {
	if len(text) > maxReason {
		return "", refuse(InputInvalid, "say it in a sentence, and put the rest into the issue", "input %s has %d bytes; want %d at most", inputBreakGlass, len(text), maxReason)
	}
	return text, nil
}

func readSaveFacts(text, workspace string) (string, error) {
	switch {
	case text == "":
		return "", nil
	case workspace == "":
		return "", refuse(InputInvalid, fixRunner, "input save-facts needs a workspace, and GITHUB_WORKSPACE is not set")
	}
	if !isPath(text) || strings.ContainsFunc(text, isHidden) {
		return "", refuse(InputInvalid, "", `input %s is %q; want a path below the workspace such as out/facts.json, without "./", "..", "\" and a leading slash`, inputSaveFacts, text)
	}
	return text, nil
}

// readCheckRun reads the number of the job's check run. Servers that do not
// know it pass nothing.
func readCheckRun(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number <= 0 {
		return 0, refuse(InputInvalid, "leave the input away", "input %s is %q; want the number of a check run", inputCheckRun, text)
	}
	return number, nil
}

// readToken takes the token as it is: white space in it means that something
// else was pasted, and would end up in a request header. The token is never
// part of an error.
func readToken(env Env) (Secret, error) {
	const fix = "leave the input token away to use the job's own token, or give a secret that is set and holds the token alone"
	token := env(variableToken)
	switch {
	case token == "":
		return "", refuse(Unauthorized, fix, "input token is empty; without a token nothing can be read")
	case strings.ContainsFunc(token, notInToken):
		return "", refuse(Unauthorized, fix, "input token holds white space or a character that no token has")
	}
	return Secret(token), nil
}

// readPeopleToken takes the token for teams as readToken does. It may be left
// out: only who is in a team is then not known.
func readPeopleToken(env Env) (Secret, error) {
	token := env(variablePeopleToken)
	if strings.ContainsFunc(token, notInToken) {
		return "", refuse(Unauthorized, "give a secret that holds the token alone, or leave the input people-token away",
			"input people-token holds white space or a character that no token has")
	}
	return Secret(token), nil
}

func notInToken(char rune) bool { return char <= ' ' || char > '~' }

// The variables in which the runner passes the tokens.
const (
	variableToken       = "INPUT_TOKEN"
	variablePeopleToken = "INPUT_PEOPLE-TOKEN"
)

// Secrets returns what must not be shown, whatever else is wrong with the run.
// Mask each before anything is printed. It may hold "".
func Secrets(env Env) []Secret {
	return []Secret{Secret(env(variableToken)), Secret(env(variablePeopleToken))}
}

func readFailOn(text string) (FailOn, error) {
	switch value := FailOn(text); value {
	case "":
		return FailOnWait, nil
	case FailOnWait, FailOnDeny, FailOnNever:
		return value, nil
	}
	return "", refuse(InputInvalid, "", "input %s is %q; want one of wait, deny, never", inputFailOn, text)
}

// maxPath is the longest path of a policy, in bytes.
const maxPath = 255

// CheckPolicyPath checks the path of a policy: from the root of the repository,
// with slashes, and written in the one way that git writes it, so that no other
// program can take it for another file. name is what the path was given as, for
// the error, which is an *Error.
//
// An empty path is refused, too. The runner passes the default where a workflow
// leaves the input away; it is empty where an expression gave nothing, and then
// the default would be the rules of another file, or a preset.
func CheckPolicyPath(name, path string) error {
	fix := fmt.Sprintf("write it from the root of the repository, such as %s", DefaultPolicy)
	switch {
	case path == "":
		return refuse(InputInvalid, fix+", or leave it out for just that path", "%s is empty", name)
	case len(path) > maxPath:
		return refuse(InputInvalid, fix, "%s has %d bytes; want a path of at most %d", name, len(path), maxPath)
	case strings.ContainsFunc(path, notInPath):
		return refuse(InputInvalid, fix, `%s is %q; want letters, digits and ".", "_", "-", "/" only`, name, path)
	case !isPath(path):
		return refuse(InputInvalid, fix, `%s is %q; want a path without "." and ".." as parts, and without a slash at either end or two in a row`, name, path)
	}
	return nil
}

// isPath tells a relative path that cannot lead out of where it starts.
func isPath(text string) bool {
	return fs.ValidPath(text) && text != "." && !strings.ContainsRune(text, '\\')
}

func notInPath(char rune) bool { return !isLetterOrDigit(char) && !strings.ContainsRune("._-/", char) }

// override returns the subject with the inputs sha and ref in place. A tag
// object that the event named belongs to the event's own subject only.
func (i Inputs) override(subject fact.Subject) (fact.Subject, error) {
	if i.Ref != "" && i.Ref != subject.Ref && i.SHA == "" {
		return fact.Subject{}, refuse(RefInvalid, fmt.Sprintf("give the input sha with the commit of %q as well", i.Ref),
			"input ref is %q and the run is of %q; the commit of the run says nothing about another reference", i.Ref, subject.Ref)
	}
	changed := subject
	changed.Ref = cmp.Or(i.Ref, subject.Ref)
	changed.SHA = cmp.Or(i.SHA, subject.SHA)
	if changed != subject {
		changed.TagObject, changed.Chosen = "", true
	}
	return changed, nil
}
