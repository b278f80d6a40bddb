package report

import (
	"fmt"

	"github.com/stageward/stageward/pkg/verdict"
)

// matrixEntry is one deployment that is allowed. The names are those of the outputs.
type matrixEntry struct {
	Project        string `json:"project"`
	Stage          string `json:"stage"`
	Environment    string `json:"environment"`
	EnvironmentURL string `json:"environment-url"`
	SHA            string `json:"sha"`
	Ref            string `json:"ref"`
	Version        string `json:"version"`
	Data           string `json:"data"`
}

// matrixJSON lists the deployments that are allowed as the matrix of a job:
// {"include":[…]}. Nothing is in it that does not allow, or that says not which
// commit.
func matrixJSON(all []verdict.Verdict) (string, error) {
	matrix := struct {
		Include []matrixEntry `json:"include"`
	}{[]matrixEntry{}}
	for _, v := range all {
		if !v.Allows() || v.Stage == nil || v.Subject.SHA == "" {
			continue
		}
		matrix.Include = append(matrix.Include, matrixEntry{
			Project: v.Project, Stage: v.Stage.Name, Environment: v.Stage.Environment, EnvironmentURL: v.Stage.EnvironmentURL,
			SHA: string(v.Subject.SHA), Ref: string(v.Subject.Ref), Version: v.Version, Data: v.Stage.Data,
		})
	}
	data, err := encode(matrix)
	return string(data), err
}

// SeveralOutputs is Outputs for a run about the projects of a repository. The output
// matrix has the projects that are allowed, whatever was decided about the others.
// What describes one stage, such as environment, version and receipt, is there when
// just one project was decided, and empty otherwise; allowed is "true" when every
// project that was decided is allowed, and there is one.
func SeveralOutputs(s verdict.Several) ([]Output, error) {
	result, err := SeveralResult(s)
	if err != nil {
		return nil, err
	}
	shown := whole(s)
	if only, ok := s.Only(); ok && only.Decision == s.Decision && only.Replayed == s.Replayed {
		shown = only
	}
	return outputs(shown, s.Projects, result)
}

// SeveralJSON is JSON for a run about the projects of a repository.
func SeveralJSON(s verdict.Several) ([]byte, error) {
	data, err := Indented(publicSeveral(s, public))
	if err != nil {
		return nil, fmt.Errorf("write verdicts as JSON: %w", err)
	}
	return data, nil
}

// SeveralResult is Result for a run about the projects of a repository. Every
// project stays in it, with its decision, reason code, stage and environment.
func SeveralResult(s verdict.Several) ([]byte, error) {
	if fits(maxResult, s.Projects, func(v verdict.Verdict) any { return public(v) }) {
		if data, err := encode(publicSeveral(s, public)); err != nil || len(data) <= maxResult {
			return data, wrapResult(err)
		}
	}
	smaller := slim
	for _, each := range []func(verdict.Verdict) verdict.Verdict{cut{20, 60}.onlyChanges, cut{20, 60}.verdict, cut{5, 40}.verdict} {
		if fits(maxResult*9/10, s.Projects, func(v verdict.Verdict) any { return public(each(v)) }) {
			smaller = each
			break
		}
	}
	data, err := encode(struct {
		verdict.Several
		Truncated bool `json:"truncated"`
	}{publicSeveral(s, func(v verdict.Verdict) verdict.Verdict { return public(smaller(v)) }), true})
	return data, wrapResult(err)
}

func wrapResult(err error) error {
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// fits reports whether what is shown of each verdict takes so many bytes at most. It
// stops where it does not; what cannot be written at all is for the caller to find.
func fits(most int, all []verdict.Verdict, show func(verdict.Verdict) any) bool {
	for _, each := range all {
		data, err := encode(show(each))
		if most -= len(data); err != nil || most < 0 {
			return err != nil
		}
	}
	return true
}

// slim is what is left of a verdict among very many.
func slim(v verdict.Verdict) verdict.Verdict {
	left := verdict.Verdict{Project: v.Project, Decision: v.Decision, Code: v.Code, Subject: v.Subject, Version: v.Version, Prerelease: v.Prerelease, Replayed: v.Replayed}
	if v.Stage != nil {
		left.Stage = &verdict.Stage{Name: v.Stage.Name, Environment: v.Stage.Environment}
	}
	return left
}

// publicSeveral returns the verdicts as readers of the JSON form expect them.
func publicSeveral(s verdict.Several, each func(verdict.Verdict) verdict.Verdict) verdict.Several {
	s.Schema, s.At = verdict.SchemaVersion, s.At.UTC()
	projects := make([]verdict.Verdict, len(s.Projects))
	for i, v := range s.Projects {
		projects[i] = each(v)
	}
	s.Projects, s.Aside = projects, list(s.Aside)
	return s
}
