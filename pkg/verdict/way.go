package verdict

import (
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// Lane names another way to a stage than the ordinary one. The zero Lane is the
// ordinary one.
type Lane string

// The lanes.
const (
	Rollback   Lane = "rollback"    // back to what was on the stage before
	BreakGlass Lane = "break-glass" // although gates are not met
	Hotfix     Lane = "hotfix"      // from branches or tags that the stage otherwise does not take
)

// Way says by which other way than the ordinary one a run wants to go. A reader
// has to see it first.
type Way struct {
	Lane Lane `json:"lane"`
	// Reason is why, in the words of whoever asked; text from outside.
	Reason string `json:"reason,omitempty"`
	// Section is the name that the policy has for a hotfix lane.
	Section string `json:"section,omitempty"`
	// From is what a rollback goes back from; nil where it is not known.
	From *fact.DeploymentRun `json:"from,omitempty"`
	// Unknown says why From is not known.
	Unknown string `json:"unknown,omitempty"`
}

// Changes is what a deployment would bring: every commit since the last one.
type Changes struct {
	// Since is the commit that was deployed last, or the baseline.
	Since fact.SHA `json:"since,omitempty"`
	// Run is the last deployment; nil where Since is a baseline.
	Run *fact.DeploymentRun `json:"run,omitempty"`
	// Commits are the newest first.
	Commits []Change `json:"commits"`
	// Pulls are the pull requests by which they came, lowest number first.
	Pulls []ChangePull `json:"pulls"`
	// Unknown says why nobody knows; the lists are then empty.
	Unknown string `json:"unknown,omitempty"`
}

// Change is one commit. Its texts are from outside.
type Change struct {
	SHA      fact.SHA  `json:"sha"`
	Headline string    `json:"headline"`
	URL      string    `json:"url,omitempty"`
	At       time.Time `json:"at"`
	// Author is a login, or "" where no account is linked to the e-mail.
	Author string `json:"author,omitempty"`
	// Signed is what GitHub says of the signature: its class, or "" where GitHub
	// does not vouch for it; Signer is the login behind the key.
	Signed fact.SignatureClass `json:"signed,omitempty"`
	Signer string              `json:"signer,omitempty"`
	// Pull is the number of the pull request that brought it, or 0.
	Pull int `json:"pull,omitempty"`
}

// ChangePull is one merged pull request. Its title is from outside.
type ChangePull struct {
	Number   int    `json:"number"`
	Title    string `json:"title"`
	URL      string `json:"url,omitempty"`
	Author   string `json:"author,omitempty"`
	MergedBy string `json:"merged_by,omitempty"`
}
