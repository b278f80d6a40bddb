package githubtest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// WriteRepository writes all objects, loose, and the present references into a
// bare git repository at a folder that does not exist or is empty. Commits of
// forks are there too, reachable from nothing.
func (s *Server) WriteRepository(folder string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range []string{"objects", "refs"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o750); err != nil {
			return fmt.Errorf("write repository: %w", err)
		}
	}
	files := map[string][]byte{
		"HEAD":   []byte("ref: refs/heads/" + s.repo.world.DefaultBranch + "\n"),
		"config": []byte("[core]\n\trepositoryformatversion = 0\n\tbare = true\n"),
	}
	for name, id := range s.repo.refs {
		files[name] = []byte(id + "\n")
	}
	for id, stored := range s.repo.objects {
		packed, err := stored.loose()
		if err != nil {
			return fmt.Errorf("write object %s: %w", id, err)
		}
		files["objects/"+id[:2]+"/"+id[2:]] = packed
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeFile(filepath.Join(folder, filepath.FromSlash(name)), files[name]); err != nil {
			return fmt.Errorf("write repository: %w", err)
		}
	}
	return nil
}

// loose is an object as git stores it in a file of its own.
func (o object) loose() ([]byte, error) {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := fmt.Fprintf(w, "%s %d\x00%s", o.kind, len(o.body), o.body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// SigningKey returns the public SSH key of a login, whether GitHub knows it or
// not, as a line of an authorized_keys file without the newline.
func (s *Server) SigningKey(login string) (string, error) {
	p, err := s.repo.person(login)
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	signer, err := sshKey(p.login)
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	return strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(signer.PublicKey())), "\n"), nil
}
