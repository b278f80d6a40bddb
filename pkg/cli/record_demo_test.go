package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

// plantedToken looks like a token of GitHub's; it opens nothing.
const plantedToken = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"

// planted puts words into a world that may not be in what is recorded of it.
var planted = strings.NewReplacer(
	"title: Show the total in the cart", "title: Zanzibar pays Olga with "+plantedToken,
	"title: Show the total, closed", "title: Quokka asks @ben, closed",
	"The cart shows the total of what is in it, taxes and all.", "Walrus gets the discount that @cleo and olga promised.\n\n      \\e[31mxylophone\\e[0m, see https://crm.example.com/customers/mastodon?id=77",
	"Rita leads, Olga deploys.", "Rita Narwhal leads, call platypus@shop.example.",
	`message: "Totals in the cart"`, `message: "Okapi wants totals, CHG-1234"`,
	`message: "Merge pull request #7 from acme/dev"`, `message: "Merge pull request #7 from acme/dev for Capybara"`,
)

var plantedWords = []string{
	plantedToken, "zanzibar", "quokka", "walrus", "xylophone", "crm.example.com", "mastodon", "narwhal", "platypus", "okapi", "capybara",
	"discount", "@example.com", "users.noreply.github.com",
}

// demoScenes are the runs of the demonstration that decide.
func demoScenes(t *testing.T) []scene {
	t.Helper()
	var scenes []scene
	for file, events := range map[string][]githubtest.Event{
		"world.yml": {
			{Ref: "refs/heads/dev", Actor: "ben"},
			{Ref: "refs/heads/main", Actor: "olga"},
			{Ref: "refs/tags/v1.4.0", Actor: "olga"},
			{Ref: "refs/tags/v1.5.0", Actor: "max"},
			{Ref: "refs/tags/v1.6.0", Actor: "max"},
			{Name: "workflow_dispatch", Ref: "refs/heads/hotfix", Actor: "max"},
			{Ref: "refs/tags/v1.7.0", Actor: "pia"},
		},
		"release.yml": {{Ref: "refs/tags/v1.4.0", Actor: "olga"}, {Ref: "refs/tags/v1.3.0", Actor: "olga"}},
	} {
		source, err := os.ReadFile(filepath.Join("..", "..", "cmd", "demo", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range events {
			scenes = append(scenes, scene{
				name: file + " " + event.Ref, source: planted.Replace(string(source)), event: event,
				inputs: map[string]string{"INPUT_SAVE-FACTS": "facts.json"},
			})
		}
	}
	return scenes
}

func stageward(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Main(t.Context(), args, cli.System{
		Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &errs, Now: func() time.Time { return time.Time{} }, Random: constant{},
	})
	return code, out.String(), errs.String()
}

// Every run of the demonstration can be recorded, the scenario holds, and of what was
// planted there is nothing in it.
func TestRunsOfTheDemoAreRecorded(t *testing.T) {
	t.Parallel()
	for _, each := range demoScenes(t) {
		told, err := each.read()
		if err != nil {
			t.Fatal(err)
		}
		stored := mustBuild(t, told).act(t, nil).facts
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			recordDemo(t, stored)
		})
	}
}

func recordDemo(t *testing.T, stored string) {
	t.Helper()
	facts, err := fact.Unmarshal([]byte(stored))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "facts.json"), stored)
	write(t, filepath.Join(folder, "stageward.yml"), facts.Policy.OrZero().Text)
	file := filepath.Join(folder, "stageward.test.yml")
	for _, flags := range [][]string{{"--name", "The first"}, {"--name", "The second", "--keep-text"}} {
		args := append([]string{"test", "--record", filepath.Join(folder, "facts.json"), file}, flags...)
		if code, stdout, stderr := stageward(t, args...); code != 0 {
			t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
		}
	}
	if code, stdout, stderr := stageward(t, "test", file); code != 0 || !strings.Contains(stdout, "2 of 2 scenarios hold") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	first := content(t, filepath.Join(folder, "stageward-facts", "the-first.json"))
	for _, word := range plantedWords {
		if strings.Contains(strings.ToLower(first), strings.ToLower(word)) {
			t.Errorf("%q is still there:\n%.2000s", word, lineWith(first, word))
		}
	}
	for _, person := range facts.Access {
		if number := person.OrZero().Person; number.ID != 0 && strings.Contains(first, jsonNumber(number.ID)) {
			t.Errorf("the number of %s is still there", number.Login)
		}
	}
	second := content(t, filepath.Join(folder, "stageward-facts", "the-second.json"))
	for _, word := range []string{plantedToken, "platypus", "@example.com", "@ben", "@cleo", "pays olga"} {
		if strings.Contains(strings.ToLower(second), strings.ToLower(word)) {
			t.Errorf("with --keep-text, %q is still there:\n%.2000s", word, lineWith(second, word))
		}
	}
	if strings.Contains(stored, "Walrus") && !strings.Contains(second, "Walrus") {
		t.Error("with --keep-text, the text of the release is gone")
	}
}

func jsonNumber(number int64) string { return `"id": ` + strconv.FormatInt(number, 10) + "," }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
