package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/githubtest"
)

// policyPath is where the policy of a case is in its World.
const policyPath = ".github/stageward.yml"

// Load reads a pack: cases/GROUP/NAME.txtar and the worlds that they begin
// with, worlds/NAME.yml. The cases are in the order of their names. The error
// names the file that is wrong.
func Load(pack fs.FS) ([]Case, error) {
	files, err := fs.Glob(pack, "cases/*/*.txtar")
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("read the pack: there is no cases/GROUP/NAME.txtar; name the folder of the pack")
	}
	slices.Sort(files)
	var cases []Case
	for _, file := range files {
		text, err := fs.ReadFile(pack, file)
		if err != nil {
			return nil, err
		}
		one, err := parse(pack, file, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		cases = append(cases, one)
	}
	return cases, nil
}

func parse(pack fs.FS, file string, text []byte) (Case, error) {
	archive := txtar.Parse(text)
	group := path.Base(path.Dir(file))
	one := Case{
		Name: group + "/" + strings.TrimSuffix(path.Base(file), ".txtar"), Group: strings.ToUpper(group),
		About: strings.TrimSpace(string(archive.Comment)),
	}
	var made setup
	var delta, policy []byte
	seen := map[string]bool{}
	for _, each := range archive.Files {
		if seen[each.Name] {
			return one, fmt.Errorf("%s is there twice", each.Name)
		}
		seen[each.Name] = true
		var err error
		switch name, below := strings.CutPrefix(each.Name, "workspace/"); {
		case each.Name == "case.json":
			err = decode(each.Data, &made)
		case each.Name == "expect.json":
			err = decode(each.Data, &one.Expect)
		case each.Name == "world.yml":
			delta = each.Data
		case each.Name == "policy.yml":
			policy = each.Data
		case each.Name == "event.json":
			one.Payload = each.Data
		case below && fs.ValidPath(name):
			if one.Workspace == nil {
				one.Workspace = map[string]string{}
			}
			one.Workspace[name] = string(each.Data)
		default:
			err = errors.New("expected case.json, expect.json, world.yml, policy.yml, event.json or workspace/PATH")
		}
		if err != nil {
			return one, fmt.Errorf("%s: %w", each.Name, err)
		}
	}
	if !seen["case.json"] || !seen["expect.json"] {
		return one, errors.New("want case.json and expect.json")
	}
	one.IDs, one.Inputs, one.Environment, one.ActionOnly = made.IDs, made.Inputs, made.Environment, made.ActionOnly
	one.Event = made.Event.started()
	base, err := fs.ReadFile(pack, "worlds/"+made.World+".yml")
	if err != nil {
		return one, fmt.Errorf("case.json: world: %w", err)
	}
	if one.World, err = world(base, delta, policy); err != nil {
		return one, err
	}
	return one, one.check(made.Event)
}

// decode reads one JSON document. A field that nobody reads is an error: it
// would expect nothing.
func decode(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("want one JSON document")
	}
	return nil
}

// world lays the top-level keys of delta over those of base, and puts the policy
// into the first commit of the default branch.
func world(base, delta, policy []byte) (githubtest.World, error) {
	whole, err := overlay(base, delta)
	if err != nil {
		return githubtest.World{}, err
	}
	made, err := githubtest.ParseWorld(whole)
	if err != nil {
		return made, err
	}
	if policy == nil {
		return made, nil
	}
	at := slices.IndexFunc(made.Commits, func(each githubtest.Commit) bool {
		return !each.Fork && (each.Branch == "" || each.Branch == made.DefaultBranch || each.Branch == "main" && made.DefaultBranch == "")
	})
	if at < 0 {
		return made, errors.New("the default branch of the world has no commit that could hold policy.yml")
	}
	first := &made.Commits[at]
	if first.Files[policyPath] != nil {
		return made, errors.New("policy.yml: the first commit of the default branch has a policy already")
	}
	if first.Files == nil {
		first.Files = map[string]*githubtest.File{}
	}
	first.Files[policyPath] = &githubtest.File{Text: string(policy)}
	return made, nil
}

// overlay replaces the values of top-level keys in a YAML mapping; keys that are
// not there are added.
func overlay(base, delta []byte) ([]byte, error) {
	if delta == nil {
		return base, nil
	}
	below, err := mapping("the base world", base)
	if err != nil {
		return nil, err
	}
	above, err := mapping("world.yml", delta)
	if err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(above.Content); i += 2 {
		key, value := above.Content[i], above.Content[i+1]
		at := -1
		for k := 0; k+1 < len(below.Content); k += 2 {
			if below.Content[k].Value == key.Value {
				at = k
			}
		}
		if at < 0 {
			below.Content = append(below.Content, key, value)
			continue
		}
		below.Content[at+1] = value
	}
	return yaml.Marshal(below)
}

func mapping(what string, data []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: want a mapping", what)
	}
	return document.Content[0], nil
}
