package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// result is what has to be in the JSON form of a decision.
type result struct {
	Schema   int    `json:"schema_version"`
	Decision string `json:"decision"`
	Code     string `json:"reason_code"`
	Subject  struct {
		SHA string `json:"sha"`
	} `json:"subject"`
	Stage *struct {
		Name string `json:"name"`
	} `json:"stage"`
	Findings []finding `json:"findings"`
}

type finding struct {
	Gate    string `json:"gate"`
	Mode    string `json:"mode"`
	Outcome string `json:"outcome"`
	Code    string `json:"code"`
}

// blocks reports whether the finding keeps the run from being allowed.
func (f finding) blocks() bool {
	return f.Mode != "warn" && f.Outcome != "pass" && f.Outcome != "skip" && f.Outcome != "waived"
}

func (s *seen) decodeResult(text string) {
	var read result
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		s.unread = append(s.unread, fmt.Sprintf("the result is not JSON: %v: %.200q", err, text))
		return
	}
	s.result = &read
}

// judgement collects what differs, in words.
type judgement struct{ differences []string }

func (j *judgement) differs(format string, args ...any) {
	j.differences = append(j.differences, fmt.Sprintf(format, args...))
}

func (j *judgement) same(what string, got, want any) {
	if got != want {
		j.differs("%s: got %v, want %v", what, quoted(got), quoted(want))
	}
}

func quoted(value any) any {
	if text, ok := value.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return value
}

// judge returns what differs from what the case expects, and what no case may
// do.
func (s *step) judge(found seen) []string {
	var j judgement
	j.same("exit code", found.ended.Code, s.one.Expect.Exit)
	s.judgeAlways(&j, found)
	if !s.one.Expect.Silent {
		j.differences = append(j.differences, found.unread...)
		s.judgeResult(&j, found.result)
		if s.mode == ModeAction {
			s.judgeOutputs(&j, found)
		}
		s.judgeTexts(&j, found)
	}
	return j.differences
}

// commands are what a step may tell the runner.
var commands = []string{"add-mask", "debug", "notice", "warning", "error", "group", "endgroup"}

// judgeAlways checks what holds in every case.
func (s *step) judgeAlways(j *judgement, found seen) {
	expected := s.one.Expect
	if expected.Decision != "allow" && (found.outputs["allowed"] == "true" || found.outputs["decision"] == "allow") {
		j.differs("a later step would deploy: allowed is %q, decision is %q", found.outputs["allowed"], found.outputs["decision"])
	}
	if expected.Silent && found.file != "" {
		j.differs("outputs were written: %.200q", found.file)
	}
	for _, name := range runnerCommands(found.ended.Stdout + "\n" + found.ended.Stderr) {
		if !slices.Contains(commands, name) {
			j.differs("the runner obeys a command %q", name)
		}
	}
	s.judgeTokens(j, found)
	if len(found.summary) >= 1<<20 || !utf8.ValidString(found.summary) {
		j.differs("the summary has %d bytes, or is not UTF-8: a runner drops it", len(found.summary))
	}
	s.judgeRequests(j, found)
}

// judgeTokens checks that tokens are hidden, and shown nowhere.
func (s *step) judgeTokens(j *judgement, found seen) {
	for _, token := range []string{s.server.Token(), s.server.PeopleToken()} {
		hides := "::add-mask::" + token + "\n"
		if s.given(token) && !strings.Contains(found.ended.Stdout, hides) {
			j.differs("a token is not hidden from the log")
		}
		streams := strings.ReplaceAll(found.ended.Stdout, hides, "") + found.ended.Stderr
		if strings.Contains(streams+found.file+found.summary, token) {
			j.differs("a token is shown")
		}
	}
}

// given reports whether the step has the token as an input.
func (s *step) given(token string) bool {
	if s.mode != ModeAction {
		return false
	}
	own, other := s.one.Inputs["token"]
	return token == s.server.Token() && (!other || s.fill(own) == token) || s.fill(s.one.Inputs["people-token"]) == token
}

// judgeRequests checks what was asked of GitHub.
func (s *step) judgeRequests(j *judgement, found seen) {
	for _, request := range found.asked {
		if !strings.HasPrefix(request, "GET ") && !strings.HasPrefix(request, "POST /graphql") {
			j.differs("a decision changes nothing, and GitHub was asked %s", request)
		}
		for _, beginning := range s.one.Expect.Never.Asked {
			if strings.HasPrefix(request, beginning) {
				j.differs("GitHub was asked %s", request)
			}
		}
	}
	for _, each := range found.violations {
		j.differs("GitHub would refuse: %s", each)
	}
	for _, each := range found.unused {
		j.differs("a fault never happened: %s", each)
	}
}

// judgeResult compares the JSON form of the decision.
func (s *step) judgeResult(j *judgement, got *result) {
	if got == nil {
		j.differs("there is no result to read")
		return
	}
	want := s.one.Expect
	stage := ""
	if got.Stage != nil {
		stage = got.Stage.Name
	}
	j.same("schema_version", got.Schema, 1)
	j.same("decision", got.Decision, want.Decision)
	j.same("reason_code", got.Code, want.Code)
	j.same("stage", stage, want.Stage)
	j.same("commit "+want.Commit, got.Subject.SHA, s.commit())
	unmet, findings := []string{}, map[string]finding{}
	for _, each := range got.Findings {
		if findings[each.Gate] = each; each.blocks() {
			unmet = append(unmet, each.Gate)
		}
	}
	slices.Sort(unmet)
	j.same("unmet gates", strings.Join(unmet, " "), strings.Join(slices.Sorted(slices.Values(want.Unmet)), " "))
	for _, id := range slices.Sorted(maps.Keys(want.Gates)) {
		expected := want.Gates[id]
		if expected.Mode == "" {
			expected.Mode = "enforce"
		}
		each := findings[id]
		if got := (Gate{each.Outcome, each.Code, each.Mode}); got != expected {
			j.differs("gate %s: got %s, want %s", id, got, expected)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want.Never.Outcomes)) {
		if slices.Contains(want.Never.Outcomes[id], findings[id].Outcome) {
			j.differs("gate %s must never be %s", id, findings[id].Outcome)
		}
	}
}

// commit is the id that the case expects.
func (s *step) commit() string {
	if id := s.server.SHA(s.one.Expect.Commit); id != "" {
		return id
	}
	return s.one.Expect.Commit
}

// String is how a difference shows it.
func (g Gate) String() string {
	if g == (Gate{}) {
		return "nothing"
	}
	return strings.TrimSpace(g.Outcome + " " + g.Code + " (" + g.Mode + ")")
}

// judgeOutputs compares what later steps read. They must say what the result
// says: a consumer reads the one or the other.
func (s *step) judgeOutputs(j *judgement, found seen) {
	want := s.one.Expect
	expected := map[string]string{
		"decision": want.Decision, "reason-code": want.Code, "stage": want.Stage, "sha": s.commit(),
		"allowed": fmt.Sprint(want.Decision == "allow"),
	}
	for name, value := range want.Outputs {
		expected[name] = s.fill(value)
	}
	for _, name := range want.Empty {
		expected[name] = ""
	}
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		got, set := found.outputs[name]
		if !set {
			j.differs("output %s is not set", name)
		}
		j.same("output "+name, got, expected[name])
	}
	for _, name := range slices.Sorted(maps.Keys(found.outputs)) {
		if !slices.Contains(outputNames, name) {
			j.differs("there is an output %q that action.yml does not declare", name)
		}
	}
	if got := found.outputs["receipt"] != ""; got != (want.Decision == "allow") {
		j.differs("output receipt: an allow has one and nothing else does; got %.100q", found.outputs["receipt"])
	}
}

// outputNames are the outputs that action.yml declares.
var outputNames = []string{
	"allowed", "audit", "changes", "config", "data", "decision", "deployment-id", "environment", "environment-url", "lane", "matrix", "prerelease",
	"reason-code", "receipt", "ref", "result", "sha", "stage", "unmet", "version",
}

// judgeTexts looks for what people have to find, and must not.
func (s *step) judgeTexts(j *judgement, found seen) {
	texts := strings.Join([]string{found.ended.Stdout, found.ended.Stderr, found.summary}, "\n")
	if s.mode == ModeGate {
		texts = strings.Join(strings.Fields(decoded(found.ended.Stdout)), " ")
	}
	for _, name := range s.one.Expect.Names {
		if !strings.Contains(texts, s.fill(name)) {
			j.differs("nobody is told of %q", name)
		}
	}
	for _, text := range s.one.Expect.Never.Shown {
		if strings.Contains(found.summary, s.fill(text)) {
			j.differs("the summary has %q", text)
		}
	}
	for _, text := range s.one.Expect.Never.Said {
		if strings.Contains(found.ended.Stdout+found.ended.Stderr+found.summary+found.file, s.fill(text)) {
			j.differs("it says %q", text)
		}
	}
}

// decoded returns the texts of a JSON document as they are, one after the other.
func decoded(document string) string {
	var texts strings.Builder
	decoder := json.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		if err != nil {
			return texts.String()
		}
		if text, ok := token.(string); ok {
			texts.WriteString(text + "\n")
		}
	}
}
