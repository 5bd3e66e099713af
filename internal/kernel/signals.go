package kernel

import (
	"os"
	"os/signal"
	"syscall"
)

// holdSignals holds back the signals that end a program, and returns what delivers them. While the kernel starts, nobody would remove its
// files.
func holdSignals() (deliver func()) {
	held := make(chan os.Signal, 1)
	signal.Notify(held, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return func() {
		signal.Stop(held)
		select {
		case s := <-held:
			process, err := os.FindProcess(os.Getpid())
			if err != nil || process.Signal(s) != nil {
				os.Exit(1) // Windows delivers no signal to the process itself.
			}
		default:
		}
	}
}
