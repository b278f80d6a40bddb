package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/configfile"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
)

// notesAbout returns what a reader of a policy may like to know, and what lint does
// not look at. Nothing of it is unwise.
func notesAbout(rules policy.Policy) []string {
	var notes []string
	if signers := rules.Terms.Signers; len(signers.People)+len(signers.Revoked) > 0 {
		notes = append(notes, "the files of signers and revoked-keys were not read; `stageward verify --signers FILE` reads one")
	}
	for _, project := range rules.All() {
		for _, note := range aboutStages(project) {
			if !slices.Contains(notes, note) { // projects have much in common
				notes = append(notes, note)
			}
		}
	}
	return notes
}

// stageNames returns the names of the stages of all projects, each once.
func stageNames(rules policy.Policy) []string {
	var names []string
	for _, project := range rules.All() {
		for _, name := range project.Names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func aboutStages(rules policy.Policy) []string {
	var notes []string
	for _, project := range rules.All() {
		for _, note := range notesAboutStages(project) {
			if project.Project != "" {
				note = fmt.Sprintf("project %s, %s", project.Project, note)
			}
			notes = append(notes, note)
		}
	}
	return notes
}

func notesAboutStages(rules policy.Policy) []string {
	var notes []string
	for _, each := range rules.Stages {
		if target, ok := rules.Stage(each.HotfixFor); ok && each.HotfixFor != "" {
			notes = append(notes, aboutLane(each, target)...)
		} else if _, err := configfile.Write(each.Config, configfile.Dotenv); err != nil {
			notes = append(notes, fmt.Sprintf("stage %s: the config can be a JSON or YAML file, and no dotenv file: %v", each.Name, err))
		}
	}
	return notes
}

// aboutLane tells what a hotfix lane opens: it has a list of gates of its own, and
// what it leaves out is easily overlooked.
func aboutLane(lane, target policy.Stage) []string {
	about := fmt.Sprintf("stage %s, hotfix lane %s: ", target.Name, lane.Name)
	asks := idsOf(lane.Enforced())
	notes := []string{about + fmt.Sprintf("%s may go to %s by %s", strings.Join(takes(lane.Rule), ", "), target.Name, strings.Join(asks, ", "))}
	left := slices.DeleteFunc(idsOf(target.Enforced()), func(id string) bool { return slices.Contains(asks, id) })
	if len(left) > 0 {
		notes = append(notes, about+fmt.Sprintf("gates of %s that are not asked there: %s", target.Name, strings.Join(left, ", ")))
	}
	return notes
}

func idsOf(checks []gate.Check) []string {
	var ids []string
	for _, each := range checks {
		ids = append(ids, each.ID)
	}
	return ids
}

// takes returns the patterns of a stage, with their type.
func takes(rule stage.Rule) []string {
	var texts []string
	for _, each := range rule.Branches {
		texts = append(texts, "branch "+each.String())
	}
	for _, each := range rule.Tags {
		texts = append(texts, "tag "+each.String())
	}
	return texts
}
