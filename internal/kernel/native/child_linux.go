package native

import (
	"os/signal"
	"syscall"
)

// outliveSignals ignores Ctrl-C, which reaches the whole process group, and that nobody reads an answer any more, which would end a program of
// Go that writes to its standard output. The kernel ends when its input does, and removes its files.
func outliveSignals() {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
}

const nonblocking = syscall.O_NONBLOCK

// output is the stream of the protocol, while what the initialization of packages prints goes to standard error.
var output = 1

func protectOutput() {
	saved, err := syscall.Dup(1)
	if err != nil {
		return
	}
	if err := syscall.Dup3(2, 1, 0); err == nil {
		output = saved
	}
}

// RestoreOutput makes the standard output the stream of the protocol again.
func RestoreOutput() error { return syscall.Dup3(output, 1, 0) }
