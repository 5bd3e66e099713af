package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/ai-platform/manifests/test/repository"
)

// unusedAfter is how long a binary that nothing asks for is kept.
const unusedAfter = 30 * 24 * time.Hour

// lockInterval is how often a process that waits for another's build looks again.
const lockInterval = 200 * time.Millisecond

// cache is a folder of built programs, because even with all packages compiled, finding that out and linking takes a quarter of a
// minute. A program's file name tells what it was built from and by.
type cache struct {
	folder    string
	toolchain toolchain
}

// toolchain is what `go env` tells of Go.
type toolchain struct {
	GOVERSION, GOOS, GOARCH, GOFLAGS string
}

func openCache(ctx context.Context) (*cache, error) {
	output, err := exec.CommandContext(ctx, "go", "env", "-json", "GOVERSION", "GOOS", "GOARCH", "GOFLAGS").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	var found toolchain
	if err := json.Unmarshal(output, &found); err != nil {
		return nil, err
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(user, "ai-platform-manifests")
	return &cache{folder, found}, os.MkdirAll(folder, 0o755)
}

// get returns the path of the program's binary, and builds it where it is missing.
func (c *cache) get(ctx context.Context, program program, progress *log.Logger) (path string, err error) {
	sources := program.sources()
	key, err := c.key(sources)
	if err != nil {
		return "", fmt.Errorf("%s is built from its sources: %w", program.name, err)
	}
	unlock, err := c.lock(ctx, program, progress)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()

	binary := filepath.Join(c.folder, program.name+"-"+key)
	now := time.Now()
	if err := os.Chtimes(binary, now, now); !errors.Is(err, fs.ErrNotExist) {
		return binary, err // there it is, and marked as used
	}
	unfinished := binary + ".unfinished"
	if err := program.build(ctx, sources, unfinished, progress); err != nil {
		return "", err
	}
	return binary, errors.Join(os.Rename(unfinished, binary), c.removeUnused())
}

// key is different for different sources and toolchains.
func (c *cache) key(sources string) (string, error) {
	hash := sha256.New()
	hash.Write(fmt.Appendln(nil, c.toolchain.GOVERSION, c.toolchain.GOOS, c.toolchain.GOARCH, c.toolchain.GOFLAGS))
	var errs []error
	for _, folder := range []fs.FS{os.DirFS(sources), os.DirFS(repository.Path("test", "lifeline"))} {
		errs = append(errs, fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(folder, path)
			hash.Write(fmt.Appendln(nil, path, len(content)))
			hash.Write(content)
			return err
		}))
	}
	return fmt.Sprintf("%x", hash.Sum(nil)[:8]), errors.Join(errs...)
}

// lock makes others who want the same program wait: packages are tested side by side, and one build is enough. The lock ends with the
// process that has it.
func (c *cache) lock(ctx context.Context, program program, progress *log.Logger) (unlock func() error, err error) {
	file, err := os.OpenFile(filepath.Join(c.folder, program.name+".lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = tryLock(file)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		progress.Printf("waiting for %s, which builds %s …", holder(file), program.main)
	}
	for errors.Is(err, syscall.EWOULDBLOCK) {
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), file.Close())
		case <-time.After(lockInterval):
			err = tryLock(file)
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if err := sign(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file.Close, nil
}

// sign writes into a lock's file who has it.
func sign(lock *os.File) error {
	if err := lock.Truncate(0); err != nil {
		return err
	}
	_, err := fmt.Fprintf(lock, "process %d (%s)", os.Getpid(), filepath.Base(os.Args[0]))
	return err
}

// holder is who has a lock, as far as its file says.
func holder(lock *os.File) string {
	name, err := os.ReadFile(lock.Name())
	if err != nil || len(name) == 0 {
		return "another process"
	}
	return string(name)
}

func tryLock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// removeUnused removes the binaries of sources and toolchains that are no longer in use, and what broken builds left.
func (c *cache) removeUnused() error {
	files, err := os.ReadDir(c.folder)
	if err != nil {
		return err
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			return err
		}
		if time.Since(info.ModTime()) > unusedAfter {
			if err := os.Remove(filepath.Join(c.folder, file.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
