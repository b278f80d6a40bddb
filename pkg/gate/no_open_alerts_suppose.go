package gate

import (
	"cmp"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
)

// The parts of what scans find.
const (
	scannedPart    = "code-scanning"
	dependencyPart = "dependencies"
)

// supposesAlerts lets an alert be open that blocks; or none, after each scanner has
// analysed this very commit.
var supposesAlerts = Supposing[noOpenAlerts]{
	Noun: "alert", Against: true,
	Parts: func(params noOpenAlerts, _ Terms) []string {
		var parts []string
		if params.CodeScanning.given() {
			parts = append(parts, scannedPart)
		}
		if params.Dependencies.Severity != "" {
			parts = append(parts, dependencyPart)
		}
		return parts
	},
	With:    func(params noOpenAlerts, in Supposed, part string) error { return params.scan(in, part, true) },
	Without: func(params noOpenAlerts, in Supposed, part string) error { return params.scan(in, part, false) },
}

// scan lets what a part is about be scanned, and an alert be found, or none.
func (p noOpenAlerts) scan(in Supposed, part string, found bool) error {
	branch, missing := in.input().landingBranch()
	if missing != nil {
		return missing
	}
	if p.CodeScanning.given() && part != dependencyPart {
		suppose.Change(&in.Facts.CodeAlerts, func(alerts *fact.Alerts) {
			alerts.Ref = cmp.Or(alerts.Ref, string(fact.BranchRef(branch)))
			tools := p.CodeScanning.Tools
			if len(tools) == 0 {
				tools = []string{"CodeQL"}
			}
			for _, tool := range tools {
				in.analyse(alerts, tool)
			}
			in.alert(alerts, p.CodeScanning.Severity, found, tools[0], p.CodeScanning.Tools)
		})
	}
	if p.Dependencies.Severity != "" && part != scannedPart {
		suppose.Change(&in.Facts.DependencyAlerts, func(alerts *fact.Alerts) {
			alerts.Ref = cmp.Or(alerts.Ref, string(fact.BranchRef(in.input().defaultBranchOr(branch))))
			in.alert(alerts, p.Dependencies.Severity, found, "go", nil)
		})
	}
	return nil
}

// analyse lets a scanner have analysed the commit.
func (in Supposed) analyse(alerts *fact.Alerts, tool string) {
	made := fact.Analysis{Tool: tool, Ref: alerts.Ref, Commit: in.Facts.Subject.SHA, At: in.Written().Add(time.Minute)}
	for _, each := range alerts.Analyses {
		if each.Tool == tool && each.Commit == made.Commit && each.Problem == "" {
			return
		}
	}
	alerts.Analyses = append(alerts.Analyses[:len(alerts.Analyses):len(alerts.Analyses)], made)
}

// alert lets an alert of a tool be open that blocks, or none of these tools; of all
// where there are none.
func (in Supposed) alert(alerts *fact.Alerts, severity Severity, found bool, tool string, tools []string) {
	alerts.Enabled, alerts.Off = true, ""
	number, left := 1, []fact.Alert{}
	for _, each := range alerts.Open {
		if !severity.blocks(each) || len(tools) > 0 && !slices.Contains(tools, each.Tool) {
			left = append(left, each)
		}
		number = max(number, each.Number+1)
	}
	for _, each := range alerts.Dismissed {
		number = max(number, each.Number+1)
	}
	switch {
	case !found:
		alerts.Open = left
	case len(left) == len(alerts.Open):
		alerts.Open = append(left, fact.Alert{Number: number, Tool: tool, Rule: "supposed", Severity: string(severity), Subject: "supposed"})
	}
}
