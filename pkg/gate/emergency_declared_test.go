package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

const (
	byMaintainers = "{by: maintain, approvals: [{name: oncall, by: write}], workflow: .github/workflows/approve.yml}"
	byLeads       = "{by: leads, approvals: [{name: oncall, by: qa}, {name: owner, by: leads}], workflow: .github/workflows/approve.yml}"
	selfApproved  = "{by: maintain, approvals: [{name: oncall, by: write, not: [nobody]}], workflow: .github/workflows/approve.yml}"
)

// fire is the issue that declares the emergency, labelled by olga at noon.
func fire(changes ...func(*fact.Issue)) fact.Issue {
	made := issue(40, "Break glass: "+headSHA.Short()+" to prod: payments fail")
	made.Labels = []fact.IssueLabel{{Name: "bug", By: mallory, At: noon.Add(-time.Hour)}, {Name: "break-glass", By: olga, At: noon}}
	for _, change := range changes {
		change(&made)
	}
	return made
}

func titledAs(title string) func(*fact.Issue) {
	return func(issue *fact.Issue) { issue.Title = title }
}

// burning is a run that breaks the glass, by sam, with what changes it.
func burning(changes ...func(*fact.Set)) fact.Set {
	base := []func(*fact.Set){
		func(f *fact.Set) { f.Trigger.BreakGlass = "payments fail, INC-4711" },
		blocking("break-glass", fire()),
		said(yes(1, rita, "oncall")),
	}
	return shipped(append(base, changes...)...)
}

func giving(reason string) func(*fact.Set) {
	return func(f *fact.Set) { f.Trigger.BreakGlass = reason }
}

func brokenBy(actor, again string) func(*fact.Set) {
	return func(f *fact.Set) { f.Trigger.Actor, f.Trigger.TriggeringActor = actor, again }
}

func declaredBy(changes ...func(*fact.Issue)) func(*fact.Set) {
	return blocking("break-glass", fire(changes...))
}

var _ = rows("emergency-declared",
	row{name: "no reason", params: byMaintainers, facts: burning(giving("")), want: verdict.Fail, code: "no-reason", says: []string{"0 visible characters", "the input break-glass"}},
	row{name: "a reason of spaces", params: byMaintainers, facts: burning(giving("               ")), want: verdict.Fail, code: "no-reason"},
	row{name: "a reason of ten characters", params: byMaintainers, facts: burning(giving("pay fails 12")), want: verdict.Pass},
	row{name: "a reason that is one character short", params: byMaintainers, facts: burning(giving("pay fails 1")), want: verdict.Fail, code: "no-reason", says: []string{"9 visible characters"}},
	row{name: "a reason of dots", params: byMaintainers, facts: burning(giving("..........")), want: verdict.Fail, code: "no-reason"},
	row{name: "a reason that nobody sees", params: byMaintainers, facts: burning(giving("fire" + strings.Repeat("\u3164\u2800\u200b\u0301", 10))), want: verdict.Fail, code: "no-reason", says: []string{"4 visible characters"}},
	row{name: "started by somebody without the role", params: byMaintainers, facts: burning(brokenBy("carol", "carol")), want: verdict.Fail, code: "actor", says: []string{"@carol has write, needs maintain"}},
	row{name: "started again by somebody without the role", params: byMaintainers, facts: burning(brokenBy("sam", "carol")), want: verdict.Fail, code: "triggering-actor"},
	row{name: "started by a program that is an administrator", params: byMaintainers, facts: burning(brokenBy("hubot", "hubot")), want: verdict.Fail, code: "actor"},
	row{name: "nobody knows who started it", params: byMaintainers, facts: burning(brokenBy("", "")), want: verdict.Unknown, code: string(fact.Incomplete), says: []string{"--actor"}},

	row{name: "no issue", params: byMaintainers, facts: burning(blocking("break-glass")), want: verdict.Wait, code: "no-issue", says: []string{
		`no open issue with the label "break-glass" names commit ` + headSHA.Short(),
		`gh issue create --repo acme/shop --label break-glass --title "Break glass: ` + headSHA.Short() + ` to prod: WHY"`, "close the issue afterwards",
	}, hides: []string{"label create"}},
	row{name: "no such label", params: byMaintainers, facts: burning(labelled("break-glass", fact.OpenIssues{Label: "break-glass"})), want: verdict.Wait, code: "no-issue", says: []string{"`gh label create break-glass --repo acme/shop`, then `gh issue create"}},
	row{
		name: "a label with a space", params: "{by: maintain, label: \"on fire's\", approvals: [{name: oncall, by: write}], workflow: .github/workflows/approve.yml}",
		facts: burning(blocking("on fire's")), want: verdict.Wait, code: "no-issue", says: []string{`--label 'on fire'\''s' --title`},
	},
	row{name: "an issue about another commit", params: byMaintainers, facts: burning(declaredBy(titledAs("Break glass: ccccccc to prod: payments fail"))), want: verdict.Wait, code: "no-issue"},
	row{name: "an issue that names six digits", params: byMaintainers, facts: burning(declaredBy(titledAs("Break glass: aaaaaa to prod"))), want: verdict.Wait, code: "no-issue"},
	row{name: "an issue that names the commit in a longer word", params: byMaintainers, facts: burning(declaredBy(titledAs("Break glass: aaaaaaax to prod"))), want: verdict.Wait, code: "no-issue"},
	row{name: "an issue that was closed", params: byMaintainers, facts: burning(declaredBy(func(i *fact.Issue) { i.Open = false; i.Why = "completed" })), want: verdict.Wait, code: "no-issue", says: []string{"#40", "is closed"}},
	row{name: "a pull request", params: byMaintainers, facts: burning(declaredBy(func(i *fact.Issue) { i.Pull = true })), want: verdict.Wait, code: "no-issue", says: []string{"is a pull request, which a merge closes"}},
	row{name: "an issue whose label was taken off", params: byMaintainers, facts: burning(declaredBy(func(i *fact.Issue) { i.Labels = i.Labels[:1] })), want: verdict.Wait, code: "no-issue", says: []string{`does not have the label "break-glass"`}},
	row{name: "an issue labelled by somebody without the role", params: byMaintainers, facts: burning(declaredBy(labelledBy(carol))), want: verdict.Wait, code: "no-issue", says: []string{"from somebody who does not count: @carol has write, needs maintain"}},
	row{name: "an issue labelled by a program", params: byMaintainers, facts: burning(declaredBy(labelledBy(hubot))), want: verdict.Wait, code: "no-issue"},
	row{name: "an issue labelled by an account that is gone", params: byMaintainers, facts: burning(declaredBy(labelledBy(nil))), want: verdict.Wait, code: "no-issue", says: []string{"account that is gone"}},
	row{name: "a label of which nobody knows since when", params: byMaintainers, facts: burning(declaredBy(func(i *fact.Issue) { i.Labels[1].At = time.Time{} })), want: verdict.Wait, code: "no-issue", says: []string{"not known since when"}},
	row{name: "an issue labelled by somebody of whom nothing is known", params: byMaintainers, want: verdict.Unknown, code: string(fact.Forbidden), facts: burning(func(f *fact.Set) {
		f.Access["olga"] = fact.Lost[fact.Access](fact.Missing{Reason: fact.Forbidden})
	})},
	row{name: "issues that cannot be read", params: byMaintainers, want: verdict.Unknown, code: string(fact.Forbidden), facts: burning(func(f *fact.Set) {
		f.OpenIssues["break-glass"] = fact.Lost[fact.OpenIssues](fact.Missing{Reason: fact.Forbidden})
	})},
	row{name: "fewer issues than are listed", params: byMaintainers, want: verdict.Unknown, code: string(fact.Inconsistent), facts: burning(labelled("break-glass", fact.OpenIssues{Label: "break-glass", LabelExists: true, Newest: []fact.Issue{fire()}}))},
	row{name: "more issues than are listed", params: byMaintainers, want: verdict.Wait, code: "no-issue", says: []string{"of the 30 that are open with the label only the newest were looked at"}, facts: burning(labelled("break-glass", fact.OpenIssues{Label: "break-glass", LabelExists: true, Total: 30, Newest: []fact.Issue{issue(3, "Old")}}))},

	row{name: "nobody approved", params: byMaintainers, facts: burning(said()), want: verdict.Wait, code: "missing", says: []string{"oncall 0 of 1", "-f approval=oncall"}},
	row{name: "approved by whoever started it", params: byMaintainers, facts: burning(said(yes(1, sam, "oncall"))), want: verdict.Wait, code: "missing", says: []string{"@sam started this run"}},
	row{name: "approved by whoever wrote it", params: byMaintainers, facts: burning(said(yes(1, alice, "oncall"))), want: verdict.Wait, code: "missing", says: []string{"@alice opened the pull request"}},
	row{name: "approved by somebody without the role", params: byLeads, roles: roster, facts: burning(said(yes(1, carol, "oncall"), yes(2, rita, "owner"))), want: verdict.Wait, code: "missing"},
	row{name: "approved by one person for two", params: byLeads, roles: roster, facts: burning(said(yes(1, rita, "oncall"), yes(2, rita, "owner"))), want: verdict.Wait, code: "missing"},
	row{name: "approved before it was declared", params: byMaintainers, facts: burning(said(yes(0, rita, "oncall"))), want: verdict.Wait, code: "missing", says: []string{"run 0 by @rita, from before the emergency was declared"}},
	row{name: "approved for another stage", params: byMaintainers, facts: burning(said(approval(1, rita, "Approve SHA for staging as oncall"))), want: verdict.Wait, code: "missing"},
	row{name: "rejected", params: byMaintainers, facts: burning(said(yes(1, rita, "oncall"), no(2, bob, "oncall"))), want: verdict.Fail, code: "rejected", says: []string{"@bob"}},
	row{name: "rejected before it was declared", params: byMaintainers, facts: burning(said(no(0, bob, "oncall"), yes(1, rita, "oncall"))), want: verdict.Fail, code: "rejected"},
	row{name: "approvals that cannot be read", params: byMaintainers, want: verdict.Unknown, code: string(fact.Forbidden), facts: burning(func(f *fact.Set) {
		f.ApprovalRuns[approveFile] = fact.Lost[[]fact.ApprovalRun](fact.Missing{Reason: fact.Forbidden})
	})},
	row{name: "work that is linked to nobody", params: byMaintainers, facts: burning(pulls(merged(func(p *fact.Pull) { p.Author = nil }))), want: verdict.Fail, code: "unattributed"},
	row{name: "everything is missing, and everything is said", params: byMaintainers, facts: burning(giving("x"), brokenBy("carol", "carol"), blocking("break-glass"), said()), want: verdict.Fail, code: "no-reason", says: []string{"@carol", "no open issue", "oncall 0 of 1"}},

	row{name: "declared and approved", params: byMaintainers, facts: burning(), want: verdict.Pass, says: []string{`EMERGENCY, because "payments fail, INC-4711"`, "#40", "declares it since 2026-11-20T12:00:00Z, and somebody has to close it", "oncall by @rita"}},
	row{name: "declared with the whole id", params: byMaintainers, facts: burning(declaredBy(titledAs("Fire in prod: " + string(headSHA) + "!"))), want: verdict.Pass},
	row{name: "declared twice, and the first time counts", params: byMaintainers, facts: burning(blocking("break-glass",
		fire(func(i *fact.Issue) { i.Number, i.Labels[1].At = 41, noon.Add(time.Hour) }), fire())), want: verdict.Pass, says: []string{"#40"}},
	row{name: "declared by somebody, and before by nobody who counts", params: byMaintainers, facts: burning(blocking("break-glass",
		fire(func(i *fact.Issue) { i.Number, i.Labels[1].By = 39, carol }), fire())), want: verdict.Pass, says: []string{"#40"}},
	row{name: "roles of people", params: byLeads, roles: roster, facts: burning(said(yes(1, quinn, "oncall"), yes(2, rita, "owner"))), want: verdict.Pass},
	row{name: "approved by whoever started it, where the policy lets them", params: selfApproved, facts: burning(said(yes(1, sam, "oncall"))), want: verdict.Pass},
)

// Where one person is enough, whoever checks the policy is told.
func TestEmergencyDeclaredSaysWhereOnePersonIsEnough(t *testing.T) {
	t.Parallel()
	for params, want := range map[string]int{
		"{by: maintain, approvals: [{name: oncall, by: write, not: [nobody]}]}":                                            1,
		"{by: maintain, approvals: [{name: oncall, by: write, not: [author]}]}":                                            1,
		"{by: maintain, approvals: [{name: oncall, by: write, not: [nobody], count: 2}]}":                                  0,
		"{by: maintain, approvals: [{name: oncall, by: write, not: [nobody]}, {name: lead, by: maintain, not: [nobody]}]}": 0,
		"{by: maintain, approvals: [{name: oncall, by: write, not: [deployer]}]}":                                          0,
		"{by: maintain, approvals: [{name: oncall, by: write}]}":                                                           0,
	} {
		if got := bind(t, "emergency-declared", row{params: params}).Notes; len(got) != want {
			t.Errorf("%s: notes %q, want %d", params, got, want)
		}
	}
}

func TestEmergencyDeclared(t *testing.T) {
	t.Parallel()
	testRows(t, "emergency-declared")
}

func TestEmergencyDeclaredRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	testRefusals(t, "emergency-declared", map[string]string{
		"":                                  "by: name the role",
		"approvals: [{name: a, by: write}]": "by: name the role",
		"by: nobody":                        `by: role "nobody" is not defined`,
		"by: maintain":                      "approvals: name at least one",
		"{by: maintain, approvals: [{name: a, by: nobody}]}":                         `approvals: "a": by: role "nobody"`,
		"{by: maintain, approvals: [{name: a, by: write, count: -1}]}":               "expected 1 or more",
		"{by: maintain, approvals: [{name: a, by: write}], label: ' x'}":             "label",
		"{by: maintain, approvals: [{name: a, by: write}], label: ''}":               "label",
		"{by: maintain, approvals: [{name: a, by: write}], workflow: ../x.yml}":      "workflow",
		"{by: maintain, approvals: [{name: a, by: write}, {name: a, by: maintain}]}": "is there twice",
		"{by: maintain, approvals: [{name: a, by: write, not: [everybody]}]}":        "expected some of",
	})
}

// What is told at the stage has to be enough for the run: nobody reads anything
// about an emergency but what the gate says it needs.
func TestEmergencyDeclaredNeeds(t *testing.T) {
	t.Parallel()
	check, err := find(t, "emergency-declared").Bind(decode("{by: maintain, approvals: [{name: a, by: write}]}"), gate.Terms{})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, need := range check.Needs {
		said = append(said, need.String())
	}
	want := "approvals of .github/workflows/emergency.yml, commit, open-issues of break-glass, permission of actor, permission of approvers, permission of labelers, permission of triggering-actor, pulls"
	if got := strings.Join(said, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
