//go:build linux

package servers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// shell is a folder of programs that is first in a container's PATH; its sh runs the scripts.
type shell string

const (
	// busybox is the shell of the alpine images, with its own ls, sort, tail, date, sha256sum and so on.
	busybox shell = "busybox"
	// dash is the shell of the Debian images, with GNU's tools.
	dash shell = "dash"
)

// shells are what every script runs under.
var shells = []shell{busybox, dash}

// installShells makes the folders.
func installShells() error {
	for _, s := range shells {
		if err := os.Mkdir(s.folder(), 0o755); err != nil {
			return err
		}
	}
	if output, err := exec.Command("busybox", "--install", "-s", busybox.folder()).CombinedOutput(); err != nil {
		return fmt.Errorf("busybox --install: %w: %s", err, output)
	}
	path, err := exec.LookPath("dash")
	if err != nil {
		return err
	}
	return os.Symlink(path, filepath.Join(dash.folder(), "sh"))
}

func (s shell) folder() string { return filepath.Join(root, string(s)) }

func (s shell) path() string { return s.folder() + ":" + os.Getenv("PATH") }
