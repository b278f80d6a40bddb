package gate

import (
	"errors"
	"fmt"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// supposesSetup lets what the policy says of an item be so: whoever answers for it is
// there, or what has to show it does. Its parts are the items.
var supposesSetup = Supposing[setupComplete]{
	Noun:    "setup",
	Parts:   func(params setupComplete, _ Terms) []string { return wordsOf(params.Items) },
	With:    func(params setupComplete, in Supposed, part string) error { return params.suppose(in, part, true) },
	Without: func(params setupComplete, in Supposed, part string) error { return params.suppose(in, part, false) },
}

func (p setupComplete) suppose(in Supposed, part string, ready bool) error {
	for _, item := range p.Items {
		if part != "" && part != string(item) {
			continue
		}
		if err := p.supposeItem(in, item, ready); err != nil {
			return fmt.Errorf("%s: %w", item, err)
		}
		if found := p.judge(item, in.input()); ready && found.Outcome != verdict.Pass {
			return errors.New(found.Reason) // what the policy says of it, such as until when, no fact can mend
		}
	}
	return nil
}

func (p setupComplete) supposeItem(in Supposed, item SetupItem, ready bool) error {
	if ready && p.judge(item, in.input()).Outcome == verdict.Pass {
		return nil
	}
	for _, each := range p.Attested {
		if each.Item == item && ready {
			in.SetPermission(string(each.By), fact.WritePermission)
		} else if each.Item == item {
			in.SetPermission(string(each.By), fact.NoPermission)
		}
	}
	for _, each := range p.Checked {
		if each.Item == item {
			return each.suppose(in, ready)
		}
	}
	return nil
}

func (c checkedSetup) suppose(in Supposed, ready bool) error {
	switch {
	case c.File != "":
		in.writeFile(c.File, ready)
		return nil
	case c.Deployed != "":
		return c.deploy(in, ready)
	}
	return c.run().run(in, ready)
}

// writeFile lets a file be in the commit, or not.
func (in Supposed) writeFile(path string, exists bool) {
	file := fact.SourceFile{Path: path, Commit: in.Facts.Subject.SHA, Exists: exists}
	if exists {
		file.Blob, file.Text = in.Commit(path), "This is supposed to say how it works.\n"
	}
	in.Facts.Sources[path] = fact.Of(file, suppose.Source())
}

// deploy lets the last deployment to the stage be a moment ago, or never.
func (c checkedSetup) deploy(in Supposed, ready bool) error {
	stage, _ := in.Terms.stage(c.Deployed)
	last := fact.LastDeployment{}
	if ready {
		branch, err := deployed{stage: stage, by: deployedBy(stage.DeployedBy)}.place(in)
		if err != nil {
			return err
		}
		id := suppose.Number("last deployment to " + stage.Name)
		last.Run = &fact.DeploymentRun{
			ID: id, Attempt: 1, Workflow: stage.DeployedBy.Workflow, Job: stage.DeployedBy.Job, Event: "push", Branch: branch,
			Head: in.Commit("deployed to " + stage.Name), At: in.Now().Add(-min(c.Within.Length()/2, time.Hour)),
			URL: fmt.Sprintf("https://github.com/%s/actions/runs/%d", in.Facts.Subject.Repository, id),
		}
	}
	in.Facts.LastDeployments[stage.DeployedBy.Need().Key] = fact.Of(last, suppose.Source())
	return nil
}
