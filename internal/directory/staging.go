package directory

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// staging is a private directory next to the target. The new files are written to a directory in it, and what they replace is
// moved there to be removed.
type staging struct {
	path string
	lock *os.File
}

// prefix begins the names of a target's staging directories. They are next to it because only a rename within one file
// system is a single step, and hidden because some tools read every directory that they see.
func prefix(target string) string { return "." + filepath.Base(target) + ".new-" }

// stage writes the files into a new staging directory, and leaves nothing behind if that fails.
func stage(target string, files map[string][]byte) (staging, error) {
	return newStaging(target, func(s staging) error { return s.write(files) })
}

func newStaging(target string, write func(staging) error) (s staging, err error) {
	s.path, err = os.MkdirTemp(filepath.Dir(target), prefix(target))
	if err != nil {
		return s, err
	}
	// Best effort: where a file system has no locks, only the clean-up of a run at the same time could interfere.
	s.lock, _ = Lock(s.path)
	if err := write(s); err != nil {
		return s, errors.Join(err, s.remove())
	}
	return s, nil
}

func (s staging) folder() string { return filepath.Join(s.path, "new") }

// write gives directory and files the permissions that cdk8s's own synthesis does: everybody's, less the user's umask.
func (s staging) write(files map[string][]byte) error {
	if err := os.Mkdir(s.folder(), 0o777); err != nil {
		return err
	}
	return s.writeFiles(files)
}

func (s staging) writeFiles(files map[string][]byte) error {
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(s.folder(), name), content, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// moveTo puts the new directory in the target's place, with the target's mode if there is one.
func (s staging) moveTo(target string, mode fs.FileMode) error {
	if mode == 0 {
		return os.Rename(s.folder(), target)
	}
	if err := os.Chmod(s.folder(), mode); err != nil {
		return err
	}
	return exchange(s.folder(), target)
}

func (s staging) remove() error {
	err := os.RemoveAll(s.path)
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// removeAbandoned removes the staging directories of runs that were killed. One whose lock is held belongs to a run that
// is still going on.
func removeAbandoned(target string) error {
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), prefix(target)) {
			continue
		}
		abandoned := staging{path: filepath.Join(filepath.Dir(target), entry.Name())}
		if abandoned.lock, err = Lock(abandoned.path); err != nil {
			continue
		}
		if err := abandoned.remove(); err != nil {
			return err
		}
	}
	return nil
}
