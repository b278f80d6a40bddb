package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"time"
)

// Entry is a file in an archive.
type Entry struct {
	Name string
	Data []byte
	// Mode holds the permissions; a folder has no data and a name that ends in a slash.
	Mode int64
}

// maxUnpacked bounds what is read out of an archive: somebody else may have made it.
const maxUnpacked = 128 << 20

// epoch is when all files of a release were changed. Zip knows no time before 1980.
var epoch = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// tarball returns the entries as a tar archive, in their order, owned by root.
func tarball(entries []Entry) ([]byte, error) {
	archive := bytes.Buffer{}
	writer := tar.NewWriter(&archive)
	for _, entry := range entries {
		header := &tar.Header{Name: entry.Name, Mode: entry.Mode, Size: int64(len(entry.Data)), ModTime: epoch, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if entry.isFolder() {
			header.Typeflag = tar.TypeDir
		}
		if err := writer.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := writer.Write(entry.Data); err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return archive.Bytes(), err
}

func (e Entry) isFolder() bool { return e.Name != "" && e.Name[len(e.Name)-1] == '/' }

// squeeze returns the data compressed by gzip, without name or time.
func squeeze(data []byte) ([]byte, error) {
	squeezed := bytes.Buffer{}
	writer, err := gzip.NewWriterLevel(&squeezed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(data); err != nil {
		return nil, err
	}
	err = writer.Close()
	return squeezed.Bytes(), err
}

// zipped returns the entries as a zip archive, in their order.
func zipped(entries []Entry) ([]byte, error) {
	archive := bytes.Buffer{}
	writer := zip.NewWriter(&archive)
	for _, entry := range entries {
		header := &zip.FileHeader{Name: entry.Name, Method: zip.Deflate, Modified: epoch}
		header.SetMode(0o644)
		if entry.Mode&0o100 != 0 {
			header.SetMode(0o755)
		}
		file, err := writer.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := file.Write(entry.Data); err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return archive.Bytes(), err
}

// errNotOurs is what an archive is that holds more than its entries: other tools
// could find in it what was not looked at.
var errNotOurs = errors.New("it is packed in another way than a release is")

// unsqueeze undoes squeeze. What follows the compressed data is an error.
func unsqueeze(data []byte) ([]byte, error) {
	source := bytes.NewReader(data)
	reader, err := gzip.NewReader(source)
	if err != nil {
		return nil, err
	}
	reader.Multistream(false)
	plain, err := readAll(reader)
	if err == nil && (source.Len() > 0 || reader.Name+reader.Comment != "" || len(reader.Extra) > 0) {
		err = errNotOurs
	}
	return plain, err
}

// untar returns the entries of a tar archive. Whatever tarball would not have
// written is an error: links, owners, and what is behind the end.
func untar(archive []byte) ([]Entry, error) {
	entries, err := tarEntries(archive)
	if err != nil {
		return nil, err
	}
	if again, err := tarball(entries); err != nil || !bytes.Equal(again, archive) {
		return nil, errors.Join(errNotOurs, err)
	}
	return entries, nil
}

func tarEntries(archive []byte) ([]Entry, error) {
	var entries []Entry
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		if header.Typeflag != tar.TypeReg && header.Typeflag != tar.TypeDir {
			return nil, fmt.Errorf("%q is neither a file nor a folder", header.Name)
		}
		data, err := readAll(reader)
		if err != nil {
			return nil, err
		}
		entries = append(entries, Entry{Name: header.Name, Data: data, Mode: header.Mode})
	}
}

// unzip returns the entries of a zip archive, in which there must be nothing else.
func unzip(archive []byte) ([]Entry, error) {
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	if again, err := rezipped(reader.File); err != nil || !bytes.Equal(again, archive) {
		return nil, errors.Join(errNotOurs, err)
	}
	entries := make([]Entry, len(reader.File))
	for i, file := range reader.File {
		opened, err := file.Open()
		if err != nil {
			return nil, err
		}
		data, err := readAll(opened)
		if err := errors.Join(err, opened.Close()); err != nil {
			return nil, err
		}
		entries[i] = Entry{Name: file.Name, Data: data, Mode: int64(file.Mode().Perm())}
	}
	return entries, nil
}

// rezipped returns an archive of the same entries, as they are compressed.
func rezipped(files []*zip.File) ([]byte, error) {
	archive := bytes.Buffer{}
	writer := zip.NewWriter(&archive)
	for _, file := range files {
		header := file.FileHeader
		header.Comment = ""
		into, err := writer.CreateRaw(&header)
		if err != nil {
			return nil, err
		}
		from, err := file.OpenRaw()
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(into, from); err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return archive.Bytes(), err
}

func readAll(reader io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(reader, maxUnpacked+1))
	if err == nil && len(data) > maxUnpacked {
		err = fmt.Errorf("there is more than %d bytes in it", maxUnpacked)
	}
	return data, err
}
