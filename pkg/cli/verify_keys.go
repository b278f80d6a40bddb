package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/signature"
)

// maxSigners is the largest file of keys that is read, in bytes; the signature
// package has a stricter limit of its own and says so.
const maxSigners = 4 << 20

// ring compiles the keys that count. One line that cannot be used is an error:
// whose key it was meant to be is not known, and neither is what it was meant
// to take back.
func (a *app) ring(flags verifyFlags) (*signature.Ring, error) {
	if len(flags.signers) == 0 {
		return nil, errors.New("say whose signatures count: --signers FILE, with armored OpenPGP keys or lines of allowed_signers. " +
			"gpg's key ring and git's settings are not used: whoever can change them could say who counts")
	}
	signers, err := readMaterials("signers", flags.signers)
	if err != nil {
		return nil, err
	}
	revoked, err := readMaterials("revoked", flags.revoked)
	if err != nil {
		return nil, err
	}
	ring, problems := signature.NewRing(signers, revoked)
	problems = append(problems, withoutKeys(signers, problems)...)
	for _, each := range ring.Notes() { // a note can be why there is a problem
		a.notice(each.Error())
	}
	for _, each := range problems {
		fmt.Fprintf(a.system.Stderr, "stageward: %s\n", actions.Inert(each.Error()))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("the keys cannot be used as they are: %d problem(s), shown above; nothing was checked", len(problems))
	}
	return ring, nil
}

// withoutKeys are the files that have no key and no problem that says so.
func withoutKeys(signers []signature.Material, known []signature.Problem) []signature.Problem {
	said := map[string]bool{}
	for _, each := range known {
		said[each.Source] = true
	}
	var found []signature.Problem
	for _, each := range signers {
		alone, _ := signature.NewRing([]signature.Material{each}, nil)
		if alone.Keys() == 0 && !said[each.Source] {
			found = append(found, signature.Problem{Source: each.Source, Detail: "there are no keys in it"})
		}
	}
	return found
}

// readMaterials reads the files that a flag names.
func readMaterials(flag string, paths []string) ([]signature.Material, error) {
	var materials []signature.Material
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return nil, fmt.Errorf("--%s %s is a folder; name each of its files with a --%s of its own", flag, path, flag)
		}
		data, err := readLimited(path, maxSigners)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("--%s %s: there is no such file; a file that is missing is never taken for an empty one", flag, path)
		}
		if err != nil {
			return nil, fmt.Errorf("read --%s: %w", flag, err)
		}
		if reason := wrongForm(flag, data); reason != "" {
			return nil, fmt.Errorf("--%s %s: %s", flag, path, reason)
		}
		materials = append(materials, signature.Material{Source: path, Data: data})
	}
	return materials, nil
}

// wrongForm says what a file is that cannot be the one that was meant, or
// returns nothing. Read line by line, such a file gives many problems, and none
// of them says what to do.
func wrongForm(flag string, data []byte) string {
	isKRL := bytes.HasPrefix(data, []byte("SSHKRL")) // what that is, its reader says
	isText := bytes.IndexByte(data, 0) < 0 && (len(data) == 0 || data[0] < utf8.RuneSelf || utf8.Valid(data))
	switch {
	case !isText && !isKRL:
		return "it is not text; export OpenPGP keys with `gpg --armor --export`, and save lines with SSH keys as UTF-8"
	case flag == "revoked" && bytes.Contains(data, []byte("-----BEGIN PGP PUBLIC KEY")):
		return "it has OpenPGP keys, and here only SSH keys can be listed; an OpenPGP key carries its own revocation: " +
			"export it again after it was revoked, and give that file to --signers"
	}
	return ""
}
