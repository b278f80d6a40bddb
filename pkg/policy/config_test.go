package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// No message, hint or excerpt shows a secret, wherever else the file is wrong. Only
// a text that is no YAML cannot be looked through, and nothing is found in it.
func TestASecretIsNotShown(t *testing.T) {
	t.Parallel()
	const mark = "REDACTME"
	text := string(read(t, corpus+"/err/config-secrets.yml"))
	if strings.Count(text, mark) < 9 {
		t.Fatal("the corpus has too few secrets")
	}
	lines := strings.Split(text, "\n")
	for i := range lines { // something is wrong in each line in turn
		broken := slices.Clone(lines)
		broken[i] += " &anchor"
		for _, source := range []string{text, strings.Join(broken, "\n")} {
			_, err := policy.Parse("policy.yml", []byte(source), gate.All())
			if err == nil {
				t.Fatalf("accepted:\n%s", source)
			}
			if found := strings.Index(err.Error(), mark); found >= 0 && strings.Contains(err.Error(), "holds a") {
				t.Errorf("line %d: the error shows a secret:\n%s", i+1, err)
			}
		}
	}
}

// A password of digits is a number to YAML, and no less a secret.
func TestANumberCanBeASecret(t *testing.T) {
	t.Parallel()
	for value, says := range map[string]string{"password: 12345678": `"password" of the config of the stage "prod" holds a secret`, "pins: { db_password: [12345678] }": "holds a secret", "password_length: 12": "", "max_token: 4096": "", "pass: 2": "", "password: true": ""} {
		_, err := policy.Parse("policy.yml", []byte("version: 1\nstages: [{ name: prod, from: { tags: [v*] }, gates: { signed-tag: {} }, config: { "+value+" } }]\n"), gate.All())
		if (err != nil) != (says != "") || err != nil && (!strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "12345678")) {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// A secret in one file hides the lines of that file, and of no other.
func TestWithoutASecretTheLineIsShown(t *testing.T) {
	t.Parallel()
	_, err := policy.Parse("policy.yml", []byte("version: 1\npreset: three-stage\nstages: [{ name: prod, config: { token_ttl: yes } }]\n"), gate.All())
	if err == nil || !strings.Contains(err.Error(), "    3 | stages: [{ name: prod") {
		t.Errorf("no excerpt: %v", err)
	}
}

// values are small configurations, so that many of them are alike.
func values(depth int) *rapid.Generator[any] {
	leaves := rapid.SampledFrom([]any{"x", "y", 1, 2, true, []any{}, []any{"x", 1}})
	if depth == 0 {
		return leaves
	}
	return rapid.OneOf(leaves, rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), values(depth-1), 0, 2), func(m map[string]any) any { return m }))
}

// typesOf returns the type at each path that is not let free.
func typesOf(prefix string, value any, free []string, types map[string]string) {
	object, _ := value.(map[string]any)
	for key, below := range object {
		path := prefix + key
		if slices.Contains(free, path) {
			continue
		}
		types[path] = strings.TrimRight(fmt.Sprintf("%T", below), "0123456789")
		typesOf(path+".", below, free, types)
	}
}

func pathsIn(configs []map[string]any) []string {
	types := map[string]string{}
	for _, each := range configs {
		typesOf("", each, nil, types)
	}
	return slices.Sorted(maps.Keys(types))
}

// Whoever reads the configurations one by one finds them alike exactly where the
// policy is accepted.
func TestConfigurationsAreAlikeOrRefused(t *testing.T) {
	t.Parallel()
	accepted, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		top := rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), values(2), 1, 2)
		first := top.Draw(t, "first")
		configs := []map[string]any{first}
		for range rapid.IntRange(1, 3).Draw(t, "others") {
			configs = append(configs, rapid.OneOf(rapid.Just(first), top, rapid.Just(map[string]any(nil))).Draw(t, "other"))
		}
		free := rapid.SliceOfNDistinct(rapid.SampledFrom(pathsIn(configs)), 0, 2, rapid.ID).Draw(t, "free")

		var stages []map[string]any
		alike := true
		want := map[string]string{}
		typesOf("", first, free, want)
		for i, config := range configs {
			stage := map[string]any{"name": fmt.Sprintf("s%d", i), "from": map[string]any{"branches": []string{fmt.Sprint("b", i)}}, "unrestricted": true}
			if config != nil {
				stage["config"] = config
			}
			stages = append(stages, stage)
			got := map[string]string{}
			typesOf("", config, free, got)
			alike = alike && maps.Equal(want, got)
		}
		file := map[string]any{"version": 1, "stages": stages}
		if len(free) > 0 {
			file["config-may-differ"] = free
		}
		source, err := json.Marshal(file) // JSON is YAML
		if err != nil {
			t.Fatal(err)
		}
		_, err = policy.Parse("policy.yml", source, gate.All())
		if alike != (err == nil) {
			t.Fatalf("alike: %t, of\n%s\n%v", alike, source, err)
		}
		if alike {
			accepted++
		} else {
			refused++
		}
	})
	if accepted == 0 || refused == 0 {
		t.Errorf("%d accepted and %d refused prove nothing", accepted, refused)
	}
}
