package gate_test

import (
	"maps"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
)

// worseScans loses what machines found.
func worseScans(facts fact.Set, lost fact.Missing, loses func(what string) bool) fact.Set {
	facts.RecentRuns = worseMap(facts.RecentRuns, loses)
	facts.CodeAlerts = worseAlerts(facts.CodeAlerts, lost, loses)
	facts.DependencyAlerts = worseAlerts(facts.DependencyAlerts, lost, loses)
	return facts
}

// worseAlerts loses alerts altogether, or the analyses that prove them whole.
func worseAlerts(known fact.Known[fact.Alerts], lost fact.Missing, loses func(what string) bool) fact.Known[fact.Alerts] {
	alerts, missing := known.Get()
	switch {
	case missing != nil:
		return known
	case loses("alerts"):
		return fact.Lost[fact.Alerts](lost)
	case loses("analyses"):
		alerts.Analyses = nil
	case loses("that it is enabled"):
		alerts.Enabled = false
	}
	return fact.Of(alerts, known.Source())
}

// rearrangedScans rebuilds the lists of what machines found.
func rearrangedScans(facts fact.Set, order func(length int) []int) fact.Set {
	for _, each := range []*fact.Known[fact.Alerts]{&facts.CodeAlerts, &facts.DependencyAlerts} {
		if alerts, missing := each.Get(); missing == nil {
			alerts.Analyses, alerts.Open, alerts.Dismissed = pick(alerts.Analyses, order), pick(alerts.Open, order), pick(alerts.Dismissed, order)
			*each = fact.Of(alerts, each.Source())
		}
	}
	facts.RecentRuns = maps.Clone(facts.RecentRuns)
	for _, key := range slices.Sorted(maps.Keys(facts.RecentRuns)) {
		facts.RecentRuns[key] = over(facts.RecentRuns[key], func(list []fact.RecentRun) []fact.RecentRun { return pick(list, order) })
	}
	return facts
}
