package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/configfile"
	"github.com/stageward/stageward/pkg/verdict"
)

// configUnwritable is the reason code of a run whose configuration could not be
// handed on.
const configUnwritable = "config-file.unwritable"

// configFile is the file below the workspace with the configuration of the stage.
// The zero value is none. The path is the step's own: whatever file is there goes
// before anything is decided, and there is one afterwards only if this very step
// allowed. So no later step can take the file of another stage, of an earlier run
// on the same machine, or of the checkout for that of this stage.
type configFile struct{ workspace, path string }

// deliverWith is deliver with the file, which is written before the outputs and
// does not stay without them.
func (a *app) deliverWith(ctx context.Context, file configFile, log *actions.Log, result ruling, fail actions.FailOn) int {
	allowed := false
	defer func() {
		if allowed {
			return
		}
		if err := file.remove(); err != nil {
			log.Error("Stageward", "nothing was allowed, and a file is there: "+err.Error())
		}
	}()
	if result.allows() {
		if err := file.writeOf(result); err != nil {
			result = result.each(func(each verdict.Verdict) verdict.Verdict { return file.failed(each, err) })
		}
	}
	code := a.deliver(ctx, log, result, fail)
	allowed = result.allows() && code == exitAllow
	return code
}

// failed turns a verdict into an error: who is to deploy with a configuration
// must not deploy without it.
func (f configFile) failed(result verdict.Verdict, err error) verdict.Verdict {
	result.Decision, result.Code = verdict.Errored, configUnwritable
	result.Reason = "the configuration of the stage was asked for as a file, and there is none: " + err.Error()
	result.Fix = "Correct the input config-file or what stands in its way, or have the policy changed; docs/configuration.md says what each format can hold."
	return result
}

// remove removes the file, or the link that is in its place.
func (f configFile) remove() error {
	if f.path == "" {
		return nil
	}
	root, err := os.OpenRoot(f.workspace)
	if err != nil {
		return fmt.Errorf("open the workspace: %w", err)
	}
	defer root.Close() //nolint:errcheck // nothing was written
	name := filepath.FromSlash(f.path)
	found, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look for an earlier file: %w", err)
	case found.IsDir():
		return fmt.Errorf("%q is a folder", f.path)
	}
	if err := root.Remove(name); err != nil {
		return fmt.Errorf("remove the earlier file: %w", err)
	}
	return nil
}

// writeOf writes the configuration of the one stage that a ruling is about.
func (f configFile) writeOf(result ruling) error {
	if f.path == "" || result.several == nil {
		return f.write(result.one)
	}
	only, ok := result.several.Only()
	if !ok {
		return errors.New("several projects were decided, and each has a configuration of its own; give the input project")
	}
	return f.write(only)
}

// write writes the configuration of the stage. Links in the workspace cannot lead
// it elsewhere: the file must be new, and its folder below the workspace.
// Everybody may read it, as the container is root and the next step is not.
func (f configFile) write(result verdict.Verdict) error {
	if f.path == "" || result.Stage == nil {
		return nil
	}
	format, ok := configfile.FormatOf(f.path)
	if !ok {
		return fmt.Errorf("%q does not end with %s", f.path, configfile.Extensions)
	}
	data, err := configfile.Write(result.Stage.Config, format)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(f.workspace)
	if err != nil {
		return fmt.Errorf("open the workspace: %w", err)
	}
	defer root.Close() //nolint:errcheck // the file below reports its own errors
	name := filepath.FromSlash(f.path)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make its folder: %w", err)
	}
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	_, err = file.Write(data)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	return nil
}
