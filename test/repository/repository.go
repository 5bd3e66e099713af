// Package repository finds the files of this repository, whichever directory a test runs in.
package repository

import (
	"path/filepath"
	"runtime"
)

// Path joins elements to the path of the repository's root directory.
func Path(elements ...string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", filepath.Join(elements...))
}
