package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

const codeAlertsSource = "GET /repos/{owner}/{repo}/code-scanning/analyses and GET /repos/{owner}/{repo}/code-scanning/alerts"

// GitHub's words, below status 403, for a scan that is turned off. Every other
// refusal is about the token, and says nothing of the scan.
var (
	codeScanningOff = []string{
		"Code scanning is not enabled for this repository",
		"Advanced Security must be enabled for this repository to use code scanning",
		"Code Security must be enabled for this repository to use code scanning",
		"GitHub Code Security or GitHub Advanced Security must be enabled for this repository to use code scanning",
	}
	dependencyAlertsOff = []string{"Dependabot alerts are disabled for this repository"}
)

// noAnalysis is what GitHub says, below status 404, where code scanning is on
// and nothing was ever analysed.
const noAnalysis = "no analysis found"

// codeAlertNode is an alert of code scanning. The client library has no
// category, and takes what is absent for empty.
type codeAlertNode struct {
	Number    int        `json:"number"`
	State     string     `json:"state"`
	FixedAt   *time.Time `json:"fixed_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	URL       string     `json:"html_url"`
	Rule      *ruleNode  `json:"rule"`
	Tool      toolNode   `json:"tool"`
	// Instance is the newest finding of it on the reference that was asked for.
	Instance *instanceNode `json:"most_recent_instance"`
	dismissalNode
}

type ruleNode struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Severity string `json:"severity"` // of any rule
	Security string `json:"security_severity_level"`
}

type toolNode struct {
	Name string `json:"name"`
}

type instanceNode struct {
	Ref      string `json:"ref"`
	Category string `json:"category"`
	State    string `json:"state"`
	Location struct {
		Path string `json:"path"`
	} `json:"location"`
}

// dismissalNode is what both kinds of alert say of their dismissal.
type dismissalNode struct {
	DismissedBy answered[gh.User] `json:"dismissed_by"`
	DismissedAt *time.Time        `json:"dismissed_at"`
	Reason      string            `json:"dismissed_reason"`
	Comment     string            `json:"dismissed_comment"`
}

func (d dismissalNode) dismissal(at *time.Time) *fact.Dismissal {
	return &fact.Dismissal{By: restPerson(d.DismissedBy.value), At: instantOf(at), Why: d.Reason, Comment: d.Comment}
}

// instantOf returns the time, or zero for null.
func instantOf(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC()
}

// CodeAlerts reads what code scanning found in the subject's commit: the
// analyses of it, and the alerts of its branch, of the default branch for a tag.
// That the scan is turned off, and that nothing was ever analysed, are answers;
// every other refusal is a missing fact.
//
// An alert counts as open where GitHub calls it open for the repository or for
// the branch. One that is fixed counts too, unless it was gone when the commit
// itself was analysed: the branch has moved on, and the commit still has it.
//
// Requests: the analyses, the open alerts and the dismissed ones at once, by 100,
// then those that were fixed since the commit was analysed.
func (r *Reader) CodeAlerts(ctx context.Context) fact.Known[fact.Alerts] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[fact.Alerts](*missing)
	}
	ref := string(r.scannedRef())
	if ref == "" {
		return fact.Lost[fact.Alerts](fact.Missing{Reason: fact.NotFound, Detail: "the repository has no default branch, so there is none whose alerts could count"})
	}
	source := fact.Source{From: codeAlertsSource, URL: r.session().set.Repository.OrZero().URL + "/security/code-scanning"}
	found, err := r.scanned(ctx, ref)
	if off := saysOff(err, codeScanningOff); off != "" {
		return fact.Of(fact.Alerts{Off: off, Ref: ref}, source)
	}
	if err != nil {
		return fact.Lost[fact.Alerts](*r.missing("code scanning", err, fact.NeedCodeAlerts.TokenPermission()))
	}
	return fact.Of(found, source)
}

// scanned reads analyses and alerts. What was fixed is asked for last: an alert
// that is fixed meanwhile is then in two lists and not in none.
func (r *Reader) scanned(ctx context.Context, ref string) (fact.Alerts, error) {
	past := history{sha: r.subject.SHA}
	var open, dismissed, fixed []codeAlertNode
	var errs [3]error
	together([]func(){
		func() { past.all, errs[0] = r.analyses(ctx, ref) },
		func() { open, errs[1] = r.codeAlerts(ctx, ref, alertOpen, time.Time{}) },
		func() { dismissed, errs[2] = r.codeAlerts(ctx, ref, alertDismissed, time.Time{}) },
	})
	err := cmp.Or(errs[0], errs[1], errs[2])
	if since := past.first(); err == nil && !since.IsZero() {
		fixed, err = r.codeAlerts(ctx, ref, alertFixed, since)
	}
	if err != nil {
		return fact.Alerts{}, err
	}
	found := fact.Alerts{Enabled: true, Ref: ref, Analyses: past.own()}
	listed := map[int]bool{}
	for _, node := range slices.Concat(open, fixed, dismissed) { // the gravest first
		standing := node.standing()
		if listed[node.Number] || standing == alertFixed && !past.fixedLater(node) {
			continue
		}
		listed[node.Number] = true
		if standing == alertDismissed {
			found.Dismissed = append(found.Dismissed, node.alert())
		} else {
			found.Open = append(found.Open, node.alert())
		}
	}
	sortAlerts(found)
	return found, nil
}

// scannedRef returns the reference whose analyses and alerts count; "" where
// there is none.
func (r *Reader) scannedRef() fact.Ref {
	if r.subject.Ref.Kind() == fact.Branch {
		return r.subject.Ref
	}
	if branch := r.session().set.Repository.OrZero().DefaultBranch; branch != "" {
		return fact.BranchRef(branch)
	}
	return ""
}

func sortAlerts(found fact.Alerts) {
	for _, list := range [][]fact.Alert{found.Open, found.Dismissed} {
		order.By(list, func(a, b fact.Alert) int { return cmp.Compare(a.Number, b.Number) })
	}
}

// saysOff returns GitHub's words where a refusal says that a scan is turned
// off, or "".
func saysOff(err error, known []string) string {
	var failed *fault
	if !errors.As(err, &failed) || failed.status != http.StatusForbidden {
		return ""
	}
	for _, words := range known {
		if strings.HasPrefix(failed.message, words) {
			return failed.message[:min(len(failed.message), 300)]
		}
	}
	return ""
}

// nothingAnalysed reports whether GitHub says that code scanning is on and has
// no analysis.
func nothingAnalysed(err error) bool {
	var failed *fault
	return errors.As(err, &failed) && failed.status == http.StatusNotFound && failed.message == noAnalysis
}

// codeAlerts reads the alerts of a reference in one state, at least those that
// changed since a time. For another branch than the default one GitHub does not
// say whose state it sorts by; so what an alert says of itself counts, and no
// alert is in none of the lists.
func (r *Reader) codeAlerts(ctx context.Context, ref, state string, since time.Time) ([]codeAlertNode, error) {
	asked := fmt.Sprintf("repos/%s/%s/code-scanning/alerts", r.owner, r.name)
	query := url.Values{"ref": {ref}, "state": {state}, "sort": {"updated"}, "direction": {"desc"}}
	alerts := list[codeAlertNode]{
		name: "GET /" + asked + "?state=" + state,
		key:  func(node codeAlertNode) string { return "alert " + strconv.Itoa(node.Number) },
		fetch: func(ctx context.Context, number int) (page[codeAlertNode], error) {
			read, err := scanPage(ctx, r, asked, query, number, codeAlertNode.check)
			if slices.ContainsFunc(read.items, func(node codeAlertNode) bool { return node.UpdatedAt.Before(since) && !node.UpdatedAt.IsZero() }) {
				read.next = stop // the others changed even longer ago
			}
			return read, err
		},
	}
	var found []codeAlertNode
	err := twice(func(int) (err error) {
		found, err = alerts.read(ctx, uncounted)
		return err
	})
	if nothingAnalysed(err) {
		return nil, nil
	}
	return found, err
}

// scanPage reads a page of a list of code scanning that does not count itself.
func scanPage[T any](ctx context.Context, r *Reader, asked string, filter url.Values, number int, check func(node T, ref string) *fact.Missing) (page[T], error) {
	query := maps.Clone(filter)
	query.Set("per_page", strconv.Itoa(perPage))
	query.Set("page", strconv.Itoa(number))
	var answer []*T
	resp, err := r.get(ctx, asked+"?"+query.Encode(), &answer)
	if err != nil {
		return page[T]{}, err
	}
	read := page[T]{total: uncounted}
	for _, node := range answer {
		missing := incomplete("the list has an empty entry")
		if node != nil {
			missing = check(*node, filter.Get("ref"))
		}
		if missing != nil {
			missing.Detail = "GET /" + asked + ": " + missing.Detail
			return read, missing
		}
		read.items = append(read.items, *node)
	}
	read.next, err = r.checkPage(asked, resp, number)
	return read, err
}

// The states of an alert.
const (
	alertOpen      = "open"
	alertFixed     = "fixed"
	alertDismissed = "dismissed"
)

// check refuses an alert of which the answer leaves something out, and one of
// another reference.
func (n codeAlertNode) check(ref string) *fact.Missing {
	states := []string{alertOpen, alertFixed, alertDismissed}
	switch {
	case n.Number <= 0 || n.Rule == nil || n.Tool.Name == "" || n.Instance == nil || n.Instance.State == "" || !slices.Contains(states, n.State):
		return incomplete(fmt.Sprintf("the answer does not hold all of alert %d", n.Number))
	case n.State == alertFixed && n.fixedAt().IsZero():
		return incomplete(fmt.Sprintf("the answer does not say when alert %d was fixed", n.Number))
	case n.State == alertDismissed && (!n.DismissedBy.here || n.DismissedAt == nil):
		return incomplete(fmt.Sprintf("the answer does not say who dismissed alert %d, and when", n.Number))
	case n.State == alertOpen && n.Instance.Ref != ref:
		return inconsistent(fmt.Sprintf("asked for alerts of %q, alert %d is of %q", ref, n.Number, n.Instance.Ref))
	}
	return nil
}

// standing is the state of the alert, on its branch or in the repository,
// whichever is worse.
func (n codeAlertNode) standing() string {
	if n.State == alertFixed && n.Instance.State != alertFixed && n.Instance.State != alertDismissed {
		return alertOpen
	}
	return n.State
}

// fixedAt is when it was fixed at the latest.
func (n codeAlertNode) fixedAt() time.Time {
	if n.FixedAt == nil {
		return n.UpdatedAt.UTC()
	}
	return n.FixedAt.UTC()
}

func (n codeAlertNode) alert() fact.Alert {
	found := fact.Alert{
		Number: n.Number, Tool: n.Tool.Name, Rule: cmp.Or(n.Rule.ID, n.Rule.Name), Subject: n.Instance.Location.Path, URL: n.URL,
		Severity: strings.ToLower(cmp.Or(n.Rule.Security, n.Rule.Severity)),
	}
	switch n.standing() {
	case alertFixed:
		found.FixedAt = n.fixedAt()
	case alertDismissed:
		found.Dismissal = n.dismissal(n.DismissedAt)
	}
	return found
}
