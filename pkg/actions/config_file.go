package actions

import (
	"strings"

	githubactions "github.com/sethvargo/go-githubactions"

	"github.com/stageward/stageward/pkg/configfile"
)

// readConfigFile reads where the configuration of the stage is to be written. The
// end of the path says in which form.
func readConfigFile(action *githubactions.Action, workspace string) (string, error) {
	text := action.GetInput(inputConfigFile)
	switch {
	case text == "":
		return "", nil
	case workspace == "":
		return "", refuse(InputInvalid, fixRunner, "input %s needs a workspace, and GITHUB_WORKSPACE is not set", inputConfigFile)
	case !isPath(text) || strings.ContainsFunc(text, isHidden):
		return "", refuse(InputInvalid, "", `input %s is %q; want a path below the workspace such as out/stage.env, without "./", "..", "\" and a leading slash`, inputConfigFile, text)
	case text == action.GetInput(inputSaveFacts):
		return "", refuse(InputInvalid, "give the two different names", "input %s and input %s are one file, %q", inputConfigFile, inputSaveFacts, text)
	}
	if _, ok := configfile.FormatOf(text); !ok {
		return "", refuse(InputInvalid, "let the name say the form: "+configfile.Extensions, "input %s is %q; want a name that ends with %s", inputConfigFile, text, configfile.Extensions)
	}
	return text, nil
}
