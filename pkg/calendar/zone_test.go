package calendar_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/calendar"
)

// checksum is that of the archive in zoneinfo.zip.gz, which has release 2025c of
// the database.
const checksum = "8f55634d05f8bca1f7bc7c69c5933428c69357e0bdf565e5ba224e3f88ff12e8"

// TestMain lets the environment name a database in which Europe/Berlin is ten
// hours off, before anything reads the variable.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "zones")
		if err == nil {
			err = errors.Join(plant(folder, "Australia/Brisbane", "Europe/Berlin"), os.Setenv("ZONEINFO", folder))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(folder) }() // the test is over
		return m.Run()
	}())
}

// unpacked returns the archive of the zones.
func unpacked() ([]byte, error) {
	file, err := os.Open("zoneinfo.zip.gz")
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	content, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(content)
}

// plant writes one zone under the name of another.
func plant(folder, from, as string) error {
	content, err := unpacked()
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	file, err := archive.Open(from)
	if err != nil {
		return err
	}
	data := make([]byte, 64<<10)
	length, err := file.Read(data)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(as)), 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, as), data[:length], 0o600)
}

func TestTheEnvironmentHasNoSayInTheZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	evil, err := time.LoadLocation("Europe/Berlin")
	if err != nil || at.In(evil).Hour() != 22 {
		t.Fatalf("the trap is not set: %v, %s", err, at.In(evil))
	}
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if got := at.In(zone).Format("15:04"); got != "14:00" {
		t.Errorf("noon in July is shown as %s in Berlin", got)
	}
}

func TestZonesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Local", "local", "europe/berlin", "Europe/Berln", "Europe", "Europe/", "/Europe/Berlin", "../Europe/Berlin", "Europe/Berlin\x00", "UTC+1"} {
		if zone, err := calendar.LoadZone(name); err == nil {
			t.Errorf("%q is %s", name, zone)
		}
	}
}

func TestZonesThatAreThere(t *testing.T) {
	t.Parallel()
	names, err := calendar.ZoneNames()
	if err != nil || len(names) < 500 || !slices.IsSorted(names) {
		t.Fatalf("%d names, in order %t (%v)", len(names), slices.IsSorted(names), err)
	}
	for _, name := range names {
		zone, err := calendar.LoadZone(name)
		if err != nil || zone.String() != name {
			t.Errorf("%s: %v %v", name, zone, err)
		}
	}
}

// TestTheZonesAreThoseThatWereChecked shows that nobody changed the file by
// accident.
func TestTheZonesAreThoseThatWereChecked(t *testing.T) {
	t.Parallel()
	data, err := unpacked()
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != checksum {
		t.Errorf("the archive has the checksum %x", sum)
	}
}
