package kernel

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// makePipe makes a pipe with a name. Its reader sees the end as soon as the writer is closed here and in all other processes.
func makePipe(path string) (reader io.ReadCloser, writer io.Closer, err error) {
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return nil, nil, err
	}
	// It would wait for a writer, and the writer for it.
	in, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	out, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return in, out, nil
}
