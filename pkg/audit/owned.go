package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/codeowners"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// PolicyOwned holds where whoever changes the policy or a workflow needs the word
// of its owners.
var PolicyOwned = register(Check{
	ID:       "policy-owned",
	Title:    "The policy and the workflows have owners, who are asked",
	Why:      "The policy says what is asked for, and the workflows run the gate: whoever can change them with anybody's approval can take the gate away.",
	Severity: verdict.High,
	Needs: func(rules policy.Policy) []fact.Need {
		needs := append(guardNeeds(policy.Policy{Stages: rules.Stages}), fact.Need{Kind: fact.NeedWorkflows})
		for _, place := range codeowners.Places() {
			needs = append(needs, fact.Need{Kind: fact.NeedFile, Key: place})
		}
		return needs
	},
	Ask: askOwned,
})

const ownersFix = "Add the line /.github/ @acme/maintainers to the CODEOWNERS file, with those who answer for the policy in place of @acme/maintainers; as the last line, so that no later one takes it back."

func askOwned(in Input) []verdict.Point {
	targets := branchTargets(in.Rules, in.Repository.DefaultBranch)
	if len(targets) == 0 {
		return noStage()
	}
	asked := in.guardedTarget(targets[0], []topic{{code: "owners-not-asked", severity: verdict.High, about: "reviews by owners", demands: []demand{ownersAsked()}, fix: aloneFix}})
	points := slices.DeleteFunc(append(asked, in.askOwners()), func(point verdict.Point) bool { return point.Outcome == verdict.Pass })
	if len(points) == 0 {
		return []verdict.Point{about{"", verdict.High}.fine("the policy, the workflows and the CODEOWNERS file have owners, and the default branch asks for their review")}
	}
	return points
}

// ownersAsked is what makes a CODEOWNERS file count.
func ownersAsked() demand {
	return demand{
		lack: "what has owners can be changed without the review of one",
		// Without an approval that has to be there, GitHub still asks the owners.
		rule:    func(rule fact.Rule) bool { return rule.Type == pullRequest && rule.CodeOwners },
		classic: func(p fact.Protection) bool { return p.Reviews != nil && p.Reviews.CodeOwners },
		mend:    pullRequestRule(true),
	}
}

// askOwners says whether everything that holds the gate in its place has owners.
func (in Input) askOwners() verdict.Point {
	at := about{"", verdict.High}
	place, file, missing := in.ownersFile()
	switch {
	case missing != nil:
		return at.unknown("the CODEOWNERS file", missing, "Grant `contents: read`.")
	case place == "":
		return at.wrong("no-owners", fmt.Sprintf("there is no CODEOWNERS file, so nobody owns %s or the workflows", in.PolicyPath), strings.Replace(ownersFix, "to the CODEOWNERS file", "to .github/CODEOWNERS", 1))
	}
	if len(file.Text) > codeowners.MaxSize {
		return at.wrong("no-owners", fmt.Sprintf("%s is so large that GitHub does not load it, so nobody owns anything", place), "Make it smaller than 3 MB.")
	}
	owners, err := codeowners.Parse(file.Text)
	if err != nil {
		return at.wrong("owners-unreadable", fmt.Sprintf("%s: %v; GitHub skips such a line, and nobody is told", place, err), "Correct the line.",
			"gh api "+shell(in.path("codeowners", "errors")))
	}
	var free []string
	for _, path := range in.heldPaths(place) {
		if names, _ := owners.Owners(path); len(names) == 0 {
			free = append(free, fmt.Sprintf("%+q", path))
		}
	}
	_, unread := in.Facts.Workflows.Get()
	switch {
	case len(free) > 0:
		return at.wrong("no-owners", fmt.Sprintf("by %s nobody owns %s", place, strings.Join(free, ", ")), ownersFix)
	case unread != nil:
		return at.unknown("which workflows there are", unread, "Grant `contents: read`.")
	}
	return at.fine("")
}

// ownersFile returns the CODEOWNERS file that counts, which is the first there is;
// place is "" where there is none.
func (in Input) ownersFile() (place string, file fact.File, missing *fact.Missing) {
	if _, missing := in.Facts.Policy.Get(); missing != nil {
		return "", fact.File{}, missing // then nothing proves that there is none
	}
	for _, place := range codeowners.Places() {
		file, missing := in.Facts.FileAt(place).Get()
		switch {
		case missing == nil:
			return place, file, nil
		case missing.Reason != fact.NotFound:
			return "", fact.File{}, missing
		}
	}
	return "", fact.File{}, nil
}

// newWorkflows stand for the workflows that somebody may add: GitHub takes both ends.
var newWorkflows = []string{".github/workflows/another.yml", ".github/workflows/new.yaml"}

// heldPaths returns the files that hold the gate in its place: the policy and the
// keys it names, workflows, and every CODEOWNERS file that counts or would come
// before the one that does.
func (in Input) heldPaths(place string) []string {
	paths := append([]string{in.PolicyPath}, newWorkflows...)
	for _, workflow := range in.Facts.Workflows.OrZero() {
		paths = append(paths, workflow.Path)
	}
	for _, each := range codeowners.Places() {
		paths = append(paths, each)
		if each == place {
			break
		}
	}
	for _, files := range in.Rules.Terms.Signers.People {
		for _, file := range files {
			paths = append(paths, file.Path)
		}
	}
	paths = append(paths, in.Rules.Terms.Signers.Revoked...)
	slices.Sort(paths)
	return slices.Compact(paths)
}
