package githubtest

import (
	"strings"
	"time"
)

// The model is the World with everything worked out: ids, objects, verdicts.
// The answers of both interfaces are views of it.

type person struct {
	id         int64
	login      string
	kind       string
	permission string
	role       string
	emails     []string
	unverified []string
	gone       bool
	keys       []accountKey // as the account lists them now
	signsWith  string       // kind of key, or "" for somebody without one
	// openpgp is the OpenPGP key that GitHub knew when objects were pushed, or
	// nil, and openpgpEnds when it expires, or zero.
	openpgp     *openpgpKey
	openpgpEnds time.Time
}

// actorLogin is the login as GraphQL's Actor has it: a bot's lacks the suffix
// that REST shows.
func (p *person) actorLogin() string { return strings.TrimSuffix(p.login, "[bot]") }

func (p *person) email() string { return p.emails[0] }

// identity is an author, committer or tagger line.
type identity struct {
	name, email string
	when        time.Time
	account     *person // whom GitHub links the e-mail to, or nil
}

// signature is a signature with GitHub's verdict on it.
type signature struct {
	text, payload string
	verified      bool
	reason        string  // in REST spelling
	signer        *person // owner of the key, or nil
	byGitHub      bool
	email         string // of the committer or tagger
	verifiedAt    time.Time
	// shown is the payload in the answers: the signed one, unless the World
	// tampers with it.
	shown string
}

type commit struct {
	id, tree  string
	parents   []string
	author    identity
	committer identity
	message   string
	signature *signature // nil when unsigned
	generated int        // position in the World
	branch    string     // that it was made on
}

func (c *commit) headline() string {
	line, _, _ := strings.Cut(c.message, "\n")
	return line
}

type tag struct {
	id                 string
	name, message      string
	target, targetKind string
	tagger             identity
	signature          *signature
}

type tree struct {
	id      string
	entries []treeEntry
}

type treeEntry struct{ name, kind, mode, id string }

type blob struct {
	id      string
	content []byte
}

type ref struct{ name, target string } // name in full

type pull struct {
	id          int64
	number      int
	title, body string
	author      *person
	base, head  string
	commits     []*commit
	merged      bool
	mergedBy    *person
	mergedAt    time.Time
	mergeCommit *commit
	// baseRepository is this one, or one of which only the name is known.
	baseRepository *repository
	closed         bool
	createdAt      time.Time
	reviews        []*review
	timeline       []*timelineItem
	closes         []*issue
	labels         []*label
	milestone      *milestone
}

func (p *pull) headCommit() *commit { return p.commits[len(p.commits)-1] }

type review struct {
	id        int64
	pull      *pull
	author    *person
	state     string
	body      string
	commit    *commit
	submitted time.Time
}

// timelineItem is an event in the history of a pull request; kind is the
// GraphQL type.
type timelineItem struct {
	kind    string
	at      time.Time
	subject any // the review or commit that it shows, or nil
}

type app struct {
	id         int64
	slug, name string
}

type suite struct {
	id     int64
	app    *app
	commit *commit
	runs   []*checkRun
	run    *workflowRun // nil for a suite that no workflow made
	// givenStatus and givenConclusion stand for those of the runs, unless "".
	givenStatus, givenConclusion string
}

type checkRun struct {
	id                 int64
	name               string
	status, conclusion string // as REST has them; conclusion "" until completed
	started, completed time.Time
	posted             bool // by a token: in the suite of a workflow run, but no job
	givenAttempt       int  // as the World says, or 0
	suite              *suite
}

type workflowRun struct {
	id      int64
	number  int
	path    string
	event   string
	branch  string // name of a branch or tag
	suite   *suite
	created time.Time
	// headRepository is where the commit came from; nil when that is gone.
	headRepository *repository
	title          string
	actor          *person
	triggering     *person // who started this attempt
	attempts       int     // as the World says; 0 for as many as its jobs have
}

type runReview struct {
	run          int64
	state        string
	user         *person
	comment      string
	environments []string
}

type team struct {
	slug     string
	members  []*person // direct ones
	children []*team
}

type status struct {
	id             int64
	context, state string
	creator        *person
	url            string
	created        time.Time
	commit         *commit
}
