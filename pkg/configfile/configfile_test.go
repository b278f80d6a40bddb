package configfile_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/configfile"
)

func TestWhatDotenvCannotHoldIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, config, words string }{
		{"a line break", `{"motd":"two\nlines"}`, `write "motd" as dotenv: the value has a line break`},
		{"a carriage return", `{"a":"b\r"}`, "line break"},
		{"a tab", `{"a":"b\tc"}`, "control character"},
		{"a line separator", `{"a":"b\u2028c"}`, "line break"},
		{"a null character", `{"a":"b\u0000c"}`, "control character"},
		{"a variable that Python puts in", `{"a":"x ${HOME}"}`, "${"},
		{"both quotes", `{"a":"it's \"x\""}`, "both"},
		{"an apostrophe and a dollar", `{"a":"it's $5"}`, "both"},
		{"an apostrophe and a backtick", "{\"a\":\"it's `x`\"}", "both"},
		{"an apostrophe and a backslash", `{"a":"it's \\x"}`, "both"},
		{"a backslash at the end", `{"a":"C:\\"}`, "at its end"},
		{"two backslashes", `{"a":"\\\\server"}`, "twice in a row"},
		{"a space in a key", `{"quoted key":"x"}`, `write "quoted key" as dotenv: a name of a variable`},
		{"a letter that upper case makes an I", `{"ı":"x"}`, "a name of a variable"},
		{"an umlaut in a key", `{"grün":"x"}`, "a name of a variable"},
		{"a digit at the start", `{"2fa":true}`, "begins with no digit"},
		{"an empty key", `{"":true}`, "a name of a variable"},
		{"the path of programs", `{"path":"/api"}`, `write "path" as dotenv: PATH: the shell`},
		{"a variable that bash protects", `{"uid":1000}`, "UID"},
		{"a variable that bash counts", `{"seconds":3}`, "SECONDS"},
		{"a variable of the loader", `{"ld":{"preload":"x.so"}}`, `write "ld.preload" as dotenv: LD_PRELOAD`},
		{"a variable of the runner", `{"github":{"token_name":"x"}}`, "GITHUB_TOKEN_NAME"},
		{"two values of one name", `{"a_b":1,"a":{"b":2}}`, `write "a_b" as dotenv: "a.b" is A_B, too`},
		{"two cases of one name", `{"A":1,"a":2}`, "is A, too"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			data, err := configfile.Write(json.RawMessage(row.config), configfile.Dotenv)
			if err == nil || data != nil || !strings.Contains(err.Error(), row.words) {
				t.Errorf("%q, %v; want an error that says %q", data, err, row.words)
			}
			for _, format := range []configfile.Format{configfile.JSON, configfile.YAML} {
				if _, err := configfile.Write(json.RawMessage(row.config), format); err != nil {
					t.Errorf("%s: %v", format, err)
				}
			}
		})
	}
}

func TestWriteRefusesWhatIsNoConfiguration(t *testing.T) {
	t.Parallel()
	for _, config := range []string{`[]`, `"x"`, `{`, `{"a":1} x`, `{} {}`} {
		for _, format := range configfile.Formats() {
			if data, err := configfile.Write(json.RawMessage(config), configfile.Format(format)); err == nil {
				t.Errorf("%s as %s: %q", config, format, data)
			}
		}
	}
	if data, err := configfile.Write(json.RawMessage(`{}`), "toml"); err == nil {
		t.Errorf("an unknown format: %q", data)
	}
}

func TestTheFormatIsTheEndOfThePath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]configfile.Format{
		"": "", "stage": "", "env": "", "stage.env.txt": "", "stage.ENV": "", "stage.env/": "", "a.env/b": "", "stage.toml": "",
		".env": configfile.Dotenv, "out/stage.env": configfile.Dotenv, "a.json": configfile.JSON, "a.yml": configfile.YAML, "a/b.c.yaml": configfile.YAML,
	} {
		if got, ok := configfile.FormatOf(path); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t; want %q", path, got, ok, want)
		}
	}
}

// sample has every type, and texts that a reader could take for something else.
const sample = `{"z":1,"debug":true,"log-level":"info","limits":{"mem.max":"512m","ratio":0.5,"none":{}},"hosts":["a<b","x y"],"empty":"","list":[],` +
	`"greeting":"it's","price":"$5 a \"piece\"","tick":"` + "`date`" + `","path_on_windows":"C:\\temp","hash":"a #b","tilde":"~/x","bang":"wow!","on":"yes","null_text":"null","digits":"010","glyph":"grün 🛡️"}`

func TestFilesAreWrittenLikeThis(t *testing.T) {
	t.Parallel()
	for format, want := range map[configfile.Format]string{
		configfile.Dotenv: `BANG='wow!'
DEBUG=true
DIGITS=010
EMPTY=
GLYPH='grün 🛡️'
GREETING="it's"
HASH='a #b'
HOSTS='["a<b","x y"]'
LIMITS_MEM_MAX=512m
LIMITS_RATIO=0.5
LIST='[]'
LOG_LEVEL=info
NULL_TEXT=null
ON=yes
PATH_ON_WINDOWS='C:\temp'
PRICE='$5 a "piece"'
TICK='` + "`date`" + `'
TILDE='~/x'
Z=1
`,
		configfile.YAML: `bang: "wow!"
debug: true
digits: "010"
empty: ""
glyph: "grün 🛡️"
greeting: "it's"
hash: "a #b"
hosts:
- "a<b"
- "x y"
limits:
  "mem.max": "512m"
  none: {}
  ratio: 0.5
list: []
log-level: "info"
null_text: "null"
"on": "yes"
path_on_windows: "C:\\temp"
price: "$5 a \"piece\""
tick: "` + "`date`" + `"
tilde: "~/x"
z: 1
`,
	} {
		got, err := configfile.Write(json.RawMessage(sample), format)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
	for format, want := range map[configfile.Format]string{configfile.Dotenv: "", configfile.JSON: "{}\n", configfile.YAML: "{}\n"} {
		for _, nothing := range []string{"", "{}"} {
			if got, err := configfile.Write(json.RawMessage(nothing), format); err != nil || string(got) != want {
				t.Errorf("nothing as %s: %q, %v", format, got, err)
			}
		}
	}
}

// read is a configuration as any reader of JSON has it.
func read(t require, data []byte) map[string]any {
	t.Helper()
	value := map[string]any{}
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

type require interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// flat is what a dotenv file has to say, worked out another way than the program
// does.
func flat(prefix string, config map[string]any) map[string]string {
	all := map[string]string{}
	for key, value := range config {
		name := prefix + strings.NewReplacer("-", "_", ".", "_").Replace(key)
		switch value := value.(type) {
		case map[string]any:
			for deeper, text := range flat(name+"_", value) {
				all[deeper] = text
			}
		case string:
			all[strings.ToUpper(name)] = value
		default:
			var out strings.Builder
			encoder := json.NewEncoder(&out)
			encoder.SetEscapeHTML(false)
			_ = encoder.Encode(value)
			all[strings.ToUpper(name)] = strings.TrimSpace(out.String())
		}
	}
	return all
}

// bash returns what bash has after it sourced the file, or skips.
func bash(t require, folder string, file []byte) map[string]string {
	t.Helper()
	name := filepath.Join(folder, "stage.env")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("bash", "--norc", "-eu", "-c", `set -a; . "$1"; set +a; exec env -0`, "bash", name)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nowhere"}
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("bash: %v\n%s\n%s", err, out, file)
	}
	all := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		key, value, _ := strings.Cut(line, "=")
		switch key {
		case "PATH", "HOME", "PWD", "OLDPWD", "SHLVL", "_", "SHELLOPTS":
		default:
			all[key] = value
		}
	}
	return all
}

func needBash(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("bash is missing: nothing reads the dotenv files back")
		}
		t.Skip("SKIPPED: bash is missing, nothing reads the dotenv files back")
	}
}

func TestBashReadsBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	needBash(t)
	folder := t.TempDir()
	file, err := configfile.Write(json.RawMessage(sample), configfile.Dotenv)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(flat("", read(t, []byte(sample))), bash(t, folder, file)); diff != "" {
		t.Errorf("bash (-want +got):\n%s", diff)
	}
}

// Names that bash keeps for itself are not written: what is read back would be
// something else.
func TestNoVariableOfBashIsWritten(t *testing.T) {
	t.Parallel()
	needBash(t)
	folder := t.TempDir()
	for name := range strings.FieldsSeq("BASH BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_CMDS BASH_COMMAND BASH_ENV BASH_LINENO BASH_SOURCE " +
		"BASH_SUBSHELL BASH_VERSINFO COLUMNS COMP_WORDBREAKS COPROC DIRSTACK ENV EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME FUNCNEST GLOBIGNORE GROUPS HISTCMD HOSTNAME " +
		"IFS LINENO LINES MACHTYPE MAPFILE OPTARG OPTERR OPTIND OSTYPE PIPESTATUS POSIXLY_CORRECT PPID RANDOM REPLY SECONDS SHELLOPTS SHLVL SRANDOM TIMEFORMAT TMOUT UID _") {
		file, err := configfile.Write(json.RawMessage(`{"`+name+`":5}`), configfile.Dotenv)
		if err != nil {
			continue // that is fine: another format holds it
		}
		if got := bash(t, folder, file)[name]; got != "5" {
			t.Errorf("%s is written, and bash has %q", name, got)
		}
	}
}

// configs are configurations as policies can have them.
func configs() *rapid.Generator[map[string]any] {
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("a1 '\"$`\\#=~!*{}[]()<>|&;:,.%@+-_/ü\t\n"))))
	key := rapid.OneOf(rapid.StringMatching(`[a-z][a-z0-9_.-]{0,6}`), rapid.String())
	scalar := rapid.OneOf(rapid.Map(text, func(s string) any { return s }), rapid.Map(rapid.IntRange(-9999, 9999), func(i int) any { return float64(i) }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }))
	value := rapid.OneOf(scalar, rapid.Map(rapid.SliceOfN(scalar, 0, 3), func(list []any) any { return append([]any{}, list...) }),
		rapid.Map(rapid.MapOfN(key, scalar, 0, 3), func(object map[string]any) any { return object }))
	return rapid.MapOfN(key, value, 0, 5)
}

// What a format cannot hold is an error; all else is read back as it was.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	needBash(t)
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		config, err := json.Marshal(configs().Draw(t, "config"))
		if err != nil {
			t.Fatal(err)
		}
		want := read(t, config)
		for _, format := range []configfile.Format{configfile.JSON, configfile.YAML} {
			sameAgain(t, config, format, want)
		}
		file, err := configfile.Write(config, configfile.Dotenv)
		if err != nil {
			return
		}
		if diff := cmp.Diff(flat("", want), bash(t, folder, file)); diff != "" {
			t.Fatalf("bash reads another thing (-want +got):\n%s\n%s", diff, file)
		}
	})
}

// sameAgain reads a file of JSON or YAML back and writes it once more.
func sameAgain(t require, config json.RawMessage, format configfile.Format, want map[string]any) {
	t.Helper()
	file, err := configfile.Write(config, format)
	if err != nil {
		t.Fatal(err)
	}
	if len(file) == 0 || file[len(file)-1] != '\n' {
		t.Fatalf("%s: no line break at the end of %q", format, file)
	}
	load := map[configfile.Format]func([]byte, any) error{
		configfile.JSON: json.Unmarshal,
		configfile.YAML: func(data []byte, into any) error { return yaml.Unmarshal(data, into) },
	}[format]
	var loaded map[string]any
	if err := load(file, &loaded); err != nil {
		t.Fatalf("%s: %v\n%s", format, err, file)
	}
	back, err := json.Marshal(loaded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read(t, back)); diff != "" {
		t.Fatalf("%s reads back as another thing (-want +got):\n%s\n%s", format, diff, file)
	}
	if again, err := configfile.Write(back, format); err != nil || string(again) != string(file) {
		t.Fatalf("%s is not the same again: %v\n%s\n%s", format, err, file, again)
	}
}

func FuzzWrite(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"a":{"b":["\u2028","` + "`" + `$(x)"]}}`))
	f.Fuzz(func(t *testing.T, config []byte) {
		var value map[string]any
		if json.Unmarshal(config, &value) != nil {
			t.Skip("no configuration")
		}
		for _, format := range configfile.Formats() {
			file, err := configfile.Write(config, configfile.Format(format))
			again, errAgain := configfile.Write(config, configfile.Format(format))
			if string(file) != string(again) || (err == nil) != (errAgain == nil) {
				t.Fatalf("two answers: %v, %v", err, errAgain)
			}
			if err == nil && format == string(configfile.Dotenv) {
				checkLines(t, string(file))
			}
		}
	})
}

// checkLines sees to it that nothing in a dotenv file is for bash to run or to
// put something in for.
func checkLines(t *testing.T, file string) {
	t.Helper()
	for line := range strings.Lines(file) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !ok || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != "" || name == "" {
			t.Fatalf("a line that is no assignment: %q", line)
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(value, "'"), "'")
		switch {
		case strings.HasPrefix(value, "'") && !strings.Contains(inside, "'") && len(value) >= 2:
		case strings.HasPrefix(value, `"`) && len(value) >= 2 && strings.Count(value, `"`) == 2 && !strings.ContainsAny(value, "$`\\"):
		case !strings.ContainsAny(value, " '\"$`\\#~!*?{}[]()<>|&;"):
		default:
			t.Fatalf("a value that is not literal: %q", line)
		}
	}
}

// Lists of lists and of maps, and texts of every character that YAML can hold.
func TestDeepYAMLIsReadBack(t *testing.T) {
	t.Parallel()
	texts := rapid.StringOf(rapid.Rune().Filter(func(char rune) bool { return char != utf8.RuneError }))
	var value *rapid.Generator[any]
	value = rapid.Deferred(func() *rapid.Generator[any] {
		return rapid.OneOf(
			texts.AsAny(), rapid.Bool().AsAny(), rapid.IntRange(-9, 1<<40).AsAny(),
			rapid.SliceOfN(value, 0, 3).AsAny(), rapid.MapOfN(texts, value, 0, 3).AsAny(),
		)
	})
	rapid.Check(t, func(t *rapid.T) {
		config, err := json.Marshal(rapid.MapOfN(texts, value, 0, 4).Draw(t, "config"))
		if err != nil {
			t.Fatal(err)
		}
		sameAgain(t, config, configfile.YAML, read(t, config))
	})
}
