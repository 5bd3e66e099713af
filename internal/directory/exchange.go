package directory

import (
	"errors"
	"os"
)

// exchangeByRenaming swaps two directories in three renames. Between the first two there is no directory b, for as long as
// one system call takes; a process killed just there leaves b's contents at a + ".old".
func exchangeByRenaming(a, b string) error {
	aside := a + ".old"
	if err := os.Rename(b, aside); err != nil {
		return err
	}
	if err := os.Rename(a, b); err != nil {
		return errors.Join(err, os.Rename(aside, b))
	}
	return os.Rename(aside, a)
}
