//go:build !linux

package native

// The kernel runs on Linux only.

const nonblocking = 0

func outliveSignals() {}

func protectOutput() {}

// RestoreOutput makes the standard output the stream of the protocol again.
func RestoreOutput() error { return nil }
