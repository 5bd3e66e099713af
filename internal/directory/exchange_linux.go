package directory

import (
	"errors"

	"golang.org/x/sys/unix"
)

// exchange swaps two directories in one step, or by renaming on a file system that cannot (NFS, for one).
func exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		return exchangeByRenaming(a, b)
	}
	return err
}
