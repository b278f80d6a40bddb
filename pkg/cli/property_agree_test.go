package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// decided is what the command line and the action have to agree on.
type decided struct {
	Decision string           `json:"decision"`
	Code     string           `json:"reason_code"`
	Subject  decidedSubject   `json:"subject"`
	Stage    *decidedStage    `json:"stage"`
	Version  string           `json:"version"`
	Findings []decidedFinding `json:"findings"`
	Exit     int              `json:"-"`
}

type (
	decidedSubject struct{ Repository, Ref, SHA string }
	decidedStage   struct{ Name, Environment string }
	decidedFinding struct{ Gate, Mode, Outcome, Code string }
)

func decidedBy(t *testing.T, result string, code int) decided {
	t.Helper()
	read := decided{Exit: code}
	if err := json.Unmarshal([]byte(result), &read); err != nil {
		t.Fatalf("read %q: %v", result, err)
	}
	return read
}

// outsideOfARun is what a scene has that no person at a command line has: an input
// that names a commit, an event of its own, somebody who started the run again, or
// jobs of its own run.
func (p *playable) outsideOfARun(right decided) bool {
	for name := range p.inputs {
		if !slices.Contains([]string{"INPUT_STAGE", "INPUT_ROLLBACK", "INPUT_BREAK-GLASS", "INPUT_PEOPLE-TOKEN", "INPUT_POLICY"}, name) {
			return false
		}
	}
	own := func(each githubtest.Check) bool { return each.RunID == 9001 }
	if slices.ContainsFunc(p.world.Checks, own) || strings.Contains(fmt.Sprint(p.world.Deployments), "9001") {
		return false
	}
	if p.env["GITHUB_ACTOR"] != p.env["GITHUB_TRIGGERING_ACTOR"] || p.env["GITHUB_RUN_ATTEMPT"] != "1" || p.scene.event.Commit != "" || p.env["GITHUB_REF"] != p.scene.event.Ref {
		return false
	}
	return right.Code != "" && right.Stage != nil && !strings.HasPrefix(right.Code, "ref.") && !strings.HasPrefix(right.Code, "policy.")
}

// onTheCommandLine asks `stageward gate` what the action was asked.
func (p *playable) onTheCommandLine(t *testing.T, how change) (decided, string) {
	t.Helper()
	args := []string{
		"gate", "--repo", p.world.Repository, "--ref", p.env["GITHUB_REF"], "--actor", p.env["GITHUB_ACTOR"], "--format", "json",
		"--workflow", strings.TrimPrefix(strings.TrimSuffix(p.env["GITHUB_WORKFLOW_REF"], "@"+p.env["GITHUB_REF"]), p.world.Repository+"/"), "--policy", p.env["INPUT_POLICY"],
	}
	for input, flag := range map[string]string{"INPUT_STAGE": "--stage", "INPUT_BREAK-GLASS": "--break-glass"} {
		if value := p.inputs[input]; value != "" {
			args = append(args, flag, value)
		}
	}
	if p.inputs["INPUT_ROLLBACK"] == "true" {
		args = append(args, "--rollback")
	}
	code, stdout, stderr, _ := p.run(t, how, p.env, args...)
	if stdout == "" {
		t.Errorf("%s: %v says nothing: %d %s", p.name, args, code, stderr)
		return decided{Exit: code}, ""
	}
	return decidedBy(t, stdout, code), stdout
}

// disagreement compares the command line with the action, or returns "".
func (p *playable) disagreement(t *testing.T, right outcome) string {
	t.Helper()
	action := decidedBy(t, right.outputs["result"], right.code)
	if !p.outsideOfARun(action) {
		return ""
	}
	person, _ := p.onTheCommandLine(t, nil)
	return gocmp.Diff(action, person)
}

// replayed saves the facts of a run and decides from them again. Nothing may be
// asked of GitHub then, and the decision has to be the same.
func (p *playable) replayed(t *testing.T) (right, again decided, all string) {
	t.Helper()
	saving := p.saving()
	out := saving.act(t, nil)
	path := filepath.Join(t.TempDir(), "facts.json")
	if err := os.WriteFile(path, []byte(out.facts), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr, asked := saving.run(t, nil, map[string]string{}, "gate", "--facts", path, "--format", "json")
	if len(asked) > 0 || stdout == "" {
		t.Fatalf("%s: asked %v and said %q %q", p.name, asked, stdout, stderr)
	}
	return decidedBy(t, out.outputs["result"], out.code), decidedBy(t, stdout, code), stdout
}

// saving is the same scene, in which the step saves the facts.
func (p *playable) saving() *playable {
	other := &playable{scene: p.scene, server: p.server, env: maps.Clone(p.env), event: p.event, answers: map[string]*reply{}}
	other.env["INPUT_SAVE-FACTS"] = "facts.json"
	return other
}

// TestTheCommandLineAgreesWithTheAction: ENV-10. What a person is told on a
// laptop is what the run is told, and what the stored facts say later.
func TestTheCommandLineAgreesWithTheAction(t *testing.T) {
	t.Parallel()
	for _, each := range append(presetScenes(), append(allowedScenes(t), refusedScenes(t)...)...) {
		if !someOf(15, 1, "agree", each.name) && !slices.Contains(rich, each.name) {
			continue
		}
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			p := mustBuild(t, each)
			right := p.act(t, nil)
			if diff := p.disagreement(t, right); diff != "" {
				t.Errorf("%s: the action (-) and the command line (+) disagree:\n%s", each.name, diff)
			}
			before := decidedBy(t, right.outputs["result"], right.code)
			if before.Subject.SHA == "" {
				return // there were no facts
			}
			saved, again, text := p.replayed(t)
			if diff := gocmp.Diff(before, saved) + gocmp.Diff(saved, again); diff != "" {
				t.Errorf("%s: the run, the run that saves (-), the replay (+):\n%s", each.name, diff)
			}
			if !strings.Contains(text, `"replayed": true`) {
				t.Errorf("%s: the replay does not say that it is one: %s", each.name, fmt.Sprint(text))
			}
		})
	}
}
