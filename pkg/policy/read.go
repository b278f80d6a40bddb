package policy

import (
	"fmt"
	"reflect"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// DefaultPreset is the preset that holds where a repository has no policy.
const DefaultPreset = "three-stage"

// Load returns the policy of a repository: the file if there is one, and the
// default preset if it is proven that there is none at fact.PolicyPath. At any
// other path the caller named, a file has to be: a slip in the name must not
// put a preset in the place of stricter rules. The error is a *fact.Missing
// when there is no policy to go by, and Problems when the file cannot be used.
func Load(file fact.Known[fact.PolicyFile], gates []gate.Gate) (Policy, error) {
	found, missing := file.Get()
	switch {
	case missing != nil:
		return Policy{}, missing
	case !found.Exists && found.Path != fact.PolicyPath:
		return Policy{}, &fact.Missing{
			Reason: fact.NotFound,
			Detail: fmt.Sprintf("the branch %q has no file %q", found.Branch, found.Path),
			Fix:    "Correct the path, or put the policy there. A preset holds without a file only at the path " + fact.PolicyPath + ".",
		}
	case !found.Exists && len(found.Similar) > 0:
		return Policy{}, &fact.Missing{
			Reason: fact.NotFound,
			Detail: fmt.Sprintf("the branch %q has no file %q, but it has %q", found.Branch, found.Path, found.Similar),
			Fix:    "Rename the file, or name it with the input policy. A preset holds only where nothing looks like a policy.",
		}
	case !found.Exists:
		return Preset(DefaultPreset, gates)
	}
	return Parse(found.Path, []byte(found.Text), gates)
}

// Parse reads a policy file. The name is used in messages only. gates are the
// gates that the file can use. The error is of type Problems, and the Policy
// is then empty: there is no policy that is right in part.
func Parse(name string, source []byte, gates []gate.Gate) (Policy, error) {
	text, usable := readText(name, source)
	if !usable {
		return Policy{}, problemsOf(text)
	}
	if _, several := text.root.Child(projectsKey); several {
		return parseProjects(text, gates)
	}
	file, usable := text.read(text.root)
	file.checkPlaceholders(text.root, false)
	if !usable {
		return Policy{}, problemsOf(file)
	}
	layers := []*layer{file}
	preset := string(file.document.Preset.Value)
	if preset != "" {
		base, usable := readPreset(preset)
		if !usable {
			return Policy{}, problemsOf(base)
		}
		layers = []*layer{base, file}
	}
	return build(preset, layers, gates)
}

// Preset returns a preset as a policy. The error lists the presets when there
// is none of that name, and is of type Problems when gates lacks one that the
// preset uses.
func Preset(name string, gates []gate.Gate) (Policy, error) {
	if PresetSource(name) == nil {
		return Policy{}, fmt.Errorf("read preset %q: there is none; %s", name, strict.Alternatives(name, PresetNames()))
	}
	base, usable := readPreset(name)
	if !usable {
		return Policy{}, problemsOf(base)
	}
	return build(name, []*layer{base}, gates)
}

func build(preset string, layers []*layer, gates []gate.Gate) (Policy, error) {
	b := newBuilder(layers, gates)
	policy := b.build()
	policy.Preset = preset
	if err := problemsOf(layers...); err != nil {
		return Policy{}, err
	}
	return policy, nil
}

// layer is one text that has a part in a policy: a preset, or the file.
type layer struct {
	name     string // as messages show it
	preset   bool   // it comes with this program
	source   []byte
	issues   []strict.Issue // of the text and its tree
	root     strict.Node
	decoder  *strict.Decoder
	document document
}

func readPreset(name string) (read *layer, usable bool) {
	read, usable = readLayer("preset "+name, PresetSource(name))
	read.preset = true
	return read, usable
}

// readLayer reads a text as it is; see read.
func readLayer(name string, source []byte) (read *layer, usable bool) {
	text, usable := readText(name, source)
	if !usable {
		return text, false
	}
	return text.read(text.root)
}

// readText parses a text. It is not usable when there is no tree.
func readText(name string, source []byte) (text *layer, usable bool) {
	text = &layer{name: name, source: source, decoder: newDecoder()}
	text.root, text.issues, usable = strict.Parse(source)
	return text, usable
}

// read reads a tree of the text, its own or one made from it, as far as it can be
// read without knowing the gates. It is not usable when there is nothing to go on
// with.
func (l *layer) read(root strict.Node) (read *layer, usable bool) {
	read = &layer{name: l.name, source: l.source, issues: l.issues, root: root, decoder: newDecoder()}
	read.decoder.Decode(root, &read.document)
	version, preset := read.document.Version, read.document.Preset
	if version.OK && version.Value != formatVersion {
		// What else is wrong with it by the rules of this version says nothing.
		read.decoder = newDecoder()
		read.report(version.Position, fmt.Sprintf("version %d of the file format is not supported; this program reads version %d", version.Value, formatVersion),
			"use a version of Stageward that reads it, or write the file in a supported version")
		return read, false
	}
	if empty := !preset.Given && !read.document.Roles.Given && !read.document.Stages.Given && !read.document.Calendars.Given && !read.document.Projects.Given; empty && !read.sound() {
		return read, false // not a policy at all; what it lacks as one says nothing
	}
	// A preset that is not known leaves open which stages there are.
	return read, !preset.Given || preset.OK
}

func newDecoder() *strict.Decoder {
	return &strict.Decoder{Checks: map[reflect.Type]func(string) (string, string){
		reflect.TypeFor[pattern](): badPattern,
		reflect.TypeFor[address](): badAddress,
		reflect.TypeFor[zone]():    badZone,
		reflect.TypeFor[moment]():  badMoment,
		reflect.TypeFor[paths]():   badPaths,
	}}
}

func (l *layer) report(at strict.Position, message, hint string) {
	l.decoder.Report(at, message, hint)
}

// sound reports whether nothing is known to be wrong with the layer.
func (l *layer) sound() bool { return len(l.issues)+len(l.decoder.Issues()) == 0 }
