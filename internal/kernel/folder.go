package kernel

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/ai-platform/manifests/internal/directory"
	"github.com/ai-platform/manifests/internal/kernel/native"
)

// folderPrefix begins the names of directories for all that a kernel has on disk.
const folderPrefix = "ai-platform-kernel-"

// folderAge is how old an abandoned directory is at least. A new one has no lock yet.
const folderAge = time.Minute

// temporaryVariable names where programs put temporary files. Everything that has to do with the kernel follows it: the runtime that
// jsii extracts, and the packages that the runtime installs.
var temporaryVariable = map[bool]string{false: "TMPDIR", true: "TMP"}[runtime.GOOS == "windows"]

// folder holds the files of one kernel. The kernel removes it at its end, and this process when it closes the kernel. If both are
// killed, its lock is free, and the next kernel removes it.
type folder struct {
	path string
	lock *os.File // Nil where there are no locks.

	native bool // Whether the kernel is the native one, as far as is known: Node.js may have taken over since.
}

func makeFolder() (*folder, error) {
	removeAbandoned()
	parent, err := filepath.Abs(os.TempDir()) // Node.js takes a relative path for the name of a package.
	if err != nil {
		return nil, err
	}
	path, err := os.MkdirTemp(parent, folderPrefix+"*")
	if err != nil {
		return nil, err
	}
	lock, err := directory.Lock(path)
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return &folder{path: path, lock: lock}, nil
}

func (f *folder) write(name string, content []byte) (path string, err error) {
	path = filepath.Join(f.path, name)
	return path, os.WriteFile(path, content, 0o600)
}

// answersAside reports whether the kernel is the native one, and Node.js has not taken over.
func (f *folder) answersAside() bool {
	_, err := os.Stat(filepath.Join(f.path, native.Aside))
	return err == nil
}

func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
	}
	return err
}

// removeAbandoned removes what it can: the directories of others cannot be removed, and are no reason to fail.
func removeAbandoned() {
	paths, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*")) // A pattern of a user's own making finds nothing.
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < folderAge {
			continue
		}
		if lock, err := directory.Lock(path); err == nil {
			_ = (&folder{path: path, lock: lock}).remove()
		}
	}
}
