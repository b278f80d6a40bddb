//go:build e2e

package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

const worldFile = "../../testdata/e2e/world.yml"

// serve starts a GitHub that knows the scenario's repository, writes that
// repository for the checkout, and pushes.
func serve(t *testing.T, each scenario) place {
	t.Helper()
	return serveEvent(t, githubtest.Event{Ref: each.ref, Actor: "ada", Attempt: each.attempt}, each.change)
}

// serveEvent is serve for any event.
func serveEvent(t *testing.T, event githubtest.Event, change func(*githubtest.World)) place {
	t.Helper()
	world, err := githubtest.ParseWorld([]byte(readFile(t, worldFile)))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&world)
	}
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	listening, err := server.StartTLS()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		listening.Close()
		for _, violation := range server.Violations() {
			t.Errorf("GitHub was asked what it does not know: %s", violation)
		}
	})
	folder := t.TempDir()
	where := place{
		address:     strings.TrimPrefix(listening.URL, "https://"),
		certificate: filepath.Join(folder, "authority.pem"),
		bare:        filepath.Join(folder, "repository.git"),
		token:       server.Token(),
	}
	writeFile(t, where.certificate, listening.CertPEM)
	if err := server.WriteRepository(where.bare); err != nil {
		t.Fatal(err)
	}
	if where.push, err = server.Run(event); err != nil {
		t.Fatal(err)
	}
	return where
}
