package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// unfinished begins the names of files that are being written in place.
const unfinished = ".new-"

// mustStay reports whether an error means that nothing can be written next to the target, or that the target cannot be moved: it is a mount
// point, its file system is read-only above it, or the directory above it belongs to somebody else.
func mustStay(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.EXDEV)
}

// writeInPlace replaces the files of a target one by one, each in one step, once all of them are written: whoever opens the target meanwhile
// sees old files and new ones. What a killed run leaves, the next one removes.
func writeInPlace(target string, files map[string][]byte) (err error) {
	lock, err := Lock(target)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
	case err != nil:
		return fmt.Errorf("%s is being written by another process: %w", target, err)
	default:
		defer func() { err = errors.Join(err, lock.Close()) }()
	}
	names := slices.Sorted(maps.Keys(files))
	var written []string
	for _, name := range names {
		temporary := filepath.Join(target, filepath.FromSlash(path.Join(path.Dir(name), unfinished+path.Base(name))))
		written = append(written, temporary)
		if err := writeNew(temporary, files[name]); err != nil {
			return errors.Join(err, removeAll(written))
		}
	}
	for i, name := range names {
		if err := os.Rename(written[i], filepath.Join(target, filepath.FromSlash(name))); err != nil {
			return errors.Join(err, removeAll(written[i:]))
		}
	}
	return removeOthers(target, files)
}

func writeNew(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, content, 0o666)
}

func removeAll(names []string) error {
	var errs []error
	for _, name := range names {
		if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// removeOthers removes other files from the target, and directories that are then empty.
func removeOthers(target string, files map[string][]byte) error {
	var folders []string
	err := filepath.WalkDir(target, func(name string, entry fs.DirEntry, err error) error {
		relative, errRelative := filepath.Rel(target, name)
		switch _, wanted := files[filepath.ToSlash(relative)]; {
		case err != nil || errRelative != nil || wanted:
			return errors.Join(err, errRelative)
		case entry.IsDir():
			folders = append(folders, name)
			return nil
		}
		return os.Remove(name)
	})
	for _, folder := range slices.Backward(folders) {
		if entries, errRead := os.ReadDir(folder); errRead == nil && len(entries) == 0 && folder != target {
			err = errors.Join(err, os.Remove(folder))
		}
	}
	return err
}

func isUnfinished(name string) bool { return strings.HasPrefix(path.Base(name), unfinished) }
