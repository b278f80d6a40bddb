package release

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"runtime/debug"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
)

// bom returns the list of what the program consists of, as CycloneDX 1.6 in JSON:
// its modules and the standard library, by what the compiler wrote into it. There
// is neither a time nor a serial number in it, so it is the same each time.
// Source: https://cyclonedx.org/docs/1.6/json/
func bom(version, goVersion string, modules []*debug.Module) ([]byte, error) {
	self := cyclonedx.Component{
		Type: cyclonedx.ComponentTypeApplication, Name: "stageward", Version: version, BOMRef: "stageward",
		PackageURL: "pkg:golang/github.com/stageward/stageward@v" + version,
		Licenses:   &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "MIT"}}},
	}
	components := []cyclonedx.Component{library("std", goVersion, "")}
	for _, module := range modules {
		components = append(components, library(module.Path, module.Version, module.Sum))
	}
	needs := make([]string, len(components))
	for i, component := range components {
		needs[i] = component.BOMRef
	}
	list := cyclonedx.NewBOM()
	list.Metadata = &cyclonedx.Metadata{Component: &self}
	list.Components = &components
	list.Dependencies = &[]cyclonedx.Dependency{{Ref: self.BOMRef, Dependencies: &needs}}
	text := bytes.Buffer{}
	err := cyclonedx.NewBOMEncoder(&text, cyclonedx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(list, cyclonedx.SpecVersion1_6)
	return text.Bytes(), err
}

// library describes a module. Its sum is that of go.sum, a SHA-256 over the names
// and sums of its files, in base64 after "h1:".
func library(path, version, sum string) cyclonedx.Component {
	reference := "pkg:golang/" + path + "@" + version
	component := cyclonedx.Component{Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, BOMRef: reference, PackageURL: reference}
	if plain, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sum, "h1:")); err == nil && len(plain) > 0 {
		component.Hashes = &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: hex.EncodeToString(plain)}}
	}
	return component
}
