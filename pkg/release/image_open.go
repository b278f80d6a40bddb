package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go/v1"
)

// Image is what a layout says is in it, checked down to the last byte.
type Image struct {
	Digest string // of the index
	Images map[string]Content
	order  []string // of the platforms
	layout Layout
}

// Content is what the image for one platform consists of.
type Content struct {
	Config v1.ImageConfig
	Files  map[string]Entry // without folders
	layers []layer
}

// Open returns what is in a layout. Anything that is not what its digest says, and
// anything that no digest leads to, is an error.
func (l Layout) Open() (Image, error) {
	reader := layoutReader{layout: l, seen: map[string]bool{v1.ImageIndexFile: true, v1.ImageLayoutFile: true}}
	var entry, index v1.Index
	if err := strictly(l[v1.ImageIndexFile], &entry); err != nil {
		return Image{}, fmt.Errorf("%s: %w", v1.ImageIndexFile, err)
	}
	if len(entry.Manifests) != 1 {
		return Image{}, fmt.Errorf("%s names %d images, want 1", v1.ImageIndexFile, len(entry.Manifests))
	}
	if err := reader.json(entry.Manifests[0], v1.MediaTypeImageIndex, &index); err != nil {
		return Image{}, err
	}
	image := Image{Digest: entry.Manifests[0].Digest.String(), Images: map[string]Content{}, layout: l}
	for _, described := range index.Manifests {
		content, platform, err := reader.image(described)
		if err != nil {
			return Image{}, err
		}
		if _, twice := image.Images[platform]; twice {
			return Image{}, fmt.Errorf("there are two images for %s", platform)
		}
		image.Images[platform] = content
		image.order = append(image.order, platform)
	}
	for name := range l {
		if !reader.seen[name] {
			return Image{}, fmt.Errorf("%s belongs to nothing", name)
		}
	}
	return image, nil
}

type layoutReader struct {
	layout Layout
	seen   map[string]bool
}

func (r layoutReader) image(described v1.Descriptor) (Content, string, error) {
	var manifest v1.Manifest
	var config v1.Image
	if err := r.json(described, v1.MediaTypeImageManifest, &manifest); err != nil {
		return Content{}, "", err
	}
	if err := r.json(manifest.Config, v1.MediaTypeImageConfig, &config); err != nil {
		return Content{}, "", err
	}
	platform := config.OS + "/" + config.Architecture
	if described.Platform == nil || described.Platform.OS+"/"+described.Platform.Architecture != platform {
		return Content{}, "", fmt.Errorf("the image for %s is said to be for another platform", platform)
	}
	if len(config.RootFS.DiffIDs) != len(manifest.Layers) {
		return Content{}, "", fmt.Errorf("%s: %d layers, but %d are described", platform, len(manifest.Layers), len(config.RootFS.DiffIDs))
	}
	content := Content{Config: config.Config, Files: map[string]Entry{}}
	for i, described := range manifest.Layers {
		squeezed, err := r.unpack(described, config.RootFS.DiffIDs[i], content.Files)
		if err != nil {
			return Content{}, "", fmt.Errorf("%s: layer %d: %w", platform, i+1, err)
		}
		content.layers = append(content.layers, layer{squeezed: squeezed, holds: config.RootFS.DiffIDs[i]})
	}
	return content, platform, nil
}

func (r layoutReader) unpack(layer v1.Descriptor, unpacked digest.Digest, into map[string]Entry) ([]byte, error) {
	squeezed, err := r.blob(layer, v1.MediaTypeImageLayerGzip)
	if err != nil {
		return nil, err
	}
	plain, err := unsqueeze(squeezed)
	if err != nil {
		return nil, err
	}
	if digest.FromBytes(plain) != unpacked {
		return nil, errors.New("what is in it is not what the configuration says")
	}
	entries, err := untar(plain)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if _, twice := into[entry.Name]; twice {
			return nil, fmt.Errorf("%q is there twice", entry.Name)
		}
		if !entry.isFolder() {
			into[entry.Name] = entry
		}
	}
	return squeezed, nil
}

// asMade returns an error unless the layout describes its layers just as NewLayout
// does: another tool could go by a field that was not looked at.
func (i Image) asMade(version string) error {
	again := Layout{}
	var manifests []v1.Descriptor
	for _, platform := range i.order {
		system, arch, _ := strings.Cut(platform, "/")
		manifest, err := again.addImage(version, v1.Platform{OS: system, Architecture: arch}, i.Images[platform].layers)
		if err != nil {
			return err
		}
		manifests = append(manifests, manifest)
	}
	if _, err := again.addIndex(version, manifests); err != nil {
		return err
	}
	if !maps.EqualFunc(again, i.layout, bytes.Equal) {
		return errors.New("the image is described in another way than a release describes it")
	}
	return nil
}

func (r layoutReader) json(described v1.Descriptor, mediaType string, into any) error {
	data, err := r.blob(described, mediaType)
	if err != nil {
		return err
	}
	if err := strictly(data, into); err != nil {
		return fmt.Errorf("%s: %w", described.Digest, err)
	}
	return nil
}

func (r layoutReader) blob(described v1.Descriptor, mediaType string) ([]byte, error) {
	if err := described.Digest.Validate(); err != nil || described.Digest.Algorithm() != digest.SHA256 {
		return nil, fmt.Errorf("%q is no digest of the kind sha256", described.Digest)
	}
	name := "blobs/sha256/" + described.Digest.Encoded()
	r.seen[name] = true
	data := r.layout[name]
	sum := sha256.Sum256(data)
	if described.MediaType != mediaType || described.Size != int64(len(data)) || described.Digest.Encoded() != hex.EncodeToString(sum[:]) {
		return nil, fmt.Errorf("%s is missing, or is not what its digest, size and type say", name)
	}
	return data, nil
}

// strictly reads one value of JSON and nothing behind it.
func strictly(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("something follows the value")
	}
	return nil
}
