package stage

import (
	"fmt"
	"slices"
	"strings"
)

// CommandLine is the event of a person at the command line. Every stage
// accepts it: no workflow began, so there is nothing an event could forge. No
// event of GitHub has this name.
const CommandLine = "cli"

// EventNames returns the events that a rule may accept, in GitHub's words
// (docs.github.com, "Events that trigger workflows").
func EventNames() []string {
	return append(DefaultEvents(),
		"schedule", "repository_dispatch", "pull_request", "merge_group", "workflow_run", "deployment", "deployment_status")
}

// DefaultEvents returns the events that a stage accepts when its policy does
// not say: somebody put the commit on the branch or tag, or chose it there.
func DefaultEvents() []string {
	return []string{"push", "workflow_dispatch", "release", "create"}
}

// WhyNever says why an event can be in no list, or "" when it can or nothing is
// known about it.
func WhyNever(event string) string {
	switch event {
	case "pull_request_target":
		return "it runs on the tip of the default branch whatever the pull request holds, so a fork's change would look like a push to that branch"
	case "issue_comment", "commit_comment", "discussion_comment", "pull_request_review_comment":
		return "anyone who may comment can start it, and its commit is not the one that the comment is about"
	}
	return ""
}

// accepts reports whether the rule accepts what an event started. A rule
// without events accepts none, and no rule an event without a name.
func (r Rule) accepts(event string) bool {
	return event == CommandLine || event != "" && slices.Contains(r.Events, event)
}

// eventReason says which event the rule refuses and which it accepts.
func (r Rule) eventReason(event string) string {
	accepted := "no event at all"
	if len(r.Events) > 0 {
		accepted = strings.Join(r.Events, ", ")
	}
	if event == "" {
		return fmt.Sprintf("the run does not say which event started it; stage %q accepts the events %s", r.Stage, accepted)
	}
	reason := fmt.Sprintf("stage %q does not accept the event %s; it accepts %s", r.Stage, quote(event), accepted)
	if why := WhyNever(event); why != "" {
		reason += ", and can never accept this one: " + why
	}
	return reason
}

// refusal says why stages whose patterns match are still not found, or "".
// Where the caller picked one of them, only that one is of interest; where
// another stage accepts the event, none is.
func (s search) refusal(candidates int) string {
	var reasons []string
	for _, rule := range s.refused {
		if rule.Stage == s.query.Pick || rule.For == s.query.Pick && rule.For != "" || s.query.Pick == "" && candidates == 0 {
			reasons = append(reasons, rule.eventReason(s.query.Event))
		}
	}
	return strings.Join(reasons, "; ")
}
