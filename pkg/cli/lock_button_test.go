package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/cli"
)

// TestTheLockButtonUsesFlagsThatAreThere reads the commands of the shipped
// workflow: each of their flags has to be one of the command's.
func TestTheLockButtonUsesFlagsThatAreThere(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("..", "..", "examples", "lock.yml"))
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)cmd/stageward@\$STAGEWARD" (lock|unlock) (.*)$`).FindAllStringSubmatch(string(source), -1)
	if len(commands) != 2 {
		t.Fatalf("found %d commands, want one to lock and one to unlock", len(commands))
	}
	for _, command := range commands {
		var help bytes.Buffer
		cli.Main(t.Context(), []string{command[1], "--help"}, cli.System{
			Getenv: func(string) string { return "" }, Stdout: &help, Stderr: &help, Now: time.Now,
		})
		for _, flag := range regexp.MustCompile(`--[a-z]+`).FindAllString(command[2], -1) {
			if !strings.Contains(help.String(), flag+" ") {
				t.Errorf("%s has no flag %s:\n%s", command[1], flag, help.String())
			}
		}
	}
}
