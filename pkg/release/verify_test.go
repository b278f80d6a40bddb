package release_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/release"
)

const (
	intel   = "stageward_1.2.0-dev_linux_amd64.tar.gz"
	arm     = "stageward_1.2.0-dev_linux_arm64.tar.gz"
	windows = "stageward_1.2.0-dev_windows_amd64.zip"
	bom     = "stageward_1.2.0-dev_bom.cdx.json"
	image   = "stageward_1.2.0-dev_image.tar"
)

// The same source gives the same bytes, in another folder and at another time;
// another source does not.
func TestAReleaseIsAFunctionOfItsSource(t *testing.T) {
	t.Parallel()
	one := have(t, theRelease)
	two, err := checkout(t, nil).Build(t.Context(), platforms)
	if err != nil {
		t.Fatal(err)
	}
	if one.Digest != two.Digest || !maps.EqualFunc(one.Assets, two.Assets, bytes.Equal) || !maps.EqualFunc(one.Layout, two.Layout, bytes.Equal) {
		t.Error("two builds of the same source differ")
	}
	if other := have(t, anotherRelease); other.Digest == one.Digest {
		t.Error("another source has the same image")
	}
}

// Whoever can change what is published can change the sums, too: each row does.
func TestWhatIsNotTheReleaseIsNoticed(t *testing.T) {
	t.Parallel()
	good, other := have(t, theRelease), have(t, anotherRelease)
	for name, row := range map[string]struct {
		change func(release.Assets)
		wrong  string
	}{
		"another program in an archive": {func(a release.Assets) { a[intel] = other.Assets[intel] }, "does not hold the program of the archive"},
		"another program in the image":  {func(a release.Assets) { a[image] = other.Assets[image] }, "does not hold the program of the archive"},
		"the programs of two platforms": {func(a release.Assets) { a[intel], a[arm] = a[arm], a[intel] }, "it is a program for linux/arm64"},
		"a program that says whose it is": {func(a release.Assets) {
			a[intel] = packed(t, entry{"LICENSE", "MIT", 0o644}, entry{"stageward", self(t), 0o755})
		}, "linux/amd64: it "},
		"no program": {func(a release.Assets) {
			a[intel] = packed(t, entry{"LICENSE", "MIT", 0o644}, entry{"stageward", "#!/bin/sh\n", 0o755})
		}, "no program of Go"},
		"something beside the program": {func(a release.Assets) {
			a[intel] = packed(t, append(unpacked(t, a[intel]), entry{"stageward.sh", "", 0o755})...)
		}, "nothing else"},
		"something in its place": {func(a release.Assets) {
			e := unpacked(t, a[intel])
			e[1].name = "../stageward"
			a[intel] = packed(t, e...)
		}, "nothing else"},
		"a program nobody can start":   {func(a release.Assets) { e := unpacked(t, a[intel]); e[1].mode = 0o644; a[intel] = packed(t, e...) }, "can be executed"},
		"something else in the zip":    {func(a release.Assets) { a[windows] = zipOf(t, "LICENSE", "stageward.exe", "stageward.exe") }, "nothing else"},
		"a zip that is none":           {func(a release.Assets) { a[windows] = []byte("PK") }, "zip"},
		"something before the zip":     {func(a release.Assets) { a[windows] = append([]byte("MZ"), a[windows]...) }, "packed in another way"},
		"something behind the gzip":    {func(a release.Assets) { a[intel] = slices.Concat(a[intel], a[arm]) }, "packed in another way"},
		"something behind the program": {func(a release.Assets) { a[intel] = squeezed(t, slices.Concat(plain(t, a[intel]), plain(t, a[arm]))) }, "packed in another way"},
		"an owner of the program": {func(a release.Assets) {
			a[intel] = squeezed(t, owned(unpacked(t, a[intel])))
		}, "packed in another way"},
		"something behind the image":   {func(a release.Assets) { a[image] = slices.Concat(a[image], plain(t, a[intel])) }, "packed in another way"},
		"a platform too few":           {func(a release.Assets) { delete(a, arm) }, "no program in it"},
		"an asset too many":            {func(a release.Assets) { a["stageward.sh"] = []byte("#!/bin/sh\n") }, "stageward.sh"},
		"another list of components":   {func(a release.Assets) { a[bom] = bytes.Replace(a[bom], []byte("stageward"), []byte("stagevvard"), 1) }, "is not the list"},
		"no list of components":        {func(a release.Assets) { delete(a, bom) }, "want"},
		"a file more in the image":     {func(a release.Assets) { inLayout(t, a, addBlob) }, "belongs to nothing"},
		"a byte of a layer":            {func(a release.Assets) { inLayout(t, a, breakLayer) }, "not what its digest"},
		"another entry point":          {configured("Entrypoint", []string{"/stageward", "gate"}), "starts in another way"},
		"arguments of the image's own": {configured("Cmd", []string{"version"}), "starts in another way"},
		"a variable":                   {configured("Env", []string{"GITHUB_API_URL=https://evil.test"}), "starts in another way"},
		"another user":                 {configured("User", "1000"), "starts in another way"},
		"another folder":               {configured("WorkingDir", "/tmp"), "starts in another way"},
		"a field nobody knows":         {configured("OnBuild", []string{"RUN x"}), "unknown field"},
		"another label":                {configured("Labels", map[string]string{"org.opencontainers.image.version": "9.9.9"}), "is labelled"},
		"another kind of image":        {inManifest("artifactType", "application/x"), "described in another way"},
		"a note at the image":          {inManifest("annotations", map[string]string{"a": "b"}), "described in another way"},
		"a variant of a platform": {func(a release.Assets) {
			inIndex(t, a, func(m []any) []any { m[0].(map[string]any)["platform"].(map[string]any)["variant"] = "v9"; return m })
		}, "described in another way"},
		"another address of the image": {func(a release.Assets) {
			inIndex(t, a, func(m []any) []any { m[0].(map[string]any)["urls"] = []string{"https://evil.test"}; return m })
		}, "described in another way"},
		"no kind of layout":         {func(a release.Assets) { inLayout(t, a, func(l map[string][]byte) { delete(l, "oci-layout") }) }, "described in another way"},
		"two images for a platform": {func(a release.Assets) { inIndex(t, a, func(m []any) []any { return append(m, m[0]) }) }, "two images for"},
		"an image too few":          {func(a release.Assets) { inIndex(t, a, func(m []any) []any { return m[:1] }) }, "belongs to nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assets := maps.Clone(good.Assets)
			row.change(assets)
			list(assets)
			if digest, err := assets.Verify("1.2.0-dev", goVersion, platforms); err == nil || !strings.Contains(err.Error(), row.wrong) {
				t.Errorf("%s, %v; want %q", digest, err, row.wrong)
			}
		})
	}
}

func TestSumsAreOfEverythingAndRight(t *testing.T) {
	t.Parallel()
	good := have(t, theRelease)
	for name, change := range map[string]func(release.Assets){
		"a sum that is wrong":   func(a release.Assets) { a[bom] = append(slices.Clone(a[bom]), '\n') },
		"a sum that is missing": func(a release.Assets) { _, a["checksums.txt"], _ = bytes.Cut(a["checksums.txt"], []byte("\n")) },
		"a sum of nothing":      func(a release.Assets) { a["checksums.txt"] = append(slices.Clone(a["checksums.txt"]), "00  x\n"...) },
		"a sum twice": func(a release.Assets) {
			a["checksums.txt"] = append(slices.Clone(a["checksums.txt"]), a["checksums.txt"]...)
		},
		"no sums":                 func(a release.Assets) { delete(a, "checksums.txt") },
		"a line that is not one":  func(a release.Assets) { a["checksums.txt"] = append(slices.Clone(a["checksums.txt"]), "x\n"...) },
		"the sums of no asset":    func(a release.Assets) { clear(a) },
		"the sums of one of them": func(a release.Assets) { delete(a, arm) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assets := maps.Clone(good.Assets)
			change(assets)
			if digest, err := assets.Verify("1.2.0-dev", goVersion, platforms); err == nil {
				t.Errorf("the release is fine: %s", digest)
			}
		})
	}
}

func TestAReleaseIsOfItsVersionAndGo(t *testing.T) {
	t.Parallel()
	made := have(t, theRelease)
	if digest, err := made.Assets.Verify("1.2.0-dev", goVersion, platforms); err != nil || digest != made.Digest {
		t.Fatalf("%s, %v; want %s", digest, err, made.Digest)
	}
	if _, err := made.Assets.Verify("1.2.1", goVersion, platforms); err == nil {
		t.Error("it is a release of another version, too")
	}
	if _, err := made.Assets.Verify("1.2.0-dev", "1.26.1", platforms); err == nil || !strings.Contains(err.Error(), "was compiled with go") {
		t.Errorf("it was made with another Go: %v", err)
	}
	if _, err := made.Assets.Verify("1.2.0-dev", goVersion, platforms[:2]); err == nil {
		t.Error("it has a platform too many, and is whole")
	}
	folder := t.TempDir() + "/dist"
	if err := made.Write(folder); err != nil {
		t.Fatal(err)
	}
	if again, err := release.ReadAssets(folder); err != nil || !maps.EqualFunc(again, made.Assets, bytes.Equal) {
		t.Errorf("what was written is read otherwise: %v", err)
	}
	if made.Write(folder) == nil {
		t.Error("a release was written over another one")
	}
}

// self returns the program that runs this test: it is not compiled as a release is.
func self(t *testing.T) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// configured sets a field of the configuration of the first image, and
// everything that depends on it.
func configured(field string, value any) func(release.Assets) {
	return func(a release.Assets) {
		layout := layoutOf(a)
		index := reference(layout, "index.json")
		manifest := reference(layout, index)
		config := blob(layout, manifest)["config"].(map[string]any)
		name := path(config["digest"])
		content := blob(layout, name)
		content["config"].(map[string]any)[field] = value
		config["digest"], config["size"] = store(layout, name, content)
		outer := blob(layout, manifest)
		outer["config"] = config
		relink(layout, "index.json", index, manifest, outer)
		a[image] = tarOf(layout)
	}
}

// inManifest sets a field of the first image, and everything that depends on it.
func inManifest(field string, value any) func(release.Assets) {
	return func(a release.Assets) {
		layout := layoutOf(a)
		index := reference(layout, "index.json")
		manifest := reference(layout, index)
		outer := blob(layout, manifest)
		outer[field] = value
		relink(layout, "index.json", index, manifest, outer)
		a[image] = tarOf(layout)
	}
}

// inIndex changes the list of images, and everything that depends on it.
func inIndex(t *testing.T, a release.Assets, change func([]any) []any) {
	t.Helper()
	layout := layoutOf(a)
	name := reference(layout, "index.json")
	index := blob(layout, name)
	index["manifests"] = change(index["manifests"].([]any))
	entry := blob(layout, "index.json")
	first := entry["manifests"].([]any)[0].(map[string]any)
	first["digest"], first["size"] = store(layout, name, index)
	layout["index.json"] = encode(entry)
	a[image] = tarOf(layout)
}

// relink stores a manifest in the place of another one, and an index that names it.
func relink(layout map[string][]byte, entryName, indexName, manifestName string, manifest map[string]any) {
	index := blob(layout, indexName)
	first := index["manifests"].([]any)[0].(map[string]any)
	first["digest"], first["size"] = store(layout, manifestName, manifest)
	entry := blob(layout, entryName)
	outer := entry["manifests"].([]any)[0].(map[string]any)
	outer["digest"], outer["size"] = store(layout, indexName, index)
	layout[entryName] = encode(entry)
}

func inLayout(t *testing.T, a release.Assets, change func(map[string][]byte)) {
	t.Helper()
	layout := layoutOf(a)
	change(layout)
	a[image] = tarOf(layout)
}

func addBlob(layout map[string][]byte) { layout["blobs/sha256/"+strings.Repeat("0", 64)] = []byte("x") }

func breakLayer(layout map[string][]byte) {
	for _, name := range slices.Sorted(maps.Keys(layout)) {
		if data := layout[name]; bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			layout[name] = append(slices.Clone(data[:len(data)-1]), data[len(data)-1]^1)
			return
		}
	}
}

// reference returns the path of the first thing that an index names.
func reference(layout map[string][]byte, name string) string {
	return path(blob(layout, name)["manifests"].([]any)[0].(map[string]any)["digest"])
}

func path(digest any) string { return "blobs/sha256/" + strings.TrimPrefix(digest.(string), "sha256:") }

func blob(layout map[string][]byte, name string) map[string]any {
	var content map[string]any
	if json.Unmarshal(layout[name], &content) != nil {
		return nil // the test fails where it looks into it
	}
	return content
}

func encode(content map[string]any) []byte {
	data, _ := json.Marshal(content) // it was read from JSON
	return data
}

// store replaces a blob, and returns the digest and the size of the new one.
func store(layout map[string][]byte, old string, content map[string]any) (string, int) {
	delete(layout, old)
	data := encode(content)
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(data))
	layout[path(digest)] = data
	return digest, len(data)
}

func layoutOf(a release.Assets) map[string][]byte {
	layout := map[string][]byte{}
	reader := tar.NewReader(bytes.NewReader(a[image]))
	for header, err := reader.Next(); err == nil; header, err = reader.Next() {
		if header.Typeflag == tar.TypeReg {
			layout[header.Name], _ = io.ReadAll(reader)
		}
	}
	return layout
}

// entry is a file in an archive of a test.
type entry struct {
	name, text string
	mode       int64
}

func tarOf(layout map[string][]byte) []byte {
	entries := []entry{{"blobs/", "", 0o755}, {"blobs/sha256/", "", 0o755}}
	for _, name := range slices.Sorted(maps.Keys(layout)) {
		entries = append(entries, entry{name, string(layout[name]), 0o644})
	}
	return tarred(entries)
}

func tarred(entries []entry) []byte {
	archive := bytes.Buffer{}
	writer := tar.NewWriter(&archive)
	for _, each := range entries {
		header := &tar.Header{Name: each.name, Mode: each.mode, Size: int64(len(each.text)), ModTime: time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if strings.HasSuffix(each.name, "/") {
			header.Typeflag = tar.TypeDir
		}
		_ = writer.WriteHeader(header)
		_, _ = writer.Write([]byte(each.text))
	}
	_ = writer.Close()
	return archive.Bytes()
}

// owned is an archive whose files belong to somebody.
func owned(entries []entry) []byte {
	archive := bytes.Buffer{}
	writer := tar.NewWriter(&archive)
	for _, each := range entries {
		_ = writer.WriteHeader(&tar.Header{Name: each.name, Mode: each.mode, Size: int64(len(each.text)), Uid: 1000, Uname: "mallory"})
		_, _ = writer.Write([]byte(each.text))
	}
	_ = writer.Close()
	return archive.Bytes()
}

func packed(t *testing.T, entries ...entry) []byte { return squeezed(t, tarred(entries)) }

func squeezed(t *testing.T, data []byte) []byte {
	t.Helper()
	squeezed := bytes.Buffer{}
	writer := gzip.NewWriter(&squeezed)
	if _, err := writer.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return squeezed.Bytes()
}

func plain(t *testing.T, archive []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unpacked(t *testing.T, archive []byte) []entry {
	t.Helper()
	var entries []entry
	reader := tar.NewReader(bytes.NewReader(plain(t, archive)))
	for header, err := reader.Next(); err == nil; header, err = reader.Next() {
		text, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{header.Name, string(text), header.Mode})
	}
	return entries
}

func zipOf(t *testing.T, names ...string) []byte {
	t.Helper()
	archive := bytes.Buffer{}
	writer := zip.NewWriter(&archive)
	for _, name := range names {
		if _, err := writer.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}
