package cli_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/stageward/stageward/pkg/githubtest"
)

// storyScenes are the runs of the action in all stories: more worlds, and odder
// ones, than anybody would write for a property. Those are left out that need
// what a story did before, or whose world has faults of its own.
var storyScenes = sync.OnceValues(func() ([]scene, error) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "testdata", "script", "*.txtar"))
	if err != nil {
		return nil, err
	}
	var all []scene
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, teller{name: strings.TrimSuffix(filepath.Base(path), ".txtar")}.tell(txtar.Parse(source))...)
	}
	return all, nil
})

// tooLarge stands for a file that a story makes larger than is worth playing.
const tooLarge = "# grown"

// teller follows a story as far as it makes worlds and events.
type teller struct {
	name   string
	files  map[string]string
	stdout string
	world  string // its source; "" for none that can be played
	event  *scene
	scenes []scene
	// changed is true once the story did something to its GitHub that is not
	// followed here.
	changed bool
}

func (s teller) tell(archive *txtar.Archive) []scene {
	s.files = map[string]string{}
	for _, file := range archive.Files {
		s.files[file.Name] = string(file.Data)
	}
	for line := range strings.Lines(string(archive.Comment)) {
		s.follow(words(line))
	}
	return s.scenes
}

// words splits a line as a story has it: at spaces, single quotes keep together.
func words(line string) []string {
	var all []string
	line, _, _ = strings.Cut(" "+strings.TrimSpace(line), " #")
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			if len(all) > 0 && !strings.HasSuffix(strings.Split(line, "'")[i-1], " ") {
				all[len(all)-1] += part
				continue
			}
			all = append(all, part)
			continue
		}
		all = append(all, strings.Fields(part)...)
	}
	return all
}

func (s *teller) follow(line []string) {
	if len(line) < 2 {
		return
	}
	switch line[0] {
	case "exec":
		if line[1] == "cat" {
			s.stdout = ""
			for _, name := range line[2:] {
				s.stdout += s.files[name]
			}
		}
	case "cp":
		s.files[line[2]] = s.files[line[1]]
		if line[1] == "stdout" {
			s.files[line[2]] = s.stdout
		}
	case "grow":
		s.files[line[1]] = tooLarge
	case "github":
		s.begin(line[1])
	case "event":
		s.happen(line[1:])
	case "try":
		s.changed = s.changed || len(line) > 2 && line[2] != "gate" && line[2] != "lint" && line[2] != "explain"
	case "env":
		s.changed = s.changed || !strings.HasPrefix(line[1], "STAGEWARD_")
	case "act":
		s.play(line[1])
	}
}

func (s *teller) begin(file string) {
	s.world, s.event, s.changed = s.files[file], nil, false
	if strings.Contains(s.world, "faults:") || strings.Contains(s.world, tooLarge) {
		s.world = ""
	}
}

func (s *teller) happen(args []string) {
	s.event = nil
	if len(args) < 3 {
		return
	}
	told := scene{event: githubtest.Event{Name: args[0], Ref: args[1], Actor: args[2]}, inputs: map[string]string{}}
	for _, pair := range args[3:] {
		key, value, _ := strings.Cut(pair, "=")
		switch key {
		case "triggering-actor":
			told.event.TriggeringActor = value
		case "commit":
			told.event.Commit = value
		case "attempt":
			attempt, err := strconv.Atoi(value)
			if err != nil {
				return
			}
			told.event.Attempt = attempt
		default:
			if strings.Contains(strings.ReplaceAll(value, "$PEOPLE_TOKEN", ""), "$") {
				return // the story knows what it stands for
			}
			told.inputs[key] = value
		}
	}
	for name := range told.inputs {
		if name == "INPUT_COMMAND" || name == "INPUT_SAVE-FACTS" || name == "INPUT_FAIL-ON" || name == "INPUT_TOKEN" || name == "INPUT_CONFIG-FILE" {
			return // not a decision, or one that is shown another way
		}
	}
	s.event = &told
}

func (s *teller) play(code string) {
	if s.world == "" || s.event == nil || s.changed {
		return
	}
	told := *s.event
	told.source = s.world
	told.name = s.name + "/" + strconv.Itoa(len(s.scenes)+1)
	told.code, _ = strconv.Atoi(code)
	s.scenes = append(s.scenes, told)
}

// demo is a world of the demonstration.
func demo(t *testing.T, file string) githubtest.World {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "cmd", "demo", file))
	if err != nil {
		t.Fatal(err)
	}
	made, err := githubtest.ParseWorld(source)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
