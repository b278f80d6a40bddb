package github

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const dependencyAlertsSource = "GET /repos/{owner}/{repo}/dependabot/alerts"

// maxAlertPages keeps a list that never ends from being read for ever.
const maxAlertPages = 100

// alertAutoDismissed is the state of an alert that a rule of the repository
// closed.
const alertAutoDismissed = "auto_dismissed"

// unfixed are the states of alerts about dependencies that are still there.
var unfixed = []string{alertOpen, alertDismissed, alertAutoDismissed}

// dependencyAlertNode is an alert of Dependabot. The client library drops the
// cursor of its pages.
type dependencyAlertNode struct {
	Number          int        `json:"number"`
	State           string     `json:"state"`
	URL             string     `json:"html_url"`
	AutoDismissedAt *time.Time `json:"auto_dismissed_at"`
	Dependency      struct {
		Package packageNode `json:"package"`
	} `json:"dependency"`
	Advisory struct {
		ID       string `json:"ghsa_id"`
		Severity string `json:"severity"`
	} `json:"security_advisory"`
	Vulnerability struct {
		Severity string `json:"severity"`
	} `json:"security_vulnerability"`
	dismissalNode
}

type packageNode struct {
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
}

// DependencyAlerts reads what Dependabot found in the dependencies of the
// default branch as it is now; GitHub has no alerts of any other. That they are
// turned off is an answer; every other refusal is a missing fact. Requests: by
// 100, one after the other, since each page names the next by a cursor.
func (r *Reader) DependencyAlerts(ctx context.Context) fact.Known[fact.Alerts] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[fact.Alerts](*missing)
	}
	repository := r.session().set.Repository.OrZero()
	source := fact.Source{From: dependencyAlertsSource, URL: repository.URL + "/security/dependabot"}
	found := fact.Alerts{Enabled: true}
	if repository.DefaultBranch != "" {
		found.Ref = string(fact.BranchRef(repository.DefaultBranch))
	}
	var listed []dependencyAlertNode
	err := twice(func(int) (err error) {
		listed, err = r.dependencyAlerts(ctx)
		return err
	})
	if off := saysOff(err, dependencyAlertsOff); off != "" {
		return fact.Of(fact.Alerts{Off: off, Ref: found.Ref}, source)
	}
	if err != nil {
		return fact.Lost[fact.Alerts](*r.missing("dependency alerts", err, fact.NeedDependencyAlerts.TokenPermission()))
	}
	for _, node := range listed {
		if node.State == alertOpen {
			found.Open = append(found.Open, node.alert())
		} else {
			found.Dismissed = append(found.Dismissed, node.alert())
		}
	}
	sortAlerts(found)
	return fact.Of(found, source)
}

// dependencyAlerts reads all pages. The list does not count itself: it ends
// where no page is named as the next.
func (r *Reader) dependencyAlerts(ctx context.Context) ([]dependencyAlertNode, error) {
	name := "GET /" + r.dependencyAddress()
	numbers, cursors := map[int]bool{}, map[string]bool{}
	var all []dependencyAlertNode
	cursor := ""
	for range maxAlertPages {
		listed, next, err := r.dependencyPage(ctx, cursor)
		if err != nil {
			return nil, err
		}
		for _, node := range listed {
			if numbers[node.Number] {
				return nil, &changedError{fmt.Sprintf("%s: alert %d is listed twice", name, node.Number)}
			}
			numbers[node.Number] = true
		}
		all = append(all, listed...)
		switch {
		case next == "":
			return all, nil
		case cursors[next] || len(listed) == 0:
			return nil, inconsistent(name + ": the list does not advance")
		}
		cursors[next], cursor = true, next
	}
	return nil, incomplete(fmt.Sprintf("%s: more than %d pages", name, maxAlertPages))
}

func (r *Reader) dependencyAddress() string {
	return fmt.Sprintf("repos/%s/%s/dependabot/alerts", r.owner, r.name)
}

// dependencyPage reads the page at a cursor, "" for the first, and returns the
// cursor of the next.
func (r *Reader) dependencyPage(ctx context.Context, cursor string) ([]dependencyAlertNode, string, error) {
	asked := r.dependencyAddress()
	query := url.Values{"state": {strings.Join(unfixed, ",")}, "per_page": {strconv.Itoa(perPage)}}
	if cursor != "" {
		query.Set("after", cursor)
	}
	var answer []*dependencyAlertNode
	resp, err := r.get(ctx, asked+"?"+query.Encode(), &answer)
	if err == nil {
		err = r.sameRepository(asked, resp)
	}
	if err != nil {
		return nil, "", err
	}
	listed := make([]dependencyAlertNode, len(answer))
	for i, node := range answer {
		if missing := node.check(); missing != nil {
			missing.Detail = "GET /" + asked + ": " + missing.Detail
			return nil, "", missing
		}
		listed[i] = *node
	}
	next, err := r.nextCursor(resp.Response)
	return listed, next, err
}

// check refuses an alert of which the answer leaves something out, and one in a
// state that was not asked for.
func (n *dependencyAlertNode) check() *fact.Missing {
	switch {
	case n == nil || n.Number <= 0 || n.State == "" || n.Dependency.Package.Name == "" || n.Dependency.Package.Ecosystem == "" || n.Advisory.ID == "":
		return incomplete("the answer does not hold all of an alert")
	case !slices.Contains(unfixed, n.State):
		return inconsistent(fmt.Sprintf("asked for alerts that are %s, alert %d is %q", strings.Join(unfixed, ", "), n.Number, n.State))
	case n.State == alertDismissed && (!n.DismissedBy.here || n.DismissedAt == nil):
		return incomplete(fmt.Sprintf("the answer does not say who dismissed alert %d, and when", n.Number))
	}
	return nil
}

func (n *dependencyAlertNode) alert() fact.Alert {
	found := fact.Alert{
		Number: n.Number, Tool: n.Dependency.Package.Ecosystem, Rule: n.Advisory.ID, Subject: n.Dependency.Package.Name, URL: n.URL,
		Severity: strings.ToLower(cmp.Or(n.Vulnerability.Severity, n.Advisory.Severity)),
	}
	switch n.State {
	case alertDismissed:
		found.Dismissal = n.dismissal(n.DismissedAt)
	case alertAutoDismissed:
		found.Dismissal = n.dismissal(n.AutoDismissedAt)
		found.Dismissal.Why = cmp.Or(found.Dismissal.Why, "by a rule")
	}
	return found
}
