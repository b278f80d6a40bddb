package scaffold

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// page is where the documentation is.
const page = "https://github.com/stageward/stageward/blob/main/docs/"

// Steps says what a person does after the files are written, in order. Lines that
// begin at the left edge are commands, safe to paste: what is in them has passed
// [Answers.Check] or stands in quotes. The others are not inert.
func (p Plan) Steps() []string {
	steps := []step{p.fillIn(), p.look()}
	if p.onServer() {
		steps = append(steps, p.server())
	}
	if p.Teams() {
		steps = append(steps, p.peopleToken())
	}
	steps = append(steps, p.environments(), sign(), p.propose(), p.guard(), p.release(), p.audit())
	var lines []string
	for i, each := range steps {
		lines = append(lines, fmt.Sprintf("  %d. %s", i+1, each.what))
		lines = append(lines, each.lines...)
	}
	return lines
}

// step is what to do, with what there is to know and to run.
type step struct {
	what  string
	lines []string
}

func (s *step) say(format string, arguments ...any) {
	s.lines = append(s.lines, "     "+fmt.Sprintf(format, arguments...))
}

func (s *step) run(commands ...string) {
	for _, each := range commands {
		s.lines = append(s.lines, strings.Split(each, "\n")...)
	}
}

func (p Plan) fillIn() step {
	s := step{what: "Put in what only you know."}
	if p.Uses == "" {
		s.say("deploy.yml, gated-deploy.yml: a full commit id of Stageward in place of the zeros. The newest is:")
		s.run("gh api --hostname github.com repos/stageward/stageward/commits/main --jq .sha")
	}
	if p.DeployScript {
		s.say("gated-deploy.yml: its last step runs the deploy.sh that is there, with STAGE and CONFIG in its environment. Is that right?")
	} else {
		s.say("gated-deploy.yml: its last step runs ./deploy.sh, which is not there. Write it, or put your own step in its place.")
	}
	if p.OwnChecks && p.TestCommand == "" {
		s.say("checks.yml: your tests. Its job fails until then, and nothing gets to a stage that has gates.")
	}
	for _, each := range inOrder(p.Survey.Deploys) {
		s.say("%s: the job %q has the environment %q and NO GATE before it. Move its steps into gated-deploy.yml.", each.Workflow, each.Job, each.Environment)
	}
	return s
}

func (p Plan) look() step {
	s := step{what: "Look whether the policy says what you mean."}
	s.run("stageward lint", "stageward explain refs/heads/"+p.DefaultBranch+" --default-branch "+p.DefaultBranch,
		"stageward explain refs/tags/v1.2.3 --default-branch "+p.DefaultBranch)
	return s
}

func (p Plan) peopleToken() step {
	s := step{what: "Give the gate a token that reads who is in a team, and nothing else."}
	s.say("A fine-grained token of the organisation with `Members: read` will do: %sworkflows.md#teams", page)
	s.run("gh secret set STAGEWARD_PEOPLE_TOKEN --repo " + p.Repository)
	return s
}

// server lets gh ask the server that the repository is on.
func (p Plan) server() step {
	s := step{what: "Let gh speak with that server, in the shell in which the rest is run."}
	s.run("export GH_HOST=" + p.Host)
	return s
}

func (p Plan) environments() step {
	s := step{what: "Make the environments, open to nothing but what their stage takes."}
	s.say("Leave the PUT out for one that is there already, and look at its settings: it would take reviewers and timers away.")
	s.say("In a private repository GitHub has this from the plan Pro or Team on.")
	for _, each := range p.Places {
		s.run(each.Commands...)
	}
	return s
}

func sign() step {
	s := step{what: "Sign: who sets a tag has a key that GitHub lists as a signing key, such as the one for SSH."}
	s.run("git config gpg.format ssh", "git config user.signingkey ~/.ssh/id_ed25519.pub", "git config commit.gpgsign true", "git config tag.gpgsign true",
		"gh ssh-key add ~/.ssh/id_ed25519.pub --type signing")
	return s
}

func (p Plan) propose() step {
	var names []string
	for _, each := range Files(p.Answers) {
		names = append(names, each.Path)
	}
	s := step{what: "Bring it in. Nothing of it counts before it is on the default branch."}
	s.say("Merge the pull request by a merge commit or a squash: GitHub does not sign the commits of a rebase.")
	s.run("git switch -c stageward", "git add "+strings.Join(names, " "), "git commit -S -m 'Decide by policy what is deployed where'",
		"git push -u origin stageward", "gh pr create --fill")
	return s
}

// guard keeps the gate in its place: whoever may change the files may take it out.
func (p Plan) guard() step {
	s := step{what: "Guard the default branch and the tags: whoever can push to it can take the gate out."}
	reviews := `"required_approving_review_count":1,"require_code_owner_review":true,"require_last_push_approval":true`
	if p.Solo {
		reviews = `"required_approving_review_count":0,"require_code_owner_review":false,"require_last_push_approval":false`
	} else {
		place := p.CodeOwners
		if place == "" {
			place = ".github/CODEOWNERS, which is not there yet,"
		}
		s.say("Say in %s who looks after /.github/CODEOWNERS, /.github/stageward.yml and /.github/workflows/", place)
	}
	s.run(p.ruleset(`{"name":"default branch","target":"branch","enforcement":"active","conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},"rules":[{"type":"deletion"},{"type":"non_fast_forward"},{"type":"pull_request","parameters":{`+reviews+`,"dismiss_stale_reviews_on_push":true,"required_review_thread_resolution":false}}]}`),
		p.ruleset(`{"name":"version tags","target":"tag","enforcement":"active","conditions":{"ref_name":{"include":["refs/tags/v*"],"exclude":[]}},"rules":[{"type":"deletion"},{"type":"update"}]}`))
	return s
}

func (p Plan) ruleset(text string) string {
	return "echo '" + text + "' | " + "gh api --method POST repos/" + p.Repository + "/rulesets --input -"
}

func (p Plan) release() step {
	s := step{what: "Deploy: what is merged goes to " + p.Places[1].Stage + ". After that, set a signed tag and publish its release."}
	if !p.OwnChecks {
		s.say(`The gate does not wait for checks. Where %s still runs, it says "wait"; afterwards:`, p.checkFiles())
		s.run("gh run rerun RUN --failed --repo " + p.Repository)
	}
	if !p.Solo {
		s.say("Who approves runs the command that the summary of the run shows: %sapprovals.md", page)
	}
	tag, more := "v1.0.0", ""
	if p.Preset != Presets()[0] {
		tag, more = "v1.0.0-rc.1", " --prerelease"
		s.say("v1.0.0-rc.1 goes to staging; after that v1.0.0, on the same commit, to prod.")
	}
	s.say("A release for prod has notes, and a plan: the headings Rollout, Verification, Rollback and Owner with text below each.")
	s.say("Write both into NOTES.md, as in %stutorial.md#6-the-same-release-and-a-yes", page)
	s.run("git switch "+p.DefaultBranch, "git pull", "git tag -s "+tag+" -m "+tag, "git push origin "+tag, "gh release create "+tag+" --verify-tag --notes-file NOTES.md"+more)
	return s
}

// checkFiles names the workflows that have checks.
func (p Plan) checkFiles() string {
	var names []string
	for _, each := range p.Checks {
		if name := path.Base(each.Workflow); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "a check"
	}
	return strings.Join(names, " or ")
}

func (p Plan) audit() step {
	s := step{what: "See what is still open. It needs the token of somebody who administers the repository."}
	host, server := "", ""
	if p.onServer() { // no other server's token is sent there, also in a shell without GH_HOST
		host, server = " --hostname "+p.Host, " --server https://"+p.Host
	}
	s.run("GH_TOKEN=$(gh auth token" + host + ") stageward audit --repo " + p.Repository + server)
	return s
}
