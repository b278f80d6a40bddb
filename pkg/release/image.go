package release

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	"github.com/opencontainers/image-spec/specs-go/v1"
)

const (
	inImage = "stageward"
	// rootsInImage is a place that Go looks at, and not below etc/ssl/certs, where it would read the file a second time
	// as one of a folder.
	rootsInImage = "etc/ssl/cert.pem"
)

// imageLabels are what a registry shows of an image.
func imageLabels(version string) map[string]string {
	return map[string]string{
		v1.AnnotationTitle:    "Stageward",
		v1.AnnotationSource:   "https://github.com/stageward/stageward",
		v1.AnnotationLicenses: "MIT",
		v1.AnnotationVersion:  version,
	}
}

// Layout is an image for several platforms, as the files of an OCI image layout
// by their path. Source: https://github.com/opencontainers/image-spec, v1.1.
type Layout map[string][]byte

// layer is a layer of an image: as a registry has it, and the digest of the
// archive in it.
type layer struct {
	squeezed []byte
	holds    digest.Digest
}

// NewLayout returns an image with one program for each platform of Linux and the
// same authorities in all of them, as the Dockerfile makes it, and its digest.
func NewLayout(version string, roots []byte, programs []Program) (Layout, string, error) {
	layout := Layout{}
	var manifests []v1.Descriptor
	for _, program := range programs {
		if program.OS != "linux" {
			continue
		}
		layers, err := imageLayers(roots, program)
		if err != nil {
			return nil, "", err
		}
		manifest, err := layout.addImage(version, v1.Platform{OS: program.OS, Architecture: program.Arch}, layers)
		if err != nil {
			return nil, "", err
		}
		manifests = append(manifests, manifest)
	}
	if len(manifests) == 0 {
		return nil, "", errors.New("no program is for Linux, so there is no image")
	}
	whole, err := layout.addIndex(version, manifests)
	return layout, whole, err
}

// imageLayers returns what an image consists of. The authorities come first: a
// registry keeps that layer from one version to the next.
func imageLayers(roots []byte, program Program) ([]layer, error) {
	var layers []layer
	for _, files := range [][]Entry{
		{{Name: "etc/", Mode: 0o755}, {Name: "etc/ssl/", Mode: 0o755}, {Name: rootsInImage, Data: roots, Mode: 0o644}},
		{{Name: inImage, Data: program.Data, Mode: 0o755}},
	} {
		plain, err := tarball(files)
		if err != nil {
			return nil, err
		}
		squeezed, err := squeeze(plain)
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer{squeezed: squeezed, holds: digest.FromBytes(plain)})
	}
	return layers, nil
}

// addImage adds the image for one platform.
func (l Layout) addImage(version string, platform v1.Platform, layers []layer) (v1.Descriptor, error) {
	config := v1.Image{Platform: platform, Config: v1.ImageConfig{Entrypoint: []string{"/" + inImage}, Labels: imageLabels(version)}}
	config.RootFS.Type = "layers"
	manifest := v1.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: v1.MediaTypeImageManifest, Annotations: imageLabels(version)}
	for _, each := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, each.holds)
		manifest.Layers = append(manifest.Layers, l.add(v1.MediaTypeImageLayerGzip, each.squeezed))
	}
	var err error
	if manifest.Config, err = l.addJSON(v1.MediaTypeImageConfig, config); err != nil {
		return v1.Descriptor{}, err
	}
	described, err := l.addJSON(v1.MediaTypeImageManifest, manifest)
	described.Platform = &platform
	return described, err
}

// addIndex adds what leads to the images, and returns its digest.
func (l Layout) addIndex(version string, manifests []v1.Descriptor) (string, error) {
	index := v1.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: v1.MediaTypeImageIndex, Manifests: manifests, Annotations: imageLabels(version)}
	whole, err := l.addJSON(v1.MediaTypeImageIndex, index)
	if err != nil {
		return "", err
	}
	entry := v1.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: v1.MediaTypeImageIndex, Manifests: []v1.Descriptor{whole}}
	if l[v1.ImageIndexFile], err = json.Marshal(entry); err != nil {
		return "", err
	}
	l[v1.ImageLayoutFile], err = json.Marshal(v1.ImageLayout{Version: v1.ImageLayoutVersion})
	return whole.Digest.String(), err
}

func (l Layout) addJSON(mediaType string, value any) (v1.Descriptor, error) {
	data, err := json.Marshal(value)
	return l.add(mediaType, data), err
}

func (l Layout) add(mediaType string, data []byte) v1.Descriptor {
	sum := digest.FromBytes(data)
	l["blobs/sha256/"+sum.Encoded()] = data
	return v1.Descriptor{MediaType: mediaType, Digest: sum, Size: int64(len(data))}
}

// Entries returns the files of the layout in the order of their paths.
func (l Layout) Entries() []Entry {
	entries := []Entry{{Name: "blobs/", Mode: 0o755}, {Name: "blobs/sha256/", Mode: 0o755}}
	for name, data := range l {
		entries = append(entries, Entry{Name: name, Data: data, Mode: 0o644})
	}
	slices.SortFunc(entries, func(a, b Entry) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return entries
}

// Write writes the layout into a new folder, from where a registry client
// takes it.
func (l Layout) Write(folder string) error {
	for _, entry := range l.Entries() {
		path := filepath.Join(folder, filepath.FromSlash(entry.Name))
		if entry.isFolder() {
			if err := os.MkdirAll(path, 0o755); err != nil {
				return err
			}
		} else if err := os.WriteFile(path, entry.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
