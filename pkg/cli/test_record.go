package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/redact"
	"github.com/stageward/stageward/pkg/scenario"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

// recordedFolder is where facts are kept, beside the file of scenarios.
const recordedFolder = "stageward-facts"

// recording is a scenario that is made of a run that was real.
type recording struct {
	name    string
	rules   policy.Policy
	facts   fact.Set
	verdict verdict.Verdict
	report  redact.Report
	// texts says that titles and texts are kept.
	texts bool
}

// recordScenario makes a scenario of facts that a run has saved.
func (a *app) recordScenario(path string, flags testFlags) error {
	if strings.TrimSpace(flags.name) == "" {
		return errors.New("--record: say by --name what the scenario shows, such as --name 'the release of 1.4.0'")
	}
	facts, err := loadFacts(flags.record)
	if err != nil {
		return fmt.Errorf("%s: %w", flags.record, err)
	}
	if path, err = writtenFile(path); err != nil {
		return err
	}
	rules, err := recordedPolicy(facts, flags)
	if err != nil {
		return a.showProblems(err)
	}
	made, err := record(flags, rules, facts)
	if err != nil {
		return err
	}
	file, err := made.in(path, flags)
	if err != nil {
		return a.showProblems(err)
	}
	if err := file.write(); err != nil {
		return err
	}
	a.showRecording(made, file)
	return nil
}

// writtenFile returns the file behind a link, and sees to it that facts are kept beside
// that, and not where another link leads.
func writtenFile(path string) (string, error) {
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		linked, err := filepath.EvalSymlinks(path)
		if err != nil {
			return "", fmt.Errorf("%s is a link to a file that is not there, or cannot be read; name the file itself: %w", path, err)
		}
		path = linked
	}
	folder := filepath.Join(filepath.Dir(path), recordedFolder)
	if info, err = os.Lstat(folder); err == nil && !info.IsDir() {
		return "", fmt.Errorf("%s is not a folder, but a link or a file, and facts are kept beside the scenarios; take it away", folder)
	}
	return path, nil
}

// recordedPolicy returns the policy by which the run was decided, or the one that is
// asked for.
func recordedPolicy(facts fact.Set, flags testFlags) (policy.Policy, error) {
	if flags.policy != "" || flags.preset != "" {
		rules, _, err := testedPolicy("", "", flags)
		return rules, err
	}
	rules, err := policy.Load(facts.Policy, gate.All())
	var problems policy.Problems
	if err != nil && !errors.As(err, &problems) {
		err = fmt.Errorf("%s: the policy in the facts: %w; name one by --policy", flags.record, err)
	}
	return rules, err
}

// record redacts the facts that a policy asks for, and sees to it that it says the same
// of them.
func record(flags testFlags, rules policy.Policy, facts fact.Set) (recording, error) {
	if len(rules.Projects) > 0 && facts.Trigger.Project == "" {
		return recording{}, errors.New("the run was about all projects of the repository, and a scenario is about one; record a run with the input project")
	}
	needed := facts.Only(decide.NewPlan(rules, facts).Needs())
	needed.Policy = facts.Policy
	keep := redact.KeepOf(rules)
	keep.Texts = flags.keepText
	redacted, report, err := redact.Redact(needed, keep)
	if err != nil {
		return recording{}, err
	}
	before, after := whatif.Decide(rules, needed), whatif.Decide(rules, redacted)
	if differs := unlike(before, after); len(differs) > 0 {
		return recording{}, notTheSame(differs, report, flags)
	}
	return recording{name: flags.name, rules: rules, facts: redacted, verdict: after, report: report, texts: flags.keepText}, nil
}

// unlike says what a policy decides differently about two runs, one phrase each.
func unlike(before, after verdict.Verdict) []string {
	var differs []string
	if before.Decision != after.Decision || before.Code != after.Code || scenario.StageOf(before) != scenario.StageOf(after) {
		differs = append(differs, fmt.Sprintf("the decision is %s (%s) and would be %s (%s)", before.Decision, before.Code, after.Decision, after.Code))
	}
	if len(before.Findings) != len(after.Findings) {
		return append(differs, "other gates would be asked")
	}
	for i, each := range before.Findings {
		if other := after.Findings[i]; each.Gate != other.Gate || each.Outcome != other.Outcome || each.ReasonCode() != other.ReasonCode() {
			differs = append(differs, fmt.Sprintf("%s is %s (%s) and would be %s (%s)", each.Gate, each.Outcome, each.ReasonCode(), other.Outcome, other.ReasonCode()))
		}
	}
	return differs
}

// notTheSame is the error about facts that would say something else.
func notTheSame(differs []string, report redact.Report, flags testFlags) error {
	hint := "Titles and texts may matter here: --keep-text keeps them, without people and secrets that their form shows. Texts that are kept are as their writers wrote them: read them."
	if flags.keepText {
		hint = "Write the scenario by hand, with a run that is made up."
	}
	if len(report.Unlike) > 0 {
		hint = fmt.Sprintf("%s, and the key of a stand-in can only be good or unknown. %s", strings.Join(report.Unlike, ", "), "Write the scenario by hand: but: { without: [commit-signature] } or [tag-signature].")
	}
	return fmt.Errorf("nothing is written: without the people and texts the policy would say something else: %s. %s", strings.Join(differs, "; "), hint)
}

// recordingFile is a file of scenarios to which one is added, and the facts of that.
type recordingFile struct {
	path, factsPath string
	before, after   []byte
	facts           []byte
	// now is what the policy beside the file decides.
	now verdict.Verdict
}

// in adds the recording to a file of scenarios, in memory, and plays the result.
func (r recording) in(path string, flags testFlags) (recordingFile, error) {
	file := recordingFile{path: path}
	var err error
	if file.before, err = readLimited(path, maxPolicy); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return file, fmt.Errorf("read scenarios: %w", err)
	}
	known := scenario.File{}
	if file.before != nil {
		if known, err = scenario.Parse(path, file.before); err != nil {
			return file, err
		}
	}
	base, relative := r.place(path, known)
	file.factsPath = filepath.Join(filepath.Dir(path), filepath.FromSlash(relative))
	if file.facts, err = r.facts.Marshal(); err != nil {
		return file, err
	}
	if file.after, err = r.addTo(file.before, path, base, relative, flags); err != nil {
		return file, err
	}
	return file, r.prove(&file, known, relative, flags)
}

// place returns a name for the run and a path for its facts, from the folder of the
// file, that nothing has yet.
func (r recording) place(path string, known scenario.File) (base, relative string) {
	for number := 1; ; number++ {
		base = slug(r.name)
		if number > 1 {
			base = fmt.Sprintf("%s-%d", base, number)
		}
		relative = recordedFolder + "/" + base + ".json"
		_, err := os.Lstat(filepath.Join(filepath.Dir(path), filepath.FromSlash(relative)))
		if errors.Is(err, fs.ErrNotExist) && !known.Has(base) || err != nil && !errors.Is(err, fs.ErrNotExist) {
			return base, relative
		}
	}
}

// prove reads the new file as everybody will: it has what was there before, and one
// scenario more.
func (r recording) prove(file *recordingFile, known scenario.File, relative string, flags testFlags) error {
	read, err := scenario.Parse(file.path, file.after)
	if err != nil {
		return fmt.Errorf("nothing is written: %s cannot be added to as a text: %w; write bases and scenarios in block style, one entry below the other", file.path, err)
	}
	facts, err := fact.Unmarshal(file.facts)
	if err != nil {
		return err
	}
	if len(read.Scenarios) != len(known.Scenarios)+1 {
		return fmt.Errorf("nothing is written: the scenario would not be one more in %s; write bases and scenarios in block style, one entry below the other", file.path)
	}
	only := func(name string) bool { return name == r.name }
	played := read.Play(r.rules, map[string]fact.Set{relative: facts}, only)
	if len(played) != 1 || !played[0].Holds() {
		return fmt.Errorf("nothing is written: the scenario would not hold in %s", file.path)
	}
	beside, _, err := testedPolicy(file.path, read.Policy, testFlags{preset: flags.preset})
	if err != nil {
		return err
	}
	file.now = read.Play(beside, map[string]fact.Set{relative: facts}, only)[0].Verdict
	return nil
}

// write writes the facts and then the scenarios. Either both are there or none is new.
func (f recordingFile) write() error {
	if err := os.MkdirAll(filepath.Dir(f.factsPath), 0o755); err != nil { //nolint:gosec // it belongs into the repository
		return fmt.Errorf("write facts: %w", err)
	}
	if err := createFile(f.factsPath, f.facts); err != nil {
		return err
	}
	err := f.replace()
	if err != nil {
		err = errors.Join(err, os.Remove(f.factsPath))
	}
	return err
}

// replace puts the new file in the place of the old one, at once.
func (f recordingFile) replace() error {
	if f.before == nil {
		return createFile(f.path, f.after)
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	beside := f.path + ".new"
	if err := createFile(beside, f.after); err != nil {
		return err
	}
	err = os.Chmod(beside, info.Mode().Perm())
	if err == nil {
		err = os.Rename(beside, f.path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, errors.Join(err, os.Remove(beside)))
	}
	return nil
}

// showRecording says what was replaced and what is expected from now on.
func (a *app) showRecording(made recording, file recordingFile) {
	count := made.report
	a.line("wrote %s: people %d, names %d, texts %d, secrets %d, keys %d, signed objects %d replaced", filepath.ToSlash(file.factsPath), count.People, count.Names, count.Texts, count.Secrets, count.Keys, count.Objects)
	a.line("wrote %s: %q expects %s%s", filepath.ToSlash(file.path), made.name, made.verdict.Decision, forStage(made.verdict))
	for _, each := range scenario.Reasons(made.verdict) {
		a.line("  %s: %s", each.Code, each.Text)
	}
	if differs := unlike(made.verdict, file.now); len(differs) > 0 {
		a.line("The policy beside it says something else now, so the scenario does not hold: %s", strings.Join(differs, "; "))
		a.code = exitRefused
	}
	a.line("Read the file before you commit it: names of branches, jobs and labels are still those of the run, and so are the times.")
	if made.texts {
		a.line("Texts that are kept are as their writers wrote them: read them, too.")
	}
}

func forStage(v verdict.Verdict) string {
	if name := scenario.StageOf(v); name != "" {
		return " for " + actions.Inert(name)
	}
	return ""
}
