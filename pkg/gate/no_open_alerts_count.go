package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// words names the severities that block.
func (s Severity) words() string {
	if s == critical {
		return string(critical)
	}
	return string(s) + " or graver"
}

// alertCount sorts alerts by what they mean for a gate.
type alertCount struct {
	blocking  []fact.Alert // gravest first
	dismissed []fact.Alert // that would block
	lesser    int
	foreign   int // of scanners that are not asked for
}

// countAlerts sorts alerts; ours tells whose count.
func countAlerts(alerts fact.Alerts, severity Severity, ours func(fact.Alert) bool) alertCount {
	var count alertCount
	for _, alert := range once(alerts.Open) {
		switch {
		case !ours(alert):
			count.foreign++
		case severity.blocks(alert):
			count.blocking = append(count.blocking, alert)
		default:
			count.lesser++
		}
	}
	for _, alert := range once(alerts.Dismissed) {
		if ours(alert) && severity.blocks(alert) {
			count.dismissed = append(count.dismissed, alert)
		}
	}
	return count
}

// once returns alerts without repetition, the gravest first.
func once(alerts []fact.Alert) []fact.Alert {
	sorted := slices.Clone(alerts)
	order.By(sorted, func(a, b fact.Alert) int {
		return cmp.Or(weightOf(b)-weightOf(a), cmp.Compare(a.Number, b.Number))
	})
	return order.Once(sorted, func(a, b fact.Alert) bool { return a.Number == b.Number })
}

// weightOf is how grave an alert is; more than critical where nobody knows.
func weightOf(alert fact.Alert) int {
	if weight, known := weights[alert.Severity]; known {
		return weight
	}
	return weights[string(critical)] + 1
}

// mostAlerts is how many alerts are written out.
const mostAlerts = 10

func (c alertCount) list() string {
	texts := make([]string, len(c.blocking))
	for i, alert := range c.blocking {
		texts[i] = alertText(alert)
	}
	return listed(texts, ", ", mostAlerts)
}

// alertText names an alert. All but its number is text from outside.
func alertText(alert fact.Alert) string {
	severity := "of no severity"
	if _, known := weights[alert.Severity]; known {
		severity = alert.Severity
	} else if alert.Severity != "" {
		severity = fmt.Sprintf("of the severity %s", shown(alert.Severity))
	}
	text := fmt.Sprintf("#%d (%s, %s", alert.Number, severity, shown(alert.Rule))
	if alert.Subject != "" {
		text += fmt.Sprintf(" in %s", shown(alert.Subject))
	}
	if !alert.FixedAt.IsZero() {
		text += ", fixed on the branch after this commit"
	}
	return text + ")"
}

// others says what does not block.
func (c alertCount) others() string {
	var texts []string
	if c.lesser > 0 {
		texts = append(texts, plural(c.lesser, "lesser one is open", "lesser ones are open"))
	}
	if c.foreign > 0 {
		texts = append(texts, plural(c.foreign, "one of another scanner does not count", "of other scanners do not count"))
	}
	if len(c.dismissed) > 0 {
		dismissed := make([]string, len(c.dismissed))
		for i, alert := range c.dismissed {
			dismissed[i] = fmt.Sprintf("#%d %s", alert.Number, dismissalText(alert.Dismissal))
		}
		texts = append(texts, fmt.Sprintf("%d dismissed: %s", len(c.dismissed), listed(dismissed, ", ", mostAlerts)))
	}
	if len(texts) == 0 {
		return ""
	}
	return "; " + strings.Join(texts, "; ")
}

// dismissalText says who dismissed an alert and why, without the comment.
func dismissalText(dismissal *fact.Dismissal) string {
	if dismissal == nil {
		return "by nobody knows whom"
	}
	by := "by nobody with an account"
	if dismissal.By != nil {
		by = "by @" + dismissal.By.Login
	}
	if dismissal.Why != "" {
		by += fmt.Sprintf(" (%s)", shown(dismissal.Why))
	}
	return by
}

// show adds the alerts as evidence: what blocks, then what was dismissed.
func (c alertCount) show(finding verdict.Finding) verdict.Finding {
	for _, alert := range c.blocking[:min(mostAlerts, len(c.blocking))] {
		finding = finding.See("alert "+alertText(alert), alert.URL)
	}
	for _, alert := range c.dismissed[:min(mostAlerts, len(c.dismissed))] {
		text := fmt.Sprintf("alert %s, dismissed %s", alertText(alert), dismissalText(alert.Dismissal))
		if alert.Dismissal != nil && alert.Dismissal.Comment != "" {
			text += fmt.Sprintf(": %s", shown(alert.Dismissal.Comment))
		}
		finding = finding.See(text, alert.URL)
	}
	return finding
}
