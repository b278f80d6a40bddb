package policy

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
	"github.com/stageward/stageward/pkg/stage"
)

// MaxProjects is how many projects a policy can have. Each is a whole policy to
// check, and GitHub makes at most 256 jobs of a matrix.
const MaxProjects = 100

// maxStages is how many stages all projects together can have.
const maxStages = 1000

const (
	projectsKey = "projects"
	stagesKey   = "stages"
)

// projectSection is what the file says about one project.
type projectSection struct {
	Paths  strict.At[[]strict.At[paths]]   `yaml:"paths" doc:"The files that the project is made of, in the patterns of branches; a folder stands for all below it. On a branch, the project is left out of a run when none of them changed since its last deployment. It takes deployed-by."`
	Stages strict.At[[]strict.At[section]] `yaml:"stages" doc:"What is different about the stages of this project, by their names, and stages that only it has."`
}

// paths is a pattern of paths.
type paths string

// badPaths says what is wrong with a pattern of paths.
func badPaths(text string) (message, hint string) {
	literal := strings.Trim(text, "*") != ""
	parts := strings.Split(text, "/")
	switch {
	case text == stage.DefaultBranch:
		return strict.Quote(text) + " is a branch, and paths of files stand here", ""
	case slices.Contains(parts, ".") || slices.Contains(parts, ".."):
		return strict.Quote(text) + ` has "." or ".." as a part`, "write the path from the root of the repository, such as services/api/**"
	case literal && path.Clean(text) != text:
		return strict.Quote(text) + " is not written as git writes paths", fmt.Sprintf("write %s: from the root of the repository, without a slash at either end; a folder stands for all below it", strict.Quote(strings.Trim(path.Clean(text), "/")))
	}
	if _, err := stage.ParsePattern(text); err != nil {
		return strict.Escape(err.Error()), ""
	}
	return "", ""
}

// Touches reports whether one of the files belongs to the project. A pattern
// without wildcards stands for a file, and for everything below a folder.
func (p Policy) Touches(files []string) bool {
	return slices.ContainsFunc(files, func(file string) bool {
		return len(p.Paths) == 0 || slices.ContainsFunc(p.Paths, func(each stage.Pattern) bool {
			return each.Match(file, "") || each.Literal() && strings.HasPrefix(file, each.String()+"/")
		})
	})
}

// All returns what decides: the projects in order, or the policy itself where it
// has none.
func (p Policy) All() []Policy {
	if len(p.Projects) > 0 {
		return p.Projects
	}
	return []Policy{p}
}

// Of returns the policy of a project, and for "" that of a repository without
// projects. The error says which there are.
func (p Policy) Of(project string) (Policy, error) {
	for _, each := range p.All() {
		if each.Project == project {
			return each, nil
		}
	}
	switch {
	case len(p.Projects) == 0:
		return Policy{}, fmt.Errorf("the policy has no projects, so there is no %q", project)
	case project == "":
		return Policy{}, fmt.Errorf("the policy has several projects; %s", strict.Alternatives("", p.ProjectNames()))
	}
	return Policy{}, fmt.Errorf("the policy has no project %q; %s", project, strict.Alternatives(project, p.ProjectNames()))
}

// Called is a stage of the policy as people name it, with the project that it is of.
func (p Policy) Called(s Stage) string { return p.seen(s).Called() }

// ProjectNames returns the names of the projects, in order.
func (p Policy) ProjectNames() []string {
	var names []string
	for _, each := range p.Projects {
		names = append(names, each.Project)
	}
	return names
}

// several makes one policy a project out of one text.
type several struct {
	text  *layer
	gates []gate.Gate
	made  Policy
	// builders has one a project.
	builders []*builder
	// found are the layers with what is new to say about each project, told the
	// places of which something was said.
	found  []*layer
	told   map[string]bool
	stages int // so far
}

// parseProjects reads a file with projects. Each project is built from the same
// text, with its name in the place of the placeholder, and checked like any other
// policy; what is wrong with the text itself is said once.
func parseProjects(text *layer, gates []gate.Gate) (Policy, error) {
	s := &several{text: text, gates: gates, told: map[string]bool{}}
	text.checkPlaceholders(text.root, true)
	s.keep(text)
	entries := text.root.Entries(projectsKey)
	if len(entries) > MaxProjects {
		at := entries[MaxProjects]
		text.report(at.Position, fmt.Sprintf("there are %d projects; at most %d are read", len(entries), MaxProjects), "split the policy, and name each part with the input policy")
		return Policy{}, problemsOf(text)
	}
	if len(entries) == 0 { // not a map, or an empty one: said when it is read
		entries = []strict.Text{{}}
	}
	for _, each := range entries {
		if !s.add(each) {
			break // what is wrong is wrong for all of them
		}
	}
	s.checkApart()
	s.checkTags()
	if err := problemsOf(s.found...); err != nil {
		return Policy{}, err
	}
	s.tellOthers()
	s.made.Preset, s.made.Terms = s.made.Projects[0].Preset, s.made.Projects[0].Terms
	return s.made, nil
}

// add builds one project. It returns false where there is nothing to go on with.
func (s *several) add(entry strict.Text) bool {
	file, usable := s.text.read(fill(s.text.root.Only(projectsKey, entry.Value), entry.Value))
	file.issues = nil // the text's own are kept already
	layers := []*layer{file}
	preset := string(file.document.Preset.Value)
	if usable && preset != "" {
		var base *layer
		if base, usable = readPreset(preset); usable {
			layers = []*layer{base, file}
		}
	}
	if !usable {
		s.keep(layers...)
		return false
	}
	built := newBuilder(layers, s.gates)
	built.project = entry.Value
	if len(s.builders) > 0 {
		built.deployers = s.builders[0].deployers
	}
	own := file.own()
	if own != nil {
		built.layers = append(built.layers, own)
	}
	made := built.build()
	made.Preset, made.Paths = preset, file.paths()
	if len(built.drafts) == 0 && entry.Value != "" {
		file.report(entry.Position, fmt.Sprintf("the project %s has no stages", strict.Quote(entry.Value)), "list its stages, or those of all projects at the top of the file, or write preset: three-stage")
	}
	if s.stages += len(made.Stages); s.stages > maxStages {
		file.report(entry.Position, fmt.Sprintf("the projects up to this one have %d stages; at most %d are read", s.stages, maxStages), "split the policy, and name each part with the input policy")
	}
	s.made.Projects = append(s.made.Projects, made)
	s.builders = append(s.builders, built)
	s.keep(layers...)
	return s.stages <= maxStages
}

// fill puts the name of a project in the place of the placeholder. A name that is
// not well-formed is reported where it stands, and must not be once more wherever
// it would go.
func fill(root strict.Node, project string) strict.Node {
	if !namePattern.MatchString(project) {
		project = "project"
	}
	return root.Replaced(func(text strict.Text) string {
		if !isTemplate(text.Keys) {
			return text.Value
		}
		return strings.ReplaceAll(text.Value, Placeholder, project)
	})
}

// own returns the layer of what the file says about its one project alone, or nil.
// It shares its problems with the file.
func (l *layer) own() *layer {
	for _, each := range l.document.Projects.Value {
		if each.Value.Stages.Given {
			return &layer{name: l.name, source: l.source, root: l.root, decoder: l.decoder, document: document{Stages: each.Value.Stages}}
		}
	}
	return nil
}

func (l *layer) paths() []stage.Pattern {
	var all []stage.Pattern
	for _, entry := range l.document.Projects.Value {
		for _, each := range entry.Value.Paths.Value {
			if parsed, err := stage.ParsePattern(string(each.Value)); err == nil {
				all = append(all, parsed)
			}
		}
	}
	return all
}

// keep keeps the problems of layers that are at places of which nothing was said
// for an earlier project.
func (s *several) keep(layers ...*layer) {
	var places []string
	for _, each := range layers {
		fresh := &layer{name: each.name, source: each.source, decoder: newDecoder()}
		for _, issue := range slices.Concat(each.issues, each.decoder.Issues()) {
			if place := fmt.Sprintf("%s:%d:%d", each.name, issue.Line, issue.Column); !s.told[place] {
				fresh.issues = append(fresh.issues, issue)
				places = append(places, place)
			}
		}
		s.found = append(s.found, fresh)
	}
	for _, each := range places {
		s.told[each] = true
	}
}

// checkApart keeps the environments of projects apart: GitHub records a deployment
// by its environment, so one to the one project would pass for one to the other, and
// each could read the other's secrets.
func (s *several) checkApart() {
	type place struct{ project, stage string }
	taken := map[string]place{}
	for i, built := range s.builders {
		for _, each := range ordered(built.drafts) {
			if !namePattern.MatchString(built.project) || each.name == "" || each.environment.Given && !each.environment.OK {
				continue
			}
			environment := environmentOf(each)
			key := strings.ToLower(environment)
			before, known := taken[key]
			if !known {
				taken[key] = place{built.project, each.name}
				continue
			}
			if before.project == built.project {
				continue // said by checkEnvironment
			}
			layer, at := built.placeOf(each, s.text.root.Entries(projectsKey)[i].Position)
			layer.report(at, fmt.Sprintf("the stage %q of the project %q and the stage %q of the project %q have one environment, %s", before.stage, before.project, each.name, built.project, strict.Quote(environment)),
				fmt.Sprintf("put the project into its name: environment: %s; GitHub does not tell upper and lower case apart", strict.Quote(Placeholder+"-"+environment)))
			s.keep(layer)
		}
	}
}

// checkTags keeps the tags of projects apart whose names begin alike: api-* takes those
// of api-web as well, so whoever may release the one could release the other.
func (s *several) checkTags() {
	for i, one := range s.made.Projects {
		for _, other := range s.made.Projects {
			if !strings.HasPrefix(other.Project, one.Project+"-") {
				continue
			}
			for _, each := range one.Stages {
				if tag := takenOf(each.Rule, other.Project); tag != "" {
					s.text.report(s.text.root.Entries(projectsKey)[i].Position,
						fmt.Sprintf("the stage %q of the project %q takes tags of the project %q, such as %s", each.Name, one.Project, other.Project, strict.Quote(tag)),
						`narrow it by versions: release, or write the tags as "`+Placeholder+`/v*"`)
					s.keep(s.text)
					return
				}
			}
		}
	}
}

// takenOf returns a tag of a project that a rule takes, or "".
func takenOf(rule stage.Rule, project string) string {
	for _, version := range []string{"1.0.0", "v1.0.0"} {
		for _, sign := range []string{"-", "/", "@"} {
			query := stage.Query{Ref: fact.Ref("refs/tags/" + project + sign + version), Event: stage.CommandLine}
			if stage.Resolve([]stage.Rule{rule}, query).Stage != "" {
				return query.Ref.Name()
			}
		}
	}
	return ""
}

// placeOf returns where the file speaks of the environment of a stage, or the
// place of the project where it says nothing of the stage.
func (b *builder) placeOf(d *draft, project strict.Position) (*layer, strict.Position) {
	file := b.layers[len(b.layers)-1]
	switch {
	case d.environment.Given && !d.environment.layer.preset:
		return d.environment.layer, d.environment.Position
	case !d.layer.preset:
		return d.layer, d.at
	}
	return file, project
}

// tellOthers tells each project the stages of the others to which a job deploys.
func (s *several) tellOthers() {
	deployed := make([][]gate.Stage, len(s.made.Projects))
	for i, each := range s.made.Projects {
		deployed[i] = slices.DeleteFunc(each.TermsOf(Stage{}).Stages, func(each gate.Stage) bool { return each.DeployedBy == (fact.JobOf{}) })
	}
	for i := range s.made.Projects {
		s.made.Projects[i].Others = slices.Concat(slices.Concat(deployed[:i]...), slices.Concat(deployed[i+1:]...))
	}
}
