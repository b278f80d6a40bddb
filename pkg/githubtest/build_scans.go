package githubtest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

type analysis struct {
	id        int64
	commit    *commit
	tool      string
	category  string
	ref       string
	said      Analysis
	createdAt time.Time
}

type codeAlert struct {
	CodeAlert
	ref         string
	state       string
	dismisser   *person
	created, at time.Time // at is when it was fixed or dismissed
}

type dependencyAlert struct {
	DependencyAlert
	state     string
	dismisser *person
	created   time.Time
}

const defaultTool = "CodeQL"

func (r *repository) buildScans() error {
	scanning := r.world.CodeScanning
	for i, listed := range scanning.Analyses {
		c, err := r.commit(listed.Commit)
		if err != nil {
			return fmt.Errorf("code-scanning: analysis %d: %w", i+1, err)
		}
		r.analyses = append(r.analyses, &analysis{
			id: 400_001 + int64(i), commit: c, tool: cmp.Or(listed.Tool, defaultTool), category: listed.Category, ref: r.scannedRef(listed.Branch),
			said: listed, createdAt: r.ago(listed.MinutesAgo, 40),
		})
	}
	for _, listed := range scanning.Alerts {
		made, err := r.newCodeAlert(listed)
		if err != nil {
			return fmt.Errorf("code-scanning: alert %d: %w", listed.Number, err)
		}
		r.codeAlerts = append(r.codeAlerts, made)
	}
	for _, listed := range r.world.DependencyAlerts.Alerts {
		made, err := r.newDependencyAlert(listed)
		if err != nil {
			return fmt.Errorf("dependency-alerts: alert %d: %w", listed.Number, err)
		}
		r.dependencyAlerts = append(r.dependencyAlerts, made)
	}
	return nil
}

func (r *repository) scannedRef(branch string) string {
	return "refs/heads/" + cmp.Or(branch, r.world.DefaultBranch)
}

func (r *repository) newCodeAlert(listed CodeAlert) (*codeAlert, error) {
	known := []string{"", "critical", "high", "medium", "low", "error", "warning", "note", "none"}
	taken := slices.ContainsFunc(r.codeAlerts, func(other *codeAlert) bool { return other.Number == listed.Number })
	switch {
	case listed.Number <= 0 || taken:
		return nil, errors.New("want a number of its own, above 0")
	case !slices.Contains(known, listed.Severity):
		return nil, fmt.Errorf("severity %q; expected one of %q", listed.Severity, known[1:])
	case listed.DismissedBy != "" && listed.FixedMinutesAgo != nil:
		return nil, errors.New("what is dismissed is not fixed")
	}
	made := &codeAlert{CodeAlert: listed, ref: r.scannedRef(listed.Branch), state: "open", created: r.world.Time.Add(-48 * time.Hour)}
	made.Tool, made.Rule, made.Path = cmp.Or(listed.Tool, defaultTool), cmp.Or(listed.Rule, "js/zipslip"), cmp.Or(listed.Path, "lib/unzip.js")
	if listed.FixedMinutesAgo != nil {
		made.state, made.at = "fixed", r.ago(listed.FixedMinutesAgo, 0)
	}
	var err error
	if listed.DismissedBy != "" {
		made.state, made.at = "dismissed", r.world.Time.Add(-time.Hour)
		made.dismisser, err = r.person(listed.DismissedBy)
	}
	return made, err
}

func (r *repository) newDependencyAlert(listed DependencyAlert) (*dependencyAlert, error) {
	taken := slices.ContainsFunc(r.dependencyAlerts, func(other *dependencyAlert) bool { return other.Number == listed.Number })
	if listed.Number <= 0 || taken {
		return nil, errors.New("want a number of its own, above 0")
	}
	made := &dependencyAlert{DependencyAlert: listed, state: "open", created: r.world.Time.Add(-48 * time.Hour)}
	made.Ecosystem, made.Package = cmp.Or(listed.Ecosystem, "npm"), cmp.Or(listed.Package, "lodash")
	made.Severity, made.Advisory = cmp.Or(listed.Severity, "high"), cmp.Or(listed.Advisory, fmt.Sprintf("GHSA-0000-0000-%04d", listed.Number))
	if known := []string{"critical", "high", "medium", "low"}; !slices.Contains(known, made.Severity) {
		return nil, fmt.Errorf("severity %q; expected one of %q", made.Severity, known)
	}
	var err error
	switch {
	case listed.Fixed:
		made.state = "fixed"
	case listed.ByRule:
		made.state = "auto_dismissed"
	case listed.DismissedBy != "":
		made.state = "dismissed"
		made.dismisser, err = r.person(listed.DismissedBy)
	}
	return made, err
}
