//go:build !linux

package kernel

import (
	"errors"
	"io"
)

// The native kernel, which is the other end, runs on Linux only.
func makePipe(string) (reader io.ReadCloser, writer io.Closer, err error) {
	return nil, nil, errors.ErrUnsupported
}
