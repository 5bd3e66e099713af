package operate

import (
	"errors"
	"fmt"
	"os"
)

// Exit codes of the commands.
const (
	ExitOK    = 0
	ExitFound = 1 // What was looked for was found: a difference, a fault.
	ExitError = 2 // Anything else.
	ExitUsage = 3 // A command, flag or argument is wrong.
)

// exitError is an error with an exit code of its own.
type exitError struct {
	error
	code int
}

func (e exitError) Unwrap() error { return e.error }

// Usage marks an error as one of the command line.
func Usage(err error) error { return exitError{err, ExitUsage} }

// ExitCode is the exit code of what a command returns.
func ExitCode(err error) int {
	var coded exitError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &coded):
		return coded.code
	}
	return ExitError
}

// Exit prints an error and ends the process.
func Exit(err error) {
	if err != nil && err.Error() != "" {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(ExitCode(err))
}
