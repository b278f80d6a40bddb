package gate

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/markdown"
	"github.com/stageward/stageward/pkg/verdict"
)

// DeploymentPlan holds when somebody wrote down how the change is rolled out,
// how it is verified, how it is taken back, and who sees to it.
var DeploymentPlan = register(Spec[deploymentPlan]{
	ID:        "deployment-plan",
	Title:     "There is a deployment plan",
	Since:     "0.1.0",
	Configure: "deployment-plan: { in: release }",
	Defaults:  deploymentPlan{In: planInRelease, Sections: []string{"rollout", "verification", "rollback", "owner"}},
	Validate:  func(params deploymentPlan, _ Terms) error { return params.validate() },
	Needs:     func(params deploymentPlan, _ Terms) []fact.Need { return params.needs() },
	Suppose:   supposesPlan,
	Check:     checkDeploymentPlan,
})

type deploymentPlan struct {
	In       PlanPlace `yaml:"in" doc:"Where the plan is: release, pull-request or file."`
	File     string    `yaml:"file" doc:"The path of the file in the commit that is deployed, for in: file. {version}, {tag} and {sha} are filled in."`
	Sections []string  `yaml:"sections" doc:"Headings that the plan has to have, each with text below it; upper and lower case are the same."`
}

// PlanPlace is where a plan is written.
type PlanPlace string

// The places.
const (
	planInRelease PlanPlace = "release"
	planInPull    PlanPlace = "pull-request"
	planInFile    PlanPlace = "file"
)

// Values returns the words a policy may use.
func (PlanPlace) Values() []string {
	return []string{string(planInRelease), string(planInPull), string(planInFile)}
}

var (
	filledIn   = lazy.New(`\{(?:version|tag|sha)\}`)
	planInside = lazy.New(`^[^\x00-\x20"\\:{}]+$`)
)

func (p deploymentPlan) validate() error {
	plain := filledIn.ReplaceAllString(p.File, "x")
	switch {
	case !slices.Contains(p.In.Values(), string(p.In)):
		return fmt.Errorf("in %q: expected one of %q", p.In, p.In.Values())
	case p.In != planInFile && p.File != "":
		return fmt.Errorf("file: %q: a file is looked for only with in: file", p.File)
	case p.In == planInFile && p.File == "":
		return errors.New("file: in: file needs the path of the file, such as docs/plans/{version}.md")
	case p.In == planInFile && (!planInside.MatchString(plain) || path.Clean(plain) != plain || strings.HasPrefix(plain, "/") || strings.HasPrefix(plain, "../") || plain == ".."):
		return fmt.Errorf("file: %q: expected a path inside the repository, such as docs/plans/{version}.md; {version}, {tag} and {sha} are filled in", p.File)
	case len(p.Sections) == 0:
		return errors.New("sections: the list is empty; name at least one, such as rollback")
	}
	return checkSections("sections", p.Sections)
}

func (p deploymentPlan) needs() []fact.Need {
	switch p.In {
	case planInFile:
		return []fact.Need{{Kind: fact.NeedSource, Key: p.File}}
	case planInPull:
		return []fact.Need{{Kind: fact.NeedPulls}, {Kind: fact.NeedPullPapers}}
	case planInRelease:
	}
	return []fact.Need{{Kind: fact.NeedRelease}}
}

// plan is a text in which the plan has to be.
type plan struct {
	where, text, url string
	// who can correct it.
	who string
	// fixed is true for a text that is part of the commit: another one is
	// another commit.
	fixed bool
}

func checkDeploymentPlan(params deploymentPlan, in Input) verdict.Finding {
	var found plan
	var finding *verdict.Finding
	switch params.In {
	case planInFile:
		found, finding = in.planInFile(params.File)
	case planInPull:
		found, finding = in.planInPull()
	case planInRelease:
		found, finding = in.planInRelease()
	}
	if finding != nil {
		return *finding
	}
	return found.judge(params.Sections)
}

func (in Input) planInRelease() (plan, *verdict.Finding) {
	release, finding := in.publishedRelease()
	return plan{where: fmt.Sprintf("the release of %q", release.Tag), text: release.Body, url: release.URL, who: whoReleases}, finding
}

// planInPull finds the one pull request that was merged as the commit.
func (in Input) planInPull() (plan, *verdict.Finding) {
	landed, finding := in.findLanding()
	if finding != nil {
		return plan{}, finding
	}
	sha := in.Facts.Subject.SHA.Short()
	if len(landed.pulls) != 1 {
		failed := verdict.Failed("no-pull-request", fmt.Sprintf("no pull request was merged into %q as commit %s, so there is none to hold the plan%s", landed.branch, sha, landed.explainOthers()))
		if len(landed.pulls) > 1 {
			failed = verdict.Failed("ambiguous", fmt.Sprintf("commit %s is the merge commit of more than one pull request (%s), so it is not clear which holds the plan", sha, landed.numbers()))
		}
		failed = failed.Because("Bring the change in through one pull request that holds the plan.", "whoever wrote the change")
		return plan{}, &failed
	}
	pull := landed.pulls[0]
	papers, missing := in.Facts.PapersOf(pull.Number).Get()
	if missing != nil {
		lost := seePull(verdict.Lacking(fmt.Sprintf("what pull request #%d says", pull.Number), missing), pull)
		return plan{}, &lost
	}
	return plan{
		where: fmt.Sprintf("the description of pull request #%d", pull.Number), text: papers.Body, url: pull.URL,
		who: "whoever wrote the pull request, or may write to the repository",
	}, nil
}

// planInFile reads the file as it is in the commit.
func (in Input) planInFile(template string) (plan, *verdict.Finding) {
	file, missing := in.Facts.SourceAt(template).Get()
	if missing != nil {
		lost := verdict.Lacking("what the file of the plan says", missing)
		return plan{}, &lost
	}
	if !file.Exists {
		failed := verdict.Failed("no-file", fmt.Sprintf("there is no file %q in commit %s", file.Path, file.Commit.Short())).
			Because(fmt.Sprintf("Add the plan as %s, and release the commit that holds it.", file.Path), "whoever wrote the change")
		return plan{}, &failed
	}
	return plan{
		where: fmt.Sprintf("the file %q in commit %s", file.Path, file.Commit.Short()), text: file.Text, url: file.URL,
		who: "whoever wrote the change", fixed: true,
	}, nil
}

// judge looks for the sections.
func (p plan) judge(sections []string) verdict.Finding {
	lost := lacks(markdown.Parse(p.text), sections)
	if len(lost) == 0 {
		return verdict.Passed(fmt.Sprintf("%s has a plan with %s", p.where, listed(sections, ", ", 10))).See("the plan", p.url)
	}
	unread, shorten := unreadOf(p.text)
	reason := fmt.Sprintf("%s is not the plan that the policy asks for: %s%s", p.where, listed(lost, "; ", 10), unread)
	if p.fixed {
		return verdict.Failed("missing-section", reason).
			Because("Complete the file, and release the commit that holds it."+shorten, p.who).See("the plan", p.url)
	}
	return verdict.Waits("missing-section", reason).
		Because("Add the headings, with text below each of them. The commit stays as it is: run again then."+shorten, p.who).See("the plan", p.url)
}
