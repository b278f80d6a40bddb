package audit_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/audit"
)

func TestTheWorkflowByWhichPeopleApprove(t *testing.T) {
	t.Parallel()
	const title = "${{ inputs.word }} ${{ inputs.sha }} for ${{ inputs.stage }} as ${{ inputs.approval }}"
	for name, row := range map[string]struct {
		edits edits
		want  string
	}{
		"no run-name":                           {edits{"run-name: " + title + "\n", ""}, "medium run-name"},
		"a run-name of another form":            {edits{" for ", " to "}, "medium run-name"},
		"a run-name with more":                  {edits{title, title + " please"}, "medium run-name"},
		"a run-name for another stage":          {edits{"for ${{ inputs.stage }}", "for dev"}, "medium run-name"},
		"only rejections":                       {edits{"run-name: ${{ inputs.word }}", "run-name: Reject"}, "medium run-name"},
		"a title of what nobody chose":          {edits{"${{ inputs.sha }}", "${{ github.event.head_commit.message }}"}, "high not-typed"},
		"a title that can be what nobody chose": {edits{"${{ inputs.sha }}", "${{ inputs.sha || github.sha }}"}, "high not-typed"},
		"a title by a function":                 {edits{"${{ inputs.sha }}", "${{ format('{0}', inputs.sha) }}"}, "high not-typed"},
		"not started by hand":                   {edits{"  workflow_dispatch:", "  workflow_call:"}, "medium not-by-hand"},
		"started by pushes as well":             {edits{"on:\n", "on:\n  push:\n"}, "low other-events"},
		"a stage that is not among the choices": {edits{"[dev, prod]", "[dev]"}, "medium no-choice"},
		"an approval that is not":               {edits{"[qa]", "[owner]"}, "medium no-choice"},
		"two things at once":                    {edits{"on:\n", "on:\n  push:\n", "[qa]", "[owner]"}, "medium no-choice, low other-events"},
		"as it should be":                       {nil, "pass"},
		"a run-name without the approval":       {edits{" as ${{ inputs.approval }}", ""}, "pass"},
		"a fixed stage, without the approval":   {edits{"for ${{ inputs.stage }} as ${{ inputs.approval }}", "for prod"}, "pass"},
		"a fixed word":                          {edits{"run-name: ${{ inputs.word }}", "run-name: Approve"}, "pass"},
		"a fixed stage and approval":            {edits{"for ${{ inputs.stage }} as ${{ inputs.approval }}", "for prod as qa"}, "pass"},
		"inputs by their long name":             {edits{"${{ inputs.sha }}", "${{ github.event.inputs.sha }}"}, "pass"},
		"a word where none is chosen":           {edits{"${{ inputs.word }}", "${{ inputs.word || 'Approve' }}"}, "pass"},
		"a stage that is typed":                 {edits{"{ type: choice, options: [dev, prod] }", "{}"}, "pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			points := heard(t, "approval-workflow", shopPolicy, shop(map[string]string{"approve.yml": row.edits.of(t, goodBallot)}))
			if got := said(points); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
		})
	}
}

func TestApprovalsOfAllKinds(t *testing.T) {
	t.Parallel()
	const rules = `version: 1
calendars: { office: { open: [{ days: [mon], from: "09:00", to: "16:00" }], freezes: [{ name: x, from: 2026-12-20, to: 2027-01-02 }] } }
stages:
  - name: prod
    from: { tags: ["v*"] }
    gates:
      within-window: { calendar: office, exception: { by: maintain } }
      approved: { approvals: [{ name: qa, by: write }], from: [SOURCE] }
    break-glass: { by: maintain, approvals: [{ name: oncall, by: write }] }
`
	ballot := func(path, approval, end string) (string, string) {
		text := strings.NewReplacer("[qa]", "["+approval+"]", "as ${{ inputs.approval }}", "as "+end).Replace(goodBallot)
		return path, text
	}
	files := map[string]string{}
	for _, each := range [][3]string{{"approve.yml", "qa", "${{ inputs.approval }}"}, {"emergency.yml", "oncall", "${{ inputs.approval }}"}, {"exception.yml", "x", `exception: ${{ inputs.reason }}`}} {
		path, text := ballot(each[0], each[1], each[2])
		if path == "exception.yml" {
			text = strings.Replace(text, "run-name: ${{ inputs.word }} ${{ inputs.sha }} for ${{ inputs.stage }} as exception: ${{ inputs.reason }}", `run-name: "${{ inputs.word }} ${{ inputs.sha }} for ${{ inputs.stage }} as exception: ${{ inputs.reason }}"`, 1)
		}
		files[path] = text
	}
	dispatched := strings.Replace(rules, "SOURCE", "dispatch", 1)
	if got := said(heard(t, "approval-workflow", dispatched, shop(nil))); got != "medium missing, medium missing, medium missing" {
		t.Errorf("without any: %s", got)
	}
	if got := heard(t, "approval-workflow", dispatched, shop(files)); said(got) != "pass, pass, pass" {
		t.Errorf("with all of them: %s, %v", said(got), got)
	}
	// An exception has to end in a reason: without one its run counts for nothing.
	files["exception.yml"] = strings.Replace(files["exception.yml"], "exception: ${{ inputs.reason }}\"", "exception\"", 1)
	if got := said(heard(t, "approval-workflow", dispatched, shop(files))); got != "medium run-name, pass, pass" {
		t.Errorf("an exception without a reason: %s", got)
	}
	reviewed := strings.Replace(rules, "SOURCE", "review", 1)
	if got := said(heard(t, "approval-workflow", reviewed, shop(nil))); got != "medium missing, medium missing" {
		t.Errorf("where approvals are reviews: %s", got)
	}
	const none = "version: 1\nstages: [{ name: prod, from: { tags: [\"v*\"] }, gates: { signed-tag: { by: maintain } } }]\n"
	if got := said(heard(t, "approval-workflow", none, shop(nil))); got != "skip" {
		t.Errorf("where no approval is asked for: %s", got)
	}
}

// In one of several projects people name the project beside the stage.
func TestApprovalsOfAProject(t *testing.T) {
	t.Parallel()
	const text = `version: 1
projects: { api: {}, web: {} }
stages:
  - name: prod
    environment: "{project}"
    from: { tags: ["{project}/v*"] }
    gates: { approved: { approvals: [{ name: qa, by: write }] } }
`
	api, err := rulesOf(t, text).Of("api")
	if err != nil {
		t.Fatal(err)
	}
	for options, want := range map[string]string{"prod": "no-choice", "web/prod": "no-choice", "web/prod, api/prod": ""} {
		ballot := strings.Replace(goodBallot, "[dev, prod]", "["+options+"]", 1)
		for _, point := range audit.Of(api, shop(map[string]string{"approve.yml": ballot})).Points {
			if point.Check == "approval-workflow" && point.Code != want {
				t.Errorf("with the options %s: %s %s", options, point.Code, point.Reason)
			}
		}
	}
}
