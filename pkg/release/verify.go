package release

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opencontainers/image-spec/specs-go/v1"
)

// Verify returns an error unless the assets are a whole release of the version,
// for these platforms, and fit each other: sums, archives, programs, image and
// list of components. The image that it returns the digest of is the one that
// action.yml has to name.
//
// It does not show who made them; that is what the attestations are for.
func (a Assets) Verify(version, goVersion string, platforms []string) (string, error) {
	r := Release{Version: version, Assets: a}
	if err := a.checkSums(); err != nil {
		return "", err
	}
	want := []string{checksumsFile, r.bomName(), r.imageName()}
	var programs []Program
	for _, platform := range platforms {
		system, arch, _ := strings.Cut(platform, "/")
		name := r.archiveName(system, arch)
		want = append(want, name)
		program, err := a.program(name, system, arch)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		programs = append(programs, program)
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(a)); !slices.Equal(got, want) {
		return "", fmt.Errorf("there is %q, want %q", got, want)
	}
	if err := r.checkPrograms(programs, goVersion); err != nil {
		return "", err
	}
	image, err := a.image(r.imageName())
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.imageName(), err)
	}
	if err := image.holds(version, programs); err != nil {
		return "", err
	}
	return image.Digest, image.asMade(version)
}

// program returns the program in an archive that has nothing else but the licence.
func (a Assets) program(name, system, arch string) (Program, error) {
	program := Program{OS: system, Arch: arch}
	data, there := a[name]
	if !there {
		return program, errNoProgram
	}
	entries, err := unzip(data)
	if !strings.HasSuffix(name, ".zip") {
		plain, wrong := unsqueeze(data)
		if wrong != nil {
			return program, wrong
		}
		entries, err = untar(plain)
	}
	if err != nil {
		return program, err
	}
	if len(entries) != 2 || entries[0].Name != "LICENSE" || entries[0].Mode != 0o644 || entries[1].Name != program.fileName() || entries[1].Mode != 0o755 {
		return program, fmt.Errorf("it has to hold the licence and %s, which can be executed, and nothing else", program.fileName())
	}
	program.Data = entries[1].Data
	return program, nil
}

// checkPrograms returns an error unless each program says the version, was
// compiled as it should be, and is made of what the list of components says.
func (r *Release) checkPrograms(programs []Program, goVersion string) error {
	for _, program := range programs {
		info, err := program.check(goVersion)
		if err != nil {
			return err
		}
		list, err := bom(r.Version, goVersion, info.Deps)
		if err != nil {
			return err
		}
		// Some modules are for some systems only; that list is the one of the first platform.
		if program.Platform() == programs[0].Platform() && !bytes.Equal(list, r.Assets[r.bomName()]) {
			return fmt.Errorf("%s is not the list of what the program for %s consists of", r.bomName(), program.Platform())
		}
	}
	return nil
}

// image opens the image among the assets.
func (a Assets) image(name string) (Image, error) {
	entries, err := untar(a[name])
	if err != nil {
		return Image{}, err
	}
	layout := Layout{}
	for _, entry := range entries {
		if _, twice := layout[entry.Name]; twice {
			return Image{}, fmt.Errorf("%q is there twice", entry.Name)
		}
		if !entry.isFolder() {
			layout[entry.Name] = entry.Data
		}
	}
	return layout.Open()
}

// holds returns an error unless the image has just the programs for Linux, each
// with the authorities, and starts them as action.yml expects it.
func (i Image) holds(version string, programs []Program) error {
	left := maps.Clone(i.Images)
	for _, program := range programs {
		if program.OS != "linux" {
			continue
		}
		content, there := left[program.Platform()]
		delete(left, program.Platform())
		if !there || len(content.Files) != 2 || !bytes.Equal(content.Files[inImage].Data, program.Data) || content.Files[inImage].Mode != 0o755 {
			return fmt.Errorf("the image for %s does not hold the program of the archive", program.Platform())
		}
		if !bytes.Contains(content.Files[rootsInImage].Data, []byte("-----BEGIN CERTIFICATE-----\n")) {
			return fmt.Errorf("the image for %s trusts no authority", program.Platform())
		}
		if err := checkConfig(content.Config, version); err != nil {
			return fmt.Errorf("the image for %s %w", program.Platform(), err)
		}
	}
	for platform := range left {
		return fmt.Errorf("there is an image for %s, and no archive", platform)
	}
	return nil
}

// checkConfig returns an error for anything that would run another program, or run
// it in another way.
func checkConfig(config v1.ImageConfig, version string) error {
	if !maps.Equal(config.Labels, imageLabels(version)) {
		return fmt.Errorf("is labelled %v", config.Labels)
	}
	if !slices.Equal(config.Entrypoint, []string{"/" + inImage}) || len(config.Cmd)+len(config.Env)+len(config.Volumes)+len(config.ExposedPorts) > 0 ||
		config.User != "" || config.WorkingDir != "" || config.StopSignal != "" {
		return fmt.Errorf("starts in another way than the Dockerfile says")
	}
	return nil
}
