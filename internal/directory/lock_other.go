//go:build !unix

package directory

import (
	"errors"
	"os"
)

// Lock is not available here, so directories that a killed run left stay until someone removes them.
func Lock(string) (*os.File, error) {
	return nil, errors.ErrUnsupported
}
