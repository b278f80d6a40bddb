package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// buildBinary builds the binary and the CA roots as the Dockerfile does, into the
// folder, and measures them. The image has nothing else; pkg/e2e measures the
// image itself.
func buildBinary(ctx context.Context, folder string, found measured) error {
	compile := exec.CommandContext(ctx, ".ci/compile", binary(folder)) //nolint:gosec // the project's own script
	if output, err := compile.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s; run it in the project's folder", err, output)
	}
	size, err := os.Stat(binary(folder))
	if err != nil {
		return err
	}
	roots := exec.CommandContext(ctx, "go", "run", "./pkg/internal/roots")
	roots.Stderr = os.Stderr
	certificates, err := roots.Output()
	if err != nil {
		return err
	}
	found["image"] = float64(size.Size()) + float64(len(certificates))
	return os.WriteFile(rootsIn(folder), certificates, 0o600)
}

func rootsIn(folder string) string { return filepath.Join(folder, "roots.pem") }

func binary(folder string) string { return filepath.Join(folder, "stageward") }
