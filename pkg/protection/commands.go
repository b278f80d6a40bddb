package protection

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/shell"
	"github.com/stageward/stageward/pkg/verdict"
)

// Commands returns what makes the environment as the stage wants it, in the order in
// which it has to be run; none where nothing fails that a command can mend. Each is
// safe to paste into a shell.
//
// GitHub replaces all settings of an environment at once, so the command holds those
// that were read, too. Who may approve is not for a program to choose: the number 0
// stands for each reviewer who is missing, and GitHub refuses it.
func Commands(repository string, env fact.Environment, wants Wants) []string {
	return mend(repository, env, wants, func(Aspect) bool { return true })
}

// RefsCommands is Commands for no more than that the environment exists and which
// branches and tags it lets in. Everything else stays as it was read, so these have
// to be run before the others.
func RefsCommands(repository string, env fact.Environment, wants Wants) []string {
	return mend(repository, env, wants, func(aspect Aspect) bool { return aspect == Existence || aspect == Refs })
}

func mend(repository string, env fact.Environment, wants Wants, asked func(Aspect) bool) []string {
	var failed aspects
	for _, each := range Compare(env, wants) {
		if each.Outcome == verdict.Fail && asked(each.Aspect) && !failed.has(each.Aspect) {
			failed = append(failed, each.Aspect)
		}
	}
	if len(failed) == 0 || env.Exists && !isKnown(env.Refs) {
		return nil // what is let in now could not be repeated
	}
	body := wants.settings(env)
	if failed.has(Refs) || !env.Exists {
		body.Refs = wants.refsOf(env)
	}
	wants.people(&body, env, failed)

	at := place{path: "repos/" + repository + "/environments/" + shell.Segment(wants.Environment)}
	var commands []string
	onlyPatterns := len(failed) == 1 && failed.has(Refs) && env.Refs == fact.SelectedRefs && body.Refs != nil
	if !onlyPatterns {
		commands = append(commands, at.put(body))
	}
	if body.Refs != nil && body.Refs.Custom && (failed.has(Refs) || !env.Exists) {
		commands = append(commands, at.patterns(env, wants)...)
	}
	return commands
}

func isKnown(refs fact.EnvironmentRefs) bool {
	return refs == fact.AllRefs || refs == fact.ProtectedRefs || refs == fact.SelectedRefs
}

// aspects are those that have to be mended, each once.
type aspects []Aspect

func (a aspects) has(aspect Aspect) bool { return slices.Contains(a, aspect) }

// settings is the body of "Create or update an environment". What is left out is
// off: on some plans GitHub refuses even that.
//
// GitHub's description of the API does not have can_admins_bypass; Terraform's
// provider has sent it since 2023.
type settings struct {
	WaitMinutes       int           `json:"wait_timer,omitempty"`
	PreventSelfReview bool          `json:"prevent_self_review,omitempty"`
	Reviewers         []reviewer    `json:"reviewers,omitempty"`
	AdminsBypass      *bool         `json:"can_admins_bypass,omitempty"`
	Refs              *refsSettings `json:"deployment_branch_policy"`
}

type reviewer struct {
	Kind string `json:"type"`
	ID   int64  `json:"id"`
}

// refsSettings says that exactly one of the two holds; null lets everything in.
type refsSettings struct {
	Protected bool `json:"protected_branches"`
	Custom    bool `json:"custom_branch_policies"`
}

// settings are those of the environment as it is.
func (w Wants) settings(env fact.Environment) settings {
	body := settings{WaitMinutes: env.WaitMinutes, PreventSelfReview: env.PreventSelfReview}
	for _, each := range env.Reviewers {
		kind := "User"
		if each.Kind == "team" {
			kind = "Team"
		}
		if one := (reviewer{kind, each.ID}); !slices.Contains(body.Reviewers, one) {
			body.Reviewers = append(body.Reviewers, one)
		}
	}
	if env.AdminsBypass != nil && !*env.AdminsBypass {
		body.AdminsBypass = env.AdminsBypass
	}
	switch env.Refs {
	case fact.SelectedRefs:
		body.Refs = &refsSettings{Custom: true}
	case fact.ProtectedRefs:
		body.Refs = &refsSettings{Protected: true}
	case fact.AllRefs:
	}
	return body
}

// refsOf says which branches and tags the environment has to let in: all, where the
// stage takes all.
func (w Wants) refsOf(env fact.Environment) *refsSettings {
	if found, faults := notIn([]names{every(fact.Branch), every(fact.TagRef)}, w.taken()); len(found)+len(faults) == 0 {
		return nil
	}
	if w.ExistenceOnly && !env.Exists {
		return nil
	}
	return &refsSettings{Custom: true}
}

// people puts what is wanted beside that.
func (w Wants) people(body *settings, env fact.Environment, failed aspects) {
	for missing := w.Reviewers - countReviewers(env); failed.has(Reviewers) && missing > 0; missing-- {
		body.Reviewers = append(body.Reviewers, reviewer{Kind: "User"})
	}
	body.PreventSelfReview = body.PreventSelfReview || failed.has(SelfReview)
	if failed.has(Wait) {
		body.WaitMinutes = w.WaitMinutes
	}
	if failed.has(Admins) {
		body.AdminsBypass = new(bool)
	}
}

// place is where the environment is on GitHub.
type place struct{ path string }

func (p place) put(body settings) string {
	command, err := shell.JSON("gh api --method PUT "+shell.Word(p.path), body)
	if err != nil {
		return "" // the body is numbers and switches; a test writes every one
	}
	return command
}

// patterns returns the commands that add the patterns of the stage, and then remove
// those that let in more.
func (p place) patterns(env fact.Environment, wants Wants) []string {
	var kept []names
	var tooWide []other
	if env.Refs == fact.SelectedRefs {
		tooWide, _ = wants.admitted(env)
		for _, each := range let(env) {
			if !slices.ContainsFunc(tooWide, func(wide other) bool { return wide.kind == each.kind && wide.text == each.text }) {
				kept = append(kept, each)
			}
		}
	}
	var commands []string
	missing, _ := notIn(wants.taken(), kept)
	for _, each := range missing {
		add := p.add(each.names)
		if !slices.Contains(commands, add) {
			commands = append(commands, add)
		}
	}
	for _, each := range tooWide {
		commands = append(commands, p.remove(each.names))
	}
	return commands
}

func (p place) add(pattern names) string {
	post := "gh api --method POST " + shell.Word(p.path+"/deployment-branch-policies")
	if shell.IsPlain(pattern.text) {
		return fmt.Sprintf("%s -f %s -f %s", post, shell.Word("name="+pattern.text), shell.Word("type="+string(pattern.kind)))
	}
	command, err := shell.JSON(post, map[string]string{"name": pattern.text, "type": string(pattern.kind)})
	if err != nil {
		return "" // two texts can always be written
	}
	return command
}

// remove looks the pattern's number up: only that names it.
func (p place) remove(pattern names) string {
	at := p.path + "/deployment-branch-policies"
	filter := fmt.Sprintf(".branch_policies[] | select(.name == %s and .type == %s) | .id", shell.Quoted(pattern.text), shell.Quoted(string(pattern.kind)))
	return fmt.Sprintf("gh api --paginate %s --jq %s | xargs -I{} gh api --method DELETE %s/{}", shell.Word(at), shell.Word(filter), shell.Word(at))
}
