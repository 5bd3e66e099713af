// Package directory replaces the contents of a directory in one step.
package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// writable is the permission bit without which an owner declares a directory read-only. It is looked at, because root may
// write anyway.
const writable fs.FileMode = 0o200

// Replace makes target hold exactly files, name to content. The files are written to a directory next to it, which then
// takes its place: whoever opens target sees all of the old files or all of the new ones, also when the process is
// killed. (Who has opened the old directory just before sees it being emptied.) The directory keeps the target's mode.
//
// A target that cannot be moved, such as a mount point, keeps its place, and its files are replaced one by one.
//
// Only files that owned accepts may be replaced or removed: Replace refuses a target that holds others, by name.
func Replace(target string, files map[string][]byte, owned func(name string) bool) error {
	return replace(target, content{files: files, stage: stage, foreign: func(target string) ([]string, error) {
		return foreignFiles(target, owned)
	}})
}

// content is what a target shall hold.
type content struct {
	files   map[string][]byte
	stage   func(target string, files map[string][]byte) (staging, error)
	foreign func(target string) ([]string, error) // What a target holds that must not be lost.
}

func replace(target string, by content) error {
	target, err := resolve(target)
	if err != nil {
		return err
	}
	mode, err := check(target, by.foreign)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return err
	}
	err = exchangeWith(target, mode, by)
	switch {
	case !mustStay(err):
		return err
	case mode == 0:
		return fmt.Errorf("cannot create %s: %w: create it as a user with permission, or write to another directory", target, err)
	}
	return writeInPlace(target, by.files)
}

func exchangeWith(target string, mode fs.FileMode, by content) error {
	if err := removeAbandoned(target); err != nil {
		return err
	}
	staging, err := by.stage(target, by.files)
	if err != nil {
		return err
	}
	return errors.Join(staging.moveTo(target, mode), staging.remove())
}

// resolve follows symbolic links, so that the directory behind a link is replaced and not the link.
func resolve(target string) (string, error) {
	absolute, err := filepath.Abs(target)
	if err != nil {
		return "", err
	}
	resolved, err := filepath.EvalSymlinks(absolute)
	if !errors.Is(err, fs.ErrNotExist) {
		return resolved, err
	}
	if to, err := os.Readlink(absolute); err == nil {
		return "", fmt.Errorf("%s is a symbolic link to %s, which does not exist: create that directory, or remove the link", absolute, to)
	}
	return absolute, nil
}

// check refuses a target that cannot be replaced without loss, and returns the mode of one that exists.
func check(target string, foreign func(target string) ([]string, error)) (fs.FileMode, error) {
	info, err := os.Stat(target)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !info.IsDir() {
		return 0, fmt.Errorf("%s is not a directory", target)
	}
	if info.Mode().Perm()&writable == 0 {
		return 0, fmt.Errorf("%s is read-only (mode %04o)", target, info.Mode().Perm())
	}
	others, err := foreign(target)
	if err != nil {
		return 0, err
	}
	if len(others) > 0 {
		return 0, fmt.Errorf("refusing to replace %s: it contains files that synthesis did not write: %s", target, strings.Join(others, ", "))
	}
	return info.Mode() &^ fs.ModeType, nil
}

func foreignFiles(target string, owned func(string) bool) ([]string, error) {
	entries, err := os.ReadDir(target)
	if err != nil {
		return nil, err
	}
	var foreign []string
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !isUnfinished(entry.Name()) && !owned(entry.Name()) {
			foreign = append(foreign, entry.Name())
		}
	}
	return foreign, nil
}
