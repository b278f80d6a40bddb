package cli

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// internalFault is the reason code of a run in which Stageward itself went wrong.
const internalFault = "internal"

// secretsOf returns what a fault must not show, whatever command it is in.
func secretsOf(env actions.Env) []actions.Secret {
	secrets := actions.Secrets(env)
	for _, name := range []string{"GITHUB_TOKEN", "GH_TOKEN", "STAGEWARD_PEOPLE_TOKEN"} {
		secrets = append(secrets, actions.Secret(env(name)))
	}
	return secrets
}

// fault returns what a panic said, without secrets. There is no stack with it: it
// shows what functions were called with.
func (a *app) fault(cause any) string {
	if a.secrets == nil {
		return "the environment could not be read" // nobody knows what must not be shown
	}
	text := fmt.Sprint(cause)
	for _, secret := range a.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret.Reveal(), secret.String())
		}
	}
	return text
}

// faulty is the verdict of a run in which something panicked.
func (a *app) faulty(about fact.Set, cause any) verdict.Verdict {
	return decide.Undecidable(about, internalFault, "this is a fault of Stageward, and nothing was allowed: "+a.fault(cause),
		"Report it with this reason. If the next run says the same, the version before may not.")
}
