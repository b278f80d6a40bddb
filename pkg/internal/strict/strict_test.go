package strict_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/internal/strict"
)

type color string

func (color) Values() []string { return []string{"red", "green", "off"} }

func (color) WhyNot(word string) string {
	if word == "teal" {
		return "nobody can tell it from green"
	}
	return ""
}

type word string

func (word) Pattern() (expression, words string) { return `^[a-z]+$`, "a word" }

type known string

type inner struct {
	Name string `yaml:"name,required" doc:"A name."`
}

type params struct {
	Text   string   `yaml:"text" doc:"A text."`
	Count  int      `yaml:"count" doc:"A number."`
	Flag   bool     `yaml:"flag" doc:"A flag."`
	Color  color    `yaml:"color" doc:"A color."`
	Word   word     `yaml:"word" doc:"A word."`
	Known  known    `yaml:"known" doc:"A known word."`
	Texts  []string `yaml:"texts" doc:"Texts."`
	Colors []color  `yaml:"colors" doc:"Colors."`
	Inner  inner    `yaml:"inner" doc:"A struct."`
	Inners []inner  `yaml:"inners" doc:"Structs."`
	Hidden string
}

func (p params) with(change func(*params)) params {
	change(&p)
	return p
}

// decode reads a text into a copy of the defaults.
func decode(text string, into *params) []string {
	root, issues, usable := strict.Parse([]byte(text))
	decoder := strict.Decoder{Checks: map[reflect.Type]func(string) (string, string){
		reflect.TypeFor[known](): func(text string) (message, hint string) {
			if text == "me" {
				return "", ""
			}
			return "nobody knows " + strict.Quote(text), "me"
		},
	}}
	if usable {
		fine := decoder.Decode(root, into)
		issues = append(issues, decoder.Issues()...)
		if fine && len(decoder.Issues()) > 0 || !fine && len(issues) == 0 {
			return []string{fmt.Sprintf("Decode says %t with %d issues", fine, len(issues))}
		}
	}
	var found []string
	for _, issue := range issues {
		found = append(found, fmt.Sprintf("%d:%d %s", issue.Line, issue.Column, issue.Message))
	}
	return found
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hidden: x":                 `1:1 unknown key "Hidden"`,
		"hidden: x":                 `1:1 unknown key "hidden"`,
		"text: 5":                   `1:7 "text": expected a text; YAML readers take 5 for something else`,
		"text: on":                  `1:7 "text": expected a text; YAML readers take on for something else`,
		"text: |\n  a\n":            `1:7 "text": "a\n" begins or ends with white space`,
		`text: "a\u200bb"`:          `1:7 "text": "a\u200bb" has the invisible character \u200b`,
		`text: "a\u00adb"`:          `1:7 "text": "a\u00adb" has the invisible character \u00ad`,
		`text: "a\ufe0fb"`:          `1:7 "text": "a\ufe0fb" has the invisible character \ufe0f`,
		"text: [a]":                 `1:7 "text": expected a text, got a list`,
		"count: -0":                 `1:8 "count": expected a whole number, got the number -0`,
		"count: 00":                 `1:8 "count": expected a whole number, got the number 00`,
		"count: 1000000000":         `1:8 "count": expected a whole number, got the number 1000000000`,
		"count: |\n  1\n":           `1:8 "count": expected a whole number, got the quoted text "1\n"`,
		"count: 1\n  2":             `1:8 "count": expected a whole number, got "1 2"`,
		"flag: TRUE":                `1:7 "flag": expected true or false, got TRUE`,
		"flag: 'false'":             `1:7 "flag": expected true or false, got the quoted text "false"`,
		"flag: 0":                   `1:7 "flag": expected true or false, got the number 0`,
		"color: blue":               `1:8 "color": "blue" is not allowed`,
		"color: teal":               `1:8 "color": "teal" is not allowed: nobody can tell it from green`,
		"colors: [[teal]]":          `1:10 an entry of "colors": expected a text, got a list`,
		"color: Red":                `1:8 "color": "Red" is not allowed`,
		"color: {}":                 `1:8 "color": expected a text, got a map`,
		"word: A":                   `1:7 "word": "A" is not a word`,
		"word: w\u043erd":           `1:7 "word": "w\u043erd" is not a word`,
		"known: you":                `1:8 "known": nobody knows "you"`,
		"texts: a":                  `1:8 "texts": expected a list, got "a"`,
		"texts: [a, b, a]":          `1:15 "texts" has the entry "a" already in line 1, column 9`,
		"texts: [[a]]":              `1:9 an entry of "texts": expected a text, got a list`,
		"colors: [red, grean]":      `1:15 an entry of "colors": "grean" is not allowed`,
		"inner: {}":                 `1:8 the key "name" is missing`,
		"inner: {name: a, nmae: b}": `1:18 unknown key "nmae"`,
		"inners: [{name: a}, {}]":   `1:21 the key "name" is missing`,
		"inners: {name: a}":         `1:9 "inners": expected a list, got a map`,
		"count: &a 1":               `1:8 anchors (&a) are not allowed`,
		"count: !!int 1":            `1:8 tags (!!int) are not allowed`,
		"count:":                    `1:1 "count" has no value`,
		"[]":                        `1:1 the file: expected a map, got a list`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			var got params
			if diff := cmp.Diff([]string{want}, decode(text, &got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestDecodeReads(t *testing.T) {
	t.Parallel()
	defaults := params{Text: "default", Texts: []string{"a", "b"}, Colors: []color{"red"}, Count: 7, Flag: true}
	for text, change := range map[string]func(*params){
		"{}":                             func(*params) {},
		"text: a b":                      func(p *params) { p.Text = "a b" },
		"text: '5'":                      func(p *params) { p.Text = "5" },
		"text: >-\n  a\n  b\n":           func(p *params) { p.Text = "a b" },
		"text: \U0001F6E1\uFE0F safe":    func(p *params) { p.Text = "\U0001F6E1\uFE0F safe" },
		"text: ${{ x }}":                 func(p *params) { p.Text = "${{ x }}" },
		"count: 0":                       func(p *params) { p.Count = 0 },
		"count: 999999999":               func(p *params) { p.Count = 999999999 },
		"flag: false":                    func(p *params) { p.Flag = false },
		"color: off":                     func(p *params) { p.Color = "off" },
		"color: 'off'":                   func(p *params) { p.Color = "off" },
		"word: abc # comment":            func(p *params) { p.Word = "abc" },
		"known: me":                      func(p *params) { p.Known = "me" },
		"texts: [c]":                     func(p *params) { p.Texts = []string{"c"} },
		"texts:\n- c\n- d":               func(p *params) { p.Texts = []string{"c", "d"} },
		"colors: [off, green]":           func(p *params) { p.Colors = []color{"off", "green"} },
		"inner: { name: x }":             func(p *params) { p.Inner.Name = "x" },
		"inners: [{name: x}, {name: x}]": func(p *params) { p.Inners = []inner{{"x"}, {"x"}} },
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got := defaults.with(func(*params) {})
			if issues := decode(text, &got); len(issues) > 0 {
				t.Fatal(issues)
			}
			if diff := cmp.Diff(defaults.with(change), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff([]string{"a", "b"}, defaults.Texts); diff != "" {
		t.Errorf("reading changed the defaults:\n%s", diff)
	}
}

func TestDecodeFindsAllIssuesInOneRun(t *testing.T) {
	t.Parallel()
	var got params
	issues := decode("count: x\nflag: x\ntexts: [1, 2]\nnope: 1\ninner: { name: }\n", &got)
	want := []string{
		`5:10 "name" has no value`,
		`1:8 "count": expected a whole number, got "x"`,
		`2:7 "flag": expected true or false, got "x"`,
		`3:9 an entry of "texts": expected a text; YAML readers take 1 for something else`,
		`3:12 an entry of "texts": expected a text; YAML readers take 2 for something else`,
		`4:1 unknown key "nope"`,
	}
	if diff := cmp.Diff(want, issues); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestATypeThatCannotBeReadIsNeverIgnored(t *testing.T) {
	t.Parallel()
	type odd struct {
		Ratio float64 `yaml:"ratio" doc:"A ratio."`
	}
	root, _, _ := strict.Parse([]byte("ratio: 1.5"))
	var decoder strict.Decoder
	if decoder.Decode(root, &odd{}) || len(decoder.Issues()) != 1 {
		t.Errorf("got %v, want one issue", decoder.Issues())
	}
	if _, err := strict.Schema(odd{}); err == nil || !strings.Contains(err.Error(), `"ratio"`) {
		t.Errorf("got %v, want an error that names the parameter", err)
	}
}

func TestTwoStructsCannotShareAKey(t *testing.T) {
	t.Parallel()
	if _, err := strict.Schema(inner{}, inner{}); err == nil || !strings.Contains(err.Error(), `"name"`) {
		t.Errorf("got %v, want an error that names the key", err)
	}
}

func TestSchemaShowsTypesDocsAndDefaults(t *testing.T) {
	t.Parallel()
	schema, err := strict.Schema(struct {
		Color  color   `yaml:"color,required" doc:"A color."`
		Count  int     `yaml:"count" doc:"A number."`
		Colors []color `yaml:"colors" doc:"Colors."`
	}{Count: 2, Colors: []color{"red"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"object","properties":{` +
		`"color":{"type":"string","description":"A color.","enum":["red","green","off"]},` +
		`"count":{"type":"integer","description":"A number.","default":2,"minimum":0,"maximum":999999999},` +
		`"colors":{"type":"array","items":{"type":"string","enum":["red","green","off"]},"description":"Colors.","default":["red"],"minItems":1,"uniqueItems":true}},` +
		`"required":["color"],"additionalProperties":false}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	allowed := []string{"approvals", "by", "mode", "signed-commit", "signed-tag"}
	for word, want := range map[string]string{
		"zebra": "", "": "", strings.Repeat("approvals", 10): "",
		"aprovals": "approvals", "Approvals": "approvals", "signed_tag": "signed-tag", "signedcommit": "signed-commit", "moed": "mode",
	} {
		if got := strict.Nearest(word, allowed); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestEscapeLeavesNothingInvisible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\nb\tc\r":          `a\nb\tc\r`,
		"\x1b[31m\x00":       `\x1b[31m\x00`,
		"\u202e\u2066\u200b": `\u202e\u2066\u200b`,
		"\u2028\u2029\u0085": `\u2028\u2029\u0085`,
		"\u3164\u2800\ufe0f": `\u3164\u2800\ufe0f`,
		"\xff\xfe":           `\xff\xfe`,
		"\U000E0041":         `\U000e0041`,
		"a\u00a0b":           `a\u00a0b`,
		"h\u00e9 \u65e5 'x'": "h\u00e9 \u65e5 'x'",
	} {
		if got := strict.Escape(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

type free struct {
	Config strict.At[strict.JSON] `yaml:"config" doc:"Anything."`
}

// Each value below a JSON field knows where it stands, also beside one that
// cannot be read.
func TestJSONKnowsWhereItsMembersAre(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ text, raw, members string }{
		{"config: { a: yes, b: [x, 010, { c: 1 }] }", "", "b@1:19 list [@1:23 text @1:31 map [c@1:33 number]]"},
		{"config:\n  b: \"on\"\n  a: [true, -0.5]\n  c: {}\n", `{"a":[true,-0.5],"b":"on","c":{}}`, "b@2:3 text a@3:3 list [@3:7 boolean @3:13 number] c@4:3 map []"},
	} {
		root, _, usable := strict.Parse([]byte(row.text))
		if !usable {
			t.Fatalf("not usable: %s", row.text)
		}
		var into free
		ok := new(strict.Decoder).Decode(root, &into)
		if ok != (row.raw != "") || string(into.Config.Value.Raw) != row.raw {
			t.Errorf("%t, %s, of %s", ok, into.Config.Value.Raw, row.text)
		}
		if got := shown(into.Config.Value.Members); got != row.members {
			t.Errorf("members of %s:\n%s\nwant\n%s", row.text, got, row.members)
		}
	}
}

func shown(members []strict.Member) string {
	var texts []string
	for _, each := range members {
		text := fmt.Sprintf("%s@%d:%d %s", each.Key, each.At.Line, each.At.Column, each.Kind)
		if each.Kind == strict.KindMap || each.Kind == strict.KindList {
			text += " [" + shown(each.Members) + "]"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}
