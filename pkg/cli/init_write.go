package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/stageward/stageward/pkg/scaffold"
)

// existing returns which of the files are there, whatever they are.
func existing(root *os.Root, files []scaffold.File) ([]string, error) {
	var taken []string
	for _, each := range files {
		_, err := root.Lstat(each.Path)
		switch {
		case err == nil:
			taken = append(taken, each.Path)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("nothing was written: %w", err)
		}
	}
	return taken, nil
}

// writeAll writes all files or none, and never over one that is there. What of a
// failed attempt could not be taken back is in the error.
func writeAll(root *os.Root, files []scaffold.File) error {
	var made []string // in the order in which they were made
	for _, each := range files {
		folders, err := makeFolders(root, path.Dir(each.Path))
		made = append(made, folders...)
		if err == nil {
			var created bool
			created, err = writeNew(root, each)
			if created {
				made = append(made, each.Path)
			}
		}
		if err != nil {
			return takeBack(root, made, err)
		}
	}
	return nil
}

// makeFolders makes a folder and those that it is in, and returns the new ones.
func makeFolders(root *os.Root, folder string) ([]string, error) {
	var made []string
	parts := strings.Split(folder, "/")
	for i := range parts {
		name := strings.Join(parts[:i+1], "/")
		err := root.Mkdir(name, 0o755)
		if err == nil {
			made = append(made, name)
			continue
		}
		if !errors.Is(err, fs.ErrExist) {
			return made, err
		}
		if found, err := root.Lstat(name); err != nil || !found.IsDir() {
			return made, errors.Join(err, fmt.Errorf("%s is no folder; behind a link git adds nothing, and GitHub finds nothing", name))
		}
	}
	return made, nil
}

// writeNew writes a file that is not there. created is true where it now is, whole
// or not.
func writeNew(root *os.Root, file scaffold.File) (created bool, err error) {
	to, err := root.OpenFile(file.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return false, err
	}
	_, err = to.WriteString(file.Content)
	return true, errors.Join(err, to.Close())
}

// takeBack removes what was made, the last first, and returns the error that says
// so.
func takeBack(root *os.Root, made []string, cause error) error {
	var left []string
	for i := len(made) - 1; i >= 0; i-- {
		if err := root.Remove(made[i]); err != nil {
			left = append(left, made[i])
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("not all files could be written: %w; what is left of the attempt, and has to be removed: %s", cause, strings.Join(left, ", "))
	}
	return fmt.Errorf("nothing was written: %w", cause)
}
