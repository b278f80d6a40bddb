package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/scenario"
	"github.com/stageward/stageward/pkg/suppose"
)

// defaultScenarios is where a repository has the tests of its policy.
const defaultScenarios = ".github/stageward.test.yml"

// testFlags are the flags of "stageward test".
type testFlags struct {
	policy, preset, run, format string
	minCoverage                 int
	verbose, show, begin        bool
	record, name                string
	defaultBranch, saveFacts    string
	keepText                    bool
}

func (a *app) testCommand() *cobra.Command {
	var flags testFlags
	command := &cobra.Command{
		Use:   "test [FILE...]",
		Short: "Test a policy with scenarios",
		Long: `Test a policy: play scenarios and compare what is decided with what they expect.
Nothing is asked of GitHub, and nothing is deployed. A scenario begins with a run in
which there is everything that the policy asks for, or with one that was recorded,
takes something away or changes it, and says what should be decided.

Coverage counts the stages that a scenario reaches, and for each gate that blocks
whether it is met in one and in the way in another.

--new writes a first file for your policy. --record makes a scenario of facts that
a run has saved (save-facts), without the people and the texts in them. With
--keep-text, texts that are kept are as their writers wrote them: read them. Names
in running text, phone numbers, passwords in a sentence, and what is encoded are not
found.

Exit codes: 0 everything holds, 1 something does not or too little is covered, 2 a file
cannot be read.`,
		Example: "  stageward test --new\n  stageward test\n  stageward test --run 'QA' --show\n  stageward test --record facts.json --name 'the release of 1.4.0'\n  stageward test --preset three-stage",
		RunE: func(_ *cobra.Command, files []string) error {
			return a.test(files, flags)
		},
	}
	set := command.Flags()
	set.StringVar(&flags.policy, "policy", "", "test this policy instead of the one that the file names")
	set.StringVar(&flags.preset, "preset", "", "test this preset, by its own scenarios where no file is given")
	set.StringVar(&flags.run, "run", "", "only scenarios whose names match this regular expression")
	set.StringVar(&flags.format, "format", "text", "text or json")
	set.IntVar(&flags.minCoverage, "min-coverage", 0, "fail where less than so many percent are covered")
	set.BoolVarP(&flags.verbose, "verbose", "v", false, "name every scenario, not only those that do not hold")
	set.BoolVar(&flags.show, "show", false, "show the whole verdict of each scenario")
	set.BoolVar(&flags.begin, "new", false, "write a first file of scenarios for the policy; one that is there stays as it is")
	set.StringVar(&flags.defaultBranch, "default-branch", "main", "with --new, the name of the repository's default branch")
	set.StringVar(&flags.saveFacts, "save-facts", "", "write the facts of the one scenario that --run picks to this file, to look at, or for change:")
	set.StringVar(&flags.record, "record", "", "make a scenario of the facts in this file")
	set.StringVar(&flags.name, "name", "", "with --record, what the scenario shows")
	set.BoolVar(&flags.keepText, "keep-text", false, "with --record, keep titles and texts as their writers wrote them: read them; only people and secrets that their form shows are gone")
	return command
}

func (a *app) test(files []string, flags testFlags) error {
	pick, err := regexp.Compile(flags.run)
	if err != nil {
		return fmt.Errorf("--run: %w", err)
	}
	switch {
	case flags.format != "text" && flags.format != "json":
		return fmt.Errorf("--format %q: expected one of text, json", flags.format)
	case flags.run != "" && flags.minCoverage > 0:
		return errors.New("--min-coverage is about all scenarios; leave out --run, or it")
	case flags.minCoverage < 0 || flags.minCoverage > 100:
		return fmt.Errorf("--min-coverage %d: expected a percentage, 0 to 100", flags.minCoverage)
	}
	one := defaultScenarios
	if len(files) > 0 {
		one = files[0]
	}
	switch {
	case flags.begin:
		return a.newScenarios(one, flags)
	case flags.record != "":
		return a.recordScenario(one, flags)
	case len(files) == 0 && flags.preset == "":
		files = []string{defaultScenarios}
	}
	suites, err := suitesOf(files, flags)
	if err != nil {
		return a.showProblems(err)
	}
	for i := range suites {
		suites[i].play(pick)
	}
	if err := a.savePicked(suites, flags); err != nil {
		return err
	}
	if flags.format == "json" {
		return a.printSuites(suites, flags)
	}
	for _, each := range suites {
		a.showSuite(each, flags)
	}
	return nil
}

// savePicked writes the facts of the one scenario that was played.
func (a *app) savePicked(suites []suite, flags testFlags) error {
	if flags.saveFacts == "" {
		return nil
	}
	var played []scenario.Result
	for _, each := range suites {
		played = append(played, each.results...)
	}
	if len(played) != 1 || played[0].Problem != "" {
		return fmt.Errorf("--save-facts: %d scenarios were played; pick one that can be played by --run", len(played))
	}
	facts := played[0].Facts
	for _, each := range suites {
		if text := string(each.text); len(each.results) == 1 {
			suppose.Change(&facts.Policy, func(file *fact.PolicyFile) { file.Exists, file.Text = true, text })
		}
	}
	return saveFacts(flags.saveFacts, facts)
}

// suite is a file of scenarios with the policy that it tests.
type suite struct {
	file     scenario.File
	rules    policy.Policy
	text     []byte // of the policy
	recorded map[string]fact.Set
	results  []scenario.Result
	coverage scenario.Coverage
	// whole is false where only some scenarios were played.
	whole bool
}

func (s *suite) play(pick *regexp.Regexp) {
	s.whole = pick.String() == ""
	s.results = s.file.Play(s.rules, s.recorded, pick.MatchString)
	s.coverage = scenario.Cover(s.rules, s.results)
}

// holds reports whether everything that was played is as expected, and enough is
// covered. Nothing that was played shows nothing.
func (s suite) holds(flags testFlags) bool {
	return s.failed() == 0 && len(s.results) > 0 && (!s.whole || s.coverage.Percent() >= flags.minCoverage)
}

func (s suite) failed() int {
	failed := 0
	for _, each := range s.results {
		if !each.Holds() {
			failed++
		}
	}
	return failed
}

func suitesOf(files []string, flags testFlags) ([]suite, error) {
	if len(files) == 0 {
		file, err := scenario.Preset(flags.preset)
		if err != nil {
			return nil, err
		}
		rules, text, err := presetToTest(flags.preset)
		return []suite{{file: file, rules: rules, text: text}}, err
	}
	var suites []suite
	for _, path := range files {
		each, err := readSuite(path, flags)
		if err != nil {
			return nil, err
		}
		suites = append(suites, each)
	}
	return suites, nil
}

func readSuite(path string, flags testFlags) (suite, error) {
	source, err := readLimited(path, maxPolicy)
	if errors.Is(err, fs.ErrNotExist) {
		return suite{}, fmt.Errorf("%w; `stageward test --new` writes one for your policy", err)
	}
	if err != nil {
		return suite{}, fmt.Errorf("read scenarios: %w", err)
	}
	file, err := scenario.Parse(path, source)
	if err != nil {
		return suite{}, err
	}
	read := suite{file: file, recorded: map[string]fact.Set{}}
	if read.rules, read.text, err = testedPolicy(path, file.Policy, flags); err != nil {
		return suite{}, err
	}
	for _, each := range file.Recorded() {
		if read.recorded[each], err = loadFacts(filepath.Join(filepath.Dir(path), filepath.FromSlash(each))); err != nil {
			return suite{}, fmt.Errorf("%s: %s: %w", path, each, err)
		}
	}
	return read, nil
}

// testedPolicy returns the policy that a file of scenarios is about, or the one that
// is asked for.
func testedPolicy(scenarios, named string, flags testFlags) (rules policy.Policy, text []byte, err error) {
	if flags.preset != "" {
		return presetToTest(flags.preset)
	}
	path := flags.policy
	if path == "" {
		if path = filepath.FromSlash(named); !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(scenarios), path)
		}
	}
	source, err := readPolicy(path)
	if err != nil {
		return policy.Policy{}, nil, fmt.Errorf("%w; name the policy by --policy, or by policy: in %s", err, scenarios)
	}
	rules, err = policy.Parse(path, source, gate.All())
	return rules, source, err
}

func presetToTest(name string) (rules policy.Policy, text []byte, err error) {
	rules, err = policy.Preset(name, gate.All())
	return rules, policy.PresetSource(name), err
}

// newScenarios writes a first file of scenarios.
func (a *app) newScenarios(path string, flags testFlags) error {
	rules, _, err := testedPolicy(path, "stageward.yml", flags)
	if errors.Is(err, fs.ErrNotExist) && flags.policy == "" {
		return fmt.Errorf("%w. `stageward init` writes a policy; or name one by --policy", err)
	}
	if err != nil {
		return a.showProblems(err)
	}
	named := ""
	if flags.policy != "" {
		if named, err = filepath.Rel(filepath.Dir(path), flags.policy); err != nil {
			named = flags.policy
		}
	}
	if err := createFile(path, scenario.Starter(rules, scenario.About{Policy: filepath.ToSlash(named), DefaultBranch: flags.defaultBranch, At: a.system.Now()})); err != nil {
		return err
	}
	fmt.Fprintf(a.system.Stdout, "wrote %s: what the policy decides now. Read it: is it what you mean? `stageward test` plays it.\n", actions.Inert(path))
	return nil
}

// createFile writes a file that is not there yet.
func createFile(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // the caller names it, and it belongs into the repository
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and stays as it is; name another file", path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// verdictText is a whole verdict of a scenario.
func verdictText(each scenario.Result) string { return report.Text(each.Verdict, report.Style{}) }
