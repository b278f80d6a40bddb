package githubtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v4"
)

// World is everything the double knows: one repository, the people around it
// and what went wrong on the day. The same World always gives the same ids,
// signatures and answers.
type World struct {
	// Repository is "owner/name".
	Repository   string `yaml:"repository"`
	RepositoryID int64  `yaml:"repository-id"` // 1001 when 0
	Private      bool   `yaml:"private"`
	// DefaultBranch is "main" when empty.
	DefaultBranch string `yaml:"default-branch"`
	// Time is the clock of the server. It stands still; every date in the
	// answers derives from it.
	Time time.Time `yaml:"time"`
	// PageSize is the most items that any page or connection gives, whatever
	// the client asks for; 2 when 0, so that paging is always exercised.
	PageSize int               `yaml:"page-size"`
	People   map[string]Person `yaml:"people"` // by login
	// Commits are in the order in which they were made.
	Commits []Commit `yaml:"commits"`
	// Branches point branches at commits by name, after Commits moved them.
	Branches map[string]string `yaml:"branches"`
	Tags     []Tag             `yaml:"tags"`
	Pulls    []Pull            `yaml:"pulls"`
	Issues   []Issue           `yaml:"issues"`
	Releases []Release         `yaml:"releases"`
	// Labels are those that the repository has beside what its issues and pull
	// requests have on them. Milestones count from 1.
	Labels     []string    `yaml:"labels"`
	Milestones []Milestone `yaml:"milestones"`
	// IssuesOff turns off the issues of the repository.
	IssuesOff bool `yaml:"issues-off"`
	// WorkflowRuns are runs that have no jobs yet, or of which something is not
	// as their jobs have it. The others come with their Checks.
	WorkflowRuns []WorkflowRun `yaml:"workflow-runs"`
	Checks       []Check       `yaml:"checks"`
	// IdleSuites says by name of a commit how many apps have a check suite there
	// and never report anything. GitHub makes one for every app that may.
	IdleSuites map[string]int `yaml:"idle-suites"`
	// RunReviews are what was said of the environments that runs waited for,
	// in GitHub's order.
	RunReviews []RunReview `yaml:"run-reviews"`
	// Activity is what became of branches, in any order.
	Activity []Activity `yaml:"activity"`
	Statuses []Status   `yaml:"statuses"`
	// Deployments are records that somebody posted; those of jobs come with their
	// Checks. Both are in one series, by time.
	Deployments []Deployment `yaml:"deployments"`
	// Teams are those of the repository's owner, by their slug.
	Teams map[string]Team `yaml:"teams"`
	// CodeScanning and DependencyAlerts are what GitHub's scans found.
	CodeScanning     CodeScanning     `yaml:"code-scanning"`
	DependencyAlerts DependencyAlerts `yaml:"dependency-alerts"`
	// Estate is how the repository is set up.
	Estate `yaml:",inline"`
	// Rulesets are all that hold for the repository, in GitHub's order. Protection has
	// the classic rules, by branch.
	Rulesets   []Ruleset             `yaml:"rulesets"`
	Protection map[string]Protection `yaml:"protection"`
	Token      Token                 `yaml:"token"`
	Faults     []Fault               `yaml:"faults"`
}

// Person is an account. Three exist in every World without being listed:
// web-flow, github-actions[bot] and dependabot[bot].
type Person struct {
	ID   int64  `yaml:"id"`   // derived from the login when 0
	Kind string `yaml:"kind"` // user (default), bot, mannequin or organization
	// Permission is none (default), read, triage, write, maintain or admin.
	Permission string `yaml:"permission"`
	// Role is the name of a custom repository role that extends Permission.
	Role string `yaml:"role"`
	// Key is what the person signs with: "ssh" or "openpgp" for a key that
	// GitHub knew when an object was pushed, "unregistered" for an SSH key that
	// it did not, or empty. "openpgp-expired" and "openpgp-revoked" are the
	// OpenPGP key, which expired or was revoked 30 minutes before Time.
	Key string `yaml:"key"`
	// Keys are what the account lists now: none, a kind, or a list of kinds. Left
	// out, it is what Key says; "unregistered" lists nothing. Unless Key is
	// "unregistered", GitHub knew all of them when an object was pushed.
	Keys Keys `yaml:"keys"`
	// Emails replace the default, which is <login>@example.com. The first is
	// what the person commits with.
	Emails []string `yaml:"emails"`
	// Unverified are addresses that the person added but never confirmed.
	Unverified []string `yaml:"unverified-emails"`
	// Gone makes GitHub answer null wherever the account would be named.
	Gone bool `yaml:"gone"`
}

// Commit is one commit. By and Committer are a login, or "Name <e-mail>" for
// somebody without an account.
type Commit struct {
	Name string `yaml:"name"`
	// Branch is moved to the commit; the default branch when empty.
	Branch string `yaml:"branch"`
	// Fork keeps the commit off every reference: GitHub serves it by its id
	// because a fork has it.
	Fork bool `yaml:"fork"`
	// Parents are names of commits. Left out, the parent is the tip of the
	// branch, or of the default branch for a new one; [] makes a root.
	Parents   []string `yaml:"parents"`
	By        string   `yaml:"by"`
	Committer string   `yaml:"committer"` // the signer, or By, when empty
	Message   string   `yaml:"message"`   // the name when empty
	// Signed is the login whose key signs, "github" for GitHub's own key, or
	// empty.
	Signed string `yaml:"signed"`
	// SignedWith is "ssh" or "openpgp" where it is not the signer's Key. Everybody
	// has both keys; whether GitHub knows them is another matter.
	SignedWith string `yaml:"signed-with"`
	// Payload is "tampered" to make the answers show another payload than the
	// one that was signed.
	Payload string `yaml:"payload"`
	// ExtraHeader is a line at the end of the object's header. As in git, a
	// signature covers it unless it begins with "gpgsig".
	ExtraHeader string `yaml:"extra-header"`
	// Files change the tree of the first parent; a null file is deleted.
	Files        map[string]*File `yaml:"files"`
	Verification *Verification    `yaml:"verification"`
	// MinutesAgo dates the commit; otherwise the first is a day old and each
	// next a minute younger.
	MinutesAgo *int `yaml:"minutes-ago"`
}

// File is a file in a commit: its text, or a mapping with text and mode.
type File struct {
	// Text may hold public keys: "<ssh-key of olga>" stands for one line without
	// its newline, "<openpgp-key of olga>" for armoured text; there are also
	// openpgp-expired-key and openpgp-revoked-key.
	Text string
	// Mode is 100644 (default), 100755, or 120000 for a symbolic link.
	Mode string
}

// UnmarshalYAML accepts plain text or {text, mode}.
func (f *File) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&f.Text)
	}
	fields := map[string]string{}
	if err := node.Decode(&fields); err != nil {
		return err
	}
	for name, value := range fields {
		switch name {
		case "text":
			f.Text = value
		case "mode":
			f.Mode = value
		default:
			return fmt.Errorf("line %d: file has no field %q; expected text or mode", node.Line, name)
		}
	}
	return nil
}

// Verification overrides GitHub's verdict on a signature.
type Verification struct {
	Verified bool   `yaml:"verified"`
	Reason   string `yaml:"reason"` // in REST spelling, such as expired_key
}

// Tag is a tag, annotated or lightweight.
type Tag struct {
	Name   string `yaml:"name"`
	Commit string `yaml:"commit"` // name of the commit it points at
	// TargetTag is the name of an annotated tag, listed before, that this tag
	// points at instead of a commit.
	TargetTag string `yaml:"target-tag"`
	// TargetTree makes the tag point at the tree of Commit.
	TargetTree bool   `yaml:"target-tree"`
	Annotated  bool   `yaml:"annotated"`
	By         string `yaml:"by"` // as in Commit; the signer when empty
	Signed     string `yaml:"signed"`
	// InnerName is the name written inside the tag object; Name when empty.
	InnerName    string        `yaml:"inner-name"`
	Message      string        `yaml:"message"`
	SignedWith   string        `yaml:"signed-with"`  // as in Commit
	Payload      string        `yaml:"payload"`      // as in Commit
	ExtraHeader  string        `yaml:"extra-header"` // as in Commit
	Verification *Verification `yaml:"verification"`
	MinutesAgo   *int          `yaml:"minutes-ago"` // 60 when left out
}

// Pull is a pull request. It is merged when it has a merge commit or a merger.
type Pull struct {
	Number int    `yaml:"number"`
	Title  string `yaml:"title"`
	Body   string `yaml:"body"`
	Author string `yaml:"author"`
	Base   string `yaml:"base"` // the default branch when empty
	// BaseRepository is the owner/name of another repository that the pull
	// request is in: GitHub lists those of forks beside a commit too.
	BaseRepository string `yaml:"base-repository"`
	Head           string `yaml:"head"` // name of the head branch; patch-<number> when empty
	// Commits are the names of its commits, oldest first; the last is its head.
	Commits     []string `yaml:"commits"`
	MergedBy    string   `yaml:"merged-by"`
	MergeCommit string   `yaml:"merge-commit"`
	Closed      bool     `yaml:"closed"`
	Reviews     []Review `yaml:"reviews"`
	// Closes are the issues that GitHub links: numbers, or owner/name#number for
	// one of another repository.
	Closes []string `yaml:"closes"`
	// Labels are what it has on it, Milestone the title of one of Milestones.
	Labels    []string `yaml:"labels"`
	Milestone string   `yaml:"milestone"`
	// The times of recorded changes, in minutes before Time.
	HeadForced       *int `yaml:"head-forced-minutes-ago"`
	BaseChanged      *int `yaml:"base-changed-minutes-ago"`
	BaseForced       *int `yaml:"base-forced-minutes-ago"`
	BaseAutoChanged  *int `yaml:"base-auto-changed-minutes-ago"`
	MergedMinutesAgo *int `yaml:"merged-minutes-ago"` // 30 when left out
}

// Review is one review of a pull request.
type Review struct {
	By string `yaml:"by"` // a login; empty for an account that is gone
	// State is APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED. GitHub
	// shows a pending review to nobody but its author.
	State string `yaml:"state"`
	// Commit is the name of the reviewed commit; the head when empty.
	Commit     string `yaml:"commit"`
	Body       string `yaml:"body"`
	MinutesAgo *int   `yaml:"minutes-ago"` // 45 when left out
}

// WorkflowRun is a run of a workflow in its own right: one that waits for
// others or for an approval, that failed before any job began, or that is of
// another branch than its commit. Its jobs are the Checks with its RunID.
type WorkflowRun struct {
	Commit   string `yaml:"commit"`
	Workflow string `yaml:"workflow"` // path of the workflow file
	RunID    int64  `yaml:"run-id"`
	Event    string `yaml:"event"` // push when empty
	// Status is queued when empty, or that of the run's Checks; completed with
	// a conclusion.
	Status     string `yaml:"status"`
	Conclusion string `yaml:"conclusion"` // success when empty and completed
	// Branch is the name of the branch or tag that the run is of: the branch of
	// the commit when empty. HeadRepository is the owner/name of the fork that
	// it comes from, "gone" for one that was deleted, or this one when empty.
	Branch         string `yaml:"branch"`
	HeadRepository string `yaml:"head-repository"`
	// Title is what the workflow's run-name made of the inputs; the commit's
	// first line when empty. "<sha of NAME>" stands for the id of a commit,
	// "<short sha of NAME>" for its first seven digits.
	Title string `yaml:"title"`
	// Actor is the login of whoever started the first attempt, the author of the
	// commit when empty; TriggeringActor of whoever started this one, Actor when
	// empty.
	Actor           string `yaml:"actor"`
	TriggeringActor string `yaml:"triggering-actor"`
	// Attempt is how often it was started; as often as its jobs when 0.
	Attempt    int  `yaml:"attempt"`
	MinutesAgo *int `yaml:"minutes-ago"` // 60 when left out
}

// RunReview is what somebody said of environments that a run waited for. The
// run need not be in the World: the one that asks never is.
type RunReview struct {
	RunID        int64    `yaml:"run-id"` // 9001, as in Event, when 0
	Environments []string `yaml:"environments"`
	State        string   `yaml:"state"` // approved (when empty), rejected or pending
	User         string   `yaml:"user"`  // login
	Comment      string   `yaml:"comment"`
}

// Team is a team of the organisation that owns the repository. Only the token
// for people can read it: see [Server.PeopleToken].
type Team struct {
	Members []string `yaml:"members"` // logins
	// Parent is the slug of the team above, whose members those of this team
	// are, too.
	Parent string `yaml:"parent"`
}

// Check is one attempt of one check. Checks of one commit, app and run share
// a check suite. Those of a workflow run are its jobs, unless they are Posted.
type Check struct {
	Commit string `yaml:"commit"`
	Name   string `yaml:"name"`
	App    string `yaml:"app"` // slug; github-actions when empty
	// Workflow is the path of the workflow file, RunID the run behind it; both
	// are empty for a check that no workflow made.
	Workflow   string `yaml:"workflow"`
	RunID      int64  `yaml:"run-id"`
	Event      string `yaml:"event"`      // what started the run; push when empty
	Status     string `yaml:"status"`     // completed when empty
	Conclusion string `yaml:"conclusion"` // success when empty and completed
	// Posted makes it a check run that a token with "checks: write" added to
	// the suite of the run. It looks like a job and is none.
	Posted     bool `yaml:"posted"`
	MinutesAgo *int `yaml:"minutes-ago"`
	// Attempt is the attempt of the run that the job is of; as often as its name
	// was there by then when 0.
	Attempt int `yaml:"attempt"`
	// Environment is that of the job. GitHub makes a deployment for it, unless the
	// job is skipped; what the job says of it follows from how it went, and
	// DeploymentStatuses are what somebody said of it beside.
	Environment        string             `yaml:"environment"`
	DeploymentStatuses []DeploymentStatus `yaml:"deployment-statuses"`
}

// Status is a commit status.
type Status struct {
	Commit     string `yaml:"commit"`
	Context    string `yaml:"context"`
	State      string `yaml:"state"` // success when empty
	By         string `yaml:"by"`
	URL        string `yaml:"url"`
	MinutesAgo *int   `yaml:"minutes-ago"`
}

// Token is what the workflow's token may do. Metadata is always readable.
type Token struct {
	// Admin makes it the token of a person who administers the repository: it may do
	// everything, whatever Permissions say, and read what no workflow's token is
	// shown.
	Admin bool `yaml:"admin"`
	// Permissions are contents, pull-requests, issues, checks, statuses, actions,
	// deployments, security-events and vulnerability-alerts, each "read", "write" or
	// "none". A null map is all of them to read; a map that is there lists all that
	// are granted, as in a workflow file.
	Permissions map[string]string `yaml:"permissions"`
}

// ParseWorld reads a World from YAML. A field that World does not have, a
// duplicate field and a second document are errors.
func ParseWorld(data []byte) (World, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var world World
	if err := decoder.Decode(&world); err != nil {
		return World{}, fmt.Errorf("read world: %w", err)
	}
	var second any
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return World{}, errors.New("read world: want one YAML document")
	}
	return world, nil
}

// withDefaults fills in what was left out and refuses what cannot be.
func (w World) withDefaults() (World, error) {
	if w.RepositoryID == 0 {
		w.RepositoryID = 1001
	}
	if w.DefaultBranch == "" {
		w.DefaultBranch = "main"
	}
	if w.PageSize == 0 {
		w.PageSize = 2
	}
	if w.PageSize < 0 || w.PageSize > 100 {
		return w, fmt.Errorf("world: page-size %d; expected 1 to 100", w.PageSize)
	}
	if w.Time.IsZero() {
		return w, errors.New("world: time is missing")
	}
	w.Time = w.Time.UTC().Truncate(time.Second)
	if w.Token.Permissions == nil {
		w.Token.Permissions = map[string]string{}
		for _, name := range permissionNames() {
			w.Token.Permissions[name] = "read"
		}
	}
	return w, nil
}
