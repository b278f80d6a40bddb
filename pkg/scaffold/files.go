package scaffold

import (
	"embed"
	"slices"
	"strings"
)

//go:embed templates/*.yml
var templates embed.FS

// File is a file of a repository.
type File struct {
	// Path is below the repository's root, with slashes.
	Path, Content string
}

// The paths of the files.
const (
	PolicyPath  = ".github/stageward.yml"
	workflows   = ".github/workflows/"
	DeployPath  = workflows + "deploy.yml"
	GatedPath   = workflows + "gated-deploy.yml"
	ApprovePath = workflows + "approve.yml"
	ChecksPath  = workflows + "checks.yml"
)

// Files returns the files for answers that [Answers.Check] has accepted, ordered
// by path. The same answers give the same bytes.
func Files(a Answers) []File {
	files := []File{{PolicyPath, a.policy()}}
	if !a.Solo {
		files = append(files, File{ApprovePath, a.fill("approve")})
	}
	if a.OwnChecks {
		files = append(files, File{ChecksPath, a.fill("checks")})
	}
	return append(files, File{DeployPath, a.fill("deploy")}, File{GatedPath, a.fill("gated-deploy")})
}

// named returns the checks that the policy names.
func (a Answers) named() []Check {
	if a.OwnChecks {
		return append([]Check{{Name: "checks / tests", Workflow: DeployPath}}, a.Checks...)
	}
	return a.Checks
}

// policy writes the policy. The gates of production are one text in both presets.
func (a Answers) policy() string {
	return a.fill(a.Preset)
}

func (a Answers) fill(name string) string {
	template := read(name)
	template = strings.Replace(template, "{{production}}\n", read("production"), 1)
	conditions := map[string]bool{
		"people": !a.Solo, "solo": a.Solo, "teams": a.Teams(), "checks": len(a.named()) > 0, "own-checks": a.OwnChecks, "command": a.TestCommand != "",
		"zeros": a.Uses == "", "three": a.Preset == Presets()[0], "four": a.Preset != Presets()[0], "narrow": len(a.devBranches()) < len(devPatterns()),
	}
	uses := a.Uses
	if uses == "" {
		uses = unset
	}
	return fill(template, conditions,
		"{{preset}}", a.Preset, "{{repository}}", a.Repository, "{{default-branch}}", a.DefaultBranch, "{{uses}}", uses, "{{command}}", a.TestCommand,
		"{{leads}}", role(a.Leads), "{{qa}}", role(a.QA), "{{owners}}", role(a.Owners),
		"{{checks-first}}\n", a.checkLines(", within: 10m, slow: warn"), "{{checks}}\n", a.checkLines(""),
		"{{env-dev}}", a.environment("dev"), "{{env-test}}", a.environment("test"), "{{env-staging}}", a.environment("staging"), "{{env-prod}}", a.environment("prod"),
		"{{dev-branches}}", list(a.devBranches()), "{{branches}}", list(append([]string{a.DefaultBranch}, a.devBranches()...)),
		"{{push-dev}}", pushTo(a.devBranches()), "{{push-default}}", pushTo([]string{a.DefaultBranch}),
	)
}

// read returns a template. A name without one leaves an empty file, which tests see.
func read(name string) string {
	text, err := templates.ReadFile("templates/" + name + ".yml")
	if err != nil {
		return ""
	}
	return string(text)
}

// devPatterns are the branches that the presets take for the stage dev.
func devPatterns() []string { return []string{"dev", "dev/**", "develop"} }

// devBranches are those of them that do not match the default branch, which goes
// elsewhere: a branch of two stages is ambiguous.
func (a Answers) devBranches() []string {
	return slices.DeleteFunc(devPatterns(), func(pattern string) bool {
		folder, isFolder := strings.CutSuffix(pattern, "**")
		return pattern == a.DefaultBranch || isFolder && strings.HasPrefix(a.DefaultBranch, folder)
	})
}

// pushTo says which push is meant, by the first branch without a wildcard, in a
// column of its own.
func pushTo(branches []string) string {
	for _, each := range branches {
		if !strings.Contains(each, "*") {
			text := "a push to " + each
			return text + strings.Repeat(" ", max(0, 30-len(text)))
		}
	}
	return ""
}

func (a Answers) environment(stage string) string {
	if name := a.Environments[stage]; name != "" {
		return scalar(name)
	}
	return map[string]string{"dev": "development", "test": "test", "staging": "staging", "prod": "production"}[stage]
}

func (a Answers) checkLines(more string) string {
	var lines strings.Builder
	for _, each := range a.named() {
		lines.WriteString("          - { name: " + scalar(each.Name) + ", workflow: " + each.Workflow + more + " }\n")
	}
	return lines.String()
}

// role returns who holds a role; nobody named is whoever may maintain the
// repository.
func role(people []string) string {
	var users, teams []string
	for _, each := range people {
		if strings.Contains(each, "/") {
			teams = append(teams, each)
			continue
		}
		users = append(users, each)
	}
	var parts []string
	if len(users) > 0 {
		parts = append(parts, "users: "+list(users))
	}
	if len(teams) > 0 {
		parts = append(parts, "teams: "+list(teams))
	}
	if len(parts) == 0 {
		return "{ permission: maintain }"
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// list returns texts as a YAML list in one line.
func list(texts []string) string {
	var all []string
	for _, each := range texts {
		all = append(all, scalar(each))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// scalar returns a text as YAML that every reader takes for that text. The
// alphabets of names have neither quotes nor backslashes.
func scalar(text string) string {
	first := text[0] | 0x20
	plain := first >= 'a' && first <= 'z' && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/") == ""
	if plain && !slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}, strings.ToLower(text)) {
		return text
	}
	return `"` + text + `"`
}
