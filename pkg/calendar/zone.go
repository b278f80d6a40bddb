package calendar

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// zoneinfo is an archive in which nothing is compressed, compressed as a whole:
// a quarter of the size.
//
//go:embed zoneinfo.zip.gz
var zoneinfo []byte

// LoadZone returns the time zone of a name of the IANA database, such as
// Europe/Berlin, byte for byte. Nothing outside the program has a part in it;
// "Local" and "" are no names. The error says that there is no such zone.
func LoadZone(name string) (*time.Location, error) {
	archive, err := zones()
	if err != nil {
		return nil, err
	}
	for _, file := range archive.File {
		if file.Name == name && !file.FileInfo().IsDir() {
			return readZone(file)
		}
	}
	return nil, fmt.Errorf("load zone %q: the IANA time zone database has no such name", name)
}

// ZoneNames returns the names of all zones, in order.
func ZoneNames() ([]string, error) {
	archive, err := zones()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range archive.File {
		if !file.FileInfo().IsDir() {
			names = append(names, file.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// zones is the archive, opened when it is first needed.
var zones = sync.OnceValues(openZones)

func openZones() (*zip.Reader, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(zoneinfo))
	if err != nil {
		return nil, fmt.Errorf("open the time zones: %w", err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("open the time zones: %w", err)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("open the time zones: %w", err)
	}
	return archive, nil
}

// maxZone is the size of the largest zone that is read, in bytes. The largest
// there is has less than 4 KiB.
const maxZone = 64 << 10

func readZone(file *zip.File) (*time.Location, error) {
	content, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("load zone %q: %w", file.Name, err)
	}
	data, err := io.ReadAll(io.LimitReader(content, maxZone))
	if err != nil {
		return nil, fmt.Errorf("load zone %q: %w", file.Name, err)
	}
	zone, err := time.LoadLocationFromTZData(file.Name, data)
	if err != nil {
		return nil, fmt.Errorf("load zone %q: %w", file.Name, err)
	}
	return zone, nil
}
