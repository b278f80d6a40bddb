package gate

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/lazy"
)

// setupOwner is the login of a person.
type setupOwner string

const loginPattern = `^[A-Za-z0-9_-]{1,39}$`

var loginForm = lazy.New(loginPattern)

// Pattern returns the form of a login. Programs have other names, and answer for
// nothing.
func (setupOwner) Pattern() (expression, words string) {
	return loginPattern, `the login of a person (without "@"; programs answer for nothing)`
}

// setupEnd is the end of what is attested.
type setupEnd string

// Pattern returns the form of a date with or without a time of day.
func (setupEnd) Pattern() (expression, words string) {
	return calendar.MomentPattern, "a date such as 2027-03-01, or a date and time such as 2027-03-01T18:00"
}

// time returns the moment from which it does not count any more.
func (e setupEnd) time() (time.Time, error) {
	end, err := calendar.ParseEnd(string(e))
	if err != nil {
		return time.Time{}, fmt.Errorf("until: %w", err)
	}
	return end.UTC(), nil
}

func (p setupComplete) validate(terms Terms) error {
	if err := p.validateItems(); err != nil {
		return fmt.Errorf("items: %w", err)
	}
	said := map[string]bool{}
	for _, each := range p.Attested {
		if err := p.once(each.Item, said); err != nil {
			return fmt.Errorf("attested: %w", err)
		}
		if err := each.validate(); err != nil {
			return fmt.Errorf("attested: %q: %w", each.Item, err)
		}
	}
	for _, each := range p.Checked {
		if err := p.once(each.Item, said); err != nil {
			return fmt.Errorf("checked: %w", err)
		}
		if err := each.validate(terms); err != nil {
			return fmt.Errorf("checked: %q: %w", each.Item, err)
		}
	}
	return nil
}

func (p setupComplete) validateItems() error {
	if len(p.Items) == 0 {
		return fmt.Errorf("the list is empty; name at least one of %q, or remove it to ask for all", SetupItem("").Values())
	}
	for i, item := range p.Items {
		if err := item.validate(); err != nil {
			return err
		}
		if slices.Contains(p.Items[:i], item) {
			return fmt.Errorf("%q is there twice", item)
		}
	}
	return nil
}

func (item SetupItem) validate() error {
	if !slices.Contains(item.Values(), string(item)) {
		return fmt.Errorf("item %q: expected one of %q", item, item.Values())
	}
	return nil
}

// once refuses an item that is said twice, or that is not asked for.
func (p setupComplete) once(item SetupItem, said map[string]bool) error {
	if err := item.validate(); err != nil {
		return err
	}
	if said[string(item)] {
		return fmt.Errorf("%q is said twice; an item is attested or checked, once", item)
	}
	said[string(item)] = true
	if !slices.Contains(p.Items, item) {
		return fmt.Errorf("%q is not in items, so nobody would ask for it; add it there, or remove it here", item)
	}
	return nil
}

func (a attestedSetup) validate() error {
	if !loginForm.MatchString(string(a.By)) {
		return fmt.Errorf("by: %q: expected the login of the person who answers for it", string(a.By))
	}
	parsed, err := url.Parse(a.Evidence)
	if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" || parsed.User != nil {
		return fmt.Errorf("evidence: %q: expected the https address of what shows it, without a password", a.Evidence)
	}
	if a.Until == "" {
		return errors.New("until: say when it has to be looked at again, such as 2027-03-01")
	}
	_, err = a.Until.time()
	return err
}

func (c checkedSetup) validate(terms Terms) error {
	given := 0
	for _, each := range []string{c.Workflow, c.Deployed, c.File} {
		if each != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return errors.New("say one of workflow, deployed and file: what has to show it")
	case c.Workflow == "" && c.Branch != "":
		return errors.New("branch: it is for a workflow only")
	case c.File != "":
		return c.validateFile()
	case c.Deployed != "":
		return c.validateDeployed(terms)
	}
	return c.run().validate()
}

func (c checkedSetup) validateFile() error {
	switch {
	case c.Item != setupDocumentation:
		return fmt.Errorf("file: that a file is there shows nothing but %s", setupDocumentation)
	case c.Within != "":
		return errors.New("within: it is for a workflow or a deployment; a file is in the commit or not")
	case !planInside.MatchString(c.File) || path.Clean(c.File) != c.File || strings.HasPrefix(c.File, "/") || c.File == ".." || strings.HasPrefix(c.File, "../"):
		return fmt.Errorf("file: %q: expected a path inside the repository, such as docs/operations.md", c.File)
	}
	return nil
}

func (c checkedSetup) validateDeployed(terms Terms) error {
	stage, ok := terms.stage(c.Deployed)
	switch {
	case !ok:
		return fmt.Errorf("deployed: there is no stage %q", c.Deployed)
	case stage.DeployedBy.Job == "" || stage.DeployedBy.Workflow == "":
		return fmt.Errorf("deployed: the policy does not say which job deploys to %s; add deployed-by: { workflow: …, job: … } to that stage", c.Deployed)
	case c.Within == "":
		return fmt.Errorf("within: say how long ago it may have begun: %s", durationWords)
	}
	if err := c.Within.validate(); err != nil {
		return fmt.Errorf("within: %w", err)
	}
	return nil
}
