//go:build !unix

package directory

import (
	"errors"
	"os"
)

// Lock is not to be had here, so folders that a killed run left stay until someone removes them.
func Lock(string) (*os.File, error) {
	return nil, errors.ErrUnsupported
}
