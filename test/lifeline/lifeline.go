// Package lifeline ends a program with the one that started it. It is a module of its own because ../controlplane and ../kwok cannot share
// a module that has dependencies.
package lifeline

import (
	"fmt"
	"io"
	"os"
	"strconv"
)

// variable names a file descriptor: the reading end of a pipe whose writing end only the process that started this one
// holds. The kernel closes it with that process, however it ends, also by SIGKILL, so nothing outlives its test.
// (Linux's Pdeathsig does nearly the same, but follows the thread that forked, which Go may end at any time.)
const variable = "CONTROLPLANE_LIFELINE"

// ExitWithParent ends this process when its lifeline closes. Without a lifeline, as for a kubectl that a person types, it does
// nothing.
func ExitWithParent() {
	value, ok := os.LookupEnv(variable)
	if !ok {
		return
	}
	descriptor, err := strconv.Atoi(value)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s=%q: %v\n", variable, value, err)
		os.Exit(2)
	}
	lifeline := os.NewFile(uintptr(descriptor), "lifeline")
	go func() {
		WaitForEnd(lifeline)
		os.Exit(1) // at once: nothing that it would save is kept
	}()
}

// WaitForEnd returns when the writing end of the pipe is closed. Nothing is ever written to it.
func WaitForEnd(pipe io.Reader) {
	if _, err := io.Copy(io.Discard, pipe); err != nil {
		fmt.Fprintf(os.Stderr, "lifeline: %v\n", err)
	}
}
