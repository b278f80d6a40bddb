package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// EmergencyDeclared guards the way past gates that are not met. It holds when
// whoever started the run may break the glass and says why, when an open issue
// says so in front of everybody, and when other people approved it since. The
// issue is demanded and not made: the token stays one that can only read, and
// somebody has to close it afterwards.
var EmergencyDeclared = register(Spec[emergencyDeclared]{
	ID:       "emergency-declared",
	Lane:     verdict.BreakGlass,
	Title:    "An emergency was declared and approved",
	Since:    "0.1.0",
	Defaults: emergencyDeclared{Workflow: ".github/workflows/emergency.yml", Label: "break-glass"},
	Validate: func(params emergencyDeclared, terms Terms) error { return params.validate(terms) },
	Needs:    emergencyDeclared.needs,
	Notes:    func(params emergencyDeclared, _ Terms) []Note { return params.notes() },
	Suppose:  supposesEmergency,
	Check:    checkEmergencyDeclared,
})

type emergencyDeclared struct {
	By        RoleName            `yaml:"by" doc:"The role that whoever started the run, and whoever labelled the issue, has to hold."`
	Approvals []emergencyApproval `yaml:"approvals" doc:"The approvals that an emergency takes, each by people of its own."`
	Workflow  string              `yaml:"workflow" doc:"The path of the workflow by which people approve an emergency; it has to be on the default branch."`
	Label     string              `yaml:"label" doc:"The label of the issue that declares the emergency; the issue has to be open."`
}

// emergencyApproval is as namedApproval, but for who cannot give it: in an
// emergency nobody looks twice, so whoever starts the run is not the only one.
type emergencyApproval struct {
	Name  string   `yaml:"name" doc:"What the approval is called, such as oncall; lower-case letters, digits and hyphens."`
	By    RoleName `yaml:"by" doc:"The role that whoever approves has to hold."`
	Count int      `yaml:"count" doc:"How many different people it takes; one where nothing is said."`
	Not   []Part   `yaml:"not" doc:"Who cannot give it: author, committers, signer, merger, deployer, or nobody; author, committers and deployer where nothing is said."`
}

// fewestVisible is how long a reason is at least, in characters that can be seen.
const fewestVisible = 10

func (p emergencyDeclared) validate(terms Terms) error {
	if p.By == "" {
		return fmt.Errorf("by: name the role that whoever breaks the glass has to hold, such as maintain")
	}
	if err := needsRole(p.By, terms); err != nil {
		return err
	}
	if p.Label == "" || strings.TrimSpace(p.Label) != p.Label {
		return fmt.Errorf("label %q: expected a name without space around it", p.Label)
	}
	return p.asApproved().validate(terms)
}

// asApproved is what the emergency takes as the gate "approved" would ask for it,
// whose rules it follows.
func (p emergencyDeclared) asApproved() approved {
	params := Approved.Defaults.(approved) //nolint:errcheck,forcetypeassert // the type is that of its registration
	params.Workflow, params.Approvals = p.Workflow, nil
	for _, each := range p.Approvals {
		if len(each.Not) == 0 {
			each.Not = []Part{author, committers, deployer}
		}
		params.Approvals = append(params.Approvals, namedApproval(each))
	}
	return params
}

var glassBrokenAlone = newNote("glass-broken-alone")

// notes say where one person is enough.
func (p emergencyDeclared) notes() []Note {
	people, alone := 0, true
	for _, each := range p.asApproved().Approvals {
		people += each.count()
		alone = alone && !slices.Contains(each.not(), deployer)
	}
	if people != 1 || !alone {
		return nil
	}
	return []Note{glassBrokenAlone.of("whoever starts the run can give the approval as well, so one person alone breaks the glass; leave not out, or ask for a second approval")}
}

func (p emergencyDeclared) needs(terms Terms) []fact.Need {
	needs := append(p.asApproved().needs(terms),
		fact.Need{Kind: fact.NeedOpenIssues, Key: p.Label}, fact.Permissible(fact.Actor), fact.Permissible(fact.TriggeringActor))
	needs = append(needs, terms.Roles.Needs(p.By, fact.Labelers)...)
	order.By(needs, func(a, b fact.Need) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) })
	return slices.Compact(needs)
}

func checkEmergencyDeclared(params emergencyDeclared, in Input) verdict.Finding {
	since, issue := params.declared(in)
	return together([]verdict.Finding{
		reasoned(in.Facts.Trigger.BreakGlass),
		checkDeployerAllowed(deployerAllowed{By: params.By}, in),
		issue,
		params.approvedSince(in, since),
	})
}

// reasoned asks whether the run says why.
func reasoned(why string) verdict.Finding {
	if count := visible(why); count < fewestVisible || !strings.ContainsFunc(why, isLegible) {
		return verdict.Failed("no-reason", fmt.Sprintf("the run gives the reason %s, which has %s; a reason has words, and %d at least", shown(why), plural(count, "visible character", "visible characters"), fewestVisible)).
			Because("Start a new run, and say in a sentence in the input break-glass why it cannot wait.", "whoever starts the run")
	}
	return verdict.Passed(fmt.Sprintf("EMERGENCY, because %q", cut(why)))
}

// visible counts what a reader sees of a text.
func visible(text string) int {
	count := 0
	for _, char := range text {
		blank := unicode.IsLetter(char) && !isLegible(char) || char == '\u2800' // the fillers of Hangul, and Braille without dots
		if unicode.IsPrint(char) && !unicode.IsSpace(char) && !unicode.Is(unicode.Mn, char) && !blank {
			count++
		}
	}
	return count
}

// declared looks for the issue that declares the emergency, and returns since
// when it does.
func (p emergencyDeclared) declared(in Input) (since time.Time, finding verdict.Finding) {
	known := in.Facts.OpenIssuesOf(p.Label)
	open, missing := known.Get()
	if missing == nil {
		missing = contradicts(open.Total, open.Newest)
	}
	if missing != nil {
		return since, verdict.Lacking("whether an open issue declares the emergency", missing)
	}
	var declares *fact.Issue
	var why []string
	var undecided *fact.Missing
	for _, issue := range byNumber(open.Newest) {
		if !issue.Names(in.Facts.Subject.SHA) {
			continue
		}
		at, refusal, unknown := p.look(in, issue)
		undecided = cmp.Or(undecided, unknown)
		switch {
		case refusal != "":
			why = append(why, titled(issue)+" "+refusal)
		case declares == nil || at.Before(since): // the first time it was said
			declares, since = &issue, at
		}
	}
	switch {
	case declares != nil:
		return since, verdict.Passed(fmt.Sprintf("%s declares it since %s, and somebody has to close it afterwards", titled(*declares), stamp(since))).See(titled(*declares), declares.URL)
	case undecided != nil:
		return since, verdict.Lacking("whether an issue was labelled by somebody who holds role "+string(p.By), undecided)
	}
	return since, p.undeclared(in, open, why).See("the label "+shown(p.Label), known.Source().URL)
}

// look returns since when an issue declares the emergency, or why it does not.
func (p emergencyDeclared) look(in Input, issue fact.Issue) (at time.Time, refusal string, unknown *fact.Missing) {
	if issue.Pull {
		return at, "is a pull request, which a merge closes", nil
	}
	label, refusal := changeIssue{Label: p.Label, State: openIssue}.look(issue)
	switch {
	case refusal != "":
		return at, refusal, nil
	case label.By == nil:
		return at, "has the label from an account that is gone, or that GitHub does not name", nil
	case label.At.IsZero():
		return at, "has the label, and it is not known since when", nil
	}
	standing := in.Standing(p.By, label.By)
	if !standing.Holds() {
		return at, "has the label from somebody who does not count: " + standing.Reason, standing.Missing
	}
	return label.At, "", nil
}

// undeclared is a wait: an issue can be opened for this very commit.
func (p emergencyDeclared) undeclared(in Input, open fact.OpenIssues, why []string) verdict.Finding {
	sha, repository := in.Facts.Subject.SHA, in.Facts.Subject.Repository
	reason := fmt.Sprintf("no open issue with the label %s names commit %s in its title", shown(p.Label), sha.Short())
	if len(why) > 0 {
		reason = "no open issue declares the emergency: " + listed(why, ", ", mostShown)
	}
	if more := open.Total - len(open.Newest); more > 0 {
		reason += fmt.Sprintf("; of the %d that are open with the label only the newest were looked at", open.Total)
	}
	fix := fmt.Sprintf("`gh issue create --repo %s --label %s --title \"Break glass: %s to %s: WHY\"`; approvals count from then on, and somebody has to close the issue afterwards.",
		repository, quoted(p.Label), sha.Short(), in.Terms.Stage.Called())
	if !open.LabelExists {
		reason = fmt.Sprintf("the repository has no label %s, so no issue declares the emergency", shown(p.Label))
		fix = fmt.Sprintf("`gh label create %s --repo %s`, then %s", quoted(p.Label), repository, fix)
	}
	return verdict.Waits("no-issue", reason).Because("Declare the emergency: "+fix, in.whoHolds(p.By))
}

// quoted is a text as one word of a shell.
func quoted(text string) string {
	if !strings.ContainsFunc(text, func(char rune) bool {
		return !unicode.IsLetter(char) && !unicode.IsDigit(char) && !strings.ContainsRune("-_./:", char)
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// approvedSince asks for the approvals. One from before the emergency was
// declared was of another one. A rejection stays whenever it was made.
func (p emergencyDeclared) approvedSince(in Input, since time.Time) verdict.Finding {
	params := p.asApproved()
	excluded, refused := params.excluded(in)
	if refused != nil {
		return *refused
	}
	said, refused := params.hear(in)
	if refused != nil {
		return *refused
	}
	var counting []voice
	for _, each := range said.voices {
		if each.yes && !each.at.After(since) {
			said.ignored = append(said.ignored, fmt.Sprintf("%s by @%s, from before the emergency was declared", each.from, each.who.Login))
			continue
		}
		counting = append(counting, each)
	}
	said.voices = counting
	return params.count(in, said, excluded)
}
