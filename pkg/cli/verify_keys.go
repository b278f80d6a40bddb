package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

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
	for _, each := range problems {
		fmt.Fprintf(a.system.Stderr, "stageward: %s\n", actions.Inert(each.Error()))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("the keys cannot be used as they are: %d problem(s), shown above; nothing was checked", len(problems))
	}
	for _, each := range ring.Notes() {
		a.notice(each.Error())
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
		materials = append(materials, signature.Material{Source: path, Data: data})
	}
	return materials, nil
}
