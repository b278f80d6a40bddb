package policy

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/stageward/stageward/pkg/internal/strict"
)

// Placeholder stands for the name of the project in the stages of a policy with
// projects.
const Placeholder = "{project}"

var (
	nameForm, _ = name("").Pattern()
	namePattern = regexp.MustCompile(nameForm)
	// placeholder finds what is the placeholder, or was meant to be it. Templates of
	// gates, such as {version}, and whatever a configuration holds are not.
	placeholder = regexp.MustCompile(`(?i)\$?\{+[ \t]*(?:the[-_ ]?)?proj[a-z]{0,5}(?:[-_ ]?name)?[ \t]*\}+`)
)

// isTemplate reports whether the placeholder is filled in below these keys: in the
// stages of the file, and in those of a project.
func isTemplate(keys []string) bool {
	return len(keys) > 0 && keys[0] == stagesKey || len(keys) > 2 && keys[0] == projectsKey && keys[2] == stagesKey
}

// checkPlaceholders reports placeholders that nothing fills in: what they leave
// behind would be a name like any other.
func (l *layer) checkPlaceholders(root strict.Node, filled bool) {
	for _, text := range root.Texts() {
		for _, found := range placeholder.FindAllString(text.Value, -1) {
			switch {
			case found != Placeholder && !filled:
				continue // it may be anything
			case found != Placeholder:
				l.report(text.Position, fmt.Sprintf("%s is not a placeholder", strict.Quote(found)), "write "+Placeholder)
			case !filled:
				l.report(text.Position, Placeholder+" stands for the name of a project, and the file has no projects", `write the name out, or list the projects below "projects"`)
			case text.IsKey:
				l.report(text.Position, Placeholder+" stands in a key, where it is not filled in", "write it into values only")
			case !isTemplate(text.Keys):
				l.report(text.Position, Placeholder+" is filled in below stages only", "write the name of the project out")
			default:
				continue
			}
			break
		}
	}
}

// withPlaceholder returns an expression that also takes a text with the
// placeholder, of which only the reader can say what it becomes.
func withPlaceholder(expression string) string {
	return "(" + expression + ")|" + strings.NewReplacer("{", `\{`, "}", `\}`).Replace(Placeholder)
}
