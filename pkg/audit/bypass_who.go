package audit

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// passerPoint says that somebody gets past what guards a target.
func (in Input) passerPoint(t target, p passer) verdict.Point {
	code, severity := standing(p.who, t)
	if p.who.Mode == byPullRequest {
		severity = min(severity+1, verdict.Low)
	}
	order.By(p.sets, func(a, b fact.Ruleset) int { return int(a.ID - b.ID) })
	var through []string
	for _, set := range p.sets {
		through = append(through, fmt.Sprintf("the ruleset %+q", set.Name))
	}
	if p.classic {
		through = append(through, "the classic rule of the branch")
	}
	how := "always"
	if p.who.Mode == byPullRequest {
		how = "when merging a pull request"
	}
	reason := fmt.Sprintf("%s: for %s, %s (%s; %s)", t, whoIs(p.who), strings.Join(p.lacks, ", and "), how, strings.Join(through, ", "))
	fix := "Take them from the list of those who may bypass, or add another ruleset that lists nobody."
	if foreign := in.foreign(p.sets); len(foreign) > 0 {
		fix += fmt.Sprintf(" Only whoever owns the rulesets of %s can do the first.", strings.Join(foreign, ", "))
	}
	point := about{t.stage, severity}.wrong(code, reason, fix, in.binders(t, p)...)
	for _, set := range p.sets {
		point.Evidence = append(point.Evidence, linkTo(set)...)
	}
	return point
}

// standing is how bad it is that somebody gets past.
func standing(who fact.Bypass, t target) (code string, severity verdict.Severity) {
	switch {
	case administers(who):
		return "admins-bypass", verdict.Medium // they could change the rules, too, but that is seen
	case who.Kind == roleKind && (who.ID == writeRole || who.ID == triageRole || who.ID == readRole):
		if t.isDefault() {
			return "anyone-bypasses", verdict.Critical
		}
		return "anyone-bypasses", verdict.High
	}
	return "some-bypass", verdict.High
}

// whoIs says in words who somebody is.
func whoIs(who fact.Bypass) string {
	switch who.Kind {
	case roleKind:
		names := map[int64]string{readRole: "read", maintainRole: "maintain", triageRole: "triage", writeRole: "write", adminRole: "admin"}
		if name, ok := names[who.ID]; ok {
			return "everybody with the role " + name
		}
		return fmt.Sprintf("everybody with the organisation's role number %d", who.ID)
	case "OrganizationAdmin":
		return "the owners of the organisation"
	case "EnterpriseOwner":
		return "the owners of the enterprise"
	case "DeployKey":
		return "every deploy key"
	case "Integration":
		return fmt.Sprintf("the app number %d", who.ID)
	case "Team":
		return fmt.Sprintf("the team number %d", who.ID)
	case "User":
		return fmt.Sprintf("the account number %d", who.ID)
	case listedKind:
		return fmt.Sprintf("those whom it lists (%d)", who.ID)
	}
	return fmt.Sprintf("%+q number %d", who.Kind, who.ID)
}

// binders returns the commands after which the guards bind somebody, too.
func (in Input) binders(t target, p passer) []string {
	var how []string
	for _, set := range p.sets {
		this := fmt.Sprintf(".actor_type == %q", p.who.Kind)
		if p.who.ID != 0 {
			this += fmt.Sprintf(" and .actor_id == %d", p.who.ID)
		}
		how = append(how, in.changed(set, fmt.Sprintf(".bypass_actors |= map(select((%s) | not))", this)))
	}
	if p.classic {
		protection := in.path("branches", segment(in.branchName(t)), "protection")
		if p.who.Kind == listedKind {
			none := map[string]map[string][]string{"bypass_pull_request_allowances": {"users": {}, "teams": {}, "apps": {}}}
			how = append(how, sent("PATCH", protection+"/required_pull_request_reviews", none))
		} else {
			how = append(how, "gh api --method POST "+shell(protection+"/enforce_admins"))
		}
	}
	return commands(how...)
}

// foreign returns whose rulesets there are that the repository cannot change.
func (in Input) foreign(sets []fact.Ruleset) []string {
	var owners []string
	for _, set := range sets {
		if !strings.EqualFold(set.Source, in.repository()) {
			owners = append(owners, fmt.Sprintf("%+q", set.Source))
		}
	}
	return owners
}
