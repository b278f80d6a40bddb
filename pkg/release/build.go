package release

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const (
	checksumsFile = "checksums.txt"
	layoutFolder  = "image"
)

// Assets are the files of a release by their name.
type Assets map[string][]byte

// Release is everything that a version consists of.
type Release struct {
	Version string
	Digest  string // of the image
	Assets  Assets
	Layout  Layout
}

// Build makes the release that the tree describes, for these platforms. Without
// one for Linux there is no image.
func (t Tree) Build(ctx context.Context, platforms []string) (Release, error) {
	version, err := t.find(versionFile, versionLine)
	if err != nil {
		return Release{}, err
	}
	goVersion, err := t.GoVersion()
	if err != nil {
		return Release{}, err
	}
	// The program is compiled by the Go that the tree names; what packs it has to be that Go, too.
	if runtime.Version() != "go"+goVersion {
		return Release{}, fmt.Errorf("a release is packed with go%s, and this is %s: set GOTOOLCHAIN=go%s", goVersion, runtime.Version(), goVersion)
	}
	made := Release{Version: version, Assets: Assets{}}
	programs := make([]Program, len(platforms))
	for i, platform := range platforms {
		if programs[i], err = t.compile(ctx, platform); err != nil {
			return Release{}, err
		}
	}
	roots, err := t.roots(ctx)
	if err != nil {
		return Release{}, err
	}
	license, err := os.ReadFile(filepath.Join(t.Root, "LICENSE"))
	if err != nil {
		return Release{}, err
	}
	return made, made.pack(programs, roots, license, goVersion)
}

// pack fills the release with what it is made of.
func (r *Release) pack(programs []Program, roots, license []byte, goVersion string) error {
	for _, program := range programs {
		if err := r.addArchive(program, license); err != nil {
			return err
		}
	}
	info, err := programs[0].check(goVersion)
	if err != nil {
		return err
	}
	if r.Assets[r.bomName()], err = bom(r.Version, goVersion, info.Deps); err != nil {
		return err
	}
	if r.Layout, r.Digest, err = NewLayout(r.Version, roots, programs); err != nil {
		return err
	}
	if r.Assets[r.imageName()], err = tarball(r.Layout.Entries()); err != nil {
		return err
	}
	r.Assets[checksumsFile] = r.Assets.checksums()
	return nil
}

func (r *Release) addArchive(program Program, license []byte) error {
	entries := []Entry{{Name: "LICENSE", Data: license, Mode: 0o644}, {Name: program.fileName(), Data: program.Data, Mode: 0o755}}
	name := r.archiveName(program.OS, program.Arch)
	if strings.HasSuffix(name, ".zip") {
		archive, err := zipped(entries)
		r.Assets[name] = archive
		return err
	}
	plain, err := tarball(entries)
	if err != nil {
		return err
	}
	r.Assets[name], err = squeeze(plain)
	return err
}

func (r *Release) archiveName(system, arch string) string {
	if system == "windows" {
		return fmt.Sprintf("stageward_%s_%s_%s.zip", r.Version, system, arch)
	}
	return fmt.Sprintf("stageward_%s_%s_%s.tar.gz", r.Version, system, arch)
}

func (r *Release) bomName() string   { return "stageward_" + r.Version + "_bom.cdx.json" }
func (r *Release) imageName() string { return "stageward_" + r.Version + "_image.tar" }

// checksums returns the sums of all other assets, as sha256sum prints and checks them.
func (a Assets) checksums() []byte {
	text := bytes.Buffer{}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if name != checksumsFile {
			fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(a[name]), name)
		}
	}
	return text.Bytes()
}

// Write writes the assets, and the image as a folder that a registry client
// takes, into a folder that must not be there yet.
func (r *Release) Write(folder string) error {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder of the release: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Assets)) {
		if err := os.WriteFile(filepath.Join(folder, name), r.Assets[name], 0o644); err != nil {
			return err
		}
	}
	return r.Layout.Write(filepath.Join(folder, layoutFolder))
}

// ReadAssets returns the files of a folder, but not of its folders.
func ReadAssets(folder string) (Assets, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	assets := Assets{}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		if assets[entry.Name()], err = os.ReadFile(filepath.Join(folder, entry.Name())); err != nil {
			return nil, err
		}
	}
	return assets, nil
}

// checkSums returns an error unless the list of sums is about all other assets,
// and about nothing else, and right.
func (a Assets) checkSums() error {
	listed := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(a[checksumsFile]))
	for lines.Scan() {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if _, twice := listed[name]; !ok || twice {
			return fmt.Errorf("%s: %q is no line of its own", checksumsFile, lines.Text())
		}
		listed[name] = sum
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if name == checksumsFile {
			continue
		}
		if want := fmt.Sprintf("%x", sha256.Sum256(a[name])); listed[name] != want {
			return fmt.Errorf("%s is not what %s says", name, checksumsFile)
		}
		delete(listed, name)
	}
	for name := range listed {
		return fmt.Errorf("%s is missing, and %s names it", name, checksumsFile)
	}
	return nil
}
