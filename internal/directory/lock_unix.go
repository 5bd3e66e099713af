//go:build unix

package directory

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Lock takes the lock of a directory, which the system releases when the process ends, however it ends.
func Lock(path string) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
