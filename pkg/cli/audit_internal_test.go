package cli

import (
	"testing"

	"github.com/stageward/stageward/pkg/verdict"
)

// An audit that could not see everything never says that all is fine, and one that
// saw nothing never ends well.
func TestWhatCameOfAnAudit(t *testing.T) {
	t.Parallel()
	pass, skip, unknown := verdict.Point{Outcome: verdict.Pass}, verdict.Point{Outcome: verdict.Skip}, verdict.Point{}
	wrong := verdict.Point{Outcome: verdict.Fail, Severity: verdict.Medium}
	for name, row := range map[string]struct {
		points []verdict.Point
		fail   string
		exit   int
		code   string
	}{
		"nothing was looked at":                {nil, "low", exitUndecided, "audit.unknown"},
		"nothing could be checked":             {[]verdict.Point{unknown, skip}, "low", exitUndecided, "audit.unknown"},
		"nor where nothing shall fail it":      {[]verdict.Point{unknown}, "never", exitUndecided, "audit.unknown"},
		"something is as bad as asked for":     {[]verdict.Point{pass, wrong, unknown}, "medium", exitRefused, "audit.findings"},
		"something is less bad, and not all":   {[]verdict.Point{wrong, unknown}, "high", exitAllow, "audit.partial"},
		"something is bad, and nothing fails":  {[]verdict.Point{wrong}, "never", exitAllow, "audit.fine"},
		"one of many could not be checked":     {[]verdict.Point{pass, unknown, pass}, "low", exitAllow, "audit.partial"},
		"all is fine, or does not apply":       {[]verdict.Point{pass, skip}, "low", exitAllow, "audit.fine"},
		"all is fine but what is not so grave": {[]verdict.Point{pass, wrong}, "high", exitAllow, "audit.fine"},
	} {
		audit := verdict.Audit{Points: row.points}
		exit := auditExit(audit, row.fail)
		if code := auditCode(audit, exit); exit != row.exit || code != row.code {
			t.Errorf("%s: exit %d, %s; want %d, %s", name, exit, code, row.exit, row.code)
		}
	}
}
