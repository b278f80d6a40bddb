package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// buildPlace builds what a stage is, without what it asks for.
func (b *builder) buildPlace(d *draft) Stage {
	built := Stage{
		Name:         d.name,
		Origin:       origin(d.layer, d.at),
		FromOrigin:   origin(cmp.Or(d.from.layer, d.layer), d.from.Position),
		Environment:  environmentOf(d),
		URL:          string(d.url.Value),
		Rule:         b.buildRule(d),
		DeployedBy:   d.deployedBy.Value.jobOf(),
		HotfixFor:    string(d.hotfixFor.Value),
		Unrestricted: d.unrestricted.Value,
		Data:         string(d.data.Value),
		Config:       d.config.Value.Raw,
	}
	built.Rule.For, built.Rule.Project = built.HotfixFor, b.project
	if d.deployedBy.Given && d.deployedBy.OK {
		b.checkDeployer(d.deployedBy.layer, d.deployedBy.Position, d.title(), built.DeployedBy)
	}
	return built
}

// inherit gives a hotfix lane what is said of the stage that it leads to.
func (b *builder) inherit(lane *Stage, policy Policy) {
	if target, ok := policy.Stage(lane.HotfixFor); ok && lane.HotfixFor != "" {
		lane.Environment, lane.URL, lane.Data, lane.Config = target.Environment, target.URL, target.Data, target.Config
		lane.DeployedBy = target.DeployedBy
	}
}

// buildGates builds what a stage asks for.
func (b *builder) buildGates(d *draft, built *Stage, terms gate.Terms) {
	sound := !d.gatesBroken
	owner := d.title()
	if d.hotfixFor.Given {
		owner = fmt.Sprintf("the stage %q", built.HotfixFor)
	}
	for _, each := range d.gates {
		asked, ok := b.buildGate(each, terms)
		sound = sound && ok
		b.checkRanges(each, owner, asked.Check)
		built.Gates = append(built.Gates, asked)
	}
	built.Advised = b.buildAdvised(d)
	b.buildLanes(d, built, terms)
	if maybeRefines := d.name == "" && len(b.layers) > 1; sound && !maybeRefines {
		checkDemand(d, *built)
	}
}

// buildAdvised returns the gates that are advised and not mentioned.
func (b *builder) buildAdvised(d *draft) []gate.Gate {
	var advised []gate.Gate
	for _, each := range d.advised.Value {
		if !each.OK {
			continue
		}
		found, ok := b.gate(draftGate{id: each.Value, at: each.Position, layer: d.advised.layer})
		mentioned := slices.ContainsFunc(d.gates, func(g draftGate) bool { return g.id == each.Value })
		if ok && !mentioned {
			advised = append(advised, found)
		}
	}
	return advised
}

// checkDemand sees to it that a stage asks for something or says that it asks
// for nothing. A gate that only warns asks for nothing.
func checkDemand(d *draft, built Stage) {
	say, instead := "write unrestricted: true if that is meant; otherwise add gates", "remove the gates and write unrestricted: true"
	if built.HotfixFor != "" {
		say, instead = "say what has to be true of a hotfix, below gates", "remove the lane"
	}
	enforced := false
	for _, each := range built.Gates {
		enforced = enforced || each.Mode == verdict.Enforce
	}
	switch {
	case d.unrestricted.Given && !d.unrestricted.OK:
	case built.Unrestricted && len(built.Gates) > 0:
		d.unrestricted.layer.report(d.unrestricted.Position, d.title()+" is unrestricted and has gates; it can be only one of the two", "remove unrestricted, or remove the gates")
	case built.Unrestricted || enforced:
	case len(built.Gates) == 0:
		d.layer.report(d.at, d.title()+" asks for nothing: it has no gates", say)
	default:
		d.layer.report(d.at, d.title()+" asks for nothing: none of its gates is enforced", "set the mode of at least one gate to enforce, or "+instead)
	}
}

func (b *builder) buildRule(d *draft) stage.Rule {
	given := d.from.Value
	rule := stage.Rule{Stage: d.name, Versions: stage.Versions(given.Versions.Value)}
	if rule.Versions == "" {
		rule.Versions = stage.AnyTag
	}
	rule.Events = stage.DefaultEvents()
	if given.Events.Given {
		rule.Events = eventsOf(given.Events)
	}
	rule.Branches, rule.Tags = parsePatterns(given.Branches), parsePatterns(given.Tags)
	switch {
	case !d.from.Given && d.name == "" && len(b.layers) > 1:
		// A name that cannot be read may be that of a stage of the preset.
	case !d.from.Given:
		d.layer.report(d.at, fmt.Sprintf(`%s has no "from"%s`, d.title(), b.whyNeeded()), "say which branches or tags it accepts, such as from: { branches: [main] }"+b.nearStage(d))
	case !given.Branches.Given && !given.Tags.Given && d.from.OK:
		d.from.layer.report(d.from.Position, d.title()+` accepts nothing: "from" has neither branches nor tags`, "give at least one of the two"+b.whyRepeat(d))
	case given.Versions.Given && !given.Tags.Given:
		d.from.layer.report(given.Versions.Position, `"versions" narrows tags, and there are none`, `add "tags", or remove "versions"`)
	}
	return rule
}

// whyNeeded says that a stage is new where its author may not mean it to be.
func (b *builder) whyNeeded() string {
	if len(b.layers) == 1 {
		return ""
	}
	return fmt.Sprintf(", which it needs because it is not a stage of %s (%s)", b.layers[0].name, strings.Join(b.presetStages(), ", "))
}

// whyRepeat says why what the preset accepts does not count here.
func (b *builder) whyRepeat(d *draft) string {
	if len(b.layers) == 1 || d.name == "" || !slices.Contains(b.presetStages(), d.name) {
		return ""
	}
	return `; "from" replaces that of the preset, so repeat its patterns if they should stay`
}

func (b *builder) nearStage(d *draft) string {
	if len(b.layers) == 1 {
		return ""
	}
	if near := strict.Nearest(d.name, b.presetStages()); near != "" {
		return fmt.Sprintf("; or did you mean %q?", near)
	}
	return ""
}

func (b *builder) presetStages() []string {
	var names []string
	for _, section := range b.layers[0].document.Stages.Value {
		names = append(names, string(section.Value.Name.Value))
	}
	return names
}

// parsePatterns returns the patterns that are well-formed; the others have
// been reported.
func parsePatterns(given strict.At[[]strict.At[pattern]]) []stage.Pattern {
	var patterns []stage.Pattern
	for _, each := range given.Value {
		if parsed, err := stage.ParsePattern(string(each.Value)); err == nil {
			patterns = append(patterns, parsed)
		}
	}
	return patterns
}

// eventsOf returns the events as words. One that cannot be listed has been
// reported, and there is no policy then.
func eventsOf(given strict.At[[]strict.At[event]]) []string {
	var events []string
	for _, each := range given.Value {
		events = append(events, string(each.Value))
	}
	return events
}

// checkEnvironment compares with the stages before: GitHub does not tell the
// case of environments apart, and two stages in one environment would share
// its protection and its secrets.
func (b *builder) checkEnvironment(d *draft, before []*draft) {
	if d.name == "" || d.environment.Given && !d.environment.OK {
		return
	}
	layer, at := d.layer, d.at
	if d.environment.Given && d.environment.layer == d.layer {
		at = d.environment.Position
	}
	for _, other := range before {
		if strings.EqualFold(environmentOf(d), environmentOf(other)) {
			layer.report(at, fmt.Sprintf("the stages %q and %q have one environment, %s", other.name, d.name, strict.Quote(environmentOf(d))), "give each stage its own; GitHub does not tell upper and lower case apart")
		}
	}
}

func environmentOf(d *draft) string {
	if d.environment.Given {
		return d.environment.Value
	}
	return d.name
}

// checkData keeps production data in the last stage. A stage whose name cannot
// be read has no place in the order.
func (b *builder) checkData(drafts []*draft) {
	var named []*draft
	for _, each := range drafts {
		if each.name != "" {
			named = append(named, each)
		}
	}
	for i, each := range named {
		if each.data.Value != "production" || i == len(named)-1 {
			continue
		}
		last := named[len(named)-1]
		layer, at := each.data.layer, each.data.Position
		if last.layer != layer && len(b.layers) > 1 && layer == b.layers[0] {
			// The preset is right on its own; the stage that comes after is not.
			layer, at = last.layer, last.at
		}
		layer.report(at, fmt.Sprintf("%s holds production data, but %s comes after it", each.title(), last.title()), "only the last stage may hold production data; use synthetic or anonymized data before it")
	}
}
