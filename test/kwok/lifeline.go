package main

// This file stands in ../controlplane and in ../kwok, which cannot share a package without sharing their dependencies; a test of
// ../cluster holds the two equal.

import (
	"fmt"
	"io"
	"os"
	"strconv"
)

// lifelineVariable names a file descriptor: the reading end of a pipe whose writing end only the process that started this one
// holds. The kernel closes it with that process, however it ends, also by SIGKILL, so nothing outlives its test.
// (Linux's Pdeathsig does nearly the same, but follows the thread that forked, which Go may end at any time.)
const lifelineVariable = "CONTROLPLANE_LIFELINE"

// exitWithParent ends this process when its lifeline closes. Without a lifeline, as for a kubectl that a person types, it does
// nothing.
func exitWithParent() {
	value, ok := os.LookupEnv(lifelineVariable)
	if !ok {
		return
	}
	descriptor, err := strconv.Atoi(value)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s=%q: %v\n", lifelineVariable, value, err)
		os.Exit(2)
	}
	lifeline := os.NewFile(uintptr(descriptor), "lifeline")
	go func() {
		waitForEnd(lifeline)
		os.Exit(1) // at once: nothing that it would save is kept
	}()
}

// waitForEnd returns when the writing end of the pipe is closed. Nothing is ever written to it.
func waitForEnd(pipe io.Reader) {
	if _, err := io.Copy(io.Discard, pipe); err != nil {
		fmt.Fprintf(os.Stderr, "lifeline: %v\n", err)
	}
}
