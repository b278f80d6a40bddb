package policy

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/internal/strict"
)

// configMap is one map of the configuration of one stage.
type configMap struct {
	of      *draft
	at      strict.Position
	members []strict.Member
}

// holding is one key of one such map.
type holding struct {
	in    configMap
	value strict.Member
}

// checkParity sees to it that what a stage is configured by is there in every
// stage, with the same type. What only some have is tried in none of the others:
// a program that finds nothing in production goes by a default that nobody saw.
//
// That goes for a stage without any config as well, also one of a preset. Its
// output config is {}, so a later step finds none of the keys; that a policy
// gives them to another stage says that there is such a step.
func (b *builder) checkParity(stages []*draft) {
	var maps []configMap
	for _, each := range stages {
		if each.config.Given {
			maps = append(maps, configMap{of: each, at: each.config.Position, members: each.config.Value.Members})
		}
	}
	free := b.mayDiffer(maps)
	if len(maps) > 0 {
		top := newLevel(maps)
		for _, each := range stages {
			if !each.config.Given {
				top.reportNoConfig(each, free)
			}
		}
	}
	compareMaps(maps, nil, free)
}

// mayDiffer returns the paths that are not compared. One that no configuration
// has is a slip, or left over.
func (b *builder) mayDiffer(maps []configMap) map[string]bool {
	known := map[string]bool{}
	var paths []string
	for _, each := range maps {
		pathsOf(each.members, nil, func(path string) {
			if !known[path] {
				known[path] = true
				paths = append(paths, path)
			}
		})
	}
	free := map[string]bool{}
	for _, layer := range b.layers {
		for _, each := range layer.document.MayDiffer.Value {
			path := string(each.Value)
			if each.OK && !known[path] {
				layer.report(each.Position, fmt.Sprintf("config-may-differ: no stage has %s in its config", strict.Quote(path)), hintPath(path, paths))
			}
			free[path] = true
		}
	}
	return free
}

func hintPath(path string, paths []string) string {
	if near := nearest(path, paths); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "remove the entry, or correct it: the keys on the way to the value, joined by dots"
}

// nearest is strict.Nearest, quoted, for lists of a length that people write. A
// longer one would take its time.
func nearest(word string, words []string) string {
	const most = 200
	if len(words) > most {
		return ""
	}
	if near := strict.Nearest(word, words); near != "" {
		return strict.Quote(near)
	}
	return ""
}

// pathsOf calls back for each key, also for those of maps.
func pathsOf(members []strict.Member, keys []string, call func(path string)) {
	for _, each := range members {
		below := append(slices.Clone(keys), each.Key)
		call(pathOf(below))
		if each.Kind == strict.KindMap {
			pathsOf(each.Members, below, call)
		}
	}
}

// level is one map of each stage, side by side.
type level struct {
	maps []configMap
	// held has who has which key; keys are in the order in which they come.
	held map[string][]holding
	keys []string
}

func newLevel(maps []configMap) level {
	l := level{maps: maps, held: map[string][]holding{}}
	for _, each := range maps {
		for _, value := range each.members {
			if l.held[value.Key] == nil {
				l.keys = append(l.keys, value.Key)
			}
			l.held[value.Key] = append(l.held[value.Key], holding{each, value})
		}
	}
	return l
}

// reportNoConfig reports a stage without a configuration. A stage of a preset has
// no line in the file; the problem is then where the other's configuration is.
func (l level) reportNoConfig(d *draft, free map[string]bool) {
	keys := slices.DeleteFunc(slices.Clone(l.keys), func(key string) bool { return free[key] })
	if len(keys) == 0 {
		return
	}
	first := l.held[keys[0]][0]
	layer, at := d.layer, d.at
	if layer != first.in.of.config.layer {
		layer, at = first.in.of.config.layer, first.value.At
	}
	layer.report(at, fmt.Sprintf("%s has no config, and that of %s has %s in line %d", d.title(), first.in.of.title(), strict.Quote(keys[0]), first.value.At.Line),
		"give it the same keys, or list those that only some stages have: "+listing(keys...))
}

// compareMaps compares one map of each stage, and the maps below.
func compareMaps(maps []configMap, prefix []string, free map[string]bool) {
	l := newLevel(maps)
	for _, key := range l.keys {
		below := append(slices.Clone(prefix), key)
		path, with := pathOf(below), l.held[key]
		if free[path] {
			continue
		}
		if few := 2*len(with) < len(maps); few {
			l.reportExtra(with, path)
		} else if len(with) < len(maps) {
			l.reportMissing(with, path)
		}
		compareKinds(with, path)
		var deeper []configMap
		for _, each := range with {
			if each.value.Kind == strict.KindMap {
				deeper = append(deeper, configMap{of: each.in.of, at: each.value.At, members: each.value.Members})
			}
		}
		compareMaps(deeper, below, free)
	}
}

// reportExtra reports a key that few stages have, where it stands.
func (l level) reportExtra(with []holding, path string) {
	other := l.maps[slices.IndexFunc(l.maps, func(each configMap) bool { return !has(with, each) })]
	for _, each := range with {
		each.in.of.config.layer.report(each.value.At, fmt.Sprintf("the config of %s has %s, and that of %s (line %d) has not", each.in.of.title(), strict.Quote(path), other.of.title(), other.at.Line),
			slip(each.value.Key, l.onlyIn(other))+"give it to every stage, remove it, or list it: "+listing(path))
	}
}

// reportMissing reports a key that most stages have, where it should stand.
func (l level) reportMissing(with []holding, path string) {
	for _, each := range l.maps {
		if has(with, each) {
			continue
		}
		each.of.config.layer.report(each.at, fmt.Sprintf("the config of %s has no %s, and that of %s has it in line %d", each.of.title(), strict.Quote(path), with[0].in.of.title(), with[0].value.At.Line),
			slip(with[0].value.Key, l.onlyIn(each))+"add it here, or list it: "+listing(path))
	}
}

func has(with []holding, in configMap) bool {
	return slices.ContainsFunc(with, func(each holding) bool { return each.in.of == in.of })
}

// onlyIn returns the keys of a map that not every stage has. Of a map with very
// many keys it returns none: nobody wrote them by hand.
func (l level) onlyIn(in configMap) []string {
	const most = 200
	if len(in.members) > most {
		return nil
	}
	var keys []string
	for _, each := range in.members {
		if len(l.held[each.Key]) < len(l.maps) {
			keys = append(keys, each.Key)
		}
	}
	return keys
}

// slip says which key is probably meant by another.
func slip(key string, others []string) string {
	if near := nearest(key, others); near != "" {
		return fmt.Sprintf("is it the same as %s? ", near)
	}
	return ""
}

// compareKinds holds the types of one key against that which most stages have;
// of as many, that of the first.
func compareKinds(with []holding, path string) {
	count := map[string]int{}
	for _, each := range with {
		count[string(each.value.Kind)]++
	}
	usual := with[0]
	for _, each := range with {
		if count[string(each.value.Kind)] > count[string(usual.value.Kind)] {
			usual = each
		}
	}
	for _, each := range with {
		if each.value.Kind == usual.value.Kind {
			continue
		}
		each.in.of.config.layer.report(each.value.At, fmt.Sprintf("%s is %s in the config of %s, and %s in that of %s (line %d)", strict.Quote(path), each.value.Kind.WithArticle(), each.in.of.title(), usual.value.Kind.WithArticle(), usual.in.of.title(), usual.value.At.Line),
			"give it one type in every stage, or list it: "+listing(path))
	}
}
