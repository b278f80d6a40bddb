package configfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
)

// VariableName returns the name of a value in a dotenv file: the keys on the way
// to it, joined by "_", in upper case, with "_" for "-" and ".". Two values of
// one configuration can have one name, and not every name can be written.
func VariableName(keys []string) string {
	return strings.Map(func(char rune) rune {
		switch {
		case char >= 'a' && char <= 'z': // no other letter becomes one of ASCII
			return char - 'a' + 'A'
		case char == '-' || char == '.':
			return '_'
		}
		return char
	}, strings.Join(keys, "_"))
}

// variable is one line of a dotenv file.
type variable struct {
	name, value string
	keys        []string
}

// writeDotenv writes only what each reader reads alike: bash, dotenv of node and
// of Python. docs/configuration.md says which differences are kept out.
func writeDotenv(config map[string]any) ([]byte, error) {
	variables, err := flatten(nil, config)
	if err != nil {
		return nil, err
	}
	order.By(variables, func(a, b variable) int { return strings.Compare(a.name, b.name) })
	var out bytes.Buffer
	for i, each := range variables {
		if i > 0 && variables[i-1].name == each.name {
			return nil, fmt.Errorf("write %s as dotenv: %s is %s, too; rename one of the two", pathOf(each.keys), pathOf(variables[i-1].keys), each.name)
		}
		if err := checkName(each.name); err != nil {
			return nil, fmt.Errorf("write %s as dotenv: %w", pathOf(each.keys), err)
		}
		quoted, err := quote(each.value)
		if err != nil {
			return nil, fmt.Errorf("write %s as dotenv: %w", pathOf(each.keys), err)
		}
		fmt.Fprintf(&out, "%s=%s\n", each.name, quoted)
	}
	return out.Bytes(), nil
}

// flatten returns each value that is no map. A list is one value, as JSON.
func flatten(keys []string, config map[string]any) ([]variable, error) {
	var all []variable
	for _, key := range sortedKeys(config) {
		below := append(slices.Clone(keys), key)
		found := variable{name: VariableName(below), keys: below}
		switch value := config[key].(type) {
		case map[string]any:
			deeper, err := flatten(below, value)
			if err != nil {
				return nil, err
			}
			all = append(all, deeper...)
			continue
		case string:
			found.value = value
		case json.Number:
			found.value = value.String()
		case bool:
			found.value = strconv.FormatBool(value)
		default:
			text, err := writeJSON(value, "")
			if err != nil {
				return nil, err
			}
			found.value = strings.TrimSuffix(string(text), "\n")
		}
		all = append(all, found)
	}
	return all, nil
}

func pathOf(keys []string) string { return strconv.QuoteToGraphic(strings.Join(keys, ".")) }

var (
	variableName = lazy.New(`^[A-Z_][A-Z0-9_]*$`)

	// reserved are variables that bash sets or reads itself, that change which
	// programs and libraries are found, or that the runner keeps for itself: a
	// step that reads such a line would not have the value, or would break.
	reserved = lazy.New(`^(_|PATH|HOME|PWD|OLDPWD|CDPATH|IFS|ENV|SHELL|SHELLOPTS|SHLVL|UID|EUID|PPID|GROUPS|RANDOM|SRANDOM|SECONDS|` +
		`EPOCHSECONDS|EPOCHREALTIME|LINENO|OPTARG|OPTIND|OPTERR|DIRSTACK|PIPESTATUS|FUNCNAME|FUNCNEST|HISTCMD|POSIXLY_CORRECT|TMOUT|` +
		`PS[0-4]|LC_[A-Z]+|LANG|BASH(OPTS|PID|_.*)?|COMP_.*|LD_.*|DYLD_.*|GITHUB_.*|RUNNER_.*|ACTIONS_.*|INPUT_.*|NODE_OPTIONS)$`)

	errName     = errors.New(`a name of a variable has letters, digits and "_", and begins with no digit; rename the key, or take another format`)
	errReserved = errors.New("the shell, the system or the runner has a variable of that name; rename the key, or take another format")
	errLines    = errors.New("the value has a line break or another control character, which readers of dotenv read differently; take another format")
	errQuotes   = errors.New(`the value has ' and one of " $ \ and the backtick, and readers of dotenv agree on no way to write both; take another format`)
	errSlash    = errors.New(`the value has \ at its end or twice in a row, which readers of dotenv read differently; take another format`)
	errExpand   = errors.New("the value has ${, for which some readers of dotenv put in a variable; take another format")
)

func checkName(name string) error {
	switch {
	case !variableName.MatchString(name):
		return errName
	case reserved.MatchString(name):
		return fmt.Errorf("%s: %w", name, errReserved)
	}
	return nil
}

// bare is a value that needs no quotes. Even docker --env-file reads it, which
// keeps quotes as a part of the value.
var bare = lazy.New(`^[A-Za-z0-9_./:@%+,=-]*$`)

// quote returns a value as all readers read it back, or says why there is no
// such way. In single quotes nothing is special to bash, but Python reads \\ and
// \' there, and ${NAME}; in double quotes all agree where nothing is special.
func quote(value string) (string, error) {
	switch {
	case bare.MatchString(value):
		return value, nil
	case strings.ContainsFunc(value, breaks):
		return "", errLines
	case strings.Contains(value, "${"):
		return "", errExpand
	case !strings.Contains(value, "'") && (strings.Contains(value, `\\`) || strings.HasSuffix(value, `\`)):
		return "", errSlash
	case !strings.Contains(value, "'"):
		return "'" + value + "'", nil
	case strings.ContainsAny(value, "\"$\\`"):
		return "", errQuotes
	}
	return `"` + value + `"`, nil
}

// breaks tells characters that end a line, or could end a value, to some reader.
func breaks(char rune) bool { return unicode.In(char, unicode.Cc, unicode.Zl, unicode.Zp) }
